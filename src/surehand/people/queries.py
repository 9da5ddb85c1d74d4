"""Reads about services, people and posts. `known` is a ledger seq: facts up to it (R3)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet

from surehand.evidence.instants import Instant as RecordedAt
from surehand.evidence.prepared import prepared
from surehand.people.access import AccessRole, By, Grant
from surehand.people.models import (
    AccessGrant,
    GoLive,
    Identity,
    Merge,
    Person,
    Post,
    PostTerms,
    Service,
)
from surehand.timeline import Instant, instant, london_date


def access_of(person: Person, *, at: datetime, signed_in: str) -> By:
    """What `person` may do at `at`: every access grant not ended, and everyone they are."""
    today = london_date(instant(at))
    grants = AccessGrant.objects.filter(
        Q(until__isnull=True) | Q(until__gte=today), person=person, end__isnull=True
    ).values_list("role", "service_id")
    return By(
        person=person.pk,
        pseudonym=person.pseudonym,
        signed_in=signed_in,
        grants=tuple(Grant(AccessRole(role), service) for role, service in grants),
        same_human=same_human(person.pk),
    )


def same_human(person: int) -> frozenset[int]:
    """Everybody recorded as the same human as `person`, itself included (R14)."""
    return _joined(person, _merged())


@prepared
def _merged() -> "QuerySet[Any, tuple[Any, ...]]":
    return Merge.objects.values_list("person_id", "into_id")


def _joined(person: int, pairs: list[tuple[int, int]]) -> frozenset[int]:
    found = {person}
    while True:
        wider = found | {b for pair in pairs if found.intersection(pair) for b in pair}
        if wider == found:
            return frozenset(found)
        found = wider


def same_humans(people: Iterable[int]) -> dict[int, frozenset[int]]:
    """`same_human` of each of these people; one statement."""
    pairs = _merged()
    return {person: _joined(person, pairs) for person in people}


def humans() -> dict[int, int]:
    """Of everybody who was merged, the person who stands for all of them (R14); whoever is not
    here stands for themselves. One statement."""
    pairs = _merged()
    return {person: min(_joined(person, pairs)) for pair in pairs for person in pair}


def posts_of_person(person: int) -> list[Post]:
    """Every post of the person, ended ones too."""
    return _posts_of_person(person=person)


@prepared
def _posts_of_person(person: Any) -> "QuerySet[Post]":
    return Post.objects.filter(person=person).order_by("pk")


def people_with_access(role: AccessRole, *, service: int | None, at: datetime) -> frozenset[int]:
    """The people who hold `role` for `service` (None: provider-wide) at `at`."""
    today = london_date(instant(at))
    grants = AccessGrant.objects.filter(
        Q(until__isnull=True) | Q(until__gte=today), role=role, end__isnull=True
    )
    if service is None:
        grants = grants.filter(service__isnull=True)
    else:
        grants = grants.filter(service_id=service)
    return frozenset(grants.values_list("person_id", flat=True))


def go_live_dates(*, known: int | None = None) -> dict[int, date | None]:
    """Each service's go-live date, by service id."""
    return dict(_go_lives(known=known))


@prepared
def _go_lives(known: Any) -> "QuerySet[Any, tuple[Any, ...]]":
    facts = GoLive.objects.order_by("entry")
    if known is not None:
        facts = facts.filter(entry__lte=known)
    return facts.values_list("service_id", "on")


def go_lives_said() -> list[tuple[int, date | None, Instant, int]]:
    """Every go-live date ever said, in the order said: service, date, when recorded, entry."""
    return _go_lives_said()


