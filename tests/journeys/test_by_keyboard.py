"""Journey: an assessment from the home page to its outcome, by keyboard alone."""

from collections.abc import Callable

from tests.journeys.conftest import Visit
from tests.provider import World

FOCUSED = """() => {
  const e = document.activeElement;
  return {
    text: (e.labels?.[0]?.innerText || e.innerText || e.getAttribute('aria-label') || '').trim(),
    name: e.name || '', type: e.type || e.tagName.toLowerCase(),
  };
}"""


def tab_to(visit: Visit, wanted: Callable[[dict[str, str]], bool], *, most: int = 80) -> None:
    """Press Tab until what has the focus is what is wanted."""
    for _ in range(most):
        visit.page.keyboard.press("Tab")
        if wanted(visit.page.evaluate(FOCUSED)):
            return
    raise AssertionError(f"Tab did not reach it on {visit.page.url}")


def test_a_check_is_assessed_and_saved_by_keyboard(
    world: World, visit: Callable[..., Visit]
) -> None:
    # Given Daniela, who has one check to go
    world.pass_all("dan", but=["C04"])
    check = world.check("C04")
    cal = visit("cal")
    keyboard = cal.page.keyboard
    cal.goes_to("/")

    # When Callum goes past the navigation by its first link, and to the assessments
    keyboard.press("Tab")
    assert "Skip" in cal.page.evaluate(FOCUSED)["text"]
    tab_to(cal, lambda on: on["text"] == "Assess" and on["type"] == "a")
    keyboard.press("Enter")
    cal.page.wait_for_url("**/assess/**")
    cal.checked()
    tab_to(cal, lambda on: check.short in on["text"] and on["type"] == "a")
    keyboard.press("Enter")
    cal.page.wait_for_url("**/C04/**")
    cal.checked()

    # And saves too soon: the focus is on the summary of what is missing, which leads to it
    tab_to(cal, lambda on: on["text"] == "Save the assessment")
    keyboard.press("Enter")
    cal.page.wait_for_selector("[class*=error-summary]")
    cal.checked()
    assert "There is a problem" in cal.page.evaluate("document.activeElement.innerText")
    tab_to(cal, lambda on: on["text"].startswith("Judge criterion 1"))
    keyboard.press("Enter")
    assert cal.page.evaluate(FOCUSED)["type"] == "radio"

    # And judges each criterion with the space bar
    keyboard.press("Space")
    for criterion in check.criteria[1:]:
        name = f"judged_{criterion['code']}"
        tab_to(cal, lambda on, name=name: on["name"] == name)  # type: ignore[misc]
        keyboard.press("Space")
    tab_to(cal, lambda on: on["text"] == "Save the assessment")
    keyboard.press("Enter")

    # Then it is recorded
    cal.page.wait_for_url("**/assessments/**")
    cal.checked().sees("Pass")
