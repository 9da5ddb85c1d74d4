"""Record audits: selections, checks, gaps, causes, change requests, refreshers.

A fact names a record by its id in the ECM system and its version, never by a key: records are
copies, which retention empties, and what was found about them stays.
"""

from dataclasses import replace
from typing import Any

from django.db import models
from django.db.models import F, Q

from surehand.competency.models import Competency
from surehand.evidence.keeping import A_YEAR, WORDS_KEPT, Kept, Personal, Whom, by_entry
from surehand.evidence.kinds import Copy, Draft, Fact, Setting, Words
from surehand.people.models import EcmAccount, Person, Service


class Audit(Fact):
    """A selection of live records of one service to be checked (2.1).

    The records are those written (in the ECM system) in [since, until), UTC, of `record_types`, as
    known when it was recorded. `design` is how they were chosen (`selection.Design` as JSON) and
    `seed` makes it repeatable. `records` is from how many. `follows` is the audit whose design this
    one repeats, after `refresher`. `due` is the last London day for its checks. Nobody selected one
    that scheduled itself: `by` is empty.
    """

    service = models.ForeignKey(Service, models.PROTECT, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField()
    record_types = models.JSONField(default=list)
    design = models.JSONField(default=dict)
    seed = models.CharField(max_length=32)
    records = models.PositiveIntegerField()
    due = models.DateField()
    follows = models.ForeignKey("self", models.PROTECT, null=True, related_name="followed_by")
    refresher = models.ForeignKey("Refresher", models.PROTECT, null=True, related_name="follow_ups")
    by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")


class AuditItem(Fact):
    """One record selected for an audit, stored before anybody opens it.

    `number` is its place in the order in which they are checked, which says nothing of why it was
    chosen. `pi` is the probability with which it was to be chosen, in (0, 1]; `why` the codes of
    why it was (`selection.WHY`). `author` is whose the account was when it was written, as known at
    the selection; empty where that is not known or it was shared. In a `blind` item signals are not
    shown until it is answered; one checked `twice` is checked by two people apart from each other.
    """

    audit = models.ForeignKey(Audit, models.PROTECT, related_name="items")
    number = models.PositiveIntegerField()
    record_id = models.CharField(max_length=80)
    version = models.PositiveIntegerField()
    record_type = models.CharField(max_length=40)
    section = models.CharField(max_length=40, blank=True)
    account = models.ForeignKey(EcmAccount, models.PROTECT, related_name="+")
    author = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    written_at = models.DateTimeField()
    pi = models.FloatField()
    why = models.JSONField(default=list)
    blind = models.BooleanField(default=False)
    twice = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["audit", "record_id"], name="audit_item_once"),
            models.UniqueConstraint(fields=["audit", "number"], name="audit_item_number"),
            models.CheckConstraint(condition=Q(pi__gt=0, pi__lte=1), name="audit_item_pi"),
        ]
        indexes = [models.Index(fields=["record_id"])]


class SelectionFrame(Copy):
    """From which records an audit was drawn (`selection.Frame` as bytes), so that its seed draws
    the same again. The entry of the audit committed to it."""

    personal = "It knows ids of records, and numbers in the place of whoever wrote them."
    kept = Kept(
        "From which records audits were drawn",
        "So that a selection can be drawn again from its seed, and compared.",
        days=2 * A_YEAR,
        least=92,
        most=6 * A_YEAR,
        older=by_entry,
    )

    audit = models.OneToOneField(Audit, models.PROTECT, related_name="frame")
    entry = models.BigIntegerField()
    content = models.BinaryField()
    salt = models.BinaryField(max_length=32)

    @classmethod
    def committed(cls, entry: int) -> list[tuple[str, bytes, bytes]]:
        """What an entry committed to and this table keeps."""
        rows = cls._default_manager.filter(entry=entry).values_list("content", "salt")
        return [
            ("The records it was drawn from", bytes(content), bytes(salt)) for content, salt in rows
        ]


class Answer(models.TextChoices):
    MEETS = "meets", "Meets"
    PARTLY = "partly", "Partly"
    NOT = "not", "Not"
    NOT_APPLICABLE = "na", "Not applicable"


class Criterion(models.TextChoices):
    """What every record is checked for, in the order in which it is asked."""

    COMPLETE = "complete", "Complete"
    TIMELY = "timely", "Timely"
    PERSON_SPECIFIC = "person_specific", "Person-specific"
    RIGHT_SECTION = "right_section", "Entered in the correct section"


