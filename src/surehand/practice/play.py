"""How a scenario is played: what has happened, by the steps taken so far.

Times are seconds of play from the scenario's start. Its clock runs with the player's, and on when
something takes time: going to somebody and telling somebody take a minute each, waiting takes what
it takes. The time for which nobody was there (a lost connection, a closed browser) is not counted.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from surehand.ecm.profile import AlertType, Profile, RecordType
from surehand.practice.scenario import Event, Scenario

A_MINUTE = 60
DAY = 24 * 60


class Did(StrEnum):
    """What can be done in one step; being away is noticed, not done. `HELPED` is done by a trainer:
    help given in a group session, asked for or not."""

    OPEN = "open"
    ACKNOWLEDGE = "acknowledge"
    TELL = "tell"
    CHOOSE = "choose"
    RECORD = "record"
    ACT_ON = "act_on"
    PAPER = "paper"
    HINT = "hint"
    ASK = "ask"
    HELPED = "helped"
    WAIT = "wait"
    AWAY = "away"
    FINISH = "finish"


BESIDE = frozenset({Did.OPEN, Did.HINT, Did.ASK, Did.HELPED, Did.AWAY})
"""What changes nothing in the scenario: looking, help, and being away."""


@dataclass(frozen=True)
class Step:
    """One thing done, `at` so many seconds of play. `what` depends on `did`:

    open `{place}` · acknowledge `{event}` · tell `{contact}` · choose `{choice: event/choice}` ·
    record `{type, about, section, task, fields, text, links, time, late, paper}` (`paper`: the
    number of the step on paper that is entered) · act_on `{record, how, flag, reason}` · paper
    `{about, time, text, checked}` · wait and away `{seconds}` · hint, ask, helped and finish `{}`.
    """

    number: int
    at: int
    did: Did
    what: Mapping[str, Any] = field(default_factory=dict)

    def row(self) -> dict[str, Any]:
        """As it is kept while the attempt is played."""
        return {"number": self.number, "at": self.at, "did": self.did, "what": dict(self.what)}

    @classmethod
    def of_row(cls, row: Mapping[str, Any]) -> "Step":
        return cls(row["number"], row["at"], Did(row["did"]), row["what"])

    def takes(self) -> int:
        """Seconds of play until it is done."""
        if self.did in (Did.ACKNOWLEDGE, Did.TELL):
            return A_MINUTE
        return int(self.what["seconds"]) if self.did == Did.WAIT else 0


@dataclass(frozen=True)
class Play:
    """What has happened until `now`: events arrived (code → when), and the steps by kind."""

    now: int
    steps: tuple[Step, ...]
    arrived: Mapping[str, int]
    pending: Mapping[str, int]

    def of(self, did: Did) -> tuple[Step, ...]:
        return tuple(step for step in self.steps if step.did == did)

    @property
    def hints(self) -> int:
        return len(self.of(Did.HINT))

    @property
    def done(self) -> int:
        """How many things were done that change something."""
        return sum(step.did not in BESIDE for step in self.steps)

    @property
    def helped(self) -> int:
        """How often a trainer helped."""
        return len(self.of(Did.HELPED))

    @property
    def asked(self) -> Step | None:
        """Help asked for that has not been given yet."""
        last = next((s for s in reversed(self.steps) if s.did in (Did.ASK, Did.HELPED)), None)
        return last if last and last.did == Did.ASK else None

    @property
    def is_finished(self) -> bool:
        return bool(self.of(Did.FINISH))

    def acknowledged(self, event: str) -> Step | None:
        return next((s for s in self.of(Did.ACKNOWLEDGE) if s.what["event"] == event), None)

    def chosen(self, event: str) -> Step | None:
        return next(
            (s for s in self.of(Did.CHOOSE) if s.what["choice"].partition("/")[0] == event), None
        )

    def told(self, contact: str) -> Step | None:
        return next((s for s in self.of(Did.TELL) if s.what["contact"] == contact), None)

    def acted_on(self, record: str) -> Step | None:
        return next((s for s in self.of(Did.ACT_ON) if s.what["record"] == record), None)

    def entered(self, line: int) -> bool:
        """Whether a line of the downtime form, by the number of its step, was entered since."""
        return any(s.what.get("paper") == line for s in self.of(Did.RECORD))

    def answered(self, event: str) -> Step | None:
        """The alert response that was saved for an alert."""
        return next(
            (
                s
                for s in self.of(Did.RECORD)
                if s.what.get("links") == event and s.what["type"] == "alert"
            ),
            None,
        )

    def next_at(self) -> int | None:
        """When the next thing happens by itself; None if nothing will."""
        return min(self.pending.values(), default=None)


def in_order(steps: Iterable[Step]) -> tuple[Step, ...]:
    return tuple(sorted(steps, key=lambda step: (step.at, step.number)))


def now_after(steps: Sequence[Step], gap: int = 0) -> int:
    """Seconds of play, `gap` counted seconds after the last step."""
    return steps[-1].at + steps[-1].takes() + gap if steps else gap


def play(scenario: Scenario, steps: Iterable[Step], now: int | None = None) -> Play:
    """Where the play stands; `now` is the last step's end if not given."""
    ordered = in_order(steps)
    moment = now_after(ordered) if now is None else now
    due = arrivals(scenario, ordered)
    return Play(
        now=moment,
        steps=ordered,
        arrived={code: at for code, at in due.items() if at <= moment},
        pending={code: at for code, at in due.items() if at > moment},
    )


