"""Who needs what (R6, R13) and what an assessment comes to (R7)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surehand.competency.rules import (
    Course,
    Criterion,
    Judgement,
    JudgementProblem,
    Level,
    Need,
    Outcome,
    Requirement,
    courses_for,
    gates_for,
    outcome,
    retakable,
)


def _needs(*rows: Requirement, days: int | None = 0, agency: bool = False, holds: str = ""):
    return gates_for(
        rows,
        job_role="CW",
        setting="R",
        agency=agency,
        responsibilities=holds.split(),
        days_since_start=days,
    )


def _row(level: str, *, role: str = "CW", holds: str = "", setting: str = "R", agency: bool = True):
    return Requirement("C01", role, holds, setting, Level(level), agency)


@pytest.mark.parametrize(
    ("level", "days", "need"),
    [
        ("crit", None, Need.GATE),
        ("crit", -30, Need.GATE),
        ("crit", 0, Need.GATE),
        ("core", None, Need.DEVELOP),
        ("core", -1, Need.DEVELOP),
        ("core", 0, Need.DEVELOP),  # day 1
        ("core", 27, Need.DEVELOP),  # day 28
        ("core", 28, Need.GATE),  # day 29
        ("core", 900, Need.GATE),
        ("use", 0, Need.DEVELOP),
        ("use", 900, Need.DEVELOP),
    ],
)
def test_crit_is_a_gate_at_once_core_from_day_29_use_never(level, days, need):
    assert _needs(_row(level), days=days) == {"C01": need}


def test_only_the_posts_own_job_role_setting_and_responsibilities_count():
    assert _needs(_row("crit", role="SC")) == {}
    assert _needs(_row("crit", setting="N")) == {}
    assert _needs(_row("crit", role="", holds="med")) == {}
    assert _needs(_row("crit", role="", holds="med"), holds="alr med") == {"C01": Need.GATE}


def test_what_agency_posts_are_exempt_from_is_not_asked_of_them():
    assert _needs(_row("crit", agency=False), agency=True) == {}
    assert _needs(_row("crit", agency=False), agency=False) == {"C01": Need.GATE}
    both = (_row("crit", agency=False), _row("use"))
    assert _needs(*both, agency=True) == {"C01": Need.DEVELOP}


@given(st.permutations([_row("use"), _row("core"), _row("crit", role="", holds="nig")]))
def test_the_strongest_level_wins_in_whatever_order_rows_come(rows):
    assert _needs(*rows, holds="nig") == {"C01": Need.GATE}
    assert _needs(*rows, days=5) == {"C01": Need.DEVELOP}


INTRO = Course("INTRO", "First steps", None, ("CW", "SC"), ("med",), ("R", "N"), agency=False)


@pytest.mark.parametrize(
    ("who", "asked"),
    [
        ({}, True),
        ({"job_role": "SC", "setting": "N"}, True),
        ({"job_role": "RN"}, False),
        ({"job_role": "RN", "responsibilities": ["alr", "med"]}, True),
        ({"setting": "H"}, False),
        ({"setting": "H", "responsibilities": ["med"]}, False),
        ({"agency": True}, False),
    ],
)
def test_r6_a_course_is_asked_of_the_job_roles_and_responsibilities_it_names(who, asked):
    post = {"job_role": "CW", "setting": "R", "agency": False, "responsibilities": (), **who}
    assert courses_for([INTRO], **post) == ((INTRO,) if asked else ())


CRITERIA = [
    Criterion("C01.1", "a", critical=True),
    Criterion("C01.2", "b"),
    Criterion("C01.3", "c"),
]


def _judged(missed: str = "") -> dict[str, str]:
    return {c.code: "not_met" if c.code in missed.split() else "met" for c in CRITERIA}


@pytest.mark.parametrize(
    ("missed", "help_given", "expected"),
    [
        ("", {}, Outcome.PASS),
        ("", {"C01.2": 1}, Outcome.PASS),
        ("", {"C01.1": 0, "C01.2": 1}, Outcome.PASS),
        ("", {"C01.2": 2}, Outcome.PARTIAL),
        ("", {"C01.2": 1, "C01.3": 1}, Outcome.PARTIAL),
        ("C01.2", {}, Outcome.PARTIAL),
        ("C01.2 C01.3", {}, Outcome.PARTIAL),
        ("C01.1", {}, Outcome.FURTHER_SUPPORT),
        ("C01.1 C01.2", {}, Outcome.FURTHER_SUPPORT),
        ("", {"C01.1": 1}, Outcome.FURTHER_SUPPORT),
        ("C01.2", {"C01.1": 1}, Outcome.FURTHER_SUPPORT),
    ],
)
def test_outcome(missed, help_given, expected):
    assert outcome(CRITERIA, _judged(missed), help_given) is expected


criteria_and_judgements = st.lists(
    st.tuples(st.booleans(), st.sampled_from(Judgement), st.integers(0, 3)), min_size=1, max_size=8
)


@given(criteria_and_judgements)
def test_a_pass_means_all_met_and_a_failed_critical_is_never_partial(rows):
    criteria = [Criterion(f"C01.{n}", "x", row[0]) for n, row in enumerate(rows)]
    judgements = {f"C01.{n}": row[1] for n, row in enumerate(rows)}
    help_given = {f"C01.{n}": row[2] for n, row in enumerate(rows)}
    result = outcome(criteria, judgements, help_given)
    clean = all(judged == "met" for _, judged, _ in rows)
    critical_failed = any(
        critical and (judged == "not_met" or times) for critical, judged, times in rows
    )
    assert (result is Outcome.FURTHER_SUPPORT) == critical_failed
    if result is Outcome.PASS:
        assert clean
        assert sum(help_given.values()) <= 1
    again = retakable(criteria, judgements, help_given, days_since=28)
    assert bool(again) == (result is Outcome.PARTIAL)
    if again:
        # Met without help, the retaken criteria always make it a pass.
        retaken = {**judgements, **dict.fromkeys(again, Judgement.MET)}
        helped = {code: times for code, times in help_given.items() if code not in again}
        assert outcome(criteria, retaken, helped) is Outcome.PASS


@pytest.mark.parametrize(("days", "codes"), [(0, ("C01.3",)), (28, ("C01.3",)), (29, ()), (-1, ())])
def test_only_the_failed_criteria_and_only_for_28_days(days, codes):
    assert retakable(CRITERIA, _judged("C01.3"), {"C01.2": 1}, days_since=days) == codes


@pytest.mark.parametrize(
    ("judgements", "help_given", "says"),
    [
        ({"C01.1": "met"}, {}, "C01.2, C01.3 still to do"),
        (_judged() | {"C09.1": "met"}, {}, "C09.1 is not a criterion"),
        (_judged(), {"C09.1": 1}, "C09.1 is not a criterion"),
        (_judged() | {"C01.1": "perhaps"}, {}, "met or not met"),
        (_judged(), {"C01.2": -1}, "counted from 0"),
    ],
)
def test_judgements_that_do_not_fit_are_refused_with_a_sentence(judgements, help_given, says):
    with pytest.raises(JudgementProblem, match=says):
        outcome(CRITERIA, judgements, help_given)
