"""Who needs which competency, and what an assessment comes to: pure rules (R6, R7, R13)."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

CORE_GATE_AFTER_DAYS = 28
"""Core becomes a gate on day 29, day 1 being the later of post start and go-live (R6)."""

RETAKE_WITHIN_DAYS = 28
"""After a partial pass the failed criteria alone may be retaken, until this day included (R7)."""


class Level(StrEnum):
    """How much a competency matters to somebody (R6)."""

    CRIT = "crit"
    CORE = "core"
    USE = "use"

    @property
    def strength(self) -> int:
        return {"crit": 3, "core": 2, "use": 1}[self.value]


class Need(StrEnum):
    """What a requirement comes to at one moment: a gate on readiness, or something to develop."""

    GATE = "gate"
    DEVELOP = "develop"


@dataclass(frozen=True)
class Requirement:
    """One job role *or* one responsibility needs one competency in one care setting.

    Codes throughout; the other of `job_role` and `responsibility` is empty. `agency` tells
    whether agency posts need it too (R13).
    """

    competency: str
    job_role: str
    responsibility: str
    setting: str
    level: Level
    agency: bool = True


def levels_for(
    requirements: Iterable[Requirement],
    *,
    job_role: str,
    setting: str,
    agency: bool,
    responsibilities: Collection[str],
) -> dict[str, Level]:
    """Competency → the strongest level a post needs it at."""
    levels: dict[str, Level] = {}
    for need in requirements:
        if need.setting != setting or (agency and not need.agency):
            continue
        if need.job_role:
            if need.job_role != job_role:
                continue
        elif need.responsibility not in responsibilities:
            continue
        held = levels.get(need.competency)
        if held is None or need.level.strength > held.strength:
            levels[need.competency] = need.level
    return levels


def gates_for(
    requirements: Iterable[Requirement],
    *,
    job_role: str,
    setting: str,
    agency: bool,
    responsibilities: Collection[str],
    days_since_start: int | None,
) -> dict[str, Need]:
    """Competency → gate or develop for a post at one moment (R6).

    `days_since_start` is whole days since the later of post start and the service's go-live,
    0 on that day itself; None while no go-live is known, when core is still develop.
    """
    core_is_gate = days_since_start is not None and days_since_start >= CORE_GATE_AFTER_DAYS
    levels = levels_for(
        requirements,
        job_role=job_role,
        setting=setting,
        agency=agency,
        responsibilities=responsibilities,
    )
    return {
        competency: Need.GATE
        if level is Level.CRIT or (level is Level.CORE and core_is_gate)
        else Need.DEVELOP
        for competency, level in levels.items()
    }


@dataclass(frozen=True)
class Course:
    """A course everybody with any of these job roles or responsibilities must have attended.

    Attendance counts for `renewal_months` calendar months, or for good when None. A missing
    course fires a trigger and never touches readiness (R6).
    """

    code: str
    title: str
    renewal_months: int | None
    job_roles: tuple[str, ...]
    responsibilities: tuple[str, ...]
    settings: tuple[str, ...]
    agency: bool = True


def courses_for(
    courses: Iterable[Course],
    *,
    job_role: str,
    setting: str,
    agency: bool,
    responsibilities: Collection[str],
) -> tuple[Course, ...]:
    """The courses required of a post while it holds these responsibilities (R6), in the plan's
    order. Codes throughout."""
    return tuple(
        course
        for course in courses
        if setting in course.settings
        and (course.agency or not agency)
        and (
            job_role in course.job_roles
            or not set(course.responsibilities).isdisjoint(responsibilities)
        )
    )


@dataclass(frozen=True)
class Criterion:
    """One thing judged in a check; missing a critical one is never a partial pass (R7)."""

    code: str
    text: str
    critical: bool = False


class Judgement(StrEnum):
    MET = "met"
    NOT_MET = "not_met"


class Outcome(StrEnum):
    """What one assessment comes to (R7); the same values as stored with an assessment."""

    PASS = "pass"
    PARTIAL = "partial"
    FURTHER_SUPPORT = "further_support"


class JudgementProblem(ValueError):
    """The judgements do not fit the check; the message says what to do."""


def outcome(
    criteria: Collection[Criterion],
    judgements: Mapping[str, str],
    help_given: Mapping[str, int],
) -> Outcome:
    """The one outcome of an assessment (R7).

    `judgements` is criterion code → met or not_met, `help_given` code → times helped.
    Pass: all met, help at most once in all and never on a critical criterion. Further support:
    a critical criterion not met, or helped. Else a partial pass. Raises JudgementProblem.
    """
    _check_judged(criteria, judgements, help_given)
    helped = {code for code, times in help_given.items() if times}
    missed = {code for code, judged in judgements.items() if judged == Judgement.NOT_MET}
    critical = {criterion.code for criterion in criteria if criterion.critical}
    if critical & (missed | helped):
        return Outcome.FURTHER_SUPPORT
    if not missed and sum(help_given.values()) <= 1:
        return Outcome.PASS
    return Outcome.PARTIAL


def retakable(
    criteria: Collection[Criterion],
    judgements: Mapping[str, str],
    help_given: Mapping[str, int],
    *,
    days_since: int,
) -> tuple[str, ...]:
    """The codes of the criteria that may be retaken alone, `days_since` days after a partial pass.

    They are the ones that kept it from a pass: those not met and, where help was given more than
    once, those helped. Empty unless the outcome was partial and 28 days have not passed (R7).
    """
    if outcome(criteria, judgements, help_given) is not Outcome.PARTIAL:
        return ()
    if not 0 <= days_since <= RETAKE_WITHIN_DAYS:
        return ()
    too_much_help = sum(help_given.values()) > 1
    return tuple(
        criterion.code
        for criterion in criteria
        if judgements[criterion.code] == Judgement.NOT_MET
        or (too_much_help and help_given.get(criterion.code, 0) > 0)
    )


def _check_judged(
    criteria: Collection[Criterion],
    judgements: Mapping[str, str],
    help_given: Mapping[str, int],
) -> None:
    codes = {criterion.code for criterion in criteria}
    if not codes:
        raise JudgementProblem("This check has no criteria, so there is nothing to judge.")
    if unjudged := sorted(codes - judgements.keys()):
        raise JudgementProblem(f"Judge every criterion: {', '.join(unjudged)} still to do.")
    if unknown := sorted((judgements.keys() | help_given.keys()) - codes):
        raise JudgementProblem(f"{', '.join(unknown)} is not a criterion of this check.")
    if any(judged not in list(Judgement) for judged in judgements.values()):
        raise JudgementProblem("Each criterion is judged as met or not met.")
    if any(times < 0 for times in help_given.values()):
        raise JudgementProblem("Help given is counted from 0.")
