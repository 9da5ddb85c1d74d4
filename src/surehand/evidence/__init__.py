"""Evidence: the one way to write, and the proof that nothing written was changed.

`with evidence.act(...)` is the only door through which facts enter (R2).
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from . import clock, randomness
from .actor import SYSTEM, Actor
from .refusal import NotPermitted, NotPossible, Refused

if TYPE_CHECKING:
    from .actions import make_checkpoint
    from .checks import verify_ledger
    from .ledger import Act, Commitment, CommittedRows, act, projected_together
    from .queries import last_seq, seq_at

__all__ = [
    "SYSTEM",
    "Act",
    "Actor",
    "Commitment",
    "CommittedRows",
    "NotPermitted",
    "NotPossible",
    "Refused",
    "act",
    "clock",
    "last_seq",
    "make_checkpoint",
    "projected_together",
    "randomness",
    "seq_at",
    "verify_ledger",
]

# What needs models is loaded when first asked for: Django imports this package before any model.
_LATER = {
    "Act": "ledger",
    "Commitment": "ledger",
    "CommittedRows": "ledger",
    "act": "ledger",
    "last_seq": "queries",
    "make_checkpoint": "actions",
    "projected_together": "ledger",
    "seq_at": "queries",
    "verify_ledger": "checks",
}


def __getattr__(name: str) -> Any:
    if name in _LATER:
        return getattr(import_module(f".{_LATER[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
