"""A scenario as a form: what it shows can be changed, and nothing else is."""

from typing import Any

import pytest
from django.http import QueryDict
from hypothesis import given, settings
from hypothesis import strategies as st

from surehand.competency import plan_document
from surehand.documents import Document
from surehand.ecm.profile import STARTERS, Profile, starter
from surehand.practice import scenario_form
from surehand.practice.queries import PlanCompetency
from surehand.practice.scenario import (
    ScenarioProblem,
    load,
    starter_cast,
    starter_texts,
    template,
    with_content,
)
from surehand.practice.scenario_form import Known, Row, ScenarioForm, content_of, text_from
from surehand.ui.fields import describe
from tests.practice.scripts import shipped

TEXTS = {**dict(starter_texts()), "P01": template()}
PLAN = [
    PlanCompetency(c.code, c.short, {one.code: one.text for one in c.check.criteria})
    for c in plan_document.starter().competencies
]


def profiles() -> dict[str, Profile]:
    every = [starter(code) for code in STARTERS]
    return {setting: one for one in every for setting in one.settings}


def known(text: str) -> Known:
    return Known(profiles(), PLAN, starter_cast(), content_of(text))


def drawn(text: str) -> ScenarioForm:
    held = known(text)
    return ScenarioForm(held, held.content, at=0)


def sent(form: Row) -> QueryDict:
    """What a browser sends of the form as it was drawn, its line ends as browsers make them."""
    data = QueryDict(mutable=True)
    for row in form.every():
        for bound in row:
            one = describe(bound)
            if one.kind == "checkbox":
                data.setlist(one.name, ["on"] if one.chosen else [])
            elif one.kind == "day":
                for part, _, value in one.parts:
                    data[f"{one.name}_{part}"] = value
            elif one.kind in ("select", "checkboxes"):
                data.setlist(one.name, [c.value for c in one.choices if c.chosen])
            else:
                data[one.name] = one.value.replace("\n", "\r\n")
        for part in row.parts:
            data[f"{part.prefix}-rows"] = str(len(part.rows))
            for each in part.rows:
                data[f"{each.prefix}-at"] = "" if each.at is None else str(each.at)
                data[f"{each.prefix}-kind"] = each.kind
    return data


def bound(text: str, data: QueryDict, add: str = "") -> ScenarioForm:
    held = known(text)
    return ScenarioForm(held, held.content, at=0, data=data, add=add)


def saved(text: str, data: QueryDict) -> str:
    form = bound(text, data)
    changed = text_from(form, text)
    assert changed is not None, [dict(row.errors) for row in form.every() if row.errors]
    return changed


def added(text: str, data: QueryDict, part: str, kind: str = "") -> QueryDict:
    """Pressing “add another”: the form as it is drawn then, sent again."""
    again = data.copy()
    again[f"{part}-new"] = kind
    return sent(bound(text, again, add=part))


@pytest.mark.parametrize("code", TEXTS)
def test_saving_what_was_not_changed_changes_nothing(code: str) -> None:
    assert saved(TEXTS[code], sent(drawn(TEXTS[code]))) == TEXTS[code]


def _differences(a: Any, b: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(a, dict) and isinstance(b, dict):
        keys = dict.fromkeys([*a, *b])
        return [d for k in keys for d in _differences(a.get(k), b.get(k), (*at, k))]
    if isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        pairs = enumerate(zip(a, b, strict=True))
        return [d for n, (x, y) in pairs for d in _differences(x, y, (*at, n))]
    return [] if a == b else [at]


@settings(max_examples=20, deadline=None)
@given(st.data())
def test_one_change_changes_one_value_and_keeps_every_note(data: st.DataObject) -> None:
    code = data.draw(st.sampled_from(sorted(TEXTS)))
    text = "# mine\n" + TEXTS[code].replace("expect:\n", "expect:\n  # and this\n")
    given_ = sent(drawn(text))
    texts = [
        bound_.html_name
        for row in drawn(text).every()
        for bound_ in row
        if describe(bound_).kind in ("text", "textarea")
        and bound_.name not in ("minutes", "after", "within", "times", "clock", "says")
        and not bound_.name.startswith("field-")
    ]
    name = data.draw(st.sampled_from(texts))
    words = data.draw(
        st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1)
    )
    given_[name] = words[:80]
    changed = saved(text, given_)
    before, after = Document(text).content, Document(changed).content
    assert len(_differences(before, after)) <= 1
    assert words[:80] in str(after) or repr(words[:80])[1:-1] in str(after)
    assert "# mine" in changed
    assert "# and this" in changed


