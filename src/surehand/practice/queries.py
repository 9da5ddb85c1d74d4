"""Reads about scenarios and attempts."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache, lru_cache

from django.db.models import BooleanField, ExpressionWrapper, Max, Q

from surehand.competency import plan_document
from surehand.competency.queries import checks_in_force
from surehand.documents import Document, DocumentProblem
from surehand.ecm import queries as ecm
from surehand.ecm.profile import STARTERS, Profile, starter
from surehand.people.models import Post
from surehand.people.queries import terms_of
from surehand.practice.marking import Mark, Result, mark
from surehand.practice.models import (
    Attempt,
    AttemptEnd,
    Playing,
    ScenarioDraft,
    ScenarioVersion,
    ScenarioWithdrawal,
    StepWords,
    standing,
)
from surehand.practice.play import Did, Play, Step, now_after, play
from surehand.practice.scenario import (
    Scenario,
    ScenarioProblem,
    load,
    read,
    starter_cast,
    starter_texts,
    template,
    with_values,
)
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

    @property
    def is_own(self) -> bool:
        """Whether the provider wrote it, or changed a shipped one."""
        return self.kept is not None and self.kept.by_id is not None


@dataclass(frozen=True)
class Held:
    """A scenario in the newest version there is; `withdrawn` while it is not offered."""

    playable: Playable
    is_shipped: bool
    withdrawn: ScenarioWithdrawal | None = None


def held() -> dict[str, Held]:
    """Every scenario there is, by code, the shipped ones first; two statements. The provider’s own
    version of a shipped code takes its place, also after a new release of Surehand."""
    found = {code: Playable(scenario, text) for code, (scenario, text) in _shipped().items()}
    newest = (
        ScenarioVersion.objects.filter(where=Attempt.Where.HERE)
        .order_by()
        .values("code", own=ExpressionWrapper(Q(by__isnull=False), BooleanField()))
        .annotate(newest=Max("pk"))
        .values("newest")
    )
    rows = ScenarioVersion.objects.filter(pk__in=newest).select_related("by__identity")
    for kept in sorted(rows, key=lambda row: (row.by_id is not None, row.code)):
        shipped = found.get(kept.code)
        if kept.by_id or shipped is None or shipped.scenario.version <= kept.version:
            found[kept.code] = Playable(scenario_of(kept.document), kept.document, kept)
    withdrawn = {row.code: row for row in ScenarioWithdrawal.objects.filter(ended__isnull=True)}
    return {
        code: Held(playable, code in _shipped(), withdrawn.get(code))
        for code, playable in found.items()
    }


def scenarios() -> dict[str, Playable]:
    """The scenarios in force, by code: shipped and own, without those withdrawn."""
    return {code: one.playable for code, one in held().items() if one.withdrawn is None}


def elsewhere() -> dict[str, Playable]:
    """The vendor's own scenarios that somebody recorded practice of, by code; one statement."""
    rows = ScenarioVersion.objects.filter(where=Attempt.Where.VENDOR).order_by("pk")
    return {kept.code: Playable(scenario_of(kept.document), kept.document, kept) for kept in rows}


def scenario_titles() -> dict[str, str]:
    """What the shipped scenarios are called, by code; nothing is asked of the database."""
    return {code: scenario.title for code, (scenario, _) in _shipped().items()}


def own_titles(codes: Collection[str]) -> dict[str, str]:
    """What scenarios of the provider’s own, or the vendor’s, are called in their newest version, by
    code; one statement."""
    rows = ScenarioVersion.objects.filter(code__in=codes, by__isnull=False).order_by("pk")
    return {row.code: scenario_of(row.document).title for row in rows}


def profile_for(playable: Playable, *, at: datetime) -> Profile:
    """The ECM profile a scenario is played in from `at`: the one in force for its setting, or the
    shipped one it was written for where it asks for what that has not. One statement."""
    scenario = playable.scenario
    profile = ecm.profile_for(scenario.setting, at=at)
    if scenario.profile not in STARTERS:
        return profile
    written_for = starter(scenario.profile)
    if profile is written_for:
        return profile
    same_code = replace(profile, code=scenario.profile)
    try:
        load(playable.document, profile=same_code, cast=starter_cast(), criteria=None)
    except ScenarioProblem:
        return written_for
    return profile


def profile_of(attempt: Attempt) -> Profile:
    """The ECM profile an attempt is, or was, played in (`attempt.profile`); one statement, none
    where it is a shipped one."""
    code, _, version = attempt.profile.partition(" ")
    if code in STARTERS and starter(code).version == version:
        return starter(code)
    return ecm.profile_version(code, version)


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
    is_preview: bool = False

    @property
    def key(self) -> int | str:
        """What names it in addresses: its entry, or which scenario’s draft is previewed."""
        return f"preview-{self.scenario.code}" if self.is_preview else self.attempt.entry

    @property
    def is_check(self) -> bool:
        return self.attempt.mode == Attempt.Mode.CHECK

    def marks(self) -> tuple[Mark, ...]:
        """What is shown so far."""
        return mark(self.scenario, self.profile, self.steps)


def going(playing: Playing, *, at: datetime, profile: Profile | None = None) -> Going:
    """Where an attempt stands. Give its attempt, scenario and service with it, and the profile it
    is played in where that is read already."""
    attempt = playing.attempt
    scenario = scenario_of(attempt.scenario.document)
    return _stands(playing, scenario, profile or profile_of(attempt), at)


