"""Who acts: a pseudonym and how they were signed in. No name enters the ledger."""

import re
from dataclasses import dataclass

PSEUDONYM = re.compile(r"[0-9a-f]{32}")
# First what was shown on signing in, then the second factor. "oidc" is the provider's own identity
# provider, "mfa" a second factor it vouches for, "link" the one-time link to set a password,
# "token" that of another program.
SIGNED_IN = frozenset(
    {
        "password",
        "password+code",
        "password+passkey",
        "password+recovery code",
        "passkey",
        "oidc",
        "oidc+mfa",
        "oidc+code",
        "oidc+passkey",
        "oidc+recovery code",
        "link",
        "demo",
        "command line",
        "token",
        "system",
    }
)


@dataclass(frozen=True)
class Actor:
    """One who acts. `pseudonym` is 32 hexadecimal digits; `signed_in` says how (SIGNED_IN)."""

    pseudonym: str
    signed_in: str

    def __post_init__(self) -> None:
        if not PSEUDONYM.fullmatch(self.pseudonym):
            raise ValueError("A pseudonym is 32 hexadecimal digits in lower case.")
        if self.signed_in not in SIGNED_IN:
            raise ValueError(f"signed_in must be one of {sorted(SIGNED_IN)}.")


SYSTEM = Actor("0" * 32, "system")
