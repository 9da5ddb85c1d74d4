"""Live records and the alerts that rang, as the ECM system exported them, and what was noticed.

All of it is copy (R1): whom a record is about is a pseudonym, what was written is sealed and goes
after the replay window, and retention empties the rest. Nothing here shares a table with practice.
"""

import json

from django.db import models
from django.db.models import Q

from surehand.evidence.keeping import A_YEAR, Kept, Personal, Whom, delete_many
from surehand.evidence.kinds import Copy, Fact, Setting, Words
from surehand.people.models import EcmAccount, Person, Service
from surehand.records import keeping
from surehand.records.sealed import Unreadable, pseudonym, unseal

# Who wrote them is an account, which is erased where accounts are.
SUPPORTED = (
    "It is about people supported, who are known by a pseudonym alone; who wrote it is an account."
)


def about(path: str, what: str) -> Personal:
    """How a table finds what it holds about somebody supported, by their pseudonym."""
    return Personal(
        what,
        find=lambda model, whom: model._default_manager.filter(**{path: whom.pseudonyms}),
        erase=delete_many,
    )


class Subject(Copy):
    """Somebody supported, by the keyed pseudonym of their id in the ECM system.

    `name` is sealed; it is kept so that another person's name in a record can be noticed.
    """

    personal = about("pseudonym__in", "Their pseudonym and sealed name")
    kept = Kept(
        "Pseudonyms and sealed names of people supported",
        "So that records about the same person can be seen together.",
        days=2 * A_YEAR,
        least=28,
        most=6 * A_YEAR,
        older=lambda model, moment: model._default_manager.filter(seen_at__lte=moment),
        erase=delete_many,
    )

    service = models.ForeignKey(Service, models.PROTECT, related_name="+")
    pseudonym = models.CharField(max_length=32, unique=True)
    name = models.BinaryField(default=b"")
    seen_at = models.DateTimeField()


class LiveRecord(Copy):
    """One version of one record, without its words. `replaced_by` is the entry that brought the
    next version; `digest` is keyed, of all that the row said, so that the same file changes
    nothing.

    `profile` is the ECM profile it was read with, as `code version`. `section` is empty for a
    record type that is its own place; `responds_to` is the id of an alert or a record.
    """

    personal = about("subject__pseudonym__in", "Live records about them")
    kept = Kept(
        "Live records without their words",
        "So that lateness, missing fields and who wrote when can be compared over time.",
        days=2 * A_YEAR,
        least=92,
        most=6 * A_YEAR,
        older=lambda model, moment: model._default_manager.filter(recorded_at__lte=moment),
        erase=delete_many,
    )

    record_id = models.CharField(max_length=80)
    version = models.PositiveIntegerField(default=1)
    change_type = models.CharField(max_length=10, default="create")
    # The indexes below begin with these; one more for each would only slow a large file.
    service = models.ForeignKey(Service, models.PROTECT, related_name="+", db_index=False)
    subject = models.ForeignKey(Subject, models.CASCADE, related_name="+", db_index=False)
    account = models.ForeignKey(EcmAccount, models.PROTECT, related_name="+", db_index=False)
    record_type = models.CharField(max_length=40)
    section = models.CharField(max_length=40, blank=True)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    responds_to = models.CharField(max_length=80, blank=True)
    profile = models.CharField(max_length=60)
    digest = models.BinaryField(max_length=16)
    entry = models.BigIntegerField(db_index=True)
    replaced_by = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["record_id", "version"], name="live_record_version"),
            models.UniqueConstraint(
                fields=["record_id"],
                condition=Q(replaced_by__isnull=True),
                name="live_record_current",
            ),
        ]
        indexes = [
            models.Index(fields=["service", "recorded_at"]),
            models.Index(fields=["account", "recorded_at"]),
            models.Index(fields=["subject", "occurred_at"]),
        ]


