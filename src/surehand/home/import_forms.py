"""The forms that match the columns and the words of a file to ours."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField

from surehand.imports.mapping import ColumnMap, Order, Source, meaning
from surehand.imports.reading import column_name
from surehand.imports.table import Column, folded

NOT_THERE = "Not in this file"
SAME = "The same for every row"
LEFT = "-"
OUT = "--"

ORDERS = {
    "DMY": "Day first: 03/04/2026 is 3 April",
    "MDY": "Month first: 03/04/2026 is 4 March",
}


@dataclass(frozen=True)
class Match:
    """One of our columns with the boxes that say where it comes from. `opened`: the boxes that are
    seldom needed are shown."""

    column: Column
    source: BoundField
    also: BoundField
    value: BoundField
    fill_down: BoundField
    opened: bool


class ColumnsForm(forms.Form):
    """Where each of our columns comes from: columns of the file, or one value for every row.

    `gaps`: columns of the file with so many empty cells that they may have been merged.
    """

    def __init__(
        self,
        data: Any = None,
        *,
        columns: Sequence[Column],
        header: Sequence[str],
        sources: Mapping[str, Source],
        gaps: Collection[str] = (),
    ) -> None:
        super().__init__(data)
        self.gaps = gaps
        self.columns = sorted((c for c in columns if c.kept), key=lambda c: not c.needed)
        self.header = tuple(header)
        by_name = {column_name(name): name for name in header}
        theirs = [(name, name) for name in header]
        for column in self.columns:
            source = sources.get(column.name, Source())
            told = [by_name[column_name(c)] for c in source.columns if column_name(c) in by_name]
            where = told[0] if told else ("=" if source.value else "")
            self.fields[f"{column.name}-from"] = forms.ChoiceField(
                label=f"Column for {column.title}",
                choices=[
                    ("", "Choose" if column.needed else NOT_THERE),
                    ("=", SAME),
                    ("Columns of your file", theirs),
                ],
                required=column.needed,
                initial=where,
                error_messages={
                    "required": f"{column.title} is needed: choose a column of your file, "
                    f"or “{SAME}”."
                },
            )
            self.fields[f"{column.name}-and"] = forms.ChoiceField(
                label=f"Joined with, for {column.title}",
                help_text="Such as first name and surname, or a date and a time.",
                choices=[("", "Nothing"), *theirs],
                required=False,
                initial=told[1] if len(told) > 1 else "",
            )
            options = column.choices()
            value: forms.Field = forms.CharField(max_length=120)
            if options:
                value = forms.ChoiceField(choices=[("", "Choose"), *options.items()])
            value.required = False
            value.label = f"What every row says, for {column.title}"
            value.initial = source.value
            self.fields[f"{column.name}-value"] = value
            self.fields[f"{column.name}-down"] = forms.BooleanField(
                label=f"Empty cells say what stands above them, for {column.title}",
                help_text="A merged cell is full only at its top.",
                required=False,
                initial=source.fill_down,
            )

    def matches(self) -> list[Match]:
        found = []
        for column in self.columns:
            also, value, down = (self[f"{column.name}-{n}"] for n in ("and", "value", "down"))
            source = self[f"{column.name}-from"]
            used = any(box.value() or box.errors for box in (also, value, down))
            used = used or (source.value() in self.gaps and not column.is_date)
            found.append(Match(column, source, also, value, down, bool(used)))
        return found

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        for column in self.columns:
            where = said.get(f"{column.name}-from")
            value = said.get(f"{column.name}-value", "")
            if where == "=" and column.filled and not value:
                self.add_error(
                    f"{column.name}-value", f"Say what every row says for {column.title}."
                )
            if where == "=" and value:
                try:
                    column.parse(value)
                except ValueError as why:
                    self.add_error(f"{column.name}-value", str(why))
        return said

    def sources(self, before: Mapping[str, Source]) -> dict[str, Source]:
        """What was chosen, with the words and the order of dates that were known before."""
        said = self.cleaned_data
        chosen = {}
        for column in self.columns:
            where = said[f"{column.name}-from"]
            known = before.get(column.name, Source())
            if where == "=":
                chosen[column.name] = Source(value=said[f"{column.name}-value"])
            elif where:
                also = said[f"{column.name}-and"]
                chosen[column.name] = Source(
                    columns=(where, also) if also and also != where else (where,),
                    words=known.words,
                    order=known.order,
                    fill_down=said[f"{column.name}-down"],
                )
        return chosen


@dataclass(frozen=True)
class Word:
    """A word of the file, how many cells say it, and the box for what it means."""

    word: str
    count: int
    box: BoundField


@dataclass(frozen=True)
class Words:
    column: Column
    asked: list[Word]
    known: list[tuple[str, int, str]]  # word, count, what it is read as


class WordsForm(forms.Form):
    """What the words of a file mean, in which order its dates are written, and the mapping’s name.

    `words`: by our column, with their counts. `order`: "" where it must be chosen, None where the
    file has no such dates.
    """

    def __init__(
        self,
        data: Any = None,
        *,
        columns: Sequence[Column],
        rules: ColumnMap,
        words: Mapping[str, Counter[str]],
        order: Order | None,
        name: str = "",
    ) -> None:
        super().__init__(data)
        self.rules = rules
        self.words = words
        self.columns = {c.name: c for c in columns}
        self.boxes: dict[str, tuple[str, str]] = {}  # field → our column, their word
        self.known: dict[str, list[tuple[str, int, str]]] = {}
        if order is not None:
            self.fields["order"] = forms.ChoiceField(
                label="How does this file write dates?",
                choices=list(ORDERS.items()),
                widget=forms.RadioSelect,
                initial=order,
                error_messages={"required": "Say whether the day or the month comes first."},
            )
        for position, (column_name_, counted) in enumerate(words.items()):
            self._ask(position, self.columns[column_name_], counted)
        self.fields["name"] = forms.CharField(
            label="A name for this layout",
            max_length=80,
            initial=name,
            help_text="The next file with these columns is recognised by itself. "
            "On the command line: --mapping and this name.",
            error_messages={"required": "Give this layout a name."},
        )

    def _ask(self, position: int, column: Column, counted: Counter[str]) -> None:
        options = column.choices()
        told = self.rules.sources[column.name].words
        known: list[tuple[str, int, str]] = []
        asked = []
        for word, count in counted.most_common():
            means, plain = meaning(column, word)
            if plain:
                known.append((word, count, options.get(means, means)))
            else:
                asked.append((word, told.get(folded(word), means)))
        # What nobody could guess comes first.
        for number, (word, means) in enumerate(sorted(asked, key=lambda pair: bool(pair[1]))):
            field = f"word-{position}-{number}"
            self.fields[field] = forms.ChoiceField(
                label=f"“{word}” is our",
                choices=[
                    (LEFT, "Not known: refuse its rows"),
                    *options.items(),
                    (OUT, "None of these: leave its rows out"),
                ],
                initial=OUT
                if told.get(folded(word)) == ""
                else means
                if means in options
                else LEFT,
            )
            self.boxes[field] = (column.name, word)
        self.known[column.name] = known

    def groups(self) -> list[Words]:
        found = []
        for name, counted in self.words.items():
            asked = [
                Word(word, counted[word], self[field])
                for field, (column, word) in self.boxes.items()
                if column == name
            ]
            if asked or self.known[name]:
                found.append(Words(self.columns[name], asked, self.known[name]))
        return found

    def completed(self) -> ColumnMap:
        """The mapping with the meanings and the order that were chosen."""
        order: Order = self.cleaned_data.get("order", "")
        words: dict[str, dict[str, str]] = {
            name: dict(source.words) for name, source in self.rules.sources.items()
        }
        for field, (column, word) in self.boxes.items():
            words[column].pop(folded(word), None)
            chosen = self.cleaned_data[field]
            if chosen != LEFT:
                words[column][folded(word)] = "" if chosen == OUT else chosen
        return ColumnMap(
            header=self.rules.header,
            sources={
                name: Source(
                    columns=source.columns,
                    value=source.value,
                    words=words[name],
                    order=(order or source.order)
                    if self.columns[name].is_date or self.columns[name].is_time
                    else "",
                    fill_down=source.fill_down,
                )
                for name, source in self.rules.sources.items()
            },
        )
