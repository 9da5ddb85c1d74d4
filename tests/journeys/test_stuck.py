"""Journeys: “I’m stuck” in two taps, with and without a connection, on a tablet that is shared."""

from collections.abc import Callable

from playwright.sync_api import expect

from surehand.support.models import Question
from tests.journeys.conftest import Clock, Visit
from tests.journeys.test_by_keyboard import FOCUSED, tab_to
from tests.provider import World


def test_two_taps_and_an_answer(world: World, visit: Callable[..., Visit]) -> None:
    # Given Daniela on her phone, on whatever page she is
    dan = visit("dan", phone=True).goes_to("/held-about-me/")

    # When she taps twice
    dan.page.locator("header").get_by_role("link", name="I’m stuck").tap()
    dan.page.wait_for_url("**/stuck/")
    dan.checked().page.get_by_role("button", name="Where do I record this?").tap()

    # Then it is sent, and she knows who will answer and what to do meanwhile
    dan.page.wait_for_url("**/stuck/*/")
    dan.checked().heading("Your question is sent").sees("Tessa Boyd will answer.")
    dan.sees("tell your shift lead now").shot("stuck-sent")
    dan.fills("Add a few words?", "Declined meal?").presses("Send these words")
    dan.sees("Your words are sent.")

    # When her team leader answers
    tessa = visit("tessa").goes_to("/").sees("1 person is stuck")
    tessa.clicks("1 person is stuck").heading("Who is stuck").clicks("Daniela Popescu")
    tessa.sees("Declined meal?").presses("Send the answer").sees("There is a problem")
    tessa.fills("Your answer", "Under Food, choose Declined.").presses("Send the answer")
    tessa.sees("Daniela Popescu sees your answer at once.")

    # Then it is on Daniela's home, new until she opens it, on the smallest phone too
    dan.page.set_viewport_size({"width": 320, "height": 640})
    dan.goes_to("/").clicks("Tessa answered your question")
    dan.heading("Tessa answered").sees("Under Food, choose Declined.")
    dan.clicks("Done").does_not_see("answered your question")


def test_by_keyboard_alone(world: World, visit: Callable[..., Visit]) -> None:
    dan = visit("dan")
    dan.goes_to("/held-about-me/")
    tab_to(dan, lambda on: on["text"] == "I’m stuck")
    dan.page.keyboard.press("Enter")
    dan.page.wait_for_url("**/stuck/")
    tab_to(dan, lambda on: on["text"] == "Medicines")
    dan.page.keyboard.press("Enter")
    dan.page.wait_for_url("**/stuck/*/")
    dan.checked().heading("Your question is sent")
    tab_to(dan, lambda on: on["type"] == "textarea")
    dan.page.keyboard.type("Which list?")
    tab_to(dan, lambda on: on["text"] == "Send these words")
    dan.page.keyboard.press("Enter")
    dan.sees("Your words are sent.")
    assert Question.objects.get().category == "medicines"


def ready_for_no_connection(visit: Visit) -> Visit:
    """The device has been here once, and keeps what it needs."""
    visit.page.evaluate("navigator.serviceWorker.ready")
    visit.page.wait_for_function("caches.match('/stuck/offline/').then(Boolean)")
    visit.page.wait_for_function("navigator.serviceWorker.controller")
    return visit


def kept(visit: Visit) -> int:
    found: int = visit.page.evaluate(
        "Object.keys(localStorage).filter((name) => name.startsWith('stuck:')).length"
    )
    return found


