"""How far two people who audited the same records, blind to each other, agree."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from surehand.stats.estimates import MINIMUM
from surehand.stats.intervals import Interval, share

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Agreement:
    """Of `n` records audited twice: the share on which both said the same, and that share less
    what chance would bring, where 1 is full agreement and 0 no more than chance: Cohen's κ, and
    Gwet's AC1, which stays steady where nearly all records meet a check and κ falls to nothing.
    κ is None where chance alone would bring full agreement (both gave one and the same answer
    throughout). `too_few`: do not show it."""

    n: int
    same: Interval
    kappa: Interval | None
    ac1: Interval
    too_few: bool


def agreement(
    pairs: Iterable[tuple[Hashable, Hashable]],
    answers: Sequence[Hashable],
    *,
    minimum: int = MINIMUM,
) -> Agreement | None:
    """The agreement of the pairs of answers to one criterion, of all `answers` that could be given
    (AC1 depends on how many there are). None when there is no pair. Raises ValueError for fewer
    than two possible answers and for an answer that is none of them.

    κ: Cohen, Educational and Psychological Measurement 20, 1960; its variance: Fleiss, Cohen and
    Everitt, Psychological Bulletin 72, 1969. AC1 and its variance: Gwet, British Journal of
    Mathematical and Statistical Psychology 61, 2008. Intervals are of Student's t with n − 1
    degrees of freedom, as in Gwet's package irrCAC. Where all agree the variance is 0, which would
    promise too much: the lower end is then that of the Wilson interval of the share."""
    if len(set(answers)) < 2:
        raise ValueError("There are at least two answers to a criterion.")
    place = {answer: n for n, answer in enumerate(dict.fromkeys(answers))}
    table = np.zeros((len(place), len(place)))
    for first, second in pairs:
        for answer in (first, second):
            if answer not in place:
                raise ValueError(f"“{answer}” is no answer to this criterion.")
        table[place[first], place[second]] += 1
    n = int(table.sum())
    if n == 0:
        return None
    p = table / n
    same = share(round(float(np.trace(table))), n)
    each = (p.sum(axis=0) + p.sum(axis=1)) / 2  # how often each answer was given
    by_chance = float(p.sum(axis=0) @ p.sum(axis=1))
    kappa = None
    if by_chance < 1 - 1e-12:
        weights = (p.sum(axis=0)[:, None] + p.sum(axis=1)[None, :]) / 2
        kappa = _coefficient(p, n, same, by_chance, each, weights)
    q = len(place)
    by_chance = float((each * (1 - each)).sum()) / (q - 1)
    weights = (1 - (each[:, None] + each[None, :]) / 2) / (q - 1)
    ac1 = _coefficient(p, n, same, by_chance, (1 - each) / (q - 1), weights)
    return Agreement(n, same, kappa, ac1, n < minimum)


def _coefficient(
    p: Floats, n: int, same: Interval, by_chance: float, diagonal: Floats, weights: Floats
) -> Interval:
    """The share of agreement less that by chance, and its interval by the delta method, which has
    one form for both coefficients: `diagonal` and `weights` are how the agreement by chance moves
    with a pair of equal answers, and with any pair."""
    left = 1 - by_chance
    value = (same.value - by_chance) / left
    if same.value == 1:
        return Interval((same.low - by_chance) / left, 1.0, 1.0)
    missed = 1 - value
    v = (
        same.value * (1 - same.value)
        - 4 * missed * (float(np.diag(p) @ diagonal) - same.value * by_chance)
        + 4 * missed**2 * (float((p * weights**2).sum()) - by_chance**2)
    ) / (n * left**2)
    if n < 2:
        return Interval(-1.0, value, 1.0)
    # Loaded when it is first needed, as in `intervals`.
    from scipy.special import stdtrit

    spread = float(stdtrit(n - 1, 0.975)) * sqrt(max(v, 0.0))
    return Interval(max(-1.0, value - spread), value, min(1.0, value + spread))
