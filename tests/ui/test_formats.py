"""How dates, times and names are written (experience.md, principle 9)."""

from datetime import UTC, date, datetime

import pytest

from surehand.ui import formats

SUMMER = datetime(2027, 7, 3, 23, 5, tzinfo=UTC)
WINTER = datetime(2027, 3, 3, 14, 5, tzinfo=UTC)


def test_a_moment_is_shown_in_london_whatever_zone_it_carries() -> None:
    assert formats.moment(WINTER) == "3 March 2027, 14:05"
    assert formats.moment(SUMMER) == "4 July 2027, 00:05"
    assert formats.day(SUMMER) == "4 July 2027"
    assert formats.iso(SUMMER) == "2027-07-04T00:05:00+01:00"


def test_a_day_has_no_zone() -> None:
    assert formats.day(date(2027, 3, 3)) == "3 March 2027"
    assert formats.weekday(date(2026, 11, 18)) == "Wednesday 18 November 2026"
    assert formats.month(date(2027, 10, 9)) == "Oct ’27"


def test_a_moment_without_a_zone_is_refused_because_it_would_be_an_hour_wrong_in_summer() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        formats.time(SUMMER.replace(tzinfo=None))


def test_words_follow_numbers() -> None:
    assert formats.plural(1, "person", "people") == "1 person"
    assert formats.plural(0, "check") == "0 checks"
    assert formats.plural(1200, "person", "people") == "1,200 people"


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Ruth Adeyemi", "RA"), ("Cher", "C"), ("Ana Maria de Souza", "AS"), ("  ", "?")],
)
def test_initials(name: str, letters: str) -> None:
    assert formats.initials(name) == letters
