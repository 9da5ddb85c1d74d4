"""The ledger's index: what entries name, and roots of their blocks. Derived, never evidence.

It is written with each entry; `doctor` checks that it equals what the entries say, and `rebuild`
makes it anew from them.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from django.db import transaction

from . import canonical, queries, rows, tree
from .models import Correction, Subject, Subtree

# Entries in a block: small enough to hash while a page is made.
BLOCK = 256


def add(said: Mapping[str, Any], *, frontier: Sequence[bytes], leaf: bytes) -> None:
    """Index one entry; `frontier` is the tree's before it."""
    rows.insert(Subject, ("entry", "pseudonym", "acted"), _subjects(said))
    if said["corrects"] is not None:
        Correction.objects.create(entry=said["seq"], corrects=said["corrects"])
    if said["seq"] % BLOCK == 0:
        # The last eight subtrees of the frontier are the halves of this block, but for its last.
        halves = list(frontier[-(BLOCK.bit_length() - 1) :])
        tree_root = tree.append(halves, BLOCK - 1, leaf)
        Subtree.objects.create(number=said["seq"] // BLOCK - 1, root=tree_root[0])


def _subjects(said: Mapping[str, Any]) -> list[tuple[int, str, bool]]:
    about = [(said["seq"], pseudonym, False) for pseudonym in said["subjects"]]
    return [*about, (said["seq"], said["actor"], True)]


def _blocks() -> Iterator[tuple[list[tuple[int, bytes]], list[dict[str, Any]]]]:
    contents = queries.contents()
    while block := list(islice(contents, BLOCK)):
        yield block, [canonical.loads(content) for _, content in block]


@transaction.atomic
def rebuild() -> None:
    """Make the index anew from the entries."""
    for model in (Subject, Correction, Subtree):
        model._default_manager.all().delete()
    for number, (block, entries) in enumerate(_blocks()):
        named = (row for said in entries for row in _subjects(said))
        rows.insert(Subject, ("entry", "pseudonym", "acted"), named)
        Correction.objects.bulk_create(
            Correction(entry=said["seq"], corrects=said["corrects"])
            for said in entries
            if said["corrects"] is not None
        )
        if len(block) == BLOCK:
            root = tree.root_of(tree.leaf(content) for _, content in block)
            Subtree.objects.create(number=number, root=root)


def problems() -> Iterator[str]:
    """One sentence for each block whose index is not what its entries say."""
    last = 0
    for number, (block, entries) in enumerate(_blocks()):
        first, last = block[0][0], block[-1][0]
        within = {"entry__gte": first, "entry__lte": last}
        named = sorted(Subject.objects.filter(**within).values_list("entry", "pseudonym", "acted"))
        corrected = sorted(Correction.objects.filter(**within).values_list("entry", "corrects"))
        kept = Subtree.objects.filter(number=number).values_list("root", flat=True).first()
        root = tree.root_of(tree.leaf(content) for _, content in block)
        if (
            named != sorted(row for said in entries for row in _subjects(said))
            or corrected != sorted((e["seq"], e["corrects"]) for e in entries if e["corrects"])
            or (None if kept is None else bytes(kept)) != (root if len(block) == BLOCK else None)
        ):
            yield f"The index of entries {first} to {last} is not what they say."
    beyond = Subject.objects.filter(entry__gt=max(last, queries.last_seq()))
    if beyond.exists():
        yield "The index speaks of entries that are not there."
