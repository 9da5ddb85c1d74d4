"""Reads for the selection of records: which may be drawn, as columns, and what makes each likelier.

The number of statements does not grow with the records, nor is an object made of each of them.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice

import numpy as np
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from numpy.typing import NDArray

from surehand.audits.checked import Checked, checked, in_force
from surehand.audits.models import Audit, AuditItem, RecordCheck, SelectionFrame
from surehand.audits.selection import RISKS, Frame
from surehand.audits.selection_policies import READ_AFTER
from surehand.evidence.instants import Instant as AsInstant
from surehand.people.accounts import Held, links_of
from surehand.people.models import Employment, Person, Post, Service
from surehand.people.queries import humans
from surehand.records.keeping import open_signals
from surehand.records.models import LiveRecord, RecordText
from surehand.records.signal_queries import NIGHT_FROM, NIGHT_TO
from surehand.timeline import end_of, instant, london_date, london_midnight, moment, parse_local

BATCH = 50_000
"""Rows that stand in memory as Python at one time."""
NEW = timedelta(days=28)
"""For so long from the first day of a post its holder is a new starter."""
WEAK_IN = timedelta(days=92)
"""So far back records count that lacked something …"""
WEAK_FROM = 2
"""… and so many with the same theme make a place a weak one."""
NOBODY = 0

Ints = NDArray[np.int64]
Place = tuple[str, str]
"""A record type and a section."""


@dataclass(frozen=True)
class Found:
    """The records that may be drawn, and the key of each; `gone` more have no words any longer."""

    frame: Frame
    keys: Ints
    people: int
    gone: int


def selectable(
    service: Service, *, since: date, until: date, record_types: Collection[str], at: datetime
) -> Found:
    """The records of a service written from `since` to `until` (London days, both included) that
    hold now (one voided in the ECM system does not) and can still be read, by whoever they are
    known now to be of."""
    begins, ends = moment(london_midnight(since)), moment(end_of(until))
    rows = LiveRecord.objects.filter(
        service=service,
        recorded_at__gte=begins,
        recorded_at__lt=ends,
        replaced_by__isnull=True,
        record_type__in=record_types,
    ).exclude(change_type="void")
    kept = rows.filter(words__isnull=False)
    read = _columns(kept)
    authors = _authors(read.accounts, read.written)
    # A record by nobody known is one of its account.
    of = np.where(authors == NOBODY, -read.accounts, authors)
    types = {one: number for number, one in enumerate(sorted({kind for kind, _ in read.places}))}
    kinds = np.array([types[kind] for kind, _ in read.places], dtype=np.int64)[read.place]
    _, strata = np.unique(np.column_stack([of, kinds]), axis=0, return_inverse=True)
    new, agency = _new_and_agency(service, authors, read.written)
    risks = {
        "signal": np.isin(read.keys, _noticed(service, begins, ends)),
        "new_starter": new,
        "night": _at_night(read.written, since, until),
        "agency": agency,
        "weak_theme": _weak(service, read.places, at=at)[read.place],
    }
    bits = np.zeros(len(read.keys), dtype=np.uint8)
    for bit, risk in enumerate(RISKS):
        bits |= risks[risk].astype(np.uint8) << np.uint8(bit)
    return Found(
        Frame(read.ids, strata.reshape(-1).astype(np.int64), bits),
        read.keys,
        people=len(np.unique(of)),
        gone=rows.filter(words__isnull=True).count(),
    )


@dataclass(frozen=True)
class _Columns:
    """A row for each record: its id, key, account, the number of its place, when it was written."""

    ids: list[str]
    keys: Ints
    accounts: Ints
    place: Ints
    written: Ints
    places: list[Place]


def _columns(rows: "QuerySet[LiveRecord]") -> _Columns:
    """Batch by batch, in the order in which they came in; one statement."""
    found = (
        rows.order_by("pk")
        .values_list(
            "record_id", "record_type", "section", "pk", "account_id", AsInstant("recorded_at")
        )
        .iterator(chunk_size=10_000)
    )
    ids: list[str] = []
    places: dict[Place, int] = {}
    numbers = [np.zeros((0, 4), dtype=np.int64)]
    while batch := list(islice(found, BATCH)):
        ids += [row[0] for row in batch]
        numbers.append(
            np.fromiter(
                (
                    number
                    for _, kind, section, *rest in batch
                    for number in (places.setdefault((kind, section), len(places)), *rest)
                ),
                dtype=np.int64,
            ).reshape(-1, 4)
        )
    place, keys, accounts, written = np.concatenate(numbers).T
    return _Columns(ids, keys, accounts, place, written, list(places))


def _authors(accounts: Ints, written: Ints) -> Ints:
    """The human whose the account was when each was written; NOBODY where that is not known or it
    was shared. Merged people are one (R14)."""
    authors = np.full(len(accounts), NOBODY, dtype=np.int64)
    same = humans()
    links = links_of(np.unique(accounts).tolist())
    for rows, account in _each(accounts):
        for link in reversed(links.get(account, ())):  # on a day with two, the earlier one holds
            person = NOBODY if link.person is None else same.get(link.person, link.person)
            authors[rows[_in_hand(link, written[rows])]] = person
    return authors


def _in_hand(link: Held, written: Ints) -> NDArray[np.bool_]:
    since = written >= london_midnight(link.from_date)
    return since if link.to_date is None else since & (written < end_of(link.to_date))


def _each(column: Ints) -> Iterator[tuple[Ints, int]]:
    """For each number in the column the rows in which it stands."""
    order = np.argsort(column, kind="stable")
    values, first = np.unique(column[order], return_index=True)
    yield from zip(np.split(order, first[1:]), values.tolist(), strict=False)


def _new_and_agency(
    service: Service, authors: Ints, written: Ints
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Whether whoever wrote it was a new starter here, or from an agency, by their posts here; of
    several the one begun last by then."""
    new, agency = np.zeros(len(authors), dtype=np.bool_), np.zeros(len(authors), dtype=np.bool_)
    same = humans()
    posts: dict[int, list[tuple[date, str]]] = defaultdict(list)
    for person, begun, employment in (
        Post.objects.filter(service=service)
        .order_by("start_date", "pk")
        .values_list("person_id", "start_date", "employment")
    ):
        posts[same.get(person, person)].append((begun, employment))
    for rows, author in _each(authors):
        theirs = posts.get(author, []) if author != NOBODY else []
        for begun, employment in theirs:
            agency[rows[written[rows] >= london_midnight(begun)]] = employment == Employment.AGENCY
        if theirs:
            first = theirs[0][0]
            begins, ends = london_midnight(first), london_midnight(first + NEW)
            new[rows[(written[rows] >= begins) & (written[rows] < ends)]] = True
    return new, agency


