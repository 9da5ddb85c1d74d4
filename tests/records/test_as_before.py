"""An ugly export comes in as it always did: what was counted, refused, noted and written is held
against what the plain way, a row at a time, made of the same file before it was made fast.

`SUREHAND_GOLDEN=1` writes `as_before.json` anew; look at what changed before keeping it.
"""

import csv
import io
import json
import os
import random
from collections.abc import Callable, Iterator
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from django.test import override_settings
from pyarrow import parquet

from surehand.evidence import randomness
from surehand.evidence.models import Entry
from surehand.imports import run
from surehand.imports.models import RowCommitment
from surehand.people.access import COMMAND_LINE
from surehand.people.models import EcmAccountDetails
from surehand.records.models import KeptAside, LiveRecord, RecordText, Subject
from surehand.records.sealed import unseal

from .conftest import NOW

pytestmark = pytest.mark.usefixtures("home")
GOLDEN = Path(__file__).with_name("as_before.json")

COLUMNS = (
    *("Record ID", "service_id", "subject_id", "author_id", "record_type", "section", "weather"),
    *("occurred_at", "recorded_at", "text", "version", "change_type", "fields", "responds_to"),
    "subject_name",
)
TIMES = (
    *("2026-03-09T07:40", "2026-03-09 07:40:30", "09/03/2026 7:40", "2026-03-09T07:40:00Z"),
    *("2026-03-09T07:40:00.25+01:00", "46090.3125", "2025-10-26T01:30", "2026-03-29T01:30"),
    *("2025-07-01T12:00", "2025-07-01T23:30:15", "1999-12-31T23:00", "2026-03-10T09:01:59"),
    *("2026-03-10T12:00", "yesterday", "", "2026-02-30T10:00", "2026-03-09T24:00", "20260309T0740"),
    *("2026-03-09T07:40:00.123456", "0001-01-01T00:00", "2026-03-09", " 2026-03-09T07:41 "),
)
TEXTS = (
    *("Heels looked fine.", "  Heels   looked fine. ", "Ate half,\r\nthen slept.", "'=1+1", "=1+1"),
    *("She said “no” – twice.", "Cafe\u0301 au lait", "didn't", "'didn't", "x" * 700, "é" * 600),
    *("a\x07b\tc", "", "-", "“", '{"a": 1}', "\ufeffmark", "line\rline", "nul \x7f", "x" * 100_001),
)
FIELDS = (
    *(
        "",
        "{}",
        '{"mood": "settled"}',
        '{"Mood": "SETTLED", "Weather": "rain"}',
        "[1]",
        "{",
        "null",
    ),
    *('{"mood": 3, "support": "three"}', '{"a": "\\ud800"}', '{"é": "è", "b": [1, 2.50, 1e3]}'),
)
WORDS = {
    "service_id": ("ALDER", "alder", "QUAY", " ALDER ", "ELM", ""),
    "subject_id": ("RES1", "RES2", "res1", "RES  1", "", "R\u200bES1", "é", "9" * 81),
    "author_id": ("ade.o", "ADE.O", "bea", "shared", "", "an\u202eother"),
    "record_type": ("note", "DAILY NOTE", "incident", "Obs round", ""),
    "section": ("skin", "Food and Drink", "Feet", "", "wellbeing", "FOOD & DRINK"),
    "weather": ("rain", ""),
    "version": ("", "1", "2", "3", "v2", "2.0", "0", "x"),
    "change_type": ("", "create", "edited", "Late entry", "void", "burnt"),
    "responds_to": ("", "A1", " A1 "),
    "subject_name": ("", "", "", "Gwen Price", "Zoë  Lark"),
    "fields": FIELDS,
    "text": TEXTS,
    "occurred_at": TIMES,
    "recorded_at": TIMES,
}


def cells(chance: random.Random) -> list[str]:
    """A row that is mostly right: what stands first in each list above is likeliest."""
    row = [f"R{chance.randrange(90)}"]
    for name in COLUMNS[1:]:
        options = WORDS[name]
        right = 0.93 if name != "text" else 0.4
        row.append(options[0] if chance.random() < right else chance.choice(options))
    return row


def a_csv(rows: int, seed: int) -> bytes:
    """Rows of the right width, and some that are too long, too short, empty or only sums."""
    chance = random.Random(seed)
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(["Export of notes", "", ""])
    writer.writerow([*COLUMNS, ""])
    for n in range(rows):
        row = cells(chance)
        if n % 37 == 5:
            row += ["", "more"]
        elif n % 41 == 6:
            row += ["", ""]
        elif n % 43 == 7:
            del row[11:]
        elif n % 47 == 8:
            row = [""] * len(row)
        elif n % 53 == 9:
            row = ["Total", *[""] * 8, "12"]
        writer.writerow(row)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _dicts(rows: int, seed: int) -> list[dict[str, str]]:
    chance = random.Random(seed)
    return [dict(zip(COLUMNS, cells(chance), strict=True)) for _ in range(rows)]


