"""What was imported when, and what waits for a yes. No name of a person is in `ImportRun`."""

import zlib
from datetime import timedelta

from django.db import models

from surehand.evidence.keeping import A_YEAR, Kept, Personal, by_entry, without_salt
from surehand.evidence.kinds import Copy, Draft, Setting


class ImportRun(Setting):
    """One file taken in: by whom (a pseudonym), when, what it did, and the entry that proves it.

    The file's name is not kept; its SHA-256 is committed to in the entry, with this salt.
    """

    personal = "It counts rows, and knows who imported by pseudonym alone."

    import_kind = models.CharField(max_length=30)
    layout = models.CharField(max_length=30)
    entry = models.BigIntegerField(unique=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=32)
    added = models.PositiveIntegerField()
    changed = models.PositiveIntegerField()
    unchanged = models.PositiveIntegerField()
    refused = models.PositiveIntegerField()
    file_digest = models.BinaryField(max_length=32)
    file_salt = models.BinaryField(max_length=32)

    class Meta:
        ordering = ["-entry"]

    @classmethod
    def committed(cls, entry: int) -> list[tuple[str, bytes, bytes]]:
        """The fingerprint of the file an entry committed to, and its salt."""
        rows = cls._default_manager.filter(entry=entry).values_list("file_digest", "file_salt")
        return [("Fingerprint of a file", bytes(digest), bytes(salt)) for digest, salt in rows]


class RowCommitment(Copy):
    """A leaf of an import's Merkle tree: SHA-256(salt || row). With the salt and the row as it was
    in the file, anybody can check that the entry covers it. Erasing the salt leaves the proof.
    """

    personal = Personal(
        "What could show which row of a file was theirs",
        find=lambda model, whom: model._default_manager.filter(
            about__in=whom.pseudonyms, salt__isnull=False
        ),
        erase=without_salt,
    )
    kept = Kept(
        "What shows that a row of a file was taken in as it was",
        "So that a file kept by whoever sent it can be compared with what was recorded.",
        days=6 * A_YEAR,
        least=30,
        most=15 * A_YEAR,
        older=lambda model, moment: by_entry(model, moment).filter(salt__isnull=False),
        erase=without_salt,
    )

    entry = models.BigIntegerField(db_index=True)
    position = models.PositiveIntegerField()  # of the leaf, from 0
    row = models.PositiveIntegerField()  # of the file
    about = models.CharField(max_length=32, blank=True, db_index=True)  # a person's pseudonym
    digest = models.BinaryField(max_length=32)
    salt = models.BinaryField(max_length=32, null=True)


class PendingImport(Draft):
    """A file read and not yet confirmed; only the columns the kind keeps. Gone when confirmed,
    cancelled or expired.
    """

    personal = Personal(
        "Files waiting to be taken in that name them",
        find=lambda model, whom: model._default_manager.filter(
            pk__in=[
                pk
                for pk, content in model._default_manager.values_list("pk", "content")
                if whom.in_text(zlib.decompress(bytes(content)).decode())
            ]
        ),
    )
    kept = Kept(
        "Files waiting for a yes",
        "So that whoever brought one in can look at it first.",
        days=1,
        least=1,
        most=1,
        older=lambda model, moment: model._default_manager.filter(
            expires_at__lte=moment + timedelta(days=1)
        ),
    )

    import_kind = models.CharField(max_length=30)
    content = models.BinaryField()
    choices = models.JSONField(default=dict)
    by = models.CharField(max_length=32)
    expires_at = models.DateTimeField(db_index=True)


class RefusedRows(Draft):
    """The rows an import refused, as CSV to correct; kept some days for the one who imported."""

    personal = Personal(
        "Refused rows of files that name them",
        find=lambda model, whom: model._default_manager.filter(
            pk__in=[
                pk
                for pk, text in model._default_manager.values_list("pk", "text")
                if whom.in_text(text)
            ]
        ),
    )
    kept = Kept(
        "Rows of files that were refused",
        "So that they can be corrected and brought in again.",
        days=7,
        least=7,
        most=7,
        older=lambda model, moment: model._default_manager.filter(
            expires_at__lte=moment + timedelta(days=7)
        ),
    )

    run = models.OneToOneField(ImportRun, models.CASCADE, null=True, related_name="refused_rows")
    text = models.TextField()
    by = models.CharField(max_length=32)
    expires_at = models.DateTimeField(db_index=True)
