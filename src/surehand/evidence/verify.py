#!/usr/bin/env python3
"""Check evidence offline, trusting nobody: one file, Python alone, no Django.

The formats are public: RFC 6962 Merkle trees, RFC 8785 canonical JSON, C2SP signed notes and
tlog-checkpoints, RFC 8032 Ed25519.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any

# --- Merkle tree (RFC 6962, section 2.1) ---------------------------------------------------------


def leaf(content: bytes) -> bytes:
    """The hash of a leaf: SHA-256(0x00 || content)."""
    return hashlib.sha256(b"\x00" + content).digest()


def node(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node: SHA-256(0x01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def grow(frontier: list[bytes], size: int, leaf_hash: bytes) -> None:
    """Append leaf number `size` to the roots of the complete subtrees, in place: O(log n)."""
    while size & 1:
        leaf_hash = node(frontier.pop(), leaf_hash)
        size >>= 1
    frontier.append(leaf_hash)


def fold(frontier: Sequence[bytes]) -> bytes:
    """The root of the tree whose complete subtrees have these roots, largest first."""
    if not frontier:
        return hashlib.sha256(b"").digest()
    root = frontier[-1]
    for subtree in reversed(frontier[:-1]):
        root = node(subtree, root)
    return root


def root_of(leaf_hashes: Iterable[bytes]) -> bytes:
    """The root over leaf hashes, in one pass and O(log n) memory."""
    frontier: list[bytes] = []
    for size, leaf_hash in enumerate(leaf_hashes):
        grow(frontier, size, leaf_hash)
    return fold(frontier)


def included(
    *, leaf_hash: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> bool:
    """Whether leaf number `index` (from 0) is in the tree of `size` leaves (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    at, last, found = index, size - 1, leaf_hash
    for step in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            found = node(step, found)
            while not at & 1 and at:
                at >>= 1
                last >>= 1
        else:
            found = node(found, step)
        at >>= 1
        last >>= 1
    return last == 0 and found == root


def consistent(
    *, old_size: int, new_size: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes
) -> bool:
    """Whether the old tree is the beginning of the new one (RFC 9162, section 2.1.4.2)."""
    if not 0 <= old_size <= new_size:
        return False
    if old_size == new_size:
        return not proof and old_root == new_root
    if old_size == 0:
        return not proof and old_root == fold([])
    steps = list(proof)
    if old_size & (old_size - 1) == 0:
        steps.insert(0, old_root)
    if not steps:
        return False
    at, last = old_size - 1, new_size - 1
    while at & 1:
        at >>= 1
        last >>= 1
    old = new = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            old, new = node(step, old), node(step, new)
            while not at & 1 and at:
                at >>= 1
                last >>= 1
        else:
            new = node(new, step)
        at >>= 1
        last >>= 1
    return last == 0 and old == old_root and new == new_root


# --- Canonical JSON (RFC 8785, without floats) ---------------------------------------------------

LARGEST = 2**53


class NotCanonical(ValueError):
    """Bytes that are not the one canonical form of what they say."""


def _no_float(text: str) -> Any:
    raise NotCanonical(f"a number with a fraction or an exponent ({text[:20]})")


def _small_int(text: str) -> int:
    if len(text) > 17 or abs(number := int(text)) > LARGEST:
        raise NotCanonical("a whole number beyond 2^53")
    return number


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotCanonical("the same key twice")
    # Keys are ordered by their UTF-16 code units.
    return dict(sorted(found.items(), key=lambda item: item[0].encode("utf-16-be", "replace")))


_decode = json.JSONDecoder(
    object_pairs_hook=_unique,
    parse_float=_no_float,
    parse_int=_small_int,
    parse_constant=_no_float,
).decode


def parse(content: bytes) -> Any:
    """What canonical bytes say. Raises NotCanonical if they are not in canonical form."""
    try:
        said = _decode(content.decode("utf-8"))
        again = json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    except NotCanonical:
        raise
    except (ValueError, RecursionError) as error:
        raise NotCanonical(f"not canonical JSON: {error}") from error
    if again != content:
        raise NotCanonical("not in canonical order or spelling")
    return said
