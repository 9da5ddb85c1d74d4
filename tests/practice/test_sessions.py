"""Group sessions: who opens one, who joins with its code, and help that is asked for and given."""

from datetime import timedelta
from typing import Any

import pytest

from surehand import evidence
from surehand.competency.queries import checks_in_force
from surehand.evidence.refusal import NotPermitted, NotPossible
from surehand.people.signing_in import limits
from surehand.practice import actions, pages, queries, session_actions, session_pages, sessions
from surehand.practice.models import Attempt, AttemptEnd, AttemptStep, Playing, PracticeSession
from surehand.practice.play import Did
from tests.provider import NOW, World

PRACTISE, CHECK = Attempt.Mode.PRACTISE, Attempt.Mode.CHECK


def opened(
    world: World, by: str = "cal", *, mode: Attempt.Mode = PRACTISE, scenario: str = "S06"
) -> PracticeSession:
    return session_actions.open_session(
        by=world.by(by), service=world.alder, scenario=scenario, mode=mode
    )


def joins(world: World, session: PracticeSession, name: str = "dan") -> Attempt:
    found = session_actions.session_with(by=world.by(name), code=session.code, address="10.0.0.1")
    return session_actions.join_session(by=world.by(name), person=world.people[name], session=found)


def does(world: World, attempt: Attempt, did: Did, name: str = "dan", **what: Any) -> queries.Going:
    moment = Playing.objects.get(attempt=attempt).seen_at + timedelta(seconds=5)
    return actions.take_step(
        by=world.by(name), attempt=attempt, did=did, what=what, revision=None, now=moment
    )


def helps(world: World, attempt: Attempt, *, by: str = "cal", seen: int = 0) -> None:
    actions.help_given(by=world.by(by), attempt=attempt, seen=seen)


def refuses(world: World, name: str, code: str) -> str:
    with pytest.raises((NotPossible, NotPermitted)) as refusal:
        session_actions.session_with(by=world.by(name), code=code, address="10.0.0.1")
    return str(refusal.value)


def ended(session: PracticeSession) -> PracticeSession:
    """As it is read again."""
    found = sessions.session_of(session.entry)
    assert found
    return found


@pytest.mark.parametrize(
    ("name", "may"),
    [
        ("cal", True),
        ("tessa", True),
        ("helen", True),
        ("ruth", False),
        ("quinn", False),
        ("dan", False),
        ("ada", False),
        ("queenie", False),
    ],
)
def test_who_may_open_and_end_a_session(world: World, name: str, may: bool) -> None:
    if may:
        session = opened(world, name)
        assert (session.by, session.service) == (world.people[name], world.alder)
        session_actions.end_session(by=world.by(name), session=session)
        return
    with pytest.raises(NotPermitted, match="You may not assess"):
        opened(world, name)
    with pytest.raises(NotPermitted, match="You may not assess"):
        session_actions.end_session(by=world.by(name), session=opened(world))


def test_only_what_can_be_played_there_is_opened(world: World) -> None:
    with pytest.raises(NotPossible, match="no such scenario"):
        opened(world, scenario="S99")
    elsewhere = next(
        code for code, one in queries.scenarios().items() if one.scenario.setting != "R"
    )
    with pytest.raises(NotPossible, match="another kind of service"):
        opened(world, scenario=elsewhere)


def test_codes_are_short_differ_and_have_no_letters_that_look_alike(world: World) -> None:
    codes = [opened(world).code for _ in range(12)]
    assert len(set(codes)) == 12
    assert all(len(code) == 5 and not set(code) & set("01258OILSZBGQUVAE") for code in codes)


def test_a_code_that_is_in_use_is_not_given_again(world: World) -> None:
    drawn = [bytes([1] * 64), bytes([1] * 64), bytes([2] * 64)]

    def source(size: int) -> bytes:
        return drawn.pop(0) if size == 64 else bytes(size)

    with evidence.randomness.using(source):
        first, second = opened(world), opened(world)
    assert (first.code, second.code) == ("44444", "66666")


def test_joining_begins_a_go_in_the_mode_of_the_session(world: World) -> None:
    session = opened(world, mode=CHECK)
    attempt = joins(world, session)
    assert (attempt.session, attempt.mode, attempt.by) == (session, CHECK, world.people["dan"])
    assert attempt.scenario == session.scenario
    with pytest.raises(NotPossible, match="in the middle of this already"):
        joins(world, session)


