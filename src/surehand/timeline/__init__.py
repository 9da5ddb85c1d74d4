"""Half-open spans of time and their algebra, and what a date means in London (R16).

Pure: no Django, no clock. An `Instant` is a number of microseconds since the Unix epoch, UTC.
"""

from .london import (
    add_months,
    end_of,
    instant,
    london_date,
    london_midnight,
    midnight_after,
    moment,
    parse_local,
)
from .spans import (
    FOREVER,
    Instant,
    Span,
    Stretch,
    at,
    clip,
    intersect,
    join,
    overlaps,
    subtract,
    union,
)

__all__ = [
    "FOREVER",
    "Instant",
    "Span",
    "Stretch",
    "add_months",
    "at",
    "clip",
    "end_of",
    "instant",
    "intersect",
    "join",
    "london_date",
    "london_midnight",
    "midnight_after",
    "moment",
    "overlaps",
    "parse_local",
    "subtract",
    "union",
]
