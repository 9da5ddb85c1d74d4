"""The forms of signing in."""

from typing import Any

from django import forms

from surehand.people.models import SignIn


class EmailForm(forms.Form):
    email = forms.EmailField(
        label="Email address",
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
        error_messages={
            "required": "Enter your email address",
            "invalid": "Enter a full email address, like ann@example.org",
        },
    )


class SignInForm(EmailForm):
    password = forms.CharField(
        label="Password",
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": "Enter your password"},
    )


class CodeForm(forms.Form):
    code = forms.CharField(
        label="Code",
        help_text="The six digits in your authenticator app, or one of your recovery codes.",
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "text"}),
        error_messages={"required": "Enter the code"},
    )


class FirstCodeForm(forms.Form):
    code = forms.CharField(
        label="Code",
        help_text="The six digits the app shows now.",
        max_length=12,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
        error_messages={"required": "Enter the code the app shows"},
    )


class PasswordForm(forms.Form):
    password = forms.CharField(
        label="Your password",
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": "Enter your password"},
    )


class PasskeyForm(forms.Form):
    name = forms.CharField(
        label="Name of this passkey",
        help_text="So that you know it again, like “My phone” or “Blue key”.",
        max_length=60,
        error_messages={"required": "Give this passkey a name"},
    )
    answer = forms.CharField(required=False, widget=forms.HiddenInput)


class NewPasswordForm(forms.Form):
    password = forms.CharField(
        label="New password",
        help_text="At least 10 characters. Three random words are easy to remember.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": "Enter a new password"},
    )
    again = forms.CharField(
        label="The same again",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": "Enter it a second time"},
    )

    def __init__(self, *args: Any, sign_in: SignIn, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._sign_in = sign_in

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("password") and cleaned.get("again") not in {None, cleaned["password"]}:
            self.add_error("again", "The two are not the same. Enter them once more.")
        return cleaned
