"""The competency log: goes, what was missed, and how sure people were."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from click.testing import CliRunner
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from surehand import evidence
from surehand.competency.queries import latest_checks
from surehand.people import actions as add_people
from surehand.people.access import COMMAND_LINE
from surehand.practice.log import Counted, logged, missed_by_theme, missed_most
from surehand.practice.log_pages import corner, own_misses, result_in_words
from surehand.practice.models import Attempt, AttemptEnd
from surehand.support import actions as support
from tests.practice.goes import BADLY, WELL, a_go, begin
from tests.provider import NOW, World, kept

SignedIn = Callable[[str], Client]
PRACTISE = Attempt.Mode.PRACTISE


def say(world: World, name: str, level: int, *, code: str = "C13") -> None:
    support.say_confidence(
        by=world.by(name),
        competency=world.check(code).competency,
        statement="alone",
        level=level,
    )


@pytest.fixture
def practised(world: World) -> World:
    return kept(_practised, world)


def _practised(world: World) -> World:
    """Dan missed most of it, sure of himself, and then showed it; Eve showed it and was not sure;
    Sam left."""
    with evidence.clock.at(NOW - timedelta(days=3)):
        say(world, "dan", 5)
        a_go(world, "dan", mode=PRACTISE, script=BADLY)
    with evidence.clock.at(NOW - timedelta(days=2)):
        say(world, "dan", 2)
        a_go(world, "dan", script=WELL)
    with evidence.clock.at(NOW - timedelta(days=2, hours=-1)):
        say(world, "dan", 4)
    with evidence.clock.at(NOW - timedelta(days=1)):
        say(world, "eve", 1)
        a_go(world, "eve", script=WELL)
        a_go(world, "sam", mode=PRACTISE, how=AttemptEnd.How.LEFT, script=BADLY)
    return world


def people(world: World, *names: str) -> list[int]:
    return [world.people[name].pk for name in names]


def test_each_go_with_its_result_and_how_sure_they_were(practised: World) -> None:
    found = logged(people(practised, "dan"), at=NOW)
    assert [(e.attempt.mode, result_in_words(e), e.before, e.after) for e in found] == [
        ("check", "4 of 4", 2, 4),
        # What he said before the second go he said after the first.
        ("practise", "1 of 4", 5, 2),
    ]
    assert [e.code for e in found[1].missed] == ["helped", "response", "note"]
    assert [corner(e) for e in found] == ["Sure, and showed it", "Not shown yet, and knows it"]
    [eve] = logged(people(practised, "eve"), at=NOW)
    assert corner(eve) == "Showed it, not sure yet"
    [sam] = logged(people(practised, "sam"), at=NOW)
    assert result_in_words(sam) == "1 of 4, left early"
    assert corner(sam) == ""


def test_as_at_another_moment(practised: World) -> None:
    everybody = people(practised, "dan", "eve", "sam")
    assert logged(everybody, at=NOW - timedelta(days=4)) == []
    then = NOW - timedelta(days=2, hours=1)
    [only] = logged(everybody, at=then)
    assert (only.before, only.after) == (5, None)
    # In the middle of it there is no end yet.
    [begun] = logged(everybody, at=only.attempt.happened_at)
    assert (begun.end, result_in_words(begun)) == (None, "Not ended yet")
    assert logged(everybody, at=NOW, known=only.attempt.entry - 1) == []
    [known] = logged(everybody, at=NOW, known=only.attempt.entry)
    assert known.end is None


def test_what_was_missed_counts_each_person_by_their_first_finished_go(practised: World) -> None:
    found = logged(people(practised, "dan", "eve", "sam"), at=NOW)
    rows = missed_most(found)
    assert {row.expected.code: row.counted for row in rows} == {
        code: Counted(tried=2, missed=1, still=0) for code in ("helped", "response", "note")
    }
    themes = dict(missed_by_theme(found, latest_checks()))
    assert themes["T10"] == Counted(tried=2, missed=1, still=0)
    assert "T02" in themes  # the daily note
    [first, *_] = own_misses([e for e in found if e.attempt.person == practised.people["dan"]])
    assert first.missed == "1 of 2 goes"
    assert first.last.startswith("Shown on ")


@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 40))
def test_a_share_is_told_of_five_people_or_more_and_holds_what_was_counted(
    tried: int, missed: int, still: int
) -> None:
    counted = Counted(tried, min(missed, tried), min(still, tried))
    if tried < 5:
        assert counted.share is None
        return
    assert counted.share
    assert counted.share.low <= counted.missed / tried <= counted.share.high


def test_the_page_of_a_cohort(practised: World, signed_in: SignedIn) -> None:
    page = signed_in("ruth").get("/practice/log/?service=ALD").text
    assert "What did people at Alder House practise, and what did they miss?" in page
    assert "<strong>4 goes</strong> by 3 of 6 people." in page
    assert "1 of 2 people" in page
    assert "Too few to say: fewer than 5" in page
    assert "Sure, not shown yet" in page
    narrowed = signed_in("ruth").get("/practice/log/?service=ALD&mode=check&role=CW").text
    assert "<strong>2 goes</strong> by 2 of 2 people." in narrowed
    assert "Nothing was missed." in narrowed
    behind = signed_in("ruth").get("/practice/log/?service=ALD&when=before&cell=shown-low").text
    assert "Eve O’Brien: Up in the night" in behind
    assert "Worth a word" in behind
    past = signed_in("ruth").get("/practice/log/?service=ALD&at_date=2026-11-10").text
    assert "Nobody here has practised yet." in past


def test_ones_own_log_and_who_else_reads_it(practised: World, signed_in: SignedIn) -> None:
    address = f"/practice/log/{practised.people['dan'].pseudonym}/"
    own = signed_in("dan").get(address)
    assert "What did you practise?" in own.text
    assert "2 before, 4 after" in own.text
    assert "What did Daniela practise?" in signed_in("cal").get(address).text
    for name in ("eve", "quinn", "ada"):
        assert signed_in(name).get(address).status_code == 403
    assert signed_in("dan").get("/practice/log/").status_code == 403
    assert address in signed_in("ruth").get(f"/people/{practised.people['dan'].pseudonym}/").text


def test_the_log_is_carried_away_from_the_page_and_the_command_line(
    practised: World, signed_in: SignedIn
) -> None:
    from surehand.cli.__main__ import main

    page = signed_in("ruth").get("/practice/log/?service=ALD&format=csv")
    rows = list(csv.DictReader(io.StringIO(page.content.decode("utf-8-sig"))))
    assert [(r["person"], r["mode"], r["met"], r["of"], r["ended"]) for r in rows] == [
        ("Samuel Tetteh", "practise", "1", "4", "left"),
        ("Eve O’Brien", "check", "4", "4", "finished"),
        ("Daniela Popescu", "check", "4", "4", "finished"),
        ("Daniela Popescu", "practise", "1", "4", "finished"),
    ]
    assert rows[-1]["missed"] == "helped;response;note"
    command = ["export", "competency-log", "--service", "ALD", "--as-at", "2026-11-18T08:12"]
    told = CliRunner().invoke(main, command)
    assert told.exit_code == 0, told.output
    assert [r["entry"] for r in csv.DictReader(io.StringIO(told.stdout))] == [
        r["entry"] for r in rows
    ]
    refused = signed_in("ruth").get("/practice/log/?service=ALD&format=pdf")
    assert refused.status_code == 400


def test_a_go_under_way_is_in_the_log(world: World, signed_in: SignedIn) -> None:
    begin(world, "dan", mode=PRACTISE)
    assert "Not ended yet" in signed_in("cal").get("/practice/log/?service=ALD").text


def test_r14_merged_people_have_one_log(practised: World, signed_in: SignedIn) -> None:
    dan, eve = practised.people["dan"], practised.people["eve"]
    add_people.merge(by=COMMAND_LINE, person=eve, into=dan)
    for one in (dan, eve):
        found = logged([one.pk], at=NOW)
        assert [each.attempt.person_id for each in found] == [eve.pk, dan.pk, dan.pk]
        assert {each.human for each in found} == {min(dan.pk, eve.pk)}
    # One human is counted once, by the first go of the two records and by the last.
    assert all(row.counted.tried == 1 for row in missed_most(logged([dan.pk], at=NOW)))
    page = signed_in("eve").get(f"/practice/log/{dan.pseudonym}/").content.decode()
    assert "What did you practise?" in page
    assert page.count("Up in the night") >= 3
    replay = f"/practice/done/{found[-1].attempt.entry}/replay/"
    assert signed_in("eve").get(replay).status_code == 200
    assert replay in page
