"""The `rota` file: who works when. A changed row replaces the shift it changes, which is kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from surehand.imports.kind import Batch, Comparison, Kind, Layout
from surehand.imports.reading import shown
from surehand.imports.table import Column, Line, identifier, local_time, text, yes_no
from surehand.people.models import Identity
from surehand.people.people_file import Services, check, folded_id, job_role
from surehand.readiness.models import Shift

LONGEST = timedelta(hours=24)
_FEW = 5_000
_BATCH = 5_000

COLUMNS = (
    Column("shift_id", "Your own id of the shift", text(80), True, True, example="S-0001"),
    Column("service_id", "Where: a service’s id", identifier, True, True, example="ALDER"),
    Column(
        "person_id",
        "Who: a person’s id; empty for an agency worker without a name yet",
        identifier,
        True,
        example="P001",
    ),
    Column("starts_at", "London time", local_time("start"), True, True, example="2026-03-02T07:30"),
    Column("ends_at", "London time", local_time("end"), True, True, example="2026-03-02T15:30"),
    Column("role", "Job role, where the person has several", job_role, example="Care worker"),
    Column("supervisor_id", "Who supervises live use: a person’s id", identifier, example=""),
    Column("no_live_use", "yes where the live system is not used", yes_no, example="no"),
    Column("cancelled", "yes where the shift does not take place", yes_no, example="no"),
)


@dataclass
class RotaChange:
    new: list[Shift] = field(default_factory=list)
    replaced: list[int] = field(default_factory=list)
    about: dict[int, str] = field(default_factory=dict)  # row → pseudonym


def compare(batch: Batch) -> Comparison:
    """Five statements, however many shifts."""
    result = Comparison(change=RotaChange())
    services = Services(batch.by)
    people, pseudonyms = _people(batch.lines.good)
    current = _current(batch.lines.good)
    seen: dict[str, int] = {}
    period: dict[int, list[Any]] = {}
    for line in batch.lines.good:
        said = line.values
        if said["shift_id"] in seen:
            result.refuse(line, "shift_id", f"This shift is also in row {seen[said['shift_id']]}.")
            continue
        seen[said["shift_id"]] = line.row
        shift = _shift(line, services, people, result)
        if shift is None:
            continue
        if shift.person_id:
            result.change.about[line.row] = pseudonyms[shift.person_id]
        period.setdefault(shift.service_id, []).append(shift.starts_at)
        known = current.get(shift.shift_id)
        if known is None:
            result.change.new.append(shift)
            result.added.append(line)
        elif _said(known, shift, said):
            result.unchanged.append(line)
        else:
            result.change.new.append(shift)
            result.change.replaced.append(known.pk)
            result.changed.append(line)
    _note_absent(period, set(seen), result)
    return result


def _shift(
    line: Line, services: Services, people: Mapping[str, int], result: Comparison
) -> Shift | None:
    said = line.values
    problems = []
    service, why = services.find(said["service_id"])
    if service is None:
        problems.append(("service_id", why))
    found: dict[str, int | None] = {}
    for column in ("person_id", "supervisor_id"):
        reference = said.get(column)
        found[column] = people.get(folded_id(reference)) if reference else None
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


def _people(lines: tuple[Line, ...]) -> tuple[dict[str, int], dict[int, str]]:
    """Ids of people by folded reference, and also by email where a calendar names one."""
    named = {
        v for line in lines for c in ("person_id", "supervisor_id") if (v := line.values.get(c))
    }
    identities = Identity.objects.values_list(
        "reference", "email", "person_id", "person__pseudonym"
    )
    ids: dict[str, int] = {}
    pseudonyms: dict[int, str] = {}
    addresses: dict[str, set[int]] = {}
    wanted = {folded_id(v) for v in named}
    for reference, email, person, pseudonym in identities:
        if folded_id(reference) in wanted or folded_id(email) in wanted:
            ids[folded_id(reference)] = person
            pseudonyms[person] = pseudonym
            addresses.setdefault(folded_id(email), set()).add(person)
    for email, people in addresses.items():
        if email and len(people) == 1:
            ids.setdefault(email, *people)
    return ids, pseudonyms


def _current(lines: tuple[Line, ...]) -> dict[str, Shift]:
    shifts = Shift.objects.filter(replaced_by__isnull=True)
    ids = {line.values["shift_id"] for line in lines}
    if len(ids) <= _FEW:
        shifts = shifts.filter(shift_id__in=ids)
    elif lines:
        # A shift whose id is in the file may have stood on any day: read them all, keep those.
        return {s.shift_id: s for s in shifts.iterator() if s.shift_id in ids}
    return {s.shift_id: s for s in shifts}


def _note_absent(period: Mapping[int, list[Any]], listed: set[str], result: Comparison) -> None:
    if not period:
        return
    first = min(min(starts) for starts in period.values())
    last = max(max(starts) for starts in period.values())
    absent = sum(
        1
        for shift_id in Shift.objects.filter(
            service__in=period,
            starts_at__gte=first,
            starts_at__lte=last,
            replaced_by__isnull=True,
            cancelled=False,
        ).values_list("shift_id", flat=True)
        if shift_id not in listed
    )
    if absent:
        result.notes.append(
            f"{absent} shift(s) of these services and days are known and not in the file. "
            "They are kept; list a shift with cancelled = yes to cancel it."
        )


def write(act: Any, result: Comparison) -> Mapping[int, str]:
    change: RotaChange = result.change
    for start in range(0, len(change.replaced), _BATCH):
        Shift.objects.filter(pk__in=change.replaced[start : start + _BATCH]).update(
            replaced_by=act.seq
        )
    for shift in change.new:
        shift.entry = act.seq
    Shift.objects.bulk_create(change.new)
    return change.about


KIND = Kind(
    name="rota",
    title="Rota",
    what="Who works when. An empty person_id is an agency worker without a name yet.",
    check=check,
    layouts=(Layout("rota", COLUMNS, compare, write),),
    formats=("csv", "xlsx", "ics"),
    max_rows=250_000,
)
