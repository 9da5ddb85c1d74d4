"""What gaps look like: workflow design, training, individual practice, or nobody knows yet."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surehand.audits.cause import (
    _SAID,
    FEWEST_GAPS,
    Known,
    Seen,
    Standing,
    Suggestion,
    Why,
    sentence,
    suggest,
)

FOOD = ("note", "food")
SKIN = ("bodymap", "")


def seen(*people: int | None, place: tuple[str, str] = FOOD, **more: object) -> tuple[Seen, ...]:
    """A gap in a record of each of these people."""
    return tuple(
        Seen(number, place, "complete", person, **more)  # type: ignore[arg-type]
        for number, person in enumerate(people)
    )


CASES: dict[str, tuple[Known, Why]] = {
    "three competent people miss one step in one place": (Known(seen(1, 2, 3)), Why.WORKFLOW),
    "in three places it is not one step": (
        Known(seen(1) + seen(2, place=SKIN) + seen(3, place=("task", ""))),
        Why.UNSURE,
    ),
    "three people are stuck on it": (Known(seen(1, 1, 2), asked=3, questions=3), Why.WORKFLOW),
    "one person asked three times": (Known(seen(1, 1, 2), asked=1, questions=3), Why.UNSURE),
    "all are new": (Known(seen(1, 2, 3, new=True)), Why.TRAINING),
    "all come from an agency": (Known(seen(1, 2, 3, agency=True)), Why.TRAINING),
    "nobody had passed": (Known(seen(1, 2, 3, standing=Standing.NEVER)), Why.TRAINING),
    "the pass of one had run out": (Known(seen(1, 1, 1, standing=Standing.EXPIRED)), Why.TRAINING),
    "they missed it in practice": (Known(seen(1, 1, 2), tried=4, missed=2), Why.TRAINING),
    "two who practised are too few": (Known(seen(1, 1, 2), tried=2, missed=2), Why.UNSURE),
    "one person, while others manage": (
        Known(seen(1, 1, 1), without={FOOD: {2, 3, 4}}),
        Why.PRACTICE,
    ),
    "one person, and too few others were looked at": (
        Known(seen(1, 1, 1), without={FOOD: {2, 3}}),
        Why.UNSURE,
    ),
    "others manage elsewhere": (Known(seen(1, 1, 1), without={SKIN: {2, 3, 4}}), Why.UNSURE),
    "one person who says they are not sure": (
        Known(seen(1, 1, 1), without={FOOD: {2, 3, 4}}, sure={1: 2}),
        Why.UNSURE,
    ),
    "two people are not one": (Known(seen(1, 1, 2), without={FOOD: {3, 4, 5}}), Why.UNSURE),
    "two gaps are too few, whoever has them": (
        Known(seen(1, 1), without={FOOD: {2, 3, 4}}),
        Why.UNSURE,
    ),
    "who wrote them is not known": (Known(seen(None, None, None)), Why.UNSURE),
}


@pytest.mark.parametrize("name", CASES)
def test_what_gaps_look_like(name: str) -> None:
    known, why = CASES[name]
    found = suggest(known)
    assert found.why is why
    assert (found.person is not None) == (why is Why.PRACTICE)
    assert why is Why.UNSURE or found.for_it, "nothing speaks for it"
    for reason in found.reasons:
        assert sentence(reason, where="Food")[-1] == "."


def test_supports_that_did_not_help_speak_for_individual_practice() -> None:
    known = Known(seen(1, 1, 1, supports=2), without={FOOD: {2, 3, 4}}, sure={1: 5})
    found = suggest(known)
    assert {r.code for r in found.for_it} == {"others_manage", "after_pass", "supports", "sure"}
    assert "It came again after 2 support actions on it." in [sentence(r) for r in found.for_it]


def test_one_record_is_told_as_one() -> None:
    said = [sentence(each) for each in suggest(Known(seen(1))).reasons]
    assert "It is in a record of one person, written after the check was passed." in said


GAPS = st.lists(
    st.builds(
        Seen,
        gap=st.integers(0, 99),
        place=st.sampled_from([FOOD, SKIN]),
        criterion=st.sampled_from(["complete", "timely"]),
        person=st.none() | st.integers(1, 6),
        standing=st.sampled_from(Standing),
        agency=st.booleans(),
        new=st.booleans(),
        supports=st.integers(0, 3),
    ),
    max_size=12,
).map(tuple)
KNOWN = st.builds(
    lambda seen, without, goes, asked, sure: Known(
        seen, without, max(goes), min(goes), asked, asked * 2, sure
    ),
    GAPS,
    st.dictionaries(st.sampled_from([FOOD, SKIN]), st.frozensets(st.integers(1, 9))),
    st.tuples(st.integers(0, 9), st.integers(0, 9)),
    st.integers(0, 5),
    st.dictionaries(st.integers(1, 6), st.integers(1, 5)),
)


@given(KNOWN)
def test_r14_individual_practice_is_never_suggested_of_the_unprepared_or_of_several(
    known: Known,
) -> None:
    found = suggest(known)
    if found.why is Why.PRACTICE:
        assert {gap.person for gap in known.seen} == {found.person}
        assert all(gap.prepared for gap in known.seen)
        assert len(known.seen) >= FEWEST_GAPS
    if found.why is not Why.UNSURE:
        assert found.for_it
        # One gap fewer in each record is no stronger reason.
        assert suggest(replace(known, seen=known.seen[: FEWEST_GAPS - 1])).why is Why.UNSURE


@given(KNOWN)
def test_a_suggestion_is_kept_as_codes_and_read_again_the_same(known: Known) -> None:
    found = suggest(known)
    again = Suggestion.from_json(found.as_json())
    assert (again.why, again.reasons, again.person) == (found.why, found.reasons, None)
    assert {sentence(r) for r in again.reasons} == {sentence(r) for r in found.reasons}
    assert {r.code for r in found.reasons} <= set(_SAID)
