"""A scenario as a form, for somebody who does not know its document.

Every field stands for one value. Only what was changed in the form is put back into the document,
so that whatever the form does not show stays as it was. A part with rows (people, what happens,
what is expected) has one form for each of them, with rows of their own inside.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.forms.utils import ErrorDict

from surehand.documents import Document, DocumentProblem, Path
from surehand.ecm.profile import Profile, RecordType
from surehand.people.roles import JOB_ROLES, RESPONSIBILITIES, SETTINGS
from surehand.practice.pages import OFFERS, capital
from surehand.practice.queries import PlanCompetency
from surehand.practice.scenario import (
    EMERGENCY,
    KINDS,
    PracticePerson,
    schema,
    with_content,
)
from surehand.ui.fields import DayInput

Content = dict[str, Any]
Choices = list[tuple[str, str]]
Keys = tuple[str, ...]
"""Where a value stands in its row."""

HINTS = 5
MOST_ROWS = 40
"""Rows read of one part; the document allows fewer."""

SHIFTS = {"day": "Day", "evening": "Evening", "night": "Night"}


class NotAForm(ValueError):
    """The document has mistakes that have to be mended in its text before a form can show it."""


@dataclass
class Known:
    """What can be chosen: from the ECM profiles by care setting, the plan, the cast, and the
    scenario itself."""

    profiles: Mapping[str, Profile]
    plan: Sequence[PlanCompetency]
    cast: Mapping[str, PracticePerson]
    content: Content

    @property
    def setting(self) -> str:
        return str(self.content["setting"])

    @property
    def profile(self) -> Profile:
        return self.profiles.get(self.setting) or next(iter(self.profiles.values()))

    def sections(self, of: RecordType | None = None) -> Choices:
        return [
            (one.code, one.title)
            for one in self.profile.sections
            if self.setting in one.settings and (of is None or one.code in of.sections)
        ]

    def types(self) -> dict[str, RecordType]:
        return {t.code: t for t in self.profile.record_types if self.setting in t.settings}

    def alerts(self) -> Choices:
        every = (*self.profile.alert_types, *self.profile.monitoring_prompts)
        return [(one.code, one.title) for one in every if self.setting in one.settings]

    def people(self) -> Choices:
        return [
            (one, self.cast[one].name if one in self.cast else one)
            if isinstance(one, str)
            else (one["code"], one["name"])
            for one in self.content["people"]
        ]

    def contacts(self) -> Choices:
        found = [(one["code"], one["title"]) for one in self.content.get("contacts", ())]
        return found if EMERGENCY in dict(found) else [*found, (EMERGENCY, "999")]

    def events(self, *, alerts: bool = False) -> Choices:
        titles, people = dict(self.alerts()), dict(self.people())
        return [
            (
                one["code"],
                f"{titles.get(one['alert'], one['alert'])}, {people.get(one.get('about'), '')}"
                if "alert" in one
                else one.get("title") or shortened(one.get("says", one["code"])),
            )
            for one in self.content.get("events", ())
            if "alert" in one or not alerts
        ]

    def choices(self) -> Choices:
        return [
            (f"{event['code']}/{one['code']}", shortened(one["text"]))
            for event in self.content.get("events", ())
            for one in event.get("choices", ())
        ]

    def asking(self) -> Choices:
        return [
            (code, text)
            for code, text in self.events()
            if any(choice.startswith(f"{code}/") for choice, _ in self.choices())
        ]

    def records(self) -> Choices:
        types, people = self.types(), dict(self.people())
        return [
            (
                one["code"],
                f"{types[one['type']].title if one['type'] in types else one['type']} about "
                f"{people.get(one['about'], one['about'])}, {one['at']}, {one['by']}",
            )
            for one in self.content.get("records", ())
        ]

    @cached_property
    def places(self) -> Choices:
        titles = dict(self.sections())
        found: Choices = [
            ("tasks", "The tasks"),
            ("alerts", f"The {self.profile.terms['alert']}s"),
            ("handover", "The handover"),
        ]
        for one in self.content["people"]:
            if isinstance(one, str) and one not in self.cast:
                continue
            row = described(self.cast[one]) if isinstance(one, str) else one
            code, name = row["code"], row["name"]
            found.append((code, f"{name}’s page"))
            found += [
                (f"{code}/plan/{part['section']}", f"{name}’s care plan, {title}")
                for part in row.get("plan", ())
                for title in (titles.get(part["section"], part["section"]),)
            ]
            found += [
                (f"{code}/risk/{risk['code']}", f"{name}’s risk: {risk['title']}")
                for risk in row.get("risks", ())
            ]
        records = zip(self.content.get("records", ()), self.records(), strict=True)
        found += [(f"{one['about']}/record/{code}", text) for one, (code, text) in records]
        return found


def shortened(words: str) -> str:
    return words if len(words) <= 70 else f"{words[:67].rsplit(' ', 1)[0]} …"


def described(person: PracticePerson) -> Content:
    """Somebody of the cast, as the document of a scenario would describe them itself."""
    row: Content = {
        "code": person.code,
        "name": person.name,
        "where": person.where,
        "born": person.born.isoformat(),
        "about": person.about,
        "alike": person.alike,
        "allergies": person.allergies,
        "flags": list(person.flags),
        "risks": [{"code": r.code, "title": r.title, "text": r.text} for r in person.risks],
        "plan": [
            {
                "section": part.section,
                "text": part.text,
                "version": part.version,
                **({"earlier": part.earlier} if part.earlier else {}),
            }
            for part in person.plan
        ],
    }
    return {key: value for key, value in row.items() if value not in ("", [], False)}


# --- One value ------------------------------------------------------------------------------------


class Text(forms.CharField):
    """Words; how the browser ends its lines is no change of them."""

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value) or "").replace("\r\n", "\n")

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.to_python(initial) != self.to_python(data)


def line(label: str, *, hint: str = "", required: bool = True, most: int = 160) -> Text:
    return Text(label=label, help_text=hint, required=required, max_length=most)


def words(label: str, *, hint: str = "", required: bool = True, rows: int = 3) -> Text:
    widget = forms.Textarea(attrs={"rows": rows})
    return Text(label=label, help_text=hint, required=required, max_length=1000, widget=widget)


def _offered(choices: Choices, held: Sequence[Any]) -> Choices:
    """The choices, and what is held without being among them, so that it is not lost unseen."""
    codes = dict(choices)
    return [
        *choices,
        *((str(h), f"{h} (not known here)") for h in held if h and str(h) not in codes),
    ]


def one_of(
    label: str, choices: Choices, *, hint: str = "", required: bool = True, none: str = ""
) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, help_text=hint, required=required, choices=[("", none), *choices]
    )


def any_of(label: str, choices: Choices, *, hint: str = "") -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label,
        help_text=hint,
        required=False,
        choices=choices,
        widget=forms.CheckboxSelectMultiple,
    )


def number(
    label: str, least: int, most: int, *, hint: str = "", required: bool = True
) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, help_text=hint, required=required, min_value=least, max_value=most
    )


def _sentences(where: str, label: str, given: forms.Field) -> dict[str, str]:
    """What is said of a value that cannot be; `where` says in which row."""
    most, least = getattr(given, "max_length", None), getattr(given, "min_value", None)
    highest = getattr(given, "max_value", None)
    bounds = f"{where}“{label}” is a whole number from {least} to {highest}."
    return {
        "required": f"{where}“{label}” is empty. Fill it in.",
        "max_length": f"{where}“{label}” is too long. Use at most {most} characters.",
        "min_value": bounds,
        "max_value": bounds,
        "invalid": bounds if least is not None else f"{where}“{label}” is not right. Look again.",
        "invalid_choice": f"{where}“{label}” is no longer there to choose. Choose another.",
    }


_MISSING = object()


def value_at(content: Any, path: Keys) -> Any:
    """The value there; `_MISSING` where there is none."""
    for step in path:
        if isinstance(content, dict) and step in content:
            content = content[step]
        else:
            return _MISSING
    return content


def _put(content: Content, path: Keys, value: Any) -> None:
    for step in path[:-1]:
        content = content.setdefault(step, {})
    content[path[-1]] = value


def _drop(content: Content, path: Keys) -> None:
    """Without the value there, nor what held nothing else."""
    if len(path) > 1 and isinstance(inner := content.get(path[0]), dict):
        _drop(inner, path[1:])
        if not inner:
            del content[path[0]]
    elif len(path) == 1:
        content.pop(path[0], None)


def _as_it_is(value: Any) -> Any:
    return value


def _as_typed(value: Any, before: Any) -> Any:
    return value


@dataclass(frozen=True)
class Value:
    """Where a field’s value stands, how it is shown, and what is kept of what was typed, given
    what stood there before (None: nothing)."""

    path: Keys
    show: Callable[[Any], Any] = _as_it_is
    keep: Callable[[Any, Any], Any] = _as_typed
    kept_empty: bool = False


def _day(value: Any) -> Any:
    try:
        return date.fromisoformat(value)
    except ValueError:
        return value


def _ticked(given: list[str], before: Any) -> list[Any]:
    """What was ticked already in its order and as it is written, then the rest."""
    held = [one for one in before or [] if str(one) in given]
    return held + [one for one in given if one not in {str(each) for each in held}]


def _as_strings(value: Any) -> list[str]:
    return [str(one) for one in (value if isinstance(value, list) else [value])]


def _lines(value: Any) -> str:
    return "\n".join(_as_strings(value))


def _from_lines(given: str, before: Any) -> list[Any]:
    rows = [row.strip() for row in given.split("\n") if row.strip()]
    held = {str(one): one for one in before or []}
    return [held.get(row, row) for row in rows]


def _fact(label: str, any_word: Sequence[str]) -> str:
    return f"{label}: {', '.join(any_word)}"


def _facts(value: Mapping[str, Sequence[str]]) -> str:
    return "\n".join(_fact(label, any_word) for label, any_word in value.items())


def _from_facts(given: str, before: Any) -> dict[str, list[str]]:
    """One fact on each line; a line that was not touched stays as it was."""
    held = {_fact(label, each): (label, each) for label, each in (before or {}).items()}
    found: dict[str, list[str]] = {}
    for row in (row.strip() for row in given.split("\n")):
        if row in held:
            found[held[row][0]] = list(held[row][1])
        elif row:
            label, _, rest = row.partition(":")
            found[label.strip()] = [one for word in rest.split(",") if (one := word.strip())]
    return found


def _check_facts(given: str) -> None:
    for row in given.split("\n"):
        label, _, rest = row.partition(":")
        if row.strip() and not (label.strip() and rest.strip(" ,")):
            raise ValidationError(
                f"“{shortened(row.strip())}” needs what is to be said, a colon, and words that say "
                "it, such as “why she was up: toilet, loo”."
            )


def _pair(value: Mapping[str, str]) -> str:
    what, code = next(iter(value.items()))
    return f"{what}:{code}"


def _from_pair(given: str, before: Any) -> dict[str, str]:
    what, _, code = given.partition(":")
    return {what: code}


def _first(value: Any) -> str:
    return str(value[0] if isinstance(value, list) else value)


# --- A row, and a part with rows ------------------------------------------------------------------


class Row(forms.Form):
    """One form for one group of values. `asking` draws what was typed without judging it yet."""

    called = ""

    @classmethod
    def begun(cls, kind: str, known: Known) -> Any:
        """What a new row holds before anything is written in it."""
        return {}

    @classmethod
    def kinds_for(cls, known: Known) -> Choices:
        """What can be added; one without a name where there is no choice."""
        return [("", "")]

    @classmethod
    def named_by(cls, content: Content) -> str:
        """The words from which a new row has its code."""
        return str(content.get("title") or content.get("text") or "")

    def __init__(
        self,
        known: Known,
        content: Any,
        *,
        number: int = 0,
        at: int | None = None,
        kind: str = "",
        data: Mapping[str, Any] | None = None,
        prefix: str = "",
        add: str = "",
    ) -> None:
        super().__init__(data=data, prefix=prefix or None)
        self.known, self.old, self.at, self.kind = known, content, at, kind
        self.asking = bool(add)
        self.where = f"{self.called} {number}: " if self.called else ""
        self.place = at
        self.values: dict[str, Value] = {}
        self.parts: list[Part] = []
        self._data, self._add = data, add
        self.ask_all()

    def ask_all(self) -> None:
        """Ask for every value and part of this row."""
        raise NotImplementedError

    @property
    def heading(self) -> str:
        return self.where.rstrip(": ")

    @property
    def tucked(self) -> list[Any]:
        """Fields that are drawn closed."""
        return []

    @property
    def plain(self) -> list[Any]:
        """The other fields."""
        closed = {one.name for one in self.tucked}
        return [self[name] for name in self.fields if name not in closed]

    @property
    def is_open(self) -> bool:
        """Whether it is drawn open: it is new, or something is wrong in it."""
        if self.at is None or self.errors:
            return True
        return any(r.is_open for part in self.parts for r in part.rows) or any(
            self._add == part.prefix for part in self.parts
        )

    def ask(self, name: str, given: forms.Field, value: Value) -> None:
        given.error_messages.update(_sentences(self.where, str(given.label), given))
        self.fields[name] = given
        self.values[name] = value
        held = value_at(self.old, value.path)
        if held is not _MISSING and held is not None:
            self.initial[name] = value.show(held)
        if isinstance(given, forms.ChoiceField):
            shown = self.initial.get(name, [])
            flat = shown if isinstance(shown, list) else [shown]
            given.choices = _offered(list(given.choices), flat)  # type: ignore[arg-type]

    def part(self, key: str, title: str, row: type["Row"], hint: str = "") -> None:
        held = self.old.get(key, []) if isinstance(self.old, dict) else []
        prefix = f"{self.prefix}-{key}" if self.prefix else key
        self.parts.append(
            Part(self.known, key, title, row, held, prefix, self._data, self._add, hint=hint)
        )

    @property
    def is_removed(self) -> bool:
        return self.is_bound and f"{self.prefix}-remove" in self.data

    @property
    def is_untouched(self) -> bool:
        """A new row in which nothing was written."""
        return (
            self.at is None
            and not self.has_changed()
            and all(row.is_untouched for part in self.parts for row in part.rows)
        )

    def full_clean(self) -> None:
        if self.asking or self.is_removed or (self.is_bound and self.is_untouched):
            self._errors = ErrorDict()
            self.cleaned_data = {}
            return
        super().full_clean()

    def every(self) -> Iterator["Row"]:
        if self.is_removed:
            return
        yield self
        for part in self.parts:
            for row in part.rows:
                yield from row.every()

    def new(self) -> Any:
        """What this row says now."""
        content = deepcopy(self.old)
        for name in self.changed_data:
            value = self.values[name]
            given = self.cleaned_data[name]
            if given in ("", None, [], False) and not value.kept_empty:
                _drop(content, value.path)
                continue
            before = value_at(self.old, value.path)
            _put(content, value.path, value.keep(given, None if before is _MISSING else before))
        for part in self.parts:
            rows = part.new(content)
            if rows != self.old.get(part.key, []):
                _put(content, (part.key,), rows)
                if not rows and part.key != "expect":
                    del content[part.key]
        return content

    def note(self, path: Path, sentence: str) -> None:
        """Say beside its field what is wrong with the value at `path`, counted from here."""
        for part in self.parts:
            if path[:1] == (part.key,) and len(path) > 1:
                for row in part.rows:
                    if row.place == path[1] and not row.is_removed:
                        row.note(path[2:], sentence)
                        return
        held = [n for n, v in self.values.items() if path[: len(v.path)] == v.path]
        held = held or [n for n, v in self.values.items() if path and v.path[: len(path)] == path]
        name = held[0] if held else NON_FIELD_ERRORS
        said = sentence if sentence.startswith(self.where) else f"{self.where}{sentence}"
        self.errors.setdefault(name, self.error_class()).append(said)


@dataclass
class Part:
    """Rows of one kind. Bound to `data`, it has as many as were drawn; `add` is the prefix of the
    part that is to have one more."""

    known: Known
    key: str
    title: str
    row: type[Row]
    held: list[Any]
    prefix: str
    data: Mapping[str, Any] | None
    add: str
    hint: str = ""
    rows: list[Row] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.data is None:
            drawn: list[tuple[int | None, str]] = [(at, "") for at in range(len(self.held))]
        else:
            drawn = [self._drawn(n) for n in range(_counted(self.data.get(f"{self.prefix}-rows")))]
        if self.data is not None and self.add == self.prefix:
            drawn.append((None, str(self.data.get(f"{self.prefix}-new", ""))))
        for place, (at, kind) in enumerate(drawn[:MOST_ROWS]):
            self.rows.append(
                self.row(
                    self.known,
                    self.row.begun(kind, self.known) if at is None else self.held[at],
                    number=place + 1,
                    at=at,
                    kind=kind,
                    data=self.data,
                    prefix=f"{self.prefix}-{place}",
                    add=self.add,
                )
            )

    def _drawn(self, place: int) -> tuple[int | None, str]:
        assert self.data is not None
        given = str(self.data.get(f"{self.prefix}-{place}-at", ""))
        at = int(given) if given.isdecimal() and int(given[:4]) < len(self.held) else None
        return at, str(self.data.get(f"{self.prefix}-{place}-kind", ""))

    @property
    def kinds(self) -> Choices:
        return self.row.kinds_for(self.known)

    def new(self, holder: Content) -> list[Any]:
        """The rows as they are now; new ones have a code."""
        found: list[Any] = []
        for row in self.rows:
            if row.is_removed or row.is_untouched:
                row.place = None
                continue
            row.place = len(found)
            found.append(row.new())
        taken = {one if isinstance(one, str) else one.get("code", "") for one in found}
        for one in found:
            if isinstance(one, dict) and one.get("code") == "":
                one["code"] = _free_code(self.row.named_by(one), taken)
                taken.add(one["code"])
        return found


def _counted(given: Any) -> int:
    text = str(given or "")
    return min(int(text), MOST_ROWS) if text.isdecimal() and len(text) < 5 else 0


def _free_code(name: str, taken: set[str]) -> str:
    """A code that is not used, made from a few of the words."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = "_".join(re.findall(r"[a-z][a-z0-9]*", plain)[:3])[:30] or "row"
    numbered = (f"{slug}_{n}" for n in range(2, 1000))
    return slug if slug not in taken else next(code for code in numbered if code not in taken)


