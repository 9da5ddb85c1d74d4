"""A group session in practice judged in one grid: marking proposes, an assessor judges (1.3)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from django.test import Client

from surehand import evidence
from surehand.assessment import group_actions
from surehand.assessment.models import Assessment, GroupAssessment, GroupPerson
from surehand.evidence.refusal import NotPermitted, NotPossible
from surehand.people.access import By
from surehand.practice import actions, session_actions
from surehand.practice.models import Attempt, AttemptEnd, PracticeSession
from surehand.practice.play import Did
from surehand.practice.queries import attempt_of
from tests.practice.goes import play, seen
from tests.practice.scripts import scripts
from tests.provider import NOW, World, small_provider

SignedIn = Callable[[str], Client]
WELL, ELSEWHERE = "the right Harold", "takes the first Harold in the list"
CODE = "C02"


@pytest.fixture
def session(world: World) -> PracticeSession:
    with evidence.clock.at(NOW - timedelta(hours=2)):
        return session_actions.open_session(
            by=world.by("cal"), service=world.alder, scenario="S02", mode=Attempt.Mode.CHECK
        )


def goes(
    world: World, session: PracticeSession, name: str, script: str = WELL, *, helped: bool = False
) -> Attempt:
    """Somebody of the session plays it to its end."""
    with evidence.clock.at(NOW - timedelta(hours=2)):
        attempt = session_actions.join_session(
            by=world.by(name), person=world.people[name], session=session
        )
        if helped:
            actions.help_given(by=world.by("cal"), attempt=attempt, seen=0)
        play(world, attempt, next(s for s in scripts("S02") if s.name == script), name)
    with evidence.clock.at(seen(attempt) + timedelta(seconds=30)):
        actions.end_attempt(by=world.by(name), attempt=attempt, how=AttemptEnd.How.FINISHED)
    found = attempt_of(attempt.entry)
    assert found
    return found


def judged(world: World, session: PracticeSession, *attempts: Attempt) -> list[GroupPerson]:
    group = group_actions.judge_session(
        by=world.by("cal"), session=session, check=world.check(CODE), attempts=attempts
    )
    return [group.people.get(attempt=attempt) for attempt in attempts]


def agree(world: World, row: GroupPerson, by: str = "cal") -> Assessment | None:
    row.refresh_from_db()
    return group_actions.agree(by=world.by(by), row=row, seen=row.version)


def test_r7_marking_proposes_and_answers_nothing(world: World, session: PracticeSession) -> None:
    dan, sam = judged(
        world, session, goes(world, session, "dan"), goes(world, session, "sam", ELSEWHERE)
    )
    assert set(dan.proposes.values()) == {"met"}
    assert "not_met" in sam.proposes.values()
    assert sam.note.startswith("Not shown in practice: ")
    assert not [a for row in (dan, sam) for a in row.answers.all() if a.judged]
    assert not Assessment.objects.exists()
    with pytest.raises(NotPossible, match="Not judged yet"):
        group_actions.record(by=world.by("cal"), row=dan, seen=dan.version)


def test_agreeing_records_it_with_its_attempt_and_when_it_ended(
    world: World, session: PracticeSession
) -> None:
    attempt = goes(world, session, "dan")
    [row] = judged(world, session, attempt)
    assessment = agree(world, row, by="tessa")
    assert assessment
    assert (assessment.attempt, assessment.outcome, assessment.by) == (
        attempt,
        "pass",
        world.people["tessa"],
    )
    assert assessment.happened_at == attempt.end.happened_at


def test_what_an_assessor_judged_stays_when_they_agree_with_the_rest(
    world: World, session: PracticeSession
) -> None:
    [row] = judged(world, session, goes(world, session, "dan"))
    first = world.check(CODE).criteria[0]["code"]
    group_actions.save_answer(
        by=world.by("cal"),
        row=row,
        criterion=first,
        answer=group_actions.Answer("not_met"),
        seen=0,
    )
    # What comes of it is no pass and there is no note yet, so it waits.
    assert agree(world, row) is None
    assert {a.judged for a in row.answers.all()} == {"met", "not_met"}
    assert not Assessment.objects.exists()
    with pytest.raises(group_actions.Stale, match="changed an answer"):
        group_actions.agree(by=world.by("tessa"), row=row, seen=0)


def test_help_given_in_the_session_is_counted(world: World, session: PracticeSession) -> None:
    [row] = judged(world, session, goes(world, session, "dan", helped=True))
    [helped] = row.answers.all()
    assert (helped.judged, helped.help_given) == ("", 1)
    assert row.note == "In practice, with help."
    assessment = agree(world, row)
    assert assessment
    assert assessment.help_given == {helped.criterion: 1}


def test_those_who_end_later_come_into_the_same_room_once(
    world: World, session: PracticeSession
) -> None:
    dan, sam = goes(world, session, "dan"), goes(world, session, "sam")
    [first] = judged(world, session, dan)
    assert agree(world, first)
    [later] = judged(world, session, sam)
    assert later.group == first.group
    with pytest.raises(NotPossible, match="has judged this already"):
        judged(world, session, dan)
    judged(world, session, sam)
    assert later.group.people.count() == 2


@pytest.mark.usefixtures("template_database")
def test_two_assessors_who_begin_at_once_share_one_room(
    in_thread: Callable[..., Callable[[], Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    world = small_provider()
    with evidence.clock.at(NOW - timedelta(hours=2)):
        session = session_actions.open_session(
            by=world.by("cal"), service=world.alder, scenario="S02", mode=Attempt.Mode.CHECK
        )
    attempts = [goes(world, session, name) for name in ("dan", "sam")]
    check, assessors = world.check(CODE), [world.by("cal"), world.by("tessa")]
    together = Barrier(2)
    group_of_session = group_actions.group_of_session

    def looked(*asked: Any) -> GroupAssessment | None:
        found = group_of_session(*asked)
        with suppress(BrokenBarrierError):  # of two that look one after the other neither waits
            together.wait(timeout=0.3)
        return found

    monkeypatch.setattr(group_actions, "group_of_session", looked)

    def judge(by: By) -> None:
        with evidence.clock.at(NOW):
            group_actions.judge_session(by=by, session=session, check=check, attempts=attempts)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda by: in_thread(judge, by)(), assessors))
    assert GroupAssessment.objects.count() == 1


@pytest.mark.parametrize("by", ["dan", "sam", "ruth", "quinn", "ada"])
def test_r14_who_may_judge_a_session(world: World, session: PracticeSession, by: str) -> None:
    attempt = goes(world, session, "dan")
    with pytest.raises(NotPermitted):
        group_actions.judge_session(
            by=world.by(by), session=session, check=world.check(CODE), attempts=[attempt]
        )
    [row] = judged(world, session, attempt)
    with pytest.raises(NotPermitted):
        agree(world, row, by=by)
    assert not Assessment.objects.exists()


def test_r14_nobody_agrees_about_themselves(
    world: World, session: PracticeSession, signed_in: SignedIn
) -> None:
    attempt = goes(world, session, "tessa")
    assert "this is you" in signed_in("tessa").get(f"/assess/sessions/{session.entry}/").text
    with pytest.raises(NotPermitted, match="about yourself"):
        group_actions.judge_session(
            by=world.by("tessa"), session=session, check=world.check(CODE), attempts=[attempt]
        )
    [row] = judged(world, session, attempt)
    with pytest.raises(NotPermitted, match="about yourself"):
        agree(world, row, by="tessa")


def test_from_the_session_to_a_recorded_assessment_without_a_script(
    world: World, session: PracticeSession, signed_in: SignedIn
) -> None:
    cal, people = signed_in("cal"), world.people
    live = f"/practice/sessions/{session.entry}/"
    assert "Judge them together" not in cal.get(live).text
    attempt = goes(world, session, "dan")
    goes(world, session, "sam", ELSEWHERE)
    here = f"/assess/sessions/{session.entry}/"
    assert f'href="{here}"' in cal.get(live).text
    page = cal.get(f"{here}?check={CODE}").text
    for name in ("dan", "sam"):
        assert f'value="{people[name].pseudonym}" checked' in page
    assert cal.post(f"{here}?check={CODE}").status_code == 400
    begun = cal.post(
        f"{here}?check={CODE}", {"person": [people[n].pseudonym for n in ("dan", "sam")]}
    )
    room = GroupAssessment.objects.get()
    assert begun["Location"] == f"/assess/groups/{room.pk}/"
    grid = cal.get(begun["Location"]).text
    assert f'href="/practice/done/{attempt.entry}/replay/"' in grid
    assert "Marking proposes: met." in grid
    assert "Agree and record: Pass" in grid
    assert "Agree and record: Further support required" in grid
    value = f"{people['dan'].pseudonym}:0"
    assert f'name="agree" value="{value}"' in grid
    done = cal.post(f"/assess/groups/{room.pk}/record/", {"agree": value}, follow=True).text
    assert "1 assessment recorded" in done
    assert Assessment.objects.get().attempt == attempt
    page = cal.get(f"{here}?check={CODE}").text
    assert "Daniela Popescu: judged by Callum Whitfield, Pass." in page
    assert "Samuel Tetteh: in the grid already." in page
    assert "Go on with the grid" in page


def test_practice_is_not_judged(world: World, signed_in: SignedIn) -> None:
    session = session_actions.open_session(
        by=world.by("cal"), service=world.alder, scenario="S02", mode=Attempt.Mode.PRACTISE
    )
    cal = signed_in("cal")
    assert cal.get(f"/assess/sessions/{session.entry}/").status_code == 404
    with evidence.clock.at(NOW):
        attempt = session_actions.join_session(
            by=world.by("dan"), person=world.people["dan"], session=session
        )
        actions.take_step(
            by=world.by("dan"),
            attempt=attempt,
            did=Did.OPEN,
            what={"place": "tasks"},
            revision=None,
            now=NOW,
        )
        actions.end_attempt(by=world.by("dan"), attempt=attempt, how=AttemptEnd.How.FINISHED)
    found = attempt_of(attempt.entry)
    assert found
    with pytest.raises(NotPossible, match="practice is not judged"):
        judged(world, session, found)
