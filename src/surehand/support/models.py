"""Support actions, permissions for supervised live use, questions asked in it, courses attended."""

from dataclasses import replace
from typing import Any

from django.db import models
from django.db.models import F, Q

from surehand.competency.models import Competency
from surehand.evidence.keeping import A_YEAR, WORDS_KEPT, Kept, Personal, Whom
from surehand.evidence.kinds import Copy, Fact, Setting, Words
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

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(by=F("person")), name="support_action_not_own")
        ]


class SupportDone(Fact):
    class Outcome(models.TextChoices):
        HELPED = "helped", "It helped: ready for a re-check"
        NOT_YET = "not_yet", "Not yet: more support is needed"
        NOT_DONE = "not_done", "It did not take place"
        # Of a refresher: whether it helped is for the follow-up audit to show.
        GIVEN = "given", "It was given: the follow-up audit shows whether it helped"

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

    personal = "It knows an answer by its number."

    answer = models.OneToOneField(Answer, models.CASCADE, related_name="read")
    at = models.DateTimeField()


class Confidence(Fact):
    """How sure somebody says they are of one competency, in one of three statements, from 1 (not at
    all) to 5 (fully): about oneself, by oneself (1.7). A changed answer supersedes."""

    class Statement(models.TextChoices):
        ALONE = "alone", "On my own tonight I could"
        GOES_WRONG = "goes_wrong", "I know what to do if it goes wrong"
        WHO_TO_ASK = "who_to_ask", "I know who to ask"

    person = models.ForeignKey(Person, models.PROTECT, related_name="confidence")
    competency = models.ForeignKey(Competency, models.PROTECT, related_name="+")
    statement = models.CharField(max_length=10, choices=Statement)
    level = models.PositiveSmallIntegerField()
    supersedes = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="superseded_by"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(level__range=(1, 5)), name="confidence_1_to_5")
        ]


def _written_about(model: type[models.Model], whom: Whom) -> models.QuerySet[Any]:
    """What was written with support for them; not with support they give."""
    people = whom.people
    return model._default_manager.filter(
        Q(entry__in=SupportAction.objects.filter(person__in=people).values("entry"))
        | Q(entry__in=SupportDone.objects.filter(action__person__in=people).values("entry"))
        | Q(entry__in=Permission.objects.filter(subject__in=people).values("entry"))
        | Q(entry__in=Question.objects.filter(person__in=people).values("entry"))
        | Q(entry__in=QuestionWording.objects.filter(question__person__in=people).values("entry"))
        | Q(entry__in=Answer.objects.filter(subject__in=people).values("entry"))
        | Q(entry__in=PermissionEnd.objects.filter(permission__subject__in=people).values("entry"))
    )


class SupportWords(Words):
    """What was written with a support action, its completion, a permission, a question or its
    answer."""

    personal = Personal("Notes of support, and questions they asked", find=_written_about)
    kept = replace(WORDS_KEPT, what="Notes of support and of questions asked in live use")


class Course(Fact):
    """A course somebody attended, as a training file names it; the plan may know it or not."""

    def __str__(self) -> str:
        name = getattr(self, "name", None)
        return name.title if name else f"Erased course {self.pk}"


class CourseName(Setting):
    """What a course is called. `folded` is the title as compared: two spellings are one course."""

    personal = "It names a course."

    course = models.OneToOneField(Course, models.CASCADE, related_name="name")
    title = models.CharField(max_length=120)
    folded = models.CharField(max_length=400, unique=True)


class Attendance(Fact):
    """Somebody attended a course on a day: shown beside competence, and never read by the rules of
    readiness (1.8, R6).

    `expires_on` is the last day it counts, where the file says so; `category` the ASC-WDS training
    category. A correction supersedes; the same course on another day is another attendance. Who
    provided it is free text, so it is in `AttendanceDetails`.
    """

    class Outcome(models.TextChoices):
        ATTENDED = "attended", "Attended"
        COMPLETED = "completed", "Completed"
        NOT_COMPLETED = "not_completed", "Not completed"
        ABSENT = "absent", "Did not attend"

    class Delivery(models.TextChoices):
        IN_HOUSE = "in_house", "In-house"
        EXTERNAL = "external", "External"

    class Mode(models.TextChoices):
        FACE_TO_FACE = "face_to_face", "Face to face"
        E_LEARNING = "e_learning", "E-learning"

    class Accredited(models.TextChoices):
        YES = "yes", "Accredited"
        NO = "no", "Not accredited"
        NOT_KNOWN = "not_known", "Not known"

    person = models.ForeignKey(Person, models.PROTECT, related_name="attendances")
    course = models.ForeignKey(Course, models.PROTECT, related_name="attendances")
    on = models.DateField()
    outcome = models.CharField(max_length=15, choices=Outcome)
    expires_on = models.DateField(null=True)
    category = models.PositiveSmallIntegerField(null=True)
    delivery = models.CharField(max_length=10, choices=Delivery, blank=True)
    mode = models.CharField(max_length=15, choices=Mode, blank=True)
    accredited = models.CharField(max_length=10, choices=Accredited, blank=True)
    supersedes = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="superseded_by"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "course", "on"],
                condition=Q(supersedes__isnull=True),
                name="attendance_once",
            )
        ]


class AttendanceDetails(Copy):
    """What a training file says about an attendance in free text; it can be erased. The import's
    entry commits to the row it stood in."""

    personal = Personal(
        "Notes on courses they attended",
        find=lambda model, whom: model._default_manager.filter(attendance__person__in=whom.people),
    )
    kept = Kept(
        "Notes on courses attended",
        "So that a certificate can be found again for as long as it counts.",
        days=6 * A_YEAR,
        least=A_YEAR,
        most=15 * A_YEAR,
        older=lambda model, moment: model._default_manager.filter(
            attendance__recorded_at__lte=moment
        ),
    )

    attendance = models.OneToOneField(Attendance, models.CASCADE, related_name="details")
    provider = models.CharField(max_length=120, blank=True)
    notes = models.CharField(max_length=1000, blank=True)