# --- What the form asks ---------------------------------------------------------------------------


class PlanRow(Row):
    """What a care plan says in one section."""

    called = "Part of the care plan"

    def ask_all(self) -> None:
        ask = self.ask
        ask("section", one_of("Section", self.known.sections()), Value(("section",)))
        ask("text", words("What it says"), Value(("text",)))
        ask("version", line("Its version", hint="Such as “2 March 2026”."), Value(("version",)))
        ask(
            "earlier",
            words("What an old version said", hint="As an old print would.", required=False),
            Value(("earlier",)),
        )


class RiskRow(Row):
    called = "Risk"

    def ask_all(self) -> None:
        self.ask("title", line("The risk"), Value(("title",)))
        self.ask("text", words("What is said of it"), Value(("text",)))

    @classmethod
    def begun(cls, kind: str, known: Known) -> Any:
        return {"code": ""}


class PersonRow(Row):
    """Somebody supported: of the cast (then only named), or described here."""

    called = "Person"

    def ask_all(self) -> None:
        if isinstance(self.old, str):
            if self.old in self.known.cast:
                self.fields["describe"] = forms.BooleanField(
                    label="Describe them here, so that I can change what is said of them",
                    required=False,
                )
            return
        ask = self.ask
        ask("name", line("Name", hint="Made up. Nobody real."), Value(("name",)))
        ask("where", line("Room or address"), Value(("where",)))
        born = forms.DateField(label="Born", widget=DayInput)
        ask("born", born, Value(("born",), show=_day, keep=lambda day, _: day.isoformat()))
        ask("about", words("About them"), Value(("about",)))
        ask("allergies", line("Allergies", required=False), Value(("allergies",)))
        ask(
            "flags",
            words("What stands beside their name", hint="One on each line.", required=False),
            Value(("flags",), show=_lines, keep=_from_lines),
        )
        alike = forms.BooleanField(label="Somebody has a name like theirs", required=False)
        ask("alike", alike, Value(("alike",)))
        self.part("risks", "Risks", RiskRow)
        self.part("plan", "Care plan", PlanRow)

    @property
    def heading(self) -> str:
        if isinstance(self.old, str):
            held = self.known.cast.get(self.old)
            return f"{held.name}, of the shipped people" if held else self.old
        return str(self.old.get("name") or "Somebody new")

    @property
    def is_untouched(self) -> bool:
        return not isinstance(self.old, str) and super().is_untouched

    def new(self) -> Any:
        if not isinstance(self.old, str):
            return super().new()
        if self.cleaned_data.get("describe"):
            return described(self.known.cast[self.old])
        return self.old

    @classmethod
    def begun(cls, kind: str, known: Known) -> Any:
        return kind if kind in known.cast else {"code": ""}

    @classmethod
    def kinds_for(cls, known: Known) -> Choices:
        here = dict(known.people())
        cast = [(c, f"{p.name}, {p.where}") for c, p in known.cast.items() if c not in here]
        return [("", "Somebody new"), *cast]

    @classmethod
    def named_by(cls, content: Content) -> str:
        return str(content.get("name", "")).split(" ")[0]


