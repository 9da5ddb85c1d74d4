"""Whom a plan would touch, before it is published (R12): the rules, with one plan more."""

from dataclasses import dataclass
from datetime import datetime

from surehand.competency.models import Competency, PlanVersion
from surehand.competency.plan_document import PlanDocument
from surehand.competency.queries import document_of
from surehand.competency.rules import Course, courses_for
from surehand.readiness import facts, rules
from surehand.readiness.projector import readiness_spans
from surehand.readiness.rules import State
from surehand.timeline import Instant, Span, instant
from surehand.timeline import at as held_at

READY = (State.INDEPENDENT, State.AWAITING_SIGN_OFF)
Segments = list[tuple[Instant, Instant, frozenset[int]]]


@dataclass(frozen=True)
class NewGate:
    """A competency, by code, that becomes a gate where it is none now: from when, and whether it
    is passed by then as far as is known today."""

    competency: str
    since: Instant
    met: bool


@dataclass(frozen=True)
class Touched:
    """A post, by number, that would newly need something. `stops`: when it would stop being
    ready, None if it would not."""

    post: int
    person: int
    service: int
    gates: tuple[NewGate, ...]
    courses: tuple[str, ...]
    stops: Instant | None

    @property
    def lacks(self) -> tuple[str, ...]:
        return tuple(gate.competency for gate in self.gates if not gate.met)


@dataclass(frozen=True)
class Effect:
    """What a plan changes for the posts there are from the day it applies."""

    posts: int
    lose_gates: int
    become_ready: int
    touched: tuple[Touched, ...]

    @property
    def gain_gates(self) -> int:
        return sum(bool(touched.gates) for touched in self.touched)

    @property
    def not_ready(self) -> tuple[Touched, ...]:
        return tuple(touched for touched in self.touched if touched.stops is not None)


def effect(document: PlanDocument, *, applies_from: datetime) -> Effect:
    """Compare every post from `applies_from` on under the plans there are, and with `document` as
    the next; a fixed number of statements for each batch of posts."""
    at = instant(applies_from)
    latest = PlanVersion.objects.order_by("-number").first()
    before = facts.plans()
    codes = {c.code: c.pk for c in Competency.objects.all()}
    # A competency nobody was ever asked for is known by a number no row has.
    for number, definition in enumerate(document.competencies, start=1):
        codes.setdefault(definition.code, -number)
    after = (*before, _as_rules(document, codes, at, (latest.number if latest else 0) + 1))
    named = {pk: code for code, pk in codes.items()}
    attended = document_of(latest).courses if latest else ()
    posts = lose = ready = 0
    touched = []
    for case in facts.cases():
        if case.post.until <= at or case.post.starts >= case.post.until:
            continue
        posts += 1
        since = max(at, case.post.starts)
        courses = _courses(case.post, document.courses, since) - _courses(
            case.post, attended, since
        )
        old, new = rules.gates(case.post, before), rules.gates(case.post, after)
        gates: dict[int, Instant] = {}
        stops = None
        if old != new:
            edges = sorted({max(s, at) for s, until, _ in (*old, *new) if until > at})
            for edge in edges:
                for competency in _wanted(new, edge) - _wanted(old, edge):
                    gates.setdefault(competency, edge)
            lose += any(_wanted(old, edge) - _wanted(new, edge) for edge in edges)
            held = case.competence()
            was, becomes = (readiness_spans(case, held, plans) for plans in (before, after))
            stops = next((e for e in edges if _ready(was, e) and not _ready(becomes, e)), None)
            ready += not _ready(was, since) and _ready(becomes, since)
        if gates or courses or stops is not None:
            met = {c: rules.competent(held[c]) for c in gates if c in held} if gates else {}
            touched.append(
                Touched(
                    case.id,
                    case.person,
                    case.service,
                    tuple(
                        NewGate(named[c], edge, held_at(met.get(c, []), edge) is not None)
                        for c, edge in sorted(gates.items(), key=lambda g: (g[1], named[g[0]]))
                    ),
                    tuple(c.title for c in document.courses if c.code in courses),
                    stops,
                )
            )
    return Effect(posts=posts, lose_gates=lose, become_ready=ready, touched=tuple(touched))


def _as_rules(
    document: PlanDocument, codes: dict[str, int], at: Instant, number: int
) -> rules.Plan:
    return rules.Plan(
        number,
        at,
        tuple(
            rules.Requirement(
                codes[row.competency],
                row.job_role,
                row.responsibility,
                row.setting,
                rules.Level[row.level.value.upper()],
                row.agency,
            )
            for row in document.requirements()
        ),
    )


def _courses(post: rules.Post, courses: tuple[Course, ...], at: Instant) -> set[str]:
    asked = courses_for(
        courses,
        job_role=post.job_role,
        setting=post.setting,
        agency=post.agency,
        responsibilities={code for s, until, code in post.responsibilities if s <= at < until},
    )
    return {course.code for course in asked}


def _wanted(segments: Segments, at: Instant) -> frozenset[int]:
    segment = held_at(segments, at)
    return segment[2] if segment else frozenset()


def _ready(spans: list[Span], at: Instant) -> bool:
    span = held_at(spans, at)
    return span is not None and State(span.state) in READY
