"""The ECM profile: what the system being rolled out records, how soon, and who is told.

One YAML document (`profile.schema.json` beside this file) draws the practice system, maps imported
records, gives screening its rules and auditors their criteria. All durations are in minutes.
"""

import json
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

from surehand.documents import Document, DocumentProblem
from surehand.people.roles import JOB_ROLES, RESPONSIBILITIES

Minutes = dict[str, int]
"""Care setting code → minutes, e.g. `{"R": 60, "N": 60}`."""


class ProfileProblem(DocumentProblem):
    """The profile was refused; `problems` is a list of sentences with the line of each."""


@dataclass(frozen=True)
class Section:
    """A part of a person's record in which entries are written."""

    code: str
    title: str
    settings: tuple[str, ...]


@dataclass(frozen=True)
class When:
    """A field is asked only when another field of the same record has one of these values."""

    field: str
    is_one_of: tuple[str, ...]


@dataclass(frozen=True)
class Field:
    """A structured field. `kind`: choice, choice or text, text, number, yes or no, time, date,
    link. `required` holds whenever the field is asked (see `when`)."""

    code: str
    title: str
    kind: str
    options: tuple[str, ...] = ()
    required: bool = True
    when: When | None = None
    unit: str = ""

    def is_asked(self, fields: dict[str, Any]) -> bool:
        """Whether a record with these field values has this field to fill in."""
        return self.when is None or fields.get(self.when.field) in self.when.is_one_of


@dataclass(frozen=True)
class Standard:
    """How soon: minutes by care setting from the event, the visit's or shift's end, or the
    record itself."""

    counted_from: str
    minutes: Minutes


@dataclass(frozen=True)
class Mods:
    """Nearest classes of the Minimum Operational Data Standard (DAPB4102); `confirmed` is False
    where the fit is not sure."""

    classes: tuple[str, ...]
    confirmed: bool


@dataclass(frozen=True)
class RecordType:
    """`sections` are those an entry may be written in; empty = the record type is its own place.

    `further_standards` by name: review, interim, receipt, told, council.
    """

    code: str
    title: str
    settings: tuple[str, ...]
    restricted: bool
    sections: tuple[str, ...]
    mods: Mods
    standard: Standard
    fields: tuple[Field, ...]
    further_standards: dict[str, Standard] = field(default_factory=dict)

    def missing(self, values: dict[str, Any]) -> tuple[Field, ...]:
        """The required fields that a record with these values has left empty."""
        return tuple(
            one
            for one in self.fields
            if one.required and one.is_asked(values) and values.get(one.code) in (None, "", [])
        )


@dataclass(frozen=True)
class AlertType:
    """An assistive-technology alert and the response expected.

    Minutes by setting, until acknowledged and until somebody is with the person (0 = now); empty
    where no time is set. `also_record`: what the response must say besides its fields.
    """

    code: str
    title: str
    settings: tuple[str, ...]
    acknowledge_minutes: Minutes
    with_person_minutes: Minutes
    expected: str
    also_record: tuple[str, ...]
    incident_unless_ruled_out: bool


class MonitoringPrompt(AlertType):
    """The ECM system's own reminder, such as fluids low; no sensor has rung."""


@dataclass(frozen=True)
class RouteStep:
    """Tell this person within so many minutes of the event; None = without delay."""

    tell: str
    within_minutes: int | None
    job_roles: tuple[str, ...] = ()
    responsibilities: tuple[str, ...] = ()


@dataclass(frozen=True)
class Route:
    """Who is told, in order; `first` is what comes before everything else."""

    code: str
    title: str
    settings: tuple[str, ...]
    first: str
    steps: tuple[RouteStep, ...]


@dataclass(frozen=True)
class Profile:
    """A version of the description of one ECM system, for some care settings.

    `effective` is a London date; `terms` are the system's own words, by what they stand for.
    """

    code: str
    title: str
    version: str
    effective: date
    settings: tuple[str, ...]
    terms: dict[str, str]
    sections: tuple[Section, ...]
    record_types: tuple[RecordType, ...]
    alert_types: tuple[AlertType, ...]
    monitoring_prompts: tuple[MonitoringPrompt, ...]
    routes: tuple[Route, ...]

    @property
    def order(self) -> tuple[int, int]:
        """By which versions follow one another: 1.10 comes after 1.9."""
        major, minor = self.version.split(".")
        return int(major), int(minor)

    @property
    def next_version(self) -> str:
        """The number that the next version usually has."""
        major, minor = self.order
        return f"{major}.{minor + 1}"

    def record_type(self, code: str) -> RecordType:
        """Raises KeyError for a code that is not in the profile."""
        for record_type in self.record_types:
            if record_type.code == code:
                return record_type
        raise KeyError(code)

    def alert_type(self, code: str) -> AlertType:
        """An alert type or monitoring prompt. Raises KeyError for an unknown code."""
        for alert_type in (*self.alert_types, *self.monitoring_prompts):
            if alert_type.code == code:
                return alert_type
        raise KeyError(code)

    def route(self, code: str) -> Route:
        """Raises KeyError for a code that is not in the profile."""
        for route in self.routes:
            if route.code == code:
                return route
        raise KeyError(code)


