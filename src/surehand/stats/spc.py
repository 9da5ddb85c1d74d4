"""Charts over time, judged by the rules of the NHS programme “Making Data Count”.

The rules are those of its reference package (NHS-R Community, NHSRplotthedots 0.2.2, functions
`ptd_spc_standard`, `ptd_calculate_point_type`, `ptd_calculate_assurance_type`), held to it by tests
on its published values. A chart prompts a question and proves nothing alone: some rule fires in
about one in six stable charts of 24 points.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise
from math import fsum, inf, isfinite, sqrt

RUN = 7
"""Points of a shift or a trend."""
ENOUGH = 13
"""Points below which limits are trial limits."""
OF_LIMIT = 2 / 3
"""Where near the limit begins, on the way from the average to the limit."""
XMR = 2.66  # 3 / 1.128, as the programme rounds it (Wheeler, “Understanding Variation”, 1993)
D2 = 1.128  # mean moving range of two, in standard deviations
OUTLYING = 3.267  # times the mean, a moving range is left out (Nelson, JQT 14, 1982, p. 172)
ONE_IN = "About one stable chart in six shows a signal by luck: a question to ask, not a proof."


class Better(StrEnum):
    """Which way is improvement."""

    INCREASE = "increase"
    DECREASE = "decrease"


class SpecialCause(StrEnum):
    """Why a point is marked. The first that holds, in this order."""

    ABOVE_LIMIT = "above_limit"
    BELOW_LIMIT = "below_limit"
    TREND_UP = "trend_up"
    TREND_DOWN = "trend_down"
    TWO_OF_THREE_HIGH = "two_of_three_high"
    TWO_OF_THREE_LOW = "two_of_three_low"
    SHIFT_HIGH = "shift_high"
    SHIFT_LOW = "shift_low"


class Judgement(StrEnum):
    """How a point reads: as usual, or like an improvement or a concern."""

    COMMON_CAUSE = "common_cause"
    IMPROVEMENT = "improvement"
    CONCERN = "concern"


class Assurance(StrEnum):
    """Whether the process, as it is, will meet its target."""

    CONSISTENT_PASS = "consistent_pass"
    CONSISTENT_FAIL = "consistent_fail"
    INCONSISTENT = "inconsistent"


UP = {
    SpecialCause.ABOVE_LIMIT,
    SpecialCause.TREND_UP,
    SpecialCause.TWO_OF_THREE_HIGH,
    SpecialCause.SHIFT_HIGH,
}
IN_WORDS = {
    None: "as usual",
    SpecialCause.ABOVE_LIMIT: "above the upper limit",
    SpecialCause.BELOW_LIMIT: "below the lower limit",
    SpecialCause.TREND_UP: f"part of a rise of {RUN} points or more",
    SpecialCause.TREND_DOWN: f"part of a fall of {RUN} points or more",
    SpecialCause.TWO_OF_THREE_HIGH: "one of two in three near the upper limit",
    SpecialCause.TWO_OF_THREE_LOW: "one of two in three near the lower limit",
    SpecialCause.SHIFT_HIGH: f"one of {RUN} or more in a row above the average",
    SpecialCause.SHIFT_LOW: f"one of {RUN} or more in a row below the average",
}
ASSURED = {
    Assurance.CONSISTENT_PASS: "As things are, the target will be met.",
    Assurance.CONSISTENT_FAIL: "As things are, the target will not be met.",
    Assurance.INCONSISTENT: "As things are, the target may be met or missed by chance.",
}


@dataclass(frozen=True)
class Point:
    """A point and how it is judged. The limits are those of its segment: None when it has a single
    point to reckon them from. `trial`: they rest on fewer than `ENOUGH` points."""

    at: date
    value: float
    mean: float
    lower: float | None
    upper: float | None
    near_lower: float | None
    near_upper: float | None
    trial: bool
    special_cause: SpecialCause | None
    judgement: Judgement


@dataclass(frozen=True)
class Chart:
    """The points in their order, and whether the target will be met (None: no target, no limits).
    What the chart as a whole shows is what its last point shows."""

    points: tuple[Point, ...]
    assurance: Assurance | None

    @property
    def variation(self) -> Judgement:
        return self.points[-1].judgement

    @property
    def sentence(self) -> str:
        """What it shows, in plain words."""
        last = self.points[-1]
        why = IN_WORDS[last.special_cause]
        said = [
            {
                Judgement.COMMON_CAUSE: "Nothing has clearly changed: the last point is as usual.",
                Judgement.IMPROVEMENT: f"This looks like an improvement: the last point is {why}.",
                Judgement.CONCERN: f"This looks like a concern: the last point is {why}.",
            }[last.judgement]
        ]
        if self.assurance:
            said.append(ASSURED[self.assurance])
        if last.trial:
            said.append(f"The limits are trial limits: they rest on fewer than {ENOUGH} points.")
        return " ".join(said)


@dataclass(frozen=True)
class _Given:
    """A point as given: its value, and for shares how many it is a share of."""

    at: date
    value: float
    of: float = 1.0


def xmr(
    points: Iterable[tuple[date, float]],
    *,
    better: Better,
    target: float | None = None,
    baseline: int | None = None,
    rebase: Iterable[date] = (),
    screen_outliers: bool = False,
) -> Chart:
    """An XmR chart: the average ± 2.66 times the mean moving range.

    A segment begins at the first point on or after each date of `rebase`, and is judged by itself.
    With `baseline`, the limits of each segment rest on its first so many points. With
    `screen_outliers`, moving ranges of 3.267 times their mean or more are left out, once (the
    package does by default, the programme's spreadsheet does not). Raises ValueError, with a
    sentence for people, for no points, two of one date, a value that is no number, and a rebase
    with no point after it."""
    rows = [_Given(at, float(value)) for at, value in points]
    return _chart(rows, _xmr_limits, (-inf, inf), better, target, baseline, rebase, screen_outliers)


def laney(
    points: Iterable[tuple[date, float, float]],
    *,
    better: Better,
    target: float | None = None,
    baseline: int | None = None,
    rebase: Iterable[date] = (),
    screen_outliers: bool = False,
) -> Chart:
    """A Laney p′ chart of shares, given as date, numerator and denominator, which may be fractions
    (of a weighted rate give its rate × n_eff and n_eff): p̄ ± 3 σᵢ σz, where σᵢ is the binomial
    deviation of a point and σz = mean |Δz| / 1.128 what the points vary beyond it (Laney, Quality
    Engineering 14, 2002, p. 531). Limits stay within 0 and 1. Otherwise as `xmr`; also raises
    ValueError unless 0 ≤ numerator ≤ denominator and denominator > 0."""
    rows = []
    for at, count, of in points:
        if not (0 <= count <= of and 0 < of < inf):
            raise ValueError(f"{at}: {count:g} of {of:g} is no share.")
        rows.append(_Given(at, count / of, float(of)))
    return _chart(
        rows, _laney_limits, (0.0, 1.0), better, target, baseline, rebase, screen_outliers
    )


_Limits = Callable[[Sequence[_Given], Sequence[_Given], bool], tuple[float, list[float] | None]]


def _chart(
    rows: list[_Given],
    limits: _Limits,
    ends: tuple[float, float],
    better: Better,
    target: float | None,
    baseline: int | None,
    rebase: Iterable[date],
    screen_outliers: bool,
) -> Chart:
    rows.sort(key=lambda row: row.at)
    if not rows:
        raise ValueError("There are no points.")
    for row, later in pairwise(rows):
        if row.at == later.at:
            raise ValueError(f"There are two points of {row.at}.")
    for row in rows:
        if not isfinite(row.value):
            raise ValueError(f"The value of {row.at} is no number.")
    if baseline is not None and baseline < 2:
        raise ValueError("Limits need a baseline of at least 2 points.")
    points: list[Point] = []
    for segment in _segments(rows, rebase):
        resting_on = segment[:baseline]
        mean, spreads = limits(segment, resting_on, screen_outliers)
        causes = _special_causes(segment, mean, spreads)
        points += _points(segment, mean, spreads, ends, causes, better, len(resting_on) < ENOUGH)
    return Chart(tuple(points), _assurance(points[-1], target, better))


def _segments(rows: list[_Given], rebase: Iterable[date]) -> list[list[_Given]]:
    starts = {0}
    for on in rebase:
        after = [n for n, row in enumerate(rows) if row.at >= on]
        if not after:
            raise ValueError(f"There is no point on or after {on} to rebase at.")
        starts.add(after[0])
    cuts = [*sorted(starts), len(rows)]
    return [rows[start:end] for start, end in pairwise(cuts)]


def _mean_range(values: Sequence[float], screen_outliers: bool) -> float:
    ranges = [abs(later - value) for value, later in pairwise(values)]
    mean = fsum(ranges) / len(ranges)
    if screen_outliers and mean > 0:
        kept = [one for one in ranges if one < OUTLYING * mean]
        mean = fsum(kept) / len(kept)
    return mean


def _xmr_limits(
    segment: Sequence[_Given], resting_on: Sequence[_Given], screen_outliers: bool
) -> tuple[float, list[float] | None]:
    """The average, and how far the limits of each point lie from it."""
    values = [row.value for row in resting_on]
    mean = fsum(values) / len(values)
    if len(values) < 2:
        return mean, None
    return mean, [XMR * _mean_range(values, screen_outliers)] * len(segment)


def _laney_limits(
    segment: Sequence[_Given], resting_on: Sequence[_Given], screen_outliers: bool
) -> tuple[float, list[float] | None]:
    of = fsum(row.of for row in resting_on)
    mean = min(1.0, fsum(row.value * row.of for row in resting_on) / of)
    if len(resting_on) < 2:
        return mean, None
    one = sqrt(mean * (1 - mean))  # the deviation of a single record
    if one == 0:
        return mean, [0.0] * len(segment)
    z = [(row.value - mean) * sqrt(row.of) / one for row in resting_on]
    sigma_z = _mean_range(z, screen_outliers) / D2
    return mean, [3 * one / sqrt(row.of) * sigma_z for row in segment]


def _side(value: float, of: float, tiny: float) -> int:
    """1 above, −1 below, 0 on it; what floats lose in the reckoning is on it."""
    if abs(value - of) <= tiny:
        return 0
    return 1 if value > of else -1


def _special_causes(
    segment: Sequence[_Given], mean: float, spreads: list[float] | None
) -> list[SpecialCause | None]:
    values = [row.value for row in segment]
    many, tiny = len(values), 1e-12 * max(abs(value) for value in values)
    side = [_side(value, mean, tiny) for value in values]
    beyond, near = [False] * many, [False] * many
    if spreads is not None:
        beyond = [
            _side(v, mean + s * spread, tiny) == s != 0
            for v, s, spread in zip(values, side, spreads, strict=True)
        ]
        near = [
            not out and _side(v, mean + s * spread * OF_LIMIT, tiny) == s != 0
            for v, s, spread, out in zip(values, side, spreads, beyond, strict=True)
        ]
    # Of three on one side, the two or three near the limit (a point outside it is marked anyway).
    two_of_three = [False] * many
    for first in range(many - 2):
        three = range(first, first + 3)
        if abs(sum(side[n] for n in three)) == 3 and sum(near[n] for n in three) >= 2:
            for n in three:
                two_of_three[n] |= near[n]
    shift = [False] * many
    for first in range(many - RUN + 1):
        if abs(sum(side[first : first + RUN])) == RUN:
            shift[first : first + RUN] = [True] * RUN
    moves = [_side(later, value, tiny) for value, later in pairwise(values)]
    trend = [0] * many
    for first in range(many - RUN + 1):
        total = sum(moves[first : first + RUN - 1])
        if abs(total) == RUN - 1:  # where a fall turns into a rise, the turn is of the rise
            trend[first : first + RUN] = [1 if total > 0 else -1] * RUN
    return [
        _first_that_holds(side[n], beyond[n], trend[n], two_of_three[n], shift[n])
        for n in range(many)
    ]


def _first_that_holds(
    side: int, beyond: bool, trend: int, two_of_three: bool, shift: bool
) -> SpecialCause | None:
    if beyond:
        return SpecialCause.ABOVE_LIMIT if side > 0 else SpecialCause.BELOW_LIMIT
    if trend:
        return SpecialCause.TREND_UP if trend > 0 else SpecialCause.TREND_DOWN
    if two_of_three:
        return SpecialCause.TWO_OF_THREE_HIGH if side > 0 else SpecialCause.TWO_OF_THREE_LOW
    if shift:
        return SpecialCause.SHIFT_HIGH if side > 0 else SpecialCause.SHIFT_LOW
    return None


def _points(
    segment: Sequence[_Given],
    mean: float,
    spreads: list[float] | None,
    ends: tuple[float, float],
    causes: list[SpecialCause | None],
    better: Better,
    trial: bool,
) -> list[Point]:
    def at(n: int, by: float) -> float | None:
        return None if spreads is None else min(max(mean + by * spreads[n], ends[0]), ends[1])

    return [
        Point(
            at=row.at,
            value=row.value,
            mean=mean,
            lower=at(n, -1),
            upper=at(n, 1),
            near_lower=at(n, -OF_LIMIT),
            near_upper=at(n, OF_LIMIT),
            trial=trial,
            special_cause=cause,
            judgement=judged(cause, better),
        )
        for n, (row, cause) in enumerate(zip(segment, causes, strict=True))
    ]


def judged(cause: SpecialCause | None, better: Better) -> Judgement:
    """How a mark reads when improvement is that way."""
    if cause is None:
        return Judgement.COMMON_CAUSE
    if (cause in UP) == (better is Better.INCREASE):
        return Judgement.IMPROVEMENT
    return Judgement.CONCERN


def _assurance(last: Point, target: float | None, better: Better) -> Assurance | None:
    """From the limits of the last point: a target outside them is always, or never, met."""
    if target is None or last.lower is None or last.upper is None:
        return None
    if last.lower <= target <= last.upper:
        return Assurance.INCONSISTENT
    passes = (target < last.lower) == (better is Better.INCREASE)
    return Assurance.CONSISTENT_PASS if passes else Assurance.CONSISTENT_FAIL
