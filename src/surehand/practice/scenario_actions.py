"""The only writer of scenarios: drafts, published versions, and whether one is offered. What is
done in the preview of a draft stays in the draft; it never becomes an attempt."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max

from surehand import evidence
from surehand.evidence.refusal import NotPossible
from surehand.people.access import Action, By, check_may
from surehand.practice import policies, queries
from surehand.practice.actions import FASTER, after_step, seen_now, with_step
from surehand.practice.models import (
    ScenarioDraft,
    ScenarioReturn,
    ScenarioVersion,
    ScenarioWithdrawal,
)
from surehand.practice.play import Did, Step
from surehand.practice.queries import Going, Held
from surehand.practice.scenario import starter_texts, with_values


def begin_scenario(*, by: By, code: str, text: str, begun_from: str) -> ScenarioDraft:
    """Begin a scenario under a code that is still free; `begun_from` says in a few words what
    `text` was. Raises NotPermitted or NotPossible."""
    check_may(by, Action.PLAN, service=None)
    policies.check_new_code(
        code, taken=queries.held(), shipped=[shipped for shipped, _ in starter_texts()]
    )
    return _begin(by, code, with_values(text, code=code, version=1), begun_from)


def begin_next_version(*, by: By, code: str) -> ScenarioDraft:
    """Begin the next version of a scenario from its newest one; of a shipped one it will take its
    place. Raises NotPermitted or NotPossible."""
    check_may(by, Action.PLAN, service=None)
    playable = _held(code).playable
    begun_from = f"{code}, version {playable.scenario.version}"
    return _begin(by, code, playable.document, begun_from)


def _begin(by: By, code: str, text: str, begun_from: str) -> ScenarioDraft:
    now = evidence.clock.now()
    try:
        with transaction.atomic():
            return ScenarioDraft.objects.create(
                code=code,
                text=text,
                begun_from=begun_from,
                begun_by_id=by.acting(),
                begun_at=now,
                changed_by_id=by.acting(),
                changed_at=now,
            )
    except IntegrityError:
        raise NotPossible(f"There is a draft of {code} already. Go on with it.") from None


def _held(code: str) -> Held:
    held = queries.held().get(code)
    if held is None:
        raise NotPossible("There is no such scenario. Choose one from the list.")
    return held


def save_draft(*, by: By, code: str, seen: int, text: str) -> ScenarioDraft:
    """Keep the text as it is, with whatever mistakes it has, by somebody who saw revision `seen`.
    Its preview begins afresh. Raises NotPermitted, NotPossible or ScenarioChanged."""
    check_may(by, Action.PLAN, service=None)
    text = text.replace("\r\n", "\n")
    with transaction.atomic():
        draft = _draft_seen(code, seen)
        if text == draft.text:
            return draft
        draft.text = text
        draft.revision = seen + 1
        draft.changed_by_id = by.acting()
        draft.changed_at = evidence.clock.now()
        draft.played, draft.played_at, draft.clock = [], None, 0
        draft.played_revision += 1
        draft.save()
    return draft


def discard_draft(*, by: By, code: str, seen: int) -> None:
    """Throw a draft away. Raises as `save_draft`."""
    check_may(by, Action.PLAN, service=None)
    with transaction.atomic():
        _draft_seen(code, seen).delete()


def _draft_seen(code: str, seen: int) -> ScenarioDraft:
    """The draft, held until the transaction ends."""
    rows = ScenarioDraft.objects.select_for_update().filter(code=code)
    draft = policies.check_draft(rows.first())
    policies.check_draft_seen(draft, seen=seen)
    return draft


def publish_scenario(*, by: By, code: str, seen: int) -> ScenarioVersion:
    """Publish a draft as the next version of its code, whose number comes by itself; the draft is
    gone then. It is offered from now on; whoever is in the middle of an older version ends that.

    Raises ScenarioProblem with every problem of the text; else as `save_draft`.
    """
    check_may(by, Action.PLAN, service=None)
    with evidence.act("scenario.published", by=by.actor) as act:
        draft = _draft_seen(code, seen)
        held = queries.held().get(code)
        number = _next_number(code, held)
        text = with_values(draft.text, version=number)
        scenario = queries.drafted(text, code=code, at=act.recorded_at)
        policies.check_differs(scenario, held.playable.scenario if held else None)
        version = act.record(
            ScenarioVersion(code=code, version=number, document=text, by_id=by.acting())
        )
        act.state(scenario=f"{code} {number}", setting=scenario.setting)
        draft.delete()
    return version


def _next_number(code: str, held: Held | None) -> int:
    last = ScenarioVersion.objects.filter(code=code).aggregate(last=Max("version"))["last"] or 0
    return max(last, held.playable.scenario.version if held else 0) + 1


def withdraw_scenario(*, by: By, code: str) -> ScenarioWithdrawal:
    """Offer a scenario no longer. Whoever is in the middle of it can end it, and what was played
    stays readable. Raises NotPermitted or NotPossible."""
    check_may(by, Action.PLAN, service=None)
    with evidence.act("scenario.withdrawn", by=by.actor) as act:
        policies.check_offered(_held(code).withdrawn is not None, code=code)
        withdrawal = act.record(ScenarioWithdrawal(code=code, by_id=by.acting()))
        act.state(scenario=code)
    return withdrawal


def bring_back_scenario(*, by: By, code: str) -> ScenarioReturn:
    """Offer a withdrawn scenario again. Raises NotPermitted or NotPossible."""
    check_may(by, Action.PLAN, service=None)
    with evidence.act("scenario.brought_back", by=by.actor) as act:
        withdrawn = _held(code).withdrawn
        policies.check_withdrawn(withdrawn is not None, code=code)
        returned = act.record(ScenarioReturn(withdrawal=withdrawn, by_id=by.acting()))
        act.state(scenario=code)
    return returned


# --- Preview -------------------------------------------------------------------------------------


def begin_preview(*, by: By, code: str) -> ScenarioDraft:
    """Play a draft from its start; what was played of it before is forgotten.

    Raises ScenarioProblem while it has problems; NotPermitted or NotPossible.
    """
    check_may(by, Action.PLAN, service=None)
    now = evidence.clock.now()
    with transaction.atomic():
        draft = policies.check_draft(
            ScenarioDraft.objects.select_for_update().filter(code=code).first()
        )
        queries.drafted(draft.text, code=code, at=now)
        draft.played, draft.played_at, draft.clock = [], now, 0
        draft.played_revision += 1
        draft.save(update_fields=["played", "played_at", "clock", "played_revision"])
    return draft


def preview(*, by: By, code: str, now: datetime) -> Going:
    """Where the preview stands; a look at it is a sign of life. Raises NotPermitted or
    NotPossible."""
    check_may(by, Action.PLAN, service=None)
    draft = policies.check_draft(queries.draft(code))
    policies.check_preview_begun(draft)
    before = queries.preview_of(draft, at=now)
    after = seen_now(before.playing, before.steps, before.play.now, now)
    if not before.play.is_finished:
        _keep(draft, after.steps, after.seen_at, after.clock)
    return before


def take_preview_step(
    *, by: By, code: str, did: Did, what: Mapping[str, Any], revision: int | None, now: datetime
) -> Going:
    """Do one thing in a preview, as `actions.take_step`; FINISH ends it."""
    check_may(by, Action.PLAN, service=None)
    for _ in range(3):
        draft = policies.check_draft(queries.draft(code))
        policies.check_preview_begun(draft)
        before = queries.preview_of(draft, at=now)
        if did == Did.FINISH:
            after = with_step(before, Step(len(before.steps) + 1, before.play.now, did), now)
        else:
            after = after_step(before, did=did, what=what, revision=revision, now=now)
        playing = after.playing
        if after is before or _keep(draft, playing.steps, playing.seen_at, playing.clock):
            return after
    raise NotPossible(FASTER)


def _keep(draft: ScenarioDraft, steps: list[dict[str, Any]], seen_at: datetime, clock: int) -> bool:
    """Whether nothing was kept meanwhile by another page, so that this is."""
    rows = ScenarioDraft.objects.filter(pk=draft.pk, played_revision=draft.played_revision)
    return bool(
        rows.update(
            played=steps,
            played_at=seen_at,
            clock=clock,
            played_revision=draft.played_revision + 1,
        )
    )