class RecordText(Copy):
    """What a record says, sealed: JSON of its `text` and `fields`. `keep_until` is for an action
    that needs it longer than it is kept by itself, as for a record audit."""

    personal = about("record__subject__pseudonym__in", "What live records about them say")
    kept = (
        Kept(
            "What live records say",
            "So that all records can be screened again when the rules get better.",
            days=keeping.REPLAY_DAYS,
            least=7,
            most=56,
            older=keeping.past_replay,
            erase=delete_many,
        ),
        Kept(
            "Words of live records with something noticed in them, or shown beside one",
            "So that somebody can look at it and say what it needs. Called fine, it goes sooner.",
            days=keeping.FLAGGED_DAYS,
            least=56,
            most=A_YEAR,
            older=keeping.past_flagged,
            erase=delete_many,
            part="flagged",
        ),
    )

    record = models.OneToOneField(LiveRecord, models.CASCADE, related_name="words")
    content = models.BinaryField()
    keep_until = models.DateTimeField(null=True)


class RaisedAlert(Copy):
    """An alert or monitoring prompt that rang, as the ECM system logged it."""

    personal = about("subject__pseudonym__in", "Alerts that rang for them")
    kept = Kept(
        "Alerts that rang",
        "So that it can be seen whether they were answered in time.",
        days=2 * A_YEAR,
        least=92,
        most=6 * A_YEAR,
        older=lambda model, moment: model._default_manager.filter(raised_at__lte=moment),
        erase=delete_many,
    )

    alert_id = models.CharField(max_length=80)
    service = models.ForeignKey(Service, models.PROTECT, related_name="+")
    subject = models.ForeignKey(Subject, models.CASCADE, related_name="+")
    alert_type = models.CharField(max_length=40)
    raised_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey(EcmAccount, models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    response_record_id = models.CharField(max_length=80, blank=True)
    digest = models.BinaryField(max_length=16)
    entry = models.BigIntegerField(db_index=True)
    replaced_by = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["alert_id"], condition=Q(replaced_by__isnull=True), name="alert_current"
            )
        ]
        indexes = [models.Index(fields=["service", "raised_at"])]


def aside_about(whom: Whom) -> list[int]:
    """The rows kept aside that are about somebody supported: whom is said inside what is sealed."""
    if not whom.pseudonyms:
        return []
    rows = KeptAside.objects.values_list("pk", "service__code", "content")
    return [
        pk
        for pk, service, content in rows.iterator(chunk_size=2000)
        if (said := _said(content).get("subject_id"))
        and pseudonym(said, service=service) in whom.pseudonyms
    ]


def _said(content: bytes | memoryview) -> dict[str, str]:
    try:
        found: dict[str, str] = json.loads(unseal(content))
    except Unreadable:
        return {}
    return found


class KeptAside(Copy):
    """A row that is not lost and not yet used: its subject, section or record type is not known.

    `content` is the row as it came, sealed; it comes in by itself once the profile knows it, or by
    hand. `done_by` is the entry that took it in or set it aside for good.
    """

    personal = Personal(
        "Rows of record files about them that are kept aside",
        find=lambda model, whom: model._default_manager.filter(pk__in=aside_about(whom)),
    )
    kept = Kept(
        "Rows of record files kept aside",
        "So that they can be brought in once their section or person is known.",
        days=92,
        least=28,
        most=A_YEAR,
        older=lambda model, moment: model._default_manager.filter(set_aside_at__lte=moment),
    )

    class Why(models.TextChoices):
        SUBJECT = "subject", "Whom it is about is not said"
        RECORD_TYPE = "record_type", "The ECM profile has no such record type"
        SECTION = "section", "The ECM profile has no such section"
        ALERT_TYPE = "alert_type", "The ECM profile has no such alert"

    import_kind = models.CharField(max_length=10)
    row_id = models.CharField(max_length=80)  # its record or alert id
    version = models.PositiveIntegerField(default=0)  # as the row says; 0 where it says none
    service = models.ForeignKey(Service, models.PROTECT, related_name="+")
    why = models.CharField(max_length=11, choices=Why)
    said = models.CharField(max_length=80)  # the word that is not known
    content = models.BinaryField()
    digest = models.BinaryField(max_length=16)
    set_aside_at = models.DateTimeField()
    entry = models.BigIntegerField()
    done_by = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["import_kind", "row_id", "version"],
                condition=Q(done_by__isnull=True),
                name="kept_aside_once",
            )
        ]