def test_the_code_is_taken_as_it_is_typed(world: World) -> None:
    session = opened(world)
    typed = f" {session.code[:2].lower()}-{session.code[2:]} "
    found = session_actions.session_with(by=world.by("dan"), code=typed, address="10.0.0.1")
    assert found == session


def test_r14_who_opened_it_and_who_has_no_post_there_cannot_join(world: World) -> None:
    session = opened(world)
    assert "You opened this session" in refuses(world, "cal", session.code)
    assert "You have no post at Alder House" in refuses(world, "rose", session.code)
    assert "You have no post at Alder House" in refuses(world, "helen", session.code)
    with pytest.raises(NotPermitted, match="join for themselves"):
        session_actions.join_session(
            by=world.by("tessa"), person=world.people["dan"], session=session
        )
    with pytest.raises(NotPermitted, match="You opened this session"):
        session_actions.join_session(
            by=world.by("cal"), person=world.people["cal"], session=session
        )
    assert not Attempt.objects.exists()


def test_the_code_is_good_until_the_session_ends_or_for_four_hours(world: World) -> None:
    session = opened(world)
    with evidence.clock.at(NOW + timedelta(hours=3, minutes=59)):
        assert session_actions.session_with(
            by=world.by("dan"), code=session.code, address="10.0.0.1"
        )
    with evidence.clock.at(NOW + timedelta(hours=4)):
        assert "No open session" in refuses(world, "dan", session.code)
        with pytest.raises(NotPossible, match="has ended"):
            session_actions.join_session(
                by=world.by("dan"), person=world.people["dan"], session=session
            )
    attempt = joins(world, session)
    session_actions.end_session(by=world.by("cal"), session=ended(session))
    assert "No open session" in refuses(world, "sam", session.code)
    with pytest.raises(NotPossible, match="has ended"):
        session_actions.end_session(by=world.by("tessa"), session=ended(session))
    # Whoever is in the middle finishes, but nobody sees that they ask.
    with pytest.raises(NotPossible, match="You can still finish"):
        does(world, attempt, Did.ASK)
    does(world, attempt, Did.OPEN, place="tasks")
    actions.end_attempt(by=world.by("dan"), attempt=attempt, how=AttemptEnd.How.FINISHED)


def test_guessing_codes_is_slow_and_makes_nobody_else_wait(world: World) -> None:
    session = opened(world)
    for _ in range(limits.FREE_TRIES):
        assert "No open session" in refuses(world, "dan", "XXXXX")
    said = refuses(world, "dan", session.code)
    assert "too many wrong tries" in said
    assert "ask your trainer" in said
    joins(world, session, "sam")
    with evidence.clock.at(NOW + limits.FIRST_WAIT):
        joins(world, session)


def test_help_is_asked_for_and_given_once_and_stands_in_the_replay(world: World) -> None:
    session = opened(world, mode=CHECK)
    attempt = joins(world, session)
    does(world, attempt, Did.OPEN, place="tasks")
    assert does(world, attempt, Did.ASK).play.asked
    steps = len(does(world, attempt, Did.ASK).steps)  # asked twice is asked once
    before = Playing.objects.get(attempt=attempt)
    helps(world, attempt)
    helps(world, attempt)  # two trainers, or a double tap: the same help
    after = Playing.objects.get(attempt=attempt)
    assert len(after.steps) == steps + 1
    assert (after.seen_at, after.clock) == (before.seen_at, before.clock), "no sign of life of hers"
    with evidence.clock.at(after.seen_at):
        now = actions.be_there(by=world.by("dan"), attempt=attempt, now=after.seen_at)
        assert (now.play.asked, now.play.helped, now.play.done) == (None, 1, 0)
    helps(world, attempt, seen=1)  # once more, without being asked
    actions.end_attempt(by=world.by("dan"), attempt=attempt, how=AttemptEnd.How.FINISHED)
    kept = [step.did for step in AttemptStep.objects.order_by("number")]
    assert kept == ["open", "ask", "helped", "helped", "finish"]
    found = queries.attempt_of(attempt.entry)
    assert found
    replay = queries.replay(found)
    words = [one.what for one in pages.moments(replay)]
    assert words[1:3] == ["Asked for help.", "A trainer helped."]
    assert "helped twice" in pages.result_page(replay, own=True).line


def test_help_changes_nothing_of_what_is_shown(world: World) -> None:
    attempt = joins(world, opened(world))
    before = does(world, attempt, Did.OPEN, place="tasks").marks()
    does(world, attempt, Did.ASK)
    helps(world, attempt)
    assert does(world, attempt, Did.OPEN, place="alerts").marks() == before


