"""Form fields as the macros draw them: a Django BoundField described in plain values.

The markup is the design system's; what Django knows (id, value, choices, errors) is read here so
that the template computes nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.forms.widgets import Input


class DayInput(forms.Widget):
    """A day as three boxes (day, month, year), the most accessible way to type a known date.

    Use with `forms.DateField(widget=DayInput)`. Sends NAME_day, NAME_month, NAME_year. What cannot
    be a date is passed on as typed, so that the field refuses it in its own words.
    """

    parts = ("day", "month", "year")

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> str | None:
        day, month, year = (str(data.get(f"{name}_{part}", "")).strip() for part in self.parts)
        if not (day or month or year):
            return data.get(name) or None
        return f"{year}-{month.zfill(2)}-{day.zfill(2)}"

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return all(f"{name}_{part}" not in data for part in self.parts) and name not in data

    def id_for_label(self, id_: str, index: str | None = None) -> str:
        return id_

    def split(self, value: Any) -> tuple[str, str, str]:
        """Day, month and year as they go back into the boxes."""
        if hasattr(value, "year"):
            return str(value.day), str(value.month), str(value.year)
        if not value:
            return "", "", ""
        year, month, day = ([*str(value).split("-", 2), "", ""])[:3]
        return day, month, year


@dataclass(frozen=True)
class Choice:
    id: str
    value: str
    text: str
    chosen: bool
    group: str = ""
    hint: str = ""


@dataclass(frozen=True)
class Field:
    """All a macro needs. `kind` is text, textarea, select, radios, checkboxes, checkbox, file, day
    or hidden; `type` the HTML input type of a text field."""

    kind: str
    id: str
    name: str
    label: str
    type: str = "text"
    value: str = ""
    hint: str = ""
    errors: tuple[str, ...] = ()
    optional: bool = False
    chosen: bool = False
    multiple: bool = False
    attributes: Mapping[str, Any] = field(default_factory=dict)
    choices: tuple[Choice, ...] = ()
    groups: tuple[str, ...] = ()
    parts: tuple[tuple[str, str, str], ...] = ()

    @property
    def described_by(self) -> str:
        ids = [f"{self.id}-hint"] * bool(self.hint) + [f"{self.id}-error"] * bool(self.errors)
        return " ".join(ids)


def _kind(widget: forms.Widget) -> str:
    if widget.is_hidden:
        return "hidden"
    for kind, types in (
        ("day", DayInput),
        ("checkboxes", forms.CheckboxSelectMultiple),
        ("radios", forms.RadioSelect),
        ("select", forms.Select),
        ("checkbox", forms.CheckboxInput),
        ("file", forms.FileInput),
        ("textarea", forms.Textarea),
        ("text", Input),
    ):
        if isinstance(widget, types):
            return kind
    raise TypeError(f"ui has no way to draw a {type(widget).__name__}; give the field a plain one.")


def _choices(id_: str, context: Mapping[str, Any], hints: Mapping[str, str]) -> Iterable[Choice]:
    number = 0
    for group, options, _ in context["optgroups"]:
        for option in options:
            number += 1
            value = "" if option["value"] is None else str(option["value"])
            yield Choice(
                # The first has the field's own id, so that an error can link to it.
                id=id_ if number == 1 else f"{id_}-{number}",
                value=value,
                text=str(option["label"]),
                chosen=bool(option["selected"]),
                group=str(group or ""),
                hint=hints.get(value, ""),
            )


def describe(bound: BoundField, hints: Mapping[str, str] | None = None) -> Field:
    """The field as the macros draw it; `hints` gives a line under some choices, by value.

    Raises TypeError for a widget that has no markup here.
    """
    widget = bound.field.widget
    kind = _kind(widget)
    id_ = bound.auto_id or bound.html_name
    value = bound.value()
    given: dict[str, Any] = {}
    if kind != "day":
        given = widget.get_context(bound.html_name, value, {"id": id_})["widget"]
    kept_out = {"id", "required", "aria-describedby", "aria-invalid", "type", "class"}
    attributes = {
        key: "" if each is True else each
        for key, each in given.get("attrs", widget.attrs).items()
        if key not in kept_out and each is not False
    }
    choices: tuple[Choice, ...] = ()
    if kind in {"select", "radios", "checkboxes"}:
        choices = tuple(_choices(id_, given, hints or {}))
    parts: tuple[tuple[str, str, str], ...] = ()
    if isinstance(widget, DayInput):
        parts = tuple(zip(widget.parts, ("Day", "Month", "Year"), widget.split(value), strict=True))
    text = given.get("value")
    return Field(
        kind=kind,
        id=id_,
        name=bound.html_name,
        label=str(bound.label or ""),
        type=str(given.get("type", "text")),
        value="" if text is None or isinstance(text, list) else str(text),
        hint=str(bound.help_text or ""),
        errors=tuple(str(error) for error in bound.errors),
        optional=not bound.field.required,
        chosen=kind == "checkbox" and bool(value),
        multiple=bool(getattr(widget, "allow_multiple_selected", False)),
        attributes=attributes,
        choices=choices,
        groups=tuple(dict.fromkeys(c.group for c in choices if c.group)),
        parts=parts,
    )


def problems(*form_list: forms.BaseForm) -> list[tuple[str, str]]:
    """(address, sentence) of each error in the forms, for the summary; the address of an error that
    belongs to no field is empty."""
    found: list[tuple[str, str]] = []
    for form in form_list:
        found += [("", str(error)) for error in form.non_field_errors()]
        for bound in form:
            address = f"#{bound.auto_id or bound.html_name}"
            found += [(address, str(error)) for error in bound.errors]
    return found
