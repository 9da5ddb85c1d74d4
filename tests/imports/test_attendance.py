"""Courses attended: what each row does, that nothing is done twice, and what is never kept in a
fact (1.8, R1, R2, R13)."""

from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from surehand.evidence.models import Entry
from surehand.imports import run
from surehand.people.asc_wds import TRAINING_HEADER
from surehand.people.models import Service
from surehand.support.models import Attendance, AttendanceDetails, Course, CourseName
from tests.conftest import trials

from .conftest import manager_of
from .test_asc_wds import csv, everything_stored
from .test_files_in import counts, sentences
from .test_fuzz import FUZZ

HEADER = "person_id,course,date,provider,outcome,expires"
COURSES = (
    f"{HEADER}\n"
    "P1,Introduction to the digital care record,2026-02-02,Brindle Training,completed,\n"
    "p2,introduction to the  digital care-record,02/02/2026,,,01/02/2027\n"
    "P2,Fire safety,2026-01-12,,did not attend,\n"
)
TRAINED = {
    "LOCALESTID": "alder",
    "UNIQUEWORKERID": "P1",
    "CATEGORY": "48",
    "TRAININGNAME": "Care record basics",
    "ACCREDITED": "0",
    "WHODELIVERED": "2",
    "PROVIDERNAME": "63",
    "HOWDELIVERED": "2",
    "VALIDITY": "12",
    "DATECOMPLETED": "02/02/2026",
    "NOTES": "Came late",
}


def training(*rows: dict[str, str]) -> str:
    return csv(TRAINING_HEADER, *({**TRAINED, **row} for row in rows))


def stands() -> list[tuple[str, str, date, str, date | None]]:
    """What stands now: person, course, day, outcome and last day."""
    return sorted(
        (a.person.identity.reference, str(a.course), a.on, a.outcome, a.expires_on)
        for a in Attendance.objects.filter(superseded_by__isnull=True)
    )


def test_courses_attended_come_in_once(home: None, take: Any) -> None:
    shown = take("attendance", COURSES)
    assert counts(shown) == (3, 0, 0, 0)
    assert "Courses not seen before: “Introduction to the digital" in shown.notes[0]
    day, name = date(2026, 2, 2), "Introduction to the digital care record"
    assert stands() == [
        ("P1", name, day, "completed", None),
        ("P2", "Fire safety", date(2026, 1, 12), "absent", None),
        ("P2", name, day, "attended", date(2027, 2, 1)),
    ]
    entry = Entry.objects.latest("seq")
    assert entry.kind == "attendance.imported"
    assert b"Fire" not in bytes(entry.content)
    assert counts(take("attendance", COURSES)) == (0, 0, 3, 0)
    assert Entry.objects.latest("seq") == entry


def test_r1_who_gave_a_course_is_beside_the_fact_and_can_be_erased(home: None, take: Any) -> None:
    take("attendance", COURSES)
    assert AttendanceDetails.objects.get().provider == "Brindle Training"
    CourseName.objects.all().delete()
    AttendanceDetails.objects.all().delete()
    assert Attendance.objects.count() == 3
    assert str(Course.objects.earliest("pk")).startswith("Erased course")
    stored = everything_stored()
    assert not [said for said in ("Brindle Training", "Fire safety") if said in stored]


def test_a_row_that_says_something_else_corrects(home: None, take: Any) -> None:
    take("attendance", COURSES)
    first = Attendance.objects.get(person__identity__reference="P1")
    corrected = COURSES.replace("completed", "not completed")
    assert counts(take("attendance", corrected)) == (0, 1, 2, 0)
    latest = Attendance.objects.get(person__identity__reference="P1", superseded_by=None)
    assert (latest.supersedes, latest.outcome) == (first, "not_completed")
    assert counts(take("attendance", COURSES)) == (0, 1, 2, 0)
    provider = COURSES.replace("Brindle Training", "Brindle Learning")
    assert counts(take("attendance", provider)) == (0, 1, 2, 0)
    assert Attendance.objects.count() == 6


