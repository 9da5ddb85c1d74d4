"""Journey: a room of people judged by two assessors at once, by keyboard, on a phone, and through a
lost connection (1.3)."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from playwright.sync_api import Locator, Route, expect

from surehand.assessment.models import (
    Assessment,
    AssessmentWords,
    GroupAnswer,
    GroupAssessment,
)
from tests.journeys.conftest import Visit
from tests.journeys.test_by_keyboard import tab_to
from tests.provider import World

CODE = "C04"
FOUR_SECONDS = 4_100  # between two looks at what others did


def begin(visit: Visit, *names: str) -> None:
    """Choose the check and the people, and begin."""
    visit.goes_to("/assess/").clicks("Assess a group").heading("Which check do you assess?")
    visit.page.get_by_label("Check", exact=True).select_option(CODE)
    visit.heading("Whom do you assess together?").checked()
    for box in visit.page.get_by_role("checkbox").all():
        label = box.evaluate("box => box.labels[0].innerText")
        box.set_checked(label in names, force=True)
    visit.fills("Where?", "Training room").presses("Begin")
    visit.page.wait_for_url("**/assess/groups/*/")
    visit.page.clock.install()
    visit.page.reload()
    visit.checked()


def cell(visit: Visit, name: str, number: int) -> Locator:
    """One criterion of one person, counted from 1."""
    return visit.page.locator("tr", has_text=name).locator("[data-cell]").nth(number - 1)


def press(visit: Visit, name: str, number: int, word: str) -> None:
    """A button of the cell; Help carries its count in its name."""
    name_ = re.compile(f"^{word}( \\d+)?$")
    cell(visit, name, number).get_by_role("button", name=name_).click()


def expect_on(visit: Visit, name: str, number: int, word: str) -> None:
    button = cell(visit, name, number).get_by_role("button", name=word, exact=True)
    expect(button).to_have_attribute("aria-pressed", "true")


def look(visit: Visit) -> None:
    """The page looks at what others did."""
    visit.page.clock.fast_forward(FOUR_SECONDS)


def test_two_assessors_judge_one_room_at_once(world: World, visit: Callable[..., Visit]) -> None:
    # Given Callum, who begins a group of three, and Tessa, who finds it on her home page
    count = len(world.check(CODE).criteria)
    cal = visit("cal")
    begin(cal, "Daniela Popescu", "Samuel Tetteh", "Eve O’Brien")
    tessa = visit("tessa").goes_to("/")
    tessa.page.clock.install()
    tessa.clicks("3 people to record from the group check").sees("in Training room")

    # When each judges somebody
    for number in range(1, count + 1):
        press(cal, "Daniela", number, "Met")
        press(tessa, "Samuel", number, "Met")

    # Then each sees what the other did, who is where, and the outcome in words
    expect(cal.page.locator("tr", has_text="Daniela").get_by_text("Pass")).to_be_visible()
    look(tessa)
    expect_on(tessa, "Daniela", count, "Met")
    tessa.checked().sees("Callum Whitfield is judging Daniela Popescu.")
    look(cal)
    expect_on(cal, "Samuel", count, "Met")

    # When both judge the same thing, Tessa without seeing what Callum chose
    tessa.page.context.set_offline(True)
    press(tessa, "Eve", 1, "Met")
    expect(cell(tessa, "Eve", 1).get_by_text("Not saved yet")).to_be_visible()
    press(cal, "Eve", 1, "Not met")
    expect(cal.page.locator("tr", has_text="Eve").get_by_text("1 of")).to_be_visible()
    tessa.page.context.set_offline(False)

    # Then she is told what he chose, nothing is overwritten, and she can choose again
    tessa.sees("Callum Whitfield chose “not met” since").checked()
    expect_on(tessa, "Eve", 1, "Not met")
    tessa.page.get_by_role("button", name="I have seen this").click()
    press(tessa, "Eve", 1, "Met")
    expect_on(tessa, "Eve", 1, "Met")
    look(cal)
    expect_on(cal, "Eve", 1, "Met")

    # When Callum records Daniela, and Tessa would record her too, from what she saw before
    tessa.page.context.set_offline(True)
    record = "Record Daniela Popescu"
    cal.presses(record).sees("1 assessment recorded: Daniela Popescu (pass).")
    tessa.page.context.set_offline(False)
    look(tessa)
    expect(tessa.page.get_by_role("button", name=record)).to_have_count(0)
    tessa.sees("Recorded by Callum Whitfield.").checked()

    # When Callum takes Eve out while Tessa judges her, Tessa is told that the people changed
    cal.clicks("Take out Eve O’Brien").presses("Take out").sees("no longer in this group")
    press(tessa, "Eve", 2, "Met")
    tessa.sees("A colleague changed who is in this group.").checked()
    tessa.page.reload()

    # And Tessa records whoever is complete
    tessa.presses("Record 1 person").sees("1 assessment recorded: Samuel Tetteh (pass).")
    found = {(a.person, a.by) for a in Assessment.objects.all()}
    people = world.people
    assert found == {(people["dan"], people["cal"]), (people["sam"], people["tessa"])}


def test_a_room_is_judged_by_keyboard_alone(world: World, visit: Callable[..., Visit]) -> None:
    # Given a group of three, and the focus on the first criterion of the first person
    criteria = world.check(CODE).criteria
    cal = visit("cal")
    begin(cal, "Daniela Popescu", "Samuel Tetteh", "Eve O’Brien")
    keyboard = cal.page.keyboard
    tab_to(cal, lambda on: on["name"] == "answer")

    # When one key answers each criterion: Daniela and Eve all met, Samuel helped twice on the first
    for key in ["1"] * len(criteria) * 2:
        keyboard.press(key)
    keyboard.press("3")
    keyboard.press("3")
    keyboard.press("3")
    keyboard.press("4")
    keyboard.press("1")
    for _ in criteria[1:]:
        keyboard.press("1")

    # Then what it comes to stands beside each, and what is still missing
    expect(cal.page.get_by_text("Pass", exact=True)).to_have_count(2)
    cal.sees("Partial pass").sees("Write a note of what you saw, then record.").checked()

    # And the arrow keys move, and 0 takes an answer back
    keyboard.press("ArrowUp")
    keyboard.press("0")
    expect(cal.page.get_by_text(f"{len(criteria) - 1} of {len(criteria)} judged.")).to_be_visible()
    keyboard.press("1")

    # When the note is written, it saves itself, and everybody is recorded
    tab_to(cal, lambda on: on["type"] == "textarea" and "Samuel" in on["text"])
    keyboard.type("Asked where the note belongs, twice.")
    expect(cal.page.get_by_role("button", name="Record Samuel Tetteh")).to_be_visible()
    tab_to(cal, lambda on: on["text"].startswith("Record") and "Samuel" in on["text"])
    keyboard.press("Enter")
    cal.sees("1 assessment recorded: Samuel Tetteh (partial pass).").checked()
    tab_to(cal, lambda on: on["text"] == "Record 2 people")
    keyboard.press("Enter")
    cal.sees("2 assessments recorded").sees("Everybody in this group is recorded.").checked()
    assert sorted(Assessment.objects.values_list("outcome", flat=True)) == [
        "partial",
        "pass",
        "pass",
    ]


class Slowly:
    """Saving that takes as long as a test likes."""

    SAVING = re.compile(r"/people/[0-9a-f]+/$")

    def __init__(self, visit: Visit) -> None:
        self.page = visit.page
        self.held: list[Route] = []
        self.waits = False
        self.page.route(self.SAVING, self.comes)

    def comes(self, route: Route) -> None:
        if self.waits:
            self.held.append(route)
        else:
            route.continue_()

    @contextmanager
    def saving(self) -> Iterator[None]:
        """Something is sent meanwhile, and waits."""
        self.waits = True
        with self.page.expect_request(self.SAVING):
            yield

    def goes_on(self) -> None:
        self.waits = False
        while self.held:
            self.held.pop().continue_()


def test_what_is_on_its_way_is_saved_before_it_is_recorded(
    world: World, visit: Callable[..., Visit]
) -> None:
    # Given a person who can be recorded, and saving that takes long
    count = len(world.check(CODE).criteria)
    cal = visit("cal")
    begin(cal, "Daniela Popescu", "Samuel Tetteh")
    for number in range(1, count + 1):
        press(cal, "Daniela", number, "Met")
    record = cal.page.get_by_role("button", name="Record Daniela Popescu")
    expect(record).to_be_visible()
    slowly = Slowly(cal)

    # When a note is written, and recorded before it is saved
    with slowly.saving():
        cal.fills("What you saw of Daniela", "Asked first.")
        record.click()
    record.click()  # once more, impatiently
    assert not Assessment.objects.exists()
    slowly.goes_on()

    # Then it is recorded by itself, with the note, once
    cal.sees("1 assessment recorded: Daniela Popescu (pass).").checked()
    assert AssessmentWords.objects.get().text == "Asked first."

    # When what is saved on the way makes the outcome another than was seen
    for number in range(1, count + 1):
        press(cal, "Samuel", number, "Met")
    record = cal.page.get_by_role("button", name="Record Samuel Tetteh")
    expect(record).to_be_visible()
    with slowly.saving():
        press(cal, "Samuel", 1, "Not met")
    record.click()
    slowly.goes_on()

    # Then nothing is recorded until it was looked at again
    cal.sees("Look again, then record.").checked()
    assert Assessment.objects.count() == 1


def test_a_lost_connection_loses_nothing(world: World, visit: Callable[..., Visit]) -> None:
    # Given a group on a phone, one answer saved
    count = len(world.check(CODE).criteria)
    cal = visit("cal", phone=True)
    begin(cal, "Daniela Popescu")
    press(cal, "Daniela", 1, "Met")
    cal.sees(f"1 of {count} judged.")

    # When the connection is lost and judging goes on
    cal.page.context.set_offline(True)
    press(cal, "Daniela", 2, "Not met")
    press(cal, "Daniela", 2, "Help")
    press(cal, "Daniela", 2, "Help")
    for number in range(3, count + 1):
        press(cal, "Daniela", number, "Met")
    cal.fills("What you saw of Daniela", "Looked for the words.")

    # Then the page says what is not saved yet, and keeps it
    expect(cell(cal, "Daniela", 2).get_by_text("Not saved yet")).to_be_visible()
    cal.sees("No connection.").checked()
    assert GroupAnswer.objects.count() == 1

    # When the connection is back, everything is sent, and can be recorded
    cal.page.context.set_offline(False)
    outcome = cal.page.get_by_text("Partial pass").or_(cal.page.get_by_text("Further support"))
    expect(outcome).to_be_visible()
    expect(cal.page.get_by_text("Not saved yet").locator("visible=true")).to_have_count(0)
    cal.checked().shot("group-phone")
    kept = GroupAnswer.objects.get(criterion=world.check(CODE).criteria[1]["code"])
    assert (kept.judged, kept.help_given) == ("not_met", 2)
    cal.presses("Record Daniela Popescu").sees("1 assessment recorded")
    assert Assessment.objects.get().help_given[kept.criterion] == 2


def test_a_room_is_kept_left_and_found_again(world: World, visit: Callable[..., Visit]) -> None:
    # Given a group begun by Callum, who is signed out while he has something not sent yet
    cal = visit("cal")
    begin(cal, "Daniela Popescu", "Samuel Tetteh")
    press(cal, "Daniela", 1, "Met")
    expect(cal.page.get_by_text("1 of")).to_be_visible()
    cookies = cal.page.context.cookies()
    cal.page.context.clear_cookies()
    press(cal, "Daniela", 2, "Met")
    cal.sees("You are signed out").checked()

    # When he signs in again in the same tab
    cal.page.context.add_cookies(cookies)  # type: ignore[arg-type]
    cal.page.reload()

    # Then what was not sent is sent
    expect_on(cal, "Daniela", 2, "Met")
    cal.sees("2 of")
    assert GroupAnswer.objects.count() == 2

    # When he adds somebody, takes somebody out, and gives the group up: each asks first
    cal.clicks("Add people").heading("Who else is in the group?")
    cal.page.get_by_role("checkbox", name="Eve O’Brien").check(force=True)
    cal.presses("Add to the group").sees("Eve O’Brien")
    cal.clicks("Take out Daniela Popescu").sees("2 answers about Daniela Popescu will be removed.")
    cal.presses("Take out").sees("Daniela Popescu is no longer in this group.")
    cal.clicks("Discard this group").presses("Discard the group").heading("Whom will you assess?")
    assert not GroupAssessment.objects.exists()
