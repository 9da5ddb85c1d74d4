"""A provider's own questions of spot checks: who writes them, what is asked, what is kept."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.test import Client

from surehand import evidence
from surehand.cli.__main__ import main
from surehand.evidence import canonical
from surehand.evidence.models import Entry
from surehand.evidence.refusal import NotPermitted, NotPossible
from surehand.governance.story import context_of, tell
from surehand.practice import spot_checks
from surehand.practice.models import OwnSpotQuestion
from surehand.practice.queries import asked_by_the_plan
from surehand.practice.spot_question_actions import (
    bring_back_spot_question,
    publish_spot_question,
    retire_spot_question,
)
from surehand.practice.spot_question_forms import ROUTES, SpotQuestionForm
from surehand.practice.spot_questions import SpotQuestionProblem, starter_text
from tests.practice.test_spot_checks import SHOWN, ask
from tests.provider import NOW, World

SignedIn = Callable[[str], Client]
ROW: dict[str, Any] = {
    "title": "Where is the grab bag?",
    "ask": "The lights go out. Where is the grab bag for {name}?",
    "job_roles": ["CW"],
    "settings": ["R"],
    "competency": "C17",
    "criteria": ["C17.1"],
    "minutes": 2,
    "points": [
        {"code": "where", "says": "Shows where it is."},
        {"code": "torch", "says": "Checks the torch."},
        {"code": "sheet", "says": "Finds the newest care sheet."},
    ],
}


def publish(world: World, code: str = "", seen: int = 0, by: str = "helen", **more: Any) -> str:
    return publish_spot_question(by=world.by(by), code=code, seen=seen, row={**ROW, **more}).code


@pytest.mark.parametrize("name", ["ruth", "wendy", "ada", "dan"])
def test_only_a_workforce_lead_writes_questions(world: World, name: str) -> None:
    by = world.by(name)
    if name == "wendy":  # also a workforce lead
        assert publish(world, by=name) == "P01"
        return
    for refused in (
        lambda: publish(world, by=name),
        lambda: retire_spot_question(by=by, code="Q04"),
        lambda: bring_back_spot_question(by=by, code="Q04"),
    ):
        with pytest.raises(NotPermitted, match="It takes a workforce lead"):
            refused()
    assert not OwnSpotQuestion.objects.exists()


def test_a_question_of_ones_own_is_asked_and_keeps_its_words(world: World) -> None:
    assert publish(world) == "P01"
    shown = {"where": "shown", "torch": "shown", "sheet": "with_help"}
    check = ask(world, code="P01", shown=shown)
    assert publish(world, "P01", seen=1, title="The grab bag") == "P01"
    assert spot_checks.spot_questions()["P01"].version == 2
    (kept,) = spot_checks.asked_of([world.people["dan"].pk], at=NOW)
    assert (kept.check, kept.title) == (check, "Where is the grab bag?")
    assert publish(world) == "P02"


def test_ones_own_version_takes_the_place_of_the_shipped_one(world: World) -> None:
    before = ask(world)
    publish(world, "Q04", seen=1)
    held = spot_checks.held_questions()["Q04"]
    assert (held.is_own, held.is_shipped, held.question.version) == (True, True, 2)
    with pytest.raises(NotPossible, match="Say for each point"):
        ask(world, "sam", shown=SHOWN)
    assert spot_checks.spot_check(before.entry) is not None


def test_a_retired_question_is_not_asked_until_it_is_brought_back(world: World) -> None:
    by = world.by("helen")
    with pytest.raises(NotPossible, match="Q04 is asked already"):
        bring_back_spot_question(by=by, code="Q04")
    retire_spot_question(by=by, code="Q04")
    with pytest.raises(NotPossible, match="Q04 is retired already"):
        retire_spot_question(by=by, code="Q04")
    assert "Q04" not in spot_checks.spot_questions()
    with pytest.raises(NotPossible, match="no such question"):
        ask(world)
    bring_back_spot_question(by=by, code="Q04")
    ask(world)
    with pytest.raises(NotPossible, match="no such question"):
        retire_spot_question(by=by, code="P77")


@pytest.mark.parametrize(
    ("more", "where", "said"),
    [
        ({"points": ROW["points"][:2]}, "points", "has 2 points in setting R"),
        ({"ask": "Where is {who} and why?"}, "ask", "The only blank there is is {name}."),
        ({"criteria": ["C01.1"]}, "criteria", "“C01.1” is not known here"),
        ({"minutes": 9}, "minutes", "must be at most 5"),
        ({"job_roles": []}, 0, "Nobody would be asked"),
    ],
)
def test_what_is_wrong_is_said_with_its_place_and_nothing_is_published(
    world: World, more: dict[str, Any], where: str | int, said: str
) -> None:
    before = evidence.last_seq()
    with pytest.raises(SpotQuestionProblem) as problem:
        publish(world, **more)
    assert any(where in path and said in sentence for path, sentence in problem.value.found)
    assert evidence.last_seq() == before


def test_nobody_writes_over_what_they_have_not_seen(world: World) -> None:
    publish(world)
    for refused in (
        lambda: publish(world, "P01", seen=0, title="Other"),
        lambda: publish(world, "P01", seen=2, title="Other"),
    ):
        with pytest.raises(NotPossible, match="A colleague changed this question meanwhile"):
            refused()
    with pytest.raises(NotPossible, match="Nothing is changed"):
        publish(world, "P01", seen=1)


def test_the_form_keeps_every_shipped_question_as_it_is(world: World) -> None:
    plan = asked_by_the_plan(at=NOW)
    for code, question in spot_checks.spot_questions().items():
        drawn = SpotQuestionForm(plan=plan, question=question)
        form = SpotQuestionForm(drawn.initial, plan=plan, question=question)
        assert form.is_valid(), (code, form.errors)
        with pytest.raises(NotPossible, match="Nothing is changed"):
            publish_spot_question(
                by=world.by("helen"), code=code, seen=question.version, row=form.row()
            )


def test_a_question_is_written_changed_and_retired_in_pages(
    world: World, signed_in: SignedIn
) -> None:
    helen, path = signed_in("helen"), "/practice/questions/new/"
    sent = {
        "seen": "0", "title": "The grab bag", "ask": "Where is the grab bag?", "minutes": "3",
        "competency": "C17", "settings": ["R", "H"], "job_roles": ["CW"],
        "points": f"Shows where.\r\n{ROUTES['escalation']}",
    }  # fmt: skip
    refused = helen.post(path, {**sent, "points": "Shows where.", "ask": "Where is {who} now?"})
    assert refused.status_code == 400
    assert "has 1 points in setting R" in refused.text
    assert "The only blank there is is {name}." in refused.text
    assert helen.post(path, sent).status_code == 302
    points = spot_checks.spot_questions()["P01"].asked
    assert [(one.says, one.route) for one in points] == [
        ("Shows where.", ""),
        ("", "escalation"),
    ]
    listed = signed_in("ruth").get("/practice/questions/").text
    assert "The grab bag" in listed
    assert "Writing questions takes a workforce lead." in listed
    one = "/practice/questions/P01/"
    assert ROUTES["escalation"] in helen.get(one).text
    assert helen.post(one, {**sent, "seen": "1", "minutes": "2"}).status_code == 302
    assert spot_checks.spot_questions()["P01"].minutes == 2
    helen.post(one, {"retire": "yes"})
    assert "Retired" in helen.get("/practice/questions/").text
    helen.post(one, {"bring_back": "yes"})
    assert "P01" in spot_checks.spot_questions()
    assert helen.get("/practice/questions/P77/").status_code == 404
    entries = {
        seq: canonical.loads(bytes(content))
        for seq, content in Entry.objects.values_list("seq", "content")
    }
    entries = {s: e for s, e in entries.items() if e["kind"].startswith("spot_question.")}
    context = context_of(entries)
    assert [" ".join(tell(entries[seq], context)[2:4]) for seq in sorted(entries)] == [
        "Spot-check question “The grab bag” (P01) was published, version 1, by Helen Marsh.",
        "Spot-check question “The grab bag” (P01) was published, version 2, by Helen Marsh.",
        "Spot-check question “The grab bag” (P01) was retired, by Helen Marsh.",
        "Spot-check question “The grab bag” (P01) was brought back, by Helen Marsh.",
    ]


def test_the_command_says_what_is_wrong_with_its_line(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text(starter_text(), "utf-8")
    bad.write_text(starter_text().replace("competency: C08", "competency: C88", 1), "utf-8")
    done = CliRunner().invoke(main, ["spot-questions", str(good)])
    assert (done.exit_code, "no problem found" in done.output) == (0, True)
    done = CliRunner().invoke(main, ["spot-questions", str(good), str(bad)])
    assert done.exit_code == 1
    assert "“C88” is not known here" in done.output
    assert "Line " in done.output
