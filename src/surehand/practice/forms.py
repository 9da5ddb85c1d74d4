"""The form of a record, drawn from the ECM profile."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms

from surehand.ecm.profile import Field, RecordType
from surehand.practice.play import clock_at, linkable, sections
from surehand.practice.queries import Going
from surehand.practice.typed import LONGEST, is_a_code, is_clock
from surehand.ui.fields import DayInput

SITES = (
    "face",
    "head",
    "neck",
    "shoulder",
    "chest",
    "tummy",
    "upper arm",
    "elbow",
    "forearm",
    "hand",
    "hip",
    "groin",
    "thigh",
    "knee",
    "shin",
    "foot",
    "upper back",
    "lower back",
    "bottom",
    "calf",
    "heel",
)
"""The places of the body map."""


@dataclass(frozen=True)
class Asked:
    """A field of the form, by name, and the answers of another on which it depends."""

    name: str
    when: str = ""
    is_one_of: str = ""
    hint: str = ""


class RecordForm(forms.Form):
    """What a record of one type asks; `asked` says in which order it is drawn."""

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        going: Going,
        kind: RecordType,
        about: str,
        task: str = "",
    ) -> None:
        super().__init__(data, auto_id="%s")
        self.going, self.kind, self.about = going, kind, about
        self.is_body_map = {"site", "side"} <= {one.code for one in kind.fields}
        self.asked: list[Asked] = []
        scenario = going.scenario
        known = linkable(scenario, going.profile, going.play)
        alerts = [code for code, _ in known if scenario.event(code).alert]
        linked = next((one for one in kind.fields if one.kind == "link"), None)
        if known or linked:
            answers = f"Does it answer an {going.profile.terms['alert']}?"
            self._choice(
                "links",
                linked.title if linked else answers if alerts else "Does it go with something?",
                known if linked and linked.required else [("", "No"), *known],
                required=linked is not None and linked.required,
                initial=alerts[-1] if linked and alerts else "",
            )
        values = {one.code: self.data.get(f"f_{one.code}", "") for one in kind.fields}
        for one in kind.fields:
            if one.kind != "link":
                self._field(one, required=one.required and one.is_asked(values))
        tasks = [(one.code, one.title) for one in scenario.tasks if one.about == about]
        if tasks:
            self._choice(
                "task",
                "Is it for one of your tasks?",
                [("", "No"), *tasks],
                required=False,
                initial=task,
            )
        if kind.sections:
            self._choice(
                "section",
                "Where does it belong?",
                sections(scenario, going.profile, kind),
                required=True,
            )
        self._add(
            "text",
            forms.CharField(
                label="What happened, in your own words",
                required=False,
                max_length=LONGEST,
                widget=forms.Textarea(attrs={"rows": 4}),
            ),
        )
        self._add(
            "time",
            forms.CharField(
                label="When did it happen?",
                required=False,
                initial=clock_at(scenario, going.play.now),
                widget=forms.TimeInput(attrs={"type": "time"}),
            ),
        )
        self._add("late", forms.BooleanField(label="This is a late entry", required=False))

    def _add(self, name: str, field: forms.Field, when: Field | None = None) -> None:
        self.fields[name] = field
        if when is not None and when.when is not None:
            titles = {one.code: one.title for one in self.kind.fields}
            options = when.when.is_one_of
            self.asked.append(
                Asked(
                    name,
                    f"f_{when.when.field}",
                    "|".join(options),
                    f"Only if “{titles[when.when.field]}” is {' or '.join(options)}.",
                )
            )
        else:
            self.asked.append(Asked(name))

    def _choice(
        self,
        name: str,
        label: str,
        options: Any,
        *,
        required: bool,
        initial: str = "",
        when: Field | None = None,
    ) -> None:
        self._add(
            name,
            forms.ChoiceField(
                label=label,
                choices=list(options),
                required=required,
                initial=initial,
                widget=forms.RadioSelect,
                error_messages={"required": f"Choose an answer: {label}"},
            ),
            when,
        )

    def _field(self, one: Field, *, required: bool) -> None:
        name = f"f_{one.code}"
        label = one.title if not one.unit else f"{one.title}, in {one.unit}"
        empty = {"required": f"“{one.title}” is empty. Fill it in."}
        match one.kind:
            case "choice" | "yes or no":
                options = one.options or ("yes", "no")
                shown = [(value, value[:1].upper() + value[1:]) for value in options]
                self._choice(name, label, shown, required=required, when=one)
            case "choice or text":
                shown = [(value, value[:1].upper() + value[1:]) for value in one.options]
                self._choice(name, label, shown, required=False, when=one)
                self._add(
                    f"{name}_own",
                    forms.CharField(
                        label=f"{label}, in your own words", required=False, max_length=LONGEST
                    ),
                    one,
                )
            case "text" if one.code == "site" and self.is_body_map:
                shown = [(value, value[:1].upper() + value[1:]) for value in SITES]
                self._choice(name, label, shown, required=required, when=one)
            case "date":
                self._add(
                    name,
                    forms.DateField(
                        label=label,
                        required=required,
                        widget=DayInput,
                        error_messages={**empty, "invalid": f"“{one.title}” is not a date."},
                    ),
                    one,
                )
            case _:
                attrs = {"type": "time"} if one.kind == "time" else {}
                if one.kind == "number":
                    attrs = {"inputmode": "decimal"}
                self._add(
                    name,
                    forms.CharField(
                        label=label,
                        required=required,
                        max_length=LONGEST,
                        widget=forms.TextInput(attrs=attrs),
                        error_messages=empty,
                    ),
                    one,
                )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for one in self.kind.fields:
            name = f"f_{one.code}"
            value = str(cleaned.get(name) or "")
            if value and one.kind == "number" and not is_a_code(one, value):
                self.add_error(name, f"“{one.title}” must be a number, such as 15.")
            if value and one.kind == "time" and not is_clock(value):
                self.add_error(name, f"“{one.title}” must be a time, such as 02:10.")
            if one.kind == "choice or text" and one.required:
                own = cleaned.get(f"{name}_own")
                if not value and not own and one.is_asked(self._values(cleaned)):
                    self.add_error(name, f"“{one.title}” is empty. Choose one, or write it.")
        if cleaned.get("time") and not is_clock(str(cleaned["time"])):
            self.add_error("time", "The time must be like 02:10.")
        return cleaned

    def _values(self, cleaned: Mapping[str, Any]) -> dict[str, str]:
        values = {}
        for one in self.kind.fields:
            own = str(cleaned.get(f"f_{one.code}_own") or "").strip()
            chosen = cleaned.get(f"f_{one.code}")
            value = own or ("" if chosen is None else str(chosen))
            if value:
                values[one.code] = value
        return values

    def what(self) -> dict[str, Any]:
        """The step, of a form without errors."""
        cleaned = self.cleaned_data
        return {
            "type": self.kind.code,
            "about": self.about,
            "fields": self._values(cleaned),
            **{
                key: cleaned.get(key) or ""
                for key in ("section", "task", "text", "links", "time", "late")
            },
        }


class PaperForm(forms.Form):
    """A line of the downtime form, as it is written by hand."""

    time = forms.CharField(
        label="At what time?",
        widget=forms.TimeInput(attrs={"type": "time"}),
        error_messages={"required": "Give the time."},
    )
    about = forms.ChoiceField(
        label="Whom is it about?",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose whom it is about."},
    )
    text = forms.CharField(
        label="What happened?",
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    checked = forms.BooleanField(label="I looked in, and they are safe", required=False)

    def __init__(self, data: Mapping[str, Any] | None = None, *, going: Going) -> None:
        super().__init__(data, auto_id="%s")
        self.fields["time"].initial = clock_at(going.scenario, going.play.now)
        about = self.fields["about"]
        assert isinstance(about, forms.ChoiceField)
        about.choices = [(one.code, one.name) for one in going.scenario.people]

    def clean_time(self) -> str:
        given = str(self.cleaned_data["time"])
        if not is_clock(given):
            raise forms.ValidationError("The time must be like 02:10.")
        return given

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not (cleaned.get("text") or cleaned.get("checked")):
            self.add_error("text", "Write what happened, or tick that you looked in.")
        return cleaned


class CheckWithForm(forms.Form):
    """Which check somebody takes now."""

    scenario = forms.ChoiceField(
        label="Scenario", error_messages={"required": "Choose a scenario."}
    )

    def __init__(self, data: Mapping[str, Any] | None, *, scenarios: list[tuple[str, str]]) -> None:
        super().__init__(data, auto_id="%s")
        chosen = self.fields["scenario"]
        assert isinstance(chosen, forms.ChoiceField)
        chosen.choices = [("", "Choose"), *scenarios]
