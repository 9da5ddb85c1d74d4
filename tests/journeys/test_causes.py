"""Journey: gaps found in records get their cause, one of each; what follows is begun from there,
and whoever wrote a record reads what was found and answers."""

from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import expect

from surehand import evidence
from surehand.audits.models import Cause, ChangeRequest
from tests.audits.made import MEETS, a_check, an_audit
from tests.journeys.conftest import Visit
from tests.journeys.steps import enter_day
from tests.journeys.test_by_keyboard import tab_to
from tests.provider import NOW, World
from tests.records.live import a_record, an_account

FOOD = "Daniela ate breakfast. All care given."


def a_week_of_gaps(world: World) -> None:
    """Three people who passed leave out one field; an agency worker writes late; one person writes
    generic notes where others do not."""
    people = {name: an_account(person=world.people[name]) for name in ("dan", "sam", "cal", "eve")}
    with evidence.clock.at(NOW - timedelta(days=2)):
        for name in ("dan", "sam", "cal"):
            world.pass_all(name, by="helen")
    written = (
        *((name, "T03", "food", "serious") for name in ("dan", "sam", "cal")),
        *(("eve", "T04", "sleep", "minor") for _ in range(3)),
        *(("dan", "T06", "activity", "minor") for _ in range(3)),
        *((name, "", "activity", "") for name in ("sam", "cal", "tessa")),
    )
    people["tessa"] = an_account(person=world.people["tessa"])
    records = [
        a_record(
            world.alder,
            people[name],
            FOOD,
            section=section,
            at=NOW - timedelta(hours=number + 1),
        )
        for number, (name, _, section, _) in enumerate(written)
    ]
    audit = an_audit(world.alder, records)
    for item, (name, theme, _, severity) in zip(
        audit.items.order_by("number"), written, strict=True
    ):
        by = world.people["ruth" if name == "tessa" else "tessa"]
        if theme:
            gaps = [("complete", theme)]
            a_check(item, by, answers=("not", *MEETS[1:]), gaps=gaps, severity=severity)
        else:
            a_check(item, by)


def test_each_kind_of_cause_leads_to_what_follows(
    world: World, visit: Callable[..., Visit]
) -> None:
    # Given a week of checks with gaps of three themes
    a_week_of_gaps(world)
    # When the registered manager opens what waits for her
    ruth = visit("ruth").goes_to("/").sees("9 gaps in records wait for a cause")
    ruth.clicks("9 gaps in records wait for a cause").heading("Which gaps wait for a cause?")
    ruth.shot("gaps")
    # Then the system is what three competent people have in common
    ruth.clicks("Say why Missed outcome fields").heading("Missed outcome fields: why")
    ruth.sees("It looks like").sees("3 people whose check was passed and current left it out")
    ruth.shot("say-cause")
    ruth.page.get_by_label("Workflow design").check()
    ruth.fills("What makes you think so?", "The field is under “More”.")
    ruth.presses("Keep this cause").sees("Kept: workflow design").shot("cause")
    # And a change request goes to the supplier, without a name
    ruth.clicks("Write a change request").shot("ask-change")
    ruth.fills("What should the system do?", "Daniela Popescu says: show it first.")
    ruth.presses("Keep this request").sees("This names Daniela Popescu")
    ruth.fills("What should the system do?", "Show the outcome on the first screen of a note.")
    ruth.presses("Keep this request").sees("It is written, and not sent yet")
    ruth.clicks("Text for the supplier").sees("It names nobody").shot("for-supplier")
    ruth.clicks("The request")
    ruth.page.get_by_label("Sent to the supplier").check()
    ruth.presses("Keep this step").sees("Kept: sent to the supplier").shot("change")
    ruth.goes_to("/audits/changes/?service=ALD&state=open")
    expect(ruth.page.get_by_role("row").last).to_contain_text("Sent to the supplier")
    ruth.shot("changes")
    # And an agency worker who never passed needs training
    ruth.goes_to("/audits/causes/new/?service=ALD&theme=T04")
    ruth.sees("1 person came from an agency").shot("say-cause-training")
    ruth.page.get_by_label("Training", exact=True).check()
    ruth.fills("What makes you think so?", "Nobody showed her the tablet.")
    ruth.presses("Keep this cause").clicks("Plan a refresher").sees("Eve O’Brien")
    # And one person whose notes could be anybody's is coached
    ruth.goes_to("/audits/causes/new/?service=ALD&theme=T06")
    ruth.sees("3 people wrote the same kind of record in the same place without this gap")
    ruth.page.get_by_label("Individual practice").check()
    ruth.fills("What makes you think so?", "Three notes read alike.")
    ruth.presses("Keep this cause").sees("Say whose practice it is").shot("say-cause-error")
    ruth.page.get_by_label("Whose practice is it?").select_option(label="Daniela Popescu")
    ruth.presses("Keep this cause").clicks("Give coaching").heading("What helps Daniela?")
    ruth.page.get_by_label("Who gives it?").select_option(label="Samuel Tetteh")
    enter_day(ruth, "Done by", 25, 11, 2026)
    ruth.page.get_by_label("Ask for this check again").check()
    ruth.shot("coach").presses("Give this support").sees("The check is asked for again")
    ruth.sees("Coaching with Samuel Tetteh")
    ruth.goes_to("/audits/gaps/?service=ALD").sees("No gap waits for a cause").shot("gaps-done")
    assert set(Cause.objects.values_list("why", flat=True)) == {"workflow", "training", "practice"}
    assert "Popescu" not in str(list(ChangeRequest.objects.values()))