def an_ndjson(rows: int, seed: int) -> bytes:
    said: list[dict[str, Any]] = list(_dicts(rows, seed))
    for n, row in enumerate(said):
        if n % 7 == 0:
            row["fields"] = {"mood": "settled", "n": n}
        if n % 11 == 0:
            row["version"] = None
            del row["weather"]
    return "\n".join(json.dumps(row) for row in said).encode()


def a_parquet(rows: int, seed: int) -> bytes:
    out = io.BytesIO()
    said: list[dict[str, Any]] = list(_dicts(rows, seed))
    for n, row in enumerate(said):
        row["recorded_at"] = None if n % 23 == 4 else NOW.replace(hour=n % 9, minute=n % 60)
        row["text"] = row["text"].encode("utf-8", "replace").decode()
    parquet.write_table(pa.Table.from_pylist(said), out)
    return out.getvalue()


FILES: tuple[tuple[str, bytes], ...] = (
    ("first.csv", a_csv(260, 1)),
    ("again.csv", a_csv(260, 1)),
    ("later.csv", a_csv(200, 2)),
    ("later.ndjson", an_ndjson(120, 3)),
    ("later.parquet", a_parquet(120, 4)),
    ("again.parquet", a_parquet(120, 4)),
)


def shown(preview: run.Preview) -> dict[str, Any]:
    """All that a preview says."""
    return {
        "counts": [
            preview.rows,
            preview.added,
            preview.changed,
            preview.unchanged,
            preview.refused,
        ],
        "notes": preview.notes,
        "problems": [f"{p.row} {p.column}: {p.sentence}" for p in preview.problems],
        "first": _hash([does, *line[:2]] for does, line in preview.first),
        "refused_file": _hash([preview.refused_file()]),
    }


def _hash(rows: Iterator[Any] | list[Any]) -> str:
    said = "\n".join(json.dumps(row, default=_plain, ensure_ascii=False) for row in rows)
    return sha256(said.encode("utf-8", "surrogatepass")).hexdigest()


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else bytes(value).hex()


def written() -> dict[str, Any]:
    """All that stands in the database; what is sealed as it reads opened."""
    records = LiveRecord.objects.order_by("pk").values_list(
        *("record_id", "version", "change_type", "service__code", "subject__pseudonym"),
        *("account__details__reference", "record_type", "section", "occurred_at", "recorded_at"),
        *("responds_to", "profile", "digest", "entry", "replaced_by"),
    )
    texts = RecordText.objects.order_by("record__pk").select_related("record")
    aside = KeptAside.objects.order_by("pk")
    entries = Entry.objects.filter(kind="records.imported").order_by("seq")
    leaves = RowCommitment.objects.filter(entry__in=entries.values("seq")).order_by("pk")
    leaves = leaves.values_list("entry", "position", "row", "about", "digest", "salt")
    return {
        "versions": [f"{row[0]}.{row[1]}" for row in records],
        "columns of records": _hash(records),
        "texts": _hash([t.record.record_id, unseal(t.content), t.keep_until] for t in texts),
        "aside": _hash(
            [
                *(a.row_id, a.version, a.service.code, a.why, a.said, a.digest, a.entry),
                *(a.done_by, unseal(a.content) if a.content else ""),
            ]
            for a in aside
        ),
        "people": sorted((s.pseudonym, s.service.code, unseal(s.name) if s.name else "")
                         for s in Subject.objects.all()),
        "accounts": sorted(EcmAccountDetails.objects.values_list("reference", flat=True)),
        "rows committed to": [leaves.count(), _hash(leaves)],
        "roots": [json.loads(bytes(entry.content))["roots"] for entry in entries],
    }  # fmt: skip


def test_an_ugly_export_comes_in_as_it_always_did(
    take: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = tmp_path / "subjects.key"
    key.write_text("5a" * 32)
    monkeypatch.setattr(run, "BATCH", 70)
    chance = random.Random(9)
    found: dict[str, Any] = {}
    take("accounts", "account_id,person_id,from_date,to_date,shared\nshared,,2026-01-05,,yes\n"
                     "bea,P2,2026-01-05,,no\n")  # fmt: skip
    with override_settings(SUBJECTS_KEY=key), randomness.using(chance.randbytes):
        for n, (name, content) in enumerate(FILES):
            preview = run.preview("records", content, name, by=COMMAND_LINE)
            found[name] = shown(preview)
            done = run.commit(preview, by=COMMAND_LINE)
            assert (done is not None) == preview.does_something, name
            if done:
                counts = [done.added, done.changed, done.unchanged, done.refused]
                found[name]["brought in"] = counts
                assert counts == found[name]["counts"][1:], name
            found[f"after {n}"] = written()
    if os.environ.get("SUREHAND_GOLDEN"):
        GOLDEN.write_text(json.dumps(found, indent=0, ensure_ascii=False) + "\n")
    before = json.loads(GOLDEN.read_text())
    for what, said in json.loads(json.dumps(found)).items():
        for part, value in said.items():
            assert value == before[what][part], (what, part)