def test_a_row_is_added_of_every_kind_and_what_is_new_can_be_played() -> None:
    text = TEXTS["S06"]
    data = added(text, sent(drawn(text)), "events", "alert")
    data = added(text, data, "people")
    data = added(text, data, "people-1-risks")
    data = added(text, data, "people", "newson")
    data = added(text, data, "events-1-choices")
    data = added(text, data, "expect", "tell")
    data = added(text, data, "expect", "must_not/record")
    data.update({"events-2-alert": "bed_exit", "events-2-about": "joyce"})
    for name, value in {
        "people-1-name": "Zoë Hart",
        "people-1-where": "Room 3",
        "people-1-born_day": "2",
        "people-1-born_month": "3",
        "people-1-born_year": "1940",
        "people-1-about": "She paints.",
        "people-1-risks-0-title": "Falls",
        "people-1-risks-0-text": "Her left knee gives way.",
        "events-2-after": "90",
        "events-1-choices-2-text": "Call Ade first",
        "expect-4-tell": "shift_lead",
        "expect-4-well": "You told Ade.",
        "expect-4-fix": "Tell Ade.",
        "expect-5-type": "incident",
        "expect-5-well": "You made no incident of it.",
        "expect-5-fix": "Nobody was hurt: it is no incident.",
    }.items():
        data[name] = value
    changed = saved(text, data)
    content = Document(changed).content
    assert content["people"][1]["code"] == "zoe"
    assert content["people"][1]["risks"][0]["code"] == "falls"
    assert content["people"][2] == "newson"
    event = content["events"][2]
    assert event == {"code": "bed_exit", "alert": "bed_exit", "about": "joyce", "after": 90}
    assert content["events"][1]["choices"][2] == {
        "code": "call_ade_first",
        "text": "Call Ade first",
    }
    assert content["expect"][4]["tell"] == ["shift_lead"]
    assert content["expect"][5]["must_not"] == {"record": {"type": "incident"}}
    profile = shipped("S06")[1]
    criteria = {one.code: list(one.criteria) for one in PLAN}
    scenario = load(changed, profile=profile, cast=starter_cast(), criteria=criteria)
    assert len(scenario.expect) == 6
    # Drawn and saved again it stays as it is.
    assert saved(changed, sent(drawn(changed))) == changed


def test_rows_are_removed_and_an_empty_new_one_is_nothing() -> None:
    text = TEXTS["S06"]
    data = added(text, sent(drawn(text)), "contacts")
    assert saved(text, data) == text
    data["expect-1-remove"] = "on"
    data["events-1-choices-0-remove"] = data["events-1-choices-1-remove"] = "on"
    data["people-0-describe"] = "on"
    content = Document(saved(text, data)).content
    assert [one["code"] for one in content["expect"]] == ["answered", "response", "note"]
    assert "choices" not in content["events"][1]
    assert content["people"][0]["name"] == starter_cast()["joyce"].name


def test_what_cannot_be_is_said_beside_its_field_and_nothing_is_kept() -> None:
    text = TEXTS["S06"]
    data = sent(drawn(text))
    data.update({"events-0-after": "x"})
    data["title"] = ""
    data["events-0-after"] = "a while"
    data["expect-2-says"] = "why she was up"
    data["clock"] = "2 am"
    form = bound(text, data)
    assert text_from(form, text) is None
    rows = {row.prefix: row for row in form.every()}
    assert rows[None].errors["title"] == ["“Title” is empty. Fill it in."]
    assert "Event 1: “Seconds after that” is a whole number" in str(
        rows["events-0"].errors["after"]
    )
    assert "needs what is to be said, a colon" in str(rows["expect-2"].errors["says"])
    data["title"], data["events-0-after"], data["expect-2-says"] = "Up", "5", "why: toilet"
    form = bound(text, data)
    assert text_from(form, text) is None
    assert "hours and minutes" in str(form.errors["clock"])


def test_what_is_wrong_in_the_whole_is_said_beside_its_field() -> None:
    text = TEXTS["S06"].replace("alert: bed_exit", "alert: bell").replace("[C13.1]", "[C99.1]")
    profile = shipped("S06")[1]
    criteria = {one.code: list(one.criteria) for one in PLAN}
    with pytest.raises(ScenarioProblem) as problem:
        load(text, profile=profile, cast=starter_cast(), criteria=criteria)
    form = drawn(text)
    for path, sentence in problem.value.found:
        form.note(path, sentence)
    rows = {row.prefix: row for row in form.every()}
    assert rows["events-0"].errors["alert"][0].startswith("Event 1: “bell” is not known here")
    assert rows["expect-0"].errors["criteria"][0].startswith("Expected 1: “C99.1” is not known")
    assert rows["events-0"].is_open
    assert not rows["events-1"].is_open
    # And what is not known stays until it is changed.
    assert saved(text, sent(drawn(text))) == text


def test_another_setting_takes_its_profile_with_it() -> None:
    data = sent(drawn(TEXTS["S06"]))
    data["setting"] = "H"
    content = Document(saved(TEXTS["S06"], data)).content
    assert content["profile"] == profiles()["H"].code


@pytest.mark.parametrize("text", ["", "code: P01", "a: [", TEXTS["S06"].replace("choose:", "x:")])
def test_a_document_without_shape_is_mended_in_its_text(text: str) -> None:
    with pytest.raises(scenario_form.NotAForm):
        content_of(text)


def test_a_note_in_a_changed_part_stands_above_it() -> None:
    text = "# top\na: 1\nb:\n  # about c\n  - c  # beside\n  - |\n    # no note\n\nd: 2\n"
    changed = with_content(text, {"a": 1, "b": ["c"], "d": 2, "e": 3})
    assert changed == "# top\na: 1\n  # about c\nb: [c]\nd: 2\ne: 3\n"
    assert with_content(text, Document(text).content) == text
