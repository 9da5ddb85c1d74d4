"""What the pages of scenarios show: the list, one scenario as a person reads it, what is wrong with
a draft and what it changes."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from surehand.ecm.in_words import minutes_in_words, response_in_words, soon_in_words
from surehand.ecm.profile import Profile
from surehand.people.roles import SETTINGS, who_in_words
from surehand.practice.marking import Mark, Result
from surehand.practice.models import ScenarioDraft
from surehand.practice.pages import OFFERS, capital, place_in_words, shown_fields
from surehand.practice.play import alert_of, record_types
from surehand.practice.queries import Held
from surehand.practice.scenario import Event, Expected, ExpectedRecord, OnPaper, Scenario, When
from surehand.ui.formats import moment, plural
from surehand.ui.page import address

SHIFTS = {"day": "Day", "evening": "Evening", "night": "Night"}


def whom_for(scenario: Scenario) -> str:
    return capital(who_in_words(scenario.job_roles, scenario.responsibilities))


def whose(held: Held) -> str:
    """“Shipped with Surehand”, “Our own”, or that ours takes its place."""
    if not held.playable.is_own:
        return "Shipped with Surehand"
    return "Our own, in place of the shipped one" if held.is_shipped else "Our own"


# --- The list ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    code: str
    title: str
    href: str
    setting: str
    shift: str
    whom: str
    competencies: str
    whose: str
    version: str
    offered: bool
    draft: str
    draft_href: str


@dataclass(frozen=True)
class Asked:
    """Which scenarios are asked for: a setting, whose, a competency, and words of the title."""

    setting: str = ""
    whose: str = ""
    competency: str = ""
    words: str = ""


WHOSE = (("", "All"), ("own", "Our own"), ("shipped", "Shipped"), ("withdrawn", "Withdrawn"))


def lines(
    held: Mapping[str, Held], drafts: Mapping[str, ScenarioDraft], asked: Asked
) -> list[Line]:
    """The scenarios asked for, one’s own first; a new draft has no version yet."""
    found = [_line(code, one, drafts.get(code)) for code, one in held.items() if _is(one, asked)]
    own = [line for line in found if not line.whose.startswith("Shipped")]
    return own + [line for line in found if line not in own]


def _line(code: str, held: Held, draft: ScenarioDraft | None) -> Line:
    scenario = held.playable.scenario
    return Line(
        code=code,
        title=scenario.title,
        href=address("practice-of-scenario", code),
        setting=capital(SETTINGS[scenario.setting]),
        shift=SHIFTS[scenario.shift],
        whom=whom_for(scenario),
        competencies=", ".join(scenario.competencies),
        whose=whose(held),
        version=str(scenario.version),
        offered=held.withdrawn is None,
        draft=_written(draft) if draft else "",
        draft_href=address("practice-of-draft-form", code),
    )


def _written(draft: ScenarioDraft) -> str:
    return f"{draft.changed_by}, {moment(draft.changed_at)}"


def new_drafts(
    held: Mapping[str, Held], drafts: Mapping[str, ScenarioDraft]
) -> list[tuple[str, str, str]]:
    """(code, who wrote it and when, its address) of drafts of which no version is published."""
    return [
        (code, _written(one), address("practice-of-draft-form", code))
        for code, one in drafts.items()
        if code not in held
    ]


def _is(held: Held, asked: Asked) -> bool:
    scenario = held.playable.scenario
    is_whose = {
        "": True,
        "own": held.playable.is_own,
        "shipped": not held.playable.is_own,
        "withdrawn": held.withdrawn is not None,
    }.get(asked.whose, True)
    return (
        is_whose
        and asked.setting in ("", scenario.setting)
        and asked.competency in ("", *scenario.competencies)
        and asked.words.casefold() in f"{scenario.code} {scenario.title}".casefold()
    )


# --- One scenario, as a person reads it ----------------------------------------------------------


@dataclass(frozen=True)
class PersonPart:
    name: str
    rows: list[tuple[str, str]]


@dataclass(frozen=True)
class Happens:
    when: str
    what: str
    says: str
    choices: list[tuple[str, str]]


@dataclass(frozen=True)
class ExpectedLine:
    """What is expected, how soon, and what is said when it was done and when it was not."""

    what: str
    soon: str
    well: str
    fix: str
    criteria: str
    must_not: bool


@dataclass(frozen=True)
class Reading:
    facts: list[tuple[str, str]]
    people: list[PersonPart]
    before: list[tuple[str, str]]
    happens: list[Happens]
    expected: list[ExpectedLine]
    hints: tuple[str, ...]
    contacts: list[tuple[str, str]]


def reading(scenario: Scenario, profile: Profile, shorts: Mapping[str, str]) -> Reading:
    """The whole scenario; `shorts` are what the competencies are called."""
    return Reading(
        facts=[
            ("For", whom_for(scenario)),
            ("In", f"{capital(SETTINGS[scenario.setting])}, {SHIFTS[scenario.shift].lower()}"),
            ("Practice for", "; ".join(f"{c} {shorts.get(c, '')}" for c in scenario.competencies)),
            ("Takes", f"About {plural(scenario.minutes, 'minute')}"),
            ("Begins", f"{scenario.clock}, {scenario.place}"),
            ("Who you are", scenario.you),
            ("The task", f"{scenario.task}."),
        ],
        people=[_person(profile, person) for person in scenario.people],
        before=_before(scenario, profile),
        happens=[_happens(scenario, profile, event) for event in scenario.events],
        expected=[_expected(scenario, profile, one) for one in scenario.expect],
        hints=scenario.hints,
        contacts=[(one.title, one.says or "–") for one in scenario.contacts],
    )


def _person(profile: Profile, person: Any) -> PersonPart:
    titles = {one.code: one.title for one in profile.sections}
    rows = [
        ("Where", person.where),
        ("About", person.about),
        *([("Allergies", person.allergies)] if person.allergies else []),
        *([("Known for", ", ".join(person.flags))] if person.flags else []),
        *((f"Risk: {risk.title}", risk.text) for risk in person.risks),
        *(
            (f"Care plan: {titles.get(part.section, part.section)}", part.text)
            for part in person.plan
        ),
    ]
    return PersonPart(person.name, rows)


def _before(scenario: Scenario, profile: Profile) -> list[tuple[str, str]]:
    """(what is there when it begins, what it says): tasks and earlier records."""
    types = record_types(scenario, profile)
    found = [
        (f"Task at {task.due}", f"{task.title} ({scenario.person(task.about).name})")
        for task in sorted(scenario.tasks, key=lambda one: one.due)
    ]
    for record in scenario.records:
        fields = [
            f"{f.title}: {value}." for f, value in shown_fields(types[record.type], record.fields)
        ]
        found.append(
            (
                f"{types[record.type].title}, {record.at}, {record.by}",
                " ".join([f"{scenario.person(record.about).name}.", *fields, record.text]).strip(),
            )
        )
    return found


def _happens(scenario: Scenario, profile: Profile, event: Event) -> Happens:
    what = called(scenario, profile, event.code) if event.alert else event.title
    if event.alert and event.about:
        what = f"{capital(profile.terms['alert'])} “{what}”: {scenario.person(event.about).name}"
    return Happens(
        when=_when(scenario, profile, event),
        what=what,
        says=event.says,
        choices=[(choice.text, choice.then) for choice in event.choices],
    )


def called(scenario: Scenario, profile: Profile, code: str) -> str:
    """What an event is called in a sentence."""
    event = scenario.event(code)
    if event.alert:
        return alert_of(scenario, profile, code).title
    return event.title or _short(event.says)


def _short(words: str) -> str:
    first = re.split(r"(?<=[.!?])\s", words, maxsplit=1)[0]
    return first if len(first) <= 60 else f"{first[:57].rsplit(' ', 1)[0]} …"


def _when(scenario: Scenario, profile: Profile, event: Event) -> str:
    after = f"{_seconds(event.after)} after " if event.after else "As soon as "
    if event.when is None:
        return f"{_seconds(event.after)} after it begins" if event.after else "From the start"
    return capital(after + _waited_for(scenario, profile, event.when))


def _waited_for(scenario: Scenario, profile: Profile, when: When) -> str:
    match when.what:
        case "acknowledged":
            return f"somebody goes to “{called(scenario, profile, when.code)}”"
        case "chose":
            event, _, code = when.code.partition("/")
            text = next(c.text for c in scenario.event(event).choices if c.code == code)
            return f"“{text}” is chosen"
        case "answered":
            return f"anything is chosen at “{called(scenario, profile, when.code)}”"
        case "told":
            return f"{scenario.contact(when.code).title} is told"
        case "opened":
            return f"{place_in_words(scenario, profile, when.code)} is opened"
        case "recorded":
            return f"“{record_types(scenario, profile)[when.code].title}” is recorded"
        case "acted_on":
            return f"the record of {scenario.record(when.code).by} is dealt with"
        case _:
            return f"“{called(scenario, profile, when.code)}” has happened"


def _seconds(seconds: int) -> str:
    if seconds < 120:
        return plural(seconds, "second")
    if seconds % 60:
        return f"{plural(seconds // 60, 'minute')} and {plural(seconds % 60, 'second')}"
    return plural(seconds // 60, "minute")


def _expected(scenario: Scenario, profile: Profile, one: Expected) -> ExpectedLine:
    what = expected_in_words(scenario, profile, one)
    return ExpectedLine(
        what=f"Must not: {what[0].lower()}{what[1:]}" if one.must_not else what,
        soon="" if one.must_not else soon(scenario, profile, one),
        well=one.well,
        fix=one.fix,
        criteria=", ".join(one.criteria),
        must_not=one.must_not,
    )


def expected_in_words(scenario: Scenario, profile: Profile, one: Expected) -> str:
    """What is expected, without how soon: “Tell Ade, shift lead, or 999”."""
    of = one.of
    times = f", {one.times} times" if one.times > 1 else ""
    match one.what:
        case "acknowledge":
            return f"Answer “{called(scenario, profile, of)}” and go{times}"
        case "tell":
            return f"Tell {' or '.join(scenario.contact(code).title for code in of)}{times}"
        case "open":
            return f"Open {place_in_words(scenario, profile, of)}{times}"
        case "choose":
            event, _, code = of.partition("/")
            text = next(c.text for c in scenario.event(event).choices if c.code == code)
            return f"Choose “{text.strip('“”')}”{times}"
        case "paper":
            return f"{_on_paper(scenario, of)}{times}"
        case "act_on":
            return f"{_act_on(scenario, profile, of)}{times}"
        case _:
            return f"{_record(scenario, profile, of)}{times}"


def _on_paper(scenario: Scenario, of: OnPaper) -> str:
    said = [f"Write on the downtime form about {scenario.person(of.about).name}"]
    said += [f"saying {label} (any of: {', '.join(words)})" for label, words in of.says.items()]
    if of.true_time:
        said.append(f"with a time between {of.true_time[0]} and {of.true_time[1]}")
    if of.checked:
        said.append("ticked that you looked in")
    return "; ".join(said)


def _act_on(scenario: Scenario, profile: Profile, of: Any) -> str:
    types = record_types(scenario, profile)
    which = "any earlier record"
    if of.record:
        record = scenario.record(of.record)
        which = f"“{types[record.type].title}” of {record.by}, {record.at}"
    flag = next((one.text for one in scenario.flags if one.code == of.flag), "")
    says = "".join(f"; the reason says {label}" for label in of.says)
    return f"{OFFERS[of.how][0].replace(' it', '')}: {which}{f' – {flag}' if flag else ''}{says}"


def _record(scenario: Scenario, profile: Profile, of: ExpectedRecord) -> str:
    types = record_types(scenario, profile)
    sections = {one.code: one.title for one in profile.sections}
    kind = types.get(of.type)
    fields = {one.code: one.title for one in kind.fields} if kind else {}
    said = [f"Record “{kind.title}”" if kind else "Record anything"]
    if of.about:
        said[0] += f" about {scenario.person(of.about).name}"
    if of.section:
        said[0] += f" in {' or '.join(f'“{sections.get(code, code)}”' for code in of.section)}"
    if of.task:
        said.append(f"for the task “{next(t.title for t in scenario.tasks if t.code == of.task)}”")
    if of.links:
        said.append(f"linked to “{called(scenario, profile, of.links)}”")
    said += [
        f"{fields.get(code, code)} is {' or '.join(values)}" for code, values in of.fields.items()
    ]
    said += [f"{fields.get(code, code)} filled in" for code in of.filled]
    said += [f"saying {label} (any of: {', '.join(words)})" for label, words in of.says.items()]
    said += [f"{fields.get(code, code)} within {plural(n, 'day')}" for code, n in of.days.items()]
    if of.true_time:
        said.append(f"with a time between {of.true_time[0]} and {of.true_time[1]}")
    if of.late:
        said.append("marked as a late entry")
    return "; ".join(said)


def soon(scenario: Scenario, profile: Profile, one: Expected) -> str:
    """How soon it is expected, in words; empty where it does not matter."""
    since = f" of “{called(scenario, profile, one.since)}”" if one.since else ""
    said = ""
    if one.within is not None:
        said = f"within {minutes_in_words(one.within)}{since or ' of the start'}"
    elif one.what == "acknowledge":
        alert = alert_of(scenario, profile, one.of)
        minutes = alert.acknowledge_minutes.get(scenario.setting)
        if minutes is not None:
            said = response_in_words({scenario.setting: minutes})
        if there := alert.with_person_minutes.get(scenario.setting):
            said = f"{said}, with the person within {minutes_in_words(there)}".removeprefix(", ")
    elif one.what == "record" and one.of.true_time is None:
        standard = record_types(scenario, profile)[one.of.type].standard
        if minutes := standard.minutes.get(scenario.setting):
            said = (
                f"within {minutes_in_words(minutes)}{since}"
                if since
                else soon_in_words(minutes, standard.counted_from)
            )
    if one.before:
        said = f"{said}, before {_before_what(scenario, profile, one.before)}".removeprefix(", ")
    return capital(said)


def _before_what(scenario: Scenario, profile: Profile, code: str) -> str:
    other = next((one for one in scenario.expect if one.code == code), None)
    if other is None:
        return f"choosing at “{called(scenario, profile, code)}”"
    what = expected_in_words(scenario, profile, other)
    return f"the next: {what[0].lower()}{what[1:].partition(';')[0]}"


# --- A draft: what is wrong, and what it changes --------------------------------------------------


@dataclass(frozen=True)
class Problem:
    """A sentence, and the line it is about (0: none)."""

    sentence: str
    line: int

    @property
    def href(self) -> str:
        return f"#line-{self.line}" if self.line else "#text"


@dataclass(frozen=True)
class NumberedLine:
    number: int
    text: str
    problems: list[str]


def problems(sentences: Iterable[str]) -> list[Problem]:
    """Sentences that begin with “Line 12: …”, with their lines."""
    found = []
    for sentence in sentences:
        at = re.match(r"Line (\d+):", sentence)
        found.append(Problem(sentence, int(at.group(1)) if at else 0))
    return found


AROUND = 2  # lines shown before and after one with a problem


def numbered(text: str, found: Sequence[Problem]) -> list[list[NumberedLine]]:
    """The stretches of the text with a problem in them, with its lines numbered."""
    rows = text.split("\n")
    wrong = sorted({min(one.line, len(rows)) for one in found if one.line})
    stretches: list[list[NumberedLine]] = []
    last = 0
    for line in wrong:
        first = max(line - AROUND, last + 1)
        if not stretches or first > last + 1:
            stretches.append([])
        for number in range(first, min(line + AROUND, len(rows)) + 1):
            said = [one.sentence for one in found if min(one.line, len(rows)) == number]
            stretches[-1].append(NumberedLine(number, rows[number - 1], said))
        last = min(line + AROUND, len(rows))
    return stretches


@dataclass(frozen=True)
class Change:
    """Lines of the version in use, and what takes their place; either may be empty."""

    where: str
    old: str
    new: str


def changes(old: str, new: str) -> list[Change]:
    """What a draft changes, by lines; its version number, which comes by itself, left out."""
    before, after = (_lines(text) for text in (old, new))
    found = []
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag != "equal":
            where = f"Line {c + 1}" if d - c <= 1 else f"Lines {c + 1} to {d}"
            found.append(Change(where, "\n".join(before[a:b]), "\n".join(after[c:d])))
    return found


def _lines(text: str) -> list[str]:
    return [re.sub(r"^version:.*$", "version:", line.rstrip()) for line in text.split("\n")]


# --- What the marking of a preview says -----------------------------------------------------------


@dataclass(frozen=True)
class MarkLine:
    what: str
    result: str
    tone: str
    icon: str
    because: str
    says: str


RESULTS = {
    Result.MET: ("Met", "brand", "circle-check"),
    Result.PARTLY: ("Partly met", "accent", "circle-minus"),
    Result.NOT_MET: ("Not met", "accent", "circle-x"),
}


def mark_lines(scenario: Scenario, profile: Profile, marks: Collection[Mark]) -> list[MarkLine]:
    """What was found of each thing expected, and the sentence the player would read."""
    return [
        MarkLine(
            _expected(scenario, profile, one.expected).what,
            *RESULTS[one.result],
            because=" ".join(one.because),
            says=one.expected.well if one.result == Result.MET else one.expected.fix,
        )
        for one in marks
    ]
