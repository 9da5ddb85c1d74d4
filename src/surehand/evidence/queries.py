"""Reads of the ledger."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Max, Q

from . import canonical
from .models import Checkpoint, Correction, Entry, Head


def last_seq() -> int:
    """The seq of the newest entry; 0 for an empty ledger."""
    return Head.objects.values_list("size", flat=True).get()


def last_recorded_at() -> datetime | None:
    """When the newest entry was recorded (UTC); None for an empty ledger."""
    return Head.objects.values_list("recorded_at", flat=True).get()


def seq_at(*, moment: datetime) -> int:
    """The last seq recorded by `moment`: what was known then (R3); 0 if nothing was."""
    # recorded_at never goes backwards, so the newest in time is the newest in order.
    newest = Entry.objects.filter(recorded_at__lte=moment).aggregate(Max("seq"))
    return newest["seq__max"] or 0


def entry(*, seq: int) -> dict[str, Any] | None:
    """What an entry says, or None if there is none of that number."""
    content = Entry.objects.filter(seq=seq).values_list("content", flat=True).first()
    return None if content is None else canonical.loads(bytes(content))


def contents(*, after: int = 0) -> Iterator[tuple[int, bytes]]:
    """Number and bytes of every entry after `after`, in order, a few thousand at a time."""
    rows = Entry.objects.filter(seq__gt=after).order_by("seq").values_list("seq", "content")
    for seq, content in rows.iterator(chunk_size=5000):
        yield seq, bytes(content)


def last_checkpoint() -> Checkpoint | None:
    """The newest checkpoint, if one was made."""
    return Checkpoint.objects.order_by("-size", "-pk").first()


def checkpoints_over(*, seq: int) -> Iterator[Checkpoint]:
    """The checkpoints that cover entry `seq`, the newest first."""
    yield from Checkpoint.objects.filter(size__gte=seq).order_by("-size", "-pk")


def chain_of(*, seq: int) -> list[int]:
    """The seqs of the entry, of all it corrects and of all that corrects it, in order."""
    found, new = {seq}, {seq}
    while new:
        pairs = Correction.objects.filter(Q(entry__in=new) | Q(corrects__in=new))
        new = {one for pair in pairs.values_list("entry", "corrects") for one in pair} - found
        found |= new
    return sorted(found)
