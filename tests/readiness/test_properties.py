"""The rules against the naive model, instant by instant, over everything that can meet."""

from itertools import pairwise

from hypothesis import event, given
from hypothesis import strategies as st

from surehand.readiness.rules import (
    Answer,
    Code,
    Level,
    Observation,
    Plan,
    Post,
    Requirement,
    Restriction,
    Shift,
    SignOff,
    State,
    able_to_supervise,
    clearance,
    competent,
    develops,
    explain,
    gates,
    readiness,
    standing,
)
from surehand.timeline import at
from tests.readiness.pointwise import FOREVER, World, cleared_at, competency_state, is_able
from tests.readiness.worlds import (
    COMPETENCIES,
    DAY,
    arguments,
    competence_of,
    day,
    instants,
    samples,
    worlds,
)


@given(worlds(), st.data())
def test_r7_competence_is_what_the_model_says_at_every_instant(world, data):
    for competency in COMPETENCIES:
        observations = world.of(world.observations, competency)
        reopenings = world.of(world.reopenings, competency)
        spans = competence_of(world)[competency]
        for t in samples(world, data.draw):
            found = at(spans, t)
            expected = competency_state(observations, reopenings, t, agency=world.post.agency)
            assert (found.state.name.lower() if found else None) == expected
        if observations:
            assert (spans[0].start, spans[-1].until) == (min(o.at for o in observations), FOREVER)
        assert_one_timeline(spans)


@given(worlds(), st.data())
def test_r5_readiness_is_what_the_model_says_at_every_instant(world, data):
    spans = readiness(*arguments(world))
    for t in samples(world, data.draw):
        if world.exists(t):
            assert at(spans, t).state.name.lower() == world.readiness(t)
        else:
            assert at(spans, t) is None
    assert_one_timeline(spans)
    if world.post.starts < world.post.until:
        assert (spans[0].start, spans[-1].until) == (world.post.starts, world.post.until)


def assert_one_timeline(spans):
    """No gaps, no overlaps, nothing empty, split on state only (R16)."""
    assert all(span.start < span.until for span in spans)
    assert all(a.until == b.start and a.state != b.state for a, b in pairwise(spans))


@given(worlds(), st.data())
def test_r6_gates_and_developments_are_what_the_model_says_at_every_instant(world, data):
    segments = gates(world.post, world.plans)
    for t in samples(world, data.draw):
        if world.exists(t):
            assert at(segments, t)[2] == world.gates(t)
            assert develops(world.post, world.plans, t) == world.develops(t)
    assert all(a[1] == b[0] and a[2] != b[2] for a, b in pairwise(segments))


@given(worlds(), st.data())
def test_the_explanation_at_an_instant_is_of_the_span_that_holds_then(world, data):
    spans = readiness(*arguments(world))
    rest = arguments(world)[3:]
    for t in samples(world, data.draw):
        if not world.exists(t):
            continue
        found = explain(world.post, world.plans, competence_of(world), *rest, at=t)
        assert (found.since, found.until, found.state) == at(spans, t)
        unmet = {r.competency for r in found.reasons if r.code == Code.UNMET}
        assert unmet == {c for c in world.gates(t) if not world.competent(c, t)}
        codes = {reason.code for reason in found.reasons}
        assert (Code.SIGNED_OFF in codes) == world.sign_off_alive(t)
        assert (Code.RESTRICTED in codes) == bool(world.open_restrictions(t))
        assert (
            codes
            >= {
                State.INDEPENDENT: {Code.SIGNED_OFF},
                State.AWAITING_SIGN_OFF: {Code.AWAITING_SIGN_OFF},
                State.SUPERVISED: {Code.PERMISSION},
                State.RESTRICTED: {Code.RESTRICTED},
                State.NOT_READY: set(),
            }[found.state]
        )
        if found.state == State.NOT_READY:
            assert codes & {Code.UNMET, Code.NO_PLAN, Code.NO_GATE}


