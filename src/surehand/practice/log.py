"""The competency log: every go at a scenario, what was missed in it, and how sure people were.

A go at a scenario is never an outcome (R7): the log shows where training was too generic or too
fast, and changes nobody's readiness.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from surehand.competency.models import Check
from surehand.competency.queries import latest_checks
from surehand.people.queries import humans
from surehand.practice.marking import Result
from surehand.practice.models import Attempt, AttemptEnd, ScenarioVersion, standing
from surehand.practice.queries import scenario_of
from surehand.practice.scenario import Expected, Scenario
from surehand.stats import Interval, share
from surehand.support import rules
from surehand.support.models import Confidence
from surehand.support.queries import confidence
from surehand.support.rules import Said
from surehand.timeline import instant

FEWEST = 5
"""Of fewer people no share is told."""

SAID_WITHIN = timedelta(days=28)
"""What somebody said so long before a go, or after it, is about that go."""


@dataclass(frozen=True)
class Logged:
    """One go, as at a moment, of a `human`: of whoever was merged, the person who stands for all.
    `end` is None while it is not ended; `before` and `after` are how sure they said they were
    (1 to 5) of the scenario's first competency, None if they did not."""

    attempt: Attempt
    human: int
    scenario: Scenario
    end: AttemptEnd | None
    before: int | None = None
    after: int | None = None

    @property
    def is_finished(self) -> bool:
        return self.end is not None and self.end.how == AttemptEnd.How.FINISHED

    @property
    def is_marked(self) -> bool:
        """Whether it was finished and is known in each thing expected; of the vendor's training
        system often only the result is known."""
        return self.is_finished and self.end is not None and bool(self.end.marks)

    @property
    def met(self) -> int:
        return sum(result == Result.MET for result in self.end.marks.values()) if self.end else 0

    @property
    def of(self) -> int:
        return len(self.end.marks) if self.end else 0

    @property
    def missed(self) -> list[Expected]:
        """What was expected and not, or only partly, met."""
        marks = self.end.marks if self.end else {}
        return [
            one
            for one in self.scenario.expect
            if marks.get(one.code, Result.MET.value) != Result.MET.value
        ]


def logged(people: Collection[int], *, at: datetime, known: int | None = None) -> list[Logged]:
    """Every go of these people, and of whoever was merged with them (R14), by `at`, the last one
    first; five statements."""
    stands = humans()
    asked = {stands.get(person, person) for person in people}
    everybody = {*people, *(person for person, human in stands.items() if human in asked)}
    rows = standing(Attempt.objects.filter(person__in=everybody, happened_at__lte=at), known)
    attempts = list(
        rows.select_related("service__details", "end", "person__identity").order_by("entry")
    )
    # A scenario is long: it is read once, and not with each go at it.
    kept = ScenarioVersion.objects.in_bulk({each.scenario_id for each in attempts})
    scenarios = {pk: scenario_of(version.document) for pk, version in kept.items()}
    competencies = {c.competency.code: pk for pk, c in latest_checks().items()}
    answers: dict[tuple[int, int], list[Confidence]] = defaultdict(list)
    for (person, competency), said in confidence(everybody, at=at, known=known).items():
        answers[stands.get(person, person), competency] += said
    goes: dict[tuple[int, int], list[Attempt]] = defaultdict(list)
    for attempt in attempts:
        lead = competencies.get(scenarios[attempt.scenario_id].competencies[0], 0)
        goes[stands.get(attempt.person_id, attempt.person_id), lead].append(attempt)
    found = []
    for about, own in goes.items():
        following = [*own[1:], None]
        for attempt, after in zip(own, following, strict=True):
            end = _end(attempt, at=at, known=known)
            about_it = answers.get(about, [])
            found.append(
                Logged(
                    attempt,
                    about[0],
                    scenarios[attempt.scenario_id],
                    end,
                    _said(s for s in about_it if _is_before(s, attempt, end)),
                    _said(s for s in about_it if _is_after(s, end, after)),
                )
            )
    return sorted(found, key=lambda each: -each.attempt.entry)


def _end(attempt: Attempt, *, at: datetime, known: int | None) -> AttemptEnd | None:
    end: AttemptEnd | None = getattr(attempt, "end", None)
    if end is None or end.happened_at > at or (known is not None and end.entry > known):
        return None
    return end


