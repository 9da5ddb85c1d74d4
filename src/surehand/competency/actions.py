"""The only writer of plan versions and of the draft of the next one (1.1, R12)."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime

from django.db import IntegrityError, transaction

from surehand import evidence
from surehand.competency import policies
from surehand.competency.models import Check, Competency, PlanDraft, PlanVersion, Requirement
from surehand.competency.plan_document import (
    CompetencyDefinition,
    PlanDocument,
    adds_gates,
    content_of,
    differences,
    dump,
    from_content,
    load,
)
from surehand.competency.plan_edits import tidy
from surehand.evidence.refusal import NotPossible
from surehand.people.access import Action, By, check_may
from surehand.people.models import Post


def publish_plan(
    *,
    by: By,
    text: str,
    applies_from: datetime | None = None,
    shorter_notice: bool = False,
) -> PlanVersion:
    """Publish a plan document as the next version, in force from `applies_from` (now when None).

    A check whose wording, methods or validity changed becomes a new check version; the others
    stay. Raises PlanProblem with every problem of the document, NotPermitted or NotPossible.
    """
    check_may(by, Action.PLAN, service=None)
    document = load(text)
    latest = PlanVersion.objects.order_by("-number").first()
    previous = load(latest.document) if latest else None
    with evidence.act("plan.published", by=by.actor) as act:
        applies = applies_from or act.recorded_at
        posts = list(Post.objects.values_list("pk", flat=True))
        policies.check_applies_from(applies, now=act.recorded_at)
        policies.check_differs(
            len(differences(previous, document)) if previous else 0, first=previous is None
        )
        policies.check_notice(
            applies,
            now=act.recorded_at,
            adds_gates=bool(previous and adds_gates(previous, document)),
            first=previous is None,
            shorter=shorter_notice,
        )
        policies.check_can_be_projected(applies, now=act.recorded_at, touched=len(posts))
        version = PlanVersion(
            number=latest.number + 1 if latest else 1,
            applies_from=applies,
            document=text,
            by_id=by.person,
        )
        act.record(version)
        checks = _checks(act, document)
        act.record_all(
            Requirement(
                plan=version,
                check_version=checks[row.competency],
                competency_id=checks[row.competency].competency_id,
                job_role=row.job_role,
                responsibility=row.responsibility,
                setting=row.setting,
                level=row.level.value,
                agency=row.agency,
            )
            for row in document.requirements()
        )
        act.state(
            number=version.number,
            applies_from=applies.isoformat(),
            document=act.commit(text).digest.hex(),
        )
        if len(posts) <= policies.TOUCHED_AT_ONCE:
            act.touch(posts)
    return version


def _checks(act: evidence.Act, document: PlanDocument) -> dict[str, Check]:
    """The check of each competency: the one on record where nothing changed, else a new one."""
    known = {c.code: c for c in Competency.objects.all()}
    latest: dict[str, Check] = {}
    for check in Check.objects.select_related("competency").order_by("version"):
        latest[check.competency.code] = check
    found = {}
    for definition in document.competencies:
        competency = known.get(definition.code)
        if competency is None:
            competency = act.record(Competency(code=definition.code))
        held = latest.get(definition.code)
        wanted = _fields(definition)
        if held is None or any(getattr(held, name) != value for name, value in wanted.items()):
            held = act.record(
                Check(competency=competency, version=held.version + 1 if held else 1, **wanted)
            )
        found[definition.code] = held
    return found


def _fields(definition: CompetencyDefinition) -> dict:
    check = definition.check
    return {
        "title": definition.title,
        "short": definition.short,
        "group": definition.group,
        "themes": list(definition.themes),
        "methods": list(check.methods),
        "needs_discussion": check.needs_discussion,
        "criteria": [asdict(criterion) for criterion in check.criteria],
        "validity_months": check.validity_months,
        "agency_months": check.agency_months,
    }


NO_DRAFT = "There is no draft of the plan any more: it was published or discarded. Begin a new one."


def begin_draft(*, by: By, document: PlanDocument, begun_from: str) -> PlanDraft:
    """Begin the next version from `document`; `begun_from` says in a few words what that is.

    Raises NotPermitted; NotPossible where there is a draft already.
    """
    check_may(by, Action.PLAN, service=None)
    now = evidence.clock.now()
    try:
        with transaction.atomic():
            return PlanDraft.objects.create(
                document=content_of(tidy(document)),
                begun_from=begun_from,
                begun_by_id=by.acting(),
                begun_at=now,
                changed_by_id=by.acting(),
                changed_at=now,
            )
    except IntegrityError:
        raise NotPossible(
            "There is a draft already, and there is one at a time. Go on with it, or discard it "
            "first."
        ) from None


def change_draft(*, by: By, seen: int, edit: Callable[[PlanDocument], PlanDocument]) -> PlanDraft:
    """Take one step in writing the draft, by somebody who saw its revision `seen`.

    Raises NotPermitted; NotPossible where there is no draft; DraftChanged where somebody changed
    it since; whatever `edit` raises. Then nothing has changed.
    """
    check_may(by, Action.PLAN, service=None)
    with transaction.atomic():
        draft = _draft_seen(seen)
        document = edit(from_content(draft.document))
        draft.document = content_of(tidy(document))
        draft.revision = seen + 1
        draft.changed_by_id = by.acting()
        draft.changed_at = evidence.clock.now()
        draft.save()
    return draft


def discard_draft(*, by: By, seen: int) -> None:
    """Throw the draft away. Raises as `change_draft`."""
    check_may(by, Action.PLAN, service=None)
    with transaction.atomic():
        _draft_seen(seen).delete()


def publish_draft(
    *,
    by: By,
    seen: int,
    applies_from: datetime | None = None,
    shorter_notice: bool = False,
) -> PlanVersion:
    """Publish the draft as the next version; it is gone then. Raises as `publish_plan` and
    `change_draft`."""
    check_may(by, Action.PLAN, service=None)
    with transaction.atomic():
        draft = _draft_seen(seen)
        version = publish_plan(
            by=by,
            text=dump(from_content(draft.document)),
            applies_from=applies_from,
            shorter_notice=shorter_notice,
        )
        draft.delete()
    return version


def _draft_seen(seen: int) -> PlanDraft:
    """The draft, held until the transaction ends."""
    draft = PlanDraft.objects.select_for_update().first()
    if draft is None:
        raise NotPossible(NO_DRAFT)
    policies.check_draft_seen(
        seen,
        revision=draft.revision,
        changed_by=str(draft.changed_by),
        changed_at=draft.changed_at,
    )
    return draft
