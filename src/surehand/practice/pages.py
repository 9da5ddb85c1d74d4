"""What the pages of practice show, worked out so that templates only draw."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from surehand.ecm.profile import AlertType, Field, Profile, RecordType
from surehand.practice.marking import Mark, Result
from surehand.practice.models import Attempt, AttemptEnd, Playing, PracticeSession
from surehand.practice.play import (
    BESIDE,
    Did,
    Step,
    alert_of,
    clock_at,
    down_since,
    minutes_of,
    record_types,
    sections,
)
from surehand.practice.queries import Going, Playable, Replay, Working, scenario_of
from surehand.practice.scenario import EarlierRecord, PracticePerson, Scenario
from surehand.ui.formats import day, plural
from surehand.ui.page import Link, address

PRACTICE = "PRACTICE"
ALIKE = "Similar name"


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def times(count: int) -> str:
    """“once”, “twice”, “3 times”."""
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def people_word(profile: Profile) -> str:
    """What the people who are supported are called here: “Residents”."""
    return capital(profile.terms["people"])


def alerts_word(profile: Profile) -> str:
    return f"{capital(profile.terms['alert'])}s"


# --- The list ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """One scenario to choose."""

    title: str
    why: str
    href: str
    icon: str
    tag: str = ""
    now: bool = False


@dataclass(frozen=True)
class Choices:
    """The list of what can be practised: what one is in the middle of, what one's own work brings
    one into, and the rest of the same kind of service."""

    going: list[Line]
    mine: list[Line]
    others: list[Line]


def result_in_words(end: AttemptEnd) -> str:
    """“6 of 8”, that it was left, or what the vendor's training system called it."""
    if end.how == AttemptEnd.How.LEFT:
        return "Left early"
    if not end.marks:
        return end.get_result_display() or "Finished"
    met = sum(result == Result.MET for result in end.marks.values())
    return f"{met} of {len(end.marks)}"


def choices(
    playables: Mapping[str, Playable],
    posts: Sequence[Working],
    playing: Sequence[Playing],
    attempts: Sequence[Attempt],
) -> Choices:
    last: dict[str, Attempt] = {}
    for attempt in attempts:
        if hasattr(attempt, "end"):
            last.setdefault(attempt.scenario.code, attempt)
    going = {one.attempt.scenario.code: one for one in playing}
    settings = {one.post.service.setting for one in posts}
    mine: list[Line] = []
    others: list[Line] = []
    for code, playable in playables.items():
        scenario = playable.scenario
        if scenario.setting not in settings or code in going:
            continue
        fits = any(one.meets(scenario) for one in posts)
        (mine if fits else others).append(_line(scenario, last.get(code)))
    return Choices(
        going=[
            Line(
                playables[code].scenario.title if code in playables else code,
                "A check. Go on where you were."
                if one.attempt.mode == Attempt.Mode.CHECK
                else "Go on where you were.",
                address("play", one.attempt.entry),
                "play",
                "Begun",
                now=True,
            )
            for code, one in going.items()
        ],
        mine=mine,
        others=others,
    )


def to_check(playables: Mapping[str, Playable], posts: Sequence[Working]) -> list[tuple[str, str]]:
    """(code, title) of the scenarios of these posts’ settings, those of their work first."""
    settings = {one.post.service.setting for one in posts}
    found = [one.scenario for one in playables.values() if one.scenario.setting in settings]
    found.sort(key=lambda one: not any(post.meets(one) for post in posts))
    return [(one.code, one.title) for one in found]


def _line(scenario: Scenario, last: Attempt | None) -> Line:
    return Line(
        scenario.title,
        f"{scenario.task}. About {plural(scenario.minutes, 'minute')}.",
        address("practice-start", scenario.code),
        "moon" if scenario.shift == "night" else "sun",
        f"Last time: {result_in_words(last.end)}" if last else "",
    )


