"""A journey: a manager practises approving changes of a care plan, on a phone."""

from collections.abc import Callable

from surehand.practice.models import AttemptEnd
from tests.journeys.conftest import Clock, Visit
from tests.journeys.test_practice import play
from tests.provider import World


def deals_with(ruth: Visit, person: str, title: str) -> None:
    """Open somebody's change that waits."""
    play(ruth).clicks(person).clicks(f"Care plan change: {title}")


def test_a_manager_approves_one_change_and_sends_two_back(
    world: World, visit: Callable[..., Visit], clock: Clock
) -> None:
    # Given Ruth, who has four changes waiting in practice, one of them her own draft
    ruth = visit("ruth", phone=True)
    ruth.goes_to("/practice/").clicks("Approve or send back").presses("Practise")
    ruth.heading("The office").sees("You drafted the one on Gwen’s walks yourself")

    # When she approves the one in which advice, consent and risk agree
    deals_with(ruth, "Joyce Adeyemi", "Mobility")
    ruth.sees("Two falls in seven days").leaves_by("Approve it").sees("Approved")

    # And sends one back without a reason, and is asked for it
    deals_with(ruth, "Edna", "Food and drink")
    ruth.leaves_by("Send it back").sees("Give a reason.")
    ruth.page.locator("#reason-return").fill("Please add the speech therapist’s advice.")
    ruth.leaves_by("Send it back").sees("Sent back")
    deals_with(ruth, "Leon", "Food and drink")
    ruth.page.locator("#reason-return").fill("What does Leon say? His capacity is not recorded.")
    ruth.leaves_by("Send it back").sees("Sent back")

    # Then her own draft waits for somebody else, and the result says so
    play(ruth).clicks("I have finished").presses("Yes, show me how it went")
    ruth.heading("Well done, Ruth").sees("6 of 6")
    assert set(AttemptEnd.objects.get().marks.values()) == {"met"}