@given(worlds(), st.data())
def test_r15_the_order_facts_arrive_in_changes_nothing(world, data):
    expected = readiness(*arguments(world))
    for facts in (
        world.plans,
        world.observations,
        world.reopenings,
        world.signoffs,
        world.permissions,
        world.restrictions,
    ):
        facts[:] = data.draw(st.permutations(facts))
    assert readiness(*arguments(world)) == expected


@given(worlds(), instants(20, 150))
def test_r10_a_new_restriction_never_makes_anybody_more_free(world, from_when):
    """The gate may only close: whoever was not independent does not become so."""
    before = readiness(*arguments(world))
    world.restrictions.append(Restriction(from_when, None, 999))
    after = readiness(*arguments(world))
    for span in after:
        for t in (max(span.start, from_when), span.until - 1):
            if t >= from_when and at(after, t):
                assert at(after, t).state == State.RESTRICTED
    for span in before:
        if span.until <= from_when:
            assert at(after, span.start).state == span.state


@given(st.data())
def test_r9_the_rota_check_is_what_the_model_says_at_every_instant(data):
    draw = data.draw
    mine = draw(st.lists(worlds(), min_size=1, max_size=2))
    others = {7: draw(st.lists(worlds(), max_size=1)), 8: draw(st.lists(worlds(), max_size=2))}
    if draw(st.booleans()):  # a supervisor there is no doubt of
        others[7] = [_always_independent(draw)]
    # Mostly in a stretch in which clearing is in question.
    spans = readiness(*arguments(mine[0]))
    hopeful = [s.start for s in spans if s.state in (State.INDEPENDENT, State.SUPERVISED)]
    start = draw(st.sampled_from(hopeful) if hopeful else instants(20, 150))
    until = start + draw(st.integers(1, 4)) * DAY // 2
    on_shift = {
        person: draw(st.lists(st.just((start, until)) | _stretches(start), min_size=1, max_size=2))
        for person in (1, 7, 8)
    }
    shift = Shift(start, until, 1, supervisor=draw(st.sampled_from([None, None, None, 7, 8])))

    answer = clearance(
        shift,
        go_live=day(0) - DAY,
        standings=[_standing(n, world) for n, world in enumerate(mine)],
        able={
            person: able_to_supervise(
                on_shift[person], [readiness(*arguments(world)) for world in theirs]
            )
            for person, theirs in {**others, 1: mine}.items()
        },
    )

    everybody = [*mine, *others[7], *others[8]]
    edges = {edge for world in everybody for edge in [*world.moments(), world.post.until]}
    edges |= {edge for stretches in on_shift.values() for pair in stretches for edge in pair}
    moments = sorted({start, until - 1} | {t for t in edges if start <= t < until})
    model = [
        t
        for t in moments
        if not cleared_at(
            t,
            person=1,
            rota_supervisor=shift.supervisor,
            worlds=mine,
            on_shift=on_shift,
            others=others,
        )
    ]
    event(f"{answer.because}")
    assert (answer.answer, answer.since) == (
        (Answer.NOT_CLEARED, model[0]) if model else (Answer.CLEARED, None)
    )


def _standing(number, world):
    facts = (world.permissions, world.restrictions, world.failures())
    return standing(number, readiness(*arguments(world)), *facts)


def _stretches(start):
    return st.tuples(st.integers(-2, 3), st.integers(1, 4)).map(
        lambda pair: (start + pair[0] * DAY // 2, start + (pair[0] + pair[1]) * DAY // 2)
    )


def _always_independent(draw):
    plan = Plan(1, day(-9), (Requirement(1, "", "", "", Level.CRIT, True),))
    post = Post(day(-9), FOREVER, "SC", "R", False)
    passed = Observation(1, day(-8), "pass", 36, None, 1)
    world = World(post, [plan], [passed], [], [SignOff(day(-7), 1, 2)], [], [])
    assert is_able(day(100), [world], [(day(0), day(200))])
    assert competent(competence_of(world)[1])
    return world
