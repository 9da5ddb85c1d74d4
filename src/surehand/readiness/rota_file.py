"""The `rota` file: who works when. A changed row replaces the shift it changes, which is kept."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from surehand.evidence.rows import insert, moment_value
from surehand.imports.kind import Batch, Comparison, Kind, Layout
from surehand.imports.reading import shown
from surehand.imports.table import Column, Line, identifier, local_time, text, yes_no
from surehand.people.models import Identity, Post
from surehand.people.people_file import (
    JOB_ROLE_TITLES,
    PERSON_ID_NAMES,
    PeopleChange,
    Services,
    check,
    folded_id,
    job_role,
    service_names,
)
from surehand.readiness.models import Shift
from surehand.timeline import end_of, moment
from surehand.ui.formats import day, local, plural

LONGEST = timedelta(hours=24)
# So many are named in a note; the rest are counted.
_NAMED = 5

# A rota often has the date in one column and the times in others.
_DATES = ("date", "shift date", "start date")
_BEGINS = ("start time", "start", "starts", "from", "time from", "in")
_ENDS = ("end time", "end", "ends", "finish", "finish time", "to", "time to", "out")

COLUMNS = (
    Column(
        "shift_id",
        "Your own id of the shift; where there is none, the date joined with the person’s id",
        text(80),
        True,
        True,
        example="S-0001",
        also=(
            *("shift no", "shift number", "shift ref", "booking id", "id"),
            *(f"{day}+{whose}" for day in _DATES for whose in PERSON_ID_NAMES),
            "shift",
        ),
    ),
    Column(
        "service_id",
        "Where: a service’s id",
        identifier,
        True,
        True,
        example="ALDER",
        options=service_names,
        also=("service", "home", "location", "site", "unit", "branch", "area"),
    ),
    Column(
        "person_id",
        "Who: a person’s id; empty for an agency worker without a name yet",
        identifier,
        True,
        example="P001",
        also=PERSON_ID_NAMES,
    ),
    Column(
        "starts_at",
        "London time",
        local_time("start"),
        True,
        True,
        example="2026-03-02T07:30",
        also=tuple(f"{day}+{at}" for day in _DATES for at in _BEGINS) + _BEGINS,
    ),
    Column(
        "ends_at",
        "London time",
        local_time("end"),
        True,
        True,
        example="2026-03-02T15:30",
        also=tuple(f"{day}+{at}" for day in ("end date", *_DATES) for at in _ENDS) + _ENDS,
    ),
    Column(
        "role",
        "Job role, where the person has several",
        job_role,
        example="Care worker",
        options=lambda: JOB_ROLE_TITLES,
        also=("job role", "job title", "position"),
        called="Job role",
    ),
    Column("supervisor_id", "Who supervises live use: a person’s id", identifier, example=""),
    Column("no_live_use", "yes where the live system is not used", yes_no, example="no"),
    Column("cancelled", "yes where the shift does not take place", yes_no, example="no"),
)


@dataclass
class RotaChange:
    new: list[Shift] = field(default_factory=list)
    replaced: list[int] = field(default_factory=list)
    about: dict[int, str] = field(default_factory=dict)  # row → pseudonym


@dataclass
class Known:
    """What the batches of one rota need of the database, and tell each other."""

    services: Services
    people: dict[str, int]  # by folded reference, and by email where a calendar names one
    pseudonyms: dict[int, str]
    last_days: dict[int, date]  # of people who have left
    seen: dict[str, int] = field(default_factory=dict)  # shift → row
    first: dict[int, datetime] = field(default_factory=dict)  # by service
    last: dict[int, datetime] = field(default_factory=dict)
    after: list[tuple[int, str, date]] = field(default_factory=list)  # row, reference, last day
    left: int = 0


def compare(batch: Batch) -> Comparison:
    """One statement for a batch, however many shifts are in it, and four for a file."""
    result = Comparison(change=RotaChange())
    if "known" not in batch.shared:
        batch.shared["known"] = Known(Services(batch.by), *_people(), _last_days())
    known: Known = batch.shared["known"]
    current = _current(batch.lines.good)
    for line in batch.lines.good:
        said = line.values
        if said["shift_id"] in known.seen:
            row = known.seen[said["shift_id"]]
            result.refuse(line, "shift_id", f"This shift is also in row {row}.")
            continue
        known.seen[said["shift_id"]] = line.row
        shift = _shift(line, known, result)
        if shift is None:
            continue
        if shift.person_id:
            result.change.about[line.row] = known.pseudonyms[shift.person_id]
            _note_left(line, shift, known)
        service, starts = shift.service_id, shift.starts_at
        known.first[service] = min(known.first.get(service, starts), starts)
        known.last[service] = max(known.last.get(service, starts), starts)
        before = current.get(shift.shift_id)
        if before is None:
            result.change.new.append(shift)
            result.added.append(line)
        elif _said(before, shift, said):
            result.unchanged.append(line)
        else:
            result.change.new.append(shift)
            result.change.replaced.append(before.pk)
            result.changed.append(line)
    return result


def _note_left(line: Line, shift: Shift, known: Known) -> None:
    last = known.last_days.get(shift.person_id or 0)
    if last and not shift.cancelled and local(shift.starts_at).date() > last:
        known.left += 1
        if len(known.after) < _NAMED:
            known.after.append((line.row, line.values["person_id"], last))


def _last_days() -> dict[int, date]:
    """The last day of everyone whose every post has an end; one statement."""
    posts: dict[int, tuple[int, date, date | None]] = {}
    for post, person, start, end in (
        Post.objects.order_by("terms__entry", "terms__pk")
        .values_list("pk", "person_id", "start_date", "terms__end_date")
        .iterator()
    ):
        posts[post] = (person, start, end)
    people: dict[int, list[tuple[date, date | None]]] = {}
    for person, start, end in posts.values():
        people.setdefault(person, []).append((start, end))
    found = {person: last_day(terms) for person, terms in people.items()}
    return {person: last for person, last in found.items() if last}


def last_day(posts: Iterable[tuple[date, date | None]]) -> date | None:
    """The last of the last days of a person's posts, each its first day and its last; None where
    one is open. A post that ends before it begins never was."""
    last = None
    for start, end in posts:
        if end is None:
            return None
        if end >= start:
            last = max(last or end, end)
    return last


def finish(batch: Batch) -> list[str]:
    """What there is to say about the whole file."""
    known: Known = batch.shared["known"]
    notes = []
    if known.left:
        named = "; ".join(
            f"row {row}, {shown(reference)}, whose last day is {day(last)}"
            for row, reference, last in known.after
        )
        more = known.left - len(known.after)
        notes.append(
            f"{plural(known.left, 'shift')} of people who have left by then: {named}"
            + (f"; and {more} more" if more else "")
            + ". They count as not cleared; name somebody else, or correct the person’s end date."
        )
    if absent := _absent(known):
        notes.append(
            f"Of these services and days, known and not in the file: {plural(absent, 'shift')}. "
            "They are kept; list a shift with cancelled = yes to cancel it."
        )
    return notes


def _absent(known: Known) -> int:
    if not known.first:
        return 0
    there = Shift.objects.filter(
        service__in=list(known.first),
        starts_at__gte=min(known.first.values()),
        starts_at__lte=max(known.last.values()),
        replaced_by__isnull=True,
        cancelled=False,
    ).values_list("shift_id", flat=True)
    return sum(shift_id not in known.seen for shift_id in there.iterator())


def shifts_after_leaving(result: Comparison, batch: Batch) -> list[str]:
    """For the preview of a people file: whose last day it sets before shifts they are down for."""
    if not isinstance(result.change, PeopleChange):
        return []
    leaving = _leaving(result.change)
    if not leaving:
        return []
    shifts = Shift.objects.filter(
        starts_at__gte=moment(end_of(min(last for last, _ in leaving.values()))),
        replaced_by__isnull=True,
        cancelled=False,
    ).values_list("person_id", "starts_at")
    found = Counter(
        person
        for person, starts in shifts.iterator()
        if person in leaving and local(starts).date() > leaving[person][0]
    )
    if not found:
        return []
    named = "; ".join(
        f"{shown(leaving[person][1])}, {plural(count, 'shift')} after {day(leaving[person][0])}"
        for person, count in found.most_common(_NAMED)
    )
    more = len(found) - _NAMED
    return [
        f"{plural(len(found), 'person', 'people')} who leave are on the rota after their last day: "
        f"{named}{f'; and {more} more' if more > 0 else ''}. "
        "Change the rota: those shifts count as not cleared."
    ]


def _leaving(change: PeopleChange) -> dict[int, tuple[date, str]]:
    """Whose last post the file ends, with the last day and the reference, by person."""
    ends = {terms.post: terms.end for terms in change.terms}
    new: dict[str, list[tuple[date, date | None]]] = {}
    for post in change.posts:
        key = folded_id(post.row.reference)
        new.setdefault(key, []).append((post.start, post.terms.end))
    leaving = {}
    for key, person in change.known.items():
        if any(post.pk in ends for post in person.posts):
            posts = [(p.start, ends.get(p.pk, p.end)) for p in person.posts]
            if last := last_day([*posts, *new.get(key, [])]):
                leaving[person.pk] = (last, person.identity.reference)
    return leaving


def _shift(line: Line, known: Known, result: Comparison) -> Shift | None:
    said = line.values
    problems = []
    service, why = known.services.find(said["service_id"])
    if service is None:
        problems.append(("service_id", why))
    found: dict[str, int | None] = {}
    for column in ("person_id", "supervisor_id"):
        reference = said.get(column)
        found[column] = known.people.get(folded_id(reference)) if reference else None
        if reference and found[column] is None:
            problems.append(
                (
                    column,
                    f"There is no person “{shown(reference)}”. Import the people file first.",
                )
            )
    if said["ends_at"] <= said["starts_at"]:
        problems.append(("ends_at", "The shift ends before it starts."))
    elif said["ends_at"] - said["starts_at"] > LONGEST:
        problems.append(("ends_at", "The shift is longer than 24 hours."))
    if found["supervisor_id"] and found["supervisor_id"] == found["person_id"]:
        problems.append(("supervisor_id", "Nobody supervises themselves."))
    for column, sentence in problems:
        result.refuse(line, column, sentence)
    if problems or service is None:
        return None
    return Shift(
        shift_id=said["shift_id"],
        service_id=service,
        person_id=found["person_id"],
        supervisor_id=found["supervisor_id"],
        job_role=said.get("role") or "",
        starts_at=said["starts_at"],
        ends_at=said["ends_at"],
        no_live_use=bool(said.get("no_live_use")),
        cancelled=bool(said.get("cancelled")),
    )


_COMPARED = (
    "service_id",
    "person_id",
    "supervisor_id",
    "job_role",
    "starts_at",
    "ends_at",
    "no_live_use",
    "cancelled",
)
# Where the file has no such column, what is known stays.
_OPTIONAL = {
    "supervisor_id": "supervisor_id",
    "job_role": "role",
    "no_live_use": "no_live_use",
    "cancelled": "cancelled",
}


def _said(known: Shift, shift: Shift, said: Mapping[str, Any]) -> bool:
    """Whether the file says what is known; fills in what it is silent about."""
    for attribute, column in _OPTIONAL.items():
        if column not in said:
            setattr(shift, attribute, getattr(known, attribute))
    return all(getattr(known, name) == getattr(shift, name) for name in _COMPARED)


def _people() -> tuple[dict[str, int], dict[int, str]]:
    """Everybody by folded reference, and by email where it is one person's; and pseudonyms."""
    ids: dict[str, int] = {}
    pseudonyms: dict[int, str] = {}
    addresses: dict[str, set[int]] = {}
    for reference, email, person, pseudonym in Identity.objects.values_list(
        "reference", "email", "person_id", "person__pseudonym"
    ).iterator():
        ids[folded_id(reference)] = person
        pseudonyms[person] = pseudonym
        if email:
            addresses.setdefault(folded_id(email), set()).add(person)
    for email, people in addresses.items():
        if len(people) == 1:
            ids.setdefault(email, *people)
    return ids, pseudonyms


