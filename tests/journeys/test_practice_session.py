"""Journey: a group practises, each on a phone, and the trainer sees who is where (1.2)."""

import re
from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Locator, expect

from surehand.assessment.models import Assessment
from surehand.practice import actions, session_actions
from surehand.practice.models import Attempt, AttemptEnd, AttemptStep, PracticeSession
from surehand.practice.play import Did
from tests.journeys.conftest import Clock, Visit
from tests.journeys.test_by_keyboard import tab_to
from tests.provider import World

FOUR_SECONDS = 4_100  # between two looks at who is where


def row(visit: Visit, name: str) -> Locator:
    return visit.page.locator("tbody tr", has_text=name)


def look(visit: Visit) -> None:
    """The page looks again by itself."""
    visit.page.clock.fast_forward(FOUR_SECONDS)


def join(visit: Visit, code: str) -> None:
    visit.goes_to("/practice/").clicks("Join a session").heading("What is the code?")
    visit.fills("Code", code.lower()).presses("Join").heading("Up in the night")
    visit.sees("This is a check").presses("Begin").heading("Heron, night shift")


def test_a_group_practises_and_the_trainer_sees_who_is_where(
    world: World, visit: Callable[..., Visit], clock: Clock
) -> None:
    # Given a trainer who opens a session as a check, and puts the code on the wall
    cal = visit("cal").goes_to("/practice/").clicks("Open a session")
    cal.presses("Open the session").sees("Choose a scenario").checked()
    cal.page.get_by_label("Which scenario?").select_option("S06")
    cal.page.get_by_label("Check, without hints").check(force=True)
    cal.presses("Open the session").heading("Who is where? Up in the night")
    cal.sees("Nobody has joined yet.")
    session = PracticeSession.objects.get()
    cal.clicks("Only the code").heading("Join with your phone").sees(session.code)
    cal.shot("practice-session-wall").clicks("Who is where?")
    cal.page.clock.install()
    cal.page.reload()

    # When three phones join; one types it wrong first
    dan, sam, eve = (visit(name, phone=True) for name in ("dan", "sam", "eve"))
    dan.goes_to("/practice/join/").fills("Code", "XXXXX").presses("Join")
    dan.sees("No open session has this code.")
    for phone in (dan, sam, eve):
        join(phone, session.code)

    # Then each is a row, and when Eve asks for help she stands first
    look(cal)
    expect(cal.page.locator("tbody tr")).to_have_count(3)
    sam.page.get_by_role("link", name="Tasks", exact=True).click()
    expect(sam.page.get_by_role("heading", level=1)).to_contain_text("My tasks")
    eve.presses("Ask for help").sees("You asked. Help is coming.").shot("practice-session-asked")
    look(cal)
    expect(cal.page.locator("tbody tr").first).to_contain_text("Eve O’Brien")
    expect(row(cal, "Eve")).to_contain_text("Asks for help")
    expect(row(cal, "Samuel")).to_contain_text("Opened the tasks.")
    cal.checked().sees("1 asks for help").shot("practice-session-grid")

    # When the trainer has helped her, it is counted, and she can ask again
    row(cal, "Eve").get_by_role("button", name="I have helped").click()
    cal.sees("Help given to Eve O’Brien: counted.").checked()
    expect(row(cal, "Eve")).to_contain_text("helped once")
    eve.page.reload()
    expect(eve.page.get_by_role("button", name="Ask for help")).to_be_visible()

    # When Samuel loses the connection, the trainer sees it; he goes on where he was
    sam.page.context.set_offline(True)
    clock.now += timedelta(minutes=3)
    dan.page.reload()
    look(cal)
    expect(row(cal, "Samuel")).to_contain_text("No connection for 3 minutes")
    expect(row(cal, "Daniela")).not_to_contain_text("No connection for")
    sam.page.context.set_offline(False)
    sam.page.reload()
    sam.heading("My tasks").checked()
    look(cal)
    expect(row(cal, "Samuel")).not_to_contain_text("No connection")

    # When Daniela has finished, the trainer judges her from the grid
    dan.clicks("I have finished").presses("Yes, show me how it went")
    look(cal)
    expect(row(cal, "Daniela")).to_contain_text(re.compile(r"Ended\s+\d of \d"))
    row(cal, "Daniela").get_by_role("link", name="Judge it").click()
    cal.heading("Did Daniela Popescu show it?").checked()
    assert not Assessment.objects.exists()

    # Or with the others in one grid, where marking proposes beside what is judged
    cal.goes_to(f"/practice/sessions/{session.entry}/").clicks("Judge them together")
    cal.heading("Whom do you judge together?").sees("2 people are still in the middle of it.")
    cal.checked().presses("Judge them in one grid").heading("What does each person show?")
    expect(row(cal, "Daniela")).to_contain_text("Marking proposes: not met.")
    cal.shot("practice-session-judged").checked().presses("Agree")
    cal.sees("Daniela Popescu")

    # When the session ends, Samuel is told, and finishes
    cal.goes_to(f"/practice/sessions/{session.entry}/")
    cal.page.locator("summary", has_text="End the session").click()
    cal.presses("End the session").sees("This session has ended.").checked()
    sam.page.reload()
    sam.sees("The session has ended. You can still finish.").checked()
    eve.goes_to("/practice/join/").fills("Code", session.code).presses("Join")
    eve.sees("No open session has this code.")
    sam.page.get_by_role("link", name="Stop").click()
    sam.presses("Yes, show me how it went")
    assert AttemptEnd.objects.count() == 2


def test_a_session_is_led_by_keyboard_alone(world: World, visit: Callable[..., Visit]) -> None:
    # Given a trainer with no more than a keyboard
    cal = visit("cal").goes_to("/practice/sessions/new/")
    keyboard = cal.page.keyboard
    tab_to(cal, lambda on: on["name"] == "scenario")
    keyboard.type("Up in")
    tab_to(cal, lambda on: on["name"] == "mode")
    tab_to(cal, lambda on: on["text"] == "Open the session")
    keyboard.press("Enter")
    cal.heading("Who is where? Up in the night").sees("Practice, with hints")
    session = PracticeSession.objects.get()
    cal.page.clock.install()
    cal.page.reload()

    # When Daniela joins and asks for help
    def joins(name: str) -> Attempt:
        return session_actions.join_session(
            by=world.by(name), person=world.people[name], session=session
        )

    attempt = joins("dan")
    now = attempt.happened_at + timedelta(seconds=5)
    actions.take_step(
        by=world.by("dan"), attempt=attempt, did=Did.ASK, what={}, revision=None, now=now
    )
    look(cal)
    expect(row(cal, "Daniela")).to_contain_text("Asks for help")
    tab_to(cal, lambda on: on["text"].startswith("I have helped"))

    # Then the focus stays where it is when the page looks again, and Enter counts the help
    joins("sam")
    look(cal)
    expect(row(cal, "Samuel")).to_be_visible()
    focused = "document.activeElement.closest('tr')?.innerText || ''"
    assert "Daniela Popescu" in cal.page.evaluate(focused)
    keyboard.press("Enter")
    cal.sees("Help given to Daniela Popescu: counted.").checked()
    tab_to(cal, lambda on: on["text"] == "End the session")
    keyboard.press("Enter")
    tab_to(cal, lambda on: on["text"] == "End the session" and on["type"] == "submit")
    keyboard.press("Enter")
    cal.sees("This session has ended.").checked()
    assert not AttemptStep.objects.exists(), "it is played on: nothing has ended but the session"