def _stands(playing: Playing, scenario: Scenario, profile: Profile, at: datetime) -> Going:
    steps = tuple(Step.of_row(row) for row in playing.steps)
    clock = playing.clock
    gap = whole_seconds(playing.seen_at, at)
    if gap > AWAY_AFTER:
        steps = (*steps, away(steps, clock, gap))
    else:
        clock += gap
    return Going(
        playing.attempt,
        playing,
        scenario,
        profile,
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


# --- The next version of a scenario, while it is written -----------------------------------------


def draft(code: str) -> ScenarioDraft | None:
    """The draft of this code, with who wrote it."""
    return (
        ScenarioDraft.objects.filter(code=code)
        .select_related("begun_by__identity", "changed_by__identity")
        .first()
    )


def drafts() -> dict[str, ScenarioDraft]:
    """Every draft, by code; one statement."""
    return {
        row.code: row
        for row in ScenarioDraft.objects.select_related("changed_by__identity").order_by("code")
    }


_WORKER = {"R": "CW", "N": "CW", "H": "HC", "S": "SW"}


def begun(setting: str, *, code: str, title: str, at: datetime) -> str:
    """The small scenario from which a new one is begun in this care setting."""
    return with_values(
        template(),
        code=code,
        title=title,
        profile=ecm.profile_for(setting, at=at).code,
        setting=setting,
        job_roles=[_WORKER[setting]],
    )


def drafted(text: str, *, code: str, at: datetime) -> Scenario:
    """What a draft says, read with the ECM profile in force for its setting and the criteria of
    the plan in force (of the starter plan where there is none yet). Three statements. Raises
    ScenarioProblem with every problem found."""
    problems: list[str] = []
    places: list[tuple[tuple[str | int, ...], str]] = []
    setting = ""
    try:
        document = Document(text)
    except DocumentProblem as problem:
        raise ScenarioProblem(problem.problems, problem.found) from None
    if isinstance(document.content, dict):
        setting = str(document.content.get("setting"))
        if (said := document.content.get("code", code)) != code:
            problems = [
                f"Line {document.line(('code',))}: this is the draft of {code}, so its code is not "
                f"“{said}”. For another code, copy the scenario."
            ]
            places = [(("code",), problems[0].partition(": ")[2])]
    profile = ecm.profiles_in_use(at=at).get(setting) or starter()
    try:
        found = load(text, profile=profile, cast=starter_cast(), criteria=_criteria(at))
    except ScenarioProblem as problem:
        raise ScenarioProblem(problems + problem.problems, [*places, *problem.found]) from None
    if problems:
        raise ScenarioProblem(problems, places)
    return found


def _criteria(at: datetime) -> dict[str, list[str]]:
    return {one.code: list(one.criteria) for one in asked_by_the_plan(at=at)}


@dataclass(frozen=True)
class PlanCompetency:
    """A competency of the plan, what it is called, and its criteria: code → text."""

    code: str
    short: str
    criteria: dict[str, str]


def asked_by_the_plan(*, at: datetime) -> list[PlanCompetency]:
    """Those of the plan in force, or of the starter plan where there is none yet."""
    checks = checks_in_force(at=at).values()
    if checks:
        return [
            PlanCompetency(c.competency.code, c.short, {r["code"]: r["text"] for r in c.criteria})
            for c in checks
        ]
    return [
        PlanCompetency(c.code, c.short, {one.code: one.text for one in c.check.criteria})
        for c in plan_document.starter().competencies
    ]


def preview_of(written: ScenarioDraft, *, at: datetime) -> Going:
    """Where the preview of a draft without problems stands; nothing of it is an attempt."""
    scenario = scenario_of(written.text)
    profile = profile_for(Playable(scenario, written.text), at=at)
    assert written.played_at is not None  # it was begun
    playing = Playing(
        attempt=Attempt(mode=Attempt.Mode.PRACTISE, profile=named(profile)),
        steps=written.played,
        seen_at=written.played_at,
        clock=written.clock,
        revision=written.played_revision,
    )
    return replace(_stands(playing, scenario, profile, at), is_preview=True)


# --- Attempts that have ended --------------------------------------------------------------------


def attempts_of(people: Collection[int]) -> list[Attempt]:
    """All attempts of these people (one human) that count, with their ends, the last one first; one
    statement. An attempt without an end is still played (or its draft was not kept: left)."""
    return list(
        standing(Attempt.objects.filter(person__in=people), None)
        .select_related("scenario", "service__details", "end", "by__identity")
        .order_by("-entry")
    )


def attempt_of(entry: int) -> Attempt | None:
    """The attempt made here of this entry, with whose it is and its end."""
    return (
        Attempt.objects.filter(entry=entry, where=Attempt.Where.HERE)
        .select_related("scenario", "service__details", "end", "person__identity", "by__identity")
        .first()
    )


def attempt_elsewhere(number: int) -> Attempt | None:
    """An attempt in the vendor's training system by its number: a file brings in many at once."""
    return (
        Attempt.objects.filter(pk=number, where=Attempt.Where.VENDOR)
        .select_related(
            "scenario",
            "service__details",
            "end",
            "person__identity",
            "by__identity",
            "reference",
            "void__by__identity",
            "superseded_by__by__identity",
        )
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
    profile = profile_of(attempt)
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
