"""Record accuracy and the other readings, by service and period."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from surehand.audits import quality_queries as queries
from surehand.audits.accuracy import Count
from surehand.audits.checked import Checked
from surehand.audits.quality_queries import Period, Teams
from surehand.timeline import add_months, instant, london_date

MONTHS = 12
"""How far back the months go."""


@dataclass(frozen=True)
class Read:
    """The checks that hold of some services since the first of the periods, and their teams; and
    for each period all records by service: late, and with anything noticed."""

    checked: tuple[Checked, ...]
    teams: Teams
    late: dict[int, Count]
    noticed: dict[int, Count]

    def of(self, service: int, period: Period) -> list[Checked]:
        return [
            r
            for r in self.checked
            if r.service == service and period.begins <= r.written_at < period.ends
        ]


def months(at: datetime, *, known: int | None = None) -> list[Period]:
    """The calendar months up to a moment, the newest first; the one it is in is not over."""
    first = london_date(instant(at)).replace(day=1)
    starts = [add_months(first, -n) for n in range(MONTHS)]
    return [Period(start, add_months(start, 1), at, known) for start in starts]


def read(services: Sequence[int], period: Period, *, at: datetime, since: date) -> Read:
    """What is told of these services: the checks since a day, all records of the period."""
    next_month = add_months(london_date(instant(at)).replace(day=1), 1)
    whole = Period(since, max(period.until, next_month), at, period.known)
    return Read(
        tuple(queries.checked_in(services, whole)),
        queries.teams_of(services, known=period.known),
        queries.all_records(services, period, queries.LATE),
        queries.all_records(services, period),
    )
