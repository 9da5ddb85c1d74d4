"""What an answer to a signal must be. Each check refuses with a sentence a person can read."""

from surehand.evidence.refusal import NotPermitted, NotPossible
from surehand.people.access import Action, By, check_not_self
from surehand.records.authors import Author
from surehand.records.models import SignalAnswer
from surehand.records.reasons import NEEDS, OTHER, fine_for

LONGEST = 1000
"""Characters of what is said in words."""


def check_not_own(by: By, author: Author | None) -> None:
    """Nobody answers a signal in a record of their own (R14). Raises NotPermitted."""
    if author and author.person:
        check_not_self(by, author.person.pk, Action.CHECK_RECORDS)


def check_own(by: By, author: Author | None) -> None:
    """Only whoever wrote a record says something to what was noticed in it."""
    if author is None or author.person is None or not by.is_self(author.person.pk):
        raise NotPermitted("Only the person who wrote this record can add their own answer.")


def check_noticed(noticed: bool) -> None:
    if not noticed:
        raise NotPossible(
            "This is no longer noticed here, so there is nothing to answer. Load the page again."
        )


def check_answer(code: str, answer: str, reason: str, words: str) -> None:
    """A reason that fits what was noticed; words where the reason does not say it all."""
    if answer == SignalAnswer.Answer.FINE and reason not in fine_for(code):
        raise NotPossible("Choose why this is fine.")
    if answer == SignalAnswer.Answer.NEEDS and reason != NEEDS:
        raise NotPossible("Say whether this is fine or needs something.")
    if reason in {OTHER, NEEDS} and not words.strip():
        raise NotPossible("Say in your own words why." if reason == OTHER else "Say what it needs.")
    check_length(words)


def check_reply(words: str) -> None:
    if not words.strip():
        raise NotPossible("Write your answer in the box.")
    check_length(words)


def check_length(words: str) -> None:
    if len(words) > LONGEST:
        raise NotPossible(f"Shorten it to {LONGEST:,} characters.")


def check_answer_seen(last: SignalAnswer | None, *, seen: int) -> None:
    """Nobody answers over an answer they have not seen; `seen` is its entry, 0 for none."""
    if (last.entry if last else 0) != seen:
        raise NotPossible(
            "Somebody answered this after you opened the page. Load it again to see their answer."
        )
