"""Journeys: the ECM system gets a new release, and its profile a new version."""

from collections.abc import Callable

from surehand.ecm.models import ProfileVersion
from tests.ecm.test_publishing import written
from tests.journeys.conftest import Visit
from tests.journeys.test_by_keyboard import tab_to
from tests.provider import World


def test_a_section_is_renamed_seen_and_published(world: World, visit: Callable[..., Visit]) -> None:
    # Given an administrator who finds the profile from Settings
    ada = visit("ada").goes_to("/settings/").clicks("ECM profiles")
    ada.heading("What do our care systems record?").sees("Shipped with Surehand")
    ada.clicks("Residential and nursing care").sees("Within 60 minutes of the event")

    # When a file with faults comes in, each is told and the text stands there to be mended
    ada.clicks("Change this profile").heading("What shall the next version say?")
    broken = written().replace("kind: number", "kind: poem").encode()
    ada.page.get_by_label("Profile document").set_input_files(
        {"name": "profile.yaml", "mimeType": "application/yaml", "buffer": broken}
    )
    ada.presses("See what it changes").sees("There is a problem").sees("“kind” is “poem”")
    text = ada.page.get_by_label("The document")
    assert "title: Nights}" in text.input_value()
    text.fill(written())

    # Then she sees what it changes, goes back once, and publishes it
    ada.presses("See what it changes").sees("The section “Sleep” is now called “Nights”.")
    ada.presses("Go on writing")
    assert ada.page.get_by_label("The document").input_value() == written()
    ada.presses("See what it changes").heading("What does version 1.1 change?")
    assert not ProfileVersion.objects.exists()
    ada.presses("Publish this version").sees("Version 1.1 is published and applies at once.")
    assert ProfileVersion.objects.get().document == written()

    # And a registered manager reads it on a phone, and cannot change it
    ruth = visit("ruth", phone=True, dark=True)
    ruth.goes_to("/settings/ecm-profiles/residential-nursing/").sees("In force")
    ruth.sees("Changing a profile takes an administrator.")
    ruth.page.get_by_text("What is filled in").first.click()
    ruth.checked().sees("one of happy, settled")


def test_the_same_by_keyboard_alone(world: World, visit: Callable[..., Visit]) -> None:
    ada = visit("ada").goes_to("/settings/ecm-profiles/")
    keyboard = ada.page.keyboard

    def enter(text: str, *, then: str) -> None:
        tab_to(ada, lambda on: " ".join(on["text"].split()).startswith(text), most=120)
        keyboard.press("Enter")
        ada.page.wait_for_url(then)
        ada.page.wait_for_load_state("load")
        ada.checked()

    enter("Residential and nursing care", then="**/residential-nursing/")
    enter("Change this profile", then="**/change-ecm-profile/**")
    tab_to(ada, lambda on: on["name"] == "text")
    keyboard.press("Control+a")
    keyboard.insert_text(written("1.0"))
    tab_to(ada, lambda on: on["text"] == "See what it changes")
    keyboard.press("Enter")
    ada.page.wait_for_selector("[class*=error-summary]")
    ada.checked()
    assert "There is a problem" in ada.page.evaluate("document.activeElement.innerText")
    # The error leads to the document
    tab_to(ada, lambda on: on["text"].startswith("The last version of this profile is 1.0"))
    keyboard.press("Enter")
    keyboard.press("Control+a")
    keyboard.insert_text(written())
    tab_to(ada, lambda on: on["text"] == "See what it changes")
    keyboard.press("Enter")
    ada.page.wait_for_selector("text=is now called")
    ada.checked()
    tab_to(ada, lambda on: on["text"] == "Publish this version")
    keyboard.press("Enter")
    ada.page.wait_for_url("**/residential-nursing/1.1/**")
    ada.checked().sees("Version 1.1 is published")
