"""R16: what dates and local times mean in London."""

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surehand.timeline import (
    FOREVER,
    add_months,
    end_of,
    instant,
    london_date,
    london_midnight,
    midnight_after,
    moment,
    parse_local,
)

LONDON = ZoneInfo("Europe/London")
# Bounds are local to the zone drawn, and so have none themselves.
moments = st.datetimes(
    datetime(1950, 1, 1),  # noqa: DTZ001
    datetime(2200, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
dates = st.dates(date(1950, 1, 1), date(2200, 1, 1))


def utc(*parts):
    return instant(datetime(*parts, tzinfo=UTC))


@given(moments)
def test_instants_keep_every_microsecond(when):
    assert moment(instant(when)) == when


def test_forever_is_a_moment_and_an_exact_json_integer():
    assert FOREVER == 9_007_199_254_740_991
    assert moment(FOREVER).year == 2255


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="has no time zone"):
        instant(datetime(2026, 3, 3, 7))  # noqa: DTZ001


@given(dates)
def test_r16_a_date_begins_at_london_midnight(day):
    local = moment(london_midnight(day)).astimezone(LONDON)
    assert (local.date(), local.hour, local.minute) == (day, 0, 0)


@given(dates)
def test_r16_end_dates_are_inclusive(day):
    assert london_date(end_of(day) - 1) == day
    assert london_date(end_of(day)) == day + timedelta(days=1)


@given(moments)
def test_r16_the_london_date_is_the_one_on_a_london_calendar(when):
    assert london_date(instant(when)) == when.astimezone(LONDON).date()


def test_r16_summer_days_begin_at_2300_utc_and_the_days_clocks_change_are_odd():
    assert london_midnight(date(2026, 7, 1)) == utc(2026, 6, 30, 23)
    assert london_midnight(date(2026, 1, 1)) == utc(2026, 1, 1)
    hours = {
        day: (end_of(day) - london_midnight(day)) // 3_600_000_000
        for day in (date(2026, 3, 29), date(2026, 10, 25))
    }
    assert list(hours.values()) == [23, 25]


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 3, 3), 0, date(2026, 3, 3)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
    ],
)
def test_months_end_on_the_last_day_where_there_is_no_such_day(day, months, expected):
    assert add_months(day, months) == expected


def test_a_term_runs_out_at_london_midnight_and_never_past_forever():
    assert midnight_after(utc(2026, 1, 15, 12), months=6) == utc(2026, 7, 14, 23)
    # 23:30 UTC in summer is already the next day in London.
    assert midnight_after(utc(2026, 6, 30, 23, 30), months=1) == utc(2026, 7, 31, 23)
    assert midnight_after(utc(2026, 1, 1), months=12 * 9000) == FOREVER


@pytest.mark.parametrize(
    ("text", "edge", "expected"),
    [
        ("2026-03-03T07:00", "start", utc(2026, 3, 3, 7)),
        ("2026-07-03 07:00", "start", utc(2026, 7, 3, 6)),
        ("2026-07-03T07:00Z", "start", utc(2026, 7, 3, 7)),
        ("2026-07-03T07:00+02:00", "end", utc(2026, 7, 3, 5)),
        ("2026-07-03", "start", utc(2026, 7, 2, 23)),
        ("2026-07-03", "end", utc(2026, 7, 3, 23)),
        ("2026-10-25T01:30", "start", utc(2026, 10, 25, 0, 30)),  # comes twice: the earlier
        ("2026-10-25T01:30", "end", utc(2026, 10, 25, 1, 30)),  # comes twice: the later
        ("2026-10-25T02:30", "end", utc(2026, 10, 25, 2, 30)),
        ("2026-03-29T00:59", "end", utc(2026, 3, 29, 0, 59)),
        ("2026-03-29T02:00", "start", utc(2026, 3, 29, 1)),
    ],
)
def test_r16_local_times(text, edge, expected):
    assert parse_local(text, edge=edge) == expected


@pytest.mark.parametrize("edge", ["start", "end"])
@pytest.mark.parametrize("text", ["2026-03-29T01:00", "2026-03-29T01:59:59.999999"])
def test_r16_a_local_time_that_does_not_exist_is_refused(text, edge):
    with pytest.raises(ValueError, match=r"on 29 March 2026 does not exist in London"):
        parse_local(text, edge=edge)


@pytest.mark.parametrize("text", ["", "yesterday", "03/03/2026", "2026-13-01", "2026-03-03T25:00"])
def test_what_is_not_a_time_is_refused_with_a_sentence(text):
    with pytest.raises(ValueError, match="is not a date or time"):
        parse_local(text, edge="start")


def test_datetimes_and_dates_are_read_as_text_is():
    assert parse_local(datetime(2026, 10, 25, 1, 30), edge="end") == utc(2026, 10, 25, 1, 30)  # noqa: DTZ001
    paris = timezone(timedelta(hours=2))
    assert parse_local(datetime(2026, 7, 3, 7, tzinfo=paris), edge="start") == utc(2026, 7, 3, 5)
    assert parse_local(date(2026, 7, 3), edge="end") == end_of(date(2026, 7, 3))
