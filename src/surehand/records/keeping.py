"""For how long what records say is kept: for the replay window; longer where it is flagged or asked
for, and what is shown beside such a one.

`kept_until` says it of one text. `past_replay` and `past_flagged` find the same among a million in
one statement each, for retention, which alone removes them (R1).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef, Q, Value
from django.db.models.functions import Coalesce

from surehand.evidence import clock
from surehand.evidence.queries import seq_at

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet

    from surehand.records.models import Signal

REPLAY_DAYS = 28
REPLAY = timedelta(days=REPLAY_DAYS)
FLAGGED_DAYS = 92


def kept_until(
    *,
    came_in: datetime,
    flagged: bool,
    asked: datetime | None,
    replay: timedelta,
    flagged_for: timedelta,
) -> datetime:
    """Until when what a record says is kept.

    `flagged`: something was noticed in it that nobody has called fine, or it is shown beside such a
    record. `asked`: until when somebody needs it, as for a record audit. A time asked for makes it
    longer and never shorter.
    """
    usual = came_in + (max(replay, flagged_for) if flagged else replay)
    return usual if asked is None else max(usual, asked)


def open_signals() -> QuerySet[Signal]:
    """The signals that nobody has called fine."""
    from surehand.records.models import Signal, SignalAnswer

    fine = SignalAnswer.objects.filter(
        row_id=Coalesce(
            OuterRef("screened__record__record_id"), OuterRef("screened__alert__alert_id")
        ),
        version=Coalesce(OuterRef("screened__record__version"), Value(1)),
        code=OuterRef("code"),
        answer=SignalAnswer.Answer.FINE,
        superseded_by__isnull=True,
    )
    return Signal.objects.filter(~Exists(fine))


def flagged() -> Q:
    """Of texts: that something noticed in the record, or in one it is shown beside, is open."""
    still = open_signals()
    return Q(Exists(still.filter(screened__record=OuterRef("record")))) | Q(
        Exists(still.filter(beside=OuterRef("record")))
    )


def past_replay(model: type[Model], moment: datetime) -> QuerySet[Any]:
    """The texts that came in by `moment`, are not flagged and not asked for any longer."""
    return _came_in_by(model, moment).exclude(flagged())


def past_flagged(model: type[Model], moment: datetime) -> QuerySet[Any]:
    """The flagged texts that came in by `moment` and are not asked for any longer."""
    return _came_in_by(model, moment).filter(flagged())


def _came_in_by(model: type[Model], moment: datetime) -> QuerySet[Any]:
    asked = Q(keep_until__gt=clock.now())
    return model._default_manager.filter(record__entry__lte=seq_at(moment=moment)).exclude(asked)
