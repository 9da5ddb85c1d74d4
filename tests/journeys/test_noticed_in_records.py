"""Journey: what screening noticed is seen, opened with the other record beside it, and answered;
whoever wrote it reads the same, and says what a program cannot know."""

from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import expect

from surehand.records import signal_pages as pages
from surehand.records.rows import Row
from tests.journeys.conftest import Visit
from tests.journeys.test_by_keyboard import FOCUSED, tab_to
from tests.provider import NOW, World
from tests.records.live import a_record, an_account, an_alert, noticed

FELL = "Found on the floor at six. She says she slid from the bed. All care given."
EARLIER = "Found on the floor at five. She says she slid from the chair. All care given."


def a_week_of_records(world: World) -> Row:
    """Some quiet notes, an alert nobody answered, and a note that tells of a fall in old words."""
    account = an_account("dan.p", person=world.people["dan"])
    for number in range(25):
        note = a_record(world.alder, account, at=NOW - timedelta(days=9, minutes=number))
        noticed(note, *(["late_entry"] if number < 4 else []))
    noticed(an_alert(world.alder), "alert_without_response")
    earlier = a_record(world.alder, account, EARLIER, at=NOW - timedelta(days=3))
    noticed(earlier)
    record = a_record(world.alder, account, FELL, fields={"mood": "unsettled"})
    noticed(record, "incident_in_note", strength="useful", words=(0, 18))
    noticed(record, "reused_wording", strength="useful", words=(26, 35), beside=earlier)
    return Row(record=record)


def test_what_was_noticed_is_opened_beside_the_other_record_and_answered(
    world: World, visit: Callable[..., Visit]
) -> None:
    # Given a note of Daniela's in which a fall is told, in words that were used before
    a_week_of_records(world)
    # When the team leader sees on her home page that something cannot wait
    tessa = visit("tessa").goes_to("/").sees("alert seems to have no response")
    # And looks at what was noticed at her service
    tessa.goes_to("/records/?service=ALD").heading("What was noticed in records at Alder House?")
    tessa.sees("Most often: recorded late").sees("Nobody’s own figures").shot("records")
    tessa.clicks("What waits").heading("worth a look?").shot("records-list")
    tessa.goes_to("/records/noticed/?service=ALD&signal=incident_in_note").sees("Daniela Popescu")
    tessa.clicks("An incident told in a note", exact=True)
    # Then the words are marked, the other record stands beside it, and the innocent reading too
    tessa.heading("What was noticed here?").sees("It may be recorded elsewhere")
    tessa.sees("She says she slid from the chair").sees("Beside it").shot("record")
    # When she says why one is fine
    card = tessa.page.locator("#reason-1")
    card.get_by_label("it is recorded elsewhere").check()
    with tessa.page.expect_navigation():
        card.get_by_role("button", name="Keep this answer").click()
    tessa.checked().sees("off the list").sees("This is fine: it is recorded elsewhere")
    # Then it waits no more, and the other one still does
    tessa.goes_to("/records/noticed/?service=ALD").shot("records-answered")
    waits = tessa.page.get_by_role("rowheader")
    expect(waits.filter(has_text="Wording seen before")).to_have_count(1)
    expect(waits.filter(has_text="An incident told in a note")).to_have_count(0)


def test_an_answer_by_keyboard_and_on_a_phone(world: World, visit: Callable[..., Visit]) -> None:
    row = a_week_of_records(world)
    tessa = visit("tessa", phone=True).goes_to("/records/noticed/?service=ALD").shot("list-phone")
    tessa.goes_to("/records/?service=ALD").shot("records-phone").goes_to(pages.href_of(row))
    tessa.shot("record-phone")
    # The number in the text leads to the reason, and the form is filled without a mouse
    tab_to(tessa, lambda on: on["text"].strip().endswith("1") and on["type"] == "a")
    tessa.page.keyboard.press("Enter")
    tab_to(tessa, lambda on: on["name"] == "incident_in_note-reason")
    for _ in range(3):
        tessa.page.keyboard.press("ArrowDown")
    tab_to(tessa, lambda on: on["name"] == "incident_in_note-words")
    tessa.page.keyboard.type("Write it up as an incident.")
    tab_to(tessa, lambda on: on["text"].startswith("Keep this answer"))
    assert "Keep this answer" in tessa.page.evaluate(FOCUSED)["text"]
    with tessa.page.expect_navigation():
        tessa.page.keyboard.press("Enter")
    tessa.checked().sees("This needs something").sees("Write it up as an incident.")
    # Daniela reads what was noticed, the answer, and says what she knows
    dan = visit("dan", phone=True, dark=True).goes_to("/held-about-me/").clicks("Read and answer")
    dan.heading("What was noticed in my records?").sees("It may be fine:").shot("mine-phone")
    dan.sees("Write it up as an incident.").clicks("Read it and answer")
    dan.page.locator("#reason-1").get_by_text("Add your own answer").click()
    dan.page.locator("#reason-1").get_by_role("textbox").fill("I told Tessa at once.")
    with dan.page.expect_navigation():
        dan.page.locator("#reason-1").get_by_role("button", name="Add it").click()
    dan.checked().sees("Your answer stands").sees("I told Tessa at once.")


def test_own_words_are_tried_before_they_are_saved(
    world: World, visit: Callable[..., Visit]
) -> None:
    # Given a quality lead, for whom “happy as usual” says nothing of a day
    queenie = visit("queenie").goes_to("/records/?service=ALD").goes_to("/records/words/")
    queenie.heading("Which words does screening look for?").shot("words")
    label = "Added by you: phrases that could be anybody’s on any day"
    queenie.fills(label, "happy as usual")
    # When she sees what it would change, nothing is saved yet
    queenie.presses("See what would change").sees("Nothing is saved yet").shot("words-effect")
    # Then she saves it, and it stands there with her name
    queenie.leaves_by("Save these words").sees("screened again with these words")
    queenie.sees("Version 1 of your own words, changed by Queenie Adeyemi")
    expect(queenie.page.get_by_label(label)).to_have_value("happy as usual")
    # And what is not shipped cannot be left out
    queenie.fills("Left out by you: phrases that could be anybody’s", "never shipped")
    queenie.presses("See what would change").sees("is not in the shipped list")
