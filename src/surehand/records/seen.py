"""Who looked at what a record says: kept beside the record, a line for each day."""

from collections.abc import Iterable

from surehand import evidence
from surehand.people.access import By
from surehand.records.models import LiveRecord, RecordSeen
from surehand.timeline import instant, london_date


def note_seen(*, by: By, records: Iterable[LiveRecord]) -> None:
    """Keep that whoever asks looked at the words of these records today."""
    on = london_date(instant(evidence.clock.now()))
    for record in records:
        RecordSeen.objects.get_or_create(record=record, person_id=by.acting(), on=on)
