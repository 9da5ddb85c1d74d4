"""What follows from the facts of records, without their words: times, links, what lies near what.

Set by set, over columns of numbers. Answers do not depend on the order of rows.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from . import layout
from .ruleset import BODYMAP, CONTACT, Limits, Ruleset

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE

_TOLD = layout.SOMEBODY_TOLD | layout.TOLD_FIELD
_DONE = layout.SOMETHING_DONE | layout.ACTION_FIELD


@dataclass(frozen=True)
class Facts:
    """One value for each record. Times and ends are in microseconds."""

    place: np.ndarray  # in the order of the result
    service: np.ndarray
    person: np.ndarray  # supported, in this service
    author: np.ndarray
    has_author: np.ndarray
    part: np.ndarray
    is_contact: np.ndarray
    is_bodymap: np.ndarray
    occurred: np.ndarray
    recorded: np.ndarray
    live: np.ndarray
    first_written: np.ndarray  # neither amended nor approved: recorded when it was first written
    marked_late: np.ndarray
    found: np.ndarray  # bits of what the text and the fields say
    words: np.ndarray
    answers: np.ndarray  # the row it responds to; -1 = none
    answer_within: np.ndarray  # minutes, of an alert; -1 = no standard
    ends: np.ndarray  # of a visit; -1 = no visit, or not said
    late_after: np.ndarray  # minutes; -1 = not judged
    from_visit_end: np.ndarray


def columns(ruleset: Ruleset, kinds: np.ndarray) -> dict[str, np.ndarray]:
    """What the record type says of each row; `kinds` = its place in the ruleset, -1 = unknown."""
    rules = ruleset.record_types
    late = np.array([*(-1 if r.late_after is None else r.late_after for r in rules), -1], np.int64)
    visit_end = np.array([*(r.from_visit_end for r in rules), False])
    contact = np.array([*(r.part == CONTACT for r in rules), False])
    bodymap = np.array([*(r.part == BODYMAP for r in rules), False])
    return {
        "late_after": late[kinds],
        "from_visit_end": visit_end[kinds],
        "is_contact": contact[kinds],
        "is_bodymap": bodymap[kinds],
    }


def seen(facts: Facts, limits: Limits) -> list[tuple[str, np.ndarray, np.ndarray]]:
    """For each structural signal: its rows, and the row that shows each, -1 = none."""
    found = []
    for code, rule in _ROWS.items():
        rows = rule(facts, limits)
        found.append((code, rows, np.full(len(rows), -1, np.int64)))
    return [*found, ("bulk_entry", *_bulk_entry(facts, limits))]


class _Moments:
    """The moments of some rows by person, to be searched."""

    def __init__(self, facts: Facts, rows: np.ndarray) -> None:
        self.facts = facts
        self.times, rank = np.unique(facts.occurred[rows], return_inverse=True)
        keys = self._keys(rows, rank)
        order = np.argsort(keys, kind="stable")
        self.keys, self.rows = keys[order], rows[order]

    def _keys(self, rows: np.ndarray, rank: np.ndarray) -> np.ndarray:
        return self.facts.person[rows] * (len(self.times) + 1) + rank

    def before(self, rows: np.ndarray, moments: np.ndarray) -> np.ndarray:
        """How many there are of people before each row's, or of its person before the moment."""
        return np.searchsorted(self.keys, self._keys(rows, np.searchsorted(self.times, moments)))

    def near(self, rows: np.ndarray, before: int, after: int) -> np.ndarray:
        """Whether there is one of the same person so long before the row, so long after, or
        between."""
        of_rows = self.facts.occurred[rows]
        return self.before(rows, of_rows - before) < self.before(rows, of_rows + after + 1)


def _where(*conditions: np.ndarray) -> np.ndarray:
    return np.flatnonzero(np.logical_and.reduce(conditions))


def _incidents(facts: Facts) -> np.ndarray:
    return _where(facts.live, facts.part == layout.INCIDENT_PART)


def _answered(facts: Facts, also: np.ndarray | None = None) -> np.ndarray:
    """By row: whether a record responds to it (for which `also` holds)."""
    answered = np.zeros(len(facts.live), np.bool_)
    answering = facts.live if also is None else facts.live & also
    answered[facts.answers[answering & (facts.answers >= 0)]] = True
    return answered


def _answers_such(facts: Facts, rows: np.ndarray, such: np.ndarray) -> np.ndarray:
    """Whether what each row responds to is a record for which `such` holds."""
    to = facts.answers[rows]
    return (to >= 0) & (facts.live & such)[to]


def _late_entry(facts: Facts, limits: Limits) -> np.ndarray:
    """Amended and approved versions were recorded when they were amended, not when first written.
    One marked as late that says why, the device being offline, is as it should be."""
    allowed = (facts.late_after + limits.sync_minutes) * MINUTE
    rows = _where(
        facts.live,
        facts.late_after >= 0,
        facts.first_written,
        facts.recorded - facts.occurred > allowed,
        ~(facts.marked_late & (facts.found & layout.WAS_OFFLINE != 0)),
    )
    since = facts.occurred[rows]
    visits = _where(facts.live, facts.ends >= 0)
    asking = np.flatnonzero(facts.from_visit_end[rows])
    if len(visits) and len(asking):
        begun = _Moments(facts, visits)
        # The latest end of those of the person that had begun: if it is not past, it holds the
        # moment, and if it is, none does. Ranks within people, so that a person's come after all
        # ends of those before.
        ends, rank = np.unique(facts.ends[begun.rows], return_inverse=True)
        latest = np.maximum.accumulate(facts.person[begun.rows] * len(ends) + rank)
        moments = since[asking]
        at = begun.before(rows[asking], moments + 1) - 1
        own = (at >= 0) & (facts.person[begun.rows[at]] == facts.person[rows[asking]])
        until = ends[latest[at] % len(ends)]
        since[asking] = np.where(own & (until >= moments), until, moments)
    return rows[facts.recorded[rows] - since > allowed[rows]]


