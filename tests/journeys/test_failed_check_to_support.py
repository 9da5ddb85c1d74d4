"""Journey: a check is not passed, reviewed, supported, supervised, and completed."""

from collections.abc import Callable
from datetime import timedelta

from surehand import evidence
from tests.journeys.conftest import Clock, Visit
from tests.provider import NOW, World


def judge(visit: Visit, *, not_met: str = "") -> None:
    for group in visit.page.locator("fieldset").filter(has_text="Not met").all():
        missed = bool(not_met) and not_met in (group.text_content() or "")
        group.get_by_label("Not met" if missed else "Met", exact=True).check()


def enter_day(visit: Visit, legend: str, day: int, month: int, year: int) -> None:
    group = visit.group(legend)
    for label, value in (("Day", day), ("Month", month), ("Year", year)):
        group.get_by_label(label).fill(str(value))


def test_a_failed_check_becomes_support_supervision_and_a_retake(
    world: World, visit: Callable[..., Visit], clock: Clock
) -> None:
    # Given Samuel, independent, and Daniela, who has two checks to go
    world.pass_all("sam")
    world.sign_off("sam")
    world.pass_all("dan", but=["C04", "C13"])
    critical, ordinary = (
        next(c for c in world.check(code).criteria if c["critical"] == wanted)
        for code, wanted in (("C13", True), ("C04", False))
    )

    # When Callum assesses alerts, and a criterion that must be met is not
    cal = visit("cal").goes_to("/assess/?name=Daniela").shot("assess-queue")
    cal.clicks(world.check("C13").short)
    cal.shot("assess-observe")
    cal.presses("Save the assessment").sees("There is a problem").shot("assess-errors")
    judge(cal, not_met=critical["text"])
    box = cal.page.locator("[data-counter]").nth(1)
    box.get_by_role("button").last.click()
    box.get_by_role("button").last.click()
    box.get_by_role("button").first.click()
    assert box.get_by_role("spinbutton").input_value() == "1"
    cal.fills("What did you see?", "Closed the alert before going to the room.")
    # Then a lost page keeps what was typed
    cal.page.reload()
    assert box.get_by_role("spinbutton").input_value() == "1"
    cal.presses("Save the assessment")
    cal.sees("Further support required").sees("The registered manager reviews this check")
    cal.shot("assessment-further-support")

    # When the registered manager reviews it
    ruth = visit("ruth").goes_to("/reviews/").shot("reviews")
    ruth.clicks("Daniela Popescu").heading("What does Daniela Popescu need?").shot("review")
    ruth.page.get_by_label("Supervised use").check()
    ruth.fills("Why?", "She needs to see the room first, every time.")
    ruth.page.get_by_label("Who gives the support?").select_option(label="Samuel Tetteh")
    enter_day(ruth, "Support done by", 25, 11, 2026)
    enter_day(ruth, "Check again by", 27, 11, 2026)
    ruth.presses("Record the decision")

    # Then the permission follows at once
    ruth.heading("May Daniela Popescu use the live system beside a supervisor?").shot("permit")
    for code in ("C13", "C04"):
        task = ruth.group("Which tasks").get_by_label(f"{world.check(code).short} (", exact=False)
        task.check()
    ruth.group("Who may supervise?").get_by_label("Samuel Tetteh", exact=False).check()
    ruth.presses("Allow supervised use")
    ruth.sees("Daniela Popescu may use the live system beside a supervisor until 2 December 2026")
    ruth.sees("Allowed now, until 2 December 2026").shot("permit-allowed")

    # When Samuel, on his phone, says how the support went
    clock.now = NOW + timedelta(days=3)
    with evidence.clock.at(clock.now):
        sam = visit("sam", phone=True).goes_to("/support/").sees("Yours to give").shot("support")
        sam.clicks("Supervised use: Daniela Popescu").shot("support-action")
        sam.page.get_by_label("It helped: ready for a re-check").check()
        sam.fills("What was done, and what did you see?", "Three alerts together, all right.")
        sam.presses("Record how it went").sees("recorded as finished")

        # And the check asked for comes first in the queue; daily notes are passed in part
        cal.goes_to("/assess/").sees("Asked for").sees("Due 27 November").shot("assess-asked")
        cal.page.goto(f"{cal.address}/assess/{world.people['dan'].pseudonym}/C04/")
        cal.checked()
        judge(cal, not_met=ordinary["text"])
        cal.fills("What did you see?", "The note was short.")
        cal.presses("Save the assessment").sees("Partial pass").shot("assessment-partial")

        # Then only what failed is judged again
        cal.clicks("Retake 1 criterion").shot("assess-retake")
        judge(cal)
        cal.presses("Save the assessment").sees("Every criterion was met without help.")
        cal.shot("assessment-retaken")

        # And the story reads through a correction and a void
        cal.clicks("Correct", exact=True)
        cal.fills("Why do you correct this?", "I pressed the wrong answer.")
        cal.presses("Save the correction").sees("Corrected by Callum Whitfield")
        ruth.page.goto(cal.page.url.split("?")[0])
        ruth.checked()
        ruth.clicks("Void", exact=True).fills("What is the reason?", "It was another person.")
        ruth.presses("Void the assessment").sees("does not count").shot("assessment-voided")


def test_the_pages_fit_a_phone_and_the_dark(
    world: World, visit: Callable[..., Visit], clock: Clock
) -> None:
    # Given a check not passed, in a home with things to do
    failed = world.fail("dan", "C04")
    dan = world.people["dan"].pseudonym

    # When the pages are opened on a phone, or in the dark, they read well (axe, no sideways scroll)
    for name, addresses in (
        ("cal", ["/assess/", f"/assess/{dan}/C13/", f"/assessments/{failed.entry}/"]),
        ("ruth", ["/reviews/", f"/reviews/{failed.entry}/", f"/people/{dan}/supervised-use/"]),
    ):
        phone, dark = visit(name, phone=True), visit(name, dark=True)
        for address in addresses:
            shot = address.strip("/").split("/")[0]
            phone.goes_to(address).shot(f"phone-{name}-{addresses.index(address)}-{shot}")
            dark.goes_to(address).shot(f"dark-{name}-{addresses.index(address)}-{shot}")
    phone = visit("ruth", phone=True)
    phone.page.set_viewport_size({"width": 320, "height": 640})
    phone.goes_to(f"/people/{dan}/add-support/").goes_to(f"/people/{dan}/ask-for-a-check/")
    phone.goes_to(f"/assessments/{failed.entry}/").goes_to(f"/reviews/{failed.entry}/")
