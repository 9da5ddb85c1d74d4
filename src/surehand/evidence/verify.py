#!/usr/bin/env python3
"""Check evidence offline, trusting nobody: one file, Python alone, no Django.

The formats are public: RFC 6962 Merkle trees, RFC 8785 canonical JSON, C2SP signed notes and
tlog-checkpoints, RFC 8032 Ed25519.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import hashlib
import json
import multiprocessing
import os
import re
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
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


# Of ASCII, Python's own sorting is that by UTF-16, and what was said twice is missing when written
# again. So plain bytes need no look at each pair, which takes most of the time.
_decode_plain = json.JSONDecoder(
    parse_float=_no_float, parse_int=_small_int, parse_constant=_no_float
).decode
_encode_plain = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), sort_keys=True, check_circular=False
).encode


def parse(content: bytes) -> Any:
    """What canonical bytes say. Raises NotCanonical if they are not in canonical form."""
    try:
        text = content.decode("utf-8")
        if content.isascii() and _encode_plain(said := _decode_plain(text)) == text:
            return said
        said = _decode(text)
        again = json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    except NotCanonical:
        raise
    except (ValueError, RecursionError) as error:
        raise NotCanonical(f"not canonical JSON: {error}") from error
    if again != content:
        raise NotCanonical("not in canonical order or spelling")
    return said


# --- Signed notes and checkpoints (C2SP signed-note, tlog-checkpoint) ----------------------------


class NotANote(ValueError):
    """Bytes that are not a checkpoint, or a key that is not a key; says why."""


@dataclass(frozen=True)
class Key:
    """A public key as an outsider pins it: `name+id+key` in one line."""

    name: str
    public: bytes  # 32 bytes

    @property
    def id(self) -> bytes:
        """The four bytes that say which key signed."""
        return hashlib.sha256(self.name.encode() + b"\n\x01" + self.public).digest()[:4]

    def __str__(self) -> str:
        encoded = base64.b64encode(b"\x01" + self.public).decode()
        return f"{self.name}+{self.id.hex()}+{encoded}"

    @classmethod
    def parse(cls, line: bytes | str) -> Key:
        """Read a key. Raises NotANote if it is not one."""
        text = line.decode("utf-8", "replace") if isinstance(line, bytes) else line
        parts = text.strip().split("+", 2)
        try:
            name, key_id, encoded = parts
            raw = base64.b64decode(encoded, validate=True)
        except (ValueError, binascii.Error) as error:
            raise NotANote("This is not a public key (name+id+key).") from error
        key = cls(name, raw[1:])
        if len(raw) != 33 or raw[0] != 1 or key.id.hex() != key_id:
            raise NotANote("This public key is damaged: its id does not fit.")
        return key


@dataclass(frozen=True)
class Note:
    """A checkpoint as read: what it says, and its signatures."""

    origin: str
    size: int
    root: bytes
    text: bytes  # what is signed
    signatures: tuple[tuple[str, bytes, bytes], ...]  # name, key id, signature

    def signed_by(self, key: Key) -> bool:
        """Whether this key signed it."""
        return self.origin == key.name and any(
            name == key.name
            and key_id == key.id
            and ed25519(public=key.public, signature=signature, message=self.text)
            for name, key_id, signature in self.signatures
        )


def parse_note(content: bytes) -> Note:
    """Read a checkpoint. Raises NotANote with a sentence if it is not one."""
    try:
        text, gap, signed = content.decode("utf-8").rpartition("\n\n")
        lines = text.split("\n")
        origin, size, root = lines[0], lines[1], base64.b64decode(lines[2], validate=True)
        signatures = []
        for line in signed.removesuffix("\n").split("\n"):
            dash, name, encoded = line.split(" ")
            raw = base64.b64decode(encoded, validate=True)
            if dash != "—" or not name or len(raw) < 5:
                raise ValueError("a signature line out of form")
            signatures.append((name, raw[:4], raw[4:]))
    except (ValueError, IndexError) as error:
        raise NotANote("This is not a checkpoint (a signed note).") from error
    if not (
        gap
        and origin
        and signed.endswith("\n")
        and re.fullmatch(r"0|[1-9][0-9]{0,17}", size)
        and len(root) == 32
    ):
        raise NotANote("This is not a checkpoint (a signed note).")
    return Note(origin, int(size), root, f"{text}\n".encode(), tuple(signatures))


# --- Ed25519 (RFC 8032, section 5.1.7; slow and sufficient) --------------------------------------

_P = 2**255 - 19
_Q = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, _P) % _P
_Point = tuple[int, int, int, int]  # extended coordinates x, y, z, t


def _add(a: _Point, b: _Point) -> _Point:
    left = (a[1] - a[0]) * (b[1] - b[0]) % _P
    right = (a[1] + a[0]) * (b[1] + b[0]) % _P
    c, d = 2 * a[3] * b[3] * _D % _P, 2 * a[2] * b[2] % _P
    e, f, g, h = right - left, d - c, d + c, right + left
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _times(scalar: int, point: _Point) -> _Point:
    product: _Point = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            product = _add(product, point)
        point = _add(point, point)
        scalar >>= 1
    return product


def _same(a: _Point, b: _Point) -> bool:
    return (a[0] * b[2] - b[0] * a[2]) % _P == 0 and (a[1] * b[2] - b[1] * a[2]) % _P == 0


def _point(encoded: bytes) -> _Point | None:
    y = int.from_bytes(encoded, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * pow(2, (_P - 1) // 4, _P) % _P
    if (x * x - square) % _P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = _P - x
    return x, y, 1, x * y % _P


def ed25519(*, public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether `signature` over `message` is that of the public key."""
    if len(public) != 32 or len(signature) != 64:
        return False
    a, r = _point(public), _point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    base = _point((4 * pow(5, -1, _P) % _P).to_bytes(32, "little"))
    if a is None or r is None or base is None or s >= _Q:
        return False
    digest = hashlib.sha512(signature[:32] + public + message).digest()
    challenge = int.from_bytes(digest, "little") % _Q
    return _same(_times(s, base), _add(r, _times(challenge, a)))


