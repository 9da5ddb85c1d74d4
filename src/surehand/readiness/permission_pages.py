"""What the page of supervised use shows, worked out so that the template only draws."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from surehand.assessment import queries as assessments
from surehand.assessment.models import Outcome
from surehand.competency.queries import latest_checks
from surehand.evidence.refusal import why_not
from surehand.people.access import By
from surehand.people.models import Identity, Post
from surehand.people.queries import current_posts, same_human
from surehand.people.roles import JOB_ROLES
from surehand.readiness import queries
from surehand.readiness.matrix import matrix
from surehand.readiness.models import ReadinessWords
from surehand.readiness.rules import CompetencyState
from surehand.readiness.supervised_use import independent_here
from surehand.support import actions
from surehand.support import queries as support
from surehand.support.actions import FailedTask
from surehand.support.models import Permission
from surehand.timeline import instant, london_date
from surehand.ui.formats import day
from surehand.ui.page import Link

_STANDS = {
    CompetencyState.COMPETENT: "passed",
    None: "not shown yet",
    CompetencyState.PARTLY: "passed in part",
    CompetencyState.FAILED: "further support required, reviewed",
    CompetencyState.EXPIRED: "ran out",
}


@dataclass(frozen=True)
class Task:
    """A competency the post needs; `refusal` says why it may not be permitted, `review` leads to
    where that can be put right."""

    competency: int
    text: str
    refusal: str = ""
    review: str = ""


@dataclass(frozen=True)
class Supervisor:
    person: int
    text: str


@dataclass(frozen=True)
class Allowed:
    """A permission in force now."""

    tasks: str
    supervisors: str
    last_day: str
    entry: int
    end: str
    refusal: str


@dataclass(frozen=True)
class Stopped:
    """An open restriction which the permission answers (R5)."""

    entry: int
    text: str
    reason: str


@dataclass(frozen=True)
class ToPermit:
    """All that is needed to allow supervised use of one post."""

    post: Post
    role: str
    tasks: list[Task]
    supervisors: list[Supervisor]
    restrictions: list[Stopped]
    allowed: list[Allowed]
    failed: list[FailedTask]
    refusal: str


def posts_now(person: int, *, now: datetime) -> list[Post]:
    """The person's posts today."""
    services = Post.objects.filter(person=person).values_list("service_id", flat=True)
    on = london_date(instant(now))
    return [p for p in current_posts(list(set(services)), on=on) if p.person_id == person]


def post_links(posts: list[Post], chosen: Post) -> list[Link]:
    """A choice among several posts; none where there is one alone."""
    if len(posts) < 2:
        return []
    return [
        Link(f"{JOB_ROLES[p.job_role].title}, {p.service}", f"?post={p.pk}", current=p == chosen)
        for p in posts
    ]


def to_permit(post: Post, *, by: By, now: datetime) -> ToPermit:
    """What may be permitted to this post, beside whom, and what is allowed already (R9)."""
    checks = latest_checks()
    row = next(
        r
        for r in matrix(services=[post.service_id], people=[post.person_id], as_at=now).rows
        if r.post.pk == post.pk
    )
    last = assessments.last_outcomes([post.person_id])
    reviews = assessments.reviews_of([post.person_id])
    tasks, failed = [], []
    # What is passed comes last: a restricted person does that, too, beside a supervisor.
    passed_last = sorted(
        row.cells.items(), key=lambda each: each[1].state is CompetencyState.COMPETENT
    )
    for competency, cell in passed_last:
        if not cell.needed:
            continue
        short = checks[competency].short
        assessment = last.get((post.person_id, competency))
        if (
            cell.state is CompetencyState.FAILED
            and assessment is not None
            and assessment.outcome == Outcome.FURTHER_SUPPORT
        ):
            review = reviews.get(assessment.pk)
            failed.append(FailedTask(competency, short, review.entry if review else None))
            if review is None:
                tasks.append(
                    Task(
                        competency,
                        short,
                        f"Failed on {day(assessment.happened_at)} and not reviewed yet. Review "
                        "that check first, then it can be allowed under supervision.",
                        reverse("review", args=[assessment.entry]),
                    )
                )
                continue
        tasks.append(Task(competency, f"{short} ({_STANDS.get(cell.state, 'not shown yet')})"))
    return ToPermit(
        post=post,
        role=JOB_ROLES[post.job_role].title,
        tasks=tasks,
        supervisors=_supervisors(post, now=now),
        restrictions=_restrictions(post),
        allowed=[
            _allowed(p, by=by, checks={c: k.short for c, k in checks.items()})
            for p in support.permissions_in_force([post.pk], at=now)
        ],
        failed=failed,
        refusal=why_not(lambda: actions.check_may_permit(by=by, post=post)),
    )


def _supervisors(post: Post, *, now: datetime) -> list[Supervisor]:
    """Everybody independent at this service now, but the person."""
    here = current_posts([post.service_id], on=london_date(instant(now)))
    able = independent_here(post.service_id, at=now) - same_human(post.person_id)
    found: dict[int, Supervisor] = {}
    for each in here:
        if each.person_id in able:
            text = f"{each.person}, {JOB_ROLES[each.job_role].title.lower()}"
            found.setdefault(each.person_id, Supervisor(each.person_id, text))
    return list(found.values())


def _restrictions(post: Post) -> list[Stopped]:
    found = queries.open_restrictions(post.person_id, service=post.service_id)
    words = dict(
        ReadinessWords.objects.filter(entry__in=[r.entry for r in found]).values_list(
            "entry", "text"
        )
    )
    return [
        Stopped(
            r.entry,
            f"Independent live use was stopped on {day(r.recorded_at)}.",
            words.get(r.entry, ""),
        )
        for r in found
    ]


def _allowed(permission: Permission, *, by: By, checks: dict[int, str]) -> Allowed:
    names = dict(
        Identity.objects.filter(person__in=permission.supervisors).values_list("person_id", "name")
    )
    return Allowed(
        tasks=", ".join(checks.get(c, "a task") for c in permission.competencies),
        supervisors=" or ".join(names.get(p, "somebody erased") for p in permission.supervisors),
        last_day=day(london_date(instant(permission.until) - 1)),
        entry=permission.entry,
        end=reverse("end-permission", args=[permission.entry]),
        refusal=why_not(lambda: actions.check_may_end(by=by, permission=permission)),
    )
