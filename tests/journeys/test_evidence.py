"""Journeys: an entry is found, read, and proven offline; a person is erased; retention empties."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from click.testing import CliRunner
from playwright.sync_api import expect

from surehand import evidence
from surehand.assessment import actions as assessment
from surehand.cli.__main__ import main
from surehand.governance import retention
from tests.journeys.conftest import Clock, Visit
from tests.journeys.test_by_keyboard import tab_to
from tests.provider import NOW, World


def test_an_entry_is_found_read_and_proven_offline(
    world: World, visit: Callable[..., Visit], tmp_path: Path
) -> None:
    # Given a failed check of Daniela, corrected by its author and voided by the manager; signed
    first = world.fail("dan", "C04", note="Did not say who was told.")
    again = assessment.record_assessment(
        by=world.by("cal"), happened_at=first.happened_at, person=first.person,
        service=first.service, check=first.check_version, method=first.method,
        judgements=dict.fromkeys(first.judgements, "met"), corrects=first,
        reason="The wrong box was ticked.",
    )  # fmt: skip
    assessment.void_assessment(by=world.by("ruth"), assessment=again, reason="Somebody else.")
    evidence.make_checkpoint()

    # When the nominated individual looks for what was recorded about her
    nadia = visit("nadia").goes_to("/")
    nadia.page.get_by_role("contentinfo").get_by_role("link", name="evidence entries").click()
    nadia.checked().heading("What was recorded?").shot("evidence")
    nadia.page.get_by_label("About whom").fill("Daniela")
    nadia.page.get_by_label("What", exact=True).select_option(label="Assessment corrected")
    nadia.page.wait_for_url("**kind=assessment.corrected**")
    nadia.checked()
    expect(nadia.page.get_by_role("main").get_by_text("Judged again")).to_have_count(1)
    nadia.clicks(f"Entry {again.entry}")

    # Then the correction reads as a story, from the original to the void
    nadia.heading(f"What does entry {again.entry} say?").sees("Did not say who was told.")
    nadia.sees(f"Corrects entry {first.entry}").sees("The wrong box was ticked.")
    nadia.sees(f"Voids entry {again.entry}").shot("entry")

    # And the server checks its proof, and says what that is worth
    nadia.clicks("Check this now").sees(f"This is entry {again.entry} of the")
    nadia.sees("That what was recorded was true.").sees("A server that lies could lie here too")

    # And the proof taken away holds offline with the key alone, and not when a byte is changed
    with nadia.page.expect_download() as taken:
        nadia.page.get_by_role("link", name="Its proof").click()
    proof = tmp_path / "proof.json"
    taken.value.save_as(proof)
    nadia.goes_to("/evidence/checkpoints/").shot("checkpoints")
    with nadia.page.expect_download() as taken:
        nadia.page.get_by_role("link", name="Download the key").click()
    key = tmp_path / "key"
    taken.value.save_as(key)

    def verify() -> tuple[int, str]:
        said = CliRunner().invoke(main, ["verify", str(proof), "--key", str(key)])
        return said.exit_code, said.stdout

    assert verify()[0] == 0
    assert "The key given signed that checkpoint." in verify()[1]
    said = json.loads(proof.read_text())
    said["entry"] = said["entry"].replace('"pass"', '"fail"')
    proof.write_text(json.dumps(said))
    assert verify()[0] == 1
    nadia.clicks("Check it now").sees("follow one another without gap")


def test_a_person_is_erased(world: World, visit: Callable[..., Visit]) -> None:
    # Given Daniela with a failed check, and a text about Sam that names her
    world.fail("dan", "C04", note="Did not say who was told.")
    world.fail("sam", "C04", note="Daniela Popescu had to help.")

    # When the administrator looks at what would go
    ada = visit("ada").goes_to(f"/settings/people/{world.people['dan'].pseudonym}/")
    ada.clicks("Erase this person").heading("Erase Daniela Popescu?").shot("erase")
    ada.sees("Notes and reasons of their checks").sees("Every entry of the ledger")
    ada.sees("They have a post now or to come.")

    # And sends it without a word: it asks who asked, and why
    ada.presses("Erase this person").sees("There is a problem")
    ada.page.get_by_label("The person themself").check()
    ada.page.get_by_label("They asked to be forgotten").check()
    ada.page.get_by_label("I have read what is erased").check()

    # Then it is refused while she works there, unless that is said
    ada.presses("Erase this person").sees("End it first, or say that")
    ada.page.go_back()
    ada.page.get_by_label("The person themself").check()
    ada.page.get_by_label("They asked to be forgotten").check()
    ada.page.get_by_label("Erase them although").check()
    ada.page.get_by_label("I have read what is erased").check()
    ada.presses("Erase this person").sees("Erased. From now on they are")

    # And everywhere she is somebody erased, and everything fits together still
    pseudonym = world.people["dan"].pseudonym
    helen = visit("helen").goes_to(f"/people/{pseudonym}/")
    helen.heading(f"Erased person {pseudonym[:6]}").does_not_see("Did not say who was told.")
    helen.goes_to("/people/?service=all").does_not_see("Daniela")
    helen.goes_to("/matrix/?service=ALD").sees(f"Erased person {pseudonym[:6]}")
    helen.goes_to("/evidence/?kind=person.erased").sees("What was proven still is.")
    assert evidence.verify_ledger().ok


def test_retention_empties_what_it_should(
    world: World, visit: Callable[..., Visit], clock: Clock
) -> None:
    # Given a note, and an administrator who keeps such notes for a year
    failed = world.fail("dan", "C04", note="Did not say who was told.")
    ada = visit("ada").goes_to("/settings/").clicks("How long everything is kept")
    ada.heading("How long is everything kept?").shot("retention")
    notes = ada.page.get_by_label("Notes and reasons written with checks and reviews: days")
    notes.fill("3")
    ada.presses("Save").sees("There is a problem")
    notes.fill("365")
    ada.presses("Save").sees("Saved.")

    # When more than a year has passed and what is due is done
    clock.now = NOW + timedelta(days=370)
    with evidence.clock.at(clock.now):
        retention.apply()

    # Then the note is gone, the outcome stands, and the run is in the ledger
    helen = visit("helen").goes_to(f"/assessments/{failed.entry}/")
    helen.sees("Further support required").does_not_see("Did not say who was told.")
    helen.goes_to(f"/evidence/{failed.entry}/").sees("its digest stays")
    helen.goes_to("/evidence/?kind=retention.applied").sees("erased 1 row whose time was over")


def test_the_recipients_of_the_checkpoint(world: World, visit: Callable[..., Visit]) -> None:
    ada = visit("ada", phone=True).goes_to("/settings/checkpoints/")
    ada.sees("No mail server is set up").fills("Email addresses", "board at example.org")
    ada.presses("Save").sees("is not a full email address")
    ada.fills("Email addresses", "board@example.org")
    ada.presses("Save").sees("Not yet this week").shot("recipients")


def test_an_entry_is_found_and_checked_by_keyboard(
    world: World, visit: Callable[..., Visit]
) -> None:
    failed = world.fail("dan", "C04", note="Did not say who was told.")
    evidence.make_checkpoint()
    helen = visit("helen").goes_to("/")
    keyboard = helen.page.keyboard
    tab_to(helen, lambda on: on["text"] == "Evidence" and on["type"] == "a")
    keyboard.press("Enter")
    helen.page.wait_for_url("**/evidence/")
    helen.checked()
    tab_to(helen, lambda on: on["name"] == "entry")
    keyboard.type(str(failed.entry))
    keyboard.press("Enter")
    helen.page.wait_for_url(f"**/evidence/{failed.entry}/")
    helen.checked()
    tab_to(helen, lambda on: on["text"] == "Check this now")
    keyboard.press("Enter")
    helen.page.wait_for_url("**check=now**")
    helen.checked().sees(f"This is entry {failed.entry} of the")
