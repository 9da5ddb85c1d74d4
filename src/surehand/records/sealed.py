"""What live records say, sealed at rest (AES-256-GCM); and pseudonyms of the people they are about.

Both keys are files outside the database, made on first use. Erasing the key of the pseudonyms
ends every way back from a pseudonym to somebody supported; erasing the other, to the words.
"""

import hashlib
import hmac
import os
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path

from django.conf import settings

from surehand.evidence import sealed
from surehand.evidence.sealed import Unreadable

__all__ = ["Unreadable", "digest", "digesting", "pseudonym", "seal", "seal_all", "unseal"]

_PLAIN = b"\0"
_SHORT = 512


def seal(text: str) -> bytes:
    """`text`, compressed and sealed. Twice the same text is never the same bytes."""
    return seal_all([text])[0]


def seal_all(texts: Iterable[str]) -> list[bytes]:
    """`seal` for many texts: the key is looked for once."""
    return sealed.sealed_all([_packed(text.encode()) for text in texts], settings.RECORDS_KEY)


def unseal(content: bytes | memoryview) -> str:
    """What was sealed. Raises Unreadable."""
    packed = sealed.opened(content, settings.RECORDS_KEY)
    return (packed[1:] if packed[:1] == _PLAIN else zlib.decompress(packed)).decode()


def _packed(text: bytes) -> bytes:
    """Compressed where it is worth the time; a stream of zlib never begins with `_PLAIN`."""
    return _PLAIN + text if len(text) < _SHORT else zlib.compress(text, 1)


def pseudonym(subject_id: str, *, service: str) -> str:
    """Whom a record is about, by a keyed digest: 16 bytes in hex. `service` is its code: two
    services may number the people they support alike."""
    said = f"{service}\0{subject_id}".encode()
    return hmac.new(sealed.key(settings.SUBJECTS_KEY), said, hashlib.sha256).hexdigest()[:32]


def digest(*parts: str) -> bytes:
    """A keyed digest of what a row says, 16 bytes: to tell whether it says the same again."""
    return digesting()(parts)


def digesting() -> Callable[[Iterable[str]], bytes]:
    """`digest` for many rows: the key is looked for once."""
    begun = hmac.new(sealed.key(settings.SUBJECTS_KEY), digestmod="sha256")

    def digested(parts: Iterable[str]) -> bytes:
        keyed = begun.copy()  # with the key worked in already
        keyed.update("".join([f"{len(part)}:{part}" for part in parts]).encode())
        return keyed.digest()[:16]

    return digested


# --- Another key for the pseudonyms ---------------------------------------------------------------


def fingerprint(path: Path) -> str:
    """What a key is known by: it tells two keys apart and nothing of either. Empty for none."""
    if not path.exists():
        return ""
    return hmac.new(sealed.key(path), b"fingerprint", hashlib.sha256).hexdigest()[:16]


def next_subjects_key() -> str:
    """Make the key that is to take the place of that of the pseudonyms, beside it; answers its
    fingerprint."""
    path = _next()
    path.unlink(missing_ok=True)
    sealed.make_key(path)
    return fingerprint(path)


def change_subjects_key(made: str) -> None:
    """Put the key with this fingerprint in the place of that of the pseudonyms, and write over the
    old one. Done again, it does nothing."""
    path, new = settings.SUBJECTS_KEY, _next()
    if fingerprint(new) != made:
        return
    old = os.open(path, os.O_WRONLY) if path.exists() else None
    try:
        new.replace(path)
    except FileNotFoundError:  # somebody else has just done it
        if old is not None:
            os.close(old)
        return
    if old is not None:
        os.write(old, b"0" * (2 * sealed.KEY_BYTES))
        os.fsync(old)
        os.close(old)
    sealed.forget_kept_keys()


def _next() -> Path:
    path: Path = settings.SUBJECTS_KEY
    return path.with_name(f"{path.name}.next")
