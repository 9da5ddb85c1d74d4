"""Canonical bytes: one form for one meaning, and refusals for the rest."""

import json
from typing import Any

import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from surehand.evidence import canonical, verify

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


@given(
    st.fixed_dictionaries(
        {
            "actor": st.text(max_size=3),
            "commitments": st.lists(st.text("ab", max_size=2), max_size=2),
            "corrects": st.none() | st.integers(0, 3),
            "facts": st.lists(st.fixed_dictionaries({"columns": st.just(["a"]), "count": st.just(2),
                              "root": st.just("00"), "table": st.just("t")}), max_size=2),
            "roots": st.lists(st.fixed_dictionaries({"count": st.just(1), "root": st.just("0")}),
                              max_size=2),
            "state": st.dictionaries(st.text("a\U0001f600\uffff", max_size=2), VALUES, max_size=3),
        }
    ),
    st.integers(0, 10**6),
    st.sampled_from(b' ,:{}[]"\\0123456789.-eatnul\n\x7f\xff'),
    st.sampled_from(["keep", "put", "insert", "drop", "double"]),
)  # fmt: skip
@example({"actor": "\x7f"}, 0, 32, "keep")
def test_an_ordinary_entry_is_found_canonical_only_if_it_is(
    said: dict[str, Any], at: int, byte: int, how: str
) -> None:
    content = bytearray(canonical.entry_bytes(entry(**said)))
    place = at % len(content)
    match how:
        case "put":
            content[place] = byte
        case "insert":
            content.insert(place, byte)
        case "drop":
            del content[place]
        case "double":
            key = content[1 : content.index(b",") + 1]
            content[1:1] = key
    if verify._ordinary([(1, bytes(content))]):
        assert canonical.parse(bytes(content))["seq"] == 1
        # Whether its kind is one that is ever written is asked by whoever writes.
        assert canonical.dumps(canonical.parse(bytes(content))) == content
    elif how == "keep":
        # What it does not know is not ordinary, and looked at by itself.
        assert not content.isascii() or b"\\" in content or b"\x7f" in content
        assert canonical.parse(bytes(content))
