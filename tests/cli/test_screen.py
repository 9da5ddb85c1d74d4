"""`surehand screen`: the same rows from every kind of file, refusals in sentences, no database."""

import csv
import json
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest
from click.testing import CliRunner

from surehand.cli.__main__ import main

ROWS = [
    {
        "record_id": "r1", "service_id": "ALD", "subject_id": "P1", "author_id": "A1",
        "record_type": "note", "section": "wellbeing", "occurred_at": "2026-03-02T09:00",
        "recorded_at": "2026-03-02T09:05", "text": "Found on the floor with Betty, “all fine”.",
    },
    {
        "record_id": "r2", "service_id": "ALD", "subject_id": "P1", "author_id": "A1",
        "record_type": "alert", "section": "", "occurred_at": "2026-03-02T02:10+00:00",
        "recorded_at": "2026-03-02T02:20:00Z", "text": "On the edge of her bed; wanted the toilet.",
    },
]  # fmt: skip
ALERTS = [
    {"alert_id": "a1", "service_id": "ALD", "subject_id": "P1", "alert_type": "fall",
     "raised_at": "2026-03-02T02:00:00Z", "response_record_id": "r2"},
    {"alert_id": "a2", "service_id": "ALD", "subject_id": "P1", "alert_type": "fall",
     "raised_at": "2026-03-02T04:00:00Z", "response_record_id": ""},
]  # fmt: skip
NAMES = [{"service_id": "ALD", "subject_id": "P2", "name": "Betty Okafor"}]
NOTICED = {
    "alert_without_response": 1,
    "another_person_named": 1,
    "incident_in_note": 1,
    "missing_action": 1,
}


def run(*arguments: object) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["screen", *map(str, arguments)])
    return done.exit_code, done.output


def put(path: Path, rows: list[dict[str, Any]], encoding: str = "utf-8") -> Path:
    if path.suffix == ".ndjson":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding)
    elif path.suffix == ".parquet":
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), path)
    else:
        with path.open("w", encoding=encoding, newline="") as file:
            writer = csv.DictWriter(file, rows[0], delimiter=";")
            writer.writeheader()
            writer.writerows(rows)
    return path


@pytest.mark.parametrize("kind", ["csv", "ndjson", "parquet"])
def test_every_kind_of_file_is_read_and_written(kind: str, tmp_path: Path) -> None:
    records, alerts = put(tmp_path / f"r.{kind}", ROWS), put(tmp_path / f"a.{kind}", ALERTS)
    out = tmp_path / f"out.{kind}"
    names = put(tmp_path / f"n.{kind}", NAMES)
    code, said = run(
        records, alerts, "--profile", "residential-nursing", "-o", out, "--names", names, "--json"
    )
    assert code == 0, said
    assert json.loads(said)["noticed"] == NOTICED
    assert json.loads(said)["records"] == 4
    if kind == "parquet":
        rows = pyarrow.parquet.read_table(out).to_pylist()
    elif kind == "ndjson":
        rows = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    else:
        with out.open(encoding="utf-8", newline="") as file:
            rows = [row | {"reasons": json.loads(row["reasons"])} for row in csv.DictReader(file)]
    assert [row["record_id"] for row in rows] == ["a1", "r2", "a2", "r1"]
    assert [len(row["reasons"]) for row in rows] == [0, 0, 1, 3]


def test_windows_files_and_a_setting(tmp_path: Path) -> None:
    records = put(tmp_path / "r.csv", ROWS, "cp1252")
    code, said = run(records, "--profile", "residential-nursing", "-o", tmp_path / "o.csv",
                     "--setting", "N")  # fmt: skip
    assert (code, "setting N" in said) == (0, True)


def test_refusals_are_sentences(tmp_path: Path) -> None:
    good = put(tmp_path / "r.csv", ROWS)
    out = tmp_path / "o.csv"

    def refused(*arguments: object) -> str:
        code, said = run(*arguments)
        assert code == 1, said
        assert not out.exists()
        return said

    shipped = ("--profile", "residential-nursing")
    assert "no such file" in refused(good, "--profile", "ours", "-o", out)
    assert "not for H" in refused(good, *shipped, "-o", out, "--setting", "H")
    assert "ends in .csv" in refused(good, *shipped, "-o", tmp_path / "o.txt")
    bad = put(tmp_path / "bad.csv", [ROWS[0] | {"occurred_at": "yesterday"}])
    assert "row 1 has “yesterday”" in refused(bad, *shipped, "-o", out)
    less = put(tmp_path / "less.csv", [{"record_id": "r1"}])
    assert "has no column service_id" in refused(less, *shipped, "-o", out)
    broken = tmp_path / "broken.ndjson"
    broken.write_text('{"record_id": "r1"}\n{', "utf-8")
    assert "line 2 is not JSON" in refused(broken, *shipped, "-o", out)
    nothing = tmp_path / "nothing.parquet"
    nothing.write_bytes(b"PAR1")
    assert "cannot be read" in refused(nothing, *shipped, "-o", out)
    assert "more than once" in refused(good, good, *shipped, "-o", out)
    words = tmp_path / "words.yaml"
    words.write_text('version: "1.0"\nadd: {incidents: [fell]}', "utf-8")
    assert "no list here" in refused(good, *shipped, "-o", out, "--words", words)
