"""Small numbers of one person or service beside the others."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surehand.stats.shrinkage import (
    LIKE_ONE,
    Prior,
    chance_above,
    funnel,
    prior,
    shrunk,
    stands_out,
)

counts = st.integers(0, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
priors = st.builds(Prior, st.floats(0.01, 0.99), st.floats(1, 200))


@given(counts, priors)
def test_a_rate_is_drawn_towards_that_of_all(pair: tuple[int, int], known: Prior) -> None:
    count, total = pair
    found = shrunk(count, total, known)
    assert found.value == pytest.approx((count + known.p * known.m) / (total + known.m))
    assert 0 <= found.low < found.value < found.high <= 1
    if total:
        low, high = sorted((count / total, known.p))
        assert low - 1e-9 <= found.value <= high + 1e-9


@pytest.mark.parametrize(("count", "total"), [(0, 0), (3, 8), (8, 8), (5, 40)])
def test_the_chance_above_a_limit_is_the_area_of_the_posterior(count: int, total: int) -> None:
    """Against the sum of likelihood times prior over a fine grid."""
    known = Prior(0.12, 15)
    theta = (np.arange(200_000) + 0.5) / 200_000
    a, b = known.p * known.m, (1 - known.p) * known.m
    density = theta ** (a - 1 + count) * (1 - theta) ** (b - 1 + total - count)
    density /= density.sum()
    assert chance_above(0.2, count, total, known) == pytest.approx(
        density[theta > 0.2].sum(), abs=1e-4
    )
    found = shrunk(count, total, known)
    assert density[theta < found.low].sum() == pytest.approx(0.025, abs=1e-4)
    assert density[theta > found.high].sum() == pytest.approx(0.025, abs=1e-4)


def test_the_prior_is_what_the_counts_were_made_by() -> None:
    dice = np.random.default_rng(6)
    for p, m in ((0.1, 8.0), (0.3, 30.0)):
        n = dice.integers(5, 40, 4_000)
        found = prior(dice.binomial(n, dice.beta(p * m, (1 - p) * m, len(n))), n)
        assert found.p == pytest.approx(p, rel=0.05)
        assert found.m == pytest.approx(m, rel=0.25)
    alike = prior(dice.binomial(20, 0.1, 4_000), [20] * 4_000)
    assert alike.m > 200


def test_where_nothing_shows_that_people_differ_they_count_as_one() -> None:
    assert prior([0, 0, 0], [10, 10, 10]) == Prior(0, LIKE_ONE)
    assert prior([1, 1], [10, 10]).m == LIKE_ONE
    assert prior([3], [10]).m == LIKE_ONE
    assert shrunk(0, 5, Prior(0, LIKE_ONE)) == (0, 0, 0)
    assert shrunk(5, 5, Prior(1, LIKE_ONE)) == (1, 1, 1)
    assert (chance_above(0.2, 0, 5, Prior(0, 9)), chance_above(0.2, 5, 5, Prior(1, 9))) == (0, 1)


def test_nobody_stands_out_by_luck() -> None:
    """40 people, all at 10 %, 10 records each: a raw rate above 20 % is luck."""
    dice = np.random.default_rng(40)
    raw = said = 0
    for _ in range(200):
        x = dice.binomial(10, 0.1, 40)
        known = prior(x, [10] * 40)
        raw += int((x / 10 > 0.2).sum())
        said += sum(stands_out(0.2, int(one), 10, known) for one in x if one > 2)
    assert raw / 200 > 2
    assert said / 200 < 0.1


def test_whoever_is_far_out_does_stand_out_once_enough_was_audited() -> None:
    known = Prior(0.08, 12)
    assert stands_out(0.2, 12, 20, known)
    assert not stands_out(0.2, 7, 7, Prior(0.08, 2), least=8)
    assert not stands_out(0.2, 3, 10, known)


@settings(max_examples=50)
@given(st.lists(counts, min_size=1, max_size=20).filter(lambda rows: any(n for _, n in rows)))
def test_a_funnel_holds_everybody_in_order(rows: list[tuple[int, int]]) -> None:
    x, n = [row[0] for row in rows], [row[1] for row in rows]
    found = funnel(x, n)
    assert found.middle == pytest.approx(sum(x) / sum(n))
    assert len(found.places) == len(rows)
    for place, total in zip(found.places, n, strict=True):
        if total == 0:
            assert place.value is None
            continue
        assert place.value is not None
        assert place.low is not None
        assert place.high is not None
        assert place.low <= found.middle <= place.high
        if place.outside:
            assert (place.value > place.high - 1e-9) == (place.outside > 0)


def test_services_that_differ_widen_the_funnel_and_one_far_out_is_still_seen() -> None:
    dice = np.random.default_rng(8)
    n = [400] * 30
    alike = dice.binomial(400, 0.1, 30).tolist()
    assert funnel(alike, n).tau < 0.02
    differing = dice.binomial(400, np.clip(dice.normal(0.12, 0.05, 30), 0.01, 1)).tolist()
    wide = funnel(differing, n)
    assert wide.tau == pytest.approx(0.05, abs=0.02)
    assert sum(abs(place.outside) for place in wide.places) <= 1
    plain = [
        abs(x / 400 - wide.middle) > 3.09 * (wide.middle * 0.9 / 400) ** 0.5 for x in differing
    ]
    assert sum(plain) > 5  # without the allowance a fifth would have been “outliers”
    assert funnel([*alike, 160], [*n, 400]).places[-1].outside == 1


def test_what_cannot_be_told() -> None:
    with pytest.raises(ValueError, match="Nothing was audited"):
        prior([0], [0])
    with pytest.raises(ValueError, match="between 0 and its total"):
        funnel([3], [2])
    with pytest.raises(ValueError, match="no share"):
        shrunk(3, 2, Prior(0.1, 5))
