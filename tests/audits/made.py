"""Record audits for tests, written past every page and policy: selected, checked, with gaps."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from surehand import evidence
from surehand.audits.models import Audit, AuditItem, Criterion, Gap, RecordCheck
from surehand.people.access import COMMAND_LINE
from surehand.people.models import Person, Service
from surehand.records.authors import author_of
from surehand.records.models import LiveRecord
from surehand.timeline import instant, london_date
from tests.provider import NOW

MEETS = ("meets", "meets", "meets", "meets")


def an_audit(
    service: Service,
    records: Sequence[LiveRecord] = (),
    *,
    pi: float = 0.5,
    blind: bool = False,
    twice: bool = False,
    why: Sequence[str] = ("coverage",),
    at: datetime = NOW,
    **more: Any,
) -> Audit:
    """These records of a service, selected."""
    with evidence.clock.at(at), evidence.act("audit.selected", by=COMMAND_LINE.actor) as act:
        act.state(service=service.code, records=len(records), chosen=len(records))
        audit = act.record(
            Audit(
                service=service,
                since=more.pop("since", at - timedelta(days=7)),
                until=more.pop("until", at),
                record_types=sorted({record.record_type for record in records}),
                seed="test",
                records=len(records),
                due=london_date(instant(at + timedelta(days=7))),
                **more,
            )
        )
        for number, record in enumerate(records, 1):
            author = author_of(record.account_id, record.recorded_at)
            act.record(
                AuditItem(
                    audit=audit,
                    number=number,
                    record_id=record.record_id,
                    version=record.version,
                    record_type=record.record_type,
                    section=record.section,
                    account=record.account,
                    author=author.person if author else None,
                    written_at=record.recorded_at,
                    pi=pi,
                    why=list(why),
                    blind=blind,
                    twice=twice,
                )
            )
    return audit


def a_check(
    item: AuditItem,
    by: Person,
    *,
    answers: Sequence[str] = MEETS,
    gaps: Iterable[tuple[str, str]] = (),
    severity: str = "minor",
    second: bool = False,
    at: datetime = NOW,
    **more: Any,
) -> RecordCheck:
    """Answers in the order of Criterion; gaps as (criterion, theme)."""
    with evidence.clock.at(at), evidence.act("record.checked", by=COMMAND_LINE.actor) as act:
        check = act.record(
            RecordCheck(
                item=item,
                second=second,
                subject=more.pop("subject", item.author),
                by=by,
                **dict(zip(Criterion.values, answers, strict=True)),
                **more,
            )
        )
        if item.author:
            act.about(item.author.pseudonym)
        act.state(service=item.audit.service.code, answers=list(answers), told=False)
        for criterion, theme in gaps:
            act.record(Gap(check_of=check, criterion=criterion, theme=theme, severity=severity))
    return check