def arrivals(scenario: Scenario, steps: Sequence[Step]) -> dict[str, int]:
    """When each event arrives, as far as the steps have let it: code → seconds of play."""
    due: dict[str, int] = {}
    changed = True
    while changed:
        changed = False
        for event in scenario.events:
            if event.code in due:
                continue
            base = _base(event, steps, due)
            if base is not None:
                due[event.code] = base + event.after
                changed = True
    return due


def _base(event: Event, steps: Sequence[Step], due: Mapping[str, int]) -> int | None:
    if event.when is None:
        return 0
    code = event.when.code
    if event.when.what == "happened":
        return due.get(code)
    did, key = {
        "acknowledged": (Did.ACKNOWLEDGE, "event"),
        "answered": (Did.CHOOSE, "choice"),
        "chose": (Did.CHOOSE, "choice"),
        "told": (Did.TELL, "contact"),
        "opened": (Did.OPEN, "place"),
        "recorded": (Did.RECORD, "type"),
        "acted_on": (Did.ACT_ON, "record"),
    }[event.when.what]
    for step in steps:
        if step.did != did:
            continue
        done = step.what[key]
        if event.when.what == "answered":
            done = done.partition("/")[0]
        if done == code:
            return step.at + step.takes()
    return None


# --- When the system is down ---------------------------------------------------------------------


def down_since(scenario: Scenario, sofar: Play) -> Event | None:
    """The event that took the system away, while it is down."""
    came = [event for event in scenario.events if event.connection and event.code in sofar.arrived]
    last = max(came, key=lambda event: sofar.arrived[event.code], default=None)
    return last if last is not None and last.connection == "lost" else None


def has_paper(scenario: Scenario, sofar: Play) -> bool:
    """Whether the downtime form is at hand: the system is down, and what that asked is answered."""
    lost = down_since(scenario, sofar)
    return lost is not None and not (lost.choices and not sofar.chosen(lost.code))


# --- The clock -----------------------------------------------------------------------------------


def minutes_of(clock: str) -> int:
    hours, _, minutes = clock.partition(":")
    return int(hours) * 60 + int(minutes)


