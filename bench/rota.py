"""How long the rota check takes: `python bench/rota.py [POSTS] [SHIFTS]`, by default 20,000 posts
in 250 services and 140,000 shifts of 14 days.

The way of the product (one sweep settles the shifts of those who are plainly independent; only the
rest is judged one by one) against nested loops (for each shift, every post, every span, in the
plainest way), in the same run. Both must say the same. Nested loops are timed over some of the
shifts and the time is scaled; the ratio is printed last.
"""

import random
import sys
from collections import defaultdict
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from surehand.readiness import rules
from surehand.readiness.rules import State, sweep
from surehand.timeline import FOREVER, Instant, Span

HOUR = 3_600_000_000
DAY = 24 * HOUR
SERVICES = 250
SAMPLE = 200


@dataclass(frozen=True)
class Rota:
    """What a database would hand over, as rows."""

    posts: list[tuple[int, int]]  # service, person
    spans: list[list[Span]]  # by post
    permissions: dict[int, list[rules.Permission]]  # by post
    shifts: list[tuple[int, int, Instant, Instant]]  # service, person, start, until


def rota(posts: int, shifts: int) -> Rota:
    """Nine posts in ten are independent; of the rest, half are under a permission."""
    dice = random.Random(1)
    start = 2_000 * 365 * DAY // 100
    people = [(n % SERVICES, n) for n in range(posts)]
    spans: list[list[Span]] = []
    permissions: dict[int, list[rules.Permission]] = {}
    for n, (service, _) in enumerate(people):
        begins = start - dice.randrange(30, 400) * DAY
        if dice.random() < 0.9:
            signed = begins + 20 * DAY
            spans.append(
                [
                    Span(begins, signed, State.NOT_READY),
                    Span(signed, FOREVER, State.INDEPENDENT),
                ]
            )
        elif dice.random() < 0.5:
            named = frozenset(
                service + SERVICES * dice.randrange(posts // SERVICES) for _ in range(3)
            )
            at, until = start - DAY, start + 20 * DAY
            permissions[n] = [
                rules.Permission(at, until, frozenset({1}), named, frozenset(), None, n)
            ]
            spans.append(
                [
                    Span(begins, at, State.NOT_READY),
                    Span(at, until, State.SUPERVISED),
                    Span(until, FOREVER, State.NOT_READY),
                ]
            )
        else:
            spans.append([Span(begins, FOREVER, State.NOT_READY)])
    rows = []
    for n in range(shifts):
        service, person = people[n % posts]
        begins = start + (n // posts * 2 + n % 2) * DAY + dice.choice((7, 14, 20)) * HOUR
        rows.append((service, person, begins, begins + dice.choice((8, 12)) * HOUR))
    return Rota(people, spans, permissions, rows)


def standing(given: Rota, post: int) -> rules.Standing:
    return rules.standing(post, given.spans[post], given.permissions.get(post, ()), (), ())


def judge(
    given: Rota,
    shift: int,
    able: dict[int, list[tuple[Instant, Instant]]],
    standings: list[rules.Standing],
) -> bool:
    """One shift, by the rules."""
    _, person, start, until = given.shifts[shift]
    return rules.clearance(
        rules.Shift(start, until, person),
        go_live=0,
        standings=standings,
        able=able,
    ).cleared


def swept(given: Rota) -> tuple[np.ndarray, dict[str, float]]:
    """The way of the product: arrays, one sweep, the rest by the rules. And how long it took."""
    began = perf_counter()
    service, person, start, until = sweep.columns(given.shifts, 4)
    order = sorted(range(len(given.posts)), key=given.posts.__getitem__)
    post_service, post_person = sweep.columns((given.posts[p] for p in order), 2)
    spans = sweep.by_post(
        ((p, s, u, int(state)) for p, held in enumerate(given.spans) for s, u, state in held),
        {p: row for row, p in enumerate(order)},
    )
    none = np.zeros(len(start), dtype=np.int64)
    shifts = sweep.Shifts(sweep.keys(service, person), none, start, until)
    posts = sweep.Posts(sweep.keys(post_service, post_person), np.zeros(len(order), np.int64))
    arrays = perf_counter()
    states = sweep.plain_states(shifts, posts, spans)
    cleared = states == State.INDEPENDENT
    took = {"the sweep": perf_counter() - arrays}
    of: dict[int, list[int]] = defaultdict(list)
    for p, (_, who) in enumerate(given.posts):
        of[who].append(p)
    # Only those whom a permission names are asked where they are on shift and independent.
    named = {s for granted in given.permissions.values() for p in granted for s in p.supervisors}
    on_shift: dict[int, list[tuple[Instant, Instant]]] = defaultdict(list)
    for shift in np.flatnonzero(np.isin(person, list(named))).tolist():
        _, who, *hours = given.shifts[shift]
        on_shift[who].append((hours[0], hours[1]))
    able = {
        who: rules.able_to_supervise(sorted(hours), [given.spans[p] for p in of[who]])
        for who, hours in on_shift.items()
    }
    standings: dict[int, list[rules.Standing]] = {}
    # Whoever is in one state that allows nothing is not cleared; nobody else needs asking.
    for shift in np.flatnonzero(
        (states == sweep.UNSETTLED) | (states == State.SUPERVISED)
    ).tolist():
        who = given.shifts[shift][1]
        if who not in standings:
            standings[who] = [standing(given, p) for p in of[who]]
        cleared[shift] = judge(given, shift, able, standings[who])
    took["arrays to answers"] = perf_counter() - arrays
    took["rows to answers"] = perf_counter() - began
    return cleared, took


def nested(given: Rota, wanted: list[int]) -> list[bool]:
    """The plainest way: for each shift look at every post, and for supervisors at every shift."""
    found = []
    for shift in wanted:
        service, person, start, until = given.shifts[shift]
        posts = [p for p, (at, who) in enumerate(given.posts) if at == service and who == person]
        able: dict[int, list[tuple[Instant, Instant]]] = {}
        for p in posts:
            for permission in given.permissions.get(p, ()):
                for supervisor in permission.supervisors:
                    hours = [
                        (s, u)
                        for at, who, s, u in given.shifts
                        if at == service and who == supervisor and s < until and u > start
                    ]
                    own = [
                        given.spans[p]
                        for p, (at, who) in enumerate(given.posts)
                        if at == service and who == supervisor
                    ]
                    able[supervisor] = rules.able_to_supervise(sorted(hours), own)
        found.append(judge(given, shift, able, [standing(given, p) for p in posts]))
    return found


def main(posts: int = 20_000, shifts: int = 140_000) -> None:
    given = rota(posts, shifts)
    cleared, took = swept(given)
    wanted = random.Random(2).sample(range(shifts), min(SAMPLE, shifts))
    began = perf_counter()
    expected = nested(given, wanted)
    each = (perf_counter() - began) / len(wanted)
    assert [bool(cleared[n]) for n in wanted] == expected
    print(f"{posts:,} posts, {shifts:,} shifts, {int((~cleared).sum()):,} not cleared")
    for what, seconds in took.items():
        print(f"{what:20} {seconds * 1000:10.1f} ms")
    print(f"nested loops         {each * shifts * 1000:10.1f} ms, scaled from {len(wanted)} shifts")
    print(f"ratio                {each * shifts / took['arrays to answers']:10,.0f}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