# --- Entries in their ordinary form ---------------------------------------------------------------

_TEXT = rb'"[ !#-\[\]-~]*+"'  # nothing in it that has to be escaped
_COUNT = rb"(?:0|[1-9]\d{0,14})"
_MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"


def _list_of(item: bytes) -> bytes:
    return rb"\[(?:%b(?:,%b)*+)?+\]" % (item, item)


# Keys in order, each once, and nothing between them: whatever fits this, and whose `state` is
# canonical by itself, is canonical. It saves parsing the rest.
_ORDINARY = re.compile(
    rb'\{"actor":%(text)b,"commitments":%(texts)b,"corrects":(?:null|%(count)b),"facts":%(facts)b,'
    rb'"happened_at":%(text)b,"kind":%(text)b,"recorded_at":"(%(moment)b)","roots":%(roots)b,'
    rb'"seq":(%(count)b),"signed_in":%(text)b,"state":(\{.*\}),"subjects":%(texts)b,"v":1\}'
    % {
        b"text": _TEXT,
        b"texts": _list_of(_TEXT),
        b"count": _COUNT,
        b"moment": _MOMENT.encode(),
        b"facts": _list_of(
            rb'\{"columns":%b,"count":%b,"root":%b,"table":%b\}'
            % (_list_of(_TEXT), _COUNT, _TEXT, _TEXT)
        ),
        b"roots": _list_of(rb'\{"count":%b,"root":%b\}' % (_COUNT, _TEXT)),
    }
)


@dataclass(frozen=True)
class _Look:
    """A look at some entries in a row: the hashes of their leaves and the root over them."""

    leaves: list[bytes]
    root: bytes
    # When the first and the last were recorded, if all are as they should be and follow one
    # another. If not, or if one is written in any other way, None: each is then looked at alone.
    recorded: tuple[str, str] | None


