"""A room judged by several at once: nobody's answer is lost without their being told."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surehand.assessment.group import (
    Answer,
    Held,
    agreed,
    can_be_recorded,
    open_criteria,
    proposed,
    saved,
)
from surehand.competency.rules import Criterion, outcome

MET, NOT_MET = Answer("met"), Answer("not_met")
CRITERIA = [
    Criterion("a", "First", critical=True),
    Criterion("b", "Second"),
    Criterion("c", "Third"),
]

answers = st.builds(Answer, st.sampled_from(["", "met", "not_met"]), st.integers(0, 2))
# Who does it, and whether they look again first: two assessors, each with what they last saw.
presses = st.lists(st.tuples(st.sampled_from([1, 2]), st.booleans(), answers), max_size=20)


@given(presses)
def test_no_save_is_lost_silently(presses: list[tuple[int, bool, Answer]]) -> None:
    """Every answer either stands, is replaced by somebody who had seen it, or was refused aloud."""
    held, changes = Held(), 0
    seen = {1: held, 2: held}
    for by, looks, answer in presses:
        if looks:
            seen[by] = held
        before = held
        after = saved(held, answer, seen=seen[by].version, by=by)
        if after is None:  # told: it was changed by the other since, and still is as it was
            assert seen[by].version < before.version
            assert before.answer != answer or (before.by != by and answer.help_given)
            seen[by] = held  # the refusal shows what stands now
            continue
        assert after.answer == answer
        if before.answer != answer:  # what is replaced had been seen by whoever replaced it
            assert seen[by] == before
            assert after == Held(answer, before.version + 1, by)
            changes += 1
        held = seen[by] = after
    assert held.version == changes


@given(presses)
def test_help_counted_by_both_is_never_one_count(presses: list[tuple[int, bool, Answer]]) -> None:
    """Two who each count help without seeing the other's count are not taken for agreeing."""
    held = Held()
    for by, _, answer in presses:
        after = saved(held, answer, seen=-1, by=by)
        if after is not None:
            assert after is held
            assert held.answer == answer
            assert held.by == by or answer.help_given == 0


def test_what_is_sent_twice_is_one_save() -> None:
    once = saved(Held(), Answer("met", 1), seen=0, by=1)
    assert once == Held(Answer("met", 1), 1, 1)
    assert saved(once, Answer("met", 1), seen=0, by=1) == once
    assert saved(once, Answer("met", 1), seen=0, by=2) is None
    assert saved(once, NOT_MET, seen=0, by=2) is None
    assert saved(once, NOT_MET, seen=1, by=2) == Held(NOT_MET, 2, 2)


def test_two_who_judge_alike_agree() -> None:
    once = saved(Held(), MET, seen=0, by=1)
    assert once is not None
    assert saved(once, MET, seen=0, by=2) == once


@pytest.mark.parametrize(("judged", "help_given"), [("good", 0), ("met", -1), ("met", 100)])
def test_an_answer_is_one_of_three_with_help_counted(judged: str, help_given: int) -> None:
    with pytest.raises(ValueError, match="met, not_met or nothing"):
        Answer(judged, help_given)


@given(st.dictionaries(st.sampled_from("abc"), answers))
def test_r7_an_outcome_is_proposed_once_nothing_open_can_change_it(
    given_answers: dict[str, Answer],
) -> None:
    """Against every way of judging what is open, by the rule itself."""
    open_ = [c.code for c in open_criteria(CRITERIA, given_answers)]
    help_given = {code: a.help_given for code, a in given_answers.items()}
    could_be = {
        outcome(
            CRITERIA,
            {
                **{code: a.judged for code, a in given_answers.items() if a.judged},
                **dict(zip(open_, rest, strict=True)),
            },
            help_given,
        )
        for rest in product(["met", "not_met"], repeat=len(open_))
    }
    found = proposed(CRITERIA, given_answers)
    assert (found is not None) == (len(could_be) == 1)
    assert found is None or could_be == {found}


def test_a_critical_criterion_missed_decides_at_once() -> None:
    assert proposed(CRITERIA, {"a": NOT_MET}) == "further_support"
    assert proposed(CRITERIA, {"a": Answer("", 1)}) == "further_support"
    assert proposed(CRITERIA, {"a": MET, "b": NOT_MET}) == "partial"
    assert proposed(CRITERIA, {"a": MET, "b": MET}) is None
    assert proposed(CRITERIA, {"a": MET, "b": MET, "c": Answer("met", 1)}) == "pass"


@given(
    st.dictionaries(st.sampled_from("abc"), answers),
    st.dictionaries(st.sampled_from("abc"), st.sampled_from(["met", "not_met"])),
)
def test_agreeing_judges_only_what_is_open_and_proposed(
    held: dict[str, Answer], proposes: dict[str, str]
) -> None:
    after = agreed(CRITERIA, held, proposes)
    for code in "abc":
        before, now = held.get(code, Answer()), after.get(code, Answer())
        assert now.judged == (before.judged or proposes.get(code, ""))
        assert now.help_given == before.help_given
    assert not can_be_recorded(CRITERIA, after, note="Seen.") or len(after) == 3


def test_what_is_no_pass_is_recorded_with_a_note_alone() -> None:
    whole = {"a": MET, "b": NOT_MET, "c": MET}
    assert not can_be_recorded(CRITERIA, whole, note="")
    assert can_be_recorded(CRITERIA, whole, note="Named a neighbour.")
    assert can_be_recorded(CRITERIA, dict.fromkeys("abc", MET), note="")
