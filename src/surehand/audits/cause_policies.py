"""When a cause can be said. Each check refuses with a sentence a person can read."""

from collections.abc import Collection, Sequence

from surehand.audits.cause_queries import GapFound
from surehand.audits.models import Cause
from surehand.competency.themes import THEMES
from surehand.evidence.refusal import NotPermitted, NotPossible
from surehand.people.access import Action, By, check_not_self
from surehand.people.models import Person

LONGEST = 1000
"""Characters of what is said in words."""
DECIDE_IN_DAYS = 14
"""Whoever is not sure decides within so many days."""


def check_kind(why: str, subject: Person | None, reason: str) -> None:
    """Individual practice is of one person, the other causes are of nobody; each has a reason."""
    if why not in Cause.Kind.values:
        raise NotPossible("Say what the cause is, or that you are not sure yet.")
    if why == Cause.Kind.PRACTICE and subject is None:
        raise NotPossible("Individual practice is of one person. Say whose it is.")
    if why != Cause.Kind.PRACTICE and subject is not None:
        raise NotPossible(
            f"{Cause.Kind(why).label} is no mark against anybody. Leave the person out."
        )
    check_words(reason, "Write why you think so: others will have to understand it.")


def check_words(words: str, missing: str) -> None:
    if len(words.strip()) < 3:
        raise NotPossible(missing)
    check_length(words)


def check_length(words: str) -> None:
    if len(words) > LONGEST:
        raise NotPossible(f"Shorten it to {LONGEST:,} characters.")


def check_not_own(by: By, subject: Person | None, authors: Collection[int], *, else_: str) -> None:
    """Nobody says the cause of gaps in records of their own, nor about themselves (R14). `else_` is
    the sentence on who can."""
    if subject is not None and by.is_self(subject.pk):
        try:
            check_not_self(by, subject.pk, Action.CAUSE)
        except NotPermitted as refusal:
            raise NotPermitted(f"{refusal} {else_}") from None
    if any(by.is_self(author) for author in authors):
        raise NotPermitted(
            f"You wrote one of these records, so you cannot say why its gap arose. {else_}"
        )


def check_gaps(
    asked: Collection[int], standing: Sequence[GapFound], *, theme: str
) -> list[GapFound]:
    """The gaps asked for, of those found at the service now: all of them, and of this theme."""
    if theme not in THEMES:
        raise NotPossible("Choose a training theme from the list.")
    if not asked:
        raise NotPossible("Choose at least one gap that this is the cause of.")
    found = [each for each in standing if each.found.gap in asked and each.found.theme == theme]
    if len(found) != len(set(asked)):
        raise NotPossible(
            "One of these gaps is not of this service and theme, or its check was corrected since. "
            "Load the page again."
        )
    return found


def check_undecided(decided: dict[int, Cause], *, corrects: Cause | None) -> None:
    """No gap has two causes; whoever finds another one corrects the first."""
    if any(corrects is None or cause.pk != corrects.pk for cause in decided.values()):
        raise NotPossible(
            "Somebody has already said why one of these gaps arose. Open that cause to correct it."
        )


def check_corrects(corrects: Cause, *, service: int, theme: str) -> None:
    if corrects.service_id != service or corrects.theme != theme:
        raise NotPossible("A cause is corrected at its own service and theme.")
    if hasattr(corrects, "superseded_by"):
        raise NotPossible("This cause was corrected already. Open the one that holds.")


def check_one_author(found: Sequence[GapFound], same: Collection[int]) -> None:
    """Individual practice is said of gaps in one person’s records alone."""
    if any(each.record.author not in same for each in found):
        raise NotPossible(
            "Some of these records were not written by this person. Choose only the gaps in their "
            "records; the others have a cause of their own."
        )


def check_is(cause: Cause, why: str) -> None:
    """What follows a cause follows the one that holds, of the right kind."""
    if hasattr(cause, "superseded_by"):
        raise NotPossible("This cause was corrected. Open the one that holds.")
    if cause.why != why:
        raise NotPossible(
            f"This follows from {Cause.Kind(why).label.lower()}, and the cause here is "
            f"{Cause.Kind(cause.why).label.lower()}."
        )