@cache
def schema() -> dict[str, Any]:
    """The profile's JSON Schema."""
    text = resources.files("surehand.ecm").joinpath("profile.schema.json").read_text("utf-8")
    content: dict[str, Any] = json.loads(text)
    return content


STARTERS = ("residential-nursing", "home-care", "supported-living")
"""The codes of the profiles that are shipped; between them they are for every care setting."""


def starter_text(code: str = "residential-nursing") -> str:
    """A profile as it is shipped, for a provider to edit."""
    return resources.files("surehand.ecm").joinpath(f"starter/{code}.yaml").read_text("utf-8")


@cache
def starter(code: str = "residential-nursing") -> Profile:
    """A profile as it is shipped (content brief, section 4)."""
    return load(starter_text(code))


def load(text: str) -> Profile:
    """The profile written in `text`. Raises ProfileProblem with every problem found."""
    try:
        document = Document(text)
        document.check_shape(schema())
    except DocumentProblem as problem:
        raise ProfileProblem(problem.problems) from None
    content = document.content
    _note_problems(document, content)
    document.refuse_if_wrong(ProfileProblem)
    return _profile(content)


def _profile(content: dict[str, Any]) -> Profile:
    settings = tuple(content["settings"])
    sections = tuple(
        Section(row["code"], row["title"], _settings(row, settings)) for row in content["sections"]
    )
    return Profile(
        code=content["code"],
        title=content["title"],
        version=content["version"],
        effective=date.fromisoformat(content["effective"]),
        settings=settings,
        terms=dict(content["terms"]),
        sections=sections,
        record_types=tuple(
            _record_type(row, settings, sections) for row in content["record_types"]
        ),
        alert_types=tuple(
            AlertType(**_alert_type(row, settings)) for row in content["alert_types"]
        ),
        monitoring_prompts=tuple(
            MonitoringPrompt(**_alert_type(row, settings)) for row in content["monitoring_prompts"]
        ),
        routes=tuple(
            Route(
                row["code"],
                row["title"],
                _settings(row, settings),
                row["first"],
                tuple(
                    RouteStep(
                        step["tell"],
                        step["within_minutes"],
                        tuple(step.get("job_roles", ())),
                        tuple(step.get("responsibilities", ())),
                    )
                    for step in row["steps"]
                ),
            )
            for row in content["routes"]
        ),
    )


