"""The live-use board: what each person sees, and what they can do from it."""

import csv
import io
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from click.testing import CliRunner
from django.test import Client

from surehand import evidence
from surehand.cli.__main__ import main
from surehand.people.models import SignIn
from surehand.readiness import actions
from surehand.readiness.board_pages import letter_of_hours
from surehand.readiness.models import Lifting, NoLiveUse, Override, Restriction, Shift
from tests.provider import NOW, World
from tests.readiness.test_rota import HOUR, TONIGHT, independent, permit

BOARD = "/live-use/?service=ALD"


def visit(world: World, name: str) -> Client:
    client = Client()
    client.force_login(SignIn.objects.get(person=world.people[name]))
    return client


def seen(world: World, name: str, address: str) -> str:
    response = visit(world, name).get(address)
    assert response.status_code == 200, response.content
    return " ".join(response.content.decode().split())


# --- the board


def test_the_board_says_how_many_are_not_cleared_and_who(world: World) -> None:
    independent(world, "sam")
    world.add_shift("sam", TONIGHT)
    world.add_shift("dan", TONIGHT)
    world.add_shift(None, TONIGHT + 24 * HOUR)
    page = seen(world, "ruth", BOARD)
    assert (
        "<strong>2 of 3 shifts are not cleared</strong> in the next 14 days. "
        "1 of them starts today." in page
    )
    assert "Daniela Popescu, 18 November, 20:00 to 08:00. Not cleared" in page
    assert "Unnamed agency shift, 19 November, 20:00 to 08:00. Not cleared" in page
    assert "Samuel Tetteh, 18 November, 20:00 to 08:00</span>" in page
    assert "competencies are not shown yet." in page  # the card says why


@pytest.mark.parametrize(
    ("hour", "hours", "letter"),
    [(7, 8, "E"), (11.75, 4, "E"), (12, 8, "L"), (14, 8, "L"), (18, 3, "N"), (20, 12, "N"),
     (16, 8, "L"), (16, 8.5, "N"), (0, 8, "E")],
)  # fmt: skip
def test_n_e_and_l_by_london_hours(hour: float, hours: float, letter: str) -> None:
    for midnight in (datetime(2026, 11, 18, tzinfo=UTC), datetime(2026, 7, 1, 23, tzinfo=UTC)):
        start = midnight + hour * HOUR
        shift = Shift(starts_at=start, ends_at=start + hours * HOUR)
        assert letter_of_hours(shift) == letter


def test_before_go_live_nothing_needs_anybody_and_it_is_said(world: World) -> None:
    with evidence.clock.at(datetime(2026, 9, 8, 8, tzinfo=UTC)):
        world.add_shift("dan", datetime(2026, 9, 9, 7, tzinfo=UTC))
        page = seen(world, "ruth", BOARD)
    assert "This service is not live yet by then." in page
    assert "No shift is checked" in page
    assert "Not cleared</span>" not in page


def test_without_a_rota_the_page_says_what_comes(world: World) -> None:
    assert "No rota is known for these 14 days." in seen(world, "ruth", BOARD)


def test_a_night_still_under_way_stands_under_today(world: World) -> None:
    world.add_shift("dan", NOW - 10 * HOUR)
    page = seen(world, "ruth", BOARD)
    assert "<strong>1 of 1 shift is not cleared</strong>" in page
    assert "Night" in page


@pytest.mark.parametrize("query", ["from=yesterday", "day=2026-99-01", "from=9999-12-31"])
def test_an_address_that_is_no_date_is_told_and_today_shown(world: World, query: str) -> None:
    world.add_shift("dan", TONIGHT)
    page = seen(world, "ruth", f"{BOARD}&{query}")
    assert "is not a date" in page or "There is no rota" in page
    assert "Daniela Popescu" in page


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("ruth", 200), ("cal", 200), ("tessa", 200), ("helen", 200), ("queenie", 200),
        ("paul", 200), ("nadia", 200), ("quinn", 403), ("ada", 403), ("dan", 403),
    ],
)  # fmt: skip
def test_who_may_read_the_board(world: World, name: str, status: int) -> None:
    assert visit(world, name).get(BOARD).status_code == status


