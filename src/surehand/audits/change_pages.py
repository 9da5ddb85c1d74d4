"""What the pages of change requests show, and the text that goes to the supplier (2.4)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from surehand.audits.cause_pages import record_type_of, section_of
from surehand.audits.change import MEANS, WRITTEN
from surehand.audits.change_queries import Asked, State, said_on
from surehand.competency.themes import THEMES
from surehand.ecm.profile import Profile
from surehand.ecm.queries import profile_for, profile_version
from surehand.people.roles import SETTINGS
from surehand.ui.formats import day, plural
from surehand.ui.page import address

LABELS = {WRITTEN: "Written, not sent yet"} | dict(State.choices)
ICONS = {
    WRITTEN: "file-text",
    State.SENT.value: "send",
    State.PLANNED.value: "calendar-clock",
    State.DECLINED.value: "circle-x",
    State.RELEASED.value: "circle-check",
    State.CLOSED.value: "archive",
}
TONES = {
    WRITTEN: "accent",
    State.DECLINED.value: "restricted",
    State.RELEASED.value: "independent",
}


@dataclass(frozen=True)
class Line:
    """One change request in a list. It names nobody: the list goes to the supplier too."""

    pk: int
    what: str
    where: str
    service: str
    profile: str
    gaps: int
    asked_on: date
    state: str
    tone: str
    icon: str
    since: date
    release: str
    href: str

    @property
    def stands(self) -> str:
        """“Planned, for 8 December 2026”, “Released, 4.2”."""
        if self.release:
            return f"{self.state}, {self.release}"
        return self.state


def lines_of(found: Iterable[Asked], *, keep: Mapping[str, str]) -> list[Line]:
    """A line for each, in the order given; each version of a profile is read once. `keep` asks for
    the same moment on the page of each."""
    profiles: dict[tuple[str, str], Profile] = {}
    lines = []
    for asked in found:
        key = asked.request.profile, asked.request.service.setting
        if key not in profiles:
            profiles[key] = profile_of(asked)
        lines.append(line_of(asked, profiles[key], keep=keep))
    return lines


def line_of(asked: Asked, profile: Profile, *, keep: Mapping[str, str]) -> Line:
    request = asked.request
    return Line(
        pk=request.pk,
        what=THEMES[request.cause.theme].title,
        where=where_of(asked, profile),
        service=str(request.service),
        profile=request.profile,
        gaps=asked.gaps,
        asked_on=said_on(request),
        state=LABELS[asked.state],
        tone=TONES.get(asked.state, "plain"),
        icon=ICONS[asked.state],
        since=asked.on,
        release=asked.release,
        href=address("change", request.pk, **keep),
    )


def profile_of(asked: Asked) -> Profile:
    """The ECM profile the request was written for."""
    try:
        return profile_version(*asked.request.profile.rsplit(" ", 1))
    except KeyError:
        return profile_for(asked.request.service.setting, at=asked.request.recorded_at)


def where_of(asked: Asked, profile: Profile) -> str:
    """“Note, Food and drink”; anywhere where neither is named."""
    request = asked.request
    parts = (
        record_type_of(profile, request.record_type),
        section_of(profile, request.section),
    )
    return ", ".join(part for part in parts if part) or "Anywhere"


@dataclass(frozen=True)
class Step:
    """One step of the life of a request."""

    icon: str
    tone: str
    what: str
    rest: str
    words: str
    when: datetime
    entry: int
    proof: str


def life_of(asked: Asked, words: dict[int, str]) -> list[Step]:
    """From being written to where it stands, the last step first."""
    request = asked.request
    begun = Step(
        ICONS[WRITTEN],
        "plain",
        "Written",
        f"by {request.by}, for {plural(asked.gaps, 'gap')}.",
        "",
        request.recorded_at,
        request.entry or 0,
        address("entry", request.entry),
    )
    steps = [
        Step(
            ICONS[step.state],
            TONES.get(step.state, "plain"),
            State(step.state).label,
            f"{'for' if step.state == State.PLANNED else 'on'} {day(step.on)}"
            + (f", with release {step.release}" if step.release else "")
            + f". Said by {step.by}.",
            words.get(step.entry or 0, ""),
            step.recorded_at,
            step.entry or 0,
            address("entry", step.entry),
        )
        for step in asked.steps
    ]
    return [begun, *steps][::-1]


def means(state: str) -> str:
    """What the day of a step is."""
    return MEANS[state]


@dataclass(frozen=True)
class ForSupplier:
    """What the supplier reads: no person, no record, no service’s people; `asks` was checked for
    names when it was written, and the examples are those of the theme, of nobody."""

    number: str
    title: str
    asks: str
    rows: list[tuple[str, str]]
    weak: str
    good: str
    steps: list[str]

    def text(self) -> str:
        """As Markdown."""
        lines = [f"# Change request {self.number}: {self.title}", "", "## What we ask for", ""]
        lines += [self.asks, "", "## Where, and how often", ""]
        lines += [f"- {key}: {value}" for key, value in self.rows]
        lines += ["", "## For example", ""]
        lines += [f"- As it is entered now: {self.weak}", f"- As it should be: {self.good}"]
        lines += ["", "These examples are made up; nobody is in them.", "", "## So far", ""]
        lines += [f"- {step}" for step in self.steps]
        return "\n".join(lines) + "\n"


def for_supplier(asked: Asked, *, asks: str, summary: str) -> ForSupplier:
    """`summary` is how many people wrote the gaps and in how many places, in a sentence."""
    request = asked.request
    theme, profile = THEMES[request.cause.theme], profile_of(asked)
    return ForSupplier(
        number=f"{request.entry:,}",
        title=theme.title,
        asks=asks or "What was asked is no longer kept.",
        rows=[
            ("Care setting", SETTINGS[request.service.setting]),
            ("Written for", f"{profile.title}, version {profile.version}"),
            ("Where", where_of(asked, profile)),
            ("What is missing there", theme.missing),
            ("Found in", f"{plural(asked.gaps, 'checked record')}. {summary}"),
            ("Cause", "Workflow design: people who know how still leave it out here."),
        ],
        weak=theme.weak,
        good=theme.good,
        steps=[
            f"Written on {day(request.recorded_at)}.",
            *(
                f"{State(s.state).label}, {day(s.on)}"
                + (f", release {s.release}." if s.release else ".")
                for s in asked.steps
            ),
        ],
    )
