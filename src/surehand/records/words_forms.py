"""Changing the words that screening looks for: one phrase a line, for each list."""

from typing import Any

from django import forms

from surehand.records.own_words import SHOWN, OwnWords
from surehand.screening import WordsProblem, starter_words
from surehand.screening.words import LISTS

LONGEST = 20_000


class WordsForm(forms.Form):
    """For each list on the page what is added and what is left out. What a provider has in other
    lists stays. `own` is what it says, once the form is valid."""

    seen = forms.IntegerField(widget=forms.HiddenInput)

    own: OwnWords

    def __init__(self, *args: Any, before: OwnWords, number: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.before, self.number = before, number
        self.fields["seen"].initial = number
        for name in names():
            for part, label, said in (
                ("add", "Added by you", before.added),
                ("out", "Left out by you", before.left_out),
            ):
                self.fields[f"{part}-{name}"] = forms.CharField(
                    label=f"{label}: {LISTS[name]}",
                    help_text="One a line."
                    if part == "add"
                    else "One a line, as it stands in the shipped list.",
                    initial="\n".join(said.get(name, ())),
                    required=False,
                    max_length=LONGEST,
                    widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
                )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        added, left_out = dict(self.before.added), dict(self.before.left_out)
        for name in names():
            added[name] = _phrases(cleaned[f"add-{name}"])
            left_out[name] = _phrases(cleaned[f"out-{name}"])
            shipped = starter_words().list(name)
            if unknown := [one for one in left_out[name] if one not in shipped]:
                self.add_error(
                    f"out-{name}",
                    f"“{unknown[0]}” is not in the shipped list; write it as it stands there",
                )
        self.own = OwnWords(
            {name: each for name, each in added.items() if each},
            {name: each for name, each in left_out.items() if each},
        )
        if not self.errors:
            try:
                self.own.words(self.number + 1)
            except WordsProblem as problem:
                for sentence in problem.problems:
                    self.add_error(None, sentence)
        return cleaned

    def groups(self) -> list[tuple[str, list[dict[str, Any]]]]:
        """The lists by the signal they belong to, each with its shipped phrases."""
        return [
            (
                title,
                [
                    {
                        "name": LISTS[name],
                        "add": self[f"add-{name}"],
                        "out": self[f"out-{name}"],
                        "shipped": ", ".join(starter_words().list(name)),
                    }
                    for name in lists
                ],
            )
            for title, lists in SHOWN.values()
        ]


def names() -> list[str]:
    return [name for _, lists in SHOWN.values() for name in lists]


def _phrases(text: str) -> tuple[str, ...]:
    """The lines, each once, without what is empty."""
    return tuple(
        dict.fromkeys(" ".join(line.split()) for line in text.splitlines() if line.strip())
    )
