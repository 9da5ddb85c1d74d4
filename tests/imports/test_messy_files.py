"""Files as people have them: titles, merged cells, sums, serial dates, other letters, leavers."""

import io
import unicodedata
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from surehand.imports import matching, run
from surehand.imports.kind import find
from surehand.imports.mapping import ColumnMap, Source
from surehand.imports.reading import MAX_CSV, ImportProblem, open_file
from surehand.people.access import COMMAND_LINE
from surehand.people.models import Identity, Post
from surehand.readiness.models import Shift

from .test_files_in import HEADER, ROTA, counts

PEOPLE_HEADER = HEADER.split(",")


def workbook(**sheets: list[list[Any]]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for r, row in enumerate(rows):
                for c, value in enumerate(row):
                    if isinstance(value, tuple):  # a formula and the value saved beside it
                        sheet.write_formula(r, c, value[0], None, value[1])
                    else:
                        sheet.write(r, c, value)
    return out.getvalue()


def test_titles_above_blank_rows_a_second_sheet_sums_serials_and_formulas(
    home: None, take: Any
) -> None:
    content = workbook(
        Notes=[["Ask Jo before you change this"]],
        Staff=[
            ["Staff list"],
            ["As of", 46_090],
            [],
            PEOPLE_HEADER,
            [1001, "Zoë d’Arc", "CW", "ALDER", ('=LOWER("BANK")', "bank"), 46_025],
            [],
            ["N2", "Siân O'Dea", "RN", "ALDER", "bank", "03/02/2026"],
            ["Total", ("=COUNTA(A5:A7)", 2)],
        ],
    )
    shown = take("people", content, name="staff.xlsx")
    assert (counts(shown), shown.problems) == ((2, 0, 0, 0), [])
    assert any("Row 4 was taken" in note for note in shown.notes)
    assert any("sum up: row 8." in note for note in shown.notes)
    assert Post.objects.get(person__identity__reference="1001").start_date == date(2026, 1, 3)
    assert Identity.objects.get(reference="N2").name == "Siân O'Dea"


def test_the_sheet_and_the_row_that_look_most_like_ours_are_offered(home: None) -> None:
    content = workbook(
        Cover=[["Rota", "Week 12"], ["Printed", "today"]],
        Staff=[["Staff"], ["Emp No", "Full name", "Job title", "Site"], ["1", "A", "HCA", "ALDER"]],
    )
    file = open_file(content, "f.xlsx")
    pending = matching.keep_unmatched(find("people"), file, by=COMMAND_LINE)
    assert pending.sheets == [[1, "Cover"], [2, "Staff"]]
    assert pending.matching == {"sheet": 2, "header_row": 2}
    names = [p.name for p in matching.seen(pending, 2, 2)]
    assert names == ["Emp No", "Full name", "Job title", "Site"]


def test_once_matched_only_what_is_kept_stays(home: None) -> None:
    text = "Emp No,Full name,NI number\nE1,Ade O,QQ123456C\n"
    file = open_file(text.encode(), "f.csv")
    pending = matching.keep_unmatched(find("people"), file, by=COMMAND_LINE)
    rules = ColumnMap(
        ("Emp No", "Full name", "NI number"),
        {
            "person_id": Source(("Emp No",)),
            "name": Source(("Full name",)),
            "role": Source(value="CW"),
            "service_id": Source(value="ALDER"),
            "employment": Source(value="bank"),
            "start_date": Source(value="2026-03-01"),
        },
    )
    pending.matching |= {"rules": rules.as_json(), "name": "HR"}
    matching.seen(pending, 1, 1)
    matching.apply(pending, by=COMMAND_LINE)
    kept = [c for batch in run.part_batches(pending) for row in batch for c in row.cells]
    assert kept == ["E1", "Ade O", "CW", "ALDER", "bank", "2026-03-01"]
    assert pending.parts.count() == 1
    assert "QQ" not in repr(pending.summary) + repr(pending.matching)
    assert run.kept(pending, by=COMMAND_LINE).added == 1
    matching.apply(pending, by=COMMAND_LINE)  # a second time it does nothing
    assert pending.parts.count() == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_letters_and_separators(home: None, take: Any, encoding: str, mark: str) -> None:
    row = mark.join(["N1", "Zoë O’Neill-D'Arcy", "CW", "ALDER", "bank", "03/02/2026"])
    text = f"Staff list, as of today; for Jo\n{mark.join(PEOPLE_HEADER)}\n{row}\n"
    take("people", text.encode(encoding))
    assert Identity.objects.get(reference="N1").name == "Zoë O’Neill-D'Arcy"


def test_a_letter_and_its_mark_are_one(home: None, take: Any) -> None:
    row = "N1,{},CW,ALDER,bank,2026-02-03\n"
    take("people", f"{HEADER}\n{row.format(unicodedata.normalize('NFD', 'Zoë Müller'))}")
    assert Identity.objects.get(reference="N1").name == "Zoë Müller"
    again = take("people", f"{HEADER}\n{row.format('Zoë Müller')}")
    assert counts(again) == (0, 0, 1, 0)


def test_an_id_twice_names_both_rows(home: None, take: Any) -> None:
    row = "S1,ALDER,P1,2026-03-12T07:30,2026-03-12T15:30"
    shown = take("rota", f"{ROTA}\n{row}\n{row}\n")
    (problem,) = shown.problems
    assert (problem.row, problem.sentence) == (3, "This shift is also in row 2.")


def test_a_shift_after_somebody_has_left_is_said_with_their_last_day(home: None, take: Any) -> None:
    take("people", f"{HEADER},end_date\nP1,Ade Okafor,CW,ALDER,permanent,2025-06-02,11/03/2026\n")
    shown = take(
        "rota",
        f"{ROTA}\nS1,ALDER,P1,2026-03-11T07:30,2026-03-11T15:30\n"
        "S2,ALDER,P1,2026-03-12T07:30,2026-03-12T15:30\n",
    )
    assert counts(shown) == (2, 0, 0, 0)
    assert any("row 3, P1, whose last day is 11 March 2026" in note for note in shown.notes)


def test_who_leaves_with_shifts_to_come_is_named_before_it_is_brought_in(
    home: None, take: Any
) -> None:
    take("rota", f"{ROTA}\nS1,ALDER,P1,2026-03-20T07:30,2026-03-20T15:30\n")
    leaves = f"{HEADER},end_date\nP1,Ade Okafor,CW,ALDER,permanent,2025-06-02,15/03/2026\n"
    shown = run.preview("people", leaves.encode(), "f.csv", by=COMMAND_LINE)
    assert any("P1, 1 shift after 15 March 2026" in note for note in shown.notes)
    later = leaves.replace("15/03", "20/03")  # the last day is worked
    shown = run.preview("people", later.encode(), "f.csv", by=COMMAND_LINE)
    assert not any("rota" in note for note in shown.notes)
    assert Shift.objects.count() == 1


def test_a_time_a_spreadsheet_keeps_as_a_number(home: None, take: Any) -> None:
    take("rota", f"{ROTA}\nS1,ALDER,P1,46083.3125,46083.645833333336\n")
    shift = Shift.objects.get()
    assert shift.starts_at == datetime(2026, 3, 2, 7, 30, tzinfo=UTC)
    assert shift.ends_at == datetime(2026, 3, 2, 15, 30, tzinfo=UTC)


def test_a_file_that_is_too_large_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.truncate(MAX_CSV + 1)  # as large, and takes no room
    with pytest.raises(ImportProblem, match="larger than 200 MB"):
        open_file(path, path.name)


def test_a_file_that_changes_meanwhile_is_not_brought_in(home: None, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text(f"{HEADER}\nN1,Ade O,CW,ALDER,bank,2026-02-03\n")
    shown = run.preview("people", path, path.name, by=COMMAND_LINE)
    path.write_text(f"{HEADER}\nN1,Somebody Else,CW,ALDER,bank,2026-02-03\n")
    with pytest.raises(ImportProblem, match="changed while"):
        run.commit(shown, by=COMMAND_LINE)
    assert not Identity.objects.filter(reference="N1").exists()
