"""Whom the records are about was forgotten: the key of their pseudonyms was replaced.

The entry that says so comes first and the file after it, when nobody holds the ledger any more.
Whoever needs a pseudonym in between, or after a crash, finishes it.
"""

from surehand.evidence.models import Entry
from surehand.evidence.queries import entry
from surehand.records.sealed import change_subjects_key

FORGET = "subjects.forgotten"


def keys_made() -> list[str]:
    """The fingerprints of the keys that took the place of another, in order."""
    entries = Entry.objects.filter(kind=FORGET).order_by("seq").values_list("seq", flat=True)
    found = []
    for seq in entries:
        said = entry(seq=seq)
        found.append(str(said["state"]["key"]) if said else "")
    return found


def finish() -> None:
    """Put the last key that was made in its place, where that is still to be done."""
    if made := keys_made():
        change_subjects_key(made[-1])
