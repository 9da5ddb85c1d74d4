"""What dates and local times mean (R16): London midnight, inclusive ends, both clock changes."""

from calendar import monthrange
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from .spans import FOREVER, Instant

LONDON = ZoneInfo("Europe/London")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = _EPOCH.date().toordinal()
_MICROSECOND = timedelta(microseconds=1)
_DAY = 24 * 60 * 60 * 1_000_000


def instant(when: datetime) -> Instant:
    """The instant of a datetime that knows its offset. Raises ValueError for one that does not."""
    if when.tzinfo is None:
        raise ValueError(f"{when.isoformat()} has no time zone; give an offset or use parse_local.")
    return (when - _EPOCH) // _MICROSECOND


def moment(at: Instant) -> datetime:
    """The datetime, in UTC, of an instant."""
    return _EPOCH + timedelta(microseconds=at)


@lru_cache(maxsize=1 << 16)
def london_midnight(day: date) -> Instant:
    """The instant at which a date begins in London."""
    return instant(datetime(day.year, day.month, day.day, tzinfo=LONDON))


def end_of(day: date) -> Instant:
    """The instant just after an inclusive end date: the next London midnight."""
    return london_midnight(day + timedelta(days=1))


@lru_cache(maxsize=1 << 16)
def _midnight(ordinal: int) -> Instant:
    return london_midnight(date.fromordinal(ordinal))


def _london_ordinal(at: Instant) -> int:
    """The London date of an instant as a proleptic ordinal; London is never behind UTC."""
    ordinal = at // _DAY + _EPOCH_DAY
    return ordinal + 1 if at >= _midnight(ordinal + 1) else ordinal


def london_date(at: Instant) -> date:
    """The date in London at an instant."""
    return date.fromordinal(_london_ordinal(at))


def add_months(day: date, months: int) -> date:
    """The same day of the month, months later or earlier; the last day where there is none."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def midnight_after(at: Instant, *, months: int) -> Instant:
    """The London midnight at which a term of calendar months, begun at an instant, has run out."""
    return _term_end(_london_ordinal(at), months)


@lru_cache(maxsize=1 << 17)
def _term_end(ordinal: int, months: int) -> Instant:
    try:
        return min(london_midnight(add_months(date.fromordinal(ordinal), months)), FOREVER)
    except (ValueError, OverflowError):  # past the last year a calendar has
        return FOREVER


def parse_local(given: str | datetime | date, *, edge: Literal["start", "end"]) -> Instant:
    """The instant of a time as people write it; without an offset, London is meant (R16).

    `edge` says whether it begins or ends something: a local time that comes twice is the earlier as
    a start and the later as an end; a date alone is its London midnight as a start and the end of
    that day as an end. Raises ValueError, with a sentence, for a time that does not exist in London
    and for text that is not a date or time.
    """
    when = _parsed(given) if isinstance(given, str) else given
    if not isinstance(when, datetime):
        return london_midnight(when) if edge == "start" else end_of(when)
    if when.tzinfo is not None:
        return instant(when)
    if when.year >= _ON_THE_HOUR:
        hour = when.replace(minute=0, second=0, microsecond=0)
        with suppress(ValueError):  # of the hour that is not there the sentence says the time
            return _hour(hour, edge) + (when - hour) // _MICROSECOND
    return _local(when, edge)


# Since then the clocks have changed on the hour.
_ON_THE_HOUR = 1972


@lru_cache(maxsize=1 << 16)
def _hour(when: datetime, edge: Literal["start", "end"]) -> Instant:
    return _local(when, edge)


def _local(when: datetime, edge: Literal["start", "end"]) -> Instant:
    local = when.replace(tzinfo=LONDON, fold=0 if edge == "start" else 1)
    if local.astimezone(UTC).astimezone(LONDON).replace(tzinfo=None, fold=0) != when.replace(
        fold=0
    ):
        raise ValueError(
            f"{when:%H:%M} on {when.day} {when:%B %Y} does not exist in London: the clocks went "
            f"forward that night. Give a time before 01:00 or from 02:00."
        )
    return instant(local)


def _parsed(text: str) -> datetime | date:
    text = text.strip()
    try:
        return date.fromisoformat(text) if len(text) <= 10 else datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(
            f"“{text}” is not a date or time. Write it as 2026-03-03 or 2026-03-03T07:00."
        ) from None
