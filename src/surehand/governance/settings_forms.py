"""The forms of erasure, retention and the checkpoint's recipients."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from surehand.governance import retention
from surehand.governance.erasing import AskedBy, Why
from surehand.governance.retention import Rule

MOST_RECIPIENTS = 50


class EraseForm(forms.Form):
    asked_by = forms.ChoiceField(
        label="Who asked for it?",
        widget=forms.RadioSelect,
        choices=AskedBy.choices,
        error_messages={"required": "Say who asked for it"},
    )
    why = forms.ChoiceField(
        label="Why?",
        widget=forms.RadioSelect,
        choices=Why.choices,
        error_messages={"required": "Say why"},
    )
    although_here = forms.BooleanField(
        label="Erase them although they have a post now or to come", required=False
    )
    sure = forms.BooleanField(
        label="I have read what is erased and what stays. It cannot be undone.",
        error_messages={"required": "Say that you have read what is erased and what stays"},
    )

    def __init__(self, *args: Any, has_post: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_post:
            del self.fields["although_here"]


class RetentionForm(forms.Form):
    """Days for each table that may be changed, and years for the names of leavers."""

    leavers = forms.IntegerField(
        label="Years after somebody’s last post ended until their name and texts are erased",
        required=False,
        min_value=retention.LEAST_YEARS,
        max_value=retention.MOST_YEARS,
        error_messages={"invalid": "Enter a whole number of years"},
    )

    def __init__(self, *args: Any, rules: Sequence[Rule], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for rule in rules:
            self.fields[rule.name] = forms.IntegerField(
                label=f"{rule.kept.what}: days",
                help_text=f"{rule.kept.why} {retention.in_words(rule.days).capitalize()} now; "
                f"{rule.kept.least:,} to {rule.kept.most:,} days.",
                min_value=rule.kept.least,
                max_value=rule.kept.most,
                initial=rule.days,
                error_messages={
                    "required": f"{rule.kept.what}: enter a number of days",
                    "invalid": f"{rule.kept.what}: enter a whole number of days",
                },
            )
        self.names = [rule.name for rule in rules]

    @property
    def days(self) -> dict[str, int]:
        return {name: self.cleaned_data[name] for name in self.names}


class RecipientsForm(forms.Form):
    addresses = forms.CharField(
        label="Email addresses, one a line",
        help_text="People who own neither the server nor the database: the board, a commissioner, "
        "an auditor.",
        required=False,
        widget=forms.Textarea(attrs={"rows": 5, "autocomplete": "off"}),
    )

    def clean_addresses(self) -> list[str]:
        found = self.cleaned_data["addresses"].split()
        for address in found:
            try:
                validate_email(address)
            except ValidationError:
                raise ValidationError(
                    f"“{address}” is not a full email address, like ann@example.org"
                ) from None
        if len(found) > MOST_RECIPIENTS:
            raise ValidationError(f"List at most {MOST_RECIPIENTS} addresses")
        return found


class FindSupportedForm(forms.Form):
    service = forms.ChoiceField(
        label="Which service supports them?", error_messages={"required": "Choose the service"}
    )
    subject_id = forms.CharField(
        label="Their id in the ECM system",
        help_text="As it stands in the files you bring in, such as RES-14.",
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": "Enter their id in the ECM system"},
    )

    def __init__(self, *args: Any, services: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["service"].choices = services  # type: ignore[attr-defined]


class EraseSupportedForm(FindSupportedForm):
    """Found already: who it is stays as it was, and is erased."""

    asked_by = forms.ChoiceField(
        label="Who asked for it?",
        widget=forms.RadioSelect,
        choices=AskedBy.choices,
        error_messages={"required": "Say who asked for it"},
    )
    why = forms.ChoiceField(
        label="Why?",
        widget=forms.RadioSelect,
        choices=[choice for choice in Why.choices if choice[0] != Why.LEFT],
        error_messages={"required": "Say why"},
    )
    sure = forms.BooleanField(
        label="I have read what is erased and what stays. It cannot be undone.",
        error_messages={"required": "Say that you have read what is erased and what stays"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("service", "subject_id"):
            self.fields[name].widget = forms.HiddenInput()


class ForgetForm(forms.Form):
    words = forms.BooleanField(
        label="Erase what the records say as well",
        help_text="Names stand in it. Without it, it goes by itself when its time is over.",
        required=False,
    )
    sure = forms.BooleanField(
        label="I have read what this does. It cannot be undone.",
        error_messages={"required": "Say that you have read what this does"},
    )