def test_the_page_takes_a_fixed_number_of_statements(
    world: World, django_assert_max_num_queries: Any
) -> None:
    independent(world, "sam")
    permit(world, "dan", "sam")
    client = visit(world, "ruth")
    first = world.add_shift("dan", TONIGHT)
    address = f"{BOARD}&shift={first.shift_id}"
    counts = []
    for days in (range(1, 2), range(2, 14)):
        for day in days:
            for name in ("dan", "sam", "tessa", "cal", "eve", None):
                world.add_shift(name, TONIGHT + day * 24 * HOUR)
                world.add_shift(name, TONIGHT + day * HOUR / 100)
        with django_assert_max_num_queries(65) as captured:
            assert client.get(address).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]


# --- past windows


def test_the_past_is_judged_by_known_then_when_asked(world: World) -> None:
    yesterday = NOW - 24 * HOUR
    with evidence.clock.at(yesterday - HOUR):
        world.pass_all("dan", but=["C04"])
    shift = world.add_shift("dan", yesterday, hours=6)
    world.assess("dan", "C04", happened_at=yesterday - HOUR)
    address = f"{BOARD}&from=2026-11-17&shift={shift.shift_id}"
    page = seen(world, "ruth", address)
    assert "Was everyone on the rota cleared?" in page
    assert "The workforce lead’s sign-off is missing." in page
    assert "This shift is over. It stays as it was." in page
    page = seen(world, "ruth", f"{address}&known=then")
    assert "Not ready" in page
    assert "by what was known when each began" in page


# --- ways out


def test_choose_another_supervisor_lists_who_is_on_shift_and_independent(world: World) -> None:
    independent(world, "sam", "tessa")
    permit(world, "dan", "tessa")
    shift = world.add_shift("dan", TONIGHT)
    world.add_shift("sam", TONIGHT)
    world.add_shift("cal", TONIGHT)  # on shift, not independent
    page = seen(world, "ruth", f"{BOARD}&shift={shift.shift_id}")
    assert "May use the live system only beside Tessa Boyd, who is not on this shift." in page
    assert "Permission of 18 November" in page
    assert "Rota import" in page
    ways = page.split("What you can do")[1].split("Swap the shift")[0]
    assert "Choose another supervisor" in ways
    assert "Samuel Tetteh" in ways
    assert "Callum Whitfield" not in ways
    form = f"/people/{world.people['dan'].pseudonym}/supervised-use/?supervisor="
    assert f"{form}{world.people['sam'].pseudonym}&amp;until=2026-11-19" in ways
    # Somebody who may not allow it sees who could.
    ways = seen(world, "tessa", f"{BOARD}&shift={shift.shift_id}").split("What you can do")[1]
    assert "It takes a registered manager" in ways


def test_a_supervisor_who_supervises_already_is_named_last(world: World) -> None:
    independent(world, "sam", "tessa")
    permit(world, "eve", "sam")
    world.add_shift("eve", TONIGHT)
    world.add_shift("sam", TONIGHT)
    world.add_shift("tessa", TONIGHT)
    shift = world.add_shift("dan", TONIGHT)
    page = seen(world, "ruth", f"{BOARD}&shift={shift.shift_id}")
    ways = page.split("What you can do")[1].split("Swap the shift")[0]
    assert ways.index("Tessa Boyd") < ways.index("Samuel Tetteh")
    assert "Supervises 1 already" in ways


def test_from_when_in_the_shift_it_fails_is_said(world: World) -> None:
    world.pass_all("eve")
    world.sign_off("eve")
    with evidence.clock.at(datetime(2026, 11, 25, 12, tzinfo=UTC)):
        independent(world, "sam")
        permit(world, "dan", "sam")
        shift = world.add_shift("dan", datetime(2026, 11, 26, 20, tzinfo=UTC))
        world.add_shift("sam", datetime(2026, 11, 26, 20, tzinfo=UTC), hours=6)
        lapsing = world.add_shift("eve", datetime(2026, 12, 6, 21, tzinfo=UTC), hours=9)
        page = seen(world, "ruth", f"{BOARD}&shift={shift.shift_id}")
        assert "From 02:00 on 27 November: May use the live system only beside Samuel" in page
        page = seen(world, "ruth", f"{BOARD}&shift={lapsing.shift_id}")
        assert "The agency post here ends on 6 December 2026." in page


