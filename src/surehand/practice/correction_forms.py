"""Why something that was recorded is corrected or voided."""

from django import forms


def reason_field(label: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text="Others will have to understand it. Do not name people who receive care.",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=1000,
        error_messages={"required": "Write the reason"},
    )


class VoidForm(forms.Form):
    reason = reason_field("What is the reason?")
