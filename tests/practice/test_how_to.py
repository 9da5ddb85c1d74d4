"""The scenario of the how-to reads, every key of the format is explained there, and what a scenario
can say beyond the plainest is read and marked as it says."""

import re
from pathlib import Path
from typing import Any

import pytest

from surehand.ecm import profile as profiles
from surehand.practice import scenario as scenarios
from surehand.practice.marking import Mark, Result, mark
from surehand.practice.play import Did, Step, play
from surehand.practice.scenario import Scenario, ScenarioProblem
from tests.practice.scripts import criteria

HOW_TO = (Path(__file__).parents[2] / "docs/how-to/write-a-scenario.md").read_text("utf-8")
EXAMPLE = re.findall(r"^```yaml\n(.*?)^```", HOW_TO, re.MULTILINE | re.DOTALL)[0]
PROFILE = profiles.starter()


def read(text: str) -> Scenario:
    return scenarios.load(text, profile=PROFILE, cast={}, criteria=criteria())


def refused(text: str) -> str:
    with pytest.raises(ScenarioProblem) as said:
        read(text)
    return str(said.value)


def with_review(days: int = 7, date: str = 'date: "2026-06-11"\n') -> str:
    """The example, with a risk to be reviewed."""
    return (
        EXAMPLE.replace("minutes: 4\n", f"minutes: 4\n{date}")
        + f"""\
  - code: risk
    record: {{type: risk, about: ruth, days: {{review: {days}}}}}
    well: You set a review.
    fix: Set a review.
"""
    )


def marked(scenario: Scenario, *steps: tuple[int, Did, dict[str, Any]]) -> dict[str, Mark]:
    taken = [Step(number, *step) for number, step in enumerate(steps, 1)]
    return {one.expected.code: one for one in mark(scenario, PROFILE, taken)}


def _keys(shape: Any) -> set[str]:
    if isinstance(shape, list):
        return {key for one in shape for key in _keys(one)}
    if not isinstance(shape, dict):
        return set()
    mine = set(shape["properties"]) if isinstance(shape.get("properties"), dict) else set()
    return mine.union(*(_keys(one) for one in shape.values()))


def test_the_example_reads_and_each_key_of_the_format_is_explained() -> None:
    assert read(EXAMPLE).code == "P01"
    explained = set(re.findall(r"`([a-z_]+)`", HOW_TO))
    assert _keys(scenarios.schema()) - explained - {"from", "to"} == set()


def test_before_a_choice_is_before_any_choice_of_that_event() -> None:
    scenario = read(EXAMPLE.replace("before: told", "before: silent"))
    did = {"type": "task", "about": "ruth", "task": "aid", "fields": {"status": "done"}}
    record = (Did.RECORD, {**did, "text": "New battery."})
    choose = (Did.CHOOSE, {"choice": "silent/later"})
    first = marked(scenario, (30, *record), (40, *choose))["recorded"]
    later = marked(scenario, (30, *choose), (40, *record))["recorded"]
    assert (first.result, later.result) == (Result.MET, Result.PARTLY)
    assert "too late" in later.because[0]


def test_an_event_may_wait_for_any_answer() -> None:
    scenario = read(
        EXAMPLE.replace(
            "contacts:\n",
            "  - {code: next, when: {answered: silent}, says: She eats.}\ncontacts:\n",
        )
    )
    assert "next" not in play(scenario, [], 100).arrived
    for choice in ("battery", "later"):
        step = Step(1, 30, Did.CHOOSE, {"choice": f"silent/{choice}"})
        assert play(scenario, [step]).arrived["next"] == 30
    assert "“tell” is not known" in refused(
        EXAMPLE.replace(
            "contacts:\n", "  - {code: next, when: {answered: tell}, says: A.}\ncontacts:\n"
        )
    )


@pytest.mark.parametrize(
    ("given", "result", "said"),
    [
        ("2026-06-18", Result.MET, ""),
        ("2026-06-19", Result.PARTLY, "19 June 2026; it must be within 7 days"),
        ("2026-06-10", Result.PARTLY, "10 June 2026"),
        ("soon", Result.PARTLY, "is not a date"),
    ],
)
def test_a_review_date_is_counted_from_the_date_of_the_scenario(
    given: str, result: Result, said: str
) -> None:
    record = {"type": "risk", "about": "ruth", "fields": {"review": given}}
    found = marked(read(with_review()), (30, Did.RECORD, record))["risk"]
    assert found.result == result
    assert said in " ".join(found.because)


def test_days_need_a_date_and_a_date_must_be_one() -> None:
    assert "add “date”" in refused(with_review(date=""))
    assert "not a date" in refused(with_review(date='date: "2026-02-30"\n'))


def test_a_record_that_must_not_be_made_may_be_known_by_its_time() -> None:
    scenario = read(
        EXAMPLE
        + """\
  - code: no_past
    must_not: {record: {type: chart, about: ruth, true_time: {from: "06:00", to: "08:00"}}}
    well: You left the gap.
    fix: Leave the gap.
"""
    )
    for time, result in (("07:00", Result.NOT_MET), ("08:31", Result.MET), ("", Result.MET)):
        step = (90, Did.RECORD, {"type": "chart", "about": "ruth", "time": time, "fields": {}})
        assert marked(scenario, step)["no_past"].result == result


def test_words_may_be_forbidden_in_any_record() -> None:
    scenario = read(
        EXAMPLE
        + """\
  - code: no_number
    must_not: {record: {says: {the number: ["4172"]}}}
    well: You kept the number to yourself.
    fix: Leave the number out.
"""
    )
    for text, result in (("In by 4172.", Result.NOT_MET), ("In by the key safe.", Result.MET)):
        for kind in ("note", "task"):
            step = (90, Did.RECORD, {"type": kind, "about": "ruth", "text": text, "fields": {}})
            assert marked(scenario, step)["no_number"].result == result
    assert "Name its type" in refused(
        EXAMPLE.replace("      type: task\n", "").replace("      fields: {status: [done]}\n", "")
    )


def test_somebody_must_meet_it() -> None:
    assert "Nobody would meet it" in refused(EXAMPLE.replace("[CW, AC]", "[]"))
    by_duty = read(EXAMPLE.replace("[CW, AC]", "[]\nresponsibilities: [med]"))
    assert by_duty.is_for("SC", ["med"])
    assert not by_duty.is_for("CW", [])
