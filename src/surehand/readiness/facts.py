"""From rows to rules: everything the readiness of a post depends on, as known at a seq.

The number of SQL statements is fixed, whatever the number of posts.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, TypeVar

from django.db.models import OuterRef, Q, QuerySet, Subquery

from surehand.assessment.models import Assessment, Reopening
from surehand.competency.models import PlanVersion, Requirement
from surehand.evidence.instants import Instant
from surehand.evidence.kinds import Fact
from surehand.evidence.models import Entry
from surehand.evidence.prepared import prepared
from surehand.people.models import Employment, Post
from surehand.people.queries import Terms, go_live_dates, terms_of
from surehand.readiness import rules
from surehand.readiness.models import Restriction, SignOff
from surehand.support.models import Permission
from surehand.timeline import FOREVER, Span, end_of, instant, london_midnight

BATCH = 500
_LEVELS = {level.name.lower(): level for level in rules.Level}
F = TypeVar("F", bound=Fact)


@dataclass(frozen=True, slots=True)
class Case:
    """One post with the facts its readiness follows from."""

    id: int
    person: int
    service: int
    post: rules.Post
    observations: dict[int, list[rules.Observation]]  # by competency
    reopenings: dict[int, list[rules.Reopening]]  # by competency
    sign_offs: list[rules.SignOff]
    permissions: list[rules.Permission]
    restrictions: list[rules.Restriction]

    @property
    def failures(self) -> list[tuple[int, int]]:
        """When further support was found to be required, and in what (R9)."""
        return [
            (o.competency, o.at)
            for found in self.observations.values()
            for o in found
            if o.outcome == rules.Outcome.FURTHER_SUPPORT
        ]

    def competence(self) -> dict[int, list[Span]]:
        """How the person stands in each competency, counted as this post counts it."""
        return {
            competency: rules.competence(
                self.observations.get(competency, []),
                self.reopenings.get(competency, []),
                agency=self.post.agency,
            )
            for competency in self.observations
        }


def cases(posts: Collection[int] | None = None, *, known: int | None = None) -> Iterator[Case]:
    """The case of each post asked for (all when None), in batches of people."""
    return _cases(_posts(posts=posts, known=known), known)


def cases_of_holders(posts: Collection[int]) -> Iterator[Case]:
    """The case of each post of everyone who holds one of these: competence belongs to the person,
    so all of their posts are looked at (R4)."""
    return _cases(_posts_of_holders(posts=posts), None)


@prepared
def _posts(posts: Any, known: Any) -> "QuerySet[Any, tuple[Any, ...]]":
    chosen = _known(Post.objects.all(), known)
    return _columns(chosen if posts is None else chosen.filter(pk__in=posts))


@prepared
def _posts_of_holders(posts: Any) -> "QuerySet[Any, tuple[Any, ...]]":
    holders = Post.objects.filter(pk__in=posts).values("person")
    return _columns(Post.objects.filter(person__in=holders))


def _columns(posts: "QuerySet[Post]") -> "QuerySet[Any, tuple[Any, ...]]":
    return posts.order_by("person_id", "pk").values_list(
        "pk", "person_id", "service_id", "service__setting", "job_role", "employment", "start_date"
    )


def _cases(rows: list[tuple[Any, ...]], known: int | None) -> Iterator[Case]:
    go_lives = go_live_dates(known=known)
    for start in range(0, len(rows), BATCH):
        yield from _batch(rows[start : start + BATCH], go_lives, known)


def plans(*, known: int | None = None) -> tuple[rules.Plan, ...]:
    """The plan versions in order, each with its requirements."""
    return tuple(
        _plan(pk, number, instant(applies_from))
        if entry is None
        else _published(bytes(entry), pk, number, instant(applies_from))
        for pk, number, applies_from, entry in _versions(known=known)
    )


@prepared
def _versions(known: Any) -> "QuerySet[Any, tuple[Any, ...]]":
    published = Entry.objects.filter(seq=OuterRef("entry"), kind="plan.published")
    return (
        _known(PlanVersion.objects.all(), known)
        .order_by("number")
        .values_list("pk", "number", "applies_from", Subquery(published.values("content")))
    )


@lru_cache(maxsize=16)
def _published(entry: bytes, pk: int, number: int, applies_from: int) -> rules.Plan:
    """A plan version, read once in a process: every action needs it, and it never changes.

    `entry` is the ledger entry that published it. It states the Merkle root over its requirements,
    so the same entry is the same plan, in whatever database."""
    return _plan(pk, number, applies_from)


def _plan(pk: int, number: int, applies_from: int) -> rules.Plan:
    rows = Requirement.objects.filter(plan=pk).order_by("pk")
    return rules.Plan(
        number,
        applies_from,
        tuple(
            rules.Requirement(competency, job_role, responsibility, setting, _LEVELS[level], agency)
            for competency, job_role, responsibility, setting, level, agency in rows.values_list(
                "competency_id", "job_role", "responsibility", "setting", "level", "agency"
            )
        ),
    )


def _known(facts: "QuerySet[F]", known: Any, *ends: str) -> "QuerySet[F]":
    """Facts as known at a seq, less those that an `end` relation had undone by then."""
    if known is not None:
        facts = facts.filter(entry__lte=known)
    for end in ends:
        undone = Q(**{f"{end}__isnull": True})
        if known is not None:
            undone |= Q(**{f"{end}__entry__gt": known})
        facts = facts.filter(undone)
    return facts


def _end(at: int | None, entry: int | None, known: int | None) -> int | None:
    """When something was ended, if that was known."""
    return None if known is not None and entry is not None and entry > known else at


def _batch(
    rows: list[tuple[Any, ...]], go_lives: dict[int, date | None], known: int | None
) -> Iterator[Case]:
    posts = [row[0] for row in rows]
    people = {row[1] for row in rows}
    terms = terms_of(posts, known=known)
    observations = _observations(people, known)
    reopened = _reopenings(known)
    # Competence belongs to the person (R4): reopened for a service, it is reopened for whoever
    # has a post there, in all their posts.
    services: dict[int, set[int]] = defaultdict(set)
    for person, service in _services(people=people) if reopened else ():
        services[person].add(service)
    sign_offs: dict[int, list[rules.SignOff]] = defaultdict(list)
    for post, at, plan, seq in _sign_offs(posts=posts, known=known):
        sign_offs[post].append(rules.SignOff(at, plan, seq))
    permissions = _permissions(posts, known)
    restrictions = _restrictions(people, known)
    for pk, person, service, setting, job_role, employment, start_date in rows:
        own = observations.get(person, {})
        yield Case(
            id=pk,
            person=person,
            service=service,
            post=rule_post(
                terms.get(pk), setting, job_role, employment, start_date, go_lives.get(service)
            ),
            observations=own,
            reopenings={
                c: [r for r, where, whom in all_ if _reaches(person, services[person], where, whom)]
                for c, all_ in reopened.items()
                if c in own
            },
            sign_offs=sign_offs[pk],
            permissions=permissions[pk],
            restrictions=[r for r, where in restrictions[person] if where in (None, service)],
        )


def _reaches(person: int, at: set[int], where: int | None, whom: frozenset[int]) -> bool:
    """Whether a reopening is about this person, who has posts `at` these services."""
    return person in whom if whom else where is None or where in at


def rule_post(
    terms: Terms | None,
    setting: str,
    job_role: str,
    employment: str,
    start_date: date,
    go_live: date | None,
) -> rules.Post:
    """A post as the rules see it, under these terms."""
    agency = employment == Employment.AGENCY
    end_date = terms.end_date if terms else None
    if agency and not (end_date and end_date < start_date):  # such a post never was
        end_date = rules.agency_end(start_date, end_date)
    held = terms.responsibilities if terms else ()
    starts = [london_midnight(max(from_date, start_date)) for from_date, _ in held]
    return rules.Post(
        starts=london_midnight(start_date),
        until=end_of(end_date) if end_date else FOREVER,
        job_role=job_role,
        setting=setting,
        agency=agency,
        responsibilities=tuple(
            (since, until, code)
            for since, until, (_, codes) in zip(starts, [*starts[1:], FOREVER], held, strict=True)
            for code in codes
            if since < until
        ),
        go_live=london_midnight(go_live) if go_live else None,
    )


@prepared
def _services(people: Any) -> "QuerySet[Any, tuple[Any, ...]]":
    return Post.objects.filter(person__in=people).values_list("person_id", "service_id")


@prepared
def _sign_offs(posts: Any, known: Any) -> "QuerySet[Any, tuple[Any, ...]]":
    return (
        _known(SignOff.objects.filter(post__in=posts), known)
        .order_by("entry")
        .values_list("post_id", Instant("recorded_at"), "plan__number", "entry")
    )


def _observations(
    people: Collection[int], known: int | None
) -> dict[int, dict[int, list[rules.Observation]]]:
    found: dict[int, dict[int, list[rules.Observation]]] = defaultdict(lambda: defaultdict(list))
    # Nearly all of what readiness rests on is here: rows become rules in one step.
    made = rules.Observation._make
    for row in _assessments(people=people, known=known):
        found[row[0]][row[1]].append(made(row[1:]))
    return found


@prepared
def _assessments(people: Any, known: Any) -> "QuerySet[Any, tuple[Any, ...]]":
    standing = _known(Assessment.objects.filter(person__in=people), known, "void", "superseded_by")
    return standing.values_list(
        "person_id",
        "competency_id",
        Instant("happened_at"),
        "outcome",
        "check_version__validity_months",
        "check_version__agency_months",
        "entry",
    )


@dataclass(frozen=True, slots=True)
class Said:
    """An assessment ever recorded: from `entry` on it counted, and no longer from `undone` on,
    where it was voided or corrected. The moments are those of these entries."""

    competency: int
    observation: rules.Observation
    recorded: int
    undone: int | None
    undone_at: int | None

    def counted(self, known: int) -> bool:
        """Whether it counted as known at this seq."""
        return self.observation.seq <= known and (self.undone is None or known < self.undone)


def assessments_said(people: Collection[int]) -> dict[int, list[Said]]:
    """Every assessment ever recorded of these people, voided and corrected ones too, by person;
    one statement."""
    found: dict[int, list[Said]] = defaultdict(list)
    for row in _assessments_ever(people=people):
        person, *observed, recorded, void, void_at, corrected, corrected_at = row
        ends = [(e, at) for e, at in ((void, void_at), (corrected, corrected_at)) if e is not None]
        undone, undone_at = min(ends, default=(None, None))
        made = rules.Observation._make(observed)
        found[person].append(Said(made.competency, made, recorded, undone, undone_at))
    return found


@prepared
def _assessments_ever(people: Any) -> "QuerySet[Any, tuple[Any, ...]]":
    return Assessment.objects.filter(person__in=people).values_list(
        "person_id",
        "competency_id",
        Instant("happened_at"),
        "outcome",
        "check_version__validity_months",
        "check_version__agency_months",
        "entry",
        Instant("recorded_at"),
        "void__entry",
        Instant("void__recorded_at"),
        "superseded_by__entry",
        Instant("superseded_by__recorded_at"),
    )


def _reopenings(
    known: int | None,
) -> dict[int, list[tuple[rules.Reopening, int | None, frozenset[int]]]]:
    found: dict[int, list[tuple[rules.Reopening, int | None, frozenset[int]]]] = defaultdict(list)
    for competency, service, people, at, ends_at, seq in _reopened(known=known):
        reopening = rules.Reopening(competency, at, ends_at, seq)
        found[competency].append((reopening, service, frozenset(people)))
    return found


@prepared
def _reopened(known: Any) -> "QuerySet[Any, tuple[Any, ...]]":
    return (
        _known(Reopening.objects.all(), known)
        .order_by("entry")
        .values_list(
            "competency_id",
            "service_id",
            "people",
            Instant("recorded_at"),
            Instant("ends_at"),
            "entry",
        )
    )


def _permissions(posts: Collection[int], known: int | None) -> dict[int, list[rules.Permission]]:
    found: dict[int, list[rules.Permission]] = defaultdict(list)
    for row in _permitted(posts=posts, known=known):
        post, at, until, competencies, supervisors, cites, ended, ended_by, seq = row
        found[post].append(
            rules.Permission(
                at=at,
                until=until,
                competencies=frozenset(competencies),
                supervisors=frozenset(supervisors),
                cites=frozenset(cites),
                ended_at=_end(ended, ended_by, known),
                seq=seq,
            )
        )
    return found


@prepared
def _permitted(posts: Any, known: Any) -> "QuerySet[Any, tuple[Any, ...]]":
    return (
        _known(Permission.objects.filter(post__in=posts), known)
        .order_by("entry")
        .values_list(
            "post_id",
            Instant("recorded_at"),
            Instant("until"),
            "competencies",
            "supervisors",
            "cites",
            Instant("end__recorded_at"),
            "end__entry",
            "entry",
        )
    )


def _restrictions(
    people: Collection[int], known: int | None
) -> dict[int, list[tuple[rules.Restriction, int | None]]]:
    found: dict[int, list[tuple[rules.Restriction, int | None]]] = defaultdict(list)
    for person, service, at, lifted, lifted_by, seq in _restricted(people=people, known=known):
        restriction = rules.Restriction(at, _end(lifted, lifted_by, known), seq)
        found[person].append((restriction, service))
    return found


@prepared
def _restricted(people: Any, known: Any) -> "QuerySet[Any, tuple[Any, ...]]":
    return (
        _known(Restriction.objects.filter(person__in=people), known)
        .order_by("entry")
        .values_list(
            "person_id",
            "service_id",
            Instant("recorded_at"),
            Instant("lifting__recorded_at"),
            "lifting__entry",
            "entry",
        )
    )
