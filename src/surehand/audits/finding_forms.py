"""What people say to what was found in their records."""

from django import forms

from surehand.audits.cause_policies import LONGEST


class ReplyForm(forms.Form):
    """Of one record of one’s own; its check is told apart by a prefix."""

    words = forms.CharField(
        label="What do you want to say about this?",
        help_text="Your manager reads it next to what was found. Do not name people who receive "
        "care.",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=LONGEST,
        error_messages={"required": "Write your answer in the box"},
    )
