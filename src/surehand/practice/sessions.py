"""Reads about group sessions: who is where."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from surehand.ecm.profile import Profile
from surehand.practice.models import Attempt, AttemptEnd, AttemptStep, PracticeSession
from surehand.practice.play import Did
from surehand.practice.queries import (
    AWAY_AFTER,
    Going,
    Playable,
    going,
    profile_of,
    scenario_of,
    whole_seconds,
)


def session_of(entry: int) -> PracticeSession | None:
    """The session of this entry; one statement."""
    return _sessions().filter(entry=entry).first()


def _sessions() -> "QuerySet[PracticeSession]":
    return PracticeSession.objects.select_related(
        "scenario", "service__details", "by__identity", "end"
    )


def open_sessions(*, at: datetime) -> list[PracticeSession]:
    """Those open now, the last one first; one statement."""
    return list(_open(at).order_by("-entry"))


def _open(at: datetime) -> "QuerySet[PracticeSession]":
    since = at - PracticeSession.OPEN_FOR
    return _sessions().filter(happened_at__gt=since, end=None)


def session_with(code: str, *, at: datetime) -> PracticeSession | None:
    """The open session with this code, as it is written."""
    return _open(at).filter(code=code).first()


def codes_in_use(*, at: datetime) -> frozenset[str]:
    return frozenset(_open(at).values_list("code", flat=True))


def playable(session: PracticeSession) -> Playable:
    """What is played in a session: the version of the scenario it was opened with."""
    kept = session.scenario
    return Playable(scenario_of(kept.document), kept.document, kept)


@dataclass(frozen=True)
class Joined:
    """Somebody in a session, by their last go: `going` while it is played, `end` once it has ended.
    `away` is for how many seconds nobody was there."""

    attempt: Attempt
    going: Going | None
    end: AttemptEnd | None
    away: int
    helped: int


def joined(session: PracticeSession, *, at: datetime) -> list[Joined]:
    """Who is in a session, in the order in which they joined; two statements however many, and one
    for each version of a provider’s own profile it is played in."""
    attempts = (
        Attempt.objects.filter(session=session)
        .select_related("person__identity", "end", "playing")
        .order_by("entry")
    )
    last = {attempt.person_id: attempt for attempt in attempts}
    helps = Counter(
        AttemptStep.objects.filter(attempt__session=session, did=Did.HELPED).values_list(
            "attempt", flat=True
        )
    )
    profiles: dict[str, Profile] = {}
    found = []
    for attempt in last.values():
        attempt.scenario, attempt.service = session.scenario, session.service
        attempt.session = session
        playing = getattr(attempt, "playing", None)
        if playing is None:
            end = getattr(attempt, "end", None)
            found.append(Joined(attempt, None, end, 0, helps[attempt.pk]))
            continue
        if attempt.profile not in profiles:
            profiles[attempt.profile] = profile_of(attempt)
        now = going(playing, at=at, profile=profiles[attempt.profile])
        gap = whole_seconds(playing.seen_at, at)
        away = gap if gap > AWAY_AFTER else 0
        found.append(Joined(attempt, now, None, away, now.play.helped))
    return found
