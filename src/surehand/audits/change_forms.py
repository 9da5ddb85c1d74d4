"""A change request, and what became of it."""

from typing import Any

from django import forms

from surehand.audits.cause_policies import LONGEST
from surehand.audits.change import NEXT, release_problem
from surehand.audits.change_actions import RELEASE_LONGEST
from surehand.audits.change_queries import State
from surehand.ecm.profile import Profile
from surehand.ui.fields import DayInput

NAME_NOBODY = "The supplier reads it. Name neither staff nor people who receive care."


class ChangeForm(forms.Form):
    """What the ECM system should do, and where."""

    wording = forms.CharField(
        label="What should the system do?",
        help_text=f"What is hard now, and what would make it easy. {NAME_NOBODY}",
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=LONGEST,
        error_messages={"required": "Write what the system should do"},
    )
    record_type = forms.ChoiceField(label="In which kind of record?", required=False)
    section = forms.ChoiceField(label="In which section?", required=False)

    def __init__(self, *args: Any, profile: Profile, setting: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, none, found in (
            ("record_type", "Any kind of record", profile.record_types),
            ("section", "Any section", profile.sections),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [
                ("", none),
                *((one.code, one.title) for one in found if setting in one.settings),
            ]


class StepForm(forms.Form):
    """The next step in the life of a change request."""

    state = forms.ChoiceField(
        label="What happened?",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what happened"},
    )
    on = forms.DateField(
        label="On which day?",
        help_text="For a plan: the day for which it is promised.",
        widget=DayInput,
        error_messages={
            "required": "Enter the day",
            "invalid": "Enter a real day, like 3 3 2027",
        },
    )
    release = forms.CharField(
        label="With which release?",
        help_text="Its number, such as 24.2, once it is released.",
        max_length=RELEASE_LONGEST,
        required=False,
    )
    words = forms.CharField(
        label="What did they say?",
        help_text="Name neither staff nor people who receive care.",
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=LONGEST,
        required=False,
    )

    def __init__(self, *args: Any, after: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["state"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(state, State(state).label) for state in NEXT[after]]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("state") == State.RELEASED and (
            problem := release_problem(cleaned.get("release", ""))
        ):
            self.add_error("release", problem)
        return cleaned
