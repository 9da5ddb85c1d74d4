"""Those at a service who came together, or work together: by team, job role, start and course."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from surehand.people.models import Person, Post, Service, TeamDetails
from surehand.people.queries import current_posts, terms_of
from surehand.people.roles import JOB_ROLES
from surehand.support.attendance import attended
from surehand.timeline import instant, london_date

FILTERS = ("team", "role", "started", "course")


@dataclass(frozen=True)
class Cohort:
    """Who is looked at, and what else could be chosen: (value, words) for each filter."""

    people: dict[int, Person]
    teams: list[tuple[str, str]]
    job_roles: list[tuple[str, str]]
    starts: list[tuple[str, str]]
    courses: list[tuple[str, str]]


def cohort(
    service: Service, *, at: datetime, chosen: Mapping[str, str], known: int | None = None
) -> Cohort:
    """The people with a post at a service on the day of `at`, by FILTERS: `team`, `role`, `started`
    (YYYY-MM) and `course` (its key)."""
    posts = current_posts([service.pk], on=london_date(instant(at)), known=known)
    terms = terms_of([p.pk for p in posts], known=known)
    teams = dict(TeamDetails.objects.filter(team__service=service).values_list("team_id", "name"))
    taken = attended({p.person_id for p in posts}, at=at, known=known)
    courses = {str(a.course_id): str(a.course) for own in taken.values() for a in own}

    def of(post: Post) -> dict[str, set[str]]:
        held = terms.get(post.pk)
        return {
            "team": {str(held.team)} if held and held.team else set(),
            "role": {post.job_role},
            "started": {f"{post.start_date:%Y-%m}"},
            "course": {str(a.course_id) for a in taken.get(post.person_id, ())},
        }

    return Cohort(
        people={
            post.person_id: post.person
            for post in posts
            if all(not chosen[name] or chosen[name] in has for name, has in of(post).items())
        },
        teams=sorted(((str(pk), name) for pk, name in teams.items()), key=lambda each: each[1]),
        job_roles=[
            (code, role.title)
            for code, role in JOB_ROLES.items()
            if any(p.job_role == code for p in posts)
        ],
        starts=[
            (month, f"{date.fromisoformat(f'{month}-01'):%B %Y}")
            for month in sorted({f"{p.start_date:%Y-%m}" for p in posts}, reverse=True)
        ],
        courses=sorted(courses.items(), key=lambda each: each[1]),
    )
