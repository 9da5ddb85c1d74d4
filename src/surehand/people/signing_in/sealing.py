"""What keeps secrets out of the database: digests, and encryption with the installation's secret.

The key is derived from SECRET_KEY, which lives outside the database. So a copy of the database or
of a backup alone gives nobody an authenticator's secret; whoever has both has everything.
"""

from base64 import urlsafe_b64encode
from functools import cache

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.crypto import salted_hmac


def digest(purpose: str, text: str) -> str:
    """What is kept in place of `text`: 64 hexadecimal digits."""
    return str(salted_hmac(f"surehand.{purpose}", text, algorithm="sha256").hexdigest())


@cache
def _cipher(secret: str) -> Fernet:
    derived = HKDF(SHA256(), 32, salt=None, info=b"surehand authenticator").derive(secret.encode())
    return Fernet(urlsafe_b64encode(derived))


def seal(content: bytes) -> bytes:
    return _cipher(settings.SECRET_KEY).encrypt(content)


def unseal(sealed: bytes | memoryview) -> bytes | None:
    """What was sealed; None where the installation's secret is another now."""
    try:
        return _cipher(settings.SECRET_KEY).decrypt(bytes(sealed))
    except InvalidToken:
        return None
