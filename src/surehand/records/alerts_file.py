"""The `alerts` file: alerts and monitoring prompts that rang, as the ECM system logged them.

A row says an alert as it stands; one that says more or something else replaces it, and the old one
is kept. An empty cell takes nothing away: an older export does not undo that somebody acknowledged.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from surehand.ecm.queries import profiles_in_use
from surehand.evidence import clock
from surehand.evidence.rows import insert, moment_value
from surehand.imports.kind import Batch, Comparison, Kind, Layout
from surehand.imports.table import Column, identifier, local_time, text
from surehand.people.people_file import folded_id, service_names
from surehand.records.bringing_in import (
    Aside,
    Change,
    Known,
    Place,
    Why,
    Words,
    about_aside,
    check,
    fold,
    kept_aside,
    meet_account,
    note_subject,
    refuse_time,
    set_aside,
    times_wrong,
    write_aside,
    write_people,
)
from surehand.records.models import RaisedAlert
from surehand.records.records_file import ACCOUNT_NAMES, SUBJECT_NAMES
from surehand.records.sealed import digesting
from surehand.records.versions import FORGOTTEN

NAME = "alerts"


def alert_types() -> dict[str, str]:
    """The alerts and monitoring prompts of every profile in use, by code."""
    return {
        one.code: one.title
        for profile in reversed(profiles_in_use(at=clock.now()).values())
        for one in (*profile.alert_types, *profile.monitoring_prompts)
    }


COLUMNS = (
    Column(
        "alert_id",
        "The ECM system’s own id of the alert",
        text(80),
        True,
        True,
        example="A-2207",
        also=("id", "event id", "alarm id", "call id", "alert no"),
    ),
    Column(
        "service_id",
        "Where: a service’s id",
        identifier,
        True,
        True,
        example="ALDER",
        options=service_names,
        also=("service", "home", "location", "site", "unit", "branch"),
    ),
    Column(
        "subject_id",
        "Whom it is about: the ECM system’s id of the person supported; kept as a pseudonym",
        text(80),
        True,
        example="RES-14",
        also=SUBJECT_NAMES,
        called="Person supported",
    ),
    Column(
        "alert_type",
        "Which alert: a code or title of the ECM profile",
        text(80),
        True,
        True,
        example="bed_exit",
        options=alert_types,
        also=("type", "alert", "alarm", "alarm type", "sensor", "event", "event type"),
    ),
    Column(
        "raised_at",
        "When it rang",
        local_time("start"),
        True,
        True,
        example="2026-03-02T02:10",
        also=(
            "raised",
            "rang at",
            "started at",
            "alarm time",
            "event time",
            "time",
            "triggered at",
        ),
    ),
    Column(
        "acknowledged_at",
        "When somebody took it on",
        local_time("start"),
        example="2026-03-02T02:12",
        also=("acknowledged", "accepted at", "ack time", "answered at"),
    ),
    Column(
        "acknowledged_by",
        "Who took it on: the account in the ECM system",
        text(80),
        example="tomasz.w",
        also=("accepted by", "answered by", *ACCOUNT_NAMES),
    ),
    Column(
        "closed_at",
        "When it was closed",
        local_time("start"),
        example="2026-03-02T02:20",
        also=("closed", "ended at", "reset at", "cleared at", "resolved at"),
    ),
    Column(
        "response_record_id",
        "The id of the record that answers it",
        text(80),
        example="R-10481",
        also=("record id", "response id", "note id", "response"),
    ),
)


@dataclass(frozen=True, slots=True)
class NewAlert:
    """An alert as it stands, to be written; `row` is of the file."""

    row: int
    alert_id: str
    service: int
    pseudonym: str
    place: Place
    raised_at: datetime
    later: "Later"
    digest: bytes


@dataclass(frozen=True, slots=True)
class Later:
    """What becomes of an alert after it rang; `by` is a folded account."""

    acknowledged_at: datetime | None = None
    by: str = ""
    closed_at: datetime | None = None
    response: str = ""

    def with_what_is_known(self, known: "Later") -> "Later":
        """What this says, and what is known where it is silent."""
        return Later(
            self.acknowledged_at or known.acknowledged_at,
            self.by or known.by,
            self.closed_at or known.closed_at,
            self.response or known.response,
        )


@dataclass
class AlertsChange(Change):
    alerts: dict[str, NewAlert] = field(default_factory=dict)
    replaced: list[str] = field(default_factory=list)
    known: Known | None = None


def compare(batch: Batch) -> Comparison:
    """Two statements for a batch, however many alerts are in it, and some for a file."""
    known = Known.of(batch)
    change = AlertsChange(columns=batch.lines.columns, known=known)
    result = Comparison(change=change)
    ids = [line.values["alert_id"] for line in batch.lines.good]
    here = _current(ids)
    earlier = known.said.of(list(dict.fromkeys(ids)))
    aside = kept_aside(NAME, ids)
    digested = digesting()
    for line in batch.lines.good:
        said = line.values
        service, why = known.services.find(said["service_id"])
        if service is None:
            result.refuse(line, "service_id", why)
            continue
        times = ("raised_at", "acknowledged_at", "closed_at")
        if wrong := times_wrong(said, times, known):
            refuse_time(result, line, wrong)
            continue
        alert_id = said["alert_id"]
        place = known.place(service, said["raised_at"], _place, said["alert_type"])
        if not said["subject_id"]:
            place = Place(place.profile, place.code, why=Why.SUBJECT)
        whose = known.pseudonym(service, said["subject_id"]) if said["subject_id"] else ""
        later = Later(
            said.get("acknowledged_at"),
            folded_id(said.get("acknowledged_by") or ""),
            said.get("closed_at"),
            said.get("response_record_id") or "",
        )
        before = here.get(alert_id)
        if before and before[0] == FORGOTTEN:
            result.unchanged.append(line)
            continue
        if before:
            later = later.with_what_is_known(before[1])
        digest = digested(
            (
                *(known.services.codes[service], whose, place.code or fold(said["alert_type"])),
                *(said["raised_at"].isoformat(), str(later.acknowledged_at), later.by),
                *(str(later.closed_at), later.response),
            )
        )
        if place.why:
            row = Aside(line, alert_id, 0, service, place.why, place.said, digest)
            set_aside(result, row, aside, known.notes)
            continue
        if later.by:
            reference = said.get("acknowledged_by")
            if reference:
                known.note_account(reference, later.acknowledged_at or said["raised_at"])
                meet_account(change, known, reference)
        note_subject(change, known, whose, service, "")
        if (before and before[0] == digest) or digest[:8] in earlier.get(alert_id, {}).values():
            result.unchanged.append(line)
            continue
        fresh = before is None and alert_id not in earlier
        (result.added if fresh else result.changed).append(line)
        if before and alert_id not in change.alerts:
            change.replaced.append(alert_id)
        if held := aside.get((alert_id, 0)):
            change.closed.append(held[0])
        here[alert_id] = (digest, later)
        change.alerts[alert_id] = NewAlert(
            line.row, alert_id, service, whose, place, said["raised_at"], later, digest
        )
    known.said.add([(one.alert_id, 1, one.digest) for one in change.alerts.values()])
    return result


def _place(known: Known, words: Words, alert_type: str) -> Place:
    code = known.found(Why.ALERT_TYPE, alert_type, words.alerts)
    if code is None:
        return Place(words.profile, why=Why.ALERT_TYPE, said=alert_type)
    return Place(words.profile, code)


def _current(ids: list[str]) -> dict[str, tuple[bytes, Later]]:
    """The alerts as they stand, by id: digest, and what became of them."""
    return {
        alert_id: (bytes(digest), Later(acknowledged, folded_id(by or ""), closed, response))
        for alert_id, digest, acknowledged, by, closed, response in RaisedAlert.objects.filter(
            alert_id__in=ids, replaced_by__isnull=True
        ).values_list(
            *("alert_id", "digest", "acknowledged_at", "acknowledged_by__details__reference"),
            *("closed_at", "response_record_id"),
        )
    }


def finish(batch: Batch) -> list[str]:
    """What there is to say about the whole file."""
    return Known.of(batch).notes.sentences()


def write(act: Any, result: Comparison) -> Mapping[int, str]:
    change: AlertsChange = result.change
    known = change.known
    assert known is not None
    write_people(act, change, known)
    write_aside(act, NAME, change)
    if change.replaced:
        RaisedAlert.objects.filter(alert_id__in=change.replaced, replaced_by__isnull=True).update(
            replaced_by=act.seq
        )
    insert(
        RaisedAlert,
        (
            *("alert_id", "service_id", "subject_id", "alert_type", "raised_at"),
            *("acknowledged_at", "acknowledged_by_id", "closed_at", "response_record_id"),
            *("digest", "entry"),
        ),
        (
            (
                *(one.alert_id, one.service, known.subjects[one.pseudonym].pk, one.place.code),
                *(moment_value(one.raised_at), _value(one.later.acknowledged_at)),
                known.accounts[one.later.by] if one.later.by else None,
                *(_value(one.later.closed_at), one.later.response, one.digest, act.seq),
            )
            for one in change.alerts.values()
        ),
    )
    return about_aside(change, known) | {one.row: one.pseudonym for one in change.alerts.values()}


def _value(moment: datetime | None) -> Any:
    return moment_value(moment) if moment else None


KIND = Kind(
    name=NAME,
    title="Alerts that rang",
    what="Alerts and monitoring prompts, one a row: when each rang, who took it on and when, and "
    "which record answers it.",
    check=check,
    layouts=(Layout(NAME, COLUMNS, compare, write, in_batches=True, finish=finish),),
    max_rows=1_500_000,
)
