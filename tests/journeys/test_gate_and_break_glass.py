"""Journeys: an override to the export, a token over real HTTP, and the day the line was cut."""

import csv
import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from tests.journeys.conftest import Clock, Visit
from tests.journeys.test_by_keyboard import FOCUSED, tab_to
from tests.provider import NOW, World


def test_an_override_goes_from_the_board_to_the_export_and_ends(
    world: World, visit: Callable[..., Visit]
) -> None:
    # Given tonight Daniela, who is not ready, and nobody else
    world.add_shift("dan", NOW + timedelta(hours=12))
    ruth = visit("ruth").goes_to("/live-use/")

    # When the registered manager overrides it for this shift
    ruth.clicks("Daniela Popescu, 18 November").clicks("Give the reason")
    ruth.fills("Why must it be this person", "The agency sent nobody.")
    ruth.presses("Override for this shift").sees("Not cleared, overridden by Ruth Adeyemi")
    ruth.shot("overridden-desk")

    # Then the file she carries away says so, and so do her home and the nominated individual’s
    ruth.page.get_by_text("Export").first.click()
    with ruth.page.expect_download() as download:
        ruth.page.get_by_role("link", name="CSV").click()
    rows = list(csv.DictReader(Path(download.value.path()).read_text("utf-8-sig").splitlines()))
    assert [(r["answer"], r["overridden_by"], r["override_reason"]) for r in rows] == [
        ("not_cleared", "Ruth Adeyemi", "The agency sent nobody.")
    ]
    ruth.goes_to("/").sees("1 shift is overridden within 14 days")
    visit("nadia").goes_to("/").sees("1 shift is overridden within 14 days")

    # And the team leader, who found somebody, ends it early
    tessa = visit("tessa", phone=True).goes_to("/live-use/?view=day")
    tessa.clicks("See what you can do Daniela Popescu").clicks("End it early")
    tessa.fills("Why does it end early?", "Samuel came after all.")
    tessa.presses("End the override").sees("The override for Daniela Popescu has ended.")


def test_a_token_is_made_used_and_revoked(
    world: World, visit: Callable[..., Visit], server: str
) -> None:
    # Given Samuel, who is independent, and the administrator
    world.pass_all("sam")
    world.sign_off("sam")
    ada = visit("ada").goes_to("/settings/").clicks("Tokens by which other programs ask")
    ada.sees("No program may ask yet.")

    # When she makes a token for the care records system at Alder House
    ada.fills("Which program is it for?", "Care records, gate at sign-in")
    ada.page.get_by_label("Where?").select_option(label="Alder House")
    ada.presses("Make the token").sees("It is shown once")
    ada.shot("token-desk")
    found = re.search(r"surehand_[\w-]{43}", ada.page.content())
    assert found

    # Then it is let through the gate, over real HTTP, for Alder House alone
    def ask(service: str, person: str) -> tuple[int, bool]:
        reference = world.people[person].identity.reference
        where = f"{server}/api/v1/readiness?service_id={service}&person_id={reference}"
        request = Request(where, headers={"Authorization": f"Bearer {found.group()}"})
        try:
            with urlopen(request, timeout=30) as answer:
                return answer.status, json.load(answer)["cleared"]
        except HTTPError as problem:
            return problem.code, json.load(problem)["cleared"]

    assert ask("ALD", "sam") == (200, True)
    assert ask("ALD", "dan") == (200, False)
    assert ask("QUA", "rose") == (403, False)

    # And once it is revoked, it opens nothing
    ada.goes_to("/settings/tokens/").presses("Revoke Care records").sees("It opens nothing now.")
    assert ask("ALD", "sam") == (401, False)


def test_the_line_is_cut_and_it_is_written_down(
    world: World, visit: Callable[..., Visit], clock: Clock
) -> None:
    # Given Samuel, who is independent, and Eve, whose live use is stopped
    world.pass_all("sam")
    world.sign_off("sam")
    world.add_shift("sam", NOW + timedelta(hours=1), hours=8)
    world.add_shift("dan", NOW + timedelta(hours=1), hours=8)

    # When the manager agrees what is done when it is down
    ruth = visit("ruth").goes_to("/live-use/").clicks("What if this software")
    ruth.heading("What if this software or the network is down?")
    ruth.clicks("Agree what is done").presses("Agree to this").sees("Write down what is done")
    ruth.fills("What is done at this service?", "The sheet hangs in the office. Ring me first.")
    ruth.presses("Agree to this").sees("Agreed by")
    ruth.shot("break-glass-desk")

    # And the team leader makes the sheet, and prints it
    tessa = visit("tessa", phone=True).goes_to("/live-use/break-glass/")
    tessa.presses("Make a sheet now").heading("Who may use the live system at Alder House?")
    tessa.sees("On their own, the whole time").sees("Not yet: no live use")
    tessa.shot("carry-sheet-phone")
    tessa.page.emulate_media(media="print")
    assert not tessa.page.locator(".sh-header").is_visible()
    assert tessa.page.get_by_text("Samuel Tetteh").is_visible()
    tessa.shot("carry-sheet-print")

    # Then after the outage the manager records who was let in
    clock.now = NOW + timedelta(hours=6)
    ruth.goes_to("/live-use/break-glass/").clicks("Record an outage")
    for legend, time in (("Which day did it begin?", "10:00"), ("Which day did it end?", "11:30")):
        label = legend.replace("Which day", "At what time")
        ruth.group(legend).get_by_label("Day").fill("18")
        ruth.page.get_by_label(label).fill(time)
    ruth.page.get_by_label("Daniela Popescu").check()
    ruth.fills("What happened?", "The line was cut.").presses("Record it")
    ruth.sees("none of them is cleared by it").sees("Daniela Popescu")

    # And the board shows it, and clears nothing
    ruth.goes_to("/live-use/").clicks("Daniela Popescu, 18 November")
    ruth.sees("Worked under break-glass").sees("1 of 2 shifts is not")


def test_the_sheet_is_made_by_keyboard(world: World, visit: Callable[..., Visit]) -> None:
    # Given a team leader who uses no mouse
    tessa = visit("tessa").goes_to("/live-use/break-glass/")
    # When she reaches the button by Tab alone
    tab_to(tessa, lambda on: on["text"] == "Make a sheet now")
    tessa.page.keyboard.press("Enter")
    # Then she has the sheet
    tessa.checked().heading("Who may use the live system at Alder House?")
    assert tessa.page.evaluate(FOCUSED)
