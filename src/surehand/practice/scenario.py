"""A practice scenario: fictional people, what happens, and what a safe worker would do.

One YAML document each (`scenario.schema.json` beside this file), read with the ECM profile it is
played in and the criteria of the plan, so that a mistake is found before anybody plays it. People
of the shipped cast are named by code; a scenario may also describe people of its own.

Clock times are of the scenario's own day, `HH:MM`; where days count, `date` says which day it is.
`after` is in seconds of play, `within` in minutes. A *place* is what can be opened: `joyce`,
`joyce/plan/food`, `joyce/risk/choking`, `joyce/record/n1`, `tasks`, `alerts`, `handover`.
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

import yaml

from surehand.documents import Document, DocumentProblem, written
from surehand.ecm.profile import Profile
from surehand.people.roles import JOB_ROLES, RESPONSIBILITIES

EMERGENCY = "emergency"
"""The contact that every scenario has: 999."""

MANY_PLACES = ("tasks", "alerts", "handover")


class ScenarioProblem(DocumentProblem):
    """The scenario was refused; `problems` is a list of sentences with the line of each."""


@dataclass(frozen=True)
class Risk:
    code: str
    title: str
    text: str


@dataclass(frozen=True)
class PlanPart:
    """What the care plan says in one section; `earlier` is an old version, as an old print."""

    section: str
    text: str
    version: str
    earlier: str = ""


@dataclass(frozen=True)
class PracticePerson:
    """Somebody fictional who is supported. `where` is a room or an address; `alike` shows the
    similar-name flag."""

    code: str
    name: str
    where: str
    born: date
    about: str
    alike: bool = False
    allergies: str = ""
    flags: tuple[str, ...] = ()
    risks: tuple[Risk, ...] = ()
    plan: tuple[PlanPart, ...] = ()

    def names(self) -> frozenset[str]:
        """The words of their name, without case: what must not stand in another's record."""
        return frozenset(word.casefold() for word in self.name.split())


@dataclass(frozen=True)
class Task:
    """Something on today's list. `due` is HH:MM."""

    code: str
    about: str
    title: str
    due: str


@dataclass(frozen=True)
class EarlierRecord:
    """A record that is there before play begins; `offers` is what may be done to it."""

    code: str
    type: str
    about: str
    at: str
    by: str
    section: str = ""
    text: str = ""
    fields: dict[str, Any] = field(default_factory=dict)
    offers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Choice:
    code: str
    text: str
    then: str = ""


@dataclass(frozen=True)
class When:
    """What an event waits for: something acknowledged, chosen (chose), told, opened, recorded,
    an earlier record dealt with (acted_on), another event (happened), or any of its choices
    (answered)."""

    what: str
    code: str


@dataclass(frozen=True)
class Event:
    """Something that happens `after` so many seconds of play, counted from the start or from what
    it waits for: an alert arrives, or something is seen or said, with or without choices. A
    record can be linked to an alert, and by its `title` to whatever else happened. With
    `connection` the system is "lost", or "back": between the two there is only paper."""

    code: str
    title: str = ""
    after: int = 0
    when: When | None = None
    alert: str = ""
    about: str = ""
    says: str = ""
    connection: str = ""
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True)
class Contact:
    """Somebody who can be told; `says` is what they answer."""

    code: str
    title: str
    says: str = ""


@dataclass(frozen=True)
class ExpectedRecord:
    """A record that is expected (or must not be made): its type (one that must not be made may
    have none: any record), about whom, in which of the sections, with one of these values in each
    field, these fields filled, and these facts in its words (label → any one of the words). `days`
    are the most days from the scenario's date to the date in a field; `links` is the event it must
    answer; `true_time` the stretch in which the time it states must fall."""

    type: str
    about: str = ""
    task: str = ""
    section: tuple[str, ...] = ()
    fields: dict[str, tuple[str, ...]] = field(default_factory=dict)
    filled: tuple[str, ...] = ()
    says: dict[str, tuple[str, ...]] = field(default_factory=dict)
    days: dict[str, int] = field(default_factory=dict)
    links: str = ""
    true_time: tuple[str, str] | None = None
    late: bool = False
    may_name: tuple[str, ...] = ()


