"""What was read before somebody else's act is looked at again under the ledger's lock (R2, R3)."""

from datetime import timedelta

import pytest

from surehand import evidence
from surehand.assessment import actions as assessment
from surehand.assessment.models import Assessment
from surehand.evidence.refusal import NotPossible
from surehand.people import actions as people
from surehand.people.access import COMMAND_LINE, AccessRole
from surehand.readiness import actions
from tests.provider import NOW, World


def test_r14_a_workforce_lead_lifts_for_a_manager_whose_two_records_are_one(world: World) -> None:
    world.add_person("dee", "Dee Lamb", role=AccessRole.REGISTERED_MANAGER, service=world.alder)
    people.merge(by=COMMAND_LINE, person=world.people["dan"], into=world.people["dee"])
    restriction = actions.restrict(
        by=world.by("tessa"), person=world.people["dan"], service=world.alder, reason="Shared login"
    )
    actions.lift(by=world.by("helen"), restriction=restriction, reason="Practised again")


def test_r15_what_was_corrected_meanwhile_is_not_voided(world: World) -> None:
    first = world.assess("dan", "C04")
    seen = Assessment.objects.get(pk=first.pk)
    assert not hasattr(seen, "superseded_by")
    assert not hasattr(seen, "void")
    assessment.record_assessment(
        by=world.by("cal"),
        happened_at=first.happened_at,
        person=first.person,
        service=first.service,
        check=first.check_version,
        method=first.method,
        judgements=first.judgements,
        corrects=first,
        reason="Wrong note",
    )
    with pytest.raises(NotPossible, match="corrected"):
        assessment.void_assessment(by=world.by("ruth"), assessment=seen, reason="Wrong person")


def test_r8_a_sign_off_is_judged_as_of_its_own_act(world: World) -> None:
    """A clock behind the ledger: what another act did is seen, so nobody is signed off twice."""
    with evidence.clock.at(NOW - timedelta(hours=1)):
        world.pass_all("dan")
    world.sign_off("dan")
    with evidence.clock.at(NOW - timedelta(seconds=1)), pytest.raises(NotPossible):
        world.sign_off("dan")
