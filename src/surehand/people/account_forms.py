"""The forms of the accounts pages."""

from datetime import date
from typing import Any

from django import forms

from surehand.people.models import Identity, Person
from surehand.people.settings_forms import REAL_DATE
from surehand.ui.fields import DayInput


class LinkForm(forms.Form):
    """Whose an account is from a day on."""

    reference = forms.CharField(
        label="Whose is it?",
        help_text="Your own id of the person, as in your rota or payroll.",
        max_length=50,
        required=False,
    )
    shared = forms.BooleanField(label="Several people sign in with it", required=False)
    from_date = forms.DateField(
        label="From which day on?",
        widget=DayInput,
        error_messages={"required": "Enter the first day", **REAL_DATE},
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        reference = (cleaned.get("reference") or "").strip()
        found = Identity.objects.select_related("person__identity").filter(
            reference__iexact=reference
        )
        identity = found.first() if reference else None
        cleaned["person"] = identity.person if identity else None
        if bool(reference) == bool(cleaned.get("shared")):
            self.add_error("reference", "Enter one person’s id, or say that it is shared")
        elif reference and identity is None:
            self.add_error("reference", "There is nobody with this id. Check it and try again.")
        return cleaned

    @property
    def chosen(self) -> tuple[Person | None, date]:
        return self.cleaned_data["person"], self.cleaned_data["from_date"]


class EndForm(forms.Form):
    to_date = forms.DateField(
        label="Last day on which it is so",
        widget=DayInput,
        error_messages={"required": "Enter the last day", **REAL_DATE},
    )
