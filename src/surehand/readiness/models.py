"""Sign-off, restriction and override; the rota; and the spans derived from all the facts.

Spans hold instants as whole microseconds since 1970 UTC, half-open, split on state only.
"""

from dataclasses import replace
from typing import Any

from django.db import models
from django.db.models import F, Q

from surehand.competency.models import Competency, PlanVersion
from surehand.evidence.keeping import A_YEAR, WORDS, WORDS_KEPT, Kept, Personal, Whom
from surehand.evidence.kinds import Copy, Fact, Span, Words
from surehand.people.models import Person, Post, Service


class SignOff(Fact):
    """The workforce lead's confirmation that a post may use the live system on its own (R8)."""

    post = models.ForeignKey(Post, models.PROTECT, related_name="sign_offs")
    subject = models.ForeignKey(Person, models.PROTECT, related_name="+")
    plan = models.ForeignKey(PlanVersion, models.PROTECT, related_name="+")
    # The only assessors of the gates signed were the signer: allowed where nobody else could
    # sign, and shown in packs (R14).
    signer_assessed = models.BooleanField(default=False)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(by=F("subject")), name="sign_off_not_own")
        ]


class Restriction(Fact):
    """Independent live use is stopped, person-wide unless limited to a service (R10)."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="restrictions")
    service = models.ForeignKey(Service, models.PROTECT, null=True, related_name="+")
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(by=F("person")), name="restriction_not_own")
        ]


class Lifting(Fact):
    """A restriction lifted, citing the entry of a later pass or for a stated reason (R10)."""

    restriction = models.OneToOneField(Restriction, models.PROTECT, related_name="lifting")
    subject = models.ForeignKey(Person, models.PROTECT, related_name="+")
    cites = models.BigIntegerField(null=True)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(by=F("subject")), name="lifting_not_own")
        ]


class Override(Fact):
    """One post, one shift, at most 24 hours; never changes readiness (R21)."""

    post = models.ForeignKey(Post, models.PROTECT, related_name="overrides")
    subject = models.ForeignKey(Person, models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(by=F("subject")), name="override_not_own")
        ]


class OverrideEnd(Fact):
    """An override ended before its time: from here on nobody answers for the shift."""

    override = models.OneToOneField(Override, models.PROTECT, related_name="end")
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")


class NoLiveUse(Fact):
    """Somebody works a shift without using the live system: others record.

    It names the rota's own id of the shift and the person, so that it stands however often the rota
    is imported again, and falls away when somebody else takes the shift.
    """

    shift_id = models.CharField(max_length=80, db_index=True)
    service = models.ForeignKey(Service, models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")


class NoLiveUseEnd(Fact):
    """The shift is checked again."""

    mark = models.OneToOneField(NoLiveUse, models.PROTECT, related_name="end")
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")


class BreakGlassAgreed(Fact):
    """What a service does when this software or the network is down, agreed beforehand; the latest
    holds. Its wording is in `ReadinessWords`."""

    service = models.ForeignKey(Service, models.PROTECT, related_name="break_glass_agreed")
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")


class CarrySheet(Fact):
    """A sheet to carry: who may use the live system at a service from now `until` then, as known
    at this entry. What it said can be told from the ledger again at any time."""

    service = models.ForeignKey(Service, models.PROTECT, related_name="carry_sheets")
    until = models.DateTimeField()
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")


class BreakGlass(Fact):
    """People worked while this software or the network was down. It clears no shift: it says who
    was let in, and by which sheet or by whose decision."""

    service = models.ForeignKey(Service, models.PROTECT, related_name="break_glass")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    people = models.JSONField(default=list)  # the keys of those who were let in
    sheet = models.ForeignKey(CarrySheet, models.PROTECT, null=True, related_name="+")
    decided_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(sheet__isnull=False) | Q(decided_by__isnull=False),
                name="break_glass_by_sheet_or_decision",
            )
        ]


class ReadinessWords(Words):
    """The reasons given with a restriction, a lifting, an override or break-glass, and what was
    agreed for it."""

    personal = replace(WORDS, what="Reasons of restrictions and overrides")
    kept = replace(WORDS_KEPT, what="Reasons of restrictions and overrides")


def _with_their_name(model: type[models.Model], whom: Whom) -> models.QuerySet[Any]:
    """Shifts whose own id, as the rota gives it, has a name or reference of theirs in it. Others
    know them by pseudonym alone."""
    shifts = model._default_manager.filter(
        Q(person__in=whom.people) | Q(supervisor__in=whom.people)
    )
    return model._default_manager.filter(
        pk__in=[pk for pk, given in shifts.values_list("pk", "shift_id") if whom.in_text(given)]
    )


class Shift(Copy):
    """A row of a rota file. A changed row replaces the old one, which is kept.

    `person` empty: an unnamed agency shift. `replaced_by` is the entry that replaced it.
    """

    personal = Personal("Shifts whose id says who works them", find=_with_their_name)
    kept = Kept(
        "Shifts of the rota",
        "So that live use without clearance can be looked into afterwards.",
        days=3 * A_YEAR,
        least=92,
        most=15 * A_YEAR,
        older=lambda model, moment: model._default_manager.filter(ends_at__lte=moment),
    )

    shift_id = models.CharField(max_length=80)
    service = models.ForeignKey(Service, models.PROTECT, related_name="shifts")
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="shifts")
    supervisor = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    job_role = models.CharField(max_length=2, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    no_live_use = models.BooleanField(default=False)
    cancelled = models.BooleanField(default=False)
    entry = models.BigIntegerField()
    replaced_by = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["shift_id"], condition=Q(replaced_by__isnull=True), name="shift_current"
            )
        ]
        indexes = [
            models.Index(fields=["service", "starts_at"]),
            models.Index(fields=["person", "starts_at"]),
        ]


class ReadinessSpan(Span):
    """How ready a post is in [since, until): the first of R5 that holds."""

    post = models.ForeignKey(Post, models.CASCADE, related_name="+", db_index=False)
    service = models.ForeignKey(Service, models.CASCADE, related_name="+", db_index=False)
    state = models.SmallIntegerField()
    since = models.BigIntegerField()
    until = models.BigIntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["post", "since"]),
            models.Index(fields=["service", "state", "since", "until"]),
        ]


class CompetencySpan(Span):
    """How a person stands in a competency in [since, until); before the first there is nothing.

    `agency` rows count passes for the shorter time of an agency post (R7, R13) and exist for
    people with such a post.
    """

    person = models.ForeignKey(Person, models.CASCADE, related_name="+", db_index=False)
    competency = models.ForeignKey(Competency, models.CASCADE, related_name="+", db_index=False)
    agency = models.BooleanField(default=False)
    state = models.SmallIntegerField()
    since = models.BigIntegerField()
    until = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["person", "competency", "since"])]


class PlanProjection(Span):
    """A plan version that the stored spans of every post follow already (R2)."""

    plan = models.OneToOneField(PlanVersion, models.CASCADE, related_name="projection")
    at = models.DateTimeField()