def _at_night(written: Ints, since: date, until: date) -> NDArray[np.bool_]:
    """Whether each was written at night in London."""
    turns: list[int] = []
    for n in range((until - since).days + 1):
        day = since + timedelta(days=n)
        turns += [
            parse_local(datetime.combine(day, time(hour)), edge="start")
            for hour in (NIGHT_TO, NIGHT_FROM)
        ]
    # Before the first turn it is night, and after each it is the other.
    return np.searchsorted(np.array(turns, dtype=np.int64), written, side="right") % 2 == 0


def _noticed(service: Service, begins: datetime, ends: datetime) -> Ints:
    """The records with something noticed that nobody has called fine."""
    found = open_signals().filter(
        screened__service=service,
        screened__record__isnull=False,
        screened__at__gte=begins,
        screened__at__lt=ends,
    )
    return np.fromiter(
        found.order_by().values_list("screened__record_id", flat=True).iterator(chunk_size=10_000),
        dtype=np.int64,
    )


def _weak(service: Service, places: Sequence[Place], *, at: datetime) -> NDArray[np.bool_]:
    """The places in which checks found the same theme missing more than once lately."""
    found: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for record in checked(at=at, services=[service.pk], since=at - WEAK_IN):
        for theme in record.themes:
            found[record.record_type, record.section, theme].add(record.record_id)
    weak = {(kind, section) for (kind, section, _), ids in found.items() if len(ids) >= WEAK_FROM}
    return np.array([place in weak for place in places], dtype=np.bool_)


