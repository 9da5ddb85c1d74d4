"""The manager's review of failed and incomplete checks (1.4), and asking for a check."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from surehand import evidence
from surehand.assessment import actions
from surehand.assessment.models import Assessment, CheckRequest, ManagerReview
from surehand.evidence.refusal import NotPermitted, NotPossible
from surehand.people import actions as people
from surehand.people.access import COMMAND_LINE, AccessRole
from surehand.support.actions import NewSupport
from surehand.support.models import SupportAction
from tests.provider import NOW, World

SignedIn = Callable[[str], Client]
TODAY = NOW.date()

DECISION = {
    "decision": "coaching",
    "reason": "She knows the field but forgets it.",
    "due_day": "25",
    "due_month": "11",
    "due_year": "2026",
    "recheck_due_day": "27",
    "recheck_due_month": "11",
    "recheck_due_year": "2026",
}


def review(world: World, of: Assessment | CheckRequest, *, by: str = "ruth") -> ManagerReview:
    return actions.review_check(
        by=world.by(by),
        of=of,
        decision="re_check",
        reason="Try again next week.",
        recheck_due=TODAY + timedelta(days=7),
    )


def ask(
    world: World, name: str, code: str = "C04", *, by: str = "cal", days: int = 3
) -> CheckRequest:
    return actions.request_check(
        by=world.by(by),
        person=world.people[name],
        service=world.alder,
        competency=world.check(code).competency,
        due=TODAY + timedelta(days=days),
    )


def test_failed_and_incomplete_checks_wait_oldest_first(world: World, signed_in: SignedIn) -> None:
    ask(world, "sam", days=0)
    with evidence.clock.at(NOW + timedelta(days=1)):
        world.fail("dan", "C04")
        text = signed_in("ruth").get("/reviews/").text
    assert "2 failed or incomplete checks wait at Alder House" in text
    assert text.index("Samuel Tetteh") < text.index("Daniela Popescu")
    assert "not attempted" in text
    assert "Further support required on 19 November 2026. Not met: " in text


def test_one_decision_gives_support_and_a_re_check(world: World, signed_in: SignedIn) -> None:
    failed = world.fail("dan", "C04")
    ruth = signed_in("ruth")
    page = ruth.post(
        f"/reviews/{failed.entry}/", {**DECISION, "owner": world.people["sam"].pk}, follow=True
    )
    assert "Your decision is recorded." in page.text
    assert "No check waits for a decision." in page.text
    decided = ManagerReview.objects.get()
    support = SupportAction.objects.get()
    again = CheckRequest.objects.get()
    assert (support.because, again.because) == (decided.entry, decided.entry)  # R20
    assert support.owner == world.people["sam"]
    assert support.competency == failed.competency
    assert again.due == TODAY + timedelta(days=9)
    # The support leads back to the decision, and the decision can be read.
    because = ruth.get(f"/support/{support.entry}/").text
    assert f"/reviews/{decided.entry}/" in because
    assert "She knows the field but forgets it." in ruth.get(f"/reviews/{decided.entry}/").text


def test_after_supervised_use_comes_the_permission(world: World, signed_in: SignedIn) -> None:
    failed = world.fail("dan", "C04")
    page = signed_in("ruth").post(
        f"/reviews/{failed.entry}/",
        {**DECISION, "decision": "supervised_use", "owner": world.people["sam"].pk},
    )
    assert page.headers["Location"].startswith(
        f"/people/{world.people['dan'].pseudonym}/supervised-use/"
    )


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"decision": ""}, "Choose what is needed"),
        ({"reason": ""}, "Write why"),
        ({"owner": ""}, "Choose who gives the support"),
        ({"due_day": "", "due_month": "", "due_year": ""}, "Enter the day by which the support"),
        ({"due_day": "31", "due_month": "2"}, "Enter a real day"),
        ({"due_day": "1"}, "The due date has already passed."),
        (
            {
                "decision": "re_check",
                "recheck_due_day": "",
                "recheck_due_month": "",
                "recheck_due_year": "",
            },
            "Enter the day by which it is checked again",
        ),
    ],
)
def test_what_is_missing_is_said_and_nothing_typed_is_lost(
    world: World, signed_in: SignedIn, change: dict, sentence: str
) -> None:
    failed = world.fail("dan", "C04")
    data = {**DECISION, "owner": world.people["sam"].pk, **change}
    page = signed_in("ruth").post(f"/reviews/{failed.entry}/", data)
    assert page.status_code == 400
    assert sentence in page.text
    assert str(data["reason"]) in page.text
    assert not ManagerReview.objects.exists()


@pytest.mark.parametrize(
    ("name", "status", "refusal"),
    [
        ("ruth", 200, ""),
        ("helen", 200, "Only the registered manager of this service may review failed checks"),
        ("tessa", 200, "You may not review failed checks here."),
        ("cal", 200, "You may not review failed checks here."),
        ("queenie", 200, "You may not review failed checks here."),
        ("paul", 200, "You may not review failed checks here."),
        ("nadia", 200, "You may not review failed checks here."),
        ("dan", 200, "You cannot review failed checks when it is about yourself."),
        ("eve", 403, ""),
        ("quinn", 403, ""),
        ("ada", 403, ""),
    ],
)
def test_r14_who_reviews(
    world: World, signed_in: SignedIn, name: str, status: int, refusal: str
) -> None:
    failed = world.fail("dan", "C04")
    client = signed_in(name)
    page = client.get(f"/reviews/{failed.entry}/")
    assert page.status_code == status
    assert refusal in page.text or "You may not review failed checks here." in page.text
    if name == "ruth":
        assert review(world, failed)
    else:
        with pytest.raises(NotPermitted):
            review(world, failed, by=name)
        client.post(f"/reviews/{failed.entry}/", {**DECISION, "owner": world.people["sam"].pk})
        assert not ManagerReview.objects.exists()


@pytest.mark.parametrize(
    ("name", "status"),
    [("ruth", 200), ("helen", 200), ("cal", 403), ("tessa", 403), ("queenie", 403), ("dan", 403)],
)
def test_r14_who_sees_what_waits(world: World, signed_in: SignedIn, name: str, status: int) -> None:
    assert signed_in(name).get("/reviews/?service=ALD").status_code == status


def test_r14_the_workforce_lead_stands_in_for_the_registered_manager(world: World) -> None:
    failed = world.fail("ruth", "C01")
    with pytest.raises(NotPermitted, match="about yourself"):
        review(world, failed, by="ruth")
    assert review(world, failed, by="helen")


def test_r14_a_merged_registered_manager_is_the_same_person(world: World) -> None:
    world.add_person("ruth2", "R Adeyemi", role=AccessRole.CARE_WORKER)
    world.add_post("ruth2", world.alder, "CW")
    people.merge(by=COMMAND_LINE, person=world.people["ruth2"], into=world.people["ruth"])
    failed = world.fail("ruth2", "C04")
    with pytest.raises(NotPermitted, match="about yourself"):
        review(world, failed, by="ruth")
    assert review(world, failed, by="helen")


def test_a_check_is_reviewed_once_and_only_if_it_needs_it(world: World) -> None:
    failed = world.fail("dan", "C04")
    review(world, failed)
    with pytest.raises(NotPossible, match="already been reviewed"):
        review(world, Assessment.objects.get(pk=failed.pk))
    with pytest.raises(NotPossible, match="nothing to review"):
        review(world, world.assess("dan", "C05"))
    with pytest.raises(NotPossible, match="not due yet"):
        review(world, ask(world, "sam"))
    voided = world.fail("sam", "C04")
    actions.void_assessment(by=world.by("ruth"), assessment=voided, reason="Wrong person.")
    with pytest.raises(NotPossible, match="does not count"):
        review(world, Assessment.objects.get(pk=voided.pk))


def test_support_decided_on_needs_somebody_and_a_day(world: World) -> None:
    failed = world.fail("dan", "C04")
    with pytest.raises(NotPossible, match="who gives this support"):
        actions.review_check(
            by=world.by("ruth"), of=failed, decision="coaching", reason="Needs it."
        )
    with pytest.raises(NotPossible, match="by when the check is repeated"):
        actions.review_check(
            by=world.by("ruth"), of=failed, decision="re_check", reason="Needs it."
        )
    with pytest.raises(NotPossible, match="already passed"):
        actions.review_check(
            by=world.by("ruth"),
            of=failed,
            decision="coaching",
            reason="Needs it.",
            support=NewSupport("coaching", world.people["sam"], TODAY - timedelta(days=1)),
        )


def test_r7_a_check_passed_since_waits_no_more(world: World, signed_in: SignedIn) -> None:
    world.fail("dan", "C04")
    with evidence.clock.at(NOW + timedelta(hours=1)):
        world.assess("dan", "C04")
        assert "No check waits" in signed_in("ruth").get("/reviews/").text


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("cal", True),
        ("tessa", True),
        ("ruth", True),
        ("helen", True),
        ("quinn", False),
        ("queenie", False),
        ("paul", False),
        ("nadia", False),
        ("ada", False),
        ("dan", False),
    ],
)
def test_r14_who_asks_for_a_check(
    world: World, signed_in: SignedIn, name: str, allowed: bool
) -> None:
    client = signed_in(name)
    address = f"/people/{world.people['sam'].pseudonym}/ask-for-a-check/?service=ALD"
    data = {"competency": "C04", "due_day": "30", "due_month": "11", "due_year": "2026"}
    page = client.post(address, data)
    assert page.status_code == (302 if allowed else 403)
    assert CheckRequest.objects.exists() == allowed
    if not allowed:
        with pytest.raises(NotPermitted):
            ask(world, "sam", by=name)


def test_asking_for_a_check_in_the_past_is_refused_with_a_sentence(
    world: World, signed_in: SignedIn
) -> None:
    address = f"/people/{world.people['sam'].pseudonym}/ask-for-a-check/?service=ALD&check=C04"
    cal = signed_in("cal")
    assert 'value="C04" selected' in cal.get(address).text
    data = {"competency": "C04", "due_day": "1", "due_month": "11", "due_year": "2026"}
    assert "The due date has already passed." in cal.post(address, data).text


def test_the_reviews_do_not_ask_more_of_the_database_for_more_checks(
    world: World, signed_in: SignedIn, django_assert_max_num_queries: Callable
) -> None:
    ruth = signed_in("ruth")
    world.fail("dan", "C04")
    with django_assert_max_num_queries(40) as few:
        ruth.get("/reviews/")
    for name in ("eve", "sam", "tessa"):
        world.fail(name, "C04")
        world.assess(name, "C02", missed=[], helped={world.check("C02").criteria[-1]["code"]: 2})
    with django_assert_max_num_queries(len(few)):
        ruth.get("/reviews/")
