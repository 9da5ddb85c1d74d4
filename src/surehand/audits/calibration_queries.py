"""Records that two auditors checked apart from each other."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from surehand.audits.checked import in_force
from surehand.audits.models import AuditItem, Criterion, RecordCheck

BACK = timedelta(days=182)
"""How far back pairs are looked at: auditors learn, and anchors change."""


@dataclass(frozen=True)
class Pair:
    """One record with the answers of both, in the order of Criterion."""

    item: AuditItem
    first: tuple[str, ...]
    second: tuple[str, ...]
    at: datetime

    @property
    def differs(self) -> bool:
        return self.first != self.second


def pairs(*, services: Collection[int], at: datetime, known: int | None = None) -> list[Pair]:
    """The records at these services of which both checks hold at the moment `at`, the newest first;
    one statement. `known` is a ledger seq: what was known by it (R3)."""
    held: dict[int, dict[bool, RecordCheck]] = defaultdict(dict)
    rows = in_force(at=at, known=known).filter(
        item__audit__service__in=services, item__twice=True, happened_at__gt=at - BACK
    )
    for check in rows.select_related("item__audit__service__details"):
        held[check.item_id][check.second] = check
    found = [
        Pair(
            both[False].item,
            _answers(both[False]),
            _answers(both[True]),
            max(check.happened_at for check in both.values()),
        )
        for both in held.values()
        if len(both) == 2
    ]
    return sorted(found, key=lambda pair: (pair.at, pair.item.pk), reverse=True)


def _answers(check: RecordCheck) -> tuple[str, ...]:
    return tuple(getattr(check, criterion) for criterion in Criterion)
