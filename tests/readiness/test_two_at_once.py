"""Two people decide the same thing at the same moment: one decision is recorded, the other is told.

Reviews and retakes are in `tests/assessment/test_at_once.py`. SUREHAND_TRIALS says how often."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import models

from surehand import evidence
from surehand.competency import actions as competency
from surehand.competency import plan_edits
from surehand.competency.models import PlanVersion
from surehand.competency.plan_document import starter
from surehand.evidence.refusal import Refused
from surehand.people.access import AccessRole, By
from surehand.readiness import actions, queries
from surehand.readiness.models import Lifting, Override, Restriction, SignOff
from tests.conftest import trials
from tests.provider import NOW, World, small_provider

TONIGHT = datetime(2026, 11, 18, 20, 0, tzinfo=UTC)
Decide = Callable[[By], object]
# Who decides, and what each of them does after having looked at it.
Prepared = tuple[tuple[str, str], Callable[[], Decide]]


def lifting(world: World) -> Prepared:
    restricted = actions.restrict(
        by=world.by("tessa"), person=world.people["dan"], service=None, reason="Shared a sign-in"
    )

    def look() -> Decide:
        seen = Restriction.objects.select_related("person", "service").get(pk=restricted.pk)
        assert not hasattr(seen, "lifting")
        return lambda by: actions.lift(by=by, restriction=seen, reason="Practised again")

    return ("ruth", "dee"), look


def signing_off(world: World) -> Prepared:
    world.pass_all("dan")
    post = world.posts["dan"].pk

    def look() -> Decide:
        (seen,) = queries.statements([post], at=NOW)
        return lambda by: actions.sign_off(by=by, shown={post: seen.fingerprint()})

    return ("helen", "wendy"), look


def publishing(world: World) -> Prepared:
    competency.begin_draft(by=world.by("helen"), document=starter(), begun_from="version 1")
    competency.change_draft(
        by=world.by("wendy"), seen=1, edit=lambda plan: plan_edits.rename_plan(plan, "Our plan")
    )

    def look() -> Decide:
        return lambda by: competency.publish_draft(
            by=by, seen=2, applies_from=NOW + timedelta(days=1)
        )

    return ("helen", "wendy"), look


def overriding(world: World) -> Prepared:
    def look() -> Decide:
        return lambda by: actions.override(
            by=by,
            post=world.posts["dan"],
            starts_at=TONIGHT,
            ends_at=TONIGHT + timedelta(hours=12),
            reason="The agency sent nobody",
        )

    return ("ruth", "dee"), look


DECISIONS: list[tuple[Callable[[World], Prepared], type[models.Model]]] = [
    (lifting, Lifting),
    (signing_off, SignOff),
    (publishing, PlanVersion),
    (overriding, Override),
]


@pytest.mark.parametrize("trial", range(min(trials(1), 50)))
@pytest.mark.parametrize(("prepare", "fact"), DECISIONS, ids=lambda x: x.__name__)
@pytest.mark.usefixtures("template_database")
def test_one_of_two_decisions_is_recorded_and_the_other_is_told(
    in_thread: Callable[..., Callable[[], Any]],
    prepare: Callable[[World], Prepared],
    fact: type[models.Model],
    trial: int,
) -> None:
    world = small_provider()
    with evidence.clock.at(NOW):
        world.add_person("dee", "Dee Lamb", role=AccessRole.REGISTERED_MANAGER, service=world.alder)
        names, look = prepare(world)
        both = [world.by(name) for name in names]
    before = fact._default_manager.count(), evidence.last_seq()
    together = Barrier(2)

    def decide(by: By) -> str:
        with evidence.clock.at(NOW):
            decision = look()
            together.wait()
            try:
                decision(by)
            except Refused as refusal:
                return str(refusal)
        return "recorded"

    with ThreadPoolExecutor(2) as pool:
        said = list(pool.map(lambda by: in_thread(decide, by)(), both))
    assert said.count("recorded") == 1, said
    told = next(sentence for sentence in said if sentence != "recorded")
    assert told.endswith((".", "?"))
    assert (fact._default_manager.count(), evidence.last_seq()) == (before[0] + 1, before[1] + 1)
    assert evidence.verify_ledger().ok
