"""What an attempt shows: each thing expected met, partly met or not, with the step that shows it.

Pure and deterministic; the order of steps that have nothing to do with one another does not matter.
Words are looked at only for what can be looked at fairly: whether the facts asked for are there,
whether somebody else is named, whether it is a stock phrase alone. Spelling, grammar, length and
style are never looked at. Marking proposes; a trainer judges.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from surehand.ecm.profile import Profile, RecordType
from surehand.practice.play import (
    BESIDE,
    Did,
    Play,
    Step,
    alert_of,
    clock_at,
    minutes_before,
    play,
    record_types,
)
from surehand.practice.scenario import ActOn, Expected, ExpectedRecord, OnPaper, Scenario

STOCK_PHRASES = (
    "all care given",
    "care given as per plan",
    "as per care plan",
    "all needs met",
    "no concerns",
    "no change",
    "all fine",
    "fine today",
    "all ok",
    "settled night",
    "slept well",
    "ate well",
    "false alarm",
    "see above",
    "same as yesterday",
    "done",
    "nothing to report",
)
"""Words that could be anybody's on any day (training theme T06)."""


class Result(StrEnum):
    MET = "met"
    PARTLY = "partly"
    NOT_MET = "not_met"


@dataclass(frozen=True)
class Mark:
    """What was found of one thing expected. `step` is the number of the step that shows it, where
    one does; `because` are sentences on what was missing or wrong."""

    expected: Expected
    result: Result
    step: int | None = None
    because: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Found:
    step: Step
    wrong: tuple[str, ...] = ()


def mark(scenario: Scenario, profile: Profile, steps: Iterable[Step]) -> tuple[Mark, ...]:
    """One mark for each thing expected, in their order. `steps` may come in any order."""
    return _Marking(scenario, profile, play(scenario, steps)).marks()


def proposed(marks: Sequence[Mark], criteria: Iterable[str]) -> dict[str, Result | None]:
    """What the marks propose for each criterion: met, not met, or nothing (None) where a part is
    missing or no mark speaks of it; a trainer judges those, and may judge any otherwise."""
    said: dict[str, Result | None] = {}
    for code in criteria:
        results = {one.result for one in marks if code in one.expected.criteria}
        if Result.NOT_MET in results:
            said[code] = Result.NOT_MET
        else:
            said[code] = Result.MET if results == {Result.MET} else None
    return said


def helped(
    marks: Sequence[Mark], steps: Iterable[Step], criteria: Collection[str]
) -> dict[str, int]:
    """How often help was given on each of these criteria, by the hints asked for and the help of a
    trainer: each helped with what was shown next after it, else with the first thing not met, and
    counts once."""
    shown = sorted((one for one in marks if one.step), key=lambda one: one.step or 0)
    missed = [one for one in marks if one.result != Result.MET]
    times: dict[str, int] = {}
    for help_ in (step for step in steps if step.did in (Did.HINT, Did.HELPED)):
        later = [one for one in shown if (one.step or 0) > help_.number]
        for one in [*later, *missed][:1]:
            for code in [c for c in one.expected.criteria if c in criteria][:1]:
                times[code] = times.get(code, 0) + 1
    return times


