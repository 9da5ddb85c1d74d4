"""A column mapping: pure, and the files it makes readable."""

from collections import Counter
from datetime import date, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surehand.evidence.models import Entry
from surehand.evidence.refusal import NotPermitted, NotPossible
from surehand.imports import actions, run
from surehand.imports.mapping import (
    ColumnMap,
    Noted,
    Profile,
    Source,
    evident_order,
    guesses,
    in_order,
    meaning,
    named,
    profiles,
    signature,
)
from surehand.imports.models import ColumnMapping
from surehand.imports.reading import Row, Sheet
from surehand.imports.table import TOO_WIDE, Column, day
from surehand.people import people_file
from surehand.people.access import COMMAND_LINE, By
from surehand.people.models import Identity, Post
from surehand.readiness import rota_file
from surehand.support import attendance_file

PEOPLE = people_file.COLUMNS
cells = st.text(alphabet="abcXYZ é’'019/ ", max_size=8).map(str.strip)


def sheet(header: tuple[str, ...], *rows: tuple[str, ...]) -> Sheet:
    return Sheet(header, iter([Row(n, row) for n, row in enumerate(rows, 2)]))


@given(st.lists(cells, min_size=1, max_size=8))
def test_every_column_of_a_file_has_a_name_of_its_own(header: list[str]) -> None:
    names = named([*header, "x"])
    assert len(signature(names)) == len(names) == len(header) + 1
    assert all(names)
    assert named(names) == names


@given(st.permutations(["person_id", "name", "role", "team"]), st.lists(cells, min_size=4))
def test_a_mapping_of_each_column_to_itself_changes_no_cell(
    header: list[str], row: list[str]
) -> None:
    rules = ColumnMap(tuple(header), {name: Source((name,)) for name in header})
    given_row = tuple(row[:4])
    out = rules.applied(sheet(tuple(header), given_row), PEOPLE)
    said = [dict(zip(out.header, r.cells, strict=True)) for r in out.rows]
    assert said == ([dict(zip(header, given_row, strict=True))] if any(given_row) else [])
    assert rules.knows(list(reversed(header)))
    assert ColumnMap.from_json(rules.as_json()) == rules
    assert ColumnMap.from_json(rules.as_json()).digest() == rules.digest()


@given(st.dates(date(1950, 1, 1), date(2090, 1, 1)), st.sampled_from("/.-"))
def test_dates_are_read_in_the_order_that_was_said(on: date, mark: str) -> None:
    assert day(in_order(f"{on.day}{mark}{on.month:02}{mark}{on.year}", "DMY")) == on
    assert day(in_order(f"{on.month:02}{mark}{on.day}{mark}{on.year}", "MDY")) == on
    assert in_order(on.isoformat(), "MDY") == on.isoformat()
    if on.year >= 2000:
        assert day(in_order(f"{on:%d/%m/%y}", "DMY")) == on


@given(st.lists(st.dates(date(2020, 1, 1), date(2026, 12, 31)), min_size=1), st.booleans())
def test_the_order_of_dates_is_evident_or_asked(days: list[date], first: bool) -> None:
    profile = Profile("Start")
    for on in days:
        profile.see(on.strftime("%d/%m/%Y" if first else "%m/%d/%Y"))
    order, ask = evident_order([profile])
    assert ask
    if any(on.day > 12 for on in days):
        assert order == ("DMY" if first else "MDY")
    else:
        assert order == ""


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("3/4/26 7:30 PM", "2026-04-03 19:30"),
        ("03/04/2026 12 am", "2026-04-03 00:00"),
        ("2026-04-03 9.15am", "2026-04-03 09:15"),
        ("03/04/2026 07:30", "2026-04-03 07:30"),
        ("31/31/2026", "2026-31-31"),
        ("nothing", "nothing"),
    ],
)
def test_times_as_people_write_them(cell: str, said: str) -> None:
    assert in_order(cell, "DMY") == said


