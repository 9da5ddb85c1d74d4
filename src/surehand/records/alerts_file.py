"""The `alerts` file: alerts and monitoring prompts that rang, as the ECM system logged them.

A row says an alert as it stands; one that says more or something else replaces it, and the old one
is kept. A row that was said before changes nothing, and an empty cell takes nothing away: an older
export does not undo that somebody acknowledged.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from surehand.ecm.queries import profiles_in_use
from surehand.evidence import clock
from surehand.evidence.rows import insert, moment_value
from surehand.imports.kind import Batch, Comparison, Kind, Layout
from surehand.imports.table import Column, local_time, text
from surehand.people.people_file import folded_id
from surehand.records.bringing_in import (
    AFTER,
    ELSEWHERE,
    FORMATS,
    MOST_BYTES,
    MOST_ROWS,
    Aside,
    Change,
    Known,
    Place,
    Why,
    Words,
    about_aside,
    check,
    fold,
    homes_aside,
    kept_aside,
    meet_account,
    note_subject,
    refuse_time,
    remember_aside,
    set_aside,
    stays_out,
    take_from_aside,
    times_wrong,
    write_aside,
    write_people,
)
from surehand.records.models import RaisedAlert
from surehand.records.records_file import ACCOUNT_NAMES, SERVICE, SUBJECT
from surehand.records.screening_task import soon
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
    SERVICE,
    SUBJECT,
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
    alerts: list[NewAlert] = field(default_factory=list)  # of one alert, the last one holds
    known: Known | None = None


def compare(batch: Batch) -> Comparison:
    """Two statements for a batch, however many alerts are in it, and some for a file."""
    known = Known.of(batch)
    change = AlertsChange(columns=batch.lines.columns, known=known)
    result = Comparison(change=change)
    ids = [line.values["alert_id"] for line in batch.lines.good]
    here = _known(ids)
    for alert_id, rows in known.said.of(ids).items():
        alert = here.setdefault(alert_id, KnownAlert())
        alert.service = rows[0][1]
        alert.said.update(digest for _, _, digest in rows)
    aside = kept_aside(NAME, ids, known)
    homes = homes_aside(aside)
    homes |= {alert_id: alert.service for alert_id, alert in here.items() if alert.service}
    digested = digesting()
    said_now: list[tuple[str, int, int, bytes]] = []
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
        if homes.setdefault(alert_id, service) != service:
            result.refuse(line, "alert_id", ELSEWHERE)
            continue
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
        if FORGOTTEN in here.get(alert_id, KnownAlert()).said:
            result.unchanged.append(line)
            continue
        stands = (
            *(known.services.codes[service], whose, place.code or fold(said["alert_type"])),
            said["raised_at"].isoformat(),
        )
        became = (
            str(later.acknowledged_at),
            *(later.by, str(later.closed_at), later.response),
        )
        digest = digested((*stands, *became))
        was = aside.get((alert_id, 0))
        if was and was.left_out:
            # As it was before its type was known.
            then = (*stands[:2], fold(said["alert_type"]), stands[3])
            digests = [digest, digested((*then, *became))]
            if stays_out(result, line, was, digests, known.notes):
                continue
        if place.why:
            row = Aside(line, alert_id, 0, service, place.why, place.said, digest)
            set_aside(result, row, aside, known.notes)
            continue
        if reference := said.get("acknowledged_by"):
            known.note_account(reference, later.acknowledged_at or said["raised_at"])
            meet_account(change, known, reference)
        note_subject(change, known, whose, service, "")
        before = here.setdefault(alert_id, KnownAlert())
        known_of_it = before.became.setdefault(stands, [])
        later = later.with_what_is_known(known_of_it[-1] if known_of_it else Later())
        if digest[:8] in before.said or later in known_of_it:
            result.unchanged.append(line)
            continue
        (result.changed if before.said else result.added).append(line)
        said_now.append((alert_id, len(before.said), service, digest))
        before.said.add(digest[:8])
        known_of_it.append(later)
        take_from_aside(change, (alert_id, 0), aside)
        change.alerts.append(
            NewAlert(line.row, alert_id, service, whose, place, said["raised_at"], later, digest)
        )
    known.said.add(said_now)
    remember_aside(change, known)
    return result


def _place(known: Known, words: Words, alert_type: str) -> Place:
    code = known.found(Why.ALERT_TYPE, alert_type, words.alerts)
    if code is None:
        return Place(words.profile, why=Why.ALERT_TYPE, said=alert_type)
    return Place(words.profile, code)


Stands = tuple[str, ...]
"""What an alert was: service, whom it is about, type, when it rang."""


@dataclass
class KnownAlert:
    """What became of an alert, as the rows there are say it, oldest first; and the digests of all
    that rows ever said of it."""

    became: dict[Stands, list[Later]] = field(default_factory=dict)
    said: set[bytes] = field(default_factory=set)
    service: int = 0


def _known(ids: list[str]) -> dict[str, KnownAlert]:
    found: dict[str, KnownAlert] = {}
    rows = RaisedAlert.objects.filter(alert_id__in=ids).order_by("pk")
    for (
        alert_id,
        digest,
        service,
        whose,
        code,
        raised_at,
        acknowledged_at,
        by,
        home,
        *end,
    ) in rows.values_list(
        *("alert_id", "digest", "service__code", "subject__pseudonym", "alert_type"),
        *("raised_at", "acknowledged_at", "acknowledged_by__details__reference"),
        *("service_id", "closed_at", "response_record_id"),
    ):
        alert = found.setdefault(alert_id, KnownAlert())
        alert.service = home
        alert.said.add(bytes(digest)[:8])
        stands = (service, whose, code, raised_at.isoformat())
        became = Later(acknowledged_at, folded_id(by or ""), *end)
        alert.became.setdefault(stands, []).append(became)
    return found


def finish(batch: Batch) -> list[str]:
    """What there is to say about the whole file."""
    return Known.of(batch).notes.sentences()


def write(act: Any, result: Comparison) -> Mapping[int, str]:
    change: AlertsChange = result.change
    known = change.known
    assert known is not None
    write_people(act, change, known)
    write_aside(act, NAME, change)
    last = {one.alert_id: one for one in change.alerts}
    RaisedAlert.objects.filter(alert_id__in=list(last), replaced_by__isnull=True).update(
        replaced_by=act.seq
    )
    insert(
        RaisedAlert,
        (
            *("alert_id", "service_id", "subject_id", "alert_type", "raised_at"),
            *("acknowledged_at", "acknowledged_by_id", "closed_at", "response_record_id"),
            *("digest", "entry", "replaced_by"),
        ),
        (
            (
                *(one.alert_id, one.service, known.subjects[one.pseudonym].pk, one.place.code),
                *(moment_value(one.raised_at), _value(one.later.acknowledged_at)),
                known.accounts[one.later.by] if one.later.by else None,
                *(_value(one.later.closed_at), one.later.response, one.digest, act.seq),
                None if last[one.alert_id] is one else act.seq,
            )
            for one in change.alerts
        ),
    )
    soon(one.service for one in change.alerts)
    return about_aside(change, known) | {one.row: one.pseudonym for one in change.alerts}


def _value(moment: datetime | None) -> Any:
    return moment_value(moment) if moment else None


KIND = Kind(
    name=NAME,
    title="Alerts that rang",
    what="Alerts and monitoring prompts, one a row: when each rang, who took it on and when, and "
    "which record answers it.",
    check=check,
    layouts=(Layout(NAME, COLUMNS, compare, write, in_batches=True, finish=finish),),
    formats=FORMATS,
    max_rows=MOST_ROWS,
    max_bytes=MOST_BYTES,
    after=AFTER,
)