def _is_before(said: Confidence, attempt: Attempt, end: AttemptEnd | None) -> bool:
    """Whether it was said before the go ended: it is asked for when one begins."""
    return said.happened_at > attempt.happened_at - SAID_WITHIN and (
        end is None or said.entry < end.entry
    )


def _is_after(said: Confidence, end: AttemptEnd | None, following: Attempt | None) -> bool:
    """Whether it was said after the go ended and before the next one was begun."""
    return (
        end is not None
        and said.entry > end.entry
        and said.happened_at < end.happened_at + SAID_WITHIN
        and (following is None or said.entry < following.entry)
    )


def _said(answers: Iterable[Confidence]) -> int | None:
    return rules.level(Said(s.statement, s.level, instant(s.happened_at)) for s in answers)


# --- What was missed -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Counted:
    """How many people tried something to the end, how many of them missed it the first time, and
    how many still did the last time they tried."""

    tried: int
    missed: int
    still: int

    @property
    def share(self) -> Interval | None:
        """The share that missed it the first time, with where the true one likely lies; None where
        too few tried."""
        return share(self.missed, self.tried) if self.tried >= FEWEST else None

    @property
    def weight(self) -> tuple[float, int]:
        """What to look at first: what is most surely missed by many, then by most."""
        return (self.share.low if self.share else 0.0, self.missed)


@dataclass(frozen=True)
class MissedMost:
    scenario: Scenario
    expected: Expected
    counted: Counted


def missed_most(found: Sequence[Logged]) -> list[MissedMost]:
    """What was missed, by scenario and expectation, the weightiest first. A person counts once."""
    goes = _goes(found)
    tried: dict[tuple[str, str], tuple[Scenario, Expected, dict[int, list[bool]]]] = {}
    for (person, code), own in goes.items():
        for go in own:
            missed = {one.code for one in go.missed}
            for one in go.scenario.expect:
                _, _, people = tried.setdefault((code, one.code), (go.scenario, one, {}))
                people.setdefault(person, []).append(one.code in missed)
    rows = [MissedMost(scenario, one, _counted(people)) for scenario, one, people in tried.values()]
    return sorted(
        (row for row in rows if row.counted.missed),
        key=lambda row: (row.counted.weight, row.scenario.code, row.expected.code),
        reverse=True,
    )


def missed_by_theme(
    found: Sequence[Logged], checks: Mapping[int, Check]
) -> list[tuple[str, Counted]]:
    """What was missed, by training theme, the weightiest first: of those who tried anything that
    belongs to the theme, who missed any of it. A person counts once."""
    themes = themes_of(checks)
    tried: dict[str, dict[int, list[bool]]] = defaultdict(dict)
    for (person, _), own in _goes(found).items():
        for place, go in ((0, own[0]), (1, own[-1])):
            missed = {one.code for one in go.missed}
            for one in go.scenario.expect:
                for theme in _themes(one, themes):
                    # First and last time, over all the scenarios in which the theme comes.
                    ends = tried[theme].setdefault(person, [False, False])
                    ends[place] = ends[place] or one.code in missed
    rows = [(theme, _counted(people)) for theme, people in tried.items()]
    return sorted(
        (row for row in rows if row[1].missed),
        key=lambda row: (row[1].weight, row[0]),
        reverse=True,
    )


def themes_of(checks: Mapping[int, Check]) -> dict[str, tuple[str, ...]]:
    """The training themes of each competency, by its code."""
    return {check.competency.code: tuple(check.themes) for check in checks.values()}


def _themes(one: Expected, themes: Mapping[str, tuple[str, ...]]) -> set[str]:
    competencies = {criterion.partition(".")[0] for criterion in one.criteria}
    return {theme for code in competencies for theme in themes.get(code, ())}


def _goes(found: Sequence[Logged]) -> dict[tuple[int, str], list[Logged]]:
    """The finished and marked goes of each person at each scenario, the first one first."""
    goes: dict[tuple[int, str], list[Logged]] = defaultdict(list)
    # By when, and not by entry: a correction comes later than the go it is about.
    for each in sorted(found, key=lambda one: (one.attempt.when, one.attempt.entry)):
        if each.is_marked:
            goes[each.human, each.scenario.code].append(each)
    return goes


def _counted(people: Mapping[int, Sequence[bool]]) -> Counted:
    return Counted(
        tried=len(people),
        missed=sum(missed[0] for missed in people.values()),
        still=sum(missed[-1] for missed in people.values()),
    )
