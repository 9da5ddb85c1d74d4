"""The draft of the next plan version: one at a time, and nobody writes over what they have not
seen (1.1)."""

from datetime import timedelta
from typing import Any

import pytest

from surehand import evidence
from surehand.competency import actions, plan_edits
from surehand.competency.models import PlanDraft, PlanVersion
from surehand.competency.plan_document import PlanDocument, from_content, load, starter
from surehand.competency.policies import DraftChanged
from surehand.evidence.refusal import NotPermitted, NotPossible
from tests.provider import NOW, World

DAY = timedelta(days=1)


def renamed(document: PlanDocument) -> PlanDocument:
    return plan_edits.rename_plan(document, "Our plan")


def begin(world: World) -> PlanDraft:
    return actions.begin_draft(by=world.by("helen"), document=starter(), begun_from="version 1")


def test_a_draft_is_begun_changed_and_published_and_is_gone(world: World) -> None:
    before = evidence.last_seq()
    begin(world)
    changed = actions.change_draft(by=world.by("wendy"), seen=1, edit=renamed)
    assert (changed.revision, changed.changed_by, changed.begun_by) == (
        2,
        world.people["wendy"],
        world.people["helen"],
    )
    assert evidence.last_seq() == before, "a draft is no fact"
    version = actions.publish_draft(by=world.by("helen"), seen=2, applies_from=NOW + DAY)
    assert (version.number, load(version.document).title) == (2, "Our plan")
    assert not PlanDraft.objects.exists()


def test_there_is_one_draft_at_a_time(world: World) -> None:
    begin(world)
    with pytest.raises(NotPossible, match="There is a draft already"):
        begin(world)
    actions.discard_draft(by=world.by("wendy"), seen=1)
    assert begin(world).revision == 1


def test_nobody_writes_over_what_they_have_not_seen(world: World) -> None:
    begin(world)
    actions.change_draft(by=world.by("wendy"), seen=1, edit=renamed)
    by: dict[str, Any] = {"by": world.by("helen"), "seen": 1}
    for late in (
        lambda: actions.change_draft(**by, edit=lambda d: plan_edits.rename_plan(d, "Mine")),
        lambda: actions.discard_draft(**by),
        lambda: actions.publish_draft(**by),
    ):
        with pytest.raises(DraftChanged, match="Wendy Okoro changed the draft on 18 November"):
            late()
    assert from_content(PlanDraft.objects.get().document).title == "Our plan"
    assert PlanVersion.objects.count() == 1


def test_a_refused_step_changes_nothing_and_a_refused_publication_keeps_the_draft(
    world: World,
) -> None:
    begin(world)
    with pytest.raises(plan_edits.EditRefused):
        actions.change_draft(
            by=world.by("helen"), seen=1, edit=lambda d: plan_edits.rename_plan(d, "")
        )
    with pytest.raises(NotPossible, match="Nothing to publish"):
        actions.publish_draft(by=world.by("helen"), seen=1)
    assert PlanDraft.objects.get().revision == 1


def test_without_a_draft_there_is_nothing_to_change(world: World) -> None:
    with pytest.raises(NotPossible, match="no draft of the plan any more"):
        actions.change_draft(by=world.by("helen"), seen=1, edit=renamed)


@pytest.mark.parametrize("name", ["ruth", "cal", "nadia", "queenie", "paul", "ada", "dan"])
def test_only_a_workforce_lead_writes_it(world: World, name: str) -> None:
    with pytest.raises(NotPermitted):
        actions.begin_draft(by=world.by(name), document=starter(), begun_from="version 1")
    begin(world)
    by: dict[str, Any] = {"by": world.by(name), "seen": 1}
    for act in (
        lambda: actions.change_draft(**by, edit=renamed),
        lambda: actions.discard_draft(**by),
        lambda: actions.publish_draft(**by),
    ):
        with pytest.raises(NotPermitted):
            act()
    assert PlanDraft.objects.get().revision == 1
