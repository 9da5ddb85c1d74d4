"""What a post must be able to do, and from when (R6, R12, R13)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import IntEnum
from typing import NamedTuple

from surehand.competency.rules import CORE_GATE_AFTER_DAYS
from surehand.timeline import FOREVER, Instant, Stretch, london_date, london_midnight

CORE_AFTER = timedelta(days=CORE_GATE_AFTER_DAYS)  # core gates from day 29
AGENCY_AT_MOST = timedelta(weeks=13)


class Level(IntEnum):
    USE = 1  # develop: shown as outstanding support, never a gate
    CORE = 2  # a gate from day 29
    CRIT = 3  # a gate from the start


class Requirement(NamedTuple):
    """One row of a plan. An empty job role, responsibility or setting means any."""

    competency: int
    job_role: str
    responsibility: str
    setting: str
    level: Level
    agency: bool  # False: not required of agency posts


class Required(NamedTuple):
    """Competencies required of a post by level; one required twice stands at the stricter level."""

    crit: frozenset[int]
    gate: frozenset[int]  # crit and core
    all: frozenset[int]


@dataclass(frozen=True, slots=True)
class Plan:
    """A version of the training assurance plan, in force from `applies_from` to the next's."""

    number: int
    applies_from: Instant
    requirements: tuple[Requirement, ...]
    # What it asks of each kind of post, worked out once.
    _required: dict[tuple, Required] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def required(
        self, *, job_role: str, setting: str, agency: bool, responsibilities: frozenset[str]
    ) -> Required:
        """What this version asks of a post while it holds these responsibilities."""
        key = (job_role, setting, agency, responsibilities)
        found = self._required.get(key)
        if found is None:
            levels: dict[int, Level] = {}
            for row in self.requirements:
                if (
                    (not row.job_role or row.job_role == job_role)
                    and (not row.setting or row.setting == setting)
                    and (not row.responsibility or row.responsibility in responsibilities)
                    and (row.agency or not agency)
                ):
                    levels[row.competency] = max(row.level, levels.get(row.competency, Level.USE))
            found = self._required[key] = Required(
                crit=frozenset(c for c, level in levels.items() if level >= Level.CRIT),
                gate=frozenset(c for c, level in levels.items() if level >= Level.CORE),
                all=frozenset(levels),
            )
        return found


@dataclass(frozen=True, slots=True)
class Post:
    """A person in a job role at a service, over [starts, until) in UTC.

    `responsibilities` are (start, until, code); `go_live` is when the service's live use begins,
    None while no date is set.
    """

    starts: Instant
    until: Instant
    job_role: str
    setting: str
    agency: bool
    responsibilities: tuple[tuple[Instant, Instant, str], ...] = ()
    go_live: Instant | None = None


def agency_end(start: date, end: date | None) -> date:
    """The last day of an agency post (R13): at most start + 13 weeks, which is also the default.

    Raises ValueError, with a sentence, for a later end or one before the start.
    """
    latest = start + AGENCY_AT_MOST
    if end is None:
        return latest
    if end < start:
        raise ValueError(f"The post ends on {end:%d/%m/%Y}, before it starts on {start:%d/%m/%Y}.")
    if end > latest:
        raise ValueError(
            f"An agency post ends within 13 weeks: one that starts on {start:%d/%m/%Y} must end "
            f"by {latest:%d/%m/%Y}, not {end:%d/%m/%Y}. Begin a new post after that."
        )
    return end


def core_from(post: Post) -> Instant:
    """When core requirements become gates: London midnight of day 29 after the later of post start
    and go-live (R6); FOREVER while there is no go-live date."""
    if post.go_live is None:
        return FOREVER
    return london_midnight(london_date(max(post.starts, post.go_live)) + CORE_AFTER)


def plans_in_force(plans: Sequence[Plan], post: Post) -> list[tuple[Instant, Plan]]:
    """The plan versions of a post's time, each with when it comes into force, in order.

    The later version governs from its date, even over an earlier version due to apply after it.
    """
    found: list[tuple[Instant, Plan]] = []
    for plan in sorted(plans, key=lambda plan: plan.number, reverse=True):
        if plan.applies_from < post.until and (not found or plan.applies_from < found[0][0]):
            found.insert(0, (plan.applies_from, plan))
            if plan.applies_from <= post.starts:
                break
    return found


def gates(post: Post, plans: Sequence[Plan]) -> list[tuple[Instant, Instant, frozenset[int]]]:
    """The gate competencies of a post over its whole time (R6): (start, until, competencies).

    An empty set, where no plan is in force or it has no gate for this post, is never met (R5).
    """
    core = core_from(post)
    found: list[tuple[Instant, Instant, frozenset[int]]] = []
    for start, until, required in _required(post, plans, core):
        wanted = _NONE if required is None else required.gate if start >= core else required.crit
        if found and found[-1][2] == wanted:
            found[-1] = (found[-1][0], until, wanted)
        else:
            found.append((start, until, wanted))
    return found


def develops(post: Post, plans: Sequence[Plan], at: Instant) -> frozenset[int]:
    """Competencies required of a post at an instant that are not, or not yet, a gate.

    So a core requirement is here until day 29. Empty outside the post's time.
    """
    core = core_from(post)
    for start, until, required in _required(post, plans, core):
        if start <= at < until and required is not None:
            return required.all - (required.gate if start >= core else required.crit)
    return _NONE


_NONE: frozenset[int] = frozenset()


def _required(
    post: Post, plans: Sequence[Plan], core: Instant
) -> list[tuple[Instant, Instant, Required | None]]:
    """The post's time cut wherever what is required may change; None where no plan is in force."""
    if post.starts >= post.until:
        return []
    in_force = plans_in_force(plans, post)
    cuts = {post.starts, core, *(start for start, _plan in in_force)}
    for start, until, _code in post.responsibilities:
        cuts.add(start)
        cuts.add(until)
    edges = sorted(cut for cut in cuts if post.starts <= cut < post.until)
    found: list[tuple[Instant, Instant, Required | None]] = []
    for start, until in zip(edges, [*edges[1:], post.until], strict=True):
        plan: Plan | None = None
        for applies, version in in_force:
            if applies <= start:
                plan = version
        held = frozenset(code for s, u, code in post.responsibilities if s <= start < u)
        required = None
        if plan is not None:
            required = plan.required(
                job_role=post.job_role,
                setting=post.setting,
                agency=post.agency,
                responsibilities=held,
            )
        found.append((start, until, required))
    return found


def gated(segments: Sequence[tuple[Instant, Instant, frozenset[int]]]) -> list[Stretch]:
    """The stretches of `gates` with at least one gate."""
    return [(start, until) for start, until, wanted in segments if wanted]
