"""Record accuracy, and the other readings of the records that were checked (R18).

Pure. Each record checked counts for the 1/π records it stands for; the raw share of the checked
ones is biased, as those at risk are drawn more often, and is shown nowhere.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from surehand.stats.estimates import MINIMUM, Estimate, rate
from surehand.timeline import instant, london_date
from surehand.timeline.london import LONDON

if TYPE_CHECKING:
    from surehand.audits.checked import Checked

AUTHORS = 3
"""Nothing is told of records by fewer people: it would be a figure for a person."""
NIGHT_FROM, NIGHT_TO = 20, 8
"""Night is from eight in the evening until eight in the morning, in London."""
MEETS, NOT_APPLICABLE = "meets", "na"

Holds = Callable[["Checked"], bool | None]
"""What is asked of a record: whether it holds; None where it cannot be asked of it."""


def is_accurate(record: "Checked") -> bool | None:
    """Whether it meets all that is asked of it (R18)."""
    return record.accurate


def meets(criterion: int) -> Holds:
    """Whether it meets one criterion, by its place; *not applicable* is left out."""

    def holds(record: "Checked") -> bool | None:
        answer = record.answers[criterion]
        return None if answer == NOT_APPLICABLE else answer == MEETS

    return holds


def has_gap(theme: str) -> Holds:
    """Whether a gap of this theme was found in it."""
    return lambda record: theme in record.themes


def at_night(record: "Checked") -> bool:
    return is_night(record.written_at)


def is_night(at: datetime) -> bool:
    hour = at.astimezone(LONDON).hour
    return hour >= NIGHT_FROM or hour < NIGHT_TO


def estimate(records: Iterable["Checked"], holds: Holds) -> Estimate | None:
    """The share of all records for which it holds, with its interval; None where it can be asked of
    none. `too_few`: of fewer than 20 records, or fewer than 3 people, nothing is told."""
    asked = [(record, held) for record in records if (held := holds(record)) is not None]
    found = rate([held for _, held in asked], [record.pi for record, _ in asked])
    if found is None or found.too_few or len({author_of(r) for r, _ in asked}) >= AUTHORS:
        return found
    return replace(found, too_few=True)


def author_of(record: "Checked") -> tuple[int, int]:
    """Who wrote it, or the account where that is not known."""
    return (record.author, 0) if record.author is not None else (0, record.account)


@dataclass(frozen=True)
class Week:
    """What the records of one week say: of so many checked, the weighted `value`, worth `of`
    records. None where there are too few."""

    monday: date
    records: int
    value: float | None
    of: float = 0.0


def by_week(records: Iterable["Checked"], mondays: Sequence[date], holds: Holds) -> list[Week]:
    """The estimate of each London week, by when the records were written."""
    of: dict[date, list[Checked]] = {monday: [] for monday in mondays}
    for record in records:
        on = london_date(instant(record.written_at))
        monday = date.fromordinal(on.toordinal() - on.weekday())
        if monday in of and holds(record) is not None:
            of[monday].append(record)
    weeks = []
    for monday, own in of.items():
        found = estimate(own, holds)
        if found is None or found.too_few:
            weeks.append(Week(monday, len(own), None))
        else:
            # A week is worth no more records than it has.
            worth = min(found.n_eff, sum(1 / record.pi for record in own))
            weeks.append(Week(monday, len(own), found.value, worth))
    return weeks


@dataclass(frozen=True)
class Count:
    """Of all the records of a week or a period, not only those checked: how many, and in how many
    it was noticed."""

    records: int
    noticed: int

    @property
    def share(self) -> float | None:
        """None where there are too few."""
        return self.noticed / self.records if self.records >= MINIMUM else None