def test_columns_are_joined_filled_down_and_fixed_and_words_translated() -> None:
    rules = ColumnMap(
        ("Unit", "First", "Last", "Job"),
        {
            "team": Source(("Unit",), fill_down=True),
            "name": Source(("First", "Last")),
            "role": Source(("Job",), words={"hca": "CW"}),
            "employment": Source(value="bank"),
        },
    )
    out = rules.applied(
        sheet(
            ("Unit", "First", "Last", "Job"),
            ("Heron", "Siân", "O’Dea", "HCA"),
            ("", "Bo", "", "h.c.a"),
            ("Kite", "", "", ""),
            ("", "Cy", "Lee", "RN", "more"),
        ),
        PEOPLE,
    )
    assert out.header == ("name", "role", "employment", "team")
    assert [(r.number, r.cells) for r in out.rows] == [
        (2, ("Siân O’Dea", "CW", "bank", "Heron")),
        (3, ("Bo", "CW", "bank", "Heron")),
        (5, ("Cy Lee", "RN", "bank", "Kite", TOO_WIDE)),
    ]


def test_columns_are_guessed_by_their_names_other_names_and_likeness() -> None:
    found = guesses(PEOPLE, ["Emp No", "Forename", "Surname", "Job Title", "Site", "Start Dat"])
    assert found == {
        "person_id": ("Emp No",),
        "name": ("Forename", "Surname"),
        "role": ("Job Title",),
        "service_id": ("Site",),
        "start_date": ("Start Dat",),
    }


def test_what_a_word_means_is_guessed_by_title_alone() -> None:
    role = next(c for c in PEOPLE if c.name == "role")
    assert meaning(role, "Care worker") == ("CW", True)
    assert meaning(role, "Care wroker") == ("CW", False)
    assert meaning(role, "HCA") == ("", False)
    place = Column("service_id", "", str, options=lambda: {"ALD": "Alder House"})
    assert meaning(place, "ald") == ("ALD", True)
    assert meaning(place, "Alder House") == ("ALD", False)
    assert meaning(place, "Elm") == ("", False)


@pytest.mark.parametrize(
    ("column", "word", "means"),
    [
        ("role", "RGN", "RN"),
        ("role", "Sen. Carer", "SC"),
        ("role", "Deputy Mgr", "DM"),
        ("role", "Care worker – nights", "CW"),
        ("role", "Senior care worker (days)", "SC"),
        ("role", "Carer", ""),
        ("employment", "Perm", "permanent"),
        ("employment", "Agency – Brightcare", "agency"),
        ("employment", "Bankside", ""),
    ],
)
def test_words_people_use_are_guessed_and_asked(column: str, word: str, means: str) -> None:
    assert meaning(next(c for c in PEOPLE if c.name == column), word) == (means, False)


def test_a_service_is_guessed_without_its_article() -> None:
    place = Column("service_id", "", str, options=lambda: {"L": "The Laurels", "A": "Alder"})
    assert meaning(place, "Laurels") == ("L", False)


def test_a_date_is_guessed_for_both_ends_of_a_shift() -> None:
    header = ["Date", "Unit", "Staff no", "Name", "From", "To"]
    found = guesses(rota_file.COLUMNS, header)
    assert found["starts_at"] == ("Date", "From")
    assert found["ends_at"] == ("Date", "To")
    assert found["person_id"] == ("Staff no",)
    assert found["shift_id"] == ("Date", "Staff no")  # the page shows it, opened
    header = ["Shift", "Start date", "Start time", "End date", "End time"]
    found = guesses(rota_file.COLUMNS, header)
    assert found["starts_at"] == ("Start date", "Start time")
    assert found["ends_at"] == ("End date", "End time")
    assert found["shift_id"] == ("Shift",)


