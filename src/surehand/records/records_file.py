"""The `records` file: live records as the ECM system exported them.

What a row means beside what is known:

- A record is `record_id`; a version of it is that and `version`. The highest version holds; a
  lower one that arrives late is kept as an older one.
- A row without a version that says something else than every version known is the next one.
- The same version with something else in it is refused: nobody can know which of the two it is.
- Whom it is about is kept as a pseudonym; what it says, and `subject_name`, sealed.
- An author never heard of is an account linked to nobody; the preview says so (R17).
- A row whose subject, record type or section is not known is kept aside (`bringing_in`).
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from json.encoder import encode_basestring
from typing import Any, NamedTuple

from surehand.ecm.profile import Field
from surehand.ecm.queries import profiles_in_use
from surehand.evidence import clock
from surehand.evidence.rows import among, insert, keys, written_moments
from surehand.imports.kind import Batch, Comparison, Kind, Layout
from surehand.imports.reading import shown
from surehand.imports.table import Column, choice, folded, identifier, local_time, text
from surehand.people.people_file import folded_id, service_names
from surehand.records.bringing_in import (
    AFTER,
    CLOCK_SKEW,
    EARLIEST,
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
    count,
    fold,
    homes_aside,
    json_object,
    kept_aside,
    note_subject,
    refuse_time,
    remember_aside,
    set_aside,
    stays_out,
    take_from_aside,
    times_wrong,
    words,
    write_aside,
    write_people,
)
from surehand.records.models import LiveRecord, RecordText
from surehand.records.screening_task import soon
from surehand.records.sealed import digesting, seal_all
from surehand.records.versions import FORGOTTEN, SaysOtherwise, change_of, version_of

NAME = "records"
_AS_JSON = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode
_LAST_VERSION = 1_000_000


def version(cell: str) -> int:
    """The number of a version, from 1."""
    bare = cell.removesuffix(".0").lstrip("vV")
    if bare.isascii() and bare.isdigit() and len(bare) < 8 and 0 < int(bare) <= _LAST_VERSION:
        return int(bare)
    raise ValueError(f"“{shown(cell)}” is not the number of a version, such as 2.")


CHANGES = ("create", "amend", "void", "late", "approve")
# What others call the kinds of change (DAPB4102: the change log).
_CHANGES_HEARD = {
    **dict.fromkeys(("create", "created", "new", "add", "added", "insert", "original"), "create"),
    **dict.fromkeys(("amend", "amended", "edit", "edited", "update", "updated"), "amend"),
    **dict.fromkeys(("change", "changed", "correct", "corrected", "correction"), "amend"),
    **dict.fromkeys(("void", "voided", "delete", "deleted", "cancelled", "removed"), "void"),
    **dict.fromkeys(("late", "lateentry", "retrospective"), "late"),
    **dict.fromkeys(("approve", "approved", "signed", "countersigned"), "approve"),
}


def record_types() -> dict[str, str]:
    """The record types of every profile in use, by code."""
    return {
        one.code: one.title
        for profile in reversed(profiles_in_use(at=clock.now()).values())
        for one in profile.record_types
    }


def sections() -> dict[str, str]:
    """The sections of every profile in use, by code."""
    return {
        one.code: one.title
        for profile in reversed(profiles_in_use(at=clock.now()).values())
        for one in profile.sections
    }


ACCOUNT_NAMES = (
    *("author", "user id", "username", "user name", "user", "login", "entered by", "created by"),
    *("recorded by", "staff", "staff id", "carer"),
)

# What records and the alerts that rang say alike.
SERVICE = Column(
    "service_id",
    "Where: a service’s id",
    identifier,
    True,
    True,
    example="ALDER",
    options=service_names,
    also=("service", "home", "location", "site", "unit", "branch"),
)
SUBJECT = Column(
    "subject_id",
    "Whom it is about: the ECM system’s id of the person supported; kept as a pseudonym",
    text(80),
    True,
    example="RES-14",
    also=(
        *("resident id", "client id", "service user id", "person id", "resident", "client"),
        *("service user", "tenant id", "nhs number", "su id", "subject"),
    ),
    called="Person supported",
)

COLUMNS = (
    Column(
        "record_id",
        "The ECM system’s own id of the record",
        text(80),
        True,
        True,
        example="R-10481",
        also=("id", "entry id", "note id", "record no", "record number", "log id"),
    ),
    SERVICE,
    SUBJECT,
    Column(
        "author_id",
        "Who wrote it: the account in the ECM system",
        text(80),
        True,
        True,
        example="tomasz.w",
        also=ACCOUNT_NAMES,
        called="Author’s account",
    ),
    Column(
        "record_type",
        "What kind of record: a code or title of the ECM profile",
        text(80),
        True,
        True,
        example="note",
        options=record_types,
        also=("type", "entry type", "form", "form name", "category", "kind"),
    ),
    Column(
        "section",
        "In which section of the person’s record; empty where it is in none",
        text(80),
        True,
        example="skin",
        options=sections,
        also=("area", "tab", "domain", "heading", "care area", "topic"),
    ),
    Column(
        "occurred_at",
        "When it happened",
        local_time("start"),
        True,
        True,
        example="2026-03-02T07:40",
        also=("event time", "event date", "happened at", "care time", "date of care", "due at"),
    ),
    Column(
        "recorded_at",
        "When it was entered",
        local_time("start"),
        True,
        True,
        example="2026-03-02T07:55",
        also=(
            "entered at",
            "created at",
            "created",
            "logged at",
            "entry time",
            "entry date",
            "date entered",
            "timestamp",
            "saved at",
        ),
    ),
    Column(
        "text",
        "What was written; sealed, and kept for the replay window",
        words,
        True,
        example="Gwen chose porridge and ate about half.",
        also=("note", "notes", "comment", "comments", "narrative", "details", "description"),
    ),
    Column(
        "version",
        "Which version of the record; without it, another text is the next version",
        version,
        example="1",
        also=("revision", "rev", "version no", "version number"),
    ),
    Column(
        "change_type",
        "create, amend, void, late or approve",
        choice(_CHANGES_HEARD, what="kind of change", titles=CHANGES),
        example="create",
        also=("change", "action", "audit action", "event type", "operation"),
    ),
    Column(
        "fields",
        "Structured fields, as a JSON object",
        json_object,
        example='{"mood": "settled", "support": "one"}',
        also=("data", "form data", "answers", "values", "structured"),
    ),
    Column(
        "responds_to",
        "The id of the alert or incident it answers",
        text(80),
        example="",
        also=("alert id", "incident id", "parent id", "linked to", "in response to"),
    ),
    Column(
        "subject_name",
        "The name of the person supported: sealed, and used only to notice it in the record of "
        "somebody else",
        text(120),
        example="",
        also=("resident name", "client name", "service user name", "name"),
        called="Name of the person supported",
    ),
)


class NewRecord(NamedTuple):
    """One version of a record to be written; `row` is of the file."""

    row: int
    record_id: str
    version: int
    change_type: str
    service: int
    pseudonym: str
    account: str  # folded
    place: Place
    occurred_at: str  # in UTC, as `isoformat` writes it
    recorded_at: str
    responds_to: str
    digest: bytes
    words: str


@dataclass
class RecordsChange(Change):
    records: list[NewRecord] = field(default_factory=list)
    last: dict[str, int] = field(default_factory=dict)  # the highest version, by record
    overtaken: list[str] = field(default_factory=list)  # records that get a higher version
    known: Known | None = None


def compare(batch: Batch) -> Comparison:
    """Two statements for a batch, however many records are in it, and some for a file."""
    known = Known.of(batch)
    change = RecordsChange(columns=batch.lines.columns, known=known)
    result = Comparison(change=change)
    ids = [line.values["record_id"] for line in batch.lines.good]
    versions, homes = _versions(ids, known)
    before = {record: max(own) for record, own in versions.items()}
    aside = kept_aside(NAME, ids, known)
    homes = homes_aside(aside) | homes
    digested = digesting()
    latest = known.now + CLOCK_SKEW
    unknown: list[str] = []  # who wrote, and is linked to nobody
    said_now = []
    for line in batch.lines.good:
        said = line.values
        service, why = known.service(said["service_id"])
        if service is None:
            result.refuse(line, "service_id", why)
            continue
        occurred_at, recorded_at = said["occurred_at"], said["recorded_at"]
        if not (EARLIEST <= occurred_at <= latest and EARLIEST <= recorded_at <= latest):
            wrong = times_wrong(said, ("occurred_at", "recorded_at"), known) or ""
            refuse_time(result, line, wrong)
            continue
        record_id, given = said["record_id"], said.get("version")
        if homes.setdefault(record_id, service) != service:
            result.refuse(line, "record_id", ELSEWHERE)
            continue
        place = known.place(
            service, recorded_at, _place, said["record_type"], said["section"] or ""
        )
        if not said["subject_id"]:
            place = Place(place.profile, place.code, place.section, why=Why.SUBJECT)
        fields = known.fields(said.get("fields"), place, _fields)
        account = folded_id(said["author_id"])
        whose = known.pseudonym(service, said["subject_id"]) if said["subject_id"] else ""
        where = known.services.codes[service]
        times = occurred, recorded = occurred_at.isoformat(), recorded_at.isoformat()
        digest = digested(_parts(said, where, whose, account, place, times, fields))
        was = aside.get((record_id, given or 0)) if aside else None
        if was and was.left_out:
            # As it was before its section, or else its record type, was known.
            then = (Place("", place.code, why=Why.SECTION), Place("", why=Why.RECORD_TYPE))
            raw = known.fields(said.get("fields"), then[0], _fields)
            digests = [
                digest,
                *(digested(_parts(said, where, whose, account, one, times, raw)) for one in then),
            ]
            if stays_out(result, line, was, digests, known.notes):
                continue
        if place.why:
            row = Aside(line, record_id, given or 0, service, place.why, place.said, digest)
            set_aside(result, row, aside, known.notes)
            continue
        short = digest[:8]
        own = versions.get(record_id)
        if own is None:
            number: int | None = given or 1
        elif FORGOTTEN in own.values():
            result.unchanged.append(line)
            continue
        else:
            try:
                number = version_of(own, short, said=given)
            except SaysOtherwise:
                result.refuse(
                    line,
                    "version",
                    f"Version {given} of this record is known and says something else. A record "
                    "that is changed has a higher version; or leave the version out.",
                )
                continue
        if account in known.linked:
            known.note_account(said["author_id"], recorded_at)
        else:
            unknown.append(said["author_id"])
        name = said.get("subject_name") or ""
        named = (name or whose not in change.seen) and note_subject(
            change, known, whose, service, name
        )
        if number is None:
            (result.changed if named else result.unchanged).append(line)
            continue
        if own is None:
            result.added.append(line)
            versions[record_id] = {number: short}
        else:
            result.changed.append(line)
            own[number] = short
        said_now.append((record_id, number, service, digest))
        if account not in known.accounts and account not in change.accounts:
            change.accounts[account] = said["author_id"]
        if aside:
            take_from_aside(change, (record_id, given or 0), aside)
        content = encode_basestring(said["text"] or "")
        change.records.append(
            NewRecord(
                line.row,
                record_id,
                number,
                change_of(number, said.get("change_type")),
                service,
                whose,
                account,
                place,
                occurred,
                recorded,
                said.get("responds_to") or "",
                digest,
                f'{{"text":{content},"fields":{fields}}}',
            )
        )
    for reference, rows in Counter(unknown).items():
        count(known.notes.unknown, reference, rows)
    known.said.add(said_now)
    remember_aside(change, known)
    change.last = {record: max(versions[record]) for record, _, _, _ in said_now}
    change.overtaken = [
        record for record, was in before.items() if change.last.get(record, 0) > was
    ]
    return result


def _parts(
    said: Mapping[str, Any],
    service: str,
    whose: str,
    account: str,
    place: Place,
    times: tuple[str, str],
    fields: str,
) -> tuple[str, ...]:
    """All that a row says, for its digest: words by their codes where they are known."""
    return (
        service,
        whose,
        account,
        place.code or fold(said["record_type"]),
        place.section or said["section"] or "",
        *times,
        said["text"] or "",
        fields,
        said.get("responds_to") or "",
        said.get("change_type") or "",
    )


def _versions(ids: list[str], known: Known) -> tuple[dict[str, dict[int, bytes]], dict[str, int]]:
    """The versions known of these records, here and in earlier batches of the file; and at which
    service the records are."""
    found: dict[str, dict[int, bytes]] = {}
    homes: dict[str, int] = {}
    for record, rows in known.said.of(ids).items():
        found[record] = {number: digest for number, _, digest in rows}
        homes[record] = rows[0][1]
    columns = ("record_id", "version", "digest", "service_id")
    for record, number, digest, service in among(LiveRecord, columns, 0, ids):
        found.setdefault(record, {})[number] = bytes(digest)[:8]
        homes[record] = service
    return found, homes


def _place(known: Known, words: Words, record_type: str, section: str) -> Place:
    """Where a record belongs. A section is not asked of a record type that is its own place."""
    found = known.found(Why.RECORD_TYPE, record_type, words.types)
    if found is None:
        return Place(words.profile, why=Why.RECORD_TYPE, said=record_type)
    code = known.found(Why.SECTION, section, words.sections) if section else ""
    if code is None and found.sections:
        return Place(words.profile, found.code, why=Why.SECTION, said=section)
    fields = {folded(one.title): one for one in reversed(found.fields)}
    fields |= {code: one for one in found.fields for code in (folded(one.code), one.code)}
    return Place(words.profile, found.code, code or "", fields)


def _fields(said: Mapping[str, Any], place: Place) -> tuple[str, list[str]]:
    """Structured fields by the profile's codes, as JSON; what it does not know stays as it came,
    and is named."""
    read: dict[str, Any] = {}
    odd: list[str] = []
    for name, value in said.items():
        one = place.fields.get(name) or place.fields.get(folded(name))
        if one is None:
            if not place.why:
                odd.append(f"“{shown(name)}”")
            read[name] = value
        else:
            read[one.code] = _option(one, value, odd)
    return _AS_JSON(read), odd


def _option(one: Field, value: Any, odd: list[str]) -> Any:
    if not one.options or not isinstance(value, str) or not value or value in one.options:
        return value
    for option in one.options:
        if folded(option) == folded(value):
            return option
    if one.kind == "choice":
        odd.append(f"“{shown(value)}” as {one.title.lower()}")
    return value


def finish(batch: Batch) -> list[str]:
    """What there is to say about the whole file."""
    return Known.of(batch).notes.sentences()


def write(act: Any, result: Comparison) -> Mapping[int, str]:
    change: RecordsChange = result.change
    known = change.known
    assert known is not None
    write_people(act, change, known)
    write_aside(act, NAME, change)
    write_records(act, change, known)
    soon(row.service for row in change.records)
    return about_aside(change, known) | {row.row: row.pseudonym for row in change.records}


def write_records(act: Any, change: RecordsChange, known: Known) -> None:
    """Versions of records with what they say; the highest of each holds."""
    if change.overtaken:
        LiveRecord.objects.filter(record_id__in=change.overtaken, replaced_by__isnull=True).update(
            replaced_by=act.seq
        )
    pks = keys(LiveRecord, len(change.records))
    insert(
        LiveRecord,
        (
            *("id", "record_id", "version", "change_type", "service_id", "subject_id"),
            *("account_id", "record_type", "section", "occurred_at", "recorded_at"),
            *("responds_to", "profile", "digest", "entry", "replaced_by"),
        ),
        _rows(act.seq, change, known, pks),
    )
    sealed = seal_all(row.words for row in change.records)
    insert(RecordText, ("record_id", "content"), zip(pks, sealed, strict=True))


def _rows(
    seq: int, change: RecordsChange, known: Known, pks: list[int]
) -> Iterator[tuple[Any, ...]]:
    """Records as the table takes them."""
    stored = written_moments()
    for pk, record in zip(pks, change.records, strict=True):
        (
            _, record_id, number, change_type, service, whose, account, place, occurred_at,
            recorded_at, responds_to, digest, _,
        ) = record  # fmt: skip
        yield (
            pk, record_id, number, change_type, service, known.subjects[whose].pk,
            known.accounts[account], place.code, place.section, stored(occurred_at),
            stored(recorded_at), responds_to, place.profile, digest, seq,
            None if number == change.last[record_id] else seq,
        )  # fmt: skip


KIND = Kind(
    name=NAME,
    title="Live records",
    what="What staff wrote in the ECM system, one version of one record a row. Whom it is about is "
    "kept as a pseudonym, and what it says is sealed.",
    check=check,
    layouts=(Layout(NAME, COLUMNS, compare, write, in_batches=True, finish=finish),),
    formats=FORMATS,
    max_rows=MOST_ROWS,
    max_bytes=MOST_BYTES,
    after=AFTER,
)
