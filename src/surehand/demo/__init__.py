"""The demonstration: Brindlemoor Care, nine weeks into its rollout (content brief, section 11).

It is built by the product's own actions under a clock that moves forward, in one transaction, the
same way every time: the same day gives the same ledger.
"""

from collections.abc import Callable
from datetime import date, timedelta
from hashlib import shake_256

from django.conf import settings

from surehand import evidence
from surehand.demo.cast import HOMES, PROVIDER
from surehand.demo.story import tell
from surehand.evidence.refusal import NotPossible
from surehand.people.models import Provider, Service
from surehand.timeline import instant, london_date


def build(*, today: date | None = None, done: Callable[[float], None] = lambda share: None) -> bool:
    """Build the demonstration as of the Monday on or before `today` (London; now when None).

    False if it is there already. `done` hears which share is done. Raises NotPossible outside
    demo mode and in a database that holds anything else.
    """
    if not settings.DEMO:
        raise NotPossible(
            "The demonstration is built in demo mode only. Set SUREHAND_DEMO=1, and use a "
            "database of its own."
        )
    if is_built():
        return False
    if Service.objects.exists() or evidence.last_seq():
        raise NotPossible(
            "This database is in use, so the demonstration is not built in it. Choose an empty "
            "one with SUREHAND_SQLITE or DATABASE_URL."
        )
    day = today or london_date(instant(evidence.clock.now()))
    monday = day - timedelta(days=day.weekday())
    with evidence.randomness.using(_seeded(str(monday))):
        tell(today=monday, done=done)
    return True


def is_built() -> bool:
    """It is built whole or not at all."""
    codes = set(Service.objects.values_list("code", flat=True))
    return (
        codes == {home.code for home in HOMES} and Provider.objects.filter(name=PROVIDER).exists()
    )


def _seeded(seed: str) -> Callable[[int], bytes]:
    """Bytes that look random and are the same every time."""
    drawn = 0

    def draw(size: int) -> bytes:
        nonlocal drawn
        drawn += 1
        return shake_256(f"{seed}:{drawn}".encode()).digest(size)

    return draw


__all__ = ["build", "is_built"]
