"""What questions and confidence say, and how sure small numbers are. Pure: facts come in, findings
go out."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
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


# --- Confidence: asked, not assumed ---------------------------------------------------------------


class Said(NamedTuple):
    """One answer: which statement, how sure (1 to 5), when."""

    statement: str
    level: int
    at: Instant


class Band(StrEnum):
    LOW = "low"
    MIDDLE = "middle"
    HIGH = "high"


def level(answers: Iterable[Said]) -> int | None:
    """How sure somebody is: the least sure of their latest answers; None without any. Whoever could
    do it alone and does not know whom to ask is not sure yet."""
    latest = {a.statement: a.level for a in sorted(answers, key=lambda a: a.at)}
    return min(latest.values(), default=None)


def band(level: int) -> Band:
    """1 and 2 are low, 3 is in the middle, 4 and 5 are high."""
    return Band.LOW if level <= 2 else Band.MIDDLE if level == 3 else Band.HIGH


def before(answers: Iterable[Said], judged_at: Instant) -> list[Said]:
    """What was said before a check."""
    return [a for a in answers if a.at < judged_at]


def after(answers: Iterable[Said], judged_at: Instant) -> list[Said]:
    """What was said since a check."""
    return [a for a in answers if a.at >= judged_at]


CORNERS: dict[tuple[str, Band], str] = {
    ("pass", Band.HIGH): "Ready and sure",
    ("pass", Band.LOW): "Ready, not sure yet",
    ("further_support", Band.HIGH): "Sure, not ready yet",
    ("further_support", Band.LOW): "Not ready, and knows it",
}
"""The four corners of confidence against outcome, by outcome and band."""


def worth_a_word(level: int, outcome: str) -> bool:
    """Low confidence after a pass, or high confidence with a failed check (G02)."""
    return CORNERS.get((outcome, band(level))) in {"Ready, not sure yet", "Sure, not ready yet"}