def clock_at(scenario: Scenario, at: int) -> str:
    """The scenario's clock, HH:MM, after so many seconds of play."""
    total = (minutes_of(scenario.clock) + at // 60) % DAY
    return f"{total // 60:02}:{total % 60:02}"


def minutes_before(earlier: str, later: str) -> int:
    """Minutes from one clock time to another, over midnight the shorter way; negative if `earlier`
    is the later one."""
    return (minutes_of(later) - minutes_of(earlier) + DAY // 2) % DAY - DAY // 2


# --- What may be done next -----------------------------------------------------------------------


def problem_with(scenario: Scenario, profile: Profile, sofar: Play, step: Step) -> str:
    """Why this step cannot be taken now, in a sentence; empty if it can."""
    if sofar.is_finished:
        return "This go has ended. Have another go."
    what = step.what
    if step.did in (Did.OPEN, Did.RECORD, Did.ACT_ON) and down_since(scenario, sofar):
        return "The system is down. Write on the downtime form."
    match step.did:
        case Did.PAPER:
            return _paper_problem(scenario, sofar, what)
        case Did.ACKNOWLEDGE:
            return _alert_problem(scenario, sofar, str(what.get("event", "")))
        case Did.CHOOSE:
            event, _, choice = str(what.get("choice", "")).partition("/")
            if event not in sofar.arrived:
                return "That has not happened yet."
            if choice not in [one.code for one in scenario.event(event).choices]:
                return "That is not one of the choices."
            return "You have chosen already." if sofar.chosen(event) else ""
        case Did.TELL:
            known = [contact.code for contact in scenario.contacts]
            return "" if what.get("contact") in known else "There is nobody like that to tell here."
        case Did.OPEN:
            return (
                "" if is_place(scenario, str(what.get("place", ""))) else "There is no such page."
            )
        case Did.RECORD:
            return _record_problem(scenario, profile, sofar, what)
        case Did.ACT_ON:
            return _act_on_problem(scenario, sofar, what)
        case Did.HINT:
            return "" if sofar.hints < len(scenario.hints) else "There are no more hints."
        case _:
            return ""


def _alert_problem(scenario: Scenario, sofar: Play, event: str) -> str:
    if event not in sofar.arrived or not scenario.event(event).alert:
        return "There is no such alert now."
    return "You have answered this alert already." if sofar.acknowledged(event) else ""


def is_place(scenario: Scenario, place: str) -> bool:
    """Whether there is such a thing to open."""
    if place in ("tasks", "alerts", "handover"):
        return True
    who, _, rest = place.partition("/")
    person = next((one for one in scenario.people if one.code == who), None)
    if person is None:
        return False
    kind, _, code = rest.partition("/")
    match kind:
        case "":
            return not rest
        case "plan":
            return code in [part.section for part in person.plan]
        case "risk":
            return code in [risk.code for risk in person.risks]
        case "record":
            return any(r.code == code and r.about == who for r in scenario.records)
    return False


def _record_problem(
    scenario: Scenario, profile: Profile, sofar: Play, what: Mapping[str, Any]
) -> str:
    kind = record_types(scenario, profile).get(str(what.get("type", "")))
    if kind is None:
        return "There is no such kind of record here."
    if what.get("about") not in [person.code for person in scenario.people]:
        return "Choose whom it is about."
    if kind.sections and what.get("section") not in [
        s for s, _ in sections(scenario, profile, kind)
    ]:
        return "Choose the section it belongs in."
    missing = kind.missing({**what.get("fields", {}), **_links(kind, what)})
    if missing:
        return f"“{missing[0].title}” is empty. Fill it in."
    links = what.get("links")
    if links and links not in sofar.arrived:
        return "Choose something that has happened."
    if "paper" in what and what["paper"] not in [line.number for line in sofar.of(Did.PAPER)]:
        return "There is no such line on the downtime form."
    return ""


def _paper_problem(scenario: Scenario, sofar: Play, what: Mapping[str, Any]) -> str:
    if not down_since(scenario, sofar):
        return "The system works. Write in it, and not on paper."
    if not has_paper(scenario, sofar):
        return "Answer first what happened."
    if what.get("about") not in [person.code for person in scenario.people]:
        return "Choose whom it is about."
    if not what.get("time"):
        return "Give the time."
    if not what.get("text") and not what.get("checked"):
        return "Write what happened, or tick that you looked in."
    return ""


def _links(kind: RecordType, what: Mapping[str, Any]) -> dict[str, Any]:
    """What stands in a field of kind link: the alert that is answered."""
    return {
        one.code: what.get("links") or what.get("fields", {}).get(one.code)
        for one in kind.fields
        if one.kind == "link"
    }


def _act_on_problem(scenario: Scenario, sofar: Play, what: Mapping[str, Any]) -> str:
    record = next((r for r in scenario.records if r.code == what.get("record")), None)
    if record is None or what.get("how") not in record.offers:
        return "That cannot be done with this record."
    if sofar.acted_on(record.code):
        return "You have dealt with this record already."
    if what["how"] in ("void", "amend", "return") and not str(what.get("reason", "")).strip():
        return "Give a reason."
    if what["how"] == "flag" and what.get("flag") not in [flag.code for flag in scenario.flags]:
        return "Choose what you found."
    return ""


def linkable(scenario: Scenario, profile: Profile, sofar: Play) -> list[tuple[str, str]]:
    """(event, what it is called) of what a record may be linked to by now: the alerts that came,
    and whatever else happened that has a title."""
    return [
        (event.code, f"{called}, {clock_at(scenario, sofar.arrived[event.code])}")
        for event in scenario.events
        if event.code in sofar.arrived
        and (
            called := alert_of(scenario, profile, event.code).title if event.alert else event.title
        )
    ]


# --- What the profile says here ------------------------------------------------------------------


def record_types(scenario: Scenario, profile: Profile) -> dict[str, RecordType]:
    """What can be recorded in the scenario's setting, by code."""
    return {kind.code: kind for kind in profile.record_types if scenario.setting in kind.settings}


def sections(scenario: Scenario, profile: Profile, kind: RecordType) -> list[tuple[str, str]]:
    """(code, title) of the sections a record of this kind can be written in."""
    return [
        (section.code, section.title)
        for section in profile.sections
        if section.code in kind.sections and scenario.setting in section.settings
    ]


def alert_of(scenario: Scenario, profile: Profile, event: str) -> AlertType:
    """The alert or monitoring prompt that came. Raises KeyError."""
    return profile.alert_type(scenario.event(event).alert)
