"""When this software or the network is down: the sheet, what was agreed, what was done (1.6)."""

import csv
import io
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from surehand import evidence
from surehand.cli.__main__ import main
from surehand.evidence.refusal import NotPermitted, NotPossible, Refused
from surehand.readiness import actions, break_glass, rota
from surehand.readiness.break_glass import May
from surehand.readiness.models import BreakGlass, BreakGlassAgreed, CarrySheet
from surehand.readiness.rules import Because
from tests.provider import NOW, World
from tests.readiness.test_rota import HOUR, checked, independent, known_then, permit

SignedIn = Callable[[str], Client]
DAY = timedelta(days=1)
WORDS = "The sheet hangs in the office. Ring the manager on call, who decides."


def make_sheet(world: World, *, by: str = "tessa") -> CarrySheet:
    return actions.make_carry_sheet(by=world.by(by), service=world.alder)


def record(world: World, *people: str, by: str = "ruth", **more: Any) -> BreakGlass:
    said: dict[str, Any] = {
        "starts_at": NOW - 6 * HOUR,
        "ends_at": NOW - 2 * HOUR,
        "sheet": None,
        "decided_by": world.people["tessa"],
        "reason": "The line to the house was cut.",
        **more,
    }
    return actions.record_break_glass(
        by=world.by(by),
        service=said.pop("service", world.alder),
        people=[world.people[name].pk for name in people],
        **said,
    )


def who(sheet: CarrySheet) -> dict[str, tuple[May, str]]:
    return {line.name: (line.may, line.when) for line in break_glass.lines(sheet)}


# --- the sheet


def test_the_sheet_says_who_may_and_until_when(world: World) -> None:
    independent(world, "sam", "tessa")
    permit(world, "dan", "sam", days=3)
    actions.restrict(
        by=world.by("ruth"), person=world.people["eve"], service=None, reason="Shared a sign-in."
    )
    sheet = make_sheet(world)
    assert sheet.until == NOW + 7 * DAY
    found = who(sheet)
    assert found["Samuel Tetteh"] == (May.ALONE, "")
    assert found["Daniela Popescu"] == (
        May.BESIDE, "Beside Samuel Tetteh, until 21 November 2026, 08:12.",
    )  # fmt: skip
    assert found["Eve O’Brien"][0] is May.STOPPED
    assert found["Callum Whitfield"][0] is May.NOT
    assert next(line.may for line in break_glass.lines(sheet)) is May.STOPPED
    assert "Rose Nkemelu" not in found  # of another service


def test_a_sign_off_that_ends_in_the_week_ends_on_the_sheet(world: World) -> None:
    independent(world, "sam")
    end = NOW + timedelta(days=365) - 3 * DAY
    with evidence.clock.at(end):
        found = who(make_sheet(world, by="ruth"))
        assert found["Samuel Tetteh"][0] is May.PARTLY
        assert found["Samuel Tetteh"][1].startswith("Until 18 November 2027")


def test_r3_a_sheet_says_for_ever_what_was_known_at_its_entry(world: World) -> None:
    independent(world, "sam")
    sheet = make_sheet(world)
    before = break_glass.lines(sheet)
    actions.restrict(
        by=world.by("ruth"), person=world.people["sam"], service=None, reason="Shared a sign-in."
    )
    assert break_glass.lines(sheet) == before
    assert who(make_sheet(world))["Samuel Tetteh"][0] is May.STOPPED


def test_r4_several_posts_the_least_permissive(world: World) -> None:
    independent(world, "sam")
    world.add_post("sam", world.alder, "CW", start=NOW.date() + 2 * DAY)
    may, when = who(make_sheet(world))["Samuel Tetteh"]
    assert (may, when) == (May.PARTLY, "Until 20 November 2026, 00:00.")


