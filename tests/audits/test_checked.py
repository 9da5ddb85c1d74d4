"""Which check of a record holds, at a moment and as known then."""

from datetime import timedelta

import pytest

from surehand import evidence
from surehand.audits.checked import checked
from surehand.audits.models import AuditItem
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
