"""Proofs that an entry is among those a checkpoint was signed over, to be taken away.

A proof travels as JSON: `entry`, the canonical bytes as text; `proof`, a C2SP tlog-proof, with the
checkpoint in it; `key`, the public key. What checks it is in `verify.py`.
"""

import base64
import json

from . import tree
from .actions import signer
from .index import BLOCK
from .models import Checkpoint, Entry, Subtree
from .refusal import NotPossible


def path_of(*, seq: int, size: int) -> list[bytes]:
    """The audit path of entry `seq` in the tree over the first `size` entries (RFC 6962, 2.1.1),
    in two statements. Raises NotPossible for an entry beyond them."""
    if not 1 <= seq <= size:
        raise NotPossible(f"Entry {seq} is not among the first {size}.")
    blocks = {
        number: bytes(root)
        for number, root in Subtree.objects.filter(number__lt=size // BLOCK).values_list(
            "number", "root"
        )
    }
    own, last = (seq - 1) // BLOCK, size // BLOCK
    leaves = {
        at - 1: tree.leaf(bytes(content))
        for first in {own * BLOCK, last * BLOCK}
        for at, content in Entry.objects.filter(
            seq__gt=first, seq__lte=min(first + BLOCK, size)
        ).values_list("seq", "content")
    }

    def root(start: int, end: int) -> bytes:
        """The root over the leaves from `start` (from 0) to before `end`."""
        width = end - start
        if width == BLOCK and start // BLOCK in blocks:
            return blocks[start // BLOCK]
        if width <= BLOCK:
            return tree.root_of(leaves[at] for at in range(start, end))
        middle = start + tree.split(width)
        return tree.node(root(start, middle), root(middle, end))

    path: list[bytes] = []
    start, end, at = 0, size, seq - 1
    while end - start > 1:
        middle = start + tree.split(end - start)
        if at < middle:
            path.append(root(middle, end))
            end = middle
        else:
            path.append(root(start, middle))
            start = middle
    return path[::-1]


def written(*, seq: int, checkpoint: Checkpoint) -> bytes:
    """The proof of entry `seq` to this checkpoint, as it is taken away. Raises NotPossible where
    the checkpoint does not cover it."""
    path = path_of(seq=seq, size=checkpoint.size)
    content = bytes(Entry.objects.values_list("content", flat=True).get(seq=seq))
    lines = [
        "c2sp.org/tlog-proof@v1",
        f"index {seq - 1}",
        *(base64.b64encode(step).decode() for step in path),
        "",
        bytes(checkpoint.note).decode(),
    ]
    proof = {"entry": content.decode(), "proof": "\n".join(lines), "key": str(signer().key)}
    return json.dumps(proof, ensure_ascii=False, indent=1).encode() + b"\n"
