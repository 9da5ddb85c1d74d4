"""How long it takes to say who wrote live records without being cleared, on shift or known:
`python bench/reconcile.py [RECORDS] [POSTS]`, by default 1,000,000 records and 20,000 posts.

The way of the product (records in batches of columns, each looked up in what held when) against
nested loops (for each record every account link, post, span and shift, in the plainest way), in the
same run and over the same records: both are run whole at a size that both can bear, and must say
the same; the product is then run alone at the size asked for. Rows are made beforehand: what a
database takes to hand them over is in neither.
"""

import random
import resource
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from time import perf_counter

import numpy as np

from surehand.assurance import reconciliation as rules
from surehand.assurance.reconciliation import GRACE, HANDED_IN, NOTHING, Finding, Why
from surehand.readiness.rules import State
from surehand.readiness.rules.sweep import columns
from surehand.timeline import FOREVER

HOUR = 3_600_000_000
DAY = 24 * HOUR
START = 20_000 * DAY
DAYS = 28
BATCH = 50_000
BOTH = (10_000, 1_000)
"""Records and posts at which nested loops take some seconds."""

Row = tuple[int, ...]


@dataclass(frozen=True)
class Given:
    """What a database would hand over, as rows. Person n holds account n and post n."""

    posts: list[Row]  # place, job role
    links: list[Row]  # account, from, to, human
    spans: list[Row]  # post, since, until, state
    shifts: list[Row]  # place, start, until
    services: int


def place(service: int, human: int) -> int:
    return (service << 32) | human


def provider(posts: int) -> Given:
    """Nine posts in ten are independent; of fifty accounts one is linked to nobody and one shared;
    every second day a shift of 12 hours."""
    dice = random.Random(1)
    services = max(1, posts // 80)
    where = [place(n % services + 1, n + 1) for n in range(posts)]
    links, spans, shifts = [], [], []
    for n in range(posts):
        kind = dice.random()
        if kind > 0.02:
            links.append((n, START - 300 * DAY, FOREVER, 0 if kind < 0.04 else n + 1))
        begins = START - dice.randrange(30, 400) * DAY
        if dice.random() < 0.9:
            spans.append((n, begins, begins + 20 * DAY, State.NOT_READY))
            spans.append((n, begins + 20 * DAY, FOREVER, State.INDEPENDENT))
        else:
            turns = START + dice.randrange(DAYS) * DAY
            spans.append((n, begins, turns, State.NOT_READY))
            spans.append((n, turns, FOREVER, State.AWAITING_SIGN_OFF))
        for day in range(n % 2, DAYS, 2):
            begin = START + day * DAY + dice.choice((7, 19)) * HOUR
            shifts.append((where[n], begin, begin + 12 * HOUR))
    return Given([(at, 1) for at in where], links, spans, shifts, services)


def written(given: Given, count: int) -> Iterator[Row]:
    """Records (service, account, occurred, recorded): nearly all of them on shift, some late."""
    dice = random.Random(2)
    for _ in range(count):
        at, start, _until = given.shifts[dice.randrange(len(given.shifts))]
        occurred = start + int(dice.random() * 12.1 * HOUR)
        late = dice.choice((0, 0, 0, HOUR // 6, 20 * HOUR))
        yield at >> 32, (at & 0xFFFFFFFF) - 1, occurred, occurred + late


def ground(given: Given) -> rules.Ground:
    order = sorted(range(len(given.posts)), key=given.posts.__getitem__)
    row = {post: n for n, post in enumerate(order)}
    at: dict[int, list[tuple[int, int]]] = {}
    for where, start, until in given.shifts:
        at.setdefault(where, []).append((start, until))
    nothing = rules.Held([])
    return rules.Ground(
        posts=rules.Posts(*columns((given.posts[p] for p in order), 2)),
        live=rules.Held((s, START - DAY, FOREVER, 0) for s in range(given.services + 1)),
        holder=rules.Held(given.links),
        state=rules.Held((row[post], *span) for post, *span in given.spans),
        watched=nothing,
        overridden=nothing,
        on_shift=rules.Held(
            (where, *stretch, 0)
            for where, hours in at.items()
            for stretch in rules.with_grace(hours)
        ),
        role=nothing,
        no_live=nothing,
        outage=nothing,
    )


def swept(given: Given, records: Iterator[Row]) -> tuple[np.ndarray, int]:
    """The way of the product: what was found of each record, and how many there were."""
    known = ground(given)
    found = []
    while batch := list(islice(records, BATCH)):
        found.append(rules.judge(rules.Records(*columns(batch, 4)), known).found.astype(np.int8))
    return np.concatenate(found), sum(map(len, found))


def nested(given: Given, records: list[Row]) -> list[int]:
    """The plainest way: for each record look at every link, post, span and shift."""
    found = []
    for service, account, occurred, recorded in records:
        human = NOTHING
        for whose, since, until, who in given.links:
            if whose == account and since <= recorded < until:
                human = who
        if human <= 0:
            found.append(int(Finding.SHARED_SIGN_IN if human == 0 else Finding.UNKNOWN_ACCOUNT))
            continue
        here, said = place(service, human), 0
        on = handed_in = False
        for where, start, until in given.shifts:
            if where == here:
                on |= start - GRACE <= recorded < until + GRACE
                handed_in |= start - GRACE <= occurred < until + GRACE
        if not on and not (handed_in and recorded - occurred <= HANDED_IN):
            said |= Finding.NOT_ON_SHIFT
        why = NOTHING
        for post, (where, _) in enumerate(given.posts):
            if where == here:
                for whose, since, until, state in given.spans:
                    if whose == post and since <= recorded < until:
                        why = max(
                            why, Why.INDEPENDENT if state == State.INDEPENDENT else Why.NOT_READY
                        )
        if why != Why.INDEPENDENT:
            said |= Finding.NOT_CLEARED
        found.append(int(said))
    return found


def main(records: int = 1_000_000, posts: int = 20_000) -> None:
    few, of = BOTH
    given = provider(of)
    rows = list(written(given, few))
    began = perf_counter()
    said, _ = swept(given, iter(rows))
    took = perf_counter() - began
    began = perf_counter()
    expected = nested(given, rows)
    slow = perf_counter() - began
    assert said.tolist() == expected
    print(f"{few:,} records, {of:,} posts: the same found by both in {np.count_nonzero(said):,}")
    print(f"{'the sweep':20} {took * 1000:10.1f} ms")
    print(f"{'nested loops':20} {slow * 1000:10.1f} ms")
    print(f"{'ratio':20} {slow / took:10,.0f}")

    given = provider(posts)
    making = perf_counter()
    for _ in written(given, records):
        pass
    making = perf_counter() - making
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = perf_counter()
    said, count = swept(given, written(given, records))
    took = perf_counter() - began - making
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(f"{count:,} records, {posts:,} posts, {len(given.shifts):,} shifts")
    print(f"{'rows to answers':20} {took:10.2f} s, without making the rows ({making:.1f} s)")
    print(f"{'memory':20} {grown / 1024:+10.0f} MiB at its highest")
    print(f"{'found':20} {np.count_nonzero(said):10,}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
