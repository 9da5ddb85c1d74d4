"""Reads about the plan. `known` is a ledger seq (R3)."""

from datetime import datetime

from surehand.competency.models import Check, PlanVersion


def plan_in_force(*, at: datetime, known: int | None = None) -> PlanVersion | None:
    """The plan version in force at `at`."""
    versions = PlanVersion.objects.filter(applies_from__lte=at)
    if known is not None:
        versions = versions.filter(entry__lte=known)
    return versions.order_by("-number").first()


def checks_in_force(*, at: datetime, known: int | None = None) -> dict[int, Check]:
    """The current check of each competency in the plan in force, by competency id, in the
    plan's order; one current check per competency (R7)."""
    plan = plan_in_force(at=at, known=known)
    if plan is None:
        return {}
    checks = (
        Check.objects.filter(pk__in=plan.requirements.values("check_version"))
        .select_related("competency")
        .order_by("competency__code")
    )
    return {check.competency_id: check for check in checks}


def latest_checks() -> dict[int, Check]:
    """The newest version of every check ever published, by competency id."""
    checks = Check.objects.select_related("competency").order_by("version")
    return {check.competency_id: check for check in checks}
