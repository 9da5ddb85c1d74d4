"""How records are selected: the pure design, and what a seed draws."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surehand.audits.selection import LEVELS, RISKS, WHY, Design, Frame, select, size
from surehand.stats import sampling


@st.composite
def designs(draw: Any) -> Design:
    twice = draw(st.integers(0, 100))
    return Design(
        coverage=draw(st.integers(1, 4)),
        more=draw(st.integers(0, 40)),
        twice=twice,
        blind=draw(st.integers(twice, 100)),
        **{risk: draw(st.integers(0, len(LEVELS) - 1)) for risk in RISKS},
    )


@st.composite
def frames(draw: Any) -> Frame:
    ids = draw(st.lists(st.text(min_size=1, max_size=8), min_size=1, max_size=60, unique=True))
    n = len(ids)
    strata = draw(st.lists(st.integers(0, 5), min_size=n, max_size=n))
    risks = draw(st.lists(st.integers(0, 31), min_size=n, max_size=n))
    return Frame(ids, np.array(strata, dtype=np.int64), np.array(risks, dtype=np.uint8))


@given(designs(), frames(), st.text(max_size=10))
@settings(max_examples=60, deadline=None)
def test_a_seed_draws_the_same_records_again_from_what_is_kept(
    design: Design, frame: Frame, seed: str
) -> None:
    first = select(frame, design=design, seed=seed)
    kept = Frame.of(frame.as_bytes())
    assert select(kept, design=Design.of(design.as_json()), seed=seed) == first
    assert [frame.ids[one.row] for one in first] == [one.id for one in first]
    assert all(0 < one.pi <= 1 and one.why and set(one.why) <= set(WHY) for one in first)
    assert all(one.blind for one in first if one.twice)
    strata = {int(frame.strata[one.row]) for one in first}
    assert strata == set(frame.strata.tolist())  # every author and record type
    for stratum in strata:
        there = int((frame.strata == stratum).sum())
        taken = sum("coverage" in one.why and frame.strata[one.row] == stratum for one in first)
        assert taken == min(design.coverage, there)


@given(designs(), frames())
@settings(max_examples=40, deadline=None)
def test_the_size_shown_is_what_is_drawn_on_average(design: Design, frame: Frame) -> None:
    shown = size(frame, design=design)
    trials = [len(select(frame, design=design, seed=str(n))) for n in range(40)]
    likely = sampling.inclusion(frame.strata, frame.risk(design), design=design.drawn).pi
    spread = float(np.sqrt((likely * (1 - likely)).sum() / len(trials)))
    assert abs(np.mean(trials) - shown.chosen) <= 0.5 + 5 * spread
    assert shown.every == (shown.chosen == len(frame))


def test_each_risk_makes_a_record_likelier_by_its_level_alone() -> None:
    frame = Frame(
        [str(n) for n in range(4)],
        np.zeros(4, dtype=np.int64),
        np.array([0b00000, 0b00001, 0b00100, 0b00101], dtype=np.uint8),
    )
    design = Design(signal=3, night=1, new_starter=0)
    assert frame.risk(design).tolist() == [1.0, 4.0, 1.5, 6.0]
    assert frame.risk(Design(**dict.fromkeys(RISKS, 0))).tolist() == [1.0] * 4


def test_why_says_only_what_weighed() -> None:
    ids = [str(n) for n in range(30)]
    frame = Frame(ids, np.zeros(30, dtype=np.int64), np.full(30, 0b00101, dtype=np.uint8))
    design = Design(coverage=1, more=30, signal=0, night=1)
    said = {one.why for one in select(frame, design=design, seed="a")}
    assert said == {("more", "night"), ("coverage", "more", "night")}


@pytest.mark.parametrize(
    ("n", "design", "said"),
    [
        (0, Design(), "There is no record to select from."),
        (10, Design(coverage=3, more=0), "About 3 of 10 records would be checked: too few to tell"),
        (30, Design(coverage=40), "All 30 records would be checked, so the rate is exact."),
        (400, Design(coverage=96, more=0, twice=0, blind=0), "With about 96 of 400 records"),
    ],
)
def test_the_size_is_said_with_what_it_buys(n: int, design: Design, said: str) -> None:
    frame = Frame(
        [str(i) for i in range(n)], np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.uint8)
    )
    assert size(frame, design=design).in_words().startswith(said)


def test_96_of_very_many_know_a_rate_to_within_8_points() -> None:
    frame = Frame(
        [str(i) for i in range(100_000)],
        np.zeros(100_000, dtype=np.int64),
        np.zeros(100_000, dtype=np.uint8),
    )
    shown = size(frame, design=Design(coverage=96, more=0)).in_words()
    assert shown.endswith("a rate of 80% is known to within ± 8 points.")


@pytest.mark.parametrize(
    "wrong",
    [
        {"coverage": 0},
        {"more": -1},
        {"signal": 4},
        {"night": -1},
        {"twice": 30, "blind": 20},
        {"blind": 101},
        {"coverage": 1.5},
        {"surprise": 1},
    ],
)
def test_what_is_no_design_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        Design.of(wrong)
