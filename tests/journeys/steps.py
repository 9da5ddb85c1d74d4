"""What people do on several journeys."""

from tests.journeys.conftest import Visit


def judge(visit: Visit, *, not_met: str = "") -> None:
    """Judge every criterion met, but the one whose text is given."""
    for group in visit.page.locator("fieldset").filter(has_text="Not met").all():
        missed = bool(not_met) and not_met in (group.text_content() or "")
        group.get_by_label("Not met" if missed else "Met", exact=True).check()


def enter_day(visit: Visit, legend: str, day: int, month: int, year: int) -> None:
    group = visit.group(legend)
    for label, value in (("Day", day), ("Month", month), ("Year", year)):
        group.get_by_label(label).fill(str(value))


def bring_in(visit: Visit, kind: str, name: str, text: str) -> None:
    """Choose a file of this kind, and have it read."""
    visit.goes_to("/imports/").clicks(kind)
    visit.page.get_by_label("Your file").set_input_files(
        {"name": name, "mimeType": "text/csv", "buffer": text.encode()}
    )
    visit.presses("Read the file")
