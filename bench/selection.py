"""How long it takes to select records for an audit, and to say from it what holds for all of them:
`python bench/selection.py [RECORDS]`, by default 1,000,000.

The way of the product (columns, one hash for each record's own numbers) against the plainest way
(an object for each record, each author's records sorted, one record after another), in the same run
and over the same records: both are run whole and must take records of every author and type, and as
many of them. What a database takes to hand the rows over is in neither.
"""

import random
import resource
import sys
from collections import defaultdict
from math import sqrt
from time import perf_counter

import numpy as np

from surehand.audits.selection import RISKS, Design, Frame, select, size
from surehand.stats.estimates import rate

AUTHORS, TYPES = 400, 14
DESIGN = Design(coverage=2, more=2_000)


def records(count: int) -> Frame:
    """Records by 400 people of 14 kinds; something noticed in one of ten, a third at night."""
    dice = np.random.default_rng(1)
    strata = dice.integers(0, AUTHORS * TYPES, count)
    bits = np.zeros(count, dtype=np.uint8)
    for bit, often in enumerate((0.1, 0.05, 0.33, 0.08, 0.1)):
        bits |= (dice.random(count) < often).astype(np.uint8) << np.uint8(bit)
    return Frame([f"REC-{n:09}" for n in range(count)], strata, bits)


def plainly(rows: list[dict[str, object]], design: Design) -> list[tuple[str, float]]:
    """The id of each record drawn, and how likely it was."""
    dice = random.Random(1)
    strata = defaultdict(list)
    for row in rows:
        strata[row["stratum"]].append(row)
        row["risk"] = 1.0
        for risk, times in zip(RISKS, design.times, strict=True):
            if row[risk]:
                row["risk"] *= times  # type: ignore[operator]
    every = sum(row["risk"] for row in rows)  # type: ignore[misc]
    found = []
    for theirs in strata.values():
        covered = {id(r) for r in dice.sample(theirs, min(design.coverage, len(theirs)))}
        for row in theirs:
            a = min(1.0, design.coverage / len(theirs))
            b = min(1.0, design.more * row["risk"] / every)  # type: ignore[operator]
            if dice.random() < b or id(row) in covered:
                found.append((str(row["id"]), 1 - (1 - a) * (1 - b)))
    dice.shuffle(found)
    return found


def rate_plainly(found: list[tuple[float, bool]]) -> tuple[float, float]:
    """The weighted rate, and its standard error."""
    every = sum(1 / pi for pi, _ in found)
    value = sum(y / pi for pi, y in found) / every
    spread = sum((1 - pi) * ((y - value) / pi) ** 2 for pi, y in found)
    return value, sqrt(spread) / every


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    frame = records(count)
    rows = [
        {"id": one, "stratum": stratum, **{r: bits >> n & 1 for n, r in enumerate(RISKS)}}
        for one, stratum, bits in zip(
            frame.ids, frame.strata.tolist(), frame.risks.tolist(), strict=True
        )
    ]
    begun = perf_counter()
    plain = plainly(rows, DESIGN)
    plain_took = perf_counter() - begun
    del rows
    begun = perf_counter()
    shown = size(frame, design=DESIGN)
    size_took = perf_counter() - begun
    begun = perf_counter()
    drawn = select(frame, design=DESIGN, seed="bench")
    took = perf_counter() - begun
    assert abs(len(drawn) - len(plain)) < 6 * sqrt(DESIGN.more), (len(drawn), len(plain))
    assert abs(len(drawn) - shown.chosen) < 6 * sqrt(DESIGN.more)
    assert len({frame.strata[one.row] for one in drawn}) == len(np.unique(frame.strata))
    print(
        f"selection of {len(drawn):,} from {count:,} records: {took:.2f} s; "
        f"plainly {plain_took:.2f} s, {plain_took / took:.1f}×; size shown in {size_took:.2f} s"
    )
    begun = perf_counter()
    kept = frame.as_bytes()
    assert select(Frame.of(kept), design=DESIGN, seed="bench") == drawn
    print(f"kept in {len(kept) / 2**20:.1f} MiB, drawn again: {perf_counter() - begun:.2f} s")

    dice = np.random.default_rng(2)
    pi = dice.uniform(0.01, 1, count)
    y = dice.random(count) < 0.8
    pairs = list(zip(pi.tolist(), y.tolist(), strict=True))
    begun = perf_counter()
    value, error = rate_plainly(pairs)
    plain_took = perf_counter() - begun
    begun = perf_counter()
    told = rate(y, pi)
    took = perf_counter() - begun
    assert told is not None
    assert abs(told.value - value) < 1e-9
    assert told.low < value - error < value + error < told.high
    print(
        f"estimate of {count:,} checked records: {took * 1000:.0f} ms; "
        f"plainly {plain_took * 1000:.0f} ms, {plain_took / took:.0f}×"
    )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory {peak:.0f} MiB, the plain objects included")


if __name__ == "__main__":
    main()
