"""Beginning a scenario, and writing it: its document, typed or from a file."""

from collections.abc import Mapping
from typing import Any

from django import forms

from surehand.people.roles import SETTINGS

LARGEST = 200_000
"""Characters, and bytes of a file; a shipped scenario has about 5,000."""


class NewScenarioForm(forms.Form):
    """From what a scenario is begun, and its code and title."""

    begin_from = forms.ChoiceField(
        label="Begin from",
        help_text="A copy is yours to change; the one it is copied from stays as it is.",
        error_messages={"required": "Choose what to begin from"},
    )
    code = forms.CharField(
        label="Code",
        help_text="Capital letters and figures. It stays the same for every version.",
        max_length=10,
        error_messages={"required": "Write a code, such as P01"},
    )
    title = forms.CharField(
        label="Title",
        help_text="A few plain words, as people will see it in their list.",
        max_length=80,
        error_messages={"required": "Write a title"},
    )

    def __init__(self, *args: Any, scenarios: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        small = [(f"new-{code}", f"A small example for {said}") for code, said in SETTINGS.items()]
        copies = [(code, f"{code} {title}") for code, title in scenarios.items()]
        self.fields["begin_from"].choices = [  # type: ignore[attr-defined]
            ("A new one", small),
            ("A copy", copies),
        ]

    def clean_code(self) -> str:
        return str(self.cleaned_data["code"]).strip().upper()


class DraftForm(forms.Form):
    """The document of a draft. What a file holds takes the place of the text, so that it can be
    mended there; mistakes in it are no errors of the form: a draft is kept with them."""

    file = forms.FileField(
        label="A file with the scenario (YAML)",
        help_text="It takes the place of what stands in the document.",
        required=False,
        error_messages={"empty": "This file is empty. Choose the file with the scenario"},
    )
    text = forms.CharField(
        label="The document",
        help_text="Lines that begin with # are notes. The version number comes by itself.",
        strip=False,
        max_length=LARGEST,
        error_messages={"required": "The document is empty. Write it, or take it from a file"},
        widget=forms.Textarea(
            attrs={"rows": 30, "spellcheck": "false", "autocomplete": "off", "data-code": ""}
        ),
    )
    seen = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        file = cleaned.get("file")
        if file is None:
            return cleaned
        self.errors.pop("text", None)
        if file.size > LARGEST:
            self.add_error("file", "This file is too large for a scenario: at most 200 kB.")
            return cleaned
        try:
            cleaned["text"] = file.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            self.add_error(
                "file", "This file is not text in UTF-8. Save the scenario as a plain text file."
            )
        return cleaned