def test_swap_lists_the_cleared_and_free_of_the_job_role(world: World) -> None:
    for name, full_name in (("amy", "Amy Stone"), ("bea", "Bea Holt"), ("dee", "Dee Moss")):
        world.add_person(name, full_name, sign_in=False)
        world.add_post(name, world.alder, "CW")
    independent(world, "amy", "bea", "sam")
    world.add_shift("bea", TONIGHT + 2 * HOUR, hours=2)  # busy
    shift = world.add_shift("dan", TONIGHT)
    page = seen(world, "ruth", f"{BOARD}&shift={shift.shift_id}")
    ways = page.split("Swap the shift")[1].split("No live use in this shift")[0]
    assert "1 cleared person is free. Change the rota in your rota system" in ways
    assert "Amy Stone" in ways
    assert "Bea Holt" not in ways
    assert "Samuel Tetteh" not in ways


def test_awaiting_leads_to_the_sign_off(world: World) -> None:
    world.pass_all("dan")
    shift = world.add_shift("dan", TONIGHT)
    address = f"{BOARD}&shift={shift.shift_id}"
    assert 'href="/sign-off/?service=ALD"' in seen(world, "helen", address)
    page = seen(world, "ruth", address)
    assert 'href="/sign-off/?service=ALD"' not in page
    assert "a workforce lead" in page


def test_what_is_missing_leads_to_the_assessment_for_those_who_assess(world: World) -> None:
    world.pass_all("dan", but=["C04"])
    shift = world.add_shift("dan", TONIGHT)
    address = f"{BOARD}&shift={shift.shift_id}"
    form = f'href="/assess/{world.people["dan"].pseudonym}/C04/"'
    assert form in seen(world, "cal", address)
    assert form not in seen(world, "ruth", address)


def test_no_live_use_is_marked_and_taken_back(world: World) -> None:
    shift = world.add_shift("dan", TONIGHT)
    ruth = visit(world, "ruth")
    response = ruth.post("/live-use/no-live-use/", {"shift": shift.shift_id}, follow=True)
    page = " ".join(response.content.decode().split())
    assert "No live use for Daniela Popescu on 18 November 2026" in page
    assert "No shift is checked" in page
    assert "Take the mark back" in page
    ruth.post("/live-use/live-use-again/", {"shift": shift.shift_id})
    assert NoLiveUse.objects.get().end.by == world.people["ruth"]


@pytest.mark.parametrize("address", ["/live-use/no-live-use/", "/live-use/live-use-again/"])
@pytest.mark.parametrize(("name", "status"), [("cal", 403), ("quinn", 403), ("dan", 403)])
def test_who_may_not_change_the_shift(world: World, address: str, name: str, status: int) -> None:
    shift = world.add_shift("dan", TONIGHT)
    response = visit(world, name).post(address, {"shift": shift.shift_id})
    assert response.status_code == status
    assert not NoLiveUse.objects.exists()


# --- override


def test_r21_the_override_names_who_and_why_and_stays_not_cleared(world: World) -> None:
    shift = world.add_shift("dan", TONIGHT)
    ruth = visit(world, "ruth")
    address = f"/live-use/override/?{urlencode({'shift': shift.shift_id})}"
    assert "stays “not cleared”" in ruth.get(address).content.decode()
    assert "Write the reason" in ruth.post(address, {"reason": ""}).content.decode()
    assert not Override.objects.exists()
    page = ruth.post(address, {"reason": "The agency sent nobody."}, follow=True).content.decode()
    page = " ".join(page.split())
    assert "Not cleared, overridden by Ruth Adeyemi on 18 November 2026" in page
    assert "“The agency sent nobody.”" in page
    assert "<strong>1 of 1 shift is not cleared</strong>" in page


@pytest.mark.parametrize(
    ("name", "status"),
    [("ruth", 200), ("nadia", 200), ("helen", 403), ("tessa", 403), ("cal", 403), ("dan", 403)],
)
def test_who_sees_the_override(world: World, name: str, status: int) -> None:
    shift = world.add_shift("dan", TONIGHT)
    address = f"/live-use/override/?shift={shift.shift_id}"
    assert visit(world, name).get(address).status_code == status


