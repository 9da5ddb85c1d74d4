"""The page of record quality: its numbers equal what is reckoned by hand from the records behind
them, people of another service see none of them, and the moment asked about is kept to."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from surehand import evidence
from surehand.audits.check_actions import check_record, void_check
from surehand.audits.check_policies import NewGap
from surehand.audits.escalation_actions import take_escalation
from surehand.audits.models import (
    AuditItem,
    Criterion,
    Escalation,
    Gap,
    RecordCheck,
    Refresher,
    RefresherGiven,
)
from surehand.audits.warnings_queries import warnings
from surehand.people.access import COMMAND_LINE, AccessRole
from surehand.people.models import Person
from surehand.records.models import LiveRecord, RecordText
from surehand.ui.tables import tables_in
from tests.audits.made import a_check, an_audit
from tests.audits.weeks import some_weeks
from tests.provider import NOW, World
from tests.records.live import a_record, an_account

QUALITY = "/record-quality/?service=ALD"
BEHIND = "/record-quality/records/?service=ALD"


def gaps(person: Person, at: datetime) -> dict[str, float]:
    return {"T04": 0.3, "T06": 0.1, "late": 0.12}


@pytest.fixture
def staff(world: World) -> list[Person]:
    for number in range(4):
        name = f"carer-{number}"
        world.add_person(name, f"Carer {number}", role=AccessRole.CARE_WORKER)
        world.add_post(name, world.alder, "CW")
    return [world.people[f"carer-{n}"] for n in range(4)]


@pytest.fixture
def audited(world: World, staff: list[Person]) -> list[Person]:
    some_weeks(world.alder, staff, gaps, by=world.people["tessa"], until=NOW, weeks=5)
    return staff


def read(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, response.content
    found: str = response.content.decode()
    return found


def table(page: str, name: str) -> list[list[Any]]:
    (found,) = [each for each in tables_in(page) if each.name == name]
    return [list(row) for row in found.rows]


def by_hand(theme: str, nights: bool) -> float:
    """Σ(y/π) / Σ(1/π) of the records of the last four whole weeks, from the rows themselves."""
    until = datetime(2026, 11, 16, tzinfo=NOW.tzinfo)
    found = every = 0.0
    for check in RecordCheck.objects.select_related("item"):
        item: AuditItem = check.item
        night = item.written_at.hour >= 20 or item.written_at.hour < 8
        # Until 25 October London is an hour ahead of UTC.
        if item.written_at < datetime(2026, 10, 25, 1, tzinfo=NOW.tzinfo):
            hour = (item.written_at + timedelta(hours=1)).hour
            night = hour >= 20 or hour < 8
        since = datetime(2026, 10, 18, 23, tzinfo=NOW.tzinfo)
        if night == nights and since <= item.written_at < until:
            every += 1 / item.pi
            found += (1 / item.pi) * Gap.objects.filter(check_of=check, theme=theme).exists()
    return 100 * found / every


def test_each_number_is_what_its_records_come_to(
    world: World, audited: list[Person], signed_in: Callable[[str], Client]
) -> None:
    client = signed_in("queenie")
    page = read(client, QUALITY)
    rows = {row[0]: row[1:] for row in table(page, "theme-by-team")}
    assert rows["Late entry"][0] == f"{by_hand('T04', False):.0f}"
    assert rows["Late entry"][1] == f"{by_hand('T04', True):.0f}"
    # And the list behind the number has the records from which it comes
    (path,) = re.findall(r'href="([^"]*what=T04[^"]*group=nights[^"]*)"', page)
    found = every = 0.0
    number = 1
    while True:
        listed = read(client, f"{path.replace('&amp;', '&')}&page={number}")
        for row in table(listed, "records-that-were-checked"):
            every += 1 / float(row[6])
            found += (1 / float(row[6])) * (row[3] == "Yes")
            assert row[8].startswith("Entry ")
        if f"page={number + 1}" not in listed:
            break
        number += 1
    assert f"{100 * found / every:.0f}" == rows["Late entry"][1]


def test_late_entries_are_counted_in_all_records(
    world: World, audited: list[Person], signed_in: Callable[[str], Client]
) -> None:
    client = signed_in("ruth")
    LiveRecord.objects.filter(record_id="ALD-weeks-2-7").update(change_type="void")
    weeks = table(read(client, QUALITY), "late-entries-week-by-week")
    assert [row[1] for row in weeks] == [60, 59, 60, 60, 60], "what was voided is no record"
    listed = read(client, f"{BEHIND}&what=late&since=2026-11-09&until=2026-11-15")
    count = len(table(listed, "live-records"))
    assert weeks[0][2].split()[0] == f"{100 * count / 60:.1f}"


def test_before_anything_is_checked_it_says_what_will_come(
    world: World, signed_in: Callable[[str], Client]
) -> None:
    page = read(signed_in("queenie"), QUALITY)
    assert "No record of this time was checked." in page
    assert "Too few records to draw this." in page
    assert "No records here." in read(signed_in("queenie"), BEHIND)


def test_nothing_is_told_of_a_group_of_fewer_than_three_people(
    world: World, staff: list[Person], signed_in: Callable[[str], Client]
) -> None:
    some_weeks(world.alder, staff[:2], gaps, by=world.people["tessa"], until=NOW, weeks=4)
    page = read(signed_in("queenie"), QUALITY)
    assert {cell for row in table(page, "theme-by-team") for cell in row[1:]} == {"too few"}


def test_known_then_leaves_out_what_was_said_later(
    world: World, audited: list[Person], signed_in: Callable[[str], Client]
) -> None:
    client = signed_in("queenie")
    now = table(read(client, f"{BEHIND}&what=T04"), "records-that-were-checked")
    with evidence.clock.at(NOW - timedelta(minutes=1)):
        seq = evidence.seq_at(moment=NOW - timedelta(minutes=1))
    known = read(client, f"{BEHIND}&what=T04&at_date=2026-11-18&at_time=08:11&known=then")
    checks = RecordCheck.objects.filter(entry__lte=seq).count()
    assert bool(checks) == ("No records here." not in known)
    assert now
    early = read(client, f"{BEHIND}&what=T04&at_date=2026-10-01")
    assert "No records here." in early


@pytest.mark.parametrize(
    "query",
    ["of=nonsense", "weeks=x", "target=-4", "refresher=99999", "type=%00", "over=1e9", "of=T15"],
)
def test_an_address_that_cannot_be_read_is_left_out(
    world: World, signed_in: Callable[[str], Client], query: str
) -> None:
    assert "Did the training reach" in read(signed_in("queenie"), f"{QUALITY}&{query}")


@pytest.mark.parametrize(
    "query", ["since=x", "until=9999-12-31", "what=x", "group=team-1", "person=nobody", "page=x"]
)
def test_a_list_that_cannot_be_read_is_of_the_last_weeks(
    world: World, signed_in: Callable[[str], Client], query: str
) -> None:
    assert "Which records are behind" in read(signed_in("queenie"), f"{BEHIND}&{query}")


def test_the_list_behind_a_number_makes_no_figure_of_one_person_nor_of_few(
    world: World, audited: list[Person], signed_in: Callable[[str], Client]
) -> None:
    client = signed_in("queenie")
    assert re.search(r"Record accuracy: \d+ of \d+ records checked", read(client, BEHIND))
    week = f"{BEHIND}&since=2026-11-09&until=2026-11-10"
    for few in (f"{BEHIND}&person={audited[0].pseudonym}", week):
        page = read(client, few)
        assert "no figure is made of these" in page
        assert not re.search(r"Record accuracy: \d|Only “yes” \d", page)


# --- Before and after, accuracy, warnings ---------------------------------------------------------


REFRESHED = datetime(2026, 10, 19, tzinfo=NOW.tzinfo)


@pytest.fixture
def refreshed(world: World, staff: list[Person]) -> Refresher:
    """A refresher on late entry: half of the records had its gap before, few after."""

    def rarer(person: Person, at: datetime) -> dict[str, float]:
        again = person == staff[0]
        return {"T04": 0.9 if again else 0.6 if at < REFRESHED else 0.02, "T06": 0.1}

    world.add_person("fifth", "Carer Five")
    world.add_person("sixth", "Carer Six")
    people = [*staff, world.people["fifth"], world.people["sixth"]]
    some_weeks(world.alder, people, rarer, by=world.people["tessa"], until=NOW, weeks=8)
    given: dict[str, Any] = {"by": COMMAND_LINE.actor, "happened_at": REFRESHED}
    with evidence.act("refresher.planned", **given) as act:
        refresher = act.record(
            Refresher(
                service=world.alder,
                theme="T04",
                owner=world.people["tessa"],
                due=REFRESHED.date(),
                by=world.people["ruth"],
            )
        )
    with evidence.act("refresher.given", **given) as act:
        act.record(
            RefresherGiven(
                refresher=refresher,
                on=REFRESHED.date(),
                minutes=15,
                people=[person.pk for person in people],
                by=world.people["tessa"],
            )
        )
    return refresher


def test_before_and_after_is_said_and_whose_gap_is_still_there(
    world: World, refreshed: Refresher, signed_in: Callable[[str], Client]
) -> None:
    client = signed_in("queenie")
    page = read(client, QUALITY)
    assert "Late entry is down</strong> since the refresher of 19 October." in page
    (row, *_) = table(page, "gaps-in-every-100-records-before-and-after")
    assert re.fullmatch(r"\d+\.\d points fewer from [\d.]+ .* to [\d.]+ .*", row[2])
    assert "Whoever checks is not told that an audit is a follow-up" in page
    # The number before is that of the records in its list
    (path,) = re.findall(r'href="([^"]*what=T04[^"]*side=before[^"]*)"', page)
    listed = read(client, f"{path.replace('&amp;', '&')}&found=yes")
    assert "by the people who were there" in listed
    # Carer 0 is named with the number behind it, and nobody else
    still = page[page.index("Still there after the refresher") :]
    assert "Carer 0" in still
    assert not any(f"Carer {n}" in still for n in ("1", "2", "3", "Five", "Six"))
    assert re.search(r"\d+ of \d+ records checked since the refresher", still)


def test_the_headline_is_the_weighted_share_with_other_readings_beside_it(
    world: World, audited: list[Person], signed_in: Callable[[str], Client]
) -> None:
    client = signed_in("ruth")
    page = read(client, "/record-quality/accuracy/?service=ALD")
    since = datetime(2026, 10, 18, 23, tzinfo=NOW.tzinfo)
    until = datetime(2026, 11, 16, tzinfo=NOW.tzinfo)
    met = every = 0.0
    for check in RecordCheck.objects.select_related("item"):
        if since <= check.item.written_at < until:
            answers = (check.complete, check.timely, check.person_specific, check.right_section)
            every += 1 / check.item.pi
            met += (1 / check.item.pi) * (set(answers) == {"meets"})
    assert f">{100 * met / every:.0f}</a>" in page
    readings = {row[0]: row for row in table(page, "each-check")}
    assert set(readings) == {
        "Complete",
        "Timely",
        "Person-specific",
        "Entered in the correct section",
    }
    assert [row[0] for row in table(page, "in-all-records-not-only-those-checked")] == [
        "Written late",
        "Something noticed",
    ]
    assert "Quayside" not in page[page.index("<main") :]
    months = [row[0] for row in table(page, "record-accuracy-month-by-month")]
    assert months == ["November 2026", "October 2026"]
    assert client.get("/record-quality/accuracy/?service=ALD&tables=xlsx").status_code == 200
    assert [w.about for w in warnings([world.alder.pk], at=NOW) if w.rule.code == "G10"] == [
        "accuracy"
    ]
    october = read(client, "/record-quality/accuracy/?service=ALD&month=2026-10")
    assert "1 October to 31 October 2026" in october


def test_warnings_are_the_same_whoever_asks_and_name_people_of_the_service(
    world: World, refreshed: Refresher, signed_in: Callable[[str], Client]
) -> None:
    found = warnings([world.alder.pk, world.quayside.pk], at=NOW)
    assert {w.service for w in found} <= {world.alder.pk, None}
    (again,) = [w for w in found if w.rule.code == "G05"]
    assert again.theme == "T04"
    page = read(signed_in("ruth"), "/record-quality/warnings/?service=ALD")
    assert "records by Carer 0 checked in 28 days have the gap “late entry”." in page
    (path,) = re.findall(r'href="([^"]*what=T04[^"]*items=[^"]*)"', page)[:1]
    listed = read(signed_in("ruth"), path.replace("&amp;", "&"))
    assert len(table(listed, "records-that-were-checked")) == min(25, len(again.evidence.items))
    assert "Carer 0" not in read(signed_in("quinn"), "/record-quality/warnings/?service=QUA")
    assert warnings([world.alder.pk], at=NOW - timedelta(days=70)) == []


def test_a_check_seven_days_late_and_an_incident_late_beyond_question_are_warned_of(
    world: World, signed_in: Callable[[str], Client]
) -> None:
    account = an_account(person=world.people["dan"])
    at = datetime(2026, 11, 11, 9, tzinfo=NOW.tzinfo)
    late = a_record(
        world.alder, account, at=at, late=timedelta(minutes=241), record_type="incident"
    )
    a_record(world.alder, account, at=at, late=timedelta(minutes=240), record_type="incident")
    an_audit(world.alder, [late], at=NOW - timedelta(days=14))  # due on 11 November
    found = warnings([world.alder.pk], at=NOW)
    assert [(w.rule.code, w.sentence) for w in found] == [
        (
            "G06",
            "1 record of an audit still to be checked: the last day was 11 November, 7 days ago.",
        ),
        ("G07", "1 incident was written more than 240 minutes after it happened."),
    ]


def test_a_check_that_was_voided_waits_and_what_nobody_can_read_does_not(world: World) -> None:
    dan = an_account(person=world.people["dan"])
    record = a_record(world.alder, dan, at=NOW - timedelta(days=20))
    item = an_audit(world.alder, [record], at=NOW - timedelta(days=14)).items.get()
    check = a_check(item, world.people["tessa"], at=NOW - timedelta(days=13))
    assert warnings([world.alder.pk], at=NOW) == []
    with evidence.clock.at(NOW):
        void_check(by=world.by("ruth"), check=check, reason="Another record")
    assert [w.rule.code for w in warnings([world.alder.pk], at=NOW)] == ["G06"]
    then = NOW + timedelta(days=22)  # four weeks and a day after its last day
    assert [w.rule.code for w in warnings([world.alder.pk], at=then)] == ["G06"]
    RecordText.objects.all().delete()
    assert warnings([world.alder.pk], at=then) == []
    assert [w.rule.code for w in warnings([world.alder.pk], at=NOW)] == ["G06"], "it could then"


def test_harm_is_taken_up_for_the_record_whatever_it_lacks_and_however_it_is_corrected(
    world: World,
) -> None:
    def harm() -> list[str]:
        return [w.about for w in warnings([world.alder.pk], at=NOW) if w.rule.code == "G10"]

    dan = an_account(person=world.people["dan"])
    item = an_audit(world.alder, [a_record(world.alder, dan)]).items.get()
    risks = [NewGap("complete", theme, "immediate") for theme in ("T01", "T08")]
    answers = dict.fromkeys(Criterion.values, "meets") | {"complete": "not"}
    given: dict[str, Any] = {"by": world.by("tessa"), "item": item, "note": "Nobody saw her head."}
    with evidence.clock.at(NOW):
        first = check_record(answers=answers, gaps=risks, **given)
        assert harm() == ["harm"]
        taken = {"by": world.by("ruth"), "words": "Seen by 111."}
        take_escalation(escalation=Escalation.objects.get(), **taken)
        assert harm() == []
        again = check_record(
            answers=answers, gaps=risks[:1], corrects=first, reason="A slip", **given
        )
        assert harm() == []
        more = [*risks[:1], NewGap("complete", "T03", "immediate")]
        check_record(answers=answers, gaps=more, corrects=again, reason="A slip", **given)
    assert harm() == ["harm"], "what was told later waits"
