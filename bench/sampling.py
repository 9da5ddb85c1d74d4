"""How long it takes to draw records for an audit and to tell rates from what was found:
`python bench/sampling.py [RECORDS]`, by default 1,000,000 records of 20,000 authors.

The way of the product (`surehand.stats`, columns) against the same in plain Python (a dictionary of
strata, a record at a time), in the same run. Both must draw the same records with the same
probabilities and tell the same rates; the ratio is printed last. Rows are made beforehand: what a
database takes to hand them over is in neither.
"""

import random
import resource
import sys
from collections import defaultdict
from hashlib import blake2b
from math import ceil
from time import perf_counter

import numpy as np

from surehand.stats.estimates import rate
from surehand.stats.sampling import Design, draw, numbered

SEED = "bench"
THEMES = 11  # a rate for each

Rows = list[tuple[str, str, float]]  # id, stratum, risk


def rows(records: int) -> Rows:
    dice = random.Random(1)
    authors = max(1, records // 50)
    return [
        (f"r{n:08}", f"a{n % authors}/{n // authors % 3}", dice.choice((1.0, 1.0, 2.0, 4.0)))
        for n in range(records)
    ]


def product(given: Rows, design: Design) -> dict[str, tuple[float, bool]]:
    ids, strata, risk = zip(*given, strict=True)
    drawn = draw(ids, numbered(strata), np.array(risk), design=design, seed=SEED)
    chosen = zip(drawn.rows.tolist(), drawn.pi.tolist(), drawn.twice.tolist(), strict=True)
    return {ids[row]: (pi, twice) for row, pi, twice in chosen}


def plain(given: Rows, design: Design) -> dict[str, tuple[float, bool]]:
    key = blake2b(SEED.encode()).digest()
    numbers = {}
    strata = defaultdict(list)
    for one, stratum, _ in given:
        digest = blake2b(one.encode(), digest_size=32, key=key).digest()
        numbers[one] = [
            (int.from_bytes(digest[at : at + 8], "little") >> 11) / 2**53 for at in (0, 8, 16, 24)
        ]
        strata[stratum].append(one)
    a, covered = {}, set()
    for of in strata.values():
        of.sort(key=lambda one: numbers[one][0])
        covered |= set(of[: design.coverage])
        for one in of:
            a[one] = min(1.0, design.coverage / len(of))
    b = dict.fromkeys(numbers, 0.0)
    free, left = {one: risk for one, _, risk in given if risk > 0}, design.by_risk
    while free:
        total = sum(free.values())
        for one, risk in free.items():
            b[one] = risk * left / total
        over = [one for one in free if b[one] >= 1]
        if not over:
            break
        for one in over:
            b[one] = 1.0
            del free[one]
        left -= len(over)
    chosen = [one for one in numbers if one in covered or numbers[one][1] < b[one]]
    chosen.sort(key=lambda one: numbers[one][3])
    by_third = sorted(chosen, key=lambda one: numbers[one][2])
    twice = set(by_third[: ceil(design.twice * len(chosen))])
    return {one: (1 - (1 - a[one]) * (1 - b[one]), one in twice) for one in chosen}


def plain_rate(y: list[bool], pi: list[float]) -> tuple[float, float]:
    """The rate and n_eff, a record at a time."""
    every = sum(1 / p for p in pi)
    value = sum(found / p for found, p in zip(y, pi, strict=True)) / every
    v = sum((1 - p) * ((found - value) / p) ** 2 for found, p in zip(y, pi, strict=True)) / every**2
    return value, value * (1 - value) / v


def main(records: int = 1_000_000) -> None:
    given = rows(records)
    design = Design(2, records / 20)
    product(given[:1000], design)  # numpy loaded
    began = perf_counter()
    chosen = product(given, design)
    drew = perf_counter() - began
    began = perf_counter()
    expected = plain(given, design)
    drew_plainly = perf_counter() - began
    assert list(chosen) == list(expected)
    assert all(abs(chosen[one][0] - expected[one][0]) < 1e-12 for one in chosen)
    assert [one[1] for one in chosen.values()] == [one[1] for one in expected.values()]

    dice = random.Random(2)
    themes = [[dice.random() < 0.02 * theme for _ in given] for theme in range(1, THEMES + 1)]
    pi = [dice.choice((0.05, 0.2, 0.7)) for _ in given]
    columns, likely = [np.array(y) for y in themes], np.array(pi)
    began = perf_counter()
    found = [rate(y, likely) for y in columns]
    told = perf_counter() - began
    began = perf_counter()
    by_hand = [plain_rate(y, pi) for y in themes]
    told_plainly = perf_counter() - began
    for one, (value, n_eff) in zip(found, by_hand, strict=True):
        assert one
        assert abs(one.value - value) < 1e-9
        assert abs(one.n_eff / n_eff - 1) < 1e-6

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{records:,} records, {len(chosen):,} drawn; peak of both and the rows {peak} MiB")
    print(f"drawing              {drew * 1000:10.0f} ms")
    print(f"… in plain Python    {drew_plainly * 1000:10.0f} ms, ratio {drew_plainly / drew:.1f}")
    print(f"{THEMES} rates of them all {told * 1000:10.0f} ms")
    print(f"… in plain Python    {told_plainly * 1000:10.0f} ms, ratio {told_plainly / told:.1f}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
