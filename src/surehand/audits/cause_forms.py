"""Why gaps arose, and the support that follows individual practice."""

from datetime import date
from typing import Any

from django import forms

from surehand.audits.cause import NEXT, Why
from surehand.audits.cause_policies import LONGEST
from surehand.audits.models import Cause
from surehand.people.models import Person
from surehand.support.forms import OwnedForm, offer_people
from surehand.support.models import SupportAction

NOBODY_SUPPORTED = "Do not name people who receive care."
HINTS = {why.value: sentence for why, sentence in NEXT.items()}


class CauseForm(forms.Form):
    """One cause for the gaps chosen beside it. No cause is chosen beforehand: a manager decides."""

    why = forms.ChoiceField(
        label="Why did they arise?",
        choices=[
            (kind, Cause.Kind(kind).label)
            for kind in ("workflow", "training", "practice", "unsure")
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose why they arose, or that you are not sure yet"},
    )
    subject = forms.ModelChoiceField(
        label="Whose practice is it?",
        help_text="For individual practice alone. The other causes are no mark against anybody.",
        queryset=Person.objects.none(),
        empty_label="Nobody’s",
        required=False,
    )
    reason = forms.CharField(
        label="What makes you think so?",
        help_text=f"What you looked at, and what they say. {NOBODY_SUPPORTED}",
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=LONGEST,
        error_messages={"required": "Write what makes you think so"},
    )

    def __init__(self, *args: Any, people: list[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_people(self.fields["subject"], people)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("why") == Why.PRACTICE and "subject" in cleaned and not cleaned["subject"]:
            self.add_error("subject", "Say whose practice it is")
        return cleaned


class CoachForm(OwnedForm):
    """Support for the person of an individual practice, and whether the check is asked again."""

    field_order = ("what", "owner", "due", "competency", "reopen", "note")

    what = forms.ChoiceField(
        label="What support?",
        choices=[
            (SupportAction.What.COACHING, SupportAction.What.COACHING.label),
            (SupportAction.What.REPEAT_TRAINING, SupportAction.What.REPEAT_TRAINING.label),
        ],
        initial=SupportAction.What.COACHING,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what support"},
    )
    reopen = forms.BooleanField(
        label="Ask for this check again: the pass ends in 28 days unless it is passed again",
        required=False,
    )
    note = forms.CharField(
        label="What exactly?",
        help_text=f"They read it too. {NOBODY_SUPPORTED}",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=LONGEST,
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("reopen") and not cleaned.get("competency"):
            self.add_error("competency", "Choose which check is asked for again")
        return cleaned


def in_a_week(today: date, days: int = 7) -> date:
    return date.fromordinal(today.toordinal() + days)
