"""When records can be selected for an audit. Each check refuses with a sentence."""

from collections.abc import Collection
from datetime import date, timedelta

from django.db.models import Exists, OuterRef

from surehand.audits.models import Audit, AuditItem, RecordCheck
from surehand.evidence.refusal import NotPermitted, NotPossible
from surehand.people.access import Action, By, check_may
from surehand.ui.formats import day, plural

LONGEST = timedelta(days=92)
"""A period is no longer: what was written before is kept in no home that long."""
TO_CHECK = timedelta(days=56)
"""So far ahead the last day for its checks may be."""
READ_AFTER = timedelta(days=28)
"""So long after the last day for the checks what the records say can still be read."""


def check_who(by: By | None, *, service: int, follows: Audit | None) -> None:
    """A quality lead; a follow-up selects itself. Raises NotPermitted."""
    if by is not None:
        check_may(by, Action.SELECT_AUDIT, service=service)
        by.acting()
    elif follows is None:
        raise NotPermitted("Only a follow-up audit selects itself.")


def check_period(since: date, until: date, *, today: date, live: date | None) -> None:
    """Whole London days that are over, since the service has been live."""
    if since > until:
        raise NotPossible("The first day comes after the last. Change one of them.")
    if until >= today:
        raise NotPossible(
            f"The last day must be over, so that all its records are there: {day(today)} is not."
        )
    if until - since >= LONGEST:
        raise NotPossible(f"Choose a period of at most {LONGEST.days} days.")
    if live is None:
        raise NotPossible("This service has no go-live date, so it has no live records yet.")
    if since < live:
        raise NotPossible(
            f"This service went live on {day(live)}. Choose that day as the first, or a later one."
        )


def check_record_types(record_types: Collection[str], *, known: Collection[str]) -> None:
    if not record_types:
        raise NotPossible("Choose at least one kind of record.")
    if unknown := set(record_types) - set(known):
        raise NotPossible(
            f"The ECM profile of this service has no kind of record “{min(unknown)}”."
        )


def check_due(due: date, *, today: date) -> None:
    if not today <= due <= today + TO_CHECK:
        raise NotPossible(
            "The last day for the checks is today or later, and within "
            f"{TO_CHECK.days // 7} weeks: until then what the records say is kept."
        )


def check_records(count: int, *, gone: int) -> None:
    """At least one, and every one still with its words: those that are kept longer are not like
    the others, and would make a false rate."""
    if gone:
        raise NotPossible(
            f"The words of {plural(gone, 'record')} of this period are no longer kept, and the "
            "others would not stand for them. Choose a later first day."
        )
    if not count:
        raise NotPossible("No record of this kind was written in this period. Choose another.")


def check_not_open(found: Audit | None) -> None:
    if found:
        raise NotPossible(
            f"The same records are being audited already, until {day(found.due)}. Finish that "
            "audit, or choose another period."
        )


def open_audit(wanted: Audit, *, today: date) -> Audit | None:
    """An audit of the same records whose checks are not done; None where there is none."""
    waiting = AuditItem.objects.filter(audit=OuterRef("pk")).filter(
        ~Exists(RecordCheck.objects.filter(item=OuterRef("pk"), void=None, superseded_by=None))
    )
    same = Audit.objects.filter(
        Exists(waiting),
        service=wanted.service,
        since=wanted.since,
        until=wanted.until,
        due__gte=today,
    )
    return next((one for one in same if one.record_types == wanted.record_types), None)
