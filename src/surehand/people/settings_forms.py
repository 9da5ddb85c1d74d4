"""The forms of the settings pages."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms

from surehand.people.access import DESCRIPTIONS, AccessRole
from surehand.people.models import Identity, Person, Service
from surehand.ui.fields import DayInput

REAL_DATE = {"invalid": "Enter a real date, such as 27 3 2027"}


class ProviderForm(forms.Form):
    name = forms.CharField(
        label="Name of your organisation",
        max_length=120,
        error_messages={"required": "Enter the name of your organisation"},
    )


class GoLiveForm(forms.Form):
    on = forms.DateField(
        label="Go-live date",
        help_text="The first day on which records are written in the live system.",
        required=False,
        widget=DayInput,
        error_messages=REAL_DATE,
    )
    undecided = forms.BooleanField(label="It is not decided yet", required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "on" in self.errors:
            return cleaned
        if cleaned.get("undecided"):
            cleaned["on"] = None
        elif cleaned.get("on") is None:
            self.add_error("on", "Enter the go-live date, or say that it is not decided yet")
        return cleaned


class AddPersonForm(forms.Form):
    name = forms.CharField(
        label="Full name", max_length=120, error_messages={"required": "Enter their full name"}
    )
    reference = forms.CharField(
        label="Your own id of them",
        help_text="As in your rota or payroll.",
        max_length=50,
        error_messages={"required": "Enter the id you know them by"},
    )


class GrantForm(forms.Form):
    """An access role; `service` is needed by those given for one service."""

    role = forms.ChoiceField(
        label="Access role",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose an access role"},
    )
    service = forms.ChoiceField(
        label="Service",
        help_text="For assessors, team leaders and registered managers.",
        required=False,
    )
    until = forms.DateField(
        label="Last day",
        help_text="Leave it empty for as long as they work here.",
        required=False,
        widget=DayInput,
        error_messages=REAL_DATE,
    )

    def __init__(self, *args: Any, services: Sequence[Service], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        role, service = self.fields["role"], self.fields["service"]
        assert isinstance(role, forms.ChoiceField)
        assert isinstance(service, forms.ChoiceField)
        role.choices = [(r.value, DESCRIPTIONS[r].title) for r in AccessRole]
        service.choices = [("", "None"), *((s.code, str(s)) for s in services)]
        self._services = {s.code: s for s in services}

    @property
    def hints(self) -> dict[str, str]:
        """What each access role means, under its choice."""
        return {r.value: DESCRIPTIONS[r].description for r in AccessRole}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        role = cleaned.get("role")
        if role:
            described = DESCRIPTIONS[AccessRole(role)]
            if described.scope == "service" and not cleaned.get("service"):
                self.add_error("service", f"Choose the service of this {described.title.lower()}")
            if described.scope != "service" and cleaned.get("service"):
                self.add_error(
                    "service", f"{described.title} is not given for one service. Choose “None”."
                )
        return cleaned

    @property
    def chosen(self) -> tuple[AccessRole, Service | None, date | None]:
        said = self.cleaned_data
        return AccessRole(said["role"]), self._services.get(said["service"]), said["until"]


class SetSignInForm(forms.Form):
    email = forms.EmailField(
        label="Email address",
        error_messages={
            "required": "Enter the email address they sign in with",
            "invalid": "Enter a full email address, like ann@example.org",
        },
    )
    provider_id = forms.CharField(
        label="What your identity provider calls them",
        help_text="Only where your installation goes by it: in Entra ID, their object ID.",
        max_length=200,
        required=False,
    )


class MergeForm(forms.Form):
    reference = forms.CharField(
        label="Their other id",
        help_text="The id under which the same human is recorded a second time.",
        max_length=50,
        error_messages={"required": "Enter the other id"},
    )

    def clean_reference(self) -> Person:
        found = (
            Identity.objects.select_related("person__identity")
            .filter(reference__iexact=self.cleaned_data["reference"].strip())
            .first()
        )
        if found is None:
            raise forms.ValidationError("There is nobody with this id. Check it and try again.")
        return found.person
