"""Beginning the next version of a plan, and publishing it."""

from collections.abc import Sequence
from typing import Any

from django import forms

from surehand.competency.plan_document import PlanDocument, PlanProblem, load
from surehand.ui.fields import DayInput

LARGEST = 1024 * 1024  # bytes; the starter plan has 40 thousand
FILE = "file"


class BeginForm(forms.Form):
    """Where the next version begins: a version there is, the starter plan, or a file."""

    begin = forms.ChoiceField(
        label="Where do you begin?",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose where to begin"},
    )
    file = forms.FileField(
        label="Plan document (YAML)",
        help_text="Only where you begin with a file of your own.",
        required=False,
        error_messages={"empty": "This file is empty. Choose the file with the plan"},
    )

    def __init__(self, *args: Any, choices: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["begin"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [*choices, (FILE, "A file of your own")]

    def clean(self) -> dict[str, Any]:
        """`document` is the plan in the file, where the beginning is a file."""
        cleaned = super().clean() or {}
        if cleaned.get("begin") != FILE or "file" in self.errors:
            return cleaned
        file = cleaned.get("file")
        if file is None:
            self.add_error("file", "Choose the file with the plan")
        elif file.size > LARGEST:
            self.add_error("file", "This file is too large for a plan: at most 1 MB.")
        else:
            cleaned["document"] = self._read(file.read())
        return cleaned

    def _read(self, content: bytes) -> PlanDocument | None:
        try:
            return load(content.decode("utf-8-sig"))
        except UnicodeDecodeError:
            self.add_error(
                "file", "This file is not text in UTF-8. Save the plan as a plain text file."
            )
        except PlanProblem as problem:
            for sentence in problem.problems:
                self.add_error("file", sentence)
        return None


class PublishForm(forms.Form):
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
