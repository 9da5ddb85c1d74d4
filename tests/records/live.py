"""Live records for tests, and what was noticed in them, written past every file and rule."""

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from surehand import evidence
from surehand.people.access import COMMAND_LINE
from surehand.people.models import (
    EcmAccount,
    EcmAccountDetails,
    EcmAccountLink,
    Person,
    Service,
)
from surehand.records import sealed
from surehand.records.models import (
    LiveRecord,
    RaisedAlert,
    RecordText,
    Screened,
    Signal,
    Subject,
)
from surehand.timeline import instant, london_date
from tests.provider import NOW


def an_account(
    reference: str = "", *, person: Person | None = None, shared: bool = False
) -> EcmAccount:
    """A sign-in of the ECM system: of this person, shared, or of somebody not known."""
    with evidence.act("accounts.imported", by=COMMAND_LINE.actor) as act:
        account = act.record(EcmAccount(pseudonym=uuid4().hex))
        if person or shared:
            from_date = london_date(instant(NOW - timedelta(days=120)))
            act.record(EcmAccountLink(account=account, person=person, from_date=from_date))
    reference = reference or account.pseudonym[:8]
    EcmAccountDetails.objects.create(account=account, reference=reference)
    return account


def somebody(service: Service, name: str = "Joyce Hartley") -> Subject:
    """Somebody supported."""
    found = Subject.objects.filter(pseudonym=sealed.pseudonym(name, service=service.code)).first()
    return found or Subject.objects.create(
        service=service,
        pseudonym=sealed.pseudonym(name, service=service.code),
        name=sealed.seal(name),
        seen_at=NOW,
    )


def a_record(
    service: Service,
    account: EcmAccount,
    text: str = "Joyce had a quiet morning.",
    *,
    at: datetime = NOW - timedelta(hours=20),
    late: timedelta = timedelta(minutes=10),
    record_type: str = "note",
    section: str = "wellbeing",
    subject: Subject | None = None,
    fields: dict[str, Any] | None = None,
    responds_to: str = "",
    kept: bool = True,
    **more: Any,
) -> LiveRecord:
    """A record of something that happened at `at` and was written `late`."""
    record = LiveRecord.objects.create(
        record_id=more.pop("record_id", uuid4().hex[:12]),
        service=service,
        subject=subject or somebody(service),
        account=account,
        record_type=record_type,
        section=section,
        occurred_at=at,
        recorded_at=at + late,
        responds_to=responds_to,
        profile="residential-nursing 1.0",
        digest=sealed.digest(text),
        entry=more.pop("entry", evidence.last_seq()),
        **more,
    )
    if kept:
        RecordText.objects.create(
            record=record,
            content=sealed.seal(json.dumps({"text": text, "fields": fields or {}})),
        )
    return record


def an_alert(
    service: Service, *, at: datetime = NOW - timedelta(hours=8), alert_type: str = "help_call"
) -> RaisedAlert:
    """An alert that rang."""
    return RaisedAlert.objects.create(
        alert_id=uuid4().hex[:12],
        service=service,
        subject=somebody(service),
        alert_type=alert_type,
        raised_at=at,
        digest=sealed.digest(alert_type),
        entry=evidence.last_seq(),
    )


def noticed(
    row: LiveRecord | RaisedAlert,
    *codes: str,
    strength: str = "sound",
    words: tuple[int, int] = (-1, 0),
    beside: LiveRecord | None = None,
) -> Screened:
    """What screening found in it: signals of these codes, at these `words` of the text."""
    is_record = isinstance(row, LiveRecord)
    screened, _ = Screened.objects.get_or_create(
        record=row if is_record else None,
        alert=None if is_record else row,
        defaults={
            "service": row.service,
            "at": row.recorded_at if isinstance(row, LiveRecord) else row.raised_at,
            "ruleset": "test",
        },
    )
    for code in codes:
        Signal.objects.create(
            screened=screened,
            code=code,
            strength=strength,
            start=words[0],
            length=words[1],
            beside=beside,
        )
    return screened
