"""Tokens by which other programs ask. A token is kept as a hash alone; who made and who revoked it
are facts, its name and last use are not."""

import zlib

from django.db import models

from surehand.evidence.keeping import Kept, Personal
from surehand.evidence.kinds import Draft, Fact, Setting
from surehand.people.models import Service


class ApiToken(Fact):
    """A token, valid to the end of `until` (a London day) unless it is revoked.

    `digest` is the SHA-256 of the token: it has 256 random bits of its own, so it needs no salt.
    `scopes` are the codes of `surehand.api.scopes`, separated by spaces; `service` empty: it may
    ask about the whole provider.
    """

    digest = models.CharField(max_length=64, unique=True)
    scopes = models.CharField(max_length=80)
    service = models.ForeignKey(Service, models.PROTECT, null=True, related_name="+")
    until = models.DateField()


class ApiTokenEnd(Fact):
    """A token revoked: from this entry on it opens nothing."""

    token = models.OneToOneField(ApiToken, models.PROTECT, related_name="end")


class ApiTokenDetails(Setting):
    """What the provider calls a token, and roughly when it was last used."""

    personal = "It names a machine of the provider's."

    token = models.OneToOneField(ApiToken, models.CASCADE, related_name="details")
    name = models.CharField(max_length=80)
    last_used_at = models.DateTimeField(null=True)


class Receipt(Draft):
    """What was answered to a batch that another program sent, by its idempotency key, so that the
    same batch sent again gets the same answer. `answer` is JSON, compressed."""

    personal = Personal(
        "Answers to programs that quote them",
        find=lambda model, whom: model._default_manager.filter(
            pk__in=[
                pk
                for pk, answer in model._default_manager.values_list("pk", "answer")
                if whom.in_text(zlib.decompress(bytes(answer)).decode())
            ]
        ),
    )
    kept = Kept(
        "Answers to batches that other programs sent",
        "So that a batch sent twice is recorded once.",
        days=2,
        least=2,
        most=2,
        older=lambda model, moment: model._default_manager.filter(at__lte=moment),
        evidenced=False,
    )

    token = models.ForeignKey(ApiToken, models.CASCADE, related_name="+")
    key = models.CharField(max_length=100)
    digest = models.BinaryField(max_length=32)  # of the batch
    answer = models.BinaryField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token", "key"], name="receipt_once")]
