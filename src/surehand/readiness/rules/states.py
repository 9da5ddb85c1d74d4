"""The readiness of a post as a timeline (R5): sign-off (R8), permission (R9), restriction (R10).

Where rules.md leaves a question open, the less permissive reading is taken:
- With no plan in force, or no gate for the post, a permission or sign-off does not help: the post
  is *not ready*, and *restricted* while any restriction is open.
- A sign-off that names another plan version than the one in force at its instant never lives.
- A restriction ends a sign-off even if it was lifted at the same instant.
- A restriction is set aside only by one permission that cites every open one, never by several
  that cite them between them.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from enum import IntEnum
from operator import itemgetter
from typing import NamedTuple, TypeVar

from surehand.timeline import FOREVER, Instant, Span, Stretch, intersect, subtract, union

from .requirements import Plan, Post, gates, plans_in_force


class State(IntEnum):
    INDEPENDENT = 0
    AWAITING_SIGN_OFF = 1
    SUPERVISED = 2
    NOT_READY = 3
    RESTRICTED = 4


# From most to least: a post awaiting sign-off may not use the live system at all, a supervised may.
_PERMISSIVE = (
    State.INDEPENDENT,
    State.SUPERVISED,
    State.AWAITING_SIGN_OFF,
    State.NOT_READY,
    State.RESTRICTED,
)


def least_permissive(states: Iterable[State]) -> State:
    """The answer for a person with several posts, where none is named (R4); no post: not ready."""
    return max(states, key=_PERMISSIVE.index, default=State.NOT_READY)


class SignOff(NamedTuple):
    """The workforce lead's confirmation of a post under a plan version, at an instant."""

    at: Instant
    plan: int
    seq: int


class Permission(NamedTuple):
    """Supervised use of a post over [at, until), sooner if ended or cut."""

    at: Instant
    until: Instant
    competencies: frozenset[int]
    supervisors: frozenset[int]  # people
    cites: frozenset[int]  # the `seq` of restrictions it was given in the knowledge of
    ended_at: Instant | None
    seq: int


class Restriction(NamedTuple):
    """No independent use over [at, lifted_at). Pass those that reach the post: person-wide, or its
    service's (R10)."""

    at: Instant
    lifted_at: Instant | None
    seq: int

    def open(self) -> Stretch:
        return self.at, FOREVER if self.lifted_at is None else self.lifted_at


Failure = tuple[int, Instant]  # competency, when further support was found to be required


class Allowed(NamedTuple):
    """A stretch in which a permission stands."""

    start: Instant
    until: Instant
    permission: Permission


class SignedOff(NamedTuple):
    """A stretch in which a sign-off lives."""

    start: Instant
    until: Instant
    sign_off: SignOff


def readiness(
    post: Post,
    plans: Sequence[Plan],
    competent: Mapping[int, Sequence[Stretch]],
    signoffs: Sequence[SignOff],
    permissions: Sequence[Permission],
    restrictions: Sequence[Restriction],
    failures: Sequence[Failure],
) -> list[Span]:
    """Spans of `State` that cover exactly [post.starts, post.until), split on state only (R5).

    `competent` holds, by competency, the stretches of competence in order (`competent` of
    `competence`, worked out with the post's own `agency`); the rest are the facts of this post, in
    any order, without voided ones.
    """
    if post.starts >= post.until:
        return []
    segments = gates(post, plans)
    met = met_stretches(segments, competent)
    edges = [(post.until, 0)]
    for start, until, wanted in segments:
        if wanted:
            edges += ((start, _GATED), (until, _GATED))
    _mark(edges, met, _MET)
    if signoffs and met:
        _mark(edges, union(signed_off(post, plans, met, signoffs, restrictions)), _SIGNED)
    if restrictions:
        _mark(edges, union(r.open() for r in restrictions), _RESTRICTED)
    if permissions:
        _mark(edges, union(allowed(permissions, restrictions, failures)), _PERMITTED)
    edges.sort()

    spans: list[Span] = []
    mask, start = 0, post.starts
    for instant, bit in edges:
        if instant > start:
            until = min(instant, post.until)
            state = _STATES[mask]
            if spans and spans[-1][2] is state:
                spans[-1] = Span(spans[-1][0], until, state)
            else:
                spans.append(Span(start, until, state))
            if until == post.until:
                break
            start = until
        mask ^= bit
    return spans


