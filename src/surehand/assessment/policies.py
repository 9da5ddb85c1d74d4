"""In which state an assessment, a review or a reopening is possible. Each check refuses with a
sentence a person can read."""

from collections.abc import Collection
from datetime import date, datetime, timedelta

from surehand.assessment.models import Assessment, CheckRequest, Outcome
from surehand.competency.models import Check
from surehand.evidence.refusal import NotPossible
from surehand.people.models import Post
from surehand.practice.models import Attempt, AttemptEnd
from surehand.practice.queries import scenario_of
from surehand.timeline import instant, london_date

BACK_DATED_AT_MOST = timedelta(days=14)  # R11
REOPENED_AFTER = timedelta(days=28)  # R7


def check_happened(happened_at: datetime, *, recorded_at: datetime) -> None:
    """An observation may be recorded 14 days late and never lies in the future (R11). A correction
    is measured from when the observation was first recorded."""
    if happened_at > recorded_at:
        raise NotPossible("The check cannot have happened in the future. Change its date or time.")
    if happened_at < recorded_at - BACK_DATED_AT_MOST:
        earliest = london_date(instant(recorded_at - BACK_DATED_AT_MOST))
        raise NotPossible(
            "A check can be recorded at most 14 days late. "
            f"The earliest day is {earliest:%-d %B %Y}; observe the person again instead."
        )


def check_has_post(posts: list[Post], *, name: str) -> None:
    if not posts:
        raise NotPossible(f"{name} has no post in this service at that time.")


def check_method(check: Check, method: str) -> None:
    if method not in check.methods:
        allowed = " or ".join(check.methods)
        raise NotPossible(f"“{check.short}” cannot be assessed that way. Use {allowed}.")


def check_judged(check: Check, judgements: dict[str, str], codes: set[str]) -> None:
    """Every criterion is judged, and none that is not in the check."""
    missing = [
        c["text"] for c in check.criteria if c["code"] in codes and not judgements.get(c["code"])
    ]
    if missing:
        raise NotPossible(f"Judge each criterion. Not judged yet: {missing[0]}")
    if extra := set(judgements) - codes:
        raise NotPossible(f"These criteria are not part of this check: {', '.join(sorted(extra))}.")


def check_attempt(
    attempt: Attempt,
    *,
    people: Collection[int],
    service: int,
    check: Check,
    method: str,
    happened_at: datetime | None,
) -> None:
    """Judged from an attempt is only a check in practice that was finished, of this person (one of
    `people`, the same human), at this service, in which the competency is asked for. It happened
    when it ended; a correction (`happened_at` None) may say otherwise."""
    if attempt.person_id not in people:
        raise NotPossible("This check in practice is another person’s. Open it from their name.")
    if attempt.mode != Attempt.Mode.CHECK:
        raise NotPossible("This was practice, and practice is not judged. Begin a check with them.")
    end: AttemptEnd | None = getattr(attempt, "end", None)
    if end is None or end.how != AttemptEnd.How.FINISHED:
        raise NotPossible("This check in practice was not finished, so it cannot be judged.")
    if attempt.service_id != service:
        raise NotPossible("This check in practice was taken at another service. Judge it there.")
    if check.competency.code not in scenario_of(attempt.scenario.document).competencies:
        raise NotPossible(f"This check in practice does not ask for “{check.short}”.")
    if method != Assessment.Method.PRACTICE:
        raise NotPossible("What is judged from practice was seen in practice. Choose that.")
    if happened_at is not None and happened_at != end.happened_at:
        raise NotPossible("A check in practice happened when it ended. Load the page again.")


def check_not_judged(before: Assessment | None) -> None:
    """One check in practice is judged once for each competency; its author can correct."""
    if before is not None:
        raise NotPossible(
            f"{before.by} has judged this already. Open that assessment to see or correct it."
        )


def check_retake(partial: Assessment, *, person: int, check: Check, to_judge: set[str]) -> None:
    """Only a partial pass of this check is retaken in part, within 28 days (R7)."""
    if partial.outcome != Outcome.PARTIAL or partial.person_id != person:
        raise NotPossible("Only a partial pass of this person can be retaken in part.")
    if partial.check_version_id != check.pk:
        raise NotPossible("The check has changed since the partial pass. Assess the whole check.")
    if not to_judge:
        raise NotPossible(
            "A partial pass can be completed within 28 days. Assess the whole check instead."
        )


def check_last(partial: Assessment, *, last: Assessment | None) -> None:
    """Only the last assessment of a check is retaken in part (R7)."""
    if last is None or last.pk != partial.pk:
        raise NotPossible("There is a later assessment of this check. Open that one.")


def check_same_check(corrected: Assessment, *, person: int, check: Check) -> None:
    if corrected.person_id != person or corrected.check_version_id != check.pk:
        raise NotPossible(
            "A correction is about the same person and check. Have the assessment voided instead."
        )


def check_stands(assessment: Assessment) -> None:
    """Only an assessment that counts, and on which no retake rests, is corrected or voided."""
    if hasattr(assessment, "void"):
        raise NotPossible("This assessment has already been voided.")
    if hasattr(assessment, "superseded_by"):
        raise NotPossible("This assessment has been corrected. Open the corrected one.")
    if assessment.retaken_by.filter(void__isnull=True, superseded_by__isnull=True).exists():
        raise NotPossible("This check was completed by a retake. The retake must be voided first.")


def check_not_reviewed(of: Assessment | CheckRequest) -> None:
    if hasattr(of, "manager_review"):
        raise NotPossible("This check has already been reviewed.")


def check_needs_review(of: Assessment | CheckRequest, *, today: date) -> None:
    """Failed or incomplete checks are reviewed (1.4); *incomplete* as R7 says."""
    if isinstance(of, CheckRequest):
        if of.due >= today:
            raise NotPossible("This check is not due yet.")
        return
    if of.outcome == Outcome.PASS:
        raise NotPossible("This check was passed. There is nothing to review.")
    if hasattr(of, "void") or hasattr(of, "superseded_by"):
        raise NotPossible("This assessment does not count any more. There is nothing to review.")
