"""Reads about the plan. `known` is a ledger seq (R3)."""

from collections.abc import Collection
from datetime import datetime
from functools import lru_cache

from surehand.competency import rules
from surehand.competency.models import Check, PlanDraft, PlanVersion
from surehand.competency.plan_document import PlanDocument, from_content, load
from surehand.people.models import Employment, Post
from surehand.people.queries import go_live_dates, terms_of
from surehand.timeline import instant, london_date


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


def needs_of_posts(posts: Collection[Post], *, at: datetime) -> dict[int, dict[int, rules.Need]]:
    """What the plan in force asks of each post at `at`: post id → competency id → gate or develop
    (R6). Give posts with their service; three statements."""
    plan = plan_in_force(at=at)
    if plan is None:
        return {post.pk: {} for post in posts}
    ids: dict[str, int] = {}
    requirements = []
    for row in plan.requirements.select_related("competency"):
        code = row.competency.code
        ids[code] = row.competency_id
        requirements.append(
            rules.Requirement(
                code,
                row.job_role,
                row.responsibility,
                row.setting,
                rules.Level(row.level),
                row.agency,
            )
        )
    terms = terms_of([post.pk for post in posts])
    go_lives = go_live_dates()
    today = london_date(instant(at))
    found = {}
    for post in posts:
        go_live = go_lives.get(post.service_id)
        held = terms.get(post.pk)
        needs = rules.gates_for(
            requirements,
            job_role=post.job_role,
            setting=post.service.setting,
            agency=post.employment == Employment.AGENCY,
            responsibilities=held.responsibilities_on(today) if held else (),
            days_since_start=(today - max(post.start_date, go_live)).days if go_live else None,
        )
        found[post.pk] = {ids[code]: need for code, need in needs.items()}
    return found


def groups_of(plan: PlanVersion) -> tuple[str, ...]:
    """The groups of competencies in the order the plan names them."""
    return document_of(plan).groups


def document_of(plan: PlanVersion) -> PlanDocument:
    """The document of a version; its `courses` go into `rules.courses_for`."""
    return _document(plan.document)


def draft() -> PlanDraft | None:
    """The draft of the next version, with who begun and who changed it."""
    return PlanDraft.objects.select_related("begun_by__identity", "changed_by__identity").first()


def draft_document(written: PlanDraft) -> PlanDocument:
    return from_content(written.document)


@lru_cache(maxsize=16)  # a plan document is never changed, and takes long to read
def _document(text: str) -> PlanDocument:
    return load(text)
