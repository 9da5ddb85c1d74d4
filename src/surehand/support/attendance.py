"""Reads of courses attended, beside what the plan requires (1.8). The moment is always asked for.

Nothing that decides readiness may read this: a missing course is something to do, never a state
(R6).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from django.db.models import Q, QuerySet

from surehand.competency.queries import document_of, plan_in_force
from surehand.competency.rules import Course, courses_for
from surehand.people.models import Employment, Post
from surehand.people.queries import terms_of
from surehand.support.attendance_file import folded_course
from surehand.support.models import Attendance
from surehand.timeline import add_months, instant, london_date

# Of these outcomes somebody can say that they took the course.
TAKEN = frozenset({Attendance.Outcome.ATTENDED, Attendance.Outcome.COMPLETED})


class CourseState(StrEnum):
    """How somebody stands in a required course. None of these is about competence."""

    TAKEN = "taken"
    RAN_OUT = "ran_out"
    MISSING = "missing"


@dataclass(frozen=True)
class CourseStanding:
    """A required course on a day: the attendance that counts longest, and its last day (None: it
    does not end)."""

    course: Course
    state: CourseState
    attendance: Attendance | None = None
    last_day: date | None = None


def standing(*, known: int | None = None) -> QuerySet[Attendance]:
    """Attendances that hold: not corrected by another, as known at a seq (R3, R15)."""
    if known is None:
        return Attendance.objects.filter(superseded_by__isnull=True)
    return Attendance.objects.filter(
        Q(superseded_by__isnull=True) | Q(superseded_by__entry__gt=known), entry__lte=known
    )


def attended(
    people: Collection[int], *, at: datetime, known: int | None = None
) -> dict[int, list[Attendance]]:
    """The courses of these people up to the day of `at`, by person, the latest first; one
    statement."""
    found: dict[int, list[Attendance]] = defaultdict(list)
    for attendance in (
        standing(known=known)
        .filter(person__in=people, on__lte=london_date(instant(at)))
        .select_related("course__name", "details")
        .order_by("-on", "-entry", "-pk")
    ):
        found[attendance.person_id].append(attendance)
    return found


def required(
    posts: Collection[Post], *, at: datetime, known: int | None = None
) -> dict[int, tuple[Course, ...]]:
    """The courses that the plan in force asks of each post at `at`, by post id. Give posts with
    their service; two statements."""
    plan = plan_in_force(at=at, known=known)
    courses = document_of(plan).courses if plan else ()
    terms = terms_of([post.pk for post in posts], known=known) if courses else {}
    today = london_date(instant(at))
    return {
        post.pk: courses_for(
            courses,
            job_role=post.job_role,
            setting=post.service.setting,
            agency=post.employment == Employment.AGENCY,
            responsibilities=terms[post.pk].responsibilities_on(today) if post.pk in terms else (),
        )
        for post in posts
    }


def plan_courses(*, at: datetime, known: int | None = None) -> tuple[Course, ...]:
    """Every course the plan in force names, in its order."""
    plan = plan_in_force(at=at, known=known)
    return document_of(plan).courses if plan else ()


def by_title(courses: Iterable[Course]) -> dict[str, Course]:
    """The plan's courses by what a training file may call them: title or code."""
    found: dict[str, Course] = {}
    for course in courses:
        found.setdefault(folded_course(course.title), course)
        found.setdefault(folded_course(course.code), course)
    return found


def course_of(attendance: Attendance, titles: Mapping[str, Course]) -> Course | None:
    """The plan's course that this was; None for one the plan does not know."""
    name = getattr(attendance.course, "name", None)
    return titles.get(name.folded) if name else None


def stands(course: Course, attendances: Sequence[Attendance], *, on: date) -> CourseStanding:
    """How somebody stands in a required course on a day, by their attendances of that course."""
    taken = [(a, _last_day(course, a)) for a in attendances if a.outcome in TAKEN]
    if not taken:
        return CourseStanding(course, CourseState.MISSING)
    attendance, last = max(taken, key=lambda each: (each[1] or date.max, each[0].on))
    state = CourseState.TAKEN if last is None or last >= on else CourseState.RAN_OUT
    return CourseStanding(course, state, attendance, last)


def _last_day(course: Course, attendance: Attendance) -> date | None:
    """The earlier of what the plan and what the training file say."""
    ends = [attendance.expires_on] if attendance.expires_on else []
    if course.renewal_months:
        ends.append(add_months(attendance.on, course.renewal_months) - timedelta(days=1))
    return min(ends, default=None)


def missing(
    posts: Collection[Post], *, at: datetime, known: int | None = None
) -> dict[int, list[CourseStanding]]:
    """The required courses that each post's person has not taken, or whose time has run out, by
    post id: what trigger G03 asks for. Posts with nothing missing are left out; three statements.
    """
    asked = required(posts, at=at, known=known)
    taken = attended({p.person_id for p in posts}, at=at, known=known)
    on = london_date(instant(at))
    found = {}
    for post in posts:
        standings = standings_of(asked[post.pk], taken.get(post.person_id, ()), on=on)
        if lacking := [s for s in standings if s.state is not CourseState.TAKEN]:
            found[post.pk] = lacking
    return found


def standings_of(
    courses: Sequence[Course], attendances: Iterable[Attendance], *, on: date
) -> list[CourseStanding]:
    """How somebody with these attendances stands in each of these courses."""
    titles = by_title(courses)
    own: dict[str, list[Attendance]] = defaultdict(list)
    for attendance in attendances:
        if course := course_of(attendance, titles):
            own[course.code].append(attendance)
    return [stands(course, own[course.code], on=on) for course in courses]
