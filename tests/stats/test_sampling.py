"""Records drawn for an audit: who is in, how likely that was, and what a size buys."""

from collections import Counter
from math import inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from surehand.stats.sampling import (
    Design,
    Unit,
    effective_size,
    inclusion,
    none_found,
    numbered,
    precision_of,
    select,
    size_for,
)

units = st.lists(
    st.builds(
        Unit,
        st.text(min_size=1, max_size=6),
        st.integers(0, 4),
        st.just(0.0) | st.floats(0.01, 50),
    ),
    max_size=60,
    unique_by=lambda unit: unit.id,
)
designs = st.builds(Design, st.integers(1, 5), st.floats(0, 30), st.floats(0, 1))


def some(people: int = 6, each: int = 8) -> list[Unit]:
    return [
        Unit(f"r{person}-{n}", (f"author {person}", "note"), float(n % 4))
        for person in range(people)
        for n in range(each)
    ]


@given(units, designs)
def test_every_stratum_is_covered_and_every_probability_is_said(
    given_units: list[Unit], design: Design
) -> None:
    chosen = select(given_units, design=design, seed="s")
    of = {unit.id: unit for unit in given_units}
    assert len({one.id for one in chosen}) == len(chosen)
    assert all(0 < one.pi <= 1 and (one.for_coverage or one.for_risk) for one in chosen)
    many = Counter(unit.stratum for unit in given_units)
    covered = Counter(of[one.id].stratum for one in chosen if one.for_coverage)
    assert covered == {s: min(n, design.coverage) for s, n in many.items()}
    assert sum(one.twice for one in chosen) == -(-len(chosen) * design.twice // 1)


@given(units.flatmap(lambda rows: st.tuples(st.just(rows), st.permutations(rows))), designs)
def test_the_order_of_the_records_does_not_matter(
    orders: tuple[list[Unit], list[Unit]], design: Design
) -> None:
    rows, shuffled = orders
    assert select(rows, design=design, seed="s") == select(shuffled, design=design, seed="s")


@given(units, designs)
def test_probabilities_add_up_to_what_the_design_draws(
    given_units: list[Unit], design: Design
) -> None:
    strata = numbered([unit.stratum for unit in given_units])
    risk = np.array([unit.risk for unit in given_units])
    likely = inclusion(strata, risk, design=design)
    assert ((likely.pi > 0) & (likely.pi <= 1)).all()
    assert likely.pi == pytest.approx(1 - (1 - likely.a) * (1 - likely.b))
    many = Counter(unit.stratum for unit in given_units)
    assert likely.a.sum() == pytest.approx(sum(min(n, design.coverage) for n in many.values()))
    assert likely.b.sum() == pytest.approx(min(design.by_risk, (risk > 0).sum()))
    free = (likely.b < 1) & (risk > 0)
    if free.any():  # proportional, but for those who are certain
        assert (likely.b / np.where(risk > 0, risk, 1))[free] == pytest.approx(
            (likely.b[free] / risk[free])[0]
        )


def test_what_is_drawn_is_pinned_for_ever() -> None:
    """A selection of last year must come out the same, on any machine and version."""
    chosen = select(some(2, 5), design=Design(1, 2.0, 0.3), seed="2026-11 ALDER")
    assert [(one.id, round(one.pi, 6), one.twice) for one in chosen] == [
        ("r1-3", 0.6, False),
        ("r0-2", 0.466667, True),
        ("r0-1", 0.333333, False),
        ("r0-3", 0.6, True),
    ]


def test_another_seed_draws_others_and_a_late_record_moves_nobody() -> None:
    design, records = Design(2, 5.0), some()
    first = {one.id for one in select(records, design=design, seed="one")}
    assert first != {one.id for one in select(records, design=design, seed="two")}
    late = [*records, Unit("late", ("somebody else", "note"), 0.0)]
    assert first == {one.id for one in select(late, design=design, seed="one")} - {"late"}


def test_the_probability_said_is_how_often_a_record_is_drawn() -> None:
    """Brute force: 2,000 seeds. Both stages, and both together, within five standard errors."""
    records, design, times = some(4, 6), Design(2, 6.0), 2_000
    drawn, said = Counter[str](), {}
    for seed in range(times):
        for one in select(records, design=design, seed=str(seed)):
            drawn[one.id] += 1
            said[one.id] = one.pi
    assert len(said) == len(records)
    for one_id, pi in said.items():
        assert abs(drawn[one_id] / times - pi) < 5 * (pi * (1 - pi) / times) ** 0.5
    strata = numbered([unit.stratum for unit in records])
    expected = inclusion(strata, [unit.risk for unit in records], design=design).pi
    assert [said[unit.id] for unit in records] == pytest.approx(expected.tolist())


def test_what_cannot_be_drawn_is_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        select([Unit("a", 1), Unit("a", 2)], design=Design(1), seed="s")
    with pytest.raises(ValueError, match="risk"):
        select([Unit("a", 1, -1.0)], design=Design(1), seed="s")
    with pytest.raises(ValueError, match="At least 1"):
        Design(0)
    with pytest.raises(ValueError, match="share"):
        Design(1, twice=2)
    assert select([], design=Design(1), seed="s") == []


@pytest.mark.parametrize(
    ("half_width", "p", "population", "size"),
    # Cochran's n0/(1 + (n0 − 1)/N) with n0 = z²p(1 − p)/h² says 385, 278, 97, 49: Wilson's interval
    # is a little narrower in the middle.
    [(0.05, 0.5, 10**9, 381), (0.05, 0.5, 1000, 276), (0.1, 0.5, 10**9, 93), (0.1, 0.5, 100, 49)],
)
def test_the_size_that_buys_a_width(
    half_width: float, p: float, population: int, size: int
) -> None:
    assert size_for(half_width, p=p, population=population) == size


@given(st.floats(0.005, 0.4), st.floats(0, 1), st.integers(1, 5000))
def test_a_size_is_the_fewest_that_buy_it(width: float, p: float, population: int) -> None:
    n = size_for(width, p=p, population=population)
    assert precision_of(n, p=p, population=population) <= width
    if n > 1:
        assert precision_of(n - 1, p=p, population=population) > width


def test_all_records_leave_nothing_open_and_weights_cost_precision() -> None:
    assert precision_of(40, population=40) == 0
    assert effective_size([1.0, 1.0]) == inf
    even = effective_size([0.1] * 1000)
    assert even == pytest.approx(100 / 0.9)  # a tenth of them, corrected for the rest
    assert effective_size([0.05] * 500 + [0.15] * 500) < even
    for wrong in (0, 41):
        with pytest.raises(ValueError, match="of 40"):
            precision_of(wrong, population=40)
    with pytest.raises(ValueError, match="width"):
        size_for(0, population=40)


@given(st.integers(1, 2000))
def test_no_defect_in_n_leaves_about_three_in_n(n: int) -> None:
    high = none_found(n)
    assert (1 - high) ** n == pytest.approx(0.05)
    if n >= 30:
        assert high == pytest.approx(3 / n, rel=0.06)


def test_of_no_records_nothing_is_said() -> None:
    with pytest.raises(ValueError, match="nothing"):
        none_found(0)