def session_lines(open_sessions: Iterable[PracticeSession]) -> list[Line]:
    """The group sessions that are open, for whoever may lead them."""
    return [
        Line(
            scenario_of(one.scenario.document).title,
            f"{one.service}, opened by {one.by}. The code is {one.code}.",
            address("practice-session", one.entry),
            "users-round",
            "Open",
        )
        for one in open_sessions
    ]


# --- The player ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class AlertCard:
    """A red card: what rang, about whom, how long ago, what matters, what to do."""

    event: str
    title: str
    about: str
    ago: str
    facts: list[tuple[str, str]]
    plan_href: str


@dataclass(frozen=True)
class Happening:
    """Something seen or said; with `choices` (value, words) until one is chosen."""

    says: str
    choices: list[tuple[str, str]]


@dataclass(frozen=True)
class Stage:
    """What stands round every page of the player; `entry` is what names it in addresses.

    `ask`: in a group session help can be asked for ("can"), has been ("asked"), or the session has
    "ended"; empty elsewhere.
    """

    entry: int | str
    title: str
    task: str
    check: bool
    preview: bool
    progress: tuple[int, int] | None
    hint: str
    hints: list[str]
    clock: str
    place: str
    revision: int
    here: str
    alerts: list[AlertCard]
    happenings: list[Happening]
    can_wait: bool
    nav: list[Link]
    seen: str
    next_in: int
    ask: str = ""
    words: Mapping[str, str] = field(default_factory=dict)


def stage(going: Going, *, here: str, tab: str, now: datetime) -> Stage:
    """`here` is the address of the page, to come back to; `tab` the current one of the bar."""
    scenario, profile, sofar = going.scenario, going.profile, going.play
    entry = going.key
    alerts = [
        alert_card(going, code)
        for code in sofar.arrived
        if scenario.event(code).alert and not sofar.acknowledged(code)
    ]
    left = 0 if going.is_check else len(scenario.hints) - sofar.hints
    open_alerts = f" · {len(alerts)}" if alerts else ""
    next_at = sofar.next_at()
    return Stage(
        entry=entry,
        title=scenario.title,
        task=scenario.task,
        check=going.is_check,
        preview=going.is_preview,
        progress=None if going.is_check else progress(going),
        hint=f"Hint · {left}" if left else "",
        hints=[] if going.is_check else list(scenario.hints[: sofar.hints]),
        clock=clock_at(scenario, sofar.now),
        place=scenario.place,
        revision=sofar.done,
        here=here,
        alerts=alerts,
        happenings=happenings(going),
        can_wait=next_at is not None,
        nav=_nav_when_down(entry, tab)
        if down_since(scenario, sofar)
        else [
            Link(people_word(profile), address("play", entry), tab == "people", "users-round"),
            Link("Tasks", address("play-place", entry, "tasks"), tab == "tasks", "list-checks"),
            Link(
                f"{alerts_word(profile)}{open_alerts}",
                address("play-place", entry, "alerts"),
                tab == "alerts",
                "bell",
            ),
            Link(
                "Handover",
                address("play-place", entry, "handover"),
                tab == "handover",
                "notebook-pen",
            ),
        ],
        seen=" ".join(sorted(sofar.arrived)),
        next_in=-1 if next_at is None else max(next_at - sofar.now, 0),
        ask=_ask(going, now),
        words={
            "person": profile.terms["person"],
            "people": people_word(profile),
            "alert": profile.terms["alert"],
        },
    )


def _nav_when_down(entry: int | str, tab: str) -> list[Link]:
    """What is at hand without the system."""
    return [
        Link("Downtime form", address("play-paper", entry), tab == "paper", "clipboard-pen"),
        Link("Tell somebody", address("play-tell", entry), tab == "tell", "phone"),
    ]


def _ask(going: Going, now: datetime) -> str:
    session = going.attempt.session
    if session is None:
        return ""
    if not session.is_open(at=now):
        return "ended"
    return "asked" if going.play.asked else "can"


def progress(going: Going) -> tuple[int, int]:
    """(how many of what is expected are met so far, how many there are)."""
    marks = [one for one in going.marks() if not one.expected.must_not]
    return sum(one.result == Result.MET for one in marks), len(marks)


