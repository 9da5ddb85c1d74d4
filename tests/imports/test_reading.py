"""Files that cannot be read are refused in a sentence; the others read alike."""

import io
import zipfile
from datetime import date
from typing import Any

import pytest
import xlsxwriter

from surehand.evidence.refusal import Refused
from surehand.imports import run
from surehand.imports.reading import ImportProblem, csv_text, open_file, table_of
from surehand.people.access import COMMAND_LINE

HEADER = "service_id,name,setting,go_live_date"
ROW = "ALDER,Alder House,R,2026-01-05"
GOOD = f"{HEADER}\r\n{ROW}\r\n"


def workbook(*rows: list[Any], corner: str = "") -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        for r, row in enumerate(rows):
            for c, value in enumerate(row):
                if isinstance(value, date):
                    sheet.write_datetime(r, c, value, day)
                else:
                    sheet.write(r, c, value)
        if corner:
            sheet.write(corner, "x")
    return out.getvalue()


def zipped(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for name, content in files.items():
            z.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        GOOD.encode(),
        b"\xef\xbb\xbf" + GOOD.encode(),
        GOOD.replace(",", ";").encode(),
        GOOD.replace(",", "\t").encode(),
        GOOD.replace("\r\n", "\n").encode(),
        f'"{HEADER.replace(",", chr(34) + "," + chr(34))}"\n\n{ROW}'.encode(),
        f"Service ID,NAME, Setting ,go-live-date,\n{ROW},\n".encode(),
        workbook(HEADER.split(","), ["ALDER", "Alder House", "R", date(2026, 1, 5)]),
    ],
)
def test_the_same_table_in_many_dresses(db: None, content: bytes) -> None:
    shown = run.preview("services", content, "file", by=COMMAND_LINE)
    (line,) = shown.comparison.added
    assert dict(line.values) == {
        "service_id": "ALDER",
        "name": "Alder House",
        "setting": "R",
        "go_live_date": date(2026, 1, 5),
    }


def test_windows_1252_and_numbers(db: None) -> None:
    content = GOOD.replace("Alder House", "Café – Noël").encode("cp1252")
    shown = run.preview("services", content, "f.csv", by=COMMAND_LINE)
    assert shown.comparison.added[0].values["name"] == "Café – Noël"
    content = workbook(HEADER.split(","), [1042, 7.5, "R", ""])
    shown = run.preview("services", content, "f.xlsx", by=COMMAND_LINE)
    assert shown.comparison.added[0].values["service_id"] == "1042"


def test_rows_are_numbered_as_a_spreadsheet_does(db: None) -> None:
    text = f'{HEADER}\n\nA,"two\nlines",R,\n\nB,b,X,\n'
    shown = run.preview("services", text.encode(), "f.csv", by=COMMAND_LINE)
    assert [line.row for line in shown.comparison.added] == [3]
    assert [p.row for p in shown.problems] == [5]


def test_a_formula_is_text_in_and_guarded_out(db: None) -> None:
    text = f"{HEADER}\n=1+1,=HYPERLINK(1),X,\n"
    shown = run.preview("services", text.encode(), "f.csv", by=COMMAND_LINE)
    assert "'=1+1,'=HYPERLINK(1),X,," in shown.refused_file()
    again = list(open_file(csv_text(["a", "b"], [["=1+1", "-x"]]).encode(), "f.csv").rows())
    assert again[1].cells == ("=1+1", "-x")


