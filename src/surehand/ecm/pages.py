"""What the pages of ECM profiles show: a profile as a person reads it, and its versions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.urls import reverse

from surehand.ecm.in_words import (
    capital,
    field_in_words,
    further_in_words,
    places_in_words,
    response_in_words,
    settings_in_words,
    soon_in_words,
    standard_in_words,
    step_in_words,
    term_in_words,
)
from surehand.ecm.models import ProfileVersion
from surehand.ecm.profile import STARTERS, AlertType, Profile, RecordType, starter
from surehand.ecm.profile_changes import Difference, Kind, differences
from surehand.ecm.queries import profile_of, profiles_in_use
from surehand.people.roles import SETTINGS
from surehand.timeline import london_midnight
from surehand.timeline import moment as as_datetime
from surehand.ui.formats import day, moment, plural

SHIPPED = "Shipped with Surehand"
ICONS = {
    Kind.ADDED: "plus",
    Kind.REMOVED: "minus",
    Kind.RENAMED: "pencil",
    Kind.CHANGED: "pencil",
}


@dataclass(frozen=True)
class VersionLine:
    """One version of a profile; `since` is from when it holds, in words."""

    title: str
    version: str
    since: str
    published: str
    by: str
    stands: str  # in force, applies later, replaced
    href: str
    yaml: str
    changed: tuple[str, ...]


@dataclass(frozen=True)
class ProfileLine:
    """A profile in the list: where it is used now, and what comes later."""

    title: str
    used_for: str
    version: str
    since: str
    by: str
    later: str
    href: str


@dataclass(frozen=True)
class RecordLine:
    """A record type: how soon for each setting of the profile, where, and what is filled in."""

    code: str
    title: str
    restricted: bool
    soon: tuple[tuple[str, str], ...]  # (care setting, how soon)
    places: str
    further: tuple[str, ...]
    fields: tuple[tuple[str, str], ...]
    mods: str


@dataclass(frozen=True)
class AlertLine:
    title: str
    where: str
    acknowledged: str
    with_person: str
    expected: str
    also: str


@dataclass(frozen=True)
class RouteLine:
    title: str
    where: str
    first: str
    steps: tuple[str, ...]


@dataclass(frozen=True)
class ChangeLine:
    kind: str
    icon: str
    sentence: str
    details: tuple[str, ...]


@dataclass(frozen=True)
class Part:
    heading: str
    lines: tuple[ChangeLine, ...]


def rows() -> list[ProfileVersion]:
    """Every version a provider has published, in their order. One statement."""
    return list(ProfileVersion.objects.select_related("by__identity").order_by("pk"))


def profiles(published: Sequence[ProfileVersion], *, now: datetime) -> list[ProfileLine]:
    """Every profile there is: those in use first."""
    used: dict[str, list[str]] = {}
    for setting, one in profiles_in_use(at=now).items():
        used.setdefault(one.code, []).append(setting)
    codes = dict.fromkeys([*used, *STARTERS, *(row.code for row in published)])
    return [_profile_line(code, published, used.get(code, []), now=now) for code in codes]


def _profile_line(
    code: str, published: Sequence[ProfileVersion], used: Sequence[str], *, now: datetime
) -> ProfileLine:
    lines = versions(code, published, now=now)
    later = [line for line in lines if line.stands == "Applies later"]
    line = next((line for line in lines if line.stands == "In force"), lines[0])
    return ProfileLine(
        title=line.title,
        used_for=capital(settings_in_words(used)) if used else "Nowhere now",
        version=line.version,
        since=line.since,
        by=line.by or line.published,
        later=f"Version {later[0].version} applies from {later[0].since}." if later else "",
        href=reverse("settings-of-profile", args=[code]),
    )


def versions(code: str, published: Sequence[ProfileVersion], *, now: datetime) -> list[VersionLine]:
    """Every version of one profile, the newest first; the shipped one, where there is one, last."""
    own = [row for row in published if row.code == code]
    in_force = next((row.pk for row in reversed(own) if _from(row) <= now), None)
    found: list[VersionLine] = []
    before = starter(code) if code in STARTERS else None
    if before:
        found.append(_shipped_line(before, in_force=in_force is None))
    for row in own:
        profile = profile_of(row)
        stands = "Replaced"
        if row.pk == in_force:
            stands = "In force"
        elif _from(row) > now and (in_force is None or row.pk > in_force):
            stands = "Applies later"
        found.append(
            VersionLine(
                title=profile.title,
                version=row.version,
                since=moment(_from(row)),
                published=moment(row.recorded_at),
                by=str(row.by) if row.by else "the command line",
                stands=stands,
                **_places(code, row.version),
                changed=tuple(f"{one.part}: {one.sentence}" for one in differences(before, profile))
                if before
                else (),
            )
        )
        before = profile
    return found[::-1]


def _shipped_line(profile: Profile, *, in_force: bool) -> VersionLine:
    return VersionLine(
        title=profile.title,
        version=profile.version,
        since="The beginning",
        published=SHIPPED,
        by="",
        stands="In force" if in_force else "Replaced",
        **_places(profile.code, profile.version),
        changed=(),
    )


def _places(code: str, version: str) -> dict[str, str]:
    return {
        "href": reverse("settings-of-profile-version", args=[code, version]),
        "yaml": reverse("settings-of-profile-yaml", args=[code, version]),
    }


def _from(row: ProfileVersion) -> datetime:
    """From when a version holds: its date, and not before it was published."""
    return max(row.recorded_at, as_datetime(london_midnight(row.effective)))


# --- One profile --------------------------------------------------------------------------------


def records(profile: Profile) -> list[RecordLine]:
    return [_record(profile, kind) for kind in profile.record_types]


def _record(profile: Profile, kind: RecordType) -> RecordLine:
    minutes = kind.standard.minutes
    mods = ", ".join(kind.mods.classes) or "None"
    return RecordLine(
        code=kind.code,
        title=kind.title,
        restricted=kind.restricted,
        soon=tuple(
            (
                capital(SETTINGS[setting]),
                capital(soon_in_words(minutes[setting], kind.standard.counted_from))
                if setting in minutes
                else "",
            )
            for setting in profile.settings
        ),
        places=capital(places_in_words(kind, profile)),
        further=tuple(
            f"{further_in_words(name)} {standard_in_words(standard)}."
            for name, standard in kind.further_standards.items()
        ),
        fields=tuple((field.title, field_in_words(field, kind)) for field in kind.fields),
        mods=mods if kind.mods.confirmed else f"{mods} (not sure)",
    )


def alerts(profile: Profile, some: Sequence[AlertType]) -> list[AlertLine]:
    return [
        AlertLine(
            title=one.title,
            where=_where(profile, one.settings),
            acknowledged=capital(response_in_words(one.acknowledge_minutes)),
            with_person=capital(response_in_words(one.with_person_minutes)),
            expected=one.expected,
            also=", ".join(
                [*one.also_record]
                + ["an incident, unless it is ruled out"] * one.incident_unless_ruled_out
            ),
        )
        for one in some
    ]


def routes(profile: Profile) -> list[RouteLine]:
    return [
        RouteLine(
            title=one.title,
            where=_where(profile, one.settings),
            first=one.first,
            steps=tuple(step_in_words(step) for step in one.steps),
        )
        for one in profile.routes
    ]


def columns(profile: Profile) -> list[dict[str, str]]:
    """The columns of the table of records: one for each care setting."""
    settings = [{"text": capital(SETTINGS[setting])} for setting in profile.settings]
    return [{"text": "Record"}, *settings, {"text": "Written in"}]


def sections(profile: Profile) -> list[tuple[str, str]]:
    """(title, where it is used if not in every setting)."""
    return [(one.title, _where(profile, one.settings)) for one in profile.sections]


def terms(profile: Profile) -> list[tuple[str, str]]:
    return [(term_in_words(code), words) for code, words in profile.terms.items()]


def _where(profile: Profile, settings: Sequence[str]) -> str:
    """“Only in nursing care”; empty where it is used in every setting of the profile."""
    if set(settings) == set(profile.settings):
        return ""
    return f"Only in {settings_in_words(settings)}"


# --- What a version changes ---------------------------------------------------------------------


def parts(found: Sequence[Difference]) -> list[Part]:
    """The differences under their headings."""
    return [
        Part(
            heading,
            tuple(
                ChangeLine(one.kind.value, ICONS[one.kind], one.sentence, one.details)
                for one in some
            ),
        )
        for heading, some in groupby(found, key=lambda one: one.part)
    ]


def taken_over(profile: Profile, *, now: datetime) -> list[str]:
    """For which settings this profile replaces another, a sentence each."""
    in_use = profiles_in_use(at=now)
    others: dict[str, list[str]] = {}
    for setting in profile.settings:
        if in_use[setting].code != profile.code:
            others.setdefault(in_use[setting].title, []).append(setting)
    return [
        f"In {settings_in_words(settings)} it takes the place of “{title}”."
        for title, settings in others.items()
    ]


def applies_in_words(profile: Profile, *, now: datetime) -> str:
    """From when a version would hold if it were published now."""
    starts = as_datetime(london_midnight(profile.effective))
    return f"from {day(profile.effective)}" if starts > now else "at once"


def counts_in_words(profile: Profile) -> str:
    return (
        f"{plural(len(profile.record_types), 'record type')}, "
        f"{plural(len(profile.sections), 'section')}, "
        f"{plural(len(profile.alert_types), 'alert')}, "
        f"{plural(len(profile.monitoring_prompts), 'monitoring prompt')}"
    )
