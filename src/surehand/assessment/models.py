"""Checks asked for and judged, the manager's review of those not passed, and reopening."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import F, Q

from surehand.competency.models import Check, Competency
from surehand.evidence.keeping import A_YEAR, WORDS_KEPT, Kept, Personal, Whom
from surehand.evidence.kinds import Copy, Draft, Fact, Words
from surehand.people.models import Person, Service
from surehand.practice.models import Attempt

if TYPE_CHECKING:
    pass


class Outcome(models.TextChoices):
    PASS = "pass", "Pass"
    PARTIAL = "partial", "Partial pass"
    FURTHER_SUPPORT = "further_support", "Further support required"


class CheckRequest(Fact):
    """A check asked for by a date; *incomplete* when the date passes unattempted (R7)."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="check_requests")
    service = models.ForeignKey(Service, models.PROTECT, related_name="+")
    competency = models.ForeignKey(Competency, models.PROTECT, related_name="+")
    due = models.DateField()
    because = models.BigIntegerField(null=True)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(by=F("person")), name="check_request_not_own")
        ]


class Assessment(Fact):
    """A trainer's judgement: criteria judged, help given counted, one outcome (R7).

    `judgements` is {criterion code: "met" | "not_met"}, `help_given` {criterion code: times}.
    `attempt` is the check in practice it was made from, where it was.
    """

    class Method(models.TextChoices):
        PRACTICE = "practice", "In practice"
        LIVE = "live", "In live use"
        DISCUSSION = "discussion", "By discussion"

    person = models.ForeignKey(Person, models.PROTECT, related_name="assessments")
    service = models.ForeignKey(Service, models.PROTECT, related_name="+")
    competency = models.ForeignKey(Competency, models.PROTECT, related_name="+")
    check_version = models.ForeignKey(Check, models.PROTECT, related_name="+")
    method = models.CharField(max_length=10, choices=Method)
    outcome = models.CharField(max_length=15, choices=Outcome)
    judgements = models.JSONField(default=dict)
    help_given = models.JSONField(default=dict)
    attempt = models.ForeignKey(Attempt, models.PROTECT, null=True, related_name="assessments")
    retakes = models.ForeignKey("self", models.PROTECT, null=True, related_name="retaken_by")
    supersedes = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="superseded_by"
    )
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(by=F("person")), name="assessment_not_own")
        ]


class AssessmentVoid(Fact):
    """An assessment that does not count, by another authorised person with a reason (R15)."""

    assessment = models.OneToOneField(Assessment, models.PROTECT, related_name="void")
    subject = models.ForeignKey(Person, models.PROTECT, related_name="+")
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(by=F("subject")), name="void_not_own")]


class ManagerReview(Fact):
    """The registered manager's review of one failed or incomplete check (1.4)."""

    class Decision(models.TextChoices):
        COACHING = "coaching", "Coaching"
        REPEAT_TRAINING = "repeat_training", "Repeat training"
        SUPERVISED_USE = "supervised_use", "Supervised use"
        RE_CHECK = "re_check", "Re-check only"

    assessment = models.OneToOneField(
        Assessment, models.PROTECT, null=True, related_name="manager_review"
    )
    request = models.OneToOneField(
        CheckRequest, models.PROTECT, null=True, related_name="manager_review"
    )
    subject = models.ForeignKey(Person, models.PROTECT, related_name="+")
    decision = models.CharField(max_length=20, choices=Decision)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(by=F("subject")), name="manager_review_not_own"),
            models.CheckConstraint(
                condition=Q(assessment__isnull=False, request__isnull=True)
                | Q(assessment__isnull=True, request__isnull=False),
                name="manager_review_of_one",
            ),
        ]


class Reopening(Fact):
    """Competence that ends at `ends_at` unless passed again (R7): for people named, for a
    service, or (both empty) for everyone."""

    competency = models.ForeignKey(Competency, models.PROTECT, related_name="+")
    service = models.ForeignKey(Service, models.PROTECT, null=True, related_name="+")
    people = models.JSONField(default=list)
    ends_at = models.DateTimeField()
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")


def _written_about(model: type[models.Model], whom: Whom) -> models.QuerySet[Any]:
    """What was written with facts about them; not what names them as giving support."""
    people = whom.people
    alone = [
        entry
        for entry, named in Reopening.objects.values_list("entry", "people")
        if named and set(named) <= people
    ]
    return model._default_manager.filter(
        Q(entry__in=Assessment.objects.filter(person__in=people).values("entry"))
        | Q(entry__in=AssessmentVoid.objects.filter(subject__in=people).values("entry"))
        | Q(entry__in=ManagerReview.objects.filter(subject__in=people).values("entry"))
        | Q(entry__in=alone)
    )


