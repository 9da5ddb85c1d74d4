"""The forms of break-glass: what is agreed beforehand, and what is recorded afterwards."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from django import forms

from surehand.people.models import Person
from surehand.readiness.board_forms import reason_field
from surehand.readiness.models import CarrySheet
from surehand.timeline import moment, parse_local
from surehand.ui.fields import DayInput
from surehand.ui.formats import moment as in_words


class AgreeForm(forms.Form):
    text = forms.CharField(
        label="What is done at this service?",
        help_text="Where the sheet hangs, who decides when it does not say, where records are "
        "written meanwhile, who is rung. Do not name people who receive care.",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 8}),
        error_messages={
            "required": "Write down what is done",
            "max_length": "Write at most 4,000 characters",
        },
    )


def _day(label: str) -> forms.DateField:
    return forms.DateField(
        label=label,
        widget=DayInput,
        error_messages={
            "required": "Enter the day",
            "invalid": "Enter a real day, like 3 3 2027",
        },
    )


def _time(label: str) -> forms.TimeField:
    return forms.TimeField(
        label=label,
        widget=forms.TimeInput(attrs={"type": "time"}),
        error_messages={"required": "Enter the time", "invalid": "Enter a time, like 14:30"},
    )


class RecordForm(forms.Form):
    """`people` are those who could have been let in, `sheets` those that may have held, `deciders`
    those who may have decided; each as (key, words)."""

    from_day = _day("Which day did it begin?")
    from_time = _time("At what time did it begin?")
    to_day = _day("Which day did it end?")
    to_time = _time("At what time did it end?")
    people = forms.TypedMultipleChoiceField(
        label="Who was let in?",
        help_text="Everybody who used the live system while it could not be asked.",
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose who was let in"},
    )
    sheet = forms.ChoiceField(label="By which sheet?", required=False)
    decided_by = forms.ChoiceField(
        label="Or by whose decision?",
        help_text="Where the sheet did not say, or for whom it said no.",
        required=False,
    )
    reason = reason_field(
        "What happened?",
        "What was down, and how it was noticed. Do not name people who receive care.",
    )

    def __init__(
        self,
        *args: Any,
        people: Sequence[tuple[int, str]],
        sheets: Sequence[CarrySheet],
        deciders: Sequence[Person],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["people"]).choices = list(people)
        cast(forms.ChoiceField, self.fields["sheet"]).choices = [
            ("", "None"),
            *((str(s.entry), f"Made {in_words(s.recorded_at)}, entry {s.entry:,}") for s in sheets),
        ]
        cast(forms.ChoiceField, self.fields["decided_by"]).choices = [
            ("", "Nobody"),
            *((str(p.pk), str(p)) for p in deciders),
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for edge, name in (("start", "from"), ("end", "to")):
            on, at = cleaned.get(f"{name}_day"), cleaned.get(f"{name}_time")
            if on and at:
                try:
                    cleaned[name] = moment(
                        parse_local(datetime.combine(on, at), edge=edge)  # type: ignore[arg-type]
                    )
                except ValueError as problem:
                    self.add_error(f"{name}_time", str(problem))
        if not cleaned.get("sheet") and not cleaned.get("decided_by"):
            self.add_error("sheet", "Choose the sheet, or who decided")
        return cleaned
