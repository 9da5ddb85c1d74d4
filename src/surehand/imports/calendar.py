"""Reads a rota kept as a calendar (.ics) into the rota file's columns.

UID is the shift_id; the person is the ATTENDEE's CN, else their address, else what stands in
SUMMARY before the first space; the service is the first of CATEGORIES, else LOCATION. STATUS
CANCELLED cancels the shift. A calendar that repeats its events is refused row by row: a rota must
say who works when.
"""

from collections.abc import Iterator
from datetime import datetime

from icalendar import Calendar, Component

HEADER = ["shift_id", "service_id", "person_id", "starts_at", "ends_at", "cancelled"]


def calendar_rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Header and rows; events are numbered from 2, as if the header were row 1."""
    from surehand.imports.reading import ImportProblem

    try:
        calendar = Calendar.from_ical(text)
        rows = [_row(event) for event in calendar.walk("VEVENT")]
    # OSError: a time zone is looked up as a file, and “Europe” is a folder.
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, OSError):
        raise ImportProblem(
            "The calendar cannot be read. Export it again as .ics, or export the rota as CSV."
        ) from None
    if not rows:
        raise ImportProblem("The calendar holds no events.")
    return enumerate([HEADER, *rows], 1)


def _row(event: Component) -> list[str]:
    cancelled = "yes" if _plain(event, "STATUS").upper() == "CANCELLED" else "no"
    ends = _when(event, "DTEND")
    if event.get("RRULE") is not None or event.get("RDATE") is not None:
        ends = "a repeating event"  # the parser of ends_at says what is wrong with it
    elif not ends and event.get("DURATION") is not None:
        ends = _moment(event.decoded("DTSTART") + event.decoded("DURATION"))
    return [
        _plain(event, "UID"),
        _service(event),
        _person(event),
        _when(event, "DTSTART"),
        ends,
        cancelled,
    ]


def _when(event: Component, name: str) -> str:
    return "" if event.get(name) is None else _moment(event.decoded(name))


def _moment(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _plain(event: Component, name: str) -> str:
    value = event.get(name)
    if isinstance(value, list):
        value = value[0] if value else None
    return "" if value is None else " ".join(str(value).split())


def _person(event: Component) -> str:
    attendee = event.get("ATTENDEE")
    if isinstance(attendee, list):
        attendee = attendee[0] if attendee else None
    if attendee is not None:
        named = str(attendee.params.get("CN", "")).strip()
        return named or str(attendee).removeprefix("mailto:").removeprefix("MAILTO:").strip()
    return _plain(event, "SUMMARY").split(" ", 1)[0]


def _service(event: Component) -> str:
    categories = event.get("CATEGORIES")
    if isinstance(categories, list):
        categories = categories[0] if categories else None
    if categories is not None and getattr(categories, "cats", None):
        return str(categories.cats[0]).strip()
    return _plain(event, "LOCATION")
