"""Who works here and how ready they are: one row for each current post, and for people without."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from surehand.home.person import tag_of
from surehand.people.models import Identity, Person, Post, Service, TeamDetails
from surehand.people.names import typed
from surehand.people.queries import current_posts, terms_of
from surehand.people.roles import JOB_ROLES
from surehand.readiness.models import ReadinessSpan
from surehand.readiness.reasons import STATE_KEYS
from surehand.readiness.rules import State
from surehand.timeline import FOREVER, Instant, instant, london_date
from surehand.ui.export import Export
from surehand.ui.states import STATES


@dataclass(frozen=True)
class Row:
    """One post (or, without one, one person) at the moment looked at."""

    person: Person
    reference: str
    post: Post | None
    job_role: str
    team: str
    key: str
    tag: str
    until: Instant | None


@dataclass(frozen=True)
class Filters:
    """What of the people is asked for, from the address."""

    q: str = ""
    state: str = ""
    job_role: str = ""
    employment: str = ""
    team: str = ""
    ends: int | None = None  # only those whose live use ends within so many days

    @property
    def anything(self) -> bool:
        return any((self.q, self.state, self.job_role, self.employment, self.team, self.ends))


def rows(services: Sequence[Service], *, at: datetime, without_posts: bool) -> list[Row]:
    """Every current post of these services by name, in a fixed number of statements;
    `without_posts` adds people who have none."""
    here = instant(at)
    posts = current_posts([s.pk for s in services], on=london_date(here))
    spans = {
        post: (state, until)
        for post, state, until in ReadinessSpan.objects.filter(
            service__in=services, since__lte=here, until__gt=here
        ).values_list("post_id", "state", "until")
    }
    terms = terms_of([p.pk for p in posts])
    teams = dict(
        TeamDetails.objects.filter(team__service__in=services).values_list("team_id", "name")
    )
    found = []
    for post in posts:
        state, until = spans.get(post.pk, (State.NOT_READY, None))
        own = terms.get(post.pk)
        identity = getattr(post.person, "identity", None)
        found.append(
            Row(
                person=post.person,
                reference=identity.reference if identity else "",
                post=post,
                job_role=JOB_ROLES[post.job_role].title,
                team=teams.get(own.team, "") if own and own.team else "",
                key=STATE_KEYS[State(state)],
                tag=tag_of(State(state), until, at=at) if until else STATES["not_ready"].word,
                until=until,
            )
        )
    if without_posts:
        with_post = {p.person_id for p in posts}
        found += [
            Row(i.person, i.reference, None, "No post", "", "", "", None)
            for i in Identity.objects.select_related("person").order_by("name")
            if i.person_id not in with_post
        ]
    return found


def matching(found: Collection[Row], wanted: Filters, *, at: datetime) -> list[Row]:
    """The rows asked for: every word of `q` in the name or the reference."""
    words = typed(wanted.q).split()
    ends = instant(at + timedelta(days=wanted.ends)) if wanted.ends else None
    return [
        row
        for row in found
        if all(w in typed(f"{row.person} {row.reference}") for w in words)
        and (not wanted.state or row.key == wanted.state)
        and (not wanted.job_role or (row.post is not None and row.post.job_role == wanted.job_role))
        and (
            not wanted.employment
            or (row.post is not None and row.post.employment == wanted.employment)
        )
        and (not wanted.team or row.team == wanted.team)
        and (
            ends is None
            or (
                row.until is not None
                and row.until <= ends
                and row.key in {"independent", "supervised"}
            )
        )
    ]


def export(found: Collection[Row]) -> Export:
    """The list as a table to be carried away."""
    return Export(
        "people",
        (
            "person_id", "name", "service", "team", "job_role", "employment", "start_date",
            "readiness", "live_use_until",
        ),
        [
            (
                row.reference,
                str(row.person),
                str(row.post.service) if row.post else "",
                row.team,
                row.job_role if row.post else "",
                row.post.employment if row.post else "",
                row.post.start_date if row.post else None,
                STATES[row.key].word if row.key else "",
                _last_day(row),
            )
            for row in found
        ],
    )  # fmt: skip


def _last_day(row: Row) -> date | None:
    """The last day of live use, where there is one."""
    if row.until in {None, FOREVER} or row.key not in {"independent", "supervised"}:
        return None
    return london_date((row.until or 0) - 1)