class RecordCheck(Fact):
    """One person's answers about one record (2.2): about the record, not about who wrote it.

    `second` is the other check of an item that is checked twice. `subject` is the item's author, so
    that nobody checks their own. A corrected check supersedes, and brings its own gaps.
    """

    item = models.ForeignKey(AuditItem, models.PROTECT, related_name="checks")
    second = models.BooleanField(default=False)
    complete = models.CharField(max_length=6, choices=Answer)
    timely = models.CharField(max_length=6, choices=Answer)
    person_specific = models.CharField(max_length=6, choices=Answer)
    right_section = models.CharField(max_length=6, choices=Answer)
    subject = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    supersedes = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="superseded_by"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(subject__isnull=True) | ~Q(by=F("subject")), name="record_check_not_own"
            ),
            models.UniqueConstraint(
                fields=["item", "second"],
                condition=Q(supersedes__isnull=True),
                name="record_check_once",
            ),
        ]


class OpenRecord(Draft):
    """The record somebody opened last to check it, so that two auditors at work get different ones.
    It holds nobody up: whoever saves first counts."""

    personal = Personal(
        "The record they opened last to check it",
        find=lambda model, whom: model._default_manager.filter(person__in=whom.people),
    )
    kept = Kept(
        "Which record an auditor has open",
        "So that two auditors at work are not given the same record.",
        days=1,
        least=1,
        most=7,
        older=lambda model, moment: model._default_manager.filter(at__lte=moment),
        evidenced=False,
    )

    person = models.OneToOneField(Person, models.PROTECT, related_name="+")
    item = models.ForeignKey(AuditItem, models.PROTECT, related_name="open_with")
    at = models.DateTimeField()


class RecordCheckVoid(Fact):
    """A check that does not count, by another authorised person with a reason (R15). `subject` is
    whoever checked."""

    check_of = models.OneToOneField(RecordCheck, models.PROTECT, related_name="void")
    subject = models.ForeignKey(Person, models.PROTECT, related_name="+")
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(by=F("subject")), name="record_check_void_not_own")
        ]


class Gap(Fact):
    """What a record lacks, by a training theme (2.3). `start` and `length` are the characters of
    its text that show it; -1 and 0 where nothing in the text does. What the auditor noted is in
    `AuditWords`."""

    class Severity(models.TextChoices):
        MINOR = "minor", "Minor"
        SERIOUS = "serious", "Serious"
        IMMEDIATE = "immediate", "Somebody may be at risk now"

    check_of = models.ForeignKey(RecordCheck, models.PROTECT, related_name="gaps")
    criterion = models.CharField(max_length=15, choices=Criterion)
    theme = models.CharField(max_length=10)
    severity = models.CharField(max_length=9, choices=Severity)
    start = models.IntegerField(default=-1)
    length = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["check_of", "theme"], name="gap_theme_once")]
        indexes = [models.Index(fields=["theme"])]


class Escalation(Fact):
    """An immediate risk, told at once to the registered manager of the service (2.3). `to` is whom:
    empty where nobody holds that access, which is then the provider's to see."""

    gap = models.OneToOneField(Gap, models.PROTECT, related_name="escalation")
    service = models.ForeignKey(Service, models.PROTECT, related_name="+")
    to = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")


class RiskMail(Draft):
    """The mail to one of those who must act on an immediate risk, that it waits on `page`: at most
    one to each (2.3).

    Claimed before it is sent, so that two at work never send it twice; a mail server's refusal
    frees it to be tried again. `claimed_at` and neither `sent_at` nor `failure`: it is not known
    whether it arrived.
    """

    personal = Personal(
        "That they were mailed that something urgent waits",
        find=lambda model, whom: model._default_manager.filter(person__in=whom.people),
    )
    kept = Kept(
        "Mails about immediate risks",
        "Whether they were sent is looked at while the risk waits.",
        days=28,
        least=7,
        most=90,
        older=lambda model, moment: model._default_manager.filter(claimed_at__lte=moment),
        evidenced=False,
    )

    escalation = models.ForeignKey(Escalation, models.PROTECT, related_name="mails")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    page = models.CharField(max_length=300)
    tries = models.PositiveSmallIntegerField(default=1)
    claimed_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["escalation", "person"], name="risk_mailed_once")
        ]


class EscalationTaken(Fact):
    """What was done about an immediate risk; in `AuditWords`."""

    escalation = models.OneToOneField(Escalation, models.PROTECT, related_name="taken")
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")


class FindingReply(Fact):
    """What whoever wrote a record has to say to what was found in it; in `AuditWords`."""

    check_of = models.ForeignKey(RecordCheck, models.PROTECT, related_name="replies")
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")


class FindingRead(Setting):
    """A check that whoever wrote the record has opened: it no longer counts as new to them."""

    personal = "It knows a check by its number."

    check_of = models.OneToOneField(RecordCheck, models.CASCADE, related_name="read")
    at = models.DateTimeField()


