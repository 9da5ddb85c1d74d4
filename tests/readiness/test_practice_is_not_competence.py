"""Practice and spot checks never make anybody ready, nor unready (R7): no rule reads them, and no
answer moves by them."""

from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from surehand.assessment.models import Assessment
from surehand.imports import run
from surehand.people.access import COMMAND_LINE
from surehand.people.queries import references_of
from surehand.practice.elsewhere_actions import observe_elsewhere
from surehand.practice.models import Attempt, SpotCheck
from surehand.practice.spot_check_actions import record_spot_check
from surehand.readiness import projector, queries
from tests.provider import NOW, World
from tests.readiness.test_attendance_is_not_competence import (
    DECIDES,
    SOURCE,
    everything,
    said_in,
)

WORDS = ("attempt", "spot_check", "spotcheck", "surehand.practice")


@pytest.mark.parametrize("path", DECIDES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_r7_no_module_that_decides_readiness_names_practice(path: Path) -> None:
    named = [s for s in said_in(path.read_text()) if any(word in s.lower() for word in WORDS)]
    assert named == []


def test_r7_nothing_practised_or_asked_moves_a_span_or_an_answer(world: World) -> None:
    world.pass_all("dan", by="wendy")
    world.sign_off("dan")
    world.fail("sam", "C13")
    before, judged = everything(world), Assessment.objects.count()
    codes = references_of(p.pk for p in world.people.values())
    rows = ["person_id,scenario,finished_at,result"]
    for name, result, shown in (("dan", "failed", "not_shown"), ("sam", "passed", "shown")):
        rows.append(f"{codes[world.people[name].pk]},S06,2026-11-10T14:30,{result}")
        record_spot_check(
            by=world.by("cal"),
            person=world.people[name],
            service=world.alder,
            code="Q04",
            minutes=2,
            shown=dict.fromkeys(("out", "own", "tells"), shown),
        )
        observe_elsewhere(
            by=world.by("cal"),
            person=world.people[name],
            service=world.alder,
            of="S06",
            happened_at=NOW,
            marks=dict.fromkeys(("answered", "helped", "response", "note"), "met"),
            result="",
            hints=0,
            minutes=4,
        )
    run.commit(
        run.preview("attempts", "\n".join(rows).encode(), "f.csv", by=COMMAND_LINE),
        by=COMMAND_LINE,
    )
    assert (SpotCheck.objects.count(), Attempt.objects.count()) == (2, 4)
    assert everything(world) == before
    assert Assessment.objects.count() == judged
    with CaptureQueriesContext(connection) as asked:
        assert projector.rebuild(write=False).differing == 0
        queries.gate(person=world.people["dan"].pk, service=world.alder.pk, at=NOW)
    assert not [q["sql"] for q in asked if "practice_" in q["sql"]]
    assert everything(world) == before
