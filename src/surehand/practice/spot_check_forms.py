"""What was shown of each point of a spot check, how long it took, and a note."""

from collections.abc import Sequence
from typing import Any

from django import forms

from surehand.practice.correction_forms import reason_field
from surehand.practice.models import SpotCheck
from surehand.practice.policies import MINUTES_AT_MOST
from surehand.practice.spot_questions import Point


class SpotCheckForm(forms.Form):
    minutes = forms.IntegerField(
        label="How many minutes did it take?",
        min_value=1,
        max_value=MINUTES_AT_MOST,
        widget=forms.NumberInput(attrs={"min": "1", "max": str(MINUTES_AT_MOST)}),
        error_messages={"required": "Say how many minutes it took"},
    )
    note = forms.CharField(
        label="A note",
        help_text="Do not name people who receive care.",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=1000,
        required=False,
    )

    def __init__(
        self, *args: Any, points: Sequence[Point], correcting: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.points = points
        for number, point in enumerate(points, 1):
            self.fields[ticked(point.code)] = forms.ChoiceField(
                label=point.text,
                choices=SpotCheck.Shown.choices,
                widget=forms.RadioSelect,
                error_messages={"required": f"Say whether point {number} was shown"},
            )

        if correcting:
            self.fields["reason"] = reason_field("Why do you correct it?")

    @property
    def ticks(self) -> list[Any]:
        """The fields of the points, in their order."""
        return [self[ticked(point.code)] for point in self.points]

    def shown(self) -> dict[str, str]:
        return {point.code: self.cleaned_data[ticked(point.code)] for point in self.points}


def ticked(code: str) -> str:
    return f"point-{code}"