def test_the_sheet_is_made_shown_and_carried_away(world: World, signed_in: SignedIn) -> None:
    independent(world, "sam")
    client = signed_in("tessa")
    page = client.get("/live-use/break-glass/?service=ALD").content.decode()
    assert "No sheet was made yet." in page
    response = client.post("/live-use/sheets/", {"service": "ALD"}, follow=True)
    page = " ".join(response.content.decode().split())
    sheet = CarrySheet.objects.get()
    assert f"at entry {sheet.entry:,}. It holds until 25 November 2026, 08:12." in page
    assert page.index("On their own, the whole time") < page.index("Not yet: no live use")
    rows = client.get(f"/live-use/sheets/{sheet.entry}/?format=csv").content.decode("utf-8-sig")
    found = {r["person"]: r["may"] for r in csv.DictReader(io.StringIO(rows))}
    assert found["Samuel Tetteh"] == "alone"
    assert found["Daniela Popescu"] == "not"
    with evidence.clock.at(NOW + 8 * DAY):
        client = signed_in("ruth")
        assert "has run out" in client.get(f"/live-use/sheets/{sheet.entry}/").content.decode()
        page = client.get("/live-use/break-glass/?service=ALD").content.decode()
        assert "The last sheet has run out." in page


# --- what was agreed


def test_it_is_agreed_by_name_and_what_was_agreed_before_is_kept(
    world: World, signed_in: SignedIn
) -> None:
    ruth = signed_in("ruth")
    address = "/live-use/break-glass/agree/?service=ALD"
    assert ruth.post(address, {"text": "Ring."}).status_code == 422
    ruth.post(address, {"text": WORDS})
    page = ruth.post(address, {"text": f"{WORDS} Twice."}, follow=True).content.decode()
    assert "Twice." in page
    assert "Ruth Adeyemi" in page
    assert BreakGlassAgreed.objects.count() == 2


# --- what was done


def test_it_shows_on_the_shift_and_clears_nothing(world: World, signed_in: SignedIn) -> None:
    shift = world.add_shift("dan", NOW - 8 * HOUR, hours=8)
    other = world.add_shift("sam", NOW - 8 * HOUR, hours=8)
    fact = record(world, "dan")
    found = checked(world, shift)
    assert found.not_cleared
    assert found.clearance.because is Because.NOT_READY
    assert found.break_glass == fact
    assert known_then(shift).not_cleared
    assert known_then(shift).break_glass == fact
    assert checked(world, other).break_glass is None
    told = "Worked under break-glass on 18 November 2026, 02:12 to 18 November 2026, 06:12"
    ruth = signed_in("ruth")
    board = f"/live-use/?service=ALD&from=2026-11-17&shift={shift.shift_id}"
    page = " ".join(ruth.get(board).content.decode().split())
    assert told in page
    assert "worked under break-glass" in page
    rows = ruth.get(f"{board}&format=csv").content.decode("utf-8-sig")
    said = {r["person"]: r["break_glass"] for r in csv.DictReader(io.StringIO(rows))}
    assert told in said["Daniela Popescu"]
    assert "decided by Tessa Boyd; recorded by Ruth Adeyemi" in said["Daniela Popescu"]
    assert said["Samuel Tetteh"] == ""
    ran = CliRunner().invoke(main, ["rota-check", "--from", "2026-11-17", "--json"])
    rows_ = {r["person_id"]: r for r in json.loads(ran.stdout)}
    dan = rows_[world.people["dan"].identity.reference]
    assert told in dan["break_glass"]
    assert dan["answer"] == "not_cleared"
    page = ruth.get(f"/people/{world.people['dan'].pseudonym}/").content.decode()
    assert "Worked under break-glass" in page
    assert "The line to the house was cut." in page


def test_by_a_sheet_that_held(world: World) -> None:
    sheet = make_sheet(world)
    with evidence.clock.at(NOW + 6 * HOUR):
        fact = record(
            world, "dan", starts_at=NOW + HOUR, ends_at=NOW + 4 * HOUR, sheet=sheet,
            decided_by=None,
        )  # fmt: skip
        assert f"by the sheet of entry {sheet.entry:,}" in break_glass.in_a_sentence(fact)
        with pytest.raises(NotPossible, match="did not hold"):
            record(world, "dan", sheet=sheet)
        with pytest.raises(NotPossible, match="another service"):
            record(world, "rose", by="nadia", service=world.quayside, sheet=sheet)


