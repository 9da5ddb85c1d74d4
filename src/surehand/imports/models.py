"""What was imported when, and what waits for a yes. No name of a person is in `ImportRun`."""

from django.db import models

from surehand.evidence.kinds import Copy, Draft, Setting


class ImportRun(Setting):
    """One file taken in: by whom (a pseudonym), when, what it did, and the entry that proves it.

    The file's name is not kept; its SHA-256 is committed to in the entry, with this salt.
    """

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


class RowCommitment(Copy):
    """A leaf of an import's Merkle tree: SHA-256(salt || row). With the salt and the row as it was
    in the file, anybody can check that the entry covers it. Erasing the salt leaves the proof.
    """

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

    import_kind = models.CharField(max_length=30)
    content = models.BinaryField()
    choices = models.JSONField(default=dict)
    by = models.CharField(max_length=32)
    expires_at = models.DateTimeField(db_index=True)


class RefusedRows(Draft):
    """The rows an import refused, as CSV to correct; kept some days for the one who imported."""

    run = models.OneToOneField(ImportRun, models.CASCADE, null=True, related_name="refused_rows")
    text = models.TextField()
    by = models.CharField(max_length=32)
    expires_at = models.DateTimeField(db_index=True)