class KnownWord(Setting):
    """What a word of record files that no ECM profile knows is read as: chosen once by somebody
    for all rows that say it. `said` is as compared (`imports.table.folded`)."""

    personal = "It knows words of the ECM system."

    of = models.CharField(max_length=11, choices=KeptAside.Why)
    said = models.CharField(max_length=80)
    means = models.CharField(max_length=40)  # a code of the profile
    at = models.DateTimeField()
    by = models.CharField(max_length=32)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["of", "said"], name="known_word_once")]


class Screened(Copy):
    """That a record, or an alert that rang, was screened, and by which version of the rules.

    Exactly one of `record` and `alert` is set. `words` is how many the text had.
    """

    personal = SUPPORTED
    kept = "It goes with the record or alert it is about."

    record = models.OneToOneField(LiveRecord, models.CASCADE, null=True, related_name="screened")
    alert = models.OneToOneField(RaisedAlert, models.CASCADE, null=True, related_name="screened")
    service = models.ForeignKey(Service, models.PROTECT, related_name="+")
    at = models.DateTimeField()  # when the record was made, or the alert rang
    ruleset = models.CharField(max_length=16)
    words = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(record__isnull=False, alert__isnull=True)
                | Q(record__isnull=True, alert__isnull=False),
                name="screened_one_thing",
            )
        ]
        indexes = [models.Index(fields=["service", "at"])]


class Signal(Copy):
    """One thing that screening noticed: a prompt to look, never a verdict on a person.

    `start` and `length` are characters of the record's text, -1 and 0 where the reason is not in
    the text. `beside` is the record to be shown next to it.
    """

    personal = SUPPORTED
    kept = "It goes with the record or alert it is about."

    screened = models.ForeignKey(Screened, models.CASCADE, related_name="signals")
    code = models.CharField(max_length=30)
    strength = models.CharField(max_length=6)  # sound, useful, prompt
    beside = models.ForeignKey(LiveRecord, models.SET_NULL, null=True, related_name="+")
    start = models.IntegerField(default=-1)
    length = models.IntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["code"])]
        constraints = [
            models.UniqueConstraint(fields=["screened", "code", "start"], name="signal_once")
        ]


class SignalAnswer(Fact):
    """What a team leader found when they looked: this is fine, or it needs something.

    It is about the signal of this code on this row of the ECM system, and holds however often that
    row is screened again. Why, in words, is in `RecordsWords`.
    """

    class Answer(models.TextChoices):
        FINE = "fine", "This is fine"
        NEEDS = "needs", "This needs something"

    service = models.ForeignKey(Service, models.PROTECT, related_name="+")
    row_id = models.CharField(max_length=80)  # the record's or alert's id in the ECM system
    version = models.PositiveIntegerField(default=1)
    code = models.CharField(max_length=30)
    answer = models.CharField(max_length=5, choices=Answer)
    reason = models.CharField(max_length=30)  # one of `reasons.py`, or other
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    supersedes = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="superseded_by"
    )

    class Meta:
        indexes = [models.Index(fields=["row_id", "code"])]


class SignalReply(Fact):
    """What whoever wrote a record has to say to what was noticed in it: in `RecordsWords`."""

    service = models.ForeignKey(Service, models.PROTECT, related_name="+")
    row_id = models.CharField(max_length=80)
    version = models.PositiveIntegerField(default=1)
    code = models.CharField(max_length=30)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["row_id", "code"])]


class WordsVersion(Fact):
    """The provider's own words for screening: which are added to the lists that are shipped, and
    which of those are left out. The last version holds, for all of the replay window.

    `document` is YAML as `surehand.screening.with_own_words` reads it, about nobody.
    """

    number = models.PositiveIntegerField(unique=True)
    document = models.TextField()
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")


class RecordSeen(Copy):
    """That somebody looked at what a record says: once for each person, record and London day."""

    personal = Personal(
        "Days on which they looked at what a record says",
        find=lambda model, whom: model._default_manager.filter(person__in=whom.people),
    )
    kept = "It goes with the record it is about."

    record = models.ForeignKey(LiveRecord, models.CASCADE, related_name="+")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["record", "person", "on"], name="record_seen_once")
        ]


class RecordsWords(Words):
    """Why a signal is fine, or what it needs; and what whoever wrote the record says to it."""
