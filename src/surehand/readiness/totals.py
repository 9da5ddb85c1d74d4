"""A whole provider counted as at a moment, straight from the stored spans."""

from collections import Counter
from datetime import datetime, timedelta

import numpy as np
from django.db.models import Count, F

from surehand.readiness.models import CompetencySpan, ReadinessSpan
from surehand.readiness.rules import CompetencyState, State
from surehand.timeline import instant


def states(*, at: datetime) -> Counter[tuple[int, State]]:
    """How many posts of each service are in each state."""
    moment = instant(at)
    rows = (
        ReadinessSpan.objects.filter(since__lte=moment, until__gt=moment)
        .values_list("service_id", "state")
        .annotate(posts=Count("pk"))
    )
    return Counter({(service, State(state)): posts for service, state, posts in rows})


def competent(*, at: datetime) -> Counter[tuple[int, int]]:
    """How many people with a post at each service are competent in each competency."""
    moment = instant(at)
    services = dict(
        ReadinessSpan.objects.filter(since__lte=moment, until__gt=moment)
        .annotate(person=F("post__person_id"))
        .values_list("person", "service_id")
    )
    found: Counter[tuple[int, int]] = Counter()
    rows = CompetencySpan.objects.filter(
        since__lte=moment, until__gt=moment, state=CompetencyState.COMPETENT, agency=False
    ).values_list("person_id", "competency_id")
    for person, competency in rows.iterator(chunk_size=20_000):
        if person in services:
            found[(services[person], competency)] += 1
    return found


def trend(*, until: datetime, weeks: int) -> list[dict[State, int]]:
    """How many posts are in each state at the same hour of each of the last `weeks` weeks."""
    moments = np.array([instant(until - timedelta(weeks=weeks - 1 - n)) for n in range(weeks)])
    counts = np.zeros((len(State), weeks + 1), dtype=np.int64)
    rows = np.array(
        list(ReadinessSpan.objects.values_list("state", "since", "until").iterator()),
        dtype=np.int64,
    ).reshape(-1, 3)
    # A span counts from the first moment in it to the last: +1 there, -1 after.
    first = np.searchsorted(moments, rows[:, 1])
    after = np.searchsorted(moments, rows[:, 2])
    np.add.at(counts, (rows[:, 0], first), 1)
    np.add.at(counts, (rows[:, 0], after), -1)
    summed = counts.cumsum(axis=1)[:, :weeks]
    return [{state: int(summed[state, week]) for state in State} for week in range(weeks)]
