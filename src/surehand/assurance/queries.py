"""Who wrote live records when, against readiness and rota (3.6): the records in batches, counted by
writer and week. Memory does not grow with the records."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import islice

import numpy as np
from django.db.models import Exists, OuterRef, Q, QuerySet

from surehand.assurance import reconciliation as rules
from surehand.assurance.ground import read_ground
from surehand.assurance.reconciliation import NOTHING, SHARED, Finding, Ints, Judged, Records, Why
from surehand.evidence.instants import Instant as AsInstant
from surehand.people.models import EcmAccount, Person, Post
from surehand.readiness.rules.sweep import columns
from surehand.records.models import LiveRecord
from surehand.timeline import FOREVER, Instant, instant, london_date, london_midnight, moment

BATCH = 50_000
"""Records judged at once."""

NEW = timedelta(days=28)
"""For so long from the first day of a post its holder is a new starter."""

AGAINST = tuple(why for why in Why if why >= Why.NO_SUPERVISOR)
"""The reasons for which a writer is not cleared."""

_KEYS = 4  # service, human, account (0 for a person), week
_COUNTED = ("records", "found", "overridden", "outage")


@dataclass
class Tally:
    """Some live records: how many, how many with a finding, what was found, why not cleared.

    `begun` is when the first of them was recorded; `first` and `last` are when those with a finding
    were; None where there is none.
    """

    records: int = 0
    found: int = 0
    overridden: int = 0
    outage: int = 0
    findings: dict[Finding, int] = field(default_factory=lambda: dict.fromkeys(Finding, 0))
    why: dict[Why, int] = field(default_factory=lambda: dict.fromkeys(AGAINST, 0))
    begun: Instant | None = None
    first: Instant | None = None
    last: Instant | None = None

    def add(self, other: "Tally") -> None:
        for name in _COUNTED:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for finding, count in other.findings.items():
            self.findings[finding] += count
        for why, count in other.why.items():
            self.why[why] += count
        if other.begun is not None:
            self.begun = other.begun if self.begun is None else min(self.begun, other.begun)
        if other.first is not None and other.last is not None:
            self.first = other.first if self.first is None else min(self.first, other.first)
            self.last = other.last if self.last is None else max(self.last, other.last)


@dataclass(frozen=True)
class Writer:
    """Whoever wrote live records at a service: a person, or an account whose person is not known.

    `posts` are theirs there; `shared` tells a shared account from one nobody is known to hold.
    """

    service: int
    person: Person | None
    account: EcmAccount | None
    shared: bool
    posts: tuple[Post, ...]
    weeks: dict[date, Tally]  # by the Monday it begins with
    tally: Tally

    @property
    def is_agency(self) -> bool:
        return any(post.employment == "agency" for post in self.posts)

    @property
    def is_new(self) -> bool:
        """Wrote before the 28th day of their first post here was over, with a finding or without:
        the share with one is of all new starters."""
        if not self.posts or self.tally.begun is None:
            return False
        begun = min(post.start_date for post in self.posts)
        return london_date(self.tally.begun) < begun + NEW


@dataclass(frozen=True)
class Reconciliation:
    """Every writer of these services in the period: first those of most records that are more than
    a question of hours.

    `unchecked` counts records made before the service was known to be live: nothing is said of
    them.
    """

    writers: list[Writer]
    unchecked: int

    @property
    def found(self) -> list[Writer]:
        return [w for w in self.writers if w.tally.found]


def total(writers: Collection[Writer]) -> Tally:
    """The records of all of these writers."""
    found = Tally()
    for writer in writers:
        found.add(writer.tally)
    return found


def by_week(writers: Collection[Writer], weeks: Collection[date]) -> dict[date, Tally]:
    """The records of all of these writers in each of these weeks, named by their Mondays."""
    found = {week: Tally() for week in weeks}
    for writer in writers:
        for week, tally in writer.weeks.items():
            found[week].add(tally)
    return found


def period(*, days: int, until: datetime) -> tuple[datetime, datetime]:
    """So many London days up to a moment: from the midnight that begins the first of them."""
    first = london_date(instant(until)) - timedelta(days=days - 1)
    return moment(london_midnight(first)), until


def weeks_of(since: datetime, until: datetime) -> list[date]:
    """The Mondays of the London weeks that [since, until) touches."""
    first = london_date(instant(since))
    monday, last = first - timedelta(days=first.weekday()), london_date(instant(until) - 1)
    return [monday + timedelta(weeks=n) for n in range((last - monday).days // 7 + 1)]


def reconcile(
    *,
    services: Collection[int],
    since: datetime,
    until: datetime,
    known: int | None = None,
) -> Reconciliation:
    """Every live record of these services recorded in [since, until), judged by what was known when
    it was recorded (R11), counted by writer and week.

    Every version of a record counts for whoever wrote it: what somebody else amended afterwards was
    still written. `known` is a ledger seq: records and accounts as they were known then.
    """
    live = LiveRecord.objects.filter(
        service__in=services, recorded_at__gte=since, recorded_at__lt=until
    )
    if known is not None:
        live = live.filter(entry__lte=known)
    if not live.exists():
        return Reconciliation([], 0)
    mondays = weeks_of(since, until)
    begins = np.array([london_midnight(monday) for monday in mondays], dtype=np.int64)
    read = read_ground(services=services, since=since, until=until, known=known)
    unchecked = 0
    tables = []
    for records in batches(live, known=known):
        judged = rules.judge(records, read.ground)
        unchecked += int(np.count_nonzero(~judged.checked))
        tables.append(_summed(_table(records, judged, begins)))
    writers = _writers(_summed(np.concatenate(tables)), mondays, read.posts)
    return Reconciliation(writers, unchecked)


def batches(live: "QuerySet[LiveRecord]", *, known: int | None = None) -> Iterator[Records]:
    """The records as columns, so many at once; one statement."""
    rows = (
        writings(live, known=known)
        .values_list("service_id", "account_id", AsInstant("occurred_at"), AsInstant("recorded_at"))
        .iterator(chunk_size=10_000)
    )
    while batch := list(islice(rows, BATCH)):
        yield Records(*columns(batch, 4))


def writings(live: "QuerySet[LiveRecord]", *, known: int | None = None) -> "QuerySet[LiveRecord]":
    """Each writing once: a version that says again who wrote what when (an approval) is none."""
    again = LiveRecord.objects.filter(
        service=OuterRef("service"),
        record_id=OuterRef("record_id"),
        account=OuterRef("account"),
        recorded_at=OuterRef("recorded_at"),
        version__gt=OuterRef("version"),
    )
    if known is not None:
        again = again.filter(entry__lte=known)
    return live.filter(Q(replaced_by__isnull=True) | ~Exists(again))


def _table(records: Records, judged: Judged, begins: Ints) -> Ints:
    """A row for each record that is checked: keys, counts, when it was recorded, and first and
    last with a finding."""
    keep = judged.checked
    human, found, why = judged.human[keep], judged.found[keep], judged.why[keep]
    recorded = records.recorded[keep]
    any_ = found > 0
    return np.column_stack(
        [
            records.service[keep],
            human,
            np.where(human > SHARED, 0, records.account[keep]),
            np.searchsorted(begins, recorded, side="right") - 1,
            np.ones(len(found), dtype=np.int64),
            any_,
            judged.overridden[keep],
            judged.outage[keep] & any_,
            *((found & finding > 0) for finding in Finding),
            *(why == reason for reason in AGAINST),
            recorded,
            np.where(any_, recorded, FOREVER),
            np.where(any_, recorded, NOTHING),
        ]
    )


def _summed(table: Ints) -> Ints:
    """One row for each writer, service and week."""
    if not len(table):
        return table
    order = np.lexsort(table[:, :_KEYS].T)
    table = table[order]
    new = np.any(table[1:, :_KEYS] != table[:-1, :_KEYS], axis=1)
    starts = np.concatenate([[0], np.flatnonzero(new) + 1])
    return np.column_stack(
        [
            table[starts, :_KEYS],
            np.add.reduceat(table[:, _KEYS:-3], starts),
            np.minimum.reduceat(table[:, -3:-1], starts),
            np.maximum.reduceat(table[:, -1], starts),
        ]
    )


def _writers(
    table: Ints, mondays: list[date], posts: Mapping[tuple[int, int], list[Post]]
) -> list[Writer]:
    weeks: dict[tuple[int, int, int], dict[date, Tally]] = defaultdict(dict)
    for service, human, account, week, *counts in table.tolist():
        weeks[(service, human, account)][mondays[week]] = _tally(counts)
    people = Person.objects.select_related("identity").in_bulk([h for _, h, _ in weeks if h > 0])
    accounts = EcmAccount.objects.select_related("details").in_bulk([a for *_, a in weeks if a])
    found = []
    for (service, human, account), by_monday in weeks.items():
        tally = Tally()
        for each in by_monday.values():
            tally.add(each)
        found.append(
            Writer(
                service=service,
                person=people.get(human),
                account=accounts.get(account),
                shared=human == SHARED,
                posts=tuple(posts.get((service, human), ())),
                weeks=by_monday,
                tally=tally,
            )
        )
    return sorted(found, key=_gravest)


def _gravest(writer: Writer) -> tuple[int, int, str, int]:
    found = writer.tally.findings
    graver = sum(count for finding, count in found.items() if finding != Finding.NOT_ON_SHIFT)
    return -graver, -writer.tally.found, str(writer.person or ""), writer.service


def _tally(counts: list[int]) -> Tally:
    numbers, (begun, first, last) = counts[:-3], counts[-3:]
    of_why = len(_COUNTED) + len(Finding)
    records, any_, overridden, outage = numbers[: len(_COUNTED)]
    return Tally(
        records,
        any_,
        overridden,
        outage,
        findings=dict(zip(Finding, numbers[len(_COUNTED) : of_why], strict=True)),
        why=dict(zip(AGAINST, numbers[of_why:], strict=True)),
        begun=begun,
        first=None if last == NOTHING else first,
        last=None if last == NOTHING else last,
    )
