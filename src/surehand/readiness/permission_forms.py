"""Allowing supervised use: the tasks, the supervisors, the last day (R9)."""

from datetime import datetime
from typing import Any

from django import forms

from surehand.readiness.permission_pages import ToPermit
from surehand.timeline import end_of, moment
from surehand.ui.fields import DayInput


class PermissionForm(forms.Form):
    competencies = forms.TypedMultipleChoiceField(
        label="Which tasks may they do under supervision?",
        help_text="What the job needs and is not passed yet. What is passed is allowed anyway.",
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one task"},
    )
    supervisors = forms.TypedMultipleChoiceField(
        label="Who may supervise?",
        help_text="Independent here today. The rota must name one of them on each shift.",
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one supervisor"},
    )
    last_day = forms.DateField(
        label="Until which day?",
        widget=DayInput,
        error_messages={
            "required": "Enter the last day of supervised use",
            "invalid": "Enter a real day, like 3 3 2027",
        },
    )
    note = forms.CharField(
        label="What must the supervisor look at?",
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
    )

    def __init__(self, *args: Any, view: ToPermit, latest: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (
            ("competencies", [(t.competency, t.text) for t in view.tasks if not t.refusal]),
            ("supervisors", [(s.person, s.text) for s in view.supervisors]),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices
        self.fields["last_day"].help_text = f"That day is included. At the latest {latest}."

    def until(self) -> datetime:
        """The London midnight at which the last day ends (R16)."""
        return moment(end_of(self.cleaned_data["last_day"]))
