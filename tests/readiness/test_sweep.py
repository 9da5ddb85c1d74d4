"""The sweep says what looking at every post of every shift says (R9)."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from surehand.readiness.rules import State, sweep
from surehand.timeline import Span, clip

PLACES = st.integers(0, 2)


@st.composite
def spans_of_a_post(draw: st.DrawFn) -> list[Span]:
    """Spans without gaps, split on state, somewhere in a short time."""
    edges = sorted(draw(st.sets(st.integers(0, 20), min_size=2, max_size=5)))
    states = draw(st.lists(st.sampled_from(State), min_size=len(edges), max_size=len(edges)))
    return [Span(a, b, s) for a, b, s in zip(edges, edges[1:], states, strict=False)]


POST = st.tuples(PLACES, PLACES, st.integers(1, 2), spans_of_a_post())
SHIFT = st.tuples(
    PLACES, PLACES, st.integers(0, 2), st.integers(0, 19), st.integers(1, 8)
)  # fmt: skip


@given(st.lists(POST, max_size=6), st.lists(SHIFT, max_size=6))
def test_the_sweep_settles_what_is_in_one_state(
    posts: list[tuple[int, int, int, list[Span]]], shifts: list[tuple[int, int, int, int, int]]
) -> None:
    rows = [(s, p, role, start, start + hours) for s, p, role, start, hours in shifts]
    posts = sorted(posts, key=lambda post: post[:2])
    service, person, role, start, until = sweep.columns(rows, 5)
    post_service, post_person, post_role = sweep.columns((p[:3] for p in posts), 3)
    found = sweep.plain_states(
        sweep.Shifts(sweep.keys(service, person), role, start, until),
        sweep.Posts(sweep.keys(post_service, post_person), post_role),
        sweep.by_post(
            ((n, s, u, int(state)) for n, post in enumerate(posts) for s, u, state in post[3]),
            {n: n for n in range(len(posts))},
        ),
    )
    expected = []
    for at_service, who, needed, begins, ends in rows:
        touching = [
            clip(held, begins, ends)
            for s, p, job_role, held in posts
            if (s, p) == (at_service, who) and needed in (0, job_role)
        ]
        touching = [held for held in touching if held]
        whole = {
            held[0].state
            if held[0].start == begins and held[0].until == ends and len(held) == 1
            else sweep.UNSETTLED
            for held in touching
        }
        expected.append(int(whole.pop()) if len(whole) == 1 else sweep.UNSETTLED)
    assert np.array_equal(found, expected)
