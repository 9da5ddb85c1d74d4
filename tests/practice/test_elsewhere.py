"""Practice in the vendor's training system: as somebody saw it, and as a file says it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from surehand import evidence
from surehand.evidence.models import Entry
from surehand.evidence.refusal import NotPermitted, NotPossible
from surehand.imports import run
from surehand.people.access import COMMAND_LINE
from surehand.people.queries import references_of
from surehand.practice import queries
from surehand.practice.elsewhere_actions import Title, observe_elsewhere
from surehand.practice.log import logged, missed_most
from surehand.practice.models import Attempt, AttemptEnd, AttemptReference, ScenarioVersion
from tests.provider import NOW, World

SignedIn = Callable[[str], Client]
MARKS = {"answered": "met", "helped": "partly", "response": "met", "note": "not_met"}
TITLE = Title("Bed alarm exercise", "C13")


def see(world: World, name: str = "dan", by: str = "cal", **more: Any) -> Attempt:
    return observe_elsewhere(
        by=world.by(by),
        person=world.people[name],
        **{
            "service": world.alder,
            "of": "S06",
            "happened_at": NOW - timedelta(days=2),
            "marks": MARKS,
            "result": "",
            "hints": 1,
            "minutes": 6,
            **more,
        },
    )


def file(world: World, *rows: str) -> bytes:
    """Rows `name,scenario,finished_at,result,minutes,hints,reference`, people by short name."""
    codes = references_of(p.pk for p in world.people.values())
    lines = [
        ",".join([codes[world.people[name].pk] if name in world.people else name, rest])
        for name, rest in (row.split(",", 1) for row in rows)
    ]
    header = "person_id,scenario,finished_at,result,minutes,hints,reference"
    return "\n".join([header, *lines]).encode()


def take(world: World, *rows: str, by: Any = COMMAND_LINE) -> run.Preview:
    shown = run.preview("attempts", file(world, *rows), "f.csv", by=by)
    run.commit(shown, by=by)
    return shown


def counts(shown: run.Preview) -> tuple[int, int, int]:
    return shown.added, shown.unchanged, shown.refused


# --- As somebody saw it --------------------------------------------------------------------------


def test_what_was_seen_there_is_an_attempt_marked_as_such(
    world: World, signed_in: SignedIn
) -> None:
    attempt = see(world, note="Went to the sensor first.")
    assert (attempt.where, attempt.mode) == ("vendor", "practise")
    assert attempt.happened_at == NOW - timedelta(days=2)
    assert attempt.is_late
    assert attempt.end.marks == MARKS
    path = f"/practice/elsewhere/{attempt.pk}/"
    for name in ("ruth", "dan"):
        page = signed_in(name).get(path).text
        assert "2 of 4" in page
        assert "Recorded late" in page
        assert "Went to the sensor first." in page
    assert signed_in("sam").get(path).status_code == 403
    assert f'href="{path}"' in signed_in("dan").get("/practice/scenarios/S06/").text
    assert signed_in("ruth").get(f"/practice/done/{attempt.entry}/").status_code == 404
    person = signed_in("ruth").get(f"/people/{world.people['dan'].pseudonym}/").text
    assert "in the vendor’s training system, seen by Callum Whitfield" in person


def test_a_title_of_the_vendors_own_is_known_from_then_on(
    world: World, signed_in: SignedIn
) -> None:
    first = see(world, of=TITLE, marks={}, result="passed")
    assert (first.scenario.code, first.scenario.where) == ("V001", "vendor")
    again = see(world, "sam", of="V001", marks={}, result="not_passed")
    assert again.scenario == first.scenario
    with pytest.raises(NotPossible, match="in the list already"):
        see(world, of=Title(" bed  Alarm exercise ", "C04"), marks={}, result="passed")
    assert "V001" not in queries.scenarios()
    assert signed_in("dan").get("/practice/scenarios/V001/").status_code == 404
    page = signed_in("ruth").get(f"/practice/elsewhere/{again.pk}/").text
    assert "Not passed there" in page
    assert "Only the result is known of it." in page


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"happened_at": NOW - timedelta(days=15)}, "at most 14 days late"),
        ({"happened_at": NOW + timedelta(hours=1)}, "in the future"),
        ({"marks": {**MARKS, "note": "perhaps"}}, "each thing that is expected"),
        ({"marks": {**MARKS, "more": "met"}}, "each thing that is expected"),
        ({"of": "S99"}, "no such scenario"),
        ({"of": TITLE, "marks": {}}, "how it ended there"),
        ({"of": Title("x", "C13"), "marks": {}, "result": "passed"}, "Write the title"),
        ({"of": Title("Exercise", "C99"), "marks": {}, "result": "passed"}, "what it is about"),
        ({"minutes": 0}, "how many minutes"),
    ],
)
def test_r11_what_cannot_be_kept_gets_a_sentence(
    world: World, more: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(NotPossible, match=sentence):
        see(world, **more)
    assert not Attempt.objects.exists()
    assert not ScenarioVersion.objects.exists()


def test_r14_whoever_assesses_says_it_and_never_of_themselves(world: World) -> None:
    for by in ("dan", "ruth", "queenie", "ada"):
        with pytest.raises(NotPermitted):
            see(world, "sam", by=by)
    with pytest.raises(NotPermitted, match="about yourself"):
        see(world, "cal")
    with pytest.raises(NotPermitted, match="no post at Alder House"):
        see(world, "rose", by="helen")
    kept = see(world)
    own = Attempt(
        person=kept.person,
        service=kept.service,
        scenario=kept.scenario,
        profile=kept.profile,
        mode="practise",
        where="vendor",
        by=kept.person,
    )
    with (
        pytest.raises(IntegrityError),
        transaction.atomic(),
        evidence.act("practice.observed", by=world.by("dan").actor) as act,
    ):
        act.record(own)


def test_it_is_sent_by_a_page(world: World, signed_in: SignedIn) -> None:
    dan = world.people["dan"].pseudonym
    path = f"/practice/elsewhere/?person={dan}&scenario=S06"
    page = signed_in("cal").get(path).text
    assert "You answered the bell and went to Joyce in time." in page
    assert "Callum Whitfield</option>" not in page
    on = {"on_day": NOW.day, "on_month": NOW.month, "on_year": NOW.year, "time": "08:00"}
    sent = {**on, "minutes": "5", "hints": "", **{f"seen-{code}": v for code, v in MARKS.items()}}
    left_out = {k: v for k, v in sent.items() if k != "seen-note"}
    assert "Say whether you saw point 4" in signed_in("cal").post(path, left_out).text
    assert signed_in("cal").post(path, sent).status_code == 302
    other = f"/practice/elsewhere/?person={dan}&scenario=other"
    new = {**on, "minutes": "5", "title": "Falls exercise", "competency": "C07", "result": "passed"}
    assert signed_in("cal").post(other, new).status_code == 302
    assert "in the list already" in signed_in("cal").post(other, new).text
    assert [a.scenario.code for a in Attempt.objects.order_by("pk")] == ["S06", "V001"]


def test_a_form_sent_twice_is_kept_once(world: World) -> None:
    see(world)
    with pytest.raises(NotPossible, match="recorded"):
        see(world)
    see(world, happened_at=NOW)
    assert Attempt.objects.count() == 2


# --- As a file says it ---------------------------------------------------------------------------


def test_a_file_comes_in_once(world: World, signed_in: SignedIn) -> None:
    rows = (
        "dan,S06,2026-11-10T14:30,passed,6,1,A-1",
        "sam,up in the night,10/11/2026 15:00,incomplete,,,",
        "dan,S06,2026-09-01T10:00,Failed,12,0,",
    )
    shown = take(world, *rows)
    assert counts(shown) == (3, 0, 0)
    assert "1 row is of more than 14 days ago, and marked as late." in shown.notes
    entry = Entry.objects.latest("seq")
    assert entry.kind == "attempts.imported"
    found = {
        (a.person, a.when.date().isoformat(), a.end.how, a.end.result, a.is_late)
        for a in Attempt.objects.select_related("end")
    }
    dan, sam = world.people["dan"], world.people["sam"]
    assert found == {
        (dan, "2026-11-10", "finished", "passed", True),
        (sam, "2026-11-10", "left", "", True),
        (dan, "2026-09-01", "finished", "not_passed", True),
    }
    assert AttemptReference.objects.get().text == "A-1"
    assert counts(take(world, *rows)) == (0, 3, 0)
    assert Entry.objects.latest("seq") == entry
    number = Attempt.objects.get(end__result="passed").pk
    page = signed_in("ruth").get(f"/practice/elsewhere/{number}/").text
    assert "Passed there" in page
    assert "A-1" in page
    person = signed_in("ruth").get(f"/people/{dan.pseudonym}/").text
    assert "in the vendor’s training system, from a file, by the command line" in person
    assert not any(a.is_late for a in [see(world, happened_at=NOW)])


@pytest.mark.parametrize(
    ("row", "column", "sentence"),
    [
        ("P999,S06,2026-11-10T14:30,passed,,,", "person_id", "There is no person “P999”"),
        ("dan,S99,2026-11-10T14:30,passed,,,", "scenario", "There is no scenario “S99”"),
        ("dan,S06,2026-11-10T14:30,excellent,,,", "result", "excellent"),
        ("dan,S06,2026-11-10,passed,,,", "finished_at", "not a date and time"),
        ("dan,S06,2027-11-10T14:30,passed,,,", "finished_at", "still to come"),
        ("dan,S06,2020-11-10T14:30,passed,,,", "finished_at", "had no post"),
        ("dan,S06,2026-11-10T14:30,passed,many,,", "minutes", "no number of minutes"),
        ("ada,S06,2026-11-10T14:30,passed,,,", "person_id", "has no post at a service"),
    ],
)
def test_a_row_that_cannot_be_taken_in_gets_a_sentence(
    world: World, row: str, column: str, sentence: str
) -> None:
    shown = take(world, row)
    assert counts(shown) == (0, 0, 1)
    [problem] = shown.problems
    assert (problem.row, problem.column) == (2, column)
    assert sentence in problem.sentence
    assert not Attempt.objects.exists()


def test_a_file_changes_no_attempt(world: World) -> None:
    take(world, "dan,S06,2026-11-10T14:30,passed,6,1,")
    shown = take(world, "dan,S06,2026-11-10T14:30,failed,6,1,")
    assert "is here already" in shown.problems[0].sentence
    both = ("sam,S06,2026-11-10T14:30,passed,,,", "sam,S06,2026-11-10T14:30,failed,,,")
    assert "Row 2 says something else" in take(world, *both).problems[0].sentence
    assert AttemptEnd.objects.filter(result="passed").count() == 2


def test_a_vendors_title_is_taken_once_it_is_known(world: World) -> None:
    row = "sam,Bed ALARM exercise,2026-11-10T14:30,passed,,,"
    assert "a title of the vendor’s own is recorded by hand once" in (
        take(world, row).problems[0].sentence
    )
    see(world, of=TITLE, marks={}, result="finished")
    assert counts(take(world, row)) == (1, 0, 0)


def test_r14_one_brings_in_for_ones_own_service_and_not_about_oneself(world: World) -> None:
    rows = [f"{name},S06,2026-11-10T14:30,passed,,," for name in ("dan", "rose", "ruth")]
    shown = take(world, *rows, by=world.by("ruth"))
    assert counts(shown) == (1, 0, 2)
    assert {"no post at a service you import for" in p.sentence for p in shown.problems} == {
        True,
        False,
    }
    assert any("about yourself" in p.sentence for p in shown.problems)
    with pytest.raises(NotPermitted):
        take(world, rows[0], by=world.by("tessa"))


def test_the_log_shows_it_and_counts_only_what_is_known(world: World, signed_in: SignedIn) -> None:
    take(world, "dan,S06,2026-11-10T14:30,passed,6,1,A-1")
    dan = world.people["dan"]
    assert missed_most(logged([dan.pk], at=NOW)) == []
    page = signed_in("ruth").get(f"/practice/log/{dan.pseudonym}/").text
    assert "in the vendor’s training system" in page
    assert "Passed there" in page
    assert f"/practice/elsewhere/{Attempt.objects.get().pk}/" in page
    see(world, happened_at=NOW)
    found = missed_most(logged([dan.pk], at=NOW))
    assert {(row.expected.code, row.counted.tried) for row in found} == {("helped", 1), ("note", 1)}
