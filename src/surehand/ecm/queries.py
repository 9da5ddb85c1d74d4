"""Reads of ECM profiles: the provider's own where it has published one, else the shipped ones."""

from bisect import bisect_right
from datetime import datetime
from functools import lru_cache

from django.db.models import QuerySet

from surehand.ecm.models import ProfileVersion
from surehand.ecm.profile import STARTERS, Profile, load, starter, starter_text
from surehand.timeline import instant, london_date, london_midnight, moment


def profile(code: str, *, at: datetime) -> Profile:
    """The profile of this code in force at `at`. Raises KeyError where there is none."""
    row = _in_force(at).filter(code=code).first()
    return profile_of(row) if row else _shipped(code)


def profile_for(setting: str, *, at: datetime) -> Profile:
    """The profile for a care setting (R, N, H, S) at `at`: of those in force the one published
    last, else the shipped one. One statement."""
    return profiles_in_use(at=at)[setting]


def profiles_in_use(*, at: datetime) -> dict[str, Profile]:
    """The profile of every care setting at `at`. One statement."""
    found = _shipped_by_setting()
    held: dict[str, ProfileVersion] = {}
    for row in _in_force(at):
        held.setdefault(row.code, row)
    for row in reversed(held.values()):  # whatever was published last has the last word
        found.update(dict.fromkeys(profile_of(row).settings, profile_of(row)))
    return found


class ProfilesInTurn:
    """The profile of every care setting at any moment; one statement when made."""

    def __init__(self) -> None:
        rows = list(ProfileVersion.objects.order_by("pk"))
        starts = {
            row.pk: max(row.recorded_at, moment(london_midnight(row.effective))) for row in rows
        }
        self._from = sorted(set(starts.values()))
        self._in_use = [_shipped_by_setting()]
        for begins in self._from:
            held = {row.code: row for row in rows if starts[row.pk] <= begins}  # the newest of each
            in_use = dict(self._in_use[0])
            for row in sorted(held.values(), key=lambda row: row.pk):
                in_use.update(dict.fromkeys(profile_of(row).settings, profile_of(row)))
            self._in_use.append(in_use)

    def turn(self, at: datetime) -> int:
        """The number of the turn `at` falls in: within one, every setting keeps its profile."""
        return bisect_right(self._from, at)

    def of(self, turn: int, setting: str) -> Profile:
        return self._in_use[turn][setting]


def _shipped_by_setting() -> dict[str, Profile]:
    return {setting: starter(code) for code in STARTERS for setting in starter(code).settings}


def profile_version(code: str, version: str) -> Profile:
    """A certain version, whether in force or not: what an old attempt was played in.

    Raises KeyError for a version there never was.
    """
    row = ProfileVersion.objects.filter(code=code, version=version).first()
    if row:
        return profile_of(row)
    shipped = _shipped(code)
    if shipped.version != version:
        raise KeyError(version)
    return shipped


def last_version(code: str) -> Profile | None:
    """The last version of a code, in force or to come; None for a new code."""
    row = ProfileVersion.objects.filter(code=code).order_by("-pk").first()
    if row:
        return profile_of(row)
    return starter(code) if code in STARTERS else None


def document_of(profile: Profile) -> str:
    """The YAML of a version there is."""
    rows = ProfileVersion.objects.filter(code=profile.code, version=profile.version)
    row = rows.values_list("document", flat=True).first()
    return row if row is not None else starter_text(profile.code)


def profile_of(row: ProfileVersion) -> Profile:
    return _profile(row.document)


def _in_force(at: datetime) -> QuerySet[ProfileVersion]:
    """Published and effective by `at`, the newest first."""
    rows = ProfileVersion.objects.filter(
        recorded_at__lte=at, effective__lte=london_date(instant(at))
    )
    return rows.order_by("-pk")


def _shipped(code: str) -> Profile:
    if code not in STARTERS:
        raise KeyError(code)
    return starter(code)


@lru_cache(maxsize=32)  # a published document is never changed, and takes long to read
def _profile(text: str) -> Profile:
    return load(text)
