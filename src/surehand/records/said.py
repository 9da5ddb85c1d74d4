"""What a record says, for as long as it is kept."""

import json
from dataclasses import dataclass
from typing import Any

from surehand.records import sealed
from surehand.records.models import LiveRecord, RecordText


@dataclass(frozen=True)
class Said:
    """The text, and the structured fields by their code."""

    text: str
    fields: dict[str, Any]


def said_in(content: bytes | memoryview) -> Said:
    """What was sealed. Raises sealed.Unreadable."""
    found = json.loads(sealed.unseal(content))
    return Said(found["text"], found["fields"])


def said_by(record: LiveRecord) -> Said | None:
    """What a record says; None where its words are no longer kept or their key is gone."""
    row = RecordText.objects.filter(record=record).first()
    if row is None:
        return None
    try:
        return said_in(row.content)
    except sealed.Unreadable:
        return None
