"""What the pages show of courses attended, decided here so that templates hold no logic.

Nothing here looks like readiness: a course has its own words, and none of the five states' tones.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from markupsafe import Markup

from surehand.competency.rules import Course
from surehand.people.models import Post, Service
from surehand.people.queries import current_posts, references_of
from surehand.people.roles import JOB_ROLES
from surehand.people.web import AsAt
from surehand.support.attendance import (
    TAKEN,
    CourseStanding,
    CourseState,
    attended,
    by_title,
    course_of,
    plan_courses,
    required,
    standings_of,
)
from surehand.support.models import Attendance
from surehand.timeline import instant, london_date
from surehand.ui.export import Export
from surehand.ui.formats import day, iso, number, plural, short_month
from surehand.ui.page import address

NOT_COMPETENCE = "Attending a course never makes anybody ready: passing the checks does."
SOON = timedelta(days=30)
REQUIRED, EVERY, MISSING = "", "all", "missing"


@dataclass(frozen=True)
class CourseLine:
    """One course of a person: what, in words, and how it is drawn."""

    title: str
    words: str
    tag: str
    icon: str
    look: bool  # something is to be done


def lines(
    courses: Sequence[Course], attendances: Sequence[Attendance], *, on: date
) -> list[CourseLine]:
    """A person's courses on a day: what the plan requires and is lacking, what it requires and was
    taken, then everything else attended."""
    standings = standings_of(courses, attendances, on=on)
    standings.sort(key=lambda s: s.state is CourseState.TAKEN)
    titles = by_title(courses)
    others = [a for a in attendances if course_of(a, titles) is None]
    return [_required(s) for s in standings] + [_other(a, on) for a in others]


def lines_of_person(
    person: int, posts: Sequence[Post], *, at: datetime, known: int | None
) -> list[CourseLine]:
    """The courses of a person in these current posts, as at a moment; four statements."""
    asked = {c for courses in required(posts, at=at, known=known).values() for c in courses}
    return lines(
        [c for c in plan_courses(at=at, known=known) if c in asked],
        attended([person], at=at, known=known).get(person, []),
        on=london_date(instant(at)),
    )


def _required(standing: CourseStanding) -> CourseLine:
    if standing.attendance is None:
        words = "Required by the plan. No attendance is recorded."
        return CourseLine(standing.course.title, words, "Missing", "circle-dashed", True)
    words = f"Required by the plan. {attended_in_words(standing.attendance)}"
    if standing.state is CourseState.RAN_OUT and standing.last_day:
        words += f" It counted until {day(standing.last_day)}."
        return CourseLine(standing.course.title, words, "Ran out", "clock-alert", True)
    tag = f"Counts until {day(standing.last_day)}" if standing.last_day else "Attended"
    return CourseLine(standing.course.title, words, tag, "graduation-cap", False)


def _other(attendance: Attendance, on: date) -> CourseLine:
    outcome = Attendance.Outcome(attendance.outcome)
    words, icon = attended_in_words(attendance), "graduation-cap"
    if outcome not in TAKEN:
        return CourseLine(str(attendance.course), words, outcome.label, "circle-x", False)
    tag = "Not in the plan"
    if attendance.expires_on and attendance.expires_on < on:
        words += f" It counted until {day(attendance.expires_on)}."
        icon = "clock-alert"
    elif attendance.expires_on:
        words += f" It counts until {day(attendance.expires_on)}."
    return CourseLine(str(attendance.course), words, tag, icon, False)


def attended_in_words(attendance: Attendance) -> str:
    """“Completed on 2 March 2027, given by Brindle Training, e-learning.”"""
    details = getattr(attendance, "details", None)
    given = [f"given by {details.provider}"] if details and details.provider else []
    if not given and attendance.delivery:
        given.append(Attendance.Delivery(attendance.delivery).label.lower())
    if attendance.mode:
        given.append(Attendance.Mode(attendance.mode).label.lower())
    how = f", {', '.join(given)}" if given else ""
    return f"{Attendance.Outcome(attendance.outcome).label} on {day(attendance.on)}{how}."


# --- The page of a service ----------------------------------------------------------------------


@dataclass(frozen=True)
class CourseFilters:
    """`course`: REQUIRED, EVERY or a plan's course by code; `only`: MISSING or empty."""

    job_role: str = ""
    course: str = REQUIRED
    only: str = ""

    @property
    def address(self) -> list[tuple[str, str]]:
        pairs = [("role", self.job_role), ("course", self.course), ("only", self.only)]
        return [pair for pair in pairs if pair[1]]


