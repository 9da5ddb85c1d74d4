"""The pages of what was noticed: who reads what, the words marked, and figures that name nobody."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from surehand import evidence
from surehand.ecm.profile import Profile
from surehand.ecm.queries import profile_for
from surehand.people.access import COMMAND_LINE
from surehand.people.models import EcmAccountLink, EcmAccountLinkEnd
from surehand.records import signal_pages as pages
from surehand.records import signal_queries as queries
from surehand.records.models import RaisedAlert, RecordSeen
from surehand.records.rows import Row
from tests.provider import NOW, World
from tests.records.live import a_record, an_account, an_alert, noticed, somebody
from tests.records.test_signals import CODE, fell, fine, waiting

__all__ = ["fell"]  # a fixture


def test_the_record_shows_its_words_marked_and_who_looked_is_kept(
    world: World, fell: Row, signed_in: Callable[[str], Client]
) -> None:
    page = signed_in("tessa").get(pages.href_of(fell)).content.decode()
    assert "<mark>found on the floor</mark>" in page
    assert "It may be recorded elsewhere" in page
    assert "Mood" in page
    assert "settled" in page
    signed_in("tessa").get(pages.href_of(fell))
    assert [seen.person.pk for seen in RecordSeen.objects.all()] == [world.people["tessa"].pk]


def test_gone_words_are_said_to_be_gone_and_nobody_is_noted(
    world: World, signed_in: Callable[[str], Client]
) -> None:
    record = a_record(world.alder, an_account("x"), kept=False)
    noticed(record, CODE)
    page = signed_in("tessa").get(pages.href_of(Row(record=record))).content.decode()
    assert "no longer kept" in page
    assert not RecordSeen.objects.exists()


def test_a_record_shown_beside_whose_words_are_gone_is_not_noted_as_looked_at(
    world: World, fell: Row, signed_in: Callable[[str], Client]
) -> None:
    gone = a_record(world.alder, an_account("x"), kept=False)
    noticed(fell.record, "reused_wording", beside=gone)  # type: ignore[arg-type]
    assert "no longer kept" in signed_in("tessa").get(pages.href_of(fell)).content.decode()
    assert [seen.record for seen in RecordSeen.objects.all()] == [fell.record]


def test_the_list_names_whose_the_account_was_when_the_alert_was_taken(world: World) -> None:
    account = an_account("tablet", person=world.people["dan"])
    alert = an_alert(world.alder, at=NOW - timedelta(days=2))
    with evidence.act("accounts.imported", by=COMMAND_LINE.actor) as act:
        link = EcmAccountLink.objects.get(account=account)
        yesterday = (NOW - timedelta(days=1)).date()
        act.record(EcmAccountLinkEnd(link=link, to_date=yesterday - timedelta(days=1)))
        eve = world.people["eve"]
        act.record(EcmAccountLink(account=account, person=eve, from_date=yesterday))
    RaisedAlert.objects.filter(pk=alert.pk).update(acknowledged_by=account, acknowledged_at=NOW)
    each = noticed(RaisedAlert.objects.get(), "late_entry")
    screened = queries.screened_of([each.pk])
    lines = pages.noticed_lines([(each.pk, "late_entry")], screened, pages_profile(world), {})
    assert lines[0].author == "Eve O’Brien"


def test_employment_is_told_as_it_was_known_then(world: World) -> None:
    for number in range(3):
        account = an_account(f"e{number}", person=world.people["eve"])  # of an agency
        for _ in range(8):
            noticed(a_record(world.alder, account))
    seq = evidence.last_seq()
    with evidence.act("accounts.imported", by=COMMAND_LINE.actor) as act:
        for link in EcmAccountLink.objects.filter(person=world.people["eve"]):
            act.record(EcmAccountLinkEnd(link=link, to_date=link.from_date - timedelta(days=1)))

    def titles(known: int | None) -> list[str]:
        period = queries.weeks_until(NOW, known=known)
        found = pages.overview(world.alder, pages_profile(world), period)
        return [group.title for group in found.employment]

    assert titles(None) == ["Whose account it is, is not known, or it is shared"]
    assert titles(seq) == ["Agency staff"]


def test_the_author_reads_their_own_record_and_not_the_one_beside_it(
    world: World, signed_in: Callable[[str], Client]
) -> None:
    other = a_record(world.alder, an_account("e.o", person=world.people["eve"]), "Someone else’s.")
    mine = a_record(world.alder, an_account("d.p", person=world.people["dan"]), "My own words.")
    noticed(mine, "reused_wording", words=(0, 6), beside=other)
    path = pages.href_of(Row(record=mine))
    assert "Someone else’s." in signed_in("tessa").get(path).content.decode()
    own = signed_in("dan").get(path).content.decode()
    assert "My own" in own
    assert "Someone else’s." not in own
    assert signed_in("eve").get(path).status_code == 403


def test_an_alert_that_nobody_answered_has_a_page(
    world: World, signed_in: Callable[[str], Client]
) -> None:
    alert = an_alert(world.alder)
    noticed(alert, "alert_without_response")
    row = Row(alert=alert)
    assert "rang" in signed_in("tessa").get(pages.href_of(row)).content.decode()
    fine(world, row, code="alert_without_response", reason="offline")
    assert waiting(world) == 0


def test_alerts_alike_are_told_apart_in_the_list(
    world: World, signed_in: Callable[[str], Client]
) -> None:
    """The same alert of the same person in the same minute, twice."""
    alerts = [an_alert(world.alder) for _ in range(2)]
    for alert in alerts:
        noticed(alert, "alert_without_response")
    taken = {"acknowledged_at": alert.raised_at + timedelta(minutes=12)}
    RaisedAlert.objects.filter(pk=alert.pk).update(
        **taken, acknowledged_by=an_account("e.o"), closed_at=alert.raised_at + timedelta(hours=3)
    )
    page = signed_in("tessa").get("/records/noticed/?service=ALD").text
    assert f"Number {alerts[0].alert_id}, not closed" in page
    assert f"Number {alert.alert_id}, taken 12 minutes after, closed 3 hours after" in page
    assert alert.alert_id in signed_in("tessa").get(f"/records/alerts/{alert.pk}/").text


@pytest.mark.parametrize(
    "query",
    ["signal=late_entry", "type=incident", "section=skin", "week=2026-01-07", "answered=fine"],
)
def test_each_filter_of_the_list_leaves_out_what_it_should(
    world: World, fell: Row, signed_in: Callable[[str], Client], query: str
) -> None:
    client = signed_in("tessa")
    path = "/records/noticed/?service=ALD"
    assert pages.href_of(fell) in client.get(path).content.decode()
    assert pages.href_of(fell) not in client.get(f"{path}&{query}").content.decode()


def test_no_share_of_few_records_nor_of_few_accounts(world: World) -> None:
    accounts = [an_account(f"a{n}") for n in range(4)]
    for n in range(pages.FEWEST):
        noticed(a_record(world.alder, accounts[0], at=NOW - timedelta(hours=40, minutes=n)), CODE)
    period = queries.weeks_until(NOW)
    profile = pages_profile(world)
    found = pages.overview(world.alder, profile, period)
    groups = (*found.record_types, *found.shifts, *found.employment)
    assert [group.noticed for group in groups] == [None, None, None]
    for account in accounts[1:]:
        noticed(a_record(world.alder, account, at=NOW - timedelta(hours=40)), CODE)
    again = pages.overview(world.alder, profile, period)
    assert again.shifts[0].noticed == again.record_types[0].noticed == pages.FEWEST + 3
    assert again.signals[0].waiting == pages.FEWEST + 3


def pages_profile(world: World) -> Profile:
    return profile_for(world.alder.setting, at=NOW)


def test_the_overview_counts_what_was_so_at_a_past_moment(world: World, fell: Row) -> None:
    with evidence.clock.at(NOW + timedelta(hours=2)):
        fine(world, fell)
        profile = pages_profile(world)
        now = pages.overview(world.alder, profile, queries.weeks_until(NOW + timedelta(hours=3)))
        then = pages.overview(world.alder, profile, queries.weeks_until(NOW + timedelta(hours=1)))
        before = pages.overview(world.alder, profile, queries.weeks_until(NOW - timedelta(days=9)))
        known = queries.weeks_until(NOW + timedelta(hours=3), known=0)
        unknown = pages.overview(world.alder, profile, known)
    assert (now.signals[0].fine, now.waiting) == (1, 0)
    assert (then.signals[0].fine, then.waiting) == (0, 1)
    assert before.signals == unknown.signals == []


def test_marks_stand_in_their_week(world: World) -> None:
    found = pages.overview(world.alder, pages_profile(world), queries.weeks_until(NOW))
    marked = {str(week.since): week.marks for week in found.weeks if week.marks}
    assert marked == {"2026-09-14": ("Alder House went live",)}


@given(
    st.text(max_size=40),
    st.lists(st.tuples(st.integers(-2, 45), st.integers(0, 20), st.integers(1, 4)), max_size=6),
)
def test_a_marked_text_says_what_the_text_says(
    text: str, spans: list[tuple[int, int, int]]
) -> None:
    found = pages.pieces(text, spans)
    assert "".join(piece.text for piece in found) == text
    for start, length, number in spans:
        inside = length > 0 and start >= 0 and start + length <= len(text)
        marked = "".join(piece.text for piece in found if number in piece.numbers)
        assert not inside or text[start : start + length] in marked or len(spans) > 1
        assert inside or any(s != (start, length, number) for s in spans) or not marked


def test_somebody_supported_is_a_pseudonym_on_every_page(
    world: World, fell: Row, signed_in: Callable[[str], Client]
) -> None:
    whom = somebody(world.alder, "Winifred Ashdown")
    noticed(a_record(world.alder, an_account("w"), "A quiet day.", subject=whom), CODE)
    client = signed_in("tessa")
    for path in ("/records/?service=ALD", "/records/noticed/?service=ALD"):
        assert "Ashdown" not in client.get(path).content.decode()
