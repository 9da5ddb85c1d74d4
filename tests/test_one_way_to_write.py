"""One action is one transaction, one entry, and spans that follow in the same breath (R2)."""

import ast
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import models

import surehand
from surehand import evidence
from surehand.assessment import actions as assessment
from surehand.assessment.models import Assessment
from surehand.evidence.checks import fact_models
from surehand.evidence.refusal import Refused
from surehand.readiness import actions as readiness
from surehand.readiness import projector
from surehand.readiness.models import ReadinessSpan
from surehand.support import actions as support
from tests.provider import World

SOURCE = Path(surehand.__file__).parent
WRITERS = {"create", "bulk_create", "get_or_create", "update_or_create"}


def broken(*, posts: frozenset[int]) -> None:
    raise RuntimeError("the spans could not follow")


def calls() -> list[tuple[Path, str]]:
    """Every call in the product's own code, as written, with its file."""
    return [
        (path.relative_to(SOURCE), ast.unparse(node.func))
        for path in SOURCE.rglob("*.py")
        if "migrations" not in path.parts
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
    ]


def test_r2_acts_are_opened_by_actions_alone() -> None:
    opened = {path for path, call in calls() if call == "evidence.act"}
    assert opened
    assert {
        str(p) for p in opened if not p.name.endswith("actions.py") and p.parts[0] != "demo"
    } == {
        "imports/run.py",
        # They record no fact: they take away, or change a setting.
        "governance/erasing.py",
        "governance/mailing.py",
        "governance/retention.py",
        "governance/supported.py",
        "records/screening_run.py",
    }


def test_r2_a_fact_is_written_through_its_act_alone() -> None:
    facts = {model.__name__ for model in fact_models()}
    past = {
        (str(path), call)
        for path, call in calls()
        for owner, _, rest in [call.partition(".objects.")]
        if owner in facts and rest in WRITERS
    }
    assert past == set()


@pytest.fixture
def world(world: World) -> World:
    """The small provider, where Samuel may supervise."""
    world.pass_all("sam")
    world.sign_off("sam")
    return world


def an_assessment(world: World) -> Assessment:
    return world.assess("dan", "C01")


def a_failure(world: World) -> Assessment:
    return world.fail("dan", "C01")


def a_restriction(world: World) -> models.Model:
    return readiness.restrict(
        by=world.by("ruth"), person=world.people["dan"], service=None, reason="Shared a sign-in"
    )


def a_permission(world: World) -> models.Model:
    return support.permit(
        by=world.by("ruth"),
        post=world.posts["dan"],
        until=datetime(2026, 12, 1, tzinfo=UTC),
        competencies=[world.check("C01").competency_id],
        supervisors=[world.people["sam"].pk],
        failed=[],
    )


def a_request(world: World) -> models.Model:
    return assessment.request_check(
        by=world.by("ruth"),
        person=world.people["dan"],
        service=world.alder,
        competency=world.check("C01").competency,
        due=date(2026, 12, 1),
    )


ACTIONS = [an_assessment, a_failure, a_restriction, a_permission, a_request]


@pytest.mark.parametrize("action", ACTIONS)
def test_r2_one_action_is_one_entry_and_the_spans_follow(
    world: World, action: Callable[[World], Any]
) -> None:
    before = evidence.last_seq()
    fact = action(world)
    assert evidence.last_seq() == fact.entry == before + 1
    assert projector.rebuild(write=False).differing == 0


@pytest.mark.parametrize("action", ACTIONS[:4])
def test_r2_if_the_spans_cannot_follow_nothing_was_recorded(
    world: World, settings: Any, action: Callable[[World], Any]
) -> None:
    before = evidence.last_seq(), counts()
    settings.PROJECTORS = [f"{__name__}.broken"]
    with pytest.raises(RuntimeError, match="could not follow"):
        action(world)
    assert (evidence.last_seq(), counts()) == before


def test_r2_a_refusal_uses_up_no_number(world: World) -> None:
    before = evidence.last_seq(), counts()
    with pytest.raises(Refused):
        world.assess("cal", "C01", by="cal")
    assert (evidence.last_seq(), counts()) == before


def counts() -> dict[str, int]:
    models_ = [*fact_models(), ReadinessSpan]
    return {model._meta.label: model._default_manager.count() for model in models_}
