"""Rota × readiness × who wrote live records (3.6), on the small provider.

Dan is not ready; Sam is independent; Eve is agency and not ready.
"""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from surehand import evidence
from surehand.assurance.queries import Reconciliation, Writer, by_week, reconcile, total, weeks_of
from surehand.assurance.reconciliation import Finding, Why
from surehand.people.access import COMMAND_LINE
from surehand.people.models import GoLive, Merge
from surehand.readiness import actions as readiness
from surehand.readiness import rota
from surehand.support import actions as support
from tests.assurance.writing import a_link, an_account, ended, wrote
from tests.provider import NOW, World, kept

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
EVENING = NOW.replace(hour=20, minute=0) - 3 * DAY  # Sunday evening
WEEK = timedelta(days=7)


@pytest.fixture
def ready(world: World) -> World:
    return kept(_ready, world)


def _ready(world: World) -> World:
    with evidence.clock.at(NOW - 30 * DAY):
        world.pass_all("sam", by="tessa")
        world.sign_off("sam")
    return world


def look(world: World, *, since: datetime = NOW - WEEK, **more: int | None) -> Reconciliation:
    return reconcile(services=[world.alder.pk], since=since, until=NOW, **more)


def of(found: Reconciliation, name: str, world: World) -> Writer:
    return next(w for w in found.writers if w.person == world.people[name])


def codes(writer: Writer) -> set[Finding]:
    return {finding for finding, count in writer.tally.findings.items() if count}


def test_somebody_independent_and_on_shift_is_nothing_to_look_at(ready: World) -> None:
    ready.add_shift("sam", EVENING)
    account = an_account(ready.people["sam"])
    for hours in (0, 5, 12):
        wrote(account, ready.alder, EVENING + hours * HOUR)
    found = look(ready)
    assert (total(found.writers).records, found.found) == (3, [])


def test_r11_not_cleared_stays_so_whatever_is_told_later(ready: World) -> None:
    ready.add_shift("dan", EVENING)
    account = an_account(ready.people["dan"])
    for hour in range(9):
        wrote(account, ready.alder, EVENING + hour * HOUR)
    before = of(look(ready), "dan", ready)
    assert before.tally.findings[Finding.NOT_CLEARED] == 9
    assert before.tally.why[Why.NOT_READY] == 9
    # Everything is passed now, as observed before that evening: it clears nobody for it.
    for code in ready.unmet("dan"):
        ready.assess("dan", code, by="helen", happened_at=EVENING - DAY)
    after = of(look(ready), "dan", ready)
    assert after.tally.why == before.tally.why


def test_a_pass_voided_later_makes_no_breach_of_what_was_cleared_then(ready: World) -> None:
    ready.add_shift("sam", EVENING)
    wrote(an_account(ready.people["sam"]), ready.alder, EVENING + HOUR)
    # Found on Monday to have needed help already before that evening.
    ready.fail("sam", "C04", by="tessa", happened_at=EVENING - DAY)
    assert look(ready).found == []


def test_hours_half_an_hour_either_side_and_a_device_without_signal(ready: World) -> None:
    ready.add_shift("sam", EVENING)
    ready.add_shift("dan", EVENING + 2 * DAY)
    account = an_account(ready.people["sam"])
    wrote(account, ready.alder, EVENING - 30 * timedelta(minutes=1))
    wrote(account, ready.alder, EVENING + 12 * HOUR + 29 * timedelta(minutes=1))
    wrote(account, ready.alder, EVENING + HOUR, late=20 * HOUR)  # handed in on the next day
    assert look(ready).found == []
    wrote(account, ready.alder, EVENING + 13 * HOUR)
    wrote(account, ready.alder, EVENING + HOUR, late=49 * HOUR)  # two days are too late
    sam = of(look(ready), "sam", ready)
    assert codes(sam) == {Finding.NOT_ON_SHIFT}
    assert sam.tally.findings[Finding.NOT_ON_SHIFT] == 2


def test_without_a_rota_nobody_is_said_to_be_on_no_shift(ready: World) -> None:
    account = an_account(ready.people["sam"])
    wrote(account, ready.alder, EVENING)
    assert look(ready).found == []
    ready.add_shift("dan", EVENING + DAY)  # a rota that begins on the next day says nothing of it
    assert look(ready).found == []
    ready.add_shift("dan", EVENING - 20 * HOUR)
    assert codes(of(look(ready), "sam", ready)) == {Finding.NOT_ON_SHIFT}