def _look(entries: list[tuple[int, bytes]]) -> _Look:
    sha256 = hashlib.sha256
    leaves = [sha256(b"\x00" + content).digest() for _, content in entries]
    return _Look(leaves, root_of(leaves), _ordinary(entries))


def _ordinary(entries: list[tuple[int, bytes]]) -> tuple[str, str] | None:
    fits = _ORDINARY.fullmatch
    moments, states = [], set()
    for place, (number, content) in enumerate(entries, start=entries[0][0]):
        found = fits(content)
        if found is None or number != place or int(found[2]) != number:
            return None
        moments.append(found[1])
        states.add(found[3])
    try:
        for state in states:
            parse(state)
    except NotCanonical:
        return None
    if moments != sorted(moments):
        return None
    return moments[0].decode(), moments[-1].decode()


# --- A whole ledger ------------------------------------------------------------------------------

# So many entries are looked at together: a whole subtree.
TOGETHER = 1024
MOST_PROBLEMS = 20


@dataclass(frozen=True)
class Report:
    """What was found: `problems` is empty when all that was checked holds."""

    size: int
    root: bytes
    problems: tuple[str, ...]
    proven: tuple[str, ...]
    not_proven: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether everything that was checked holds."""
        return not self.problems

    def __str__(self) -> str:
        parts = [("Wrong", self.problems), ("Proven", self.proven), ("Not proven", self.not_proven)]
        return "\n".join(
            f"{title}:\n" + "\n".join(f"  {line}" for line in lines)
            for title, lines in parts
            if lines
        )


def examine(
    entries: Iterable[tuple[int, bytes]],
    *,
    outside: bytes | None = None,
    key: bytes | str | None = None,
    inside: Iterable[tuple[str, int, bytes]] = (),
    processes: int = 1,
) -> Report:
    """Check a whole ledger, given as the number and bytes of each entry in order, in one pass.

    `outside` is a checkpoint kept by somebody else and `key` the public key they pinned. `inside`
    gives roots the same database claims (what it is, size, root): they catch damage, not a
    rewriting. With more than one of `processes`, others help, where the system can fork.
    """
    problems: list[str] = []
    proven: list[str] = []
    not_proven: list[str] = []
    awaited: dict[int, list[tuple[str, bytes]]] = {}
    for what, size, root in inside:
        awaited.setdefault(size, []).append((what, root))

    note, pinned = _pinned(outside, key, problems)
    if note:
        awaited.setdefault(note.size, []).append(("The outside checkpoint", note.root))

    frontier: list[bytes] = []
    size, before = 0, ""

    def compare() -> None:
        for what, root in awaited.pop(size, []):
            if fold(frontier) != root:
                problems.append(f"{what} does not fit the first {size} entries.")

    compare()
    for some, look in _looks(entries, processes):
        recorded, end = look.recorded, size + len(some)
        well = recorded is not None and some[0][0] == size + 1 and recorded[0] >= before
        if well and len(some) == TOGETHER and not any(size < at < end for at in awaited):
            grow(frontier, size // TOGETHER, look.root)
            size = end
            compare()
        else:
            for (number, content), leaf_hash in zip(some, look.leaves, strict=True):
                if number != size + 1:
                    problems.append(f"Entry {size + 1} is missing; {number} comes in its place.")
                grow(frontier, size, leaf_hash)
                size += 1
                if not well:
                    before = _one(number, content, before, problems)
                compare()
                if len(problems) > MOST_PROBLEMS:
                    problems.append("There is more; the check stopped here.")
                    return Report(size, fold(frontier), tuple(problems), (), ())
        if well and recorded:
            before = recorded[1]
    for missing, claims in sorted(awaited.items()):
        for what, _ in claims:
            problems.append(f"{what} covers {missing} entries, but there are only {size}.")

    if not problems:
        proven.append(f"{size} entries follow one another without gap, each in canonical form.")
        if note and pinned:
            proven.append(
                f"The first {note.size} are, byte for byte, those the checkpoint was signed over."
            )
        elif note:
            proven.append(f"The first {note.size} fit the checkpoint given.")
    if not note:
        not_proven.append(
            "That this is the whole and original history: without a checkpoint kept outside, a "
            "ledger rewritten or cut short as a whole looks the same."
        )
    elif not pinned:
        not_proven.append("Who signed the checkpoint: no public key was given.")
    if note and size > note.size:
        not_proven.append(
            f"What came after entry {note.size}: it is newer than the outside checkpoint."
        )
    not_proven.append("That what was recorded was true.")
    return Report(size, fold(frontier), tuple(problems), tuple(proven), tuple(not_proven))


def _one(number: int, content: bytes, before: str, problems: list[str]) -> str:
    """Look at one entry by itself and say what is wrong with it. Answers the latest moment of
    recording so far."""
    try:
        said = parse(content)
        moment = said["recorded_at"]
        if said["seq"] != number:
            problems.append(f"Entry {number} calls itself {said['seq']}.")
        if not isinstance(moment, str) or not re.fullmatch(_MOMENT, moment, re.ASCII):
            problems.append(f"Entry {number} does not say when it was recorded.")
        elif moment < before:
            problems.append(f"Entry {number} was recorded before the one in front of it.")
        else:
            return moment
    except (NotCanonical, KeyError, TypeError) as error:
        problems.append(f"Entry {number} is not a canonical entry: {error}.")
    return before


def _looks(
    entries: Iterable[tuple[int, bytes]], processes: int
) -> Iterator[tuple[list[tuple[int, bytes]], _Look]]:
    """The entries, some at a time and in order, with a look at them."""
    left = iter(entries)
    several = iter(lambda: list(islice(left, TOGETHER)), [])
    ahead = list(islice(several, 2))
    # A short ledger is not worth starting others.
    if processes < 2 or len(ahead) < 2 or "fork" not in multiprocessing.get_all_start_methods():
        for some in chain(ahead, several):
            yield some, _look(some)
        return
    with ProcessPoolExecutor(processes, multiprocessing.get_context("fork")) as others:
        # No further ahead than keeps them busy: memory does not grow with the ledger.
        waiting: deque[tuple[list[tuple[int, bytes]], Future[_Look]]] = deque()
        for some in chain(ahead, several):
            waiting.append((some, others.submit(_look, some)))
            if len(waiting) > 2 * processes:
                some, look = waiting.popleft()
                yield some, look.result()
        for some, look in waiting:
            yield some, look.result()


def _pinned(
    outside: bytes | None, key: bytes | str | None, problems: list[str]
) -> tuple[Note | None, bool]:
    """The outside checkpoint, and whether the pinned key signed it."""
    try:
        pinned = Key.parse(key) if key is not None else None
        note = parse_note(outside) if outside is not None else None
    except NotANote as error:
        problems.append(str(error))
        return None, False
    if note and pinned and not note.signed_by(pinned):
        problems.append("The checkpoint was not signed by the key given.")
        return note, False
    return note, bool(note and pinned)


# --- The proof of one entry ----------------------------------------------------------------------

PROOF_FORM = "c2sp.org/tlog-proof@v1"
LARGEST_PROOF = 64 * 1024 * 1024  # bytes


@dataclass(frozen=True)
class Proof:
    """One entry, its place in the tree and the checkpoint it is proven to."""

    entry: bytes
    index: int  # from 0
    path: tuple[bytes, ...]
    checkpoint: bytes
    key: str


def parse_proof(content: bytes) -> Proof:
    """Read a proof. Raises NotANote with a sentence if it is not one."""
    try:
        said = json.loads(content.decode("utf-8"))
        head, gap, checkpoint = said["proof"].partition("\n\n")
        form, index, *path = head.split("\n")
        if form == PROOF_FORM and path and index.startswith("extra "):
            index, *path = path
        number = index.removeprefix("index ")
        if form != PROOF_FORM or not gap or not re.fullmatch(r"0|[1-9][0-9]{0,17}", number):
            raise ValueError("not a proof")
        steps = tuple(base64.b64decode(step, validate=True) for step in path)
        if len(steps) > 64 or any(len(step) != 32 for step in steps):
            raise ValueError("a path that leads nowhere")
        entry, checkpoint = said["entry"].encode("utf-8"), checkpoint.encode("utf-8")
        return Proof(entry, int(number), steps, checkpoint, str(said.get("key", "")))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise NotANote("This is not the proof of an entry.") from error


def examine_proof(
    content: bytes, *, outside: bytes | None = None, key: bytes | str | None = None
) -> Report:
    """Check the proof of one entry, given as it was taken away.

    `outside` is a checkpoint kept by whoever checks, and `key` the public key they pinned.
    """
    problems: list[str] = []
    try:
        proof = parse_proof(content)
        note = parse_note(proof.checkpoint)
    except NotANote as error:
        return Report(0, fold([]), (str(error),), (), ())
    kept, _ = _pinned(outside, key, problems)
    pinned = False
    try:
        if key is not None:
            pinned = note.signed_by(Key.parse(key))
            if not pinned:
                problems.append("The proof's checkpoint was not signed by the key given.")
        elif not (proof.key and note.signed_by(Key.parse(proof.key))):
            problems.append("The proof's checkpoint was not signed by the key it brings.")
    except NotANote as error:
        if str(error) not in problems:
            problems.append(str(error))

    number = proof.index + 1
    if not included(
        leaf_hash=leaf(proof.entry),
        index=proof.index,
        size=note.size,
        proof=proof.path,
        root=note.root,
    ):
        problems.append(f"This is not entry {number} of those the checkpoint was signed over.")
    try:
        said = parse(proof.entry)
        if said["seq"] != number:
            problems.append(f"The entry calls itself {said['seq']}, but it is number {number}.")
    except (NotCanonical, KeyError, TypeError) as error:
        problems.append(f"It is not a canonical entry: {error}.")
    if kept and kept.size == note.size and kept.root != note.root:
        problems.append(f"The proof and the outside checkpoint differ over {note.size} entries.")
    if problems:
        return Report(note.size, note.root, tuple(problems), (), ())

    proven = [f"This is entry {number} of the {note.size} the checkpoint was signed over."]
    not_proven = []
    if kept and kept.size == note.size:
        proven.append("The outside checkpoint is over the same entries.")
    elif kept:
        not_proven.append(
            f"That it fits the outside checkpoint: that one is over {kept.size} entries and this "
            f"proof over {note.size}. Ask for a proof to the checkpoint you keep."
        )
    if pinned:
        proven.append("The key given signed that checkpoint.")
    else:
        not_proven.append(
            "Who signed the checkpoint: the proof brings its own key, and so can a forger. Check "
            "it with the key you noted down."
        )
    not_proven.append("What any other entry says.")
    not_proven.append("That what was recorded was true.")
    return Report(note.size, note.root, (), tuple(proven), tuple(not_proven))


def main(arguments: Sequence[str]) -> int:
    """`verify.py ENTRIES or PROOF [--checkpoint FILE] [--key FILE]`: entries are one a line."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("file", type=Path, metavar="ENTRIES or PROOF")
    parser.add_argument("--checkpoint", type=Path)
    parser.add_argument("--key", type=Path)
    asked = parser.parse_args(arguments)
    outside = asked.checkpoint.read_bytes() if asked.checkpoint else None
    key = asked.key.read_bytes() if asked.key else None
    if _is_proof(asked.file):
        report = examine_proof(asked.file.read_bytes(), outside=outside, key=key)
    else:
        with asked.file.open("rb") as lines:
            report = examine(
                enumerate((line.removesuffix(b"\n") for line in lines), start=1),
                outside=outside,
                key=key,
                processes=os.cpu_count() or 1,
            )
    print(report)
    return 0 if report.ok else 1


def _is_proof(file: Path) -> bool:
    """Whether a file is a proof rather than entries, one a line."""
    if file.stat().st_size > LARGEST_PROOF:
        return False
    try:
        parse_proof(file.read_bytes())
    except NotANote:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
