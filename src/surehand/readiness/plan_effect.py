"""Whom a plan would touch, before it is published (R12): the rules, with one plan more."""

from dataclasses import dataclass
from datetime import datetime

from surehand.competency.models import Competency, PlanVersion
from surehand.competency.plan_document import PlanDocument
from surehand.people.models import Post
from surehand.readiness import facts, rules
from surehand.readiness.projector import readiness_spans
from surehand.readiness.rules import State
from surehand.timeline import Instant, instant
from surehand.timeline import at as held_at

READY = (State.INDEPENDENT, State.AWAITING_SIGN_OFF)


@dataclass(frozen=True)
class Loses:
    """A post that would stop being ready on the day, with the codes of what it lacks."""

    post: Post
    lacks: tuple[str, ...]


@dataclass(frozen=True)
class Effect:
    """What a plan changes for the posts of the day it applies."""

    posts: int
    gain_gates: int
    lose_gates: int
    become_ready: int
    not_ready: tuple[Loses, ...]


def effect(document: PlanDocument, *, applies_from: datetime) -> Effect:
    """Compare every post at `applies_from` under the plans there are, and with `document` as the
    next; a fixed number of statements for each batch of posts."""
    at = instant(applies_from)
    before = facts.plans()
    codes = {c.code: c.pk for c in Competency.objects.all()}
    # A competency nobody was ever asked for is known by a number no row has.
    for number, definition in enumerate(document.competencies, start=1):
        codes.setdefault(definition.code, -number)
    after = (*before, _as_rules(document, codes, at))
    named = {pk: code for code, pk in codes.items()}
    posts = gain = lose = ready = 0
    worse: dict[int, tuple[str, ...]] = {}
    for case in facts.cases():
        if not case.post.starts <= at < case.post.until:
            continue
        posts += 1
        old, new = _gates(case, before, at), _gates(case, after, at)
        gain += bool(new - old)
        lose += bool(old - new)
        if old == new:
            continue
        held = case.competence()
        was, becomes = (_state(case, held, plans, at) for plans in (before, after))
        if was in READY and becomes not in READY:
            met = {c for c, spans in held.items() if held_at(rules.competent(spans), at)}
            worse[case.id] = tuple(sorted(named[c] for c in new - met))
        ready += was not in READY and becomes in READY
    found = Post.objects.filter(pk__in=worse).select_related("person__identity", "service__details")
    return Effect(
        posts=posts,
        gain_gates=gain,
        lose_gates=lose,
        become_ready=ready,
        not_ready=tuple(
            Loses(post, worse[post.pk]) for post in found.order_by("person__identity__name", "pk")
        ),
    )


def _as_rules(document: PlanDocument, codes: dict[str, int], at: Instant) -> rules.Plan:
    latest = PlanVersion.objects.order_by("-number").values_list("number", flat=True).first()
    return rules.Plan(
        (latest or 0) + 1,
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


def _gates(case: facts.Case, plans: tuple[rules.Plan, ...], at: Instant) -> frozenset[int]:
    segment = held_at(rules.gates(case.post, plans), at)
    return segment[2] if segment else frozenset()


def _state(
    case: facts.Case, held: dict, plans: tuple[rules.Plan, ...], at: Instant
) -> State | None:
    span = held_at(readiness_spans(case, held, plans), at)
    return State(span.state) if span else None
