"""How dates, times, numbers and names are written on a page. Pure.

A moment is an aware datetime; it is shown in Europe/London whatever zone it carries. A day is a
`date` and has no zone. A naive datetime is refused: it would be shown an hour wrong in summer.
"""

from datetime import date, datetime
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


def local(moment: datetime) -> datetime:
    """The moment in Europe/London. Raises ValueError when it carries no time zone."""
    if moment.tzinfo is None:
        raise ValueError(f"The time {moment.isoformat()} has no time zone.")
    return moment.astimezone(LONDON)


def _date(value: date | datetime) -> date:
    return local(value).date() if isinstance(value, datetime) else value


def day(value: date | datetime) -> str:
    """3 March 2027"""
    d = _date(value)
    return f"{d.day} {d:%B %Y}"


def short_day(value: date | datetime) -> str:
    """3 March, where the year is plain from the page."""
    d = _date(value)
    return f"{d.day} {d:%B}"


def weekday(value: date | datetime) -> str:
    """Wednesday 3 March 2027"""
    return f"{_date(value):%A} {day(value)}"


def month(value: date | datetime) -> str:
    """Oct ’27, as in a cell of the matrix."""
    return f"{_date(value):%b} ’{_date(value):%y}"


def short_month(value: date | datetime) -> str:
    """27 Nov, as in a cell of the matrix."""
    d = _date(value)
    return f"{d.day} {d:%b}"


def time(value: datetime) -> str:
    """14:05"""
    return f"{local(value):%H:%M}"


def moment(value: datetime) -> str:
    """3 March 2027, 14:05"""
    return f"{day(value)}, {time(value)}"


def iso(value: date | datetime) -> str:
    """ISO 8601 for machines, with the London offset when it is a moment."""
    return local(value).isoformat() if isinstance(value, datetime) else value.isoformat()


def number(value: int | float) -> str:
    """48,211"""
    return f"{value:,}"


def plural(count: int, one: str, many: str = "") -> str:
    """1 person, 2 people: `{{ n | plural("person", "people") }}`; without `many` an s is added."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def initials(name: str) -> str:
    """RA for “Ruth Adeyemi”: first and last name, at most two letters."""
    words = [word for word in name.split() if word[0].isalpha()]
    if not words:
        return "?"
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()
