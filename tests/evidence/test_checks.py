"""`doctor` finds facts that are not as their entries recorded them."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from surehand import evidence
from surehand.evidence import SYSTEM, NotPossible, act, checks, facts, queries
from surehand.evidence.models import Checkpoint, Head
from tests.evidence.sample import Sample
from tests.provider import World


def problems() -> list[str]:
    said = {}
    for seq in range(1, evidence.last_seq() + 1):
        entry = queries.entry(seq=seq)
        assert entry is not None
        for row in entry["facts"]:
            if row["table"] == "evidence_tests.Sample":
                said[seq] = (row["count"], tuple(row["columns"]), row["root"])
    return list(facts.by_entry(Sample, said, upto=9))


@pytest.mark.usefixtures("samples")
def test_facts_read_back_are_as_recorded_whatever_form_they_were_given_in() -> None:
    with act("sample.recorded", by=SYSTEM) as opened:
        opened.record(
            Sample(
                code=7,
                slot="70",
                share=Decimal("1"),
                on="2026-03-03",
                at=datetime(2026, 3, 3, 9, tzinfo=UTC),
                ref="0123456789abcdef0123456789abcdef",
                more={"b": [1, "x", None], "a": True},
            )
        )
        opened.record(
            Sample(
                code="e\u0301é\U0001f600",
                slot=71,
                share="0.125",
                on=date(2026, 3, 3),
                ref=UUID(int=5),
            )
        )
    assert problems() == []


@pytest.mark.usefixtures("samples")
@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("UPDATE {t} SET code = 'other' WHERE code = 'c1'", "not as they were recorded"),
        ("UPDATE {t} SET entry = 2 WHERE code = 'c1'", "not as they were recorded"),
        ("UPDATE {t} SET entry = 9 WHERE code = 'c2'", "does not record it"),
        ("UPDATE {t} SET happened_at = '2020-01-01' WHERE code = 'c2'", "not as they were"),
        ("DELETE FROM {t} WHERE code = 'c2'", "are missing"),
    ],
)
def test_a_fact_changed_behind_the_guards_no_longer_fits_its_entry(
    sql: str, found: str, samples: list[str], lifted_triggers: Callable[[str], None]
) -> None:
    assert problems() == []
    lifted_triggers(sql.format(t=samples[0]))
    assert any(found in problem for problem in problems())


@pytest.fixture
def lifted_triggers() -> Callable[[str], None]:
    """Run SQL as the owner of the database could, past the guards."""

    def run(sql: str) -> None:
        with evidence.guards.lifted(), connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute("PRAGMA foreign_keys = OFF")
                cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
                for (name,) in cursor.fetchall():
                    cursor.execute(f'DROP TRIGGER "{name}"')
            else:
                table = sql.replace("DELETE FROM", "UPDATE").split()[1]
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
            cursor.execute(sql)

    return run


@pytest.mark.usefixtures("template_database")
def test_all_is_well_with_a_sound_ledger_and_the_head_is_checked() -> None:
    with act("sample.recorded", by=SYSTEM):
        pass
    note = bytes(evidence.make_checkpoint().note)
    assert [(name, sentence) for name, well, sentence in checks.run() if not well] == []
    assert evidence.verify_ledger(note).ok
    Head.objects.update(frontier=bytes(32))
    failed = {name: sentence for name, well, sentence in checks.run() if not well}
    assert failed == {"ledger": "The head does not fit the first 1 entries."}
    with pytest.raises(NotPossible, match="no longer continues"):
        evidence.make_checkpoint()


@pytest.mark.usefixtures("template_database")
def test_a_checkpoint_is_signed_once_for_each_state_of_the_ledger(settings: Any) -> None:
    first = evidence.make_checkpoint()
    assert evidence.make_checkpoint() == first
    with act("sample.recorded", by=SYSTEM):
        pass
    second = evidence.make_checkpoint()
    assert (first.size, second.size) == (0, 1)
    assert Checkpoint.objects.count() == 2
    settings.CHECKPOINT_KEY.chmod(0o644)
    assert [name for name, well, _ in checks.run() if not well] == ["checkpoint key"]


def test_every_fact_of_a_working_provider_fits_its_entry(world: World) -> None:
    checked = {name: (well, sentence) for name, well, sentence in checks.run()}
    assert checked["facts"] == (
        True,
        "Every fact is as its entry recorded it, and none is missing.",
    )
    assert checked["ledger"][0], checked["ledger"]
    assert evidence.last_seq() > 0
