"""What an audited sample says of all the records it was drawn from: rates, totals, differences.

Each record audited counts for the 1/π records it stands for (π: its inclusion probability, stored
before the audit; `surehand.stats.sampling`). The raw share of the audited records is biased, as
those at risk are drawn more often: it is never shown.
"""

from dataclasses import dataclass
from math import inf, sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray

from surehand.stats.intervals import exact, wilson

MINIMUM = 20
"""Records below which a rate is shown as “too few”."""
FEW = 5
"""Records with (or without) a defect below which their variance is itself a guess."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Estimate:
    """A rate, 0 to 1, and where the true one likely lies (95 %). `n` records were audited; as far
    as precision goes they are worth `n_eff` of an endless number. `too_few`: do not show it."""

    value: float
    low: float
    high: float
    n: int
    n_eff: float
    too_few: bool


@dataclass(frozen=True)
class Difference:
    """The second rate less the first, in shares, and where the true one likely lies (95 %)."""

    value: float
    low: float
    high: float
    too_few: bool

    @property
    def clear(self) -> bool:
        """Whether chance alone hardly explains it: enough records, and 0 is not in the interval."""
        return not self.too_few and not self.low <= 0 <= self.high


def rate(y: ArrayLike, pi: ArrayLike, *, minimum: int = MINIMUM) -> Estimate | None:
    """The share of all records for which `y` (true or false of each audited record) holds; of a
    part of them, such as a theme's or those to which a check applies, give only these. None when
    there is none. Raises ValueError unless 0 < π ≤ 1 and both are equally long.

    Hájek's estimator p̂ = Σ(y/π) / Σ(1/π) with the variance of Poisson sampling,
    v = Σ(1 − π)[(y − p̂)/π]² / N̂² (Särndal, Swensson and Wretman, 1992, §5.7 and §7.2);
    n_eff = p̂(1 − p̂)/v; the Wilson interval of p̂ at n_eff. With fewer than `FEW` defects, or
    fewer than `FEW` records without one, the exact interval, and n_eff is then no more than a
    simple random sample of as many records would be worth (Korn and Graubard, Survey Methodology
    24, 1998): v rests on too few. All records audited: nothing is left to chance."""
    found, likely = _columns(y, pi)
    n = len(found)
    if n == 0:
        return None
    weight = 1 / likely
    all_records = float(weight.sum())
    value = float((weight * found).sum()) / all_records
    missed = (1 - likely) * weight**2
    v = float((missed * (found - value) ** 2).sum()) / all_records**2
    if v > 0:
        n_eff = value * (1 - value) / v
    else:  # all alike, or all audited: what it would be if π had nothing to do with y
        n_eff = all_records**2 / float(missed.sum()) if missed.any() else inf
    defects = int(found.sum())
    if min(defects, n - defects) < FEW:
        n_eff = min(n_eff, _of_a_plain_sample(n, all_records))
        interval = exact(min(value, 1.0), n_eff)
    else:
        interval = wilson(min(value, 1.0), n_eff)
    return Estimate(interval.value, interval.low, interval.high, n, n_eff, n < minimum)


def _columns(y: ArrayLike, pi: ArrayLike) -> tuple[Floats, Floats]:
    found, likely = np.asarray(y, dtype=np.float64), np.asarray(pi, dtype=np.float64)
    if found.shape != likely.shape or found.ndim != 1:
        raise ValueError("Each audited record has one answer and one inclusion probability.")
    if not np.all((likely > 0) & (likely <= 1)):
        raise ValueError("An inclusion probability is more than 0 and no more than 1.")
    if not np.all((found == 0) | (found == 1)):
        raise ValueError("Of each audited record it is true or false.")
    return found, likely


def _of_a_plain_sample(n: int, population: float) -> float:
    """What n of so many records, drawn simply at random, are worth (Cochran, 1977, §2.6)."""
    left = population - n
    return n * (population - 1) / left if left > 1e-9 * population else inf


def total(estimate: Estimate, population: int) -> tuple[float, float, float]:
    """Lowest likely, estimated and highest likely number of records, of `population`, for which it
    holds. The size being known, this is steadier than Σ(y/π) (Särndal et al., 1992, §5.7)."""
    return estimate.low * population, estimate.value * population, estimate.high * population


def difference(first: Estimate, second: Estimate) -> Difference:
    """The second rate less the first, of samples drawn apart from each other; of the same people
    before and after, see `surehand.stats.comparison`. The interval puts together how far each rate
    may lie from its own estimate (Newcombe, Statistics in Medicine 17, 1998, p. 873, method 10)."""
    value = second.value - first.value
    return Difference(
        value,
        value - sqrt((second.value - second.low) ** 2 + (first.high - first.value) ** 2),
        value + sqrt((second.high - second.value) ** 2 + (first.value - first.low) ** 2),
        first.too_few or second.too_few,
    )
