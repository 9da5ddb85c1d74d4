"""Reads about scenarios and attempts."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, lru_cache

from surehand.ecm.profile import Profile, starter
from surehand.people.models import Post
from surehand.people.queries import terms_of
from surehand.practice.marking import Mark, Result, mark
from surehand.practice.models import Attempt, AttemptEnd, Playing, ScenarioVersion, StepWords
from surehand.practice.play import Did, Play, Step, now_after, play
from surehand.practice.scenario import Scenario, read, starter_cast, starter_texts
from surehand.practice.typed import together
from surehand.timeline import instant, london_date

AWAY_AFTER = 60
"""Seconds without a sign of life after which nobody was there; they are not counted."""


# --- Scenarios -----------------------------------------------------------------------------------


@lru_cache(maxsize=256)
def scenario_of(document: str) -> Scenario:
    """The scenario of a document that was checked when it was shipped or published."""
    return read(document, cast=starter_cast())


@cache
def _shipped() -> dict[str, tuple[Scenario, str]]:
    return {code: (scenario_of(text), text) for code, text in starter_texts()}


@dataclass(frozen=True)
class Playable:
    """A scenario that can be played; `kept` is its version where that is recorded already."""

    scenario: Scenario
    document: str
    kept: ScenarioVersion | None = None


def scenarios() -> dict[str, Playable]:
    """The newest version of every scenario, by code, the shipped ones first; one statement."""
    found = {code: Playable(scenario, text) for code, (scenario, text) in _shipped().items()}
    for kept in ScenarioVersion.objects.order_by("code", "version"):
        shipped = found.get(kept.code)
        if shipped is None or shipped.scenario.version <= kept.version:
            found[kept.code] = Playable(scenario_of(kept.document), kept.document, kept)
    return found


def scenario_titles() -> dict[str, str]:
    """What the shipped scenarios are called, by code; nothing is asked of the database."""
    return {code: scenario.title for code, (scenario, _) in _shipped().items()}


def profile_for(scenario: Scenario) -> Profile:
    """The ECM profile a scenario is played in."""
    return starter(scenario.profile)


def profile_of(attempt: Attempt, scenario: Scenario) -> Profile:
    """The ECM profile an attempt is, or was, played in (`attempt.profile`)."""
    return profile_for(scenario)


def named(profile: Profile) -> str:
    """A profile as attempts name it."""
    return f"{profile.code} {profile.version}"


@dataclass(frozen=True)
class Working:
    """A post held now, with what it is responsible for."""

    post: Post
    responsibilities: tuple[str, ...]

    def meets(self, scenario: Scenario) -> bool:
        """Whether its work brings it into this scenario."""
        return scenario.setting == self.post.service.setting and scenario.is_for(
            self.post.job_role, self.responsibilities
        )


def working(people: Iterable[int], *, at: datetime) -> list[Working]:
    """The posts these people (one human) hold at a moment; two statements."""
    today = london_date(instant(at))
    posts = list(
        Post.objects.filter(person__in=list(people), start_date__lte=today)
        .select_related("service__details")
        .order_by("service__details__name", "pk")
    )
    terms = terms_of([post.pk for post in posts])
    return [
        Working(post, own.responsibilities_on(today) if own else ())
        for post in posts
        if (own := terms.get(post.pk)) is None or own.end_date is None or own.end_date >= today
    ]


# --- An attempt while it is played ---------------------------------------------------------------


@dataclass(frozen=True)
class Going:
    """An attempt under way, at a moment: `steps` so far (being away included) and the `play`."""

    attempt: Attempt
    playing: Playing
    scenario: Scenario
    profile: Profile
    steps: tuple[Step, ...]
    play: Play

    @property
    def is_check(self) -> bool:
        return self.attempt.mode == Attempt.Mode.CHECK

    def marks(self) -> tuple[Mark, ...]:
        """What is shown so far."""
        return mark(self.scenario, self.profile, self.steps)


def going(playing: Playing, *, at: datetime) -> Going:
    """Where an attempt stands. Give its attempt, scenario and service with it."""
    attempt = playing.attempt
    scenario = scenario_of(attempt.scenario.document)
    steps = tuple(Step.of_row(row) for row in playing.steps)
    clock = playing.clock
    gap = whole_seconds(playing.seen_at, at)
    if gap > AWAY_AFTER:
        steps = (*steps, away(steps, clock, gap))
    else:
        clock += gap
    return Going(
        attempt,
        playing,
        scenario,
        profile_of(attempt, scenario),
        steps,
        play(scenario, steps, max(clock, now_after(steps))),
    )


def whole_seconds(earlier: datetime, later: datetime) -> int:
    return max(int((later - earlier).total_seconds()), 0)


def seen_at(playing: Playing, now: datetime) -> datetime:
    """When the player counts as last seen, seen now: so that only whole seconds are counted and
    many short looks lose none."""
    return playing.seen_at + timedelta(seconds=whole_seconds(playing.seen_at, now))


def away(steps: Sequence[Step], clock: int, seconds: int) -> Step:
    """The step that says for how long nobody was there; the clock stood still."""
    return Step(len(steps) + 1, clock, Did.AWAY, {"seconds": seconds})


def playing_of(people: Collection[int]) -> list[Playing]:
    """The attempts these people (one human) are in the middle of, the last one first."""
    return list(
        Playing.objects.filter(attempt__person__in=people)
        .select_related("attempt__scenario", "attempt__service__details", "attempt__person")
        .order_by("-attempt__entry")
    )


def playing(entry: int) -> Playing | None:
    """The attempt of this entry while it is played."""
    return (
        Playing.objects.filter(attempt__entry=entry)
        .select_related(
            "attempt__scenario",
            "attempt__service__details",
            "attempt__person__identity",
            "attempt__session__end",
        )
        .first()
    )


# --- Attempts that have ended --------------------------------------------------------------------


def attempts_of(people: Collection[int]) -> list[Attempt]:
    """All attempts of these people (one human) with their ends, the last one first; one
    statement. An attempt without an end is still played (or its draft was not kept: left)."""
    return list(
        Attempt.objects.filter(person__in=people)
        .select_related("scenario", "service__details", "end", "by__identity")
        .order_by("-entry")
    )


def attempt_of(entry: int) -> Attempt | None:
    """The attempt of this entry, with whose it is and its end."""
    return (
        Attempt.objects.filter(entry=entry)
        .select_related("scenario", "service__details", "end", "person__identity", "by__identity")
        .first()
    )


@dataclass(frozen=True)
class Replay:
    """An attempt that ended, as it was done. `marks` carry the sentences; where what was typed has
    been erased (`whole` is False) they rest on what was found when it ended."""

    attempt: Attempt
    end: AttemptEnd
    scenario: Scenario
    profile: Profile
    steps: tuple[Step, ...]
    marks: tuple[Mark, ...]
    whole: bool


def replay(attempt: Attempt) -> Replay:
    """How an ended attempt was done; two statements. Give it with scenario and end."""
    end: AttemptEnd = attempt.end
    scenario = scenario_of(attempt.scenario.document)
    profile = profile_of(attempt, scenario)
    words: Mapping[int, dict[str, object]] = {
        number: json.loads(bytes(content))
        for number, content in StepWords.objects.filter(step__attempt=attempt).values_list(
            "step__number", "content"
        )
    }
    rows = list(attempt.steps.order_by("number").values("number", "at", "did", "what"))
    steps = tuple(
        Step.of_row({**row, "what": together(row["what"], words.get(row["number"], {}))})
        for row in rows
    )
    now = {one.expected.code: one for one in mark(scenario, profile, steps)}
    found = tuple(
        one if one.result == said else Mark(one.expected, said)
        for code, one in now.items()
        for said in [Result(end.marks.get(code, one.result))]
    )
    return Replay(
        attempt,
        end,
        scenario,
        profile,
        steps,
        found,
        whole=all(one.result.value == end.marks.get(code) for code, one in now.items()),
    )
