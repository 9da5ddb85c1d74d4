"""How long the rules take, in µs per post: `python bench/rules.py [POSTS]`.

A post here has 27 gates of 40 competencies, three years of facts (about 120 observations, a
reopening, two plan versions, sign-offs, permissions and a restriction). The cost is split into what
a rebuild does: building rows as a database gives them, competence, and readiness.
"""

import random
import sys
from collections import defaultdict
from datetime import date
from itertools import groupby
from operator import itemgetter
from statistics import median
from time import perf_counter

from surehand.readiness.rules import (
    Level,
    Observation,
    Permission,
    Plan,
    Post,
    Reopening,
    Requirement,
    Restriction,
    SignOff,
    competence,
    competent,
    explain,
    readiness,
)
from surehand.timeline import FOREVER, end_of, london_midnight

DAY = 86_400_000_000
START = london_midnight(date(2023, 1, 9))
ROLES = ("CW", "SC", "RN", "HC", "SW", "AC", "TL", "DM", "RM")


def plan(number: int, applies_from: int) -> Plan:
    rows = []
    for competency in range(1, 41):
        level = Level.CRIT if competency <= 18 else Level.CORE if competency <= 27 else Level.USE
        rows += [Requirement(competency, role, "", "", level, competency < 25) for role in ROLES]
    return Plan(number, applies_from, tuple(rows))


def facts(seed: int) -> tuple:
    """One person's post, and the rows a database would hand over for it."""
    dice = random.Random(seed)
    starts = START + dice.randrange(0, 200) * DAY
    rows = []
    for competency in range(1, 41):
        for _ in range(3):
            outcome = dice.choices(("pass", "partial", "further_support"), (8, 1, 1))[0]
            at = starts + dice.randrange(0, 1000 * 86_400) * 1_000_000
            rows.append((competency, at, outcome, 12, 6, len(rows)))
    rows.sort(key=itemgetter(0, 1))
    post = Post(
        starts=starts,
        until=FOREVER,
        job_role=ROLES[seed % len(ROLES)],
        setting="R",
        agency=seed % 10 == 0,
        responsibilities=((starts + 90 * DAY, FOREVER, "med"),),
        go_live=START + 60 * DAY,
    )
    signoffs = [SignOff(starts + 300 * DAY, 1, 901), SignOff(starts + 700 * DAY, 2, 902)]
    permissions = [
        Permission(
            at,
            end_of(date(2026, 1, 1)),
            frozenset({1, 2}),
            frozenset({7}),
            frozenset(),
            at + 20 * DAY,
            903,
        )
        for at in (starts, starts + 40 * DAY)
    ]
    restrictions = [Restriction(starts + 500 * DAY, starts + 520 * DAY, 905)]
    reopenings = {5: [Reopening(5, starts + 400 * DAY, starts + 428 * DAY, 906)]}
    return post, rows, signoffs, permissions, restrictions, reopenings


def spent(times: list[float]) -> str:
    return f"{median(times) * 1e6:7.0f} µs (median), {sum(times) / len(times) * 1e6:7.0f} (mean)"


def main(posts: int) -> None:
    plans = [plan(1, START - 365 * DAY), plan(2, START + 600 * DAY)]
    times = defaultdict(list)
    spans = observations = 0
    for seed in range(posts):
        post, rows, signoffs, permissions, restrictions, reopenings = facts(seed)
        began = perf_counter()
        seen = [Observation(*row) for row in rows]
        built = perf_counter()
        held = {
            competency: competence(list(group), reopenings.get(competency, ()), agency=post.agency)
            for competency, group in groupby(seen, key=itemgetter(0))
        }
        failures = [(o[0], o[1]) for o in seen if o[2] == "further_support"]
        judged = perf_counter()
        good = {competency: competent(found) for competency, found in held.items()}
        found = readiness(post, plans, good, signoffs, permissions, restrictions, failures)
        ready = perf_counter()
        explain(post, plans, held, signoffs, permissions, restrictions, failures, at=post.starts)
        explained = perf_counter()
        times["rows"].append(built - began)
        times["competence"].append(judged - built)
        times["readiness"].append(ready - judged)
        times["in all"].append(ready - began)
        times["explain"].append(explained - ready)
        spans += len(found) + sum(map(len, held.values()))
        observations += len(rows)
    print(f"{posts} posts, {observations} observations, {spans} spans; µs per post")
    for step, taken in times.items():
        print(f"{step:12}{spent(taken)}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
