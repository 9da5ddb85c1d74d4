"""Attendance never makes anybody ready, nor unready (1.8, R6): no rule reads it, and no answer
moves by it."""

import ast
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import surehand
from surehand import evidence
from surehand.imports import run
from surehand.people.access import COMMAND_LINE
from surehand.people.queries import references_of
from surehand.readiness import facts, projector, queries
from surehand.readiness.models import CompetencySpan, ReadinessSpan
from surehand.support.models import Attendance
from tests.provider import NOW, World

SOURCE = Path(surehand.__file__).parent
# The matrix shows them in columns of their own, the plan's pages say which are required; neither
# decides anything.
SHOWS = {"matrix_views.py", "urls.py"}
DECIDES = [
    *(
        path
        for path in sorted(SOURCE.glob("readiness/**/*.py"))
        if path.name not in SHOWS
        and (not path.name.startswith("plan_") or path.name == "plan_projection.py")
    ),
    SOURCE / "assessment/outcomes.py",
    SOURCE / "competency/rules.py",
]
TABLES = ("support_attendance", "support_course")


def said_in(source: str) -> Iterator[str]:
    """Every name and every text of a module, but its documentation."""
    tree = ast.parse(source)
    documentation = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        for name in ("id", "attr", "name", "arg", "module"):
            if isinstance(said := getattr(node, name, None), str):
                yield said
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if is_text and id(node) not in documentation:
            yield str(node.value)  # type: ignore[attr-defined]


def test_names_are_found_wherever_they_hide() -> None:
    source = "from a.attendance import b\nq.filter(person__attendances=1)\ngetattr(p, 'attended')\n"
    assert len([s for s in said_in(source) if "attend" in s.lower()]) == 3


@pytest.mark.parametrize("path", DECIDES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_no_module_that_decides_readiness_names_attendance(path: Path) -> None:
    # What the plan requires is defined among the rules of competency, and not read by them.
    words = ("attend",) if path.parent.name == "competency" else ("attend", "course")
    named = [s for s in said_in(path.read_text()) if any(word in s.lower() for word in words)]
    assert named == []


def everything(world: World) -> list[Any]:
    """Every stored span, and what the gate answers for everybody, with its reasons."""
    return [
        sorted(ReadinessSpan.objects.values_list("post_id", "state", "since", "until")),
        sorted(
            CompetencySpan.objects.values_list(
                "person_id", "competency_id", "agency", "state", "since", "until"
            )
        ),
        [
            (person, answer.state, answer.since, answer.until, answer.explanation)
            for at in (NOW - timedelta(days=40), NOW, NOW + timedelta(days=40))
            for person, answers in sorted(queries.gates(None, service=None, at=at).items())
            for answer in answers
        ],
    ]


@pytest.fixture
def ready(world: World) -> World:
    """Somebody signed off, somebody failed, somebody supervised by nothing but courses."""
    world.pass_all("dan", by="wendy")
    world.sign_off("dan")
    world.fail("sam", "C04")
    return world


TITLES = ("Introduction to the digital care record", "DATA-SEC", "Medicines awareness", "C04")


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from(["dan", "sam", "eve", "rose", "ruth"]),
            st.sampled_from(TITLES),
            st.dates(date(2025, 1, 1), NOW.date()),
            st.sampled_from(["", "completed", "not completed", "did not attend"]),
            st.sampled_from(["", "2030-01-01"]),
        ),
        min_size=1,
        max_size=8,
        unique_by=lambda row: row[:3],
    )
)
def test_r6_whatever_was_attended_moves_no_span_and_no_answer(
    ready: World, rows: list[tuple[Any, ...]]
) -> None:
    from django.db import transaction

    with transaction.atomic():
        before = everything(ready)
        recorded = Attendance.objects.count()
        codes = references_of(p.pk for p in ready.people.values())
        file = "person_id,course,date,outcome,expires\n" + "\n".join(
            ",".join(map(str, (codes[ready.people[name].pk], *rest))) for name, *rest in rows
        )
        shown = run.preview("attendance", file.encode(), "f.csv", by=COMMAND_LINE)
        assert not shown.problems
        run.commit(shown, by=COMMAND_LINE)
        assert Attendance.objects.count() == recorded + len(rows)
        assert everything(ready) == before
        assert projector.rebuild(write=False).differing == 0
        assert everything(ready) == before
        transaction.set_rollback(True)


def test_r6_projecting_and_answering_never_ask_the_tables_of_courses(ready: World) -> None:
    post = ready.posts["sam"]
    with CaptureQueriesContext(
        connection,
    ) as asked:
        projector.project([p.pk for p in ready.posts.values()])
        projector.rebuild(write=False)
        queries.gate(person=post.person_id, service=post.service_id, at=NOW)
        queries.gate(
            person=post.person_id, service=post.service_id, at=NOW, known=evidence.last_seq()
        )
        queries.statements([post.pk], at=NOW)
        list(facts.cases([post.pk]))
        ready.assess("sam", "C04", by="wendy")
    assert len(asked) > 20
    assert not [q["sql"] for q in asked if any(table in q["sql"] for table in TABLES)]
