"""Live records for tests of who wrote them."""

from datetime import datetime, timedelta
from typing import Any

from surehand import evidence
from surehand.people.access import COMMAND_LINE
from surehand.people.models import EcmAccount, EcmAccountLink, EcmAccountLinkEnd, Person, Service
from surehand.records.models import LiveRecord
from surehand.timeline import instant, london_date
from tests.records import live


def an_account(
    person: Person | None = None, *, shared: bool = False, reference: str = ""
) -> EcmAccount:
    """A sign-in of the ECM system: of this person, shared, or of nobody known."""
    return live.an_account(reference, person=person, shared=shared)


def a_link(account: EcmAccount, person: Person | None, *, since: datetime) -> EcmAccountLink:
    with evidence.act("account.linked", by=COMMAND_LINE.actor) as act:
        from_date = london_date(instant(since))
        return act.record(EcmAccountLink(account=account, person=person, from_date=from_date))


def ended(link: EcmAccountLink, *, last: datetime) -> None:
    with evidence.act("account.link_ended", by=COMMAND_LINE.actor) as act:
        act.record(EcmAccountLinkEnd(link=link, to_date=london_date(instant(last))))


def wrote(
    account: EcmAccount,
    service: Service,
    at: datetime,
    *,
    late: timedelta = timedelta(),
    **more: Any,
) -> LiveRecord:
    """A note about something at `at`, recorded so much later, of which the words are gone."""
    return live.a_record(service, account, at=at, late=late, kept=False, **more)