def alert_card(going: Going, code: str) -> AlertCard:
    scenario = going.scenario
    event = scenario.event(code)
    alert = alert_of(scenario, going.profile, code)
    person = scenario.person(event.about)
    facts = [("triangle-alert", f"{risk.title}. {risk.text}") for risk in person.risks[:2]]
    return AlertCard(
        event=code,
        title=alert.title,
        about=f"{person.where} · {person.name}",
        ago=_ago(going.play.now - going.play.arrived[code]),
        facts=[*facts, ("timer", answer_within(alert, scenario.setting))],
        plan_href=address("play-place", going.key, person.code),
    )


def answer_within(alert: AlertType, setting: str) -> str:
    minutes = alert.acknowledge_minutes.get(setting)
    if minutes is None:
        return "Answer it, then record what you found."
    if minutes == 0:
        return "Answer at once, then record what you found."
    return f"Answer within {plural(minutes, 'minute')}, then record what you found."


def _ago(seconds: int) -> str:
    return f"{seconds // 60}:{seconds % 60:02}"


def happenings(going: Going) -> list[Happening]:
    """What is to be decided, and what was said since the last thing done."""
    scenario, sofar = going.scenario, going.play
    deeds = [s for s in sofar.steps if s.did not in BESIDE]
    since = deeds[-1].at if deeds else 0
    found = []
    for code, at in sorted(sofar.arrived.items(), key=lambda pair: pair[1]):
        event = scenario.event(code)
        if not event.says:
            continue
        if event.choices and not sofar.chosen(code):
            chosen = [(f"{code}/{choice.code}", choice.text) for choice in event.choices]
            found.append(Happening(event.says, chosen))
        elif not event.choices and at >= since:
            found.append(Happening(event.says, []))
    return found


@dataclass(frozen=True)
class PersonLine:
    """Somebody in the list of people."""

    name: str
    where: str
    next: str
    href: str
    tone: int
    flags: tuple[str, ...]
    alike: bool
    due: str
    now: bool


def person_lines(going: Going) -> list[PersonLine]:
    scenario = going.scenario
    clock = clock_at(scenario, going.play.now)
    lines = []
    for number, person in enumerate(scenario.people):
        tasks = [task for task in scenario.tasks if task.about == person.code]
        waiting = [task for task in tasks if not is_done(going, task.code)]
        due, now = _due(waiting[0].due, clock) if waiting else ("", False)
        if not due and _waits_for_approval(going, person.code):
            due = "Waits for approval"
        lines.append(
            PersonLine(
                name=person.name,
                where=person.where,
                next=f"{waiting[0].title} at {waiting[0].due}" if waiting else "",
                href=address("play-place", going.key, person.code),
                tone=number % 5,
                # That they are alike has a tag of its own.
                flags=tuple(one for one in person.flags if one != ALIKE or not person.alike)[:2],
                alike=person.alike,
                due=due,
                now=now,
            )
        )
    return lines


def _waits_for_approval(going: Going, about: str) -> bool:
    return any(
        record.about == about
        and "approve" in record.offers
        and not going.play.acted_on(record.code)
        for record in going.scenario.records
    )


def is_done(going: Going, task: str) -> bool:
    """Whether something was recorded for a task."""
    return any(step.what.get("task") == task for step in going.play.of(Did.RECORD))


def _due(due: str, clock: str) -> tuple[str, bool]:
    left = (minutes_of(due) - minutes_of(clock) + 720) % 1440 - 720
    return ("Due now", True) if left <= 0 else (f"in {left} min", False)


@dataclass(frozen=True)
class TaskLine:
    title: str
    who: str
    due: str
    tag: str
    now: bool
    href: str


def task_lines(going: Going) -> list[TaskLine]:
    scenario = going.scenario
    clock = clock_at(scenario, going.play.now)
    found = []
    for task in sorted(scenario.tasks, key=lambda one: one.due):
        done = is_done(going, task.code)
        tag, now = ("Recorded", False) if done else _due(task.due, clock)
        href = address("play-write", going.key, task.about, task=task.code)
        person = scenario.person(task.about)
        found.append(
            TaskLine(task.title, f"{person.name}, {person.where}", task.due, tag, now, href)
        )
    return found


