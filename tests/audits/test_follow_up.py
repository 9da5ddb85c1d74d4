"""When a follow-up audit selects itself, and of which records."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from surehand.audits.follow_up import LEAST, MOST, follow_up

DAYS = st.dates(min_value=date(2026, 1, 1), max_value=date(2030, 1, 1))


@given(on=DAYS, before=st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=120)))
def test_its_records_are_all_of_after_the_refresher_and_as_long(
    on: date, before: timedelta
) -> None:
    planned = follow_up(given_on=on, before=before)
    assert planned.since > on
    assert planned.on > planned.until
    days = (planned.until - planned.since).days + 1
    assert days == min(max(before, LEAST), MOST).days
    assert planned.given_up_on > planned.on
