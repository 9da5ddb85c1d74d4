"""In which state a refresher can be planned and recorded. Each check refuses with a sentence."""

from collections.abc import Collection
from datetime import date, timedelta

from surehand.audits.models import Cause, Refresher
from surehand.competency.themes import THEMES
from surehand.evidence.refusal import NotPossible

LATE_BY = timedelta(days=14)
"""So far back something seen may be recorded (R11)."""
MINUTES = range(5, 181)
LONGEST = 1000


def check_theme(theme: str, competency: str) -> None:
    """A theme there is, and a competency that the theme checks again, if one is named."""
    if theme not in THEMES:
        raise NotPossible("Choose a training theme from the list.")
    if competency and competency not in THEMES[theme].checks:
        raise NotPossible(f"{THEMES[theme].title} is not checked by {competency}. Choose another.")


def check_people(people: Collection[int], *, here: Collection[int]) -> None:
    if not people:
        raise NotPossible("Choose at least one person for the refresher.")
    if not set(people) <= set(here):
        raise NotPossible("Only people with a post at this service can be chosen here.")


def check_cause(cause: Cause, *, service: int, theme: str) -> None:
    if cause.service_id != service or cause.theme != theme:
        raise NotPossible("This cause is of another service or theme. Start from its own page.")
    if hasattr(cause, "superseded_by"):
        raise NotPossible("This cause was corrected since. Start from the one that holds now.")


def check_session(refresher: Refresher, *, on: date, today: date, minutes: int) -> None:
    if on > today:
        raise NotPossible("It cannot be recorded before it took place. Choose today or earlier.")
    if on < today - LATE_BY:
        raise NotPossible(
            "It took place more than 14 days ago, which is too long to record it now."
        )
    if minutes not in MINUTES:
        raise NotPossible(f"Say how many minutes it took, from {MINUTES[0]} to {MINUTES[-1]}.")


def check_there(people: Collection[int], *, waiting: Collection[int]) -> None:
    if not people:
        raise NotPossible("Choose who was there.")
    if not set(people) <= set(waiting):
        raise NotPossible("Somebody chosen is not waiting for this refresher. Load the page again.")


def check_length(words: str) -> None:
    if len(words) > LONGEST:
        raise NotPossible(f"Shorten it to {LONGEST:,} characters.")
