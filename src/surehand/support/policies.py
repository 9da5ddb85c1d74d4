"""In which state support and supervised use are possible (R9)."""

from datetime import date, datetime, timedelta

from surehand.competency.themes import THEMES
from surehand.evidence.refusal import NotPossible
from surehand.support.categories import CATEGORIES
from surehand.timeline import instant, london_date

PERMITTED_AT_MOST = timedelta(days=28)
# A question kept on a device without a connection may come in this late.
SENT_WITHIN = timedelta(days=14)


def check_due(due: date, *, today: date) -> None:
    if due < today:
        raise NotPossible("The due date has already passed. Choose today or a later day.")


def check_owner(owner: str, *, themselves: bool, others: bool) -> None:
    """Whoever gives support is not the one it is for (R14); `others` get it besides."""
    if themselves:
        raise NotPossible(
            f"{owner} cannot give support to themselves. Choose somebody else to give it"
            + (", or leave them out." if others else ".")
        )


def check_length(*, now: datetime, until: datetime) -> None:
    if until <= now:
        raise NotPossible("Supervised use must end in the future. Choose a later day.")
    if until > now + PERMITTED_AT_MOST:
        raise NotPossible(
            "Supervised use can be allowed for at most 28 days. "
            f"The last day you can choose is {latest_day(now=now):%-d %B %Y}."
        )


def latest_day(*, now: datetime) -> date:
    """The last day a permission given now can name: it ends at the midnight after it (R16)."""
    return london_date(instant(now + PERMITTED_AT_MOST)) - timedelta(days=1)


def check_supervisors(supervisors: list[int], *, same_human: frozenset[int]) -> None:
    if not supervisors:
        raise NotPossible("Name at least one supervisor.")
    if same_human.intersection(supervisors):
        raise NotPossible("Nobody supervises themselves. Name somebody else.")


def check_tasks(competencies: list[int]) -> None:
    if not competencies:
        raise NotPossible("Choose at least one task that may be done under supervision.")


def check_failed_cited(failed: dict[int, str], reviewed: frozenset[int]) -> None:
    """A failed task may be permitted only by citing the review of that failure (R9).

    `failed` is the permitted competencies whose last outcome was further support required;
    `reviewed` those whose failure has a manager's review.
    """
    for competency, title in failed.items():
        if competency not in reviewed:
            raise NotPossible(
                f"“{title}” was failed and not reviewed yet. Review that check first, "
                "then it can be allowed under supervision."
            )


def check_open(ended: bool, *, what: str) -> None:
    if ended:
        raise NotPossible(f"This {what} has already ended.")


def check_reason(text: str, what: str) -> None:
    if len(text.strip()) < 3:
        raise NotPossible(f"Write the reason for {what}: others will have to understand it.")


def check_sorted(category: str, theme: str) -> None:
    """The category and the theme of a question are among those there are."""
    if category not in CATEGORIES:
        raise NotPossible("Choose what you are stuck on from the list.")
    if theme and theme not in THEMES:
        raise NotPossible("Choose a training theme from the list.")


def check_asked(asked_at: datetime, *, now: datetime) -> None:
    if asked_at < now - SENT_WITHIN:
        raise NotPossible(
            "This question is more than 14 days old, so it is not sent. Ask again if you still "
            "need to know."
        )


def check_answer(how: str, words: str, *, in_words: str) -> None:
    if how == in_words and len(words.strip()) < 3:
        raise NotPossible("Write the answer, or say that you showed it in person.")


def check_unanswered(answered: bool) -> None:
    if answered:
        raise NotPossible("This question is answered already. Ask again if you are still stuck.")


def check_level(statement: str, level: int, *, statements: list[str]) -> None:
    if statement not in statements or not 1 <= level <= 5:
        raise NotPossible("Tap one of the five answers.")
