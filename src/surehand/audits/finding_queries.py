"""What was found in the records of whoever asks, and what is new to them (2.4)."""

from collections.abc import Collection
from datetime import datetime, timedelta

from surehand.audits.checked import Checked, checked
from surehand.audits.models import Answer, FindingRead

OWN = timedelta(weeks=26)
"""So far back one is shown what was found in one’s own records."""


def of_people(people: Collection[int], *, at: datetime) -> list[Checked]:
    """The records of these people that were checked, the newest first; three statements."""
    found = checked(at=at, authors=people, since=at - OWN)
    return sorted(found, key=lambda each: (each.written_at, each.item), reverse=True)


def lacks(record: Checked) -> bool:
    """Whether something was found in it: a gap, or an answer that does not meet."""
    return bool(record.gaps) or any(a in {Answer.PARTLY, Answer.NOT} for a in record.answers)


def unread(people: Collection[int], *, at: datetime) -> list[Checked]:
    """What was found in their records and they have not opened; four statements."""
    found = [each for each in of_people(people, at=at) if lacks(each)]
    read = set(
        FindingRead.objects.filter(check_of__in=[f.check for f in found]).values_list(
            "check_of", flat=True
        )
    )
    return [each for each in found if each.check not in read]


def note_read(records: Collection[Checked], *, at: datetime) -> None:
    """Keep that whoever wrote these opened what was found in them."""
    FindingRead.objects.bulk_create(
        [FindingRead(check_of_id=each.check, at=at) for each in records], ignore_conflicts=True
    )
