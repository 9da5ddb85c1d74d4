"""Scenarios in use, attempts at them, an attempt while it is played, and spot checks.

Everybody in a scenario is fictional; nothing here shares a table with live records.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import F, Q

from surehand.evidence.keeping import A_YEAR, WORDS_KEPT, Kept, Personal, Whom
from surehand.evidence.kinds import Copy, Draft, Fact, Words
from surehand.people.models import Person, Service

if TYPE_CHECKING:
    pass


class Where(models.TextChoices):
    """Where something is practised."""

    HERE = "here", "Here"
    VENDOR = "vendor", "In the vendor’s training system"


class ScenarioVersion(Fact):
    """A version of a scenario as it can be played: a provider's own from when it is published, a
    shipped one from its first attempt. `document` is its YAML; nobody in it is real. One of the
    vendor's own (`where`) has no more than a title and a competency, and cannot be played here."""

    code = models.CharField(max_length=10)
    version = models.PositiveIntegerField()
    document = models.TextField()
    where = models.CharField(max_length=10, choices=Where, default=Where.HERE)
    by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="scenario_version_once")
        ]


class ScenarioWithdrawal(Fact):
    """A scenario is no longer offered, whichever of its versions; what was played stays readable.
    It holds until a `ScenarioReturn`."""

    code = models.CharField(max_length=10)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")


class ScenarioReturn(Fact):
    """A scenario that had been withdrawn is offered again."""

    withdrawal = models.OneToOneField(ScenarioWithdrawal, models.PROTECT, related_name="ended")
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")


class ScenarioDraft(Draft):
    """The next version of a scenario while it is written: one for each code.

    `text` is its YAML, with whatever mistakes it still has. `revision` counts the changes, so that
    nobody writes over what they have not seen. `begun_from` says in a few words where it began.

    `played` are the steps of its preview, with `played_at`, `clock` and `played_revision` as those
    of `Playing`; no preview was begun where `played_at` is None. They never become facts.
    """

    personal = "Everybody in it is made up; who writes it is a pseudonym."
    kept = Kept(
        "A practice scenario being written",
        "So that nobody begins again after a holiday.",
        days=A_YEAR,
        least=30,
        most=3 * A_YEAR,
        older=lambda model, moment: model._default_manager.filter(changed_at__lte=moment),
    )

    code = models.CharField(max_length=10, unique=True)
    text = models.TextField()
    revision = models.PositiveIntegerField(default=1)
    begun_from = models.CharField(max_length=40)
    begun_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    begun_at = models.DateTimeField()
    changed_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()
    played = models.JSONField(default=list)
    played_at = models.DateTimeField(null=True)
    clock = models.PositiveIntegerField(default=0)
    played_revision = models.PositiveIntegerField(default=0)


class Attempt(Fact):
    """One go at a scenario, from its start. It is never an outcome by itself (R7).

    `profile` is the ECM profile it is played in, as `code version`. `by` began it: the person, or
    for a check an assessor beside them; `session` is the group session it was begun in. In the
    vendor's training system it was observed by `by`, or its result came in a file: then `by` is
    empty and `finished_at` is what the file says. `supersedes` is what its author corrected (R15).
    """

    class Mode(models.TextChoices):
        PRACTISE = "practise", "Practice"
        CHECK = "check", "Check"

    Where = Where

    person = models.ForeignKey(Person, models.PROTECT, related_name="attempts")
    service = models.ForeignKey(Service, models.PROTECT, related_name="+")
    scenario = models.ForeignKey(ScenarioVersion, models.PROTECT, related_name="attempts")
    profile = models.CharField(max_length=60)
    mode = models.CharField(max_length=10, choices=Mode)
    where = models.CharField(max_length=10, choices=Where, default=Where.HERE)
    finished_at = models.DateTimeField(null=True)
    by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    session = models.ForeignKey(
        "PracticeSession", models.PROTECT, null=True, related_name="attempts"
    )
    supersedes = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="superseded_by"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(where=Where.HERE) | Q(by__isnull=True) | ~Q(by=F("person")),
                name="attempt_elsewhere_not_own",
            ),
            models.UniqueConstraint(
                fields=["person", "scenario", "finished_at"],
                condition=Q(finished_at__isnull=False),
                name="attempt_imported_once",
            ),
        ]

    @property
    def when(self) -> datetime:
        """When it took place: what a file says, else when it was begun or observed."""
        return self.finished_at or self.happened_at

    @property
    def is_late(self) -> bool:
        """Whether it was recorded more than a day after it took place (R11)."""
        return (self.recorded_at - self.when).total_seconds() > 24 * 3600


class AttemptVoid(Fact):
    """A go in the vendor's training system that does not count, by another authorised person with a
    reason (R15)."""

    attempt = models.OneToOneField(Attempt, models.PROTECT, related_name="void")
    subject = models.ForeignKey(Person, models.PROTECT, related_name="+")
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(by=F("subject")), name="attempt_void_not_own")
        ]


