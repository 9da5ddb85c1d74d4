"""Rates of all records from the audited ones."""

from math import comb, inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from surehand.stats.estimates import Estimate, difference, rate, total
from surehand.stats.intervals import exact, share, wilson

audited = st.lists(st.tuples(st.booleans(), st.floats(0.01, 1)), min_size=1, max_size=80)


def of(count: int, n: int) -> Estimate:
    found = share(count, n)
    return Estimate(found.value, found.low, found.high, n, n, n < 20)


@given(audited)
def test_a_rate_lies_in_its_interval_and_what_is_not_so_mirrors_it(
    rows: list[tuple[bool, float]],
) -> None:
    y, pi = np.array([row[0] for row in rows]), [row[1] for row in rows]
    found, other = rate(y, pi), rate(~y, pi)
    assert found
    assert other
    assert 0 <= found.low <= found.value <= found.high <= 1
    assert found.value == pytest.approx(1 - other.value)
    assert (found.low, found.high) == pytest.approx((1 - other.high, 1 - other.low), abs=1e-6)
    assert found.n == len(rows)
    assert found.too_few == (len(rows) < 20)


def test_the_figures_of_a_sample_worked_by_hand() -> None:
    """8 records of high risk (π = ½, 6 with a defect), 20 of low (π = 1/10, 5 with one): 16 + 200
    records stand behind them, 12 + 50 with a defect."""
    y = [1] * 6 + [0] * 2 + [1] * 5 + [0] * 15
    pi = [0.5] * 8 + [0.1] * 20
    found = rate(y, pi)
    assert found
    p = 62 / 216
    assert found.value == pytest.approx(p)
    v = (
        0.5 * 4 * (6 * (1 - p) ** 2 + 2 * p**2) + 0.9 * 100 * (5 * (1 - p) ** 2 + 15 * p**2)
    ) / 216**2
    assert found.n_eff == pytest.approx(p * (1 - p) / v)
    assert (found.low, found.high) == pytest.approx(wilson(p, found.n_eff)[::2])
    assert not found.too_few
    assert total(found, 216) == pytest.approx((found.low * 216, 62, found.high * 216))


def test_simply_at_random_it_is_the_ordinary_interval() -> None:
    found = rate([1] * 12 + [0] * 28, [1e-9] * 40)
    assert found
    assert found.n_eff == pytest.approx(40)
    assert (found.low, found.value, found.high) == pytest.approx(share(12, 40))


def test_near_none_it_is_the_exact_interval_of_no_more_than_was_audited() -> None:
    none = rate([0] * 60, [1e-9] * 60)
    assert none
    assert (none.low, none.value) == (0, 0)
    assert none.high == pytest.approx(1 - 0.025 ** (1 / 60))
    # One defect among records drawn for sure: v is next to nothing, and yet 30 say little of 300.
    rare = rate([1] + [0] * 39, [0.95] * 10 + [0.1] * 30)
    assert rare
    assert rare.n_eff < 50
    assert rare.high > 0.08


def test_all_audited_leaves_nothing_to_chance() -> None:
    for y in ([1] * 9 + [0] * 21, [0] * 30):
        found = rate(y, [1.0] * 30)
        assert found
        assert found.n_eff == inf
        assert found.low == found.value == found.high == sum(y) / 30


def test_nothing_audited_is_no_rate_and_bad_input_is_refused() -> None:
    assert rate([], []) is None
    for y, pi in (([1], [0.0]), ([1], [1.1]), ([1, 0], [0.5]), ([2], [0.5])):
        with pytest.raises(ValueError, match=r"record|probability"):
            rate(y, pi)


@given(st.integers(1, 40).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_exact_interval_leaves_a_fortieth_at_each_end(pair: tuple[int, int]) -> None:
    """Against the sums of the binomial it is defined by."""
    count, n = pair
    found = exact(count / n, n)

    def up_to(k: int, p: float) -> float:
        return sum(comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(k + 1))

    if count > 0:
        assert 1 - up_to(count - 1, found.low) == pytest.approx(0.025)
    if count < n:
        assert up_to(count, found.high) == pytest.approx(0.025)


def test_shares_that_cannot_be() -> None:
    for interval in (wilson, exact):
        with pytest.raises(ValueError, match="share"):
            interval(1.2, 10)
        with pytest.raises(ValueError, match="share"):
            interval(0.5, 0)


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    # Newcombe (1998), Statistics in Medicine 17, p. 873, table II, method 10.
    [
        ((48, 80), (56, 70), 0.0524, 0.3339),
        ((3, 10), (9, 10), 0.1705, 0.8090),
        ((2, 7), (6, 7), 0.0582, 0.8062),
        ((0, 29), (5, 56), -0.0381, 0.1926),
        ((0, 20), (0, 10), -0.1611, 0.2775),
        ((0, 10), (10, 10), 0.6075, 1.0),
    ],
)
def test_the_interval_of_a_difference_is_the_published_one(
    first: tuple[int, int], second: tuple[int, int], low: float, high: float
) -> None:
    found = difference(of(*first), of(*second))
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)
    assert found.too_few == (min(first[1], second[1]) < 20)
    assert found.clear == (not found.too_few and low > 0)