@dataclass(frozen=True)
class PaperLine:
    """A line of the downtime form; `href` leads to where it is entered, once the system is back."""

    time: str
    who: str
    text: str
    checked: bool
    entered: bool
    href: str


def paper_lines(going: Going) -> list[PaperLine]:
    """What was written on the downtime form, in the order of writing."""
    scenario = going.scenario
    is_down = down_since(scenario, going.play) is not None
    return [
        PaperLine(
            time=step.what["time"],
            who=scenario.person(step.what["about"]).name,
            text=step.what.get("text", ""),
            checked=step.what.get("checked", False),
            entered=going.play.entered(step.number),
            href=""
            if is_down
            else address("play-write", going.key, step.what["about"], paper=step.number),
        )
        for step in going.play.of(Did.PAPER)
    ]


def paper_line(going: Going, number: str) -> PaperLine | None:
    """The line of this step’s number."""
    numbers = [str(step.number) for step in going.play.of(Did.PAPER)]
    return paper_lines(going)[numbers.index(number)] if number in numbers else None


@dataclass(frozen=True)
class RecordLine:
    """A record in a list: one that was there, or one of one's own."""

    what: str
    why: str
    href: str
    icon: str
    tag: str = ""


def record_lines(going: Going, about: str = "") -> list[RecordLine]:
    """What has been recorded, about one person or all: first one's own, the last first."""
    scenario = going.scenario
    types = record_types(scenario, going.profile)
    titles = {one.code: one.title for one in going.profile.sections}
    own = [
        RecordLine(
            what=_record_title(types, titles, step.what["type"], step.what.get("section", "")),
            why=_own_words(scenario, types[step.what["type"]], step.what, names=not about),
            href="",
            icon="pen-line",
            tag=f"You, {clock_at(scenario, step.at)}",
        )
        for step in reversed(going.play.of(Did.RECORD))
        if about in ("", step.what["about"])
    ]
    earlier = [
        RecordLine(
            what=_record_title(types, titles, record.type, record.section),
            why=" ".join(
                [
                    *([f"{scenario.person(record.about).name}."] if not about else []),
                    record.text,
                ]
            ),
            href=address("play-place", going.key, f"{record.about}/record/{record.code}"),
            icon="file-text",
            tag=f"{record.by}, {record.at}",
        )
        for record in scenario.records
        if about in ("", record.about)
    ]
    return [*own, *earlier]


def _record_title(
    types: Mapping[str, RecordType], titles: Mapping[str, str], code: str, section: str
) -> str:
    title = types[code].title if code in types else code
    return f"{title}: {titles[section]}" if section in titles else title


def _own_words(
    scenario: Scenario, kind: RecordType, what: Mapping[str, Any], *, names: bool
) -> str:
    said = [
        f"{one.title}{'' if one.title.endswith('?') else ':'} {value.rstrip('.')}."
        for one, value in shown_fields(kind, what.get("fields", {}))
    ]
    who = [f"{scenario.person(what['about']).name}."] if names else []
    return " ".join([*who, *said, what.get("text", "")]).strip()


def shown_fields(kind: RecordType, values: Mapping[str, Any]) -> list[tuple[Any, str]]:
    """(field, its value as it is read) of those filled, in the profile's order."""
    return [
        (one, f"{_as_read(one, values[one.code])} {one.unit}".strip())
        for one in kind.fields
        if values.get(one.code) not in (None, "")
    ]


def _as_read(one: Field, value: Any) -> str:
    if one.kind == "date":
        try:
            return day(date.fromisoformat(str(value)))
        except ValueError:
            return str(value)
    return capital(str(value)) if one.kind == "choice" else str(value)


@dataclass(frozen=True)
class PersonPage:
    person: PracticePerson
    rows: list[tuple[str, str]]
    risks: list[Link]
    plan: list[Link]
    records: list[RecordLine]
    write_href: str


