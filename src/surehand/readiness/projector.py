"""From facts to stored spans: called by `evidence.act` with the posts an action touched (R2)."""

import gc
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Model, QuerySet

from surehand.evidence.ledger import hold_head
from surehand.evidence.prepared import prepared
from surehand.evidence.rows import insert
from surehand.people.models import Post
from surehand.readiness import facts, rules
from surehand.readiness.models import CompetencySpan, ReadinessSpan
from surehand.timeline import Span

Row = tuple[Any, ...]
COLUMNS: dict[type[Model], tuple[str, ...]] = {
    CompetencySpan: ("person_id", "competency_id", "agency", "state", "since", "until"),
    ReadinessSpan: ("post_id", "service_id", "state", "since", "until"),
}


def project(posts: Collection[int]) -> None:
    """Make the stored spans of these posts, and of everyone who holds them, follow the facts."""
    cases = list(facts.cases_of_holders(posts))
    competency, readiness = derive(cases, facts.plans())
    _replace(CompetencySpan, _competency_spans(people={c.person for c in cases}), competency)
    _replace(ReadinessSpan, _readiness_spans(posts=[c.id for c in cases]), readiness)


@prepared
def _competency_spans(people: Any) -> "QuerySet[Any, Row]":
    stored = CompetencySpan.objects.filter(person__in=people)
    return stored.values_list("pk", *COLUMNS[CompetencySpan])


@prepared
def _readiness_spans(posts: Any) -> "QuerySet[Any, Row]":
    stored = ReadinessSpan.objects.filter(post__in=posts)
    return stored.values_list("pk", *COLUMNS[ReadinessSpan])


def derive(cases: Iterable[facts.Case], plans: tuple[rules.Plan, ...]) -> tuple[set[Row], set[Row]]:
    """The competency rows and the readiness rows that follow from these cases."""
    competency: set[Row] = set()
    readiness: set[Row] = set()
    for case in cases:
        held = case.competence()
        competency.update(competency_rows(case, held))
        readiness.update(
            (case.id, case.service, int(span.state), span.start, span.until)
            for span in readiness_spans(case, held, plans)
        )
    return competency, readiness


def competency_rows(case: facts.Case, held: dict[int, list[Span]]) -> Iterator[Row]:
    for competency, spans in held.items():
        for span in spans:
            yield (
                case.person,
                competency,
                case.post.agency,
                int(span.state),
                span.start,
                span.until,
            )


def readiness_spans(
    case: facts.Case, held: dict[int, list[Span]], plans: tuple[rules.Plan, ...]
) -> list[Span]:
    if case.post.starts >= case.post.until:
        return []
    return rules.readiness(
        case.post,
        plans,
        {competency: rules.competent(spans) for competency, spans in held.items()},
        case.sign_offs,
        case.permissions,
        case.restrictions,
        case.failures,
    )


def _replace(model: type[Model], stored: list[Row], wanted: set[Row]) -> int:
    """Write only the rows that differ: most actions change a handful of spans. Answers how many
    differed."""
    gone, new = _differences(stored, wanted)
    if gone:
        model._base_manager.filter(pk__in=gone).delete()
    insert(model, COLUMNS[model], new)
    return len(gone) + len(new)


def _differences(stored: list[Row], wanted: set[Row]) -> tuple[list[int], list[Row]]:
    """The ids of stored rows that are not wanted, and the wanted rows that are not stored."""
    found = {row[1:]: row[0] for row in stored}
    gone = [pk for row, pk in found.items() if row not in wanted]
    return gone, sorted(wanted.difference(found))


@dataclass(frozen=True)
class Rebuilt:
    """How the stored spans compare with those that follow from the facts."""

    posts: int
    differing: int


def rebuild(*, write: bool) -> Rebuilt:
    """Derive every span again from the facts, in batches of people, and compare with what is
    stored; with `write`, store what differs. Memory does not grow with the provider."""
    plans = facts.plans()
    people = list(Post.objects.order_by("person_id").values_list("person_id", flat=True).distinct())
    posts = differing = 0
    for start in range(0, len(people), facts.BATCH):
        batch = people[start : start + facts.BATCH]
        ids = list(Post.objects.filter(person__in=batch).values_list("pk", flat=True))
        with _without_collecting(), transaction.atomic():
            # No act may change these facts between reading them and comparing what follows.
            hold_head()
            competency, readiness = derive(facts.cases(ids), plans)
            for model, stored, wanted in (
                (CompetencySpan, _competency_spans(people=batch), competency),
                (ReadinessSpan, _readiness_spans(posts=ids), readiness),
            ):
                if write:
                    differing += _replace(model, stored, wanted)
                else:
                    gone, new = _differences(stored, wanted)
                    differing += len(gone) + len(new)
        posts += len(ids)
    return Rebuilt(posts, differing)


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Make a batch's hundreds of thousands of small rows without Python looking through them for
    cycles, of which they have none: that look took a third of a rebuild."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()
