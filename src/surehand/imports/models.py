"""What was imported when, how other layouts are read, and what waits for a yes. No name of a person
is in `ImportRun` or `ColumnMapping`; what waits and what was refused is sealed.
"""

import json
import zlib
from datetime import timedelta

from django.db import models

from surehand.evidence.keeping import A_YEAR, Kept, Personal, Whom, by_entry, without_salt
from surehand.evidence.kinds import Copy, Draft, Setting
from surehand.imports.sealed import Sealed, SealedJSON


def _unpacked(content: bytes | memoryview) -> str:
    """Compressed text, read; nothing is empty. JSON says letters beyond ASCII as they are."""
    text = zlib.decompress(bytes(content)).decode() if content else ""
    try:
        return json.dumps(json.loads(text), ensure_ascii=False)
    except ValueError:
        return text


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
    # SHA-256 of the column mapping it was read with, which the entry states; empty without one.
    mapping_digest = models.BinaryField(max_length=32, default=b"")

    class Meta:
        ordering = ["-entry"]

    @classmethod
    def committed(cls, entry: int) -> list[tuple[str, bytes, bytes]]:
        """The fingerprint of the file an entry committed to, and its salt."""
        rows = cls._default_manager.filter(entry=entry).values_list("file_digest", "file_salt")
        return [("Fingerprint of a file", bytes(digest), bytes(salt)) for digest, salt in rows]


class ColumnMapping(Setting):
    """How files of one other layout are read (`mapping.ColumnMap`): names of columns and the
    meaning of words such as job titles. No cell about a person is in it.
    """

    personal = "It knows columns and job titles."

    import_kind = models.CharField(max_length=30)
    name = models.CharField(max_length=80)
    rules = models.JSONField()
    at = models.DateTimeField()
    by = models.CharField(max_length=32)

    class Meta:
        ordering = ["import_kind", "name"]
        constraints = [
            models.UniqueConstraint(fields=["import_kind", "name"], name="one_mapping_of_a_name")
        ]

    def __str__(self) -> str:
        return self.name


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
    """A file read and not yet confirmed. Gone when confirmed, cancelled or expired.

    Its rows are in `PendingPart`s: only the columns the kind keeps, but while its columns are still
    to be matched. A large file is read and brought in by a worker, which leaves here what it found.
    """

    personal = Personal(
        "Files waiting to be taken in that name them",
        find=lambda model, whom: model._default_manager.filter(pk__in=_waiting_that_name(whom)),
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

    class Stage(models.TextChoices):
        COLUMNS = "columns", "Its columns are to be matched"
        READING = "reading", "Being read"
        READY = "ready", "Waiting for a yes"
        WRITING = "writing", "Being brought in"
        DONE = "done", "Brought in"
        FAILED = "failed", "Cannot be brought in"

    import_kind = models.CharField(max_length=30)
    layout = models.CharField(max_length=30)
    stage = models.CharField(max_length=10, choices=Stage, default=Stage.READY)
    columns = models.JSONField(default=list)  # kept, in the order of the parts’ cells
    remarks = SealedJSON(default=list)  # what to say about columns and rows left out
    digest = models.BinaryField(max_length=32)
    rows = models.PositiveIntegerField(default=0)
    mapping_digest = models.BinaryField(max_length=32, default=b"")
    # While the columns are to be matched: the sheets’ names, and what was chosen so far.
    sheets = models.JSONField(default=list)
    matching = SealedJSON(default=dict)
    choices = models.JSONField(default=dict)
    by = models.CharField(max_length=32)
    signed_in = models.CharField(max_length=20, default="")
    # What a worker found and did.
    summary = SealedJSON(default=dict)
    refused = Sealed(default=b"")  # as `RefusedRows.content`
    task = models.CharField(max_length=40, default="")
    done_rows = models.PositiveIntegerField(default=0)
    entry = models.BigIntegerField(null=True)
    problem = SealedJSON(default=str)
    expires_at = models.DateTimeField(db_index=True)

    @property
    def is_at_work(self) -> bool:
        return self.stage in {self.Stage.READING, self.Stage.WRITING}


class PendingPart(Draft):
    """Some thousand rows of a file that waits: JSON, compressed."""

    personal = "It goes with the file that waits."
    kept = "It goes with the file that waits."

    pending = models.ForeignKey(PendingImport, models.CASCADE, related_name="parts")
    sheet = models.PositiveSmallIntegerField(default=0)
    position = models.PositiveIntegerField()
    content = Sealed()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["pending", "sheet", "position"], name="one_part_at_a_position"
            )
        ]


class RefusedRows(Draft):
    """The rows an import refused, as compressed CSV to correct; kept some days for the one who
    imported.
    """

    personal = Personal(
        "Refused rows of files that name them",
        find=lambda model, whom: model._default_manager.filter(
            pk__in=[
                pk
                for pk, content in model._default_manager.values_list("pk", "content")
                if whom.in_text(_unpacked(content))
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
    content = Sealed()
    by = models.CharField(max_length=32)
    expires_at = models.DateTimeField(db_index=True)

    @property
    def text(self) -> str:
        """Nothing where the key they were sealed with is gone."""
        return zlib.decompress(self.content).decode() if self.content else ""


def _waiting_that_name(whom: Whom) -> list[int]:
    """The files that wait and name somebody, in a row, a remark or a refused row."""
    found = [
        pending
        for pending, content in PendingPart.objects.values_list("pending", "content")
        if whom.in_text(_unpacked(content))
    ]
    for pending in PendingImport.objects.all():
        said = f"{pending.matching} {pending.summary} {pending.remarks}"
        if whom.in_text(said) or whom.in_text(_unpacked(pending.refused)):
            found.append(pending.pk)
    return found