def test_columns_left_out_leave_what_is_known(home: None, take: Any) -> None:
    take("attendance", COURSES)
    bare = "person_id,course,date\nP1,Introduction to the digital care record,2026-02-02\n"
    assert counts(take("attendance", bare)) == (0, 0, 1, 0)
    assert counts(take("attendance", bare.replace("02-02", "03-02"))) == (1, 0, 0, 0)


BAD_ROWS = [
    ("P9,Fire safety,2026-02-02,,,", "person_id", "no person “P9”"),
    ("P1,Fire safety,2026-03-11,,,", "date", "11 March 2026 is still to come"),
    ("P1,Fire safety,2026-02-02,,,2026-02-02", "expires", "not after the day"),
    ("P1,Fire safety,2026-02-02,,splendid,", "outcome", "no outcome “splendid”"),
    ("P1,,2026-02-02,,,", "course", "course is empty"),
    ("P1,Fire safety,,,,", "date", "date is empty"),
]


def test_bad_rows_are_refused_and_the_good_ones_come_in(home: None, take: Any) -> None:
    shown = take("attendance", COURSES + "".join(f"{row}\n" for row, *_ in BAD_ROWS))
    assert counts(shown) == (3, 0, 0, len(BAD_ROWS))
    assert [p.column for p in shown.problems] == [column for _, column, _ in BAD_ROWS]
    for said, (_, _, sentence) in zip(sentences(shown), BAD_ROWS, strict=True):
        assert sentence in said


def test_two_rows_must_not_disagree(home: None, take: Any) -> None:
    row = "P1,Fire safety,2026-02-02,,{},"
    same = "\n".join([HEADER, row.format("attended"), row.format("")])
    assert counts(take("attendance", same)) == (1, 0, 1, 0)
    differ = "\n".join([HEADER, row.format("absent"), row.format("attended")])
    shown = take("attendance", differ)
    assert counts(shown) == (0, 1, 0, 1)
    assert "Row 2 says something else" in sentences(shown)[0]


def test_r14_a_registered_manager_imports_for_their_own_service(home: None, take: Any) -> None:
    by = manager_of(Service.objects.get(code="ALDER").pk)
    shown = take("attendance", f"{COURSES}P3,Fire safety,2026-02-02,,,\n", by=by)
    assert counts(shown) == (3, 0, 0, 1)  # P3 works at Quayside Court
    assert "no post at a service you import for" in sentences(shown)[0]
    shown = take("asc-wds", training({}, {"LOCALESTID": "QUAY", "UNIQUEWORKERID": "P3"}), by=by)
    assert counts(shown) == (1, 0, 0, 1)


# --- The ASC-WDS training file


def test_a_training_file_comes_in_as_it_is(home: None, take: Any) -> None:
    assert counts(take("asc-wds", training({}))) == (1, 0, 0, 0)
    attended = Attendance.objects.get()
    assert stands() == [
        ("P1", "Care record basics", date(2026, 2, 2), "completed", date(2027, 2, 1))
    ]
    assert (attended.category, attended.delivery, attended.mode, attended.accredited) == (
        48,
        "external",
        "e_learning",
        "no",
    )
    assert (attended.details.provider, attended.details.notes) == ("63", "Came late")
    assert counts(take("asc-wds", training({}))) == (0, 0, 1, 0)
    assert Entry.objects.latest("seq").kind == "asc_wds.imported"


def test_validity_and_expiry(home: None, take: Any) -> None:
    shown = take(
        "asc-wds",
        training(
            {"TRAININGNAME": "a", "DATECOMPLETED": "31/08/2025", "VALIDITY": "6"},
            {"TRAININGNAME": "b", "VALIDITY": "none"},
            {"TRAININGNAME": "c", "VALIDITY": "", "EXPIRYDATE": "05/06/2026"},
            {"TRAININGNAME": "d", "VALIDITY": "6", "EXPIRYDATE": "05/06/2026"},
            {"TRAININGNAME": "e", "VALIDITY": "NONE", "EXPIRYDATE": "05/06/2026"},
        ),
    )
    assert [row[4] for row in stands()] == [
        date(2026, 2, 27),
        None,
        date(2026, 6, 5),
        date(2026, 6, 5),
        date(2026, 6, 5),
    ]
    assert "2 row(s) have an EXPIRYDATE that does not fit" in " ".join(shown.notes)