BOMB = zipped(**{"[Content_Types].xml": b" " * 80 * 1024 * 1024})


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "f.csv", "The file is empty"),
        (b"\xef\xbb\xbf \r\n\r\n", "f.csv", "The file is empty"),
        (b",,,\n,,\n", "f.csv", "The file is empty"),
        (HEADER.encode(), "f.csv", "a first line and no rows"),
        (ROW.encode(), "f.csv", "needs the columns service_id, name, setting, go_live_date"),
        (GOOD.replace("setting", "kind").encode(), "f.csv", "needs the column setting"),
        (GOOD.replace("setting", "Name").encode(), "f.csv", "Two columns are called “Name”"),
        (GOOD.encode("utf-16"), "f.csv", "UTF-16"),
        (GOOD.encode("utf-16-le"), "f.csv", "bytes that are not text"),
        (GOOD.encode() + b"\x00", "f.csv", "bytes that are not text"),
        (GOOD.encode() + b"\x81\xff", "f.csv", "letters cannot be read"),
        (b"%PDF-1.7 ...", "f.csv", "a document or picture"),
        (b"\x89PNG\r\n\x1a\n", "f.csv", "a document or picture"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "f.xlsx", "locked with a password or in the old"),
        (b"PK\x03\x04nothing", "f.xlsx", "cannot be opened"),
        (GOOD.encode(), "f.xlsx", "cannot be opened"),
        (zipped(**{"a.txt": b"x"}), "f.csv", "cannot be opened"),
        (zipped(**{"xl/workbook.xml": b"<a/>"}), "f.xlsx", "cannot be opened"),
        (BOMB, "f.xlsx", "unpacks to more than"),
        (workbook(HEADER.split(","), corner="XFD1048576"), "f.xlsx", "far larger than its rows"),
        (GOOD.encode() + b'A,"never closed,R,\n', "f.csv", "Row 3 cannot be read"),
        (GOOD.encode() + b"A," + b"x" * 200_000, "f.csv", "Row 3 cannot be read"),
        ((",".join(f"c{i}" for i in range(600)) + "\n1\n").encode(), "f.csv", "more than 500"),
        (b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "f.ics", "reads CSV or XLSX"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(
    db: None, content: bytes, name: str, words: str
) -> None:
    with pytest.raises(ImportProblem) as refusal:
        run.preview("services", content, name, by=COMMAND_LINE)
    sentence = str(refusal.value)
    assert words in sentence
    assert sentence.endswith(".")
    assert len(sentence) < 400


def test_too_many_rows_are_refused(db: None) -> None:
    content = f"{HEADER}\n" + f"{ROW}\n" * 5_001
    with pytest.raises(ImportProblem, match="more than 5,000 rows"):
        run.preview("services", content.encode(), "f.csv", by=COMMAND_LINE)


def test_an_unknown_kind_is_refused_with_the_kinds_there_are() -> None:
    with pytest.raises(Refused, match="services, people"):
        run.preview("peeple", b"a", "f.csv", by=COMMAND_LINE)


CALENDAR = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//rota//EN
BEGIN:VEVENT
UID:S1@rota
SUMMARY:Late shift
ATTENDEE;CN=P1:mailto:someone@example.org
CATEGORIES:ALDER
DTSTART;TZID=Europe/London:20260312T133000
DTEND;TZID=Europe/London:20260312T213000
END:VEVENT
BEGIN:VEVENT
UID:S2@rota
SUMMARY:P2 early
LOCATION:ALDER
DTSTART:20260601T063000Z
DURATION:PT8H
STATUS:CANCELLED
END:VEVENT
BEGIN:VEVENT
UID:S3@rota
SUMMARY:Bank
ATTENDEE:mailto:ade@example.org
LOCATION:ALDER
DTSTART:20260313T073000
DTEND:20260313T153000
RRULE:FREQ=DAILY;COUNT=3
END:VEVENT
BEGIN:VEVENT
UID:S4@rota
ATTENDEE:mailto:ade@example.org
LOCATION:ALDER
DTSTART:20260313T073000
DTEND:20260313T153000
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n").encode()


def test_a_calendar_is_a_rota(home: None, take: Any) -> None:
    shown = take("rota", CALENDAR, name="rota.ics")
    assert [p.row for p in shown.problems] == [4]
    assert "a repeating event" in shown.problems[0].sentence
    said = [
        (s.values["shift_id"], f"{s.values['starts_at']:%d %H:%M}", f"{s.values['ends_at']:%H:%M}")
        for s in shown.comparison.added
    ]
    assert said == [
        ("S1@rota", "12 13:30", "21:30"),
        ("S2@rota", "01 06:30", "14:30"),
        ("S4@rota", "13 07:30", "15:30"),
    ]
    assert [s.values["cancelled"] for s in shown.comparison.added] == [False, True, False]
    assert take("rota", CALENDAR, name="rota.ics").unchanged == 3


@pytest.mark.parametrize(
    "content",
    [
        b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n",
        CALENDAR.replace(b"20260312T133000", b"yesterday"),
        CALENDAR.replace(b"END:VEVENT", b"END:VTODO"),
        CALENDAR.replace(b"DTSTART:20260313", b"DTSTART;TZID=Europe:20260313"),
    ],
)
def test_a_broken_calendar_is_refused(home: None, take: Any, content: bytes) -> None:
    try:
        shown = take("rota", content, name="rota.ics")
    except ImportProblem as problem:
        assert "calendar" in str(problem)  # noqa: PT017
    else:
        assert shown.problems


def test_a_file_of_nothing_but_odd_blanks_is_empty() -> None:
    with pytest.raises(ImportProblem, match="empty"):
        table_of(open_file(b"\xa0\n\xa0\r\n", "people.csv").rows())
