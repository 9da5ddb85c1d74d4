"""A provider's own scenarios: who writes them, what is offered, what a preview leaves behind."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.test import Client

from surehand import evidence
from surehand.ecm.actions import publish_profile
from surehand.evidence import canonical
from surehand.evidence.models import Entry
from surehand.evidence.refusal import NotPermitted, NotPossible
from surehand.governance.story import context_of, tell
from surehand.practice import actions, pages, queries, scenario_actions
from surehand.practice.marking import Result
from surehand.practice.models import Attempt, AttemptEnd, Playing, ScenarioDraft, ScenarioVersion
from surehand.practice.play import Did
from surehand.practice.policies import ScenarioChanged
from surehand.practice.scenario import ScenarioProblem, starter_texts, template, with_values
from surehand.practice.scenario_pages import reading, soon
from tests.ecm.test_publishing import written as changed_profile
from tests.practice.scripts import shipped
from tests.provider import NOW, World

S06 = dict(starter_texts())["S06"]


def begin(world: World, code: str = "P01", text: str = S06, by: str = "helen") -> ScenarioDraft:
    return scenario_actions.begin_scenario(by=world.by(by), code=code, text=text, begun_from="S06")


def publish(world: World, code: str = "P01", seen: int = 1) -> ScenarioVersion:
    return scenario_actions.publish_scenario(by=world.by("helen"), code=code, seen=seen)


def save(world: World, text: str, seen: int = 1, code: str = "P01", by: str = "helen") -> int:
    return scenario_actions.save_draft(by=world.by(by), code=code, seen=seen, text=text).revision


def preview(world: World, did: Did, **what: Any) -> queries.Going:
    """One step in the preview of P01, 40 seconds after the last."""
    draft = ScenarioDraft.objects.get(code="P01")
    assert draft.played_at
    now = draft.played_at + timedelta(seconds=40)
    return scenario_actions.take_preview_step(
        by=world.by("helen"), code="P01", did=did, what=what, revision=None, now=now
    )


@pytest.mark.parametrize("name", ["ruth", "cal", "tessa", "queenie", "ada", "dan", "nadia", "paul"])
def test_r14_only_a_workforce_lead_writes_scenarios(world: World, name: str) -> None:
    begin(world)
    by = world.by(name)
    for refused in (
        lambda: begin(world, "P02", by=name),
        lambda: scenario_actions.begin_next_version(by=by, code="S06"),
        lambda: save(world, S06, by=name),
        lambda: scenario_actions.discard_draft(by=by, code="P01", seen=1),
        lambda: scenario_actions.publish_scenario(by=by, code="P01", seen=1),
        lambda: scenario_actions.withdraw_scenario(by=by, code="S06"),
        lambda: scenario_actions.bring_back_scenario(by=by, code="S06"),
        lambda: scenario_actions.begin_preview(by=by, code="P01"),
        lambda: scenario_actions.preview(by=by, code="P01", now=NOW),
        lambda: scenario_actions.take_preview_step(
            by=by, code="P01", did=Did.HINT, what={}, revision=None, now=NOW
        ),
    ):
        with pytest.raises(NotPermitted, match="It takes a workforce lead"):
            refused()
    assert not ScenarioVersion.objects.exists()


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("S06", "There is a scenario S06 already"),
        ("S77", "those shipped with Surehand"),
        ("p1", "capital letters"),
        ("P01/X", "capital letters"),
        ("ABCDEFGHIJK", "at most 10"),
    ],
)
def test_a_code_of_ones_own_is_free_now_and_later(world: World, code: str, said: str) -> None:
    with pytest.raises(NotPossible, match=said):
        begin(world, code)
    begin(world)
    with pytest.raises(NotPossible, match="There is a draft of P01 already"):
        begin(world)
    publish(world)
    with pytest.raises(NotPossible, match="There is a scenario P01 already"):
        begin(world)


def test_a_copy_is_published_and_met_by_those_it_is_for(world: World) -> None:
    begin(world, text=with_values(S06, title="Up at night on Heron"))
    assert "P01" not in queries.scenarios()
    version = publish(world)
    assert (version.code, version.version, version.by) == ("P01", 1, world.people["helen"])
    assert not ScenarioDraft.objects.exists()
    offered = queries.scenarios()["P01"]
    assert offered.is_own
    assert offered.scenario.title == "Up at night on Heron"
    attempt = actions.start_attempt(
        by=world.by("dan"),
        person=world.people["dan"],
        service=world.alder,
        code="P01",
        mode=Attempt.Mode.PRACTISE,
    )
    assert attempt.scenario == version


def test_the_next_version_of_a_shipped_one_takes_its_place(world: World) -> None:
    scenario_actions.begin_next_version(by=world.by("helen"), code="S06")
    save(world, S06.replace("Up in the night", "Up at two"), code="S06")
    assert publish(world, "S06", seen=2).version == 2
    held = queries.held()["S06"]
    assert (held.is_shipped, held.playable.is_own) == (True, True)
    assert (held.playable.scenario.version, held.playable.scenario.title) == (2, "Up at two")
    # And again: the number comes by itself, whatever stands in the text.
    scenario_actions.begin_next_version(by=world.by("helen"), code="S06")
    save(world, with_values(S06, version=1, title="Up at three"), code="S06")
    assert publish(world, "S06", seen=2).version == 3
    assert queries.scenarios()["S06"].scenario.title == "Up at three"


def test_a_shipped_one_that_was_played_is_still_the_shipped_one(world: World) -> None:
    actions.start_attempt(
        by=world.by("dan"),
        person=world.people["dan"],
        service=world.alder,
        code="S06",
        mode=Attempt.Mode.PRACTISE,
    )
    assert not queries.scenarios()["S06"].is_own
    assert queries.scenarios()["S06"].kept is not None


def test_a_go_at_an_earlier_version_says_so(world: World) -> None:
    attempt = actions.start_attempt(
        by=world.by("dan"),
        person=world.people["dan"],
        service=world.alder,
        code="S06",
        mode=Attempt.Mode.PRACTISE,
    )
    actions.end_attempt(by=world.by("dan"), attempt=attempt, how=AttemptEnd.How.FINISHED)
    mine = queries.attempts_of([world.people["dan"].pk])
    assert pages.attempt_lines(mine, version=1)[0][1] == "Practice"
    assert pages.attempt_lines(mine, version=2)[0][1] == "Practice, version 1 (now 2)"


def test_what_says_the_same_is_not_published(world: World) -> None:
    scenario_actions.begin_next_version(by=world.by("helen"), code="S06")
    with pytest.raises(NotPossible, match="Nothing to publish"):
        publish(world, "S06")


def test_every_problem_is_told_with_its_line_and_nothing_is_published(world: World) -> None:
    begin(world)
    wrong = S06.replace("code: S06", "code: P09").replace("alert: bed_exit", "alert: bell")
    save(world, wrong.replace("criteria: [C13.1]", "criteria: [C99.1]"))
    before = evidence.last_seq()
    for refused in (
        lambda: publish(world, seen=2),
        lambda: scenario_actions.begin_preview(by=world.by("helen"), code="P01"),
    ):
        with pytest.raises(ScenarioProblem) as problem:
            refused()
        said = problem.value.problems
        assert said[0].startswith("Line 1: this is the draft of P01")
        assert any(one.startswith("Line 19: “bell” is not known here") for one in said)
        assert any("“C99.1” is not known here" in one for one in said)
    assert evidence.last_seq() == before
    for text in ("", "- a\n- b", "code: [", "setting: {R: 1}"):
        with pytest.raises(ScenarioProblem):
            queries.drafted(text, code="P01", at=NOW)


def test_nobody_writes_over_what_they_have_not_seen(world: World) -> None:
    begin(world)
    assert save(world, S06.replace("Heron", "Kestrel"), by="wendy") == 2
    for late in (
        lambda: save(world, S06.replace("Heron", "Owl")),
        lambda: publish(world),
        lambda: scenario_actions.discard_draft(by=world.by("helen"), code="P01", seen=1),
    ):
        with pytest.raises(ScenarioChanged, match=r"Wendy .* changed this draft on 18 November"):
            late()
    assert "Kestrel" in ScenarioDraft.objects.get().text
    assert save(world, ScenarioDraft.objects.get().text, seen=2) == 2
    scenario_actions.discard_draft(by=world.by("helen"), code="P01", seen=2)
    with pytest.raises(NotPossible, match="There is no draft"):
        save(world, S06, seen=2)


@pytest.mark.parametrize("setting", ["R", "N", "H", "S"])
def test_the_template_reads_in_every_setting(world: World, setting: str) -> None:
    text = queries.begun(setting, code="P05", title="A: b", at=NOW)
    scenario = queries.drafted(text, code="P05", at=NOW)
    assert (scenario.setting, scenario.title) == (setting, "A: b")
    assert template() != text


def test_a_withdrawn_one_is_not_offered_and_stays_readable(world: World) -> None:
    start = {
        "by": world.by("dan"),
        "person": world.people["dan"],
        "service": world.alder,
        "code": "S06",
        "mode": Attempt.Mode.PRACTISE,
    }
    attempt = actions.start_attempt(**start)
    by = world.by("helen")
    with pytest.raises(NotPossible, match="in use already"):
        scenario_actions.bring_back_scenario(by=by, code="S06")
    scenario_actions.withdraw_scenario(by=by, code="S06")
    with pytest.raises(NotPossible, match="withdrawn already"):
        scenario_actions.withdraw_scenario(by=by, code="S06")
    assert "S06" not in queries.scenarios()
    assert queries.held()["S06"].withdrawn is not None
    # Who is in the middle of it ends it; nobody begins it.
    actions.end_attempt(by=world.by("dan"), attempt=attempt, how=AttemptEnd.How.FINISHED)
    again = queries.attempt_of(attempt.entry)
    assert again is not None
    assert queries.replay(again).scenario.code == "S06"
    with pytest.raises(NotPossible, match="no such scenario"):
        actions.start_attempt(**start)
    scenario_actions.bring_back_scenario(by=by, code="S06")
    actions.start_attempt(**start)
    with pytest.raises(NotPossible, match="no such scenario"):
        scenario_actions.withdraw_scenario(by=by, code="P01")


def test_a_preview_is_played_and_marked_and_nothing_is_recorded(world: World) -> None:
    begin(world)
    before = evidence.last_seq()
    by = world.by("helen")
    with pytest.raises(NotPossible, match="Begin it again"):
        scenario_actions.preview(by=by, code="P01", now=NOW)
    scenario_actions.begin_preview(by=by, code="P01")
    going = preview(world, Did.OPEN, place="joyce")
    assert (going.key, going.is_preview, going.is_check) == ("preview-P01", True, False)
    assert list(going.play.arrived) == ["exit"]
    going = preview(world, Did.ACKNOWLEDGE, event="exit")
    assert {m.expected.code for m in going.marks() if m.result == Result.MET} == {"answered"}
    with pytest.raises(NotPossible, match="answered this alert already"):
        preview(world, Did.ACKNOWLEDGE, event="exit")
    assert preview(world, Did.FINISH).play.is_finished
    assert evidence.last_seq() == before
    assert not Attempt.objects.exists()
    assert not Playing.objects.exists()
    # Another text, another preview.
    save(world, S06.replace("Heron", "Kestrel"))
    with pytest.raises(NotPossible, match="Begin it again"):
        scenario_actions.take_preview_step(
            by=by, code="P01", did=Did.HINT, what={}, revision=None, now=NOW
        )


def test_two_open_pages_of_a_preview_do_not_write_over_one_another(world: World) -> None:
    begin(world)
    scenario_actions.begin_preview(by=world.by("helen"), code="P01")
    preview(world, Did.OPEN, place="joyce")
    again = preview(world, Did.OPEN, place="joyce")  # the page loaded again
    assert len(again.steps) == 1
    stale = scenario_actions.take_preview_step
    with pytest.raises(NotPossible, match="on another page meanwhile"):
        stale(
            by=world.by("helen"),
            code="P01",
            did=Did.TELL,
            what={"contact": "emergency"},
            revision=7,
            now=NOW + timedelta(minutes=2),
        )


def test_a_scenario_is_played_in_the_profile_in_force_if_it_fits(world: World) -> None:
    offered = queries.scenarios()["S06"]
    assert queries.profile_for(offered, at=NOW).version == "1.0"
    with evidence.clock.at(NOW):
        publish_profile(by=world.by("ada"), text=changed_profile())
    profile = queries.profile_for(offered, at=NOW)
    assert profile.version == "1.1"
    assert "Nights" in [one.title for one in profile.sections]
    attempt = actions.start_attempt(
        by=world.by("dan"),
        person=world.people["dan"],
        service=world.alder,
        code="S06",
        mode=Attempt.Mode.PRACTISE,
    )
    assert attempt.profile == "residential-nursing 1.1"
    assert queries.profile_of(attempt).version == "1.1"


def test_what_the_profile_in_force_has_not_is_played_in_the_shipped_one(world: World) -> None:
    text = changed_profile().replace("bed_exit", "bed_left")
    with evidence.clock.at(NOW):
        publish_profile(by=world.by("ada"), text=text)
    assert queries.profile_for(queries.scenarios()["S06"], at=NOW).version == "1.0"
    with pytest.raises(ScenarioProblem, match="“bed_exit” is not known here"):
        queries.drafted(S06, code="S06", at=NOW)


def test_the_story_of_a_scenario(world: World) -> None:
    begin(world, text=with_values(S06, title="Up at two"))
    before = evidence.last_seq()
    publish(world)
    scenario_actions.withdraw_scenario(by=world.by("helen"), code="P01")
    scenario_actions.bring_back_scenario(by=world.by("helen"), code="P01")
    entries = {
        seq: canonical.loads(bytes(content))
        for seq, content in Entry.objects.filter(seq__gt=before).values_list("seq", "content")
    }
    context = context_of(entries)
    assert [" ".join(tell(entries[seq], context)[2:4]) for seq in sorted(entries)] == [
        "Practice scenario “Up at two” (P01) was published version 1, by Helen Marsh.",
        "Practice scenario “Up at two” (P01) was withdrawn by Helen Marsh.",
        "Practice scenario “Up at two” (P01) was brought back by Helen Marsh.",
    ]


# --- Pages ---------------------------------------------------------------------------------------

DRAFT = "/practice/scenarios/P01/draft/"


def browser(world: World, name: str) -> Client:
    client = Client()
    client.force_login(world.people[name].sign_in)
    return client


def test_a_preview_is_for_those_who_write_it(world: World) -> None:
    begin(world)
    with evidence.clock.at(NOW):
        scenario_actions.begin_preview(by=world.by("helen"), code="P01")
        for name, status in (("helen", 200), ("wendy", 200), ("ruth", 403), ("dan", 403)):
            assert browser(world, name).get("/practice/go/preview-P01/").status_code == status, name
        assert browser(world, "helen").get("/practice/go/preview-P02/").status_code in (404, 409)


def test_what_somebody_else_saved_meanwhile_is_shown_and_nothing_typed_is_lost(
    world: World,
) -> None:
    begin(world)
    save(world, with_values(S06, code="P01", title="Theirs"), by="wendy")
    helen, mine = browser(world, "helen"), with_values(S06, code="P01", title="Mine")
    with evidence.clock.at(NOW):
        late = helen.post(DRAFT, {"text": mine, "seen": 1})
        said = late.content.decode()
        assert late.status_code == 409
        assert "Wendy Okoro changed this draft on" in said
        assert "title: Theirs" in said
        assert "title: Mine" in said
        assert "Theirs" in ScenarioDraft.objects.get().text
        assert helen.post(DRAFT, {"text": mine, "seen": 2}).status_code == 302
    assert "Mine" in ScenarioDraft.objects.get().text


def test_a_file_goes_out_and_comes_in(world: World) -> None:
    begin(world)
    helen = browser(world, "helen")
    with evidence.clock.at(NOW):
        assert helen.get("/practice/scenarios/S06/yaml/").content.decode() == S06
        out = helen.get(f"{DRAFT}yaml/").content.decode()
        back = BytesIO(("\ufeff" + out.replace("Heron", "Kestrel")).encode())
        back.name = "p01.yaml"
        helen.post(DRAFT, {"text": "", "file": back, "seen": 1})
        assert ScenarioDraft.objects.get().text == out.replace("Heron", "Kestrel")
        for content, words in ((b"\xff\xfe", "not text in UTF-8"), (b"a" * 200_001, "too large")):
            bad = BytesIO(content)
            bad.name = "p01.yaml"
            refused = helen.post(DRAFT, {"text": out, "file": bad, "seen": 2})
            assert refused.status_code == 422
            assert words in refused.content.decode()


def test_what_is_wrong_cannot_be_tried_or_published_from_its_pages(world: World) -> None:
    begin(world)
    helen = browser(world, "helen")
    with evidence.clock.at(NOW):
        save(world, "code: P01")
        for page in ("preview", "publish", "previewed"):
            for ask in (helen.get, helen.post):
                answer = ask(f"{DRAFT}{page}/", {"seen": 2}, follow=True)
                if (page, ask) != ("previewed", helen.post):
                    assert "Mend this before it can be tried" in answer.content.decode()
        helen.post(f"{DRAFT}discard/", {"seen": 2})
    assert not ScenarioDraft.objects.exists()
    assert not ScenarioVersion.objects.exists()


@pytest.mark.parametrize("code", [code for code, _ in starter_texts()])
def test_every_scenario_can_be_read_by_a_person(code: str) -> None:
    scenario, profile = shipped(code)
    read = reading(scenario, profile, {})
    assert len(read.happens) == len(scenario.events)
    assert len(read.expected) == len(scenario.expect)
    timed = [one for one in scenario.expect if one.within is not None and not one.must_not]
    for one in timed:
        assert soon(scenario, profile, one).startswith("Within ")
