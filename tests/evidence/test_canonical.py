"""Canonical bytes: one form for one meaning, and refusals for the rest."""

import json
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from surehand.evidence import canonical

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(VALUES)
def test_what_is_written_is_read_back_and_is_rfc_8785(value: Any) -> None:
    content = canonical.dumps(value)
    assert content == rfc8785.dumps(value)
    assert canonical.parse(content) == value


@given(VALUES)
def test_any_other_spelling_is_refused(value: Any) -> None:
    content = canonical.dumps(value)
    for other in (
        json.dumps(value, indent=1).encode(),
        json.dumps(value, ensure_ascii=True, separators=(",", ":")).encode(),
        b" " + content,
        content + b"\n",
    ):
        if other != content:
            with pytest.raises(canonical.NotCanonical):
                canonical.parse(other)


@pytest.mark.parametrize(
    "content",
    [
        b'{"a":1,"a":1}',
        b'{"b":1,"a":2}',
        b"1.0",
        b"1e3",
        b"-0",
        b"01",
        b"NaN",
        b"Infinity",
        b"9007199254740993",
        b'"\\ud800"',
        b'"\\u0041"',
        b'"\\/"',
        b"\xef\xbb\xbf1",
        b"\xff",
        b"[1,]",
        b"",
        b"[" * 100_000,
        b"1" * 100_000,
    ],
)
def test_bytes_out_of_form_are_refused(content: bytes) -> None:
    with pytest.raises(canonical.NotCanonical):
        canonical.parse(content)


@pytest.mark.parametrize("value", [0.5, 2**53 + 1, "\ud800", {1: 2}, {"a": [b"x"]}, {"\udfff": 1}])
def test_values_without_one_form_are_refused(value: Any) -> None:
    with pytest.raises(canonical.NotCanonical):
        canonical.dumps(value)


def entry(**other: Any) -> dict[str, Any]:
    return {
        "v": 1,
        "seq": 1,
        "kind": "sample.recorded",
        "actor": "0" * 32,
        "signed_in": "system",
        "subjects": [],
        "happened_at": "2026-03-03T09:00:00.000000Z",
        "recorded_at": "2026-03-03T09:00:00.000000Z",
        "corrects": None,
        "facts": [],
        "state": {},
        "commitments": [],
        "roots": [],
    } | other


def test_an_entry_has_its_keys_and_no_other() -> None:
    assert canonical.loads(canonical.entry_bytes(entry())) == entry()
    short = entry()
    del short["subjects"]
    for wrong in (entry(name="Ann"), short, entry(v=2), entry(kind="recorded"), entry(kind="A.b")):
        with pytest.raises(canonical.NotCanonical):
            canonical.entry_bytes(wrong)
        with pytest.raises(canonical.NotCanonical):
            canonical.loads(canonical.dumps(wrong))
