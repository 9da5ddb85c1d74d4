"""How long to wait after failed tries. Pure.

The first tries are free, then each failure doubles the wait, up to a quarter of an hour. Nobody is
locked out for good, and a failure counts only against the key it was made under: the account as
seen from anywhere, or the account in one browser that has signed in there before.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

FREE_TRIES = 5
FIRST_WAIT = timedelta(seconds=15)
LONGEST_WAIT = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(hours=24)
# Guesses at one account in any hour, from all browsers together that have not signed in before.
MOST_IN_AN_HOUR = 14

# Failures from one address in an hour: a home's staff stay far below it, a machine does not.
ADDRESS_CEILING = 1000
ADDRESS_HOUR = timedelta(hours=1)

NOW = timedelta(0)


@dataclass(frozen=True)
class Tries:
    """Failures under one key: how many, since when and the last, both in UTC."""

    count: int
    since: datetime
    last: datetime


def wait(tries: Tries | None, *, at: datetime) -> timedelta:
    """How long until the next try is taken; zero: now."""
    if tries is None or at - tries.last >= FORGOTTEN_AFTER or tries.count < FREE_TRIES:
        return NOW
    doublings = min(tries.count - FREE_TRIES, 10)
    pause = min(FIRST_WAIT * 2**doublings, LONGEST_WAIT)
    # A clock set back does not lengthen the wait.
    return max(NOW, min(pause, tries.last + pause - at))


def counted(tries: Tries | None, *, at: datetime) -> Tries:
    """One more failure."""
    if tries is None or at - tries.last >= FORGOTTEN_AFTER:
        return Tries(1, at, at)
    return Tries(tries.count + 1, tries.since, at)


def address_wait(tries: Tries | None, *, at: datetime) -> timedelta:
    """How long until an address may try again in browsers unknown to the account."""
    if tries is None or tries.count < ADDRESS_CEILING:
        return NOW
    return max(NOW, min(ADDRESS_HOUR, tries.since + ADDRESS_HOUR - at))


def address_counted(tries: Tries | None, *, at: datetime) -> Tries:
    if tries is None or at - tries.since >= ADDRESS_HOUR:
        return Tries(1, at, at)
    return Tries(tries.count + 1, tries.since, at)
