"""Judging a check in practice: what waits, and what marking proposes beside how it was done.

Marking proposes, the assessor judges (1.3): where it proposes nothing, nothing is chosen.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from surehand.assessment import policies, queries
from surehand.assessment.forms import helped as help_field
from surehand.assessment.forms import judged as judged_field
from surehand.assessment.models import Assessment, Outcome
from surehand.assessment.proposals import proposal, sentence
from surehand.competency import rules
from surehand.competency.models import Check
from surehand.people.access import By
from surehand.practice.marking import Result
from surehand.practice.models import Attempt, PracticeSession, ScenarioVersion
from surehand.practice.pages import result_in_words
from surehand.practice.queries import Replay, scenario_of
from surehand.practice.scenario import Scenario
from surehand.ui.formats import moment as in_words
from surehand.ui.formats import plural
from surehand.ui.page import Link, address


@dataclass(frozen=True)
class ToJudge:
    """A finished check in practice that waits for an assessor."""

    what: str
    why: str
    href: str
    code: str  # of the competency
    person: int
    name: str
    service: int


def waiting(
    *, services: Collection[int], now: datetime, checks: Collection[Check]
) -> list[ToJudge]:
    """What waits to be judged at these services, the longest waiting first: of each check in
    practice its first competency, and any other that it asks for whole. Three statements."""
    attempts = queries.checks_in_practice(services, since=now - policies.BACK_DATED_AT_MOST)
    kept = ScenarioVersion.objects.in_bulk({each.scenario_id for each in attempts})
    before = queries.judged_from([each.pk for each in attempts])
    found = []
    for attempt in attempts:
        scenario = scenario_of(kept[attempt.scenario_id].document)
        for check in _to_judge(scenario, checks):
            if (attempt.pk, check.competency_id) in before:
                continue
            found.append(
                ToJudge(
                    f"{attempt.person}: {check.short}",
                    f"{scenario.title}, ended {in_words(attempt.end.happened_at)}. "
                    f"{_found(attempt)}",
                    judge_address(attempt, check),
                    check.competency.code,
                    attempt.person_id,
                    str(attempt.person),
                    attempt.service_id,
                )
            )
    return found


def judge_address(attempt: Attempt, check: Check) -> str:
    return address("judge-attempt", attempt.entry, check.competency.code)


def _found(attempt: Attempt) -> str:
    met = sum(result == Result.MET for result in attempt.end.marks.values())
    hints = f", {plural(attempt.end.hints, 'hint')}" if attempt.end.hints else ""
    return f"Marking found {met} of {len(attempt.end.marks)}{hints}."


def _to_judge(scenario: Scenario, checks: Collection[Check]) -> list[Check]:
    asked = {code for one in scenario.expect for code in one.criteria}
    able = judged_in(scenario, checks)
    return [
        check
        for place, check in enumerate(able)
        if place == 0 or {c["code"] for c in check.criteria} <= asked
    ]


def judged_in(scenario: Scenario, checks: Collection[Check]) -> list[Check]:
    """The checks that a scenario can be judged for, in its order: those the plan lets be seen in
    practice."""
    by_code = {check.competency.code: check for check in checks}
    return [
        by_code[code]
        for code in scenario.competencies
        if code in by_code and Assessment.Method.PRACTICE in by_code[code].methods
    ]


# --- One check in practice -----------------------------------------------------------------------


@dataclass(frozen=True)
class Shows:
    """What marking found of one thing expected: `step` is its number, 0 where no step shows it."""

    words: str
    met: bool
    step: int


@dataclass(frozen=True)
class Proposal:
    """What marking says of one criterion; `words` say what it proposes, or that it does not."""

    code: str
    words: str
    shows: Sequence[Shows]


@dataclass(frozen=True)
class JudgePage:
    proposals: Sequence[Proposal]
    initial: Mapping[str, object]
    outcome: tuple[str, str]  # the outcome if all is agreed with, and its tone; empty if it is open
    others: Sequence[Link]


def judge_page(
    shown: Replay, check: Check, *, checks: Collection[Check], looks: Mapping[Outcome, str]
) -> JudgePage:
    """What marking proposes for a check, with the step that shows it, and the form as it begins.
    `looks` are the tones of the outcomes."""
    criteria = [rules.Criterion(**c) for c in check.criteria]
    codes = [c.code for c in criteria]
    found = proposal(shown, check)
    outcome = ("", "")
    if len(found.judged) == len(codes):
        agreed = Outcome(rules.outcome(criteria, found.judged, found.helped).value)
        outcome = (agreed.label, looks[agreed])
    return JudgePage(
        proposals=[
            Proposal(
                code,
                _proposes(found.judged.get(code)),
                [
                    Shows(sentence(one), one.result == Result.MET, one.step or 0)
                    for one in shown.marks
                    if code in one.expected.criteria
                ],
            )
            for code in codes
        ],
        initial={
            "note": found.note,
            **{judged_field(code): judgement for code, judgement in found.judged.items()},
            **{help_field(code): count for code, count in found.helped.items()},
        },
        outcome=outcome,
        others=[
            Link(each.short, judge_address(shown.attempt, each), current=each == check)
            for each in judged_in(shown.scenario, checks)
        ],
    )


def _proposes(judged: str | None) -> str:
    if judged is None:
        return "Marking proposes nothing here. Judge it yourself."
    return f"Marking proposes: {'met' if judged == Result.MET else 'not met'}."


# --- A group session in practice ------------------------------------------------------------------


@dataclass(frozen=True)
class SessionPage:
    """Who can be judged from a group session now, in one check. `others` are in words: who is in
    the room or judged already, and oneself."""

    ready: Sequence[tuple[Attempt, str]]  # with what marking found
    others: Sequence[str]
    grid: Link | None


def session_page(session: PracticeSession, check: Check, *, by: By) -> SessionPage:
    """Five statements, however many people there are."""
    attempts = queries.finished_in(session)
    judged = queries.judged_from([attempt.pk for attempt in attempts])
    group = queries.group_of_session(session, check)
    inside = set(group.people.values_list("person_id", flat=True)) if group else set()
    ready, others = [], []
    for attempt in attempts:
        before = judged.get((attempt.pk, check.competency_id))
        if by.is_self(attempt.person_id):
            others.append(f"{attempt.person}: this is you. A colleague judges you.")
        elif before:
            others.append(
                f"{attempt.person}: judged by {before.by}, {Outcome(before.outcome).label}."
            )
        elif attempt.person_id in inside:
            others.append(f"{attempt.person}: in the grid already.")
        else:
            ready.append((attempt, result_in_words(attempt.end)))
    going = session.attempts.filter(playing__isnull=False).values("person").distinct().count()
    if going:
        others.append(
            f"{plural(going, 'person is', 'people are')} still in the middle of it. "
            "Add them to the grid when they have ended."
        )
    grid = Link("Go on with the grid", address("group", group.pk)) if group else None
    return SessionPage(ready, others, grid)