# --- Audits, and how far they are -----------------------------------------------------------------


@dataclass(frozen=True)
class Far:
    """How far an audit is: of `items` records so many are `checked` and of `lost` nobody can read
    any longer what they say. `records` are those checked, as they hold."""

    items: int
    lost: int
    records: list[Checked]

    @property
    def checked(self) -> int:
        return len(self.records)

    @property
    def left(self) -> int:
        return self.items - self.checked - self.lost

    @property
    def is_done(self) -> bool:
        return self.left <= 0 and self.checked > 0


def audits_of(service: int, *, at: datetime, known: int | None) -> "QuerySet[Audit]":
    """The audits selected at a service by then, the last first."""
    rows = Audit.objects.filter(service=service, happened_at__lte=at)
    if known is not None:
        rows = rows.filter(entry__lte=known)
    return rows.select_related("service__details", "by__identity").order_by("-entry")


def how_far(
    audits: Sequence[Audit], *, at: datetime, known: int | None, is_past: bool = False
) -> dict[int, Far]:
    """By audit, all of one service; the same few statements however many. At a moment past, nothing
    is lost that was to be kept until then, though it may be gone since."""
    if not audits:
        return {}
    records: dict[int, list[Checked]] = defaultdict(list)
    for record in checked(
        at=at,
        known=known,
        services={audit.service_id for audit in audits},
        since=min(audit.since for audit in audits),
        until=max(audit.until for audit in audits),
    ):
        records[record.audit].append(record)
    items = AuditItem.objects.filter(audit__in=audits)
    never = items.filter(
        ~Exists(RecordCheck.objects.filter(item=OuterRef("pk"), void=None)),
        ~Exists(
            RecordText.objects.filter(
                record__record_id=OuterRef("record_id"), record__version=OuterRef("version")
            )
        ),
    )
    if is_past:
        never = never.filter(audit__due__lt=london_date(instant(at)) - READ_AFTER)
    count, lost = _by_audit(items), _by_audit(never)
    return {audit.pk: Far(count[audit.pk], lost[audit.pk], records[audit.pk]) for audit in audits}


def _by_audit(items: "QuerySet[AuditItem]") -> Counter[int]:
    return Counter(
        dict(
            items.order_by()
            .values_list("audit")
            .annotate(count=Count("pk"))
            .values_list("audit", "count")
        )
    )


def checkers(audit: Audit, *, at: datetime, known: int | None) -> list[tuple[Person, int, int]]:
    """Who checked how many, and how many of them as the second, who checked most first."""
    rows = (
        in_force(at=at, known=known)
        .filter(item__audit=audit)
        .order_by()
        .values_list("by")
        .annotate(all=Count("pk"), second=Count("pk", filter=Q(second=True)))
        .order_by("-all", "by")
    )
    found = list(rows)
    people = Person.objects.select_related("identity").in_bulk([by for by, *_ in found])
    return [(people[by], every, second) for by, every, second in found]


def drawn_from(audit: Audit) -> SelectionFrame | None:
    """From what it was drawn, for as long as that is kept."""
    return SelectionFrame.objects.filter(audit=audit).first()


def is_checked(item: AuditItem) -> bool:
    """Whether every check it needs was made: until then nobody is told why it was selected."""
    made = RecordCheck.objects.filter(item=item, void=None, superseded_by=None).count()
    return made >= (2 if item.twice else 1)
