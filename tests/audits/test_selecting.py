"""Selecting records for an audit: by whom, of which, and what is stored before one is opened."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from surehand import evidence
from surehand.audits import selection
from surehand.audits.check_actions import record_of
from surehand.audits.checked import checked
from surehand.audits.models import Audit, AuditItem, SelectionFrame
from surehand.audits.selection import Design, Frame
from surehand.audits.selection_actions import again, select_audit
from surehand.audits.selection_queries import selectable
from surehand.evidence import checks
from surehand.evidence.refusal import NotPermitted, NotPossible
from surehand.governance import retention
from surehand.people.access import COMMAND_LINE
from surehand.people.models import EcmAccount, Merge
from surehand.records.models import LiveRecord, RecordText
from tests.audits.made import a_check, an_audit
from tests.provider import NOW, World
from tests.records.live import a_record, an_account, noticed

SINCE, UNTIL, DUE = date(2026, 11, 9), date(2026, 11, 15), date(2026, 11, 25)
DAY = datetime.fromisoformat("2026-11-10T11:00:00+00:00")
NIGHT = datetime.fromisoformat("2026-11-11T23:30:00+00:00")
ALL = Design(coverage=100, more=0)


@pytest.fixture(autouse=True)
def _now(world: World) -> Iterator[None]:
    with evidence.clock.at(NOW):
        yield


@pytest.fixture
def accounts(world: World) -> dict[str, EcmAccount]:
    found = {name: an_account(person=world.people[name]) for name in ("dan", "eve", "sam")}
    return {**found, "shared": an_account(shared=True), "unknown": an_account()}


@pytest.fixture
def records(world: World, accounts: dict[str, EcmAccount]) -> list[LiveRecord]:
    """Four notes and two incidents of each."""
    return [
        a_record(world.alder, account, at=at, record_type=kind)
        for account in accounts.values()
        for at, kind in [(DAY, "note")] * 3 + [(NIGHT, "note")] + [(DAY, "incident")] * 2
    ]


def select(world: World, **more: Any) -> Audit:
    said: dict[str, Any] = {
        "by": world.by("queenie"),
        "service": world.alder,
        "since": SINCE,
        "until": UNTIL,
        "record_types": ["note", "incident"],
        "design": Design(coverage=1, more=6),
        "due": DUE,
    }
    return select_audit(**said | more)


def test_the_selection_stands_before_anybody_opens_a_record(
    world: World, records: list[LiveRecord]
) -> None:
    audit = select(world, seed="seven")
    items = list(audit.items.order_by("number"))
    assert audit.records == len(records) == 30
    assert {(i.account_id, i.record_type) for i in items} == {
        (r.account_id, r.record_type) for r in records
    }
    assert [i.number for i in items] == list(range(1, len(items) + 1))
    assert all(0 < i.pi <= 1 for i in items)
    assert {i.author for i in items} == {
        *(world.people[name] for name in ("dan", "eve", "sam")),
        None,
    }
    [entry] = {i.entry for i in items}
    assert entry == audit.entry == evidence.last_seq()
    assert not checks.verify_ledger().problems


def test_the_same_records_come_out_again_though_what_was_noticed_is_answered(
    world: World, records: list[LiveRecord]
) -> None:
    for record in records[:9]:
        noticed(record, "late")
    audit = select(world)
    LiveRecord.objects.filter(pk__in=[r.pk for r in records[10:]]).delete()
    kept = SelectionFrame.objects.get(audit=audit)
    drawn = selection.select(
        Frame.of(bytes(kept.content)), design=Design.of(audit.design), seed=audit.seed
    )
    assert [(one.id, one.pi, list(one.why), one.twice, one.blind) for one in drawn] == list(
        audit.items.order_by("number").values_list("record_id", "pi", "why", "twice", "blind")
    )


def test_a_new_seed_is_drawn_each_time_and_a_follow_up_has_the_same_design(
    world: World, records: list[LiveRecord]
) -> None:
    audit = select(world)
    with evidence.clock.at(NOW + timedelta(days=8)):
        a_record(world.alder, records[0].account, at=NOW)
        following = again(
            audit, since=date(2026, 11, 18), until=date(2026, 11, 24), due=date(2026, 12, 8)
        )
    assert following.follows == audit
    assert following.by is None
    assert (following.design, following.record_types) == (audit.design, audit.record_types)
    assert following.seed != audit.seed
    assert len(audit.seed) == 32


def test_what_makes_a_record_likelier(world: World, accounts: dict[str, EcmAccount]) -> None:
    world.add_person("nina", "Nina Novak")
    world.add_post("nina", world.alder, "CW", start=date(2026, 11, 2))
    new = an_account(person=world.people["nina"])
    rows = {
        "plain": a_record(world.alder, accounts["sam"], at=DAY),
        "signal": a_record(world.alder, accounts["sam"], at=DAY),
        "night": a_record(world.alder, accounts["sam"], at=NIGHT),
        "agency": a_record(world.alder, accounts["eve"], at=DAY),
        "new_starter": a_record(world.alder, new, at=DAY),
        "weak_theme": a_record(world.alder, accounts["sam"], at=DAY, section="skin"),
        "once": a_record(world.alder, accounts["sam"], at=DAY, section="food"),
        "nobody": a_record(world.alder, accounts["shared"], at=DAY),
    }
    noticed(rows["signal"], "late")
    before = [
        a_record(world.alder, accounts["dan"], at=NOW - timedelta(days=30), section=section)
        for section in ("skin", "skin", "food")
    ]
    # What is missing in one record is missing once, though two audits found it.
    items = [*an_audit(world.alder, before).items.all()]
    items += an_audit(world.alder, before[2:]).items.all()
    for item in items:
        a_check(item, world.people["tessa"], answers=("not", "meets", "meets", "meets"),
                gaps=[("complete", "T08")])  # fmt: skip
    found = selectable(world.alder, since=SINCE, until=UNTIL, record_types=["note"], at=NOW)
    bits = dict(zip(found.keys.tolist(), found.frame.risks.tolist(), strict=True))
    said = {
        name: [r for n, r in enumerate(selection.RISKS) if bits[row.pk] >> n & 1]
        for name, row in rows.items()
    }
    assert said == {name: [name] if name in selection.RISKS else [] for name in rows}


def test_r14_merged_people_are_one_author(world: World, accounts: dict[str, EcmAccount]) -> None:
    for name in ("dan", "sam"):
        a_record(world.alder, accounts[name], at=DAY)

    def strata() -> int:
        found = selectable(world.alder, since=SINCE, until=UNTIL, record_types=["note"], at=NOW)
        return len(set(found.frame.strata.tolist()))

    assert strata() == 2
    with evidence.act("person.merged", by=COMMAND_LINE.actor) as act:
        act.record(Merge(person=world.people["dan"], into=world.people["sam"]))
    assert strata() == 1


def test_only_what_holds_in_the_period_is_chosen(
    world: World, accounts: dict[str, EcmAccount]
) -> None:
    first = datetime.fromisoformat("2026-11-09T00:00:00+00:00")
    last = datetime.fromisoformat("2026-11-15T23:59:59.999999+00:00")
    zero = timedelta(0)
    inside = [a_record(world.alder, accounts["dan"], at=at, late=zero) for at in (first, last)]
    for at in (first - timedelta(seconds=1), last + timedelta(microseconds=1)):
        a_record(world.alder, accounts["dan"], at=at, late=zero)
    a_record(world.alder, accounts["dan"], at=DAY, replaced_by=evidence.last_seq())
    a_record(world.alder, accounts["dan"], at=DAY, version=2, change_type="void")
    a_record(world.alder, accounts["dan"], at=DAY, record_type="incident")
    a_record(world.quayside, accounts["dan"], at=DAY)
    audit = select(world, record_types=["note"], design=ALL)
    assert set(audit.items.values_list("record_id", flat=True)) == {r.record_id for r in inside}


def test_what_was_selected_can_be_read_until_it_is_audited(
    world: World, records: list[LiveRecord]
) -> None:
    beside = a_record(world.alder, records[0].account, at=DAY - timedelta(days=5))
    noticed(records[0], "copied", beside=beside)
    longer = RecordText.objects.filter(record=records[1])
    longer.update(keep_until=datetime.fromisoformat("2027-03-01T00:00:00+00:00"))
    select(world, design=ALL)
    kept = dict(RecordText.objects.values_list("record_id", "keep_until"))
    until = datetime.fromisoformat("2026-12-24T00:00:00+00:00")
    assert kept[records[0].pk] == kept[beside.pk] == until
    assert kept[records[1].pk] == datetime.fromisoformat("2027-03-01T00:00:00+00:00")


def test_what_was_selected_goes_at_its_end_and_what_was_found_stays(
    world: World, records: list[LiveRecord]
) -> None:
    noticed(records[1], "late_entry")
    end = datetime.fromisoformat("2026-12-24T00:00:00+00:00")
    audit = select(world, record_types=["note"], design=ALL)
    incidents = [record for record in records if record.record_type == "incident"]
    check = a_check(audit.items.get(record_id=records[0].record_id), world.people["tessa"])

    def kept() -> set[int]:
        retention.apply()
        return set(RecordText.objects.values_list("record", flat=True))

    with evidence.clock.at(end - timedelta(minutes=1)):
        # Longer than by itself: the others have gone.
        assert kept() == {record.pk for record in records} - {record.pk for record in incidents}
    with evidence.clock.at(end):
        assert kept() == {records[1].pk}, "but for what waits to be looked at"
        assert record_of(check.item) == records[0]
        assert [one.check for one in checked(at=end)] == [check.pk]


@pytest.mark.parametrize("name", ["tessa", "ruth", "helen", "paul", "nadia", "ada", "dan"])
def test_only_a_quality_lead_selects(world: World, records: list[LiveRecord], name: str) -> None:
    with pytest.raises(NotPermitted):
        select(world, by=world.by(name))
    with pytest.raises(NotPermitted):
        select(world, by=COMMAND_LINE)
    assert not Audit.objects.exists()


def test_only_a_follow_up_selects_itself(world: World, records: list[LiveRecord]) -> None:
    with pytest.raises(NotPermitted, match="Only a follow-up audit selects itself"):
        select(world, by=None)


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"since": UNTIL, "until": SINCE}, "The first day comes after the last"),
        ({"until": NOW.date()}, "The last day must be over"),
        ({"since": date(2026, 8, 1), "until": date(2026, 11, 10)}, "at most 92 days"),
        ({"since": date(2026, 9, 13)}, "went live on 14 September 2026"),
        ({"record_types": []}, "at least one kind"),
        ({"record_types": ["note", "poem"]}, "no kind of record “poem”"),
        ({"due": NOW.date() - timedelta(days=1)}, "The last day for the checks"),
        ({"due": NOW.date() + timedelta(days=57)}, "The last day for the checks"),
        ({"record_types": ["handover"]}, "No record of this kind was written"),
    ],
)
def test_what_cannot_be_selected_is_refused_with_why(
    world: World, records: list[LiveRecord], more: dict[str, Any], why: str
) -> None:
    with pytest.raises(NotPossible, match=why):
        select(world, **more)
    assert not Audit.objects.exists()
    assert not RecordText.objects.filter(keep_until__isnull=False).exists()


def test_records_without_their_words_make_no_false_rate(
    world: World, records: list[LiveRecord]
) -> None:
    RecordText.objects.filter(record=records[3]).delete()
    with pytest.raises(NotPossible, match="The words of 1 record of this period are no longer"):
        select(world)


def test_the_same_records_are_not_selected_twice_while_their_audit_is_open(
    world: World, records: list[LiveRecord]
) -> None:
    audit = select(world)
    with pytest.raises(NotPossible, match="being audited already, until 25 November 2026"):
        select(world)
    select(world, record_types=["note"])
    for item in AuditItem.objects.filter(audit=audit):
        a_check(item, world.people["tessa"])
    assert select(world).pk != audit.pk
