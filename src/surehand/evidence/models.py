"""The ledger's rows: entries, the head of their tree, and the checkpoints signed over it."""

from django.db import models

from .kinds import Span


class Entry(models.Model):
    """One act, as canonical bytes that are never re-serialised. A fact, guarded as facts are.

    `kind` and `recorded_at` repeat what `content` says, so that it can be searched.
    """

    seq = models.BigAutoField(primary_key=True)  # set by the ledger, gap-free from 1
    kind = models.CharField(max_length=80)
    recorded_at = models.DateTimeField(db_index=True)
    content = models.BinaryField()

    class Meta:
        verbose_name_plural = "entries"
        indexes = [models.Index(fields=["kind", "seq"], name="entry_kind_seq")]
        constraints = [
            models.CheckConstraint(condition=models.Q(seq__gte=1), name="entry_seq_from_1")
        ]


class Head(Span):
    """The one row that says where the ledger ends; locked while an act is open.

    Derived: it can be rebuilt from the entries at any time. `frontier` holds the roots of the
    complete subtrees, largest first, 32 bytes each.
    """

    size = models.BigIntegerField(default=0)
    frontier = models.BinaryField(default=b"")
    recorded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="head_is_one_row"),
        ]


class Checkpoint(models.Model):
    """A signed root over the first `size` entries (a C2SP signed note). Guarded as facts are."""

    size = models.BigIntegerField()
    root = models.BinaryField(max_length=32)
    note = models.BinaryField()
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["size", "root"], name="checkpoint_once_per_root"),
        ]


class Subject(Span):
    """Whom an entry names, so that entries can be found: those it is about and who acted.

    Derived from the entries, as `Correction` and `Subtree` are: see `index.py`.
    """

    entry = models.BigIntegerField(db_index=True)
    pseudonym = models.CharField(max_length=32)
    acted = models.BooleanField()

    class Meta:
        indexes = [models.Index(fields=["pseudonym", "acted", "entry"], name="subject_found")]


class Correction(Span):
    """Which entry an entry corrects or voids, so that both ways can be followed."""

    entry = models.BigIntegerField(unique=True)
    corrects = models.BigIntegerField(db_index=True)


class Subtree(Span):
    """The root over one full block of entries (number 0: the first 256), so that a proof reads two
    blocks of them however long the ledger is."""

    number = models.BigIntegerField(unique=True)
    root = models.BinaryField(max_length=32)
