"""What the pages of record quality are made of: checks that hold, all records, what happened.

The number of statements does not grow with records, people, refreshers or services.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count as Counted
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import TruncWeek

from surehand.audits.accuracy import Count, is_night
from surehand.audits.checked import Checked, checked
from surehand.audits.models import ChangeRequestStep, Refresher, RefresherGiven
from surehand.audits.once import counted_once
from surehand.audits.quality import Sides
from surehand.competency.themes import THEMES
from surehand.ecm.models import ProfileVersion
from surehand.people.models import Employment, Post, Service, TeamDetails
from surehand.people.queries import go_live_dates, humans, terms_of
from surehand.records.models import Screened, Signal
from surehand.timeline import end_of, instant, london_date, london_midnight, moment
from surehand.ui.formats import LONDON, day, local

LATE = "late_entry"
"""The signal of a record that was written late: the theme T04, seen in all records."""
LATE_THEME = "T04"


@dataclass(frozen=True)
class Period:
    """London days from `since` to before `until`, asked about `at`; as known by the seq `known`."""

    since: date
    until: date
    at: datetime
    known: int | None = None

    @property
    def mondays(self) -> list[date]:
        days = (self.until - self.since).days
        return [self.since + timedelta(days=n) for n in range(0, days, 7)]

    @property
    def begins(self) -> datetime:
        return moment(london_midnight(self.since))

    @property
    def ends(self) -> datetime:
        return min(moment(london_midnight(self.until)), self.at)

    @property
    def last_day(self) -> date:
        return self.until - timedelta(days=1)


def whole_weeks(at: datetime, weeks: int, *, known: int | None = None) -> Period:
    """The last whole weeks before a moment; the week it is in is not over, and left out."""
    on = london_date(instant(at))
    until = on - timedelta(days=on.weekday())
    return Period(until - timedelta(weeks=weeks), until, at, known)


def checks_in(services: Collection[int], period: Period) -> list[Checked]:
    """The checks that hold of records written in the period: of a record that two audits drew,
    both."""
    return checked(
        at=period.at,
        known=period.known,
        services=services,
        since=period.begins,
        until=period.ends,
    )


def checked_in(services: Collection[int], period: Period) -> list[Checked]:
    """The records written in the period that were checked, each once, whatever audit drew it."""
    return once(checks_in(services, period), period)


def once(records: Sequence[Checked], period: Period) -> list[Checked]:
    return counted_once(records, since=period.begins, until=period.ends)


# --- All records ----------------------------------------------------------------------------------


def _screened(services: Collection[int], period: Period, record_type: str) -> "QuerySet[Screened]":
    rows = Screened.objects.filter(
        service__in=services, record__isnull=False, at__gte=period.begins, at__lt=period.ends
    ).exclude(record__change_type="void")
    if record_type:
        rows = rows.filter(record__record_type=record_type)
    return rows if period.known is None else rows.filter(record__entry__lte=period.known)


def _with(code: str) -> Exists:
    signals = Signal.objects.filter(screened=OuterRef("pk"))
    return Exists(signals.filter(code=code) if code else signals)


def all_records(services: Collection[int], period: Period, code: str = "") -> dict[int, Count]:
    """By service: all records of the period, and those with this signal (with any)."""
    rows = (
        _screened(services, period, "")
        .values("service")
        .order_by()
        .annotate(every=Counted("pk"), noticed=Counted("pk", filter=_with(code)))
    )
    return {row["service"]: Count(row["every"], row["noticed"]) for row in rows}


def late_by_week(
    services: Collection[int], period: Period, *, record_type: str = "", code: str = LATE
) -> dict[int, dict[date, Count]]:
    """By service all records of each week, and those with this signal (with any)."""
    rows = (
        _screened(services, period, record_type)
        .annotate(week=TruncWeek("at", tzinfo=LONDON))
        .values("service", "week")
        .order_by()
        .annotate(every=Counted("pk"), noticed=Counted("pk", filter=_with(code)))
    )
    found = {service: dict.fromkeys(period.mondays, Count(0, 0)) for service in services}
    for row in rows:
        found[row["service"]][local(row["week"]).date()] = Count(row["every"], row["noticed"])
    return found


def noticed_in(
    service: int, period: Period, *, record_type: str = "", code: str = LATE
) -> "QuerySet[Screened, Any]":
    """Those with the signal (with any), the newest first."""
    rows = _screened([service], period, record_type).filter(_with(code))
    return rows.select_related("record").order_by("-at", "-pk")


# --- What happened --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Given:
    """A refresher that was given: the days of its first and last session so far, and whoever came
    to any of them, merged people as one."""

    refresher: Refresher
    first: date
    last: date
    people: frozenset[int]

    @property
    def title(self) -> str:
        return f"{title_of(self.refresher.theme)}, {day(self.first)}"

    def sides(self, at: datetime) -> Sides:
        """Eight weeks before the first session and eight after the last, up to a moment."""
        first, last = london_midnight(self.first), end_of(self.last)
        return Sides(
            since=moment(london_midnight(self.first - SIDE)),
            first=moment(first),
            last=moment(last),
            until=min(moment(london_midnight(self.last + timedelta(days=1) + SIDE)), at),
        )

    def period(self, at: datetime, known: int | None) -> Period:
        return Period(self.first - SIDE, self.last + timedelta(days=1) + SIDE, at, known)


SIDE = timedelta(weeks=8)
"""How far before and after a refresher records are compared."""


def refreshers(services: Collection[int], *, at: datetime, known: int | None = None) -> list[Given]:
    """The refreshers given at these services by a moment, the newest first; two statements."""
    rows = RefresherGiven.objects.filter(
        refresher__service__in=services, on__lte=london_date(instant(at)), happened_at__lte=at
    ).select_related("refresher")
    if known is not None:
        rows = rows.filter(entry__lte=known)
    sessions: dict[int, list[RefresherGiven]] = defaultdict(list)
    for row in rows.order_by("on", "entry"):
        sessions[row.refresher_id].append(row)
    same = humans()
    found = [
        Given(
            own[0].refresher,
            own[0].on,
            own[-1].on,
            frozenset(same.get(person, person) for row in own for person in row.people),
        )
        for own in sessions.values()
    ]
    return sorted(found, key=lambda given: (given.first, given.refresher.pk), reverse=True)


@dataclass(frozen=True)
class Event:
    """Something that happened on a day and may have changed records. `themes`: which alone; empty
    for all."""

    on: date
    text: str
    themes: frozenset[str] = frozenset()


def events(
    service: Service, period: Period, profile: str, given_here: Iterable[Given]
) -> list[Event]:
    """Go-live, refreshers given, releases of the ECM system, versions of its profile."""
    known, last = period.known, london_date(instant(period.at))
    found = []
    if (live := go_live_dates(known=known).get(service.pk)) is not None:
        found.append(Event(live, "Went live"))
    for given in given_here:
        theme = given.refresher.theme
        words = f"Refresher: {title_of(theme).lower()}"
        found.append(Event(given.first, words, frozenset({theme})))
    steps = ChangeRequestStep.objects.filter(
        request__service=service, state=ChangeRequestStep.State.RELEASED, on__lte=last
    ).select_related("request__cause")
    versions = ProfileVersion.objects.filter(code=profile)
    if known is not None:
        steps, versions = steps.filter(entry__lte=known), versions.filter(entry__lte=known)
    for step in steps:
        found.append(Event(step.on, f"ECM release {step.release}".rstrip()))
    for version in versions:
        on = max(version.effective, local(version.recorded_at).date())
        found.append(Event(on, f"ECM profile {version.version}"))
    return sorted((e for e in found if e.on <= last), key=lambda e: (e.on, e.text))


def title_of(theme: str) -> str:
    """A theme’s title; its code where the provider has no such theme any more."""
    return THEMES[theme].title if theme in THEMES else theme


# --- Where people work ----------------------------------------------------------------------------


@dataclass(frozen=True)
class _Held:
    since: date
    until: date | None
    agency: bool
    team: int | None


@dataclass(frozen=True)
class Teams:
    """Who worked in which team, and as what, so that records fall into groups."""

    names: dict[int, str] = field(default_factory=dict)  # by team
    held: dict[tuple[int, int], list[_Held]] = field(default_factory=dict)

    def post(self, record: Checked) -> _Held | None:
        """The post in which somebody wrote a record: of several the one begun last."""
        if record.author is None:
            return None
        on = london_date(instant(record.written_at))
        own = self.held.get((record.service, record.author), ())
        there = [p for p in own if p.since <= on and (p.until is None or p.until >= on)]
        return there[-1] if there else None

    def group(self, record: Checked) -> str:
        """“agency”, “nights” or “days”; bank and agency stand by themselves."""
        post = self.post(record)
        if post is not None and post.agency:
            return "agency"
        return "nights" if is_night(record.written_at) else "days"

    def team(self, record: Checked) -> int | None:
        post = self.post(record)
        return post.team if post else None


def teams_of(services: Collection[int], *, known: int | None = None) -> Teams:
    """The posts and teams of these services; four statements."""
    posts = Post.objects.filter(service__in=services).order_by("start_date", "pk")
    if known is not None:
        posts = posts.filter(entry__lte=known)
    terms, same = terms_of([post.pk for post in posts], known=known), humans()
    held: dict[tuple[int, int], list[_Held]] = defaultdict(list)
    for post in posts:
        of = terms.get(post.pk)
        held[(post.service_id, same.get(post.person_id, post.person_id))].append(
            _Held(
                post.start_date,
                of.end_date if of else None,
                post.employment in {Employment.AGENCY, Employment.BANK},
                of.team if of else None,
            )
        )
    rows = TeamDetails.objects.filter(team__service__in=services).order_by("name")
    return Teams(dict(rows.values_list("team_id", "name")), dict(held))
