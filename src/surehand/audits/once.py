"""Records that more than one audit could have drawn: each counts once.

Two audits of the same weeks, such as a follow-up and the one of every week, are drawn apart from
each other. A record that both could draw had the chance that either did, 1 − (1 − π₁)(1 − π₂), and
stands for so many fewer others; counted in each, its weeks and kinds would count double. What one
audit says of its own records is made of its own chances alone.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import combinations
from math import prod

from django.db.models import Count

from surehand.audits.checked import Checked
from surehand.audits.models import Audit, AuditItem, SelectionFrame
from surehand.audits.selection import Design, Frame


def counted_once(records: Sequence[Checked], *, since: datetime, until: datetime) -> list[Checked]:
    """The records checked that were written in [since, until), each once with the chance that any
    of these audits drew it; its first audit’s check counts. One statement more, three where audits
    overlap.

    Of an audit that is not all checked yet its chances count by the share that is. Where the list
    it was drawn from is no longer kept, it is taken to have been as likely to draw a record as the
    other was.
    """
    audits = Audit.objects.in_bulk({record.audit for record in records})
    wanted: dict[int, set[str]] = defaultdict(set)
    beside = _overlapping(audits.values())
    for record in records:
        for other in beside.get(record.audit, ()):
            if _covers(other, record):
                wanted[other.pk].add(record.record_id)
    drawn: dict[str, dict[int, float]] = defaultdict(dict)  # by record, by audit that checked it
    for record in records:
        drawn[record.record_id][record.audit] = record.pi
    shares = _checked_shares(records, wanted, since=since, until=until) if wanted else {}
    likely = _likely(audits, wanted) if wanted else {}
    once = []
    for record in records:
        by = drawn[record.record_id]
        if record.audit != min(by):
            continue
        others = []
        for audit, ids in wanted.items():
            if record.record_id in ids and audit not in by:
                pi = likely[audit].get(record.record_id, 0.0) if audit in likely else record.pi
                others.append(shares[audit] * pi)
        if others or len(by) > 1:
            missed = prod(1 - pi for pi in (*by.values(), *others))
            record = replace(record, pi=1 - missed)
        once.append(record)
    return once


def _overlapping(audits: Iterable[Audit]) -> dict[int, list[Audit]]:
    """By audit the others of its service that have days and a kind of record in common with it."""
    of_service: dict[int, list[Audit]] = defaultdict(list)
    for audit in audits:
        of_service[audit.service_id].append(audit)
    found: dict[int, list[Audit]] = defaultdict(list)
    for own in of_service.values():
        for one, other in combinations(own, 2):
            if (
                one.since < other.until
                and other.since < one.until
                and not set(one.record_types).isdisjoint(other.record_types)
            ):
                found[one.pk].append(other)
                found[other.pk].append(one)
    return found


def _covers(audit: Audit, record: Checked) -> bool:
    return (
        audit.since <= record.written_at < audit.until and record.record_type in audit.record_types
    )


def _checked_shares(
    records: Iterable[Checked], audits: Iterable[int], *, since: datetime, until: datetime
) -> dict[int, float]:
    """Of each audit, how much of what it drew is among the records."""
    checked = Counter(record.audit for record in records)
    items = AuditItem.objects.filter(
        audit__in=list(audits), written_at__gte=since, written_at__lt=until
    )
    rows = items.order_by().values("audit").annotate(count=Count("pk"))
    return {row["audit"]: min(1.0, checked[row["audit"]] / row["count"]) for row in rows}


def _likely(
    audits: Mapping[int, Audit], wanted: Mapping[int, set[str]]
) -> dict[int, dict[str, float]]:
    """How likely each audit was to draw these records, from the list it was drawn from; a record
    that was not in it, not at all."""
    found = {}
    for kept in SelectionFrame.objects.filter(audit__in=list(wanted)):
        frame = Frame.of(bytes(kept.content))
        pi = frame.inclusion(Design.of(audits[kept.audit_id].design))
        rows = ((row, one) for row, one in enumerate(frame.ids) if one in wanted[kept.audit_id])
        found[kept.audit_id] = {one: float(pi[row]) for row, one in rows}
    return found
