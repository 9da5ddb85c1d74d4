"""The signals: a code each, one meaning, and how sure."""

from dataclasses import dataclass
from enum import StrEnum


class Strength(StrEnum):
    """Sound = a fact of the record's structure, or nearly; useful = often right, worth reading;
    prompt = a question only."""

    SOUND = "sound"
    USEFUL = "useful"
    PROMPT = "prompt"


@dataclass(frozen=True)
class Signal:
    """`structural` signals have no span in the text."""

    code: str
    title: str
    strength: Strength
    structural: bool


SIGNALS: tuple[Signal, ...] = (
    Signal("required_field_missing", "A field is empty", Strength.SOUND, True),
    Signal("late_entry", "Recorded late", Strength.SOUND, True),
    Signal("entry_before_event", "Recorded before it happened", Strength.SOUND, True),
    Signal("incident_in_note", "An incident told in a note", Strength.USEFUL, False),
    Signal("incident_without_action", "An incident without action", Strength.SOUND, True),
    Signal("incident_without_escalation", "An incident nobody was told of", Strength.USEFUL, True),
    Signal("alert_without_response", "An alert without a response", Strength.SOUND, True),
    Signal("another_person_named", "Another person is named", Strength.SOUND, False),
    Signal("reused_wording", "Wording seen before", Strength.USEFUL, False),
    Signal("stock_phrases", "Stock phrases alone", Strength.PROMPT, False),
    Signal("text_for_field", "Text says what a field should", Strength.USEFUL, False),
    Signal("wrong_section", "Belongs in another section", Strength.PROMPT, False),
    Signal("missing_action", "A concern without action", Strength.USEFUL, False),
    Signal("bulk_entry", "Many entries in a short time", Strength.SOUND, True),
)
"""In the order in which reasons stand in a row."""

NUMBER_OF = {signal.code: number for number, signal in enumerate(SIGNALS)}