def test_r17_shared_and_unknown_accounts_are_shown_and_never_guessed(ready: World) -> None:
    shared, nobody = an_account(shared=True), an_account()
    linked = an_account()
    link = a_link(linked, ready.people["sam"], since=NOW - 20 * DAY)
    ended(link, last=EVENING - DAY)  # on Saturday Sam gave it back
    ready.add_shift("sam", EVENING - DAY)
    ready.add_shift("sam", EVENING)
    for account in (shared, nobody, linked):
        wrote(account, ready.alder, EVENING)
    wrote(linked, ready.alder, EVENING - DAY)
    found = look(ready)
    said = {w.account: codes(w) for w in found.writers if w.account}
    assert said == {
        shared: {Finding.SHARED_SIGN_IN},
        nobody: {Finding.UNKNOWN_ACCOUNT},
        linked: {Finding.UNKNOWN_ACCOUNT},
    }
    assert codes(of(found, "sam", ready)) == set()
    # Linked since, it is no longer unknown; as known before it still is.
    known = evidence.last_seq()
    a_link(nobody, ready.people["sam"], since=EVENING)
    assert {w.account for w in look(ready).found} == {shared, linked}
    assert {w.account for w in look(ready, known=known).found} == {shared, nobody, linked}


def test_r9_supervised_with_a_named_supervisor_for_all_of_it(ready: World) -> None:
    with evidence.clock.at(EVENING - DAY):
        support.permit(
            by=ready.by("ruth"),
            post=ready.posts["dan"],
            until=NOW + 10 * DAY,
            competencies=[ready.check("C04").competency_id],
            supervisors=[ready.people["sam"].pk],
            failed=[],
            open_restrictions=[],
        )
    ready.add_shift("dan", EVENING)
    account = an_account(ready.people["dan"])
    wrote(account, ready.alder, EVENING + HOUR)
    alone = of(look(ready), "dan", ready)
    assert alone.tally.why[Why.NO_SUPERVISOR] == 1
    ready.add_shift("sam", EVENING, hours=11)
    assert of(look(ready), "dan", ready).tally.why[Why.NO_SUPERVISOR] == 1
    ready.add_shift("sam", EVENING + 11 * HOUR, hours=2)
    assert look(ready).found == []
    # Off shift nobody is beside her.
    wrote(account, ready.alder, EVENING + 24 * HOUR)
    assert codes(of(look(ready), "dan", ready)) == {Finding.NOT_CLEARED, Finding.NOT_ON_SHIFT}


def test_r9_a_live_record_in_a_shift_without_live_use(ready: World) -> None:
    shift = ready.add_shift("sam", EVENING)
    with evidence.clock.at(EVENING + 2 * HOUR):
        readiness.mark_no_live_use(by=ready.by("ruth"), shift=shift)
    account = an_account(ready.people["sam"])
    wrote(account, ready.alder, EVENING + HOUR)
    # It was not marked yet when that was written.
    assert look(ready).found == []
    wrote(account, ready.alder, EVENING + 3 * HOUR)
    assert codes(of(look(ready), "sam", ready)) == {Finding.NO_LIVE_USE_SHIFT}


def test_r21_an_override_is_said_and_clears_nobody(ready: World) -> None:
    shift = ready.add_shift("dan", EVENING)
    with evidence.clock.at(EVENING - HOUR):
        [checked] = rota.rota_check(services=[ready.alder.pk], since=EVENING, until=EVENING + HOUR)
        assert checked.not_cleared
        readiness.override(
            by=ready.by("ruth"),
            post=ready.posts["dan"],
            starts_at=shift.starts_at,
            ends_at=shift.ends_at,
            reason="Nobody else can come",
        )
    wrote(an_account(ready.people["dan"]), ready.alder, EVENING + HOUR)
    tally = of(look(ready), "dan", ready).tally
    assert (tally.findings[Finding.NOT_CLEARED], tally.overridden) == (1, 1)


def test_nothing_is_said_of_records_before_the_service_was_known_to_be_live(ready: World) -> None:
    account = an_account()
    wrote(account, ready.alder, NOW - 90 * DAY)
    found = look(ready, since=NOW - 100 * DAY)
    assert (found.writers, found.unchecked) == ([], 1)
    # Told afterwards, an earlier date is no reason to blame anybody for what was written then.
    with evidence.act("service.changed", by=COMMAND_LINE.actor) as act:
        act.record(GoLive(service=ready.alder, on=(NOW - 95 * DAY).date()))
    assert look(ready, since=NOW - 100 * DAY).unchecked == 1


