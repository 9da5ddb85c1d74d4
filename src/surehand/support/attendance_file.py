"""The `attendance` file: who attended which course when. It makes nobody ready (1.8).

A person, a course and a day are one attendance. The same row again changes nothing; a row that says
something else about it corrects it, and the older fact is kept. Courses are told apart by their
title, whatever its capitals, spaces and hyphens; one that the plan does not know is kept all the
same.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from surehand.imports.kind import Batch, Comparison, Kind, Layout
from surehand.imports.reading import shown
from surehand.imports.table import Column, Line, choice, day, folded, identifier, text
from surehand.people.access import Action, By, who_may
from surehand.people.models import Identity, Post
from surehand.people.people_file import PERSON_ID_NAMES, SILENT, check, folded_id
from surehand.support.models import Attendance, AttendanceDetails, Course, CourseName
from surehand.ui.formats import day as in_words

_FEW = 5_000
_NAMED_IN_ENTRY = 100

_OUTCOMES = {
    "attended": Attendance.Outcome.ATTENDED,
    "yes": Attendance.Outcome.ATTENDED,
    "completed": Attendance.Outcome.COMPLETED,
    "complete": Attendance.Outcome.COMPLETED,
    "passed": Attendance.Outcome.COMPLETED,
    "pass": Attendance.Outcome.COMPLETED,
    "notcompleted": Attendance.Outcome.NOT_COMPLETED,
    "incomplete": Attendance.Outcome.NOT_COMPLETED,
    "failed": Attendance.Outcome.NOT_COMPLETED,
    "fail": Attendance.Outcome.NOT_COMPLETED,
    "didnotattend": Attendance.Outcome.ABSENT,
    "absent": Attendance.Outcome.ABSENT,
    "dna": Attendance.Outcome.ABSENT,
    "no": Attendance.Outcome.ABSENT,
}

COLUMNS = (
    Column(
        "person_id",
        "Who: a person’s id",
        identifier,
        True,
        True,
        example="P001",
        also=PERSON_ID_NAMES,
    ),
    Column(
        "course",
        "The course’s title",
        text(120),
        True,
        True,
        example="Introduction to the digital care record",
        also=("course title", "course name", "training", "training course", "module", "title"),
    ),
    Column(
        "date",
        "The day it was attended",
        day,
        True,
        True,
        example="2026-03-02",
        also=(
            *("date attended", "date completed", "completed", "completed on", "completion date"),
            *("attended", "attended on", "course date", "training date"),
        ),
    ),
    Column(
        "provider",
        "Who gave the course",
        text(120),
        example="Brindle Training",
        also=("trainer", "training provider", "delivered by"),
    ),
    Column(
        "outcome",
        "attended, completed, not completed or did not attend; empty means attended",
        choice(_OUTCOMES, what="outcome", titles=[o.label for o in Attendance.Outcome]),
        example="completed",
        also=("result", "status", "attendance"),
    ),
    Column(
        "expires",
        "The last day it counts; empty where it does not end",
        day,
        example="",
        also=("expiry date", "expiry", "expires on", "renewal date", "renewal due", "valid until"),
    ),
)


@dataclass(frozen=True)
class AttendanceRow:
    """What one row says. SILENT where the file has no such column: what is known stays."""

    line: Line
    reference: str  # the person's
    course: str
    on: date
    columns: Mapping[str, str]  # what the file calls person, course, date and expiry
    outcome: Any = SILENT
    expires_on: Any = SILENT
    category: Any = SILENT
    delivery: Any = SILENT
    mode: Any = SILENT
    accredited: Any = SILENT
    provider: Any = SILENT
    notes: Any = SILENT


# What a row says about an attendance, and what holds where nothing was ever said.
_SAID: Mapping[str, Any] = {
    "outcome": Attendance.Outcome.ATTENDED,
    "expires_on": None,
    "category": None,
    "delivery": "",
    "mode": "",
    "accredited": "",
}
_DETAILS: Mapping[str, Any] = {"provider": "", "notes": ""}


@dataclass(frozen=True)
class NewAttendance:
    person: int
    course: str  # folded
    on: date
    said: Mapping[str, Any]
    details: Mapping[str, str]
    supersedes: int | None


@dataclass
class AttendanceChange:
    """All that a file would write."""

    courses: dict[str, str] = field(default_factory=dict)  # new: folded → title
    known_courses: dict[str, int] = field(default_factory=dict)
    attendances: list[NewAttendance] = field(default_factory=list)
    about: dict[int, str] = field(default_factory=dict)  # row → pseudonym


def compare(batch: Batch) -> Comparison:
    columns = {"person": "person_id", "course": "course", "date": "date", "expiry": "expires"}
    rows = []
    for line in batch.lines.good:
        said = line.values
        rows.append(
            AttendanceRow(
                line=line,
                reference=said["person_id"],
                course=said["course"],
                on=said["date"],
                columns=columns,
                outcome=said.get("outcome") or SILENT,
                expires_on=said.get("expires", SILENT),
                provider=(said["provider"] or "") if "provider" in said else SILENT,
            )
        )
    result = Comparison()
    compare_rows(rows, result, by=batch.by, today=batch.today)
    return result


def compare_rows(rows: Iterable[AttendanceRow], result: Comparison, *, by: By, today: date) -> None:
    """Sort rows into added, changed, unchanged and refused; five statements, however many."""
    rows = list(rows)
    change = AttendanceChange(
        known_courses=dict(CourseName.objects.values_list("folded", "course_id"))
    )
    result.change = change
    people = _people()
    allowed = _people_of(by)
    current = _current({people[k][0] for r in rows if (k := folded_id(r.reference)) in people})
    seen: dict[tuple[int, str, date], tuple[int, NewAttendance]] = {}
    for row in rows:
        person, pseudonym = people.get(folded_id(row.reference), (None, ""))
        problem = _problem(row, person, allowed, today)
        if problem or person is None:
            result.refuse(row.line, *problem)
            continue
        change.about[row.line.row] = pseudonym
        course = folded_course(row.course)
        key = (person, course, row.on)
        known = current.get((person, change.known_courses.get(course), row.on))
        told = _told(known)
        if key in seen:
            first, same = seen[key]
            if _new(row, person, course, {**same.said, **same.details}, known) == same:
                result.unchanged.append(row.line)
            else:
                result.refuse(
                    row.line,
                    row.columns["course"],
                    f"Row {first} says something else about the same person, course and day. "
                    "Keep one of the two.",
                )
            continue
        new = _new(row, person, course, told, known)
        seen[key] = (row.line.row, new)
        if told == {**new.said, **new.details}:
            result.unchanged.append(row.line)
            continue
        if course not in change.known_courses:
            change.courses.setdefault(course, row.course)
        change.attendances.append(new)
        (result.added if known is None else result.changed).append(row.line)
    if change.courses:
        titles = ", ".join(f"“{shown(t)}”" for t in list(change.courses.values())[:8])
        more = f" and {len(change.courses) - 8} more" if len(change.courses) > 8 else ""
        result.notes.append(f"Courses not seen before: {titles}{more}.")


def folded_course(title: str) -> str:
    """A course's title as compared."""
    return folded(title) or " ".join(title.casefold().split())


