"""Reads of readiness: the gate, and what a signer signs. The moment is always asked for.

*True then* reads the stored spans; *known then* replays the facts up to a ledger seq (R3).
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from surehand import evidence
from surehand.assessment.models import Assessment, Outcome
from surehand.competency.models import Check
from surehand.competency.queries import checks_in_force, plan_in_force
from surehand.people.access import AccessRole
from surehand.people.models import Post
from surehand.people.queries import go_live_dates, people_with_access, same_humans
from surehand.readiness import facts, rules
from surehand.readiness.models import NoLiveUse, Override, ReadinessSpan, Restriction, Shift
from surehand.readiness.rules import CompetencyState, State
from surehand.timeline import Instant, instant, london_midnight
from surehand.timeline import at as held_at
from surehand.timeline import moment as as_moment


def state_at(post: Post, *, at: datetime) -> State | None:
    """How ready a post is; None while there is no such post."""
    moment = instant(at)
    found = ReadinessSpan.objects.filter(post=post, since__lte=moment, until__gt=moment).first()
    return State(found.state) if found else None


def states_at(posts: Collection[int], *, at: datetime) -> dict[int, ReadinessSpan]:
    """The span that holds for each post at `at`, by post id."""
    moment = instant(at)
    spans = ReadinessSpan.objects.filter(post__in=posts, since__lte=moment, until__gt=moment)
    return {span.post_id: span for span in spans}


@dataclass(frozen=True)
class Answer:
    """What the gate answers: a state, since and until when, why, and the seq it rests on (R3).

    `override` is the entry of the override that stands over the post then; it lets nobody in: the
    answer is "not cleared, overridden by …" (R21).
    """

    post: Post | None
    state: State
    since: Instant | None
    until: Instant | None
    explanation: rules.Explanation | None
    override: int | None
    seq: int


def gate(
    *,
    person: int,
    service: int,
    at: datetime,
    job_role: str = "",
    known: int | None = None,
) -> Answer:
    """May this person use the live system at this service (R4)? Unnamed, the job role is that of
    the least permissive current post; with no post the answer is *not ready*."""
    answers = gates([person], service=service, at=at, known=known).get(person, [])
    if job_role:
        answers = [a for a in answers if a.post and a.post.job_role == job_role]
    seq = evidence.last_seq() if known is None else known
    if not answers:
        return Answer(None, State.NOT_READY, None, None, None, None, seq)
    least = rules.least_permissive(answer.state for answer in answers)
    return next(answer for answer in answers if answer.state is least)


def gates(
    people: Collection[int] | None,
    *,
    service: int | None,
    at: datetime,
    known: int | None = None,
) -> dict[int, list[Answer]]:
    """The answer for each current post of these people (all when None), by person id."""
    moment = instant(at)
    posts = Post.objects.select_related("person__identity", "service__details")
    if people is not None:
        posts = posts.filter(person__in=people)
    if service is not None:
        posts = posts.filter(service=service)
    by_id = {p.pk: p for p in posts}
    seq = evidence.last_seq() if known is None else known
    overrides = overrides_over(by_id, at=at, known=known)
    plans = facts.plans(known=known)
    found: dict[int, list[Answer]] = defaultdict(list)
    for case in facts.cases(by_id, known=known):
        if not case.post.starts <= moment < case.post.until:
            continue
        why = explain(case, plans, at=moment)
        found[case.person].append(
            Answer(
                post=by_id[case.id],
                state=why.state,
                since=why.since,
                until=why.until,
                explanation=why,
                override=None
                if any(
                    start <= moment < until
                    for start, until in (r.open() for r in case.restrictions)
                )
                or why.state is State.INDEPENDENT
                else overrides.get(case.id),
                seq=seq,
            )
        )
    return found


def explain(case: facts.Case, plans: tuple[rules.Plan, ...], *, at: Instant) -> rules.Explanation:
    """The state of a post at an instant with its reasons, derived on read (R16)."""
    held = case.competence()
    return rules.explain(
        case.post,
        plans,
        held,
        case.sign_offs,
        case.permissions,
        case.restrictions,
        case.failures,
        at=at,
    )


def gates_at(post: rules.Post, plans: tuple[rules.Plan, ...], at: Instant) -> frozenset[int]:
    """The gate competencies of a post at an instant (R6)."""
    segment = held_at(rules.gates(post, plans), at)
    return segment[2] if segment else frozenset()


def open_restrictions(person: int, *, service: int | None) -> list[Restriction]:
    """The restrictions not lifted that reach a person at a service (None: at any)."""
    found = Restriction.objects.filter(person=person, lifting__isnull=True).order_by("entry")
    if service is not None:
        found = found.filter(Q(service__isnull=True) | Q(service=service))
    return list(found)


def overrides_over(
    posts: Collection[int], *, at: datetime, known: int | None = None
) -> dict[int, int]:
    """The entry of the override that reaches over each post at a moment, where there is one."""
    found = Override.objects.filter(post__in=posts, starts_at__lte=at, ends_at__gt=at)
    ended = Q(end__recorded_at__lte=at)
    if known is not None:
        found = found.filter(entry__lte=known)
        ended &= Q(end__entry__lte=known)
    return dict(found.exclude(ended).order_by("entry").values_list("post_id", "entry"))


@dataclass(frozen=True)
class Line:
    """One competency a signer relies on: the assessment that shows it and until when it lasts."""

    competency: int
    check: Check
    assessment: Assessment
    until: Instant


@dataclass(frozen=True)
class Statement:
    """Exactly what is signed for one post (R8)."""

    post: Post
    state: State | None
    awaits: bool  # every gate is met and it can be signed
    plan: int | None
    lines: tuple[Line, ...]
    assessors: frozenset[int]
    outstanding: tuple[Check, ...] = ()

    def fingerprint(self) -> str:
        """Changes when anything in the statement changes."""
        shown = [
            self.post.pk,
            self.plan,
            int(self.state) if self.state is not None else None,
            [(line.competency, line.assessment.entry, line.until) for line in self.lines],
        ]
        return hashlib.sha256(json.dumps(shown).encode()).hexdigest()


Evidence = Mapping[tuple[int, int, int], Assessment]


def passes_of(people: Collection[int]) -> Evidence:
    """Every pass of these people, by entry, person and competency; one statement."""
    passes = Assessment.objects.filter(person__in=people, outcome=Outcome.PASS)
    return {
        (a.entry, a.person_id, a.competency_id): a
        for a in passes.select_related("by__identity", "check_version")
    }


def lines_of(
    case: facts.Case,
    wanted: Iterable[int],
    *,
    at: Instant,
    checks: Mapping[int, Check],
    evidence: Evidence,
) -> tuple[Line, ...]:
    """The pass that each of these competencies rests on at an instant, where it is held."""
    competent = case.competence()
    lines = []
    for competency in wanted:
        span = held_at(competent.get(competency, ()), at)
        if span is None or span.state != CompetencyState.COMPETENT or competency not in checks:
            continue
        # The latest pass governs (R7).
        governing = max(
            (o for o in case.observations[competency] if o.outcome == Outcome.PASS and o.at <= at),
            key=lambda o: (o.at, o.seq),
        )
        assessment = evidence[(governing.seq, case.person, competency)]
        lines.append(Line(competency, checks[competency], assessment, span.until))
    return tuple(sorted(lines, key=lambda line: line.check.competency.code))


def statements(posts: Iterable[int], *, at: datetime) -> list[Statement]:
    """What would be signed for each of these posts at `at`: every gate with its evidence."""
    moment = instant(at)
    by_id = {
        p.pk: p
        for p in Post.objects.filter(pk__in=list(posts)).select_related(
            "person__identity", "service__details"
        )
    }
    plan = plan_in_force(at=at)
    checks = checks_in_force(at=at)
    versions = facts.plans()
    passes = passes_of({p.person_id for p in by_id.values()})
    found = []
    for case in facts.cases(by_id):
        if not case.post.starts <= moment < case.post.until:
            continue
        gates_now = gates_at(case.post, versions, moment)
        lines = lines_of(case, gates_now, at=moment, checks=checks, evidence=passes)
        develops = rules.develops(case.post, versions, moment)
        shown = lines_of(case, develops, at=moment, checks=checks, evidence=passes)
        developed = {line.competency for line in shown}
        why = explain(case, versions, at=moment)
        found.append(
            Statement(
                post=by_id[case.id],
                state=why.state,
                awaits=why.awaits_sign_off,
                plan=plan.pk if plan else None,
                lines=lines,
                assessors=frozenset(line.assessment.by_id for line in lines),
                outstanding=tuple(c for k, c in checks.items() if k in develops - developed),
            )
        )
    return found


def awaiting_sign_off(posts: Iterable[int], *, at: datetime) -> frozenset[int]:
    """Those of these posts that can be signed off at `at`, though some are supervised still."""
    moment = instant(at)
    plans = facts.plans()
    return frozenset(
        case.id
        for case in facts.cases(list(posts))
        if case.post.starts <= moment < case.post.until
        and explain(case, plans, at=moment).awaits_sign_off
    )


def other_signers(
    signer: frozenset[int], found: Iterable[Statement], *, at: datetime
) -> dict[int, frozenset[int]]:
    """By post, the workforce leads besides the signer (and whoever is the same human) who neither
    assessed what is signed nor are its subject (R14); two statements."""
    leads = people_with_access(AccessRole.WORKFORCE_LEAD, service=None, at=at) - signer
    same = same_humans(leads)
    return {
        s.post.pk: frozenset(
            lead
            for lead in leads
            if not same[lead] & signer
            and not same[lead] & s.assessors
            and s.post.person_id not in same[lead]
        )
        for s in found
    }


def evidence_at(post: Post, *, at: datetime, known: int | None = None) -> tuple[Line, ...]:
    """The passes the gates of one post rest on at a moment: on what evidence was it so (4.6)?"""
    moment = instant(at)
    checks = checks_in_force(at=at, known=known)
    versions = facts.plans(known=known)
    passes = passes_of([post.person_id])
    return tuple(
        line
        for case in facts.cases([post.pk], known=known)
        for line in lines_of(
            case,
            gates_at(case.post, versions, moment),
            at=moment,
            checks=checks,
            evidence=passes,
        )
    )


def on_shift(service: int, *, at: datetime) -> list[Shift]:
    """The shifts of named people at a service that go on at `at`, by name; one statement."""
    return list(
        Shift.objects.filter(
            service=service,
            starts_at__lte=at,
            ends_at__gt=at,
            person__isnull=False,
            replaced_by__isnull=True,
            cancelled=False,
        )
        .select_related("person__identity")
        .order_by("person__identity__name", "pk")
    )


def live_shifts(service: int, *, since: datetime, until: datetime) -> int:
    """How many shifts of the rota in [since, until) used the live system at this service: not
    before its go-live, and not marked *no live use*; two statements."""
    go_live = go_live_dates().get(service)
    if go_live is None:
        return 0
    marked = NoLiveUse.objects.filter(
        Q(person=OuterRef("person")) | Q(person__isnull=True),
        service=OuterRef("service"),
        shift_id=OuterRef("shift_id"),
        end__isnull=True,
    )
    return (
        Shift.objects.filter(
            service=service,
            starts_at__gte=max(since, as_moment(london_midnight(go_live))),
            starts_at__lt=until,
            replaced_by__isnull=True,
            cancelled=False,
            no_live_use=False,
        )
        .filter(~Exists(marked))
        .count()
    )
