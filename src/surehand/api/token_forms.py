"""The form that makes a token."""

from collections.abc import Sequence
from typing import Any

from django import forms

from surehand.api.scopes import DESCRIPTIONS, Scope
from surehand.people.models import Service
from surehand.ui.fields import DayInput

EVERYWHERE = "all"
NAMES = {
    Scope.READINESS: "The gate",
    Scope.MATRIX: "The training matrix",
    Scope.ROTA_CHECK: "The rota check",
    Scope.CHECKPOINTS: "Checkpoints",
    Scope.RECORDS_WRITE: "Bringing in live records and alerts",
}


class TokenForm(forms.Form):
    name = forms.CharField(
        label="Which program is it for?",
        help_text="Such as “Care records, gate at sign-in”. No names of people.",
        max_length=80,
        error_messages={"required": "Say which program the token is for"},
    )
    scopes = forms.MultipleChoiceField(
        label="What may it be used for?",
        choices=[(scope.value, NAMES[scope]) for scope in Scope],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose what the token may be used for"},
    )
    service = forms.ChoiceField(
        label="Where?", help_text="A token for one service opens nothing elsewhere."
    )
    until = forms.DateField(
        label="Last day",
        help_text="A year ahead at most. Then make a new one.",
        widget=DayInput,
        error_messages={
            "required": "Enter the last day of this token",
            "invalid": "Enter a real date, such as 27 3 2027",
        },
    )

    def __init__(self, *args: Any, services: Sequence[Service], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        where = self.fields["service"]
        assert isinstance(where, forms.ChoiceField)
        where.choices = [(EVERYWHERE, "The whole provider"), *((s.code, str(s)) for s in services)]
        self._services = {s.code: s for s in services}

    @property
    def hints(self) -> dict[str, str]:
        return {scope.value: DESCRIPTIONS[scope] for scope in Scope}

    @property
    def chosen_service(self) -> Service | None:
        return self._services.get(self.cleaned_data["service"])
