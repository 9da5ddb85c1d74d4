"""Competencies, their checks, and the versions of the training assurance plan.

A plan version is published whole from a plan document and never changed; the wording it carries is
the provider's, not about any person.
"""

from django.db import models

from surehand.evidence.keeping import Kept
from surehand.evidence.kinds import Draft, Fact
from surehand.people.models import Person


class Competency(Fact):
    code = models.CharField(max_length=10, unique=True)

    def __str__(self) -> str:
        return self.code


class Check(Fact):
    """How a competency is tested, and how long a pass lasts; a change makes a new version.

    `criteria` is a list of {code, text, critical}; months count from the day of the pass.
    """

    competency = models.ForeignKey(Competency, models.PROTECT, related_name="checks")
    version = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    short = models.CharField(max_length=40)
    group = models.CharField(max_length=40)
    themes = models.JSONField(default=list)
    methods = models.JSONField(default=list)
    needs_discussion = models.BooleanField(default=False)
    criteria = models.JSONField(default=list)
    validity_months = models.PositiveSmallIntegerField()
    agency_months = models.PositiveSmallIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["competency", "version"], name="check_version_once")
        ]


class PlanVersion(Fact):
    """A version of the training assurance plan, in force from `applies_from` to the next's."""

    number = models.PositiveIntegerField(unique=True)
    applies_from = models.DateTimeField()
    document = models.TextField()
    by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")


class Requirement(Fact):
    """Who needs which competency under a plan version: a job role or a responsibility, in a
    care setting; `agency` tells whether agency posts need it too (R13)."""

    plan = models.ForeignKey(PlanVersion, models.PROTECT, related_name="requirements")
    check_version = models.ForeignKey(Check, models.PROTECT, related_name="+")
    competency = models.ForeignKey(Competency, models.PROTECT, related_name="+")
    job_role = models.CharField(max_length=2, blank=True)
    responsibility = models.CharField(max_length=3, blank=True)
    setting = models.CharField(max_length=1)
    level = models.CharField(max_length=4)
    agency = models.BooleanField(default=True)


class PlanDraft(Draft):
    """The next version of the plan while it is written: one at a time for the provider.

    `document` is what `plan_document.content_of` makes of it. `revision` counts the changes, so
    that nobody writes over what they have not seen. `begun_from` says in words where it began.
    """

    personal = "It is about what is asked of job roles; who writes it is a pseudonym."
    kept = Kept(
        "A plan being written",
        "So that nobody begins again after a holiday.",
        days=365,
        least=30,
        most=3 * 365,
        older=lambda model, moment: model._default_manager.filter(changed_at__lte=moment),
    )

    only = models.BooleanField(default=True, unique=True)
    document = models.JSONField()
    revision = models.PositiveIntegerField(default=1)
    begun_from = models.CharField(max_length=40)
    begun_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    begun_at = models.DateTimeField()
    changed_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(only=True), name="plan_draft_only_one")
        ]
