"""Attempts: who may begin one, what is kept while it is played, and what is recorded at its end."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surehand import evidence
from surehand.competency.plan_document import starter
from surehand.evidence.keeping import committed
from surehand.evidence.models import Entry
from surehand.evidence.refusal import NotPermitted, NotPossible
from surehand.practice import actions, queries
from surehand.practice.marking import mark
from surehand.practice.models import (
    Attempt,
    AttemptEnd,
    AttemptStep,
    Playing,
    ScenarioVersion,
    StepWords,
)
from surehand.practice.play import Did, Step
from surehand.practice.typed import apart, tidied, together
from tests.practice.scripts import Script, codes, scripts, shipped
from tests.provider import NOW, World

PRACTISE, CHECK = Attempt.Mode.PRACTISE, Attempt.Mode.CHECK
ALL = [script for code in codes() for script in scripts(code)]


def start(
    world: World, name: str = "dan", *, by: str = "", mode: Attempt.Mode = PRACTISE, code: str = ""
) -> Attempt:
    return actions.start_attempt(
        by=world.by(by or name),
        person=world.people[name],
        service=world.alder,
        code=code or "S06",
        mode=mode,
    )


def take(
    world: World,
    attempt: Attempt,
    did: Did,
    *,
    after: int = 5,
    revision: int | None = None,
    by: str = "dan",
    **what: Any,
) -> queries.Going:
    """One step, so many seconds after the last sign of life."""
    moment = seen(attempt) + timedelta(seconds=after)
    return actions.take_step(
        by=world.by(by), attempt=attempt, did=did, what=what, revision=revision, now=moment
    )


def seen(attempt: Attempt) -> datetime:
    return Playing.objects.get(attempt=attempt).seen_at


def play_script(world: World, attempt: Attempt, script: Script) -> None:
    clock = 0
    for step in script.steps:
        # The scripts may wait as long as they like, the page until the next thing happens.
        gap = step.at - clock + (step.takes() if step.did == Did.WAIT else 0)
        while gap > 0:
            with evidence.clock.at(seen(attempt) + timedelta(seconds=min(gap, 50))):
                actions.be_there(by=world.by("dan"), attempt=attempt, now=evidence.clock.now())
            gap -= 50
        clock = step.at + step.takes()
        if step.did not in (Did.WAIT, Did.AWAY):
            take(world, attempt, step.did, after=0, **step.what)


def test_a_go_is_a_fact_with_the_scenario_as_it_was_played(world: World) -> None:
    attempt = start(world)
    assert (attempt.person, attempt.service) == (world.people["dan"], world.alder)
    assert attempt.profile.startswith("residential-nursing ")
    kept = ScenarioVersion.objects.get()
    assert (kept.code, kept.version, kept.by) == ("S06", 1, None)
    assert "Up in the night" in kept.document
    start(world, "sam")
    assert ScenarioVersion.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "by", "mode", "said"),
    [
        ("dan", "dan", PRACTISE, ""),
        ("dan", "dan", CHECK, ""),
        ("eve", "eve", PRACTISE, ""),
        ("cal", "cal", CHECK, ""),
        ("dan", "cal", CHECK, ""),
        ("dan", "tessa", CHECK, ""),
        ("dan", "helen", CHECK, ""),
        ("dan", "cal", PRACTISE, "practise for themselves"),
        ("dan", "sam", CHECK, "You may not assess"),
        ("dan", "ruth", CHECK, "You may not assess"),
        ("dan", "quinn", CHECK, "You may not assess"),
        ("dan", "ada", CHECK, "You may not assess"),
        ("rose", "rose", PRACTISE, "You have no post at Alder House"),
        ("rose", "helen", CHECK, "Rose Nkemelu has no post at Alder House"),
        ("helen", "helen", PRACTISE, "You have no post"),
    ],
)
def test_r14_who_may_begin_a_go(
    world: World, name: str, by: str, mode: Attempt.Mode, said: str
) -> None:
    if not said:
        assert start(world, name, by=by, mode=mode).by == world.people[by]
        return
    with pytest.raises(NotPermitted, match=said):
        start(world, name, by=by, mode=mode)
    assert not Attempt.objects.exists()


def test_a_check_alone_only_where_the_plan_lets_it_be_checked_in_practice(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    methods = {c.code: c.check.methods for c in starter().competencies}
    scenario = shipped("S06")[0]
    assert any("practice" in methods[code] for code in scenario.competencies)
    checks = [world.check(code) for code in scenario.competencies]
    for check in checks:
        check.methods = ["live"]
    monkeypatch.setattr(actions, "checks_in_force", lambda at: dict(enumerate(checks)))
    with pytest.raises(NotPossible, match="ask your assessor"):
        start(world, mode=CHECK)
    start(world, by="cal", mode=CHECK)


def test_a_scenario_of_another_setting_or_none_is_refused(world: World) -> None:
    with pytest.raises(NotPossible, match="no such scenario"):
        start(world, code="S99")
    with pytest.raises(NotPossible, match="another kind of service"):
        actions.start_attempt(
            by=world.by("rose"),
            person=world.people["rose"],
            service=world.quayside,
            code="S06",
            mode=PRACTISE,
        )


def test_one_go_at_a_scenario_at_a_time(world: World) -> None:
    attempt = start(world, mode=CHECK)
    for by, mode in (("dan", PRACTISE), ("cal", CHECK)):
        with pytest.raises(NotPossible, match="in the middle of this already"):
            start(world, by=by, mode=mode)
    actions.end_attempt(by=world.by("dan"), attempt=attempt, how=AttemptEnd.How.LEFT)
    start(world, by="cal", mode=CHECK)
    # The check that was left counts as begun and left.
    assert [a.end.how for a in Attempt.objects.filter(end__isnull=False)] == ["left"]


def test_only_whoever_it_is_plays(world: World) -> None:
    attempt = start(world, by="cal", mode=CHECK)
    for by in ("cal", "sam", "ruth"):
        with pytest.raises(NotPermitted):
            take(world, attempt, Did.OPEN, by=by, place="joyce")
        with pytest.raises(NotPermitted):
            actions.end_attempt(by=world.by(by), attempt=attempt, how=AttemptEnd.How.LEFT)
    take(world, attempt, Did.OPEN, place="joyce")


def test_steps_are_kept_as_they_are_taken_and_enter_the_ledger_at_the_end(world: World) -> None:
    attempt, before = start(world), evidence.last_seq()
    take(world, attempt, Did.OPEN, place="joyce/risk/falls")
    take(world, attempt, Did.HINT)
    going = take(world, attempt, Did.WAIT, revision=0)
    assert going.play.now == 40
    assert list(going.play.arrived) == ["exit"]
    assert evidence.last_seq() == before
    assert [row["did"] for row in Playing.objects.get().steps] == ["open", "hint", "wait"]
    with pytest.raises(NotPossible, match="Nothing more happens by itself"):
        take(world, attempt, Did.WAIT, revision=1)
    take(world, attempt, Did.ACKNOWLEDGE, revision=1, event="exit")
    end = actions.end_attempt(by=world.by("dan"), attempt=attempt, how=AttemptEnd.How.FINISHED)
    assert evidence.last_seq() == before + 1
    assert not Playing.objects.exists()
    assert (end.hints, end.marks["answered"], end.marks["note"]) == (1, "met", "not_met")
    assert [s.did for s in AttemptStep.objects.order_by("number")] == [
        "open",
        "hint",
        "wait",
        "acknowledge",
        "finish",
    ]
    with pytest.raises(NotPossible, match="has ended"):
        take_after_end(world, attempt)
    with pytest.raises(NotPossible, match="has ended"):
        actions.end_attempt(by=world.by("dan"), attempt=attempt, how=AttemptEnd.How.LEFT)


def take_after_end(world: World, attempt: Attempt) -> None:
    actions.take_step(
        by=world.by("dan"), attempt=attempt, did=Did.HINT, what={}, revision=None, now=NOW
    )


def test_two_pages_never_write_over_one_another(world: World) -> None:
    attempt = start(world)
    take(world, attempt, Did.TELL, revision=0, contact="shift_lead")
    # The same sent again is done once; another thing from the old page is refused.
    again = take(world, attempt, Did.TELL, revision=0, contact="shift_lead")
    assert again.play.done == 1
    with pytest.raises(NotPossible, match="another page"):
        take(world, attempt, Did.TELL, revision=0, contact="emergency")
    # Looking something up on a second page is no reason to refuse.
    take(world, attempt, Did.OPEN, place="joyce/plan/sleep")
    assert take(world, attempt, Did.TELL, revision=1, contact="emergency").play.done == 2


def test_a_write_that_lost_the_race_is_done_on_top_of_the_other(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempt = start(world)
    real: Callable[..., bool] = actions._kept
    raced = []

    def late(before: Playing, after: Playing) -> bool:
        if not raced:
            raced.append(1)
            take(world, attempt, Did.OPEN, place="joyce")
        return real(before, after)

    monkeypatch.setattr(actions, "_kept", late)
    take(world, attempt, Did.HINT)
    assert [row["did"] for row in Playing.objects.get().steps] == ["open", "hint"]


def test_nobody_there_is_not_counted_and_shown(world: World) -> None:
    attempt = start(world)
    take(world, attempt, Did.OPEN, after=30, place="joyce")
    going = take(world, attempt, Did.OPEN, after=3600, place="joyce/plan/sleep")
    assert [(s.did, s.at) for s in going.steps] == [("open", 30), ("away", 30), ("open", 30)]
    moment = seen(attempt)
    for _ in range(10):
        moment += timedelta(seconds=4.5)
        actions.be_there(by=world.by("dan"), attempt=attempt, now=moment)
    going = queries.going(Playing.objects.get(), at=moment)
    assert going.play.now == 30 + 45
    assert list(going.play.arrived) == ["exit"]
    with evidence.clock.at(moment):
        end = actions.end_attempt(by=world.by("dan"), attempt=attempt, how=AttemptEnd.How.LEFT)
    assert (end.seconds, end.away_seconds) == (75, 3600)


def test_r1_what_was_typed_is_kept_apart_and_committed_to(world: World) -> None:
    attempt = start(world)
    script = next(s for s in ALL if s.scenario == "S06")
    play_script(world, attempt, script)
    end = actions.end_attempt(by=world.by("dan"), attempt=attempt, how=AttemptEnd.How.FINISHED)
    facts = json.dumps(list(AttemptStep.objects.values_list("what", flat=True)))
    assert "half past" not in facts
    assert "On the edge of the bed" not in facts
    assert '"mood": "settled"' in facts
    entry = Entry.objects.get(seq=end.entry)
    assert b"half past" not in bytes(entry.content)
    kept = committed(end.entry)
    assert len(kept) == StepWords.objects.count() == 2
    for _, content, salt in kept:
        assert evidence.ledger.hashlib.sha256(salt + content).hexdigest().encode() in bytes(  # type: ignore[attr-defined]
            entry.content
        )


@pytest.mark.parametrize("script", [s for s in ALL if s.scenario == "S06"], ids=lambda s: s.name)
def test_a_script_played_through_the_actions_is_marked_as_it_says(
    world: World, script: Script
) -> None:
    attempt = start(world)
    play_script(world, attempt, script)
    kept = tuple(Step.of_row(row) for row in Playing.objects.get().steps)
    end = actions.end_attempt(by=world.by("dan"), attempt=attempt, how=AttemptEnd.How.FINISHED)
    assert end.marks == script.expect
    attempt.refresh_from_db()
    shown = queries.replay(attempt)
    assert shown.whole
    assert shown.steps[:-1] == kept
    assert {m.expected.code: m.result.value for m in shown.marks} == script.expect


def test_marks_stand_when_the_words_are_erased(world: World) -> None:
    attempt = start(world)
    play_script(world, attempt, next(s for s in ALL if s.scenario == "S06"))
    actions.end_attempt(by=world.by("dan"), attempt=attempt, how=AttemptEnd.How.FINISHED)
    attempt.refresh_from_db()
    StepWords.objects.all().delete()
    shown = queries.replay(attempt)
    assert not shown.whole
    assert {m.result.value for m in shown.marks} == {"met"}


@given(st.sampled_from(ALL), st.data())
def test_steps_mark_alike_as_they_are_kept_and_as_facts(
    script: Script, data: st.DataObject
) -> None:
    """Tidied, taken apart into codes and words, written as JSON and put together again."""
    scenario, profile = shipped(script.scenario)
    extra = {"fields": data.draw(st.dictionaries(st.text(max_size=5), st.text(max_size=5)))}
    kept, facts = [], []
    for step in script.steps:
        what = dict(step.what)
        if step.did == Did.RECORD:
            what = {**what, "fields": {**extra["fields"], **what.get("fields", {})}, "more": "x"}
        what = tidied(scenario, profile, step.did, what)
        kept.append(Step(step.number, step.at, step.did, what))
        written, typed = json.loads(
            json.dumps(apart(scenario, profile, step.did, what), ensure_ascii=False)
        )
        assert together(written, typed) == what
        facts.append(Step(step.number, step.at, step.did, together(written, typed)))
    as_said = mark(scenario, profile, script.steps)
    assert mark(scenario, profile, kept) == mark(scenario, profile, facts)
    assert [m.result for m in mark(scenario, profile, facts)] == [m.result for m in as_said]