class ContactRow(Row):
    called = "Contact"

    def ask_all(self) -> None:
        self.ask("title", line("Who", hint="Such as “Ade, shift lead”."), Value(("title",)))
        self.ask("says", words("What they answer", required=False), Value(("says",)))

    @property
    def heading(self) -> str:
        return str(self.old.get("title") or "Somebody new")

    @classmethod
    def begun(cls, kind: str, known: Known) -> Any:
        return {"code": ""}


class ChoiceRow(Row):
    called = "Choice"

    def ask_all(self) -> None:
        self.ask("text", line("What can be chosen"), Value(("text",)))
        self.ask("then", words("What comes of it", required=False), Value(("then",)))

    @classmethod
    def begun(cls, kind: str, known: Known) -> Any:
        return {"code": ""}


class EventRow(Row):
    """Something that happens: an alert, or something seen or said."""

    called = "Event"

    def ask_all(self) -> None:
        ask, known = self.ask, self.known
        is_alert = "alert" in self.old or self.kind == "alert"
        if is_alert:
            ask("alert", one_of("Which alert", known.alerts()), Value(("alert",)))
        else:
            ask("says", words("What is seen or said"), Value(("says",)))
            works = [("lost", "It goes down"), ("back", "It works again")]
            connection = one_of("The system", works, required=False, none="As before")
            ask("connection", connection, Value(("connection",)))
            ask(
                "title",
                line(
                    "What it is called",
                    hint="A few words, where a record shall be linked to it.",
                    required=False,
                ),
                Value(("title",)),
            )
        about = one_of("About whom", known.people(), required=is_alert, none="Nobody")
        ask("about", about, Value(("about",)))
        ask(
            "when",
            one_of("What it waits for", self._waits(), required=False, none="The start"),
            Value(("when",), show=_pair, keep=_from_pair),
        )
        ask("after", number("Seconds after that", 0, 14400, required=False), Value(("after",)))
        if not is_alert or "choices" in self.old:
            self.part("choices", "What can be chosen", ChoiceRow, "None, or at least two.")

    def _waits(self) -> Choices:
        known = self.known
        groups = (
            ("acknowledged", "“{}” is answered", known.events(alerts=True)),
            ("chose", "“{}” is chosen", known.choices()),
            ("answered", "anything is chosen at “{}”", known.asking()),
            ("told", "{} is told", known.contacts()),
            ("recorded", "“{}” is recorded", [(c, t.title) for c, t in known.types().items()]),
            ("opened", "{} is opened", known.places),
            ("acted_on", "{} is dealt with", known.records()),
            ("happened", "“{}” has happened", known.events()),
        )
        return [
            (f"{what}:{code}", said.format(text))
            for what, said, choices in groups
            for code, text in choices
            if code != self.old.get("code")
        ]

    @property
    def heading(self) -> str:
        return dict(self.known.events()).get(self.old.get("code"), "Something new")

    @classmethod
    def begun(cls, kind: str, known: Known) -> Any:
        return {"code": ""}

    @classmethod
    def kinds_for(cls, known: Known) -> Choices:
        alert = known.profile.terms["alert"]
        return [("alert", f"An {alert}"), ("seen", "Something seen or said")]

    @classmethod
    def named_by(cls, content: Content) -> str:
        return str(content.get("alert") or content.get("title") or content.get("says") or "")


