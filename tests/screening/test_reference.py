"""The compiled pass and the sorted columns say what plain Python says."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from surehand.screening import Limits, Ruleset, screen
from tests.conftest import trials
from tests.screening import reference
from tests.screening.records import record, rules, table

WORDS = (
    "wash", "tea", "the", "floor", "Betty", "Harold", "fell", "fel", "Found", "o'clock", "not",
    "12", "3.5", "x", "J.", "lounge,", "nurse", "blanket.", "zebra", "fine;", "Daughter",
)  # fmt: skip
TEXTS = st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join)
PERSON, AUTHOR = st.sampled_from(["P1", "P2", "P3"]), st.sampled_from(["", "A1", "A2"])
FIELDS = st.sampled_from(
    ["", "{}", json.dumps({"mood": "happy", "support": "one", "outcome": "met", "choice": "tea"})]
)
LIMITS = (
    Limits(),
    Limits(window_days=1, reach=5, reuse_percent=30, reuse_phrases=1, bulk_records=2),
    Limits(window_days=3, reach=12, reuse_percent=0, reuse_phrases=2, bulk_gap_seconds=600),
)
WORDING = reference.Wording(rules())


@st.composite
def records(draw: st.DrawFn) -> list[dict[str, Any]]:
    earlier = draw(st.lists(TEXTS, min_size=1, max_size=4))
    found = []
    for number in range(draw(st.integers(1, 24))):
        text = draw(st.one_of(st.sampled_from(earlier), TEXTS))
        found.append(
            record(
                text,
                at=draw(st.integers(0, 9 * 24 * 6)) * 10,
                late=draw(st.sampled_from([-60, -5, 0, 1, 5, 64, 66, 400])),
                record_id=f"r{number}",
                service_id=draw(st.sampled_from(["ALD", "BER"])),
                subject_id=draw(PERSON),
                author_id=draw(AUTHOR),
                fields=draw(FIELDS),
            )
        )
    return found


def both(given_records: list[dict[str, Any]], ruleset: Ruleset) -> tuple[list[Any], list[Any]]:
    product = []
    for row in screen(table(*given_records), ruleset).to_pylist():
        reasons = [
            (reason["code"], reason["evidence_record_id"])
            for reason in row["reasons"]
            if reason["code"] in reference.CODES
        ]
        product.append({name: row[name] for name in reference.COLUMNS} | {"reasons": reasons})
    plainly = list(reference.screened(given_records, ruleset, WORDING))
    for row in plainly:
        row["known_share"] = float(np.float32(row["known_share"]))
    return product, plainly


@settings(max_examples=trials(10))
@given(records(), st.sampled_from(LIMITS))
def test_the_product_says_what_plain_python_says(
    given_records: list[dict[str, Any]], limits: Limits
) -> None:
    product, plainly = both(given_records, replace(rules(), limits=limits))
    assert product == plainly


def test_the_reference_sees_every_signal_it_is_for() -> None:
    """Two people told the same, one of them at once by one account, late, without a field."""
    said = "Wanted the zebra blanket and her blue lounge chair by the window today"
    rows = [
        record(said, at=n, late=200 if n else -30, fields="{}", subject_id=f"P{n % 2}")
        for n in range(6)
    ]
    rows += [record(f"tells of {n} other things", subject_id=f"P{n}", at=9) for n in range(9)]
    rows = [one | {"record_id": f"r{n}"} for n, one in enumerate(rows)]
    product, plainly = both(rows, replace(rules(), limits=Limits(bulk_gap_seconds=900)))
    assert product == plainly
    assert {code for row in product for code, _ in row["reasons"]} == set(reference.CODES)
