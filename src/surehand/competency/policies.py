"""In which state a plan version can be published (R11, R12)."""

from datetime import datetime, timedelta

from surehand.evidence.refusal import NotPossible
from surehand.ui.formats import moment

NOTICE = timedelta(days=28)
TOUCHED_AT_ONCE = 500  # R2


def check_applies_from(applies_from: datetime, *, now: datetime) -> None:
    if applies_from < now:
        raise NotPossible(
            "A plan is never retroactive. Choose a date from today on for it to apply."
        )


def check_notice(
    applies_from: datetime, *, now: datetime, adds_gates: bool, first: bool, shorter: bool
) -> None:
    """New gates are announced 28 days ahead, unless the publisher says that less will do."""
    if adds_gates and not first and not shorter and applies_from < now + NOTICE:
        raise NotPossible(
            "This version asks for more before live use, so people get 28 days' notice: "
            f"it can apply from {moment(now + NOTICE)}. Choose a later date, or confirm the "
            "shorter notice."
        )


def check_can_be_projected(applies_from: datetime, *, now: datetime, touched: int) -> None:
    if touched > TOUCHED_AT_ONCE and applies_from <= now:
        raise NotPossible(
            f"This version touches {touched} posts, so it must apply in the future: the worker "
            "prepares it before its date. Choose tomorrow or later."
        )


class DraftChanged(NotPossible):
    """Somebody else changed the draft after the page was opened."""


def check_draft_seen(seen: int, *, revision: int, changed_by: str, changed_at: datetime) -> None:
    """Nobody writes over what they have not seen."""
    if seen != revision:
        raise DraftChanged(
            f"{changed_by} changed the draft on {moment(changed_at)}, after you opened this page. "
            "Nothing of yours is saved yet."
        )


def check_differs(differences: int, *, first: bool) -> None:
    if not first and not differences:
        raise NotPossible("This plan says the same as the one in force. Nothing to publish.")
