"""Steps in writing a plan: each leaves a valid plan or says why not, and can be undone (1.1)."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surehand.competency import plan_edits as edits
from surehand.competency.plan_document import (
    PlanDocument,
    adds_gates,
    differences,
    dump,
    load,
    starter,
)
from surehand.competency.plan_edits import EditRefused
from surehand.competency.rules import Course, Level, levels_for
from surehand.people.roles import JOB_ROLES, RESPONSIBILITIES, SETTINGS
from tests.competency.test_plan_document import plans, words

Step = Callable[[PlanDocument], PlanDocument]
COURSE = Course("FIRE", "Fire safety", 12, ("CW",), (), tuple(SETTINGS))


def codes_of(document: PlanDocument) -> list[str]:
    return [c.code for c in document.competencies]


@st.composite
def steps(draw: st.DrawFn, document: PlanDocument) -> Step:
    """One step with answers good and bad, as people and programs may send them."""
    text = words | st.sampled_from(["", "  ", "a\x00b", "x" * 500])
    code = draw(st.sampled_from([*codes_of(document), "C99", "nonsense", ""]))
    criterion = draw(st.sampled_from([f"{code}.1", f"{code}.2", "C99.7"]))
    group = draw(st.sampled_from([*document.groups, "No such group"]) | words)
    months = st.sampled_from([0, 1, 6, 12, 60, 61, -3])
    up = draw(st.booleans())
    agency = draw(st.none() | months)
    course = replace(
        COURSE,
        code=draw(st.sampled_from(["FIRE", "A", "fire", ""])),
        title=draw(text),
        renewal_months=draw(st.none() | st.sampled_from([0, 1, 120, 121])),
        job_roles=draw(st.sampled_from([(), ("SC", "CW"), ("XX",)])),
        settings=draw(st.sampled_from([(), ("N", "R"), ("Q",)])),
    )
    critical = draw(st.booleans())
    title = draw(text)
    methods = draw(st.lists(st.sampled_from([*edits.METHODS, "guess"]), max_size=3))
    themes = draw(st.lists(st.sampled_from(["T01", "T02", "", "x" * 11]), max_size=2))
    validity = draw(months)
    who = draw(st.lists(st.sampled_from([*edits.WHO, "XX"]), max_size=4))
    places = draw(st.lists(st.sampled_from([*SETTINGS, "Q"]), max_size=3))
    level = draw(st.none() | st.sampled_from(Level))
    moving: list[Step] = [
        lambda d: edits.rename_plan(d, title),
        lambda d: edits.add_group(d, title),
        lambda d: edits.rename_group(d, group, title),
        lambda d: edits.remove_group(d, group),
        lambda d: edits.move_group(d, group, up=up),
        lambda d: edits.add_competency(
            d, code=code, can=title, short=title, group=group, criterion=title, critical=critical
        ),
        lambda d: edits.change_wording(
            d, code, can=title, title=title, short=title, group=group, themes=themes
        ),
        lambda d: edits.retire_competency(d, code),
        lambda d: edits.move_competency(d, code, up=up),
        lambda d: edits.change_check(
            d,
            code,
            methods=methods,
            needs_discussion=critical,
            validity_months=validity,
            agency_months=agency,
        ),
        lambda d: edits.add_criterion(d, code, text=title, critical=critical),
        lambda d: edits.change_criterion(d, code, criterion, text=title, critical=critical),
        lambda d: edits.remove_criterion(d, code, criterion),
        lambda d: edits.move_criterion(d, code, criterion, up=up),
        lambda d: edits.require(
            d, code, who=who, settings=places, level=level, agency=agency is not None
        ),
        lambda d: edits.add_course(d, course),
        lambda d: edits.change_course(d, course),
        lambda d: edits.remove_course(d, course.code),
        lambda d: edits.move_course(d, course.code, up=up),
    ]
    return draw(st.sampled_from(moving))


@settings(max_examples=20, deadline=None)
@given(plans(), st.data())
def test_whatever_is_sent_the_plan_stays_valid_or_the_step_is_refused(
    document: PlanDocument, data: st.DataObject
) -> None:
    for _ in range(4):
        step = data.draw(steps(document))
        with suppress(EditRefused):
            document = edits.tidy(step(document))
        assert load(dump(document)) == document


@settings(max_examples=20, deadline=None)
@given(plans())
def test_a_tidied_plan_asks_the_same_and_tidying_again_changes_nothing(
    document: PlanDocument,
) -> None:
    tidied = edits.tidy(document)
    assert set(tidied.requirements()) == set(document.requirements())
    assert edits.tidy(tidied) == tidied
    assert differences(document, tidied) == []


TIDY = edits.tidy(starter())
C04 = TIDY.competency("C04")


@pytest.mark.parametrize(
    ("step", "back"),
    [
        (lambda d: edits.rename_plan(d, "Ours"), lambda d: edits.rename_plan(d, TIDY.title)),
        (lambda d: edits.add_group(d, "New"), lambda d: edits.remove_group(d, "New")),
        (
            lambda d: edits.rename_group(d, "Record", "Write"),
            lambda d: edits.rename_group(d, "Write", "Record"),
        ),
        (
            lambda d: edits.move_group(d, "Record", up=False),
            lambda d: edits.move_group(d, "Record", up=True),
        ),
        (
            lambda d: edits.add_competency(
                d,
                code="C28",
                can="plan a shift",
                short="Shift",
                group="Oversee",
                criterion="Plans it.",
                critical=True,
            ),
            lambda d: edits.retire_competency(d, "C28"),
        ),
        (
            lambda d: edits.change_wording(
                d,
                "C04",
                can="I can write",
                title="Write",
                short="Note",
                group="Oversee",
                themes=["T01"],
            ),
            lambda d: edits.change_wording(
                d,
                "C04",
                can=C04.can,
                title=C04.title,
                short=C04.short,
                group=C04.group,
                themes=C04.themes,
            ),
        ),
        (
            lambda d: edits.move_competency(d, "C05", up=True),
            lambda d: edits.move_competency(d, "C05", up=False),
        ),
        (
            lambda d: edits.change_check(
                d,
                "C04",
                methods=["discussion"],
                needs_discussion=True,
                validity_months=3,
                agency_months=1,
            ),
            lambda d: edits.change_check(
                d,
                "C04",
                methods=C04.check.methods,
                needs_discussion=C04.check.needs_discussion,
                validity_months=C04.check.validity_months,
                agency_months=C04.check.agency_months,
            ),
        ),
        (
            lambda d: edits.add_criterion(d, "C04", text="Signs it.", critical=True),
            lambda d: edits.remove_criterion(d, "C04", "C04.5"),
        ),
        (
            lambda d: edits.change_criterion(d, "C04", "C04.1", text="Writes.", critical=True),
            lambda d: edits.change_criterion(
                d, "C04", "C04.1", text=C04.check.criteria[0].text, critical=False
            ),
        ),
        (
            lambda d: edits.move_criterion(d, "C04", "C04.1", up=False),
            lambda d: edits.move_criterion(d, "C04", "C04.1", up=True),
        ),
        (
            # C12 stands in two lines, and AC is in neither.
            lambda d: edits.require(d, "C12", who=["AC"], settings=SETTINGS, level=Level.CRIT),
            lambda d: edits.require(d, "C12", who=["AC"], settings=SETTINGS, level=None),
        ),
        (
            lambda d: edits.require(d, "C12", who=["CW"], settings=["R"], level=None),
            lambda d: edits.require(d, "C12", who=["CW"], settings=["R"], level=Level.CORE),
        ),
        (lambda d: edits.add_course(d, COURSE), lambda d: edits.remove_course(d, "FIRE")),
        (
            lambda d: edits.move_course(d, "MEDS", up=True),
            lambda d: edits.move_course(d, "MEDS", up=False),
        ),
        (
            lambda d: edits.change_course(d, replace(COURSE, code="MEDS")),
            lambda d: edits.change_course(d, edits.known_course(TIDY, "MEDS")),
        ),
    ],
)
def test_a_step_taken_back_leaves_the_same_document_and_each_step_shows(
    step: Step, back: Step
) -> None:
    stepped = edits.tidy(step(TIDY))
    assert stepped != TIDY
    assert differences(TIDY, stepped), "a step nobody would be told of could not be published"
    assert dump(edits.tidy(back(stepped))) == dump(TIDY)


def test_r6_whoever_is_chosen_needs_it_at_that_level_and_nobody_else() -> None:
    after = edits.require(
        TIDY, "C20", who=["CW", "med"], settings=["R", "N"], level=Level.CRIT, agency=False
    )

    def level(document: PlanDocument, **who: Any) -> Level | None:
        asked: dict[str, Any] = {"agency": False, "responsibilities": (), **who}
        return levels_for(document.requirements(), **asked).get("C20")

    for role in JOB_ROLES:
        for setting in SETTINGS:
            was = level(TIDY, job_role=role, setting=setting)
            chosen = role == "CW" and setting in "RN"
            now = Level.CRIT if chosen else was
            assert level(after, job_role=role, setting=setting) is now
            held = level(after, job_role=role, setting=setting, responsibilities=["med"])
            assert held is (Level.CRIT if setting in "RN" else was)
            # Agency posts were left out of what was chosen, and of that alone.
            agency = level(after, job_role=role, setting=setting, agency=True)
            assert agency is (None if chosen else was)
    assert adds_gates(TIDY, after)


@pytest.mark.parametrize(
    ("step", "about", "says"),
    [
        (lambda d: edits.rename_plan(d, " "), "title", "Enter the title"),
        (lambda d: edits.add_group(d, "Record"), "name", "a group “Record” already"),
        (lambda d: edits.remove_group(d, "Record"), "", "still holds competencies"),
        (lambda d: edits.move_group(d, d.groups[0], up=True), "", "is the first already"),
        (lambda d: edits.move_competency(d, "C04", up=True), "", "first of “Record” already"),
        (lambda d: edits.retire_competency(d, "C99"), "", "no competency C99"),
        (
            lambda d: edits.change_check(
                d,
                "C04",
                methods=["practice"],
                needs_discussion=False,
                validity_months=12,
                agency_months=None,
            ),
            "agency_months",
            "is required of agency posts",
        ),
        (
            lambda d: edits.change_check(
                d,
                "C04",
                methods=["practice"],
                needs_discussion=False,
                validity_months=3,
                agency_months=6,
            ),
            "agency_months",
            "from 1 month to 3",
        ),
        (
            lambda d: edits.require(d, "C10", who=["CW"], settings=["R"], level=Level.USE),
            "agency",
            "Leave agency posts out",
        ),
        (
            lambda d: edits.require(d, "C04", who=[], settings=["R"], level=Level.USE),
            "job_roles",
            "at least one job role",
        ),
        (
            lambda d: edits.require(d, "C04", who=["CW"], settings=[], level=Level.USE),
            "settings",
            "at least one care setting",
        ),
        (
            lambda d: edits.add_criterion(d, "C04", text="x" * 401, critical=False),
            "text",
            "at most 400 characters; this has 401",
        ),
        (lambda d: edits.add_course(d, replace(COURSE, code="MEDS")), "code", "MEDS already"),
        (lambda d: edits.add_course(d, replace(COURSE, job_roles=())), "job_roles", "at least one"),
    ],
)
def test_what_cannot_be_done_is_said_at_its_answer(step: Step, about: str, says: str) -> None:
    with pytest.raises(EditRefused, match=says) as refused:
        step(TIDY)
    assert refused.value.about == about


def test_the_last_criterion_and_the_last_requirement_stay() -> None:
    document = TIDY
    for criterion in C04.check.criteria[1:]:
        document = edits.remove_criterion(document, "C04", criterion.code)
    with pytest.raises(EditRefused, match="needs a criterion"):
        edits.remove_criterion(document, "C04", "C04.1")
    everywhere = {"who": edits.WHO, "settings": SETTINGS, "level": None}
    for code in codes_of(TIDY)[1:]:
        document = edits.require(document, code, **everywhere)  # type: ignore[arg-type]
    with pytest.raises(EditRefused, match="require nothing of anybody"):
        edits.require(document, "C01", **everywhere)  # type: ignore[arg-type]
    with pytest.raises(EditRefused, match="require nothing of anybody"):
        edits.retire_competency(document, "C01")


def test_a_new_competency_says_i_can_once_and_has_the_next_code() -> None:
    assert edits.next_code(TIDY) == "C28"
    for said in ("I can plan a shift", "plan a  shift "):
        document = edits.add_competency(
            TIDY,
            code="C28",
            can=said,
            short="Shift",
            group="Oversee",
            criterion="Plans it.",
            critical=False,
        )
        added = document.competency("C28")
        assert (added.can, added.title) == ("I can plan a shift", "Plan a shift")
    assert not set(edits.WHO) - set(JOB_ROLES) - set(RESPONSIBILITIES)