def test_r21_the_override_is_shown_wherever_the_shift_is(world: World) -> None:
    shift = world.add_shift("dan", TONIGHT)
    over = actions.override(
        by=world.by("ruth"),
        post=world.posts["dan"],
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
        reason="The agency sent nobody.",
    )
    told = "Not cleared, overridden by Ruth Adeyemi on 18 November 2026, 08:12"
    why = "“The agency sent nobody.”"
    # the cell, and the panel
    page = seen(world, "ruth", f"{BOARD}&shift={shift.shift_id}")
    assert "18 November, 20:00 to 08:00. Not cleared, overridden</span>" in page
    assert f"{told}: {why}" in page
    # the files
    response = visit(world, "ruth").get(f"{BOARD}&format=csv")
    row = next(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert (row["answer"], row["overridden_by_entry"], row["overridden_by"]) == (
        "not_cleared", str(over.entry), "Ruth Adeyemi",
    )  # fmt: skip
    assert row["overridden_until"] == "2026-11-19T08:00:00+00:00"
    assert row["override_reason"] == "The agency sent nobody."
    # the command line
    run = CliRunner().invoke
    assert f"{told}: {why}" in run(main, ["rota-check", "--service", "ALD"]).stdout
    said = json.loads(run(main, ["rota-check", "--json"]).stdout)[0]
    ruth = world.people["ruth"].identity.reference
    assert said["answer"] == "not_cleared"
    assert said["override"] == {
        "entry": over.entry,
        "by": ruth,
        "until": "2026-11-19T08:00:00+00:00",
        "reason": "The agency sent nobody.",
    }
    at = (TONIGHT + HOUR).isoformat()
    rows = json.loads(run(main, ["readiness", "--as-at", at, "--json"]).stdout)
    dan = next(r for r in rows if r["overridden"])
    assert (dan["state"], dan["override"]["entry"]) == ("not_ready", over.entry)
    # the gate's page, the person's story, and the home of those who answer for it
    gate = seen(
        world,
        "ruth",
        f"/readiness/?service=ALD&person={world.people['dan'].pseudonym}"
        "&at_date=2026-11-18&at_time=21:00",
    )
    assert "Not cleared, but overridden for one shift" in gate
    assert f"{told}: {why} It stands until 19 November 2026, 08:00." in gate
    assert "One shift overridden" in seen(
        world, "ruth", f"/people/{world.people['dan'].pseudonym}/"
    )
    for name in ("ruth", "nadia"):
        assert "1 shift is overridden within 14 days" in seen(world, name, "/")
    assert "overridden within" not in seen(world, "helen", "/")


def test_r21_an_override_is_ended_early_from_the_board(world: World) -> None:
    shift = world.add_shift("dan", TONIGHT)
    over = actions.override(
        by=world.by("ruth"),
        post=world.posts["dan"],
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
        reason="The agency sent nobody.",
    )
    address = f"/overrides/{over.entry}/end/"
    assert address in seen(world, "tessa", f"{BOARD}&shift={shift.shift_id}")
    tessa = visit(world, "tessa")
    assert "Ruth Adeyemi" in tessa.get(address).content.decode()
    assert tessa.post(address, {"reason": ""}).status_code == 422
    page = " ".join(
        tessa.post(address, {"reason": "Samuel came after all."}, follow=True)
        .content.decode()
        .split()
    )
    assert "The override for Daniela Popescu has ended." in page
    page = seen(world, "ruth", f"{BOARD}&shift={shift.shift_id}")
    assert "An override was ended early by Tessa Boyd" in page
    assert "Not cleared, overridden</span>" not in page
    story = seen(world, "ruth", f"/people/{world.people['dan'].pseudonym}/")
    assert "Override ended early" in story
    assert "Samuel came after all." in story
    assert tessa.get(address).status_code == 409


# --- restriction and lifting


def test_r10_what_stops_is_shown_before_and_told_after(world: World) -> None:
    independent(world, "sam")
    permit(world, "dan", "sam")
    world.add_shift("sam", TONIGHT)
    world.add_shift("dan", TONIGHT)
    tessa = visit(world, "tessa")
    address = f"/people/{world.people['sam'].pseudonym}/restrict/"
    page = " ".join(tessa.get(address).content.decode().split())
    assert "2 coming shifts" in page
    assert "Daniela Popescu" in page
    assert "Write the reason" in tessa.post(address, {"reason": " "}).content.decode()
    tessa.post(address, {"reason": "Shared a sign-in on 17 November."})
    restriction = Restriction.objects.get()
    assert restriction.service is None
    assert restriction.by == world.people["tessa"]
    assert "<strong>2 of 2 shifts are not cleared</strong>" in seen(world, "ruth", BOARD)


def test_r10_at_one_service_only(world: World) -> None:
    world.add_post("sam", world.quayside, "SC")
    address = f"/people/{world.people['sam'].pseudonym}/restrict/"
    assert "Only at Alder House" in seen(world, "ruth", address)
    assert "Only at Quayside Court" not in seen(world, "ruth", address)
    visit(world, "ruth").post(address, {"where": "ALD", "reason": "Unsure of alerts."})
    assert Restriction.objects.get().service == world.alder


@pytest.mark.parametrize(
    ("name", "status"),
    [("ruth", 200), ("tessa", 200), ("helen", 200), ("cal", 403), ("quinn", 403), ("ada", 403),
     ("sam", 403), ("nadia", 403)],
)  # fmt: skip
def test_who_sees_the_restriction_page(world: World, name: str, status: int) -> None:
    address = f"/people/{world.people['sam'].pseudonym}/restrict/"
    assert visit(world, name).get(address).status_code == status


def _restricted(world: World) -> Restriction:
    return actions.restrict(
        by=world.by("tessa"), person=world.people["dan"], service=None, reason="Shared a sign-in."
    )


def test_r10_lifted_by_a_later_pass_or_for_a_reason(world: World) -> None:
    world.assess("dan", "C02")
    restriction = _restricted(world)
    with evidence.clock.at(NOW + HOUR):
        later = world.assess("dan", "C01")
        ruth = visit(world, "ruth")
        address = f"/restrictions/{restriction.entry}/lift/"
        page = ruth.get(address).content.decode()
        assert "Shared a sign-in." in page
        assert later.check_version.short in page
        assert world.check("C02").short not in page  # passed before
        assert "Choose a check" in ruth.post(address, {}).content.decode()
        empty = ruth.post(address, {"cites": "reason", "reason": ""}).content.decode()
        assert "or write the reason" in empty
        ruth.post(address, {"cites": str(later.entry)})
    lifting = Lifting.objects.get()
    assert lifting.cites == later.entry
    assert lifting.by == world.people["ruth"]
    assert visit(world, "ruth").get(address).status_code == 409


@pytest.mark.parametrize(
    ("name", "status"),
    [("ruth", 200), ("helen", 403), ("tessa", 403), ("cal", 403), ("quinn", 403), ("ada", 403),
     ("dan", 403)],
)  # fmt: skip
def test_who_sees_the_lifting_page(world: World, name: str, status: int) -> None:
    address = f"/restrictions/{_restricted(world).entry}/lift/"
    assert visit(world, name).get(address).status_code == status


# --- carried away


def test_the_board_as_a_file(world: World) -> None:
    world.add_shift("dan", TONIGHT)
    client = visit(world, "ruth")
    response = client.get(f"{BOARD}&format=csv")
    rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert [(r["person"], r["answer"], r["state"]) for r in rows] == [
        ("Daniela Popescu", "not_cleared", "not_ready")
    ]
    assert rows[0]["starts_at"] == "2026-11-18T20:00:00+00:00"
    assert client.get(f"{BOARD}&format=xlsx").content[:2] == b"PK"
    assert client.get(f"{BOARD}&format=doc").status_code == 409


def test_rota_check_on_the_command_line(world: World) -> None:
    independent(world, "sam")
    world.add_shift("sam", TONIGHT)
    run = CliRunner().invoke
    assert run(main, ["rota-check"]).exit_code == 0
    shift = world.add_shift("dan", TONIGHT)
    found = run(main, ["rota-check", "--service", "ALD"])
    assert found.exit_code == 1
    assert "Daniela Popescu" in found.stdout
    assert "1 of 2 shifts are not cleared." in found.stderr
    rows = json.loads(run(main, ["rota-check", "--json"]).stdout)
    assert {r["shift_id"]: r["answer"] for r in rows}[shift.shift_id] == "not_cleared"
    assert run(main, ["rota-check", "--service", "NONE"]).exit_code == 1
    assert run(main, ["rota-check", "--from", "soon"]).exit_code == 2
    later = (date(2026, 11, 18) + timedelta(days=30)).isoformat()
    assert run(main, ["rota-check", "--from", later]).exit_code == 0


def test_the_legend_says_what_a_question_mark_means_where_there_is_one(world: World) -> None:
    world.add_shift("dan", TONIGHT)
    assert "Nobody named, or no post here" not in seen(world, "ruth", "/live-use/?service=ALD")
    world.add_shift(None, TONIGHT)
    assert "Nobody named, or no post here" in seen(world, "ruth", "/live-use/?service=ALD")