@dataclass(frozen=True)
class ActOn:
    """Something done to a record that was there before; to any of them where `record` is empty.
    `says` are facts that must stand in the reason (label → any one of the words)."""

    record: str
    how: str
    flag: str = ""
    reason: bool = True
    says: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class OnPaper:
    """A line on the downtime form: about whom, with these facts in its words (label → any one of
    the words), a time within `true_time`, and, where `checked`, that they were looked in on."""

    about: str
    says: dict[str, tuple[str, ...]] = field(default_factory=dict)
    true_time: tuple[str, str] | None = None
    checked: bool = False
    may_name: tuple[str, ...] = ()


@dataclass(frozen=True)
class Expected:
    """One thing a safe worker would do, or must not do (`must_not`). `what` is acknowledge, tell,
    open, choose, record, act_on or paper; `of` says which. `since` names the event from which
    `within` minutes count (the start if empty); `before` the expectation it must come before, or
    the event whose choice it must come before."""

    code: str
    what: str
    of: Any
    well: str
    fix: str
    must_not: bool = False
    criteria: tuple[str, ...] = ()
    since: str = ""
    within: int | None = None
    before: str = ""
    times: int = 1


@dataclass(frozen=True)
class Scenario:
    code: str
    version: int
    title: str
    profile: str
    setting: str
    shift: str
    job_roles: tuple[str, ...]
    responsibilities: tuple[str, ...]
    competencies: tuple[str, ...]
    clock: str
    date: date | None
    place: str
    you: str
    task: str
    minutes: int
    people: tuple[PracticePerson, ...]
    tasks: tuple[Task, ...]
    records: tuple[EarlierRecord, ...]
    flags: tuple[Choice, ...]
    events: tuple[Event, ...]
    contacts: tuple[Contact, ...]
    hints: tuple[str, ...]
    expect: tuple[Expected, ...]

    def person(self, code: str) -> PracticePerson:
        """Raises KeyError for somebody who is not in it."""
        return _by_code(self.people, code)

    def event(self, code: str) -> Event:
        """Raises KeyError for an event that is not in it."""
        return _by_code(self.events, code)

    def contact(self, code: str) -> Contact:
        """Raises KeyError for somebody who cannot be told."""
        return _by_code(self.contacts, code)

    def record(self, code: str) -> EarlierRecord:
        """Raises KeyError for a record that was not there before play."""
        return _by_code(self.records, code)

    def is_for(self, job_role: str, responsibilities: Collection[str]) -> bool:
        """Whether a post with this job role and these responsibilities would meet it."""
        return job_role in self.job_roles or bool(
            set(self.responsibilities) & set(responsibilities)
        )


def _by_code(rows: Any, code: str) -> Any:
    for row in rows:
        if row.code == code:
            return row
    raise KeyError(code)


@cache
def schema() -> dict[str, Any]:
    """The scenario's JSON Schema."""
    text = resources.files("surehand.practice").joinpath("scenario.schema.json").read_text("utf-8")
    content: dict[str, Any] = json.loads(text)
    return content


def load_cast(text: str) -> dict[str, PracticePerson]:
    """The fictional people in `text`, by code. Raises ScenarioProblem with every problem found."""
    shape = {
        "type": "object",
        "additionalProperties": False,
        "required": ["people"],
        "properties": {"people": {"type": "array", "items": {"$ref": "#/$defs/person"}}},
        "$defs": schema()["$defs"],
    }
    try:
        document = Document(text)
        document.check_shape(shape)
    except DocumentProblem as problem:
        raise ScenarioProblem(problem.problems, problem.found) from None
    rows = document.content["people"]
    _note_twice(document, ("people",), rows)
    for place, row in enumerate(rows):
        _note_date(document, ("people", place, "born"), row["born"])
    document.refuse_if_wrong(ScenarioProblem)
    return {row["code"]: _person(row) for row in rows}


