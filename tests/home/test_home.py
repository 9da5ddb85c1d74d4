"""Home: each access role sees what needs it now, and it goes when it is done."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from surehand import evidence
from surehand.assessment import actions as assessment
from surehand.competency import actions as competency
from surehand.competency.plan_document import starter_text
from surehand.competency.queries import checks_in_force
from surehand.people import actions as people
from surehand.people.access import COMMAND_LINE, AccessRole
from surehand.people.models import GoLive, Service, ServiceDetails
from surehand.readiness import actions as readiness
from surehand.support import actions as support
from surehand.support.actions import NewSupport
from surehand.support.models import Permission
from tests.provider import NOW, World

SignedIn = Callable[[str], Client]
TONIGHT = NOW + timedelta(hours=12)


def home(client: Client, query: str = "") -> str:
    response = client.get(f"/{query}")
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def add_service(world: World, code: str, name: str, go_live: date | None) -> Service:
    with evidence.act("service.added", by=COMMAND_LINE.actor) as act:
        service = act.record(Service(code=code, setting="R"))
        ServiceDetails.objects.create(service=service, name=name)
        if go_live:
            act.record(GoLive(service=service, on=go_live))
    world.services[code] = service
    return service


def ready(world: World, *names: str) -> None:
    """These people passed everything and are signed off."""
    for name in names:
        world.pass_all(name, by="tessa" if name == "cal" else "cal")
    world.sign_off(*names)


def permit(world: World, name: str, *, beside: str, days: int, code: str = "C04") -> None:
    support.permit(
        by=world.by("ruth"),
        post=world.posts[name],
        until=NOW + timedelta(days=days),
        competencies=[world.check(code).competency_id],
        supervisors=[world.people[beside].pk],
        failed=[],
    )


# --- Registered manager -------------------------------------------------------------------------


def test_uncleared_shifts_need_the_registered_manager(world: World, signed_in: SignedIn) -> None:
    ruth = signed_in("ruth")
    assert "not cleared" not in home(ruth)
    world.add_shift("dan", TONIGHT)
    world.add_shift("dan", TONIGHT + timedelta(days=3))
    found = home(ruth)
    assert "1 shift in the next 24 hours is not cleared" in found
    assert "1 shift after that, within 14 days, is not cleared" in found
    assert "One thing needs you today and one is coming up." in found
    assert "Before 20:12" in found
    assert "shift=shift-1#shift" in found  # each uncleared shift leads to its ways out
    ready(world, "dan")
    found = home(ruth)
    assert "not cleared" not in found
    assert "1 shift, 1 cleared" in found


def test_an_override_needs_nobody_any_more(world: World, signed_in: SignedIn) -> None:
    shift = world.add_shift("dan", TONIGHT)
    readiness.override(
        by=world.by("ruth"),
        post=world.posts["dan"],
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
        reason="Nobody else could come.",
    )
    found = home(signed_in("ruth"))
    assert "in the next 24 hours" not in found
    assert "Overridden for this shift by entry" in found


def test_failed_checks_wait_for_review_and_grow_late(world: World, signed_in: SignedIn) -> None:
    failed = world.fail("dan", "C07")
    ruth = signed_in("ruth")
    found = home(ruth)
    assert "1 failed or incomplete check to review" in found
    assert "By Friday" in found  # two working days after Wednesday
    with evidence.clock.at(NOW + timedelta(days=5)):
        found = home(signed_in("ruth"))
        assert "Late since 20 November" in found
        assert "One is late." in found
        assessment.review_check(
            by=world.by("ruth"),
            of=failed,
            decision="coaching",
            reason="Show her once more.",
            support=NewSupport("coaching", world.people["cal"], date(2026, 11, 25)),
        )
        found = home(signed_in("ruth"))
        assert "to review" not in found
    with evidence.clock.at(NOW + timedelta(days=9)):
        assert "1 support action should be done by now" in home(signed_in("ruth"))
        cal = home(signed_in("cal"))
        assert "Coaching for Daniela Popescu" in cal
        action = world.people["dan"].support_actions.get()
        support.finish_support(
            by=world.by("cal"),
            action=action,
            service=world.alder.pk,
            outcome="helped",
            note="She can do it.",
        )
        assert "should be done by now" not in home(signed_in("ruth"))
        assert "Coaching for" not in home(signed_in("cal"))


def test_supervised_use_that_ends_soon(world: World, signed_in: SignedIn) -> None:
    ready(world, "sam")
    permit(world, "dan", beside="sam", days=10)
    assert "supervised use ends" not in home(signed_in("ruth"))
    with evidence.clock.at(NOW + timedelta(days=6)):
        found = home(signed_in("ruth"))
    assert "Daniela Popescu’s supervised use ends on 28 November 2026" in found
    assert "No check is asked for" in found


def test_agency_posts_that_end_soon(world: World, signed_in: SignedIn) -> None:
    assert "agency post" not in home(signed_in("ruth"))
    with evidence.clock.at(NOW + timedelta(days=7)):
        assert "1 agency post ends within 14 days" in home(signed_in("ruth"))


def test_competence_that_runs_out_within_30_days(world: World, signed_in: SignedIn) -> None:
    ready(world, "dan")
    assert "will need a check" not in home(signed_in("ruth"))
    with evidence.clock.at(datetime(2027, 11, 1, 9, tzinfo=UTC)):
        assert "1 person will need a check within 30 days" in home(signed_in("ruth"))
        checks = checks_in_force(at=evidence.clock.now()).values()
        for code in (c.competency.code for c in checks):
            world.assess("dan", code)
        assert "will need a check" not in home(signed_in("ruth"))


# --- Workforce lead -----------------------------------------------------------------------------


def test_people_wait_for_the_workforce_lead(world: World, signed_in: SignedIn) -> None:
    world.pass_all("dan")
    helen = signed_in("helen")
    found = home(helen)
    assert "1 person waits for your sign-off at Alder House" in found
    assert "/sign-off/?service=ALD" in found
    world.sign_off("dan")
    assert "your sign-off" not in home(helen)


def test_a_plan_version_that_comes_into_force(world: World, signed_in: SignedIn) -> None:
    helen = signed_in("helen")
    assert "comes into force" not in home(helen)
    text = starter_text().replace("short: Daily note", "short: Daily notes")
    competency.publish_plan(by=world.by("helen"), text=text, applies_from=NOW + timedelta(days=28))
    assert "Plan version 2 comes into force on 16 December 2026" in home(helen)


def test_uncleared_shifts_are_told_by_service(world: World, signed_in: SignedIn) -> None:
    world.add_shift("dan", TONIGHT)
    world.add_shift("rose", TONIGHT)
    found = home(signed_in("helen"))
    assert "not cleared at Alder House" in found
    assert "not cleared at Quayside Court" in found
    assert "0 of 7 staff work on their own" in found


# --- Others -------------------------------------------------------------------------------------


def test_assessors_see_what_was_asked_of_them(world: World, signed_in: SignedIn) -> None:
    cal = signed_in("cal")
    assert "check asked for" not in home(cal)
    assessment.request_check(
        by=world.by("ruth"),
        person=world.people["dan"],
        service=world.alder,
        competency=world.check("C04").competency,
        due=date(2026, 11, 20),
    )
    assert "1 check asked for" in home(cal)
    assert "1 check asked for" in home(signed_in("tessa"))
    assert "not ready yet" in home(cal)
    with evidence.clock.at(NOW + timedelta(hours=1)):
        world.assess("dan", "C04")
        assert "check asked for" not in home(signed_in("cal"))


@pytest.mark.parametrize("name", ["queenie", "paul", "nadia"])
def test_overseers_see_go_live_and_readiness_by_service(
    world: World, signed_in: SignedIn, name: str
) -> None:
    add_service(world, "EAS", "Eastgate Homecare", date(2026, 11, 30))
    found = home(signed_in(name))
    assert "Eastgate Homecare goes live on 30 November 2026" in found
    assert "In 12 days" in found
    assert "Week 10 live" in found


def test_administrators_see_what_is_not_set_up(world: World, signed_in: SignedIn) -> None:
    ada = signed_in("ada")
    assert "Nothing needs you now." in home(ada)
    service = add_service(world, "FER", "Fern Row", None)
    world.add_person("lone", "Lone Ranger", sign_in=False)
    world.add_person("nosign", "No Sign", role=AccessRole.QUALITY_LEAD, sign_in=False)
    found = home(ada)
    assert "1 service without a go-live date" in found
    assert "1 person without a post and without access" in found
    assert "1 person cannot sign in yet" in found
    assert "staff work on their own" not in found  # nothing about readiness (R14)
    with evidence.act("service.added", by=COMMAND_LINE.actor) as act:
        act.record(GoLive(service=service, on=date(2027, 1, 4)))
    assert "without a go-live date" not in home(ada)


@pytest.mark.django_db
def test_a_new_provider_is_led_to_its_first_plan() -> None:
    with evidence.clock.at(NOW):
        world = World()
        world.add_person("ada", "Ada Fenwick", role=AccessRole.ADMINISTRATOR)
        ada, helen = Client(), Client()
        ada.force_login(world.people["ada"].sign_in)
        assert "Let your workforce lead in" not in home(ada)  # services and people come first
        alder = add_service(world, "ALD", "Alder House", None)
        world.add_person("helen", "Helen Marsh")
        world.add_post("helen", alder, "RM")
        assert "Let your workforce lead in" in home(ada)
        people.grant_access(
            by=COMMAND_LINE,
            person=world.people["helen"],
            role=AccessRole.WORKFORCE_LEAD,
            service=None,
        )
        assert "Let your workforce lead in" not in home(ada)
        helen.force_login(world.people["helen"].sign_in)
        assert "Publish the first plan" in home(helen)
        competency.publish_plan(by=world.by("helen"), text=starter_text())
        assert "Publish the first plan" not in home(helen)


def test_a_care_worker_sees_their_state_and_may_they_record(
    world: World, signed_in: SignedIn
) -> None:
    world.add_shift("dan", TONIGHT)
    dan = signed_in("dan")
    found = home(dan)
    assert "Hello, Daniela" in found
    assert "You may <strong>not use the live system yet</strong>" in found
    assert "Do not record yet." in found
    world.pass_all("dan", but=["C04"])
    ready(world, "sam")
    permit(world, "dan", beside="sam", days=10)
    found = home(dan)
    assert "with Samuel Tetteh on the same shift" in found
    assert "Do not record: your supervisor is not on this shift." in found
    world.add_shift("sam", TONIGHT)
    assert "Record beside Samuel Tetteh." in home(dan)
    support.end_permission(
        by=world.by("ruth"), permission=Permission.objects.get(), reason="She is ready."
    )
    ready(world, "dan")
    assert "Record on your own." in home(dan)


def test_a_visitor_sees_that_nothing_is_open_yet(world: World, signed_in: SignedIn) -> None:
    world.add_person("vic", "Vic Commissioner")
    people.grant_access(
        by=COMMAND_LINE,
        person=world.people["vic"],
        role=AccessRole.VISITOR,
        service=None,
        until=date(2026, 12, 1),
    )
    found = home(signed_in("vic"))
    assert "Nothing is open to you yet." in found


def test_the_number_of_statements_does_not_grow(world: World, signed_in: SignedIn) -> None:
    def statements(name: str) -> int:
        client = signed_in(name)
        with CaptureQueriesContext(connection) as captured:
            home(client)
        return len(captured)

    names = ("ruth", "helen", "dan")
    world.add_shift("dan", TONIGHT)
    world.fail("dan", "C07")
    few = [statements(name) for name in names]
    for n in range(6):
        world.add_person(f"new{n}", f"New Person {n}")
        world.add_post(f"new{n}", world.alder, "CW")
        world.add_shift(f"new{n}", TONIGHT)
        world.fail(f"new{n}", "C07")
    assert [statements(name) for name in names] == few
    assert max(few) <= 75