@dataclass(frozen=True)
class CourseCell:
    """`kind`: taken, soon, ran_out, missing, other or none (ui/courses.html)."""

    kind: str
    text: str = ""
    told: str = ""  # for those who do not see the picture


NONE = CourseCell("none")


@dataclass(frozen=True)
class CourseHead:
    title: str
    code: str  # empty: not in the plan


@dataclass(frozen=True)
class CourseRow:
    name: str
    href: str
    line: str
    cells: Sequence[CourseCell]
    lacking: int


@dataclass(frozen=True)
class CoursesPage:
    question: str
    lede: Markup
    heads: Sequence[CourseHead]
    rows: Sequence[CourseRow]
    shown: str
    lacking: int  # people with a required course missing


@dataclass(frozen=True)
class Courses:
    """What the page is made of: the current posts, what is asked of each, what was attended."""

    posts: Sequence[Post]
    plan: Sequence[Course]
    required: Mapping[int, Sequence[Course]]
    attended: Mapping[int, Sequence[Attendance]]
    on: date

    def standings(self, post: Post) -> list[CourseStanding]:
        return standings_of(
            self.required[post.pk], self.attended.get(post.person_id, ()), on=self.on
        )

    def lacks(self, post: Post) -> int:
        return sum(s.state is not CourseState.TAKEN for s in self.standings(post))


def courses_of(posts: Sequence[Post], *, at: datetime, known: int | None) -> Courses:
    """Everything about the courses of these current posts, as at a moment, in a fixed number of
    statements. Give posts with their person's identity and their service."""
    return Courses(
        posts=posts,
        plan=plan_courses(at=at, known=known),
        required=required(posts, at=at, known=known),
        attended=attended({p.person_id for p in posts}, at=at, known=known),
        on=london_date(instant(at)),
    )


def courses_of_service(service: Service, *, at: datetime, known: int | None) -> Courses:
    """As `courses_of` for everybody with a post there."""
    posts = current_posts([service.pk], on=london_date(instant(at)), known=known)
    return courses_of(posts, at=at, known=known)


@dataclass(frozen=True)
class CourseColumns:
    """Columns of required courses, to stand beside a table of competence and apart from it."""

    heads: Sequence[CourseHead]
    cells: Mapping[int, Sequence[CourseCell]]  # by post id
    totals: Sequence[tuple[int, int]]  # who has it, who needs it


def course_columns(found: Courses) -> CourseColumns:
    heads = course_heads(found, CourseFilters())
    standings = [s for post in found.posts for s in found.standings(post)] if heads else []
    return CourseColumns(
        heads=heads,
        cells={post.pk: course_cells(found, post, heads) for post in found.posts},
        totals=[
            (
                sum(s.course.code == h.code and s.state is CourseState.TAKEN for s in standings),
                sum(s.course.code == h.code for s in standings),
            )
            for h in heads
        ],
    )


def courses_page(
    found: Courses, *, service: Service, as_at: AsAt, filters: CourseFilters
) -> CoursesPage:
    posts = [p for p in found.posts if filters.job_role in {"", p.job_role}]
    lacking = {p.pk: found.lacks(p) for p in posts}
    shown = [p for p in posts if filters.only != MISSING or lacking[p.pk]]
    heads = course_heads(found, filters)
    query = "&".join(f"{name}={value}" for name, value in as_at.address)
    people = {p.person_id for p in posts}
    short = {p.person_id for p in posts if lacking[p.pk]}
    return CoursesPage(
        question=f"Which courses {'have' if as_at.chosen is None else 'had'} people at {service} "
        "attended?",
        lede=Markup("<strong>{} of {}</strong> {} every course the plan asks of them. {}").format(
            number(len(people) - len(short)),
            plural(len(people), "person", "people"),
            "have" if as_at.chosen is None else "had",
            NOT_COMPETENCE,
        ),
        heads=heads,
        rows=[
            CourseRow(
                name=str(post.person),
                href=_person(post, query),
                line=JOB_ROLES[post.job_role].title,
                cells=course_cells(found, post, heads),
                lacking=lacking[post.pk],
            )
            for post in shown
        ],
        shown=f"Showing {number(len(shown))} of {plural(len(found.posts), 'post')}.",
        lacking=len(short),
    )


def _person(post: Post, query: str) -> str:
    href = address("person", post.person.pseudonym)
    return f"{href}?{query}" if href and query else href