def person_page(going: Going, person: PracticePerson) -> PersonPage:
    entry = going.key
    titles = {one.code: one.title for one in going.profile.sections}
    return PersonPage(
        person=person,
        rows=[
            ("Born", day(person.born)),
            ("Allergies", person.allergies or "Nothing recorded"),
            *([("Known for", ", ".join(person.flags))] if person.flags else []),
            ("About", person.about),
        ],
        risks=[
            Link(risk.title, address("play-place", entry, f"{person.code}/risk/{risk.code}"))
            for risk in person.risks
        ],
        plan=[
            Link(
                titles.get(part.section, part.section),
                address("play-place", entry, f"{person.code}/plan/{part.section}"),
            )
            for part in person.plan
        ],
        records=record_lines(going, person.code),
        write_href=address("play-write", entry, person.code),
    )


@dataclass(frozen=True)
class RecordPage:
    """A record that was there: what it says, and what may be done with it (code, words, whether a
    reason is asked)."""

    title: str
    rows: list[tuple[str, str]]
    text: str
    offers: list[tuple[str, str, bool]]
    flags: list[tuple[str, str]]
    done: str


OFFERS = {
    "amend": ("Correct it", "Corrected", True),
    "void": ("Void it", "Voided", True),
    "approve": ("Approve it", "Approved", False),
    "return": ("Send it back", "Sent back", True),
    "flag": ("Flag what you found", "Flagged", False),
}


def record_page(going: Going, record: EarlierRecord) -> RecordPage:
    scenario = going.scenario
    types = record_types(scenario, going.profile)
    titles = {one.code: one.title for one in going.profile.sections}
    kind = types[record.type]
    step = going.play.acted_on(record.code)
    return RecordPage(
        title=_record_title(types, titles, record.type, record.section),
        rows=[
            ("Written by", f"{record.by}, {record.at}"),
            *((one.title, value) for one, value in shown_fields(kind, record.fields)),
        ],
        text=record.text,
        offers=[] if step else [(how, OFFERS[how][0], OFFERS[how][2]) for how in record.offers],
        flags=[(one.code, one.text) for one in scenario.flags],
        done=acted_in_words(scenario, step) if step else "",
    )


def acted_in_words(scenario: Scenario, step: Step) -> str:
    said = OFFERS[step.what["how"]][1]
    flag = next((one.text for one in scenario.flags if one.code == step.what.get("flag")), "")
    return f"{said} by you{f': {flag}' if flag else ''}."


def contact_lines(going: Going) -> list[tuple[str, str, str]]:
    """(code, title, what they said if they were told)."""
    return [
        (one.code, one.title, one.says if going.play.told(one.code) else "")
        for one in going.scenario.contacts
    ]


def to_record(going: Going) -> list[Link]:
    """The alerts somebody went to and whose response is not recorded yet, each with the form."""
    if "alert" not in record_types(going.scenario, going.profile):
        return []
    found = []
    for code in going.play.arrived:
        event = going.scenario.event(code)
        if event.alert and going.play.acknowledged(code) and not going.play.answered(code):
            title = alert_of(going.scenario, going.profile, code).title
            href = address("play-record", going.key, event.about, "alert")
            found.append(Link(f"Record what you found: {title}", href, icon="pen-line"))
    return found


def happened_lines(going: Going) -> list[tuple[str, str]]:
    """(clock, what arrived or was said) so far, the last first."""
    scenario = going.scenario
    lines = []
    for code, at in sorted(going.play.arrived.items(), key=lambda pair: pair[1], reverse=True):
        event = scenario.event(code)
        if event.alert:
            alert = alert_of(scenario, going.profile, code)
            step = going.play.acknowledged(code)
            said = f"{alert.title}: {scenario.person(event.about).name}."
            said += f" You went at {clock_at(scenario, step.at)}." if step else " Not answered yet."
            said += " Response recorded." if going.play.answered(code) else ""
        else:
            said = event.says
        lines.append((clock_at(scenario, at), said))
    return lines


