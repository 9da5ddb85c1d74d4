"""Where things stand along a strip and in the bar of states."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surehand.ui.strip import STEPS, Event, Stretch, place, shares, strip

START = datetime(2026, 9, 1, tzinfo=UTC)
END = START + timedelta(days=100)


def edges(classes: str) -> tuple[int, int]:
    left, width = classes.split()
    return int(left[2:]), int(left[2:]) + int(width[2:])


@given(st.lists(st.integers(0, 5000), min_size=1, max_size=6))
def test_the_bar_is_always_full_and_nobody_counted_is_left_out(counts: list[int]) -> None:
    widths = shares(counts)
    assert sum(widths) == (STEPS if sum(counts) else 0)
    assert all(bool(width) == bool(count) for width, count in zip(widths, counts, strict=True))


@given(st.floats(-1, 2), st.floats(-1, 2))
def test_a_place_never_leaves_its_strip_by_more_than_a_hair(start: float, end: float) -> None:
    left, right = edges(place(min(start, end), max(start, end)))
    assert 0 <= left <= STEPS
    assert right <= STEPS + 1


def test_stretches_meet_where_one_ends_and_the_next_begins_and_are_cut_at_the_edges() -> None:
    middle = START + timedelta(days=37, hours=5)
    view = strip(
        stretches=[
            Stretch("not_ready", START - timedelta(days=9), middle),
            Stretch("independent", middle, None),
            Stretch("restricted", START - timedelta(days=20), START - timedelta(days=10)),
        ],
        start=START,
        end=END,
        now=middle,
    )
    first, second = (edges(each.place) for each in view.spans)
    assert (first[0], second[1]) == (0, STEPS)
    assert first[1] == second[0]
    assert view.spans[0].word == "Not ready"
    assert view.today == f"x-{first[1]}"


def test_today_is_not_marked_on_a_strip_of_the_past() -> None:
    assert strip(stretches=[], start=START, end=END, now=END).today == ""


def test_labels_that_would_touch_each_have_a_line_of_their_own() -> None:
    events = [Event(START + timedelta(days=d), "check", "Passed") for d in (10, 12, 14, 60)]
    view = strip(stretches=[], events=events, start=START, end=END, now=END)
    assert [each.line for each in view.events] == [0, 1, 2, 0]
    assert view.lines == 3


def test_a_strip_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(ValueError, match="before it ends"):
        strip(stretches=[], start=END, end=START, now=END)
