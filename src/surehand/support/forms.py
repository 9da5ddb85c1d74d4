"""Support given to a person and how it went; questions and their answers."""

from typing import Any

from django import forms

from surehand.competency.models import Check
from surehand.competency.themes import THEMES
from surehand.people.models import Person
from surehand.support.categories import CATEGORIES
from surehand.support.models import Answer, SupportAction, SupportDone
from surehand.ui.fields import DayInput


def offer_people(field: forms.Field, people: list[Person]) -> None:
    """Let a field choose among these people, named."""
    assert isinstance(field, forms.ModelChoiceField)
    field.queryset = Person.objects.filter(pk__in=[p.pk for p in people]).select_related("identity")
    field.queryset = field.queryset.order_by("identity__name", "pk")


def offer_checks(field: forms.Field, checks: list[Check], *, none: str = "Not one check") -> None:
    """Let a field choose one of these checks, or none of them."""
    assert isinstance(field, forms.ChoiceField)
    field.choices = [
        ("", none),
        *((c.competency.code, f"{c.competency.code} {c.short}") for c in checks),
    ]


class OwnedForm(forms.Form):
    """Who gives some support, by when, and about which check: what every plan of support asks."""

    owner = forms.ModelChoiceField(
        label="Who gives it?",
        queryset=Person.objects.none(),
        empty_label="Choose a person",
        error_messages={"required": "Choose who gives it"},
    )
    due = forms.DateField(
        label="Done by",
        widget=DayInput,
        error_messages={
            "required": "Enter the day by which it is done",
            "invalid": "Enter a real day, like 3 3 2027",
        },
    )
    competency = forms.ChoiceField(label="About which check?", required=False)

    def __init__(
        self, *args: Any, owners: list[Person], checks: list[Check], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        offer_people(self.fields["owner"], owners)
        offer_checks(self.fields["competency"], checks)


class SupportForm(OwnedForm):
    """A support action that no failed check asked for."""

    field_order = ("what", "competency", "owner", "due", "note")
    what = forms.ChoiceField(
        label="What support?",
        choices=[
            c for c in SupportAction.What.choices if c[0] != SupportAction.What.SUPERVISED_USE
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what support"},
    )
    note = forms.CharField(
        label="What exactly?",
        help_text="Do not name people who receive care.",
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
    )


class DoneForm(forms.Form):
    """How a support action went."""

    outcome = forms.ChoiceField(
        label="How did it go?",
        choices=[c for c in SupportDone.Outcome.choices if c[0] != SupportDone.Outcome.GIVEN],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how it went"},
    )
    note = forms.CharField(
        label="What was done, and what did you see?",
        help_text="Do not name people who receive care.",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Write what was done"},
    )


class WordsForm(forms.Form):
    """A few words to a question that was asked by a tap."""

    words = forms.CharField(
        label="Add a few words?",
        help_text="Do not write the names of people who receive care.",
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=500,
        required=False,
    )


class AnswerForm(forms.Form):
    """The answer to a question, and what the question counts towards."""

    how = forms.ChoiceField(
        label="How do you answer?",
        choices=Answer.How.choices,
        initial=Answer.How.WORDS,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how you answer"},
    )
    words = forms.CharField(
        label="Your answer",
        help_text="A sentence is enough; none is needed for what you showed in person. "
        "Do not write the names of people who receive care.",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=1000,
        required=False,
    )
    category = forms.ChoiceField(
        label="What was it about?", choices=[(c.code, c.short) for c in CATEGORIES.values()]
    )
    competency = forms.ChoiceField(label="Which competency does it belong to?", required=False)
    theme = forms.ChoiceField(
        label="Training theme",
        choices=[
            ("", "No theme"),
            *((t.code, f"{t.code} {t.title}") for t in THEMES.values()),
        ],
        required=False,
    )

    def __init__(self, *args: Any, checks: list[Check], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_checks(self.fields["competency"], checks, none="No one competency")
