"""What is required of records, how soon, and by which words something is noticed; from data."""

import json
from dataclasses import asdict, dataclass, field
from functools import cached_property
from hashlib import sha256

from .words import Words

LIBRARY_VERSION = 3
"""Goes up with every change of the code after which the same records and rules give another
result."""

NOTE, SHORT, INCIDENT, ALERT = "note", "short", "incident", "alert"
CONTACT, BODYMAP, RAISED = "contact", "bodymap", "raised-alert"


@dataclass(frozen=True)
class RequiredField:
    """Asked only when the field `when_field` has one of the values `when_is`; "" = always.

    `required` is False for a field that may stay empty."""

    code: str
    required: bool = True
    when_field: str = ""
    when_is: tuple[str, ...] = ()


@dataclass(frozen=True)
class RecordRules:
    """What a record type is and must have.

    `part`: what it is to screening: note (what a day was like, in words), short (a few words beside
    fields: a task, a chart), incident, alert (the response to one), contact, bodymap, raised-alert,
    or "" (anything else). `late_after`: minutes from the event
    to the entry; None = not judged. `from_visit_end`: from the end of the visit in which it was,
    where there is a visit record.
    """

    code: str
    part: str
    late_after: int | None
    from_visit_end: bool
    visit_times: tuple[str, ...]  # the fields that say when a visit began and ended
    sections: tuple[str, ...]
    fields: tuple[RequiredField, ...]


@dataclass(frozen=True)
class AlertRules:
    """`answer_within`: minutes from the alert to its response record; None = no standard."""

    code: str
    answer_within: int | None


@dataclass(frozen=True)
class Limits:
    """The numbers of the rules. Minutes, hours and days are of elapsed time."""

    window_days: int = 28  # an earlier record counts for reuse so long …
    reach: int = 32_768  # … and among so many records of the service
    near_hours: int = 24  # an incident entry this near belongs to the note
    told_hours: int = 24  # a contact record this soon after tells of the incident
    drift_minutes: int = 5  # by which clocks may differ
    sync_minutes: int = 5  # that sending takes
    reuse_percent: int = 60  # of the weighted wording
    reuse_phrases: int = 8  # three-word phrases in common, at least
    scope_words: int = 6  # a cue reaches so many words
    bulk_records: int = 5  # in one go …
    bulk_gap_seconds: int = 90  # … with no more between two of them
    bulk_apart_minutes: int = 60  # between the first and the last thing they tell of, or …
    bulk_words_per_minute: int = 120  # … nobody types faster


@dataclass(frozen=True, eq=False)
class Ruleset:
    """`profile`: code and version of the ECM profile it was made from. One care setting each.

    Two with the same version are the same.
    """

    profile: str
    setting: str
    record_types: tuple[RecordRules, ...]
    alert_types: tuple[AlertRules, ...]
    sections: tuple[str, ...]
    words: Words
    limits: Limits = field(default_factory=Limits)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Ruleset) and other.version == self.version

    def __hash__(self) -> int:
        return hash(self.version)

    @cached_property
    def version(self) -> str:
        """Changes whenever any rule, word or limit does, or the code that applies them."""
        content = json.dumps(
            [LIBRARY_VERSION, asdict(self)], sort_keys=True, ensure_ascii=False
        ).encode()
        return sha256(content).hexdigest()[:12]
