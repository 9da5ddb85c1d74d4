"""Journey: a shift that is not cleared, and the ways out of it, on a phone and at a desk."""

from collections.abc import Callable
from datetime import timedelta

from tests.journeys.conftest import Visit
from tests.provider import NOW, World


def test_a_shift_is_not_cleared_and_is_put_right(world: World, visit: Callable[..., Visit]) -> None:
    # Given tonight: Samuel is independent, Daniela and an agency worker without a name are not
    world.pass_all("sam")
    world.sign_off("sam")
    tonight = NOW + timedelta(hours=12)
    for name in ("sam", "dan", None):
        world.add_shift(name, tonight)

    # When the registered manager looks on her phone, the day tells her who and why
    ruth = visit("ruth", phone=True).goes_to("/live-use/")
    ruth.sees("2 of 3 shifts are not").sees("1 of 3 cleared").sees("not shown yet")
    ruth.shot("board-phone")

    # Then she sees what she can do, and says that others record
    ruth.clicks("Choose a supervisor Daniela Popescu").sees("What you can do")
    ruth.sees("Samuel Tetteh").presses("Mark as no live use")
    ruth.sees("No live use for Daniela Popescu")
    ruth.presses("Take the mark back").sees("is checked again")

    # And as a last resort she overrides it at her desk, which stays visible
    desk = visit("ruth").goes_to("/live-use/")
    desk.shot("board-desk")
    desk.clicks("Daniela Popescu, 18 November").clicks("Give the reason")
    desk.presses("Override for this shift").sees("There is a problem")
    desk.fills("Why must it be this person", "The agency sent nobody.")
    desk.presses("Override for this shift").sees("Not cleared, overridden by Ruth Adeyemi")

    # When the team leader stops Samuel's live use, he sees first what it changes
    tessa = visit("tessa")
    tessa.goes_to(f"/people/{world.people['sam'].pseudonym}/restrict/").sees("1 coming shift")
    tessa.fills("Why?", "A sign-in was shared on 17 November.").presses("Stop live use now")
    tessa.goes_to("/live-use/").sees("3 of 3 shifts are not")

    # Then only the registered manager lifts it, for a reason
    desk.goes_to("/live-use/").clicks("Samuel Tetteh, 18 November").clicks("See the restriction")
    desk.sees("A sign-in was shared").page.get_by_label("Another reason").check()
    desk.page.locator("textarea").fill("It was not his sign-in.")
    desk.presses("Lift the restriction").sees("The earlier sign-off does not come back")