def _current(lines: tuple[Line, ...]) -> dict[str, Shift]:
    """The shifts as they stand, by id."""
    ids = [line.values["shift_id"] for line in lines]
    return {s.shift_id: s for s in Shift.objects.filter(shift_id__in=ids, replaced_by__isnull=True)}


_WRITTEN = ("shift_id", *(name for name in _COMPARED if name not in {"starts_at", "ends_at"}))


def write(act: Any, result: Comparison) -> Mapping[int, str]:
    change: RotaChange = result.change
    if change.replaced:
        Shift.objects.filter(pk__in=change.replaced).update(replaced_by=act.seq)
    insert(
        Shift,
        [*_WRITTEN, "starts_at", "ends_at", "entry"],
        (
            (
                *[getattr(shift, name) for name in _WRITTEN],
                moment_value(shift.starts_at),
                moment_value(shift.ends_at),
                act.seq,
            )
            for shift in change.new
        ),
    )
    return change.about


KIND = Kind(
    name="rota",
    title="Rota",
    what="Who works when. A shift without a person’s id is one of an agency worker not named yet.",
    check=check,
    layouts=(Layout("rota", COLUMNS, compare, write, in_batches=True, finish=finish),),
    formats=("csv", "xlsx", "ics"),
    max_rows=250_000,
)
