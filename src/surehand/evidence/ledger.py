"""`act`: one transaction, one entry, one writer (R2)."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, TypeVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet, UniqueConstraint
from django.utils.module_loading import import_string

from . import canonical, clock, index, randomness, tree
from .actor import PSEUDONYM, Actor
from .facts import Recorded
from .kinds import Fact
from .models import Entry, Head
from .prepared import insert_one, prepared
from .refusal import NotPossible

F = TypeVar("F", bound=Fact)

SALT_BYTES = 32
# Clocks of tablets and servers differ a little.
CLOCK_SKEW = timedelta(minutes=2)

_open: ContextVar["Act | None"] = ContextVar("open_act", default=None)
# The posts touched by acts that are projected together.
_waiting: ContextVar[set[int] | None] = ContextVar("waiting", default=None)


class Commitment(NamedTuple):
    """A promise of content kept elsewhere: SHA-256(salt || content). Both can be erased."""

    digest: bytes
    salt: bytes


class Act:
    """The writer of one act, made by `act` alone."""

    def __init__(self, *, seq: int, recorded_at: datetime, happened_at: datetime) -> None:
        self.seq = seq
        self.recorded_at = recorded_at
        self.happened_at = happened_at
        self.subjects: set[str] = set()
        self.claims: dict[str, Any] = {}
        self.commitments: list[str] = []
        self.roots: list[dict[str, Any]] = []
        self.facts = Recorded()
        self.posts: set[int] = set()

    def record(self, fact: F) -> F:
        """Record one new fact: it gets this act's seq and times, and is inserted.

        Where a unique key of the fact is taken, `act` undoes everything and raises NotPossible.
        """
        self._take(fact)
        try:
            insert_one(fact)
        except IntegrityError as clash:
            raise _Clash(fact, clash) from clash
        self.facts.add(fact)
        return fact

    def record_all(self, facts: Iterable[F], *, batch_size: int | None = None) -> list[F]:
        """Record many new facts, in bulk for each of their tables."""
        recorded = list(facts)
        tables: dict[type[F], list[F]] = {}
        for fact in recorded:
            self._take(fact)
            tables.setdefault(type(fact), []).append(fact)
        for model, rows in tables.items():
            model._base_manager.bulk_create(rows, batch_size=batch_size)
            for row in rows:
                self.facts.add(row)
        return recorded

    def _take(self, fact: Fact) -> None:
        if not isinstance(fact, Fact):
            raise TypeError(f"{type(fact).__name__} is not a fact; save it in its own table.")
        if not fact._state.adding or fact.entry is not None:
            raise TypeError(f"This {type(fact).__name__} is recorded already; facts never change.")
        fact.entry = self.seq
        fact.happened_at = self.happened_at
        fact.recorded_at = self.recorded_at

    def about(self, *pseudonyms: str) -> None:
        """Whom the act is about, by pseudonym (32 hexadecimal digits)."""
        for pseudonym in pseudonyms:
            if not PSEUDONYM.fullmatch(pseudonym):
                raise ValueError("A subject is a pseudonym of 32 hexadecimal digits.")
        self.subjects.update(pseudonyms)

    def state(self, **claims: Any) -> None:
        """Claims the entry makes, for those who verify a pack. No names, no free text, no floats.

        Raises NotCanonical for values with no single canonical form.
        """
        canonical.dumps(claims)
        if again := self.claims.keys() & claims.keys():
            raise ValueError(f"Stated twice: {', '.join(sorted(again))}.")
        self.claims.update(claims)

    def commit(self, content: bytes | str) -> Commitment:
        """Commit the entry to text or a file. The caller keeps content and salt, erasably."""
        if isinstance(content, str):
            content = content.encode()
        salt = randomness.token_bytes(SALT_BYTES)
        commitment = Commitment(hashlib.sha256(salt + content).digest(), salt)
        self.commitments.append(commitment.digest.hex())
        return commitment

    def commit_all(self, contents: Sequence[bytes]) -> tuple[bytes, list[bytes]]:
        """Commit the entry to many rows by one Merkle root over their salted digests.

        Answers the root and each row's salt; the leaf of a row is its digest, SHA-256(salt || row).
        """
        rows = CommittedRows()
        salts = [commitment.salt for commitment in rows.add(contents)]
        return self.commit_rows(rows), salts

    def commit_rows(self, rows: "CommittedRows") -> bytes:
        """Commit the entry to rows that were added batch by batch. Answers their root."""
        root = tree.fold(rows.frontier)
        self.roots.append({"count": rows.count, "root": root.hex()})
        return root

    def touch(self, post_ids: Iterable[int]) -> None:
        """The posts whose spans this act may change, for the projectors."""
        self.posts.update(post_ids)


class CommittedRows:
    """A Merkle tree over the salted digests of many rows, growing in O(log n) memory."""

    def __init__(self) -> None:
        self.count = 0
        self.frontier: list[bytes] = []

    def add(self, contents: Iterable[bytes]) -> list[Commitment]:
        """The next rows; the first of them is leaf number `count`, from 0."""
        contents = list(contents)
        drawn = randomness.token_bytes(SALT_BYTES * len(contents)) if contents else b""
        salts = [drawn[at : at + SALT_BYTES] for at in range(0, len(drawn), SALT_BYTES)]
        digests = [hashlib.sha256(s + c).digest() for s, c in zip(salts, contents, strict=True)]
        leaves = [tree.leaf(digest) for digest in digests]
        tree.grow_by(self.frontier, self.count, leaves)
        self.count += len(leaves)
        return list(map(Commitment, digests, salts))


class _Clash(Exception):
    """A fact the database would not take. Why is asked once its transaction is undone."""

    def __init__(self, fact: Fact, problem: IntegrityError) -> None:
        self.fact = fact
        self.problem = problem

    def refusal(self) -> NotPossible | None:
        """The sentence for whoever wanted this recorded; None where no unique key is taken, which
        is a fault of ours and no news for them."""
        fact, meta = self.fact, self.fact._meta
        # What happens once to another fact has been done by somebody else in between.
        once = [field.attname for field in meta.concrete_fields if field.one_to_one]
        same = [{name: value} for name in once if (value := getattr(fact, name)) is not None]
        if any(type(fact)._base_manager.filter(**key).exists() for key in same):
            return NotPossible(
                "This was recorded a moment ago, so it is not recorded a second time. "
                "Load the page again to see it."
            )
        try:
            fact.validate_unique()
            for constraint in meta.constraints:
                if isinstance(constraint, UniqueConstraint):
                    constraint.validate(type(fact), fact)
        except ValidationError:
            return NotPossible(
                f"Another {meta.verbose_name} has this key already, so nothing was recorded. "
                "Load the page again, and choose another."
            )
        return None


@contextmanager
def act(
    kind: str,
    *,
    by: Actor,
    happened_at: datetime | None = None,
    corrects: int | None = None,
    future: bool = False,
) -> Iterator[Act]:
    """Open the one transaction in which facts are recorded, and enter it in the ledger.

    The head is locked from here on, so acts follow one another: what is read inside is what holds
    when this act is recorded (R3). Any exception undoes all of it, and no seq is used.

    `kind` is written part.verb; `happened_at` is aware and defaults to the moment of recording;
    `corrects` is the seq of the entry this act corrects. Raises NotPossible for a `happened_at`
    more than two minutes ahead, unless `future`, for correcting an entry that does not exist, and
    where a unique key of a fact is taken.
    """
    try:
        with _act(kind, by=by, happened_at=happened_at, corrects=corrects, future=future) as opened:
            yield opened
    except _Clash as clash:
        refusal = clash.refusal()
        if refusal is None:
            raise clash.problem from None
        raise refusal from clash.problem


@contextmanager
def _act(
    kind: str,
    *,
    by: Actor,
    happened_at: datetime | None,
    corrects: int | None,
    future: bool,
) -> Iterator[Act]:
    if _open.get() is not None:
        raise RuntimeError("An act is open already; one action is one act.")
    if happened_at is not None and happened_at.tzinfo is None:
        raise ValueError("happened_at needs a time zone.")
    with transaction.atomic():
        [head] = _held_head()
        recorded_at = max(clock.now(), head.recorded_at or datetime.min.replace(tzinfo=UTC))
        happened_at = happened_at.astimezone(UTC) if happened_at else recorded_at
        if happened_at > recorded_at + CLOCK_SKEW and not future:
            raise NotPossible("That time is still to come; say when it happened.")
        if corrects is not None and not 1 <= corrects <= head.size:
            raise NotPossible(f"There is no entry {corrects} to correct.")
        opened = Act(seq=head.size + 1, recorded_at=recorded_at, happened_at=happened_at)
        token = _open.set(opened)
        try:
            yield opened
            _enter(opened, head, kind=kind, by=by, corrects=corrects)
            waiting = _waiting.get()
            if waiting is None:
                _project(opened.posts)
            else:
                waiting.update(opened.posts)
        finally:
            _open.reset(token)


def _project(posts: set[int]) -> None:
    if posts:
        for path in settings.PROJECTORS:
            import_string(path)(posts=frozenset(posts))


@contextmanager
def projected_together() -> Iterator[Callable[[], None]]:
    """Run the projectors once for all acts inside, at the end and whenever what is yielded is
    called: for building a whole provider in one transaction, which it therefore opens."""
    waiting: set[int] = set()

    def project_now() -> None:
        _project(waiting)
        waiting.clear()

    with transaction.atomic():
        token = _waiting.set(waiting)
        try:
            yield project_now
            project_now()
        finally:
            _waiting.reset(token)


def hold_head() -> None:
    """Hold the ledger still until the transaction under way ends: no act begins meanwhile."""
    _held_head()


@prepared
def _held_head() -> "QuerySet[Head]":
    return Head.objects.select_for_update()


def written(moment: datetime) -> str:
    """A moment as entries write it: UTC, to the microsecond, always of one length."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _enter(opened: Act, head: Head, *, kind: str, by: Actor, corrects: int | None) -> None:
    said = {
        "v": 1,
        "seq": opened.seq,
        "kind": kind,
        "actor": by.pseudonym,
        "signed_in": by.signed_in,
        "subjects": sorted(opened.subjects),
        "happened_at": written(opened.happened_at),
        "recorded_at": written(opened.recorded_at),
        "corrects": corrects,
        "facts": opened.facts.statement(),
        "state": opened.claims,
        "commitments": opened.commitments,
        "roots": opened.roots,
    }
    content = canonical.entry_bytes(said)
    insert_one(Entry(seq=opened.seq, kind=kind, recorded_at=opened.recorded_at, content=content))
    leaf = tree.leaf(content)
    frontier = tree.unpack(head.frontier)
    index.add(said, frontier=frontier, leaf=leaf)
    frontier = tree.append(frontier, head.size, leaf)
    head.size, head.frontier, head.recorded_at = opened.seq, tree.pack(frontier), opened.recorded_at
    head.save(force_update=True)
