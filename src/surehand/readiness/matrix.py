"""The training matrix: who stands where in what, as at any moment (1.5, 4.6).

*True then* reads the stored spans; *known then* replays the facts up to a ledger seq (R3). Both
give the same rows for the same facts.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db.models import Max

from surehand import evidence
from surehand.competency.models import Check, PlanVersion
from surehand.competency.queries import checks_in_force, plan_in_force
from surehand.people.models import Employment, Identity, Post
from surehand.people.names import typed
from surehand.people.queries import Terms, go_live_dates, terms_of
from surehand.readiness import facts, queries, rules
from surehand.readiness.models import CompetencySpan, ReadinessSpan, SignOff
from surehand.readiness.rules import CompetencyState, State
from surehand.timeline import Instant, Span, instant
from surehand.timeline import at as held_at


@dataclass(frozen=True, slots=True)
class Cell:
    """One person's standing in one competency at a moment; `state` None: not shown yet."""

    needed: bool
    gate: bool
    state: CompetencyState | None
    since: Instant | None
    until: Instant | None


@dataclass(frozen=True, slots=True)
class Row:
    """One current post. `signed_at` is the last sign-off of it so far, whether it lives or not
    (known for those who wait for one); `permission` the one that stands (R9) and `supervisors`
    the names in it."""

    post: Post
    terms: Terms | None
    state: State
    since: Instant
    until: Instant
    cells: Mapping[int, Cell]
    permission: rules.Permission | None
    signed_at: Instant | None
    supervisors: tuple[str, ...] = ()


@dataclass(frozen=True)
class Matrix:
    """One row for each current post, by name; `checks` by competency, in the plan's order."""

    at: datetime
    seq: int
    plan: PlanVersion | None
    checks: Mapping[int, Check]
    rows: list[Row] = field(default_factory=list)


def matrix(
    *,
    services: Collection[int],
    as_at: datetime,
    known: int | None = None,
    people: Collection[int] | None = None,
) -> Matrix:
    """The training matrix of these services as at a moment, in a fixed number of statements.

    With `known`, as it was known at that seq; else as true then with everything known now.
    """
    posts = Post.objects.filter(service__in=services).select_related("person__identity", "service")
    if people is not None:
        posts = posts.filter(person__in=people)
    by_id = {p.pk: p for p in posts}
    found = Matrix(
        at=as_at,
        seq=evidence.last_seq() if known is None else known,
        plan=plan_in_force(at=as_at, known=known),
        checks=checks_in_force(at=as_at, known=known),
    )
    rows = list(_stored(by_id, found) if known is None else _replayed(by_id, found, known))
    found.rows.extend(
        sorted(_with_names(rows), key=lambda row: (typed(str(row.post.person)), row.post.pk))
    )
    return found


def _with_names(rows: list[Row]) -> Iterator[Row]:
    people = {p for row in rows if row.permission for p in row.permission.supervisors}
    names = dict(Identity.objects.filter(person__in=people).values_list("person_id", "name"))
    for row in rows:
        if row.permission:
            supervisors = tuple(names.get(p, "?") for p in sorted(row.permission.supervisors))
            row = replace(row, supervisors=supervisors)
        yield row


def _stored(posts: Mapping[int, Post], found: Matrix) -> Iterator[Row]:
    """The rows from the stored spans."""
    at = instant(found.at)
    standing = {
        post: (State(state), since, until)
        for post, state, since, until in ReadinessSpan.objects.filter(
            post__in=posts, since__lte=at, until__gt=at
        ).values_list("post_id", "state", "since", "until")
    }
    current = [posts[pk] for pk in posts if pk in standing]
    held: dict[tuple[int, bool], dict[int, Span]] = defaultdict(dict)
    for person, agency, competency, state, since, until in CompetencySpan.objects.filter(
        person__in={p.person_id for p in current}, since__lte=at, until__gt=at
    ).values_list("person_id", "agency", "competency_id", "state", "since", "until"):
        held[(person, agency)][competency] = Span(since, until, state)
    terms = terms_of(standing)
    go_lives = go_live_dates()
    plans = facts.plans()
    in_state = {s: [pk for pk, span in standing.items() if span[0] is s] for s in State}
    permissions = {c.id: _permission(c, at) for c in facts.cases(in_state[State.SUPERVISED])}
    signed = dict(
        SignOff.objects.filter(
            post__in=in_state[State.AWAITING_SIGN_OFF], recorded_at__lte=found.at
        )
        .values("post_id")
        .annotate(last=Max("recorded_at"))
        .values_list("post_id", "last")
    )
    for post in current:
        rule_post = facts.rule_post(
            terms.get(post.pk),
            post.service.setting,
            post.job_role,
            post.employment,
            post.start_date,
            go_lives.get(post.service_id),
        )
        state, since, until = standing[post.pk]
        yield Row(
            post=post,
            terms=terms.get(post.pk),
            state=state,
            since=since,
            until=until,
            cells=_cells(
                found.checks,
                held[(post.person_id, post.employment == Employment.AGENCY)],
                gates=queries.gates_at(rule_post, plans, at),
                develops=rules.develops(rule_post, plans, at),
            ),
            permission=permissions.get(post.pk),
            signed_at=instant(signed[post.pk]) if post.pk in signed else None,
        )


def _replayed(posts: Mapping[int, Post], found: Matrix, known: int) -> Iterator[Row]:
    """The rows from the facts up to a seq."""
    at = instant(found.at)
    plans = facts.plans(known=known)
    terms = terms_of(posts, known=known)
    for case in facts.cases(posts, known=known):
        if not case.post.starts <= at < case.post.until:
            continue
        why = queries.explain(case, plans, at=at)
        held = {c: span for c, spans in case.competence().items() if (span := held_at(spans, at))}
        waits = why.state is State.AWAITING_SIGN_OFF
        yield Row(
            post=posts[case.id],
            terms=terms.get(case.id),
            state=why.state,
            since=why.since,
            until=why.until,
            cells=_cells(
                found.checks,
                held,
                gates=queries.gates_at(case.post, plans, at),
                develops=rules.develops(case.post, plans, at),
            ),
            permission=_permission(case, at) if why.state is State.SUPERVISED else None,
            signed_at=max((s.at for s in case.sign_offs if s.at <= at), default=None)
            if waits
            else None,
        )


def _cells(
    checks: Mapping[int, Check],
    held: Mapping[int, Span],
    *,
    gates: frozenset[int],
    develops: frozenset[int],
) -> dict[int, Cell]:
    cells = {}
    for competency in checks:
        span = held.get(competency)
        gate = competency in gates
        needed = gate or competency in develops
        cells[competency] = (
            Cell(needed, gate, CompetencyState(span.state), span.start, span.until)
            if span
            else _NOT_SHOWN[needed, gate]
        )
    return cells


_NOT_SHOWN = {
    (needed, gate): Cell(needed, gate, None, None, None)
    for needed in (True, False)
    for gate in (True, False)
}


def _permission(case: facts.Case, at: Instant) -> rules.Permission | None:
    """The permission that stands at an instant."""
    standing = rules.allowed(case.permissions, case.restrictions, case.failures)
    return next((s.permission for s in standing if s.start <= at < s.until), None)
