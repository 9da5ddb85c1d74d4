"""What questions say, and how sure small numbers are. Pure: facts come in, findings go out."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import NamedTuple

from surehand.timeline import Instant

DAY: Instant = 24 * 3600 * 1_000_000
# G13: asks basic questions although the check is passed.
MANY_QUESTIONS = 3
MANY_WITHIN = 14 * DAY
# Below this many shifts a rate says nothing.
SHIFTS_AT_LEAST = 20
_Z = 1.96  # 95 %


class Asked(NamedTuple):
    """One question: who was stuck, on which competency, when."""

    person: int
    competency: int
    at: Instant


@dataclass(frozen=True)
class AskedAfterPassing:
    """Somebody passed a check and yet asked so many questions about it within 14 days (G13)."""

    person: int
    competency: int
    passed_at: Instant
    questions: int
    last_at: Instant


def asked_after_passing(
    asked: Iterable[Asked], passes: Mapping[tuple[int, int], Sequence[Instant]], *, at: Instant
) -> list[AskedAfterPassing]:
    """Who asked three questions or more on one competency after passing it, in the 14 days up to
    `at` (G13).

    `passes` are the passes of each (person, competency). A question counts if it came at or after
    a pass; the latest pass before the first such question is named.
    """
    counted: dict[tuple[int, int], list[Instant]] = defaultdict(list)
    for person, competency, when in asked:
        passed = passes.get((person, competency), ())
        if at - MANY_WITHIN < when <= at and any(p <= when for p in passed):
            counted[person, competency].append(when)
    return [
        AskedAfterPassing(
            person,
            competency,
            passed_at=max(p for p in passes[person, competency] if p <= min(times)),
            questions=len(times),
            last_at=max(times),
        )
        for (person, competency), times in sorted(counted.items())
        if len(times) >= MANY_QUESTIONS
    ]


@dataclass(frozen=True)
class Rate:
    """So many per 100 shifts, and the range it may well lie in (95 %)."""

    per_100: float
    low: float
    high: float


def per_100_shifts(questions: int, shifts: int) -> Rate | None:
    """How often people are stuck; None where there are too few shifts to say.

    The range is Byar's approximation to the exact Poisson interval.
    """
    if shifts < SHIFTS_AT_LEAST:
        return None
    low = _byar(questions, -_Z) if questions else 0.0
    high = _byar(questions + 1, _Z)
    return Rate(*(round(100 * n / shifts, 1) for n in (questions, low, high)))


def _byar(count: int, z: float) -> float:
    return count * float(1 - 1 / (9 * count) + z / (3 * sqrt(count))) ** 3
