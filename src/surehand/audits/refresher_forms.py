"""A refresher planned, a session of it recorded, and a check asked for again."""

from typing import Any

from django import forms

from surehand.audits.refresher_policies import LONGEST, MINUTES
from surehand.competency.themes import THEMES
from surehand.people.models import Person
from surehand.support.forms import OwnedForm, offer_people
from surehand.ui.fields import DayInput


class PeopleField(forms.ModelMultipleChoiceField):
    """People ticked in a list, by name."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            queryset=Person.objects.none(), widget=forms.CheckboxSelectMultiple, **kwargs
        )


class RefresherForm(OwnedForm):
    """For whom, with whom and by when; `checks` are those that may be taken again."""

    field_order = ("theme", "people", "owner", "due", "competency", "words")

    theme = forms.ChoiceField(
        label="About what?",
        choices=[("", "Choose a theme"), *((t.code, t.title) for t in THEMES.values())],
        error_messages={"required": "Choose a theme"},
    )
    people = PeopleField(
        label="For whom?", error_messages={"required": "Choose at least one person"}
    )
    words = forms.CharField(
        label="What exactly?",
        help_text="Do not name people who receive care.",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=LONGEST,
        required=False,
    )

    def __init__(self, *args: Any, people: list[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_people(self.fields["people"], people)
        self.fields["due"].label = "Given by"
        self.fields["competency"].label = "Which check does it practise?"


class GivenForm(forms.Form):
    """That a session took place, and who was there."""

    on = forms.DateField(
        label="When was it?",
        widget=DayInput,
        error_messages={
            "required": "Enter the day it took place",
            "invalid": "Enter a real day, like 3 3 2027",
        },
    )
    minutes = forms.IntegerField(
        label="How many minutes did it take?",
        initial=15,
        min_value=MINUTES[0],
        max_value=MINUTES[-1],
        error_messages={"required": "Enter how many minutes it took"},
    )
    people = PeopleField(
        label="Who was there?", error_messages={"required": "Choose who was there"}
    )

    def __init__(self, *args: Any, people: list[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_people(self.fields["people"], people)


class ReopenForm(forms.Form):
    """That a check has to be passed again (R7)."""

    reason = forms.CharField(
        label="Why is it asked for again?",
        help_text="Everybody concerned sees this. Do not name people who receive care.",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=LONGEST,
        error_messages={"required": "Write why it is asked for again"},
    )
