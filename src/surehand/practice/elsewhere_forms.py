"""What an assessor saw somebody do in the vendor's training system."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms

from surehand.competency.models import Check
from surehand.practice.correction_forms import reason_field
from surehand.practice.models import AttemptEnd
from surehand.practice.policies import MINUTES_AT_MOST
from surehand.practice.scenario import Expected
from surehand.timeline import moment, parse_local
from surehand.ui.fields import DayInput

SEEN = [("met", "Seen"), ("partly", "In part"), ("not_met", "Not seen")]


class ElsewhereForm(forms.Form):
    """One go there. `expect` is what the scenario expects; without it the title's own end counts,
    and `checks` are what a new title may be about."""

    on = forms.DateField(
        label="Which day did you see it?",
        help_text="At most 14 days ago. An earlier day shows as late.",
        widget=DayInput,
        error_messages={
            "required": "Enter the day on which you saw it",
            "invalid": "Enter a real day, like 3 3 2027",
        },
    )
    time = forms.TimeField(
        label="At what time?",
        widget=forms.TimeInput(attrs={"type": "time"}),
        error_messages={
            "required": "Enter the time at which you saw it",
            "invalid": "Enter a time, like 14:30",
        },
    )
    minutes = forms.IntegerField(
        label="How many minutes did it take?",
        min_value=1,
        max_value=MINUTES_AT_MOST,
        error_messages={"required": "Say how many minutes it took"},
    )
    hints = forms.IntegerField(
        label="Hints, times",
        min_value=0,
        max_value=99,
        required=False,
        widget=forms.NumberInput(attrs={"min": "0", "max": "99", "placeholder": "0"}),
    )
    note = forms.CharField(
        label="What did you see?",
        help_text="Do not name people who receive care.",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        required=False,
    )

    def __init__(
        self,
        *args: Any,
        expect: Sequence[Expected],
        checks: Sequence[Check],
        correcting: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.expect = expect
        for number, one in enumerate(expect, 1):
            self.fields[seen(one.code)] = forms.ChoiceField(
                label=one.well,
                choices=SEEN,
                widget=forms.RadioSelect,
                error_messages={"required": f"Say whether you saw point {number}"},
            )
        if not expect:
            self.fields["result"] = forms.ChoiceField(
                label="How did it end there?",
                choices=AttemptEnd.Result.choices,
                widget=forms.RadioSelect,
                error_messages={"required": "Say how it ended there"},
            )
        if checks:
            self.fields["title"] = forms.CharField(
                label="Its title there",
                max_length=80,
                error_messages={"required": "Write the title that it has there"},
            )
            self.fields["competency"] = forms.ChoiceField(
                label="What is it about?",
                choices=[(c.competency.code, f"{c.competency.code} {c.short}") for c in checks],
            )

        if correcting:
            self.fields["reason"] = reason_field("Why do you correct it?")

    @property
    def points(self) -> list[Any]:
        """The fields of what is expected, in its order."""
        return [self[seen(one.code)] for one in self.expect]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("on") and cleaned.get("time"):
            try:
                cleaned["happened_at"] = moment(
                    parse_local(datetime.combine(cleaned["on"], cleaned["time"]), edge="start")
                )
            except ValueError as problem:
                self.add_error("time", str(problem))
        return cleaned

    def marks(self) -> dict[str, str]:
        return {one.code: self.cleaned_data[seen(one.code)] for one in self.expect}


def seen(code: str) -> str:
    return f"seen-{code}"
