"""Journeys: a staff list of another system is matched once and recognised afterwards; a large rota
is read by a worker, left and found again."""

import io
from collections.abc import Callable

import pytest
import xlsxwriter
from playwright.sync_api import expect

from surehand import evidence
from surehand.imports.models import PendingImport
from surehand.people import import_work
from surehand.people.models import Identity
from tests.journeys.conftest import Clock, Visit
from tests.provider import World

HEADER = ["Home", "Emp No", "First name", "Surname", "Job Title", "Contract", "Joined"]


def staff_list(*rows: tuple[str, ...]) -> bytes:
    """As a personnel system exports it: titles above, the home merged down the side, a total."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet("Staff")
        sheet.merge_range("A1:G1", "Staff list – Human Resources")
        sheet.write("A2", "Exported on 3 March")
        sheet.write_row(3, 0, HEADER)
        for n, row in enumerate(rows):
            sheet.write_row(4 + n, 1, row)
        sheet.merge_range(4, 0, 3 + len(rows), 0, "Alder House")
        sheet.write_row(4 + len(rows), 0, ["Total", str(len(rows))])
        book.add_worksheet("Leavers").write_row(0, 0, ["Emp No", "Surname"])
    return out.getvalue()


FIRST = staff_list(
    ("H1", "Siân", "O'Dea", "HCA", "Perm", "03/04/2026"),
    ("H2", "Bo", "d’Arc", "Care worker", "Perm", "05/04/2026"),
)
SECOND = staff_list(
    ("H2", "Bo", "d’Arc", "Care worker", "Perm", "05/04/2026"),
    ("H3", "Zoë", "Müller", "HCA", "Perm", "06/04/2026"),
)


def choose(visit: Visit, content: bytes, name: str) -> None:
    visit.page.get_by_label("Your file").set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    )
    visit.presses("Read the file")


@pytest.mark.parametrize("phone", [False, True])
def test_a_staff_list_is_matched_once(visit: Callable[..., Visit], phone: bool) -> None:
    # Given a workbook with titles, merged cells and other words than ours
    ruth = visit("ruth", phone=phone).goes_to("/imports/people/")
    choose(ruth, FIRST, "staff.xlsx")
    # Then its columns are shown beside ours, and most are guessed
    ruth.heading("Which column is which?").sees("Siân · Bo").shot("imports-columns")
    box = ruth.page.get_by_label("Column for Name")
    assert box.input_value() == "First name"
    assert ruth.page.get_by_label("Joined with, for Name").input_value() == "Surname"
    assert ruth.page.get_by_label("Empty cells say what stands above them, for service_id")
    ruth.presses("Go on").heading("What do the words in this file mean?")
    # When the dates could be read either way, nothing is guessed
    ruth.presses("Save and read the file").sees("Say whether the day or the month comes first")
    ruth.shot("imports-words")
    ruth.page.get_by_label("“HCA” is our").select_option("Care worker")
    ruth.page.get_by_label("Day first").check()
    ruth.fills("A name for this layout", "Personnel export").presses("Save and read the file")
    # Then the file is read, and says how
    ruth.heading("Is this what you expect?").sees("2 rows: 2 to add")
    ruth.sees("“Personnel export”").sees("Row 4 was taken as the line")
    ruth.presses("Bring them in").heading("Done")
    assert Identity.objects.get(reference="H1").name == "Siân O'Dea"
    # When the next file of that layout comes, it is recognised
    ruth.goes_to("/imports/people/")
    choose(ruth, SECOND, "staff.xlsx")
    ruth.heading("Is this what you expect?").sees("2 rows: 1 to add")
    # And the layout can be looked at and forgotten
    ruth.goes_to("/imports/").sees("Layouts that are recognised").shot("imports-with-layouts")
    ruth.clicks("Personnel export").sees("“HCA” is our").shot("imports-layout")
    ruth.presses("Save").sees("Saved.")
    ruth.clicks("Personnel export").presses("Forget this layout").sees("is forgotten")


def test_by_keyboard_alone(visit: Callable[..., Visit]) -> None:
    ruth = visit("ruth").goes_to("/imports/people/")
    choose(ruth, FIRST, "staff.xlsx")
    keyboard = ruth.page.keyboard

    def to(label: str) -> None:
        box = ruth.page.get_by_label(label, exact=False).first
        for _ in range(80):
            if box.evaluate("box => box === document.activeElement"):
                return
            keyboard.press("Tab")
        raise AssertionError(f"The keyboard does not reach {label}")

    to("Column for Employment")
    keyboard.type("Contract")
    to("Column for Responsibilities")
    keyboard.press("Enter")
    ruth.page.get_by_role("button", name="Go on").focus()
    keyboard.press("Enter")
    ruth.heading("What do the words in this file mean?")
    to("“HCA” is our")
    keyboard.type("Care w")
    to("Day first")
    keyboard.press("Space")
    to("A name for this layout")
    keyboard.press("Enter")
    ruth.heading("Is this what you expect?").sees("2 rows: 2 to add").checked()


def test_a_large_rota_is_left_and_found_again(
    visit: Callable[..., Visit], world: World, clock: Clock
) -> None:
    # Given a rota of more rows than anybody waits for
    ruth = visit("ruth").goes_to("/imports/rota/")
    rows = "".join(f"S{n},ALD,,2026-11-20T07:30,2026-11-20T15:30\n" for n in range(5_001))
    choose(ruth, b"shift_id,service_id,person_id,starts_at,ends_at\n" + rows.encode(), "rota.csv")
    # When it waits for its turn, one can go away and come back
    ruth.heading("Being read").sees("Waiting for its turn").shot("imports-progress")
    ruth.goes_to("/imports/").sees("Being read. You can leave this page.")
    ruth.clicks("Being read. You can leave this page.").heading("Being read")
    # And when a worker has read it, the page goes on by itself
    pending = PendingImport.objects.get().pk
    with evidence.clock.at(clock.now):
        import_work.work_on.func(pending)
    expect(ruth.page.get_by_role("heading", level=1)).to_contain_text("Is this what")
    ruth.checked().presses("Bring them in").heading("Being brought in")
    with evidence.clock.at(clock.now):
        import_work.work_on.func(pending)
    expect(ruth.page.get_by_role("heading", level=1)).to_contain_text("Done")
    ruth.checked().sees("5,001 rows added")
