"""Screens the live records of a service whose words are still kept, and replaces what was noticed.

Every run reads the whole replay window again and knows nothing of the last one: twice changes
nothing, and a changed word list or ECM profile applies to the past of the window. What came in
before the window keeps its last screening.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa
from django.db.models import Q, QuerySet

from surehand import evidence
from surehand.ecm.queries import profile_for
from surehand.ecm.screening_rules import ruleset_of
from surehand.evidence import canonical
from surehand.evidence.models import Entry
from surehand.people.models import Service
from surehand.records import sealed
from surehand.records.keeping import REPLAY
from surehand.records.models import (
    LiveRecord,
    RaisedAlert,
    Screened,
    Signal,
    Subject,
)
from surehand.records.own_words import words_in_force
from surehand.records.said import said_in
from surehand.records.screening_task import soon
from surehand.records.signal_queries import ALERT
from surehand.screening import NAMES, RECORDS, Ruleset, Words, screen

BATCH = 2_000
"""Rows that stand in memory as Python at one time."""
TRIES = 3
SCREENED = "records.screened"
_CHANGES_WHAT_IS_FOUND = (
    "records.imported",
    "alerts.imported",
    "profile.published",
    "screening_words.changed",
    "retention.applied",
    "supported.erased",
    SCREENED,
)

Reason = tuple[str, str, str, int, int]  # code, strength, the other row's id, start, length


@dataclass(frozen=True)
class Found:
    """What screening found in one row: how many words it has, and the reasons."""

    words: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Window:
    """The rows of a service that are screened, as Arrow, and their keys by the id used there."""

    records: pa.Table
    names: pa.Table
    keys: Mapping[str, int]  # "r:…" a record's, "a:…" an alert's


def ruleset_for(service: Service, *, at: datetime, words: Words | None = None) -> Ruleset:
    """The rules that hold there: of the ECM profile in force, with the provider's own words."""
    profile = profile_for(service.setting, at=at)
    return ruleset_of(profile, service.setting, words or words_in_force())


def screen_service(service: Service) -> int | None:
    """Screen a service. Answers the entry; None, and nothing written, where nothing changed, or
    where it was overtaken too often: a worker is then to do it again."""
    for _ in range(TRIES):
        try:
            return _screen_service(service)
        except _Overtaken:
            continue
    soon([service.pk])  # what overtook it may have been another service's
    return None


class _Overtaken(Exception):
    """Something came in while the rows were read, so what was found may be of before."""


class _NothingToDo(Exception):
    """Rolls the act back, so that no entry is made."""


def _screen_service(service: Service) -> int | None:
    now, seq = evidence.clock.now(), evidence.last_seq()
    ruleset = ruleset_for(service, at=now)
    window = read_window(service, at=now)
    found = noticed_in(window, ruleset)
    try:
        with evidence.act(SCREENED, by=evidence.SYSTEM) as act:
            if _is_overtaken(service, since=seq):
                raise _Overtaken
            changed = _replace(service, window, ruleset, found)
            if not changed:
                raise _NothingToDo
            act.state(
                service=service.code,
                ruleset=ruleset.version,
                screened=len(found),
                changed=changed,
                noticed=dict(
                    sorted(
                        Counter(
                            code
                            for each in found.values()
                            for code in {reason[0] for reason in each.reasons}
                        ).items()
                    )
                ),
            )
            return act.seq
    except _NothingToDo:
        return None


def _is_overtaken(service: Service, *, since: int) -> bool:
    """Workers screen other services meanwhile; only this one's screening overtakes."""
    later = Entry.objects.filter(seq__gt=since, kind__in=_CHANGES_WHAT_IS_FOUND)
    return any(
        entry.kind != SCREENED
        or canonical.loads(bytes(entry.content))["state"]["service"] == service.code
        for entry in later.iterator()
    )


# --- From rows to Arrow ---------------------------------------------------------------------------


def _in_window(rows: QuerySet[Any], at: datetime) -> QuerySet[Any]:
    """Those that hold and came in within the replay window."""
    return rows.filter(replaced_by__isnull=True, entry__gt=evidence.seq_at(moment=at - REPLAY))


def _records(service: Service, at: datetime) -> "QuerySet[LiveRecord]":
    return _in_window(LiveRecord.objects.filter(service=service, words__isnull=False), at)


