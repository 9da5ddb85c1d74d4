"""Which criteria the hints of an attempt helped with."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from surehand.practice.marking import Mark, Result, helped, mark
from surehand.practice.play import Did, Step
from surehand.practice.scenario import Expected
from tests.practice.scripts import scripts, shipped

CRITERIA = ("C13.1", "C13.2", "C13.3")


def expected(code: str, *criteria: str) -> Expected:
    return Expected(code, "open", "tasks", "Well done.", "Do it.", criteria=criteria)


def hints(*numbers: int) -> list[Step]:
    return [Step(number, number, Did.HINT) for number in numbers]


def test_a_hint_helped_with_what_was_shown_next() -> None:
    marks = [
        Mark(expected("a", "C13.1"), Result.MET, 2),
        Mark(expected("b", "C13.2", "C13.3"), Result.MET, 5),
        Mark(expected("c", "C13.3"), Result.NOT_MET),
    ]
    assert helped(marks, hints(1), CRITERIA) == {"C13.1": 1}
    # It counts once, though two criteria rest on the same step.
    assert helped(marks, hints(3, 4), CRITERIA) == {"C13.2": 2}
    # Nothing was shown after it: it was about what was not done.
    assert helped(marks, hints(6), CRITERIA) == {"C13.3": 1}
    # Another check's criterion is no help with this one.
    assert helped(marks, hints(1), ("C13.3",)) == {}
    assert helped(marks[:2], hints(6), CRITERIA) == {}
    # A trainer's help counts like a hint; asking for it is not help yet.
    steps = [Step(3, 3, Did.ASK), Step(4, 4, Did.HELPED)]
    assert helped(marks, [*hints(1), *steps], CRITERIA) == {"C13.1": 1, "C13.2": 1}


@given(st.lists(st.integers(1, 12), unique=True, max_size=4))
def test_no_hint_counts_twice_and_none_is_help_without_one(numbers: Sequence[int]) -> None:
    scenario, profile = shipped("S06")
    script = next(scripts("S06"))
    marks = mark(scenario, profile, script.steps)
    found = helped(marks, hints(*numbers), CRITERIA)
    assert sum(found.values()) <= len(numbers)
    assert set(found) <= set(CRITERIA)
    assert not helped(marks, script.steps, CRITERIA)
