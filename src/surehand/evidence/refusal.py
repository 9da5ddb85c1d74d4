"""Refusals: what an action raises when it will not do what was asked."""

from collections.abc import Callable


class Refused(Exception):
    """One sentence a person can read; `str(refusal)` is that sentence."""


class NotPermitted(Refused):
    """The person who asks may not do this."""


class NotPossible(Refused):
    """Nobody may do this in the present state of things."""


class NothingYet(NotPossible):
    """There is nothing to show before something else is done; the sentence says what."""


def why_not(check: Callable[[], object]) -> str:
    """The sentence with which `check` refuses, or "": the reason beside a disabled button."""
    try:
        check()
    except Refused as refusal:
        return str(refusal)
    return ""


def check_not_recorded(entry: int | None) -> None:
    """One form sent twice is recorded once: `entry` is where the same thing stands already."""
    if entry is not None:
        raise NotPossible(
            f"This is recorded already, as entry {entry:,}, so it is not recorded a second time."
        )
