"""The ECM profile: the shipped one says what the content brief says; a bad one is refused."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surehand.ecm.profile import STARTERS, ProfileProblem, load, starter, starter_text
from surehand.people.roles import SETTINGS

# code | minutes in R and N | fields
RECORD_TYPES = """
note     | 60   | mood support outcome choice
task     | 30   | status reason time evidence
incident | 60   | type seen harm head thinner action told
bodymap  | 60   | site side type mm colour cause
med      | 15   | outcome reason effect
chart    | 15   | chart taken position skin
risk     | 240  | category triggers controls told review
plan     | 1440 | reason instruction consent told status review
alert    | 30   | alert_id attended cause finding action told sensor_ok
handover | 0    | change risk todo told
consent  | 240  | decision answer own_words
capacity | 240  | decision own_words support_given assessment best_interests
safe     | 120  | kind own_words safe_now told referral
contact  | 60   | who advice action shared
"""

# code | acknowledge | with person | settings
ALERTS = """
help_call    | 2  | 5  | R N
fall         | 1  | 3  | R N
bed_exit     | 2  | 5  | R N
door         | 2  | 5  | R N
sound        | 5  | 10 | N
smoke_co     | 1  | 0  | R N
sensor_fault | 60 | -  | R N
fluids_low   | 30 | 60 | R N
turn_due     | 15 | 30 | R N
task_overdue | -  | -  | R N
"""


def _rows(table: str) -> list[list[str]]:
    return [[part.strip() for part in line.split("|")] for line in table.strip().splitlines()]


def _record_types(profile, setting: str) -> list[list[str]]:
    return [
        [
            one.code,
            str(one.standard.minutes[setting]),
            " ".join(field.code for field in one.fields),
        ]
        for one in profile.record_types
    ]


def test_record_types_with_their_fields_and_standards():
    assert _record_types(starter(), "R") == _rows(RECORD_TYPES)
    for record_type in starter().record_types:
        assert set(record_type.standard.minutes) == {"R", "N"}


@pytest.mark.parametrize(
    ("code", "name", "minutes"),
    [
        ("incident", "review", 1440),
        ("plan", "interim", 240),
        ("handover", "receipt", 30),
        ("safe", "told", 30),
        ("safe", "council", 1440),
    ],
)
def test_further_standards(code, name, minutes):
    assert starter().record_type(code).further_standards[name].minutes["N"] == minutes


def test_alerts_and_monitoring_prompts_with_their_times():
    profile = starter()
    found = [
        [
            one.code,
            str(one.acknowledge_minutes.get("N", "-")),
            str(one.with_person_minutes.get("N", "-")),
            " ".join(one.settings),
        ]
        for one in (*profile.alert_types, *profile.monitoring_prompts)
    ]
    assert found == _rows(ALERTS)
    assert [one.code for one in profile.monitoring_prompts] == [
        "fluids_low",
        "turn_due",
        "task_overdue",
    ]
    assert [one.code for one in profile.alert_types if one.incident_unless_ruled_out] == ["fall"]


def test_routes_tell_the_right_person_in_time():
    def steps(code: str) -> list[tuple[str, int | None]]:
        return [(step.tell, step.within_minutes) for step in starter().route(code).steps]

    assert steps("residential") == [("Shift lead", 5), ("On-call", 15), ("Registered manager", 30)]
    assert steps("nursing") == [("Nurse in charge", 5), ("On-call", 15)]
    assert [minutes for _, minutes in steps("safeguarding")] == [30, 1440, None]
    assert all("999 first" in route.first for route in starter().routes)


def test_sections_and_the_restricted_record_type():
    profile = starter()
    assert [one.code for one in profile.sections if one.settings == ("N",)] == ["clinical"]
    assert len(profile.sections) == 11
    assert [one.code for one in profile.record_types if one.restricted] == ["safe"]
    assert "food" in profile.record_type("note").sections
    assert profile.record_type("incident").sections == ()


def _alerts(profile, setting: str) -> list[list[str]]:
    return [
        [
            one.code,
            str(one.acknowledge_minutes.get(setting, "-")),
            str(one.with_person_minutes.get(setting, "-")),
        ]
        for one in (*profile.alert_types, *profile.monitoring_prompts)
    ]


def test_the_shipped_profiles_are_for_every_setting_once():
    settings = [setting for code in STARTERS for setting in starter(code).settings]
    assert sorted(settings) == sorted(SETTINGS)
    assert [starter(code).code for code in STARTERS] == list(STARTERS)


def test_home_care_counts_notes_and_tasks_from_the_end_of_the_visit():
    profile = starter("home-care")
    rows = _rows(RECORD_TYPES)
    rows[0][1], rows[1][1] = "15", "15"
    assert _record_types(profile, "H") == [
        *rows,
        ["visit", "0", "in out late_reason no_reply"],
    ]
    assert [
        one.code for one in profile.record_types if one.standard.counted_from == "visit end"
    ] == ["note", "task"]
    assert profile.record_type("visit").missing({"in": "17:30", "no_reply": True}) == ()
    assert _alerts(profile, "H") == _rows(
        """
        help_call           | 1  | 45
        fall                | 1  | 45
        no_movement         | 15 | 60
        medicine_missed     | 15 | 30
        lone_worker         | 1  | -
        smoke_co            | 1  | 0
        sensor_fault        | 60 | -
        visit_late          | 10 | -
        visit_late_critical | 0  | -
        task_overdue        | -  | -
        """
    )
    assert [one.code for one in profile.sections][-2:] == ["home_safety", "access"]
    steps = profile.route("home_care").steps
    assert [(one.tell, one.within_minutes) for one in steps] == [
        ("Office or on-call", 10),
        ("Registered manager", 30),
    ]


def test_home_care_never_says_ecm():
    said = re.sub(r"(?m)^ *#.*$", "", starter_text("home-care"))
    assert "ECM" not in said
    assert starter("home-care").terms["system"] == "digital care record"


def test_supported_living_has_longer_for_notes_and_records_behaviour():
    profile = starter("supported-living")
    rows = _rows(RECORD_TYPES)
    rows[0][1], rows[1][1] = "120", "60"
    assert _record_types(profile, "S") == [
        *rows,
        ["behaviour", "60", "before what after restriction"],
    ]
    assert _alerts(profile, "S") == _rows(
        """
        help_call       | 2  | 5
        fall            | 1  | 3
        door            | 2  | 5
        seizure         | 1  | 2
        no_movement     | 15 | 60
        medicine_missed | 15 | 30
        smoke_co        | 1  | 0
        sensor_fault    | 60 | -
        task_overdue    | -  | -
        """
    )
    assert [one.code for one in profile.sections][-3:] == ["skills", "community", "epilepsy"]
    steps = profile.route("supported_living").steps
    assert [(one.tell, one.within_minutes) for one in steps] == [
        ("Team leader or on-call", 15),
        ("Registered manager", 30),
    ]


@pytest.mark.parametrize("code", STARTERS)
def test_every_shipped_profile_keeps_safeguarding_apart_and_999_first(code):
    profile = starter(code)
    assert [one.code for one in profile.record_types if one.restricted] == ["safe"]
    assert [one.within_minutes for one in profile.route("safeguarding").steps] == [30, 1440, None]
    assert all("999 first" in route.first for route in profile.routes)
    assert profile.record_type("plan").further_standards["interim"].minutes.keys() == set(
        profile.settings
    )
    assert [one.code for one in profile.alert_types if one.incident_unless_ruled_out] == ["fall"]


def test_what_is_missing_depends_on_what_was_said():
    incident = starter().record_type("incident")
    said = {"type": "fall", "seen": "nobody", "harm": "low", "action": "checked", "told": "senior"}
    assert [one.code for one in incident.missing(said)] == ["head", "thinner"]
    assert incident.missing(said | {"type": "medicines"}) == ()
    assert incident.missing(said | {"head": False, "thinner": True}) == ()
    task = starter().record_type("task")
    assert [one.code for one in task.missing({"status": "done", "time": "08:40"})] == ["evidence"]
    assert "reason" in [one.code for one in task.missing({"status": "declined"})]
    assert starter().record_type("med").missing({"outcome": "taken"}) == ()


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("settings: [R, N]\n", "settings: [R, N, H]\n", "say “digital care record” instead"),
        ('version: "1.0"', "version: newest", "with one full stop"),
        ('"2026-01-01"', '"2026-02-30"', "is not a date"),
        ("- {code: skin, title: Skin}", "- {code: food, title: Skin}", "“food” is given twice"),
        (
            "is: [fall]}}\n      - {code: thinner",
            "is: [tumble]}}\n      - {code: thinner",
            "“tumble”",
        ),
        (
            "field: chart, is: [turn]}}\n      - code",
            "field: card, is: [turn]}}\n      - code",
            "“card”",
        ),
        ("code: turn_due", "code: fall", "give each its own"),
        (
            "minutes: 240}\n    fields:\n      - {code: category",
            "minutes: {R: 240}}\n    fields:\n      - {code: category",
            "Give minutes for each of R, N",
        ),
        (
            "minutes: 240}\n    fields:\n      - {code: category",
            "minutes: soon}\n    fields:\n      - {code: category",
            "whole minutes",
        ),
        (
            "    settings: [N]\n    acknowledge",
            "    settings: [S]\n    acknowledge",
            "not for; use R, N",
        ),
        ("responsibilities: [shf]", "responsibilities: [boss]", "“boss” is not known here"),
        (
            "        options: [none, prompt, one, two, equipment]\n",
            "",
            "needs options to choose from",
        ),
        (
            "title: What was shared, kind: text",
            "title: What was shared, kind: poem",
            "one of choice",
        ),
        ("alert_types:", "alarm_types:", "“alarm_types” is not known"),
    ],
)
def test_a_problem_is_named_with_its_line_and_what_to_do(old, new, says):
    text = starter_text()
    assert text.count(old) == 1
    with pytest.raises(ProfileProblem) as refused:
        load(text.replace(old, new))
    assert any(re.match(rf"Line \d+: .*({says})", said) for said in refused.value.problems)


HOME = """\
code: home
title: Home care
version: "1.0"
effective: "2026-01-01"
settings: [H, S]
terms: {system: digital care record, person: person, people: people}
sections:
  - {code: home_safety, title: Home safety, settings: [H]}
  - {code: epilepsy, title: Epilepsy, settings: [S]}
