"""The Merkle tree: RFC 6962, against published vectors and its own recursive definition."""

from functools import cache
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surehand.evidence import tree, verify

# The leaves and roots of the Certificate Transparency reference implementation's tests.
LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
PATH_OF_FIRST = [
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
]

MANY = [sha256(b"\x00" + str(number).encode()).digest() for number in range(1024)]


@cache
def naive(start: int, end: int) -> bytes:
    """MTH(D[start:end]) word for word from RFC 6962, section 2.1, over MANY."""
    count = end - start
    if count == 0:
        return sha256().digest()
    if count == 1:
        return MANY[start]
    middle = 1
    while middle * 2 < count:
        middle *= 2
    left, right = naive(start, start + middle), naive(start + middle, end)
    return sha256(b"\x01" + left + right).digest()


def test_published_vectors() -> None:
    hashes = [tree.leaf(content) for content in LEAVES]
    assert [tree.root_of(hashes[:size]).hex() for size in range(9)] == ROOTS
    assert [step.hex() for step in tree.inclusion_proof(hashes, 0)] == PATH_OF_FIRST


def test_growing_gives_the_root_of_the_definition_at_every_size_to_1024() -> None:
    frontier: list[bytes] = []
    for size in range(1025):
        assert tree.fold(frontier) == naive(0, size)
        assert tree.unpack(tree.pack(frontier)) == frontier
        assert len(frontier) == size.bit_count()
        if size < 1024:
            frontier = tree.append(frontier, size, MANY[size])


@given(st.lists(st.integers(0, 70), max_size=8))
def test_growing_by_many_at_a_time_is_growing_one_by_one(counts: list[int]) -> None:
    frontier: list[bytes] = []
    size = 0
    for count in counts:
        tree.grow_by(frontier, size, MANY[size : size + count])
        size += count
        assert tree.fold(frontier) == naive(0, size)
        assert len(frontier) == size.bit_count()


@pytest.mark.parametrize("size", [*range(1, 40), 63, 64, 65, 127, 128, 129])
def test_every_inclusion_proof_holds_and_for_no_other_place(size: int) -> None:
    leaves, root = MANY[:size], naive(0, size)
    for index in range(size):
        proof = tree.inclusion_proof(leaves, index)
        assert verify.included(
            leaf_hash=leaves[index], index=index, size=size, proof=proof, root=root
        )
        for elsewhere in {index - 1, index + 1, size - 1 - index} - {index}:
            assert not verify.included(
                leaf_hash=leaves[index], index=elsewhere, size=size, proof=proof, root=root
            )


@pytest.mark.parametrize("size", [*range(34), 64, 65])
def test_every_consistency_proof_holds_and_for_no_other_root(size: int) -> None:
    for old in range(size + 1):
        proof = tree.consistency_proof(MANY[:size], old)
        roots = {"old_root": naive(0, old), "new_root": naive(0, size)}
        assert verify.consistent(old_size=old, new_size=size, proof=proof, **roots)
        for which in roots:
            forged = roots | {which: sha256(b"other").digest()}
            if old or which == "old_root":
                assert not verify.consistent(old_size=old, new_size=size, proof=proof, **forged)


@given(st.data())
def test_a_proof_altered_anywhere_fails(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, 200))
    index = data.draw(st.integers(0, size - 1))
    old = data.draw(st.integers(1, size - 1))
    root = naive(0, size)
    path = tree.inclusion_proof(MANY[:size], index)
    link = tree.consistency_proof(MANY[:size], old)
    for proof in (path, link):
        where = data.draw(st.integers(0, len(proof) - 1))
        bit = 1 << data.draw(st.integers(0, 7))
        altered = bytes([proof[where][0] ^ bit]) + proof[where][1:]
        change = data.draw(st.sampled_from(["alter", "drop", "double"]))
        proof[where : where + 1] = {
            "alter": [altered],
            "drop": [],
            "double": [proof[where], proof[where]],
        }[change]
    assert not verify.included(leaf_hash=MANY[index], index=index, size=size, proof=path, root=root)
    assert not verify.consistent(
        old_size=old, new_size=size, proof=link, old_root=naive(0, old), new_root=root
    )