def _alerts(service: Service, at: datetime) -> "QuerySet[RaisedAlert]":
    return _in_window(RaisedAlert.objects.filter(service=service), at)


def read_window(service: Service, *, at: datetime) -> Window:
    """The rows of the replay window, batch by batch: only what is in Arrow grows with them."""
    keys: dict[str, int] = {}
    answered: dict[str, str] = {}  # which record the ECM system says answers which alert
    batches: list[pa.RecordBatch] = []
    alerts: set[str] = set()
    for batch in _batched(_alerts(service, at).order_by("pk").iterator(chunk_size=BATCH)):
        for alert in batch:
            alerts.add(alert.alert_id)
            keys[f"a:{alert.alert_id}"] = alert.pk
            if alert.response_record_id:
                answered[alert.response_record_id] = alert.alert_id
        batches.append(_arrow(_alert_row(alert) for alert in batch))
    records = _records(service, at).select_related("words").order_by("pk")
    for batch in _batched(records.iterator(chunk_size=BATCH)):
        rows = []
        for record in batch:
            try:
                said = said_in(record.words.content)
            except sealed.Unreadable:
                continue  # its key was erased: it keeps its last screening
            keys[f"r:{record.record_id}"] = record.pk
            to = record.responds_to or answered.get(record.record_id, "")
            rows.append(
                {
                    **_row(record, f"r:{record.record_id}"),
                    "author_id": str(record.account_id),
                    "record_type": record.record_type,
                    "section": record.section,
                    "occurred_at": record.occurred_at,
                    "recorded_at": record.recorded_at,
                    "text": said.text,
                    "fields": json.dumps(said.fields) if said.fields else "",
                    "responds_to": f"{'a' if to in alerts else 'r'}:{to}" if to else "",
                    "version": record.version,
                    "change_type": record.change_type,
                }
            )
        batches.append(_arrow(rows))
    return Window(pa.Table.from_batches(batches, RECORDS), _names(service), keys)


def _alert_row(alert: RaisedAlert) -> dict[str, Any]:
    return {
        **_row(alert, f"a:{alert.alert_id}"),
        "author_id": "",
        "record_type": ALERT,
        "section": alert.alert_type,
        "occurred_at": alert.raised_at,
        "recorded_at": alert.raised_at,
        "text": "",
        "fields": "",
        "responds_to": "",
        "version": 1,
        "change_type": "create",
    }


def _row(row: LiveRecord | RaisedAlert, name: str) -> dict[str, Any]:
    return {
        "record_id": name,
        "service_id": str(row.service_id),
        "subject_id": str(row.subject_id),
    }


def _arrow(rows: Iterable[dict[str, Any]]) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist(list(rows), RECORDS)


def _names(service: Service) -> pa.Table:
    rows = []
    for subject in Subject.objects.filter(service=service).exclude(name=b""):
        try:
            name = sealed.unseal(subject.name)
        except sealed.Unreadable:
            continue
        rows.append({"service_id": str(service.pk), "subject_id": str(subject.pk), "name": name})
    return pa.Table.from_pylist(rows, NAMES)


def _batched(rows: Iterable[Any]) -> Iterator[list[Any]]:
    batch: list[Any] = []
    for row in rows:
        batch.append(row)
        if len(batch) >= BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


# --- From Arrow to signals ------------------------------------------------------------------------


def noticed_in(window: Window, ruleset: Ruleset) -> dict[str, Found]:
    """What is noticed in each row, by the id used in the window."""
    if not len(window.records):
        return {}
    salt = sealed.digest("screening")
    out = screen(window.records, ruleset, names=window.names, salt=salt)
    found = {}
    for batch in out.to_batches(max_chunksize=BATCH):
        for row in batch.to_pylist():
            found[row["record_id"]] = Found(row["words"], _reasons(row["reasons"]))
    return found


def _reasons(said: Iterable[Mapping[str, Any]]) -> tuple[Reason, ...]:
    """One for each code and place, in the order they came."""
    once: dict[tuple[str, int], Reason] = {}
    for one in said:
        once.setdefault(
            (one["code"], one["span_start"]),
            (
                one["code"],
                one["strength"],
                one["evidence_record_id"],
                one["span_start"],
                one["span_len"],
            ),
        )
    return tuple(once.values())


