"""What the pages of record quality show, worked out so that templates only draw."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from surehand.audits import accuracy, quality
from surehand.audits import quality_queries as queries
from surehand.audits.accuracy import Holds, Week
from surehand.audits.checked import Checked
from surehand.audits.models import Criterion
from surehand.audits.quality_queries import Period, Teams
from surehand.competency.themes import THEMES
from surehand.ecm.profile import Profile
from surehand.people.models import Service
from surehand.stats import spc
from surehand.stats.estimates import MINIMUM, Estimate
from surehand.ui import chart
from surehand.ui.formats import day, plural, short_day
from surehand.ui.page import address

WEEKS = {13: "13 weeks", 26: "26 weeks", 52: "A year"}
OVER = {4: "Last 4 weeks", 13: "Last 13 weeks"}
ACCURACY, NOTICED = "accuracy", "noticed"
TOO_FEW = "too few"
SMALL = f"too few: under {MINIMUM} records, or fewer than {accuracy.AUTHORS} people"

JUDGED = {
    spc.Judgement.IMPROVEMENT: "something changed, for the better",
    spc.Judgement.CONCERN: "something changed, for the worse",
    spc.Judgement.COMMON_CAUSE: "nothing has clearly changed",
    None: "too few to tell yet",
}
HOW_TO_READ = (
    "Each point is a week. The line across is the average, and between the dashed lines weeks go "
    "up and down by themselves; the fewer records a week has, the further. A point is marked when "
    "it lies outside the dashed lines, when seven weeks or more lie on one side of the average or "
    "go one way, or when two of three lie near a dashed line. These are the rules of the NHS "
    "programme “Making Data Count”."
)


# --- What is asked --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Measure:
    """Something that is told of records: `code` in the address, `title` on the page."""

    code: str
    title: str
    unit: str
    better: spc.Better
    holds: Holds | None  # None: it is told of all records, by what was noticed
    theme: str = ""


def measures() -> dict[str, Measure]:
    """Everything a chart can be of, in the order in which it is offered."""
    found = [
        Measure(
            "late",
            "Late entries",
            "Late entries in every 100 live records",
            spc.Better.DECREASE,
            None,
            queries.LATE_THEME,
        ),
        Measure(
            ACCURACY,
            "Record accuracy",
            "Records that meet all four checks, of every 100, weighted",
            spc.Better.INCREASE,
            accuracy.is_accurate,
        ),
        *(
            Measure(
                code,
                theme.title,
                "Gaps in every 100 records, weighted",
                spc.Better.DECREASE,
                accuracy.has_gap(code),
                code,
            )
            for code, theme in THEMES.items()
        ),
    ]
    return {each.code: each for each in found}


def readings() -> dict[str, Measure]:
    """What else a list of records can be asked for: each check, and anything noticed."""
    criteria = [
        Measure(c.value, str(c.label), "", spc.Better.INCREASE, accuracy.meets(number))
        for number, c in enumerate(Criterion)
    ]
    noticed = Measure(NOTICED, "Something noticed", "", spc.Better.DECREASE, None)
    return {**measures(), **{each.code: each for each in (*criteria, noticed)}}


@dataclass(frozen=True)
class Filters:
    """What the address asks to see."""

    of: str = "late"
    record_type: str = ""
    weeks: int = 26
    over: int = 4
    target: float | None = None
    refresher: int | None = None

    @property
    def measure(self) -> Measure:
        return measures()[self.of]

    @property
    def address(self) -> list[tuple[str, str]]:
        usual = Filters()
        found = [
            ("of", self.of if self.of != usual.of else ""),
            ("type", self.record_type),
            ("weeks", str(self.weeks) if self.weeks != usual.weeks else ""),
            ("over", str(self.over) if self.over != usual.over else ""),
            ("target", chart.in_figures(self.target) if self.target is not None else ""),
            ("refresher", str(self.refresher) if self.refresher else ""),
        ]
        return [(name, value) for name, value in found if value]


def filters_of(given: Mapping[str, str], types: Iterable[str]) -> Filters:
    """The filters of an address; what cannot be read is left out."""
    of, record_type = given.get("of", ""), given.get("type", "")
    weeks, over = _whole(given.get("weeks", "")), _whole(given.get("over", ""))
    return Filters(
        of=of if of in measures() else Filters.of,
        record_type=record_type if record_type in set(types) else "",
        weeks=weeks if weeks in WEEKS else Filters.weeks,
        over=over if over in OVER else Filters.over,
        target=_target(given.get("target", "")),
        refresher=_whole(given.get("refresher", "")) or None,
    )


def _whole(said: str) -> int:
    return int(said) if said.isdecimal() and len(said) < 10 else 0


def _target(said: str) -> float | None:
    """A number from 0 to 100, of every 100 records."""
    try:
        found = float(said)
    except ValueError:
        return None
    return found if 0 <= found <= 100 else None


@dataclass(frozen=True)
class Sought:
    """Some records behind a number, as the address of their list says it. Days are London days,
    both included; `side` is before or after the refresher."""

    what: str
    since: date | None = None
    until: date | None = None
    record_type: str = ""
    group: str = ""
    refresher: int | None = None
    side: str = ""
    person: str = ""
    found: bool = False

    def href(self, keep: Sequence[tuple[str, str]]) -> str:
        """`keep` is the service and the moment asked about."""
        parts = [
            ("what", self.what),
            ("since", self.since.isoformat() if self.since else ""),
            ("until", self.until.isoformat() if self.until else ""),
            ("type", self.record_type),
            ("group", self.group),
            ("refresher", str(self.refresher or "")),
            ("side", self.side),
            ("person", self.person),
            ("found", "yes" if self.found else ""),
        ]
        query = {**dict(keep), **{name: value for name, value in parts if value}}
        return address("records-of-behind", **query)


def sought_of(given: Mapping[str, str]) -> Sought:
    """What a list of records is asked for; what cannot be read is left out."""
    what, group = given.get("what", ""), given.get("group", "")
    team = group.removeprefix("team-")
    return Sought(
        what=what if what in readings() else ACCURACY,
        since=_day(given.get("since", "")),
        until=_day(given.get("until", "")),
        record_type=given.get("type", "")[:40],
        group=group if group in GROUPS or team.isdecimal() else "",
        refresher=_whole(given.get("refresher", "")) or None,
        side=given.get("side", "") if given.get("side", "") in {"before", "after"} else "",
        person=given.get("person", "")[:32],
        found=given.get("found", "") == "yes",
    )


def _day(said: str) -> date | None:
    try:
        found = date.fromisoformat(said)
    except ValueError:
        return None
    return found if 1970 < found.year < 2200 else None


# --- The chart over time --------------------------------------------------------------------------


@dataclass(frozen=True)
class WeekRow:
    """A week as the table beside the chart shows it."""

    monday: date
    records: int
    value: str
    limits: str
    judgement: str
    happened: tuple[str, ...]
    href: str


@dataclass(frozen=True)
class OverTime:
    """The chart over time: its heading says the finding."""

    heading: str
    below: str
    caption: str
    drawn: chart.TimeChart | None
    limits_from: str
    sentence: str
    rows: tuple[WeekRow, ...]
    variation: spc.Judgement | None


def over_time(
    service: Service,
    records: Sequence[Checked],
    period: Period,
    filters: Filters,
    events: Sequence[queries.Event],
    keep: Sequence[tuple[str, str]],
) -> OverTime:
    """One measure of a service, week by week."""
    measure = filters.measure
    weeks = _begun(_weeks(service, records, period, measure, filters.record_type))
    marks = [e for e in events if not (e.themes and measure.theme) or measure.theme in e.themes]
    first = next((e.on for e in marks if measure.theme in e.themes), None)
    judged = quality.over_time(
        weeks,
        better=measure.better,
        first_refresher=first,
        target=None if filters.target is None else filters.target / 100,
    )
    between = f"{short_day(weeks[0].monday)} to {day(period.last_day)}" if weeks else ""
    return OverTime(
        heading=f"{measure.title}: {JUDGED[judged.variation]}",
        below=f"{measure.unit}, by week, {between}" if between else measure.unit,
        caption=f"{measure.title}, week by week",
        drawn=_drawn(judged, measure, filters.target, marks) if judged.chart else None,
        limits_from=_limits_from(judged),
        sentence=judged.chart.sentence if judged.chart else "",
        rows=tuple(_week_row(w, judged, measure, filters, marks, keep) for w in reversed(weeks)),
        variation=judged.variation,
    )


def _weeks(
    service: Service,
    records: Sequence[Checked],
    period: Period,
    measure: Measure,
    record_type: str,
) -> list[Week]:
    if measure.holds is None:
        counts = queries.all_by_week(service.pk, period, record_type=record_type)
        return [
            Week(monday, count.records, count.share, float(count.records))
            for monday, count in counts.items()
        ]
    own = [r for r in records if not record_type or r.record_type == record_type]
    return accuracy.by_week(own, period.mondays, measure.holds)


def _begun(weeks: Sequence[Week]) -> list[Week]:
    """Without the weeks before the first records."""
    first = next((n for n, week in enumerate(weeks) if week.records), len(weeks))
    return list(weeks[first:])


def _limits_from(judged: quality.OverTime) -> str:
    if judged.chart is None:
        return ""
    told = len(judged.chart.points)
    first = "first " if judged.baseline < told else ""
    said = f"Limits come from the {first}{judged.baseline} weeks."
    trial = " Fewer than 13: they are trial limits." if judged.chart.points[-1].trial else ""
    return f"{said}{trial} {spc.ONE_IN}"


def _drawn(
    judged: quality.OverTime,
    measure: Measure,
    target: float | None,
    marks: Sequence[queries.Event],
) -> chart.TimeChart:
    points, weeks = judged.points, judged.weeks
    notes = quality.notes(judged.chart.points) if judged.chart else {}
    kinds = {
        spc.Judgement.COMMON_CAUSE: chart.USUAL,
        spc.Judgement.IMPROVEMENT: chart.IMPROVEMENT,
        spc.Judgement.CONCERN: chart.CONCERN,
    }

    def level(of: Callable[[spc.Point], float | None]) -> list[float | None]:
        # A week without a point has the lines of the one before.
        found: list[float | None] = []
        for week in weeks:
            point = points.get(week.monday)
            value = of(point) if point else None
            found.append(100 * value if value is not None else (found[-1] if found else None))
        return found

    levels = [
        chart.Level("Upper limit", "limit", level(lambda p: p.upper)),
        chart.Level("Average", "mean", level(lambda p: p.mean)),
        chart.Level("Lower limit", "limit", level(lambda p: p.lower)),
    ]
    if target is not None:
        levels.append(chart.Level("Target", "target", [target] * len(weeks)))
    return chart.time_chart(
        [
            chart.Value(
                w.monday,
                None if w.value is None else 100 * w.value,
                kinds[points[w.monday].judgement] if w.monday in points else chart.USUAL,
                *_note(w.monday, notes.get(w.monday), points),
            )
            for w in weeks
        ],
        key="over-time",
        title=f"{measure.title}: {JUDGED[judged.variation]}",
        description=f"{measure.unit}, by week. {judged.chart.sentence if judged.chart else ''} "
        "The table below has every week.",
        levels=levels,
        happened=[chart.Happened(e.on, e.text) for e in marks],
    )


def _note(at: date, said: quality.Said | None, points: Mapping[date, spc.Point]) -> tuple[str, str]:
    """The words in the chart and where they stand."""
    if said is None:
        return "", "beside"
    if not said.of_run:
        return f"{at.day} {at:%b}: {said.text}", "beside"
    point = points[at]
    return said.text, "over" if point.value > point.mean else "under"


def _week_row(
    week: Week,
    judged: quality.OverTime,
    measure: Measure,
    filters: Filters,
    marks: Sequence[queries.Event],
    keep: Sequence[tuple[str, str]],
) -> WeekRow:
    point = judged.points.get(week.monday)
    sunday = week.monday + timedelta(days=6)
    limits = (
        f"{100 * point.lower:.1f} to {100 * point.upper:.1f}"
        if point and point.lower is not None and point.upper is not None
        else "–"
    )
    said = ""
    if point:
        words = spc.IN_WORDS[point.special_cause]
        said = {
            spc.Judgement.COMMON_CAUSE: "As usual",
            spc.Judgement.IMPROVEMENT: f"Looks like improvement: {words}",
            spc.Judgement.CONCERN: f"Looks like a concern: {words}",
        }[point.judgement]
    return WeekRow(
        monday=week.monday,
        records=week.records,
        value=TOO_FEW if week.value is None else f"{100 * week.value:.1f}",
        limits=limits,
        judgement=said or "–",
        happened=tuple(e.text for e in marks if week.monday <= e.on <= sunday),
        href=Sought(
            measure.code, since=week.monday, until=sunday, record_type=filters.record_type
        ).href(keep)
        if week.records
        else "",
    )


# --- Teams ----------------------------------------------------------------------------------------


GROUPS = {"days": "days", "nights": "nights", "agency": "bank and agency"}


@dataclass(frozen=True)
class HeatCell:
    """`step` is None where too few records were checked."""

    step: int | None
    text: str
    href: str
    group: str


@dataclass(frozen=True)
class HeatMap:
    heading: str
    below: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[HeatCell, ...]], ...]
    records: int


@dataclass(frozen=True)
class _Column:
    title: str
    belongs: Callable[[Checked], bool]
    service: Service
    group: str = ""


def heat_map(
    services: Sequence[Service],
    chosen: Service,
    records: Sequence[Checked],
    teams: Teams,
    period: Period,
    record_type: str,
    keep: Sequence[tuple[str, str]],
) -> HeatMap:
    """Theme by team: days, nights, bank and agency and the teams of the service chosen, and the
    other services that whoever asks may read."""
    own = [r for r in records if not record_type or r.record_type == record_type]
    columns = _columns(services, chosen, teams)
    columns = [c for c in columns if not c.group.startswith("team-") or any(map(c.belongs, own))]
    columns = [c for c in columns if c.service == chosen or any(map(c.belongs, own))]
    found = {code: accuracy.has_gap(code) for code in THEMES}
    seen = {theme for record in own for theme in record.themes}
    cells = quality.heat_map(
        own,
        groups={number: column.belongs for number, column in enumerate(columns)},
        themes={code: holds for code, holds in found.items() if code in seen},
    )
    rows = [
        (
            queries.title_of(row[0].theme),
            tuple(
                _heat_cell(cell, columns[int(str(cell.group))], period, record_type, keep)
                for cell in row
            ),
        )
        for row in cells
    ]
    of_chosen = [r for r in own if r.service == chosen.pk]
    return HeatMap(
        heading=_finding(cells, columns, chosen),
        below="Gaps in every 100 records, weighted, "
        f"{short_day(period.since)} to {day(period.last_day)}",
        columns=tuple(c.title for c in columns),
        rows=tuple(rows),
        records=len(of_chosen),
    )


def _columns(services: Sequence[Service], chosen: Service, teams: Teams) -> list[_Column]:
    def of_group(code: str) -> Callable[[Checked], bool]:
        return lambda r: r.service == chosen.pk and teams.group(r) == code

    def of_team(team: int) -> Callable[[Checked], bool]:
        return lambda r: r.service == chosen.pk and teams.team(r) == team

    def of_service(pk: int) -> Callable[[Checked], bool]:
        return lambda r: r.service == pk

    return [
        _Column("Days", of_group("days"), chosen, "days"),
        _Column("Nights", of_group("nights"), chosen, "nights"),
        _Column("Bank and agency", of_group("agency"), chosen, "agency"),
        *(
            _Column(name, of_team(team), chosen, f"team-{team}")
            for team, name in teams.names.items()
        ),
        *(_Column(str(s), of_service(s.pk), s) for s in services if s != chosen),
    ]


def _heat_cell(
    cell: quality.Cell,
    column: _Column,
    period: Period,
    record_type: str,
    keep: Sequence[tuple[str, str]],
) -> HeatCell:
    value = cell.per_hundred
    sought = Sought(
        cell.theme,
        since=period.since,
        until=period.last_day,
        record_type=record_type,
        group=column.group,
    )
    return HeatCell(
        step=None if value is None else chart.heat(value),
        text=TOO_FEW if value is None else f"{value:.0f}",
        href=sought.href([*keep, ("service", column.service.code)]),
        group=column.title,
    )


def _finding(
    cells: Sequence[Sequence[quality.Cell]], columns: Sequence[_Column], chosen: Service
) -> str:
    """The heading says what stands out, and only what is surely more than in the rest."""
    stands_out = []
    for row in cells:
        told = [
            (columns[int(str(cell.group))], cell.found)
            for cell in row
            if cell.found is not None and not cell.found.too_few
        ]
        own = [(c, found) for c, found in told if c.group in GROUPS and c.service == chosen]
        for column, found in own:
            rest = [other for c, other in own if c is not column]
            if rest and all(found.low > other.high for other in rest):
                stands_out.append((found.low, column, row[0].theme))
    if not stands_out:
        return "No team stands out for certain"
    _, column, theme = max(stands_out, key=lambda each: each[0])
    return f"{column.title} stand out: {queries.title_of(theme).lower()}"


# --- The records behind a number ------------------------------------------------------------------


@dataclass(frozen=True)
class RecordLine:
    """A record that was checked, and what it counts for."""

    record_id: str
    kind: str
    when: Any
    author: str
    counts: str
    answers: str
    gaps: str
    pi: str
    stands_for: str
    href: str
    entry: int
    entry_href: str


def answers_said(record: Checked) -> str:
    said = {"meets": "Meets", "partly": "Partly", "not": "Not", "na": "Not applicable"}
    return "; ".join(
        f"{label}: {said[answer].lower()}"
        for label, answer in zip(SHORT_CRITERIA, record.answers, strict=True)
    )


SHORT_CRITERIA = ("Complete", "Timely", "Person-specific", "Right section")


def record_line(record: Checked, held: bool, author: str, kind: str) -> RecordLine:
    titles = sorted(queries.title_of(theme) for theme in record.themes)
    return RecordLine(
        record_id=record.record_id,
        kind=kind,
        when=record.written_at,
        author=author,
        counts="Yes" if held else "No",
        answers=answers_said(record),
        gaps="; ".join(titles) or "None",
        pi=f"{record.pi:.3f}",
        stands_for=f"{1 / record.pi:.1f}",
        href=address("records-of-check-item", record.item),
        entry=record.entry,
        entry_href=address("entry", record.entry),
    )


def kind_of(profile: Profile, code: str) -> str:
    """A record type’s title in the profile; its code where the profile does not know it."""
    return next((one.title for one in profile.record_types if one.code == code), code)


# --- Readings -------------------------------------------------------------------------------------


def told(found: Estimate | None) -> str:
    """“87 in every 100 (83 to 91)”"""
    if found is None or found.too_few:
        return "Too few to tell"
    return f"{100 * found.value:.0f} in every 100 ({100 * found.low:.0f} to {100 * found.high:.0f})"


def records_said(count: int) -> str:
    return plural(count, "record")
