"""Plans read, written and compared; a bad plan is refused with sentences a provider can act on."""

import json
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surehand.competency.plan_document import (
    Change,
    CheckDefinition,
    CompetencyDefinition,
    PlanDocument,
    PlanProblem,
    RequirementDefinition,
    adds_gates,
    content_of,
    differences,
    dump,
    from_content,
    load,
    starter,
)
from surehand.competency.rules import Course, Criterion, Level
from surehand.people.roles import JOB_ROLES, RESPONSIBILITIES, SETTINGS
from tests.conftest import trials

SMALL = """\
title: A small plan
groups: [Record]
competencies:
  - code: C04
    title: Write a note
    can: I can write a note
    short: Daily note
    group: Record
    check:
      version: 1
      methods: [practice]
      needs_discussion: false
      validity_months: 12
      agency_months: 6
      criteria:
        - {code: C04.1, text: Writes it., critical: true}
requirements:
  - competency: C04
    job_roles: [CW]
    level: crit
"""


def test_a_small_plan_is_read():
    plan = load(SMALL)
    assert plan.competency("C04").check.criteria == (Criterion("C04.1", "Writes it.", True),)
    assert {row.setting for row in plan.requirements()} == set(SETTINGS)


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("[CW]", "[CW, XX]", 19, "“XX” is not a job role; use one of: CW, SC"),
        ("job_roles: [CW]", "responsibilities: [boss]", 19, "“boss” is not a responsibility"),
        ("    level: crit", "    settings: [Q]\n    level: crit", 20, "not a care setting"),
        ("- competency: C04", "- competency: C99", 18, "names C99, which is not a competency"),
        ("    job_roles: [CW]\n", "", 18, "names nobody"),
        ("level: crit", "level: vital", 20, "it must be one of crit, core, use"),
        ("validity_months: 12", "validity_months: 0", 13, "it must be at least 1"),
        ("validity_months: 12", "validity_months: 61", 13, "it must be at most 60"),
        ("validity_months: 12", "validity_months: a year", 13, "must be a whole number"),
        ("agency_months: 6", "agency_months: 13", 14, "make it the same or shorter"),
        ("agency_months: 6", "agency_months: null", 18, "does not say for how long"),
        (", critical: true", "", 16, "“critical” is missing"),
        ("[practice]", "[guessing]", 11, "it must be one of practice, live, discussion"),
        ("[practice]", "[]", 11, "“methods” is empty"),
        ("group: Record", "group: Cook", 8, "not one of the groups"),
        ("code: C04.1", "code: C05.1", 16, "its code must begin with “C04.”"),
        ("code: C04\n", "code: c four\n", 4, "use capital letters and figures"),
        ("    title: Write a note\n", "", 4, "“title” is missing"),
        ("short: Daily note", "colour: Daily note", 4, "“colour” is not known"),
        ("title: A small plan", "title: A small\n  plan: x", 2, "not valid YAML"),
        ("level: crit", "level: crit\n    level: use", 21, "“level” is given twice"),
        ("[CW]", "*everyone", 19, "write it out"),
    ],
)
def test_a_problem_is_named_with_its_line_and_what_to_do(old, new, line, says):
    assert SMALL.count(old) == 1
    with pytest.raises(PlanProblem) as refused:
        load(SMALL.replace(old, new))
    assert any(says in said and said.startswith(f"Line {line}:") for said in refused.value.problems)


WITH_COURSE = (
    SMALL
    + """\
courses:
  - code: DATA-SEC
    title: Data security
    renewal_months: 12
    job_roles: [CW]
"""
)


