"""Beginning a group assessment: who, how it is seen and, if it matters, when and where."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django import forms

from surehand.assessment.models import Assessment
from surehand.competency.models import Check
from surehand.people.models import Person
from surehand.timeline import moment, parse_local
from surehand.ui.fields import DayInput


class PeopleForm(forms.Form):
    """The people ticked. `people` are those who may be ticked: id → person."""

    def __init__(self, *args: Any, people: Collection[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offered = {person.pseudonym: person for person in people}
        self.fields["person"] = forms.MultipleChoiceField(
            label="Who is in the group?",
            choices=[(key, str(person)) for key, person in self.offered.items()],
            error_messages={"required": "Tick at least one person"},
        )

    def people(self) -> list[Person]:
        return [self.offered[key] for key in self.cleaned_data["person"]]


class GroupForm(PeopleForm):
    method = forms.ChoiceField(
        label="How will you see it?",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how you see it"},
    )
    place = forms.CharField(
        label="Where?",
        help_text="So that colleagues find the group. It is not kept with the assessments.",
        max_length=80,
        required=False,
    )
    on = forms.DateField(
        label="Which day was it?",
        help_text="Leave day and time empty while you watch: each check then counts from the "
        "person’s last answer. At most 14 days ago.",
        widget=DayInput,
        required=False,
        error_messages={"invalid": "Enter a real day, like 3 3 2027"},
    )
    time = forms.TimeField(
        label="At what time?",
        widget=forms.TimeInput(attrs={"type": "time"}),
        required=False,
        error_messages={"invalid": "Enter a time, like 14:30"},
    )

    def __init__(self, *args: Any, check: Check, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = dict(Assessment.Method.choices)
        method = self.fields["method"]
        assert isinstance(method, forms.ChoiceField)
        method.choices = [(m, labels[m]) for m in check.methods]
        method.initial = check.methods[0]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        on, time = cleaned.get("on"), cleaned.get("time")
        cleaned["happened_at"] = None
        if on and time:
            try:
                cleaned["happened_at"] = moment(
                    parse_local(datetime.combine(on, time), edge="start")
                )
            except ValueError as problem:
                self.add_error("time", str(problem))
        elif on and "time" not in self.errors:
            self.add_error("time", "Enter the time too, or leave the day empty")
        elif time and "on" not in self.errors:
            self.add_error("on", "Enter the day too, or leave the time empty")
        return cleaned
