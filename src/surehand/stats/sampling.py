"""Which records are audited: drawn by chance, with the probability each had of being drawn.

Two stages, drawn independently of each other. Stage A takes the same number of records, by simple
random sampling, from every stratum (an author's records of one type): coverage. Stage B takes each
record with a probability proportional to its risk (Poisson sampling; Särndal, Swensson and Wretman,
*Model Assisted Survey Sampling*, 1992, §3.5): finds. A record is in when either takes it, so its
inclusion probability is π = 1 − (1 − a)(1 − b), exactly, and rates can be estimated from what was
found (`surehand.stats.estimates`).

Each record's random numbers are its own: a keyed hash of the seed and its id (“permanent random
numbers”; Ohlsson, in *Business Survey Methods*, 1995). So the same seed draws the same records in
whatever order they come and whatever version of Python or numpy is there (numpy keeps the bits of
its generators, but not what it makes of them), and a record that arrives late does not change the
numbers of the others. Who does not know the seed cannot foresee what is drawn.
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from math import ceil, fsum, inf
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from surehand.stats.intervals import wilson

Floats = NDArray[np.float64]
STAGES = 4  # numbers a record has: stage A, stage B, audited twice, its place in the worklist


@dataclass(frozen=True)
class Design:
    """How records are drawn. `coverage`: records of each stratum, at least 1 (all, if it has no
    more), so that every record can be drawn. `by_risk`: how many stage B draws on average.
    `twice`: the share of the drawn ones that two people audit, blind."""

    coverage: int
    by_risk: float = 0.0
    twice: float = 0.1

    def __post_init__(self) -> None:
        if self.coverage < 1:
            raise ValueError("At least 1 record of each author and record type is drawn.")
        if not (0 <= self.by_risk < inf and 0 <= self.twice <= 1):
            raise ValueError("The number drawn by risk is 0 or more, a share between 0 and 1.")


class Unit(NamedTuple):
    """A record that may be drawn. `risk` is 0 or more: one of 2 is twice as likely in stage B as
    one of 1."""

    id: str
    stratum: Hashable
    risk: float = 1.0


class Chosen(NamedTuple):
    """A record drawn: by which stage or stages, how likely that was, and whether it is audited
    twice."""

    id: str
    pi: float
    for_coverage: bool
    for_risk: bool
    twice: bool


class Probabilities(NamedTuple):
    """How likely each record is drawn: in stage A, in stage B, in either."""

    a: Floats
    b: Floats
    pi: Floats


def select(units: Iterable[Unit], *, design: Design, seed: str) -> list[Chosen]:
    """The records drawn, in a random order, so that who stops early has still audited a random
    part. Raises ValueError for a risk below 0 and for an id that is there twice."""
    rows = list(units)
    ids = [unit.id for unit in rows]
    if len(set(ids)) < len(ids):
        raise ValueError("A record is there twice.")
    drawn = draw(
        ids, numbered([u.stratum for u in rows]), [u.risk for u in rows], design=design, seed=seed
    )
    return [
        Chosen(ids[row], pi, a, b, twice)
        for row, pi, a, b, twice in zip(
            drawn.rows.tolist(),
            drawn.pi.tolist(),
            drawn.for_coverage.tolist(),
            drawn.for_risk.tolist(),
            drawn.twice.tolist(),
            strict=True,
        )
    ]


class Drawn(NamedTuple):
    """The records drawn, as columns: the row of each, in the order of the worklist, and the rest
    as in `Chosen`."""

    rows: NDArray[np.int64]
    pi: Floats
    for_coverage: NDArray[np.bool_]
    for_risk: NDArray[np.bool_]
    twice: NDArray[np.bool_]


def draw(
    ids: Sequence[str], strata: ArrayLike, risk: ArrayLike, *, design: Design, seed: str
) -> Drawn:
    """As `select`, of columns: ids (each once), the number of each record's stratum, its risk."""
    stratum = np.asarray(strata, dtype=np.int64)
    likely = inclusion(stratum, risk, design=design)
    numbers = own_numbers(ids, seed=seed)
    covered = _places(stratum, numbers[:, 0]) < design.coverage
    risky = numbers[:, 1] < likely.b
    rows = np.flatnonzero(covered | risky)
    rows = rows[np.argsort(numbers[rows, 3], kind="stable")]
    twice = np.zeros(len(rows), dtype=np.bool_)
    twice[np.argsort(numbers[rows, 2], kind="stable")[: ceil(design.twice * len(rows))]] = True
    return Drawn(rows, likely.pi[rows], covered[rows], risky[rows], twice)


