"""Reads of checks: what is asked for, what was judged, what waits for the manager's review."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from surehand.assessment.group import Answer
from surehand.assessment.models import (
    Assessment,
    AssessmentWords,
    CheckRequest,
    GroupAnswer,
    GroupAssessment,
    GroupPerson,
    ManagerReview,
    Outcome,
    Reopening,
)
from surehand.assessment.outcomes import CompetencyState, Observation, competence
from surehand.assessment.outcomes import Reopening as Reopened
from surehand.competency.models import Check
from surehand.people.models import Employment, Post
from surehand.practice.models import Attempt, AttemptEnd, PracticeSession
from surehand.timeline import Instant, Span, instant
from surehand.timeline import at as held_at


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
    found = (
        standing()
        .filter(person__in=people)
        .select_related("check_version__competency", "retakes__check_version", "retakes__retakes")
        .order_by("happened_at", "entry")
    )
    return {(a.person_id, a.competency_id): a for a in found}


@dataclass(frozen=True, slots=True)
class Standing:
    """How somebody stands in a competency at a moment, and until when that holds."""

    state: CompetencyState
    until: Instant


def standings(posts: Collection[Post], *, at: datetime) -> dict[int, dict[int, Standing]]:
    """How each post's person stands in each competency ever assessed, as that post counts it (R7):
    post id → competency id → standing; what is missing was never shown. Three statements."""
    people = {post.person_id for post in posts}
    observed: dict[tuple[int, int], list[Observation]] = defaultdict(list)
    for a in standing().filter(person__in=people).select_related("check_version"):
        observed[a.person_id, a.competency_id].append(
            Observation(
                a.competency_id,
                instant(a.happened_at),
                a.outcome,
                a.check_version.validity_months,
                a.check_version.agency_months,
                a.entry,
            )
        )
    reopened = _reopened(people)
    found: dict[int, dict[int, Standing]] = {}
    for post in posts:
        held = found.setdefault(post.pk, {})
        for (person, competency), observations in observed.items():
            if person != post.person_id:
                continue
            spans = competence(
                observations,
                reopened[person, competency],
                agency=post.employment == Employment.AGENCY,
            )
            if span := held_at(spans, instant(at)):
                held[competency] = _standing(span)
    return found


def _standing(span: Span) -> Standing:
    return Standing(CompetencyState(span.state), span.until)


def _reopened(people: Iterable[int]) -> dict[tuple[int, int], list[Reopened]]:
    """The reopenings that touch each of these people in each competency (R7)."""
    services: dict[int, set[int]] = defaultdict(set)
    for person, service in Post.objects.filter(person__in=list(people)).values_list(
        "person_id", "service_id"
    ):
        services[person].add(service)
    found: dict[tuple[int, int], list[Reopened]] = defaultdict(list)
    for fact in Reopening.objects.order_by("entry"):
        reopened = Reopened(
            fact.competency_id, instant(fact.recorded_at), instant(fact.ends_at), fact.entry
        )
        for person in services:
            everyone = not fact.people and fact.service_id is None
            if (
                everyone
                or person in fact.people
                or (not fact.people and fact.service_id in services[person])
            ):
                found[person, fact.competency_id].append(reopened)
    return found


def judged_from(attempts: Collection[int]) -> dict[tuple[int, int], Assessment]:
    """The assessment that counts, made from each of these attempts: (attempt, competency) → it."""
    found = standing().filter(attempt__in=attempts).select_related("by__identity")
    return {(a.attempt_id, a.competency_id): a for a in found if a.attempt_id is not None}


def checks_in_practice(services: Collection[int], *, since: datetime) -> list[Attempt]:
    """Finished checks in practice at these services since a moment, the first one first, without
    their scenarios; one statement."""
    return list(
        Attempt.objects.filter(
            service__in=services,
            mode=Attempt.Mode.CHECK,
            end__how=AttemptEnd.How.FINISHED,
            end__happened_at__gte=since,
        )
        .select_related("end", "person__identity")
        .order_by("end__entry")
    )


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
        entry__gt=OuterRef("entry"),
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


def reviewable(entry: int) -> Assessment | CheckRequest | None:
    """The check reviewed, or to be reviewed, under this entry: the assessment, else the request,
    else what the review of this entry was about (R20)."""
    related = ("person__identity", "competency", "service__details", "by__identity")
    review = ManagerReview.objects.filter(entry=entry).first()
    if review is not None:
        of = review.assessment or review.request
        entry = of.entry if of else entry
    assessment = (
        Assessment.objects.filter(entry=entry).select_related(*related, "check_version").first()
    )
    if assessment is not None:
        return assessment
    return CheckRequest.objects.filter(entry=entry).select_related(*related).first()


def open_requests(services: Collection[int]) -> list[CheckRequest]:
    """Checks asked for and not yet attempted, soonest first."""
    attempted = Assessment.objects.filter(
        person=OuterRef("person"),
        competency=OuterRef("competency"),
        entry__gt=OuterRef("entry"),
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


def words_of(entries: Collection[int]) -> dict[int, dict[str, str]]:
    """The note and the reason written with these ledger entries; an erased text is simply not
    there."""
    found: dict[int, dict[str, str]] = {entry: {} for entry in entries}
    for words in AssessmentWords.objects.filter(entry__in=list(entries)):
        found[words.entry][words.what] = words.text
    return found


def groups_under_way(services: Collection[int]) -> list[tuple[GroupAssessment, int]]:
    """Group assessments of these services in which somebody is not recorded yet, each with how
    many, the last touched first."""
    found = (
        GroupAssessment.objects.filter(service__in=services)
        .annotate(to_record=Count("people", filter=Q(people__assessment__isnull=True)))
        .filter(to_record__gt=0)
        .select_related("service__details", "check_version__competency", "begun_by__identity")
        .order_by("-touched_at", "pk")
    )
    return [(group, group.to_record) for group in found]


def group_of_session(session: PracticeSession, check: Check) -> GroupAssessment | None:
    """The room in which a group session is judged in this check."""
    return (
        GroupAssessment.objects.filter(people__attempt__session=session, check_version=check)
        .order_by("pk")
        .first()
    )


def finished_in(session: PracticeSession) -> list[Attempt]:
    """The last finished check of each person in a group session, in the order of names; one
    statement."""
    found = (
        session.attempts.filter(mode=Attempt.Mode.CHECK, end__how=AttemptEnd.How.FINISHED)
        .select_related("scenario", "service__details", "end", "person__identity")
        .order_by("entry")
    )
    last = {attempt.person_id: attempt for attempt in found}
    return sorted(last.values(), key=lambda attempt: str(attempt.person).casefold())


def answers_of(rows: Collection[GroupPerson]) -> dict[int, dict[str, Answer]]:
    """The answers so far in these rows of a group: row id → criterion code → answer."""
    found: dict[int, dict[str, Answer]] = {row.pk: {} for row in rows}
    for kept in GroupAnswer.objects.filter(row__in=rows):
        found[kept.row_id][kept.criterion] = Answer(kept.judged, kept.help_given)
    return found
