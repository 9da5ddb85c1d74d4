"""The follow-up of a refresher selects itself: once, of the same design, when its time has come."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from surehand import evidence
from surehand.audits.follow_up import TO_CHECK, follow_up
from surehand.audits.follow_up_actions import due
from surehand.audits.models import Audit, Refresher
from surehand.audits.refresher_actions import give_refresher, plan_refresher
from surehand.audits.refresher_queries import Followed
from surehand.audits.selection import Design
from surehand.timeline import end_of, instant, london_date, london_midnight, moment
from surehand.ui.formats import day
from tests.audits.made import a_check, an_audit
from tests.provider import NOW, World
from tests.records.live import a_record, an_account

GIVEN_ON = london_date(instant(NOW))
PLANNED = follow_up(given_on=GIVEN_ON, before=timedelta(days=7))
ALL = Design(coverage=100, more=0).as_json()


def on(days: int) -> datetime:
    """Noon, so many days after the day on which it selects itself."""
    return moment(london_midnight(PLANNED.on)) + timedelta(days=days, hours=12)


@pytest.fixture(autouse=True)
def _now(world: World) -> Iterator[None]:
    with evidence.clock.at(NOW):
        yield


@pytest.fixture
def before(world: World) -> Audit:
    sams = an_account(person=world.people["sam"])
    return an_audit(world.alder, [a_record(world.alder, sams)], design=ALL)


def refreshed(world: World, theme: str = "T04") -> Refresher:
    """Planned and given today."""
    refresher = plan_refresher(
        by=world.by("ruth"),
        service=world.alder,
        theme=theme,
        people=[world.people["sam"]],
        owner=world.people["tessa"],
        due=GIVEN_ON,
    )
    give_refresher(
        by=world.by("tessa"),
        refresher=refresher,
        on=GIVEN_ON,
        minutes=15,
        people=[world.people["sam"]],
    )
    return refresher


def some_records(world: World, *, until: int = 30) -> None:
    """Written on each day from a week before the refresher until so many days after it."""
    account = an_account(person=world.people["dan"])
    for days in range(-7, until):
        a_record(world.alder, account, at=NOW + timedelta(days=days))


def test_it_selects_itself_when_its_time_has_come_and_once(world: World, before: Audit) -> None:
    refresher = refreshed(world)
    some_records(world)
    with evidence.clock.at(on(-1)):
        assert due() == []
    with evidence.clock.at(on(0)):
        (sentence,) = due()
        assert due() == []
    assert sentence.startswith("A follow-up audit was selected at Alder House: its checks are due")
    found = Audit.objects.get(follows=before)
    assert (found.refresher, found.by, found.design) == (refresher, None, before.design)
    assert found.seed != before.seed
    assert found.due == PLANNED.on + TO_CHECK
    assert (found.since, found.until) == (
        moment(london_midnight(PLANNED.since)),
        moment(end_of(PLANNED.until)),
    )
    assert found.items.count() == 14


def test_r18_whoever_checks_reads_of_it_on_no_page_of_the_refresher_until_it_is_checked(
    world: World, before: Audit, signed_in: Callable[[str], Client]
) -> None:
    refresher = refreshed(world)
    some_records(world)

    def told(name: str) -> bool:
        pages = (f"/audits/refreshers/{refresher.pk}/", "/audits/refreshers/?service=ALD")
        found = "".join(signed_in(name).get(page).text for page in pages)
        says = ("selects itself on", "was selected", "Open the audit", "Did it work?")
        return any(each in found for each in (*says, day(PLANNED.on), day(PLANNED.since)))

    with evidence.clock.at(on(-1)):
        assert [told(name) for name in ("ruth", "tessa")] == [True, False]
    with evidence.clock.at(on(0)):
        due()
        assert [told(name) for name in ("ruth", "tessa")] == [True, False]
        for item in Audit.objects.get(follows=before).items.all():
            a_check(item, world.people["tessa"])
    with evidence.clock.at(on(1)):
        assert told("tessa")


def test_it_waits_for_its_records_until_it_is_given_up(world: World, before: Audit) -> None:
    refreshed(world)
    with evidence.clock.at(on(0)):
        assert due() == []
    some_records(world)
    with evidence.clock.at(on(60)):
        assert due() == []
    with evidence.clock.at(on(20)):
        assert len(due()) == 1


def test_refreshers_of_one_week_share_it(world: World, before: Audit) -> None:
    refreshed(world)
    refreshed(world, "T06")
    some_records(world)
    with evidence.clock.at(on(0)):
        assert len(due()) == 1
        assert due() == []
    assert Audit.objects.filter(follows=before).count() == 1


def test_without_an_audit_before_there_is_nothing_to_follow(world: World) -> None:
    refreshed(world)
    some_records(world)
    with evidence.clock.at(on(0)):
        assert due() == []


def test_it_waits_until_the_export_has_reached_the_end_of_its_period(
    world: World, before: Audit
) -> None:
    refreshed(world)
    some_records(world, until=14)
    with evidence.clock.at(on(1)):
        assert due() == []
    some_records(world, until=17)
    with evidence.clock.at(on(1)):
        assert len(due()) == 1


def test_its_period_is_as_long_in_london_days_over_a_change_of_the_clocks(world: World) -> None:
    sams = an_account(person=world.people["sam"])
    spring = [moment(london_midnight(date(2026, 3, day))) for day in (15, 31)]  # 16 days
    audit = an_audit(
        world.alder, [a_record(world.alder, sams)], since=spring[0], until=spring[1], design=ALL
    )
    refresher = refreshed(world)
    followed = Followed.read([refresher])
    assert followed.before(refresher) == audit
    planned = followed.planned(refresher)
    assert planned is not None
    assert (planned.until - planned.since).days == 15


def test_however_many_wait_it_is_asked_as_often(world: World, before: Audit) -> None:
    asked = []
    for themes in (["T04"], ["T01", "T02", "T03"]):
        for theme in themes:
            refreshed(world, theme)
        with evidence.clock.at(on(-1)), CaptureQueriesContext(connection) as found:
            assert due() == []
        asked.append(len(found))
    assert asked[0] == asked[1]
