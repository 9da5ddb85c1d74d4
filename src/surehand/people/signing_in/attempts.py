"""Counting tries, so that guessing is slow and nobody is locked out by it.

A try is counted before it is looked at, so that many at once are counted too, and taken back when
it was right. A browser that has signed in to this account before has a count of its own: what
others get wrong elsewhere, at the same address or not, never makes it wait.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse

from surehand import evidence
from surehand.evidence.refusal import NotPossible
from surehand.people.models import KnownDevice, SignIn, SignInTries
from surehand.people.signing_in import limits
from surehand.people.signing_in.sealing import digest
from surehand.ui.formats import plural

COOKIE = "device"
COOKIE_AGE = timedelta(days=365)
COOKIE_BYTES = 32

log = logging.getLogger(__name__)


class TooSoon(NotPossible):
    """Too many failures under this key; the sentence says how long to wait."""


@dataclass(frozen=True)
class Attempt:
    """A try that was counted as a failure until it turns out right."""

    what: str
    account: str  # a digest
    keys: tuple[str, ...]
    known: bool

    def failed(self) -> None:
        """Leave it counted, and say so in the log without saying who."""
        log.warning("Sign-in failed: %s, account %s", self.what, self.account[:12])

    def succeeded(self) -> None:
        """Take it back. In a known browser that also forgets the failures before it; elsewhere
        they stay, or whoever signs in often would hand an attacker new guesses."""
        for key in self.keys:
            counted = SignInTries.objects.filter(key=key, count__gt=0)
            counted.update(count=0 if self.known else F("count") - 1)


def begin(
    *,
    what: str,
    account: str,
    device: KnownDevice | None,
    address: str,
    at: datetime,
    instead: str = "sign in with a passkey",
) -> Attempt:
    """Count a try at `account` (an email address, or anything that stands for one person).

    `what` is tried: "password" or "code". `address` is the network address it comes from, `instead`
    what else can be done. Raises TooSoon. It answers alike whether or not there is such an account.
    """
    account = digest("account", account.strip().casefold())
    own = digest("tries", f"{what} {account} {device.pk if device else 'elsewhere'}")
    keys = [own]
    with transaction.atomic():
        waits = [limits.wait(_held(own, at), at=at)]
        if device is None:
            where = digest("tries", f"address {address}")
            keys.append(where)
            waits.append(limits.address_wait(_held(where, at), at=at))
        if (longest := max(waits)) > limits.NOW:
            log.warning("Sign-in made to wait: %s, account %s", what, account[:12])
            raise TooSoon(
                f"There were too many wrong tries. Wait {_in_words(longest)} and try again, or "
                f"{instead}."
            )
        _keep(own, limits.counted(_held(own, at), at=at))
        if device is None:
            _keep(where, limits.address_counted(_held(where, at), at=at))
        SignInTries.objects.filter(last_at__lt=at - limits.FORGOTTEN_AFTER).delete()
    return Attempt(what, account, tuple(keys), known=device is not None)


def _held(key: str, at: datetime) -> limits.Tries | None:
    tries, _ = SignInTries.objects.get_or_create(key=key, defaults={"since": at, "last_at": at})
    tries = SignInTries.objects.select_for_update().get(pk=tries.pk)
    return limits.Tries(tries.count, tries.since, tries.last_at) if tries.count else None


def _keep(key: str, tries: limits.Tries) -> None:
    SignInTries.objects.filter(key=key).update(
        count=tries.count, since=tries.since, last_at=tries.last
    )


def _in_words(wait: timedelta) -> str:
    seconds = int(wait.total_seconds()) + 1
    return plural(seconds, "second") if seconds < 60 else plural(-(-seconds // 60), "minute")


# --- known browsers -----------------------------------------------------------------------------


def device_of(request: HttpRequest, sign_in: SignIn | None) -> KnownDevice | None:
    """This browser, if the person has signed in in it before."""
    token = request.COOKIES.get(COOKIE, "")
    if not token or sign_in is None:
        return None
    return KnownDevice.objects.filter(sign_in=sign_in, digest=digest("device", token)).first()


def remember_device(request: HttpRequest, response: HttpResponse, sign_in: SignIn) -> None:
    """From now on this browser is known to this person. On a shared tablet it is known to several,
    each for themselves."""
    now, token = evidence.clock.now(), request.COOKIES.get(COOKIE, "")
    if not KnownDevice.objects.filter(digest=digest("device", token)).exists():
        token = evidence.randomness.token_bytes(COOKIE_BYTES).hex()
    KnownDevice.objects.update_or_create(
        sign_in=sign_in,
        digest=digest("device", token),
        defaults={"seen_at": now},
    )
    sign_in.devices.filter(seen_at__lt=now - COOKIE_AGE).delete()
    response.set_cookie(
        COOKIE,
        token,
        max_age=COOKIE_AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def address_of(request: HttpRequest) -> str:
    """Where a request comes from; behind a proxy, what the proxy itself says, which stands last."""
    if settings.PROXY and (said := request.headers.get("X-Forwarded-For", "")):
        return said.rpartition(",")[2].strip()
    return str(request.META.get("REMOTE_ADDR", ""))
