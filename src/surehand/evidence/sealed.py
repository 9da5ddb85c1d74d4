"""What is sealed at rest (AES-256-GCM), each purpose with a key of its own: a file outside the
database, made on first use. Whoever has the database alone, or a copy of it, reads none of it.
"""

import os
import secrets
import tempfile
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
_NONCE = 12


class Unreadable(Exception):
    """What was sealed cannot be opened: its key is another one, or it was changed."""


def sealing(path: Path) -> Callable[[bytes], bytes]:
    """What seals with the key kept at `path`, looked for once. Twice the same content is never the
    same bytes."""
    encrypt = _cipher(key(path)).encrypt

    def sealed(content: bytes) -> bytes:
        nonce = secrets.token_bytes(_NONCE)
        return nonce + encrypt(nonce, content, None)

    return sealed


def sealed_all(contents: Sequence[bytes], path: Path) -> list[bytes]:
    """Many, each by itself; chance is asked once."""
    encrypt = _cipher(key(path)).encrypt
    chance = secrets.token_bytes(_NONCE * len(contents)) if contents else b""
    nonces = [chance[at : at + _NONCE] for at in range(0, len(chance), _NONCE)]
    return [
        nonce + encrypt(nonce, content, None)
        for nonce, content in zip(nonces, contents, strict=True)
    ]


def opened(content: bytes | memoryview, path: Path) -> bytes:
    """What was sealed with the key kept at `path`. Raises Unreadable."""
    content = bytes(content)
    try:
        return _cipher(key(path)).decrypt(content[:_NONCE], content[_NONCE:], None)
    except (InvalidTag, ValueError):
        raise Unreadable from None


@lru_cache(maxsize=4)
def _cipher(key: bytes) -> AESGCM:
    return AESGCM(key)


def key(path: Path) -> bytes:
    """The key kept at `path`. Raises ValueError for a file that holds none."""
    if not path.exists():
        make_key(path)
    return _kept(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=6)
def _kept(path: Path, changed: int) -> bytes:
    key = bytes.fromhex(path.read_text().strip())
    if len(key) != KEY_BYTES:
        raise ValueError(f"{path} does not hold a key.")
    return key


def forget_kept_keys() -> None:
    """Read each key anew: one was replaced."""
    _kept.cache_clear()


def make_key(path: Path) -> None:
    """Whole or not at all, and the first of two makers wins. A temporary file is mode 0600."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_hex(KEY_BYTES) + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        os.unlink(draft)
