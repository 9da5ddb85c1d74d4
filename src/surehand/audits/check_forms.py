"""The answers about one record; voiding a check; what was done about an immediate risk."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from surehand.audits.check_policies import LACKING, LONGEST, NewGap
from surehand.audits.models import Answer, Criterion, Gap, RecordCheck
from surehand.competency.themes import THEMES

NO_NAMES = "Do not name people who receive care."
NOWHERE = ("", "Nothing in the text")
A_SLIP = "I pressed the wrong key."


class CheckForm(forms.Form):
    """Four answers; of each that is partly or not: the themes of what is missing, how severe that
    is, and the words that show it as “start,length”. `spans` are the sentences to choose from.
    With `corrects`, the reason is asked too."""

    def __init__(
        self, *args: Any, spans: Iterable[tuple[str, str]] = (), corrects: bool = False, **more: Any
    ) -> None:
        super().__init__(*args, **more)
        self.spans = list(spans)
        for criterion in Criterion:
            self.fields[criterion.value] = forms.ChoiceField(
                label=criterion.label,
                choices=Answer.choices,
                widget=forms.RadioSelect,
                error_messages={"required": f"Answer “{criterion.label}”"},
            )
            self.fields[f"{criterion.value}-theme"] = forms.MultipleChoiceField(
                label="What is missing?",
                choices=[(theme.code, theme.title) for theme in THEMES.values()],
                widget=forms.CheckboxSelectMultiple,
                required=False,
            )
            self.fields[f"{criterion.value}-severity"] = forms.ChoiceField(
                label="How severe is it?",
                choices=Gap.Severity.choices,
                widget=forms.RadioSelect,
                required=False,
                initial=Gap.Severity.MINOR,
            )
            self.fields[f"{criterion.value}-shown"] = forms.CharField(
                label="Which words show it?", required=False
            )
        self.fields["note"] = forms.CharField(
            label="Note",
            help_text=f"For whoever mends it. {NO_NAMES}",
            widget=forms.Textarea(attrs={"rows": 2}),
            max_length=LONGEST,
            required=False,
        )
        if corrects:
            self.fields["reason"] = forms.CharField(
                label="Why do you change your answers?",
                max_length=200,
                initial=A_SLIP,
                error_messages={"required": "Say why you change your answers"},
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        seen: dict[str, str] = {}
        for criterion in Criterion:
            if cleaned.get(criterion) not in LACKING:
                continue
            themes = cleaned.get(f"{criterion}-theme", [])
            if not themes:
                self.add_error(f"{criterion}-theme", f"Say what is missing: {criterion.label}")
            for theme in themes:
                if theme in seen:
                    self.add_error(
                        f"{criterion}-theme",
                        f"“{THEMES[theme].title}” is chosen under “{seen[theme]}” as well. Choose "
                        "it once",
                    )
                seen[theme] = criterion.label
            if not _SPAN.fullmatch(cleaned.get(f"{criterion}-shown") or "-1,0"):
                self.add_error(f"{criterion}-shown", "Choose the words that show it again")
            if cleaned.get(f"{criterion}-severity") == Gap.Severity.IMMEDIATE and not cleaned.get(
                "note", ""
            ):
                self.add_error("note", "Say what puts somebody at risk now")
        return cleaned

    @property
    def answers(self) -> dict[str, str]:
        return {criterion.value: self.cleaned_data[criterion] for criterion in Criterion}

    @property
    def gaps(self) -> list[NewGap]:
        """What is missing, where an answer is partly or not; a theme that was ticked before the
        answer was changed is left out."""
        found = []
        for criterion in Criterion:
            if self.cleaned_data[criterion] not in LACKING:
                continue
            start, length = span_of(self.cleaned_data[f"{criterion}-shown"])
            severity = self.cleaned_data[f"{criterion}-severity"] or Gap.Severity.MINOR
            found += [
                NewGap(criterion.value, theme, severity, start, length)
                for theme in self.cleaned_data[f"{criterion}-theme"]
            ]
        return found


_SPAN = re.compile(r"-?\d{1,6},\d{1,6}")


def span_of(said: str) -> tuple[int, int]:
    """“12,5” as start and length; nothing said, or nothing that can be read, is -1 and 0."""
    start, _, length = (said if _SPAN.fullmatch(said) else "-1,0").partition(",")
    return int(start), int(length)


def answers_as_initial(check: RecordCheck, gaps: Iterable[Gap], *, note: str) -> Mapping[str, Any]:
    """One’s own answers, to be changed."""
    found: dict[str, Any] = {criterion.value: getattr(check, criterion) for criterion in Criterion}
    for gap in gaps:
        found.setdefault(f"{gap.criterion}-theme", []).append(gap.theme)
        found[f"{gap.criterion}-severity"] = gap.severity
        if gap.length:
            found[f"{gap.criterion}-shown"] = f"{gap.start},{gap.length}"
    return found | {"note": note}


class VoidForm(forms.Form):
    reason = forms.CharField(
        label="Why does this check not count?",
        help_text="The record can then be checked anew. Nothing is deleted.",
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=LONGEST,
        error_messages={"required": "Say why this check does not count"},
    )


class RiskForm(forms.Form):
    words = forms.CharField(
        label="What was done?",
        help_text=f"Who was made safe, how, and who was told. {NO_NAMES}",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=LONGEST,
        error_messages={"required": "Say what was done"},
    )
