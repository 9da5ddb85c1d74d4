"""Why a post is in the state it is in: worked out on read, never stored (R16)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from surehand.assessment.outcomes import CompetencyState, competent
from surehand.timeline import Instant, Span
from surehand.timeline import at as held_at

from .requirements import Plan, Post, develops, gates, plans_in_force
from .states import (
    Failure,
    Permission,
    Restriction,
    SignOff,
    State,
    allowed,
    met_stretches,
    permission_ends,
    readiness,
    signed_off,
)


class Code(StrEnum):
    NO_PLAN = "no_plan"  # no plan is in force
    NO_GATE = "no_gate"  # the plan has no gate for this post at this time
    RESTRICTED = "restricted"  # seq: the open restriction
    PERMISSION = "permission"  # seq: the permission that stands; until: when it stops
    SIGNED_OFF = "signed_off"  # seq: the sign-off that lives; until: when it ends
    SIGN_OFF_ENDED = "sign_off_ended"  # seq: the latest sign-off that lives no more; until: its end
    AWAITING_SIGN_OFF = "awaiting_sign_off"  # every gate is met
    UNMET = "unmet"  # competency: a gate that is not met; why
    ENDS = "ends"  # competency: a gate that is met, and ends when the state does (until)
    DEVELOP_OUTSTANDING = "develop_outstanding"  # competency: support still to give; why


class Why(StrEnum):
    """Why a person is not competent."""

    NEVER = "never"
    PARTLY = "partly"
    FAILED = "failed"
    EXPIRED = "expired"


_WHY = {
    CompetencyState.PARTLY: Why.PARTLY,
    CompetencyState.FAILED: Why.FAILED,
    CompetencyState.EXPIRED: Why.EXPIRED,
}


@dataclass(frozen=True, slots=True)
class Reason:
    code: Code
    competency: int | None = None
    seq: int | None = None
    until: Instant | None = None
    why: Why | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """A state over [since, until), with its reasons, the weightiest first."""

    state: State
    since: Instant
    until: Instant
    reasons: tuple[Reason, ...]

    @property
    def awaits_sign_off(self) -> bool:
        """Every gate is met, no sign-off lives and nothing is restricted: it can be signed (R8).
        So can a post that is still supervised meanwhile (R5)."""
        codes = {reason.code for reason in self.reasons}
        return Code.AWAITING_SIGN_OFF in codes and Code.RESTRICTED not in codes


def explain(
    post: Post,
    plans: Sequence[Plan],
    competence: Mapping[int, Sequence[Span]],
    signoffs: Sequence[SignOff],
    permissions: Sequence[Permission],
    restrictions: Sequence[Restriction],
    failures: Sequence[Failure],
    *,
    at: Instant,
) -> Explanation:
    """The state of a post at an instant and why; arguments as for `readiness`, but `competence`
    holds the whole `competence` spans. Raises ValueError outside the post's time."""
    held = {competency: competent(spans) for competency, spans in competence.items()}
    spans = readiness(post, plans, held, signoffs, permissions, restrictions, failures)
    span = held_at(spans, at)
    if span is None:
        raise ValueError("The post does not exist at that moment, so it has no readiness then.")
    segments = gates(post, plans)
    segment = held_at(segments, at)
    wanted = segment[2] if segment else frozenset()
    unmet = [
        Reason(Code.UNMET, competency=competency, why=why)
        for competency in sorted(wanted)
        if (why := _why_not(competence.get(competency, ()), at))
    ]

    reasons = [
        Reason(Code.RESTRICTED, seq=restriction.seq)
        for restriction in restrictions
        if restriction.at <= at and (restriction.lifted_at is None or at < restriction.lifted_at)
    ]
    if not wanted:
        planned = any(applies <= at for applies, _plan in plans_in_force(plans, post))
        reasons.append(Reason(Code.NO_GATE if planned else Code.NO_PLAN))
    if span.state == State.SUPERVISED:
        reasons += [
            Reason(
                Code.PERMISSION,
                seq=stands.permission.seq,
                until=permission_ends(stands.permission, failures),
            )
            for stands in allowed(permissions, restrictions, failures)
            if stands.start <= at < stands.until
        ]
    reasons += unmet
    if wanted and not unmet:
        reasons += _signed(
            signed_off(post, plans, met_stretches(segments, held), signoffs, restrictions), at
        )
    reasons += [
        Reason(Code.ENDS, competency=competency, until=span.until)
        for competency in sorted(wanted)
        if (stretch := held_at(held.get(competency, ()), at)) and stretch[1] == span.until
    ]
    reasons += [
        Reason(Code.DEVELOP_OUTSTANDING, competency=competency, why=why)
        for competency in sorted(develops(post, plans, at))
        if (why := _why_not(competence.get(competency, ()), at))
    ]
    return Explanation(span.state, span.start, span.until, tuple(reasons))


def _why_not(spans: Sequence[Span], at: Instant) -> Why | None:
    span = held_at(spans, at)
    if span is None:
        return Why.NEVER
    return _WHY.get(span.state)


def _signed(lives: Sequence[tuple[Instant, Instant, SignOff]], at: Instant) -> list[Reason]:
    living = [life for life in lives if life[0] <= at < life[1]]
    if living:
        _start, until, sign_off = max(living, key=lambda life: (life[0], life[2].seq))
        return [Reason(Code.SIGNED_OFF, seq=sign_off.seq, until=until)]
    ended = [life for life in lives if life[1] <= at]
    reasons = [Reason(Code.AWAITING_SIGN_OFF)]
    if ended:
        _start, until, sign_off = max(ended, key=lambda life: (life[1], life[2].seq))
        reasons.append(Reason(Code.SIGN_OFF_ENDED, seq=sign_off.seq, until=until))
    return reasons