class _Marking:
    def __init__(self, scenario: Scenario, profile: Profile, sofar: Play) -> None:
        self.scenario = scenario
        self.profile = profile
        self.play = sofar
        self.types = record_types(scenario, profile)

    def marks(self) -> tuple[Mark, ...]:
        found = {one.code: self._found(one) for one in self.scenario.expect}
        return tuple(self._mark(one, found) for one in self.scenario.expect)

    def _mark(self, one: Expected, found: Mapping[str, list[_Found]]) -> Mark:
        here = found[one.code]
        if one.must_not:
            return self._not_done(one, here)
        if not here:
            return Mark(one, Result.NOT_MET, None, self._instead(one, self._showing(one, found)))
        best = sorted(here, key=lambda f: (len(f.wrong), f.step.at, f.step.number))
        counted = best[: one.times]
        wrong = list(dict.fromkeys(said for f in counted for said in f.wrong))
        if len(counted) < one.times:
            wrong.append(f"It was done {_times(len(counted))}; {_times(one.times)} was needed.")
        first = counted[0]
        if one.before and (later := self._came(one.before, found)):
            earliest = min(later, key=lambda step: (step.at, step.number))
            if (first.step.at, first.step.number) > (earliest.at, earliest.number):
                wrong.append("It came too late: something else was done first.")
        return Mark(one, Result.PARTLY if wrong else Result.MET, first.step.number, tuple(wrong))

    def _came(self, before: str, found: Mapping[str, list[_Found]]) -> list[Step]:
        """The steps before which something had to be done."""
        if before in found:
            return [one.step for one in found[before]]
        chosen = self.play.chosen(before)
        return [chosen] if chosen else []

    def _not_done(self, one: Expected, here: list[_Found]) -> Mark:
        if here:
            return Mark(one, Result.NOT_MET, here[0].step.number)
        # Somebody who did nothing at all has not shown that they would leave it.
        did = [s for s in self.play.steps if s.did not in (*BESIDE, Did.WAIT, Did.FINISH)]
        if not did:
            return Mark(one, Result.NOT_MET, None, ("Nothing was done.",))
        return Mark(one, Result.MET)

    # --- What shows it -------------------------------------------------------------------------

    def _found(self, one: Expected) -> list[_Found]:
        match one.what:
            case "acknowledge":
                step = self.play.acknowledged(one.of)
                return [_Found(step, self._late_to_alert(one, step))] if step else []
            case "tell":
                steps = [s for s in self.play.of(Did.TELL) if s.what["contact"] in one.of]
                return [_Found(s, self._late(one, s.at)) for s in steps]
            case "open":
                steps = [s for s in self.play.of(Did.OPEN) if s.what["place"] == one.of]
                return [_Found(s, self._late(one, s.at)) for s in steps]
            case "choose":
                steps = [s for s in self.play.of(Did.CHOOSE) if s.what["choice"] == one.of]
                return [_Found(s, self._late(one, s.at)) for s in steps]
            case "paper":
                # What was written before it happened is another line.
                began = self.play.arrived.get(one.since) if one.since else 0
                return [
                    _Found(s, self._wrong_on_paper(one, s))
                    for s in self.play.of(Did.PAPER)
                    if s.what["about"] == one.of.about and began is not None and s.at >= began
                ]
            case "act_on":
                return [
                    _Found(s, (*self._late(one, s.at), *_reasons(one.of, s)))
                    for s in self.play.of(Did.ACT_ON)
                    if _same_act(one.of, s)
                ]
            case _:
                steps = [s for s in self.play.of(Did.RECORD) if self._is_kind(one.of, s, one)]
                if one.must_not:
                    return [_Found(s) for s in steps if not self._differs(one.of, s)]
                return [_Found(s, self._wrong(one, s)) for s in steps]

    def _is_kind(self, of: ExpectedRecord, step: Step, one: Expected) -> bool:
        """Whether this record is the one meant, rightly filled in or not."""
        what = step.what
        if of.type not in ("", what["type"]) or (of.about and what["about"] != of.about):
            return False
        if of.task and what.get("task") != of.task:
            return False
        if of.true_time and self._is_another_line(of.true_time, step):
            return False
        if of.links and what.get("links") != of.links:
            # An answer to another alert is not an answer to this one.
            return not what.get("links") and not one.must_not
        # Charts and handovers of one type are told apart by their first field.
        kind = self.types[what["type"]]
        first = kind.fields[0].code if kind.fields else ""
        if of.type == "chart" and first in of.fields:
            return str(what.get("fields", {}).get(first)) in of.fields[first]
        return True

    def _is_another_line(self, true_time: tuple[str, str], step: Step) -> bool:
        """Whether it enters a line of the downtime form that is about another time, as it stands
        there."""
        lines = {one.number: one.what["time"] for one in self.play.of(Did.PAPER)}
        written = lines.get(step.what.get("paper") or 0)
        return (
            written is not None
            and written == step.what.get("time")
            and not _falls(written, true_time)
        )

    def _differs(self, of: ExpectedRecord, step: Step) -> bool:
        """Whether it lacks a field value or section of what must not be recorded."""
        fields = step.what.get("fields", {})
        if of.section and step.what.get("section") not in of.section:
            return True
        if any(str(fields.get(code, "")) not in values for code, values in of.fields.items()):
            return True
        if of.true_time and not _falls(str(step.what.get("time") or ""), of.true_time):
            return True
        words = _words(step)
        return any(not _mentions(words, said) for said in of.says.values())

    # --- What is wrong with a record -----------------------------------------------------------

    def _wrong(self, one: Expected, step: Step) -> tuple[str, ...]:
        of: ExpectedRecord = one.of
        kind = self.types[of.type]
        what = step.what
        wrong = [
            *self._late(one, step.at, kind),
            *self._section(of, kind, what.get("section", "")),
            *self._fields(of, kind, what.get("fields", {})),
            *self._days(of, kind, what.get("fields", {})),
            *self._time(one, step),
            *self._says(of, step),
        ]
        if of.links and not what.get("links"):
            wrong.append(
                f"It does not say which {self._term('alert')} it answers."
                if self.scenario.event(of.links).alert
                else "It is not linked to what it belongs with."
            )
        if of.late and not what.get("late"):
            wrong.append("It is not marked as a late entry.")
        return tuple(wrong)

    def _wrong_on_paper(self, one: Expected, step: Step) -> tuple[str, ...]:
        unchecked = one.of.checked and not step.what.get("checked")
        return (
            *self._late(one, step.at),
            *self._time(one, step),
            *self._says(one.of, step),
            *(["It does not say that you looked in."] if unchecked else []),
        )

    def _section(self, of: ExpectedRecord, kind: RecordType, section: str) -> list[str]:
        if not of.section or section in of.section:
            return []
        titles = {one.code: one.title for one in self.profile.sections}
        right = " or ".join(f"“{titles[code]}”" for code in of.section)
        return [f"It is in “{titles.get(section, section)}”; it belongs in {right}."]

    def _fields(
        self, of: ExpectedRecord, kind: RecordType, values: Mapping[str, object]
    ) -> list[str]:
        titles = {one.code: one.title for one in kind.fields}
        said = [
            f"“{titles[code]}” is “{values.get(code) or 'empty'}”."
            for code, right in of.fields.items()
            if str(values.get(code, "")).casefold() not in [r.casefold() for r in right]
        ]
        said += [f"“{titles[code]}” is empty." for code in of.filled if not values.get(code)]
        return said

    def _days(
        self, of: ExpectedRecord, kind: RecordType, values: Mapping[str, object]
    ) -> list[str]:
        """A date that is missing, past or too far off."""
        titles = {one.code: one.title for one in kind.fields}
        said = []
        for code, most in of.days.items():
            try:
                given = date.fromisoformat(str(values.get(code)))
            except ValueError:
                said.append(f"“{titles[code]}” is not a date.")
                continue
            assert self.scenario.date is not None  # the linter asks for it
            if not 0 <= (given - self.scenario.date).days <= most:
                said.append(
                    f"“{titles[code]}” is {given.day} {given:%B %Y}; it must be within {most} days."
                )
        return said

    def _time(self, one: Expected, step: Step) -> list[str]:
        """Always wrong: a time before it happened, or one that has not come yet."""
        of: ExpectedRecord | OnPaper = one.of
        stated = str(step.what.get("time") or "")
        if not stated:
            return []
        if of.true_time is not None:
            first, last = of.true_time
            if not _falls(stated, of.true_time):
                return [f"It says {stated}; it happened between {first} and {last}."]
            return []
        arrived = self.play.arrived.get(one.since)
        if arrived is not None:
            began = clock_at(self.scenario, arrived)
            if minutes_before(began, stated) < 0:
                return [f"It says {stated}, before it happened at {began}."]
        if minutes_before(clock_at(self.scenario, step.at), stated) > 0:
            return [f"It says {stated}, which had not come yet."]
        return []

    def _says(self, of: ExpectedRecord | OnPaper, step: Step) -> list[str]:
        words = _words(step)
        wrong = [
            f"It does not say {label}."
            for label, said in of.says.items()
            if not _mentions(words, said)
        ]
        if is_stock_phrase(str(step.what.get("text") or "")):
            wrong.append("Its words could be about anybody on any day.")
        about = self.scenario.person(str(step.what["about"]))
        if other := self._pasted(step):
            wrong.append(f"The same words stand in the record of {other}.")
        for person in self.scenario.people:
            others = person.names() - about.names()
            if person.code in of.may_name or person.code == about.code:
                continue
            if any(re.search(rf"\b{re.escape(name)}\b", words) for name in others):
                wrong.append(f"It names {person.name}. Another person’s name does not belong here.")
        return wrong

    def _pasted(self, step: Step) -> str:
        """The name of somebody else in whose record these very words were written too (T06)."""
        mine = step.what
        words = str(mine.get("text") or "").casefold().split()
        for other in (one.what for one in self.play.of(Did.RECORD) if words):
            same = str(other.get("text") or "").casefold().split() == words
            if same and other["type"] == mine.get("type") and other["about"] != mine["about"]:
                return self.scenario.person(str(other["about"])).name
        return ""

    # --- How soon ------------------------------------------------------------------------------

    def _start(self, one: Expected) -> int:
        return self.play.arrived.get(one.since, 0) if one.since else 0

    def _late(self, one: Expected, at: int, kind: RecordType | None = None) -> tuple[str, ...]:
        limit = one.within
        of = one.of
        if limit is None and kind is not None and of.true_time is None:
            standard = kind.standard.minutes.get(self.scenario.setting)
            limit = standard or None
        if limit is None:
            return ()
        taken = at - self._start(one)
        if taken <= limit * 60:
            return ()
        return (f"It came after {_minutes(taken)}; {limit} is the limit.",)

    def _late_to_alert(self, one: Expected, step: Step) -> tuple[str, ...]:
        alert = alert_of(self.scenario, self.profile, one.of)
        arrived = self.play.arrived.get(one.of, 0)
        setting = self.scenario.setting
        limit = one.within if one.within is not None else alert.acknowledge_minutes.get(setting)
        wrong = []
        if limit is not None and step.at - arrived > limit * 60:
            wrong.append(
                f"It was answered after {_minutes(step.at - arrived)}; {limit} is the limit."
            )
        there = alert.with_person_minutes.get(setting)
        with_person = step.at + step.takes() - arrived
        if there and with_person > there * 60:
            wrong.append(f"Somebody was there after {_minutes(with_person)}; {there} is the limit.")
        return tuple(wrong)

    # --- What was done instead -----------------------------------------------------------------

    def _instead(self, one: Expected, shows: Collection[int]) -> tuple[str, ...]:
        """Said where a record is missing and something near it was written. What shows something
        else well (`shows`: the numbers of those steps) was not written instead of it."""
        if one.what != "record":
            return ()
        of: ExpectedRecord = one.of
        wanted = self.types[of.type].title
        for step in self.play.of(Did.RECORD):
            what = step.what
            elsewhere = of.about and what["type"] == of.type and what["about"] != of.about
            if elsewhere and (_has_any(of, step) or not self._is_due(of.type, what["about"])):
                right, wrong = self.scenario.person(of.about), self.scenario.person(what["about"])
                return (f"It was written about {wrong.name}, and not about {right.name}.",)
        for step in self.play.of(Did.RECORD):
            what = step.what
            about_them = of.about in ("", what["about"]) and what["type"] != of.type
            if about_them and step.number not in shows and _has_any(of, step):
                written = self.types[what["type"]].title
                return (f"It was written as “{written}”, and belongs in “{wanted}”.",)
        return ()

    def _showing(self, one: Expected, found: Mapping[str, list[_Found]]) -> set[int]:
        """The steps that show something else expected, with nothing wrong."""
        return {
            each.step.number
            for other in self.scenario.expect
            if other.code != one.code and not other.must_not
            for each in found[other.code]
            if not each.wrong
        }

    def _is_due(self, kind: str, about: str) -> bool:
        """Whether a record of this type is expected about them too."""
        return any(
            one.what == "record" and (one.of.type, one.of.about) == (kind, about)
            for one in self.scenario.expect
            if not one.must_not
        )

    def _term(self, word: str) -> str:
        return self.profile.terms.get(word, word)


