"""Who looked at what a record says: kept beside the record, a line for each day."""

from collections.abc import Iterable

from surehand import evidence
from surehand.people.access import By
from surehand.records.models import LiveRecord, RecordSeen
from surehand.timeline import instant, london_date


def note_seen(*, by: By, records: Iterable[LiveRecord]) -> None:
    """Keep that whoever asks looked at the words of these records today. Two statements."""
    on = london_date(instant(evidence.clock.now()))
    RecordSeen.objects.bulk_create(
        [RecordSeen(record=record, person_id=by.acting(), on=on) for record in records],
        ignore_conflicts=True,
    )
