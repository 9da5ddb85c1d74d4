"""The page of record quality: its numbers equal what is reckoned by hand from the records behind
them, people of another service see none of them, and the moment asked about is kept to."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from surehand import evidence
from surehand.audits.models import AuditItem, Gap, RecordCheck
from surehand.people.access import AccessRole
from surehand.people.models import Person
from surehand.ui.tables import tables_in
from tests.audits.weeks import some_weeks
from tests.provider import NOW, World

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
    weeks = table(read(client, QUALITY), "late-entries-week-by-week")
    assert [row[1] for row in weeks] == [60] * 5
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
