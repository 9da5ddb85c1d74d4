"""What a check of a record must be. Each check refuses with a sentence a person can read."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from surehand.audits.models import Answer, AuditItem, Criterion, Gap, RecordCheck
from surehand.competency.themes import THEMES
from surehand.evidence.refusal import NotPermitted, NotPossible
from surehand.people.access import Action, By, check_not_self
from surehand.records.models import LiveRecord

LONGEST = 1000
"""Characters of what is noted in words."""
LACKING = (Answer.PARTLY, Answer.NOT)
"""The answers with which a gap belongs."""


class CheckedMeanwhile(NotPossible):
    """Somebody recorded this check first."""


@dataclass(frozen=True)
class NewGap:
    """What a record lacks: under which criterion, its training theme, how severe it is, and the
    characters of the text that show it (-1 and 0 where nothing in the text does)."""

    criterion: str
    theme: str
    severity: str = Gap.Severity.MINOR
    start: int = -1
    length: int = 0


def check_not_own(by: By, people: Iterable[int | None]) -> None:
    """Nobody checks a record of their own (R14); `people` are whoever may have written it."""
    for person in people:
        if person is not None:
            check_not_self(by, person, Action.CHECK_RECORDS)


def check_readable(record: LiveRecord | None, *, words: bool) -> None:
    """Only what can be read can be checked."""
    if record is None or not words:
        raise NotPossible(
            "What this record says is no longer kept, so it cannot be checked. Nothing was saved; "
            "go on with the next record."
        )


def check_free(
    item: AuditItem, *, second: bool, held: Sequence[RecordCheck], by: By, told: bool
) -> None:
    """One check of each record; of one checked twice, two, by different people. `held` are the
    checks of the item that hold; `told`: they were told of a risk that a colleague found in it."""
    if second and not item.twice:
        raise NotPossible("This record is checked once only.")
    if item.twice and told:
        raise NotPossible(
            "You were told of a risk in this record, and so of what was found in it. Another check "
            "of it is somebody else’s."
        )
    for check in held:
        if by.is_self(check.by_id):
            raise NotPossible(
                "You have checked this record already. A second check is somebody else’s; to "
                "change your answers, correct your check."
            )
        if check.second == second:
            raise CheckedMeanwhile(
                "A colleague checked this record while you had it open, so yours was not saved."
            )


def check_answers(answers: Mapping[str, str]) -> None:
    """Every criterion is answered, each with one of the four answers."""
    for criterion in Criterion:
        if answers.get(criterion) not in Answer.values:
            raise NotPossible(f"Answer “{criterion.label}”: all four answers are needed.")
    if unknown := set(answers) - set(Criterion.values):
        raise NotPossible(f"A record is not checked for “{min(unknown)}”.")


def check_gaps(answers: Mapping[str, str], gaps: Collection[NewGap]) -> None:
    """Each answer that is partly or not says by theme what is missing; no theme stands twice."""
    for gap in gaps:
        if gap.theme not in THEMES:
            raise NotPossible("Choose a training theme from the list.")
        if gap.criterion not in Criterion.values or answers[gap.criterion] not in LACKING:
            raise NotPossible(
                f"“{THEMES[gap.theme].title}” stands under an answer that is neither partly nor "
                "not. Take it away, or change the answer."
            )
        if gap.severity not in Gap.Severity.values:
            raise NotPossible("Choose how severe the gap is.")
    for theme, times in Counter(gap.theme for gap in gaps).items():
        if times > 1:
            raise NotPossible(
                f"“{THEMES[theme].title}” is chosen under two answers. Choose it under the one it "
                "fits best."
            )
    for criterion in Criterion:
        if answers[criterion] in LACKING and criterion not in {gap.criterion for gap in gaps}:
            raise NotPossible(f"Choose what is missing under “{criterion.label}”.")


def check_evidence(gaps: Iterable[NewGap], *, text: str | None) -> None:
    """What shows a gap lies in the text; None where the text is no longer kept."""
    for gap in gaps:
        if not gap.length and gap.start == -1:
            continue
        if (
            gap.start < 0
            or gap.length < 1
            or (text is not None and gap.start + gap.length > len(text))
        ):
            raise NotPossible("The words chosen are not in this record. Choose them again.")


def check_note(note: str, gaps: Iterable[NewGap]) -> None:
    if len(note) > LONGEST:
        raise NotPossible(f"Shorten the note to {LONGEST:,} characters.")
    if not note.strip() and any(gap.severity == Gap.Severity.IMMEDIATE for gap in gaps):
        raise NotPossible(
            "Say in the note what puts somebody at risk now: the registered manager reads it first."
        )


def check_stands(check: RecordCheck) -> None:
    """Only the check that holds is corrected or voided."""
    if hasattr(check, "void"):
        raise NotPossible("This check was voided already.")
    if hasattr(check, "superseded_by"):
        raise NotPossible("This check was corrected since. Load the page again to see it.")


def check_author(by: By, check: RecordCheck) -> None:
    """Authors correct their own (R15), merged people judged as one (R14)."""
    if not by.is_self(check.by_id):
        raise NotPermitted(
            "Only who checked this record can correct the check. Others can void it."
        )


def check_another(by: By, check: RecordCheck, *, authors: Iterable[int | None]) -> None:
    """Voiding needs another authorised person, never who checked nor who wrote the record (R15)."""
    if by.is_self(check.by_id):
        raise NotPermitted("Who checked cannot void the check. Correct it, or ask a colleague.")
    for person in authors:
        if person is not None:
            check_not_self(by, person, Action.VOID)
