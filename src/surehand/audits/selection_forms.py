"""Which records are selected for an audit, in plain words."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django import forms

from surehand.audits.selection import LEVELS, RISKS, Design
from surehand.ecm.profile import RecordType
from surehand.ui.fields import DayInput

USUAL_TYPES = ("note", "incident", "plan", "task")
TO_CHECK = timedelta(days=7)

_LABELS = {
    "signal": "With something noticed",
    "new_starter": "From new starters",
    "night": "Written at night",
    "agency": "From agency staff",
    "weak_theme": "Where the same was missing before",
}


def _day(label: str, **more: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        widget=DayInput,
        error_messages={
            "required": "Enter a day",
            "invalid": "Enter a real day, like 3 3 2027",
        },
        **more,
    )


def _count(label: str, hint: str, *, least: int) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        help_text=hint,
        min_value=least,
        max_value=1000,
        error_messages={
            "required": "Enter a number",
            "invalid": "Enter a whole number",
            "min_value": f"Enter {least} or more",
            "max_value": "Enter 1000 or less",
        },
    )


class SelectionForm(forms.Form):
    """The same fields show the size, and select."""

    since = _day("First day")
    until = _day("Last day")
    record_types = forms.MultipleChoiceField(
        label="Kinds of record",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one kind of record"},
    )
    coverage = _count(
        "Records of each person and kind",
        "So that everybody’s records are looked at. If there are fewer, all of them.",
        least=1,
    )
    more = _count("How many more, by risk", "Where something is likelier to be found.", least=0)
    due = _day("Checked by", help_text="What they say is kept until four weeks after.")

    def __init__(self, *args: Any, record_types: Sequence[RecordType], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["record_types"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(one.code, one.title) for one in record_types]
        for risk in RISKS:
            self.fields[risk] = forms.TypedChoiceField(
                label=_LABELS[risk], choices=list(enumerate(LEVELS)), coerce=int
            )

    @property
    def risks(self) -> list[Any]:
        return [self[risk] for risk in RISKS]

    def design(self) -> Design:
        said = self.cleaned_data
        return Design(
            coverage=said["coverage"], more=said["more"], **{risk: said[risk] for risk in RISKS}
        )

    def as_sent(self) -> list[tuple[str, str]]:
        """What was sent, as names and values to be sent again."""
        said = self.cleaned_data
        kinds = [("record_types", kind) for kind in said["record_types"]]
        rest = ["since", "until", "coverage", "more", "due", *RISKS]
        return [*kinds, *((name, str(said[name])) for name in rest)]


def usual(record_types: Sequence[RecordType], *, today: date, live: date | None) -> dict[str, Any]:
    """What is proposed: the last whole week, and the design that is not otherwise said."""
    until = today - timedelta(days=today.weekday() + 1)
    since = until - timedelta(days=6)
    if live and live > since:  # the first days of live use
        since, until = live, max(until, today - timedelta(days=1))
    codes = [one.code for one in record_types]
    return {
        "since": since.isoformat(),
        "until": until.isoformat(),
        "record_types": [code for code in codes if code in USUAL_TYPES] or codes,
        "due": (today + TO_CHECK).isoformat(),
        **{name: str(value) for name, value in Design().as_json().items()},
    }
