"""What is written about the ledger itself: its checkpoints, and that it was restored."""

from django.conf import settings
from django.db import transaction

from . import clock, queries, tree
from .actor import SYSTEM
from .checkpoint import Signer
from .ledger import act
from .models import Checkpoint, Head
from .refusal import NotPossible


def signer() -> Signer:
    """The key that signs this ledger's checkpoints; made on first use."""
    return Signer.kept_in(settings.CHECKPOINT_KEY, name=settings.LEDGER_NAME)


def make_checkpoint() -> Checkpoint:
    """Sign the ledger as it stands; the newest checkpoint again if nothing was recorded since.

    Call it after an act, never inside one. Raises NotPossible if the ledger is shorter than, or
    differs from, what was signed before.
    """
    with transaction.atomic():
        head = Head.objects.select_for_update().get()
        root = tree.fold(tree.unpack(head.frontier))
        last = queries.last_checkpoint()
        if last and last.size == head.size and bytes(last.root) == root:
            return last
        if last and last.size >= head.size:
            raise NotPossible(
                "The ledger no longer continues its last checkpoint; run `surehand doctor`."
            )
        return Checkpoint.objects.create(
            size=head.size,
            root=root,
            note=signer().sign(size=head.size, root=root),
            made_at=clock.now(),
        )


def record_restored() -> int:
    """Enter in the ledger that a copy of it was put back, and how many entries the copy had."""
    size = queries.last_seq()
    with act("ledger.restored", by=SYSTEM) as opened:
        opened.state(size=size)
    return size