def _settings(row: dict[str, Any], of_profile: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(row.get("settings", of_profile))


def _minutes(value: int | Minutes | None, settings: tuple[str, ...]) -> Minutes:
    if value is None:
        return {}
    return dict.fromkeys(settings, value) if isinstance(value, int) else dict(value)


def _standard(row: dict[str, Any], settings: tuple[str, ...]) -> Standard:
    return Standard(row["counted_from"], _minutes(row["minutes"], settings))


def _record_type(
    row: dict[str, Any], of_profile: tuple[str, ...], sections: tuple[Section, ...]
) -> RecordType:
    settings = _settings(row, of_profile)
    return RecordType(
        code=row["code"],
        title=row["title"],
        settings=settings,
        restricted=row.get("restricted", False),
        sections=tuple(row.get("sections", [section.code for section in sections])),
        mods=Mods(tuple(row["mods"]["classes"]), row["mods"]["confirmed"]),
        standard=_standard(row["standard"], settings),
        fields=tuple(_field(one) for one in row["fields"]),
        further_standards={
            name: _standard(standard, settings)
            for name, standard in row.get("further_standards", {}).items()
        },
    )


def _field(row: dict[str, Any]) -> Field:
    when = row.get("when")
    return Field(
        code=row["code"],
        title=row["title"],
        kind=row["kind"],
        options=tuple(row.get("options", ())),
        required=row.get("required", True),
        when=When(when["field"], tuple(when["is"])) if when else None,
        unit=row.get("unit", ""),
    )


def _alert_type(row: dict[str, Any], of_profile: tuple[str, ...]) -> dict[str, Any]:
    settings = _settings(row, of_profile)
    return {
        "code": row["code"],
        "title": row["title"],
        "settings": settings,
        "acknowledge_minutes": _minutes(row.get("acknowledge_minutes"), settings),
        "with_person_minutes": _minutes(row.get("with_person_minutes"), settings),
        "expected": row["expected"],
        "also_record": tuple(row.get("also_record", ())),
        "incident_unless_ruled_out": row.get("incident_unless_ruled_out", False),
    }


Place = tuple[str | int, ...]


def _note_problems(document: Document, content: dict[str, Any]) -> None:
    """What a schema cannot say: codes used once and known, and minutes for every setting."""
    try:
        date.fromisoformat(content["effective"])
    except ValueError:
        document.problem(
            ("effective",), f"{content['effective']} is not a date; check the month and the day."
        )
    settings = tuple(content["settings"])
    if "H" in settings and "ECM" in content["terms"]["system"]:
        document.problem(
            ("terms", "system"),
            "In home care “ECM” is read as electronic call monitoring; "
            "say “digital care record” instead.",
        )
    for part in ("sections", "record_types", "routes"):
        _note_twice(document, (part,), content[part])
    alerts = content["alert_types"] + content["monitoring_prompts"]
    codes = [row["code"] for row in alerts]
    for part in ("alert_types", "monitoring_prompts"):
        for place, row in enumerate(content[part]):
            if codes.count(row["code"]) > 1:
                document.problem(
                    (part, place, "code"),
                    f"“{row['code']}” is the code of two alerts or monitoring prompts; "
                    "give each its own.",
                )
            here_settings = _note_settings(document, (part, place), row, settings)
            for key in ("acknowledge_minutes", "with_person_minutes"):
                if key in row:
                    _note_minutes(document, (part, place, key), row[key], here_settings)
    sections = {row["code"] for row in content["sections"]}
    for place, row in enumerate(content["sections"]):
        _note_settings(document, ("sections", place), row, settings)
    for place, row in enumerate(content["record_types"]):
        here: Place = ("record_types", place)
        here_settings = _note_settings(document, here, row, settings)
        for number, code in enumerate(row.get("sections", ())):
            if code not in sections:
                document.problem(
                    (*here, "sections", number),
                    f"“{code}” is not a section; use one of: {', '.join(sorted(sections))}.",
                )
        standards = {"standard": row["standard"], **row.get("further_standards", {})}
        for name, standard in standards.items():
            there = (
                (*here, "standard") if name == "standard" else (*here, "further_standards", name)
            )
            _note_minutes(document, (*there, "minutes"), standard["minutes"], here_settings)
        _note_twice(document, (*here, "fields"), row["fields"])
        _note_fields(document, (*here, "fields"), row["fields"])
    for place, row in enumerate(content["routes"]):
        _note_settings(document, ("routes", place), row, settings)
        for number, step in enumerate(row["steps"]):
            for key, known in (("job_roles", JOB_ROLES), ("responsibilities", RESPONSIBILITIES)):
                for code in step.get(key, ()):
                    if code not in known:
                        document.problem(
                            ("routes", place, "steps", number, key),
                            f"“{code}” is not known here; use one of: {', '.join(known)}.",
                        )


def _note_twice(document: Document, path: Place, rows: list[dict[str, Any]]) -> None:
    seen: set[str] = set()
    for place, row in enumerate(rows):
        if row["code"] in seen:
            document.problem((*path, place, "code"), f"“{row['code']}” is given twice; keep one.")
        seen.add(row["code"])


def _note_settings(
    document: Document, path: Place, row: dict[str, Any], of_profile: tuple[str, ...]
) -> tuple[str, ...]:
    settings = _settings(row, of_profile)
    for setting in settings:
        if setting not in of_profile:
            document.problem(
                (*path, "settings"),
                f"“{row['code']}” is for setting {setting}, which this profile is not for; "
                f"use {', '.join(of_profile)}.",
            )
    return settings


def _note_minutes(
    document: Document, path: Place, value: int | Minutes, settings: tuple[str, ...]
) -> None:
    if isinstance(value, dict) and set(value) != set(settings):
        document.problem(path, f"Give minutes for each of {', '.join(settings)}, and no others.")


def _note_fields(document: Document, path: Place, rows: list[dict[str, Any]]) -> None:
    options = {row["code"]: row.get("options", []) for row in rows}
    for place, row in enumerate(rows):
        here = (*path, place)
        chooses = row["kind"] in ("choice", "choice or text")
        if chooses != ("options" in row):
            document.problem(
                here,
                f"Field “{row['code']}” needs options to choose from; add them."
                if chooses
                else f"Field “{row['code']}” has options but is no choice; make it one.",
            )
        if (when := row.get("when")) is None:
            continue
        if when["field"] not in options or when["field"] == row["code"]:
            document.problem(
                (*here, "when"),
                f"Field “{row['code']}” depends on “{when['field']}”, which is not another field "
                "of this record type; check the spelling.",
            )
            continue
        for value in when["is"]:
            if value not in options[when["field"]]:
                document.problem(
                    (*here, "when"),
                    f"Field “{row['code']}” depends on “{when['field']}” being “{value}”, "
                    "which is not one of its options; check the spelling.",
                )
