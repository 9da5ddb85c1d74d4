"""How long things are kept, who was erased, and who is mailed the checkpoint."""

from django.db import models

from surehand.evidence.kinds import Setting


class KeptFor(Setting):
    """For how many days one table is kept, where an administrator says otherwise than its part;
    `leavers` is the name of people who have left, in years."""

    personal = "It names tables."

    name = models.CharField(max_length=80, unique=True)
    length = models.PositiveIntegerField()


class Erasure(Setting):
    """A person erased: by pseudonym, and the entry that says so. Without a pseudonym it is what was
    kept long enough, and goes once the files are clean.

    `cleaned_at`: since when the bytes are gone from the database's own files too (UTC).
    `transaction` is PostgreSQL's number of the one that erased: once no older one is under way,
    nobody can still be reading them.
    """

    personal = "It knows whom by pseudonym alone."

    entry = models.BigIntegerField()
    pseudonym = models.CharField(max_length=32, unique=True, null=True)  # noqa: DJ001
    tables = models.JSONField(default=list)
    transaction = models.BigIntegerField(null=True)
    cleaned_at = models.DateTimeField(null=True)


class Recipient(Setting):
    """Somebody outside who is mailed the newest checkpoint every week."""

    personal = "They are outsiders; an address is gone when it is taken off the list."

    address = models.EmailField(unique=True)


class Mailing(Setting):
    """The checkpoint of one ISO week (London) to one recipient: at most one mail.

    Claimed before it is sent, so that two schedulers never send it twice; a mail server's refusal
    frees it to be tried again. `claimed_at` and neither `sent_at` nor `failure`: it is not known
    whether it arrived.
    """

    personal = "It names a recipient outside, and goes with them."

    recipient = models.ForeignKey(Recipient, models.CASCADE, related_name="mailings")
    week = models.CharField(max_length=8)  # 2026-W47
    size = models.BigIntegerField()
    claimed_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["recipient", "week"], name="mailing_once_a_week")
        ]