def _people() -> dict[str, tuple[int, str]]:
    """Everybody's id and pseudonym, by folded reference."""
    return {
        folded_id(reference): (person, pseudonym)
        for reference, person, pseudonym in Identity.objects.values_list(
            "reference", "person_id", "person__pseudonym"
        )
    }


def _people_of(by: By) -> frozenset[int] | None:
    """Whose attendance `by` may import (R14); None for everybody's."""
    if by.covers_all(Action.IMPORT_PEOPLE):
        return None
    services = by.services(Action.IMPORT_PEOPLE)
    return frozenset(Post.objects.filter(service__in=services).values_list("person_id", flat=True))


def _problem(
    row: AttendanceRow, person: int | None, allowed: frozenset[int] | None, today: date
) -> tuple[str, str] | tuple[()]:
    """The column and the sentence for a row that cannot be taken in."""
    if person is None:
        return row.columns["person"], (
            f"There is no person “{shown(row.reference)}”. Import the people file first."
        )
    if allowed is not None and person not in allowed:
        return row.columns["person"], (
            f"“{shown(row.reference)}” has no post at a service you import for. "
            f"It takes {who_may(Action.IMPORT_PEOPLE)}."
        )
    if row.on > today:
        return row.columns["date"], (
            f"{in_words(row.on)} is still to come. Import attendance when it has taken place."
        )
    if isinstance(row.expires_on, date) and row.expires_on <= row.on:
        return row.columns["expiry"], (
            f"It would end on {in_words(row.expires_on)}, not after the day it was attended, "
            f"{in_words(row.on)}. Correct one of the two dates."
        )
    return ()


