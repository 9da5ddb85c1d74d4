"""How long what live records say is kept: the rule, and what retention does by it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from surehand import evidence
from surehand.evidence import checks, queries
from surehand.governance import due, retention
from surehand.governance.models import Erasure
from surehand.imports import run
from surehand.people.access import COMMAND_LINE
from surehand.people.models import Person
from surehand.records.keeping import kept_until
from surehand.records.models import (
    LiveRecord,
    RaisedAlert,
    RecordText,
    Screened,
    Signal,
    SignalAnswer,
    Subject,
)
from tests.conftest import Database

from .conftest import HEADER, NOW, PEOPLE, SERVICES

Take = Callable[..., run.Preview]

DAYS = st.integers(0, 400).map(lambda days: timedelta(days=days))
MOMENTS = st.integers(-2000, 2000).map(lambda days: NOW + timedelta(days=days))


@given(MOMENTS, st.booleans(), st.none() | MOMENTS, DAYS, DAYS)
def test_what_makes_it_longer_never_makes_it_shorter(
    came_in: datetime,
    flagged: bool,
    asked: datetime | None,
    replay: timedelta,
    flagged_for: timedelta,
) -> None:
    def until(**other: Any) -> datetime:
        said = {"flagged": flagged, "asked": asked} | other
        return kept_until(came_in=came_in, replay=replay, flagged_for=flagged_for, **said)

    assert until() >= came_in + replay
    assert until(flagged=True) >= until(flagged=False)
    assert until() >= until(asked=None)
    assert asked is None or until() >= asked
    assert until(flagged=False, asked=None) == came_in + replay


@pytest.fixture
def home_long_ago(take: Take) -> None:
    """The home, from long ago: what is recorded never goes back in time."""
    with evidence.clock.at(NOW - timedelta(days=900)):
        take("services", SERVICES)
        take("people", PEOPLE)


def bring_in(ids: list[str], *, take: Take, days_ago: float) -> None:
    """Records of these ids, brought in so long ago."""
    at = NOW - timedelta(days=days_ago)
    row = "{},ALDER,RES1,ade.o,note,skin,{:%Y-%m-%dT%H:%M},{:%Y-%m-%dT%H:%M},Heels {} were fine.\n"
    with evidence.clock.at(at):
        take("records", HEADER + "".join(row.format(one, at, at, one) for one in ids))


def notice(
    record: LiveRecord, *, beside: LiveRecord | None = None, fine: bool | None = None
) -> None:
    """A signal on a record, answered as fine, as needing something, or not at all."""
    screened, _ = Screened.objects.get_or_create(
        record=record, defaults={"service": record.service, "at": NOW, "ruleset": "1"}
    )
    Signal.objects.create(screened=screened, code="late_entry", strength="sound", beside=beside)
    if fine is not None:
        answer(record, "fine" if fine else "needs")


def answer(record: LiveRecord, said: str, supersedes: SignalAnswer | None = None) -> SignalAnswer:
    with evidence.act("signal.answered", by=COMMAND_LINE.actor) as act:
        return act.record(
            SignalAnswer(
                service=record.service,
                row_id=record.record_id,
                version=record.version,
                code="late_entry",
                answer=said,
                reason="other",
                by=Person.objects.order_by("pk")[0],
                supersedes=supersedes,
            )
        )


AGES = (1, 27.9, 28, 60, 91.9, 92, 200)
NOTICED = ("nothing", "open", "fine", "needs", "beside", "beside fine")
ASKED = (None, -1, 5)  # in so many days


def test_retention_keeps_just_what_the_rule_says(take: Take, home_long_ago: None) -> None:
    every = list(product(AGES, NOTICED, ASKED))
    for age in sorted(AGES, reverse=True):
        ids = [f"R{n}" for n, one in enumerate(every) if one[0] == age]
        bring_in([*ids, *(f"{one}-other" for one in ids)], take=take, days_ago=age)
    records = {one.record_id: one for one in LiveRecord.objects.select_related("service")}
    expected = set()
    for n, (age, noticed, asked) in enumerate(every):
        own, other = records[f"R{n}"], records[f"R{n}-other"]
        if noticed in {"open", "fine", "needs"}:
            notice(own, fine={"open": None, "fine": True, "needs": False}[noticed])
        elif noticed.startswith("beside"):
            notice(other, beside=own, fine=True if noticed == "beside fine" else None)
        until = None if asked is None else NOW + timedelta(days=asked)
        RecordText.objects.filter(record=own).update(keep_until=until)
        kept = kept_until(
            came_in=NOW - timedelta(days=age),
            flagged=noticed in {"open", "needs", "beside"},
            asked=until,
            replay=timedelta(days=28),
            flagged_for=timedelta(days=92),
        )
        if kept > NOW:
            expected.add(own.record_id)
    with CaptureQueriesContext(connection) as captured:
        erased = retention.apply()
    left = set(RecordText.objects.values_list("record__record_id", flat=True))
    assert {one for one in left if not one.endswith("-other")} == expected
    assert LiveRecord.objects.count() == 2 * len(every)
    entry = queries.entry(seq=evidence.last_seq())
    assert entry
    assert entry["kind"] == "retention.applied"
    assert entry["state"]["erased"] == erased
    assert set(erased) == {"records.RecordText", "records.RecordText.flagged"}
    texts = 'DELETE FROM "records_recordtext"'
    assert len([q for q in captured if q["sql"].startswith(texts)]) == 2  # however many
    assert retention.apply() == {}


def test_what_is_called_fine_goes_and_what_is_no_longer_called_fine_stays(
    take: Take, home_long_ago: None
) -> None:
    bring_in(["R1"], take=take, days_ago=40)
    record = LiveRecord.objects.select_related("service").get()
    notice(record)
    first = answer(record, "fine")
    answer(record, "needs", supersedes=first)
    assert retention.apply() == {}
    with evidence.clock.at(NOW + timedelta(days=60)):
        assert retention.apply() == {"records.RecordText.flagged": 1}


def test_an_administrator_says_how_long_within_bounds(take: Take, home_long_ago: None) -> None:
    bring_in(["R1"], take=take, days_ago=10)
    assert retention.apply() == {}
    with pytest.raises(Exception, match="choose 7 to 56 days"):
        retention.change(by=COMMAND_LINE, days={"records.RecordText": 57}, leavers=None)
    retention.change(by=COMMAND_LINE, days={"records.RecordText": 7}, leavers=None)
    assert retention.apply() == {"records.RecordText": 1}


def test_records_alerts_and_people_go_with_all_that_hangs_on_them(
    take: Take, home_long_ago: None
) -> None:
    bring_in(["R1", "R2"], take=take, days_ago=800)
    header = "alert_id,service_id,subject_id,alert_type,raised_at\n"
    take("alerts", f"{header}A1,ALDER,RES1,bed_exit,2024-01-01T02:10\n")
    take(
        "records", HEADER + "R9,ALDER,RES9,ade.o,note,skin,2026-03-09T07:40,2026-03-09T07:55,So.\n"
    )
    first, second, ninth = LiveRecord.objects.order_by("record_id")
    notice(first, beside=second)
    notice(ninth, beside=second)
    with CaptureQueriesContext(connection) as captured:
        erased = retention.apply()
    assert erased["records.LiveRecord"] == 2
    assert erased["records.RaisedAlert"] == 1
    assert LiveRecord.objects.get() == ninth
    assert not RaisedAlert.objects.exists()
    assert Signal.objects.get().beside is None
    assert Subject.objects.count() == 2  # seen in the alerts file, just now
    assert len(captured) < 90
    connection.check_constraints()


# --- The bytes ------------------------------------------------------------------------------------


@pytest.fixture
def real(template_database: Database) -> Database:
    with evidence.clock.at(NOW - timedelta(days=30)):
        for kind, text in (("services", SERVICES), ("people", PEOPLE)):
            run.commit(run.preview(kind, text.encode(), "f.csv", by=COMMAND_LINE), by=COMMAND_LINE)
        row = "R1,ALDER,RES1,ade.o,note,skin,2026-02-01T07:40,2026-02-01T07:55,Heels were red.\n"
        shown = run.preview("records", (HEADER + row).encode(), "f.csv", by=COMMAND_LINE)
        run.commit(shown, by=COMMAND_LINE)
    return template_database


def bytes_of(database: Database) -> bytes:
    """Everything in the database's own files."""
    if connection.vendor == "sqlite":
        files = Path(database.name).parent.glob(f"{Path(database.name).name}*")
        return b"".join(file.read_bytes() for file in files)
    with connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")
        cursor.execute(
            "SELECT pg_read_binary_file(pg_relation_filepath(c.oid)) FROM pg_class c"
            " WHERE relkind IN ('r', 'i', 't') AND relnamespace IN"
            " ('public'::regnamespace, 'pg_toast'::regnamespace) AND relpersistence = 'p'"
        )
        return b"".join(bytes(content) for (content,) in cursor.fetchall())


def test_nothing_of_a_text_is_left_in_the_files_of_the_database(real: Database) -> None:
    sealed = bytes(RecordText.objects.get().content)
    assert sealed in bytes_of(real)
    assert due.keep_no_longer() == ["records.RecordText: 1 erased, kept long enough."]
    if connection.vendor == "postgresql" and Erasure.objects.exists():
        return  # others work in this cluster just now, and PostgreSQL keeps it for as long
    assert not Erasure.objects.exists()
    assert sealed[:24] not in bytes_of(real)
    assert due.keep_no_longer() == []
    assert [sentence for _, well, sentence in checks.run() if not well] == []
    assert evidence.verify_ledger().ok