def test_a_plan_may_also_require_courses():
    assert load(SMALL).courses == ()
    (course,) = load(WITH_COURSE).courses
    assert course == Course("DATA-SEC", "Data security", 12, ("CW",), (), tuple(SETTINGS))


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("renewal_months: 12\n    job_roles: [CW]", "renewal_months: 12", 22, "names nobody"),
        ("renewal_months: 12", "renewal_months: 0", 24, "it must be at least 1"),
        ("    renewal_months: 12\n", "", 22, "“renewal_months” is missing"),
        ("DATA-SEC", "data security", 22, "use capital letters, figures and hyphens"),
        ("12\n    job_roles: [CW]", "12\n    job_roles: [XX]", 25, "“XX” is not a job role"),
        (
            "courses:",
            "courses:\n  - {code: DATA-SEC, title: A, renewal_months: null, job_roles: [CW]}",
            23,
            "Course DATA-SEC is given twice",
        ),
    ],
)
def test_a_problem_of_a_course_is_named_too(old, new, line, says):
    assert WITH_COURSE.count(old) == 1
    with pytest.raises(PlanProblem) as refused:
        load(WITH_COURSE.replace(old, new))
    assert any(says in said and said.startswith(f"Line {line}:") for said in refused.value.problems)


COURSE = Course("DATA-SEC", "Data security", 12, ("CW",), (), tuple(SETTINGS))


@pytest.mark.parametrize(
    ("now", "kind", "says"),
    [
        (None, Change.COURSE_REMOVED, "“Data security” is no longer required"),
        (replace(COURSE, renewal_months=None), Change.COURSE_CHANGED, "attended once is enough"),
        (replace(COURSE, renewal_months=24), Change.COURSE_CHANGED, "again after 24 months"),
        (
            replace(COURSE, title="Safe data"),
            Change.COURSE_CHANGED,
            "it was called “Data security”",
        ),
        (
            replace(COURSE, job_roles=("CW", "SC"), settings=("N",), agency=False),
            Change.COURSE_CHANGED,
            "now required of care workers and senior care workers in nursing care, not agency "
            "posts, and not of care workers as before",
        ),
    ],
)
def test_a_changed_course_is_said_and_is_never_a_gate(now, kind, says):
    old = replace(starter(), courses=(COURSE,))
    new = replace(starter(), courses=(now,) if now else ())
    (difference,) = differences(old, new)
    assert (difference.change, difference.course) == (kind, "DATA-SEC")
    assert says in difference.sentence
    assert not adds_gates(old, new)
    assert not adds_gates(new, old)


def test_a_new_course_and_another_order_are_said():
    two = replace(starter(), courses=(COURSE, replace(COURSE, code="MEDS", title="Medicines")))
    added = differences(replace(starter(), courses=(COURSE,)), two)
    assert [d.sentence for d in added] == [
        "The course “Medicines” is now required of care workers."
    ]
    moved = differences(two, replace(two, courses=two.courses[::-1]))
    assert [d.change for d in moved] == [Change.COURSE_CHANGED]
    (listed,) = replace(two, courses=(replace(COURSE, job_roles=("CW", "SC")),)).courses
    same = replace(two, courses=(replace(listed, job_roles=("SC", "CW")),))
    assert differences(replace(two, courses=(listed,)), same) == []


def test_all_problems_are_told_at_once():
    text = SMALL.replace("[CW]", "[XX, CW]").replace("group: Record", "group: Cook")
    with pytest.raises(PlanProblem) as refused:
        load(text)
    assert len(refused.value.problems) == 2


def test_the_same_competency_criterion_or_requirement_twice_is_refused():
    plan = load(SMALL)
    competency, requirement = plan.competencies[0], plan.requirement_definitions[0]
    check = competency.check
    for twice, says in [
        (replace(plan, competencies=(competency, competency)), "C04 is given twice"),
        (replace(plan, requirement_definitions=(requirement, requirement)), "already required"),
        (
            replace(
                plan,
                competencies=(
                    replace(competency, check=replace(check, criteria=check.criteria * 2)),
                ),
            ),
            "C04.1 is given twice",
        ),
    ]:
        with pytest.raises(PlanProblem, match=says):
            load(dump(twice))


