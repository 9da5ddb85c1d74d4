"""The person page: how ready somebody is, why, and everything that happened."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from surehand import evidence
from surehand.assessment import actions as assessment
from surehand.support import actions as support
from tests.provider import NOW, World

SignedIn = Callable[[str], Client]


def path(world: World, name: str, query: str = "") -> str:
    return f"/people/{world.people[name].pseudonym}/{query}"


def page(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def at(day: date, hour: int = 9) -> "evidence.clock.at":  # type: ignore[valid-type]
    return evidence.clock.at(datetime(day.year, day.month, day.day, hour, tzinfo=UTC))


def test_says_how_ready_and_why(world: World, signed_in: SignedIn) -> None:
    world.pass_all("dan")
    assert "waits for the workforce lead’s sign-off" in page(signed_in("ruth"), path(world, "dan"))
    world.sign_off("dan")
    now = page(signed_in("ruth"), path(world, "dan"))
    assert "without a supervisor" in now
    assert "Signed off on 18 November 2026" in now
    world.fail("dan", "C07", note="Did not say who was told.")
    now = page(signed_in("ruth"), path(world, "dan"))
    assert "not use the live system yet" in now
    assert "Did not say who was told." in now


def test_true_then_and_known_then_differ_by_what_was_recorded_late(
    world: World, signed_in: SignedIn
) -> None:
    world.pass_all("dan")
    world.sign_off("dan")
    later = NOW + timedelta(days=3)
    with evidence.clock.at(later):
        world.fail("dan", "C07", happened_at=NOW + timedelta(hours=1))
    with evidence.clock.at(later + timedelta(days=1)):
        client = signed_in("ruth")
        then = "?at_date=2026-11-19&at_time=12:00"
        true = page(client, path(world, "dan", then))
        known = page(client, path(world, "dan", f"{then}&known=then"))
    assert "not use the live system yet" in true
    assert "further support required" in true
    assert "without a supervisor" in known
    assert "further support required" not in known
    assert "the ledger up to entry" in known
    assert "?at_date=2026-11-19&amp;at_time=12%3A00&amp;known=then&amp;about=C04" in known


def test_a_void_is_told_and_known_then_does_not_know_it(world: World, signed_in: SignedIn) -> None:
    world.pass_all("dan")
    failed = world.fail("dan", "C07")
    with evidence.clock.at(NOW + timedelta(days=2)):
        assessment.void_assessment(by=world.by("ruth"), assessment=failed, reason="Wrong person.")
        client = signed_in("ruth")
        now = page(client, path(world, "dan", "?entries=all"))
        before = page(
            client, path(world, "dan", "?at_date=2026-11-19&at_time=12:00&known=then&entries=all")
        )
    assert f"Voided by entry {evidence.last_seq():,}" in now
    assert "Wrong person." in now
    assert "Every check passed" not in before
    assert "Voided by entry" not in before
    assert "waits for the workforce lead’s sign-off" in now
    assert "not use the live system yet" in before


def test_a_supervised_person_sees_their_own_page_in_own_words(
    world: World, signed_in: SignedIn
) -> None:
    world.pass_all("dan", but=["C04", "C07"])
    check = world.check("C04")
    world.pass_all("sam")
    world.sign_off("sam")
    support.permit(
        by=world.by("ruth"),
        post=world.posts["dan"],
        until=NOW + timedelta(days=10),
        competencies=[check.competency_id],
        supervisors=[world.people["sam"].pk],
        failed=[],
    )
    own = page(signed_in("dan"), path(world, "dan"))
    assert "You may use the live system <strong>with Samuel Tetteh on the same shift" in own
    assert "To record on your own, pass 2 more checks" in own
    assert "What you can do" not in own
    assert "Supervised until 28 November" in own


@pytest.mark.parametrize("name", ["quinn", "rose", "sam", "ada"])
def test_others_do_not_see_it(world: World, signed_in: SignedIn, name: str) -> None:
    assert signed_in(name).get(path(world, "dan")).status_code == 403


def test_words_are_for_those_who_read_the_service_they_were_written_in(
    world: World, signed_in: SignedIn
) -> None:
    failed = world.fail("dan", "C07", note="Mixed up two residents.")
    assessment.review_check(
        by=world.by("ruth"),
        of=failed,
        decision="re_check",
        reason="She was tired.",
        recheck_due=date(2026, 11, 24),
    )
    world.add_post("dan", world.quayside, "CW")
    quinn = page(signed_in("quinn"), path(world, "dan"))
    assert "further support required" in quinn
    assert "Reviewed: re-check only" in quinn
    assert "Mixed up two residents." not in quinn
    assert "She was tired." not in quinn
    ruth = page(signed_in("ruth"), path(world, "dan"))
    assert "Mixed up two residents." in ruth
    assert "She was tired." in ruth


def test_several_posts_are_several_strips(world: World, signed_in: SignedIn) -> None:
    first = world.posts["dan"]
    world.add_post("dan", world.quayside, "CW")
    now = page(signed_in("helen"), path(world, "dan"))
    assert now.count('class="sh-strip"') == 2
    assert str(first.service) in now
    assert "Quayside Court" in now


def test_refusals_are_said_and_actions_lead_on(world: World, signed_in: SignedIn) -> None:
    helen = page(signed_in("helen"), path(world, "dan"))
    assert "not every check that is needed is passed" in helen
    ruth_of_herself = page(signed_in("ruth"), path(world, "ruth"))
    assert "What you can do" not in ruth_of_herself
    cal = page(signed_in("cal"), path(world, "dan"))
    assert f"/assess/{world.people['dan'].pseudonym}/" in cal


def test_the_feed_can_be_narrowed_to_one_competency(world: World, signed_in: SignedIn) -> None:
    world.pass_all("dan")
    only = page(signed_in("ruth"), path(world, "dan", "?about=C04"))
    feed = only[only.index('id="what-happened"') :]
    assert feed.count('<li id="entry-') == 1


def test_a_bad_moment_is_told_and_shows_now(world: World, signed_in: SignedIn) -> None:
    now = page(signed_in("ruth"), path(world, "dan", "?at_date=2026-02-31"))
    assert "is not a date" in now


def test_the_number_of_statements_does_not_grow(world: World, signed_in: SignedIn) -> None:
    client = signed_in("helen")

    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            page(client, path(world, "dan", "?entries=all&competencies=all"))
        return len(captured)

    world.assess("dan", "C04")
    few = statements()
    world.pass_all("dan")
    world.fail("dan", "C07")
    world.add_post("dan", world.quayside, "SC")
    world.add_post("dan", world.quayside, "CW")
    assert statements() <= few + 2
    assert few <= 65


def test_a_stretch_of_another_year_says_its_year(world: World, signed_in: SignedIn) -> None:
    with at(date(2027, 3, 1)):
        assert "since 1 September 2026" in page(signed_in("ruth"), path(world, "dan"))
