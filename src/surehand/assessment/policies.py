"""In which state an assessment, a review or a reopening is possible. Each check refuses with a
sentence a person can read."""

from datetime import date, datetime, timedelta

from surehand.assessment.models import Assessment, Outcome
from surehand.competency.models import Check
from surehand.evidence.refusal import NotPossible
from surehand.people.models import Post
from surehand.timeline import instant, london_date

BACK_DATED_AT_MOST = timedelta(days=14)  # R11
RETAKE_WITHIN = timedelta(days=28)  # R7
REOPENED_AFTER = timedelta(days=28)  # R7


def check_happened(happened_at: datetime, *, now: datetime) -> None:
    """An observation may be back-dated 14 days and never lies in the future (R11)."""
    if happened_at > now:
        raise NotPossible("The check cannot have happened in the future. Change its date or time.")
    if happened_at < now - BACK_DATED_AT_MOST:
        earliest = london_date(instant(now - BACK_DATED_AT_MOST))
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


def check_retake(partial: Assessment, *, person: int, happened_at: datetime) -> None:
    """Only a partial pass is retaken, by the same person, within 28 days, once (R7)."""
    if partial.outcome != Outcome.PARTIAL or partial.person_id != person:
        raise NotPossible("Only a partial pass of this person can be retaken in part.")
    if not partial.happened_at <= happened_at <= partial.happened_at + RETAKE_WITHIN:
        raise NotPossible(
            "A partial pass can be completed within 28 days. Assess the whole check instead."
        )


def check_reason(text: str, what: str) -> None:
    if len(text.strip()) < 3:
        raise NotPossible(f"Write the reason for {what}: others will have to understand it.")


def check_due(due: date, *, today: date) -> None:
    if due < today:
        raise NotPossible("The due date has already passed. Choose today or a later day.")


def check_not_voided(assessment: Assessment) -> None:
    if hasattr(assessment, "void"):
        raise NotPossible("This assessment has already been voided.")
    if hasattr(assessment, "superseded_by"):
        raise NotPossible("This assessment has been corrected. Open the corrected one.")
