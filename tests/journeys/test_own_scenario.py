"""Journey: a provider makes its own scenario from a shipped one, tries it, and publishes it."""

from collections.abc import Callable

from playwright.sync_api import expect

from surehand import evidence
from surehand.practice.models import Attempt, ScenarioDraft, ScenarioVersion
from tests.journeys.conftest import Visit
from tests.journeys.test_by_keyboard import tab_to
from tests.provider import World


def test_a_copy_is_mended_tried_published_and_found(
    world: World, visit: Callable[..., Visit]
) -> None:
    # Given Helen, who finds S06 among the scenarios and reads it
    helen = visit("helen").goes_to("/practice/").clicks("All scenarios")
    helen.heading("What can our people practise?").clicks("Up in the night")
    helen.sees("As soon as somebody goes to “Bed or chair exit”").sees("Within 2 minutes")

    # When she copies it under a name of her own, and makes a mistake
    helen.clicks("Copy it and change the copy").fills("Title", "Up at two on Kestrel")
    helen.presses("Begin").heading("What shall the scenario say?").clicks("Edit as text")
    helen.sees("Nothing is wrong with it.")
    text = helen.page.get_by_label("The document")
    assert "title: Up at two on Kestrel" in text.input_value()
    text.fill(text.input_value().replace("alert: bed_exit", "alert: bell"))
    helen.presses("Save and try it").sees("Mend this before it can be tried")

    # Then it is explained, and leads to its line; she mends it
    helen.clicks("Line 19: “bell” is not known here")
    chosen = "e => e.value.slice(e.selectionStart, e.selectionEnd)"
    assert "alert: bell" in text.evaluate(chosen)
    text.fill(text.input_value().replace("alert: bell", "alert: bed_exit"))
    # (what is typed and not saved is there again after the page was lost)
    helen.page.reload()
    helen.checked().sees("did not save is here again")
    before = evidence.last_seq()
    helen.presses("Save and try it").heading("Try “Up at two on Kestrel”")

    # And plays it as her people will; nothing is recorded
    helen.presses("Play it").sees("preview – nothing is recorded")
    helen.presses("Wait until something happens").presses("I’m going now")
    helen.presses("Give her the frame and walk with her").clicks("Stop").presses("Yes, show me")
    helen.heading("What does its marking say?").sees("2 of 4 met").sees("Step by step")
    assert evidence.last_seq() == before
    assert not Attempt.objects.exists()

    # When she publishes it
    helen.clicks("See what it changes").heading("Publish “Up at two on Kestrel”?")
    helen.presses("Publish it").sees("Version 1 of P01 is published.")
    assert ScenarioVersion.objects.get().by == world.people["helen"]
    assert not ScenarioDraft.objects.exists()

    # Then a care worker finds it on her phone, and a team leader can read and not change it
    dan = visit("dan", phone=True).goes_to("/practice/")
    dan.clicks("Up at two on Kestrel").presses("Practise").heading("Heron, night shift")
    tessa = visit("tessa", phone=True, dark=True).goes_to("/practice/scenarios/P01/read/")
    tessa.sees("Our own: P01, version 1").sees("Writing scenarios takes a workforce lead.")


def test_a_copy_is_changed_in_a_form_without_its_document(
    world: World, visit: Callable[..., Visit]
) -> None:
    # Given Helen, who copied S06 and does not know YAML
    helen = visit("helen").goes_to("/practice/scenarios/new/?from=S06").presses("Begin")
    helen.heading("What shall the scenario say?").shot("scenario-form")

    # When she changes its words and when the bell rings, and leaves something out
    helen.fills("Title", "Up at two on Kestrel")
    helen.page.locator("#events-0 > summary").click()
    helen.fills("Seconds after that", "70").page.locator("#expect-3 > summary").click()
    expected = helen.page.locator("#expect-3")
    expected.get_by_label("What is said when it was done well").fill("")
    expected.get_by_label("Personal care", exact=True).check()
    helen.presses("Save and try it").sees("There is a problem")

    # Then it is said where, what she typed is still there, and the row is open
    helen.clicks("Expected 4: “What is said when it was done well” is empty. Fill it in.")
    expect(helen.page.locator("#events-0 >> visible=true")).to_have_count(1)
    helen.page.keyboard.insert_text("Your note helps the day staff.")

    # (on a phone, with everything open, it fits as well)
    wendy = visit("wendy", phone=True, dark=True).goes_to("/practice/scenarios/P01/draft/form/")
    wendy.page.evaluate("document.querySelectorAll('main details').forEach(d => d.open = true)")
    wendy.checked().shot("scenario-form-phone")

    # When she asks for one thing more
    helen.page.locator("#expect-new").select_option("tell")
    helen.page.locator("#expect > .sh-rows__add button").click()
    helen.checked()
    more = helen.page.locator("#expect-4")
    more.get_by_label("Ade, shift lead").check()
    more.get_by_label("Within how many minutes").fill("30")
    more.get_by_label("What is said when it was done well").fill("You told Ade.")
    more.get_by_label("What is said when it was not").fill("Tell Ade, who plans the night.")
    helen.presses("Save and see what it changes").heading("Publish “Up at two on Kestrel”?")

    # Then it is published as she wrote it, and the rest is as it was
    helen.presses("Publish it").sees("Version 1 of P01 is published.").sees("70 seconds after")
    helen.sees("Tell Ade, shift lead").sees("Your note helps the day staff.")
    text = ScenarioVersion.objects.get().document
    assert text.count("\n  - code: ") >= 7
    assert "says: Joyce is on the edge of her bed with one shoe on." in text


def test_the_same_by_keyboard_alone(world: World, visit: Callable[..., Visit]) -> None:
    helen = visit("helen").goes_to("/practice/scenarios/new/?from=S06")
    keyboard = helen.page.keyboard

    def enter(text: str, *, then: str) -> None:
        tab_to(helen, lambda on: on["text"].startswith(text), most=120)
        keyboard.press("Enter")
        helen.page.wait_for_url(then)
        helen.checked()

    tab_to(helen, lambda on: on["name"] == "title")
    keyboard.press("Control+a")
    keyboard.type("Up at two")
    enter("Begin", then="**/P01/draft/form/")
    enter("Edit as text", then="**/P01/draft/")
    text = helen.page.get_by_label("The document").input_value()
    tab_to(helen, lambda on: on["name"] == "text")
    keyboard.press("Control+a")
    keyboard.insert_text(text.replace("minutes: 5", "minutes: five"))
    enter("Save and check", then="**/P01/draft/?kept=**")
    # The focus is on what is wrong; from there to its line, and on writing at once
    assert "Mend this" in helen.page.evaluate("document.activeElement.innerText")
    tab_to(helen, lambda on: "must be a whole number" in on["text"])
    keyboard.press("Enter")
    keyboard.insert_text("minutes: 5")
    enter("Save and try it", then="**/P01/draft/preview/**")
    enter("Play it", then="**/practice/go/preview-P01/")
    enter("I have finished", then="**/stop/")
    enter("Yes, show me", then="**/previewed/")
    enter("See what it changes", then="**/publish/")
    enter("Publish it", then="**/P01/read/**")
    helen.sees("Version 1 of P01 is published.")
