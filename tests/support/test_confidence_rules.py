"""Rules about confidence: how sure somebody is, and the four corners (G02)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surehand.support.rules import CORNERS, Band, Said, after, band, before, level, worth_a_word

STATEMENTS = ("alone", "goes_wrong", "who_to_ask")
answers = st.lists(
    st.builds(Said, st.sampled_from(STATEMENTS), st.integers(1, 5), st.integers(0, 50)),
    unique_by=lambda said: (said.statement, said.at),
)


@given(said=answers)
def test_the_least_sure_of_the_latest_answers_counts(said: list[Said]) -> None:
    latest = [
        max((a for a in said if a.statement == s), key=lambda a: a.at).level
        for s in {a.statement for a in said}
    ]
    assert level(said) == (min(latest) if latest else None)


@given(said=answers, judged_at=st.integers(0, 50))
def test_an_answer_is_from_before_or_from_after_a_check(said: list[Said], judged_at: int) -> None:
    first, second = before(said, judged_at), after(said, judged_at)
    assert sorted([*first, *second]) == sorted(said)
    assert all(a.at < judged_at for a in first)
    assert all(a.at >= judged_at for a in second)


def test_a_changed_answer_counts_as_changed() -> None:
    assert level([Said("alone", 2, 1), Said("alone", 5, 2)]) == 5


@pytest.mark.parametrize(
    ("level", "outcome", "corner", "flagged"),
    [
        (1, "pass", "Ready, not sure yet", True),
        (2, "pass", "Ready, not sure yet", True),
        (3, "pass", None, False),
        (4, "pass", "Ready and sure", False),
        (5, "pass", "Ready and sure", False),
        (2, "further_support", "Not ready, and knows it", False),
        (3, "further_support", None, False),
        (4, "further_support", "Sure, not ready yet", True),
        (5, "further_support", "Sure, not ready yet", True),
        (1, "partial", None, False),
        (5, "partial", None, False),
        (1, "", None, False),
    ],
)
def test_g02_the_four_corners(level: int, outcome: str, corner: str | None, flagged: bool) -> None:
    assert CORNERS.get((outcome, band(level))) == corner
    assert worth_a_word(level, outcome) == flagged


def test_bands() -> None:
    assert [band(n) for n in range(1, 6)] == [
        Band.LOW, Band.LOW, Band.MIDDLE, Band.HIGH, Band.HIGH,
    ]  # fmt: skip
