"""A reason in words: what was seen, why it matters, and the innocent explanation.

Whoever shows it puts the words of the span beside it; nothing here quotes a record.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Explanation:
    """Three sentences. `seen` may be led by the words of the span: “Found on the floor” …"""

    seen: str
    matters: str
    innocent: str


_WORDS: dict[str, tuple[str, str, str]] = {
    "required_field_missing": (
        "A field that this kind of record must have is empty.",
        "Whoever reads it next looks in the field first, and so do counts and charts.",
        "The field may be hidden on that screen, or nobody could know the answer.",
    ),
    "late_entry": (
        "It was recorded later than the standard allows after it happened.",
        "Others act on what the record says now, and memory fades.",
        "Care may have come first, or the device was offline longer than we allow for.",
    ),
    "entry_before_event": (
        "It was recorded before it is said to have happened.",
        "An entry made ahead says what was meant to happen, which may not be what did.",
        "The time may be mistyped, or the clock of a device is wrong.",
    ),
    "incident_in_note": (
        "These words can tell of an incident. We found no incident entry for this person within "
        "24 hours.",
        "An incident told in a note alone is easily missed, and so is what should follow.",
        "It may be recorded elsewhere, or be about another time or person.",
    ),
    "incident_without_action": (
        "The incident has no action in its field, and no other record is linked to it.",
        "The next person cannot see what was done to keep them safe.",
        "What was done may stand in the text, or in a record that was not linked.",
    ),
    "incident_without_escalation": (
        "We found nobody told: no field, no wording and no contact record within 24 hours.",
        "The right person can help only if they know, and in time.",
        "They may have been told face to face, or were there when it happened.",
    ),
    "alert_without_response": (
        "The alert rang, and we found no response record that answers it within the standard.",
        "Without it nobody can see that the person was checked, or why it rang.",
        "Somebody may have gone at once and the record be missing, or the sensor is at fault.",
    ),
    "another_person_named": (
        "This may be the name of another person supported here.",
        "A record is about one person; another’s name makes it somebody else’s private matter too.",
        "A relative, friend or worker may have the same name.",
    ),
    "reused_wording": (
        "Most of the less usual wording stands in an earlier record too.",
        "What was true of one day or person may not be true of another.",
        "Two days can be alike, and some things are rightly said in the same words each time.",
    ),
    "stock_phrases": (
        "We found general phrases, and nothing of this person or this day.",
        "The next person cannot learn from it how they were, or what they chose.",
        "It may have been an ordinary day, with the rest told in fields and charts.",
    ),
    "text_for_field": (
        "The text seems to say what an empty field should hold.",
        "What stands in a field can be found, counted and charted.",
        "The field may be hard to find, or have no fitting answer.",
    ),
    "wrong_section": (
        "This seems to belong in another section.",
        "Others look for it there, and may not find it here.",
        "It may stand there too, or belong to both.",
    ),
    "missing_action": (
        "These words tell of a concern. We found nothing done about it, and nobody told.",
        "A concern that nobody acts on can grow.",
        "It may be known and in the plan, or what was done is recorded elsewhere.",
    ),
    "bulk_entry": (
        "One account entered many records in a shorter time than writing them takes.",
        "Entries made together, later on, are less sure than entries made at the time.",
        "A device that was offline may have sent them together.",
    ),
}


def explain(code: str) -> Explanation:
    """The three sentences of a signal. Raises KeyError for an unknown code."""
    return Explanation(*_WORDS[code])
