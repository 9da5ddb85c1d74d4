"""From facts to stored spans: called by `evidence.act` with the posts an action touched (R2)."""

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from surehand.people.models import Post
from surehand.readiness import facts, rules
from surehand.readiness.models import CompetencySpan, ReadinessSpan
from surehand.timeline import Span

Row = tuple[Any, ...]


def project(posts: Collection[int]) -> None:
    """Make the stored spans of these posts, and of everyone who holds them, follow the facts."""
    people = set(Post.objects.filter(pk__in=posts).values_list("person_id", flat=True))
    # Competence belongs to the person, so every post of theirs is looked at (R4).
    every = set(Post.objects.filter(person__in=people).values_list("pk", flat=True))
    competency, readiness = derive(facts.cases(every), facts.plans())
    _replace(
        CompetencySpan.objects.filter(person__in=people),
        ("person_id", "competency_id", "agency", "state", "since", "until"),
        competency,
    )
    _replace(
        ReadinessSpan.objects.filter(post__in=every),
        ("post_id", "service_id", "state", "since", "until"),
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


def _replace(stored: Any, columns: tuple[str, ...], wanted: set[Row]) -> None:
    """Write only the rows that differ: most actions change a handful of spans."""
    found = {tuple(row[1:]): row[0] for row in stored.values_list("pk", *columns)}
    gone = [pk for row, pk in found.items() if row not in wanted]
    if gone:
        stored.filter(pk__in=gone).delete()
    stored.model.objects.bulk_create(
        stored.model(**dict(zip(columns, row, strict=True))) for row in sorted(wanted - set(found))
    )