def load(
    text: str,
    *,
    profile: Profile,
    cast: Mapping[str, PracticePerson],
    criteria: Mapping[str, Collection[str]] | None,
) -> Scenario:
    """The scenario written in `text`, as it is played in `profile`. `criteria` are those of each
    competency of the plan (None: not asked). Raises ScenarioProblem with every problem found."""
    try:
        document = Document(text)
        document.check_shape(schema())
    except DocumentProblem as problem:
        raise ScenarioProblem(problem.problems, problem.found) from None
    _Linter(document, profile, cast, criteria).lint()
    document.refuse_if_wrong(ScenarioProblem)
    return _scenario(document.content, cast)


def read(text: str, *, cast: Mapping[str, PracticePerson]) -> Scenario:
    """The scenario of a document that was checked before: shipped, or kept with an attempt."""
    content = Document(text).content
    return _titled(content) if content.get("vendor") else _scenario(content, cast)


def titled_text(code: str, title: str, competency: str) -> str:
    """The document of a scenario of the vendor's training system: no more than is known of it."""
    return written(
        {
            "code": code,
            "version": 1,
            "title": title,
            "vendor": True,
            "competencies": [competency],
        }
    )


def _titled(content: dict[str, Any]) -> Scenario:
    """One that is played in the vendor's training system: nothing of it can be drawn here."""
    return Scenario(
        code=content["code"],
        version=content["version"],
        title=content["title"],
        profile="",
        setting="",
        shift="day",
        job_roles=(),
        responsibilities=(),
        competencies=tuple(content["competencies"]),
        clock="00:00",
        date=None,
        place="",
        you="",
        task="",
        minutes=0,
        people=(),
        tasks=(),
        records=(),
        flags=(),
        events=(),
        contacts=(),
        hints=(),
        expect=(),
    )


# --- Reading -------------------------------------------------------------------------------------


def _person(row: dict[str, Any]) -> PracticePerson:
    return PracticePerson(
        code=row["code"],
        name=row["name"],
        where=row["where"],
        born=date.fromisoformat(row["born"]),
        about=row["about"],
        alike=row.get("alike", False),
        allergies=row.get("allergies", ""),
        flags=tuple(row.get("flags", ())),
        risks=tuple(Risk(**one) for one in row.get("risks", ())),
        plan=tuple(PlanPart(**one) for one in row.get("plan", ())),
    )


def _scenario(content: dict[str, Any], cast: Mapping[str, PracticePerson]) -> Scenario:
    contacts = [Contact(**row) for row in content.get("contacts", ())]
    if EMERGENCY not in [contact.code for contact in contacts]:
        contacts.append(Contact(EMERGENCY, "999", "“Help is on its way. Stay with them.”"))
    return Scenario(
        code=content["code"],
        version=content["version"],
        title=content["title"],
        profile=content["profile"],
        setting=content["setting"],
        shift=content.get("shift", "day"),
        job_roles=tuple(content["job_roles"]),
        responsibilities=tuple(content.get("responsibilities", ())),
        competencies=tuple(content["competencies"]),
        clock=content["clock"],
        date=date.fromisoformat(content["date"]) if "date" in content else None,
        place=content["place"],
        you=content["you"],
        task=content["task"],
        minutes=content["minutes"],
        people=tuple(
            cast[one] if isinstance(one, str) else _person(one) for one in content["people"]
        ),
        tasks=tuple(Task(**row) for row in content.get("tasks", ())),
        records=tuple(
            EarlierRecord(**{**row, "offers": tuple(row.get("offers", ()))})
            for row in content.get("records", ())
        ),
        flags=tuple(Choice(**row) for row in content.get("flags", ())),
        events=tuple(_event(row) for row in content.get("events", ())),
        contacts=tuple(contacts),
        hints=tuple(content["hints"]),
        expect=tuple(_expected(row) for row in content["expect"]),
    )


def _event(row: dict[str, Any]) -> Event:
    when = row.get("when")
    return Event(
        code=row["code"],
        title=row.get("title", ""),
        after=row.get("after", 0),
        when=When(*next(iter(when.items()))) if when else None,
        alert=row.get("alert", ""),
        about=row.get("about", ""),
        says=row.get("says", ""),
        connection=row.get("connection", ""),
        choices=tuple(Choice(**choice) for choice in row.get("choices", ())),
    )


KINDS = ("acknowledge", "tell", "open", "choose", "record", "act_on", "paper")


