"""Where the parts of a chart stand: pure sums, so that templates only draw.

Every chart is drawn twice, for a desk and for a phone, because letters in a picture shrink with it;
the style sheet shows one of them. What a chart says stands in a table beside it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from math import ceil, floor, log10

from surehand.ui.formats import short_month

DESK, PHONE = (960, 340), (340, 290)
"""Width and height, in the picture's own units: one is a pixel at full size."""

LETTER = 7.2
"""How wide a letter of the small print may be."""
LINE = 17
"""Two lines of small print stand no closer."""

ByDate = Callable[[date], float]
ByValue = Callable[[float], float]

USUAL, IMPROVEMENT, CONCERN = "usual", "improvement", "concern"


@dataclass(frozen=True)
class Value:
    """A value at a date; None where there is none to show. `kind` is how it reads, and `said` a
    short line that stands beside it, or under (over) it and those before it."""

    at: date
    value: float | None
    kind: str = USUAL
    said: str = ""
    place: str = "beside"


@dataclass(frozen=True)
class Level:
    """A line across: `kind` is mean, limit or target. It has a value for each point, or none."""

    text: str
    kind: str
    values: Sequence[float | None]


@dataclass(frozen=True)
class Happened:
    """Something that happened, which a line down says."""

    at: date
    text: str


@dataclass(frozen=True)
class Text:
    x: float
    y: float
    text: str
    anchor: str = "start"
    kind: str = ""


@dataclass(frozen=True)
class Dot:
    x: float
    y: float
    kind: str


@dataclass(frozen=True)
class Across:
    """A line across, as the points of a polyline."""

    kind: str
    points: str


@dataclass(frozen=True)
class Down:
    """A line down; its words are at the top of it, or its letter stands for them."""

    x: float
    label: Text
    boxed: bool


@dataclass(frozen=True)
class TimePlot:
    """One drawing of values over time."""

    size: str
    width: int
    height: int
    left: float
    right: float
    top: float
    bottom: float
    band: str
    across: tuple[Across, ...]
    lines: tuple[str, ...]
    dots: tuple[Dot, ...]
    down: tuple[Down, ...]
    grid: tuple[float, ...]
    texts: tuple[Text, ...]


@dataclass(frozen=True)
class TimeChart:
    """Values over time, ready to be drawn. `key` tells the charts of a page apart; `title` and
    `description` are read out; `letters` are what the letters of the small drawing stand for."""

    key: str
    title: str
    description: str
    plots: tuple[TimePlot, ...]
    letters: tuple[tuple[str, str], ...]

    @property
    def kinds(self) -> frozenset[str]:
        return frozenset(dot.kind for plot in self.plots for dot in plot.dots)


