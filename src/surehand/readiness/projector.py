"""From facts to stored spans: called by `evidence.act` with the posts an action touched (R2)."""

import gc
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from surehand.evidence.ledger import hold_head
from surehand.evidence.rows import insert
from surehand.people.models import Post
from surehand.readiness import facts, rules
from surehand.readiness.models import CompetencySpan, ReadinessSpan
from surehand.timeline import Span

Row = tuple[Any, ...]
COMPETENCY_COLUMNS = ("person_id", "competency_id", "agency", "state", "since", "until")
READINESS_COLUMNS = ("post_id", "service_id", "state", "since", "until")


def project(posts: Collection[int]) -> None:
    """Make the stored spans of these posts, and of everyone who holds them, follow the facts."""
    people = set(Post.objects.filter(pk__in=posts).values_list("person_id", flat=True))
    # Competence belongs to the person, so every post of theirs is looked at (R4).
    every = set(Post.objects.filter(person__in=people).values_list("pk", flat=True))
    competency, readiness = derive(facts.cases(every), facts.plans())
    _replace(
        CompetencySpan.objects.filter(person__in=people),
        COMPETENCY_COLUMNS,
        competency,
    )
    _replace(
        ReadinessSpan.objects.filter(post__in=every),
        READINESS_COLUMNS,
        readiness,
    )


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


def _replace(stored: QuerySet[Any], columns: tuple[str, ...], wanted: set[Row]) -> int:
    """Write only the rows that differ: most actions change a handful of spans. Answers how many
    differed."""
    gone, new = _differences(stored, columns, wanted)
    if gone:
        stored.filter(pk__in=gone).delete()
    insert(stored.model, columns, new)
    return len(gone) + len(new)


def _differences(
    stored: QuerySet[Any], columns: tuple[str, ...], wanted: set[Row]
) -> tuple[list[int], list[Row]]:
    """The ids of stored rows that are not wanted, and the wanted rows that are not stored."""
    found = {tuple(row[1:]): row[0] for row in stored.values_list("pk", *columns).iterator()}
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
            for stored, columns, wanted in (
                (CompetencySpan.objects.filter(person__in=batch), COMPETENCY_COLUMNS, competency),
                (ReadinessSpan.objects.filter(post__in=ids), READINESS_COLUMNS, readiness),
            ):
                if write:
                    differing += _replace(stored, columns, wanted)
                else:
                    gone, new = _differences(stored, columns, wanted)
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
