"""Live records for tests of who wrote them, written past every file."""

from datetime import datetime, timedelta
from itertools import count

from surehand import evidence
from surehand.people.access import COMMAND_LINE
from surehand.people.models import (
    EcmAccount,
    EcmAccountDetails,
    EcmAccountLink,
    EcmAccountLinkEnd,
    Person,
    Service,
)
from surehand.records.models import LiveRecord, Subject
from surehand.timeline import instant, london_date
from tests.provider import START

_next = count(1)


def an_account(
    person: Person | None = None,
    *,
    shared: bool = False,
    reference: str = "",
    since: datetime = START,
) -> EcmAccount:
    """A sign-in of the ECM system: of this person, shared, or of nobody known."""
    number = next(_next)
    with evidence.act("accounts.imported", by=COMMAND_LINE.actor) as act:
        account = act.record(EcmAccount(pseudonym=f"{number:032x}"))
    EcmAccountDetails.objects.create(account=account, reference=reference or f"ecm-{number}")
    if person or shared:
        a_link(account, person, since=since)
    return account


def a_link(account: EcmAccount, person: Person | None, *, since: datetime) -> EcmAccountLink:
    with evidence.act("accounts.imported", by=COMMAND_LINE.actor) as act:
        from_date = london_date(instant(since))
        return act.record(EcmAccountLink(account=account, person=person, from_date=from_date))


def ended(link: EcmAccountLink, *, last: datetime) -> None:
    with evidence.act("accounts.imported", by=COMMAND_LINE.actor) as act:
        act.record(EcmAccountLinkEnd(link=link, to_date=london_date(instant(last))))


def wrote(
    account: EcmAccount,
    service: Service,
    at: datetime,
    *,
    late: timedelta = timedelta(),
    record_id: str = "",
    version: int = 1,
    replaced_by: int | None = None,
) -> LiveRecord:
    """A note about something at `at`, recorded so much later."""
    subject, _ = Subject.objects.get_or_create(
        pseudonym=f"joyce-{service.code}", defaults={"service": service, "seen_at": at}
    )
    return LiveRecord.objects.create(
        record_id=record_id or f"r{next(_next)}",
        version=version,
        service=service,
        subject=subject,
        account=account,
        record_type="note",
        occurred_at=at,
        recorded_at=at + late,
        profile="residential-nursing 1.0",
        digest=b"",
        entry=evidence.last_seq(),
        replaced_by=replaced_by,
    )
