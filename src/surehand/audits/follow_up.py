"""When a refresher's follow-up audit selects itself, and over which records (2.5). Pure.

The day of the refresher counts on neither side. The records looked at are those of as long a time
as the audit before had, two weeks at least and three at most (what they say is not kept for much
longer), from the day after the first session; it waits two days more, so that what was written last
has come in.
"""

from dataclasses import dataclass
from datetime import date, timedelta

LEAST, MOST = timedelta(days=14), timedelta(days=21)
COMES_IN = timedelta(days=2)
GIVEN_UP_AFTER = timedelta(days=56)
"""So long after the end of its period it waits for records to be brought in."""
TO_CHECK = timedelta(days=14)
"""So long there is to check what was selected."""


@dataclass(frozen=True)
class FollowUp:
    """London days: records written from `since` to `until`, both included; selected on `on`."""

    since: date
    until: date
    on: date

    @property
    def given_up_on(self) -> date:
        return self.until + GIVEN_UP_AFTER


def follow_up(*, given_on: date, before: timedelta) -> FollowUp:
    """`before` is how long the period of the audit was that the refresher came of."""
    since = given_on + timedelta(days=1)
    until = since + min(max(before, LEAST), MOST) - timedelta(days=1)
    return FollowUp(since, until, until + COMES_IN)
