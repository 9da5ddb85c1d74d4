"""What the plan pages show: a version in plain words, and the versions there are."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse

from surehand.competency.models import PlanVersion
from surehand.competency.plan_document import (
    CompetencyDefinition,
    PlanDocument,
    RequirementDefinition,
)
from surehand.competency.rules import Level
from surehand.people.models import Post
from surehand.people.roles import SETTINGS, in_words, who_in_words
from surehand.readiness.plan_projection import needs_worker
from surehand.ui.formats import moment, plural

METHODS = {
    "practice": "in the practice system",
    "live": "seen in live use",
    "discussion": "by discussion",
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
class VersionLine:
    number: int
    applies: str
    published: datetime
    by: str
    people: str
    stands: str  # in force, applies later, replaced
    href: str
    yaml: str


def groups(plan: PlanDocument) -> list[Group]:
    return [
        Group(
            name,
            tuple(_competency(plan, c) for c in plan.competencies if c.group == name),
        )
        for name in plan.groups
    ]


def _competency(plan: PlanDocument, definition: CompetencyDefinition) -> CompetencyLine:
    needs = [d for d in plan.requirement_definitions if d.competency == definition.code]
    check = definition.check
    how = f"Checked {' or '.join(METHODS[m] for m in check.methods)}"
    lasts = f"A pass lasts {plural(check.validity_months, 'month', 'months')}"
    if check.agency_months and check.agency_months != check.validity_months:
        lasts += f", for an agency post {plural(check.agency_months, 'month', 'months')}"
    return CompetencyLine(
        code=definition.code,
        title=definition.title,
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
    """Every version, the newest first, with how many people had posts when it was published."""
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
