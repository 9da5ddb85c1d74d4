"""The forms that stop, lift and override: a reason always."""

from collections.abc import Sequence

from django import forms

from surehand.assessment.models import Assessment
from surehand.people.models import Service
from surehand.ui.formats import day


def reason_field(label: str, hint: str, *, required: bool = True) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        required=required,
        min_length=3 if required else None,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={
            "required": "Write the reason",
            "min_length": "Write the reason so that others understand it",
            "max_length": "Write at most 1,000 characters",
        },
    )


OTHER = "reason"


class ReasonForm(forms.Form):
    reason = reason_field(
        "Why must it be this person, uncleared?",
        "Kept with the evidence and shown to inspectors. Do not name people who receive care.",
    )


class EndOverrideForm(forms.Form):
    reason = reason_field(
        "Why does it end early?", "Kept with the evidence. Do not name people who receive care."
    )


class RestrictForm(forms.Form):
    """`services` are those to choose between: none where the person works at one alone."""

    where = forms.ChoiceField(
        label="Where is live use stopped?",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose where live use is stopped"},
    )
    reason = reason_field("Why?", "What was seen, and when. Do not name people who receive care.")

    def __init__(self, *args: object, services: Sequence[Service], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        where = self.fields["where"]
        assert isinstance(where, forms.ChoiceField)
        if not services:  # nothing to choose between
            del self.fields["where"]
            return
        where.choices = [
            ("everywhere", "Everywhere this person works"),
            *((s.code, f"Only at {s}") for s in services),
        ]
        where.initial = "everywhere"


class LiftForm(forms.Form):
    """`passes` are the checks passed since the restriction."""

    cites = forms.ChoiceField(
        label="What shows that it can be lifted?",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a check, or “Another reason”"},
    )
    reason = reason_field(
        "Reason",
        "Needed where no check is chosen. Do not name people who receive care.",
        required=False,
    )

    def __init__(self, *args: object, passes: Sequence[Assessment], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        cites = self.fields["cites"]
        assert isinstance(cites, forms.ChoiceField)
        cites.choices = [
            *(
                (str(a.entry), f"{a.check_version.short}, passed on {day(a.happened_at)}")
                for a in passes
            ),
            (OTHER, "Another reason"),
        ]

    def clean(self) -> dict[str, object]:
        data = super().clean() or {}
        if data.get("cites") == OTHER and len(str(data.get("reason") or "").strip()) < 3:
            self.add_error("reason", "Choose a check passed since, or write the reason")
        return data
