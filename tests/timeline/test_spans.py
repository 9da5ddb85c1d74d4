"""The algebra of spans against a naive model: a set of the instants in it."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from surehand.timeline import FOREVER, Span, at, clip, intersect, join, overlaps, subtract, union

INSTANTS = range(30)
stretches = st.lists(st.tuples(st.integers(0, 29), st.integers(0, 29)), max_size=8)


def points(spans):
    return {t for t in INSTANTS for span in spans if span[0] <= t < span[1]}


def is_a_set(spans):
    """In order, none empty, none touching the next."""
    return all(s < u for s, u in spans) and all(a[1] < b[0] for a, b in itertools.pairwise(spans))


@given(stretches, stretches)
def test_union_is_every_instant_in_either(a, b):
    both = union(a, b)
    assert points(both) == points(a) | points(b)
    assert is_a_set(both)


@given(stretches, stretches)
def test_intersect_is_every_instant_in_both(a, b):
    both = intersect(union(a), union(b))
    assert points(both) == points(a) & points(b)
    assert is_a_set(both)


@given(stretches, stretches)
def test_subtract_is_every_instant_in_the_first_alone(a, b):
    rest = subtract(union(a), union(b))
    assert points(rest) == points(a) - points(b)
    assert is_a_set(rest)


@given(stretches, st.integers(0, 29), st.integers(0, 29))
def test_clip_keeps_what_lies_inside_and_what_it_carries(a, start, until):
    spans = [Span(s, u, n) for n, (s, u) in enumerate(a)]
    clipped = clip(spans, start, until)
    assert all(isinstance(span, Span) and span.start < span.until for span in clipped)
    for span in spans:
        inside = {t for t in points([span]) if start <= t < until}
        assert points([c for c in clipped if c.state == span.state]) == inside


cuts = st.lists(st.integers(0, 29), unique=True, min_size=2, max_size=8).map(sorted)


@given(cuts, st.data())
def test_join_makes_equal_neighbours_one_and_changes_no_instant(edges, data):
    spans = [
        Span(s, u, data.draw(st.sampled_from("ab")))
        for s, u in itertools.pairwise(edges)
        if data.draw(st.booleans())
    ]
    joined = join(spans)
    for t in INSTANTS:
        held = [span.state for span in spans if span.start <= t < span.until]
        found = at(joined, t)
        assert ([found.state] if found else []) == held
    for a, b in itertools.pairwise(joined):
        assert a.until < b.start or a.state != b.state


def test_a_span_begins_at_its_start_and_is_over_at_its_end():
    spans = [Span(3, 5, "x"), Span(5, FOREVER, "y")]
    assert [at(spans, t) for t in (2, 3, 4, 5)] == [None, spans[0], spans[0], spans[1]]
    assert at([], 3) is None


@given(stretches, stretches)
def test_overlaps_finds_every_pair_that_shares_an_instant_once(a, b):
    a = [(s, u, "a", n) for n, (s, u) in enumerate(a)]
    b = [(s, u, "b", n) for n, (s, u) in enumerate(b)]
    expected = [(x, y) for x in a for y in b if points([x]) & points([y])]
    assert sorted(overlaps(a, b)) == sorted(expected)
