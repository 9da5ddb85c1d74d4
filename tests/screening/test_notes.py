"""The labelled notes keep their format: what the rules are measured on can be read and trusted."""

import json
from collections import Counter
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from surehand.ecm.profile import starter

NOTES = Path(__file__).parent / "notes"
FILES = sorted(path for path in NOTES.glob("*.ndjson") if not path.stem.endswith("-names"))
PROFILES = {
    "R": starter("residential-nursing"),
    "H": starter("home-care"),
    "S": starter("supported-living"),
}
SIGNALS = {
    "required_field_missing",
    "late_entry",
    "entry_before_event",
    "incident_in_note",
    "incident_without_action",
    "incident_without_escalation",
    "alert_without_response",
    "another_person_named",
    "reused_wording",
    "stock_phrases",
    "text_for_field",
    "wrong_section",
    "missing_action",
    "bulk_entry",
}
IN_WORDS = {"incident_in_note", "missing_action", "wrong_section", "text_for_field"}
"""What the third and fourth sets are of."""
COLUMNS = {
    "record_id": str,
    "service_id": str,
    "subject_id": str,
    "author_id": str,
    "record_type": str,
    "section": str,
    "occurred_at": str,
    "recorded_at": str,
    "text": str,
    "fields": dict,
    "responds_to": str,
    "version": int,
    "change_type": str,
    "labels": list,
    "why": dict,
}
CHANGES = {"create", "amend", "void", "late", "approve"}


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def names_beside(path: Path) -> list[dict[str, Any]]:
    return rows(path.with_name(f"{path.stem}-names.ndjson"))


def test_the_held_out_half_is_here():
    assert "held-out" in {path.stem for path in FILES}


def test_no_record_is_in_two_files_or_twice_in_one():
    seen = Counter(row["record_id"] for path in FILES for row in rows(path))
    assert [record for record, times in seen.items() if times > 1] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
class TestFile:
    def test_every_row_has_the_columns_and_no_other(self, path: Path):
        for row in rows(path):
            assert {name: type(value) for name, value in row.items()} == COLUMNS, row["record_id"]

    def test_labels_are_known_signals_each_with_its_reason(self, path: Path):
        for row in rows(path):
            assert set(row["labels"]) <= SIGNALS, row["record_id"]
            assert len(row["labels"]) == len(set(row["labels"])), row["record_id"]
            assert set(row["why"]) == set(row["labels"]), row["record_id"]
            assert all(row["why"].values()), row["record_id"]

    def test_every_signal_is_there_to_be_found(self, path: Path):
        there = {label for row in rows(path) for label in row["labels"]}
        assert there >= (IN_WORDS if path.stem in ("third", "fourth") else SIGNALS)

    def test_about_half_of_the_notes_carry_no_signal(self, path: Path):
        found = rows(path)
        assert 0.4 < sum(not row["labels"] for row in found) / len(found) < 0.7

    def test_times_have_an_offset(self, path: Path):
        for row in rows(path):
            for column in ("occurred_at", "recorded_at"):
                assert datetime.fromisoformat(row[column]).tzinfo is not None, row["record_id"]

    def test_types_sections_and_fields_are_those_of_the_profile(self, path: Path):
        for row in rows(path):
            profile = PROFILES[row["service_id"][-1]]
            if row["record_type"] == "raised-alert":
                profile.alert_type(row["section"])
                assert (row["text"], row["fields"], row["author_id"]) == ("", {}, "")
                continue
            kind = profile.record_type(row["record_type"])
            assert row["section"] in ("", *kind.sections), row["record_id"]
            assert row["text"].strip() or row["record_type"] != "note", row["record_id"]
            assert row["author_id"], row["record_id"]
            fields = {field.code: field for field in kind.fields}
            for code, value in row["fields"].items():
                assert code in fields, row["record_id"]
                if fields[code].kind == "choice" and value:
                    assert value in fields[code].options, row["record_id"]

    def test_required_fields_are_labelled_missing_just_where_they_are(self, path: Path):
        for row in rows(path):
            if row["record_type"] == "raised-alert":
                continue
            kind = PROFILES[row["service_id"][-1]].record_type(row["record_type"])
            missing = bool(kind.missing(row["fields"]))
            assert missing == ("required_field_missing" in row["labels"]), row["record_id"]

    def test_versions_and_answers_make_sense(self, path: Path):
        found = rows(path)
        records = {row["record_id"]: row for row in found}
        for row in found:
            assert row["version"] >= 1
            assert row["change_type"] in CHANGES
            if row["responds_to"]:
                answered = records[row["responds_to"]]
                assert answered["subject_id"] == row["subject_id"], row["record_id"]

    def test_everybody_written_about_is_in_the_names(self, path: Path):
        named = {(one["service_id"], one["subject_id"]) for one in names_beside(path)}
        assert {(row["service_id"], row["subject_id"]) for row in rows(path)} <= named
        assert all(one["name"] for one in names_beside(path))

    def test_bulk_entries_lie_close_together(self, path: Path):
        """Labelled by hand over many lines, so one left out or put in by mistake is caught."""
        runs: dict[str, list[datetime]] = {}
        for row in rows(path):
            if "bulk_entry" in row["labels"]:
                runs.setdefault(row["author_id"], []).append(
                    datetime.fromisoformat(row["recorded_at"])
                )
        for times in runs.values():
            gaps = [(b - a).total_seconds() for a, b in pairwise(sorted(times))]
            assert len(times) >= 5
            # A second run of the same account begins after a long gap.
            assert all(gap <= 180 or gap > 3600 for gap in gaps)


def test_the_readme_counts_what_is_in_the_held_out_half():
    found = rows(NOTES / "held-out.ndjson")
    lines = (NOTES / "README.md").read_text(encoding="utf-8").splitlines()
    counts = {
        cells[1].strip(" `"): cells[2:6]
        for cells in (line.split("|") for line in lines)
        if len(cells) == 8
    }
    for signal in SIGNALS:
        by_profile = Counter(row["service_id"][-1] for row in found if signal in row["labels"])
        held_out = [*(by_profile[setting] for setting in "RHS"), by_profile.total()]
        assert [int(cell) for cell in counts[signal]] == held_out, signal
