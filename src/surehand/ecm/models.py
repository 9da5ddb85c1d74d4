"""Versions of ECM profiles that a provider has published. A shipped profile needs no row."""

from django.db import models

from surehand.evidence.kinds import Fact
from surehand.people.models import Person


class ProfileVersion(Fact):
    """A version of an ECM profile, published whole and never changed.

    `document` is its YAML, the provider's own wording and about nobody. It holds from `effective`,
    a London date, and not before it was published.
    """

    code = models.CharField(max_length=40)
    version = models.CharField(max_length=9)
    effective = models.DateField()
    document = models.TextField()
    by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="profile_version_once")
        ]