@prepared
def _go_lives_said() -> "QuerySet[Any, tuple[Any, ...]]":
    return GoLive.objects.order_by("entry").values_list(
        "service_id", "on", RecordedAt("recorded_at"), "entry"
    )


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of a post as known: the end date (inclusive), the team and, from date to date,
    the responsibilities."""

    end_date: date | None
    team: int | None
    # (from date, codes) in order; each holds until the next
    responsibilities: tuple[tuple[date, tuple[str, ...]], ...]

    def responsibilities_on(self, day: date) -> tuple[str, ...]:
        held: tuple[str, ...] = ()
        for from_date, codes in self.responsibilities:
            if from_date <= day:
                held = codes
        return held


def terms_of(posts: Collection[int] | None = None, *, known: int | None = None) -> dict[int, Terms]:
    """The terms of each post (of all posts when None), by post id; one statement."""
    return _terms(_terms_rows(posts=posts, known=known))


@prepared
def _terms_rows(posts: Any, known: Any) -> "QuerySet[Any, tuple[Any, ...]]":
    facts = PostTerms.objects.order_by("entry", "pk")
    if posts is not None:
        facts = facts.filter(post_id__in=posts)
    if known is not None:
        facts = facts.filter(entry__lte=known)
    return facts.values_list("post_id", "from_date", "end_date", "team_id", "responsibilities")


def terms_said(posts: Collection[int]) -> dict[int, list[tuple[int, Instant, tuple[Any, ...]]]]:
    """All terms ever said of each post, in the order said: entry, when recorded, and a row for
    `terms_as_said`; one statement."""
    found: dict[int, list[tuple[int, Instant, tuple[Any, ...]]]] = {}
    for entry, recorded, *row in _terms_ever(posts=posts):
        found.setdefault(row[0], []).append((entry, recorded, tuple(row)))
    return found


@prepared
def _terms_ever(posts: Any) -> "QuerySet[Any, tuple[Any, ...]]":
    return (
        PostTerms.objects.filter(post_id__in=posts)
        .order_by("entry", "pk")
        .values_list(
            "entry",
            RecordedAt("recorded_at"),
            *("post_id", "from_date", "end_date", "team_id", "responsibilities"),
        )
    )


def terms_as_said(rows: Iterable[tuple[Any, ...]]) -> dict[int, Terms]:
    """What these rows of `terms_said` come to, by post."""
    return _terms(rows)


def _terms(
    rows: Iterable[tuple[int, date, date | None, int | None, str]],
) -> dict[int, Terms]:
    found: dict[int, Terms] = {}
    for post, from_date, end_date, team, codes in rows:
        held = tuple(codes.split(";")) if codes else ()
        before = found[post].responsibilities if post in found else ()
        kept = tuple(r for r in before if r[0] < from_date)
        found[post] = Terms(end_date, team, (*kept, (from_date, held)))
    return found


def services_seen_by(by: By, services: Iterable[Service]) -> list[Service]:
    """The services `by` may read, in the order given."""
    from surehand.people.access import Action

    return [s for s in services if by.may(Action.READ, s.pk)]


def current_posts(services: Collection[int], *, on: date, known: int | None = None) -> list[Post]:
    """The posts of these services on a day, by name; two statements."""
    facts = Post.objects.filter(service__in=services, start_date__lte=on)
    if known is not None:
        facts = facts.filter(entry__lte=known)
    posts = list(
        facts.select_related("person__identity", "service__details").order_by(
            "person__identity__name", "pk"
        )
    )
    terms = terms_of([p.pk for p in posts], known=known)
    return [
        p for p in posts if p.pk not in terms or (end := terms[p.pk].end_date) is None or end >= on
    ]


def colleagues(service: Service, *, on: date, but: int) -> list[Person]:
    """Who may be asked to support somebody here: everybody with a post or access at this service on
    a day, by name, but that person; three statements."""
    working = {p.person_id for p in current_posts([service.pk], on=on)}
    granted = AccessGrant.objects.filter(
        Q(until__isnull=True) | Q(until__gte=on), service=service, end__isnull=True
    ).values_list("person_id", flat=True)
    return list(
        Person.objects.filter(pk__in=(working | set(granted)) - same_human(but))
        .select_related("identity")
        .order_by("identity__name", "pk")
    )


def references_of(people: Iterable[int]) -> dict[int, str]:
    """The provider's own reference for each of these people; an erased person has none."""
    return dict(
        Identity.objects.filter(person__in=list(people)).values_list("person_id", "reference")
    )