def inclusion(strata: ArrayLike, risk: ArrayLike, *, design: Design) -> Probabilities:
    """How likely each record is drawn. No chance is in it: what a design will take (Σπ on average)
    and buy (`effective_size`) is known before anything is drawn. Raises ValueError for a risk that
    is below 0 or no number."""
    stratum = np.asarray(strata, dtype=np.int64)
    many = np.bincount(stratum) if len(stratum) else np.zeros(0, dtype=np.int64)
    a = np.minimum(1.0, design.coverage / many[stratum])
    b = _proportional(np.asarray(risk, dtype=np.float64), design.by_risk)
    return Probabilities(a, b, 1 - (1 - a) * (1 - b))


def _proportional(risk: Floats, size: float) -> Floats:
    """Probabilities proportional to risk that add up to `size`; where that would be more than 1,
    it is 1 and the others have the rest (Särndal et al., 1992, §3.6.2)."""
    if not np.all((risk >= 0) & np.isfinite(risk)):
        raise ValueError("A risk is a number of 0 or more.")
    share = np.zeros(len(risk))
    if not risk.any():
        return share
    risk = risk / risk.max()
    free = risk > 0
    left = size
    while free.any():
        # An exact sum: the order of the records changes no bit of it.
        share[free] = risk[free] * (left / fsum(risk[free]))
        over = free & (share >= 1)
        if not over.any():
            break
        share[over] = 1.0
        left = max(0.0, left - int(over.sum()))
        free &= ~over
    return share


def _places(stratum: NDArray[np.int64], number: Floats) -> NDArray[np.int64]:
    """The place of each record in its stratum (0 first), by its number."""
    order = np.lexsort((number, stratum))
    ordered = stratum[order]
    first = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if len(ordered) else order
    place = np.arange(len(ordered)) - np.repeat(first, np.diff(np.r_[first, len(ordered)]))
    places = np.empty(len(ordered), dtype=np.int64)
    places[order] = place
    return places


def own_numbers(ids: Sequence[str], *, seed: str) -> Floats:
    """For each id its own numbers, uniform in [0, 1): a row of `STAGES`."""
    start = blake2b(digest_size=8 * STAGES, key=blake2b(seed.encode()).digest())
    digests = []
    for one in ids:
        hashed = start.copy()
        hashed.update(one.encode())
        digests.append(hashed.digest())
    bits = np.frombuffer(b"".join(digests), dtype="<u8").reshape(len(ids), STAGES)
    return (bits >> np.uint64(11)).astype(np.float64) * 2.0**-53  # all that a float can hold


def numbered(strata: Iterable[Hashable]) -> NDArray[np.int64]:
    """The number of each record's stratum, for `draw` and `inclusion`."""
    numbers: dict[Hashable, int] = {}
    return np.array([numbers.setdefault(one, len(numbers)) for one in strata], dtype=np.int64)


def effective_size(pi: ArrayLike) -> float:
    """The simple random sample, from an endless population, that would be as precise as a design
    with these inclusion probabilities (of *all* records), when risk says nothing of defects:
    N² / Σ(1/π − 1), the expected variance of `estimates.rate` turned round. Infinite when every
    record is taken."""
    likely = np.asarray(pi, dtype=np.float64)
    lost = float((1 / likely - 1).sum())
    return len(likely) ** 2 / lost if lost > 0 else inf


def precision_of(n: float, *, p: float = 0.5, population: float = inf) -> float:
    """Half the width of the 95 % (Wilson) interval when n records drawn simply at random from
    `population` are audited and the rate is p. Every record audited: 0. The correction for a
    finite population: Cochran, *Sampling Techniques*, 3rd ed., 1977, §2.6. Raises ValueError
    unless 0 < n ≤ population and 0 ≤ p ≤ 1."""
    if not (0 < n <= population and 0 <= p <= 1):
        raise ValueError(f"{n} of {population} records and a rate of {p} say nothing.")
    if n == population:
        return 0.0
    size = n if population == inf else n * (population - 1) / (population - n)
    found = wilson(p, size)
    return (found.high - found.low) / 2


def size_for(half_width: float, *, p: float = 0.5, population: int) -> int:
    """How many records of `population`, drawn simply at random, buy an interval no wider than
    ± `half_width` at a rate of p: the fewest for which `precision_of` says so. Raises ValueError
    unless half_width > 0 and population ≥ 1."""
    if not (half_width > 0 and population >= 1):
        raise ValueError("A width is more than 0, and there is at least 1 record.")
    low, high = 1, population
    while low < high:
        middle = (low + high) // 2
        if precision_of(middle, p=p, population=population) <= half_width:
            high = middle
        else:
            low = middle + 1
    return low


def none_found(n: int, *, sure: float = 0.95) -> float:
    """The highest rate that n records without a single defect leave possible: 1 − (1 − sure)^(1/n),
    about 3/n (Hanley and Lippman-Hand, “If nothing goes wrong, is everything all right?”, JAMA 249,
    1983). Raises ValueError unless n ≥ 1."""
    if n < 1:
        raise ValueError("Of no records nothing can be said.")
    return float(1 - (1 - sure) ** (1 / n))