@pytest.mark.parametrize(
    "text", ["", "just words", "- a\n- list", "{", "[" * 5000, "\x00", "a: \x07"]
)
def test_what_is_no_plan_at_all_is_refused_not_crashed_on(text):
    with pytest.raises(PlanProblem) as refused:
        load(text)
    assert refused.value.problems


@given(st.text(max_size=200))
def test_no_text_whatever_makes_it_crash(text):
    with pytest.raises(PlanProblem):
        load(text)


@given(
    st.integers(0, SMALL.count("\n") - 1),
    st.sampled_from(
        ["", "{}", "[]", "[[]]", "~", "true", "7", "-", "- x", "x: y", "? [a]", "!!set x"]
    )
    | st.text(max_size=20),
)
def test_a_plan_with_a_damaged_line_is_read_or_refused_not_crashed_on(number, damage):
    lines = SMALL.splitlines()
    key, colon, _ = lines[number].partition(": ")
    lines[number] = f"{key}{colon}{damage}"
    with suppress(PlanProblem):
        load("\n".join(lines))


words = st.text(
    st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=40
)
codes = st.from_regex(r"[A-Z][A-Z0-9]{1,4}", fullmatch=True)


@st.composite
def plans(draw: st.DrawFn) -> PlanDocument:
    groups = draw(st.lists(words, min_size=1, max_size=3, unique=True))
    competencies, requirements = [], []
    for code in draw(st.lists(codes, min_size=1, max_size=4, unique=True)):
        months = draw(st.integers(1, 60))
        agency_months = draw(st.none() | st.integers(1, months))
        competencies.append(
            CompetencyDefinition(
                code=code,
                title=draw(words),
                can=draw(words),
                short=draw(words),
                group=draw(st.sampled_from(groups)),
                themes=tuple(draw(st.lists(st.sampled_from(["T01", "no", "7"]), unique=True))),
                check=CheckDefinition(
                    version=draw(st.integers(1, 9)),
                    methods=tuple(
                        draw(
                            st.lists(st.sampled_from(["practice", "live"]), min_size=1, unique=True)
                        )
                    ),
                    needs_discussion=draw(st.booleans()),
                    validity_months=months,
                    agency_months=agency_months,
                    criteria=tuple(
                        Criterion(f"{code}.{n}", draw(words), draw(st.booleans()))
                        for n in range(1, draw(st.integers(2, 3)))
                    ),
                ),
            )
        )
        for who in draw(st.sets(st.sampled_from(["job_roles", "responsibilities"]), min_size=1)):
            known = JOB_ROLES if who == "job_roles" else RESPONSIBILITIES
            chosen = draw(st.lists(st.sampled_from(list(known)), min_size=1, unique=True))
            requirements.append(
                RequirementDefinition(
                    code,
                    draw(st.sampled_from(Level)),
                    **{who: tuple(chosen)},
                    settings=tuple(
                        draw(st.lists(st.sampled_from(list(SETTINGS)), min_size=1, unique=True))
                    ),
                    agency=agency_months is not None and draw(st.booleans()),
                )
            )
    courses = tuple(
        Course(
            code,
            draw(words),
            draw(st.none() | st.integers(1, 120)),
            *draw(st.sampled_from([(("CW",), ()), ((), ("med",)), (("SC", "RN"), ("alr",))])),
            settings=draw(st.sampled_from([("R",), tuple(SETTINGS)])),
            agency=draw(st.booleans()),
        )
        for code in draw(st.lists(st.sampled_from(["A", "B-1", "7"]), unique=True))
    )
    return PlanDocument(
        draw(words), tuple(groups), tuple(competencies), tuple(requirements), courses
    )


@settings(max_examples=trials(14))
@given(plans())
def test_a_plan_written_and_read_again_is_the_same_plan(plan):
    text = dump(plan)
    assert load(text) == plan
    assert dump(load(text)) == text
    assert from_content(json.loads(json.dumps(content_of(plan)))) == plan
    assert differences(plan, load(text)) == []
    assert not adds_gates(plan, plan)


def test_the_starter_plan_written_and_read_again_is_the_same():
    assert load(dump(starter())) == starter()


