"""Canonical bytes of an entry (RFC 8785), and the refusals that keep their meaning single."""

import re
from typing import Any

import rfc8785

from .verify import LARGEST, NotCanonical, parse

__all__ = ["KEYS", "NotCanonical", "dumps", "entry_bytes", "loads", "parse"]

# Everything an entry may say at its top level, in version 1. Each is always there.
KEYS = frozenset(
    {
        "v",  # version of this form
        "seq",  # number of the entry, from 1, without gaps
        "kind",  # what was done, as part.verb
        "actor",  # pseudonym of who did it
        "signed_in",  # how they were signed in
        "subjects",  # pseudonyms of whom it is about
        "happened_at",  # when it happened, UTC
        "recorded_at",  # when the server recorded it, UTC, never backwards
        "corrects",  # seq of the entry it corrects, or null
        "facts",  # the fact rows it recorded: per table their count, columns and Merkle root
        "state",  # claims of the act
        "commitments",  # salted commitments to text and files kept elsewhere
        "roots",  # Merkle roots over the salted commitments of imported rows
    }
)

_KIND = re.compile(r"[a-z][a-z_]*(\.[a-z][a-z_]*)+")


def dumps(value: Any) -> bytes:
    """The canonical bytes of a value of strings, whole numbers, booleans, None, lists and dicts.

    Raises NotCanonical for floats, whole numbers beyond 2^53, lone surrogates, keys that are not
    strings, and anything else.
    """
    _check(value)
    return rfc8785.dumps(value)


def _check(value: Any) -> None:
    if value is None or isinstance(value, bool):
        return
    if isinstance(value, str):
        if not value.isascii():
            try:
                value.encode("utf-8")
            except UnicodeEncodeError as error:
                raise NotCanonical("text with half a surrogate pair") from error
    elif isinstance(value, int):
        if abs(value) > LARGEST:
            raise NotCanonical("a whole number beyond 2^53")
    elif isinstance(value, list | tuple):
        for item in value:
            _check(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                raise NotCanonical("a key that is not a string")
            _check(key)
            _check(item)
    elif isinstance(value, float):
        raise NotCanonical("a float; write decimals as strings")
    else:
        raise NotCanonical(f"a value of type {type(value).__name__}")


def entry_bytes(entry: dict[str, Any]) -> bytes:
    """The canonical bytes of an entry. Raises NotCanonical unless it has exactly KEYS."""
    _check_entry(entry)
    return dumps(entry)


def loads(content: bytes) -> dict[str, Any]:
    """What an entry's bytes say. Raises NotCanonical for any byte out of form."""
    entry = parse(content)
    _check_entry(entry)
    return entry


def _check_entry(entry: Any) -> None:
    if not isinstance(entry, dict):
        raise NotCanonical("not an entry")
    if unlike := KEYS ^ entry.keys():
        raise NotCanonical(f"keys unknown or missing: {', '.join(sorted(map(str, unlike)))}")
    if entry["v"] != 1:
        raise NotCanonical("an unknown version of the entry's form")
    if not isinstance(entry["kind"], str) or not _KIND.fullmatch(entry["kind"]):
        raise NotCanonical("a kind that is not written part.verb")
