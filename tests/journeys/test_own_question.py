"""Journey: a provider asks a question of its own; what was recorded of it is corrected by whoever
recorded it, and voided by another."""

from collections.abc import Callable
from datetime import timedelta

from surehand.practice.models import SpotCheck, SpotCheckVoid
from tests.journeys.conftest import Visit
from tests.provider import NOW, World


def test_own_question_asked_corrected_and_voided(world: World, visit: Callable[..., Visit]) -> None:
    # Given Helen, who writes a question and forgets who is asked
    world.add_shift("dan", NOW - timedelta(hours=2))
    helen = visit("helen").goes_to("/practice/questions/").clicks("Write one of our own")
    helen.fills("What it is called", "Where is the downtime pack?")
    helen.fills("The question", "The screens are dark. Where is the pack?")
    helen.fills("What a good answer has", "Goes to it\nFinds the sheet\nWrites real times")
    helen.page.get_by_label("Which competency").select_option("C17")
    helen.presses("Publish it").sees("There is a problem").checked()
    helen.sees("Nobody would be asked; tick a job role or a responsibility")
    helen.page.get_by_label("Care worker", exact=True).check()
    helen.presses("Publish it").sees("It is asked now.")

    # When Tessa asks it on her phone, and ticks the wrong box
    tessa = visit("tessa", phone=True).goes_to("/practice/spot-checks/").clicks("Ask somebody")
    tessa.clicks("Daniela Popescu")
    tessa.page.get_by_label("Or choose the question").select_option("Where is the downtime pack?")
    tessa.heading("The screens are dark.").checked()
    for point in ("Goes to it", "Finds the sheet", "Writes real times"):
        tessa.group(point).get_by_role("radio", name="Not shown").tap()
    tessa.presses("Save").sees("0 of 3 points shown")

    # Then she corrects it, with a reason
    tessa.clicks("Correct it")
    tessa.group("Goes to it").get_by_role("radio", name="Shown", exact=True).tap()
    tessa.fills("Why do you correct it?", "Ticked the wrong box.").presses("Save the correction")
    tessa.sees("1 of 3 points shown").sees("Ticked the wrong box.").does_not_see("Void it")
    assert SpotCheck.objects.count() == 2

    # And Ruth, and nobody who recorded it, says that it does not count
    ruth = visit("ruth").goes_to(tessa.page.url.removeprefix(tessa.address).partition("?")[0])
    ruth.clicks("Void it").fills("What is the reason?", "It was somebody else.").presses("Void it")
    ruth.sees("does not count").goes_to("/practice/spot-checks/").sees("Nobody was asked")
    assert SpotCheckVoid.objects.count() == 1
