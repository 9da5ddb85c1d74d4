"""What of a step is a code of the scenario or the profile, and what somebody typed (R1)."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from surehand.ecm.profile import Field, Profile
from surehand.practice.play import Did, record_types
from surehand.practice.scenario import Scenario

_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_NUMBER = re.compile(r"-?\d{1,6}([.,]\d{1,3})?")

LONGEST = 2_000
"""Characters of what is typed in one field."""

_KEYS: dict[Did, tuple[str, ...]] = {
    Did.OPEN: ("place",),
    Did.ACKNOWLEDGE: ("event",),
    Did.TELL: ("contact",),
    Did.CHOOSE: ("choice",),
    Did.RECORD: (
        *("type", "about", "section", "task", "fields", "text", "links", "time", "late"),
        "paper",
    ),
    Did.ACT_ON: ("record", "how", "flag", "reason"),
    Did.PAPER: ("about", "time", "text", "checked"),
    Did.WAIT: ("seconds",),
    Did.AWAY: ("seconds",),
}


def is_clock(text: str) -> bool:
    """Whether it is a time of day, HH:MM."""
    return bool(_CLOCK.fullmatch(text))


def is_a_code(field: Field, value: str) -> bool:
    """Whether a field's value is one of those it offers, a number, a time or a date: not typed."""
    match field.kind:
        case "choice" | "choice or text":
            return value in field.options
        case "yes or no":
            return value in ("yes", "no")
        case "number":
            return bool(_NUMBER.fullmatch(value))
        case "time":
            return is_clock(value)
        case "date":
            try:
                return bool(date.fromisoformat(value))
            except ValueError:
                return False
    return False


def tidied(
    scenario: Scenario, profile: Profile, did: Did, what: Mapping[str, Any]
) -> dict[str, Any]:
    """What a step of this kind says: known keys with something in them, and nothing that belongs
    to another record type or scenario. It may still not be possible (`play.problem_with`)."""
    kept = {key: what[key] for key in _KEYS.get(did, ()) if what.get(key) not in (None, "", {})}
    if did == Did.ACT_ON:
        if kept.get("how") != "flag":
            kept.pop("flag", None)
        if "reason" in kept:
            kept["reason"] = str(kept["reason"])[:LONGEST]
    if did == Did.RECORD:
        kind = record_types(scenario, profile).get(str(kept.get("type", "")))
        given = {str(k): str(v)[:LONGEST].strip() for k, v in kept.pop("fields", {}).items()}
        fields = {one.code: one for one in kind.fields} if kind else {}
        # In the order of the profile: what depends on another field comes after it.
        values: dict[str, Any] = {}
        for code, one in fields.items():
            if given.get(code) and one.kind != "link" and one.is_asked({**given, **values}):
                values[code] = given[code]
        if values:
            kept["fields"] = values
        if kind is not None and not kind.sections:
            kept.pop("section", None)
        if kept.get("task") not in [task.code for task in scenario.tasks]:
            kept.pop("task", None)
        if "paper" in kept:
            line = str(kept.pop("paper"))
            kept |= {"paper": int(line)} if line.isdecimal() and len(line) < 6 else {}
    if did in (Did.RECORD, Did.PAPER):
        if "text" in kept:
            kept["text"] = str(kept["text"])[:LONGEST].strip()
        if not is_clock(str(kept.get("time", ""))):
            kept.pop("time", None)
        for tick in ("late", "checked"):
            kept |= {tick: True} if kept.pop(tick, False) else {}
    return kept


def apart(
    scenario: Scenario, profile: Profile, did: Did, what: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """(the codes of a tidied step, what was typed in it); `together` undoes it."""
    codes = dict(what)
    typed: dict[str, Any] = {key: codes.pop(key) for key in ("text", "reason") if key in codes}
    if did == Did.RECORD and "fields" in codes:
        kinds = {one.code: one for one in record_types(scenario, profile)[what["type"]].fields}
        chosen = {c: v for c, v in codes["fields"].items() if is_a_code(kinds[c], v)}
        written = {c: v for c, v in codes.pop("fields").items() if c not in chosen}
        if chosen:
            codes["fields"] = chosen
        if written:
            typed["fields"] = written
    return codes, typed


def together(codes: Mapping[str, Any], typed: Mapping[str, Any]) -> dict[str, Any]:
    """A step as it was taken; without what was typed where that has been erased."""
    what = {**codes, **typed}
    if fields := {**codes.get("fields", {}), **typed.get("fields", {})}:
        what["fields"] = fields
    return what
