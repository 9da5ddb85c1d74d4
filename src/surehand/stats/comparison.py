"""Did it work? The same staff before and after, with what chance could have done.

Only for samples drawn by chance, audited by people who do not know the period. The records of one
person are alike, so a person counts as one unit, not each record: records taken for independent
show differences that are not there.
"""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from math import inf, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from surehand.stats.estimates import FEW, MINIMUM, Difference, Estimate, difference
from surehand.stats.intervals import wilson

STAFF = 5
"""People in both periods below which nothing can be told."""

Floats = NDArray[np.float64]


class Audited(NamedTuple):
    """An audited record: whose, of which period, whether it has the defect, its inclusion
    probability."""

    staff: Hashable
    after: bool
    y: bool
    pi: float


class Verdict(StrEnum):
    FEWER = "fewer"
    MORE = "more"
    COULD_BE_CHANCE = "could be chance"
    TOO_FEW = "too few to tell"


@dataclass(frozen=True)
class Comparison:
    """The rate before and after among the `staff` people who have audited records in both periods,
    and the second less the first. `left_out`: audited records of others. `warnings`: sentences to
    show beside it."""

    before: Estimate
    after: Estimate
    difference: Difference
    staff: int
    left_out: int
    warnings: tuple[str, ...]

    @property
    def verdict(self) -> Verdict:
        if self.difference.too_few:
            return Verdict.TOO_FEW
        if not self.difference.clear:
            return Verdict.COULD_BE_CHANCE
        return Verdict.FEWER if self.difference.value < 0 else Verdict.MORE

    @property
    def sentence(self) -> str:
        """In plain words: “6.1 points fewer (likely between 2.0 and 10.2).”"""
        if self.difference.too_few:
            return "Too few to tell."
        if not self.difference.clear:
            return "Could be chance."
        near, far = sorted(abs(end) * 100 for end in (self.difference.low, self.difference.high))
        points = abs(self.difference.value) * 100
        return f"{points:.1f} points {self.verdict} (likely between {near:.1f} and {far:.1f})."


CHOSEN_AS_WORST = (
    "These people or records were chosen because they did worst: some of the change would have "
    "come without any support (regression to the mean)."
)
LOOKED_BEFORE = "This is one of {looks} planned looks; the range is wider to allow for them."


def before_and_after(
    records: Iterable[Audited],
    *,
    chosen_as_worst: bool = False,
    looks: int = 1,
    minimum: int = MINIMUM,
    least_staff: int = STAFF,
) -> Comparison | None:
    """The difference of the weighted rates of both periods, of those people alone who have records
    in both; its variance by leaving out one person at a time (the jackknife over clusters; Shao
    and Tu, *The Jackknife and Bootstrap*, 1995, §6.2; MacKinnon, Nielsen and Webb, Journal of
    Econometrics 232, 2023, on why it is the safe one with few clusters), its interval by Student's
    t with one degree of freedom fewer than people. With fewer than `FEW` defects, or records
    without one, in both periods together that variance is itself a guess: the interval is then put
    together from those of the two rates, as in `estimates.difference`. Too few: fewer than
    `minimum` records in a period, or fewer than `least_staff` people. None when nobody has records
    in both.

    Who looks again and again finds something some day: give the number of planned `looks`, and each
    interval is that of 1 − 0.05/looks (Bonferroni; tighter bounds: Jennison and Turnbull, *Group
    Sequential Methods*, 2000). `chosen_as_worst` adds the warning of regression to the mean. Raises
    ValueError unless 0 < π ≤ 1 and looks ≥ 1."""
    if looks < 1:
        raise ValueError("There is at least one look.")
    rows = list(records)
    both = {row.staff for row in rows if row.after} & {row.staff for row in rows if not row.after}
    kept = [row for row in rows if row.staff in both]
    if not kept:
        return None
    number: dict[Hashable, int] = {}
    staff = np.array([number.setdefault(row.staff, len(number)) for row in kept])
    found = compared(
        staff,
        np.array([row.after for row in kept], dtype=np.bool_),
        np.array([row.y for row in kept], dtype=np.float64),
        np.array([row.pi for row in kept], dtype=np.float64),
        sure=1 - 0.05 / looks,
        minimum=minimum,
        least_staff=least_staff,
    )
    warnings = [CHOSEN_AS_WORST] * chosen_as_worst
    warnings += [LOOKED_BEFORE.format(looks=looks)] * (looks > 1)
    return Comparison(*found, len(both), len(rows) - len(kept), tuple(warnings))


def compared(
    staff: NDArray[np.int64],
    after: NDArray[np.bool_],
    y: Floats,
    pi: Floats,
    *,
    sure: float = 0.95,
    minimum: int = MINIMUM,
    least_staff: int = STAFF,
) -> tuple[Estimate, Estimate, Difference]:
    """As `before_and_after`, of columns: the people are numbered from 0 and each has records in
    both periods."""
    # Loaded when it is first needed, as in `intervals`.
    from scipy.special import stdtrit

    if not np.all((pi > 0) & (pi <= 1)):
        raise ValueError("An inclusion probability is more than 0 and no more than 1.")
    people = int(staff.max()) + 1
    t = float(stdtrit(people - 1, (1 + sure) / 2)) if people > 1 else inf
    weight = 1 / pi
    values, without = [], []
    for period in (~after, after):
        all_of = np.bincount(staff, weight * period, people)
        found = np.bincount(staff, weight * period * y, people)
        values.append(float(found.sum() / all_of.sum()))
        if people > 1:  # the rate with each person left out in turn
            without.append((found.sum() - found) / (all_of.sum() - all_of))
    rates = []
    for n, period in enumerate((~after, after)):
        many, value = int(period.sum()), min(values[n], 1.0)
        v = _jackknifed(without[n], values[n]) if people > 1 else 0.0
        n_eff = min(many, value * (1 - value) / v) if v > 0 else float(many)
        few = many < minimum or people < least_staff
        interval = wilson(value, n_eff, z=min(t, 1e3)) if n_eff > 0 else None
        low, high = (interval.low, interval.high) if interval else (0.0, 1.0)
        rates.append(Estimate(value, low, high, many, n_eff, few))
    before, later = rates
    defects = int(y.sum())
    apart = difference(before, later)
    if min(defects, len(y) - defects) < FEW or people < 2:
        return before, later, apart
    spread = t * sqrt(_jackknifed(without[1] - without[0], values[1] - values[0]))
    value = apart.value
    return (
        before,
        later,
        Difference(value, max(-1.0, value - spread), min(1.0, value + spread), apart.too_few),
    )


def _jackknifed(without: Floats, whole: float) -> float:
    """The variance, from what is found with each person left out in turn."""
    people = len(without)
    return (people - 1) / people * float(((without - whole) ** 2).sum())
