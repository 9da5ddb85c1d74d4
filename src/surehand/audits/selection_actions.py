"""The only writer of selections (2.1)."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime

from django.db.models import Q

from surehand import evidence
from surehand.audits import selection
from surehand.audits import selection_policies as policies
from surehand.audits.models import Audit, AuditItem, Refresher, SelectionFrame
from surehand.audits.selection import Design, Selected
from surehand.audits.selection_queries import Found, selectable
from surehand.ecm.queries import profile_for
from surehand.evidence import SYSTEM, randomness
from surehand.people.access import By
from surehand.people.models import Service
from surehand.people.queries import go_live_dates
from surehand.records.authors import Accounts
from surehand.records.models import LiveRecord, RecordText, Signal
from surehand.timeline import end_of, instant, london_date, london_midnight, moment

MANY = 500
"""Rows that one statement names."""


def select_audit(
    *,
    by: By | None,
    service: Service,
    since: date,
    until: date,
    record_types: Collection[str],
    design: Design,
    due: date,
    seed: str | None = None,
    follows: Audit | None = None,
    refresher: Refresher | None = None,
) -> Audit:
    """Select records written from `since` to `until` (London days, both included) to be checked by
    `due`, with the probability each had, before anybody opens one. What they say is kept for that
    long and four weeks. Without `by` a follow-up selects itself; without a `seed` nobody can
    foresee what is drawn.

    Raises NotPermitted or NotPossible.
    """
    policies.check_who(by, service=service.pk, follows=follows)
    seed = seed or randomness.token_bytes(16).hex()
    with evidence.act("audit.selected", by=by.actor if by else SYSTEM) as act:
        now = act.recorded_at
        today = london_date(instant(now))
        policies.check_due(due, today=today)
        found = check_selectable(
            service, since=since, until=until, record_types=record_types, at=now
        )
        wanted = Audit(
            service=service,
            since=moment(london_midnight(since)),
            until=moment(end_of(until)),
            record_types=sorted(set(record_types)),
            design=design.as_json(),
            seed=seed,
            records=len(found.frame),
            due=due,
            follows=follows,
            refresher=refresher,
            by_id=by.acting() if by else None,
        )
        policies.check_not_open(policies.open_audit(wanted, today=today))
        audit = act.record(wanted)
        chosen = selection.select(found.frame, design=design, seed=seed)
        keys = [int(found.keys[one.row]) for one in chosen]
        act.record_all(_items(audit, chosen, keys), batch_size=MANY)
        _keep_words(keys, until=moment(end_of(due + policies.READ_AFTER)))
        frame = found.frame.as_bytes()
        SelectionFrame.objects.create(
            audit=audit, entry=act.seq, content=frame, salt=act.commit(frame).salt
        )
        act.state(
            service=service.code,
            since=since.isoformat(),
            until=until.isoformat(),
            record_types=audit.record_types,
            records=audit.records,
            chosen=len(chosen),
            design=audit.design,
            seed=seed,
        )
    return audit


def check_selectable(
    service: Service, *, since: date, until: date, record_types: Collection[str], at: datetime
) -> Found:
    """The records that would be selected from: what a size is shown of before anything is selected.

    Raises NotPossible.
    """
    today = london_date(instant(at))
    live = go_live_dates().get(service.pk)
    policies.check_period(since, until, today=today, live=live)
    profile = profile_for(service.setting, at=at)
    policies.check_record_types(record_types, known=[one.code for one in profile.record_types])
    found = selectable(service, since=since, until=until, record_types=record_types, at=at)
    policies.check_records(len(found.frame), gone=found.gone)
    return found


def again(
    audit: Audit,
    *,
    by: By | None = None,
    since: date,
    until: date,
    due: date,
    refresher: Refresher | None = None,
) -> Audit:
    """Select by the design of an audit once more, from another period and with a new seed.

    Raises NotPermitted or NotPossible.
    """
    return select_audit(
        by=by,
        service=audit.service,
        since=since,
        until=until,
        record_types=audit.record_types,
        design=Design.of(audit.design),
        due=due,
        follows=audit,
        refresher=refresher,
    )


def _items(audit: Audit, chosen: Sequence[Selected], keys: Sequence[int]) -> Iterable[AuditItem]:
    records = {
        record.pk: record
        for some in _parts(keys)
        for record in LiveRecord.objects.filter(pk__in=some)
    }
    accounts = Accounts.read({record.account_id for record in records.values()})
    for number, (one, key) in enumerate(zip(chosen, keys, strict=True), 1):
        record = records[key]
        yield AuditItem(
            audit=audit,
            number=number,
            record_id=record.record_id,
            version=record.version,
            record_type=record.record_type,
            section=record.section,
            account_id=record.account_id,
            author=accounts.at(record.account_id, record.recorded_at).person,
            written_at=record.recorded_at,
            pi=one.pi,
            why=list(one.why),
            blind=one.blind,
            twice=one.twice,
        )


def _keep_words(keys: Sequence[int], *, until: datetime) -> None:
    """Keep what these records say, and those that signals show beside them, until then."""
    for some in _parts(keys):
        beside = Signal.objects.filter(screened__record__in=some, beside__isnull=False)
        RecordText.objects.filter(
            Q(keep_until__isnull=True) | Q(keep_until__lt=until),
            Q(record__in=some) | Q(record__in=beside.values("beside")),
        ).update(keep_until=until)


def _parts(keys: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(keys), MANY):
        yield keys[start : start + MANY]
