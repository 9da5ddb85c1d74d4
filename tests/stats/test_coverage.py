"""A small run of the simulation in bench/stats_simulation.py, from a seed of its own: intervals
that promise 95 % hold what they promise, and the plain ways do not."""

import numpy as np
import pytest
from bench.stats_simulation import WORLDS, coverage, no_change


@pytest.mark.parametrize("number", [4, 5, 7])
def test_rates_hold_what_they_promise_and_the_raw_share_does_not(number: int) -> None:
    kept = coverage(WORLDS[number], 800, np.random.default_rng(number))
    assert 0.92 < kept.held < 0.98
    assert kept.raw < 0.9


def test_people_as_units_find_no_change_where_there_is_none() -> None:
    naive, clustered = no_change(12, 1.2, 800, np.random.default_rng(9))
    assert clustered < 0.075
    assert naive > 0.1