def course_heads(found: Courses, filters: CourseFilters) -> list[CourseHead]:
    """The courses anybody here needs, in the plan's order; on request every other one too."""
    asked = {c.code for courses in found.required.values() for c in courses}
    heads = [CourseHead(c.title, c.code) for c in found.plan if c.code in asked]
    if filters.course == EVERY:
        titles = by_title(found.plan)
        here = {p.person_id for p in found.posts}
        others = {
            str(a.course)
            for person in here
            for a in found.attended.get(person, ())
            if (course := course_of(a, titles)) is None or course.code not in asked
        }
        heads += [CourseHead(title, "") for title in sorted(others, key=str.casefold)]
    elif filters.course != REQUIRED:
        heads = [head for head in heads if head.code == filters.course] or heads
    return heads


def course_cells(found: Courses, post: Post, heads: Iterable[CourseHead]) -> list[CourseCell]:
    standings = {s.course.code: s for s in found.standings(post)}
    own = found.attended.get(post.person_id, ())
    titles = by_title(found.plan)
    cells = []
    for head in heads:
        if head.code in standings:
            cells.append(_cell(standings[head.code], found.on))
            continue
        same = [
            a
            for a in own
            if (head.code and (course := course_of(a, titles)) and course.code == head.code)
            or (not head.code and str(a.course) == head.title)
        ]
        cells.append(_other_cell(same[0]) if same else NONE)
    return cells


def _cell(standing: CourseStanding, on: date) -> CourseCell:
    if standing.attendance is None:
        return CourseCell("missing", "Missing")
    if standing.state is CourseState.RAN_OUT:
        told = f"counted until {day(standing.last_day)}" if standing.last_day else ""
        return CourseCell("ran_out", "Ran out", told)
    told = f"attended on {day(standing.attendance.on)}"
    if standing.last_day and standing.last_day <= on + SOON:
        return CourseCell("soon", f"To {short_month(standing.last_day)}", told)
    ends = f", counts until {day(standing.last_day)}" if standing.last_day else ""
    return CourseCell("taken", _short(standing.attendance.on), f"{told}{ends}")


def _other_cell(attendance: Attendance) -> CourseCell:
    outcome = Attendance.Outcome(attendance.outcome)
    if outcome in TAKEN:
        return CourseCell("other", _short(attendance.on), "attended, not required")
    return CourseCell("other", outcome.label, f"on {day(attendance.on)}")


def _short(on: date) -> str:
    """2 Mar ’27"""
    return f"{short_month(on)} ’{on:%y}"


_WORDS = {
    CourseState.TAKEN: "Attended",
    CourseState.RAN_OUT: "Ran out",
    CourseState.MISSING: "Missing",
}


def courses_export(
    found: Courses,
    *,
    service: Service,
    at: datetime,
    filters: CourseFilters | None = None,
) -> Export:
    """One row for each person and course, required or attended."""
    rows = []
    filters = filters or CourseFilters()
    references = references_of(p.person_id for p in found.posts)
    titles = by_title(found.plan)
    for post in found.posts:
        if filters.job_role not in {"", post.job_role}:
            continue
        if filters.only == MISSING and not found.lacks(post):
            continue
        who = (
            references.get(post.person_id, post.person.pseudonym),
            str(post.person),
            service.code,
            JOB_ROLES[post.job_role].title,
        )
        asked = {c.code for c in found.required[post.pk]}
        for s in found.standings(post):
            taken = s.attendance
            rows.append(
                (
                    *who, s.course.code, s.course.title, "yes", _WORDS[s.state],
                    taken.on if taken else None, s.last_day, _provider(taken),
                )
            )  # fmt: skip
        for a in found.attended.get(post.person_id, ()):
            course = course_of(a, titles)
            if course is None or course.code not in asked:
                rows.append(
                    (
                        *who, course.code if course else "", str(a.course), "no",
                        Attendance.Outcome(a.outcome).label, a.on, a.expires_on, _provider(a),
                    )
                )  # fmt: skip
    return Export(
        name=f"courses-{service.code}-{found.on:%Y-%m-%d}",
        columns=(
            "person_id", "person", "service_id", "job_role", "course_code", "course", "required",
            "attendance", "attended_on", "last_day", "provider", "as_at",
        ),
        rows=[(*row, iso(at)) for row in rows],
    )  # fmt: skip


def _provider(attendance: Attendance | None) -> str:
    details = getattr(attendance, "details", None)
    return details.provider if details else ""
