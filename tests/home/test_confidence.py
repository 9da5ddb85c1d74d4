"""Confidence (1.7): said by oneself before and after a check, and seen beside the outcome."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client

from surehand import evidence
from surehand.assessment import actions as assessment
from surehand.evidence.refusal import NotPermitted, NotPossible
from surehand.home.confidence import asks, average, pairs
from surehand.people import actions as people
from surehand.people.access import COMMAND_LINE
from surehand.support import actions
from surehand.support.models import Confidence
from tests.provider import NOW, World

SignedIn = Callable[[str], Client]
STATEMENTS = Confidence.Statement.values


def say(world: World, name: str, code: str, *levels: int, days: float = 0) -> list[Confidence]:
    with evidence.clock.at(NOW - timedelta(days=days)):
        return [
            actions.say_confidence(
                by=world.by(name),
                competency=world.check(code).competency,
                statement=statement,
                level=level,
            )
            for statement, level in zip(STATEMENTS, levels, strict=False)
        ]


def request(world: World, name: str, code: str) -> None:
    assessment.request_check(
        by=world.by("ruth"),
        person=world.people[name],
        service=world.alder,
        competency=world.check(code).competency,
        due=date(2026, 12, 1),
    )


def test_three_taps_before_a_check_and_three_after(world: World, signed_in: SignedIn) -> None:
    request(world, "dan", "C04")
    dan = signed_in("dan")
    home = dan.get("/").text
    assert "How sure are you? Daily note" in home
    assert 'href="/confidence/C04/"' in home
    page = dan.get("/confidence/C04/").text
    assert "On my own tonight I could write a note only this person could have today." in page
    for statement in STATEMENTS:
        assert f'name="statement" value="{statement}"' in dan.get("/confidence/C04/").text
        dan.post("/confidence/C04/", {"statement": statement, "level": "4"})
    assert Confidence.objects.count() == 3
    assert "How sure are you? Daily note" not in dan.get("/").text
    # Judged, she is asked again; what she said before stays.
    with evidence.clock.at(NOW + timedelta(hours=1)):
        world.assess("dan", "C04")
        home = dan.get("/").text
    assert "Checked on 18 November 2026. Three taps." in home
    with evidence.clock.at(NOW + timedelta(hours=2)):
        dan.post("/confidence/C04/", {"statement": "alone", "level": "2"})
        me = [world.people["dan"].pk]
        [later] = pairs(me, at=evidence.clock.now())
        [earlier] = pairs(me, at=evidence.clock.now(), when="before")
    assert (later.level, later.outcome) == (2, "pass")
    assert earlier.level == 4


def test_an_answer_can_be_seen_and_changed(world: World, signed_in: SignedIn) -> None:
    request(world, "dan", "C04")
    dan = signed_in("dan")
    dan.post("/confidence/C04/", {"statement": "alone", "level": "5"})
    page = dan.get("/confidence/").text
    assert "Yes, fully" in page
    assert "/confidence/C04/?s=alone" in page
    assert 'aria-pressed="true"' in dan.get("/confidence/C04/?s=alone").text
    dan.post("/confidence/C04/", {"statement": "alone", "level": "2"})
    assert Confidence.objects.get(level=2).supersedes == Confidence.objects.get(level=5)
    [pair] = pairs([world.people["dan"].pk], at=NOW)
    assert pair.level == 2
    assert "Not really" in dan.get("/confidence/").text


@pytest.mark.parametrize("sent", [{}, {"level": "6", "statement": "alone"}, {"level": "3"}])
def test_anything_else_is_refused_in_a_sentence(
    world: World, signed_in: SignedIn, sent: dict[str, str]
) -> None:
    request(world, "dan", "C04")
    refused = signed_in("dan").post("/confidence/C04/", sent)
    assert refused.status_code == 400
    assert "Tap one of the five answers." in refused.text
    assert not Confidence.objects.exists()


def test_r14_one_speaks_for_oneself_alone(world: World, signed_in: SignedIn) -> None:
    request(world, "dan", "C04")
    [said] = say(world, "dan", "C04", 4)
    with pytest.raises(NotPermitted, match="Only you"):
        actions.say_confidence(
            by=world.by("ruth"),
            competency=said.competency,
            statement="alone",
            level=1,
            supersedes=said,
        )
    with pytest.raises(NotPermitted, match="named person"):
        actions.say_confidence(
            by=COMMAND_LINE, competency=said.competency, statement="alone", level=1
        )
    assert signed_in("ruth").get("/confidence/C04/").status_code == 404


def test_an_answer_changed_already_is_not_changed_again(world: World) -> None:
    [said] = say(world, "dan", "C04", 4)
    change = {"by": world.by("dan"), "competency": said.competency, "statement": "alone"}
    actions.say_confidence(**change, level=3, supersedes=said)
    with pytest.raises(NotPossible, match="already"):
        actions.say_confidence(**change, level=2, supersedes=Confidence.objects.get(pk=said.pk))


def test_asked_about_checks_of_the_last_four_weeks(world: World) -> None:
    for code, days in (("C01", 40), ("C02", 10), ("C03", 3)):
        with evidence.clock.at(NOW - timedelta(days=days)):
            world.assess("dan", code)
    assert [ask.code for ask in asks(world.people["dan"].pk, at=NOW)] == ["C03", "C02"]


def test_the_picture_of_a_cohort_and_who_is_behind_a_number(
    world: World, signed_in: SignedIn
) -> None:
    with evidence.clock.at(NOW - timedelta(days=5)):
        world.assess("dan", "C13")
        world.fail("sam", "C13")
        world.assess("eve", "C13")
    say(world, "dan", "C13", 2, 3, 4, days=1)
    say(world, "sam", "C13", 5, 4, 5, days=1)
    say(world, "eve", "C13", 5, 5, 5, days=1)
    say(world, "tessa", "C13", 3, days=1)
    ruth = signed_in("ruth")
    page = ruth.get("/confidence/picture/?service=ALD&cell=pass-low").text
    assert "4 of 6 people said how sure they are: 4.1 of 5 on average." in page
    for corner in ("Ready and sure", "Ready, not sure yet", "Sure, not ready yet"):
        assert corner in page
    assert "Not checked yet" in page
    assert "Daniela Popescu: Sensor alerts" in page
    assert "Says 2 of 5. Pass on 13 November 2026." in page
    assert "Samuel Tetteh: Sensor alerts" not in page
    only = ruth.get("/confidence/picture/?service=ALD&role=SC&cell=pass-low").text
    assert "1 of 2 people said" in only
    assert "Daniela" not in only


def test_the_picture_as_at_an_earlier_moment(world: World, signed_in: SignedIn) -> None:
    say(world, "dan", "C13", 2, days=4)
    with evidence.clock.at(NOW - timedelta(days=2)):
        world.assess("dan", "C13")
    ruth = signed_in("ruth")
    then = ruth.get("/confidence/picture/?service=ALD&at_date=2026-11-15&at_time=12:00").text
    assert "1 of 6 people said how sure they are: 2.0" in then
    assert "Not checked yet" in then
    before = ruth.get("/confidence/picture/?service=ALD&when=before&cell=pass-low").text
    assert "Daniela Popescu: Sensor alerts" in before


def test_a_person_has_their_own_picture(world: World, signed_in: SignedIn) -> None:
    address = f"/people/{world.people['dan'].pseudonym}/"
    assert "How sure, and how it went" not in signed_in("ruth").get(address).text
    with evidence.clock.at(NOW - timedelta(days=2)):
        world.assess("dan", "C13")
    say(world, "dan", "C13", 2)
    for name in ("ruth", "dan"):
        page = signed_in(name).get(address).text
        assert "How sure, and how it went" in page
        assert "Ready, not sure yet" in page
    held = signed_in("dan").get("/held-about-me/").text
    assert "Times you said how sure you are" in held


def test_the_average_is_of_all_answers(world: World) -> None:
    assert average([]) is None
    say(world, "dan", "C13", 2, 3, 4)
    say(world, "sam", "C13", 1)
    found = pairs([world.people[n].pk for n in ("dan", "sam")], at=NOW)
    assert average(found) == 2.5


def test_a_merged_person_changes_their_own(world: World) -> None:
    [said] = say(world, "dan", "C04", 4)
    world.add_person("dan2", "D Popescu")
    people.merge(by=COMMAND_LINE, person=world.people["dan2"], into=world.people["dan"])
    changed = actions.say_confidence(
        by=world.by("dan2"),
        competency=said.competency,
        statement="alone",
        level=3,
        supersedes=said,
    )
    assert changed.supersedes == said
