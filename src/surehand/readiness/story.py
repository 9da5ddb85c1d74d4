"""The story of one person and one competency: what is asked, what was seen, how it stands, as at
any moment. What a cell of the matrix opens."""

from dataclasses import dataclass
from datetime import datetime

from surehand import evidence
from surehand.assessment.models import Assessment
from surehand.assessment.queries import words_of
from surehand.competency.models import Check, PlanVersion
from surehand.competency.queries import checks_in_force, latest_checks, plan_in_force
from surehand.people.access import Action, By
from surehand.people.models import Person, Post
from surehand.readiness import facts, queries, rules
from surehand.readiness.rules import CompetencyState, State
from surehand.timeline import Instant, instant
from surehand.timeline import at as held_at


@dataclass(frozen=True)
class Standing:
    """How the competency stands for one current post of the person."""

    post: Post
    readiness: State
    needed: bool
    gate: bool
    state: CompetencyState | None
    since: Instant | None
    until: Instant | None
    permission: rules.Permission | None


@dataclass(frozen=True)
class Seen:
    """One assessment; `counts` is False once it was voided or corrected (R15)."""

    assessment: Assessment
    counts: bool
    words: str
    late: bool


@dataclass(frozen=True)
class Story:
    check: Check
    plan: PlanVersion | None
    seq: int
    standings: tuple[Standing, ...]
    seen: tuple[Seen, ...]  # newest first


def story(*, person: Person, code: str, as_at: datetime, known: int | None, by: By) -> Story | None:
    """The story as at a moment (and as known at a seq); None where no such competency is known.

    The words written with an assessment are told to the person, and to whoever may read the
    service it was made in."""
    checks = {**latest_checks(), **checks_in_force(at=as_at, known=known)}
    check = next((c for c in checks.values() if c.competency.code == code), None)
    if check is None:
        return None
    return Story(
        check=check,
        plan=plan_in_force(at=as_at, known=known),
        seq=evidence.last_seq() if known is None else known,
        standings=tuple(_standings(person, check.competency_id, as_at, known)),
        seen=tuple(_seen(person, check.competency_id, as_at, known, by)),
    )


def _standings(
    person: Person, competency: int, as_at: datetime, known: int | None
) -> list[Standing]:
    at = instant(as_at)
    posts = {p.pk: p for p in Post.objects.filter(person=person).select_related("service__details")}
    plans = facts.plans(known=known)
    found = []
    for case in facts.cases(posts, known=known):
        if not case.post.starts <= at < case.post.until:
            continue
        gates = queries.gates_at(case.post, plans, at)
        span = held_at(case.competence().get(competency, ()), at)
        stands = (
            allowed.permission
            for allowed in rules.allowed(case.permissions, case.restrictions, case.failures)
            if allowed.start <= at < allowed.until
        )
        found.append(
            Standing(
                post=posts[case.id],
                readiness=queries.explain(case, plans, at=at).state,
                needed=competency in gates | rules.develops(case.post, plans, at),
                gate=competency in gates,
                state=CompetencyState(span.state) if span else None,
                since=span.start if span else None,
                until=span.until if span else None,
                permission=next((p for p in stands if competency in p.competencies), None),
            )
        )
    return found


def _seen(
    person: Person, competency: int, as_at: datetime, known: int | None, by: By
) -> list[Seen]:
    facts = Assessment.objects.filter(
        person=person, competency=competency, happened_at__lte=as_at
    ).select_related("by__identity", "check_version", "void", "superseded_by")
    if known is not None:
        facts = facts.filter(entry__lte=known)
    assessments = list(facts.order_by("-happened_at", "-entry"))
    told = by.is_self(person.pk)
    words = words_of([a.entry for a in assessments if told or by.may(Action.READ, a.service_id)])
    return [
        Seen(
            assessment=a,
            counts=not any(
                hasattr(a, undone) and (known is None or getattr(a, undone).entry <= known)
                for undone in ("void", "superseded_by")
            ),
            words=" ".join(words.get(a.entry, {}).values()),
            late=(a.recorded_at - a.happened_at).total_seconds() > LATE,
        )
        for a in assessments
    ]


LATE = 24 * 3600
"""An assessment recorded more than a day after it happened is shown as late (R11)."""
