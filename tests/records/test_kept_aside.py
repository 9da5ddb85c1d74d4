"""Rows kept aside come in once their words are known, or are left out for good."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from surehand.ecm.actions import publish_profile
from surehand.ecm.profile import starter_text
from surehand.evidence import clock
from surehand.evidence.refusal import NotPermitted, NotPossible
from surehand.imports import run
from surehand.people.access import COMMAND_LINE, AccessRole, By, Grant
from surehand.records import kept_aside_actions as actions
from surehand.records import kept_aside_pages as pages
from surehand.records.models import KeptAside, KnownWord, LiveRecord

from .conftest import HEADER, NOTE
from .test_records_file import counts, current, quality_lead

pytestmark = [pytest.mark.usefixtures("home")]
Take = Callable[..., run.Preview]

FEET = NOTE.replace("skin", "Feet")
TWO = HEADER + FEET + FEET.replace("R1", "R2")


def test_a_word_chosen_once_takes_in_all_rows_that_say_it_and_those_to_come(take: Take) -> None:
    take("records", TWO)
    came = actions.read_as(by=quality_lead(), why="section", said="Feet", means="skin")
    assert came == 2
    assert {record.section for record in LiveRecord.objects.all()} == {"skin"}
    assert not KeptAside.objects.filter(done_by=None).exists()
    assert {bytes(row.content) for row in KeptAside.objects.all()} == {b""}
    assert counts(take("records", TWO)) == (0, 0, 2, 0)
    assert counts(take("records", HEADER + FEET.replace("R1", "R3"))) == (1, 0, 0, 0)
    assert current("R3").section == "skin"


def test_they_come_in_by_themselves_when_a_version_of_the_profile_knows_the_word(
    take: Take,
) -> None:
    take("records", TWO)
    assert actions.due() == []
    text = starter_text("residential-nursing").replace('version: "1.0"', 'version: "1.1"')
    skin = "  - {code: skin, title: Skin}\n"
    text = text.replace(skin, skin + skin.replace("skin", "feet").replace("Skin", "Feet"))
    text = text.replace('effective: "2026-01-01"', 'effective: "2026-03-10"')
    lead = By(None, "d" * 32, "password", (Grant(AccessRole.ADMINISTRATOR, None),))
    publish_profile(by=lead, text=text)
    with clock.at(datetime(2026, 3, 11, 9, 0, tzinfo=UTC)):
        assert actions.due() == ["2 rows kept aside came in: its words are known now."]
        assert actions.due() == []
    assert (current().section, current().profile) == ("feet", "residential-nursing 1.1")


def test_rows_left_out_stay_out_also_when_they_come_again(take: Take) -> None:
    take("records", TWO)
    assert actions.leave_out(by=quality_lead(), kind="records", why="section", said="Feet") == 2
    assert counts(take("records", TWO)) == (0, 0, 2, 0)
    assert not LiveRecord.objects.exists()
    assert pages.groups() == []
    with pytest.raises(NotPossible, match="no longer kept aside"):
        actions.leave_out(by=quality_lead(), kind="records", why="section", said="Feet")


def test_rows_left_out_stay_out_when_their_word_is_known_later_and_are_not_counted_as_kept_aside(
    take: Take,
) -> None:
    two = TWO.replace("text\n", "text,fields\n").replace("fine.\n", 'fine.,"{""mood"": ""low""}"\n')
    take("records", two)
    rang = (
        "alert_id,service_id,subject_id,alert_type,raised_at\nA1,ALDER,RES1,Mat,2026-03-09T02:10\n"
    )
    take("alerts", rang)
    assert actions.leave_out(by=quality_lead(), kind="records", why="section", said="Feet") == 2
    assert actions.leave_out(by=quality_lead(), kind="alerts", why="alert_type", said="Mat") == 1
    assert take("records", two).notes == ["2 rows stay left out, as somebody chose for good."]
    other = HEADER + FEET.replace("R1", "R3")
    take("records", other)
    assert actions.read_as(by=quality_lead(), why="section", said="Feet", means="skin") == 1
    actions.read_as(by=quality_lead(), why="alert_type", said="Mat", means="bed_exit")
    assert counts(take("records", two)) == (0, 0, 2, 0)
    assert counts(take("alerts", rang)) == (0, 0, 1, 0)
    assert [record.record_id for record in LiveRecord.objects.all()] == ["R3"]
    # What says something else now was not left out
    assert counts(take("records", HEADER + FEET.replace("fine", "sore"))) == (1, 0, 0, 0)


def test_the_page_says_why_and_what_a_word_may_be(take: Take) -> None:
    take("records", TWO + NOTE.replace("R1", "R9").replace("RES1", ""))
    feet, nobody = pages.groups()
    assert (feet.what, feet.count, feet.where) == ("Section “Feet”", 2, "Alder House")
    assert feet.options["skin"] == "Skin"
    assert feet.ids == "R2, R1"
    assert (nobody.what, nobody.options) == ("No person", {})


def test_what_a_word_means_must_be_a_word_of_the_profile(take: Take) -> None:
    take("records", TWO)
    with pytest.raises(NotPossible, match="words of the ECM profile"):
        actions.read_as(by=COMMAND_LINE, why="section", said="Feet", means="toes")
    assert not KnownWord.objects.exists()


def test_only_who_brings_records_in_decides_about_them(take: Take) -> None:
    take("records", TWO)
    by = By(None, "b" * 32, "password", (Grant(AccessRole.WORKFORCE_LEAD, None),))
    for action in (
        lambda: actions.read_as(by=by, why="section", said="Feet", means="skin"),
        lambda: actions.leave_out(by=by, kind="records", why="section", said="Feet"),
        lambda: actions.take_in(by=by),
    ):
        with pytest.raises(NotPermitted):
            action()
