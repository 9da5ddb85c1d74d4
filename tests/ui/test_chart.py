"""Where the parts of a chart stand."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surehand.ui.chart import (
    Happened,
    Level,
    Range,
    Value,
    heat,
    heat_legend,
    pairs,
    scale,
    time_chart,
)

MONDAY = date(2026, 6, 8)
values = st.lists(st.none() | st.floats(0, 100), min_size=1, max_size=60)


def weeks(found: list[float | None]) -> list[Value]:
    return [Value(MONDAY + timedelta(weeks=n), value) for n, value in enumerate(found)]


@given(values, st.lists(st.integers(-30, 500), max_size=6))
def test_everything_stands_within_the_picture(found: list[float | None], days: list[int]) -> None:
    chart = time_chart(
        weeks(found),
        key="x",
        title="Late entries",
        description="",
        levels=[Level("Average", "mean", [50.0] * len(found))],
        happened=[Happened(MONDAY + timedelta(days=n), "Refresher: late entry") for n in days],
    )
    for plot in chart.plots:
        assert len(plot.dots) == sum(value is not None for value in found)
        assert all(0 <= dot.x <= plot.width for dot in plot.dots)
        assert all(plot.top - 0.1 <= dot.y <= plot.bottom for dot in plot.dots)
        assert [dot.x for dot in plot.dots] == sorted(dot.x for dot in plot.dots)
        assert all(0 <= down.x <= plot.width for down in plot.down)
    within = [n for n in days if 0 <= n < 7 * len(found)]
    assert len(chart.letters) == len(chart.plots[0].down) == len(within)


def test_a_line_is_broken_where_a_week_has_no_value() -> None:
    desk, phone = time_chart(weeks([1, 2, None, 3]), key="x", title="", description="").plots
    assert [len(line.split()) for line in desk.lines] == [2, 1]
    assert (desk.size, phone.size) == ("desk", "phone")
    with pytest.raises(ValueError, match="nothing to draw"):
        time_chart([], key="x", title="", description="")


def test_what_happened_in_one_week_has_one_letter_and_labels_lie_on_none_another() -> None:
    happened = [Happened(MONDAY, "Went live"), Happened(MONDAY + timedelta(days=2), "Refresher")]
    chart = time_chart(weeks([1.0] * 10), key="x", title="", description="", happened=happened)
    assert chart.letters == (("A", "8 Jun: Went live"), ("A", "10 Jun: Refresher"))
    first, second = (down.label.y for down in chart.plots[0].down)
    assert second - first >= 17


@given(st.floats(0.001, 1e6))
def test_a_scale_reaches_the_highest_value_in_few_round_steps(highest: float) -> None:
    ticks = scale(highest)
    assert ticks[0] == 0
    assert ticks[-1] >= highest * 0.999
    assert 2 <= len(ticks) <= 12


def test_pairs_share_one_scale() -> None:
    found, ticks = pairs([(Range(1, 2, 4), Range(0, 1, 20)), (Range(0, 0, 0), Range(5, 10, 20))])
    assert [text for _, text in ticks] == ["0", "5", "10", "15", "20"]
    assert found[0].after.high == found[1].after.high == ticks[-1][0]
    assert found[1].after.value == ticks[2][0]


@pytest.mark.parametrize(
    ("value", "step"), [(0, 0), (2.4, 0), (2.6, 1), (5, 1), (6, 2), (9, 3), (11.4, 3), (12, 4)]
)
def test_a_step_of_heat_is_that_of_the_number_shown(value: float, step: int) -> None:
    assert heat(value) == step
    words = [text for n, text in heat_legend() if n == step]
    assert words in (["0–2"], ["3–5"], ["6–8"], ["9–11"], ["12 or more"])