def _expected(row: dict[str, Any]) -> Expected:
    must_not = row.get("must_not")
    what, of = next(iter(must_not.items())) if must_not else _what(row)
    if what == "record":
        of = _expected_record(of)
    elif what == "act_on":
        of = ActOn(
            **{"record": "", **of, "says": {k: tuple(v) for k, v in of.get("says", {}).items()}}
        )
    elif what == "paper":
        of = _on_paper(of)
    elif what == "tell":
        of = (of,) if isinstance(of, str) else tuple(of)
    return Expected(
        code=row["code"],
        what=what,
        of=of,
        well=row["well"],
        fix=row["fix"],
        must_not=must_not is not None,
        criteria=tuple(row.get("criteria", ())),
        since=row.get("since", ""),
        within=row.get("within"),
        before=row.get("before", ""),
        times=row.get("times", 1),
    )


def _what(row: dict[str, Any]) -> tuple[str, Any]:
    return next((kind, row[kind]) for kind in KINDS if kind in row)


def _expected_record(row: dict[str, Any]) -> ExpectedRecord:
    time = row.get("true_time")
    return ExpectedRecord(
        type=row.get("type", ""),
        about=row.get("about", ""),
        task=row.get("task", ""),
        section=tuple(row.get("section", ())),
        fields={
            code: tuple(str(value) for value in values)
            for code, values in row.get("fields", {}).items()
        },
        filled=tuple(row.get("filled", ())),
        says={label: tuple(words) for label, words in row.get("says", {}).items()},
        days=dict(row.get("days", {})),
        links=row.get("links", ""),
        true_time=(time["from"], time["to"]) if time else None,
        late=row.get("late", False),
        may_name=tuple(row.get("may_name", ())),
    )


def _on_paper(row: dict[str, Any]) -> OnPaper:
    time = row.get("true_time")
    return OnPaper(
        about=row["about"],
        says={label: tuple(words) for label, words in row.get("says", {}).items()},
        true_time=(time["from"], time["to"]) if time else None,
        checked=row.get("checked", False),
        may_name=tuple(row.get("may_name", ())),
    )


# --- What a schema cannot say --------------------------------------------------------------------

Place = tuple[str | int, ...]


def _note_twice(document: Document, path: Place, rows: list[Any]) -> None:
    seen: set[str] = set()
    for place, row in enumerate(rows):
        code = row if isinstance(row, str) else row["code"]
        if code in seen:
            document.problem((*path, place), f"“{code}” is given twice; keep one.")
        seen.add(code)


def _note_date(document: Document, path: Place, given: str) -> None:
    try:
        date.fromisoformat(given)
    except ValueError:
        document.problem(path, f"{given} is not a date; check month and day.")


