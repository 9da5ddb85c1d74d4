"""The ECM profile as rules of screening, which knows nothing of profiles."""

from surehand.ecm.profile import AlertType, Profile, RecordType
from surehand.screening import (
    AlertRules,
    Limits,
    RecordRules,
    RequiredField,
    Ruleset,
    Words,
    starter_words,
)
from surehand.screening.ruleset import ALERT, BODYMAP, CONTACT, INCIDENT, NOTE, RAISED, SHORT

_PARTS = {
    "note": NOTE,
    "visit": NOTE,
    "task": SHORT,
    "chart": SHORT,
    "med": SHORT,
    "incident": INCIDENT,
    "alert": ALERT,
    "contact": CONTACT,
    "bodymap": BODYMAP,
}
"""What a record type is to screening, by its code."""

_JUDGED = ("event", "visit end")
"""What lateness can be judged from: when a shift ended is not in a record."""


def ruleset_of(
    profile: Profile, setting: str, words: Words | None = None, limits: Limits | None = None
) -> Ruleset:
    """The rules for records of one care setting (R, N, H, S), with the starter's words unless a
    provider has its own. Raises ValueError for a setting the profile is not for."""
    if setting not in profile.settings:
        raise ValueError(
            f"Profile {profile.code} is for {', '.join(profile.settings)}, not for {setting}."
        )
    return Ruleset(
        profile=f"{profile.code} {profile.version}",
        setting=setting,
        record_types=(
            *(
                _record_rules(one, setting)
                for one in profile.record_types
                if setting in one.settings
            ),
            RecordRules(RAISED, RAISED, None, False, (), (), ()),
        ),
        alert_types=tuple(
            AlertRules(one.code, _answer_within(one, profile, setting))
            for one in (*profile.alert_types, *profile.monitoring_prompts)
            if setting in one.settings
        ),
        sections=tuple(one.code for one in profile.sections if setting in one.settings),
        words=words or starter_words(),
        limits=limits or Limits(),
    )


def _record_rules(record_type: RecordType, setting: str) -> RecordRules:
    part = _PARTS.get(record_type.code, "")
    if not part and "Incident" in record_type.mods.classes:
        part = INCIDENT
    standard = record_type.standard
    return RecordRules(
        code=record_type.code,
        part=part,
        late_after=standard.minutes.get(setting) if standard.counted_from in _JUDGED else None,
        from_visit_end=standard.counted_from == "visit end",
        visit_times=("in", "out") if record_type.code == "visit" else (),
        sections=record_type.sections,
        fields=tuple(
            RequiredField(
                field.code,
                field.required,
                field.when.field if field.when else "",
                field.when.is_one_of if field.when else (),
            )
            for field in record_type.fields
        ),
    )


def _answer_within(alert: AlertType, profile: Profile, setting: str) -> int | None:
    """How soon a response to an alert is recorded; None where nobody need come at a set time."""
    if setting not in alert.with_person_minutes and setting not in alert.acknowledge_minutes:
        return None
    for record_type in profile.record_types:
        if record_type.code == "alert":
            return record_type.standard.minutes.get(setting)
    return None
