"""Journey: the quality lead sees what a selection tells, selects by keyboard, and reads why."""

from collections.abc import Callable
from datetime import timedelta

from surehand.audits.models import Audit
from tests.journeys.conftest import Visit
from tests.journeys.test_by_keyboard import tab_to
from tests.provider import NOW, World
from tests.records.live import a_record, an_account


def test_records_are_selected_by_keyboard_with_their_size_shown_before(
    world: World, visit: Callable[..., Visit]
) -> None:
    # Given ten notes of each of three people in the last whole week
    for name in ("dan", "eve", "sam"):
        account = an_account(person=world.people[name])
        for number in range(10):
            a_record(world.alder, account, at=NOW - timedelta(days=4, minutes=number))
    # When the quality lead opens the record audits from the records
    queenie = visit("queenie").goes_to("/audits/?service=ALD").sees("No record is audited yet")
    queenie.checked().clicks("Select records").heading("Which records should be audited?")
    # Then the size of what is proposed is shown, and nothing is selected
    queenie.checked().sees("30 records by 3 people to select from").shot("select-records")
    assert not Audit.objects.exists()
    # When she asks by keyboard for nine of each person
    keyboard = queenie.page.keyboard
    tab_to(queenie, lambda on: on["name"] == "coverage")
    keyboard.press("Control+a")
    keyboard.type("9")
    keyboard.press("Enter")
    queenie.page.wait_for_url("**coverage=9**")
    queenie.checked().sees("a rate of 80% is known to within ±")
    # And selects them
    tab_to(queenie, lambda on: on["text"].startswith("Select about"))
    keyboard.press("Enter")
    queenie.page.wait_for_url("**/audits/*/")
    # Then they wait to be checked, and the page says why these
    queenie.checked().sees("Team leaders can check them now").sees("Queenie Adeyemi selected")
    queenie.shot("audit").clicks("Read more").clicks("Select again from the seed")
    queenie.checked().sees("in the same order and each as likely as before").shot("audit-why")
