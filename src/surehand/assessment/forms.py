"""The observation form: every criterion judged, help counted, when, how, and what was seen."""

from datetime import datetime
from typing import Any

from django import forms

from surehand.assessment.models import Assessment
from surehand.competency.models import Check
from surehand.timeline import moment, parse_local
from surehand.ui.fields import DayInput

JUDGEMENTS = [("met", "Met"), ("not_met", "Not met")]
LARGEST_FILE = 5 * 1024 * 1024


class ObservationForm(forms.Form):
    """One check of one person. `to_judge` limits it to the criteria a retake may judge (R7)."""

    method = forms.ChoiceField(
        label="How did you see it?",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how you saw it"},
    )
    on = forms.DateField(
        label="Day",
        widget=DayInput,
        error_messages={
            "required": "Enter the day of the check",
            "invalid": "Enter a real day, like 3 3 2027",
        },
    )
    time = forms.TimeField(
        label="Time",
        widget=forms.TimeInput(attrs={"type": "time"}),
        error_messages={
            "required": "Enter the time of the check",
            "invalid": "Enter a time, like 14:30",
        },
    )
    note = forms.CharField(
        label="What did you see?",
        help_text="Needed unless everything was met. Do not name people who receive care.",
        widget=forms.Textarea(attrs={"rows": 4}),
        required=False,
    )
    file = forms.FileField(label="A file, such as a photo of a paper form", required=False)

    def __init__(
        self, *args: Any, check: Check, to_judge: set[str] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.criteria = [c for c in check.criteria if to_judge is None or c["code"] in to_judge]
        labels = dict(Assessment.Method.choices)
        method = self.fields["method"]
        assert isinstance(method, forms.ChoiceField)
        method.choices = [(m, labels[m]) for m in check.methods]
        for number, criterion in enumerate(self.criteria, 1):
            critical = " Must be met without help." if criterion["critical"] else ""
            self.fields[judged(criterion["code"])] = forms.ChoiceField(
                label=f"{number}. {criterion['text']}",
                help_text=critical.strip(),
                choices=JUDGEMENTS,
                widget=forms.RadioSelect,
                error_messages={"required": f"Judge criterion {number}"},
            )
            self.fields[helped(criterion["code"])] = forms.IntegerField(
                label=f"Help given on {number}, times",
                min_value=0,
                max_value=99,
                required=False,
                widget=forms.NumberInput(attrs={"min": "0", "max": "99"}),
            )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file and file.size > LARGEST_FILE:
            raise forms.ValidationError("Choose a file smaller than 5 MB")
        return file

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

    def judgements(self) -> dict[str, str]:
        return {c["code"]: self.cleaned_data[judged(c["code"])] for c in self.criteria}

    def help_given(self) -> dict[str, int]:
        return {c["code"]: self.cleaned_data[helped(c["code"])] or 0 for c in self.criteria}


def judged(code: str) -> str:
    """The name of the field in which a criterion is judged."""
    return f"judged_{code}"


def helped(code: str) -> str:
    """The name of the field in which help on a criterion is counted."""
    return f"help_{code}"
