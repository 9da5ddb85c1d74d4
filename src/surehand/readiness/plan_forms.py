"""Publishing a plan: the document, then when it applies."""

from typing import Any

from django import forms

from surehand.ui.fields import DayInput

LARGEST = 1024 * 1024  # bytes; the starter plan has 40 thousand


class PlanFileForm(forms.Form):
    file = forms.FileField(
        label="Plan document (YAML)",
        help_text="Download the version in force, change it in a text editor, and bring it here.",
        error_messages={
            "required": "Choose the file with the plan",
            "empty": "This file is empty. Choose the file with the plan",
        },
    )

    def clean_file(self) -> str:
        """The text of the document."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            raise forms.ValidationError("This file is too large for a plan: at most 1 MB.")
        try:
            text: str = file.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            raise forms.ValidationError(
                "This file is not text in UTF-8. Save the plan as a plain text file."
            ) from None
        return text


class PublishForm(forms.Form):
    document = forms.CharField(widget=forms.HiddenInput, strip=False, max_length=LARGEST)
    applies_from = forms.DateField(
        label="First day it applies",
        widget=DayInput,
        error_messages={
            "required": "Enter the first day it applies",
            "invalid": "Enter a real date, such as 27 3 2027",
        },
    )
    shorter_notice = forms.BooleanField(
        label="Less than 28 days’ notice is enough this time", required=False
    )

    def __init__(self, *args: Any, adds_gates: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not adds_gates:
            del self.fields["shorter_notice"]
