"""Who wrote live records, against readiness and rota: the rules (3.6, R9, R11, R13, R17, R21).

Pure: columns of records and of what held when come in; what was found of each record comes out. An
interval join over arrays, so that a million records are settled in a few looks at each batch.

A record has two times. *Recorded* is when the live system was used, so by it clearance is judged
and the account's holder looked up. *Occurred* is looked at only for the hours: a device without
signal hands in at home what was written on shift, so a record is of a shift if either falls in it.

Where rules.md leaves a question open:
- That which was handed in more than two days afterwards was not written on that shift.
- Being on no shift is found only where the rota is known: from a shift of anybody there until a day
  after it. A week for which no rota was brought in says nothing about who was there.
- Half an hour before and after a shift counts as on shift (handing over, writing up, a clock that
  is wrong); it never makes a shift without live use longer.
- Somebody supervised is cleared for a record if, for all of the shift in which they were under
  supervision, a supervisor named in the permission was on shift there and independent. What the
  rest of the shift was is another record's matter.
- Of shifts that overlap, the one that began last says for which job role somebody worked.
- An override leaves the finding: nobody is cleared by it (R21).
"""

from collections.abc import Iterable, Sequence
from enum import IntEnum, IntFlag
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from surehand.readiness.rules import State
from surehand.readiness.rules.sweep import columns, keys
from surehand.timeline import Instant, Span, Stretch, subtract, union

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

GRACE: Instant = 30 * 60 * 1_000_000
"""Half an hour, in microseconds."""

A_DAY: Instant = 24 * 60 * 60 * 1_000_000
"""In microseconds."""

HANDED_IN: Instant = 48 * 60 * 60 * 1_000_000
"""Two days, in microseconds."""

SHARED = 0
"""Stands for the holder of a shared account; an account nobody is known to hold has none."""


class Finding(IntFlag):
    """What was found of a record; it may be several things."""

    NOT_CLEARED = 1
    NOT_ON_SHIFT = 2
    NO_LIVE_USE_SHIFT = 4
    SHARED_SIGN_IN = 8
    UNKNOWN_ACCOUNT = 16


class Why(IntEnum):
    """Why a writer was not cleared, from the least to the most: of several posts the last counts
    (R4). The first two are no reason against."""

    INDEPENDENT = 0
    SUPERVISED = 1
    NO_SUPERVISOR = 2
    AWAITING_SIGN_OFF = 3
    NOT_READY = 4
    RESTRICTED = 5
    NO_POST = 6


_WHY = np.full(len(State), Why.NOT_READY, dtype=np.int64)
for _state, _why in (
    (State.INDEPENDENT, Why.INDEPENDENT),
    (State.SUPERVISED, Why.NO_SUPERVISOR),
    (State.AWAITING_SIGN_OFF, Why.AWAITING_SIGN_OFF),
    (State.RESTRICTED, Why.RESTRICTED),
):
    _WHY[_state] = _why

NOTHING = -1


class Held:
    """What held of whom when: stretches (key, start, until, value), those of one key apart from one
    another. Values are whole numbers from 0."""

    def __init__(self, rows: Iterable[Sequence[int]]) -> None:
        key, start, self._until, self._value = columns(rows, 4)
        order = np.lexsort((start, key))
        key, start = key[order], start[order]
        self._until, self._value = self._until[order], self._value[order]
        # Key and start made one number: the places they have among all there are, so that neither
        # their size nor the length of the time looked at matters.
        self._keys, of = np.unique(key, return_inverse=True)
        self._starts = np.unique(start)
        self._of = of
        self._place = of * (len(self._starts) + 1) + np.searchsorted(self._starts, start) + 1

    def at(self, key: Ints, moment: Ints) -> Ints:
        """The value held of each key at each moment; NOTHING where none is."""
        if not len(self._keys):
            return np.full(len(key), NOTHING, dtype=np.int64)
        of = np.minimum(np.searchsorted(self._keys, key), len(self._keys) - 1)
        begun = np.searchsorted(self._starts, moment, side="right")
        row = np.searchsorted(self._place, of * (len(self._starts) + 1) + begun, side="right") - 1
        row = np.maximum(row, 0)
        holds = (
            (self._keys[of] == key)
            & (self._of[row] == of)
            & (self._place[row] <= of * (len(self._starts) + 1) + begun)
            & (self._until[row] > moment)
        )
        return np.where(holds, self._value[row], NOTHING)

    def holds(self, key: Ints, moment: Ints) -> Bools:
        return self.at(key, moment) != NOTHING


class Records(NamedTuple):
    """Live records as columns."""

    service: Ints
    account: Ints
    occurred: Ints
    recorded: Ints


class Posts(NamedTuple):
    """Posts as columns, in order of `key` (`keys` of service and human). `role` is a number for the
    job role."""

    key: Ints
    role: Ints


class Ground(NamedTuple):
    """What records are judged by. A *place* is a service and a human in one number (`keys`), a
    *post* a row of `posts`; a human is a person, merged people one of them (R14).

    live       by service: a value while a go-live date that has come was known
    holder     by account: the human, or SHARED
    state      by post: how ready, as known then
    watched    by post: where somebody supervised counts as cleared
    overridden by post: where an override stands
    rota       by service: where a rota is known (`known_rota`)
    on_shift   by place: on a shift, with GRACE
    role       by place: the job role of the shift, where the rota says one, with GRACE
    no_live    by place: in a shift known then to be without live use
    outage     by place: let in while this software was down
    """

    posts: Posts
    live: Held
    holder: Held
    state: Held
    watched: Held
    overridden: Held
    rota: Held
    on_shift: Held
    role: Held
    no_live: Held
    outage: Held


