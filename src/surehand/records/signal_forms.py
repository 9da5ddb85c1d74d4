"""Answering what was noticed: fine and why, or what it needs; and one’s own answer."""

from typing import Any, cast

from django import forms

from surehand.records.models import SignalAnswer
from surehand.records.policies import LONGEST
from surehand.records.reasons import FINE, NEEDS, OTHER, fine_for

WORDS_HINT = "Do not name people who receive care."


class AnswerForm(forms.Form):
    """Of one signal; its fields are told apart by the signal’s code as a prefix."""

    reason = forms.ChoiceField(
        label="What did you find?",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what you found"},
    )
    words = forms.CharField(
        label="In your own words",
        help_text=WORDS_HINT,
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=LONGEST,
        required=False,
    )
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, code: str, **more: Any) -> None:
        super().__init__(data, prefix=code, **more)
        cast(forms.ChoiceField, self.fields["reason"]).choices = [
            *(
                (reason, f"This is fine: {words[:1].lower()}{words[1:]}")
                for reason, words in fine_for(code).items()
            ),
            (NEEDS, "This needs something"),
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.get("words", "").strip():
            if cleaned.get("reason") == OTHER:
                self.add_error("words", "Say in your own words why it is fine")
            elif cleaned.get("reason") == NEEDS:
                self.add_error("words", "Say what it needs")
        return cleaned

    @property
    def answer(self) -> str:
        fine = self.cleaned_data["reason"] in FINE
        return SignalAnswer.Answer.FINE if fine else SignalAnswer.Answer.NEEDS


class ReplyForm(forms.Form):
    """Of one signal in a record of one’s own."""

    words = forms.CharField(
        label="What do you want to say about this?",
        help_text=f"Your team leader reads it beside what was noticed. {WORDS_HINT}",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=LONGEST,
        error_messages={"required": "Write your answer in the box"},
    )
