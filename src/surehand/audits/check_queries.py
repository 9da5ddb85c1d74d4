"""Reads about checks of records: what is to be checked by whom, and what was found.

The number of statements does not grow with the records.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from django.db.models import Exists, OuterRef, QuerySet

from surehand import evidence
from surehand.audits.models import (
    AuditItem,
    AuditWords,
    Criterion,
    Escalation,
    EscalationTaken,
    Gap,
    OpenRecord,
    RecordCheck,
    RecordCheckVoid,
)
from surehand.people.access import Action, By
from surehand.records.authors import Accounts, accounts_of
from surehand.records.models import RecordText
from surehand.timeline import instant, london_date

LACKING = ("partly", "not")
PAUSE = timedelta(minutes=10)
"""Longer between two checks than this is a pause, and not how long a check takes."""
FEWEST_FOR_A_PACE = 3
WORKED_ON = timedelta(minutes=15)
"""So long a record that somebody opened is offered to others last."""
OFFERED = timedelta(days=56)
"""So long after an audit was due its records are still offered."""


@dataclass(frozen=True)
class Place:
    """One record of an audit for whoever asks: `mine` is one’s own check that holds, `open` that
    they may check it now, `second` that it would be the second check. `own`: they wrote it.
    `elsewhere` is a colleague who has it open and may be checking it now."""

    item: AuditItem
    mine: RecordCheck | None
    open: bool
    second: bool
    own: bool
    readable: bool
    elsewhere: OpenRecord | None = None

    @property
    def lacks(self) -> bool:
        """Whether one’s own check found something: what others found is not told."""
        return self.mine is not None and any(
            getattr(self.mine, criterion) in LACKING for criterion in Criterion
        )


def places(*, by: By, services: Collection[int], audit: int | None = None) -> list[Place]:
    """The records selected at these services, in the order in which they are checked: the audit due
    first, then by number. What was due long ago is no longer offered. `audit`: of this one alone,
    whenever it was due."""
    items = AuditItem.objects.filter(audit__service__in=services)
    if audit is not None:
        items = items.filter(audit=audit)
    else:
        today = london_date(instant(evidence.clock.now()))
        items = items.filter(audit__due__gte=today - OFFERED)
    return places_of(items, by=by)


def places_of(items: "QuerySet[AuditItem]", *, by: By) -> list[Place]:
    """These records for whoever asks, in the order in which they are checked; a fixed number of
    statements."""
    found = list(
        items.annotate(
            kept=Exists(
                RecordText.objects.filter(
                    record__record_id=OuterRef("record_id"), record__version=OuterRef("version")
                )
            )
        )
        .select_related("audit__service__details")
        .order_by("audit__due", "audit", "number")
    )
    held: dict[int, list[RecordCheck]] = defaultdict(list)
    for check in RecordCheck.objects.filter(
        item__audit__in={item.audit_id for item in found}, void=None, superseded_by=None
    ):
        held[check.item_id].append(check)
    accounts = Accounts.read(accounts_of(by.same_human))
    at_work, told = _at_work(by), told_of(found, by=by)
    return [
        _place(item, held[item.pk], at_work[item.pk], by, accounts, told=item.pk in told)
        for item in found
    ]


def next_of(places: Iterable[Place]) -> Place | None:
    """What they check next: the first that waits, one that a colleague has open last."""
    waiting = [place for place in places if place.open]
    return min(waiting, key=lambda place: place.elsewhere is not None, default=None)


def told_of(items: Collection[AuditItem], *, by: By) -> set[int]:
    """The records among these in which others found an immediate risk that `by` answers for. They
    know what was found, so a second check is not theirs. No statement for whoever answers for
    none."""
    theirs = [item for item in items if by.may(Action.TAKE_RISK, item.audit.service_id)]
    if not theirs:
        return set()
    risks = Escalation.objects.filter(gap__check_of__item__in=theirs)
    risks = risks.exclude(by__in=by.same_human)
    return set(risks.values_list("gap__check_of__item", flat=True))


def _at_work(by: By) -> dict[int, list[OpenRecord]]:
    """The records colleagues opened just now, by the record."""
    found: dict[int, list[OpenRecord]] = defaultdict(list)
    rows = OpenRecord.objects.filter(at__gt=evidence.clock.now() - WORKED_ON)
    for row in rows.exclude(person__in=by.same_human).select_related("person__identity"):
        found[row.item_id].append(row)
    return found


def _place(
    item: AuditItem,
    checks: list[RecordCheck],
    at_work: list[OpenRecord],
    by: By,
    accounts: Accounts,
    *,
    told: bool,
) -> Place:
    mine = next((check for check in checks if by.is_self(check.by_id)), None)
    own = item.author_id is not None and by.is_self(item.author_id)
    if not own and item.account_id in accounts.ids:
        now = accounts.at(item.account_id, item.written_at).person
        own = now is not None and by.is_self(now.pk)
    first, second = (any(check.second == leg for check in checks) for leg in (False, True))
    readable: bool = item.kept  # type: ignore[attr-defined]
    return Place(
        item=item,
        mine=mine,
        open=readable
        and not own
        and mine is None
        and not (item.twice and told)
        and (not first or (item.twice and not second)),
        second=first,
        own=own,
        readable=readable,
        # Whoever has checked it already only looks at it again.
        elsewhere=next(
            (row for row in at_work if row.person_id not in {check.by_id for check in checks}), None
        ),
    )


def minutes_left(*, by: By, records: int) -> int | None:
    """About how long so many records take at one’s own pace; None before there is one."""
    if by.person is None:
        return None
    times = list(
        RecordCheck.objects.filter(by__in=by.same_human, supersedes=None)
        .order_by("-recorded_at")
        .values_list("recorded_at", flat=True)[:30]
    )
    took = [(a - b).total_seconds() for a, b in pairwise(times) if a - b <= PAUSE]
    if len(took) < FEWEST_FOR_A_PACE:
        return None
    return max(1, round(median(took) * records / 60))


def gaps_of(checks: Iterable[RecordCheck]) -> dict[int, list[Gap]]:
    """The gaps of each check, by its id, in the order in which they were found."""
    found: dict[int, list[Gap]] = defaultdict(list)
    for gap in Gap.objects.filter(check_of__in=list(checks)).order_by("pk"):
        found[gap.check_of_id].append(gap)
    return found


@dataclass(frozen=True)
class Noted:
    """What was written with a check: the note, and why it was corrected."""

    note: str = ""
    reason: str = ""


def noted(checks: Collection[RecordCheck]) -> dict[int, Noted]:
    """What was written with these checks, by their id; an erased text is simply not there. The
    reason of a correction is written first."""
    texts: dict[int, list[str]] = defaultdict(list)
    entries = [check.entry for check in checks]
    before = {check.supersedes_id for check in checks if check.supersedes_id}
    # A check made anew after a void corrects nothing.
    void = set(
        RecordCheckVoid.objects.filter(check_of__in=before).values_list("check_of", flat=True)
    )
    for row in AuditWords.objects.filter(entry__in=entries).order_by("pk"):
        texts[row.entry].append(row.text)
    found = {}
    for check in checks:
        said = texts[check.entry]
        corrected = check.supersedes_id is not None and check.supersedes_id not in void
        reason = said[0] if corrected and said else ""
        rest = said[1:] if corrected else said
        found[check.pk] = Noted("\n".join(rest), reason)
    return found


def risks_in(item: AuditItem, *, at: datetime, known: int | None) -> list[Escalation]:
    """The immediate risks told of in a record by a moment, or by what was `known`."""
    found = Escalation.objects.filter(gap__check_of__item=item, happened_at__lte=at)
    if known is not None:
        found = found.filter(entry__lte=known)
    joined = ("to__identity", "gap__check_of__item", "service", "taken")
    return list(found.select_related(*joined).order_by("pk"))


def done_about(
    risks: Collection[Escalation], *, at: datetime, known: int | None
) -> dict[int, EscalationTaken]:
    """What was done about these by then, by the risk."""
    found = EscalationTaken.objects.filter(escalation__in=risks, happened_at__lte=at)
    if known is not None:
        found = found.filter(entry__lte=known)
    return {done.escalation_id: done for done in found.select_related("by__identity")}


def open_risks(services: Collection[int]) -> list[Escalation]:
    """The immediate risks at these services about which nobody has said what was done, the oldest
    first."""
    return list(
        Escalation.objects.filter(service__in=services, taken=None)
        .select_related("gap__check_of__item__audit", "to__identity")
        .order_by("entry")
    )