def _entry_before_event(facts: Facts, limits: Limits) -> np.ndarray:
    return _where(
        facts.live,
        facts.late_after >= 0,
        facts.first_written,
        facts.occurred - facts.recorded > limits.drift_minutes * MINUTE,
    )


def _incident_in_note(facts: Facts, limits: Limits) -> np.ndarray:
    rows = _where(
        facts.live,
        facts.found & layout.TELLS_INCIDENT != 0,
        (facts.part == layout.NOTE_PART) | (facts.part == layout.SHORT_PART),
    )
    near = limits.near_hours * HOUR
    return rows[
        ~_Moments(facts, _incidents(facts)).near(rows, near, near)
        & ~_answers_such(facts, rows, facts.part == layout.INCIDENT_PART)
    ]


def _incident_without_action(facts: Facts, _: Limits) -> np.ndarray:
    rows = _incidents(facts)
    found = facts.found[rows]
    by_words = (found & layout.FIELDS_KNOWN == 0) & (found & layout.SOMETHING_DONE != 0)
    return rows[
        (found & layout.ACTION_FIELD == 0)
        & ~by_words
        & ~_answered(facts)[rows]
        & ~_answers_such(facts, rows, facts.part == layout.ALERT_PART)
    ]


def _incident_without_escalation(facts: Facts, limits: Limits) -> np.ndarray:
    told = facts.found & _TOLD != 0
    rows = _incidents(facts)
    contacts = _where(facts.live, facts.is_contact)
    return rows[
        ~told[rows]
        & ~_Moments(facts, contacts).near(rows, HOUR, limits.told_hours * HOUR)
        & ~_answered(facts, told)[rows]
        & ~_answers_such(facts, rows, told)
    ]


def _alert_without_response(facts: Facts, limits: Limits) -> np.ndarray:
    rows = _where(facts.live, facts.part == layout.RAISED_PART, facts.answer_within >= 0)
    links = _where(facts.live, facts.answers >= 0)
    to = facts.answers[links]
    until = facts.occurred[to] + (facts.answer_within[to] + limits.sync_minutes) * MINUTE
    answered = np.zeros(len(facts.live), np.bool_)
    answered[to[facts.recorded[links] <= until]] = True
    return rows[~answered[rows]]


def _missing_action(facts: Facts, limits: Limits) -> np.ndarray:
    rows = _where(
        facts.live,
        facts.found & layout.TELLS_CONCERN != 0,
        facts.found & (_TOLD | _DONE) == 0,
        ~_answered(facts),
    )
    near = limits.near_hours * HOUR
    others = facts.live & (facts.is_contact | (facts.part == layout.INCIDENT_PART))
    dealt_with = _Moments(facts, np.flatnonzero(others)).near(rows, HOUR, near)
    bodymaps = _Moments(facts, _where(facts.live, facts.is_bodymap)).near(rows, HOUR, near)
    return rows[~dealt_with & ~(bodymaps & ~facts.is_bodymap[rows])]


def _bulk_entry(facts: Facts, limits: Limits) -> tuple[np.ndarray, np.ndarray]:
    """Runs: each recorded soon after the one before. What shows it is the first of the run."""
    rows = _where(facts.live, facts.has_author, facts.words > 0, facts.first_written)
    rows = rows[np.lexsort((facts.place[rows], facts.author[rows], facts.service[rows]))]
    if len(rows) == 0:
        return rows, rows
    recorded, occurred = facts.recorded[rows], facts.occurred[rows]
    begins = np.ones(len(rows), np.bool_)
    begins[1:] = (
        (np.diff(recorded) > limits.bulk_gap_seconds * SECOND)
        | (np.diff(facts.author[rows]) != 0)
        | (np.diff(facts.service[rows]) != 0)
    )
    starts = np.flatnonzero(begins)
    many = np.diff(np.append(starts, len(rows)))
    took = recorded[starts + many - 1] - recorded[starts]
    words = np.add.reduceat(facts.words[rows].astype(np.int64), starts)
    apart = np.maximum.reduceat(occurred, starts) - np.minimum.reduceat(occurred, starts)
    bulk = (many >= limits.bulk_records) & (
        (apart >= limits.bulk_apart_minutes * MINUTE)
        | (took * limits.bulk_words_per_minute < words * MINUTE)
    )
    first = np.repeat(rows[starts], many)
    within = np.repeat(bulk, many)
    return rows[within], np.where(rows == first, -1, first)[within]


_ROWS: dict[str, Callable[[Facts, Limits], np.ndarray]] = {
    "late_entry": _late_entry,
    "entry_before_event": _entry_before_event,
    "incident_in_note": _incident_in_note,
    "incident_without_action": _incident_without_action,
    "incident_without_escalation": _incident_without_escalation,
    "alert_without_response": _alert_without_response,
    "missing_action": _missing_action,
}