def test_whoever_wrote_it_reads_what_was_found_and_answers(
    world: World, visit: Callable[..., Visit]
) -> None:
    a_week_of_gaps(world)
    dan = visit("dan", phone=True).goes_to("/").sees("4 records of yours were checked")
    dan.clicks("4 records of yours were checked").heading("What was found in my records?")
    dan.sees("They check the record, not you").sees("A good one says:").shot("mine-phone")
    dan.does_not_see("Tessa").does_not_see("Samuel")
    card = dan.page.locator("section").filter(has_text="Missing: the outcome").last
    card.get_by_text("Answer this").click()
    card.get_by_role("textbox").fill("The field is under More and I did not find it.")
    card.get_by_role("button", name="Keep my answer").click()
    dan.checked().sees("Your answer is kept").sees("You said:")
    dan.goes_to("/").does_not_see("records of yours were checked")
    # The manager reads it beside the gap, before she says why
    ruth = visit("ruth", phone=True).goes_to("/audits/causes/new/?service=ALD&theme=T03")
    ruth.sees("I did not find it").shot("say-cause-phone")
    ruth.goes_to("/audits/gaps/?service=ALD").shot("gaps-phone")


def test_a_cause_is_said_by_keyboard_alone(world: World, visit: Callable[..., Visit]) -> None:
    a_week_of_gaps(world)
    ruth = visit("ruth").goes_to("/audits/gaps/?service=ALD")
    keyboard = ruth.page.keyboard
    tab_to(ruth, lambda on: on["text"].endswith("Missed outcome fields") and "Say" in on["text"])
    keyboard.press("Enter")
    ruth.page.wait_for_url("**/causes/new/**")
    ruth.checked()
    # One gap is left out with the space bar
    tab_to(ruth, lambda on: on["name"] == "gaps")
    keyboard.press("Space")
    tab_to(ruth, lambda on: on["name"] == "why")
    for _ in range(3):
        keyboard.press("ArrowDown")
    tab_to(ruth, lambda on: on["name"] == "reason")
    keyboard.type("I have read two, and watch tomorrow.")
    tab_to(ruth, lambda on: on["text"] == "Keep this cause")
    keyboard.press("Enter")
    ruth.page.wait_for_url("**/causes/*/?kept=**")
    ruth.checked().sees("To be decided by 2 December 2026")
    cause = Cause.objects.get()
    assert (cause.why, cause.gaps.count()) == ("unsure", 2)
    ruth.goes_to("/").sees("Why is it? Missed outcome fields")
    expect(ruth.page.get_by_text("7 gaps in records wait for a cause")).to_be_visible()