def _changed(**changes: object) -> PlanDocument:
    """The starter plan with the requirements of C12 (core, N crit) changed."""
    rows = starter().requirement_definitions
    return replace(
        starter(),
        requirement_definitions=tuple(
            replace(row, **changes) if (row.competency, row.level) == ("C12", "core") else row
            for row in rows
        ),
    )


@pytest.mark.parametrize(
    ("changes", "kind", "says", "gate"),
    [
        (
            {"level": Level.CRIT},
            Change.LEVEL_RAISED,
            "from “gate from day 29” to “gate from the start”",
            True,
        ),
        (
            {"level": Level.USE},
            Change.LEVEL_LOWERED,
            "from “gate from day 29” to “to develop”",
            False,
        ),
        (
            {"job_roles": ("CW", "SC", "RN", "HC", "SW", "TL", "DM", "AC")},
            Change.REQUIREMENT_ADDED,
            "now required of activities co-ordinators in residential care, "
            "home care (and extra care) and supported living (gate from day 29)",
            True,
        ),
        (
            {"job_roles": ("CW", "SC", "RN", "HC", "SW", "TL")},
            Change.REQUIREMENT_REMOVED,
            "no longer required of deputy managers",
            False,
        ),
        (
            {"agency": False},
            Change.REQUIREMENT_REMOVED,
            "no longer required of agency posts: care workers",
            False,
        ),
    ],
)
def test_a_changed_requirement_is_said_in_one_sentence(changes, kind, says, gate):
    new = _changed(**changes)
    (difference,) = differences(starter(), new)
    assert (difference.change, difference.competency) == (kind, "C12")
    assert says in difference.sentence
    assert adds_gates(starter(), new) is gate
    # Undone, a lowered or removed requirement is a gate again.
    undone = kind in (Change.LEVEL_LOWERED, Change.REQUIREMENT_REMOVED)
    assert adds_gates(new, starter()) is undone


def test_something_to_develop_is_no_new_gate():
    row = RequirementDefinition("C22", Level.USE, job_roles=("CW",), agency=False)
    new = replace(starter(), requirement_definitions=(*starter().requirement_definitions, row))
    assert [d.change for d in differences(starter(), new)] == [Change.REQUIREMENT_ADDED]
    assert not adds_gates(starter(), new)


def _with_c04(**changes: object) -> PlanDocument:
    return replace(
        starter(),
        competencies=tuple(
            replace(c, **changes) if c.code == "C04" else c for c in starter().competencies
        ),
    )


def test_a_changed_check_is_said():
    check = starter().competency("C04").check
    harsher = (replace(check.criteria[0], critical=True), *check.criteria[1:3])
    new = _with_c04(check=replace(check, validity_months=6, criteria=harsher))
    (difference,) = differences(starter(), new)
    assert difference.change is Change.CHECK_CHANGED
    assert difference.sentence == (
        "C04: C04.1 now critical; criterion C04.4 removed; a pass lasts 6 months, not 12 as before."
        " This makes a new version of its check."
    )


def test_changed_wording_and_competencies_come_and_gone_are_said():
    (wording,) = differences(starter(), _with_c04(short="A note"))
    assert wording.change is Change.WORDING_CHANGED
    (regrouped,) = differences(starter(), replace(starter(), groups=starter().groups[::-1]))
    assert regrouped.change is Change.WORDING_CHANGED
    fewer = replace(
        starter(),
        competencies=tuple(c for c in starter().competencies if c.code != "C26"),
        requirement_definitions=tuple(
            r for r in starter().requirement_definitions if r.competency != "C26"
        ),
    )
    gone = [d.change for d in differences(starter(), fewer)]
    come = [d.change for d in differences(fewer, starter())]
    assert gone == [Change.COMPETENCY_REMOVED, Change.REQUIREMENT_REMOVED]
    assert come == [Change.COMPETENCY_ADDED, Change.REQUIREMENT_ADDED]