record_types:
  - code: visit
    title: Visit
    settings: [H]
    mods: {classes: [Visit], confirmed: true}
    standard: {counted_from: event, minutes: 0}
    fields:
      - {code: in, title: Arrived, kind: time}
      - {code: no_reply, title: No reply, kind: yes or no}
  - code: note
    title: Note
    mods: {classes: ["Action, observation"], confirmed: true}
    standard: {counted_from: visit end, minutes: {H: 15, S: 120}}
    fields:
      - {code: mood, title: Mood, kind: choice, options: [happy, no]}
alert_types:
  - code: help_call
    title: Help call
    acknowledge_minutes: {H: 1, S: 2}
    with_person_minutes: {H: 45, S: 5}
    expected: Go to the person, find out why they called, and help.
monitoring_prompts:
  - {code: visit_late, title: Visit late, settings: [H], acknowledge_minutes: 10, expected: Cover.}
routes:
  - code: home
    title: Escalation
    first: If a life may be at risk, call 999 first.
    steps:
      - {tell: Office or on-call, responsibilities: [onc], within_minutes: 10}
"""


def test_a_home_care_and_supported_living_profile_fits_the_same_schema():
    profile = load(HOME)
    assert profile.record_type("note").standard.minutes == {"H": 15, "S": 120}
    assert profile.alert_type("help_call").with_person_minutes == {"H": 45, "S": 5}
    assert profile.alert_type("visit_late").settings == ("H",)
    assert profile.record_type("note").fields[0].options == ("happy", "no")


@given(st.text(max_size=200))
def test_no_text_whatever_makes_it_crash(text):
    with pytest.raises(ProfileProblem):
        load(text)
