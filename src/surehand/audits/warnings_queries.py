"""The warnings G05 to G10 that hold at a moment, read from the database.

The number of statements does not grow with services, records, people, audits or refreshers.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta

from django.db.models import Count as Counted
from django.db.models import Exists, F, OuterRef, Q

from surehand.assessment.models import Assessment, AssessmentWords
from surehand.assessment.outcomes import Outcome
from surehand.audits import quality
from surehand.audits import quality_queries as queries
from surehand.audits import warnings as rules
from surehand.audits.accuracy import Count, Week
from surehand.audits.checked import Checked, in_force
from surehand.audits.models import Audit, AuditItem, Escalation, EscalationTaken, Gap
from surehand.audits.quality_queries import Period, Teams, whole_weeks
from surehand.audits.selection_policies import READ_AFTER
from surehand.audits.warnings import DAYS, Due, FailedAfter, Tried, Unfounded, Warning
from surehand.competency.themes import THEMES
from surehand.people.queries import humans
from surehand.records.models import LiveRecord, RecordText
from surehand.stats import spc
from surehand.stats.comparison import Comparison
from surehand.stats.estimates import MINIMUM
from surehand.support.models import SupportDone
from surehand.timeline import instant, london_date

CHART_WEEKS = 26
BACK = timedelta(weeks=34)
"""How far back the last audit, and the refreshers that are compared, may lie."""
TITLES = {code: theme.title for code, theme in THEMES.items()}


def warnings(
    services: Collection[int],
    *,
    at: datetime,
    known: int | None = None,
    reviewed: Mapping[str, int] | None = None,
) -> list[Warning]:
    """Every warning of these services that holds at `at`, by rule and service; `known`: as known by
    that ledger seq. Those of the provider as a whole (`service` None) rest on these services alone.
    `reviewed` is in how many monthly reviews a theme was (G09)."""
    today = london_date(instant(at))
    week = whole_weeks(at, 1, known=known)
    long = Period(today - BACK, today + timedelta(days=1), at, known)
    recent = Period(today - timedelta(days=DAYS - 1), today + timedelta(days=1), at, known)
    checks = queries.checks_in(services, long)
    records, each = _by_service(queries.once(checks, long)), _by_service(checks)
    near = {s: [r for r in records[s] if r.written_at >= recent.begins] for s in services}
    teams = queries.teams_of(services, known=known)
    late = queries.late_by_week(services, whole_weeks(at, CHART_WEEKS, known=known))
    incidents = _late_incidents(services, week)
    audits, outcomes = _audits(services, at, known), _unfounded(services, recent)
    given = queries.refreshers(services, at=at, known=known)
    failed = _failed_after_support(services, recent)
    taken = _taken(services, at, known)
    found: list[Warning] = []
    for service in sorted(services):
        found += rules.repeated_errors(service, near[service], TITLES)
        found += rules.missing_evidence(
            service, near[service], audits[service], outcomes[service], today=today
        )
        found += rules.late_entries(
            service,
            (week.since, week.last_day),
            late[service].get(week.since, Count(0, 0)),
            _judged(late[service], given, service, week.since),
            incidents[service],
        )
        tried = [
            Tried(g.refresher.entry, g.first, g.refresher.theme, _compared(g, records[service], at))
            for g in given
            if g.refresher.service_id == service and g.first >= today - BACK + queries.SIDE
        ]
        found += rules.poor_improvement(service, tried, failed[service], TITLES)
        untold = rules.harm([r for r in each[service] if r.written_at >= recent.begins], taken)
        found += rules.poor_audit(service, _last_audit(each[service]), untold)
    found += rules.recurring_gaps(
        [r for own in near.values() for r in own],
        lambda r: _team(teams, r),
        lambda team: _name(teams, team),
        reviewed or {},
        TITLES,
    )
    return sorted(found, key=lambda w: w.rule.code)


def _by_service(records: Collection[Checked]) -> dict[int, list[Checked]]:
    found: dict[int, list[Checked]] = defaultdict(list)
    for record in records:
        found[record.service].append(record)
    return found


def _judged(
    weeks: Mapping[date, Count], given: Collection[queries.Given], service: int, monday: date
) -> spc.Judgement | None:
    """How the last whole week reads in the chart of late entries, if it stands in it."""
    first = min(
        (
            g.first
            for g in given
            if g.refresher.service_id == service and g.refresher.theme == queries.LATE_THEME
        ),
        default=None,
    )
    chart = quality.over_time(
        [Week(m, c.records, c.share, float(c.records)) for m, c in sorted(weeks.items())],
        better=spc.Better.DECREASE,
        first_refresher=first,
    )
    point = chart.points.get(monday)
    return point.judgement if point else None


def _compared(
    given: queries.Given, records: Collection[Checked], at: datetime
) -> Comparison | None:
    return quality.before_after(
        records,
        people=given.people,
        sides=given.sides(at),
        theme=given.refresher.theme,
        chosen_as_worst=False,
    )


def _last_audit(records: Collection[Checked]) -> list[Checked]:
    """Of the last audit with enough records checked."""
    counts = Counter(r.audit for r in records)
    last = max((audit for audit, n in counts.items() if n >= MINIMUM), default=None)
    return [r for r in records if r.audit == last]


def _team(teams: Teams, record: Checked) -> tuple[int, int | str] | None:
    """The team somebody wrote in; without teams the nights, or bank and agency. Everybody else by
    day is no team."""
    team = teams.team(record) or teams.group(record)
    return None if record.author is None or team == "days" else (record.service, team)


def _name(teams: Teams, team: object) -> str:
    """What a team is called in a sentence."""
    of = team[1] if isinstance(team, tuple) else team
    if isinstance(of, int):
        return teams.names.get(of, "one team")
    return {"nights": "the nights", "agency": "bank and agency"}[str(of)]


def _late_incidents(services: Collection[int], week: Period) -> Counter[int]:
    """Incidents first written in the week, and late beyond question, by service."""
    rows = LiveRecord.objects.filter(
        service__in=services,
        record_type="incident",
        version=1,
        recorded_at__gte=week.begins,
        recorded_at__lt=week.ends,
        recorded_at__gt=F("occurred_at") + timedelta(minutes=rules.INCIDENT_MINUTES),
    )
    if week.known is not None:
        rows = rows.filter(entry__lte=week.known)
    return Counter(
        dict(
            rows.values("service").order_by().annotate(n=Counted("pk")).values_list("service", "n")
        )
    )


def _audits(services: Collection[int], at: datetime, known: int | None) -> dict[int, list[Due]]:
    """Audits past their last day, with how many records wait for a check: those that nobody can
    read any longer wait for nothing."""
    today = london_date(instant(at))
    checks = in_force(at=at, known=known).filter(item=OuterRef("pk"))
    audits = Audit.objects.filter(service__in=services, happened_at__lte=at, due__lt=today)
    if known is not None:
        audits = audits.filter(entry__lte=known)
    words = RecordText.objects.filter(
        record__record_id=OuterRef("record_id"), record__version=OuterRef("version")
    )
    # For so long they could be read, though they may be gone since.
    readable = Q(audit__due__gte=today - READ_AFTER) | Exists(words)
    waiting = (
        AuditItem.objects.filter(readable, ~Exists(checks), audit__in=audits)
        .values("audit__service", "audit__entry", "audit__due")
        .order_by("audit__entry")
        .annotate(n=Counted("pk"))
    )
    found: dict[int, list[Due]] = defaultdict(list)
    for row in waiting:
        found[row["audit__service"]].append(Due(row["audit__entry"], row["audit__due"], row["n"]))
    return found


def _unfounded(services: Collection[int], recent: Period) -> dict[int, list[Unfounded]]:
    """Outcomes in practice of the last weeks that rest on no attempt and no note."""
    rows = Assessment.objects.filter(
        ~Exists(AssessmentWords.objects.filter(entry=OuterRef("entry"))),
        service__in=services,
        method=Assessment.Method.PRACTICE,
        attempt=None,
        happened_at__gte=recent.begins,
        happened_at__lte=recent.at,
    )
    rows = rows.exclude(superseded_by__isnull=False).exclude(void__isnull=False)
    if recent.known is not None:
        rows = rows.filter(entry__lte=recent.known)
    found: dict[int, list[Unfounded]] = defaultdict(list)
    for service, entry in rows.order_by("entry").values_list("service", "entry"):
        found[service].append(Unfounded(entry))
    return found


def _failed_after_support(
    services: Collection[int], recent: Period
) -> dict[int, list[FailedAfter]]:
    """Further support required in the last weeks, after supports for the same competency."""
    rows = Assessment.objects.filter(
        service__in=services,
        outcome=Outcome.FURTHER_SUPPORT,
        happened_at__gte=recent.begins,
        happened_at__lte=recent.at,
    ).exclude(superseded_by__isnull=False)
    rows = rows.exclude(void__isnull=False).select_related("check_version")
    done = SupportDone.objects.exclude(outcome=SupportDone.Outcome.NOT_DONE).filter(
        action__person__in=rows.values("person"), happened_at__lte=recent.at
    )
    if recent.known is not None:
        rows, done = rows.filter(entry__lte=recent.known), done.filter(entry__lte=recent.known)
    supports: dict[tuple[int, int], list[tuple[datetime, int]]] = defaultdict(list)
    same = humans()
    for support in done.select_related("action").order_by("entry"):
        whose, competency = support.action.person_id, support.action.competency_id
        if competency is not None:
            done_at = support.happened_at, support.entry
            supports[(same.get(whose, whose), competency)].append(done_at)
    last: dict[tuple[int, int, int], FailedAfter] = {}
    for row in rows.order_by("happened_at", "entry"):
        person = same.get(row.person_id, row.person_id)
        before = [e for when, e in supports[(person, row.competency_id)] if when < row.happened_at]
        last[(row.service_id, person, row.competency_id)] = FailedAfter(
            person, row.check_version.title, len(before), (*before, row.entry)
        )
    found: dict[int, list[FailedAfter]] = defaultdict(list)
    for (service, _, _), failed in last.items():
        found[service].append(failed)
    return found


def _taken(services: Collection[int], at: datetime, known: int | None) -> frozenset[int]:
    """The gaps whose risk somebody took up. A risk is told once for a record, whatever it lacks,
    and stays told when the check is corrected: all of a record’s are taken up with all it told."""
    told = Escalation.objects.filter(service__in=services, happened_at__lte=at)
    taken = EscalationTaken.objects.filter(happened_at__lte=at)
    if known is not None:
        told, taken = told.filter(entry__lte=known), taken.filter(entry__lte=known)
    waiting = told.exclude(pk__in=taken.values("escalation"))
    item = "gap__check_of__item"
    return frozenset(
        Gap.objects.filter(severity=Gap.Severity.IMMEDIATE, check_of__item__in=told.values(item))
        .exclude(check_of__item__in=waiting.values(item))
        .values_list("pk", flat=True)
    )
