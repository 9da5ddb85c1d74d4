from typing import Any

from django import forms
from django.contrib.auth import authenticate
from django.http import HttpRequest

from surehand.people.models import SignIn


class SignInForm(forms.Form):
    email = forms.EmailField(
        label="Email address",
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
        error_messages={
            "required": "Enter your email address",
            "invalid": "Enter a full email address, like ann@example.org",
        },
    )
    password = forms.CharField(
        label="Password",
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": "Enter your password"},
    )

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        self.found: SignIn | None = None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("email") and cleaned.get("password"):
            user = authenticate(
                self.request, username=cleaned["email"], password=cleaned["password"]
            )
            if not isinstance(user, SignIn):
                raise forms.ValidationError(
                    "That email address and password do not go together. Check both and try "
                    "again, or ask an administrator for a new password."
                )
            self.found = user
        return cleaned