def time_chart(
    values: Sequence[Value],
    *,
    key: str,
    title: str,
    description: str,
    levels: Sequence[Level] = (),
    happened: Sequence[Happened] = (),
) -> TimeChart:
    """Values a week apart, in order; what happened outside them is left out. Raises ValueError
    where there are no values."""
    if not values:
        raise ValueError("There is nothing to draw.")
    last = values[-1].at + timedelta(days=7)
    within = sorted(
        (each for each in happened if values[0].at <= each.at < last), key=lambda each: each.at
    )
    weeks = [(each.at - values[0].at).days // 7 for each in within]
    order = sorted(set(weeks))
    letters = [chr(ord("A") + order.index(week) % 26) for week in weeks]
    return TimeChart(
        key,
        title,
        description,
        (
            _plot("desk", DESK, values, levels, within, None),
            _plot("phone", PHONE, values, levels, within, letters),
        ),
        tuple(
            (letter, f"{short_month(each.at)}: {each.text}")
            for letter, each in zip(letters, within, strict=True)
        ),
    )


def scale(highest: float, *, steps: int = 5) -> tuple[float, ...]:
    """Round numbers from 0 to at least `highest`, about so many steps."""
    if highest <= 0:
        return (0.0, 1.0)
    rough = highest / steps
    ten = 10 ** floor(log10(rough))
    step = next(ten * times for times in (1, 2, 2.5, 5, 10) if ten * times >= rough * 0.999)
    return tuple(number * step for number in range(ceil(highest / step - 1e-9) + 1))


def in_figures(value: float) -> str:
    """“7”, “7.5”"""
    return f"{value:.1f}".removesuffix(".0")


def _plot(
    size: str,
    room: tuple[int, int],
    values: Sequence[Value],
    levels: Sequence[Level],
    happened: Sequence[Happened],
    letters: Sequence[str] | None,
) -> TimePlot:
    width, height = room
    rows = _label_rows(width, values, happened) if letters is None else [0] * len(happened)
    left, top = 34.0, 18.0 + LINE * (max(rows, default=-1) + 1)
    right = width - (124.0 if levels and letters is None else 12.0)
    bottom = height - 28.0
    seen = [v.value for v in values if v.value is not None]
    seen += [one for level in levels for one in level.values if one is not None]
    ticks = scale(max(seen, default=0.0))
    days = max((values[-1].at - values[0].at).days, 1)

    def x(at: date) -> float:
        share = (at - values[0].at).days / days
        return round(left + 16 + (right - left - 32) * share, 1)

    def y(value: float) -> float:
        return round(bottom - (bottom - top) * value / ticks[-1], 1)

    texts = [Text(left - 8, y(tick) + 4.5, in_figures(tick), "end") for tick in ticks]
    texts += _dates(values, x, bottom + 20, letters is not None)
    if letters is None:
        texts += _level_texts(levels, y, right + 8)
        texts += _said(values, x, y, right)
    return TimePlot(
        size=size,
        width=width,
        height=height,
        left=left,
        right=right,
        top=top,
        bottom=bottom,
        band=_band(levels, values, x, y, left, right),
        across=tuple(
            Across(level.kind, points)
            for level in levels
            for points in _across(level.values, values, x, y, left, right)
        ),
        lines=tuple(
            " ".join(f"{x(v.at)},{y(v.value)}" for v in run if v.value is not None)
            for run in _runs(values)
        ),
        dots=tuple(Dot(x(v.at), y(v.value), v.kind) for v in values if v.value is not None),
        down=tuple(
            _down(x(min(each.at, values[-1].at)), row, each, letter, width)
            for each, row, letter in zip(
                happened, rows, letters or [""] * len(happened), strict=True
            )
        ),
        grid=tuple(y(tick) for tick in ticks),
        texts=tuple(texts),
    )


def _label_rows(width: int, values: Sequence[Value], happened: Sequence[Happened]) -> list[int]:
    """The row of each label, so that none lies on another."""
    days = max((values[-1].at - values[0].at).days, 1)
    ends: list[float] = []
    rows = []
    for each in happened:
        start = 50 + (width - 190) * (each.at - values[0].at).days / days
        needs = LETTER * len(each.text) + 16
        if start + needs > width:
            start -= needs
        row = next((n for n, end in enumerate(ends) if end <= start), len(ends))
        ends[row : row + 1] = [start + needs]
        rows.append(row)
    return rows


def _down(x: float, row: int, each: Happened, letter: str, width: int) -> Down:
    if letter:
        return Down(x, Text(x, 13, letter, "middle"), boxed=True)
    turned = x + 8 + LETTER * len(each.text) > width
    anchor, beside = ("end", -7) if turned else ("start", 7)
    return Down(x, Text(x + beside, 13 + LINE * row, each.text, anchor), boxed=False)


def _dates(values: Sequence[Value], x: ByDate, y: float, small: bool) -> list[Text]:
    """As many of the dates as there is room for."""
    every = ceil(len(values) / (3 if small else 7))
    return [
        Text(x(v.at), y, short_month(v.at), "middle")
        for number, v in enumerate(values)
        if number % every == 0
    ]


def _level_texts(levels: Sequence[Level], y: ByValue, x: float) -> list[Text]:
    """The words at the end of each line across, pushed apart where they would touch."""
    ends = [
        (y(value), f"{level.text} {in_figures(value)}", level.kind)
        for level in levels
        for value in [next((v for v in reversed(level.values) if v is not None), None)]
        if value is not None
    ]
    found: list[Text] = []
    for at, text, kind in sorted(ends):
        at = max(at + 4.5, found[-1].y + LINE) if found else at + 4.5
        found.append(Text(x, at, text, kind=kind))
    return found


def _said(values: Sequence[Value], x: ByDate, y: ByValue, right: float) -> list[Text]:
    found = []
    for number, v in enumerate(values):
        if not v.said or v.value is None:
            continue
        needs, at = LETTER * len(v.said), x(v.at)
        if v.place != "beside":
            near = [y(each.value) for each in values[: number + 1] if each.value is not None]
            height = max(near[-8:]) + 24 if v.place == "under" else min(near[-8:]) - 14
            found.append(Text(min(at + 8, right), height, v.said, "end", v.kind))
        elif at - needs - 14 > 40:
            found.append(Text(at - 11, y(v.value) + 4.5, v.said, "end", v.kind))
        elif at + needs < right:
            found.append(Text(at + 11, y(v.value) + 4.5, v.said, "start", v.kind))
    return found


def _runs(values: Sequence[Value]) -> list[list[Value]]:
    """Values beside one another, without a gap between them."""
    runs: list[list[Value]] = [[]]
    for v in values:
        if v.value is None:
            runs.append([])
        else:
            runs[-1].append(v)
    return [run for run in runs if run]


def _steps(
    values: Sequence[float | None], at: Sequence[Value], x: ByDate, left: float, right: float
) -> list[list[tuple[float, float, float]]]:
    """Stretches of a line across: from, to, value. Each point's stretch ends half-way to the
    next."""
    places = [x(v.at) for v in at]
    edges = [left, *((a + b) / 2 for a, b in pairwise(places)), right]
    found: list[list[tuple[float, float, float]]] = [[]]
    for number, value in enumerate(values):
        if value is None:
            found.append([])
        else:
            found[-1].append((round(edges[number], 1), round(edges[number + 1], 1), value))
    return [run for run in found if run]


def _across(
    values: Sequence[float | None],
    at: Sequence[Value],
    x: ByDate,
    y: ByValue,
    left: float,
    right: float,
) -> list[str]:
    return [
        " ".join(f"{start},{y(value)} {end},{y(value)}" for start, end, value in run)
        for run in _steps(values, at, x, left, right)
    ]


def _band(
    levels: Sequence[Level],
    at: Sequence[Value],
    x: ByDate,
    y: ByValue,
    left: float,
    right: float,
) -> str:
    """The points of what lies between the two limits; empty without them."""
    limits = [level for level in levels if level.kind == "limit"]
    if len(limits) != 2:
        return ""
    above, below = (
        [step for run in _steps(level.values, at, x, left, right) for step in run]
        for level in limits
    )
    there = [f"{a},{y(v)} {b},{y(v)}" for a, b, v in above]
    back = [f"{b},{y(v)} {a},{y(v)}" for a, b, v in reversed(below)]
    return " ".join([*there, *back])


# --- Two intervals, one above the other -----------------------------------------------------------

PAIR = 220
"""How wide the picture of a pair is."""


@dataclass(frozen=True)
class Range:
    """A value and where the true one likely lies, along a scale."""

    low: float
    value: float
    high: float


@dataclass(frozen=True)
class Pair:
    """Before and after, along the same scale as the others of its chart."""

    before: Range
    after: Range
    ticks: tuple[float, ...]


def pairs(
    found: Sequence[tuple[Range, Range]],
) -> tuple[tuple[Pair, ...], tuple[tuple[float, str], ...]]:
    """Pairs of intervals along one scale from 0, and the scale: where each number stands."""
    highest = max((each.high for pair in found for each in pair), default=1.0)
    ticks = scale(highest, steps=4)
    placed = tuple(round(PAIR * tick / ticks[-1], 1) for tick in ticks)

    def along(each: Range) -> Range:
        return Range(
            *(round(PAIR * one / ticks[-1], 1) for one in (each.low, each.value, each.high))
        )

    return (
        tuple(Pair(along(before), along(after), placed) for before, after in found),
        tuple(zip(placed, (in_figures(tick) for tick in ticks), strict=True)),
    )


# --- Heat -----------------------------------------------------------------------------------------

HEAT = (3, 6, 9, 12)
"""Where the five steps of a heat map meet."""


def heat(value: float) -> int:
    """The step of a value, 0 to 4, as it is shown: in whole numbers."""
    return sum(round(value) >= edge for edge in HEAT)


def heat_legend() -> list[tuple[int, str]]:
    """The steps in words: “0–2” … “12 or more”."""
    edges = (0, *HEAT)
    return [(step, f"{start}–{end - 1}") for step, (start, end) in enumerate(pairwise(edges))] + [
        (len(HEAT), f"{HEAT[-1]} or more")
    ]
