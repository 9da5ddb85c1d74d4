"""What one version of an ECM profile changes against another, in sentences."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeVar

from surehand.ecm.in_words import (
    KINDS,
    asked_in_words,
    field_in_words,
    further_in_words,
    minutes_in_words,
    places_in_words,
    settings_in_words,
    soon_in_words,
    standard_in_words,
    step_in_words,
    term_in_words,
)
from surehand.ecm.profile import AlertType, Field, Minutes, Mods, Profile, RecordType, Standard
from surehand.ui.formats import day


class Kind(StrEnum):
    """What became of it."""

    ADDED = "Added"
    REMOVED = "Removed"
    RENAMED = "Renamed"
    CHANGED = "Changed"


@dataclass(frozen=True)
class Difference:
    """One change in one sentence; `part` is the heading it stands under."""

    kind: Kind
    part: str
    sentence: str
    details: tuple[str, ...] = ()


class Named(Protocol):
    @property
    def code(self) -> str: ...
    @property
    def title(self) -> str: ...


T = TypeVar("T", bound=Named)
Found = Iterator[Difference]


def differences(old: Profile, new: Profile) -> list[Difference]:
    """What `new` changes: the profile itself and its words, then sections, record types, alerts,
    monitoring prompts, routes and its date. The number of the version is no change."""
    return [
        *_itself(old, new),
        *_terms(old, new),
        *_sections(old, new),
        *_record_types(old, new),
        *_alerts("Alerts", "alert", old, new, lambda profile: profile.alert_types),
        *_alerts(
            "Monitoring prompts",
            "monitoring prompt",
            old,
            new,
            lambda profile: profile.monitoring_prompts,
        ),
        *_routes(old, new),
        *_date(old, new),
    ]


def _changed(part: str, sentence: str, *details: str) -> Difference:
    return Difference(Kind.CHANGED, part, sentence, details)


def _itself(old: Profile, new: Profile) -> Found:
    part = "The profile itself"
    if old.title != new.title:
        sentence = f"“{old.title}” is now called “{new.title}”."
        yield Difference(Kind.RENAMED, part, sentence)
    if gained := [code for code in new.settings if code not in old.settings]:
        yield Difference(Kind.ADDED, part, f"It is now for {settings_in_words(gained)} as well.")
    if lost := [code for code in old.settings if code not in new.settings]:
        yield Difference(Kind.REMOVED, part, f"It is no longer for {settings_in_words(lost)}.")
    if not gained and not lost and old.settings != new.settings:
        yield _changed(part, "Its care settings stand in another order.")


def _date(old: Profile, new: Profile) -> Found:
    if old.effective != new.effective:
        sentence = f"It is dated {day(new.effective)}, not {day(old.effective)} as before."
        yield _changed("From when it holds", sentence)


def _terms(old: Profile, new: Profile) -> Found:
    part = "Its own words"
    for code, words in new.terms.items():
        label = term_in_words(code)
        if code not in old.terms:
            yield Difference(Kind.ADDED, part, f"{label}: “{words}”.")
        elif old.terms[code] != words:
            sentence = f"{label}: “{old.terms[code]}” is now called “{words}”."
            yield Difference(Kind.RENAMED, part, sentence)
    for code, words in old.terms.items():
        if code not in new.terms:
            yield Difference(Kind.REMOVED, part, f"{term_in_words(code)}: “{words}” is gone.")


def _named(
    part: str, what: str, old: Sequence[T], new: Sequence[T], said: Callable[[T], str] | None = None
) -> Found:
    """What is new, gone, called otherwise, or stands elsewhere; `said` of what is new."""
    before = {one.code: one for one in old}
    after = {one.code: one for one in new}
    for code, one in after.items():
        if code not in before:
            more = f": {said(one)}" if said else ""
            sentence = f"The {what} “{one.title}” is new{more}."
            yield Difference(Kind.ADDED, part, sentence)
        elif before[code].title != one.title:
            sentence = f"The {what} “{before[code].title}” is now called “{one.title}”."
            yield Difference(Kind.RENAMED, part, sentence)
    for code, one in before.items():
        if code not in after:
            yield Difference(Kind.REMOVED, part, f"The {what} “{one.title}” is gone.")
    if [c for c in after if c in before] != [c for c in before if c in after]:
        yield _changed(part, f"The {what}s stand in another order.")


def _in_both(old: Sequence[T], new: Sequence[T]) -> Iterator[tuple[T, T]]:
    before = {one.code: one for one in old}
    for one in new:
        if one.code in before:
            yield before[one.code], one


def _where(
    part: str,
    title: str,
    was: tuple[str, ...],
    now: tuple[str, ...],
    both: tuple[Profile, Profile],
) -> Found:
    """In which of the settings of both profiles it is used."""
    shared = [code for code in both[1].settings if code in both[0].settings]
    gained = [code for code in shared if code in now and code not in was]
    lost = [code for code in shared if code in was and code not in now]
    if gained:
        yield _changed(part, f"“{title}” is now used in {settings_in_words(gained)} as well.")
    if lost:
        yield _changed(part, f"“{title}” is no longer used in {settings_in_words(lost)}.")
    same_settings = both[0].settings == both[1].settings
    if same_settings and not gained and not lost and was != now:
        yield _changed(part, f"The care settings of “{title}” stand in another order.")


def _sections(old: Profile, new: Profile) -> Found:
    part = "Sections"
    yield from _named(part, "section", old.sections, new.sections)
    for was, now in _in_both(old.sections, new.sections):
        yield from _where(part, now.title, was.settings, now.settings, (old, new))


def _record_types(old: Profile, new: Profile) -> Found:
    yield from _named("Record types", "record type", old.record_types, new.record_types)
    for was, now in _in_both(old.record_types, new.record_types):
        part = now.title
        yield from _where(part, now.title, was.settings, now.settings, (old, new))
        yield from _places(part, was, now, old, new)
        if was.restricted != now.restricted:
            yield _changed(
                part,
                "It is now restricted: only those who need it read it."
                if now.restricted
                else "It is no longer restricted.",
            )
        yield from _standard(part, "Written", was.standard, now.standard)
        yield from _further(part, was.further_standards, now.further_standards)
        if was.mods != now.mods:
            sentence = "Its place in the Minimum Operational Data Standard changed."
            yield _changed(part, sentence, f"Before: {_mods(was.mods)}", f"Now: {_mods(now.mods)}")
        yield from _named(part, "field", was.fields, now.fields, _filled_in(now))
        for one, other in _in_both(was.fields, now.fields):
            yield from _field(part, one, other, was, now)


def _filled_in(kind: RecordType) -> Callable[[Field], str]:
    return lambda field: field_in_words(field, kind)


def _mods(mods: Mods) -> str:
    return (", ".join(mods.classes) or "no class") + ("" if mods.confirmed else " (not sure)")


def _places(part: str, was: RecordType, now: RecordType, old: Profile, new: Profile) -> Found:
    kept = {one.code for one in old.sections} & {one.code for one in new.sections}
    before, after = (tuple(c for c in one.sections if c in kept) for one in (was, now))
    if before != after or bool(was.sections) != bool(now.sections):
        yield _changed(
            part,
            f"It is written in: {places_in_words(now, new)}.",
            f"Before: {places_in_words(was, old)}",
        )


def _standard(part: str, what: str, was: Standard, now: Standard) -> Found:
    if was.counted_from != now.counted_from:
        yield _changed(
            part, f"{what} {standard_in_words(now)}, not {standard_in_words(was)} as before."
        )
        return
    for minutes, before, settings in _moved(was.minutes, now.minutes):
        soon = soon_in_words(minutes, now.counted_from)
        instead = f"within {minutes_in_words(before)}" if before else "at once"
        yield _changed(part, f"{what} {soon}{settings}, not {instead} as before.")


def _moved(was: Minutes, now: Minutes) -> Iterator[tuple[int, int, str]]:
    """(minutes now, minutes before, “ in nursing care”) where a setting of both has others."""
    moves: dict[tuple[int, int], list[str]] = defaultdict(list)
    for setting, minutes in now.items():
        if setting in was and was[setting] != minutes:
            moves[minutes, was[setting]].append(setting)
    for (minutes, before), settings in moves.items():
        where = "" if len(settings) == len(now) else f" in {settings_in_words(settings)}"
        yield minutes, before, where


def _further(part: str, was: dict[str, Standard], now: dict[str, Standard]) -> Found:
    for name, standard in now.items():
        what = further_in_words(name)
        if name not in was:
            sentence = f"{what} {standard_in_words(standard)}: this is new."
            yield Difference(Kind.ADDED, part, sentence)
        else:
            yield from _standard(part, what, was[name], standard)
    for name, standard in was.items():
        if name not in now:
            sentence = f"{further_in_words(name)} {standard_in_words(standard)}: this is gone."
            yield Difference(Kind.REMOVED, part, sentence)


def _field(part: str, was: Field, now: Field, old: RecordType, new: RecordType) -> Found:
    title = f"“{now.title}”"
    if was.kind != now.kind:
        yield _changed(part, f"{title} is now {KINDS[now.kind]}, not {KINDS[was.kind]} as before.")
    for option in now.options:
        if option not in was.options:
            yield Difference(Kind.ADDED, part, f"{title}: the option “{option}” is new.")
    for option in was.options:
        if option not in now.options:
            yield Difference(Kind.REMOVED, part, f"{title}: the option “{option}” is gone.")
    if was.options != now.options and set(was.options) == set(now.options):
        yield _changed(part, f"{title}: its options stand in another order.")
    if was.unit != now.unit:
        unit = f"given in {now.unit}" if now.unit else "without a unit"
        yield _changed(part, f"{title} is now {unit}.")
    if was.required != now.required:
        must = "must now be filled in" if now.required else "may now be left empty"
        yield _changed(part, f"{title} {must}.")
    if was.when != now.when:
        yield _changed(part, f"{title} is now {asked_in_words(now, new) or 'always asked'}.")


def _alerts(
    part: str,
    what: str,
    old: Profile,
    new: Profile,
    of: Callable[[Profile], Sequence[AlertType]],
) -> Found:
    yield from _named(part, what, of(old), of(new))
    for was, now in _in_both(of(old), of(new)):
        title = f"“{now.title}”"
        yield from _where(part, now.title, was.settings, now.settings, (old, new))
        for name, before, after in (
            ("acknowledged", was.acknowledge_minutes, now.acknowledge_minutes),
            ("with the person", was.with_person_minutes, now.with_person_minutes),
        ):
            yield from _response(part, title, name, before, after)
        if was.expected != now.expected:
            yield _changed(part, f"{title} expects: {now.expected}", f"Before: {was.expected}")
        if was.also_record != now.also_record:
            also = ", ".join(now.also_record) or "nothing more"
            before_words = ", ".join(was.also_record) or "nothing more"
            yield _changed(
                part, f"The answer to {title} also says: {also}.", f"Before: {before_words}"
            )
        if was.incident_unless_ruled_out != now.incident_unless_ruled_out:
            needs = "now needs" if now.incident_unless_ruled_out else "no longer needs"
            yield _changed(part, f"{title} {needs} an incident record unless it is ruled out.")


def _response(part: str, title: str, what: str, was: Minutes, now: Minutes) -> Found:
    def soon(minutes: int) -> str:
        return f"within {minutes_in_words(minutes)}" if minutes else "at once"

    if bool(was) != bool(now):
        limit = "now has a time in which it is" if now else "no longer has a time in which it is"
        yield _changed(part, f"{title} {limit} {what}.")
    for minutes, before, where in _moved(was, now):
        yield _changed(
            part, f"{title} is {what} {soon(minutes)}{where}, not {soon(before)} as before."
        )


def _routes(old: Profile, new: Profile) -> Found:
    part = "Routes"
    yield from _named(part, "route", old.routes, new.routes)
    for was, now in _in_both(old.routes, new.routes):
        title = f"“{now.title}”"
        yield from _where(part, now.title, was.settings, now.settings, (old, new))
        if was.first != now.first:
            yield _changed(part, f"{title} begins: {now.first}", f"Before: {was.first}")
        if was.steps != now.steps:
            yield _changed(
                part,
                f"{title} tells others, or in another time.",
                *(f"Before: {step_in_words(step)}" for step in was.steps),
                *(f"Now: {step_in_words(step)}" for step in now.steps),
            )
