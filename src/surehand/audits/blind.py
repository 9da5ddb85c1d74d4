"""What somebody does not read yet: answers about records that they may still check a second time.

Two checks of one record say whether auditors agree only where they know nothing of each other. So
until the second is recorded, whoever may yet make it is shown nothing of the first, on any page.
"""

from collections.abc import Collection

from django.db.models import Exists, OuterRef, QuerySet

from surehand.audits.check_queries import places_of
from surehand.audits.models import (
    AuditItem,
    EscalationTaken,
    FindingReply,
    RecordCheck,
    RecordCheckVoid,
)
from surehand.people.access import Action, By

HIDDEN = "What it says is hidden from you until the second check of its record is recorded."


def hidden_items(by: By, *, service: int | None = None) -> frozenset[int]:
    """The records of audits whose answers `by` does not read yet, of all services or of one; no
    statement for whoever checks no records there."""
    services = by.services(Action.CHECK_RECORDS)
    if service is not None:
        services &= {service}
    if not services:
        return frozenset()
    items = AuditItem.objects.filter(Exists(_made()), audit__service__in=services, twice=True)
    waiting = items.exclude(Exists(_holds(second=False)) & Exists(_holds(second=True)))
    return frozenset(place.item.pk for place in places_of(waiting, by=by) if place.open)


def hidden_entries(by: By) -> frozenset[int]:
    """The ledger entries that tell of those answers: the checks, and what was said to them."""
    items = hidden_items(by)
    return entries_of(items) if items else frozenset()


def entries_of(items: Collection[int]) -> frozenset[int]:
    """The entries of every check of these records, and of what came of each; one statement."""
    checks = RecordCheck.objects.filter(item__in=items).order_by()
    its = checks.values("pk")
    told = (
        RecordCheckVoid.objects.filter(check_of__in=its),
        FindingReply.objects.filter(check_of__in=its),
        EscalationTaken.objects.filter(escalation__gap__check_of__in=its),
    )
    found = checks.values_list("entry", flat=True)
    return frozenset(
        found.union(*(rows.order_by().values_list("entry", flat=True) for rows in told))
    )


def left_out(count: int) -> str:
    """That records are left out of a list; nothing where none is."""
    if not count:
        return ""
    which, waits, it = (
        ("One record", "waits", "it") if count == 1 else (f"{count:,} records", "wait", "them")
    )
    return (
        f"{which} checked once {waits} for a second check, which may be yours: what was found in "
        f"{it} is left out here until then."
    )


def _made() -> QuerySet[RecordCheck]:
    return RecordCheck.objects.filter(item=OuterRef("pk"))


def _holds(*, second: bool) -> QuerySet[RecordCheck]:
    return _made().filter(second=second, void=None, superseded_by=None)
