"""The five kinds of row (R1). Every model inherits from exactly one of them.

fact     recorded once; never changed or deleted; no names and no free text in it
copy     imported or written text, rota file rows; removed only by retention or erasure
span     derived from facts; can be rebuilt at any time
draft    work in progress, not yet recorded
setting  how this installation is set up; names and sign-ins
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.db import models

from .keeping import WORDS, WORDS_KEPT, Kept, Personal
from .prepared import insert_one

if TYPE_CHECKING:
    from .ledger import Act


class Kind(StrEnum):
    FACT = "fact"
    COPY = "copy"
    SPAN = "span"
    DRAFT = "draft"
    SETTING = "setting"


class Fact(models.Model):
    """A fact: written only through `Act.record`, guarded in the database against change.

    `entry` is the `seq` of the ledger entry that recorded it, the order of knowledge (R3);
    `happened_at` and `recorded_at` are UTC.
    """

    kind = Kind.FACT

    entry = models.BigIntegerField(db_index=True, editable=False)
    happened_at = models.DateTimeField(editable=False)
    recorded_at = models.DateTimeField(editable=False)

    class Meta:
        abstract = True


class Copy(models.Model):
    """`personal` says how a person's rows are found, or why there are none; `kept` for how long."""

    kind = Kind.COPY
    personal: Personal | str
    kept: Kept | tuple[Kept, ...] | str

    class Meta:
        abstract = True


class Span(models.Model):
    kind = Kind.SPAN

    class Meta:
        abstract = True


class Draft(models.Model):
    """`personal` and `kept` as for a copy."""

    kind = Kind.DRAFT
    personal: Personal | str
    kept: Kept | tuple[Kept, ...] | str

    class Meta:
        abstract = True


class Setting(models.Model):
    """`personal` as for a copy; a setting is kept until it is changed."""

    kind = Kind.SETTING
    personal: Personal | str

    class Meta:
        abstract = True


class Words(Copy):
    """Free text beside the ledger entry that committed to it.

    The ledger keeps `SHA-256(salt || text)` alone; erasing this row erases the words and leaves the
    proof whole. Each part has its own table of words. A name erased from the text of somebody else
    takes the salt with it: such a text is kept and no longer answers for its digest.
    """

    personal: Personal | str = WORDS
    kept: Kept | tuple[Kept, ...] | str = WORDS_KEPT

    entry = models.BigIntegerField(db_index=True, editable=False)
    text = models.TextField()
    salt = models.BinaryField(max_length=32)

    class Meta:
        abstract = True

    @classmethod
    def committed(cls, entry: int) -> list[tuple[str, bytes, bytes]]:
        """What an entry committed to and this table keeps: what it is, its content and salt."""
        rows = cls._default_manager.filter(entry=entry).values_list("text", "salt")
        return [("Text", text.encode(), bytes(salt)) for text, salt in rows]

    @classmethod
    def write(cls, act: Act, text: str, **more: Any) -> None:
        """Keep `text` beside the entry being written, with `more` columns; nothing to keep is no
        row."""
        if text := text.strip():
            insert_one(cls(entry=act.seq, text=text, salt=act.commit(text).salt, **more))


# What facts stand on is itself fact: never changed, never deleted, no names in it.
LEDGER = frozenset({"evidence.Entry", "evidence.Checkpoint"})


def kind_of(model: type[models.Model]) -> Kind:
    """The kind of row of a model of ours (R1). Raises TypeError for a model without one."""
    if model._meta.label in LEDGER:
        return Kind.FACT
    for base in (Fact, Copy, Span, Draft, Setting):
        if issubclass(model, base):
            return base.kind
    raise TypeError(f"{model._meta.label} is not declared a fact, copy, span, draft or setting.")