def test_r14_merged_people_are_one(ready: World) -> None:
    again = ready.add_person("sam2", "S. Tetteh", sign_in=False)
    with evidence.act("people.merged", by=COMMAND_LINE.actor) as act:
        act.record(Merge(person=again, into=ready.people["sam"]))
    ready.add_shift("sam", EVENING)
    wrote(an_account(again), ready.alder, EVENING + HOUR)
    found = look(ready)
    assert found.found == []
    assert [w.person for w in found.writers] == [ready.people["sam"]]


def test_every_version_counts_for_whoever_wrote_it(ready: World) -> None:
    ready.add_shift("dan", EVENING)
    ready.add_shift("sam", EVENING)
    dan, sam = an_account(ready.people["dan"]), an_account(ready.people["sam"])
    wrote(dan, ready.alder, EVENING + HOUR, record_id="a", replaced_by=evidence.last_seq())
    wrote(sam, ready.alder, EVENING + 2 * HOUR, record_id="a", version=2)
    found = look(ready)
    assert of(found, "dan", ready).tally.findings[Finding.NOT_CLEARED] == 1
    assert of(found, "sam", ready).tally.records == 1
    # One that says again who wrote what when is no second writing.
    wrote(dan, ready.alder, EVENING + 3 * HOUR, record_id="b", replaced_by=evidence.last_seq())
    wrote(dan, ready.alder, EVENING + 3 * HOUR, record_id="b", version=2)
    assert of(look(ready), "dan", ready).tally.records == 2


def test_what_was_known_then_is_counted_though_an_approval_came_in_since(ready: World) -> None:
    ready.add_shift("dan", EVENING)
    dan = an_account(ready.people["dan"])
    known = evidence.last_seq()
    again = {"record_id": "a", "service": ready.alder}
    wrote(dan, at=EVENING + HOUR, entry=known, replaced_by=known + 1, **again)
    wrote(dan, at=EVENING + HOUR, entry=known + 1, version=2, **again)
    assert of(look(ready, known=known), "dan", ready).tally.records == 1
    assert of(look(ready), "dan", ready).tally.records == 1


def test_by_week_and_new_starters_and_agency(ready: World) -> None:
    ready.add_person("jo", "Jo Lind", sign_in=False)
    ready.add_post("jo", ready.alder, "CW", start=(NOW - 20 * DAY).date())
    for name in ("jo", "eve"):
        account = an_account(ready.people[name])
        for days in (3, 12):
            ready.add_shift(name, NOW - days * DAY)
            wrote(account, ready.alder, NOW - days * DAY + HOUR)
    since = NOW - 15 * DAY
    found = look(ready, since=since)
    assert {str(w.person): (w.is_new, w.is_agency) for w in found.found} == {
        "Jo Lind": (True, False),
        "Eve O’Brien": (False, True),
    }
    weeks = by_week(found.writers, weeks_of(since, NOW))
    assert [tally.found for tally in weeks.values()] == [2, 2, 0]
    first, last = (total(found.found).first, total(found.found).last)
    assert first is not None
    assert last is not None
    assert first < last


def test_a_new_starter_without_a_finding_counts_among_the_new_starters(ready: World) -> None:
    ready.add_person("jo", "Jo Lind", sign_in=False)
    ready.add_post("jo", ready.alder, "CW", start=(NOW - 20 * DAY).date())
    dan, jo = an_account(ready.people["dan"]), an_account(ready.people["jo"])
    ready.add_shift("dan", EVENING)
    wrote(dan, ready.alder, EVENING + HOUR)
    wrote(jo, ready.alder, EVENING + HOUR)
    for name, new in (("jo", True), ("dan", False)):
        writer = of(look(ready), name, ready)
        unnoticed = replace(writer.tally, first=None, last=None)
        assert replace(writer, tally=unnoticed).is_new is new


def test_a_fixed_number_of_statements(ready: World) -> None:
    def asked(count: int) -> int:
        for number in range(count):
            name = ("sam", "dan", "eve", "cal")[number % 4]
            ready.add_shift(name, EVENING + number * HOUR, hours=8)
            account = an_account(ready.people[name] if number % 3 else None)
            wrote(account, ready.alder, EVENING + number * HOUR)
        with CaptureQueriesContext(connection) as captured:
            look(ready)
        return len(captured)

    few = asked(4)
    assert asked(24) == few
    assert few <= 40
