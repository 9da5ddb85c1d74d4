"""Nobody who may yet check a record a second time reads what the first check found, on any page."""

from collections.abc import Callable

import pytest
from django.test import Client

from surehand import evidence
from surehand.audits.blind import hidden_entries, hidden_items
from surehand.audits.cause_actions import say_cause
from surehand.audits.check_actions import check_record
from surehand.audits.check_policies import NewGap
from surehand.audits.finding_actions import reply_to_finding
from surehand.audits.models import AuditItem, Criterion, Gap, RecordCheck
from surehand.evidence.models import Entry
from surehand.evidence.refusal import NotPossible
from surehand.governance import story
from surehand.people import actions as people
from surehand.people.access import AccessRole
from surehand.records.models import LiveRecord, RecordText
from tests.audits.made import an_audit
from tests.provider import World
from tests.records.live import a_record, an_account

Browser = Callable[[str], Client]
MEETS = dict.fromkeys(Criterion.values, "meets")
LACKS = MEETS | {"complete": "not"}
NOTE, REPLY = "Nobody looked at her head.", "I told the nurse."
# What a page that tells of the first check would say.
TELLS = (
    NOTE,
    REPLY,
    "shows a gap",
    "&#34;T08&#34;",
    "&#34;not&#34;",
)


@pytest.fixture
def item(world: World) -> AuditItem:
    """A record of Daniela’s to be checked twice, in which Tessa found something missing; Daniela
    answered. Tom may check it too."""
    world.add_person("tom", "Tom Ashby", role=AccessRole.TEAM_LEADER, service=world.alder)
    record = a_record(world.alder, an_account(person=world.people["dan"]))
    item = an_audit(world.alder, [record], twice=True).items.get()
    done = first(world, item)
    reply_to_finding(by=world.by("dan"), check=done, words=REPLY)
    return item


def first(world: World, item: AuditItem, severity: str = "serious") -> RecordCheck:
    gap = NewGap("complete", "T08", severity)
    return check_record(by=world.by("tessa"), item=item, answers=LACKS, gaps=[gap], note=NOTE)


def pages(item: AuditItem) -> list[str]:
    """Every page on which a check of a record may be told of."""
    service = f"service={item.audit.service.code}"
    person = item.author.pseudonym if item.author else ""
    kept = LiveRecord.objects.get(record_id=item.record_id).pk
    return [
        "/",
        f"/evidence/?who={person}",
        "/evidence/?kind=record.checked",
        *(
            f"/evidence/{seq}/"
            for seq in Entry.objects.order_by("-seq").values_list("seq", flat=True)[:4]
        ),
        f"/people/{person}/?entries=all",
        f"/records/{kept}/",
        f"/audits/{item.audit_id}/",
        f"/audits/{item.audit_id}/why/?item={item.pk}",
        f"/audits/check/?{service}",
        f"/audits/calibration/?{service}",
        f"/audits/gaps/?{service}",
        f"/audits/refreshers/?{service}",
        f"/record-quality/?{service}",
        f"/record-quality/accuracy/?{service}",
        f"/record-quality/warnings/?{service}",
    ]


def behind(client: Client, item: AuditItem) -> bool:
    """Whether any list of the records behind a number tells of this one."""
    found = [
        client.get(
            f"/record-quality/records/?service=ALD&what={what}&since=2026-11-01&until=2026-11-19"
        ).content.decode()
        for what in ("accuracy", "T08")
    ]
    return any(item.record_id in page for page in found)


def test_the_first_answers_are_on_no_page_until_the_second_check_is_recorded(
    world: World, item: AuditItem, signed_in: Browser
) -> None:
    evidence.make_checkpoint()
    toms, entry = signed_in("tom"), RecordCheck.objects.get().entry
    for address in pages(item):
        answer = toms.get(address)
        # An entry about the audit itself is not for readers of one service.
        assert answer.status_code == 200 or "/evidence/" in address, address
        body = answer.content.decode().partition("<main")[2]
        assert not [said for said in TELLS if said in body], address
    # The entry is there with its proof; it cannot be taken away, as its bytes are what it says.
    page = toms.get(f"/evidence/{entry}/?check=now").content.decode()
    assert "hidden from you until the second check" in page
    assert "anybody can work out the root" in page
    for file in ("entry.json", "proof.json"):
        answer = toms.get(f"/evidence/{entry}/{file}")
        assert (answer.status_code, "second check" in answer.content.decode()) == (409, True)
    assert not behind(toms, item)
    assert "waits for a second check" in toms.get("/audits/gaps/?service=ALD").content.decode()
    # Everybody else reads it, whoever checked it first among them
    for who in ("tessa", "ruth", "queenie"):
        assert behind(signed_in(who), item), who
        assert NOTE in signed_in(who).get(f"/evidence/{entry}/").content.decode()
    # Once it is recorded, so does he.
    check_record(by=world.by("tom"), item=item, answers=MEETS, second=True)
    assert behind(toms, item)
    assert NOTE in toms.get("/audits/gaps/?service=ALD").content.decode()
    assert toms.get(f"/evidence/{entry}/entry.json").status_code == 200


def test_a_cause_is_read_without_the_gap_that_is_hidden(
    world: World, item: AuditItem, signed_in: Browser
) -> None:
    cause = say_cause(
        by=world.by("ruth"), service=world.alder, theme="T08", why="workflow", reason="No field.",
        gaps=[Gap.objects.get().pk],
    )  # fmt: skip
    for who, reads in (("ruth", True), ("tom", False)):
        page = signed_in(who).get(f"/audits/causes/{cause.pk}/").content.decode()
        assert (NOTE in page) is reads


def test_hidden_is_what_is_due_and_open_for_whoever_asks_and_no_more(
    world: World, item: AuditItem
) -> None:
    check = RecordCheck.objects.get()
    assert hidden_items(world.by("tom")) == {item.pk}
    assert {check.entry} < hidden_entries(world.by("tom"))
    dan = world.people["dan"]
    (told,) = [
        each
        for each in story.story(person=dan.pk, pseudonym=dan.pseudonym, by=world.by("tom"))
        if each.entry == check.entry
    ]
    assert (told.words, "gap" in told.rest) == ("", False)
    for who in ("tessa", "ruth", "queenie", "dan", "helen"):
        assert hidden_entries(world.by(who)) == frozenset()
    assert hidden_items(world.by("tom"), service=world.quayside.pk) == frozenset()
    # What can no longer be read is not checked any more, so nothing is kept from anybody.
    RecordText.objects.all().delete()
    assert hidden_items(world.by("tom")) == frozenset()


def test_who_was_told_of_a_risk_reads_it_and_leaves_the_second_check_to_others(
    world: World, item: AuditItem, signed_in: Browser
) -> None:
    people.grant_access(
        by=world.by("ada"), person=world.people["ruth"],
        role=AccessRole.TEAM_LEADER, service=world.alder,
    )  # fmt: skip
    assert hidden_items(world.by("ruth")) == {item.pk}
    record = a_record(world.alder, an_account(person=world.people["dan"]))
    risky = an_audit(world.alder, [record], twice=True).items.get()
    first(world, risky, "immediate")
    assert hidden_items(world.by("ruth")) == {item.pk}
    page = signed_in("ruth").get(f"/audits/items/{risky.pk}/").content.decode()
    assert "Keep what was done" in page
    with pytest.raises(NotPossible, match="You were told of a risk"):
        check_record(by=world.by("ruth"), item=risky, answers=MEETS, second=True)
