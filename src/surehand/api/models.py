"""Tokens by which other programs ask. A token is kept as a hash alone; who made and who revoked it
are facts, its name and last use are not."""

from django.db import models

from surehand.evidence.kinds import Fact, Setting
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