def feedback(
    before: Sequence[Mark], after: Sequence[Mark], step: int, *, otherwise: str = "Saved."
) -> str:
    """One line on what was just written: what was shown by it, or what it lacks."""
    old = {one.expected.code: one.result for one in before}
    for one in after:
        if one.step == step and one.expected.must_not:
            return one.expected.fix
    for one in after:
        if one.step == step and one.expected.what in ("record", "paper"):
            if one.result == Result.MET and old[one.expected.code] != Result.MET:
                return one.expected.well
            if one.result == Result.PARTLY:
                return f"{otherwise} {' '.join(one.because)}"
    return otherwise


# --- Result and replay ---------------------------------------------------------------------------


@dataclass(frozen=True)
class ResultPage:
    heading: str
    ring: int
    count: str
    line: str
    well: list[str]
    fix: list[tuple[str, str]]
    told: str
    judged: str


def result_page(shown: Replay, *, own: bool) -> ResultPage:
    """How it went, as the person reads it; somebody else is told whose it is."""
    name = shown.attempt.person.first_name
    marks, end = shown.marks, shown.end
    met = [one for one in marks if one.result == Result.MET]
    total = len(marks)
    left = end.how == AttemptEnd.How.LEFT
    if not own:
        heading = f"How did {name} do?"
    elif left:
        heading = "You stopped before the end"
    elif len(met) == total:
        heading = f"Well done, {name}"
    elif len(met) * 4 >= total * 3:
        heading = f"So close, {name}"
    else:
        heading = f"Have another go, {name}"
    minutes = -(-end.seconds // 60)
    helped = sum(step.did == Did.HELPED for step in shown.steps)
    help_ = f" · helped {times(helped)}" if helped else ""
    return ResultPage(
        heading=heading,
        ring=round(40 * len(met) / total) if total else 0,
        count=f"{len(met)} of {total}",
        line=f"{shown.scenario.title} · {minutes} min of the shift · "
        f"{plural(end.hints, 'hint')}{help_}",
        well=[one.expected.well for one in met],
        fix=[
            (one.expected.fix, " ".join(one.because)) for one in marks if one.result != Result.MET
        ],
        told="" if own else f"This is what {name} was told{' after stopping early' * left}.",
        judged=_judged(shown.attempt, own=own),
    )


def _judged(attempt: Attempt, *, own: bool) -> str:
    if attempt.mode == Attempt.Mode.PRACTISE:
        return "This is practice. It is never a pass or a fail by itself."
    whose = "Your trainer sees it and judges it." if own else "An assessor judges it."
    return f"This was a check. What stands here is no pass or fail. {whose}"


@dataclass(frozen=True)
class Moment:
    """One line of a replay; `number` is the step's."""

    number: int
    clock: str
    after: str
    icon: str
    what: str
    words: str
    shows: list[tuple[str, bool]]


ICONS = {
    Did.OPEN: "eye",
    Did.ACKNOWLEDGE: "footprints",
    Did.TELL: "phone",
    Did.CHOOSE: "message-circle",
    Did.RECORD: "pen-line",
    Did.ACT_ON: "file-check",
    Did.PAPER: "clipboard-pen",
    Did.HINT: "lightbulb",
    Did.ASK: "hand",
    Did.HELPED: "hand-helping",
    Did.WAIT: "hourglass",
    Did.AWAY: "wifi-off",
    Did.FINISH: "flag",
}


def moments(shown: Replay) -> list[Moment]:
    """The steps of an attempt in words, with what each one shows."""
    by_step: dict[int, list[tuple[str, bool]]] = {}
    for one in shown.marks:
        if one.step is not None:
            good = one.result == Result.MET
            said = one.expected.well if good else " ".join(one.because) or one.expected.fix
            by_step.setdefault(one.step, []).append((said, good))
    return [
        Moment(
            number=step.number,
            clock=clock_at(shown.scenario, step.at),
            after=_ago(step.at),
            icon=ICONS[step.did],
            what=in_words(shown.scenario, shown.profile, step),
            words=_typed(shown.scenario, shown.profile, step),
            shows=by_step.get(step.number, []),
        )
        for step in shown.steps
    ]


def in_words(scenario: Scenario, profile: Profile, step: Step) -> str:
    """What a step did, in one sentence."""
    what = step.what
    match step.did:
        case Did.OPEN:
            return f"Opened {place_in_words(scenario, profile, what['place'])}."
        case Did.ACKNOWLEDGE:
            alert = alert_of(scenario, profile, what["event"])
            person = scenario.person(scenario.event(what["event"]).about)
            return f"Answered “{alert.title}” and went to {person.name}."
        case Did.TELL:
            return f"Told {scenario.contact(what['contact']).title}."
        case Did.CHOOSE:
            event, _, choice = what["choice"].partition("/")
            text = next(c.text for c in scenario.event(event).choices if c.code == choice)
            return f"Chose: {text}."
        case Did.RECORD:
            kind = record_types(scenario, profile)[what["type"]]
            titles = dict(sections(scenario, profile, kind))
            where = titles.get(what.get("section", ""), "")
            late = ", as a late entry" if what.get("late") else ""
            return (
                f"Recorded “{kind.title}” about {scenario.person(what['about']).name}"
                f"{f' in “{where}”' if where else ''}{late}."
            )
        case Did.ACT_ON:
            record = scenario.record(what["record"])
            kind = record_types(scenario, profile)[record.type]
            return f"“{kind.title}” of {record.by}: {acted_in_words(scenario, step).lower()}"
        case Did.PAPER:
            looked = ", looked in on them" if what.get("checked") else ""
            who = scenario.person(what["about"]).name
            return f"Wrote on paper about {who}, {what['time']}{looked}."
        case Did.HINT:
            return "Asked for a hint."
        case Did.ASK:
            return "Asked for help."
        case Did.HELPED:
            return "A trainer helped."
        case Did.WAIT:
            return "Waited until something happened."
        case Did.AWAY:
            return f"Nobody was there for {_ago(what['seconds'])}. It is not counted."
        case _:
            return "Finished."


def place_in_words(scenario: Scenario, profile: Profile, place: str) -> str:
    """What a place is called: “Joyce Adeyemi’s care plan, Sleep”."""
    if place == "tasks":
        return "the tasks"
    if place == "alerts":
        return f"the {profile.terms['alert']}s"
    if place == "handover":
        return "the handover"
    who, _, rest = place.partition("/")
    person = scenario.person(who)
    kind, _, code = rest.partition("/")
    titles = {one.code: one.title for one in profile.sections}
    match kind:
        case "plan":
            return f"{person.name}’s care plan, {titles.get(code, code)}"
        case "risk":
            return f"{person.name}’s risks, {next(r.title for r in person.risks if r.code == code)}"
        case "record":
            return f"a record about {person.name}"
    return f"{person.name}’s page"


def _typed(scenario: Scenario, profile: Profile, step: Step) -> str:
    if step.did == Did.RECORD:
        kind = record_types(scenario, profile)[step.what["type"]]
        return _own_words(scenario, kind, step.what, names=False)
    return str(step.what.get("reason", ""))


def result_address(attempt: Attempt) -> str:
    """The page that says how an attempt went."""
    if attempt.where == Attempt.Where.HERE:
        return address("practice-result", attempt.entry)
    return address("practice-elsewhere-result", attempt.pk)


def attempt_lines(
    attempts: Iterable[Attempt], *, version: int
) -> list[tuple[str, str, str, datetime]]:
    """(how it went, which mode, its address, when) of ended attempts. `version` is the one played
    now; another asked for other things, so it is said."""
    return [
        (
            result_in_words(one.end),
            _mode_in_words(one, version),
            result_address(one),
            one.when,
        )
        for one in attempts
        if hasattr(one, "end")
    ]


def _mode_in_words(attempt: Attempt, version: int) -> str:
    if attempt.where != Attempt.Where.HERE:
        return str(attempt.get_where_display())
    mode = str(attempt.get_mode_display())
    played = attempt.scenario.version
    return mode if played == version else f"{mode}, version {played} (now {version})"
