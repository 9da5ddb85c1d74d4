"""Journey: a manager plans a refresher, the team leader records who was there, by keyboard alone,
and the check is asked for again."""

from collections.abc import Callable

from surehand.assessment.models import Reopening
from surehand.audits.models import RefresherGiven
from tests.journeys.conftest import Visit
from tests.provider import World


def test_refresher_planned_given_and_the_check_asked_for_again(
    world: World, visit: Callable[..., Visit]
) -> None:
    # Given Ruth, who forgets for whom it is
    ruth = visit("ruth").goes_to("/audits/refreshers/").sees("No refresher is planned.")
    ruth.clicks("Plan a refresher")
    ruth.page.get_by_label("About what?").select_option("T01")
    ruth.page.get_by_label("Who gives it?").select_option("Tessa Boyd")
    ruth.page.get_by_label("Which check does it practise?").select_option("C08")
    ruth.presses("Plan this refresher").sees("Choose at least one person").checked()
    for name in ("Samuel Tetteh", "Daniela Popescu"):
        ruth.page.get_by_label(name).check()
    ruth.presses("Plan this refresher").sees("A refresher for 2 people with Tessa Boyd")

    # When Tessa, without a mouse, records that only Samuel was there
    tessa = visit("tessa", phone=True).goes_to("/audits/refreshers/").clicks("Unclear escalation")
    there = tessa.page.get_by_label("Daniela Popescu")
    there.focus()
    tessa.page.keyboard.press("Space")
    tessa.page.get_by_role("button", name="Record that it was given").focus()
    tessa.page.keyboard.press("Enter")
    tessa.sees("Recorded: 1 person was there.").sees("Daniela Popescu: Waiting for it").checked()
    tessa.sees("It makes nobody ready").does_not_see("Ask for the check again")
    assert RefresherGiven.objects.get().people == [world.people["sam"].pk]

    # Then Ruth asks for the check again, and it ends in 28 days unless passed
    ruth.goes_to("/audits/refreshers/").clicks("Unclear escalation")
    ruth.clicks("Ask for the check again").presses("Ask for it again").sees("Write why").checked()
    ruth.fills("Why is it asked for again?", "Half the escalations had no time.")
    ruth.presses("Ask for it again").sees("is asked for again: it ends on").checked()
    assert len(Reopening.objects.get().people) == 2
