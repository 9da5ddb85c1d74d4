"""Journeys: a night alert met late and recorded in the wrong place, seen, tried again and passed;
by keyboard alone; with the connection cut in the middle."""

from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import expect

from surehand.practice.models import Attempt, AttemptEnd, Playing
from tests.journeys.conftest import Clock, Visit
from tests.journeys.test_by_keyboard import FOCUSED, tab_to
from tests.provider import World


def begins(visit: Visit) -> Visit:
    visit.goes_to("/practice/").heading("What do you want to practise?").clicks("Up in the night")
    visit.heading("Up in the night").presses("Practise")
    return visit.heading("Heron, night shift").sees("nobody here is real")


def play(visit: Visit, where: str = "") -> Visit:
    """To a page of the attempt that is under way."""
    return visit.goes_to(f"/practice/go/{Playing.objects.get().attempt.entry}/{where}")


def saves(visit: Visit, kind: str) -> None:
    """It is sent once the page knows that there is a connection."""
    visit.page.get_by_role("button", name="Save and go on").click()
    visit.page.wait_for_url(f"**/?saved={kind}")
    visit.checked()


def writes_note(visit: Visit, *, section: str, words: str) -> None:
    visit.clicks("Write").clicks("Daily note")
    for group, answer in (
        ("Mood", "Settled"),
        ("Support given", "One"),
        ("Outcome", "Met"),
        ("Where does it belong?", section),
    ):
        visit.group(group).get_by_label(answer, exact=True).check()
    visit.fills("What the person chose", "To get up")
    visit.fills("What happened, in your own words", words)
    saves(visit, "note")


def answers_alert(visit: Visit, *, cause: str) -> None:
    visit.clicks("Write").clicks("Alert response")
    visit.fills("Time attended", "02:10").fills("Cause", cause)
    visit.fills("What was found", "On the edge of the bed")
    visit.fills("What was done", "Walked with her").fills("Who was told and when", "Ade")
    visit.group("Is the sensor working?").get_by_label("Yes").check()
    saves(visit, "alert")


def test_late_and_in_the_wrong_section_then_seen_tried_again_and_passed(
    world: World, visit: Callable[..., Visit], clock: Clock
) -> None:
    # Given Daniela on her phone, who has practice on her home page
    dan = visit("dan", phone=True).goes_to("/").clicks("Practise")
    begins(dan).shot("practice-people")

    # When the bed sensor rings while she looks something up
    dan.clicks("Joyce Adeyemi").clicks("Sleep").sees("Usually up once").checked()
    clock.now += timedelta(seconds=41)
    dan.page.evaluate("dispatchEvent(new Event('online'))")
    sheet = dan.page.get_by_role("alertdialog")
    expect(sheet).to_be_visible()
    assert dan.page.evaluate(FOCUSED)["text"] == "Bed or chair exit"
    dan.checked().shot("practice-alert")

    # And she puts it aside, tells others first, and goes only then
    sheet.get_by_role("button", name="Not now").click()
    expect(sheet).to_have_count(0)
    dan.checked()
    for _ in range(3):
        play(dan, "tell/").presses("Ade, shift lead").sees("Keep an eye on her")
    dan.presses("I’m going now").sees("one shoe on").presses("Give her the frame and walk with her")
    dan.page.wait_for_load_state("load")

    # And writes one note, in the wrong section
    play(dan).clicks("Joyce Adeyemi")
    writes_note(dan, section="Mobility", words="Up at two for the toilet. Back in bed.")
    dan.sees("it belongs in “Sleep”")
    play(dan).clicks("I have finished").presses("Yes, show me how it went")

    # Then she sees what to fix
    dan.heading("Have another go, Daniela").sees("1 of 4").sees("2 is the limit")
    dan.sees("it belongs in “Sleep”").shot("practice-result")
    dan.clicks("See it step by step").sees("Told Ade, shift lead.").shot("practice-replay")
    dan.page.go_back()
    dan.page.locator("button[name=sure][value='2']").click()
    dan.sees("Thank you. Kept.").checked()

    # And tries again: goes at once, helps, and writes both
    dan.clicks("Have another go").presses("Practise")
    dan.presses("Wait until something happens").presses("I’m going now")
    dan.presses("Give her the frame and walk with her")
    play(dan).clicks("Joyce Adeyemi")
    answers_alert(dan, cause="Needed the toilet")
    dan.sees("Your alert response says why Joyce was up")
    writes_note(dan, section="Sleep", words="Up at two for the toilet. Back in bed.")
    dan.page.set_viewport_size({"width": 320, "height": 640})
    play(dan).clicks("I have finished").presses("Yes, show me how it went")
    dan.heading("Well done, Daniela").sees("4 of 4")
    ends = AttemptEnd.objects.order_by("entry")
    assert [set(end.marks.values()) == {"met"} for end in ends] == [False, True]


