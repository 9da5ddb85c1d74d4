"""The pages of record audits: a size before anything is selected, a result once all is checked, and
why these records – which nobody is told of a record before it is checked."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.test import Client

from surehand import evidence
from surehand.audits.models import Audit, SelectionFrame
from surehand.audits.selection import RISKS
from surehand.records.models import RecordText
from tests.audits.made import MEETS, a_check, an_audit
from tests.provider import NOW, World
from tests.records.live import a_record, an_account, noticed

SENT = {
    "service": "ALD",
    "since": "2026-11-09",
    "until": "2026-11-15",
    "record_types": "note",
    "coverage": 2,
    "more": 5,
    "due": "2026-11-25",
    **dict.fromkeys(RISKS, 1),
}


@pytest.fixture
def many(world: World) -> None:
    for name in ("dan", "eve", "sam"):
        account = an_account(person=world.people[name])
        for number in range(10):
            noticed(
                a_record(world.alder, account, at=NOW - timedelta(days=4, minutes=number)),
                *(["late_entry"] if number < 3 else []),
            )


def selected(client: Client) -> Audit:
    answer = client.post("/audits/new/", SENT)
    assert answer.status_code == 302
    return Audit.objects.get()


def test_the_size_is_shown_before_anything_is_selected(
    world: World, many: None, signed_in: Callable[[str], Client]
) -> None:
    client = signed_in("queenie")
    page = client.get("/audits/new/?service=ALD").text
    assert "30 records by 3 people to select from." in page  # the last whole week, as proposed
    page = client.get("/audits/new/?" + urlencode(SENT)).text
    assert "About 10 of 30 records would be checked: too few to tell a rate" in page
    page = client.get("/audits/new/?" + urlencode(SENT | {"coverage": 9})).text
    assert "a rate of 80% is known to within ±" in page
    page = client.get("/audits/new/?" + urlencode(SENT | {"until": "2026-11-30"})).text
    assert "The last day must be over" in page
    page = client.get("/audits/new/?" + urlencode(SENT | {"coverage": 0})).text
    assert "Enter 1 or more" in page
    assert not Audit.objects.exists()


def test_a_refusal_keeps_what_was_chosen(
    world: World, many: None, signed_in: Callable[[str], Client]
) -> None:
    client = signed_in("queenie")
    selected(client)
    again = client.post("/audits/new/", SENT)
    assert again.status_code == 422
    assert "being audited already" in again.text
    assert Audit.objects.count() == 1


def test_the_result_is_weighted_and_told_when_all_are_checked(
    world: World, signed_in: Callable[[str], Client]
) -> None:
    records = [
        a_record(world.alder, an_account(person=world.people[name]))
        for name in ("dan", "eve", "sam")
        for _ in range(8)
    ]
    audit = an_audit(world.alder, records[:16], pi=0.1)
    items = list(audit.items.order_by("number"))
    likely = an_audit(world.alder, records[16:], pi=1.0)
    # Of those that stand for ten each half meet it; of those that stand for themselves none.
    for number, item in enumerate(items):
        answers = MEETS if number % 2 else ("not", *MEETS[1:])
        if number < 15:
            a_check(item, world.people["tessa"], answers=answers)
    client = signed_in("ruth")
    page = client.get(f"/audits/{audit.pk}/").text
    assert "15 of 16 records checked" in page
    assert "No result yet." in page
    a_check(items[15], world.people["tessa"])
    page = client.get(f"/audits/{audit.pk}/").text
    assert "too few, or by too few people" in page
    assert "Tessa" in page
    assert "None yet" not in client.get("/audits/?service=ALD").text
    assert likely.items.count() == 8


def test_the_weighted_rate_and_never_the_raw_one(
    world: World, signed_in: Callable[[str], Client]
) -> None:
    accounts = [an_account(person=world.people[name]) for name in ("dan", "eve", "sam")]
    records = [a_record(world.alder, accounts[n % 3]) for n in range(30)]
    audit = an_audit(world.alder, records, pi=0.999)
    for number, item in enumerate(audit.items.order_by("number")):
        a_check(item, world.people["tessa"], answers=MEETS if number < 24 else ("not", *MEETS[1:]))
    client = signed_in("ruth")
    page = client.get(f"/audits/{audit.pk}/").text
    assert "80% of 30 records met all that is asked" in page
    assert "80%" in client.get("/audits/?service=ALD").text
    before = "at_date=2026-11-17&at_time=08:00"
    assert "None yet." in client.get(f"/audits/?service=ALD&{before}").text
    assert client.get(f"/audits/{audit.pk}/?{before}").status_code == 404


def test_a_record_that_nobody_can_read_any_longer_is_not_waited_for(
    world: World, signed_in: Callable[[str], Client]
) -> None:
    dans = an_account(person=world.people["dan"])
    records = [a_record(world.alder, dans) for _ in range(2)]
    audit = an_audit(world.alder, records)
    a_check(audit.items.get(number=1), world.people["tessa"])
    RecordText.objects.filter(record=records[1]).delete()
    client = signed_in("ruth")
    page = client.get(f"/audits/{audit.pk}/").text
    assert "1 record can no longer be read" in page
    assert "All that can be checked is checked" in page
    with evidence.clock.at(NOW + timedelta(hours=2)):
        then = client.get(f"/audits/{audit.pk}/?at_date=2026-11-18&at_time=09:00").text
    assert "1 of 2 records checked" in then, "it could be read then"


def test_why_is_told_of_a_record_once_it_is_checked(
    world: World, many: None, signed_in: Callable[[str], Client]
) -> None:
    audit = selected(signed_in("queenie"))
    item = audit.items.filter(twice=False).first()
    assert item is not None
    path = f"/audits/{audit.pk}/why/?item={item.pk}"
    client = signed_in("tessa")
    assert "told once it is checked" in client.get(path).text
    a_check(item, world.people["tessa"])
    page = client.get(path).text
    assert "told once it is checked" not in page
    assert "It had a chance of" in page
    assert "Queenie Adeyemi selected" in page
    assert "of 30 records written at Alder House from 9 to 15 November 2026" in page


def test_the_selection_is_carried_away_and_drawn_again(
    world: World, many: None, signed_in: Callable[[str], Client]
) -> None:
    client = signed_in("queenie")
    audit = selected(client)
    path = f"/audits/{audit.pk}/why/"
    rows = list(csv.DictReader(io.StringIO(client.get(f"{path}?format=csv").text[1:])))
    assert [float(row["inclusion_probability"]) for row in rows] == [
        item.pi for item in audit.items.order_by("number")
    ]
    assert {row["seed"] for row in rows} == {audit.seed}
    assert signed_in("tessa").get(f"{path}?format=csv").status_code == 403
    assert client.get(f"{path}?format=odt").status_code == 400
    with evidence.clock.at(NOW + timedelta(days=1)):
        count = audit.items.count()
        assert f"The same {count} records came out" in client.get(f"{path}?again=1").text
    kept = SelectionFrame.objects.get()
    SelectionFrame.objects.update(content=bytes(kept.content) + b" ")
    assert "is not the one that was recorded" in client.get(f"{path}?again=1").text
    kept.delete()
    assert "is no longer kept" in client.get(f"{path}?again=1").text


def test_r18_whoever_checks_is_not_told_of_a_follow_up_before_it_is_checked(
    world: World, signed_in: Callable[[str], Client]
) -> None:
    dans = an_account(person=world.people["dan"])
    first = an_audit(world.alder, [a_record(world.alder, dans)], at=NOW - timedelta(days=10))
    audit = an_audit(world.alder, [a_record(world.alder, dans)], follows=first)
    pages = ("/audits/?service=ALD", *(f"/audits/{audit.pk}/{page}" for page in ("", "why/")))
    pages = (*pages, f"/audits/{first.pk}/")
    told = ("follow-up", "It follows", "It was followed")

    def say_so(name: str) -> list[bool]:
        client = signed_in(name)
        return [any(words in client.get(page).text for words in told) for page in pages]

    assert say_so("ruth") == [True] * 4
    # The audit that it follows selected itself too, and is not checked either.
    assert say_so("tessa") == [False] * 4
    for each in (first, audit):
        a_check(each.items.get(), world.people["tessa"])
    assert say_so("tessa") == [True] * 4
