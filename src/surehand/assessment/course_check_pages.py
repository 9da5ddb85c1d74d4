"""What the page “From course to check” shows, worked out so that its template only draws."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from surehand.assessment.first_checks import (
    FEWEST,
    Came,
    Cohort,
    Finding,
    First,
    cohorts,
    findings,
    most_missed,
)
from surehand.assessment.outcomes import Outcome
from surehand.assessment.queries import standing
from surehand.competency.models import Check
from surehand.competency.queries import latest_checks
from surehand.people.asc_wds import ECM_TRAINING
from surehand.people.models import Post
from surehand.stats import Interval
from surehand.support.attendance import TAKEN, attended, by_title, course_of, plan_courses
from surehand.timeline import instant, london_date
from surehand.ui.export import Export
from surehand.ui.formats import day, iso, number, plural

FINDINGS_SHOWN = 6


@dataclass(frozen=True)
class Taught:
    """A course and everybody who came to it, in cohorts."""

    title: str
    key: str
    cohorts: Sequence[Cohort]

    @property
    def whole(self) -> Cohort:
        """All cohorts as one."""
        return Cohort(
            first=min(c.first for c in self.cohorts),
            last=max(c.last for c in self.cohorts),
            came=frozenset(p for c in self.cohorts for p in c.came),
            waited=tuple(sorted(w for c in self.cohorts for w in c.waited)),
            attempts=tuple(a for c in self.cohorts for a in c.attempts),
        )


def taught(
    services: Collection[int], *, at: datetime, known: int | None, competency: int | None
) -> list[Taught]:
    """The courses the plan names, and others in the ECM system, with those who came and their first
    attempts, as at a moment; a fixed number of statements. `competency`: of one check alone."""
    on = london_date(instant(at))
    posts = Post.objects.filter(service__in=services, start_date__lte=on)
    if known is not None:
        posts = posts.filter(entry__lte=known)
    people = set(posts.values_list("person_id", flat=True))
    courses = plan_courses(at=at, known=known)
    titles = by_title(courses)
    came: dict[tuple[str, str], list[Came]] = defaultdict(list)
    for person, attendances in attended(people, at=at, known=known).items():
        for a in attendances:
            if a.outcome not in TAKEN:
                continue
            if course := course_of(a, titles):
                came[course.title, course.code].append(Came(person, a.on))
            elif a.category == ECM_TRAINING:
                came[str(a.course), f"other-{a.course_id}"].append(Came(person, a.on))
    firsts = [f for f in _firsts(people, at=at, known=known) if competency in {None, f.competency}]
    order = {course.code: place for place, course in enumerate(courses)}
    return [
        Taught(title, key, cohorts(each, firsts))
        for (title, key), each in sorted(
            came.items(), key=lambda item: (order.get(item[0][1], len(order)), item[0][0])
        )
    ]


def _firsts(people: Collection[int], *, at: datetime, known: int | None) -> list[First]:
    """The first attempt of each person at each competency; a voided one does not count (R15). Two
    statements: only where not all was met is it asked what was not."""
    judged = (
        standing(known=known)
        .filter(person__in=people, happened_at__lte=at)
        .order_by("happened_at", "entry")
    )
    found: dict[tuple[int, int], tuple[int, datetime, str]] = {}
    for person, competency, pk, when, outcome in judged.values_list(
        "person_id", "competency_id", "pk", "happened_at", "outcome"
    ).iterator():
        found.setdefault((person, competency), (pk, when, outcome))
    criteria = dict(judged.exclude(outcome=Outcome.PASS.value).values_list("pk", "judgements"))
    return [
        First(
            person,
            competency,
            london_date(instant(when)),
            Outcome(outcome),
            tuple(sorted(c for c, met in criteria.get(pk, {}).items() if met == "not_met")),
        )
        for (person, competency), (pk, when, outcome) in found.items()
    ]


@dataclass(frozen=True)
class Line:
    """One course or cohort in the table."""

    name: str
    href: str
    current: bool
    came: str
    checked: str
    days: str
    passed: str
    interval: Interval | None
    likely: str
    partial: str
    support: str


@dataclass(frozen=True)
class CourseChecksPage:
    courses: Sequence[Line]
    cohorts: Sequence[Line]
    chosen: str
    findings: Sequence[str]
    missed: Sequence[tuple[str, str, str]]  # check, criterion, how many people


def course_checks_page(
    found: Sequence[Taught], *, chosen: Taught | None, address: str
) -> CourseChecksPage:
    """`address` is the page's own with everything but the course."""
    checks = latest_checks()
    groups = [c for c in chosen.cohorts if c.checked or c is chosen.cohorts[0]] if chosen else []
    return CourseChecksPage(
        courses=[
            _line(t.whole, t.title, href=f"{address}&course={t.key}", current=t is chosen)
            for t in found
        ],
        cohorts=[_line(c, cohort_name(c)) for c in groups],
        chosen=chosen.title if chosen else "",
        findings=[told(f, checks) for f in findings(groups)[:FINDINGS_SHOWN]],
        missed=[
            (
                checks[competency].short,
                _criterion(checks[competency], code),
                plural(count, "person", "people"),
            )
            for competency, code, count in most_missed(groups)
            if competency in checks
        ],
    )


