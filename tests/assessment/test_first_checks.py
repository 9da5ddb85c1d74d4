"""From course to check: cohorts, first attempts and what is worth asking (1.7)."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from surehand import evidence
from surehand.assessment.first_checks import (
    FEWEST,
    WITHIN,
    Came,
    First,
    cohorts,
    findings,
    most_missed,
)
from surehand.assessment.outcomes import Outcome
from surehand.people.access import AccessRole
from surehand.stats import share
from tests.provider import NOW, World
from tests.support.test_courses import INTRODUCTION, took

SignedIn = Callable[[str], Client]
DAY = date(2026, 3, 3)
PASS, PARTIAL, SUPPORT = Outcome.PASS, Outcome.PARTIAL, Outcome.FURTHER_SUPPORT


def first(person: int, outcome: Outcome, *, days: int = 3, competency: int = 13) -> First:
    missed = () if outcome is PASS else (f"C{competency}.2",)
    return First(person, competency, DAY + timedelta(days=days), outcome, missed)


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    # Reference values to four places: Newcombe (1998), Statistics in Medicine 17, table I.
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_wilson_interval_is_the_published_one(
    count: int, of: int, low: float, high: float
) -> None:
    found = share(count, of)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@given(st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_a_share_lies_in_its_interval_and_the_other_share_mirrors_it(pair: tuple[int, int]) -> None:
    count, of = pair
    found, other = share(count, of), share(of - count, of)
    assert 0 <= found.low <= found.value <= found.high <= 1
    assert found.low == pytest.approx(1 - other.high)


@pytest.mark.parametrize(("count", "of"), [(1, 0), (-1, 3), (4, 3)])
def test_what_is_no_share_is_refused(count: int, of: int) -> None:
    with pytest.raises(ValueError, match="is no share"):
        share(count, of)


def test_a_cohort_taught_too_fast_is_worth_asking_about() -> None:
    came = [Came(person, DAY) for person in range(15)]
    firsts = [first(p, SUPPORT if p < 12 else PASS, days=1 + p % 3) for p in range(15)]
    [cohort] = cohorts(came, firsts)
    assert (len(cohort.came), cohort.checked, cohort.days) == (15, 15, 2)
    assert (cohort.results[PASS], cohort.results[SUPPORT]) == (3, 12)
    [found] = findings([cohort])
    assert (found.needed_support, found.tried, found.competency) == (12, 15, 13)
    assert most_missed([cohort]) == [(13, "C13.2", 12)]


def test_of_too_few_no_share_is_told() -> None:
    came = [Came(person, DAY) for person in range(FEWEST)]
    few = cohorts(came, [first(p, SUPPORT) for p in range(FEWEST - 1)])
    assert (few[0].checked, few[0].passed, findings(few)) == (FEWEST - 1, None, [])
    enough = cohorts(came, [first(p, SUPPORT) for p in range(FEWEST)])
    assert enough[0].passed is not None
    assert findings(enough)


def test_the_few_of_a_month_are_one_cohort() -> None:
    many = [Came(person, DAY) for person in range(5)]
    few = [Came(10 + n, date(2026, 3, 10 + n)) for n in range(4)]
    later = [Came(20, date(2026, 4, 1))]
    found = cohorts([*many, *few, *later], [])
    assert [(c.first, c.last, len(c.came)) for c in found] == [
        (date(2026, 4, 1), date(2026, 4, 30), 1),
        (DAY, DAY, 5),
        (date(2026, 3, 1), date(2026, 3, 31), 4),
    ]


def test_a_first_attempt_counts_for_the_last_course_before_it_and_not_for_ever() -> None:
    came = [Came(1, DAY), Came(1, DAY + timedelta(days=10))]
    days = [-1, 0, 9, 10, 10 + WITHIN.days, 11 + WITHIN.days]
    firsts = [first(1, PASS, days=n, competency=place) for place, n in enumerate(days)]
    [month] = cohorts(came, firsts)
    assert sorted(a.competency for a in month.attempts) == [1, 2, 3, 4]


def test_somebodys_result_is_the_least_of_their_first_attempts() -> None:
    came = [Came(person, DAY) for person in range(5)]
    firsts = [
        *(first(p, PASS, competency=1) for p in range(5)),
        first(1, PARTIAL, competency=2),
        first(2, SUPPORT, competency=2),
        first(2, PARTIAL, competency=3),
    ]
    [cohort] = cohorts(came, firsts)
    assert dict(cohort.results) == {PASS: 3, PARTIAL: 1, SUPPORT: 1}


attempts = st.builds(
    first,
    st.integers(0, 9),
    st.sampled_from(list(Outcome)),
    days=st.integers(-30, 120),
    competency=st.integers(1, 3),
)


@given(
    came=st.sets(
        st.builds(
            Came, st.integers(0, 9), st.integers(0, 60).map(lambda n: DAY + timedelta(days=n))
        )
    ),
    firsts=st.lists(attempts, unique_by=lambda f: (f.person, f.competency)),
)
def test_every_attempt_counts_at_most_once_and_nobody_twice_in_a_cohort(
    came: set[Came], firsts: list[First]
) -> None:
    found = cohorts(came, firsts)
    counted = [a for cohort in found for a in cohort.attempts]
    assert len(counted) == len(set(counted))
    assert {p for cohort in found for p in cohort.came} == {c.person for c in came}
    for cohort in found:
        assert cohort.results.total() == cohort.checked <= len(cohort.came)
        assert (cohort.passed is None) == (cohort.checked < FEWEST)
        assert all(0 <= days <= WITHIN.days for days in cohort.waited)


# --- The page -----------------------------------------------------------------------------------


@pytest.fixture
def hurried(world: World) -> World:
    """Eight came on one day; six of them needed further support in the incident report."""
    with evidence.clock.at(NOW - timedelta(days=20)):
        for number in range(8):
            world.add_person(f"n{number}", f"New Starter {number}", role=AccessRole.CARE_WORKER)
            world.add_post(f"n{number}", world.alder, "CW")
    took(world, *(f"n{n},{INTRODUCTION},2026-11-10" for n in range(8)))
    with evidence.clock.at(NOW):
        for number in range(8):
            judge = world.fail if number < 6 else world.assess
            judge(f"n{number}", "C04", by="wendy")
    return world


def test_the_page_asks_about_the_course(hurried: World, signed_in: SignedIn) -> None:
    with evidence.clock.at(NOW):
        page = signed_in("ruth").get("/courses/to-check/?service=ALD").text
        assert "6 of 8 who came on 10 November 2026 needed further support" in page
        assert "8 days after the course" in page
        assert "likely 7% to 59%" in page
        assert "not about the people who came to it" in page
        other = signed_in("ruth").get("/courses/to-check/?service=ALD&check=C01").text
        assert "Nobody checked yet" in other
        before = signed_in("ruth").get("/courses/to-check/?service=ALD&at_date=2026-11-12").text
        assert "Nobody checked yet" in before
        every = signed_in("helen").get("/courses/to-check/?service=all")
        assert "at all services" in every.text
        file = signed_in("ruth").get("/courses/to-check/?service=ALD&format=csv").text
        assert f"{INTRODUCTION},2026-11-10,2026-11-10,8,8,8.0,2,0,6,0.071,0.591," in file
        assert "/courses/to-check/?service=all" in signed_in("helen").get("/").text
        assert "/courses/?service=ALD" in signed_in("ruth").get("/people/?service=ALD").text


def test_a_voided_attempt_does_not_count(hurried: World, signed_in: SignedIn) -> None:
    from surehand.assessment import actions
    from surehand.assessment.models import Assessment

    with evidence.clock.at(NOW):
        failed = Assessment.objects.filter(person=hurried.people["n0"]).get()
        actions.void_assessment(
            by=hurried.by("ruth"), assessment=failed, reason="The wrong person."
        )
        page = signed_in("ruth").get("/courses/to-check/?service=ALD").text
    assert "5 of 7 who came" in page


def test_without_courses_it_says_what_will_come(world: World, signed_in: SignedIn) -> None:
    assert "No courses yet." in signed_in("ruth").get("/courses/to-check/?service=ALD").text
