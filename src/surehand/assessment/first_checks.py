"""From course to check (1.7): what a course led to, for everybody who came on the same day.

Pure. A first attempt counts for the last time its person attended the course before it, within
WITHIN; whatever came later says little about the course. Somebody's result is the least of their
first attempts. It shows training that was too fast or too generic, and judges nobody: no share is
told of fewer than FEWEST people.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from statistics import median

from surehand.assessment.outcomes import Outcome
from surehand.stats import Interval, share

WITHIN = timedelta(weeks=12)
FEWEST = 5
# A finding is told where even the low end of the interval is worth a question.
WORTH_ASKING = 0.25


@dataclass(frozen=True, slots=True)
class Came:
    """Somebody attended a course on a day."""

    person: int
    on: date


@dataclass(frozen=True, slots=True)
class First:
    """Somebody's first attempt at a competency, and the criteria not met in it."""

    person: int
    competency: int
    on: date
    outcome: Outcome
    missed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Cohort:
    """Everybody who attended a course on one day; or, where that were few, in one month."""

    first: date
    last: date
    came: frozenset[int]
    waited: tuple[int, ...]  # days from the course to the first check after it
    attempts: tuple[First, ...] = field(repr=False)

    @property
    def by_month(self) -> bool:
        """Whether these are the few of a month, not the many of a day."""
        return self.first != self.last

    @property
    def checked(self) -> int:
        """How many people have been checked since."""
        return len({a.person for a in self.attempts})

    @property
    def days(self) -> float | None:
        """The median of days from the course to the first check."""
        return median(self.waited) if self.waited else None

    @property
    def results(self) -> Counter[Outcome]:
        """How many people passed all they tried first time, some in part, or needed support."""
        return _results(self.attempts)

    @property
    def passed(self) -> Interval | None:
        """The share of those checked who passed first time; None for too few."""
        return _passed(self.results)


_LEAST_FIRST = (Outcome.FURTHER_SUPPORT, Outcome.PARTIAL, Outcome.PASS)


def _results(attempts: Iterable[First]) -> Counter[Outcome]:
    least: dict[int, Outcome] = {}
    for attempt in attempts:
        known = least.get(attempt.person, Outcome.PASS)
        least[attempt.person] = min(known, attempt.outcome, key=_LEAST_FIRST.index)
    return Counter(least.values())


def _passed(results: Counter[Outcome]) -> Interval | None:
    people = results.total()
    return share(results[Outcome.PASS], people) if people >= FEWEST else None


def cohorts(came: Collection[Came], firsts: Iterable[First]) -> list[Cohort]:
    """Everybody who attended one course, in groups of those who came together; the latest first."""
    days: dict[int, list[date]] = defaultdict(list)
    for each in sorted(came, key=lambda c: c.on):
        days[each.person].append(each.on)
    led_to: dict[tuple[int, date], list[First]] = defaultdict(list)
    for first in firsts:
        before = [day for day in days.get(first.person, ()) if day <= first.on]
        if before and first.on - before[-1] <= WITHIN:
            led_to[first.person, before[-1]].append(first)
    on_day = Counter(c.on for c in came)
    groups: dict[tuple[date, date], list[Came]] = defaultdict(list)
    for each in came:
        many = on_day[each.on] >= FEWEST
        groups[(each.on, each.on) if many else _month(each.on)].append(each)
    return [
        _cohort(first, last, group, led_to)
        for (first, last), group in sorted(groups.items(), reverse=True)
    ]


def _month(day: date) -> tuple[date, date]:
    first = day.replace(day=1)
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _cohort(
    first: date,
    last: date,
    group: Sequence[Came],
    led_to: dict[tuple[int, date], list[First]],
) -> Cohort:
    attempts = [f for c in group for f in led_to.get((c.person, c.on), ())]
    waited: dict[int, int] = {}
    for c in group:
        for f in led_to.get((c.person, c.on), ()):
            gap = (f.on - c.on).days
            waited[c.person] = min(gap, waited.get(c.person, gap))
    return Cohort(
        first=first,
        last=last,
        came=frozenset(c.person for c in group),
        waited=tuple(sorted(waited.values())),
        attempts=tuple(attempts),
    )


@dataclass(frozen=True)
class Finding:
    """In one cohort and one competency, how many of those who tried needed further support."""

    cohort: Cohort
    competency: int
    needed_support: int
    tried: int


def findings(found: Iterable[Cohort]) -> list[Finding]:
    """What is worth asking about: where many needed further support at their first attempt, those
    with the greatest share first."""
    told = []
    for cohort in found:
        tried: Counter[int] = Counter(f.competency for f in cohort.attempts)
        failed = Counter(
            f.competency for f in cohort.attempts if f.outcome == Outcome.FURTHER_SUPPORT
        )
        told += [
            Finding(cohort, competency, count, tried[competency])
            for competency, count in failed.items()
            if tried[competency] >= FEWEST and share(count, tried[competency]).low >= WORTH_ASKING
        ]
    return sorted(told, key=lambda f: (-f.needed_support / f.tried, -f.tried, f.competency))


def most_missed(found: Iterable[Cohort], *, most: int = 5) -> list[tuple[int, str, int]]:
    """The criteria missed most at first attempts: competency, criterion, how many people."""
    missed = Counter(
        (f.competency, code) for cohort in found for f in cohort.attempts for code in f.missed
    )
    ranked = sorted(missed.items(), key=lambda item: (-item[1], item[0]))
    return [(competency, code, count) for (competency, code), count in ranked[:most]]
