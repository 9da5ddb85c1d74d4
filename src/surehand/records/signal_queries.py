"""Reads of what was noticed: per week, in a list, of one row, and of one’s own records."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    F,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, ExtractHour, TruncWeek

from surehand.records.authors import Accounts, accounts_of
from surehand.records.models import (
    LiveRecord,
    RecordsWords,
    RecordText,
    Screened,
    Signal,
    SignalAnswer,
    SignalReply,
)
from surehand.records.rows import Row
from surehand.timeline import instant, london_date, london_midnight
from surehand.timeline import moment as as_datetime
from surehand.ui.formats import LONDON

WEEKS = 12
OWN = timedelta(weeks=WEEKS)
"""So far back one is shown what was noticed in one’s own records."""
NIGHT_FROM, NIGHT_TO = 20, 8
"""Night is from eight in the evening until eight in the morning, in London."""

Rows = QuerySet[Any, Any]


@dataclass(frozen=True)
class Period:
    """Whole weeks, from a Monday in London until `until`; what was known by the entry `known`."""

    since: datetime
    until: datetime
    known: int | None = None

    @property
    def weeks(self) -> list[date]:
        """The Mondays, in order."""
        first = london_date(instant(self.since))
        last = london_date(instant(self.until))
        return [first + timedelta(days=n) for n in range(0, (last - first).days + 1, 7)]


def weeks_until(until: datetime, *, known: int | None = None, weeks: int = WEEKS) -> Period:
    """The last weeks until a moment, the one it is in included."""
    on = london_date(instant(until))
    monday = on - timedelta(days=on.weekday() + 7 * (weeks - 1))
    return Period(as_datetime(london_midnight(monday)), until, known)


@dataclass(frozen=True)
class Asked:
    """What a list is narrowed to; `answered` is waiting, fine, needs or all."""

    signal: str = ""
    record_type: str = ""
    section: str = ""
    week: date | None = None
    answered: str = "waiting"


ANSWERED = ("waiting", "fine", "needs", "all")
ALERT = "raised-alert"
"""The record type of an alert that rang."""


# --- What was noticed -----------------------------------------------------------------------------


def _screened(service: int, period: Period) -> "QuerySet[Screened]":
    rows = Screened.objects.filter(service=service, at__gte=period.since, at__lte=period.until)
    return rows if period.known is None else rows.filter(_known(period.known))


def _signals(service: int, period: Period) -> "QuerySet[Signal]":
    rows = Signal.objects.filter(
        screened__service=service, screened__at__gte=period.since, screened__at__lte=period.until
    )
    return rows if period.known is None else rows.filter(_known(period.known, "screened__"))


def _known(known: int, path: str = "") -> Q:
    return Q(**{f"{path}record__entry__lte": known}) | Q(**{f"{path}alert__entry__lte": known})


def _answers(period: Period | None) -> "QuerySet[SignalAnswer]":
    """The answers to the signal of the outer query, the last one first."""
    rows = SignalAnswer.objects.filter(
        code=OuterRef("code"),
        row_id=Coalesce(
            OuterRef("screened__record__record_id"), OuterRef("screened__alert__alert_id")
        ),
        version=Coalesce(OuterRef("screened__record__version"), Value(1)),
    )
    if period is None:
        return rows.filter(superseded_by__isnull=True)
    rows = rows.filter(happened_at__lte=period.until)
    if period.known is not None:
        rows = rows.filter(entry__lte=period.known)
    return rows.order_by("-entry")


def by_week(service: int, period: Period) -> Rows:
    """How many records have each signal: `code`, `week`, `answer` (None: waiting), `count`."""
    return (
        _signals(service, period)
        .annotate(
            week=TruncWeek("screened__at", tzinfo=LONDON),
            answer=Subquery(_answers(period).values("answer")[:1]),
        )
        .values("code", "week", "answer")
        .order_by()
        .annotate(count=Count("screened", distinct=True))
    )


def screened_by_week(service: int, period: Period) -> Rows:
    """How many were screened, and in how many something was noticed: `week`, `count`, `noticed`."""
    return (
        _screened(service, period)
        .annotate(week=TruncWeek("at", tzinfo=LONDON))
        .values("week")
        .order_by()
        .annotate(count=Count("pk"), noticed=_with_signal())
    )


def by_record_type(service: int, period: Period) -> Rows:
    """`of` (the record type, or ALERT), `count`, `noticed`, `accounts`."""
    of = Coalesce("record__record_type", Value(ALERT))
    accounts = Count("record__account", distinct=True)
    return _grouped(_screened(service, period).annotate(of=of), accounts=accounts)


def by_shift(service: int, period: Period) -> Rows:
    """`of` (day or night), `count`, `noticed`, `accounts`; records alone."""
    rows = _screened(service, period).filter(record__isnull=False)
    rows = rows.annotate(hour=ExtractHour("at", tzinfo=LONDON)).annotate(
        of=Case(
            When(Q(hour__gte=NIGHT_FROM) | Q(hour__lt=NIGHT_TO), then=Value("night")),
            default=Value("day"),
            output_field=CharField(),
        )
    )
    return _grouped(rows, accounts=Count("record__account", distinct=True))


def by_account(service: int, period: Period) -> Rows:
    """`of` (the account), `count`, `noticed`: to be added up, never to be shown."""
    rows = _screened(service, period).filter(record__isnull=False)
    return _grouped(rows.annotate(of=F("record__account")))


def _grouped(rows: QuerySet[Any, Any], **more: Any) -> Rows:
    return rows.values("of").order_by().annotate(count=Count("pk"), noticed=_with_signal(), **more)


def _with_signal() -> Count:
    return Count("pk", filter=Exists(Signal.objects.filter(screened=OuterRef("pk"))))


def records_in(service: int, period: Period) -> tuple[int, int]:
    """How many records of the period there are, and how many of them still have their words."""
    rows = LiveRecord.objects.filter(
        service=service,
        replaced_by__isnull=True,
        recorded_at__gte=period.since,
        recorded_at__lte=period.until,
    )
    if period.known is not None:
        rows = rows.filter(entry__lte=period.known)
    kept = Count("pk", filter=Exists(RecordText.objects.filter(record=OuterRef("pk"))))
    found = rows.aggregate(all=Count("pk"), kept=kept)
    return found["all"], found["kept"]


# --- The list -------------------------------------------------------------------------------------


def noticed(service: int, asked: Asked) -> Rows:
    """What is in the list: `screened_id` and `code`, the newest first."""
    rows = Signal.objects.filter(screened__service=service)
    if asked.signal:
        rows = rows.filter(code=asked.signal)
    if asked.record_type == ALERT:
        rows = rows.filter(screened__alert__isnull=False)
    elif asked.record_type:
        rows = rows.filter(screened__record__record_type=asked.record_type)
    if asked.section:
        rows = rows.filter(screened__record__section=asked.section)
    if asked.week:
        since = as_datetime(london_midnight(asked.week))
        until = as_datetime(london_midnight(asked.week + timedelta(days=7)))
        rows = rows.filter(screened__at__gte=since, screened__at__lt=until)
    if asked.answered == "waiting":
        rows = rows.filter(~Exists(_answers(None)))
    elif asked.answered != "all":
        rows = rows.filter(Exists(_answers(None).filter(answer=asked.answered)))
    return (
        rows.values("screened_id", "code")
        .annotate(first=Min("pk"))
        .order_by("-screened__at", "-screened_id", "first")
    )


def waiting(services: Collection[int], codes: Collection[str]) -> dict[int, dict[str, int]]:
    """How many signals of these codes nobody answered, by service and code."""
    found: dict[int, dict[str, int]] = {}
    rows = (
        Signal.objects.filter(screened__service__in=services, code__in=codes)
        .filter(~Exists(_answers(None)))
        .values("screened__service", "code")
        .order_by()
        .annotate(count=Count("screened", distinct=True))
    )
    for row in rows:
        found.setdefault(row["screened__service"], {})[row["code"]] = row["count"]
    return found


def screened_of(ids: Collection[int]) -> dict[int, Screened]:
    """These, each with its record or alert and whom that is about; one statement."""
    return {
        each.pk: each
        for each in Screened.objects.filter(pk__in=ids).select_related(
            "service__details", "record__subject", "alert__subject"
        )
    }


# --- One row --------------------------------------------------------------------------------------


def signals_of(row: Row) -> list[Signal]:
    """The signals of a row, in the order of the text."""
    found = Signal.objects.filter(**{f"screened__{k}": v for k, v in row.filter().items()})
    return list(found.select_related("beside__subject", "beside__service").order_by("pk"))


def answers_of(rows: Collection[Row]) -> dict[tuple[str, int, str], SignalAnswer]:
    """The answers that hold, by row id, version and code."""
    found = SignalAnswer.objects.filter(
        row_id__in=[row.id for row in rows], superseded_by__isnull=True
    ).select_related("by__identity")
    return {(one.row_id, one.version, one.code): one for one in found}


def replies_of(rows: Collection[Row]) -> dict[tuple[str, int, str], list[SignalReply]]:
    """What the authors said, by row id, version and code; the first first."""
    found: dict[tuple[str, int, str], list[SignalReply]] = {}
    replies = SignalReply.objects.filter(row_id__in=[row.id for row in rows])
    for one in replies.select_related("by__identity").order_by("entry"):
        found.setdefault((one.row_id, one.version, one.code), []).append(one)
    return found


def words_of(entries: Collection[int]) -> dict[int, str]:
    """What was written with these entries; an erased text is simply not there."""
    return dict(RecordsWords.objects.filter(entry__in=list(entries)).values_list("entry", "text"))


def versions_of(record: LiveRecord) -> list[LiveRecord]:
    """Every version of a record, the newest first."""
    return list(LiveRecord.objects.filter(record_id=record.record_id).order_by("-version"))


def of_people(people: Collection[int], *, since: datetime) -> list[Screened]:
    """What was screened since then of records made by these people, and has a signal; the newest
    first. An account counts for the days on which it was theirs."""
    accounts = Accounts.read(accounts_of(people))
    rows = Screened.objects.filter(
        Exists(Signal.objects.filter(screened=OuterRef("pk"))),
        record__account__in=accounts.ids,
        at__gte=since,
    )
    found = (
        rows.select_related("record__service__details", "record__subject")
        .prefetch_related("signals")
        .order_by("-at", "-pk")
    )
    return [
        each
        for each in found
        if each.record
        and (person := accounts.at(each.record.account_id, each.record.recorded_at).person)
        and person.pk in people
    ]