def test_a_provider_counts_only_where_it_is_external(home: None, take: Any) -> None:
    shown = take("asc-wds", training({"WHODELIVERED": "1", "NOTES": ""}))
    assert "1 row(s) name a provider" in " ".join(shown.notes)
    assert not AttendanceDetails.objects.exists()


def test_a_course_without_a_name_is_called_by_its_category(home: None, take: Any) -> None:
    take("asc-wds", training({"TRAININGNAME": "", "CATEGORY": "13"}))
    assert stands()[0][1] == "Medication management"


BAD_CELLS = [
    ("LOCALESTID", "ELSEWHERE", "no service “ELSEWHERE”"),
    ("LOCALESTID", "L" * 51, "longer than 50"),
    ("UNIQUEWORKERID", "P9", "no person “P9”"),
    ("UNIQUEWORKERID", "", "is empty"),
    ("UNIQUEWORKERID", "W" * 51, "longer than 50"),
    ("CATEGORY", "3", "no code of the ASC-WDS"),
    ("CATEGORY", "", "is empty"),
    ("TRAININGNAME", "n" * 121, "longer than 120"),
    ("ACCREDITED", "2", "no code of the ASC-WDS"),
    ("WHODELIVERED", "3", "no code of the ASC-WDS"),
    ("HOWDELIVERED", "0", "no code of the ASC-WDS"),
    ("VALIDITY", "0", "neither none nor months"),
    ("VALIDITY", "1000", "neither none nor months"),
    ("VALIDITY", "-1", "neither none nor months"),
    ("DATECOMPLETED", "", "is empty"),
    ("DATECOMPLETED", "2/2/2026", "not a date as the ASC-WDS"),
    ("DATECOMPLETED", "2026-02-02", "not a date as the ASC-WDS"),
    ("DATECOMPLETED", "30/02/2026", "not a date as the ASC-WDS"),
    ("DATECOMPLETED", "11/03/2026", "still to come"),
    ("EXPIRYDATE", "02/02/2026", "not after the day"),
    ("EXPIRYDATE", "01/2027", "not a date as the ASC-WDS"),
    ("NOTES", "n" * 1001, "longer than 1000"),
]


def test_bad_training_rows_are_refused_in_sentences(home: None, take: Any) -> None:
    rows = [{column: cell} for column, cell, _ in BAD_CELLS]
    shown = take("asc-wds", training(*rows, {"TRAININGNAME": "Another"}))
    assert counts(shown) == (1, 0, 0, len(rows))
    assert [p.column for p in shown.problems] == [column for column, *_ in BAD_CELLS]
    for said, (_, _, sentence) in zip(sentences(shown), BAD_CELLS, strict=True):
        assert sentence in said


@settings(FUZZ, max_examples=min(trials(14), 5_000))
@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from(["P1", "p1", "P2", "P9"]),
            st.sampled_from(["Fire", "FIRE", "fi re", "???", "Meds"]),
            st.sampled_from(["2026-02-02", "02/02/2026", "2026-03-11"]),
            st.sampled_from(["", "B"]),
            st.sampled_from(["", "pass", "absent", "nonsense"]),
            st.sampled_from(["", "2027-01-01", "2026-01-01"]),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_any_attendance_file_twice_changes_nothing(
    home: None, take: Any, rows: list[tuple[str, ...]]
) -> None:
    from django.db import transaction

    file = "\n".join([HEADER, *(",".join(row) for row in rows)])
    with transaction.atomic():
        first: run.Preview = take("attendance", file)
        again: run.Preview = take("attendance", file)
        assert (again.added, again.changed) == (0, 0)
        assert again.unchanged == first.added + first.changed + first.unchanged
        assert again.problems == first.problems
        transaction.set_rollback(True)
