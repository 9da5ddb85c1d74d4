"""Every shipped scenario reads, can be passed, and mistakes fail for the right reason."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surehand.practice.marking import Result, mark
from surehand.practice.play import Did
from surehand.practice.scenario import MANY_PLACES
from tests.practice.scripts import Script, codes, refused, scripts, shipped

ALL = [script for code in codes() for script in scripts(code)]


@pytest.mark.parametrize("script", ALL, ids=lambda s: f"{s.scenario} {s.name}")
def test_a_script_is_marked_as_it_says(script: Script) -> None:
    scenario, profile = shipped(script.scenario)
    assert refused(scenario, profile, script.steps) == ""
    marks = {one.expected.code: one for one in mark(scenario, profile, script.steps)}
    assert {code: one.result.value for code, one in marks.items()} == script.expect, {
        code: one.because for code, one in marks.items()
    }
    for code, words in script.because.items():
        said = " ".join(marks[code].because)
        for one in words:
            assert one in said, f"{code}: {said}"


@pytest.mark.parametrize("code", codes())
def test_each_scenario_can_be_passed_and_failed(code: str) -> None:
    results = [set(script.expect.values()) for script in scripts(code)]
    assert {"met"} in results
    assert len([one for one in results if one != {"met"}]) >= 2


@pytest.mark.parametrize("code", codes())
def test_nothing_done_meets_nothing(code: str) -> None:
    scenario, profile = shipped(code)
    assert {one.result for one in mark(scenario, profile, ())} == {Result.NOT_MET}


@given(st.sampled_from(ALL), st.data())
def test_the_order_in_which_steps_are_read_does_not_matter(
    script: Script, data: st.DataObject
) -> None:
    scenario, profile = shipped(script.scenario)
    shuffled = data.draw(st.permutations(script.steps))
    assert mark(scenario, profile, shuffled) == mark(scenario, profile, script.steps)


@given(st.sampled_from(ALL), st.data())
def test_steps_that_have_nothing_to_do_with_it_change_nothing(
    script: Script, data: st.DataObject
) -> None:
    """Looking at lists, being away and hints never change what is met; nor does their place."""
    scenario, profile = shipped(script.scenario)
    expected = {one.of for one in scenario.expect if one.what == "open"}
    waited = {e.when.code for e in scenario.events if e.when and e.when.what == "opened"}
    idle = [place for place in MANY_PLACES if place not in expected | waited]
    steps = list(script.steps)
    for number in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.sampled_from([step.at for step in script.steps]))
        did, what = data.draw(
            st.sampled_from(
                [(Did.OPEN, {"place": place}) for place in idle]
                + [(Did.HINT, {}), (Did.AWAY, {"seconds": 600})]
            )
        )
        steps.append(type(steps[0])(1000 + number, at, did, what))
    assert [one.result for one in mark(scenario, profile, steps)] == [
        one.result for one in mark(scenario, profile, script.steps)
    ]


@pytest.mark.parametrize("code", codes())
def test_each_scenario_has_three_hints_and_praises_the_player(code: str) -> None:
    scenario, _ = shipped(code)
    assert len(scenario.hints) == 3
    assert [one.well for one in scenario.expect if not one.well.startswith(("You ", "Your "))] == []


def test_the_safe_choice_stands_in_no_fixed_place() -> None:
    """Somebody who always takes the last one, or the first, does not pass."""
    places = Counter(
        [one.code for one in event.choices].index(safe.of.partition("/")[2]) / len(event.choices)
        for code in codes()
        for safe in shipped(code)[0].expect
        if safe.what == "choose" and not safe.must_not
        for event in [shipped(code)[0].event(safe.of.partition("/")[0])]
    )
    assert max(places.values()) < 0.6 * places.total()
