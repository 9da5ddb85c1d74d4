"""Supervised use: allowed, refused and ended (R5, R9, R14), and its pages."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from surehand import evidence
from surehand.assessment import actions as assessment
from surehand.evidence.refusal import NotPermitted, NotPossible
from surehand.readiness import actions as readiness
from surehand.readiness import queries
from surehand.readiness.rules import State
from surehand.support import actions, policies
from surehand.support.models import Permission, SupportWords
from tests.provider import NOW, World, kept

SignedIn = Callable[[str], Client]


def address(world: World, name: str) -> str:
    return f"/people/{world.people[name].pseudonym}/supervised-use/"


def asked(world: World, *codes: str, supervisor: str = "sam", **more: object) -> dict:
    """What the form sends: these tasks beside this supervisor until 2 December."""
    return {
        "competencies": [world.check(c).competency_id for c in codes],
        "supervisors": [world.people[supervisor].pk],
        "last_day_day": "2",
        "last_day_month": "12",
        "last_day_year": "2026",
        "note": "Look at the times.",
        **more,
    }


@pytest.fixture
def independent_sam(world: World) -> World:
    return kept(_independent_sam, world)


def _independent_sam(world: World) -> World:
    world.pass_all("sam")
    world.sign_off("sam")
    return world


def permit(world: World, name: str, *codes: str, by: str = "ruth") -> Permission:
    return actions.permit(
        by=world.by(by),
        post=world.posts[name],
        until=NOW + timedelta(days=7),
        competencies=[world.check(c).competency_id for c in codes],
        supervisors=[world.people["sam"].pk],
        failed=[],
    )


def test_r9_supervised_until_the_last_day_is_over(
    independent_sam: World, signed_in: SignedIn
) -> None:
    world = independent_sam
    page = signed_in("ruth").post(address(world, "dan"), asked(world, "C04", "C02"), follow=True)
    assert "Daniela Popescu may use the live system beside a supervisor until 2 December 2026" in (
        page.text
    )
    permission = Permission.objects.get()
    assert permission.until.isoformat() == "2026-12-03T00:00:00+00:00"  # end dates are inclusive
    post = world.posts["dan"]
    assert queries.state_at(post, at=NOW) is State.SUPERVISED
    assert queries.state_at(post, at=permission.until - timedelta(seconds=1)) is State.SUPERVISED
    assert queries.state_at(post, at=permission.until) is State.NOT_READY
    assert SupportWords.objects.get(entry=permission.entry).text == "Look at the times."


def test_r9_only_needed_tasks_and_only_independent_supervisors(
    independent_sam: World, signed_in: SignedIn
) -> None:
    world = independent_sam
    world.assess("dan", "C02")
    text = signed_in("ruth").get(address(world, "dan")).text
    assert world.check("C04").short in text
    assert f"{world.check('C02').short} (passed)" in text
    assert f'"competencies" value="{world.check("C23").competency_id}"' not in text  # not her job
    assert "Samuel Tetteh, senior care worker" in text
    assert "Tessa Boyd" not in text  # not independent
    assert "At the latest 15 December 2026." in text


def test_r9_a_failed_task_only_by_citing_its_review(
    independent_sam: World, signed_in: SignedIn
) -> None:
    world = independent_sam
    failed = world.fail("dan", "C04")
    ruth = signed_in("ruth")
    page = ruth.get(address(world, "dan"))
    assert "Failed on 18 November 2026 and not reviewed yet." in page.text
    assert f"/reviews/{failed.entry}/" in page.text
    refused = ruth.post(address(world, "dan"), asked(world, "C04"))
    assert refused.status_code == 400
    assert not Permission.objects.exists()
    review = assessment.review_check(
        by=world.by("ruth"),
        of=failed,
        decision="re_check",
        reason="She needs to do it beside Sam.",
        recheck_due=NOW.date() + timedelta(days=7),
    )
    ruth.post(address(world, "dan"), asked(world, "C04"))
    assert Permission.objects.get().cites == [review.entry]


def test_r5_a_permission_answers_the_restrictions_open(
    independent_sam: World, signed_in: SignedIn
) -> None:
    world = independent_sam
    restriction = readiness.restrict(
        by=world.by("ruth"), person=world.people["dan"], service=None, reason="Entry before care."
    )
    ruth = signed_in("ruth")
    text = ruth.get(address(world, "dan")).text
    assert "Independent live use was stopped on 18 November 2026." in text
    assert "Entry before care." in text
    with evidence.clock.at(NOW + timedelta(minutes=1)):
        ruth.post(address(world, "dan"), asked(world, "C04"))
        assert Permission.objects.get().cites == [restriction.entry]
        at = NOW + timedelta(minutes=1)
        assert queries.state_at(world.posts["dan"], at=at) is State.SUPERVISED


def test_r9_the_action_holds_it_whatever_the_page_offered(independent_sam: World) -> None:
    """A form left open, or made up: the supervisor must be independent, the task needed."""
    world = independent_sam

    def given(supervisor: str, *codes: str) -> Permission:
        return actions.permit(
            by=world.by("ruth"),
            post=world.posts["dan"],
            until=NOW + timedelta(days=7),
            competencies=[world.check(c).competency_id for c in codes],
            supervisors=[world.people["sam"].pk, world.people[supervisor].pk],
            failed=[],
        )

    with pytest.raises(NotPossible, match="Tessa Boyd is not independent at this service"):
        given("tessa", "C04")
    with pytest.raises(NotPossible, match="Rose Nkemelu is not independent"):
        given("rose", "C04")
    with pytest.raises(NotPossible, match="not one that the plan names for this job role"):
        given("sam", "C04", "C23")
    # What is passed may be done beside a supervisor as well.
    world.assess("dan", "C01")
    assert given("sam", "C04", "C01")
    # Independent in one post and not in another here: nobody's supervisor.
    world.add_post("sam", world.alder, "CW", start=NOW.date())
    with pytest.raises(NotPossible, match="Samuel Tetteh is not independent"):
        given("sam", "C04")
    assert Permission.objects.count() == 1


def test_r9_at_most_28_days_and_the_sentence_names_a_day_that_works(
    independent_sam: World, signed_in: SignedIn
) -> None:
    world = independent_sam
    ruth = signed_in("ruth")
    refused = ruth.post(address(world, "dan"), asked(world, "C04", last_day_day="16"))
    assert "at most 28 days. The last day you can choose is 15 December 2026." in refused.text
    assert "Look at the times." in refused.text
    assert policies.latest_day(now=NOW).isoformat() == "2026-12-15"
    ruth.post(address(world, "dan"), asked(world, "C04", last_day_day="15"))
    assert Permission.objects.exists()


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("ruth", 200),
        ("helen", 200),  # sees the page, is refused the action
        ("tessa", 403),
        ("cal", 403),
        ("quinn", 403),
        ("queenie", 403),
        ("paul", 403),
        ("nadia", 403),
        ("ada", 403),
        ("dan", 403),
    ],
)
def test_r14_who_allows_supervised_use(
    independent_sam: World, signed_in: SignedIn, name: str, status: int
) -> None:
    world = independent_sam
    client = signed_in(name)
    assert client.get(address(world, "dan")).status_code == status
    client.post(address(world, "dan"), asked(world, "C04"))
    assert Permission.objects.exists() == (name == "ruth")
    if name != "ruth":
        with pytest.raises(NotPermitted):
            permit(world, "dan", "C04", by=name)
    if name == "helen":
        text = client.get(address(world, "dan")).text
        assert "Only the registered manager of this service may allow supervised use" in text


def test_r14_the_workforce_lead_stands_in_for_the_registered_manager(
    independent_sam: World, signed_in: SignedIn
) -> None:
    world = independent_sam
    own = signed_in("ruth").get(address(world, "ruth"))
    assert "You cannot allow supervised use when it is about yourself." in own.text
    with pytest.raises(NotPermitted, match="about yourself"):
        permit(world, "ruth", "C01")
    assert permit(world, "ruth", "C01", by="helen")


def test_r9_nobody_supervises_themselves_and_somebody_must(independent_sam: World) -> None:
    world = independent_sam
    for supervisors, sentence in (
        ([world.people["dan"].pk], "Nobody supervises themselves"),
        ([], "Name at least one supervisor"),
    ):
        with pytest.raises(NotPossible, match=sentence):
            actions.permit(
                by=world.by("ruth"),
                post=world.posts["dan"],
                until=NOW + timedelta(days=7),
                competencies=[world.check("C04").competency_id],
                supervisors=supervisors,
                failed=[],
            )


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("ruth", True),
        ("tessa", True),
        ("helen", True),
        ("cal", False),
        ("quinn", False),
        ("queenie", False),
        ("nadia", False),
        ("paul", False),
        ("ada", False),
        ("dan", False),
    ],
)
def test_r14_who_ends_it_early(
    independent_sam: World, signed_in: SignedIn, name: str, allowed: bool
) -> None:
    world = independent_sam
    permission = permit(world, "dan", "C04")
    client = signed_in(name)
    end = f"/permissions/{permission.entry}/end/"
    with evidence.clock.at(NOW + timedelta(hours=1)):
        page = client.post(end, {"reason": "She is on leave."})
        assert page.status_code == (302 if allowed else 403)
        state = queries.state_at(world.posts["dan"], at=NOW + timedelta(hours=1))
    assert state is (State.NOT_READY if allowed else State.SUPERVISED)


def test_ending_needs_a_reason(independent_sam: World, signed_in: SignedIn) -> None:
    permission = permit(independent_sam, "dan", "C04")
    page = signed_in("ruth").post(f"/permissions/{permission.entry}/end/", {"reason": ""})
    assert "Write the reason" in page.text
    with pytest.raises(NotPossible, match="Write the reason"):
        actions.end_permission(by=independent_sam.by("ruth"), permission=permission, reason=" ")


def test_the_page_shows_what_is_allowed_now(independent_sam: World, signed_in: SignedIn) -> None:
    permission = permit(independent_sam, "dan", "C04")
    text = signed_in("ruth").get(address(independent_sam, "dan")).text
    assert "Allowed now, until 25 November 2026" in text
    assert f"/permissions/{permission.entry}/end/" in text


def test_nobody_independent_says_so(world: World, signed_in: SignedIn) -> None:
    assert "Nobody here may supervise yet." in signed_in("ruth").get(address(world, "dan")).text


def test_the_rota_page_can_propose_supervisor_and_day(
    independent_sam: World, signed_in: SignedIn
) -> None:
    world = independent_sam
    sam = world.people["sam"]
    post = world.posts["dan"].pk
    query = f"?post={post}&supervisor={sam.pseudonym}&until=2026-11-20"
    text = signed_in("ruth").get(address(world, "dan") + query).text
    assert f'value="{sam.pk}" checked' in text
    assert 'name="last_day_day" type="text" inputmode="numeric" value="20"' in text
    assert signed_in("ruth").get(address(world, "dan") + "?post=999999").status_code == 404
