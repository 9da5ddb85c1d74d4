"""Whom a plan would touch, service by service and person by person, before it is published."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from surehand.people.models import Post, Service
from surehand.people.roles import JOB_ROLES
from surehand.readiness.plan_effect import Effect, Touched
from surehand.timeline import Instant, london_date
from surehand.ui.formats import day
from surehand.ui.page import address


@dataclass(frozen=True)
class ServiceLine:
    """One service: posts and people that newly need something, and those not there yet."""

    name: str
    code: str
    posts: int
    people: int
    lacking: int
    stop: int


@dataclass(frozen=True)
class PersonLine:
    """One post: what it would newly need, each with from when and whether it is passed."""

    name: str
    line: str
    href: str
    needs: tuple[str, ...]
    stops: str


def services_of(effect: Effect) -> list[ServiceLine]:
    """The services touched, by name."""
    found: dict[int, list[Touched]] = defaultdict(list)
    for touched in effect.touched:
        found[touched.service].append(touched)
    services = Service.objects.select_related("details").filter(pk__in=found)
    return [
        ServiceLine(
            name=str(service),
            code=service.code,
            posts=len(posts),
            people=len({t.person for t in posts}),
            lacking=sum(bool(t.lacks) for t in posts),
            stop=sum(t.stops is not None for t in posts),
        )
        for service in services.order_by("details__name")
        for posts in [found[service.pk]]
    ]


def posts_of(effect: Effect, service: str) -> list[Touched]:
    """The posts touched, at one service by its code where given; those who would stop being ready
    first, then those who have not passed everything."""
    touched = list(effect.touched)
    if service:
        here = set(Service.objects.filter(code=service).values_list("pk", flat=True))
        touched = [t for t in touched if t.service in here]
    return sorted(touched, key=lambda t: (t.stops is None, not t.lacks, t.service, t.post))


def people_lines(touched: Sequence[Touched]) -> list[PersonLine]:
    posts = Post.objects.select_related("person__identity", "service__details").in_bulk(
        [t.post for t in touched]
    )
    return [
        PersonLine(
            name=str(post.person),
            line=f"{JOB_ROLES[post.job_role].title}, {post.service}",
            href=address("person", post.person.pseudonym),
            needs=(
                *(
                    f"{gate.competency}, a gate from {_on(gate.since)}"
                    + (" (passed)" if gate.met else "")
                    for gate in t.gates
                ),
                *(f"The course “{title}”" for title in t.courses),
            ),
            stops=_on(t.stops) if t.stops is not None else "",
        )
        for t in touched
        for post in [posts[t.post]]
    ]


def _on(at: Instant) -> str:
    return day(london_date(at))
