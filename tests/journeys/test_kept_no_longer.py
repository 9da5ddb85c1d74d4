"""Journey: words of live records go by themselves when their time is over, and a page says so."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from surehand import evidence
from surehand.governance import due
from surehand.records.models import LiveRecord, RecordText
from tests.journeys.conftest import Clock, Visit
from tests.provider import World
from tests.records.live import a_record, an_account, noticed


@pytest.fixture(autouse=True)
def _own_keys(settings: Any, tmp_path: Path) -> None:
    settings.RECORDS_KEY = tmp_path / "keys" / "records.key"
    settings.SUBJECTS_KEY = tmp_path / "keys" / "subjects.key"


def test_words_go_when_their_time_is_over(
    visit: Callable[..., Visit], world: World, clock: Clock
) -> None:
    # Given three records, in one of which something was noticed
    for text in ("A quiet morning.", "Slept well.", "Found on the floor."):
        record = a_record(world.alder, an_account(), text)
        RecordText.objects.filter(record=record).update(keep_until=None)
    noticed(record, "incident_in_note")
    page = "/held-about-people-supported/"
    queenie = visit("queenie", phone=True).goes_to(page)
    queenie.heading("What is held about people supported, and why?")
    queenie.sees("What they say is held for 3 of the records").sees("The oldest words go after")
    queenie.does_not_see("Forget whom these records are about")
    # When the replay window is over and the work that is due is done
    clock.now += timedelta(days=29)
    with evidence.clock.at(clock.now):
        due.keep_no_longer()
    # Then the words are gone but those of the flagged record, and the page says so
    queenie = visit("queenie", phone=True).goes_to(page)
    queenie.sees("What they say is held for 1 of the records")
    queenie.sees("No words wait to be erased by themselves").sees("Something was last erased on")
    queenie.shot("held-about-supported-phone")
    assert RecordText.objects.get().record == record
    # An administrator forgets by keyboard alone whom they are about
    ada = visit("ada").goes_to(page).clicks("Forget whom these records are about")
    ada.sees("and the old one is written over").shot("forget-supported-desk").presses(
        "Forget whom they are about"
    )
    ada.sees("Say that you have read what this does")
    ada.page.get_by_label("I have read what this does").focus()
    ada.page.keyboard.press("Space")
    ada.page.keyboard.press("Tab")
    ada.page.keyboard.press("Enter")
    ada.sees("Forgotten: nobody can tell now whose these records are.")
    assert LiveRecord.objects.count() == 3
    # And erases one of those who come in later, by their id
    a_record(world.alder, an_account(), "Sat with Joyce.")
    ada.clicks("Erase somebody supported, when they ask for it")
    ada.page.get_by_label("Which service supports them?").select_option("ALD")
    ada.fills("Their id in the ECM system", "Joyce Hartley").presses("Find")
    ada.heading("Erase somebody supported?").sees("Live records about them")
    ada.shot("erase-supported-desk")
    for label in (
        "The person themself",
        "They asked to be forgotten",
        "I have read what is erased",
    ):
        ada.page.get_by_label(label).check()
    ada.presses("Erase this person").sees("Erased.")
    assert LiveRecord.objects.count() == 3
