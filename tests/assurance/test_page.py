"""The page, the file, the command and the line on the home page, of who wrote live records."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from click.testing import CliRunner
from django.test import Client

from surehand import evidence
from surehand.cli.__main__ import main
from surehand.home import tasks
from surehand.people.models import Identity
from surehand.support import actions as support
from tests.assurance.writing import an_account, wrote
from tests.provider import NOW, World

SignedIn = Callable[[str], Client]
HOUR = timedelta(hours=1)
SATURDAY = NOW.replace(hour=20, minute=0) - timedelta(days=4)


@pytest.fixture
def written(world: World) -> World:
    """Dan, not ready, wrote nine notes on Saturday night; a shared account wrote one, and one that
    nobody holds another."""
    world.add_shift("dan", SATURDAY)
    dan = an_account(world.people["dan"], reference="dpopescu")
    for hour in range(9):
        wrote(dan, world.alder, SATURDAY + hour * HOUR)
    wrote(an_account(shared=True, reference="night-tablet"), world.alder, SATURDAY)
    wrote(an_account(reference="tempstaff3"), world.alder, SATURDAY)
    return world


def test_the_page_says_who_what_and_why_and_what_to_do(written: World, signed_in: SignedIn) -> None:
    found = signed_in("ruth").get("/live-records/?service=ALD").content.decode()
    assert "11 of 11 live records in the last 4 weeks need a look." in found
    for said in (
        "Daniela Popescu",
        "9 while not cleared",
        "Not ready to use the live system.",
        "Saturday 14 November, 20:00 to Sunday 15 November, 04:00",
        "night-tablet",
        "Shared sign-in: anybody may have written",
        "tempstaff3",
        "9 by somebody not cleared",
        "9 November to 15 November",
    ):
        assert said in found, said
    dan = written.people["dan"].pseudonym
    for href in (
        f"/readiness/?service=ALD&amp;person={dan}&amp;at_date=2026-11-14&amp;at_time=20%3A00",
        "/live-use/?service=ALD&amp;from=2026-11-14",
        f"/people/{dan}/supervised-use/",
        f"/people/{dan}/restrict/",
    ):
        assert href in found, href
    # An assessor sees it too, and is offered nothing they may not do.
    found = signed_in("cal").get("/live-records/?service=ALD").content.decode()
    assert "Daniela Popescu" in found
    assert "supervised-use" not in found


def test_filters_are_in_the_address(written: World, signed_in: SignedIn) -> None:
    ruth = signed_in("ruth")

    def get(query: str) -> str:
        return ruth.get(f"/live-records/?service=ALD&{query}").content.decode()

    assert "tempstaff3" not in get("finding=not_cleared")
    assert "Daniela" not in get("finding=shared_sign_in")
    assert "No live record of agency staff is known" in get("who=agency")
    assert "No live record is known" in get("at_date=2026-11-01&at_time=08:00")
    # What cannot be read is left out.
    assert "11 of 11" in get("days=1e9&finding=x&who=y")


def test_as_known_before_the_file_came_there_was_nothing(
    written: World, signed_in: SignedIn
) -> None:
    found = signed_in("ruth").get(
        "/live-records/?service=ALD&at_date=2026-11-16&at_time=08:00&known=then"
    )
    assert "No live record is known" in found.content.decode()


def test_the_file(written: World, signed_in: SignedIn) -> None:
    response = signed_in("ruth").get("/live-records/?service=ALD&format=csv")
    lines = response.content.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("service_id,person_id,account,name,employment,new_starter,records")
    reference = Identity.objects.get(person=written.people["dan"]).reference
    assert f"ALD,{reference},,Daniela Popescu,permanent,no,9,9,9,0,0,0,0,0" in lines[1]
    assert len(lines) == 4


def test_home_looks_at_fewer_days_where_there_are_very_many_records(
    written: World, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "in the last 7 days" in signed_in("ruth").get("/").content.decode()
    monkeypatch.setattr(tasks, "WROTE_MOST", 5)
    assert "in the last 7 days" not in signed_in("ruth").get("/").content.decode()


def test_home_says_so_until_somebody_is_supervised(written: World, signed_in: SignedIn) -> None:
    found = signed_in("ruth").get("/").content.decode()
    assert "9 live records by somebody not cleared" in found
    assert "2 live records and nobody knows who wrote them" in found
    assert "finding=not_cleared" in found
    written.pass_all("sam", by="tessa")
    written.sign_off("sam")
    support.permit(
        by=written.by("ruth"),
        post=written.posts["dan"],
        until=NOW + timedelta(days=7),
        competencies=[written.check("C04").competency_id],
        supervisors=[written.people["sam"].pk],
        failed=[],
    )
    found = signed_in("ruth").get("/").content.decode()
    assert "not cleared" not in found
    assert "nobody knows who wrote them" in found
    # The page still tells it: nothing done later erases it (R11).
    page = signed_in("ruth").get("/live-records/?service=ALD").content.decode()
    assert "9 while not cleared" in page


@pytest.mark.django_db
def test_the_command_ends_with_1_when_something_is_found(written: World) -> None:
    def run(*arguments: str) -> tuple[int, str, str]:
        with evidence.clock.at(NOW):
            ended = CliRunner().invoke(main, ["reconcile", *arguments])
        return ended.exit_code, ended.stdout, ended.stderr

    code, out, err = run("--service", "ALD")
    assert code == 1
    assert "ALD  Daniela Popescu: 9 while not cleared" in out
    assert "11 of 11 live records need a look." in err
    code, out, _ = run("--json")
    assert code == 1
    assert [row["not_cleared"] for row in json.loads(out)] == [9, 0, 0]
    code, _, err = run("--service", "QUA")
    assert (code, err) == (0, "Nothing to look at in 0 live records.\n")
    assert run("--service", "NONE")[0] == 1
    assert run("--from", "2026-11-18", "--to", "2026-11-17")[0] == 1
