"""Hypothesis strategies for posts and their facts, dense enough for the rules to meet."""

from datetime import date, timedelta

from hypothesis import strategies as st

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
)
from tests.readiness.pointwise import FOREVER, World, midnight

FIRST = date(2026, 2, 20)  # the clocks go forward on day 37
HORIZON = 240
DAY = 86_400_000_000
COMPETENCIES = (1, 2, 3)


def day(n):
    """London midnight of the nth day."""
    return midnight(FIRST + timedelta(days=n))


def instants(first=0, last=150):
    """Mostly coarse, so that facts meet at the same instant; sometimes a moment off it."""
    return st.builds(
        lambda n, offset: day(n) + offset,
        st.integers(first, last),
        st.sampled_from([0, 0, 0, 1, -1, 7 * 3_600_000_000]),
    )


some = st.frozensets(st.sampled_from(COMPETENCIES), min_size=1)

requirements = st.builds(
    Requirement,
    competency=st.sampled_from(COMPETENCIES),
    job_role=st.sampled_from(["", "CW", "CW", "RN"]),
    responsibility=st.sampled_from(["", "", "", "med"]),
    setting=st.sampled_from(["", "", "R", "H"]),
    level=st.sampled_from([Level.CRIT, Level.CRIT, Level.CORE, Level.USE]),
    agency=st.sampled_from([True, True, False]),
)


@st.composite
def worlds(draw, seqs=None):
    seqs = seqs or iter(draw(st.permutations(range(100, 160))))
    several = lambda facts, most: draw(st.lists(facts, max_size=most))  # noqa: E731

    post = Post(
        starts=draw(instants(0, 30)),
        until=draw(st.one_of(st.just(FOREVER), instants(60, 200))),
        job_role="CW",
        setting="R",
        agency=draw(st.booleans()),
        responsibilities=tuple(
            (start, start + length * DAY, "med")
            for start, length in several(st.tuples(instants(), st.integers(0, 60)), 2)
        ),
        go_live=draw(st.one_of(st.none(), instants(0, 60), instants(0, 20))),
    )
    applies = [draw(instants(-5, 5)), *several(instants(0, 120), 2)]
    plans = [
        Plan(number, applies_from, tuple(draw(st.lists(requirements, min_size=1, max_size=4))))
        for number, applies_from in enumerate(applies, 1)
    ]
    # Most people pass most things once, or readiness would rarely get off the ground ...
    observations = [
        Observation(competency, draw(instants(0, 40)), "pass", 6, None, next(seqs))
        for competency in sorted(draw(st.just(frozenset(COMPETENCIES)) | some))
    ]
    observations += [
        Observation(competency, at, outcome, months, agency_months, next(seqs))
        for competency, at, outcome, months, agency_months in several(
            st.tuples(
                st.sampled_from(COMPETENCIES),
                instants(),
                st.sampled_from(["pass"] * 6 + ["partial", "further_support"]),
                st.sampled_from([1, 3, 6]),
                st.sampled_from([None, 1, 2]),
            ),
            8,
        )
    ]
    reopenings = [
        Reopening(competency, at, at + days * DAY, next(seqs))
        for competency, at, days in several(
            st.tuples(st.sampled_from(COMPETENCIES), instants(30, 90), st.sampled_from([0, 5, 28])),
            draw(st.sampled_from([0, 1, 2])),
        )
    ]
    restrictions = [
        Restriction(at, None if days is None else at + days * DAY, next(seqs))
        for at, days in several(
            st.tuples(instants(20, 150), st.one_of(st.none(), st.integers(0, 40))),
            draw(st.sampled_from([0, 1, 2])),
        )
    ]
    restricted = [r.seq for r in restrictions] or [0]
    citable = st.just(frozenset(restricted)) | st.frozensets(st.sampled_from(restricted))
    # Permissions come at any time, and just after a restriction.
    given = st.one_of(instants(), *(st.just(r.at + n) for r in restrictions for n in (0, DAY)))
    permissions = [
        Permission(
            at,
            at + days * DAY,
            permitted,
            supervisors,
            cites,
            None if ended is None else at + ended * DAY,
            next(seqs),
        )
        for at, days, permitted, supervisors, cites, ended in several(
            st.tuples(
                given,
                st.integers(0, 28),
                some,
                st.frozensets(st.sampled_from([1, 7, 7, 8]), min_size=1),
                citable,
                st.one_of(st.none(), st.integers(0, 28)),
            ),
            3,
        )
    ]
    world = World(post, plans, observations, reopenings, [], permissions, restrictions)
    # ... and most sign-offs are given when they may be.
    ripe = [t for t in world.moments() if t >= post.starts and world.all_met(t)]
    timely = st.builds(
        lambda t, later: t + later, st.sampled_from(ripe or [day(9)]), st.sampled_from([0, DAY])
    )
    for at in several(st.one_of(timely, timely, instants()), 3):
        plan = world.plan(at) or plans[0]
        number = draw(st.sampled_from([plan.number] * 4 + [1]))
        world.signoffs.append(SignOff(at, number, next(seqs)))
    return world


def competence_of(world):
    return {
        competency: competence(
            world.of(world.observations, competency),
            world.of(world.reopenings, competency),
            agency=world.post.agency,
        )
        for competency in COMPETENCIES
    }


def arguments(world, held=None):
    """What `readiness` takes; `held` overrides the competence."""
    if held is None:
        held = {c: competent(spans) for c, spans in competence_of(world).items()}
    return (
        world.post,
        world.plans,
        held,
        world.signoffs,
        world.permissions,
        world.restrictions,
        world.failures(),
    )


def samples(world, draw):
    """Instants of the post's time: each at which anything could change, just before, and others."""
    edges = world.moments()
    between = draw(st.lists(instants(-5, HORIZON), max_size=12))
    return sorted({t for edge in edges for t in (edge - 1, edge)} | set(between))
