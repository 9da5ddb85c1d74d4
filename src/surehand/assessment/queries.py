"""Reads of checks: what is asked for, what was judged, what waits for the manager's review."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from surehand.assessment.models import (
    Assessment,
    AssessmentWords,
    CheckRequest,
    ManagerReview,
    Outcome,
)


def standing(*, known: int | None = None) -> QuerySet[Assessment]:
    """Assessments that count: not voided, not corrected (R15), as known at a seq (R3)."""
    if known is None:
        return Assessment.objects.filter(void__isnull=True, superseded_by__isnull=True)
    return Assessment.objects.filter(
        Q(void__isnull=True) | Q(void__entry__gt=known),
        Q(superseded_by__isnull=True) | Q(superseded_by__entry__gt=known),
        entry__lte=known,
    )


def last_outcomes(people: Collection[int]) -> dict[tuple[int, int], Assessment]:
    """The last standing assessment of each person and competency."""
    found = standing().filter(person__in=people).order_by("happened_at", "entry")
    return {(a.person_id, a.competency_id): a for a in found}


def unmet_criteria(assessment: Assessment) -> list[dict[str, object]]:
    """The criteria not met in an assessment, as worded in its check version."""
    return [
        c
        for c in assessment.check_version.criteria
        if assessment.judgements.get(c["code"]) == "not_met"
    ]


@dataclass(frozen=True)
class ToReview:
    """A failed or incomplete check without a manager's review."""

    of: Assessment | CheckRequest
    since: datetime
    why: str

    @property
    def kind(self) -> str:
        return "assessment" if isinstance(self.of, Assessment) else "request"


def waiting_for_review(services: Collection[int], *, today: date) -> list[ToReview]:
    """Every failed or incomplete check of these services that nobody reviewed, oldest first.

    One that was passed since needs no review any more. Incomplete: asked for, its date passed and
    not attempted (R7).
    """
    later_pass = Assessment.objects.filter(
        person=OuterRef("person"),
        competency=OuterRef("competency"),
        outcome=Outcome.PASS,
        happened_at__gt=OuterRef("happened_at"),
        void__isnull=True,
        superseded_by__isnull=True,
    )
    failed = (
        standing()
        .filter(service__in=services, manager_review__isnull=True)
        .exclude(outcome=Outcome.PASS)
        .filter(~Exists(later_pass))
        .select_related(
            "person__identity", "competency", "check_version", "by__identity", "service__details"
        )
    )
    attempted = Assessment.objects.filter(
        person=OuterRef("person"),
        competency=OuterRef("competency"),
        happened_at__gte=OuterRef("recorded_at"),
        void__isnull=True,
    )
    incomplete = (
        CheckRequest.objects.filter(
            service__in=services, manager_review__isnull=True, due__lt=today
        )
        .filter(~Exists(attempted))
        .select_related("person__identity", "competency", "service__details", "by__identity")
    )
    found = [ToReview(a, a.recorded_at, Outcome(a.outcome).label) for a in failed] + [
        ToReview(r, r.recorded_at, "Not attempted by its date") for r in incomplete
    ]
    return sorted(found, key=lambda item: item.since)


def open_requests(services: Collection[int]) -> list[CheckRequest]:
    """Checks asked for and not yet attempted, soonest first."""
    attempted = Assessment.objects.filter(
        person=OuterRef("person"),
        competency=OuterRef("competency"),
        happened_at__gte=OuterRef("recorded_at"),
        void__isnull=True,
    )
    return list(
        CheckRequest.objects.filter(service__in=services)
        .filter(~Exists(attempted))
        .select_related("person__identity", "competency", "service__details", "by__identity")
        .order_by("due", "pk")
    )


def reviews_of(people: Collection[int]) -> dict[int, ManagerReview]:
    """The manager's review of each reviewed assessment, by assessment id."""
    found = ManagerReview.objects.filter(subject__in=people, assessment__isnull=False)
    return {r.assessment_id: r for r in found if r.assessment_id is not None}


def words_of(entries: Collection[int]) -> dict[int, str]:
    """What was written with these ledger entries; an erased text is simply not there."""
    return dict(
        AssessmentWords.objects.filter(entry__in=list(entries)).values_list("entry", "text")
    )
