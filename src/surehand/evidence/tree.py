"""The Merkle tree over the entries (RFC 6962): growing it, and proofs from it.

What checks proofs is in `verify.py`, which travels alone with every pack.
"""

from collections.abc import Sequence
from hashlib import sha256

from .verify import consistent, fold, grow, included, leaf, node, root_of

__all__ = [
    "append",
    "consistency_proof",
    "consistent",
    "fold",
    "grow",
    "grow_by",
    "included",
    "inclusion_proof",
    "leaf",
    "node",
    "pack",
    "root_of",
    "split",
    "unpack",
]


def append(frontier: Sequence[bytes], size: int, leaf_hash: bytes) -> list[bytes]:
    """The frontier after leaf number `size` (from 0). O(log n)."""
    grown = list(frontier)
    grow(grown, size, leaf_hash)
    return grown


def grow_by(frontier: list[bytes], size: int, leaf_hashes: Sequence[bytes]) -> None:
    """Append many leaves to the roots of the complete subtrees, in place, as `grow` does one: a
    level of the tree at a time."""
    above: list[bytes] = []  # roots that are complete after these leaves, the smallest first
    rising = list(leaf_hashes)
    while rising:
        if size & 1:
            rising.insert(0, frontier.pop())
        if len(rising) & 1:
            above.append(rising.pop())
        pairs = zip(rising[::2], rising[1::2], strict=True)
        rising = [sha256(b"\x01" + left + right).digest() for left, right in pairs]
        size >>= 1
    frontier.extend(reversed(above))


def pack(frontier: Sequence[bytes]) -> bytes:
    """A frontier as the bytes the head row keeps."""
    return b"".join(frontier)


def unpack(packed: bytes | memoryview) -> list[bytes]:
    """The frontier the head row keeps."""
    return [bytes(packed[start : start + 32]) for start in range(0, len(packed), 32)]


def split(size: int) -> int:
    """The largest power of two smaller than `size` (at least 2)."""
    return 1 << ((size - 1).bit_length() - 1)


def inclusion_proof(leaf_hashes: Sequence[bytes], index: int) -> list[bytes]:
    """The audit path of leaf number `index` (from 0) in the tree over these leaves."""
    if not 0 <= index < len(leaf_hashes):
        raise IndexError("no such leaf")
    if len(leaf_hashes) == 1:
        return []
    middle = split(len(leaf_hashes))
    left, right = leaf_hashes[:middle], leaf_hashes[middle:]
    if index < middle:
        return [*inclusion_proof(left, index), root_of(right)]
    return [*inclusion_proof(right, index - middle), root_of(left)]


def consistency_proof(leaf_hashes: Sequence[bytes], old_size: int) -> list[bytes]:
    """The proof that the first `old_size` leaves are the beginning of these leaves."""
    if not 0 <= old_size <= len(leaf_hashes):
        raise IndexError("no such older tree")
    if old_size in (0, len(leaf_hashes)):
        return []
    return _subproof(leaf_hashes, old_size, whole=True)


def _subproof(leaf_hashes: Sequence[bytes], old_size: int, *, whole: bool) -> list[bytes]:
    if old_size == len(leaf_hashes):
        return [] if whole else [root_of(leaf_hashes)]
    middle = split(len(leaf_hashes))
    left, right = leaf_hashes[:middle], leaf_hashes[middle:]
    if old_size <= middle:
        return [*_subproof(left, old_size, whole=whole), root_of(right)]
    return [*_subproof(right, old_size - middle, whole=False), root_of(left)]