def _line(cohort: Cohort, name: str, *, href: str = "", current: bool = False) -> Line:
    results, passed = cohort.results, cohort.passed
    few = f"Too few to say: fewer than {FEWEST}" if cohort.checked else "Nobody checked yet"
    return Line(
        name=name,
        href=href,
        current=current,
        came=number(len(cohort.came)),
        checked=number(cohort.checked),
        days="–" if cohort.days is None else plural_days(cohort.days),
        passed=f"{results[Outcome.PASS]} of {cohort.checked}" if passed else "",
        interval=passed,
        likely=f"likely {percent(passed.low)} to {percent(passed.high)}" if passed else few,
        partial=number(results[Outcome.PARTIAL]) if passed else "–",
        support=number(results[Outcome.FURTHER_SUPPORT]) if passed else "–",
    )


def cohort_name(cohort: Cohort) -> str:
    """“3 March 2027”, or “March 2027, a few at a time”."""
    if cohort.by_month:
        return f"{cohort.first:%B %Y}, a few at a time"
    return day(cohort.first)


def plural_days(days: float) -> str:
    """“1 day”, “4 days”, “4.5 days”."""
    return f"{days:g} {'day' if days == 1 else 'days'}"


def percent(value: float) -> str:
    return f"{round(value * 100)}%"


def told(finding: Finding, checks: Mapping[int, Check]) -> str:
    """“12 of 15 who came on 3 March 2027 needed further support in Incident report …”"""
    check = checks.get(finding.competency)
    cohort = finding.cohort
    when = (
        f"came a few at a time in {cohort.first:%B %Y}"
        if cohort.by_month
        else f"came on {day(cohort.first)}"
    )
    what = f"“{check.short}”" if check else "one check"
    days = plural_days(cohort.days or 0)
    return (
        f"{finding.needed_support} of {finding.tried} who {when} needed further support in {what} "
        f"at their first attempt; the first check came {days} after the course. "
        "Too fast or too generic?"
    )


def _criterion(check: Check, code: str) -> str:
    return next((str(c["text"]) for c in check.criteria if c["code"] == code), code)


def course_checks_export(found: Sequence[Taught], *, at: datetime, where: str) -> Export:
    """One row for each course and cohort; no share where too few were checked."""
    rows = []
    for each in found:
        for cohort in each.cohorts:
            passed, results = cohort.passed, cohort.results
            shown = [results[o] for o in Outcome] if passed else [None] * 3
            ends = [round(p, 3) for p in (passed.low, passed.high)] if passed else [None] * 2
            rows.append(
                (
                    each.title, cohort.first, cohort.last, len(cohort.came), cohort.checked,
                    cohort.days, *shown, *ends, iso(at),
                )
            )  # fmt: skip
    return Export(
        name=f"course-to-check-{where}-{london_date(instant(at)):%Y-%m-%d}",
        columns=(
            "course", "from", "to", "came", "checked", "median_days_to_first_check",
            "passed_first_time", "passed_in_part", "needed_further_support",
            "passed_share_low", "passed_share_high", "as_at",
        ),
        rows=rows,
    )  # fmt: skip