class PracticeSession(Fact):
    """A group session: whoever has a post at the service joins with `code`, until it ends or for
    `OPEN_FOR`. `by` opened it, and sees who is where."""

    OPEN_FOR = timedelta(hours=4)

    service = models.ForeignKey(Service, models.PROTECT, related_name="+")
    scenario = models.ForeignKey(ScenarioVersion, models.PROTECT, related_name="+")
    mode = models.CharField(max_length=10, choices=Attempt.Mode)
    code = models.CharField(max_length=8, db_index=True)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    @property
    def until(self) -> datetime:
        """When it ends, or ended, at the latest; in UTC. Read it with its end."""
        ended = getattr(self, "end", None)
        return ended.happened_at if ended else self.happened_at + self.OPEN_FOR

    def is_open(self, *, at: datetime) -> bool:
        return at < self.until


class PracticeSessionEnd(Fact):
    """Nobody joins any more; what is still played may be finished."""

    session = models.OneToOneField(PracticeSession, models.PROTECT, related_name="end")
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")


class AttemptEnd(Fact):
    """What an attempt came to: finished, or left before its end.

    `marks` is {what was expected: "met" | "partly" | "not_met"}; `seconds` of play, without the
    time for which nobody was there (`away_seconds`). `result` is what the vendor's training system
    called it; it is no outcome (R7).
    """

    class Result(models.TextChoices):
        PASSED = "passed", "Passed there"
        NOT_PASSED = "not_passed", "Not passed there"
        FINISHED = "finished", "Finished there"

    class How(models.TextChoices):
        FINISHED = "finished", "Finished"
        LEFT = "left", "Left before the end"

    attempt = models.OneToOneField(Attempt, models.PROTECT, related_name="end")
    how = models.CharField(max_length=10, choices=How)
    seconds = models.PositiveIntegerField()
    away_seconds = models.PositiveIntegerField(default=0)
    hints = models.PositiveSmallIntegerField(default=0)
    marks = models.JSONField(default=dict)
    result = models.CharField(max_length=10, choices=Result, blank=True)


class AttemptStep(Fact):
    """One thing done in an attempt, `at` so many seconds of play (see `play.Step`). `what` holds
    codes of the scenario and the profile; what was typed is in `StepWords`."""

    attempt = models.ForeignKey(Attempt, models.PROTECT, related_name="steps")
    number = models.PositiveIntegerField()
    at = models.PositiveIntegerField()
    did = models.CharField(max_length=12)
    what = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["attempt", "number"], name="attempt_step_once")
        ]


def _typed_by(model: type[models.Model], whom: Whom) -> models.QuerySet[Any]:
    return model._default_manager.filter(step__attempt__person__in=whom.people)


class StepWords(Copy):
    """What was typed in a step: `content` is canonical JSON of its fields, words and reason. The
    entry that ended the attempt commits to it."""

    personal = Personal("What they typed in practice", find=_typed_by)
    kept = Kept(
        "What was typed in practice",
        "So that a check judged from an attempt can be understood while its outcome counts.",
        days=2 * A_YEAR,
        least=A_YEAR // 2,
        most=6 * A_YEAR,
        older=lambda model, moment: model._default_manager.filter(step__recorded_at__lte=moment),
    )

    step = models.OneToOneField(AttemptStep, models.PROTECT, related_name="words")
    content = models.BinaryField()
    salt = models.BinaryField(max_length=32)

    @classmethod
    def committed(cls, entry: int) -> list[tuple[str, bytes, bytes]]:
        """What an entry committed to and this table keeps: what it is, its content and salt."""
        rows = cls._default_manager.filter(step__entry=entry).order_by("step__number")
        return [
            ("Words of a step", bytes(content), bytes(salt))
            for content, salt in rows.values_list("content", "salt")
        ]


class Playing(Draft):
    """An attempt while it is played: the steps so far, as JSON rows. Each is kept as it is taken,
    so that a lost connection or a closed browser loses nothing; at the end they become facts.

    `seen_at` is when the player was last there, and `clock` the seconds of play until then.
    `revision` counts the steps, so that two open tabs never write over one another.
    """

    personal = Personal(
        "Practice they are in the middle of",
        find=lambda model, whom: model._default_manager.filter(attempt__person__in=whom.people),
    )
    kept = Kept(
        "Practice not yet ended",
        "So that somebody called away can go on where they were.",
        days=28,
        least=1,
        most=90,
        older=lambda model, moment: model._default_manager.filter(seen_at__lte=moment),
        evidenced=False,
    )

    attempt = models.OneToOneField(Attempt, models.PROTECT, related_name="playing")
    steps = models.JSONField(default=list)
    seen_at = models.DateTimeField()
    clock = models.PositiveIntegerField(default=0)
    revision = models.PositiveIntegerField(default=0)