def _replace(service: Service, window: Window, ruleset: Ruleset, found: Mapping[str, Found]) -> int:
    """Write what is different from what stands there. Answers in how many rows."""
    stale = Screened.objects.filter(service=service).filter(
        Q(record__replaced_by__isnull=False) | Q(alert__replaced_by__isnull=False)
    )
    gone = stale.count()
    stale.delete()
    stands = _stands(service)
    changed = [
        name
        for name, each in found.items()
        if stands.get(name) != (ruleset.version, each.words, _with_keys(each, window))
    ]
    for names in _batched(changed):
        _write(service, window, ruleset, {name: found[name] for name in names})
    return gone + len(changed)


def _with_keys(each: Found, window: Window) -> frozenset[tuple[str, str, int | None, int, int]]:
    return frozenset(
        (code, strength, _beside(other, window), start, length)
        for code, strength, other, start, length in each.reasons
    )


def _beside(name: str, window: Window) -> int | None:
    return window.keys.get(name) if name.startswith("r:") else None


def _stands(service: Service) -> dict[str, tuple[Any, ...]]:
    """What was found last, of every row of the service; two statements."""
    signals: dict[int, set[tuple[str, str, int | None, int, int]]] = {}
    rows = Signal.objects.filter(screened__service=service).values_list(
        "screened_id", "code", "strength", "beside_id", "start", "length"
    )
    for screened, code, strength, beside, start, length in rows.iterator(chunk_size=BATCH):
        signals.setdefault(screened, set()).add((code, strength, beside, start, length))
    screened_rows = Screened.objects.filter(service=service).values_list(
        "pk", "record__record_id", "alert__alert_id", "ruleset", "words"
    )
    return {
        f"r:{record}" if record is not None else f"a:{alert}": (
            ruleset,
            words,
            frozenset(signals.get(pk, ())),
        )
        for pk, record, alert, ruleset, words in screened_rows.iterator(chunk_size=BATCH)
    }


def _write(service: Service, window: Window, ruleset: Ruleset, found: Mapping[str, Found]) -> None:
    records = {window.keys[name]: name for name in found if name.startswith("r:")}
    alerts = {window.keys[name]: name for name in found if name.startswith("a:")}
    Screened.objects.filter(Q(record__in=records) | Q(alert__in=alerts)).delete()
    at = dict(LiveRecord.objects.filter(pk__in=records).values_list("pk", "recorded_at"))
    rang = dict(RaisedAlert.objects.filter(pk__in=alerts).values_list("pk", "raised_at"))
    rows = [
        Screened(
            record_id=pk,
            service=service,
            at=at[pk],
            ruleset=ruleset.version,
            words=found[name].words,
        )
        for pk, name in records.items()
    ] + [
        Screened(alert_id=pk, service=service, at=rang[pk], ruleset=ruleset.version)
        for pk, name in alerts.items()
    ]
    Screened.objects.bulk_create(rows)
    names: dict[tuple[int | None, int | None], str] = {
        **{(pk, None): name for pk, name in records.items()},
        **{(None, pk): name for pk, name in alerts.items()},
    }
    signals = []
    for row in rows:
        name = names[row.record_id, row.alert_id]
        for code, strength, other, start, length in found[name].reasons:
            signals.append(
                Signal(
                    screened=row,
                    code=code,
                    strength=strength,
                    beside_id=_beside(other, window),
                    start=start,
                    length=length,
                )
            )
    Signal.objects.bulk_create(signals, batch_size=BATCH)


# --- When -----------------------------------------------------------------------------------------


def is_due(service: Service) -> bool:
    """Whether anything came in, or the rules changed, since it was screened."""
    now = evidence.clock.now()
    rows: tuple[QuerySet[Any], ...] = (_records(service, now), _alerts(service, now))
    if not any(each.exists() for each in rows):
        return False
    version = ruleset_for(service, at=now).version
    other = Q(screened__isnull=True) | ~Q(screened__ruleset=version)
    return any(each.filter(other).exists() for each in rows)


def due() -> list[str]:
    """What `surehand due` does here: screen every service where something waits."""
    done = []
    for service in Service.objects.select_related("details").order_by("pk"):
        if is_due(service) and screen_service(service) is not None:
            done.append(f"The live records of {service} are screened.")
    return done
