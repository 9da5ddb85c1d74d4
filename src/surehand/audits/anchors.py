"""What each answer of a record audit means, as data (`starter/anchors.yaml`), and what the ECM
profile asks of a record of that type."""

from dataclasses import dataclass
from importlib import resources
from typing import Any

import yaml

from surehand.audits.models import Answer, Criterion
from surehand.competency.themes import THEMES
from surehand.ecm.in_words import places_in_words, soon_in_words
from surehand.ecm.profile import Profile, RecordType
from surehand.people.roles import in_words


@dataclass(frozen=True)
class Anchor:
    """A criterion: its question, what each `Answer` means, and the themes offered first."""

    criterion: Criterion
    question: str
    answers: dict[str, str]
    themes: tuple[str, ...]


@dataclass(frozen=True)
class Musts:
    """What a record of one type `says` to be complete, and `shows` to be about this person."""

    says: tuple[str, ...]
    shows: tuple[str, ...]
    note: str = ""


def _starter() -> dict[str, Any]:
    text = resources.files("surehand.audits").joinpath("starter/anchors.yaml").read_text("utf-8")
    found: dict[str, Any] = yaml.safe_load(text)
    return found


_DATA = _starter()

ANCHORS: dict[Criterion, Anchor] = {
    Criterion(code): Anchor(
        Criterion(code),
        row["question"],
        {answer: row["answers"][answer] for answer in Answer.values},
        tuple(row["themes"]),
    )
    for code, row in _DATA["criteria"].items()
}
MUSTS: dict[str, Musts] = {
    code: Musts(tuple(row["says"]), tuple(row["shows"]), row.get("note", ""))
    for code, row in _DATA["musts"].items()
}
KEYS: dict[str, str] = {theme: _DATA["keys"].get(theme, "") for theme in THEMES}
"""The key of each theme; empty for one that has none."""


def guidance(
    criterion: Criterion, *, record_type: str, profile: Profile, setting: str
) -> tuple[str, ...]:
    """What is asked of a record of this type by this ECM profile: a sentence or two."""
    try:
        kind = profile.record_type(record_type)
    except KeyError:
        kind = None
    musts = MUSTS.get(record_type)
    if criterion is Criterion.COMPLETE:
        return _sentences(f"It says: {'; '.join(musts.says)}" if musts else "", _fields(kind))
    if criterion is Criterion.PERSON_SPECIFIC:
        return _sentences(f"Look for {in_words(musts.shows)}", musts.note) if musts else ()
    if kind is None:
        return ()
    if criterion is Criterion.TIMELY:
        minutes = kind.standard.minutes.get(setting)
        if minutes is None:
            return ()
        return _sentences(f"The standard: {soon_in_words(minutes, kind.standard.counted_from)}")
    return _sentences(f"{kind.title}: {places_in_words(kind, profile)}")


def _fields(kind: RecordType | None) -> str:
    required = [field.title.rstrip("?") for field in kind.fields if field.required] if kind else []
    return f"Fields: {', '.join(required)}" if required else ""


def _sentences(*found: str) -> tuple[str, ...]:
    return tuple(f"{each.rstrip('.')}." for each in found if each)
