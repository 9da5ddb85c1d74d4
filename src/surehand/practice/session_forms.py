"""Opening and joining a group session."""

from collections.abc import Sequence
from typing import Any

from django import forms

from surehand.practice.models import Attempt
from surehand.practice.scenario import Scenario


class OpenForm(forms.Form):
    """Which scenario, of those that can be played at the service, and in which mode."""

    scenario = forms.ChoiceField(
        label="Which scenario?", error_messages={"required": "Choose a scenario"}
    )
    mode = forms.ChoiceField(
        label="Practise, or do it as a check?",
        choices=[
            (Attempt.Mode.PRACTISE, "Practise, with hints"),
            (Attempt.Mode.CHECK, "Check, without hints: every one begun counts, and you judge it"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose whether to practise or to do it as a check"},
    )

    def __init__(self, *args: Any, scenarios: Sequence[Scenario], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scenario"].choices = [  # type: ignore[attr-defined]
            ("", "Choose a scenario"),
            *((one.code, f"{one.title} ({one.code})") for one in scenarios),
        ]


class JoinForm(forms.Form):
    """The code, as it is read from the wall."""

    code = forms.CharField(
        label="Code",
        help_text="Five letters and numbers. Your trainer shows them.",
        max_length=20,
        widget=forms.TextInput(attrs={"autocapitalize": "characters", "spellcheck": "false"}),
        error_messages={"required": "Enter the code"},
    )