def _current(people: set[int]) -> dict[tuple[int, int | None, date], Attendance]:
    """What is known of these people, corrections instead of what they correct."""
    attendances = Attendance.objects.filter(superseded_by__isnull=True)
    if len(people) <= _FEW:
        attendances = attendances.filter(person__in=people)
    return {(a.person_id, a.course_id, a.on): a for a in attendances.select_related("details")}


def _new(
    row: AttendanceRow,
    person: int,
    course: str,
    before: Mapping[str, Any],
    known: Attendance | None,
) -> NewAttendance:
    """What the row says, filled in with what was said before where it is silent."""

    def filled(defaults: Mapping[str, Any]) -> dict[str, Any]:
        said = {name: getattr(row, name) for name in defaults}
        return {
            name: before.get(name, default) if said[name] is SILENT else said[name]
            for name, default in defaults.items()
        }

    return NewAttendance(
        person=person,
        course=course,
        on=row.on,
        said=filled(_SAID),
        details=filled(_DETAILS),
        supersedes=known.pk if known else None,
    )


def _told(known: Attendance | None) -> dict[str, Any]:
    """What is known of an attendance, by the names in which a row says it."""
    if known is None:
        return {}
    details = getattr(known, "details", None)
    return {name: getattr(known, name) for name in _SAID} | {
        name: getattr(details, name, "") for name in _DETAILS
    }


def write(act: Any, result: Comparison) -> Mapping[int, str]:
    """Courses, attendances and their details. No post is touched: readiness does not ask (R6)."""
    change: AttendanceChange = result.change
    courses = {key: Course() for key in change.courses}
    for course in courses.values():
        act.record(course)
    CourseName.objects.bulk_create(
        [
            CourseName(course=course, title=change.courses[key], folded=key)
            for key, course in courses.items()
        ]
    )
    ids = change.known_courses | {key: course.pk for key, course in courses.items()}
    recorded = [
        Attendance(
            person_id=new.person,
            course_id=ids[new.course],
            on=new.on,
            supersedes_id=new.supersedes,
            **new.said,
        )
        for new in change.attendances
    ]
    act.record_all(recorded, batch_size=2000)
    AttendanceDetails.objects.bulk_create(
        [
            AttendanceDetails(attendance=attendance, **new.details)
            for attendance, new in zip(recorded, change.attendances, strict=True)
            if any(new.details.values())
        ],
        batch_size=2000,
    )
    rows = {line.row for line in (*result.added, *result.changed)}
    named = {pseudonym for row, pseudonym in change.about.items() if row in rows}
    if len(named) <= _NAMED_IN_ENTRY:
        act.about(*named)
    return change.about


KIND = Kind(
    name="attendance",
    title="Courses attended",
    what="Who attended which course when. It is shown beside competence and makes nobody ready.",
    check=check,
    layouts=(Layout("attendance", COLUMNS, compare, write),),
    max_rows=250_000,
)