class AttemptReference(Copy):
    """What a file calls an attempt in the vendor's training system; it can be erased. The import's
    entry commits to the row it stood in."""

    personal = Personal(
        "References of practice in the vendor’s training system",
        find=lambda model, whom: model._default_manager.filter(attempt__person__in=whom.people),
    )
    kept = Kept(
        "References of practice in the vendor’s training system",
        "So that a result can be found again there while it is looked at here.",
        days=2 * A_YEAR,
        least=A_YEAR // 2,
        most=6 * A_YEAR,
        older=lambda model, moment: model._default_manager.filter(attempt__recorded_at__lte=moment),
    )

    attempt = models.OneToOneField(Attempt, models.CASCADE, related_name="reference")
    text = models.CharField(max_length=80)


class OwnSpotQuestion(Fact):
    """A version of a question of a provider's own, from when it is published; one with the code of
    a shipped question takes its place. `document` is its YAML; nobody is named in it."""

    code = models.CharField(max_length=10)
    version = models.PositiveIntegerField()
    document = models.TextField()
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="own_spot_question_once")
        ]


class SpotQuestionRetirement(Fact):
    """A question is asked no longer, whichever of its versions, until a `SpotQuestionReturn`."""

    code = models.CharField(max_length=10)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")


class SpotQuestionReturn(Fact):
    """A question that was retired is asked again."""

    retirement = models.OneToOneField(SpotQuestionRetirement, models.PROTECT, related_name="ended")
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")


class SpotQuestionVersion(Fact):
    """A question as it is asked in a care setting, from its first spot check: its words, and what a
    good answer has by the routes of an ECM profile (`profile`, as `code version`). `document` is
    canonical JSON; nobody is named in it."""

    code = models.CharField(max_length=10)
    version = models.PositiveIntegerField()
    setting = models.CharField(max_length=1)
    profile = models.CharField(max_length=60)
    document = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["code", "version", "setting", "profile"], name="spot_question_once"
            )
        ]


class SpotCheck(Fact):
    """Somebody on shift was asked a question, and showed or explained the answer aloud. It is never
    an outcome (R7), and readiness does not read it.

    `shown` is {code of a point: "shown" | "with_help" | "not_shown"}. Whom they were asked about is
    kept nowhere. `supersedes` is what its author corrected (R15).
    """

    class Shown(models.TextChoices):
        SHOWN = "shown", "Shown"
        WITH_HELP = "with_help", "With help"
        NOT_SHOWN = "not_shown", "Not shown"

    person = models.ForeignKey(Person, models.PROTECT, related_name="spot_checks")
    service = models.ForeignKey(Service, models.PROTECT, related_name="+")
    question = models.ForeignKey(SpotQuestionVersion, models.PROTECT, related_name="+")
    minutes = models.PositiveSmallIntegerField()
    shown = models.JSONField()
    supersedes = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="superseded_by"
    )
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(by=F("person")), name="spot_check_not_own")
        ]


class SpotCheckVoid(Fact):
    """A spot check that does not count, by another authorised person with a reason (R15)."""

    spot_check = models.OneToOneField(SpotCheck, models.PROTECT, related_name="void")
    subject = models.ForeignKey(Person, models.PROTECT, related_name="+")
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(by=F("subject")), name="spot_check_void_not_own")
        ]


def standing(rows: models.QuerySet[Any], known: int | None) -> models.QuerySet[Any]:
    """Of spot checks or attempts, those that were neither voided nor corrected: now, or as it was
    known when entry `known` was the last (R15)."""
    if known is None:
        return rows.filter(void__isnull=True, superseded_by__isnull=True)
    return rows.filter(entry__lte=known).exclude(
        Q(void__entry__lte=known) | Q(superseded_by__entry__lte=known)
    )


def _written_about(model: type[models.Model], whom: Whom) -> models.QuerySet[Any]:
    people = whom.people
    return model._default_manager.filter(
        Q(entry__in=SpotCheck.objects.filter(person__in=people).values("entry"))
        | Q(entry__in=SpotCheckVoid.objects.filter(subject__in=people).values("entry"))
        | Q(entry__in=Attempt.objects.filter(person__in=people, where="vendor").values("entry"))
        | Q(entry__in=AttemptVoid.objects.filter(subject__in=people).values("entry"))
    )


class PracticeWords(Words):
    """What was written with a spot check, or with practice observed in the vendor's system: a note
    of what was seen, or the reason for correcting or voiding it."""

    personal = Personal("Notes of spot checks and of practice observed elsewhere", _written_about)
    kept = replace(WORDS_KEPT, what="Notes of spot checks and of practice observed elsewhere")

    class What(models.TextChoices):
        NOTE = "note", "Note"
        REASON = "reason", "Reason"

    what = models.CharField(max_length=6, choices=What, default=What.NOTE)
