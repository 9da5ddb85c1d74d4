"""What the page of record accuracy shows (R18)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from surehand.audits import accuracy
from surehand.audits import quality_queries as queries
from surehand.audits.accuracy import Count, Holds
from surehand.audits.accuracy_queries import Read
from surehand.audits.checked import Checked
from surehand.audits.models import Criterion
from surehand.audits.quality_pages import ACCURACY, GROUPS, NOTICED, Sought, kind_of
from surehand.audits.quality_queries import Period
from surehand.competency.themes import THEMES
from surehand.ecm.profile import Profile
from surehand.people.models import Service
from surehand.stats.estimates import MINIMUM, Estimate
from surehand.stats.intervals import Interval, share
from surehand.timeline import instant, london_date
from surehand.ui.formats import day, short_day

HOW = (
    "A record is accurate when it meets all four checks: complete, timely, person-specific, and in "
    "the right section. “Partly” does not meet; “not applicable” is left out. Records are chosen "
    "by chance, some of them more likely than others, and how likely is written down before "
    "anybody opens one. So each checked record counts for as many as it stands for: the figure is "
    "about all records, not only those that were read. The range is where the true figure lies in "
    f"95 of 100 such audits. Of fewer than {MINIMUM} records, or records by fewer than "
    f"{accuracy.AUTHORS} people, nothing is told."
)
FEW = "Too few to tell"

Keep = Sequence[tuple[str, str]]
"""The service and the moment asked about, as parts of an address."""
Kept = Callable[[Checked], bool]


@dataclass(frozen=True)
class Line:
    """One reading: `value`, `low` and `high` of every 100 records as text, and an interval to draw;
    without where there is too little to tell."""

    title: str
    records: int
    value: str
    between: str
    interval: Interval | None
    href: str


@dataclass(frozen=True)
class Headline:
    """The one figure, in large."""

    value: str
    between: str
    said: str
    href: str


def line(title: str, found: Estimate | None, href: str) -> Line:
    """A reading from the records that were checked."""
    if found is None or found.too_few:
        return Line(title, found.n if found else 0, FEW, "–", None, href if found else "")
    return Line(
        title,
        found.n,
        f"{100 * found.value:.0f}",
        f"{100 * found.low:.0f} to {100 * found.high:.0f}",
        Interval(found.low, found.value, found.high),
        href,
    )


def counted(title: str, found: Count, href: str) -> Line:
    """A reading from all records."""
    if found.records < MINIMUM:
        return Line(title, found.records, FEW, "–", None, href if found.records else "")
    between = share(found.noticed, found.records)
    return Line(
        title,
        found.records,
        f"{100 * between.value:.1f}",
        f"{100 * between.low:.1f} to {100 * between.high:.1f}",
        between,
        href,
    )


def headline(records: Sequence[Checked], period: Period, keep: Keep) -> Headline:
    found = accuracy.estimate(records, accuracy.is_accurate)
    href = _sought(ACCURACY, period).href(keep) if records else ""
    if found is None or found.too_few:
        few = (
            f"{found.n} checked so far; it takes {MINIMUM}, by {accuracy.AUTHORS} people."
            if found
            else "No record of this time is checked yet."
        )
        return Headline("", "", few, href)
    return Headline(
        f"{100 * found.value:.0f}",
        f"likely between {100 * found.low:.0f} and {100 * found.high:.0f}",
        f"of every 100 records meet all four checks. {found.n} were checked.",
        href,
    )


def by_period(read: Read, service: Service, periods: Sequence[Period], keep: Keep) -> list[Line]:
    """The figure of each month that has records."""
    return [
        line(
            f"{period.since:%B %Y}",
            accuracy.estimate(own, accuracy.is_accurate),
            _sought(ACCURACY, period).href(keep),
        )
        for period in periods
        if (own := read.of(service.pk, period))
    ]


def by_service(read: Read, services: Sequence[Service], period: Period, keep: Keep) -> list[Line]:
    """The figure of each service that whoever asks may read."""
    return [
        line(
            str(service),
            accuracy.estimate(own, accuracy.is_accurate),
            _sought(ACCURACY, period).href([*keep, ("service", service.code)]) if own else "",
        )
        for service in services
        for own in [read.of(service.pk, period)]
    ]


def _all(record: Checked) -> bool:
    return True


def beside(
    read: Read, service: Service, profile: Profile, period: Period, keep: Keep
) -> list[tuple[str, list[Line]]]:
    """The other readings, in groups: each check, each theme, kind of record, shift, all records."""
    own = read.of(service.pk, period)

    def told(title: str, what: str, holds: Holds, of: Kept = _all, **more: str) -> Line:
        found = accuracy.estimate([r for r in own if of(r)], holds)
        return line(title, found, _sought(what, period, **more).href(keep))

    def of_type(code: str) -> Kept:
        return lambda r: r.record_type == code

    def of_group(code: str) -> Kept:
        return lambda r: read.teams.group(r) == code

    types = sorted({r.record_type for r in own})
    seen = {theme for r in own for theme in r.themes}
    groups = [
        (
            "Each check",
            [
                told(str(c.label), c.value, accuracy.meets(number))
                for number, c in enumerate(Criterion)
            ],
        ),
        (
            "Record accuracy by kind of record",
            [
                told(kind_of(profile, t), ACCURACY, accuracy.is_accurate, of_type(t), record_type=t)
                for t in types
            ],
        ),
        (
            "Record accuracy by shift",
            [
                told(title.capitalize(), ACCURACY, accuracy.is_accurate, of_group(code), group=code)
                for code, title in GROUPS.items()
            ],
        ),
        (
            "Gaps in every 100 records",
            [
                told(queries.title_of(code), code, accuracy.has_gap(code))
                for code in THEMES
                if code in seen
            ],
        ),
    ]
    found = [(title, lines) for title, lines in groups if own and lines]
    late, noticed = read.late.get(service.pk), read.noticed.get(service.pk)
    if late and noticed:
        found.append(
            (
                "In all records, not only those checked",
                [
                    counted("Written late", late, _sought("late", period).href(keep)),
                    counted("Something noticed", noticed, _sought(NOTICED, period).href(keep)),
                ],
            )
        )
    return found


def period_said(period: Period) -> str:
    return (
        f"{short_day(period.since)} to {day(min(period.last_day, london_date(instant(period.at))))}"
    )


def _sought(what: str, period: Period, record_type: str = "", group: str = "") -> Sought:
    return Sought(
        what, since=period.since, until=period.last_day, record_type=record_type, group=group
    )


def month_of(said: str, periods: Sequence[Period]) -> date | None:
    """The month an address asks for, as YYYY-MM; None for the last weeks."""
    return next((p.since for p in periods if f"{p.since:%Y-%m}" == said), None)
