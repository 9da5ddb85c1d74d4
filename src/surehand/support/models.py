"""Support actions for a person, and permissions for supervised live use."""

from dataclasses import replace
from typing import Any

from django.db import models
from django.db.models import F, Q

from surehand.competency.models import Competency
from surehand.evidence.keeping import WORDS_KEPT, Personal, Whom
from surehand.evidence.kinds import Fact, Words
from surehand.people.models import Person, Post


class SupportAction(Fact):
    """Coaching, repeat training, supervised use or a refresher, with an owner and a due date.

    `because` is the seq of the ledger entry it was born of (R20).
    """

    class What(models.TextChoices):
        COACHING = "coaching", "Coaching"
        REPEAT_TRAINING = "repeat_training", "Repeat training"
        SUPERVISED_USE = "supervised_use", "Supervised use"
        REFRESHER = "refresher", "Refresher"

    person = models.ForeignKey(Person, models.PROTECT, related_name="support_actions")
    what = models.CharField(max_length=20, choices=What)
    competency = models.ForeignKey(Competency, models.PROTECT, null=True, related_name="+")
    owner = models.ForeignKey(Person, models.PROTECT, related_name="+")
    due = models.DateField()
    because = models.BigIntegerField(null=True)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")


class SupportDone(Fact):
    class Outcome(models.TextChoices):
        HELPED = "helped", "It helped: ready for a re-check"
        NOT_YET = "not_yet", "Not yet: more support is needed"
        NOT_DONE = "not_done", "It did not take place"

    action = models.OneToOneField(SupportAction, models.PROTECT, related_name="done")
    outcome = models.CharField(max_length=10, choices=Outcome)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")


class Permission(Fact):
    """Supervised live use of a post: which competencies, beside whom, until when (R9).

    In force from `recorded_at` to `until`, at most 28 days. `competencies` and `supervisors` are
    ids; `cites` are the seqs of the restrictions and reviews it answers (R20).
    """

    post = models.ForeignKey(Post, models.PROTECT, related_name="permissions")
    subject = models.ForeignKey(Person, models.PROTECT, related_name="+")
    until = models.DateTimeField()
    competencies = models.JSONField(default=list)
    supervisors = models.JSONField(default=list)
    cites = models.JSONField(default=list)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(by=F("subject")), name="permission_not_own")
        ]


class PermissionEnd(Fact):
    """A permission ended before its time."""

    permission = models.OneToOneField(Permission, models.PROTECT, related_name="end")
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")


def _written_about(model: type[models.Model], whom: Whom) -> models.QuerySet[Any]:
    """What was written with support for them; not with support they give."""
    people = whom.people
    return model._default_manager.filter(
        Q(entry__in=SupportAction.objects.filter(person__in=people).values("entry"))
        | Q(entry__in=SupportDone.objects.filter(action__person__in=people).values("entry"))
        | Q(entry__in=Permission.objects.filter(subject__in=people).values("entry"))
        | Q(entry__in=PermissionEnd.objects.filter(permission__subject__in=people).values("entry"))
    )


class SupportWords(Words):
    """What was written with a support action, its completion or a permission."""

    personal = Personal("Notes of support and supervised use", find=_written_about)
    kept = replace(WORDS_KEPT, what="Notes of support and supervised use")
