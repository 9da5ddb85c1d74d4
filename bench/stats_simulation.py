"""Whether the statistics keep their word: `python bench/stats_simulation.py [RUNS]`, by default
2,000 runs a row, all from one seed. Nothing is timed; docs/explanation/statistics.md says what was
found.

- How often a 95 % interval of a rate holds the true rate of all records, over sizes, rates and how
  much risk has to do with defects; beside it the raw share of the audited records.
- How often a change is found where there is none: by records taken for independent, and by people
  as units.
- How many stable charts show some signal.
- How many of 40 people would be named by their raw rate, and by the shrunk one.
"""

import sys
from datetime import date, timedelta
from math import sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from surehand.stats.comparison import compared
from surehand.stats.estimates import rate
from surehand.stats.intervals import share
from surehand.stats.sampling import Design, inclusion
from surehand.stats.shrinkage import prior, stands_out
from surehand.stats.spc import Better, laney, xmr

SEED = 20261127
Floats = NDArray[np.float64]


class World(NamedTuple):
    """Records of so many authors, so many each; the rate of defects; how much risk has to do with
    them (0: nothing); and a design."""

    authors: int
    each: int
    defects: float
    told_by_risk: float
    design: Design


WORLDS = [
    World(authors, each, defects, told, design)
    for authors, each, design in (
        (40, 25, Design(2, 60)),
        (100, 100, Design(2, 150)),
        (12, 20, Design(2, 20)),
        (45, 12, Design(1, 0)),
    )
    for defects in (0.02, 0.1, 0.3)
    for told in (0.0, 0.7, 1.5)
    # Risk matters only where stage B draws by it.
    if design.by_risk or not told
]


class Kept(NamedTuple):
    """What is true, how often each interval held it, how wide they were, records audited."""

    true: float
    held: float
    raw: float
    width: float
    audited: float


def records(world: World, dice: np.random.Generator) -> tuple[NDArray[np.int64], Floats, Floats]:
    """Stratum, risk and defect (0 or 1) of each record. Records of one author are alike."""
    stratum = np.repeat(np.arange(world.authors), world.each)
    risk = np.exp(dice.normal(0, 1, len(stratum)))
    odds = np.log(world.defects / (1 - world.defects)) + dice.normal(0, 0.7, world.authors)[stratum]
    chance = 1 / (1 + np.exp(-(odds + world.told_by_risk * np.log(risk))))
    return stratum, risk, (dice.random(len(stratum)) < chance).astype(float)


def drawn(
    stratum: NDArray[np.int64], b: Floats, design: Design, dice: np.random.Generator
) -> NDArray[np.bool_]:
    """What `sampling.draw` does, with numbers from a generator instead of a hash (which is slow
    over thousands of runs). Strata are of equal size and in order."""
    number = dice.random((stratum.max() + 1, np.count_nonzero(stratum == 0)))
    covered = number.argsort(axis=1).argsort(axis=1) < design.coverage
    return covered.ravel() | (dice.random(len(stratum)) < b)


def coverage(world: World, runs: int, dice: np.random.Generator) -> Kept:
    stratum, risk, y = records(world, dice)
    likely = inclusion(stratum, risk, design=world.design)
    true = float(y.mean())
    held = raw = audited = 0
    width = 0.0
    for _ in range(runs):
        chosen = drawn(stratum, likely.b, world.design, dice)
        found = rate(y[chosen], likely.pi[chosen])
        assert found
        plain = share(int(y[chosen].sum()), found.n)
        held += found.low <= true <= found.high
        raw += plain.low <= true <= plain.high
        width += found.high - found.low
        audited += found.n
    return Kept(true, held / runs, raw / runs, width / runs, audited / runs)


def no_change(
    staff: int, differing: float, runs: int, dice: np.random.Generator
) -> tuple[float, float]:
    """How often records taken for independent, and people as units, show a change that is none.
    People differ from each other, and each a little from period to period."""
    naive = clustered = 0
    for _ in range(runs):
        of_person = dice.normal(0, differing, staff)
        people, afters, found = [], [], []
        for after in (False, True):
            each = dice.integers(2, 16, staff)
            odds = np.log(0.2 / 0.8) + of_person + dice.normal(0, differing / 2, staff)
            person = np.repeat(np.arange(staff), each)
            people.append(person)
            afters.append(np.full(len(person), after))
            found.append(dice.random(len(person)) < 1 / (1 + np.exp(-odds[person])))
        person, after_, y = map(np.concatenate, (people, afters, found))
        pi = dice.choice([0.1, 0.2, 0.3], len(y))
        _, _, gap = compared(person, after_, y.astype(float), pi)
        clustered += not gap.low <= 0 <= gap.high
        p, n = y.mean(), np.bincount(after_.astype(int))
        spread = 1.96 * sqrt(p * (1 - p) * (1 / n[0] + 1 / n[1]))
        naive += abs(y[after_].mean() - y[~after_].mean()) > spread
    return naive / runs, clustered / runs


def signals(points: int, runs: int, dice: np.random.Generator) -> tuple[float, float]:
    """The share of stable charts that show some signal: of measurements, and of shares."""
    days = [date(2026, 1, 5) + timedelta(weeks=n) for n in range(points)]
    measured = shares = 0
    for _ in range(runs):
        chart = xmr(zip(days, dice.normal(10, 2, points), strict=True), better=Better.DECREASE)
        measured += any(point.special_cause for point in chart.points)
        of = dice.integers(60, 140, points)
        chart = laney(zip(days, dice.binomial(of, 0.12), of, strict=True), better=Better.DECREASE)
        shares += any(point.special_cause for point in chart.points)
    return measured / runs, shares / runs


def named(runs: int, dice: np.random.Generator) -> tuple[float, float, float]:
    """Of 40 people with 10 records each, 4 of whom have a rate of 35 % and the others 8 %: how many
    of the others a raw rate above 20 % and a shrunk one name, and how many of the 4 the shrunk."""
    true = np.array([0.35] * 4 + [0.08] * 36)
    raw = wrong = right = 0
    for _ in range(runs):
        x = dice.binomial(10, true)
        known = prior(x, [10] * 40)
        said = [stands_out(0.2, int(one), 10, known) for one in x]
        raw += int((x[4:] > 2).sum())
        right += sum(said[:4])
        wrong += sum(said[4:])
    return raw / runs, wrong / runs, right / runs


def main(runs: int = 2_000) -> None:
    dice = np.random.default_rng(SEED)
    print("95 % intervals of a rate: records, of which audited; true rate; held; raw held; width")
    for world in WORLDS:
        kept = coverage(world, runs, dice)
        many, tells = world.authors * world.each, world.told_by_risk
        print(
            f"{many:7,} {kept.audited:5.0f}  risk tells {tells:.1f}  {kept.true:.3f}"
            f"  {kept.held:.3f}  {kept.raw:.3f}  {kept.width:.3f}"
        )
    print(
        "A change found where there is none: staff, how they differ; independent; people as units"
    )
    for staff in (6, 12, 38):
        for differing in (0.5, 1.2):
            naive, clustered = no_change(staff, differing, runs, dice)
            print(f"{staff:5} {differing:.1f}  {naive:.3f}  {clustered:.3f}")
    print("Stable charts with some signal: points; measurements; shares")
    for points in (12, 24, 52):
        measured, shares = signals(points, runs, dice)
        print(f"{points:5}  {measured:.3f}  {shares:.3f}")
    raw, wrong, right = named(runs, dice)
    print(
        f"Of 36 like people named: raw {raw:.2f}, shrunk {wrong:.3f}; of 4 worse ones {right:.2f}"
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
