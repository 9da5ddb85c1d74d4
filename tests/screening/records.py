"""Records for tests of screening, said in few words."""

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pyarrow as pa

from surehand.ecm import profile as profiles
from surehand.ecm.screening_rules import ruleset_of
from surehand.screening import NAMES, RECORDS, Ruleset, screen

NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@cache
def rules(setting: str = "R") -> Ruleset:
    code = {"R": "residential-nursing", "N": "residential-nursing", "H": "home-care"}
    return ruleset_of(profiles.starter(code.get(setting, "supported-living")), setting)


def record(
    text: str = "", *, at: float = 0, late: float = 5, kind: str = "note", **said: Any
) -> dict[str, Any]:
    """A record of Joyce (P1), `at` minutes after nine, written `late` minutes later."""
    occurred = NINE + timedelta(minutes=at)
    return {
        "record_id": "",
        "service_id": "ALD",
        "subject_id": "P1",
        "author_id": "A1",
        "record_type": kind,
        "section": "",
        "occurred_at": occurred,
        "recorded_at": occurred + timedelta(minutes=late),
        "text": text,
        "fields": "",
        "responds_to": "",
        "version": 1,
        "change_type": "create",
    } | said


def table(*records: dict[str, Any]) -> pa.Table:
    rows = [
        one | {"record_id": one["record_id"] or f"r{number}"}
        for number, one in enumerate(records, 1)
    ]
    return pa.Table.from_pylist(rows, schema=RECORDS)


def people(*names: tuple[str, str, str]) -> pa.Table:
    return pa.Table.from_pylist(
        [dict(zip(NAMES.names, row, strict=True)) for row in names], schema=NAMES
    )


JOYCE_AND_BETTY = people(
    ("ALD", "P1", "Joyce Smith"), ("ALD", "P2", "Betty Okafor"), ("ALD", "P3", "Rose Green")
)


def reasons(
    *records: dict[str, Any], names: pa.Table | None = JOYCE_AND_BETTY, setting: str = "R"
) -> dict[str, list[dict[str, Any]]]:
    """By record_id: the reasons, in their order."""
    found = screen(table(*records), rules(setting), names=names)
    return {row["record_id"]: row["reasons"] for row in found.to_pylist()}


def codes(*records: dict[str, Any], **options: Any) -> list[str]:
    """The signals of the last record given."""
    last = records[-1]["record_id"] or f"r{len(records)}"
    return [one["code"] for one in reasons(*records, **options)[last]]
