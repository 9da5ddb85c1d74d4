"""A room assessed by several at once: what a save does to one answer, and what a row comes to.

Every answer is saved by itself with the version its assessor saw. A save that was made without
seeing the newest answer is refused, never merged and never dropped: whoever made it is told.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from surehand.competency import rules

MOST_HELP = 99


@dataclass(frozen=True)
class Answer:
    """One criterion of one person: met, not_met or "" (not judged yet), and help given, times."""

    judged: str = ""
    help_given: int = 0

    def __post_init__(self) -> None:
        if self.judged not in {"", *rules.Judgement} or not 0 <= self.help_given <= MOST_HELP:
            raise ValueError("An answer is met, not_met or nothing yet, with help counted from 0.")


@dataclass(frozen=True)
class Held:
    """An answer as it is kept: how often it was saved, and who saved it last (None: nobody)."""

    answer: Answer = Answer()
    version: int = 0
    by: int | None = None


def saved(held: Held, answer: Answer, *, seen: int, by: int) -> Held | None:
    """What is held after `by`, who saw version `seen`, answers; None where the save is refused.

    What was sent twice by the same hand, because the first reply was lost, is one save. Two people
    who judge alike agree; but each may have counted help of their own, so that is asked again.
    """
    if held.answer == answer and (seen == held.version or by == held.by or answer.help_given == 0):
        return held
    if seen != held.version:
        return None
    return Held(answer, held.version + 1, by)


def proposed(
    criteria: Collection[rules.Criterion], answers: Mapping[str, Answer]
) -> rules.Outcome | None:
    """The outcome, as soon as it is the same however the criteria still open are judged (R7).

    `answers` is criterion code → answer; a criterion left out is not judged yet.
    """
    help_given = {c.code: answers[c.code].help_given for c in criteria if c.code in answers}

    def if_open_are(judged: rules.Judgement) -> rules.Outcome:
        judgements = {
            c.code: (answers[c.code].judged if c.code in answers else "") or judged
            for c in criteria
        }
        return rules.outcome(criteria, judgements, help_given)

    best, worst = (if_open_are(judged) for judged in rules.Judgement)
    return best if best is worst else None


def agreed(
    criteria: Collection[rules.Criterion],
    answers: Mapping[str, Answer],
    proposes: Mapping[str, str],
) -> dict[str, Answer]:
    """The answers if what is still open is judged as proposed (criterion code → "met" or
    "not_met"). What is judged already stays, and so does the help counted."""
    found = {c.code: answers.get(c.code, Answer()) for c in criteria}
    return {
        code: held if held.judged else Answer(proposes.get(code, ""), held.help_given)
        for code, held in found.items()
        if held.judged or held.help_given or code in proposes
    }


def can_be_recorded(
    criteria: Collection[rules.Criterion], answers: Mapping[str, Answer], *, note: str
) -> bool:
    """Whether nothing is missing: everything is judged, and whatever is no pass has a note."""
    if open_criteria(criteria, answers):
        return False
    return bool(note) or proposed(criteria, answers) is rules.Outcome.PASS


def open_criteria(
    criteria: Collection[rules.Criterion], answers: Mapping[str, Answer]
) -> list[rules.Criterion]:
    """The criteria not judged yet."""
    return [c for c in criteria if c.code not in answers or not answers[c.code].judged]