@pytest.mark.parametrize(
    ("begins", "ends", "why"),
    [
        (-2, 1, "not over yet"),
        (-2, -2, "must end after"),
        (-24 * 15, -24 * 14 - 1, "more than 14 days ago"),
        (-24 * 15, -1, "at most 14 days"),
    ],
)
def test_r11_over_and_not_long_ago(world: World, begins: int, ends: int, why: str) -> None:
    with pytest.raises(Refused, match=f"{why}|still to come"):
        record(world, "dan", starts_at=NOW + begins * HOUR, ends_at=NOW + ends * HOUR)
    assert not BreakGlass.objects.exists()


def test_r11_recorded_late_it_says_so(world: World, signed_in: SignedIn) -> None:
    assert not break_glass.is_late(record(world, "dan"))
    late = record(world, "dan", starts_at=NOW - 5 * DAY, ends_at=NOW - 4 * DAY)
    assert break_glass.is_late(late)
    assert "Recorded late" in break_glass.in_a_sentence(late)
    assert late.happened_at == NOW - 4 * DAY
    page = signed_in("ruth").get("/live-use/break-glass/?service=ALD").content.decode()
    assert "Recorded late, on 18 November 2026, 08:12." in page


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("ruth", True), ("nadia", True), ("helen", False), ("tessa", False), ("cal", False),
        ("quinn", False), ("ada", False), ("queenie", False), ("paul", False), ("dan", False),
    ],
)  # fmt: skip
def test_who_agrees_and_records(world: World, name: str, allowed: bool) -> None:
    def agree() -> Any:
        return actions.agree_break_glass(by=world.by(name), service=world.alder, text=WORDS)

    for does in (agree, lambda: record(world, "dan", by=name)):
        if allowed:
            assert does()
        else:
            with pytest.raises(NotPermitted):
                does()


def test_r14_nobody_records_it_about_themselves(world: World) -> None:
    with pytest.raises(NotPermitted, match="about yourself"):
        record(world, "dan", "ruth")
    assert record(world, "dan", "ruth", by="nadia")


def test_somebody_was_let_in_by_something_and_worked_here(world: World) -> None:
    with pytest.raises(NotPossible, match="Choose who"):
        record(world)
    with pytest.raises(NotPossible, match="by which sheet"):
        record(world, "dan", decided_by=None)
    with pytest.raises(NotPossible, match="no post at this service"):
        record(world, "rose")
    with pytest.raises(NotPossible, match="Write the reason"):
        record(world, "dan", reason="")


def test_the_page_records_it(world: World, signed_in: SignedIn) -> None:
    sheet = make_sheet(world)
    with evidence.clock.at(NOW + 6 * HOUR):
        ruth = signed_in("ruth")
        address = "/live-use/break-glass/record/?service=ALD"
        page = ruth.get(address).content.decode()
        assert "Daniela Popescu" in page
        assert "Ruth Adeyemi</label>" not in page  # never about oneself
        said = {
            "from_day_day": 18, "from_day_month": 11, "from_day_year": 2026, "from_time": "10:00",
            "to_day_day": 18, "to_day_month": 11, "to_day_year": 2026, "to_time": "12:30",
            "people": [world.people["dan"].pk], "reason": "No power.",
        }  # fmt: skip
        wrong = ruth.post(address, said)
        assert wrong.status_code == 422
        assert "Choose the sheet, or who decided" in wrong.content.decode()
        page = ruth.post(address, {**said, "sheet": sheet.entry}, follow=True).content.decode()
    assert "none of them is cleared by it" in page
    assert BreakGlass.objects.get().people == [world.people["dan"].pk]


def test_the_rota_asks_as_often_with_outages_as_without(world: World) -> None:
    for name in ("dan", "sam", "eve"):
        world.add_shift(name, NOW - 8 * HOUR, hours=8)

    def asked() -> int:
        with CaptureQueriesContext(connection) as statements:
            rota.rota_check(services=[world.alder.pk], since=NOW - 9 * HOUR, until=NOW)
        return len(statements)

    asked()
    few = asked()
    record(world, "dan")
    record(world, "sam", "eve")
    assert asked() == few
