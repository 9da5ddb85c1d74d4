"""Whether training reached the records (2.7): charts over time, teams, before and after.

Pure. Shares are 0 to 1; weeks are London weeks, by their Mondays.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import takewhile
from typing import TYPE_CHECKING

from surehand.audits.accuracy import Holds, Week, estimate
from surehand.stats import spc
from surehand.stats.estimates import Estimate

if TYPE_CHECKING:
    from surehand.audits.checked import Checked

FEWEST_WEEKS = 4
"""Fewer weeks with enough records are no chart."""
BASELINE = 8
"""So many weeks before the first refresher are enough for the limits to come from them."""
OUTSIDE = {spc.SpecialCause.ABOVE_LIMIT, spc.SpecialCause.BELOW_LIMIT}


@dataclass(frozen=True)
class OverTime:
    """Weeks judged by the NHS rules. `chart` is None where too few weeks have enough records;
    `baseline` is how many weeks the limits come from."""

    weeks: tuple[Week, ...]
    chart: spc.Chart | None
    baseline: int

    @property
    def points(self) -> Mapping[date, spc.Point]:
        return {point.at: point for point in self.chart.points} if self.chart else {}

    @property
    def variation(self) -> spc.Judgement | None:
        return self.chart.variation if self.chart else None


def over_time(
    weeks: Sequence[Week],
    *,
    better: spc.Better,
    first_refresher: date | None = None,
    target: float | None = None,
) -> OverTime:
    """The chart of these weeks. The limits come from the weeks before the first refresher where
    there are enough of them, else from all."""
    told = [week for week in weeks if week.value is not None]
    if len(told) < FEWEST_WEEKS:
        return OverTime(tuple(weeks), None, 0)
    before = [w for w in told if first_refresher is not None and w.monday < first_refresher]
    resting = len(before) if BASELINE <= len(before) < len(told) else len(told)
    chart = spc.laney(
        [(w.monday, w.value * w.of, w.of) for w in told if w.value is not None],
        better=better,
        target=target,
        baseline=resting,
    )
    return OverTime(tuple(weeks), chart, resting)


@dataclass(frozen=True)
class Said:
    """What stands beside a point; `of_run`: of it and the points before it."""

    text: str
    of_run: bool = False


def notes(points: Sequence[spc.Point]) -> dict[date, Said]:
    """What is said in the chart: every point outside the limits, and how it ends: “8 weeks in a row
    below the average”."""
    last, ending = points[-1], _ending(points)
    found = {
        p.at: Said("above the limit" if p.special_cause in spc.UP else "below the limit")
        for p in points[: len(points) - len(ending)] or points
        if p.special_cause in OUTSIDE
    }
    if last.special_cause is None:
        return found
    above, run = last.value > last.mean, len(ending)
    if last.special_cause in {spc.SpecialCause.TREND_UP, spc.SpecialCause.TREND_DOWN}:
        way = "up" if last.special_cause in spc.UP else "down"
        said = f"{spc.RUN} weeks or more, each further {way}"
    elif run >= spc.RUN:
        said = f"{run} weeks in a row {'above' if above else 'below'} the average"
    elif last.special_cause in OUTSIDE:
        return {**found, last.at: Said(f"{'above' if above else 'below'} the limit")}
    else:
        said = "near the limit"
    return {**found, last.at: Said(said, True)}


def _ending(points: Sequence[spc.Point]) -> list[spc.Point]:
    """The last points, on the side of the average on which the last one is."""
    above = points[-1].value > points[-1].mean
    return list(takewhile(lambda p: (p.value > p.mean) == above, reversed(points)))


@dataclass(frozen=True)
class Cell:
    """A theme in a group: its estimate; None or `too_few` where nothing is told."""

    theme: str
    group: Hashable
    found: Estimate | None

    @property
    def per_hundred(self) -> float | None:
        told = self.found is not None and not self.found.too_few
        return 100 * self.found.value if told and self.found else None


def heat_map(
    records: Iterable["Checked"],
    *,
    groups: Mapping[Hashable, Callable[["Checked"], bool]],
    themes: Mapping[str, Holds],
) -> list[list[Cell]]:
    """A row for each theme, a cell for each group."""
    every = list(records)
    own = {group: [r for r in every if belongs(r)] for group, belongs in groups.items()}
    return [
        [Cell(theme, group, estimate(own[group], holds)) for group in groups]
        for theme, holds in themes.items()
    ]
