"""What a version of an ECM profile changes is told in sentences, and nothing is left untold."""

import json
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from surehand.ecm.profile import STARTERS, ProfileProblem, load, starter, starter_text
from surehand.ecm.profile_changes import differences
from tests.conftest import trials

# what stood there | what stands there now | what is said
CHANGES = [
    ("title: Sleep}", "title: Nights}", "The section “Sleep” is now called “Nights”."),
    (
        "  - {code: skin, title: Skin}\n",
        "  - {code: skin, title: Skin}\n  - {code: pets, title: Pets}\n",
        "The section “Pets” is new.",
    ),
    ("  - {code: family, title: Family and friends}\n", "", "“Family and friends” is gone."),
    ("[happy, settled, low", "[happy, calm, settled, low", "“Mood”: the option “calm” is new."),
    ("[happy, settled, low", "[settled, low", "“Mood”: the option “happy” is gone."),
    ("[happy, settled, low", "[settled, happy, low", "its options stand in another order"),
    ("title: What the person chose", "title: Choice", "is now called “Choice”."),
    (
        "      - {code: choice, title: What the person chose, kind: text}\n",
        "      - {code: pain, title: Pain, kind: number}\n",
        "The field “Pain” is new: a number.",
    ),
    ("unit: mm", "unit: cm", "“Size” is now given in cm."),
    (
        "code: effect, title: Effect of an as-needed medicine, kind: text, required: false",
        "code: effect, title: Effect of an as-needed medicine, kind: text",
        "must now be filled in",
    ),
    (
        "title: Mental capacity\n    sections: []",
        "title: Mental capacity\n    sections: [health]",
        "It is written in: Health.",
    ),
    (
        '["Action, observation"], confirmed: true}\n'
        "    standard: {counted_from: event, minutes: 60}",
        '["Action, observation"], confirmed: true}\n'
        "    standard: {counted_from: event, minutes: {R: 45, N: 60}}",
        "within 45 minutes of the event in residential care, not within 60 minutes as before.",
    ),
    (
        "receipt: {counted_from: record, minutes: 30}",
        "receipt: {counted_from: record, minutes: 20}",
        "Receipt given within 20 minutes of the record, not within 30 minutes as before.",
    ),
    (
        "counted_from: shift end, minutes: 0",
        "counted_from: event, minutes: 0",
        "Written as it happens, not by the shift’s end as before.",
    ),
    (
        "title: Sound\n    settings: [N]\n    acknowledge_minutes: 5",
        "title: Sound\n    settings: [N]\n    acknowledge_minutes: 3",
        "“Sound” is acknowledged within 3 minutes, not within 5 minutes as before.",
    ),
    ("title: Sound\n    settings: [N]", "title: Sound", "is now used in residential care as well"),
    (
        "also_record: [breathing]",
        "also_record: [breathing, colour]",
        "also says: breathing, colour",
    ),
    ("    incident_unless_ruled_out: true\n", "", "no longer needs an incident record"),
    ("title: Turn due", "title: Turning", "The monitoring prompt “Turn due” is now called"),
    ("job_roles: [RN], within_minutes: 5", "job_roles: [RN], within_minutes: 3", "tells others"),
    ("  person: resident\n", "  person: guest\n", "“resident” is now called “guest”."),
    ("restricted: true\n", "restricted: false\n", "It is no longer restricted."),
    (
        "title: Residential and nursing care\n",
        "title: Larkspur\n",
        "“Residential and nursing care” is now called “Larkspur”.",
    ),
    ('"2026-01-01"', '"2027-03-03"', "It is dated 3 March 2027, not 1 January 2026 as before."),
]


@pytest.mark.parametrize(("old", "new", "says"), CHANGES)
def test_each_change_is_told_in_words(old: str, new: str, says: str) -> None:
    text = starter_text()
    assert text.count(old) == 1, old
    found = differences(starter(), load(text.replace(old, new)))
    assert any(says in one.sentence for one in found), [one.sentence for one in found]
    assert len(found) <= 2


@pytest.mark.parametrize("code", STARTERS)
def test_a_new_number_alone_is_no_change(code: str) -> None:
    assert differences(starter(code), replace(starter(code), version="7.0")) == []


def _leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict):
        return [leaf for key, each in value.items() for leaf in _leaves(each, (*path, key))]
    if isinstance(value, list):
        return [leaf for n, each in enumerate(value) for leaf in _leaves(each, (*path, n))]
    return [path]


CONTENT = {code: yaml.safe_load(starter_text(code)) for code in STARTERS}


@settings(max_examples=trials(14))  # each reads a whole document
@given(st.data())
def test_whatever_is_changed_or_taken_away_is_told(data: st.DataObject) -> None:
    code = data.draw(st.sampled_from(STARTERS))
    content = deepcopy(CONTENT[code])
    path = data.draw(st.sampled_from(_leaves(content)))
    *way, last = path
    held: Any = content
    for key in way:
        held = held[key]
    if data.draw(st.booleans()):
        held[last] = data.draw(st.sampled_from(["other words", "text", 7, True, False, "x"]))
    else:
        del held[last]
    try:
        changed = load(json.dumps(content, ensure_ascii=False))
    except ProfileProblem:
        return
    changed = replace(changed, version="1.0")
    if changed != starter(code) and changed.code == code:
        assert differences(starter(code), changed)
        assert differences(changed, starter(code))