_GATED, _MET, _SIGNED, _PERMITTED, _RESTRICTED = 1, 2, 4, 8, 16


def _state(mask: int) -> State:
    """R5: the first that holds."""
    if mask & _RESTRICTED:
        return State.SUPERVISED if mask & _PERMITTED and mask & _GATED else State.RESTRICTED
    if not mask & _GATED:
        return State.NOT_READY
    if mask & _MET and mask & _SIGNED:
        return State.INDEPENDENT
    if mask & _PERMITTED:
        return State.SUPERVISED
    if mask & _MET:
        return State.AWAITING_SIGN_OFF
    return State.NOT_READY


_STATES = tuple(_state(mask) for mask in range(32))


def _mark(edges: list[tuple[Instant, int]], stretches: Iterable[Stretch], bit: int) -> None:
    """Note where a condition begins and ends to hold; sorted, each edge toggles its bit."""
    for start, until in stretches:
        edges.append((start, bit))
        edges.append((until, bit))


def met_stretches(
    segments: Sequence[tuple[Instant, Instant, frozenset[int]]],
    competent: Mapping[int, Sequence[Stretch]],
) -> list[Stretch]:
    """The stretches in which every gate is met, joined across changes of the gates (R8)."""
    met: list[Stretch] = []
    for start, until, wanted in segments:
        if not wanted:
            continue
        here: list[Stretch] = [(start, until)]
        for competency in wanted:
            held = competent.get(competency)
            if not held:
                here = []
                break
            here = intersect(here, held)
            if not here:
                break
        for stretch in here:
            if met and met[-1][1] == stretch[0]:
                met[-1] = (met[-1][0], stretch[1])
            else:
                met.append(stretch)
    return met


def signed_off(
    post: Post,
    plans: Sequence[Plan],
    met: Sequence[Stretch],
    signoffs: Sequence[SignOff],
    restrictions: Sequence[Restriction],
) -> list[SignedOff]:
    """The stretches in which each sign-off lives (R8): from its instant to the first gap in `met`
    or the first restriction, and never again."""
    found = []
    in_force = plans_in_force(plans, post)
    for sign_off in signoffs:
        plan = _last(in_force, sign_off.at)
        stretch = _last(met, sign_off.at)
        if plan is None or plan[1].number != sign_off.plan:
            continue
        if stretch is None or sign_off.at >= stretch[1]:
            continue
        until = stretch[1]
        for restriction in restrictions:
            if restriction.at >= sign_off.at:
                until = min(until, restriction.at)
            elif restriction.lifted_at is None or restriction.lifted_at > sign_off.at:
                until = sign_off.at
        if sign_off.at < until:
            found.append(SignedOff(sign_off.at, until, sign_off))
    return found


def permission_ends(permission: Permission, failures: Sequence[Failure]) -> Instant:
    """When a permission stops (R9): its end, its ending, or further support on a permitted task."""
    until = permission.until
    if permission.ended_at is not None:
        until = min(until, permission.ended_at)
    for competency, at in failures:
        if permission.at <= at < until and competency in permission.competencies:
            until = at
    return until


def allowed(
    permissions: Sequence[Permission],
    restrictions: Sequence[Restriction],
    failures: Sequence[Failure],
) -> list[Allowed]:
    """The stretches in which each permission stands: in force, and later than and citing every
    restriction open at the time (R5, R9)."""
    found = []
    for permission in permissions:
        in_force = [(permission.at, permission_ends(permission, failures))]
        if in_force[0][0] >= in_force[0][1]:
            continue
        if restrictions:
            in_force = subtract(
                in_force,
                union(
                    restriction.open()
                    for restriction in restrictions
                    if restriction.seq not in permission.cites
                    or (permission.at, permission.seq) <= (restriction.at, restriction.seq)
                ),
            )
        found += [Allowed(start, until, permission) for start, until in in_force]
    return found


T = TypeVar("T", bound=tuple)
_start = itemgetter(0)


def _last(ordered: Sequence[T], at: Instant) -> T | None:
    """The last that begins by an instant."""
    index = bisect_right(ordered, at, key=_start) - 1
    return ordered[index] if index >= 0 else None
