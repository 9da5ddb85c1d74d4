"""An ECM profile in words, for its page and for what a version changes."""

from collections.abc import Sequence

from surehand.ecm.profile import Field, Minutes, Profile, RecordType, RouteStep, Standard
from surehand.people.roles import SETTINGS, in_words, who_in_words

EVENTS = {
    "event": "the event",
    "visit end": "the visit’s end",
    "shift end": "the shift’s end",
    "record": "the record",
}
AT_ONCE = {
    "event": "as it happens",
    "visit end": "by the visit’s end",
    "shift end": "by the shift’s end",
    "record": "with the record",
}
FURTHER = {
    "review": "Reviewed",
    "interim": "First instruction written",
    "receipt": "Receipt given",
    "told": "Right person told",
    "council": "Council told",
}
TERMS = {
    "system": "The system",
    "system_formal": "The system, in full",
    "person": "Somebody supported",
    "people": "People supported",
    "alert": "An alert",
    "monitoring_prompt": "The system’s own reminder",
}
KINDS = {
    "choice": "one choice",
    "choice or text": "a choice, or other words",
    "text": "words",
    "number": "a number",
    "yes or no": "yes or no",
    "time": "a time",
    "date": "a date",
    "link": "a link",
}


def capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def settings_in_words(codes: Sequence[str]) -> str:
    """“residential care and nursing care”."""
    return in_words([SETTINGS[code] for code in codes])


def minutes_in_words(minutes: int) -> str:
    """“60 minutes”; hours beside it where there are many."""
    words = "1 minute" if minutes == 1 else f"{minutes:,} minutes"
    if minutes >= 120 and minutes % 60 == 0:
        return f"{words} ({minutes // 60:,} hours)"
    return words


def soon_in_words(minutes: int, counted_from: str) -> str:
    """“within 15 minutes of the visit’s end”; no minutes: “as it happens”."""
    if not minutes:
        return AT_ONCE[counted_from]
    return f"within {minutes_in_words(minutes)} of {EVENTS[counted_from]}"


def standard_in_words(standard: Standard) -> str:
    """The whole standard: one time for all settings, or one for each."""
    if len(set(standard.minutes.values())) == 1:
        return soon_in_words(next(iter(standard.minutes.values())), standard.counted_from)
    return "; ".join(
        f"{soon_in_words(minutes, standard.counted_from)} in {SETTINGS[setting]}"
        for setting, minutes in standard.minutes.items()
    )


def response_in_words(minutes: Minutes) -> str:
    """How soon an alert is answered: “within 5 minutes”, “at once”, or that no time is set."""
    if not minutes:
        return "no time set"

    def soon(one: int) -> str:
        return f"within {minutes_in_words(one)}" if one else "at once"

    if len(set(minutes.values())) == 1:
        return soon(next(iter(minutes.values())))
    return "; ".join(f"{soon(one)} in {SETTINGS[setting]}" for setting, one in minutes.items())


def field_in_words(field: Field, kind: RecordType) -> str:
    """What is filled in, and when it is asked: “one of fall, injury; may be left empty”."""
    said = [KINDS[field.kind]]
    if field.options:
        either = "" if field.kind == "choice" else ", or other words"
        said = [f"one of {', '.join(field.options)}{either}"]
    if field.unit:
        said[0] += f" in {field.unit}"
    if when := asked_in_words(field, kind):
        said.append(when)
    if not field.required:
        said.append("may be left empty")
    return "; ".join(said)


def asked_in_words(field: Field, kind: RecordType) -> str:
    """“only where “Type” is fall”; empty for a field that is always asked."""
    if field.when is None:
        return ""
    titles = {one.code: one.title for one in kind.fields}
    values = " or ".join(field.when.is_one_of)
    return f"asked only where “{titles[field.when.field]}” is {values}"


def places_in_words(kind: RecordType, profile: Profile) -> str:
    """The sections a record may be written in."""
    if not kind.sections:
        return "a place of its own"
    if len(kind.sections) == len(profile.sections):
        return "any section"
    return ", ".join(one.title for one in profile.sections if one.code in kind.sections)


def step_in_words(step: RouteStep) -> str:
    """“Shift lead, within 5 minutes (shift leads)”."""
    soon = (
        "without delay"
        if step.within_minutes is None
        else f"within {minutes_in_words(step.within_minutes)}"
        if step.within_minutes
        else "at once"
    )
    who = who_in_words(step.job_roles, step.responsibilities) if whom_known(step) else ""
    return f"{step.tell}, {soon}" + (f" ({who})" if who else "")


def whom_known(step: RouteStep) -> bool:
    return bool(step.job_roles or step.responsibilities)


def term_in_words(code: str) -> str:
    return TERMS.get(code) or capital(code.replace("_", " "))


def further_in_words(name: str) -> str:
    return FURTHER.get(name) or capital(name.replace("_", " "))
