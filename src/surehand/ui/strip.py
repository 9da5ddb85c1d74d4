"""Where things stand along a strip of time: pure sums, so that templates only draw.

Places are classes `x-N` (left edge) and `w-N` (width), N in half per cents, because the content
policy forbids style attributes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from surehand.ui.formats import LONDON, local
from surehand.ui.states import STATES, State

STEPS = 200
# Event labels closer than this share of the strip to the one before on a line go on the next.
CLOSE = 0.145
LINES = 3
MOST_IN_FULL = 9


@dataclass(frozen=True)
class Stretch:
    """A stretch of one state, from `since` to `until` (None: open). `detail` is its small line."""

    state: str
    since: datetime
    until: datetime | None
    word: str = ""
    detail: str = ""
    future: bool = False
    href: str = ""


@dataclass(frozen=True)
class Event:
    at: datetime
    icon: str
    text: str


@dataclass(frozen=True)
class PlacedStretch:
    place: str
    state: State
    word: str
    detail: str
    future: bool
    href: str


@dataclass(frozen=True)
class PlacedEvent:
    place: str
    icon: str
    text: str
    line: int  # 0 is the uppermost


@dataclass(frozen=True)
class Strip:
    """Ready to be drawn by the `strip` and `lane` macros."""

    months: tuple[tuple[str, str], ...]
    spans: tuple[PlacedStretch, ...]
    events: tuple[PlacedEvent, ...]
    today: str
    lines: int


def place(start: float, end: float | None = None) -> str:
    """The classes for a place from `start` to `end`, as shares of the whole (0 to 1, clamped)."""
    left = round(min(max(start, 0.0), 1.0) * STEPS)
    if end is None:
        return f"x-{left}"
    right = round(min(max(end, 0.0), 1.0) * STEPS)
    return f"x-{left} w-{max(right - left, 1)}"


def shares(counts: Sequence[int]) -> list[int]:
    """Widths in half per cents that add up to 200, by largest remainder; nothing counted stays 0,
    and what is counted is never drawn as nothing."""
    total = sum(counts)
    if not total:
        return [0 for _ in counts]
    exact = [count * STEPS / total for count in counts]
    whole = [int(each) for each in exact]
    order = sorted(range(len(counts)), key=lambda n: whole[n] - exact[n])
    for n in order[: STEPS - sum(whole)]:
        whole[n] += 1
    for n, count in enumerate(counts):
        if count and not whole[n]:
            whole[n] = 1
            whole[whole.index(max(whole))] -= 1
    return whole


def widths_of(counts: Mapping[str, int]) -> dict[str, int]:
    """Width of each readiness state in the bar of states, in half per cents, in the fixed order."""
    return dict(zip(STATES, shares([counts[key] for key in STATES]), strict=True))


def _months(start: datetime, end: datetime) -> Iterable[tuple[datetime, str]]:
    first = local(start)
    yield start, f"{first:%B %Y}"
    year, month = first.year, first.month
    while True:
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        begin = datetime(year, month, 1, tzinfo=LONDON)
        if begin >= end:
            return
        yield begin, f"{begin:%B %Y}" if month == 1 else f"{begin:%B}"


def strip(
    *,
    stretches: Iterable[Stretch],
    events: Iterable[Event] = (),
    start: datetime,
    end: datetime,
    now: datetime,
) -> Strip:
    """Place stretches and events between `start` and `end` (aware). Stretches outside are left out,
    those that reach over an edge are cut there. Raises ValueError unless start < end."""
    if start >= end:
        raise ValueError("A strip must start before it ends.")
    whole: timedelta = end - start

    def share(at: datetime) -> float:
        return (at - start) / whole

    placed = tuple(
        PlacedStretch(
            place(share(each.since), share(each.until or end)),
            STATES[each.state],
            each.word or STATES[each.state].word,
            each.detail,
            each.future,
            each.href,
        )
        for each in stretches
        if each.since < end and (each.until is None or each.until > start)
    )
    inside = sorted((each for each in events if start <= each.at < end), key=lambda each: each.at)
    marks: list[PlacedEvent] = []
    before = [-1.0] * LINES
    for each in inside:
        here = share(each.at)
        free = (line for line in range(LINES) if here - before[line] >= CLOSE)
        line = next(free, before.index(min(before)))
        marks.append(PlacedEvent(place(here), each.icon, each.text, line))
        before[line] = here
    # A first month of a few days has no room for its name.
    months = list(_months(start, end))
    if len(months) > 1 and share(months[1][0]) < 0.1:
        months = months[1:]
    # Over more than a year there is room for the short names only.
    if len(months) > MOST_IN_FULL:
        months = [(at, name[:3]) for at, name in months]
    return Strip(
        months=tuple((place(share(at)), name) for at, name in months),
        spans=placed,
        events=tuple(marks),
        today=place(share(now)) if start <= now < end else "",
        lines=max((mark.line + 1 for mark in marks), default=1),
    )


def midnight(day: date) -> datetime:
    """The first moment of a day in Europe/London."""
    return datetime(day.year, day.month, day.day, tzinfo=LONDON)
