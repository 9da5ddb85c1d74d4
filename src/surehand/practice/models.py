"""Scenarios in use, attempts at them, and an attempt while it is played.

Everybody in a scenario is fictional; nothing here shares a table with live records.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import models

from surehand.evidence.keeping import A_YEAR, Kept, Personal, Whom
from surehand.evidence.kinds import Copy, Draft, Fact
from surehand.people.models import Person, Service


class ScenarioVersion(Fact):
    """A version of a scenario as it can be played: a provider's own from when it is published, a
    shipped one from its first attempt. `document` is its YAML; nobody in it is real."""

    code = models.CharField(max_length=10)
    version = models.PositiveIntegerField()
    document = models.TextField()
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
    for a check an assessor beside them; `session` is the group session it was begun in.
    """

    class Mode(models.TextChoices):
        PRACTISE = "practise", "Practice"
        CHECK = "check", "Check"

    class Where(models.TextChoices):
        HERE = "here", "Here"
        VENDOR = "vendor", "In the vendor’s training system"

    person = models.ForeignKey(Person, models.PROTECT, related_name="attempts")
    service = models.ForeignKey(Service, models.PROTECT, related_name="+")
    scenario = models.ForeignKey(ScenarioVersion, models.PROTECT, related_name="attempts")
    profile = models.CharField(max_length=60)
    mode = models.CharField(max_length=10, choices=Mode)
    where = models.CharField(max_length=10, choices=Where, default=Where.HERE)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    session = models.ForeignKey(
        "PracticeSession", models.PROTECT, null=True, related_name="attempts"
    )


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
    time for which nobody was there (`away_seconds`).
    """

    class How(models.TextChoices):
        FINISHED = "finished", "Finished"
        LEFT = "left", "Left before the end"

    attempt = models.OneToOneField(Attempt, models.PROTECT, related_name="end")
    how = models.CharField(max_length=10, choices=How)
    seconds = models.PositiveIntegerField()
    away_seconds = models.PositiveIntegerField(default=0)
    hints = models.PositiveSmallIntegerField(default=0)
    marks = models.JSONField(default=dict)


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
