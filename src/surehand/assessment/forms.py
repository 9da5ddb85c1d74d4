"""The observation form: every criterion judged, help counted, when, how, and what was seen."""

from datetime import datetime
from typing import Any

from django import forms

from surehand.assessment.models import Assessment, ManagerReview
from surehand.competency.models import Check
from surehand.people.models import Person
from surehand.support.actions import NewSupport
from surehand.support.forms import offer_people
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
        label="Which day did you see it?",
        help_text="At most 14 days ago. An earlier day shows as late.",
        widget=DayInput,
        error_messages={
            "required": "Enter the day of the check",
            "invalid": "Enter a real day, like 3 3 2027",
        },
    )
    time = forms.TimeField(
        label="At what time?",
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
        self,
        *args: Any,
        check: Check,
        to_judge: set[str] | None = None,
        correcting: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        if correcting:
            self.fields["reason"] = forms.CharField(
                label="Why do you correct this?",
                help_text="Everybody who may read this assessment can read the reason.",
                widget=forms.Textarea(attrs={"rows": 2}),
                error_messages={"required": "Write why you correct this"},
            )
        self.criteria = [c for c in check.criteria if to_judge is None or c["code"] in to_judge]
        labels = dict(Assessment.Method.choices)
        method = self.fields["method"]
        assert isinstance(method, forms.ChoiceField)
        method.choices = [(m, labels[m]) for m in check.methods]
        if check.needs_discussion:
            method.help_text = "Then talk it through: ask what they would do, and whom they tell."
        for number, criterion in enumerate(self.criteria, 1):
            critical = "Must be met without help." if criterion["critical"] else ""
            self.fields[judged(criterion["code"])] = forms.ChoiceField(
                label=f"{number}. {criterion['text']}",
                help_text=critical,
                choices=JUDGEMENTS,
                widget=forms.RadioSelect,
                error_messages={"required": f"Judge criterion {number}"},
            )
            self.fields[helped(criterion["code"])] = forms.IntegerField(
                label="Help given, times",
                min_value=0,
                max_value=99,
                required=False,
                widget=forms.NumberInput(attrs={"min": "0", "max": "99", "placeholder": "0"}),
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


class JudgementForm(ObservationForm):
    """A check in practice judged afterwards: when it was and how it was seen is known already."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for known in ("method", "on", "time", "file"):
            del self.fields[known]

    def clean_file(self) -> None:
        """There is none."""


class ReviewForm(forms.Form):
    """The manager's decision on a failed or incomplete check: what, why, who and by when (1.4)."""

    decision = forms.ChoiceField(
        label="What is needed?",
        choices=ManagerReview.Decision.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what is needed"},
    )
    reason = forms.CharField(
        label="Why?",
        help_text="One or two sentences. Do not name people who receive care.",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Write why"},
    )
    owner = forms.ModelChoiceField(
        label="Who gives the support?",
        queryset=Person.objects.none(),
        help_text="Needed unless it is a re-check only.",
        empty_label="Choose a person",
        required=False,
    )
    due = forms.DateField(
        label="Support done by",
        help_text="Needed unless it is a re-check only.",
        widget=DayInput,
        required=False,
        error_messages={"invalid": "Enter a real day, like 3 3 2027"},
    )
    recheck_due = forms.DateField(
        label="Check again by",
        widget=DayInput,
        required=False,
        error_messages={"invalid": "Enter a real day, like 3 3 2027"},
    )

    def __init__(self, *args: Any, owners: list[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_people(self.fields["owner"], owners)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        decision = cleaned.get("decision")
        if decision == ManagerReview.Decision.RE_CHECK:
            if not cleaned.get("recheck_due") and "recheck_due" not in self.errors:
                self.add_error("recheck_due", "Enter the day by which it is checked again")
        elif decision:
            if not cleaned.get("owner") and "owner" not in self.errors:
                self.add_error("owner", "Choose who gives the support")
            if not cleaned.get("due") and "due" not in self.errors:
                self.add_error("due", "Enter the day by which the support is done")
        return cleaned

    def support(self) -> NewSupport | None:
        """The support decided on; none for a re-check only."""
        cleaned = self.cleaned_data
        if cleaned["decision"] == ManagerReview.Decision.RE_CHECK:
            return None
        return NewSupport(what=cleaned["decision"], owner=cleaned["owner"], due=cleaned["due"])


class RequestForm(forms.Form):
    """A check asked for by a date."""

    competency = forms.ChoiceField(
        label="Which check?", error_messages={"required": "Choose a check"}
    )
    due = forms.DateField(
        label="By which day?",
        widget=DayInput,
        error_messages={
            "required": "Enter the day by which it should happen",
            "invalid": "Enter a real day, like 3 3 2027",
        },
    )

    def __init__(self, *args: Any, checks: list[Check], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["competency"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            ("", "Choose a check"),
            *((c.competency.code, f"{c.competency.code} {c.short}") for c in checks),
        ]


class ReasonForm(forms.Form):
    """The reason for voiding an assessment, or for ending something."""

    reason = forms.CharField(
        label="What is the reason?",
        help_text="Others will have to understand it. Do not name people who receive care.",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Write the reason"},
    )


def judged(code: str) -> str:
    """The name of the field in which a criterion is judged."""
    return f"judged_{code}"


def helped(code: str) -> str:
    """The name of the field in which help on a criterion is counted."""
    return f"help_{code}"