class Cause(Fact):
    """Why gaps of one theme at a service arose (2.4), by the registered manager with a reason in
    `AuditWords`. Which gaps is in `GapCause`.

    `suggested` is what was proposed and by what evidence. `subject` is whose practice it is, for
    individual practice alone. *Unsure* is decided by `decide_by`, in 14 days.
    """

    class Kind(models.TextChoices):
        TRAINING = "training", "Training"
        WORKFLOW = "workflow", "Workflow design"
        PRACTICE = "practice", "Individual practice"
        UNSURE = "unsure", "Not sure yet"

    service = models.ForeignKey(Service, models.PROTECT, related_name="+")
    theme = models.CharField(max_length=10)
    why = models.CharField(max_length=8, choices=Kind)
    suggested = models.JSONField(default=dict)
    subject = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    decide_by = models.DateField(null=True)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    supersedes = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="superseded_by"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(subject__isnull=True) | ~Q(by=F("subject")), name="cause_not_own"
            )
        ]


class GapCause(Fact):
    """That a gap has this cause."""

    cause = models.ForeignKey(Cause, models.PROTECT, related_name="gaps")
    gap = models.ForeignKey(Gap, models.PROTECT, related_name="causes")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["cause", "gap"], name="gap_cause_once")]


class ChangeRequest(Fact):
    """What the ECM system's supplier is asked to change, for a workflow-design cause: no mark
    against a person (2.4). What is asked is in `AuditWords`. `profile` is `code version`."""

    cause = models.ForeignKey(Cause, models.PROTECT, related_name="change_requests")
    service = models.ForeignKey(Service, models.PROTECT, related_name="+")
    profile = models.CharField(max_length=60)
    record_type = models.CharField(max_length=40, blank=True)
    section = models.CharField(max_length=40, blank=True)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")


class ChangeRequestStep(Fact):
    """What became of a change request, on a London day: the last one said holds."""

    class State(models.TextChoices):
        SENT = "sent", "Sent to the supplier"
        PLANNED = "planned", "Planned"
        DECLINED = "declined", "Declined"
        RELEASED = "released", "Released"
        CLOSED = "closed", "Closed"

    request = models.ForeignKey(ChangeRequest, models.PROTECT, related_name="steps")
    state = models.CharField(max_length=8, choices=State)
    on = models.DateField()
    release = models.CharField(max_length=40, blank=True)  # a number (change.release_problem)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")


class Refresher(Fact):
    """Ten or fifteen minutes on one theme, for a person or a group (2.5): a support action for each
    of them, born of this entry (R20)."""

    service = models.ForeignKey(Service, models.PROTECT, related_name="+")
    theme = models.CharField(max_length=10)
    competency = models.ForeignKey(Competency, models.PROTECT, null=True, related_name="+")
    cause = models.ForeignKey(Cause, models.PROTECT, null=True, related_name="refreshers")
    owner = models.ForeignKey(Person, models.PROTECT, related_name="+")
    due = models.DateField()
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")


class RefresherGiven(Fact):
    """That a refresher took place on a London day, for those of its people who were there (their
    ids); a second session is another row. A follow-up audit comes of the first."""

    refresher = models.ForeignKey(Refresher, models.PROTECT, related_name="given")
    on = models.DateField()
    minutes = models.PositiveSmallIntegerField()
    people = models.JSONField(default=list)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")


def _written_about(model: type[models.Model], whom: Whom) -> models.QuerySet[Any]:
    """What was written with facts about them or their records; not what they wrote as auditors."""
    people = whom.people
    checks = RecordCheck.objects.filter(subject__in=people)
    return model._default_manager.filter(
        Q(entry__in=checks.values("entry"))
        | Q(entry__in=Gap.objects.filter(check_of__in=checks).values("entry"))
        | Q(entry__in=RecordCheckVoid.objects.filter(check_of__in=checks).values("entry"))
        | Q(
            entry__in=EscalationTaken.objects.filter(escalation__gap__check_of__in=checks).values(
                "entry"
            )
        )
        | Q(entry__in=FindingReply.objects.filter(by__in=people).values("entry"))
        | Q(entry__in=Cause.objects.filter(subject__in=people).values("entry"))
    )


class AuditWords(Words):
    """What was noted of gaps and of risks, why a cause was found, what a change request asks for,
    what a refresher is to do, and what whoever wrote a record says to it."""

    personal = Personal("What was noted when their records were checked", find=_written_about)
    kept = replace(WORDS_KEPT, what="Notes of record audits, causes and refreshers")
