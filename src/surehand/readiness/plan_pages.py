"""What the plan pages show: a version in plain words, and the versions there are."""

from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest

from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse

from surehand.competency.models import PlanVersion
from surehand.competency.plan_document import (
    CompetencyDefinition,
    PlanDocument,
    RequirementDefinition,
    course_whom,
    differences,
)
from surehand.competency.queries import document_of
from surehand.competency.rules import Course, Level
from surehand.people.models import Post
from surehand.people.roles import SETTINGS, in_words, who_in_words
from surehand.readiness.plan_projection import needs_worker
from surehand.ui.formats import moment, plural
from surehand.ui.page import address

METHODS = {
    "practice": "in the practice system",
    "live": "seen in live use",
    "discussion": "by discussion",
}
LEVELS = {
    Level.CRIT: "Gate from the start",
    Level.CORE: "Gate from day 29",
    Level.USE: "To develop",
}


@dataclass(frozen=True)
class CriterionLine:
    text: str
    critical: bool


@dataclass(frozen=True)
class CompetencyLine:
    """One competency in plain words, with who needs it at each level."""

    code: str
    title: str
    short: str
    how: str
    lasts: str
    criteria: tuple[CriterionLine, ...]
    from_start: str
    from_day_29: str
    develop: str


@dataclass(frozen=True)
class Group:
    name: str
    competencies: tuple[CompetencyLine, ...]


@dataclass(frozen=True)
class CourseLine:
    code: str
    title: str
    whom: str
    again: str


@dataclass(frozen=True)
class Asked:
    """Whose part of the plan is shown: codes, each empty for everybody's."""

    job_role: str = ""
    responsibility: str = ""
    setting: str = ""

    def whom(self) -> str:
        """“registered nurses who hold medicines in nursing care”; empty for the whole plan."""
        words = []
        if self.job_role:
            words.append(who_in_words([self.job_role], []))
        if self.responsibility:
            words.append(who_in_words([], [self.responsibility]))
        named = in_words(words) if words else ""
        where = f"in {SETTINGS[self.setting]}" if self.setting else ""
        return " ".join(part for part in (named or ("everybody" if where else ""), where) if part)

    def reaches(self, row: RequirementDefinition | Course) -> bool:
        """Whether this line of the plan is about them."""
        someone = self.job_role or self.responsibility
        named = self.job_role in row.job_roles or self.responsibility in row.responsibilities
        return (named or not someone) and (not self.setting or self.setting in row.settings)


WHOLE = Asked()


@dataclass(frozen=True)
class VersionLine:
    number: int
    applies: str
    published: datetime
    by: str
    people: str
    stands: str  # in force, applies later, replaced
    href: str
    yaml: str
    changed: tuple[str, ...] = ()
    compare: str = ""


def groups(plan: PlanDocument, asked: Asked = WHOLE) -> list[Group]:
    """The plan in its groups; of a part of it, only what is asked there."""
    found = []
    for name in plan.groups:
        lines = tuple(
            line
            for c in plan.competencies
            if c.group == name and (line := _competency(plan, c, asked))
        )
        if lines or asked == WHOLE:
            found.append(Group(name, lines))
    return found


def courses(plan: PlanDocument, asked: Asked = WHOLE) -> list[CourseLine]:
    return [
        CourseLine(
            course.code,
            course.title,
            whom[:1].upper() + whom[1:],
            f"After {plural(course.renewal_months, 'month', 'months')}"
            if course.renewal_months
            else "Once is enough",
        )
        for course in plan.courses
        if asked.reaches(course)
        for whom in [course_whom(course)]
    ]


def competency_line(plan: PlanDocument, definition: CompetencyDefinition) -> CompetencyLine:
    line = _competency(plan, definition, WHOLE)
    assert line is not None
    return line


def _competency(
    plan: PlanDocument, definition: CompetencyDefinition, asked: Asked
) -> CompetencyLine | None:
    needs = [
        d
        for d in plan.requirement_definitions
        if d.competency == definition.code and asked.reaches(d)
    ]
    if not needs and asked != WHOLE:
        return None
    check = definition.check
    how = f"Checked {' or '.join(METHODS[m] for m in check.methods)}"
    lasts = f"A pass lasts {plural(check.validity_months, 'month', 'months')}"
    if check.agency_months and check.agency_months != check.validity_months:
        lasts += f", for an agency post {plural(check.agency_months, 'month', 'months')}"
    return CompetencyLine(
        code=definition.code,
        title=definition.title,
        short=definition.short,
        how=f"{how}, with a discussion as well." if check.needs_discussion else f"{how}.",
        lasts=f"{lasts}.",
        criteria=tuple(CriterionLine(c.text, c.critical) for c in check.criteria),
        from_start=_who(needs, Level.CRIT),
        from_day_29=_who(needs, Level.CORE),
        develop=_who(needs, Level.USE),
    )


def _who(needs: list[RequirementDefinition], level: Level) -> str:
    """“Care workers and shift leads; nurses in nursing care”."""
    found = []
    for need in needs:
        if need.level is not level:
            continue
        words = who_in_words(need.job_roles, need.responsibilities)
        if need.settings != tuple(SETTINGS):
            words += f" in {in_words([SETTINGS[s] for s in need.settings])}"
        if not need.agency:
            words += ", not agency posts"
        found.append(words)
    text = "; ".join(found)
    return text[:1].upper() + text[1:]


def versions(*, now: datetime) -> list[VersionLine]:
    """Every version, the newest first, with how many people had posts when it was published and
    what it changed against the one before."""
    people = (
        Post.objects.filter(entry__lte=OuterRef("entry"))
        .order_by()
        .annotate(all=Count("person", distinct=True))
        .values("all")
    )
    people.query.group_by = None
    found = list(
        PlanVersion.objects.select_related("by__identity")
        .annotate(people=Coalesce(Subquery(people, output_field=IntegerField()), 0))
        .order_by("-number")
    )
    in_force = next((v.number for v in found if v.applies_from <= now), None)
    before = dict(zip_longest((v.number for v in found), found[1:]))
    return [
        VersionLine(
            number=v.number,
            applies=moment(v.applies_from),
            published=v.recorded_at,
            by=str(v.by) if v.by else "the command line",
            people=plural(v.people, "person", "people"),
            stands="In force"
            if v.number == in_force
            else "Applies later"
            if v.applies_from > now and v.number > (in_force or 0)
            else "Replaced",
            href=reverse("plan-of-version", args=[v.number]),
            yaml=reverse("plan-of-version-yaml", args=[v.number]),
            changed=tuple(d.sentence for d in differences(document_of(old), document_of(v)))
            if (old := before[v.number])
            else (),
            compare=address("plan-of-compare", **{"from": old.number, "to": v.number})
            if old
            else "",
        )
        for v in found
    ]


def preparation(plan: PlanVersion) -> str:
    """Whether the worker has prepared a large version yet; empty for the others."""
    if not needs_worker(plan):
        return ""
    if hasattr(plan, "projection"):
        return f"Prepared for every post on {moment(plan.projection.at)}."
    return "The worker prepares this version for every post before it applies."
