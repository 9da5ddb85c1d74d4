"""The warnings G05 to G10: each opens exactly where its rule says, and not a step before."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from surehand.audits import warnings as rules
from surehand.audits.accuracy import Count
from surehand.audits.warnings import Due, FailedAfter, Harm, Tried, Unfounded
from surehand.people.access import AccessRole
from surehand.stats.comparison import Audited, before_and_after
from surehand.stats.spc import Judgement

TITLES = {"T04": "Late entry", "T09": "Missing task evidence"}
WEEK = (date(2026, 11, 9), date(2026, 11, 15))


def records(
    n: int,
    gaps: int,
    *,
    author: int = 1,
    theme: str = "T04",
    record_type: str = "note",
    service: int = 1,
    pi: float = 0.5,
    severity: str = "minor",
) -> list[Any]:
    """So many records of one person, the first of them with the gap."""
    return [
        SimpleNamespace(
            item=1000 * author + 100 * service + number,
            entry=number,
            service=service,
            author=author,
            account=author,
            record_type=record_type,
            pi=pi,
            accurate=number >= gaps,
            themes=frozenset([theme] if number < gaps else []),
            gaps=[SimpleNamespace(gap=number, theme=theme, severity=severity)]
            if number < gaps
            else [],
        )
        for number in range(n)
    ]


def others(gaps: int = 1) -> list[Any]:
    return [r for author in range(2, 12) for r in records(20, gaps, author=author)]


# --- The rules as data ----------------------------------------------------------------------------


def test_who_owns_each_rule_and_when_it_escalates_is_as_agreed() -> None:
    said = {code: (r.owner, r.due, r.escalate_to, r.escalate_at) for code, r in rules.RULES.items()}
    assert said == {
        "G05": ("registered_manager", 5, "quality_lead", 10),
        "G06": ("quality_lead", 5, "project_lead", 8),
        "G07": ("team_leader", 3, "registered_manager", 6),
        "G08": ("registered_manager", 5, "quality_lead", 10),
        "G09": ("workforce_lead", 10, "project_lead", 15),
        "G10": ("quality_lead", 5, "nominated_individual", 8),
    }
    for rule in rules.RULES.values():
        assert AccessRole(rule.owner)
        assert AccessRole(rule.escalate_to)


# --- G05 ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("audited", "gaps", "opens"),
    [(12, 9, True), (8, 8, True), (7, 7, False), (12, 2, False), (20, 4, False)],
)
def test_g05_repeated_errors(audited: int, gaps: int, opens: bool) -> None:
    found = rules.repeated_errors(1, [*records(audited, gaps), *others()], TITLES)
    assert [w.person for w in found] == ([1] if opens else [])
    if opens:
        (warning,) = found
        assert warning.sentence.startswith(f"{gaps} of {audited} records by {{person}}")
        assert len(warning.evidence.items) == gaps


def test_g05_says_nothing_of_who_is_like_everybody_else() -> None:
    """All have three gaps of twenty: chance alone makes one of them the worst."""
    assert rules.repeated_errors(1, others(3), TITLES) == []


def test_g05_says_nothing_of_an_account_nobody_is_known_to_hold() -> None:
    unknown = [SimpleNamespace(**{**vars(r), "author": None}) for r in records(12, 12)]
    assert rules.repeated_errors(1, [*unknown, *others()], TITLES) == []


# --- G06 ------------------------------------------------------------------------------------------


def tasks(n: int, gaps: int) -> list[Any]:
    return [
        r
        for author in range(1, 4)
        for r in records(n // 3, gaps // 3, author=author, theme="T09", record_type="task")
    ]


@pytest.mark.parametrize(("n", "gaps", "opens"), [(30, 6, True), (30, 3, False), (18, 18, False)])
def test_g06_task_evidence(n: int, gaps: int, opens: bool) -> None:
    found = rules.missing_evidence(1, tasks(n, gaps), [], [], today=WEEK[1])
    assert [w.about for w in found] == (["tasks"] if opens else [])


def test_g06_tells_no_share_of_the_tasks_of_fewer_than_three_people() -> None:
    own = [r for author in (1, 2) for r in records(20, 10, author=author, theme="T09")]
    few = [SimpleNamespace(**{**vars(r), "record_type": "task"}) for r in own]
    assert rules.missing_evidence(1, few, [], [], today=WEEK[1]) == []


@pytest.mark.parametrize(
    ("due", "waiting", "opens"),
    [(date(2026, 11, 8), 4, True), (date(2026, 11, 9), 4, False), (date(2026, 11, 1), 0, False)],
)
def test_g06_a_check_seven_days_late(due: date, waiting: int, opens: bool) -> None:
    found = rules.missing_evidence(1, [], [Due(7, due, waiting)], [], today=WEEK[1])
    assert bool(found) is opens


def test_g06_outcomes_without_evidence_are_one_warning() -> None:
    outcomes = [Unfounded(5), Unfounded(9)]
    (found,) = rules.missing_evidence(1, [], [], outcomes, today=WEEK[1])
    assert found.sentence == "2 outcomes in practice rest on no attempt and no note."
    assert found.evidence.entries == (5, 9)


# --- G07 ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "judgement", "incidents", "opens"),
    [
        (Count(50, 8), None, 0, True),
        (Count(60, 9), None, 0, False),  # 15 in 100 exactly
        (Count(49, 40), None, 0, False),
        (Count(0, 0), Judgement.CONCERN, 0, True),
        (Count(80, 2), Judgement.IMPROVEMENT, 0, False),
        (Count(80, 2), Judgement.COMMON_CAUSE, 1, True),
    ],
)
def test_g07_late_entries(
    count: Count, judgement: Judgement | None, incidents: int, opens: bool
) -> None:
    found = rules.late_entries(1, WEEK, count, judgement, incidents)
    assert [w.evidence.late for w in found] == ([WEEK] if opens else [])


# --- G08 ------------------------------------------------------------------------------------------


def tried(before: int, after: int, *, each: int = 40) -> Tried:
    """So many gaps on each side, spread over ten people."""
    rows = [
        Audited(n % 10, side, n < gaps, 0.5)
        for side, gaps in ((False, before), (True, after))
        for n in range(each)
    ]
    return Tried(3, WEEK[0], "T04", before_and_after(rows))


@pytest.mark.parametrize(
    ("refresher", "opens"),
    [
        (tried(12, 11), True),
        (tried(30, 2), False),
        (tried(2, 30), True),
        (tried(5, 5, each=19), False),
        (Tried(3, WEEK[0], "T04", None), False),
    ],
)
def test_g08_poor_improvement(refresher: Tried, opens: bool) -> None:
    assert bool(rules.poor_improvement(1, [refresher], [], TITLES)) is opens


@pytest.mark.parametrize(("supports", "opens"), [(1, False), (2, True)])
def test_g08_a_check_failed_after_two_supports(supports: int, opens: bool) -> None:
    failed = FailedAfter(9, "Record at the time", supports, (4, 5, 6))
    found = rules.poor_improvement(1, [], [failed], TITLES)
    assert [w.person for w in found] == ([9] if opens else [])


# --- G09 ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("services", "opens"), [(2, False), (3, True)])
def test_g09_a_theme_at_three_services(services: int, opens: bool) -> None:
    own = [r for s in range(1, services + 1) for r in records(5, 1, service=s, author=s)]
    found = rules.recurring_gaps(own, lambda r: None, str, {}, TITLES)
    assert [w.service for w in found] == ([None] if opens else [])


@pytest.mark.parametrize(("people", "opens"), [(4, False), (5, True)])
def test_g09_five_people_of_a_team(people: int, opens: bool) -> None:
    own = [r for author in range(people) for r in records(3, 2, author=author)]
    found = rules.recurring_gaps(own, lambda r: (1, 7), lambda team: "the nights", {}, TITLES)
    assert [w.service for w in found] == ([1] if opens else [])


def test_g09_a_theme_in_two_monthly_reviews() -> None:
    assert rules.recurring_gaps([], lambda r: None, str, {"T04": 1}, TITLES) == []
    (found,) = rules.recurring_gaps([], lambda r: None, str, {"T04": 2}, TITLES)
    assert found.sentence == "The gap “late entry” was in 2 monthly reviews."


# --- G10 ------------------------------------------------------------------------------------------


def an_audit(n: int, bad: int) -> list[Any]:
    return [r for author in range(1, 4) for r in records(n // 3, bad // 3, author=author)]


@pytest.mark.parametrize(("n", "bad", "opens"), [(90, 30, True), (90, 15, False), (18, 18, False)])
def test_g10_even_the_upper_limit_is_too_low(n: int, bad: int, opens: bool) -> None:
    assert bool(rules.poor_audit(1, an_audit(n, bad), [])) is opens


def test_g10_harm_that_nobody_was_told_of_is_due_tomorrow() -> None:
    (found,) = rules.poor_audit(1, [], [Harm(4, 9)])
    assert (found.due, found.rule.escalate_at) == (1, 8)


@pytest.mark.parametrize(
    ("severity", "record_type", "theme", "taken", "harm"),
    [
        ("immediate", "note", "T04", (), 1),
        ("immediate", "note", "T04", (0,), 0),
        ("serious", "incident", "T01", (), 1),
        ("serious", "note", "T01", (), 0),
        ("minor", "incident", "T01", (), 0),
    ],
)
def test_g10_what_harm_is(
    severity: str, record_type: str, theme: str, taken: tuple[int, ...], harm: int
) -> None:
    own = records(1, 1, severity=severity, record_type=record_type, theme=theme)
    assert len(rules.harm(own, taken)) == harm