def _same_act(of: ActOn, step: Step) -> bool:
    what = step.what
    return (
        of.record in ("", what["record"])
        and what["how"] == of.how
        and (not of.flag or what.get("flag") == of.flag)
    )


def _reasons(of: ActOn, step: Step) -> list[str]:
    """What the reason given does not say."""
    given = str(step.what.get("reason") or "").casefold()
    return [
        f"The reason does not say {label}."
        for label, said in of.says.items()
        if not _mentions(given, said)
    ]


def _falls(stated: str, between: tuple[str, str]) -> bool:
    """Whether a clock time that was stated lies between two others."""
    first, last = between
    return bool(stated) and minutes_before(first, stated) >= 0 and minutes_before(stated, last) >= 0


def _words(step: Step) -> str:
    """Everything written in a record, without case."""
    fields = step.what.get("fields", {})
    return " ".join([str(step.what.get("text") or ""), *map(str, fields.values())]).casefold()


def _has_any(of: ExpectedRecord, step: Step) -> bool:
    """Whether any of the facts asked for stands in a record."""
    return any(_mentions(_words(step), said) for said in of.says.values())


def _mentions(words: str, said: Iterable[str]) -> bool:
    """Whether one of these stands there, at the start of a word: “walk” is found in “walked”."""
    return any(re.search(rf"\b{re.escape(one.casefold())}", words) for one in said)


def is_stock_phrase(text: str) -> bool:
    """Whether a text is nothing but stock phrases; an empty one is not."""
    left = re.sub(r"[^\w\s]", " ", text.casefold())
    if not left.strip():
        return False
    for phrase in sorted(STOCK_PHRASES, key=len, reverse=True):
        left = left.replace(phrase, " ")
    return not left.strip()


def _minutes(seconds: int) -> str:
    whole = -(-seconds // 60)
    return "a minute" if whole == 1 else f"{whole} minutes"


def _times(count: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(count, f"{count} times")
