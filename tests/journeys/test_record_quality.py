"""Journey: did the training reach the records? From the chart to the records behind a number, and
from a warning to what it rests on."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from surehand import evidence
from surehand.audits.models import Refresher, RefresherGiven
from surehand.people.access import COMMAND_LINE, AccessRole
from surehand.people.models import Person
from tests.audits.weeks import some_weeks
from tests.journeys.conftest import Visit
from tests.journeys.test_by_keyboard import FOCUSED, tab_to
from tests.provider import NOW, World

REFRESHED = datetime(2026, 10, 19, tzinfo=UTC)


def rarer(person: Person, at: datetime) -> dict[str, float]:
    late = 0.4 if at < REFRESHED else 0.03
    return {"T04": late, "T06": 0.12, "late": late / 2}


@pytest.fixture
def refreshed(world: World) -> World:
    """Ten weeks of records at Alder House, and a refresher on late entry four weeks ago."""
    for number in range(6):
        world.add_person(f"carer-{number}", f"Carer {number}", role=AccessRole.CARE_WORKER)
        world.add_post(f"carer-{number}", world.alder, "CW")
    people = [world.people[f"carer-{n}"] for n in range(6)]
    by = world.people["tessa"]
    some_weeks(world.alder, people, rarer, by=by, until=NOW, weeks=10, checked=25)
    with evidence.act("refresher.planned", by=COMMAND_LINE.actor, happened_at=REFRESHED) as act:
        refresher = act.record(
            Refresher(service=world.alder, theme="T04", owner=by, due=REFRESHED.date(), by=by)
        )
        act.record(
            RefresherGiven(
                refresher=refresher,
                on=REFRESHED.date(),
                minutes=15,
                people=[person.pk for person in people],
                by=by,
            )
        )
    return world


def test_from_the_chart_to_the_records_behind_a_number(
    refreshed: World, visit: Callable[..., Visit]
) -> None:
    # Given a refresher on late entry at Alder House four weeks ago
    queenie = visit("queenie").goes_to("/records/?service=ALD")
    # When the quality lead asks whether training reached the records
    queenie.clicks("Did training reach them?").heading("Did the training reach the records?")
    # Then the line below answers it, and the chart says that chance can do as much
    queenie.sees("Late entry is down since the refresher of 19 October")
    queenie.sees("About one stable chart in six").sees("points fewer").shot("quality")
    queenie.page.get_by_text("Show as table").click()
    queenie.sees("Looks like improvement").shot("quality-table")
    # When she opens a number, she sees the records from which it comes, and what each stands for
    queenie.page.locator(".sh-heat-map a").first.click()
    queenie.checked().heading("Which records are behind this number?")
    queenie.sees("Stands for").shot("quality-records")
    # And a record leads on to its check’s entry in the evidence
    entry = queenie.page.get_by_role("link", name="Entry").first
    expect(entry).to_have_attribute("href", "/evidence/" + str(entry_of(entry)) + "/")
    # And the one figure, with the readings beside it
    queenie.goes_to("/record-quality/accuracy/?service=ALD").heading("How accurate are the records")
    queenie.sees("Month by month").sees("likely between").shot("accuracy")
    # And what the records warn of
    queenie.goes_to("/record-quality/warnings/?service=ALD").heading("warn of?").shot("warnings")


def entry_of(link: object) -> int:
    words = link.text_content()  # type: ignore[attr-defined]
    return int("".join(each for each in words if each.isdecimal()))


def test_by_keyboard_and_on_a_phone(refreshed: World, visit: Callable[..., Visit]) -> None:
    ruth = visit("ruth", phone=True).goes_to("/record-quality/?service=ALD").shot("quality-phone")
    tab_to(ruth, lambda on: on["text"].strip().startswith("Show as table"))
    ruth.page.keyboard.press("Enter")
    tab_to(ruth, lambda on: on["type"] == "a" and "in the week from" in on["text"])
    assert "week from" in ruth.page.evaluate(FOCUSED)["text"]
    with ruth.page.expect_navigation():
        ruth.page.keyboard.press("Enter")
    ruth.checked().heading("Which records are behind this number?").shot("behind-phone")
    ruth.page.set_viewport_size({"width": 320, "height": 700})
    ruth.goes_to("/record-quality/?service=ALD").shot("quality-tiny")
    assert ruth.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
