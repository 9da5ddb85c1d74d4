"""The pages of gaps, causes and change requests: as at a moment, for whom, and without names."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client

from surehand import evidence
from surehand.audits.cause_actions import support_for
from surehand.audits.change_actions import request_change, step_change
from surehand.audits.finding_actions import reply_to_finding
from surehand.audits.models import Cause, FindingRead, Gap
from surehand.people import actions as people
from surehand.people.access import AccessRole
from surehand.support.actions import NewSupport, finish_support
from tests.audits.made import a_check, an_audit
from tests.audits.test_cause_actions import THEME, gaps_of, say
from tests.provider import NOW, World
from tests.records.live import a_record, an_account

LATER = NOW + timedelta(hours=2)


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with evidence.clock.at(NOW):
        yield


def page(world: World, name: str, path: str, **sent: object) -> str:
    client = Client()
    client.force_login(world.people[name].sign_in)
    response = client.post(path, sent, follow=True) if sent else client.get(path)
    assert response.status_code in {200, 400}, response
    return response.content.decode()


def test_as_at_a_moment_a_gap_waits_until_its_cause_was_said(world: World) -> None:
    gaps = gaps_of(world, "dan", "sam")
    with evidence.clock.at(LATER):
        cause = say(world, gaps, "training")
        now = page(world, "ruth", "/audits/gaps/?service=ALD")
        then = page(world, "queenie", "/audits/gaps/?service=ALD&at_date=2026-11-18&at_time=09:00")
        before = page(
            world, "queenie", "/audits/gaps/?service=ALD&at_date=2026-11-17&at_time=09:00"
        )
    assert "Every gap found has its cause" in now
    assert f"/audits/causes/{cause.pk}/" in now
    assert "2 gaps of 1 theme wait" in then
    assert "/audits/causes/new/" not in then, "what is past is not decided any more"
    assert "No gap has been found yet" in before


def test_a_cause_and_what_followed_are_as_at_a_moment_and_written_only_now(world: World) -> None:
    gaps = gaps_of(world, "dan")
    cause = say(world, gaps, "practice", subject=world.people["dan"])
    with evidence.clock.at(NOW + timedelta(days=1)):
        new = NewSupport("coaching", world.people["tessa"], (NOW + timedelta(days=3)).date())
        action = support_for(by=world.by("ruth"), cause=cause, new=new)
    with evidence.clock.at(NOW + timedelta(days=2)):
        finish_support(
            by=world.by("tessa"), action=action, service=world.alder.pk, outcome="helped", note=""
        )
    with evidence.clock.at(NOW + timedelta(days=3)):
        say(world, gaps, "workflow", corrects=cause)
        path = f"/audits/causes/{cause.pk}/"

        def at(day: int, known: str = "true") -> str:
            return page(world, "ruth", f"{path}?at_date=2026-11-{day}&at_time=12:00&known={known}")

        now = page(world, "ruth", path)
        assert "no longer holds" in now
        assert "done: it helped" in now
        for known in ("true", "then"):
            assert "Nothing yet" in at(18, known)
            assert "by 21 November" in at(19, known)
            assert "done: it helped" in at(20, known)
            assert "no longer holds" not in at(20, known)
        assert "Go back to now to record something" in at(20)
        assert 'name="reason"' not in at(20)
        assert "Give coaching" not in at(20)
        client = Client()
        client.force_login(world.people["ruth"].sign_in)
        before = "?at_date=2026-11-17&at_time=12:00"
        assert client.get(path + before).status_code == 404
        late = {"why": "training", "reason": "As I say."}
        client.post(f"{path}?at_date=2026-11-20&at_time=12:00", late)
        assert Cause.objects.count() == 2


def test_a_change_request_is_as_at_a_moment_and_told_of_only_now(world: World) -> None:
    cause = say(world, gaps_of(world, "dan", "sam"), "workflow")
    request = request_change(by=world.by("ruth"), cause=cause, wording="Show “Declined”.")
    with evidence.clock.at(NOW + timedelta(days=1)):
        step_change(
            by=world.by("ruth"), request=request, state="sent", on=(NOW + timedelta(days=1)).date()
        )
        path, then = f"/audits/changes/{request.pk}/", "?at_date=2026-11-18&at_time=12:00"
        assert "Sent to the supplier, since 19 November 2026" in page(world, "ruth", path)
        before = page(world, "ruth", path + then)
        assert "It is written, and not sent yet" in before
        assert 'name="state"' not in before
        assert f"/audits/causes/{cause.pk}/?at_date=2026-11-18" in before
        assert "Sent to" not in page(world, "ruth", f"{path}supplier/{then}")
        client = Client()
        client.force_login(world.people["ruth"].sign_in)
        assert client.get(f"{path}?at_date=2026-11-17").status_code == 404
        client.post(path + then, {"state": "closed", "on": "2026-11-19"})
        assert request.steps.count() == 1


def test_r14_ones_own_record_is_told_and_not_ticked(world: World) -> None:
    own, other = gaps_of(world, "ruth", "dan")
    path = f"/audits/causes/new/?service=ALD&theme={THEME}"
    shown = page(world, "ruth", path)
    assert "One of these is a record of yours" in shown
    assert f'value="{own}">' in shown
    assert f'value="{other}" checked>' in shown
    said = page(world, "ruth", path, gaps=[own, other], why="training", reason="As I say.")
    assert "You wrote one of these records" in said
    said = page(world, "ruth", path, gaps=[other], why="training", reason="As I say.")
    assert "Kept: training" in said
    assert set(Cause.objects.get().gaps.values_list("gap_id", flat=True)) == {other}


def test_gaps_are_narrowed_in_the_address_and_judged_alone(world: World) -> None:
    for section in ("food", "sleep"):
        gaps_of(world, "dan", "sam", section=section)
    dan = world.people["dan"].pseudonym
    path = f"/audits/causes/new/?service=ALD&theme={THEME}"
    assert "4 gaps. Written by 2 people, in 2 places" in page(world, "ruth", path)
    narrow = page(world, "ruth", f"{path}&place=note.food&person={dan}")
    assert "1 gap. Written by 1 person, in 1 place" in narrow
    assert "Only 1 record shows it so far" in narrow
    assert "4 gaps" in page(world, "ruth", f"{path}&place=nowhere&person=nobody")


def test_a_reply_stands_beside_the_gap_and_the_cause_can_be_corrected(world: World) -> None:
    gaps = gaps_of(world, "dan")
    reply_to_finding(
        by=world.by("dan"), check=Gap.objects.get().check_of, words="The tablet was flat."
    )
    assert "The tablet was flat." in page(world, "tessa", "/audits/gaps/?service=ALD")
    first = say(world, gaps, "unsure")
    path = f"/audits/causes/{first.pk}/"
    assert "To be decided by 2 December 2026" in page(world, "tessa", path)
    said = page(world, "ruth", path, why="workflow", reason="The battery is too small.")
    assert "Kept: workflow design" in said
    assert "Write a change request" in said
    old = page(world, "ruth", path)
    assert "Another cause was found for these gaps since" in old
    assert "Say another cause" not in old


def test_what_goes_to_the_supplier_names_nobody(world: World) -> None:
    cause = say(world, gaps_of(world, "dan", "sam", "ruth", section="food")[:2], "workflow")
    request = request_change(
        by=world.by("ruth"), cause=cause, wording="Show it first.", record_type="note"
    )
    path = f"/audits/changes/{request.pk}/supplier/"
    text = page(world, "queenie", f"{path}?format=md")
    assert "Found in: 2 checked records. Written by 2 people, in 1 place" in text
    assert "Show it first." in text
    table = page(world, "queenie", "/audits/changes/?service=ALD&where=all&tables=csv&table=1")
    assert "Daily note" in table
    for said in (text, table):
        for person in world.people.values():
            assert str(person) not in said
            assert person.pseudonym not in said
        for record in cause.gaps.values_list("gap__check_of__item__record_id", flat=True):
            assert record not in said


def test_change_requests_are_filtered_in_the_address(world: World) -> None:
    cause = say(world, gaps_of(world, "dan"), "workflow")
    request = request_change(by=world.by("ruth"), cause=cause, wording="Show it first.")
    path = "/audits/changes/?service=ALD"
    for query, found in (
        ("", True),
        ("&state=open", True),
        ("&state=written", True),
        ("&state=sent", False),
        (f"&theme={THEME}", True),
        ("&theme=T01", False),
        ("&at_date=2026-11-17", False),
        ("&state=nonsense", True),
    ):
        shown = page(world, "ruth", path + query)
        assert (f"/audits/changes/{request.pk}/" in shown) is found, query


def test_one_sees_what_was_found_in_ones_own_records_and_nothing_else(world: World) -> None:
    gaps = gaps_of(world, "dan", "sam")
    account = an_account(person=world.people["dan"])
    good = an_audit(world.alder, [a_record(world.alder, account)])
    a_check(good.items.get(), world.people["tessa"])
    assert "1 record of yours was checked" in page(world, "dan", "/")
    shown = page(world, "dan", "/audits/mine/")
    assert "2 records checked. 1 has all that is needed. In 1 something is missing." in shown
    assert "Your manager looks at why it happened" in shown
    for name in ("tessa", "sam", "ruth"):
        assert str(world.people[name]) not in shown
    assert FindingRead.objects.count() == 1
    assert "record of yours was checked" not in page(world, "dan", "/")
    say(world, gaps, "workflow")
    assert "Nothing is held against you" in page(world, "dan", "/audits/mine/")
    assert "None of your records was checked" in page(world, "rose", "/audits/mine/")
    other = Gap.objects.get(pk=gaps[1]).check_of_id
    client = Client()
    client.force_login(world.people["dan"].sign_in)
    sent = {"answer": other, f"{other}-words": "Not mine."}
    assert client.post("/audits/mine/", sent).status_code == 404


def test_another_cause_is_of_all_its_gaps_though_one_cannot_be_read_yet(world: World) -> None:
    """Ruth leads a team too and may still check one of the records a second time."""
    gaps = gaps_of(world, "dan")
    twice = an_audit(
        world.alder, [a_record(world.alder, an_account(person=world.people["dan"]))], twice=True
    )
    check = a_check(
        twice.items.get(), world.people["tessa"],
        answers=("not", "meets", "meets", "meets"), gaps=[("complete", THEME)],
    )  # fmt: skip
    gaps.append(check.gaps.get().pk)
    first = say(world, gaps, "training")
    people.grant_access(
        by=world.by("ada"),
        person=world.people["ruth"],
        role=AccessRole.TEAM_LEADER,
        service=world.alder,
    )
    sent = {"why": "workflow", "reason": "The field cannot be found."}
    page(world, "ruth", f"/audits/causes/{first.pk}/", **sent)
    corrected = Cause.objects.get(supersedes=first)
    assert set(corrected.gaps.values_list("gap_id", flat=True)) == set(gaps)