class Judged(NamedTuple):
    """What is said of each record. `human` is NOTHING for an account nobody is known to hold and
    SHARED for a shared one; `why` is NOTHING where clearance was not judged."""

    checked: Bools  # the service was live; of the others nothing is found
    human: Ints
    found: Ints  # Finding
    why: Ints  # Why
    overridden: Bools
    outage: Bools


def judge(records: Records, ground: Ground) -> Judged:
    """What is found of each record."""
    recorded = records.recorded
    checked = ground.live.holds(records.service, recorded)
    human = ground.holder.at(records.account, recorded)
    person = human > SHARED
    place = keys(records.service, np.maximum(human, 0))
    on_shift = ground.on_shift.holds(place, recorded)
    handed_in = ~on_shift & (recorded - records.occurred <= HANDED_IN)
    meant = np.where(handed_in, records.occurred, recorded)
    present = on_shift | ground.on_shift.holds(place, meant)
    why, overridden = _clearance(recorded, meant, place, ground)
    refused = why >= Why.NO_SUPERVISOR
    found = np.zeros(len(recorded), dtype=np.int64)
    for finding, where in (
        (Finding.NOT_CLEARED, person & refused),
        (Finding.NOT_ON_SHIFT, person & ~present & ground.rota.holds(records.service, meant)),
        (Finding.NO_LIVE_USE_SHIFT, person & ground.no_live.holds(place, meant)),
        (Finding.SHARED_SIGN_IN, human == SHARED),
        (Finding.UNKNOWN_ACCOUNT, human == NOTHING),
    ):
        found[checked & where] |= finding
    judged = checked & person
    return Judged(
        checked,
        human,
        found,
        np.where(judged, why, NOTHING),
        judged & refused & overridden,
        judged & ground.outage.holds(place, meant),
    )


def _clearance(recorded: Ints, meant: Ints, place: Ints, ground: Ground) -> tuple[Ints, Bools]:
    """Why each writer was cleared or not, by all posts that count, and whether overrides stand over
    each post that was not."""
    posts, count = ground.posts, len(recorded)
    first = np.searchsorted(posts.key, place, side="left")
    many = np.searchsorted(posts.key, place, side="right") - first
    record = np.repeat(np.arange(count), many)
    post = first[record] + np.arange(len(record)) - np.repeat(np.cumsum(many) - many, many)
    role = ground.role.at(place, meant)[record]
    state = ground.state.at(post, recorded[record])
    counts = (state != NOTHING) & ((role == NOTHING) | (role == posts.role[post]))
    record, post, state = record[counts], post[counts], state[counts]
    why = _WHY[state]
    supervised = state == State.SUPERVISED
    watched = ground.watched.holds(post[supervised], meant[record[supervised]])
    why[np.flatnonzero(supervised)[watched]] = Why.SUPERVISED
    least = np.full(count, NOTHING, dtype=np.int64)
    np.maximum.at(least, record, why)
    least[least == NOTHING] = Why.NO_POST
    failing = why >= Why.NO_SUPERVISOR
    answered = ground.overridden.holds(post, recorded[record])
    alone = np.bincount(record[failing & ~answered], minlength=count) > 0
    over = np.bincount(record[failing & answered], minlength=count) > 0
    return least, over & ~alone & (least != Why.RESTRICTED)


def with_grace(shifts: Iterable[Stretch]) -> list[Stretch]:
    """Where somebody with these shifts counts as on shift."""
    return union((start - GRACE, until + GRACE) for start, until in shifts)


def known_rota(shifts: Iterable[Stretch]) -> list[Stretch]:
    """Where the rota of a service with these shifts, of anybody, says who is there."""
    return union((start - GRACE, until + A_DAY) for start, until in shifts)


def last_begun(stretches: Iterable[Span]) -> list[Span]:
    """The same, where they overlap only the one that began last."""
    return first_holds(sorted(stretches, key=lambda s: (s.start, s.until), reverse=True))


def first_holds(stretches: Iterable[Span]) -> list[Span]:
    """The same, where they overlap only the one given first."""
    found: list[Span] = []
    taken: list[Stretch] = []
    for start, until, value in stretches:
        if free := subtract([(start, until)], taken):
            found += [Span(*stretch, value) for stretch in free]
            taken = union(taken, free)
    return found


def watched_in(
    shift: Stretch,
    readiness: Sequence[Span],
    beside: Sequence[Stretch],
) -> list[Stretch]:
    """Where, in a shift and GRACE around it, a supervised post counts as cleared: the parts of the
    shift under supervision that are `beside` a named supervisor from beginning to end.

    The edges of the shift reach into its grace.
    """
    start, until = shift
    found = []
    for held in readiness:
        if held.state != State.SUPERVISED:
            continue
        part = max(held.start, start), min(held.until, until)
        if part[0] < part[1] and not subtract([part], beside):
            found.append(
                (
                    part[0] - GRACE if part[0] == start else part[0],
                    part[1] + GRACE if part[1] == until else part[1],
                )
            )
    return found
