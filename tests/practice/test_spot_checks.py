"""Spot checks: the questions that are shipped, who may ask, what is kept, and who sees it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from surehand import evidence
from surehand.competency.plan_document import starter as plan
from surehand.ecm.actions import publish_profile
from surehand.ecm.profile import STARTERS, Profile, RouteStep, starter, starter_text
from surehand.evidence.refusal import NotPermitted, NotPossible
from surehand.people.access import AccessRole
from surehand.people.roles import JOB_ROLES, SETTINGS
from surehand.practice import spot_checks
from surehand.practice.models import PracticeWords, SpotCheck, SpotQuestionVersion
from surehand.practice.spot_check_actions import record_spot_check
from surehand.practice.spot_questions import (
    SpotQuestionProblem,
    load,
    route_for,
)
from surehand.practice.spot_questions import starter_text as questions_text
from tests.provider import NOW, World

SignedIn = Callable[[str], Client]
PROFILES = {setting: starter(code) for code in STARTERS for setting in starter(code).settings}
CRITERIA = {c.code: {one.code for one in c.check.criteria} for c in plan().competencies}
SHOWN = {"out": "shown", "own": "with_help", "tells": "not_shown"}


def ask(world: World, name: str = "dan", by: str = "tessa", **more) -> SpotCheck:  # type: ignore[no-untyped-def]
    return record_spot_check(
        by=world.by(by),
        person=world.people[name],
        **{"service": world.alder, "code": "Q04", "minutes": 2, "shown": SHOWN, **more},
    )


# --- The questions -------------------------------------------------------------------------------


def test_the_shipped_questions_have_no_problem_and_suit_every_job_role() -> None:
    found = load(questions_text(), profiles=PROFILES, criteria=CRITERIA)
    assert len(found) >= 15
    assert {q.competency for q in found.values()} >= {
        *("C01", "C03", "C08", "C13", "C16", "C17", "C19", "C20", "C26")
    }
    works_in = {"HC": "H", "SW": "S", "RN": "N", "AC": "R"}
    for role in JOB_ROLES:
        setting = works_in.get(role, "R")
        assert sum(q.is_for(role, (), setting) for q in found.values()) >= 5, role
    for setting in SETTINGS:
        assert sum(setting in q.settings for q in found.values()) >= 10


def with_steps(profile: Profile, *steps: RouteStep) -> Profile:
    routes = [
        route if route.code == "safeguarding" else replace(route, steps=steps)
        for route in profile.routes
    ]
    return replace(profile, routes=tuple(routes))


def test_a_changed_route_changes_what_a_good_answer_has() -> None:
    question = spot_checks.shipped_questions()["Q02"]
    assert [point.text for point in question.points(PROFILES["R"], "R")] == [
        "If a life may be at risk, call 999 first.",
        "Shift lead: within 5 minutes.",
        "On-call: within 15 minutes.",
        "Registered manager: within 30 minutes.",
    ]
    other = with_steps(PROFILES["R"], RouteStep("Night nurse", 1), RouteStep("Doctor", None))
    assert [point.text for point in question.points(other, "R")][1:] == [
        "Night nurse: within 1 minute.",
        "Doctor: without delay.",
    ]
    assert question.points(PROFILES["H"], "H")[1].text == "Office or on-call: within 10 minutes."


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("code: Q02", "code: Q01", "“Q01” is given twice; keep one."),
        ("competency: C08", "competency: C88", "“C88” is not known here"),
        ("criteria: [C20.2]", "criteria: [C01.1]", "“C01.1” is not known here"),
        ("job_roles: [AC]", "job_roles: [XX]", "“XX” is not known here"),
        ("    job_roles: [AC]\n", "", "Nobody would be asked “Q21”"),
        ("{name} is much", "{who} is much", "The only blank there is is {name}."),
        ("route: escalation", "route: safety", "Line"),
        ("settings: [S]", "settings: [S, X]", "Line"),
        ("{code: route, route: escalation}", "{code: route}", "needs either words"),
        ("- {code: own, says: Would write what this", "# ", "has 2 points in setting R"),
    ],
)
def test_what_is_wrong_with_questions_is_said_with_its_line(
    old: str, new: str, sentence: str
) -> None:
    text = questions_text()
    assert old in text
    with pytest.raises(SpotQuestionProblem) as refused:
        load(text.replace(old, new, 1), profiles=PROFILES, criteria=CRITERIA)
    assert any(sentence in one and "Line" in one for one in refused.value.problems)


def test_a_drawn_question_is_the_one_not_asked_for_longest() -> None:
    questions = list(spot_checks.shipped_questions().values())[:3]
    codes = [one.code for one in questions]
    drawn = {spot_checks.draw(questions, {}, chance=n).code for n in range(9)}  # type: ignore[union-attr]
    assert drawn == set(codes)
    asked = {code: NOW - timedelta(days=n) for n, code in enumerate(codes)}
    assert spot_checks.draw(questions, asked, chance=0) == questions[2]
    assert spot_checks.draw(questions, asked, chance=0, but=codes[2]) == questions[1]
    assert spot_checks.draw(questions[:1], {}, chance=5, but=codes[0]) == questions[0]
    assert spot_checks.draw([], {}, chance=1) is None


# --- Asking --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("by", "may"),
    [("cal", True), ("tessa", True), ("ruth", True), ("helen", True)]
    + [(by, False) for by in ("dan", "quinn", "queenie", "paul", "nadia", "ada")],
)
def test_r14_who_may_ask(world: World, by: str, may: bool) -> None:
    if may:
        assert ask(world, by=by, name="sam").by == world.people[by]
    else:
        with pytest.raises(NotPermitted, match="registered manager"):
            ask(world, by=by, name="sam")
        assert not SpotCheck.objects.exists()


def test_r14_never_oneself_in_the_database_either(world: World) -> None:
    with pytest.raises(NotPermitted, match="about yourself"):
        ask(world, "tessa", by="tessa")
    kept = ask(world)
    own = SpotCheck(
        person=kept.person,
        service=kept.service,
        question=kept.question,
        minutes=1,
        shown={},
        by=kept.person,
    )
    with (
        pytest.raises(IntegrityError),
        transaction.atomic(),
        evidence.act("spot_check.recorded", by=world.by("dan").actor) as act,
    ):
        act.record(own)


def test_a_form_sent_twice_is_kept_once(world: World) -> None:
    ask(world)
    with pytest.raises(NotPossible, match="recorded"):
        ask(world)
    ask(world, minutes=3)
    with evidence.clock.at(NOW + timedelta(hours=1)):
        ask(world)
    assert SpotCheck.objects.count() == 3


def test_only_whoever_has_a_post_there_is_asked(world: World) -> None:
    with pytest.raises(NotPermitted, match="Rose Nkemelu has no post at Alder House"):
        ask(world, "rose", by="helen")


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"code": "Q99"}, "There is no such question here"),
        ({"code": "Q13"}, "There is no such question here"),
        ({"shown": {"out": "shown", "own": "shown"}}, "Not said yet: Would tell"),
        ({"shown": {**SHOWN, "out": "perhaps"}}, "Not said yet: Would sign"),
        ({"shown": {**SHOWN, "more": "shown"}}, "changed meanwhile"),
        ({"minutes": 0}, "how many minutes"),
        ({"minutes": 61}, "how many minutes"),
    ],
)
def test_what_cannot_be_kept_gets_a_sentence(
    world: World, more: dict[str, object], sentence: str
) -> None:
    with pytest.raises(NotPossible, match=sentence):
        ask(world, **more)
    assert not SpotCheck.objects.exists()
    assert not SpotQuestionVersion.objects.exists()


def test_it_is_kept_as_it_was_asked_and_words_can_be_erased(world: World) -> None:
    route = {"route_first": "shown", "route_1": "with_help", "route_2": "shown"}
    shown = {**route, "route_3": "not_shown"}
    first = ask(world, code="Q02", shown=shown, note="Looked it up first.")
    assert PracticeWords.objects.get(entry=first.entry).text == "Looked it up first."
    text = starter_text().replace("tell: Shift lead", "tell: Night lead")
    text = text.replace('version: "1.0"', 'version: "1.1"')
    publish_profile(by=world.by("ada"), text=text)
    with evidence.clock.at(NOW + timedelta(days=1)):
        second = ask(world, code="Q02", shown=shown)
    told = spot_checks.asked_of([world.people["dan"].pk], at=NOW + timedelta(days=2))
    assert [each.check for each in told] == [second, first]
    assert [each.points[1][0].text.split(":")[0] for each in told] == ["Night lead", "Shift lead"]
    assert [each.count(SpotCheck.Shown.SHOWN) for each in told] == [2, 2]
    assert SpotQuestionVersion.objects.count() == 2
    third = ask(world, "sam", code="Q02", shown=shown)
    assert third.question == second.question


# --- The pages -----------------------------------------------------------------------------------


def test_somebody_on_shift_is_asked_a_question_of_their_work(
    world: World, signed_in: SignedIn
) -> None:
    world.add_shift("dan", NOW - timedelta(hours=2))
    world.add_shift("sam", NOW + timedelta(hours=2))
    tessa, dan = signed_in("tessa"), world.people["dan"]
    page = tessa.get("/practice/spot-checks/whom/").text
    on_shift = page.partition("By name")[0]
    assert "Daniela Popescu" in on_shift
    assert "Samuel Tetteh" not in on_shift
    assert "Samuel Tetteh" in page
    assert "Tessa Boyd, team leader" not in page
    drawn = tessa.get(f"/practice/spot-checks/ask/{dan.pseudonym}/")
    assert drawn.status_code == 302
    code = drawn["Location"].rpartition("question=")[2]
    assert spot_checks.spot_questions()[code].is_for("CW", ("alr",), "R")
    assert tessa.get(drawn["Location"]).status_code == 200


def test_what_was_shown_is_seen_by_its_readers_and_by_the_person_alone(
    world: World, signed_in: SignedIn
) -> None:
    kept = ask(world, note="Knew the route at once.")
    path, dan = f"/practice/spot-checks/{kept.entry}/", world.people["dan"]
    for name in ("ruth", "cal", "queenie", "dan"):
        page = signed_in(name).get(path).text
        assert "Knew the route at once." in page, name
        assert "2 of 3 points shown, 1 of them with help." in page
    for name in ("sam", "quinn", "ada"):
        assert signed_in(name).get(path).status_code == 403, name
    person = signed_in("ruth").get(f"/people/{dan.pseudonym}/").text
    assert "Whose sign-in is it?" in person
    assert "2 of 3 points shown, 1 with help. Asked by Tessa Boyd." in person
    assert "Whose sign-in is it?" in signed_in("dan").get(f"/people/{dan.pseudonym}/").text
    listed = signed_in("ruth").get("/practice/spot-checks/").text
    assert "1 spot check of 1 person in the last 4 weeks" in listed
    carried = signed_in("ruth").get("/practice/spot-checks/?tables=csv&table=1").text
    assert "Daniela Popescu" in carried
    assert "Nobody was asked" in signed_in("quinn").get("/practice/spot-checks/").text


def test_a_point_left_out_is_asked_for(world: World, signed_in: SignedIn) -> None:
    path = f"/practice/spot-checks/ask/{world.people['dan'].pseudonym}/?question=Q04"
    sent = {"point-out": "shown", "point-own": "shown", "minutes": "3", "note": ""}
    refused = signed_in("tessa").post(path, sent)
    assert refused.status_code == 400
    assert "Say whether point 3 was shown" in refused.text
    assert signed_in("tessa").post(path, {**sent, "point-tells": "shown"}).status_code == 302
    assert SpotCheck.objects.get().minutes == 3


def test_there_is_a_route_for_everything_in_every_setting() -> None:
    for setting, profile in PROFILES.items():
        assert route_for(profile, "escalation", setting)
        assert route_for(profile, "safeguarding", setting)


def test_whoever_leads_has_it_on_the_person_page(world: World, signed_in: SignedIn) -> None:
    dan = f"/people/{world.people['dan'].pseudonym}/"
    assert "Ask a spot check" in signed_in("ruth").get(dan).text
    assert AccessRole.QUALITY_LEAD in {g.role for g in world.by("queenie").grants}
    assert "Ask a spot check" not in signed_in("queenie").get(dan).text
