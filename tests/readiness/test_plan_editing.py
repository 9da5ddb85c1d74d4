"""Writing the next plan version on pages: every step, by whom, and two people at once (1.1)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from surehand.competency import actions, plan_edits
from surehand.competency.models import PlanDraft
from surehand.competency.plan_document import PlanDocument, from_content, starter
from surehand.competency.rules import Course, Level
from surehand.people.roles import SETTINGS
from surehand.readiness.plan_effect import effect
from surehand.timeline import instant
from tests.provider import NOW, World

SignedIn = Callable[[str], Client]
HERE = "/plan/draft/"
C04 = f"{HERE}competencies/C04/"
WORDING = {"can": "I can write", "title": "Write", "short": "Note", "group": "Oversee"}
CHECK = {"methods": ["live"], "validity_months": "6", "agency_months": "3"}
NEEDS = {"job_roles": ["AC"], "settings": ["R"], "level": "crit", "agency": "on"}
COURSE = {"title": "Fire safety", "job_roles": ["CW"], "settings": ["R", "N"]}
NEW = {
    "can": "I can plan a shift",
    "short": "Shift",
    "group": "Oversee",
    "code": "C28",
    "criterion": "Plans it.",
    "critical": "on",
}


@pytest.fixture
def draft(world: World) -> PlanDraft:
    return actions.begin_draft(by=world.by("helen"), document=starter(), begun_from="version 1")


def says() -> PlanDocument:
    return from_content(PlanDraft.objects.get().document)


# Where, what is answered → what the draft says then.
STEPS: list[tuple[str, dict[str, Any], Callable[[PlanDocument], bool]]] = [
    (f"{HERE}title/", {"title": "Ours"}, lambda d: d.title == "Ours"),
    (f"{HERE}groups/new/", {"name": "More"}, lambda d: d.groups[-1] == "More"),
    (f"{HERE}groups/0/", {"name": "Write"}, lambda d: d.competency("C04").group == "Write"),
    (f"{HERE}new/", NEW, lambda d: [c.can for c in d.competencies][-1] == NEW["can"]),
    (f"{C04}wording/", WORDING, lambda d: d.competency("C04").short == "Note"),
    (f"{C04}check/", CHECK, lambda d: d.competency("C04").check.validity_months == 6),
    (
        f"{C04}criteria/new/",
        {"text": "Signs it."},
        lambda d: d.competency("C04").check.criteria[-1].text == "Signs it.",
    ),
    (
        f"{C04}criteria/1/",
        {"text": "Writes.", "critical": "on"},
        lambda d: d.competency("C04").check.criteria[0].critical,
    ),
    (
        f"{C04}criteria/1/",
        {"remove": "yes"},
        lambda d: d.competency("C04").check.criteria[0].code == "C04.2",
    ),
    (
        f"{HERE}competencies/C12/needs/",
        NEEDS,
        lambda d: plan_edits.cells_of(d, "C12").get(("AC", "R", True)) is Level.CRIT,
    ),
    (
        f"{C04}needs/",
        {**NEEDS, "level": "none"},
        lambda d: ("AC", "R", True) not in plan_edits.cells_of(d, "C04"),
    ),
    (f"{C04}retire/", {}, lambda d: "C04" not in {c.code for c in d.competencies}),
    (
        f"{HERE}courses/new/",
        {**COURSE, "code": "FIRE"},
        lambda d: d.courses[-1].settings == ("R", "N"),
    ),
    (
        f"{HERE}courses/MEDS/",
        {**COURSE, "renewal_months": "24"},
        lambda d: d.courses[-1].renewal_months == 24,
    ),
    (f"{HERE}courses/MEDS/", {"remove": "yes"}, lambda d: len(d.courses) == 2),
    (
        f"{HERE}order/",
        {"move": "competency C04 down"},
        lambda d: d.competencies.index(d.competency("C04")) == 4,
    ),
    (f"{HERE}order/", {"move": "group Record down"}, lambda d: d.groups[1] == "Record"),
    (f"{HERE}order/", {"move": "course MEDS up"}, lambda d: d.courses[1].code == "MEDS"),
    (
        f"{HERE}order/",
        {"move": "criterion C04.1 down"},
        lambda d: d.competency("C04").check.criteria[1].code == "C04.1",
    ),
]


def test_each_step_is_taken_by_its_page(draft: PlanDraft, signed_in: SignedIn) -> None:
    helen = signed_in("helen")
    for path, answers, done in STEPS:
        assert not done(says()), path
        assert helen.get(path).status_code == 200
        sent = helen.post(path, {**answers, "seen": PlanDraft.objects.get().revision})
        assert sent.status_code == 302, (path, sent.text)
        assert done(says()), path
        assert helen.get(sent["Location"]).status_code == 200
        PlanDraft.objects.update(document=draft.document)


@pytest.mark.parametrize("name", ["ruth", "cal", "nadia", "queenie", "paul", "ada", "dan"])
def test_only_the_workforce_lead_takes_a_step(
    draft: PlanDraft, signed_in: SignedIn, name: str
) -> None:
    browser = signed_in(name)
    begin: dict[str, Any] = {"begin": "starter"}
    for path, answers, _ in [
        *STEPS,
        (f"{HERE}discard/", {}, None),
        (f"{HERE}publish/", {}, None),
        (f"{HERE}begin/", begin, None),
    ]:
        assert browser.post(path, {**answers, "seen": 1}).status_code == 403, path
    assert PlanDraft.objects.get().revision == 1
    # Whoever reads the plan may read what is being written.
    reads = name not in ("ada", "dan")
    for path in (HERE, C04, "/plan/compare/"):
        said = browser.get(path)
        assert said.status_code == (200 if reads else 403)
        assert f"{C04}wording/" not in said.text
        assert f"{HERE}discard/" not in said.text


@pytest.mark.parametrize(
    ("path", "answers", "field", "sentence"),
    [
        (f"{HERE}title/", {"title": " "}, "title", "Enter the title of the plan"),
        (
            f"{HERE}title/",
            {"title": "x" * 121},
            "title",
            "Use at most 120 characters; this has 121",
        ),
        (f"{HERE}new/", {**NEW, "code": "C04"}, "code", "There is a competency C04 already"),
        (f"{HERE}new/", {**NEW, "group": ""}, "group", "Choose a group"),
        (f"{C04}check/", {**CHECK, "methods": []}, "methods", "Choose at least one way"),
        (f"{C04}check/", {**CHECK, "agency_months": ""}, "agency_months", "required of agency"),
        (f"{C04}check/", {**CHECK, "validity_months": "a year"}, "validity_months", "whole number"),
        (f"{C04}needs/", {**NEEDS, "job_roles": []}, "job_roles", "at least one job role"),
        (f"{C04}needs/", {**NEEDS, "settings": []}, "settings", "at least one care setting"),
        (f"{HERE}courses/new/", {**COURSE, "code": "a b"}, "code", "for the code, like"),
    ],
)
def test_bad_input_is_a_sentence_at_its_field_and_nothing_typed_is_lost(
    draft: PlanDraft,
    signed_in: SignedIn,
    path: str,
    answers: dict[str, Any],
    field: str,
    sentence: str,
) -> None:
    said = signed_in("helen").post(path, {**answers, "seen": 1})
    assert said.status_code == 422
    assert f'<a href="#id_{field}">' in said.text
    assert said.text.count(sentence) == 2  # in the summary and at the field
    for name, answer in answers.items():
        if name not in (field, "level", "group", "agency", "critical") and isinstance(answer, str):
            assert answer in said.text
    assert PlanDraft.objects.get().revision == 1


def test_two_people_at_once_never_write_over_each_other(
    draft: PlanDraft, world: World, signed_in: SignedIn
) -> None:
    helen, wendy = signed_in("helen"), signed_in("wendy")
    wendy.post(f"{C04}criteria/1/", {"text": "Wendy’s words.", "seen": 1})
    late = helen.post(f"{C04}criteria/1/", {"text": "Helen’s words.", "critical": "on", "seen": 1})
    assert late.status_code == 409
    assert "Wendy Okoro changed the draft on 18 November 2026" in late.text
    assert "Helen’s words." in late.text  # still in the box
    assert "What is judged – Wendy’s words." in late.text  # what it says now
    assert says().competency("C04").check.criteria[0].text == "Wendy’s words."
    # Having seen it, she may put hers in.
    assert 'name="seen" value="2"' in late.text
    again = helen.post(f"{C04}criteria/1/", {"text": "Helen’s words.", "critical": "on", "seen": 2})
    assert again.status_code == 302
    assert says().competency("C04").check.criteria[0].text == "Helen’s words."
    for path, sent in ((f"{HERE}order/", {"move": "competency C04 down"}), (f"{HERE}discard/", {})):
        refused = wendy.post(path, {**sent, "seen": 2}, follow=True)
        assert "Helen Marsh changed the draft" in refused.text
    published = wendy.post(f"{HERE}publish/", {"seen": 2, "applies_from": "2026-12-24"})
    assert published.status_code == 409
    assert "Helen Marsh changed the draft" in published.text
    assert PlanDraft.objects.get().revision == 3


def test_what_cannot_be_removed_is_told(draft: PlanDraft, signed_in: SignedIn) -> None:
    helen = signed_in("helen")
    for number in (2, 3, 4):
        sent = {"remove": "yes", "seen": number - 1}
        assert helen.post(f"{C04}criteria/{number}/", sent).status_code == 302
    sent = {"text": "Writes.", "remove": "yes"}
    last = helen.post(f"{C04}criteria/1/", {**sent, "seen": 4})
    assert last.status_code == 422
    assert "A check needs a criterion. Add another before you remove this one." in last.text
    late = helen.post(f"{C04}criteria/1/", {**sent, "seen": 1})
    assert late.status_code == 409
    assert "Look at it again before you go on." in late.text
    assert helen.post(f"{C04}retire/", {"seen": 1}).status_code == 409
    group = helen.post(f"{HERE}groups/0/", {"name": "Record", "remove": "yes", "seen": 4})
    assert "still holds competencies" in group.text


@pytest.mark.parametrize(
    "path",
    [
        f"{HERE}competencies/C99/",
        f"{HERE}competencies/C99/wording/",
        f"{C04}criteria/9/",
        f"{HERE}courses/NONE/",
        f"{HERE}groups/9/",
    ],
)
def test_what_is_not_in_the_draft_is_not_found(
    draft: PlanDraft, signed_in: SignedIn, path: str
) -> None:
    assert signed_in("helen").get(path).status_code == 404


def test_a_draft_is_discarded_after_a_question(
    draft: PlanDraft, world: World, signed_in: SignedIn
) -> None:
    helen = signed_in("helen")
    helen.post(f"{HERE}title/", {"title": "Ours", "seen": 1})
    assert "A draft of the plan is not published yet" in helen.get("/").text
    assert "A draft of the plan is not published yet" not in signed_in("ruth").get("/").text
    asked = helen.get(f"{HERE}discard/").text
    assert "Discard the draft?" in asked
    assert "The plan’s title" in asked
    assert PlanDraft.objects.exists()
    helen.post(f"{HERE}discard/", {"seen": 2})
    assert not PlanDraft.objects.exists()
    assert "A draft of the plan" not in helen.get("/").text
    # What is sent to a draft that is gone is told so.
    gone = helen.post(f"{HERE}title/", {"title": "Ours", "seen": 2})
    assert gone.status_code == 409
    assert "no draft of the plan any more" in gone.text


def test_versions_and_the_draft_are_compared_competency_by_competency(
    draft: PlanDraft, world: World, signed_in: SignedIn
) -> None:
    helen, cal = signed_in("helen"), signed_in("cal")
    assert "nothing. They say the same." in cal.get("/plan/compare/").text
    helen.post(f"{C04}criteria/new/", {"text": "Signs it.", "seen": 1})
    helen.post(f"{HERE}competencies/C26/retire/", {"seen": 2})
    helen.post(f"{HERE}courses/new/", {**COURSE, "code": "FIRE", "seen": 3})
    page = cal.get("/plan/compare/").text
    assert "What does the draft change?" in page
    assert f'href="{C04}"' in page
    assert "C04.5: “Signs it.”" in page
    assert 'href="/plan/versions/1/#C26"' in page  # it is in the old one alone
    assert f'href="{HERE}courses/FIRE/"' in page
    helen.post(f"{HERE}publish/", {"seen": 4, "applies_from": "2026-11-19"})
    page = cal.get("/plan/compare/?from=1&to=2").text
    assert 'href="/plan/versions/2/#C04"' in page
    back = cal.get("/plan/compare/?from=2&to=1").text
    assert "C26 “Arrive at, run and end a visit” is new." in back
    assert cal.get("/plan/compare/?from=nonsense&to=7").status_code == 200
    history = cal.get("/plan/versions/").text
    assert "Helen Marsh" in history
    assert "C04: criterion C04.5 added" in history
    assert "/plan/versions/2.yaml" in history


def test_what_each_post_would_newly_need_and_from_when(world: World) -> None:
    """Dan is a care worker at Alder, live since 14 September; a starter begins in January."""
    world.add_person("nell", "Nell Hart")
    world.add_post("nell", world.alder, "CW", start=(NOW + timedelta(days=60)).date())
    applies = NOW + timedelta(days=30)
    document = plan_edits.require(
        starter(), "C20", who=["CW"], settings=SETTINGS, level=Level.CORE, agency=False
    )
    document = plan_edits.require(
        document, "C21", who=["CW"], settings=["R"], level=Level.CRIT, agency=False
    )
    document = plan_edits.change_course(
        document,
        Course("MEDS", "Meds", None, ("CW",), (), ("R",)),
    )
    world.assess("dan", "C20")
    found = {t.post: t for t in effect(document, applies_from=applies).touched}
    dan, nell = found[world.posts["dan"].pk], found[world.posts["nell"].pk]
    assert [(g.competency, g.since, g.met) for g in dan.gates] == [
        ("C20", instant(applies), True),
        ("C21", instant(applies), False),
    ]
    assert dan.lacks == ("C21",)
    # Core bites a starter on day 29 of the post, critical at once.
    assert [g.competency for g in nell.gates] == ["C21", "C20"]
    late, early = nell.gates[1].since, nell.gates[0].since
    assert (late - early) == timedelta(days=28) / timedelta(microseconds=1)
    assert dan.courses == ("Meds",)
    assert world.posts["eve"].pk not in found  # her agency post is over by then
