"""Checkpoints: a signed root over the ledger, for outsiders to keep (C2SP tlog-checkpoint).

The key lives in a file outside the database, in the `PRIVATE+KEY+name+id+seed` form of signed
notes. What checks a checkpoint is in `verify.py`.
"""

import base64
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from .verify import Key, NotANote, Note, parse_note

__all__ = ["Key", "NotANote", "Note", "Signer", "parse_note"]


@dataclass(frozen=True)
class Signer:
    """The key that signs."""

    name: str
    seed: bytes  # 32 bytes

    @property
    def key(self) -> Key:
        """The public key, for outsiders to pin."""
        return Key(self.name, self._private.public_key().public_bytes_raw())

    @property
    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)

    def sign(self, *, size: int, root: bytes) -> bytes:
        """The checkpoint of the tree of `size` leaves with this root."""
        text = f"{self.name}\n{size}\n{base64.b64encode(root).decode()}\n"
        signature = self.key.id + self._private.sign(text.encode())
        return f"{text}\n— {self.name} {base64.b64encode(signature).decode()}\n".encode()

    @classmethod
    def kept_in(cls, path: Path, *, name: str) -> "Signer":
        """The signer kept in a file that its owner alone can read; made on first use.

        Raises NotANote if the file is not such a key or is that of another ledger.
        """
        if not path.exists():
            _make(path, name)
        try:
            private, word, kept, key_id, encoded = path.read_text().strip().split("+", 4)
            signer = cls(kept, base64.b64decode(encoded, validate=True)[1:])
            if (private, word) != ("PRIVATE", "KEY") or signer.key.id.hex() != key_id:
                raise ValueError("damaged")
        except ValueError as error:
            raise NotANote(f"{path} does not hold a checkpoint key.") from error
        if kept != name:
            raise NotANote(f"{path} is the key of {kept}, but this ledger is called {name}.")
        return signer


def _make(path: Path, name: str) -> None:
    if not name or "+" in name or any(letter.isspace() for letter in name):
        raise NotANote("The name of a ledger has no spaces and no plus sign.")
    seed = Ed25519PrivateKey.generate().private_bytes_raw()
    encoded = base64.b64encode(b"\x01" + seed).decode()
    line = f"PRIVATE+KEY+{name}+{Signer(name, seed).key.id.hex()}+{encoded}\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    # Whole or not at all, and the first of two makers wins. A temporary file is mode 0600.
    handle, draft = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        os.unlink(draft)
