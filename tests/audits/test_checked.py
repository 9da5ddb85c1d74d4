"""Which check of a record holds, at a moment and as known then."""

from datetime import date, datetime, timedelta

import pytest

from surehand import evidence
from surehand.audits.accuracy import estimate, is_accurate
from surehand.audits.checked import checked
from surehand.audits.models import Audit, AuditItem, SelectionFrame
from surehand.audits.quality_queries import Period, checked_in
from surehand.audits.selection import Design
from surehand.audits.selection_actions import select_audit
from tests.audits.made import MEETS, a_check, an_audit
from tests.provider import NOW, World
from tests.records.live import a_record, an_account

LATER = NOW + timedelta(days=1)


@pytest.fixture
def item(world: World) -> AuditItem:
    account = an_account(person=world.people["sam"])
    audit = an_audit(world.alder, [a_record(world.alder, account)])
    found: AuditItem = audit.items.get()
    return found


def test_a_corrected_check_holds_from_then_on(world: World, item: AuditItem) -> None:
    first = a_check(
        item, world.people["tessa"], answers=("not", *MEETS[1:]), gaps=[("complete", "T08")]
    )
    known = evidence.last_seq()
    a_check(item, world.people["tessa"], supersedes=first, at=LATER)
    before, after = checked(at=NOW), checked(at=LATER)
    assert [(c.accurate, c.themes) for c in before] == [(False, {"T08"})]
    assert [(c.accurate, c.themes) for c in after] == [(True, frozenset())]
    assert checked(at=LATER, known=known) == before


def test_of_two_checks_of_one_record_the_first_counts(world: World, item: AuditItem) -> None:
    a_check(item, world.people["helen"], second=True, answers=("not", *MEETS[1:]))
    (second,) = checked(at=NOW)
    a_check(item, world.people["tessa"])
    (first,) = checked(at=NOW)
    assert (second.accurate, first.accurate) == (False, True)


@pytest.mark.parametrize(
    ("answers", "accurate"),
    [
        (MEETS, True),
        (("meets", "na", "meets", "na"), True),
        (("partly", "meets", "meets", "meets"), False),
        (("na", "not", "na", "na"), False),
        (("na", "na", "na", "na"), None),
    ],
)
def test_r18_a_record_is_accurate_that_meets_all_that_is_asked_of_it(
    world: World, item: AuditItem, answers: tuple[str, ...], accurate: bool | None
) -> None:
    a_check(item, world.people["tessa"], answers=answers)
    assert [c.accurate for c in checked(at=NOW, services=[world.alder.pk])] == [accurate]
    assert checked(at=NOW, services=[]) == []


def test_a_record_that_two_audits_could_draw_counts_once_with_the_chance_that_either_did(
    world: World,
) -> None:
    """All notes are accurate and no incident is, and there are as many: half. An audit of both and
    one of incidents alone, counted in each, would say a third."""
    first, last = date(2026, 11, 9), date(2026, 11, 15)
    at = datetime.fromisoformat("2026-11-10T11:00:00+00:00")
    accounts = [an_account(person=world.people[name]) for name in ("dan", "eve", "sam")]
    for account in accounts * 4:
        for kind in ("note", "incident"):
            a_record(world.alder, account, at=at, record_type=kind)
    period = Period(first, last + timedelta(days=1), LATER)

    def audit(kinds: list[str], design: Design) -> Audit:
        with evidence.clock.at(NOW):
            made = select_audit(
                by=world.by("queenie"), service=world.alder, since=first, until=last,
                record_types=kinds, design=design, due=date(2026, 11, 25),
            )  # fmt: skip
        for item in made.items.all():
            no = item.record_type == "incident"
            a_check(item, world.people["tessa"], answers=("not" if no else "meets", *MEETS[1:]))
        return made

    both = audit(["note", "incident"], Design(coverage=2, more=4, agency=0))
    again = audit(["incident"], Design(coverage=3, more=0))
    found = checked_in([world.alder.pk], period)
    drawn = {*both.items.values_list("record_id", flat=True)}
    drawn |= {*again.items.values_list("record_id", flat=True)}
    assert len(found) == len(drawn)
    one, other = 1 - (1 - 1 / 2) * (1 - 4 / 24), 3 / 4
    for record in found:
        incident = record.record_type == "incident"
        assert record.pi == pytest.approx(1 - (1 - one) * (1 - other) if incident else one)
    # All of them checked: the truth; and each audit says its own
    audit(["note", "incident"], Design(coverage=9, more=0))
    found = checked_in([world.alder.pk], period)
    said = estimate(found, is_accurate)
    assert said is not None
    assert (len(found), said.value, said.low) == (24, 0.5, 0.5)
    assert {c.pi for c in checked(at=LATER, audit=again.pk)} == {0.75}
    # Without the lists they were drawn from, as likely as the audit that drew it
    SelectionFrame.objects.all().delete()
    assert len(checked_in([world.alder.pk], period)) == 24
