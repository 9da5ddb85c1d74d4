"""Is the person on a shift cleared to use the live system in it? (R9, R10, R13, R21)

Where rules.md leaves a question open, the less permissive reading is taken: a person with several
current posts at the service is cleared only if each of them is (R4), and nobody supervises
themselves (R14).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import NamedTuple

from surehand.timeline import Instant, Span, Stretch, clip, intersect, subtract, union

from .states import Allowed, Failure, Permission, Restriction, State, allowed

OVERRIDE_AT_MOST = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Shift:
    """Rota hours of a person at a service, [start, until) in UTC. No `person`: unnamed agency."""

    start: Instant
    until: Instant
    person: int | None
    supervisor: int | None = None  # the person the rota names
    no_live_use: bool = False


class Override(NamedTuple):
    """A registered manager's word for one post over one shift (R21); it never changes readiness."""

    post: int
    start: Instant
    until: Instant
    seq: int


@dataclass(frozen=True, slots=True)
class Standing:
    """What counts of one post of the person at the shift's service (of the shift's job role, if it
    has one)."""

    post: int
    readiness: Sequence[Span]
    allowed: Sequence[Allowed] = ()  # where a permission stands
    restricted: Sequence[Stretch] = ()  # where any restriction is open


def standing(
    post: int,
    readiness: Sequence[Span],
    permissions: Sequence[Permission],
    restrictions: Sequence[Restriction],
    failures: Sequence[Failure],
) -> Standing:
    """A post's standing, from its readiness spans and the facts they came from."""
    return Standing(
        post=post,
        readiness=readiness,
        allowed=allowed(permissions, restrictions, failures),
        restricted=union(restriction.open() for restriction in restrictions),
    )


class Answer(StrEnum):
    CLEARED = "cleared"
    NOT_CLEARED = "not_cleared"
    NOT_CHECKED = "not_checked"


class Because(StrEnum):
    INDEPENDENT = "independent"
    SUPERVISED = "supervised"  # at least some of the shift under supervision
    BEFORE_GO_LIVE = "before_go_live"
    NO_GO_LIVE = "no_go_live"
    NO_LIVE_USE = "no_live_use"
    UNNAMED = "unnamed"  # an unnamed agency shift
    NO_POST = "no_post"
    NOT_READY = "not_ready"
    AWAITING_SIGN_OFF = "awaiting_sign_off"
    RESTRICTED = "restricted"
    SUPERVISOR_NOT_NAMED = "supervisor_not_named"  # the rota's is not one of the permission's
    NO_SUPERVISOR = "no_supervisor"  # none of them is on shift here and independent


@dataclass(frozen=True, slots=True)
class Clearance:
    """The answer for a shift. Only `Answer.CLEARED` lets a person in.

    `since` is the first instant of the shift that is not cleared. `overridden_by` is the seq of the
    override that stands over it; the answer stays *not cleared* (R21).
    """

    answer: Answer
    because: Because
    since: Instant | None = None
    overridden_by: int | None = None

    @property
    def cleared(self) -> bool:
        return self.answer == Answer.CLEARED


_REFUSED = {
    State.AWAITING_SIGN_OFF: Because.AWAITING_SIGN_OFF,
    State.NOT_READY: Because.NOT_READY,
    State.RESTRICTED: Because.RESTRICTED,
}