def test_by_keyboard_alone(world: World, visit: Callable[..., Visit]) -> None:
    dan = visit("dan")
    keyboard = dan.page.keyboard

    def enters(text: str, address: str) -> None:
        tab_to(dan, lambda on: on["text"].startswith(text))
        keyboard.press("Enter")
        dan.page.wait_for_url(address)
        dan.checked()

    dan.goes_to("/practice/scenarios/S06/")
    tab_to(dan, lambda on: on["name"] == "sure")
    keyboard.press("Space")
    enters("Practise", "**/practice/go/*/")
    tab_to(dan, lambda on: on["text"] == "Wait until something happens")
    keyboard.press("Enter")
    dan.sees("Bed or chair exit").checked()
    enters("I’m going now", "**/see/joyce/")
    tab_to(dan, lambda on: on["text"].startswith("Give her the frame"))
    keyboard.press("Enter")
    dan.sees("You walk with her")
    play(dan, "see/joyce/")
    enters("Write", "**/write/joyce/")
    enters("Body map", "**/write/joyce/bodymap/")
    for name in ("f_site", "f_side"):
        tab_to(dan, lambda on, name=name: on["name"] == name)  # type: ignore[misc]
        keyboard.press("Space")
    tab_to(dan, lambda on: on["name"] == "f_type")
    keyboard.press("Space")
    for name, text in (("f_mm", "15"), ("f_colour", "blue"), ("f_cause_own", "The bed rail")):
        tab_to(dan, lambda on, name=name: on["name"] == name)  # type: ignore[misc]
        keyboard.type(text)
    enters("Save and go on", "**/see/joyce/?saved=bodymap")
    play(dan, "stop/")
    enters("Yes, show me how it went", "**/practice/done/*/")
    dan.sees("2 of 4")


def test_a_connection_cut_in_the_middle_loses_nothing(
    world: World, visit: Callable[..., Visit], clock: Clock
) -> None:
    # Given Daniela writing, and the connection gone
    dan = begins(visit("dan", phone=True))
    dan.presses("Wait until something happens").presses("I’m going now")
    play(dan, "write/joyce/note/")
    dan.fills("What happened, in your own words", "Up for the toilet, back by half past.")
    for group, answer in (
        ("Mood", "Settled"),
        ("Support given", "One"),
        ("Outcome", "Met"),
        ("Where does it belong?", "Sleep"),
    ):
        dan.group(group).get_by_label(answer, exact=True).check()
    dan.fills("What the person chose", "To get up")
    dan.page.context.set_offline(True)

    # When she saves
    dan.page.get_by_role("button", name="Save and go on").click()
    dan.sees("There is no connection. What you wrote is kept here.").checked()
    assert not [row for row in Playing.objects.get().steps if row["did"] == "record"]

    # Then it is sent by itself when the connection is back, once
    clock.now += timedelta(minutes=20)
    dan.page.context.set_offline(False)
    dan.page.wait_for_url("**/see/joyce/?saved=note")
    dan.checked().sees("right section")
    rows = Playing.objects.get().steps
    assert [row["did"] for row in rows if row["did"] in ("record", "away")] == ["away", "record"]

    # And with the browser closed and opened again, she goes on where she was
    page = dan.page.context.new_page()
    dan.page.close()
    dan.page = page
    dan.goes_to("/practice/").sees("Go on where you were").clicks("Up in the night")
    dan.heading("Heron, night shift").clicks("Notes").sees("back by half past")
    assert Attempt.objects.count() == 1
