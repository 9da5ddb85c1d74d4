"""The checks that hold: one for each record that was checked, with the gaps found in it.

What rates, causes, warnings and charts are all made of, so that a record is counted one way
everywhere. The number of statements does not grow with the records.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from surehand.audits.models import Answer, Criterion, Gap, RecordCheck
from surehand.people.queries import humans


@dataclass(frozen=True)
class Found:
    """A gap: its id, its theme, the criterion it stands under, and how severe it is."""

    gap: int
    theme: str
    criterion: str
    severity: str


@dataclass(frozen=True)
class Checked:
    """One record as it was checked. Ids throughout; times in UTC.

    `author` is the human whose the account was, as known when it was selected or, where it was not
    known then, when it was checked (merged people are one); None where that is not known or it was
    shared. `pi` is the probability with which the record was to be chosen.
    `entry` is the ledger entry of the check that holds.
    """

    item: int
    audit: int
    service: int
    record_id: str
    version: int
    record_type: str
    section: str
    account: int
    author: int | None
    written_at: datetime
    pi: float
    check: int
    entry: int
    by: int
    checked_at: datetime
    answers: tuple[str, ...]  # in the order of Criterion
    gaps: tuple[Found, ...]

    @property
    def accurate(self) -> bool | None:
        """Whether the record meets all that is asked of it (R18): *partly* does not meet, *not
        applicable* is left out. None where nothing was applicable."""
        asked = [answer for answer in self.answers if answer != Answer.NOT_APPLICABLE]
        return all(answer == Answer.MEETS for answer in asked) if asked else None

    @property
    def themes(self) -> frozenset[str]:
        return frozenset(gap.theme for gap in self.gaps)


def checked(
    *,
    at: datetime,
    known: int | None = None,
    services: Collection[int] | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    audit: int | None = None,
    authors: Collection[int] | None = None,
) -> list[Checked]:
    """The records checked by the moment `at`, by when they were written, in [since, until).

    `authors` are people, everybody recorded as the same human among them. `known` is a ledger seq:
    what was known by it, corrections and voids after it left out. Of an item checked twice the
    first check counts; the other where the first is void.
    """
    rows = in_force(at=at, known=known).select_related("item__audit")
    if services is not None:
        rows = rows.filter(item__audit__service__in=services)
    if since is not None:
        rows = rows.filter(item__written_at__gte=since)
    if until is not None:
        rows = rows.filter(item__written_at__lt=until)
    if audit is not None:
        rows = rows.filter(item__audit=audit)
    if authors is not None:
        known_then = Q(item__author__in=authors)
        rows = rows.filter(known_then | Q(item__author=None, subject__in=authors))
    holding: dict[int, RecordCheck] = {}
    for row in rows.order_by("item__written_at", "item", "second", "entry"):
        if row.item_id not in holding or not row.second:
            holding[row.item_id] = row
    found = _gaps(rows.values("pk"))
    same = humans()
    return [_checked(row, found, same) for row in holding.values()]


def in_force(*, at: datetime, known: int | None = None) -> QuerySet[RecordCheck]:
    """The checks that hold at a moment: of an item checked twice, both. `known` as in `checked`."""
    rows = RecordCheck.objects.filter(happened_at__lte=at)
    if known is None:
        return rows.filter(void=None).exclude(superseded_by__happened_at__lte=at)
    rows = rows.filter(entry__lte=known)
    return rows.exclude(superseded_by__entry__lte=known).exclude(void__entry__lte=known)


def of_gaps(gaps: Collection[int]) -> list[Checked]:
    """The checks that found these gaps, whether they hold still or not."""
    rows = RecordCheck.objects.filter(pk__in=Gap.objects.filter(pk__in=gaps).values("check_of"))
    found, same = _gaps(rows.values("pk")), humans()
    return [_checked(row, found, same) for row in rows.select_related("item__audit")]


def _gaps(checks: object) -> dict[int, list[Found]]:
    found: dict[int, list[Found]] = defaultdict(list)
    for gap in Gap.objects.filter(Q(check_of__in=checks)).order_by("pk"):
        found[gap.check_of_id].append(Found(gap.pk, gap.theme, gap.criterion, gap.severity))
    return found


def _checked(row: RecordCheck, found: dict[int, list[Found]], same: dict[int, int]) -> Checked:
    item = row.item
    author = item.author_id or row.subject_id
    return Checked(
        item=item.pk,
        audit=item.audit_id,
        service=item.audit.service_id,
        record_id=item.record_id,
        version=item.version,
        record_type=item.record_type,
        section=item.section,
        account=item.account_id,
        author=None if author is None else same.get(author, author),
        written_at=item.written_at,
        pi=item.pi,
        check=row.pk,
        entry=row.entry,
        by=row.by_id,
        checked_at=row.happened_at,
        answers=tuple(getattr(row, criterion) for criterion in Criterion),
        gaps=tuple(found.get(row.pk, ())),
    )