class _Linter:
    """Every code named must be there: in the scenario, the profile, the plan or the cast."""

    def __init__(
        self,
        document: Document,
        profile: Profile,
        cast: Mapping[str, PracticePerson],
        criteria: Mapping[str, Collection[str]] | None,
    ) -> None:
        self.document = document
        self.content = document.content
        self.profile = profile
        self.cast = cast
        self.criteria = criteria
        self.setting = self.content["setting"]
        self.people = {
            one if isinstance(one, str) else one["code"]: one for one in self.content["people"]
        }
        self.events = {row["code"]: row for row in self.content.get("events", ())}
        self.contacts = {row["code"] for row in self.content.get("contacts", ())} | {EMERGENCY}
        self.records = {row["code"]: row for row in self.content.get("records", ())}
        self.tasks = {row["code"] for row in self.content.get("tasks", ())}
        self.flags = {row["code"] for row in self.content.get("flags", ())}
        self.types = {one.code: one for one in profile.record_types if self.setting in one.settings}
        self.sections = {one.code for one in profile.sections if self.setting in one.settings}

    def lint(self) -> None:
        content = self.content
        if content["profile"] != self.profile.code:
            self._problem(
                ("profile",),
                f"The scenario is for the profile “{content['profile']}”, "
                f"and this is “{self.profile.code}”.",
            )
        if self.setting not in self.profile.settings:
            self._problem(
                ("setting",),
                f"The profile is not for setting {self.setting}; "
                f"use one of: {', '.join(self.profile.settings)}.",
            )
        for key, known in (("job_roles", JOB_ROLES), ("responsibilities", RESPONSIBILITIES)):
            self._all_known((key,), content.get(key, ()), known)
        if not content["job_roles"] and not content.get("responsibilities"):
            self._problem(
                ("job_roles",), "Nobody would meet it; add a job role or a responsibility."
            )
        if "date" in content:
            _note_date(self.document, ("date",), content["date"])
        if self.criteria is not None:
            self._all_known(("competencies",), content["competencies"], self.criteria)
        for part in ("people", "tasks", "records", "flags", "events", "contacts", "expect"):
            _note_twice(self.document, (part,), content.get(part, []))
        self._people()
        for place, row in enumerate(content.get("tasks", ())):
            self._known(("tasks", place, "about"), row["about"], self.people)
        self._earlier_records()
        self._events()
        self._expectations()

    def _problem(self, path: Place, sentence: str) -> None:
        self.document.problem(path, sentence)

    def _known(self, path: Place, code: str, known: Collection[str]) -> bool:
        if code in known:
            return True
        listed = ", ".join(sorted(known)) or "none yet"
        self._problem(path, f"“{code}” is not known here; there is: {listed}.")
        return False

    def _all_known(self, path: Place, codes: Collection[str], known: Collection[str]) -> None:
        for place, code in enumerate(codes):
            self._known((*path, place), code, known)

    def _people(self) -> None:
        for place, one in enumerate(self.content["people"]):
            path: Place = ("people", place)
            if isinstance(one, str):
                self._known(path, one, self.cast)
                continue
            _note_date(self.document, (*path, "born"), one["born"])
            for number, part in enumerate(one.get("plan", ())):
                self._known((*path, "plan", number, "section"), part["section"], self.sections)

    def _earlier_records(self) -> None:
        for place, row in enumerate(self.content.get("records", ())):
            path: Place = ("records", place)
            self._known((*path, "about"), row["about"], self.people)
            if self._known((*path, "type"), row["type"], self.types):
                kind = self.types[row["type"]]
                if "section" in row:
                    self._known((*path, "section"), row["section"], kind.sections)
                self._fields((*path, "fields"), kind, row.get("fields", {}))

    def _fields(self, path: Place, kind: Any, values: Mapping[str, Any]) -> None:
        fields = {one.code: one for one in kind.fields}
        for code, given in values.items():
            if not self._known((*path, code), code, fields):
                continue
            if fields[code].kind == "choice":
                for value in given if isinstance(given, list) else [given]:
                    self._known((*path, code), str(value), fields[code].options)

    def _events(self) -> None:
        alerts = {
            one.code
            for one in (*self.profile.alert_types, *self.profile.monitoring_prompts)
            if self.setting in one.settings
        }
        for place, row in enumerate(self.content.get("events", ())):
            path: Place = ("events", place)
            if "alert" in row:
                self._known((*path, "alert"), row["alert"], alerts)
                if "about" not in row:
                    self._problem(path, f"Alert “{row['code']}” is about nobody; add “about”.")
            elif "says" not in row:
                self._problem(path, f"Event “{row['code']}” shows nothing; add “alert” or “says”.")
            if "about" in row:
                self._known((*path, "about"), row["about"], self.people)
            _note_twice(self.document, (*path, "choices"), row.get("choices", []))
            for what, code in row.get("when", {}).items():
                self._waits((*path, "when", what), what, code)
        self._never_happens()

    def _waits(self, path: Place, what: str, code: str) -> None:
        match what:
            case "acknowledged":
                self._known(path, code, [c for c, row in self.events.items() if "alert" in row])
            case "happened":
                self._known(path, code, self.events)
            case "answered":
                self._known(path, code, self._asking())
            case "chose":
                self._choice(path, code)
            case "told":
                self._known(path, code, self.contacts)
            case "opened":
                self._place(path, code)
            case "recorded":
                self._known(path, code, self.types)
            case "acted_on":
                self._known(path, code, [c for c, r in self.records.items() if r.get("offers")])

    def _choice(self, path: Place, code: str) -> None:
        event, _, choice = code.partition("/")
        if self._known(path, event, self._asking()):
            self._known(path, choice, [row["code"] for row in self.events[event]["choices"]])

    def _asking(self) -> list[str]:
        """The events that give choices."""
        return [code for code, row in self.events.items() if "choices" in row]

    def _place(self, path: Place, place: str) -> None:
        if place in MANY_PLACES:
            return
        who, _, rest = place.partition("/")
        if not self._known(path, who, self.people) or not rest:
            return
        kind, _, code = rest.partition("/")
        if kind == "record":
            self._known(path, code, [c for c, row in self.records.items() if row["about"] == who])
        elif self._known(path, kind, ("plan", "risk", "record")):
            self._known(path, code, self._held(who, kind))

    def _held(self, who: str, kind: str) -> list[str]:
        one = self.people[who]
        if isinstance(one, str):
            person = self.cast.get(one)
            if person is None:
                return []
            return (
                [p.section for p in person.plan]
                if kind == "plan"
                else [r.code for r in person.risks]
            )
        key, code = ("plan", "section") if kind == "plan" else ("risks", "code")
        return [row[code] for row in one.get(key, ())]

    def _never_happens(self) -> None:
        """Events that wait for one another in a ring."""
        for place, row in enumerate(self.content.get("events", ())):
            seen = {row["code"]}
            current = row
            while (when := current.get("when")) is not None:
                what, code = next(iter(when.items()))
                if what not in ("acknowledged", "happened", "chose", "answered"):
                    break
                before = code.partition("/")[0]
                if before in seen:
                    self._problem(
                        ("events", place, "when"),
                        f"Event “{row['code']}” waits for itself; begin one of them by time.",
                    )
                    break
                if before not in self.events:
                    break
                seen.add(before)
                current = self.events[before]

    def _expectations(self) -> None:
        rows = self.content["expect"]
        codes = [row["code"] for row in rows]
        if all("must_not" in row for row in rows):
            self._problem(
                ("expect",), "Nothing is expected to be done; add what a safe worker would do."
            )
        plan = self.criteria
        asked = self.content["competencies"]
        mine = None if plan is None else {c for code in asked for c in plan.get(code, ())}
        for place, row in enumerate(rows):
            path: Place = ("expect", place)
            kinds = [kind for kind in (*KINDS, "must_not") if kind in row]
            if len(kinds) != 1:
                self._problem(
                    path,
                    f"“{row['code']}” must expect one thing: {', '.join((*KINDS, 'must_not'))}.",
                )
                continue
            if mine is not None:
                self._all_known((*path, "criteria"), row.get("criteria", ()), mine)
            if "since" in row:
                self._known((*path, "since"), row["since"], self.events)
            if "before" in row:
                others = [code for code in codes if code != row["code"]]
                self._known((*path, "before"), row["before"], others + self._asking())
            here = (*path, kinds[0])
            if kinds[0] == "must_not":
                what, of = next(iter(row["must_not"].items()))
                self._target((*here, what), what, of)
            elif kinds[0] == "record" and "type" not in row["record"]:
                self._problem(here, "Name its type; only “must_not” may mean any record.")
            elif kinds[0] == "act_on" and "record" not in row["act_on"]:
                self._problem(here, "Name the record; only “must_not” may mean any of them.")
            else:
                self._target(here, kinds[0], row[kinds[0]])

    def _target(self, path: Place, what: str, of: Any) -> None:
        match what:
            case "acknowledge":
                self._known(path, of, [c for c, row in self.events.items() if "alert" in row])
            case "tell":
                self._all_known(path, [of] if isinstance(of, str) else of, self.contacts)
            case "open":
                self._place(path, of)
            case "choose":
                self._choice(path, of)
            case "record":
                self._record(path, of)
            case "paper":
                self._known((*path, "about"), of["about"], self.people)
                self._all_known((*path, "may_name"), of.get("may_name", ()), self.people)
                if not any(row.get("connection") == "lost" for row in self.events.values()):
                    self._problem(
                        path,
                        "There is paper only while the system is down; add “connection: lost”.",
                    )
            case "act_on":
                if "record" in of and self._known((*path, "record"), of["record"], self.records):
                    offers = self.records[of["record"]].get("offers", ())
                    self._known((*path, "how"), of["how"], offers)
                if "flag" in of:
                    self._known((*path, "flag"), of["flag"], self.flags)

    def _record(self, path: Place, of: dict[str, Any]) -> None:
        if "about" in of:
            self._known((*path, "about"), of["about"], self.people)
        if "task" in of:
            self._known((*path, "task"), of["task"], self.tasks)
        if "links" in of and self._known((*path, "links"), of["links"], self.events):
            event = self.events[of["links"]]
            if "alert" not in event and "title" not in event:
                self._problem(
                    (*path, "links"),
                    f"Event “{of['links']}” has no title to be chosen by; add “title” to it.",
                )
        self._all_known((*path, "may_name"), of.get("may_name", ()), self.people)
        if "type" in of and self._known((*path, "type"), of["type"], self.types):
            kind = self.types[of["type"]]
            self._all_known((*path, "section"), of.get("section", ()), kind.sections)
            self._fields((*path, "fields"), kind, of.get("fields", {}))
            self._all_known((*path, "filled"), of.get("filled", ()), [f.code for f in kind.fields])
            dates = [f.code for f in kind.fields if f.kind == "date"]
            self._all_known((*path, "days"), of.get("days", {}), dates)
            if of.get("days") and "date" not in self.content:
                self._problem(
                    (*path, "days"), "Days are counted from the scenario’s date; add “date”."
                )


