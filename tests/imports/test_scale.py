"""The number of SQL statements does not grow with the file."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from surehand.imports import run
from surehand.people.access import COMMAND_LINE

HEADER = "person_id,name,role,service_id,employment,start_date,team,responsibilities"


def people(count: int, *, role: str = "CW") -> bytes:
    rows = [
        f"X{count}-{n},Name {n},{role},ALDER,permanent,2025-06-02,T{n % 7},alr"
        for n in range(count)
    ]
    return "\n".join([HEADER, *rows]).encode()


def rota(count: int, *, end: str = "15") -> bytes:
    rows = [
        f"R{count}-{n},ALDER,P{n % 3 + 1},2026-03-12T07:30,2026-03-12T{end}:30"
        for n in range(count)
    ]
    return "\n".join(["shift_id,service_id,person_id,starts_at,ends_at", *rows]).encode()


def attendance(count: int) -> bytes:
    rows = [f"P{n % 3 + 1},Course {n},2026-02-02,Brindle Training" for n in range(count)]
    return "\n".join(["person_id,course,date,provider", *rows]).encode()


def statements(work: Any) -> int:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        work()
    return len(queries)


@pytest.mark.parametrize(
    ("kind", "files"),
    [
        ("people", [people(10), people(500)]),
        ("rota", [rota(10), rota(500)]),
        ("attendance", [attendance(10), attendance(500)]),
    ],
)
def test_a_preview_takes_as_many_statements_for_500_rows_as_for_10(
    home: None, kind: str, files: list[bytes]
) -> None:
    def work(content: bytes) -> None:
        run.preview(kind, content, "f.csv", by=COMMAND_LINE)

    few, many = (statements(lambda f=f: work(f)) for f in files)
    assert few == many
    for content in files:
        run.commit(run.preview(kind, content, "f.csv", by=COMMAND_LINE), by=COMMAND_LINE)
    few_again, many_again = (statements(lambda f=f: work(f)) for f in files)
    assert few_again == many_again


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        ("people", [people(10), people(500)], [people(10, role="SC"), people(500, role="SC")]),
        ("rota", [rota(10), rota(500)], [rota(10, end="16"), rota(500, end="16")]),
    ],
)
def test_a_commit_writes_in_bulk(
    home: None, kind: str, before: list[bytes], after: list[bytes]
) -> None:
    def work(content: bytes) -> None:
        shown = run.preview(kind, content, "f.csv", by=COMMAND_LINE)
        assert run.commit(shown, by=COMMAND_LINE)

    for files in (before, after):
        few, many = (statements(lambda f=f: work(f)) for f in files)
        # A database takes a limited number of values in a statement: some inserts come in batches.
        assert many <= few + 40
