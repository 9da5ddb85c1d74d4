"""Sample facts with every sort of unique key, of no installed app: a fixture makes their tables."""

from decimal import Decimal

from django.db import models
from django.db.models import Q

from surehand.evidence.kinds import Fact


class Sample(Fact):
    code = models.CharField(max_length=20, unique=True)
    left = models.IntegerField(null=True)
    right = models.IntegerField(null=True)
    slot = models.IntegerField(default=0)
    open = models.BooleanField(default=True)
    share = models.DecimalField(max_digits=8, decimal_places=3, default=Decimal("0.5"))
    on = models.DateField(null=True)
    at = models.DateTimeField(null=True)
    ref = models.UUIDField(null=True)
    more = models.JSONField(default=dict)

    class Meta:
        app_label = "evidence_tests"
        constraints = [
            models.UniqueConstraint(fields=["left", "right"], name="sample_pair"),
            models.UniqueConstraint(
                fields=["slot"], condition=Q(open=True), name="sample_one_open_per_slot"
            ),
        ]


class Keyed(Fact):
    """With a key that is not SQLite's rowid, and a one-to-one field."""

    key = models.CharField(max_length=20, primary_key=True)
    sample = models.OneToOneField(Sample, null=True, on_delete=models.PROTECT)

    class Meta:
        app_label = "evidence_tests"


MODELS = (Sample, Keyed)
