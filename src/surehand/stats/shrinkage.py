"""What small numbers say of one person or one service, seen beside the others: hardly anything is
said of who was audited little, and nobody stands out by luck."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from surehand.stats.intervals import Interval

LIKE_ONE = 1000.0
"""Records the others count for when nothing shows that people differ at all."""
Z998 = 3.0902323061678132  # 998 of 1,000


@dataclass(frozen=True)
class Prior:
    """What is known of a person before any of their records is audited: the rate of all, `p`,
    which counts as much as `m` audited records."""

    p: float
    m: float


def prior(counts: Sequence[float], totals: Sequence[float]) -> Prior:
    """The prior that people's counts (defects) of totals (records audited) themselves suggest: the
    rate of all, and m = 1/ρ − 1, where ρ is how alike the records of one person are (the analysis
    of variance estimator; Kleinman, JASA 68, 1973; Ridout, Demétrio and Firth, Biometrics 55,
    1999). People who do not differ beyond chance count as one (m = `LIKE_ONE`). Raises ValueError
    when nothing was audited, or a count is not within its total. Counts and totals may be fractions
    (of a weighted rate: rate × n_eff and n_eff)."""
    x, n = _columns(counts, totals)
    p = float(x.sum() / n.sum())
    people, records = len(n), float(n.sum())
    if people < 2 or records <= people or not 0 < p < 1:
        return Prior(p, LIKE_ONE)
    rate = x / n
    between = float((n * (rate - p) ** 2).sum()) / (people - 1)
    within = float((n * rate * (1 - rate)).sum()) / (records - people)
    each = (records - float((n**2).sum()) / records) / (people - 1)
    whole = between + (each - 1) * within
    rho = (between - within) / whole if whole > 0 else 1.0
    if rho <= 0:
        return Prior(p, LIKE_ONE)
    return Prior(p, min(LIKE_ONE, max(1.0, 1 / rho - 1)))


def _columns(counts: Sequence[float], totals: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
    x, n = np.asarray(counts, dtype=np.float64), np.asarray(totals, dtype=np.float64)
    if x.shape != n.shape or not np.all((x >= 0) & (x <= n)):
        raise ValueError("Each count is between 0 and its total.")
    kept = n > 0
    if not kept.any():
        raise ValueError("Nothing was audited.")
    return x[kept], n[kept]


def shrunk(count: float, total: float, prior: Prior) -> Interval:
    """The rate of one person, drawn towards that of all the more the less of theirs was audited:
    the mean and the middle 95 % of Beta(x + pM, n − x + (1 − p)M) (Efron and Morris, JASA 70,
    1975, for the idea)."""
    a, b = _beta(count, total, prior)
    if a == 0 or b == 0:
        return Interval(*[float(b == 0)] * 3)
    # Loaded when it is first needed, as in `intervals`.
    from scipy.special import betaincinv

    return Interval(float(betaincinv(a, b, 0.025)), a / (a + b), float(betaincinv(a, b, 0.975)))


def chance_above(limit: float, count: float, total: float, prior: Prior) -> float:
    """How likely the person's rate is above `limit`: P(θ > limit) of the same Beta."""
    a, b = _beta(count, total, prior)
    if a == 0 or b == 0:
        return float(b == 0 and limit < 1)
    from scipy.special import betainc

    return 1 - float(betainc(a, b, limit))


def stands_out(
    limit: float, count: float, total: float, prior: Prior, *, sure: float = 0.9, least: float = 8
) -> bool:
    """Whether something may be said of one person: at least `least` of their records audited, and
    their rate above `limit` with probability `sure`."""
    return total >= least and chance_above(limit, count, total, prior) >= sure


def _beta(count: float, total: float, prior: Prior) -> tuple[float, float]:
    if not 0 <= count <= total:
        raise ValueError(f"{count} of {total} is no share.")
    return count + prior.p * prior.m, total - count + (1 - prior.p) * prior.m


@dataclass(frozen=True)
class Place:
    """A service in the funnel. `low` and `high`: where 998 of 1,000 services like the others, with
    as many records, would lie. `outside`: 1 above, −1 below, 0 within. None audited: all None."""

    value: float | None
    low: float | None
    high: float | None
    z: float | None
    outside: int


@dataclass(frozen=True)
class Funnel:
    """The rate of all, how much services differ beyond chance (τ, a standard deviation in shares;
    0 when they do not), and each in its place."""

    middle: float
    tau: float
    places: tuple[Place, ...]


def funnel(counts: Sequence[float], totals: Sequence[float], *, winsorised: float = 0.1) -> Funnel:
    """Services beside each other, in the order given, allowing for their differing in ways nobody
    can put right at once: additive over-dispersion, reckoned after the most extreme tenth at each
    end is drawn in, so that a service far out does not hide itself (Spiegelhalter, “Handling
    over-dispersion of performance indicators”, Quality and Safety in Health Care 14, 2005). Raises
    ValueError as `prior`."""
    x, n = _columns(counts, totals)
    middle = float(x.sum() / n.sum())
    one = middle * (1 - middle)
    tau2 = 0.0
    if one > 0 and len(n) > 1:
        z = (x / n - middle) / np.sqrt(one / n)
        z = np.clip(z, *np.quantile(z, [winsorised, 1 - winsorised]))
        w = n / one
        beyond = float((z**2).sum()) - (len(n) - 1)
        tau2 = max(0.0, beyond / float(w.sum() - (w**2).sum() / w.sum()))
    places = []
    for count, total in zip(counts, totals, strict=True):
        if total == 0:
            places.append(Place(None, None, None, None, 0))
            continue
        value, sd = count / total, sqrt(one / total + tau2)
        z_of = (value - middle) / sd if sd > 0 else 0.0
        low, high = max(0.0, middle - Z998 * sd), min(1.0, middle + Z998 * sd)
        places.append(Place(value, low, high, z_of, int(z_of > Z998) - int(z_of < -Z998)))
    return Funnel(middle, sqrt(tau2), tuple(places))
