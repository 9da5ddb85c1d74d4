"""Support actions for a person, permissions for supervised live use, and questions asked in it."""

from django.db import models
from django.db.models import F, Q

from surehand.competency.models import Competency
from surehand.evidence.kinds import Fact, Setting, Words
from surehand.people.models import Person, Post, Service


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


class Question(Fact):
    """“I’m stuck”: somebody could not go on in the live system and asked (1.7).

    `key` is made on the device where it was asked, so that sending it twice records it once.
    `category` and `theme` are codes (support/categories.py, competency/themes.py).
    """

    key = models.UUIDField(unique=True)
    person = models.ForeignKey(Person, models.PROTECT, related_name="questions")
    service = models.ForeignKey(Service, models.PROTECT, related_name="+")
    category = models.CharField(max_length=20)
    competency = models.ForeignKey(Competency, models.PROTECT, null=True, related_name="+")
    theme = models.CharField(max_length=10, blank=True)


class QuestionWording(Fact):
    """More words to a question, by whoever asked it."""

    question = models.ForeignKey(Question, models.PROTECT, related_name="wordings")


class Answer(Fact):
    """An answer to a question. A later one adds to it; the latest says how the question counts:
    its category, competency and theme."""

    class How(models.TextChoices):
        WORDS = "words", "In words"
        SHOWN = "shown", "Shown in person"

    question = models.ForeignKey(Question, models.PROTECT, related_name="answers")
    subject = models.ForeignKey(Person, models.PROTECT, related_name="+")
    how = models.CharField(max_length=5, choices=How)
    category = models.CharField(max_length=20)
    competency = models.ForeignKey(Competency, models.PROTECT, null=True, related_name="+")
    theme = models.CharField(max_length=10, blank=True)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(by=F("subject")), name="answer_not_own")]


class AnswerRead(Setting):
    """An answer that whoever asked has opened: it no longer counts as new to them."""

    answer = models.OneToOneField(Answer, models.CASCADE, related_name="read")
    at = models.DateTimeField()


class SupportWords(Words):
    """What was written with a support action, its completion, a permission, a question or its
    answer."""