def test_the_columns_of_a_course_list_are_guessed() -> None:
    header = [
        "Staff No.",
        "Employee",
        "Course title",
        "Date attended",
        "Trainer",
        "Result",
        "Expiry",
    ]
    assert guesses(attendance_file.COLUMNS, header) == {
        "person_id": ("Staff No.",),
        "course": ("Course title",),
        "date": ("Date attended",),
        "provider": ("Trainer",),
        "outcome": ("Result",),
        "expires": ("Expiry",),
    }


def test_rows_of_people_who_do_no_such_work_are_left_out_and_said(home: None) -> None:
    table = "No,Who,Job,Home,Contract,Start\n"
    rows = (
        "E1,Ada Orr,HCA,ALDER,permanent,2026-01-05",
        "E2,Bo Fry,Cook,ALDER,permanent,2026-01-05",
    )
    staff = table + "\n".join(rows)
    names = ("person_id", "name", "role", "service_id", "employment", "start_date")
    sources = {
        ours: Source(columns=(theirs,))
        for ours, theirs in zip(names, table.strip().split(","), strict=True)
    }
    sources["role"] = Source(columns=("Job",), words={"hca": "CW", "cook": ""})
    rules = ColumnMap(tuple(table.strip().split(",")), sources)
    assert ColumnMap.from_json(rules.as_json()) == rules
    actions.save_mapping(by=COMMAND_LINE, kind="people", name="Payroll", rules=rules)
    shown = run.preview("people", staff.encode(), "staff.csv", by=COMMAND_LINE)
    assert (shown.added, shown.refused, shown.rows) == (1, 0, 1)
    assert "Left out, as the layout says: row 3." in shown.notes


def one_date(*ends: str) -> ColumnMap:
    return ColumnMap(
        header=("Date", "From", "To", "To date"),
        sources={
            "starts_at": Source(columns=("Date", "From"), order="DMY"),
            "ends_at": Source(columns=ends, order="DMY"),
        },
    )


@given(
    st.dates(date(2001, 1, 1), date(2090, 1, 1)),
    st.times().map(lambda t: t.replace(second=0, microsecond=0)),
    st.times().map(lambda t: t.replace(second=0, microsecond=0)),
)
def test_a_shift_with_one_date_that_ends_earlier_ends_on_the_next_day(
    on: date, begins: time, ends: time
) -> None:
    cells = (f"{on:%d/%m/%Y}", f"{begins:%H:%M}", f"{ends:%H:%M}", f"{on:%d/%m/%Y}")

    def read(rules: ColumnMap) -> Row:
        table = sheet(rules.header, cells)
        return next(iter(rules.applied(table, rota_file.COLUMNS, noted).rows))

    noted = Noted()
    row = read(one_date("Date", "To"))
    over = ends < begins
    last = on + timedelta(days=over)
    assert row.cells == (f"{on} {begins:%H:%M}", f"{last} {ends:%H:%M}")
    assert noted.overnight == [row.number] * over
    # With a date of its own, an end is what it says.
    row = read(one_date("To date", "To"))
    assert row.cells[1] == f"{on} {ends:%H:%M}"
    assert len(noted.overnight) == over


def test_a_column_of_many_words_is_no_choice() -> None:
    table = sheet(("A", "B"), *[(f"w{n}", "x") for n in range(300)])
    many, few = profiles(table)
    assert many.words is None
    assert few.words == Counter({"x": 300})
    assert Profile.from_json(few.as_json()) == few


# --- Saved, and used

FILE = (
    "Staff list;;;;;\n"
    "Exported 03/03/2026;;;;;\n"
    "Emp No;First;Last;Job;Home;Joined\n"
    "N1;Siân;O'Dea;HCA;Alder House;04/03/2026\n"
    "N2;Bo;d’Arc;RN;Alder House;05/03/2026\n"
    "Total: 2;;;;;\n"
).encode("cp1252")


