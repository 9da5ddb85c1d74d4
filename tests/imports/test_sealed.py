"""What waits and what was refused of a file does not stand in clear in the database."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from surehand.evidence import clock
from surehand.evidence.refusal import NotPossible
from surehand.imports import matching, run
from surehand.imports.models import PendingImport, PendingPart, RefusedRows
from surehand.imports.reading import open_file
from surehand.people.access import COMMAND_LINE

HEADER = (
    "record_id,service_id,subject_id,author_id,record_type,section,occurred_at,recorded_at,text"
)
ROW = "R{},NOWHERE,Gwen1,tomasz,note,skin,2026-03-09T07:40,2026-03-09T07:55,Heels sore today."
CONTENT = f"{HEADER}\n{ROW.format(1)}\n{ROW.format(2)}\n".encode()
SAID = ("Heels", "Gwen1", "tomasz", "NOWHERE")


@pytest.fixture(autouse=True)
def _now(db: None) -> Any:
    with clock.at(datetime(2026, 3, 10, 9, 0, tzinfo=UTC)):
        yield


def in_clear() -> bytes:
    """All that the tables of imports hold, packed things unpacked by nobody."""
    tables = (PendingImport, PendingPart, RefusedRows)
    found = b""
    with connection.cursor() as cursor:
        for model in tables:
            cursor.execute(f"SELECT * FROM {model._meta.db_table}")
            for row in cursor.fetchall():
                for value in row:
                    raw = bytes(value) if isinstance(value, bytes | memoryview) else b""
                    found += raw + str(value).encode()
                    assert raw[:1] != b"\x78", "compressed and not sealed"
    return found


def test_a_file_that_waits_and_what_it_refused_is_sealed_and_reads_as_it_was() -> None:
    shown = run.preview("records", CONTENT, "f.csv", by=COMMAND_LINE)
    waiting = run.keep(shown, by=COMMAND_LINE)
    PendingImport.objects.filter(pk=waiting.pk).update(
        summary=run.summary(shown), refused=shown.refused_rows.content(), problem="“Heels sore”."
    )
    run.bring_in(waiting, by=COMMAND_LINE)
    found = in_clear()
    assert not any(word.encode() in found for word in SAID)
    waiting.refresh_from_db()
    assert waiting.problem == "“Heels sore”."
    assert "There are no services" in waiting.summary["problems"][0][2]
    assert run.kept(waiting, by=COMMAND_LINE).refused == 2
    assert "Heels sore today." in RefusedRows.objects.get().text


def test_a_file_whose_columns_are_to_be_matched_is_sealed() -> None:
    kind = run.find("records")
    file = open_file(CONTENT.replace(b"record_type", b"sort"), "f.csv")
    waiting = matching.keep_unmatched(kind, file, by=COMMAND_LINE)
    assert matching.seen(waiting, 1, 1)
    found = in_clear()
    assert not any(word.encode() in found for word in SAID)
    assert matching.seen(PendingImport.objects.get(), 1, 1)


def test_without_its_key_a_file_no_longer_waits_and_refused_rows_are_empty(
    settings: Any, tmp_path: Path
) -> None:
    waiting = run.keep(run.preview("records", CONTENT, "f.csv", by=COMMAND_LINE), by=COMMAND_LINE)
    run.bring_in(waiting, by=COMMAND_LINE)
    settings.IMPORTS_KEY = tmp_path / "another.key"
    waiting.refresh_from_db()
    assert (waiting.remarks, waiting.summary) == ([], {})
    with pytest.raises(NotPossible, match="no longer waiting"):
        run.kept(waiting, by=COMMAND_LINE)
    assert RefusedRows.objects.get().text == ""