EXPECTED = {
    "record": "Something is recorded",
    "acknowledge": "An alert is answered",
    "tell": "Somebody is told",
    "choose": "Something is chosen",
    "open": "Something is opened",
    "act_on": "An earlier record is dealt with",
    "paper": "Something is written on the downtime form",
}
MUST_NOT = {
    "must_not/record": "Must not: record something",
    "must_not/choose": "Must not: choose something",
    "must_not/tell": "Must not: tell somebody",
    "must_not/open": "Must not: open something",
    "must_not/act_on": "Must not: do something to an earlier record",
}


class ExpectRow(Row):
    """One thing that a safe worker would do, or must not do."""

    called = "Expected"

    def ask_all(self) -> None:
        held = self.old.get("must_not", self.old)
        what = next((kind for kind in KINDS if kind in held), self.kind.rpartition("/")[2])
        self.is_forbidden = "must_not" in self.old or self.kind.startswith("must_not/")
        self.what = what if what in KINDS else "record"
        self.base: Keys = ("must_not", self.what) if self.is_forbidden else (self.what,)
        getattr(self, f"_ask_{self.what}")()
        ask, known = self.ask, self.known
        if not self.is_forbidden:
            since = one_of("Counted from", known.events(), required=False, none="The start")
            ask("since", since, Value(("since",)))
            ask(
                "within",
                number("Within how many minutes", 1, 1440, required=False),
                Value(("within",)),
            )
            before = one_of("Before", self._others(), required=False, none="No matter")
            ask("before", before, Value(("before",)))
            ask("times", number("How many times", 1, 10, required=False), Value(("times",)))
        ask("well", line("What is said when it was done well"), Value(("well",)))
        ask("fix", words("What is said when it was not"), Value(("fix",)))
        ask(
            "criteria",
            any_of("Which criteria it shows", self._criteria()),
            Value(("criteria",), show=_as_strings, keep=_ticked),
        )

    def _criteria(self) -> Choices:
        asked = self.known.content["competencies"]
        return [
            (code, f"{code} {text}")
            for one in self.known.plan
            if one.code in asked
            for code, text in one.criteria.items()
        ]

    def _others(self) -> Choices:
        others = [
            (one["code"], shortened(one["well"]))
            for one in self.known.content["expect"]
            if one["code"] != self.old.get("code")
        ]
        return [*others, *((code, f"The choice at “{text}”") for code, text in self.known.asking())]

    def _ask_acknowledge(self) -> None:
        events = one_of("Which alert", self.known.events(alerts=True))
        self.ask("acknowledge", events, Value(self.base))

    def _ask_tell(self) -> None:
        if self.is_forbidden:
            self.ask("tell", one_of("Who", self.known.contacts()), Value(self.base))
            return
        told = any_of("Who", self.known.contacts(), hint="Any one of them will do.")
        told.required = True
        self.ask("tell", told, Value(self.base, show=_as_strings, keep=_ticked))

    def _ask_open(self) -> None:
        self.ask("open", one_of("What", self.known.places), Value(self.base))

    def _ask_choose(self) -> None:
        self.ask("choose", one_of("Which choice", self.known.choices()), Value(self.base))

    def _ask_act_on(self) -> None:
        ask, base, known = self.ask, self.base, self.known
        offers = [(code, said[0]) for code, said in OFFERS.items()]
        which = one_of("Which record", known.records(), required=not self.is_forbidden, none="Any")
        ask("record", which, Value((*base, "record")))
        ask("how", one_of("What is done to it", offers), Value((*base, "how")))
        flags = [(one["code"], one["text"]) for one in known.content.get("flags", ())]
        if flags:
            ask("flag", one_of("With which concern", flags, required=False), Value((*base, "flag")))
        self._ask_says("What the reason must say")

    def _ask_paper(self) -> None:
        about = one_of("About whom", self.known.people())
        self.ask("about", about, Value((*self.base, "about")))
        self._ask_says("What its words must say")

    def _ask_record(self) -> None:
        ask, base, known = self.ask, self.base, self.known
        types = known.types()
        titles = [(code, one.title) for code, one in types.items()]
        kind = one_of("What kind of record", titles, required=not self.is_forbidden, none="Any")
        ask("type", kind, Value((*base, "type")))
        about = one_of("About whom", known.people(), required=False, none="Anybody")
        ask("about", about, Value((*base, "about")))
        held = value_at(self.old, (*base, "type"))
        of = types.get(held) if isinstance(held, str) else None
        if of is None:
            kind.help_text = "Save to choose its section and fields."
        else:
            self._ask_of(of)
        self._ask_says("What its words must say")
        links = one_of("What it must be linked to", known.events(), required=False, none="Nothing")
        ask("links", links, Value((*base, "links")))

    def _ask_of(self, of: RecordType) -> None:
        base = self.base
        sections = self.known.sections(of)
        if sections:
            section = any_of("Section", sections, hint="Any one of them will do.")
            place = Value((*base, "section"), show=_as_strings, keep=_ticked)
            self.ask("section", section, place)
        self.ask(
            "filled",
            any_of("Fields that must be filled in", [(f.code, f.title) for f in of.fields]),
            Value((*base, "filled"), show=_as_strings, keep=_ticked),
        )
        for one in of.fields:
            name = f"field-{one.code}"
            path = (*base, "fields", one.code)
            if one.kind == "choice":
                options = [(option, option) for option in one.options]
                wanted: forms.Field = any_of(f"{one.title} must be", options, hint="Any will do.")
                self.ask(name, wanted, Value(path, show=_as_strings, keep=_ticked))
            else:
                wanted = words(f"{one.title} must be", hint="One on each line; any will do.")
                wanted.required = False
                self.ask(name, wanted, Value(path, show=_lines, keep=_from_lines))

    def _ask_says(self, label: str) -> None:
        hint = (
            "One fact on each line: what it is, a colon, and words that tell of it, such as “why "
            "she was up: toilet, loo”. Any one of the words will do."
        )
        says = words(label, hint=hint, required=False)
        says.max_length = None
        says.validators = [_check_facts]
        self.ask("says", says, Value((*self.base, "says"), show=_facts, keep=_from_facts))

    @property
    def tucked(self) -> list[Any]:
        """What each field of the record must hold: many, and seldom asked for."""
        return [self[name] for name in self.fields if name.startswith("field-")]

    @property
    def heading(self) -> str:
        every = {**EXPECTED, **MUST_NOT}
        said = every["/".join(self.base)]
        return f"{said}: {shortened(self.old['well'])}" if self.old.get("well") else said

    @classmethod
    def begun(cls, kind: str, known: Known) -> Any:
        return {"code": ""}

    @classmethod
    def kinds_for(cls, known: Known) -> Choices:
        every = [*EXPECTED.items(), *MUST_NOT.items()]
        events = known.content.get("events", ())
        there = {
            "act_on": bool(known.content.get("records")),
            "paper": any(one.get("connection") == "lost" for one in events),
        }
        return [one for one in every if there.get(one[0].rpartition("/")[2], True)]

    @classmethod
    def named_by(cls, content: Content) -> str:
        held = content.get("must_not", content)
        what = next((kind for kind in KINDS if kind in held), "")
        return f"{'not ' if 'must_not' in content else ''}{what}"


