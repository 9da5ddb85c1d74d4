"""Courses beside competence: what counts, what is missing, and the page of a service (1.8)."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from surehand import evidence
from surehand.competency.actions import publish_plan
from surehand.competency.plan_document import starter_text
from surehand.competency.rules import Course
from surehand.imports import run
from surehand.people.access import COMMAND_LINE
from surehand.people.queries import references_of
from surehand.support.attendance import CourseState, attended, missing, stands
from surehand.timeline import add_months
from tests.provider import NOW, World

SignedIn = Callable[[str], Client]
TODAY = NOW.date()
JANUARY = date(2026, 1, 1)
INTRODUCTION = "Introduction to the digital care record"


def took(world: World, *rows: str, at: datetime = NOW) -> None:
    """Import attendance rows `name,course,date[,outcome[,expires]]`, people by short name."""
    codes = references_of(p.pk for p in world.people.values())
    lines = [
        ",".join([codes[world.people[name].pk], *rest])
        for name, *rest in (row.split(",") for row in rows)
    ]
    header = "person_id,course,date,outcome,expires,provider"
    file = "\n".join([header, *lines]).encode()
    with evidence.clock.at(at):
        shown = run.preview("attendance", file, "f.csv", by=COMMAND_LINE)
        assert not shown.problems
        run.commit(shown, by=COMMAND_LINE)


def course(months: int | None = 12) -> Course:
    return Course("DATA-SEC", "Data security awareness", months, ("CW",), (), ("R",))


def taken(on: date, outcome: str = "completed", expires: date | None = None) -> Any:
    return SimpleNamespace(on=on, outcome=outcome, expires_on=expires)


@pytest.mark.parametrize(
    ("attendances", "months", "state", "last_day"),
    [
        ([], 12, CourseState.MISSING, None),
        ([taken(date(2025, 11, 19))], 12, CourseState.TAKEN, date(2026, 11, 18)),
        ([taken(date(2025, 11, 18))], 12, CourseState.RAN_OUT, date(2026, 11, 17)),
        ([taken(date(2025, 11, 18))], None, CourseState.TAKEN, None),
        ([taken(date(2026, 11, 1), "absent")], 12, CourseState.MISSING, None),
        ([taken(date(2026, 11, 1), "not_completed")], 12, CourseState.MISSING, None),
        ([taken(JANUARY, expires=date(2026, 6, 1))], 12, CourseState.RAN_OUT, date(2026, 6, 1)),
        ([taken(JANUARY, expires=date(2028, 6, 1))], 12, CourseState.TAKEN, date(2026, 12, 31)),
        ([taken(date(2020, 1, 1)), taken(JANUARY)], 12, CourseState.TAKEN, date(2026, 12, 31)),
    ],
)  # fmt: skip
def test_what_counts_for_a_required_course(
    attendances: list[Any], months: int | None, state: CourseState, last_day: date | None
) -> None:
    found = stands(course(months), attendances, on=TODAY)
    assert (found.state, found.last_day) == (state, last_day)


@given(
    days=st.lists(st.dates(date(2020, 1, 1), TODAY), max_size=5),
    months=st.integers(1, 60),
    on=st.dates(date(2020, 1, 1), date(2031, 1, 1)),
)
def test_a_course_counts_on_the_days_of_some_attendance_of_it(
    days: list[date], months: int, on: date
) -> None:
    found = stands(course(months), [taken(day) for day in days], on=on)
    held = any(on < add_months(day, months) for day in days)
    assert found.state is (
        (CourseState.TAKEN if held else CourseState.RAN_OUT) if days else CourseState.MISSING
    )


def test_a_missing_course_is_told_until_it_is_taken(world: World) -> None:
    posts = [world.posts["dan"], world.posts["sam"]]
    lacking = missing(posts, at=NOW)
    assert [s.course.code for s in lacking[posts[0].pk]] == ["DCR-INTRO", "DATA-SEC"]
    assert [s.course.code for s in lacking[posts[1].pk]] == ["DCR-INTRO", "DATA-SEC", "MEDS"]
    took(world, f"dan,{INTRODUCTION.upper()},2026-09-01", "dan,data-sec,2026-09-01")
    assert posts[0].pk not in missing(posts, at=NOW)
    later = NOW + timedelta(days=330)
    assert [s.state for s in missing(posts, at=later)[posts[0].pk]] == [CourseState.RAN_OUT]


def test_what_was_attended_is_told_as_at_a_moment(world: World) -> None:
    dan = world.people["dan"].pk
    took(world, "dan,Fire safety,2026-10-01", at=NOW - timedelta(days=9))
    seq = evidence.last_seq()
    took(world, "dan,Fire safety,2026-10-01,did not attend")
    assert attended([dan], at=NOW - timedelta(days=60)).get(dan) is None
    assert [a.outcome for a in attended([dan], at=NOW)[dan]] == ["absent"]
    assert [a.outcome for a in attended([dan], at=NOW, known=seq)[dan]] == ["attended"]
    assert attended([dan], at=NOW, known=seq - 1).get(dan) is None


# --- The pages ----------------------------------------------------------------------------------


@pytest.fixture
def trained(world: World) -> World:
    took(
        world,
        f"dan,{INTRODUCTION},2026-09-02,completed,,Brindle Training",
        f"sam,{INTRODUCTION},2026-09-02,completed",
        "dan,Data security awareness,2025-09-02",
        "sam,Fire safety,2026-09-02",
    )
    return world


def test_the_page_of_courses(trained: World, signed_in: SignedIn) -> None:
    client = signed_in("ruth")
    page = client.get("/courses/?service=ALD").text
    assert "<strong>0 of 6 people</strong>" in page
    assert "never makes anybody ready" in page
    assert "Courses – attendance is not competence" in page
    assert "Ran out" in page
    assert "Missing" in page
    assert "Fire safety" not in page
    assert "Fire safety" in client.get("/courses/?service=ALD&course=all").text
    only = client.get("/courses/?service=ALD&role=CW&only=missing").text
    assert "Daniela Popescu" in only
    assert "Samuel Tetteh" not in only
    past = client.get("/courses/?service=ALD&at_date=2026-09-01&course=all").text
    assert "2 Sep ’26" not in past


def test_the_page_is_carried_away(trained: World, signed_in: SignedIn) -> None:
    file = signed_in("ruth").get("/courses/?service=ALD&format=csv").text
    assert "DATA-SEC,Data security awareness,yes,Ran out,2025-09-02,2026-09-01," in file
    assert ",,Fire safety,no,Attended,2026-09-02,,," in file
    assert "Brindle Training" in file
    assert signed_in("ruth").get("/courses/?service=ALD&format=doc").status_code == 400


def test_the_person_page_and_the_matrix_show_courses_apart(
    trained: World, signed_in: SignedIn
) -> None:
    dan = trained.people["dan"].pseudonym
    for name in ("ruth", "dan"):
        page = signed_in(name).get(f"/people/{dan}/").text
        assert "Courses – attendance is not competence" in page
        assert "Completed on 2 September 2026, given by Brindle Training." in page
        assert "It counted until 1 September 2026." in page
    matrix = signed_in("ruth").get("/matrix/?service=ALD").text
    assert "Courses – attendance is not competence" in matrix
    assert matrix.count("Missing") > 5
    assert "Brindle Training" in signed_in("dan").get("/held-about-me/").text
    assert "Attendance recorded: 2 courses" in signed_in("dan").get(f"/people/{dan}/").text


def test_where_neither_plan_nor_file_names_a_course_the_page_says_what_will_come(
    world: World, signed_in: SignedIn
) -> None:
    with evidence.clock.at(NOW - timedelta(days=1)):
        text = starter_text()
        publish_plan(by=world.by("helen"), text=text[: text.index("\ncourses:")] + "\n")
    with evidence.clock.at(NOW):
        assert "No courses yet." in signed_in("ruth").get("/courses/?service=ALD").text
        matrix = signed_in("ruth").get("/matrix/?service=ALD").text
    assert "attendance is not competence" not in matrix
