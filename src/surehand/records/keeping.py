"""For how long what records say is kept."""

from datetime import timedelta

REPLAY_DAYS = 28
REPLAY = timedelta(days=REPLAY_DAYS)