class AssessmentWords(Words):
    """What was written with an assessment, a void, a review or a reopening: a note of what was
    seen, or the reason for doing it."""

    personal = Personal("Notes and reasons of their checks and reviews", find=_written_about)
    kept = replace(WORDS_KEPT, what="Notes and reasons written with checks and reviews")

    class What(models.TextChoices):
        NOTE = "note", "Note"
        REASON = "reason", "Reason"

    what = models.CharField(max_length=6, choices=What, default=What.REASON)


class AssessmentFile(Copy):
    """A file kept with an assessment; the ledger holds its salted commitment alone."""

    personal = Personal(
        "Files kept with their checks",
        find=lambda model, whom: model._default_manager.filter(assessment__person__in=whom.people),
    )
    kept = Kept(
        "Files kept with checks",
        "So that what an assessor judged by can be looked at until the check is repeated.",
        days=2 * A_YEAR,
        least=90,
        most=15 * A_YEAR,
        older=lambda model, moment: model._default_manager.filter(
            assessment__recorded_at__lte=moment
        ),
    )

    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="files")
    name = models.CharField(max_length=120)
    content_type = models.CharField(max_length=60)
    content = models.BinaryField()
    salt = models.BinaryField(max_length=32)

    @classmethod
    def committed(cls, entry: int) -> list[tuple[str, bytes, bytes]]:
        """What an entry committed to and this table keeps: what it is, its content and salt."""
        rows = cls._default_manager.filter(assessment__entry=entry).values_list("content", "salt")
        return [("File", bytes(content), bytes(salt)) for content, salt in rows]


class GroupAssessment(Draft):
    """A room of people being assessed in one check, shared by the assessors of a service (1.3).

    `happened_at` is None where each check happens when its last answer is given. `place` only helps
    colleagues find the room; it is not kept with the assessments.
    """

    personal = "It knows a room; who is in it is in the rows beside it."
    kept = Kept(
        "Groups being assessed, not yet recorded",
        "So that an interrupted group can be finished.",
        days=28,
        least=28,
        most=28,
        older=lambda model, moment: model._default_manager.filter(touched_at__lte=moment),
        evidenced=False,
    )

    service = models.ForeignKey(Service, models.PROTECT, related_name="+")
    check_version = models.ForeignKey(Check, models.PROTECT, related_name="+")
    method = models.CharField(max_length=10, choices=Assessment.Method)
    happened_at = models.DateTimeField(null=True)
    place = models.CharField(max_length=80, blank=True)
    begun_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    begun_at = models.DateTimeField()
    touched_at = models.DateTimeField(db_index=True)


class GroupPerson(Draft):
    """One person of a room, and the note about them. `version` grows with every save in the row,
    `note_version` with every save of the note; `by` and `at` are of the last one.

    `attempt` is the check in practice they are judged from, where they are, and `proposes` what
    marking proposes of it: {criterion code: "met" | "not_met"}. It is no answer: an assessor
    agrees, or judges otherwise.
    """

    personal = Personal(
        "Notes in rooms where they are being assessed",
        find=lambda model, whom: model._default_manager.filter(person__in=whom.people),
    )
    kept = "It goes with its room."

    group = models.ForeignKey(GroupAssessment, models.CASCADE, related_name="people")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    attempt = models.ForeignKey(Attempt, models.PROTECT, null=True, related_name="+")
    proposes = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=0)
    note = models.TextField(blank=True)
    note_version = models.PositiveIntegerField(default=0)
    note_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(null=True)
    assessment = models.OneToOneField(Assessment, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["group", "person"], name="group_person_once")
        ]


class GroupAnswer(Draft):
    """One criterion of one person of a room as judged so far: "" is not judged yet."""

    personal = "It goes with the row of the person."
    kept = "It goes with its room."

    row = models.ForeignKey(GroupPerson, models.CASCADE, related_name="answers")
    criterion = models.CharField(max_length=20)
    judged = models.CharField(max_length=7, blank=True)
    help_given = models.PositiveSmallIntegerField(default=0)
    version = models.PositiveIntegerField()
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["row", "criterion"], name="group_answer_once")
        ]
