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
    two statements. `known` is a ledger seq: what was known by it (R3). Of each auditor the answers
    count that they gave while they could not know the other’s."""
    held: dict[int, dict[bool, RecordCheck]] = defaultdict(dict)
    rows = in_force(at=at, known=known).filter(
        item__audit__service__in=services, item__twice=True, happened_at__gt=at - BACK
    )
    for check in rows.select_related("item__audit__service__details"):
        held[check.item_id][check.second] = check
    both = {item: legs for item, legs in held.items() if len(legs) == 2}
    earlier = {check.pk: check for check in RecordCheck.objects.filter(item__in=both, void=None)}
    found = [_pair(legs, earlier) for legs in both.values()]
    return sorted(found, key=lambda pair: (pair.at, pair.item.pk), reverse=True)


def _pair(legs: dict[bool, RecordCheck], earlier: dict[int, RecordCheck]) -> Pair:
    """Of each auditor the last version before the other’s was there, or else their first: who
    corrects a check afterwards may know what the other found."""
    first, second = (_versions(legs[leg], earlier) for leg in (False, True))
    return Pair(
        legs[False].item,
        _answers(_before(first, second[0].entry)),
        _answers(_before(second, first[0].entry)),
        max(check.happened_at for check in legs.values()),
    )


def _versions(check: RecordCheck, earlier: dict[int, RecordCheck]) -> list[RecordCheck]:
    """What one auditor said of a record, the first version first; of `earlier` none was voided, so
    that whoever comes after it is its author."""
    found = [check]
    while before := earlier.get(found[0].supersedes_id or 0):
        found.insert(0, before)
    return found


def _before(versions: list[RecordCheck], entry: int) -> RecordCheck:
    return next((each for each in reversed(versions) if each.entry < entry), versions[0])


def _answers(check: RecordCheck) -> tuple[str, ...]:
    return tuple(getattr(check, criterion) for criterion in Criterion)