@pytest.mark.parametrize("name", ["dan", "sam", "ruth", "quinn", "ada"])
def test_r14_who_may_not_say_that_they_helped(world: World, name: str) -> None:
    attempt = joins(world, opened(world))
    with pytest.raises(NotPermitted):
        helps(world, attempt, by=name)


def test_r14_nobody_helps_themselves(world: World) -> None:
    attempt = joins(world, opened(world, "tessa"), "cal")
    with pytest.raises(NotPermitted, match="about yourself"):
        helps(world, attempt)
    helps(world, attempt, by="tessa")


def test_help_is_for_sessions_alone(world: World) -> None:
    attempt = actions.start_attempt(
        by=world.by("dan"),
        person=world.people["dan"],
        service=world.alder,
        code="S06",
        mode=PRACTISE,
    )
    with pytest.raises(NotPossible, match="no trainer"):
        does(world, attempt, Did.ASK)
    with pytest.raises(NotPossible, match="not part of a group session"):
        helps(world, attempt)
    with pytest.raises(NotPossible, match="cannot be done here"):
        does(world, attempt, Did.HELPED)


def test_the_grid_says_who_asks_who_is_away_and_how_it_ended(world: World) -> None:
    session = opened(world, mode=CHECK)
    dan, sam, eve = (joins(world, session, name) for name in ("dan", "sam", "eve"))
    tessa = joins(world, session, "tessa")
    actions.end_attempt(by=world.by("dan"), attempt=dan, how=AttemptEnd.How.FINISHED)
    does(world, sam, Did.OPEN, "sam", place="joyce/plan/sleep")
    does(world, eve, Did.HINT, "eve")
    later = NOW + timedelta(seconds=100)
    does(world, tessa, Did.ASK, "tessa")
    for seconds in (50, 95):
        actions.be_there(by=world.by("eve"), attempt=eve, now=NOW + timedelta(seconds=seconds))
        actions.be_there(by=world.by("tessa"), attempt=tessa, now=NOW + timedelta(seconds=seconds))
    grid = _grid(session, later)
    rows = {row.name.split()[0]: row for row in grid.rows}
    assert [row.name.split()[0] for row in grid.rows] == ["Tessa", "Eve", "Samuel", "Daniela"]
    assert grid.line == "3 in the middle of it, 1 asks for help. 1 ended."
    assert rows["Tessa"].asks == "Asks for help for 1 minute"
    assert rows["Tessa"].now == "Reads the task."
    assert (rows["Samuel"].away, rows["Eve"].away) == ("No connection for 1 minute", "")
    assert rows["Samuel"].now == "Opened Joyce Adeyemi’s care plan, Sleep."
    assert rows["Eve"].spent == "1 minute, 1 hint"
    assert rows["Daniela"].count.startswith("0 of ")
    assert [link.text for link in rows["Daniela"].links][-1] == "Step by step"
    assert _grid(session, later).state == grid.state
    actions.be_there(by=world.by("sam"), attempt=sam, now=later)
    back = {row.name.split()[0]: row for row in _grid(session, later).rows}["Samuel"]
    assert (back.away, back.now) == ("", rows["Samuel"].now)
    does(world, tessa, Did.OPEN, "tessa", place="tasks")
    assert _grid(session, later).state != grid.state


def _grid(session: PracticeSession, at: Any) -> session_pages.Grid:
    return session_pages.grid(
        session, sessions.joined(session, at=at), checks_in_force(at=at).values()
    )


def test_another_go_in_the_same_session_takes_the_place_of_the_first(world: World) -> None:
    session = opened(world)
    first = joins(world, session)
    actions.end_attempt(by=world.by("dan"), attempt=first, how=AttemptEnd.How.LEFT)
    second = joins(world, session)
    [row] = _grid(session, NOW).rows
    assert (row.entry, row.ended) == (second.entry, False)


def test_an_ended_check_is_judged_where_the_plan_lets_it_be_seen_in_practice(world: World) -> None:
    scenario = sessions.playable(opened(world)).scenario
    checks = list(checks_in_force(at=NOW).values())
    assert session_pages.judge_code(scenario, checks) == next(
        code
        for code in scenario.competencies
        for check in checks
        if check.competency.code == code and "practice" in check.methods
    )
    for check in checks:
        check.methods = ["live"]
    assert session_pages.judge_code(scenario, checks) == ""
