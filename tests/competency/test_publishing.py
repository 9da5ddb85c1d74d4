"""When a plan version can be published, and what it changes for those it touches (R11, R12)."""

from datetime import timedelta

import pytest

from surehand import evidence
from surehand.competency import policies
from surehand.competency.actions import publish_plan
from surehand.competency.models import Check, PlanVersion
from surehand.competency.plan_document import starter_text
from surehand.evidence.refusal import NotPermitted, NotPossible
from surehand.readiness import queries
from surehand.readiness.rules import State
from tests.provider import NOW, World

DAY = timedelta(days=1)
NOTICE = timedelta(days=28)
DEVELOP = "  - competency: C20\n    job_roles: [CW, HC, SW, AC]\n    level: use\n"
# Care workers must now be able to find a plan of care before live use.
STRICTER = starter_text().replace(DEVELOP, DEVELOP.replace("use", "crit"))
# Nobody must do more than before.
REWORDED = starter_text().replace("title: Starter training", "title: Our training")


def test_r12_a_plan_is_never_retroactive(world: World) -> None:
    with pytest.raises(NotPossible, match="never retroactive"):
        publish_plan(by=world.by("helen"), text=STRICTER, applies_from=NOW - DAY)
    assert PlanVersion.objects.count() == 1


def test_r12_new_gates_give_28_days_notice_unless_less_is_confirmed(world: World) -> None:
    with pytest.raises(NotPossible, match="28 days' notice: it can apply from"):
        publish_plan(by=world.by("helen"), text=STRICTER, applies_from=NOW + NOTICE - DAY)
    plan = publish_plan(
        by=world.by("helen"), text=STRICTER, applies_from=NOW + DAY, shorter_notice=True
    )
    assert (plan.number, plan.applies_from) == (2, NOW + DAY)


def test_r12_a_version_without_new_gates_needs_no_notice(world: World) -> None:
    assert publish_plan(by=world.by("helen"), text=REWORDED).number == 2
    with pytest.raises(NotPossible, match="Nothing to publish"):
        publish_plan(by=world.by("helen"), text=REWORDED)


def test_r12_who_is_not_ready_for_a_new_gate_loses_readiness_when_it_applies(world: World) -> None:
    world.pass_all("dan")
    world.sign_off("dan")
    applies = NOW + NOTICE
    publish_plan(by=world.by("helen"), text=STRICTER, applies_from=applies)
    dan = world.posts["dan"]
    assert queries.state_at(dan, at=applies - timedelta(microseconds=1)) is State.INDEPENDENT
    assert queries.state_at(dan, at=applies) is State.NOT_READY


def test_r12_a_sign_off_carries_over_for_whoever_meets_the_new_gate(world: World) -> None:
    world.pass_all("dan")
    world.assess("dan", "C20")
    world.sign_off("dan")
    publish_plan(by=world.by("helen"), text=STRICTER, applies_from=NOW + NOTICE)
    assert queries.state_at(world.posts["dan"], at=NOW + NOTICE) is State.INDEPENDENT


def test_r12_checks_that_did_not_change_stay_as_they_are(world: World) -> None:
    before = list(Check.objects.values_list("pk", flat=True))
    publish_plan(by=world.by("helen"), text=STRICTER, applies_from=NOW + NOTICE)
    assert list(Check.objects.values_list("pk", flat=True)) == before


@pytest.mark.parametrize(
    ("touched", "ahead", "refused"), [(500, 0, False), (501, 0, True), (501, 1, False)]
)
def test_r12_what_touches_more_than_500_posts_applies_in_the_future(
    touched: int, ahead: int, refused: bool
) -> None:
    def check() -> None:
        policies.check_can_be_projected(NOW + ahead * DAY, now=NOW, touched=touched)

    if refused:
        with pytest.raises(NotPossible, match="must apply in the future"):
            check()
    else:
        check()


def test_only_a_workforce_lead_publishes(world: World) -> None:
    before = evidence.last_seq()
    with pytest.raises(NotPermitted, match="workforce lead"):
        publish_plan(by=world.by("ruth"), text=STRICTER, applies_from=NOW + NOTICE)
    assert evidence.last_seq() == before