class ScenarioForm(Row):
    """The whole scenario."""

    def ask_all(self) -> None:
        ask, known = self.ask, self.known
        ask("title", line("Title"), Value(("title",)))
        ask("task", line("The task", hint="What to do, in plain words."), Value(("task",)))
        ask("you", words("Who they are in it", hint="“You are on Heron …”"), Value(("you",)))
        ask("place", line("Where it begins"), Value(("place",)))
        ask("clock", line("When it begins", hint="Such as 02:10.", most=5), Value(("clock",)))
        ask("minutes", number("Minutes it takes", 1, 60), Value(("minutes",)))
        settings = [
            (code, capital(said)) for code, said in SETTINGS.items() if code in known.profiles
        ]
        ask("setting", one_of("Setting", settings), Value(("setting",)))
        shift = one_of("Shift", [(c, t) for c, t in SHIFTS.items() if c != "day"], none="Day")
        shift.required = False
        ask("shift", shift, Value(("shift",), show=lambda held: "" if held == "day" else held))
        ticked = {"show": _as_strings, "keep": _ticked}
        ask(
            "job_roles",
            any_of("Job roles it is for", [(r.code, r.title) for r in JOB_ROLES.values()]),
            Value(("job_roles",), kept_empty=True, **ticked),  # type: ignore[arg-type]
        )
        ask(
            "responsibilities",
            any_of(
                "And whoever holds a responsibility",
                [(r.code, r.title) for r in RESPONSIBILITIES.values()],
            ),
            Value(("responsibilities",), **ticked),  # type: ignore[arg-type]
        )
        competencies = any_of(
            "Competencies it is practice for",
            [(one.code, f"{one.code} {one.short}") for one in known.plan],
            hint="Save to choose among the criteria of one just ticked.",
        )
        competencies.required = True
        ask("competencies", competencies, Value(("competencies",), **ticked))  # type: ignore[arg-type]
        ask(
            "hints",
            words("Hints", hint="One on each line, the gentlest first; at most five.", rows=5),
            Value(("hints",), show=_lines, keep=_from_lines),
        )
        hints = self.fields["hints"]
        hints.validators = []
        hints.max_length = None  # type: ignore[attr-defined]
        self.part(
            "people",
            "Who is in it",
            PersonRow,
            "Nobody is real. The shipped people can be in any scenario.",
        )
        self.part("contacts", "Who can be told", ContactRow, "999 is always there.")
        self.part("events", "What happens, and when", EventRow)
        self.part(
            "expect",
            "What a safe worker would do, and must not do",
            ExpectRow,
            "Each is marked by itself, and the player reads what you write here.",
        )

    def is_right(self) -> bool:
        """Whether every value can be kept."""
        return all([row.is_valid() for row in self.every()])

    def new(self) -> Any:
        content = super().new()
        if "setting" in self.changed_data:
            content["profile"] = self.known.profiles[content["setting"]].code
        return content


def content_of(text: str) -> Content:
    """The document as a form can show it. Raises NotAForm while its shape is not right."""
    try:
        document = Document(text)
        document.check_shape(schema())
    except DocumentProblem as problem:
        raise NotAForm(str(problem)) from None
    content: Content = document.content
    if any(len([k for k in (*KINDS, "must_not") if k in one]) != 1 for one in content["expect"]):
        raise NotAForm("Something expected is not one thing.")
    return content


def text_from(form: ScenarioForm, text: str) -> str | None:
    """The document with what was changed in the form; None where a value cannot be, which is then
    said beside its field."""
    if not form.is_right():
        return None
    content = form.new()
    changed = with_content(text, content)
    try:
        Document(changed).check_shape(schema())
    except DocumentProblem as problem:
        for path, sentence in problem.found:
            form.note(path, sentence)
        return None
    return changed
