"""Before and after, by the same staff."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from surehand.stats.comparison import (
    CHOSEN_AS_WORST,
    Audited,
    Verdict,
    before_and_after,
    compared,
)
from surehand.stats.estimates import difference

rows = st.lists(
    st.builds(Audited, st.integers(0, 5), st.booleans(), st.booleans(), st.floats(0.05, 1)),
    max_size=60,
)


def team(before: list[int], after: list[int], each: int, pi: float = 0.2) -> list[Audited]:
    """For each person so many defects before and after, of `each` records."""
    return [
        Audited(person, later, n < defects, pi)
        for later, counts in ((False, before), (True, after))
        for person, defects in enumerate(counts)
        for n in range(each)
    ]


def test_of_equal_numbers_it_is_the_paired_t_of_the_peoples_differences() -> None:
    before, after = [5, 6, 4, 7, 5, 8], [3, 2, 4, 3, 1, 4]
    found = before_and_after(team(before, after, 10))
    assert found
    d = (np.array(after) - np.array(before)) / 10
    se = d.std(ddof=1) / 6**0.5
    assert found.difference.value == pytest.approx(d.mean())
    assert found.difference.low == pytest.approx(d.mean() - 2.570582 * se, abs=1e-6)
    assert found.difference.high == pytest.approx(d.mean() + 2.570582 * se, abs=1e-6)
    assert (found.staff, found.before.n, found.after.n, found.left_out) == (6, 60, 60, 0)
    assert found.verdict is Verdict.FEWER
    assert found.sentence == "30.0 points fewer (likely between 12.4 and 47.6)."


def test_only_those_in_both_periods_count() -> None:
    records = team([5, 6, 4, 7, 5], [3, 2, 4, 3, 1], 10)
    more = [*records, *[Audited("new", True, True, 0.2)] * 30, Audited("left", False, True, 0.2)]
    found, alone = before_and_after(more), before_and_after(records)
    assert found
    assert alone
    assert found.difference == alone.difference
    assert (found.staff, found.left_out) == (5, 31)
    assert before_and_after([Audited("a", False, True, 0.5), Audited("b", True, True, 0.5)]) is None
    assert before_and_after([]) is None


@given(rows)
def test_turned_round_it_is_the_other_way_and_lies_in_its_interval(records: list[Audited]) -> None:
    found = before_and_after(records)
    turned = before_and_after(one._replace(after=not one.after) for one in records)
    assert (found is None) == (turned is None)
    if found and turned:
        d, other = found.difference, turned.difference
        assert -1 <= d.low <= d.value <= d.high <= 1
        assert (d.low, d.value) == pytest.approx((-other.high, -other.value), abs=1e-9)
        for one in (found.before, found.after):
            assert 0 <= one.low <= one.value <= one.high <= 1
        assert found.difference.too_few == (
            found.staff < 5 or min(found.before.n, found.after.n) < 20
        )


def test_rates_are_weighted() -> None:
    records = [
        *team([4] * 6, [4] * 6, 8, pi=0.8),
        *(
            Audited(person, later, False, 0.1)
            for person in range(6)
            for later in (False, True)
            for _ in range(4)
        ),
    ]
    found = before_and_after(records)
    assert found
    # 4 of 8 stand for 5 of 10, beside 40 without a defect.
    assert found.before.value == pytest.approx(5 / 50)


def test_rare_defects_do_not_make_certain_of_nothing() -> None:
    found = before_and_after(team([0] * 6, [0] * 6, 10))
    assert found
    assert found.difference.low < -0.04
    assert found.difference.high > 0.04
    assert found.difference == difference(found.before, found.after)
    assert found.verdict is Verdict.COULD_BE_CHANCE
    assert found.sentence == "Could be chance."


def test_too_few_is_said() -> None:
    for records in (team([3] * 4, [0] * 4, 10), team([2] * 6, [0] * 6, 3), team([9], [0], 30)):
        found = before_and_after(records)
        assert found
        assert found.verdict is Verdict.TOO_FEW
        assert found.sentence == "Too few to tell."


def test_looking_again_widens_and_the_worst_come_with_a_warning() -> None:
    records = team([5, 6, 4, 7, 5, 8], [3, 2, 4, 3, 1, 4], 10)
    once, often = (
        before_and_after(records),
        before_and_after(records, looks=4, chosen_as_worst=True),
    )
    assert once
    assert often
    assert often.difference.low < once.difference.low
    assert often.difference.high > once.difference.high
    assert once.warnings == ()
    assert often.warnings[0] == CHOSEN_AS_WORST
    assert "one of 4 planned looks" in often.warnings[1]
    with pytest.raises(ValueError, match="one look"):
        before_and_after(records, looks=0)
    with pytest.raises(ValueError, match="probability"):
        before_and_after([one._replace(pi=0) for one in records])


def test_the_jackknife_is_what_leaving_each_out_by_hand_gives() -> None:
    dice = np.random.default_rng(4)
    staff = np.repeat(np.arange(8), 10)
    after = np.tile([False, True], 40)
    y, pi = (dice.random(80) < 0.4) * 1.0, dice.uniform(0.1, 0.9, 80)

    def gap(kept: np.ndarray) -> float:
        rates = [np.average(y[kept & p], weights=1 / pi[kept & p]) for p in (~after, after)]
        return float(rates[1] - rates[0])

    without = np.array([gap(staff != person) for person in range(8)])
    v = 7 / 8 * ((without - gap(staff >= 0)) ** 2).sum()
    _, _, found = compared(staff, after, y, pi)
    assert (found.high - found.low) / 2 == pytest.approx(2.364624 * v**0.5, abs=1e-6)