def clearance(
    shift: Shift,
    *,
    go_live: Instant | None,
    standings: Sequence[Standing],
    able: Mapping[int, Sequence[Stretch]],
    overrides: Sequence[Override] = (),
) -> Clearance:
    """The rota check of one shift.

    `go_live` is the service's, None while it has no date: a shift that starts before it is not
    checked, nor is one marked no live use. `able` holds, by person, where they are on a shift at
    this service and independent there (`able_to_supervise`). Raises ValueError for a shift that
    does not end after it starts.
    """
    if shift.start >= shift.until:
        raise ValueError("A shift must end after it starts.")
    if go_live is None:
        return Clearance(Answer.NOT_CHECKED, Because.NO_GO_LIVE)
    if shift.start < go_live:
        return Clearance(Answer.NOT_CHECKED, Because.BEFORE_GO_LIVE)
    if shift.no_live_use:
        return Clearance(Answer.NOT_CHECKED, Because.NO_LIVE_USE)
    if shift.person is None:
        return Clearance(Answer.NOT_CLEARED, Because.UNNAMED, shift.start)

    failing: dict[int, tuple[Instant, Because]] = {}
    for post in standings:
        if refusal := _refusal(shift, post, able):
            failing[post.post] = refusal
    covered = union(*(clip(post.readiness, shift.start, shift.until) for post in standings))
    without_post = subtract([(shift.start, shift.until)], covered)
    if failing or without_post:
        since, because = min(
            [*failing.values(), *((start, Because.NO_POST) for start, _ in without_post)]
        )
        seq = None if without_post else _override(shift, failing, standings, overrides)
        return Clearance(Answer.NOT_CLEARED, because, since, seq)
    independent = all(
        span.state == State.INDEPENDENT
        for post in standings
        for span in clip(post.readiness, shift.start, shift.until)
    )
    return Clearance(Answer.CLEARED, Because.INDEPENDENT if independent else Because.SUPERVISED)


def able_to_supervise(
    shifts: Sequence[Stretch], standings: Sequence[Sequence[Span]]
) -> list[Stretch]:
    """Where a person is on a shift at a service and each of their current posts there (its
    readiness spans) is independent."""
    independent = union(*(_in_state(spans, {State.INDEPENDENT}) for spans in standings))
    other = union(*(_in_state(spans, set(State) - {State.INDEPENDENT}) for spans in standings))
    return intersect(union(shifts), subtract(independent, other))


def _in_state(spans: Sequence[Span], states: set[State]) -> list[Span]:
    return [span for span in spans if span.state in states]


def _refusal(
    shift: Shift, post: Standing, able: Mapping[int, Sequence[Stretch]]
) -> tuple[Instant, Because] | None:
    """The first instant of the shift at which this post is not cleared, and why."""
    for start, until, state in clip(post.readiness, shift.start, shift.until):
        if state == State.INDEPENDENT:
            continue
        if state != State.SUPERVISED:
            return start, _REFUSED[state]
        named: list[Stretch] = []
        watched: list[Stretch] = []
        for stretch in post.allowed:
            supervisors = stretch.permission.supervisors - {shift.person}
            if shift.supervisor is not None:
                supervisors &= {shift.supervisor}
            if supervisors:
                named.append(stretch[:2])
            here = clip([stretch[:2]], start, until)
            for person in supervisors:
                watched += intersect(here, able.get(person, ()))
        if alone := subtract([(start, until)], union(watched)):
            since = alone[0][0]
            if shift.supervisor is not None and not any(s <= since < u for s, u in named):
                return since, Because.SUPERVISOR_NOT_NAMED
            return since, Because.NO_SUPERVISOR
    return None


def _override(
    shift: Shift,
    failing: Mapping[int, tuple[Instant, Because]],
    standings: Sequence[Standing],
    overrides: Sequence[Override],
) -> int | None:
    """The seq of the override that stands over the shift: each failing post has one, of at most 24
    hours, over the whole shift, and no restriction is open in it (R21)."""
    if any(clip(post.restricted, shift.start, shift.until) for post in standings):
        return None
    seqs = []
    for failed in failing:
        over = [
            override.seq
            for override in overrides
            if override.post == failed
            and override.start <= shift.start
            and shift.until <= override.until
            and override.until - override.start <= OVERRIDE_AT_MOST // timedelta(microseconds=1)
        ]
        if not over:
            return None
        seqs.append(max(over))
    return max(seqs)
