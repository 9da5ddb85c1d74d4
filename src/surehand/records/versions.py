"""Versions of one record: which one a row of a file is.

Pure. A version is known by its number and by the digest of what it says. The highest is the one
that holds; one that arrives late and is lower is kept as an older one.
"""

from collections.abc import Mapping

Versions = Mapping[int, bytes]
"""The versions known of one record: the digest of what each says."""

FORGOTTEN = b""
"""The digest of a row of which is forgotten whom it is about: nothing leads back to it, so no row
is ever another version of it."""


class SaysOtherwise(ValueError):
    """This version is known, and says something else."""


def version_of(known: Versions, digest: bytes, *, said: int | None) -> int | None:
    """The version a row is; None where it is known already.

    A row that says no version of itself is the next one, unless it says again what some version
    says. Raises SaysOtherwise for a version that is known with other content: nobody can know
    which of the two it is.
    """
    if said is None:
        return None if digest in known.values() else max(known, default=0) + 1
    if said not in known:
        return said
    if known[said] != digest:
        raise SaysOtherwise
    return None


def change_of(version: int, said: str | None) -> str:
    """What kind of change a version is, where the file does not say it."""
    return said or ("create" if version == 1 else "amend")