def rules(order: Any = "DMY") -> ColumnMap:
    return ColumnMap(
        ("Emp No", "First", "Last", "Job", "Home", "Joined"),
        {
            "person_id": Source(("Emp No",)),
            "name": Source(("First", "Last")),
            "role": Source(("Job",), words={"hca": "CW"}),
            "service_id": Source(("Home",), words={"alderhouse": "ALDER"}),
            "employment": Source(value="permanent"),
            "start_date": Source(("Joined",), order=order),
        },
    )


def test_the_next_file_of_a_layout_is_recognised_and_the_entry_says_with_what(home: None) -> None:
    actions.save_mapping(by=COMMAND_LINE, kind="people", name="HR  export", rules=rules())
    shown = run.preview("people", FILE, "staff.csv", by=COMMAND_LINE)
    assert (shown.added, shown.problems) == (2, [])
    assert shown.notes[-3:] == [
        "Read with the layout “HR export”.",
        "Row 3 was taken as the line that names the columns.",
        "Left out because they only sum up: row 6.",
    ]
    done = run.commit(shown, by=COMMAND_LINE)
    assert done
    assert (
        f'"mapping":"{rules().digest().hex()}"'
        in bytes(Entry.objects.get(seq=done.entry).content).decode()
    )
    assert bytes(done.mapping_digest) == rules().digest()
    assert Identity.objects.get(reference="N1").name == "Siân O'Dea"
    assert Post.objects.get(person__identity__reference="N2").start_date == date(2026, 3, 5)
    again = run.preview("people", FILE, "staff.csv", by=COMMAND_LINE, mapping="HR export")
    assert (again.unchanged, again.does_something) == (2, False)


def test_a_mapping_is_saved_changed_and_deleted_by_whoever_may_import(home: None) -> None:
    saved = actions.save_mapping(by=COMMAND_LINE, kind="people", name="HR", rules=rules())
    seq = Entry.objects.count()
    assert actions.save_mapping(by=COMMAND_LINE, kind="people", name="HR", rules=rules()) == saved
    assert Entry.objects.count() == seq  # nothing new, no entry
    other = actions.save_mapping(by=COMMAND_LINE, kind="people", name="Other", rules=rules("MDY"))
    with pytest.raises(NotPossible, match="called “HR” already"):
        actions.save_mapping(
            by=COMMAND_LINE, kind="people", name="HR", rules=rules(), mapping=other
        )
    nobody = By(None, "c" * 32, "password")
    with pytest.raises(NotPermitted):
        actions.save_mapping(by=nobody, kind="people", name="Mine", rules=rules())
    with pytest.raises(NotPermitted):
        actions.delete_mapping(by=nobody, mapping=saved)
    actions.delete_mapping(by=COMMAND_LINE, mapping=saved)
    assert list(ColumnMapping.objects.values_list("name", flat=True)) == ["Other"]
    assert "HR" not in "".join(bytes(e.content).decode() for e in Entry.objects.all())


def test_a_mapping_that_is_not_there_or_does_not_fit_is_refused(home: None) -> None:
    actions.save_mapping(by=COMMAND_LINE, kind="people", name="HR", rules=rules())
    with pytest.raises(NotPossible, match="no layout “No”"):
        run.preview("people", FILE, "f.csv", by=COMMAND_LINE, mapping="No")
    with pytest.raises(NotPossible, match="lacks columns"):
        run.preview("people", b"a,b\n1,2\n", "f.csv", by=COMMAND_LINE, mapping="HR")


def test_words_nobody_gave_a_meaning_to_are_counted(home: None) -> None:
    table = sheet(
        ("Emp No", "First", "Last", "Job", "Home", "Joined"),
        ("1", "a", "b", "HCA", "ALDER", ""),
        ("2", "a", "b", "Chef", "Elm", ""),
        ("3", "a", "b", "Chef", "Alder House", ""),
    )
    assert rules().unknown_words(table, PEOPLE) == {
        "role": Counter({"Chef": 2}),
        "service_id": Counter({"Elm": 1}),
    }
