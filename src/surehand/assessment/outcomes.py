"""From the outcomes of assessments to competence (R7): one person, one competency."""

from collections.abc import Sequence
from enum import IntEnum, StrEnum
from typing import NamedTuple

from surehand.timeline import FOREVER, Instant, Span, Stretch, midnight_after


class Outcome(StrEnum):
    PASS = "pass"
    PARTIAL = "partial"
    FURTHER_SUPPORT = "further_support"


class CompetencyState(IntEnum):
    """Before the first observation there is no state: it is still to do.

    When a person is not competent, their last outcome names the state.
    """

    COMPETENT = 0
    PARTLY = 1  # not competent, and the last outcome was a partial pass
    FAILED = 2  # the last outcome was further support required
    EXPIRED = 3  # the last outcome was a pass, ended by time or by a reopening


class Observation(NamedTuple):
    """One outcome of one competency. `at` is when it happened (UTC), `seq` its entry (R3)."""

    competency: int
    at: Instant
    outcome: Outcome | str
    months: int  # how long a pass lasts, by the check version used
    agency_months: int | None  # how long it counts for an agency post; None: the same
    seq: int


class Reopening(NamedTuple):
    """Competence held at `at` ends at `ends_at` unless passed again in [at, ends_at) (R7)."""

    competency: int
    at: Instant
    ends_at: Instant
    seq: int


# Of facts at the same instant in the same entry, the one that takes most away has the last word.
_REOPENING = "reopening"
_LAST_WORD: dict[str, int] = {"pass": 0, "partial": 1, _REOPENING: 2, "further_support": 3}
_COMPETENT = CompetencyState.COMPETENT
_PARTLY = CompetencyState.PARTLY
_FAILED = CompetencyState.FAILED
_EXPIRED = CompetencyState.EXPIRED


def competence(
    observations: Sequence[Observation], reopenings: Sequence[Reopening], *, agency: bool
) -> list[Span]:
    """Spans of `CompetencyState`, from the first observation for ever (R7, R15).

    Facts are taken by (at, seq), whatever order they come in; leave voided ones out (R15). A pass
    lasts until the London midnight that begins the date `months` after its own, and the latest
    pass governs, even where its time is shorter. At the very instant of a reopening, only a pass
    recorded after it counts as passed again. Raises ValueError for facts of several competencies.
    """
    facts: list[tuple] = [*observations]
    facts += [(r.competency, r.at, _REOPENING, r.ends_at, None, r.seq) for r in reopenings]
    if len(facts) > 1:
        facts.sort(key=_order)
    spans: list[Span] = []
    state: CompetencyState | None = None
    since: Instant = 0
    ends: Instant = FOREVER  # when the competence held will run out
    lapsed = _EXPIRED
    for competency, at, kind, term, agency_term, _seq in facts:
        if competency != facts[0][0]:
            raise ValueError("Competence is worked out for one competency at a time.")
        if state is _COMPETENT and ends <= at:
            _add(spans, since, ends, state)
            state, since = lapsed, ends
        become = state
        if kind == "pass":
            months = agency_term if agency and agency_term is not None else term
            ends, lapsed = midnight_after(at, months=months), _EXPIRED
            become = _COMPETENT if ends > at else _EXPIRED
        elif kind == "further_support":
            become = _FAILED
        elif kind == "partial":
            lapsed = _PARTLY
            if state is not _COMPETENT:
                become = _PARTLY
        elif state is _COMPETENT:
            ends = min(ends, max(at, term))
        if become is not state:
            if state is not None:
                _add(spans, since, at, state)
            state, since = become, at
    if state is _COMPETENT:
        _add(spans, since, ends, state)
        state, since = lapsed, ends
    if state is not None:
        _add(spans, since, FOREVER, state)
    return spans


def competent(spans: Sequence[Span]) -> list[Stretch]:
    """The stretches of competence in `competence` spans: what readiness asks for."""
    return [(start, until) for start, until, state in spans if state == _COMPETENT]


def _order(fact: tuple) -> tuple[Instant, int, int]:
    return fact[1], fact[5], _LAST_WORD[fact[2]]


def _add(spans: list[Span], start: Instant, until: Instant, state: CompetencyState) -> None:
    if start >= until:
        return
    if spans and spans[-1][1] == start and spans[-1][2] is state:
        spans[-1] = Span(spans[-1][0], until, state)
    else:
        spans.append(Span(start, until, state))
