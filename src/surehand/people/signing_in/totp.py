"""Codes of an authenticator app (RFC 6238: SHA-1, six digits, 30 seconds). Pure."""

import hashlib
import hmac
from base64 import b32encode
from datetime import datetime
from urllib.parse import quote, urlencode

STEP_SECONDS = 30
DIGITS = 6
SECRET_BYTES = 20
# A phone's clock may be one step off either way.
STEPS_OFF = 1


def step_at(moment: datetime) -> int:
    """The number of the time step of `moment` (aware)."""
    return int(moment.timestamp()) // STEP_SECONDS


def code_of(secret: bytes, step: int, *, digits: int = DIGITS) -> str:
    digest = hmac.new(secret, step.to_bytes(8, "big"), hashlib.sha1).digest()
    offset = digest[-1] & 0xF
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFF_FFFF
    return f"{number % 10**digits:0{digits}}"


def step_of(secret: bytes, code: str, *, at: datetime, after: int = 0) -> int | None:
    """The time step whose code this is, near `at` and later than step `after`; None: no such."""
    now = step_at(at)
    for step in range(now - STEPS_OFF, now + STEPS_OFF + 1):
        if step > after and hmac.compare_digest(code_of(secret, step).encode(), code.encode()):
            return step
    return None


def written(secret: bytes) -> str:
    """The secret as it is typed into an app: base 32 in groups of four."""
    text = b32encode(secret).decode()
    return " ".join(text[n : n + 4] for n in range(0, len(text), 4))


def address_of(secret: bytes, *, email: str, issuer: str) -> str:
    """The otpauth address in the picture an app scans."""
    query = urlencode({"secret": b32encode(secret).decode(), "issuer": issuer}, quote_via=quote)
    return f"otpauth://totp/{quote(f'{issuer}:{email}')}?{query}"