# --- What is shipped -----------------------------------------------------------------------------


def starter_texts() -> Iterator[tuple[str, str]]:
    """The shipped scenarios, (code, text) in order of code."""
    folder = resources.files("surehand.practice").joinpath("starter/scenarios")
    for file in sorted(folder.iterdir(), key=lambda one: one.name):
        if file.name.endswith(".yaml"):
            yield file.name.removesuffix(".yaml"), file.read_text("utf-8")


def template() -> str:
    """A small scenario to begin a new one from."""
    return resources.files("surehand.practice").joinpath("starter/template.yaml").read_text("utf-8")


def with_values(text: str, **values: Any) -> str:
    """The document with these values of its own (not of anything in it) in place of those it has;
    lines keep their numbers, and a value it does not have is not added."""
    for key, value in values.items():
        line = written({key: value}).strip().replace("\\", r"\\")
        text = re.sub(rf"(?m)^{key}:.*$", line, text, count=1)
    return text


def with_content(text: str, content: Mapping[str, Any]) -> str:
    """The document with `content` in place of its own. What does not change stays as it is
    written; notes in a part that does come to stand above it."""
    before = Document(text).content
    if before == content:
        return text
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    assert isinstance(node, yaml.MappingNode)
    if node.flow_style:
        return written(content)
    lines = text.splitlines()
    starts = [key.start_mark.line for key, _ in node.value]
    pieces = ["\n".join(lines[: starts[0]])] if starts[0] else []
    for (key, value), start, end in zip(node.value, starts, [*starts[1:], len(lines)], strict=True):
        if key.value in content and content[key.value] == before[key.value]:
            pieces.append("\n".join(lines[start:end]))
            continue
        typed = {row for one in _scalars(value) for row in range(one[0], one[1])}
        rows = range(start + 1, end)
        pieces += [lines[n] for n in rows if n not in typed and lines[n].lstrip()[:1] == "#"]
        if key.value in content:
            pieces.append(written({key.value: content[key.value]}).rstrip("\n"))
    added = {key: value for key, value in content.items() if key not in before}
    pieces += [written(added).rstrip("\n")] if added else []
    found = "\n".join(pieces) + "\n"
    return found if Document(found).content == content else written(content)


def _scalars(node: yaml.Node) -> Iterator[tuple[int, int]]:
    """The first line and the line after each text: a # in it is no note."""
    if isinstance(node, yaml.ScalarNode):
        yield node.start_mark.line + 1, node.end_mark.line
        return
    for one in node.value:
        for part in one if isinstance(one, tuple) else (one,):
            yield from _scalars(part)


@cache
def starter_cast() -> dict[str, PracticePerson]:
    """The shipped fictional people, by code."""
    text = resources.files("surehand.practice").joinpath("starter/cast.yaml").read_text("utf-8")
    return load_cast(text)
