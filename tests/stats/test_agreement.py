"""Two people audit one record: the coefficients and their intervals as published."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surehand.stats.agreement import agreement
from surehand.stats.intervals import share

ANSWERS = ("meets", "partly", "not")
pairs = st.lists(st.tuples(st.sampled_from(ANSWERS), st.sampled_from(ANSWERS)), min_size=1)


def told(table: list[list[int]]) -> list[tuple[int, int]]:
    return [
        (i, j) for i, row in enumerate(table) for j, many in enumerate(row) for _ in range(many)
    ]


def test_the_coefficients_of_gwets_abstractors_are_the_published_ones() -> None:
    """100 records read by two abstractors: the vignette of Gwet's package irrCAC."""
    found = agreement(told([[13, 0, 0], [0, 20, 7], [0, 4, 56]]), range(3))
    assert found
    assert found.kappa
    assert found.same == share(89, 100)
    assert found.kappa.value == pytest.approx(0.7964094, abs=5e-8)
    assert found.kappa[::2] == pytest.approx((0.680, 0.913), abs=5e-4)
    assert (found.kappa.high - found.kappa.low) / 2 / 1.9842169 == pytest.approx(
        0.05891072, abs=5e-8
    )
    assert found.ac1.value == pytest.approx(0.8493305, abs=5e-8)
    assert found.ac1[::2] == pytest.approx((0.764, 0.935), abs=6e-4)
    assert (found.ac1.high - found.ac1.low) / 2 / 1.9842169 == pytest.approx(0.04321747, abs=5e-8)
    assert not found.too_few


def test_where_nearly_all_meet_a_check_kappa_falls_to_nothing_and_ac1_stays() -> None:
    """The paradox of Feinstein and Cicchetti (1990), Gwet's reason for AC1: 118 of 125 the same."""
    found = agreement(told([[118, 5], [2, 0]]), range(2))
    assert found
    assert found.kappa
    assert found.kappa.value == pytest.approx(-0.0234, abs=1e-4)
    assert found.ac1.value == pytest.approx(0.9407, abs=1e-4)


def test_one_answer_throughout_leaves_no_kappa_and_no_false_certainty() -> None:
    found = agreement([("meets", "meets")] * 30, ANSWERS)
    assert found
    assert found.kappa is None
    assert found.ac1.value == found.ac1.high == 1
    assert found.ac1.low == pytest.approx(share(30, 30).low)
    mixed = agreement([("meets", "meets")] * 15 + [("not", "not")] * 15, ANSWERS)
    assert mixed
    assert mixed.kappa
    assert mixed.kappa.value == 1
    assert 0.7 < mixed.kappa.low < 0.9


@settings(max_examples=40)
@given(pairs)
def test_who_is_first_does_not_matter_and_values_lie_in_their_intervals(
    given_pairs: list[tuple[str, str]],
) -> None:
    found = agreement(given_pairs, ANSWERS)
    other = agreement([(b, a) for a, b in given_pairs], ANSWERS)
    assert found
    assert other
    assert found.ac1 == pytest.approx(other.ac1)
    for one, turned in ((found.kappa, other.kappa), (found.ac1, other.ac1)):
        assert (one is None) == (turned is None)
        if one and turned:
            assert one == pytest.approx(turned)
            assert -1 <= one.low <= one.value <= one.high <= 1
    assert found.too_few == (len(given_pairs) < 20)


def test_no_more_than_chance_is_none() -> None:
    found = agreement(list(product(ANSWERS, ANSWERS)) * 10, ANSWERS)
    assert found
    assert found.kappa
    assert found.kappa.value == pytest.approx(0)
    assert found.ac1.value == pytest.approx(0)
    assert found.kappa.low < 0 < found.kappa.high


def test_what_cannot_be_told() -> None:
    assert agreement([], ANSWERS) is None
    with pytest.raises(ValueError, match="two answers"):
        agreement([], ["meets"])
    with pytest.raises(ValueError, match="“good”"):
        agreement([("good", "meets")], ANSWERS)
