"""How this session is signed in, and when the person last showed that it is them."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase

from surehand.people.access import By, Confirmed

# One thing shown only; everything else is two.
SINGLE = frozenset({"password", "oidc"})
CONFIRMED_FOR = timedelta(minutes=10)


def mark(session: SessionBase, *, how: str, at: datetime) -> None:
    """Note in a session just begun how (`evidence.actor.SIGNED_IN`) and when (UTC)."""
    session["signed_in"] = how
    if how != "demo":
        confirm(session, how=how.rpartition("+")[2], at=at)


def confirm(session: SessionBase, *, how: str, at: datetime) -> None:
    session["confirmed"] = [at.isoformat(), how]


def confirmed_in(session: SessionBase) -> Confirmed | None:
    kept: Any = session.get("confirmed")
    return Confirmed(datetime.fromisoformat(kept[0]), kept[1]) if kept else None


def is_fresh(by: By, *, at: datetime) -> bool:
    """Whether the person showed that it is them within the last ten minutes.

    In demo mode there is nothing to show: anybody is anybody there.
    """
    if by.signed_in == "demo":
        return bool(settings.DEMO)
    return by.confirmed is not None and abs(at - by.confirmed.at) <= CONFIRMED_FOR