def test_without_a_connection_it_waits_and_goes_by_itself(
    world: World, visit: Callable[..., Visit]
) -> None:
    # Given Daniela's tablet in the far corridor, where there is no Wi-Fi
    dan = visit("dan", phone=True, offline=True)
    ready_for_no_connection(dan).page.context.set_offline(True)
    dan.goes_to("/").heading("There is no connection").shot("offline")
    # Nothing about her was kept on it
    dan.does_not_see("Independent").does_not_see("Daniela")

    # When she taps, and writes a few words
    dan.clicks("I’m stuck").heading("What are you stuck on?").sees("You are asking as")
    dan.page.get_by_role("button", name="An alert").tap()
    dan.checked().sees("1 question waiting to be sent").sees("tell your shift lead now")
    assert dan.page.evaluate(FOCUSED)["text"] == "An alert"
    dan.fills("Add a few words?", "Red light, no sound").presses("Keep these words")
    dan.sees("Kept on this device.").shot("stuck-waiting")
    assert not Question.objects.exists()

    # And the browser is closed and opened again
    page = dan.page.context.new_page()
    dan.page.close()
    dan.page = page
    dan.goes_to("/stuck/").sees("1 question waiting to be sent")
    expect(dan.page.get_by_label("Add a few words?")).to_have_value("Red light, no sound")

    # Then it goes by itself when the connection is back, once, with its words
    dan.page.context.set_offline(False)
    dan.sees("Your question is sent.").checked()
    question = Question.objects.get()
    assert question.person == world.people["dan"]
    assert kept(dan) == 0
    dan.goes_to("/").does_not_see("waiting to be sent")
    visit("tessa").goes_to("/questions/").sees("Red light, no sound")


def test_sent_twice_over_a_poor_connection_it_is_one_question(
    world: World, visit: Callable[..., Visit]
) -> None:
    # Given a connection over which what is sent arrives, and no answer comes back
    dan = visit("dan", phone=True).goes_to("/stuck/")
    lost: list[str] = []

    def arrives_unanswered(route) -> None:  # type: ignore[no-untyped-def]
        if not lost:
            lost.append(route.request.post_data)
            route.fetch()
            route.abort()
        else:
            route.continue_()

    dan.page.route("**/stuck/", arrives_unanswered)

    # When she taps, it waits; and it is sent again by itself
    dan.page.get_by_role("button", name="Who do I tell?").tap()
    dan.sees("1 question waiting to be sent").goes_to("/")
    dan.page.wait_for_function(
        "!Object.keys(localStorage).some((name) => name.startsWith('stuck:'))"
    )

    # Then there is one question
    assert lost
    assert Question.objects.count() == 1


def test_a_shared_tablet_shows_nobody_elses_question(
    world: World, visit: Callable[..., Visit], clock: Clock
) -> None:
    # Given Daniela's question, waiting on the tablet because there was no connection
    dan = visit("dan", phone=True, offline=True)
    ready_for_no_connection(dan).page.context.set_offline(True)
    dan.goes_to("/stuck/").page.get_by_role("button", name="Medicines").tap()
    dan.fills("Add a few words?", "About room 12").presses("Keep these words")

    # When the connection comes back after her session has ended
    dan.page.context.clear_cookies(name="sessionid")
    dan.page.context.set_offline(False)
    dan.goes_to("/").heading("Sign in").sees("1 question waiting on this device")
    dan.does_not_see("About room 12").does_not_see("Medicines")

    # And Eve takes the tablet
    eve = visit("eve", on=dan)
    eve.goes_to("/stuck/").does_not_see("About room 12")
    expect(eve.page.locator("[data-waiting], [data-waiting-list]").first).to_be_hidden()
    expect(eve.page.locator("[data-question]")).to_have_count(0)

    # Then it is sent neither as hers nor lost
    assert not Question.objects.exists()
    assert kept(eve) == 1
    eve.page.locator("footer").get_by_role("button", name="Sign out").click()
    eve.heading("Sign in")
    back = visit("dan", on=eve)
    back.sees("Your question is sent.")
    assert Question.objects.get().person == world.people["dan"]


def test_signing_out_with_something_unsent_says_so(
    world: World, visit: Callable[..., Visit]
) -> None:
    dan = visit("dan").goes_to("/stuck/")
    dan.page.route("**/stuck/", lambda route: route.abort())
    dan.page.get_by_role("button", name="Something else").click()
    dan.sees("1 question waiting to be sent").checked()
    said: list[str] = []

    def stay(dialog) -> None:  # type: ignore[no-untyped-def]
        said.append(dialog.message)
        dialog.dismiss()

    dan.page.once("dialog", stay)
    dan.page.locator("footer").get_by_role("button", name="Sign out").click()
    dan.heading("What are you stuck on?")
    assert "stays on this device" in said[0]
    dan.page.once("dialog", lambda dialog: dialog.accept())
    dan.page.locator("footer").get_by_role("button", name="Sign out").click()
    dan.heading("Sign in").sees("It is sent when whoever asked signs in here.")
