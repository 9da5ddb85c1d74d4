"""What live records are judged by, read from the database: whose an account was, how ready they
were as known then, where they and their supervisors were on shift.

The number of statements does not grow with the records, posts or shifts, but by one set for each
500 people who were supervised, overridden, or of whom something was told late.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from surehand.assurance import reconciliation as rules
from surehand.assurance.reconciliation import HANDED_IN, SHARED, Ground, Held, Posts
from surehand.people.accounts import links_of
from surehand.people.models import Post
from surehand.people.queries import go_lives_said, humans
from surehand.readiness.known_then import known_then
from surehand.readiness.models import BreakGlass, NoLiveUse, Override, Shift
from surehand.readiness.rota import LONGEST, shifts_known_then
from surehand.readiness.rules import Standing, State, able_to_supervise
from surehand.readiness.rules.sweep import columns, keys
from surehand.timeline import (
    FOREVER,
    Instant,
    Span,
    Stretch,
    clip,
    end_of,
    instant,
    intersect,
    london_midnight,
    subtract,
    union,
)

BACK = timedelta(microseconds=HANDED_IN) + LONGEST
"""How long before a record a shift may begin that still counts for it."""

Place = tuple[int, int]
"""A service and a human."""


@dataclass(frozen=True)
class Read:
    """The ground, and who stands for each merged person."""

    ground: Ground
    posts: Mapping[Place, list[Post]]


def read_ground(
    *, services: Collection[int], since: datetime, until: datetime, known: int | None = None
) -> Read:
    """The ground for the records of these services recorded in [since, until).

    `known` is a ledger seq: whose the accounts are is taken as it was known then.
    """
    same = humans()
    first, last = since - BACK, until
    then, now = shifts_known_then(services=services, since=first, until=last)
    posts = list(Post.objects.filter(service__in=services).order_by("pk"))
    overrides = _overrides([p.pk for p in posts], first, last)
    standings = known_then(
        posts, since=instant(first), until=instant(last), closely=overrides.keys()
    )
    at: dict[Place, list[Post]] = defaultdict(list)
    for post in posts:
        at[(post.service_id, same.get(post.person_id, post.person_id))].append(post)
    order = sorted(at)
    rows = {post.pk: row for row, post in enumerate(p for place in order for p in at[place])}
    roles = {role: number for number, role in enumerate(sorted({p.job_role for p in posts}), 1)}
    key = _keys([place for place in order for _ in at[place]])
    role = np.array([roles[p.job_role] for place in order for p in at[place]], dtype=np.int64)
    there = _by_place(then, same)
    return Read(
        Ground(
            posts=Posts(key, role),
            live=Held(_live()),
            holder=Held(_holders(same, known)),
            state=Held(
                (rows[p], span.start, span.until, int(span.state))
                for p, standing in standings.items()
                for span in standing.readiness
            ),
            watched=Held(
                (rows[post], *stretch, 0)
                for post, stretches in _watched(there, at, standings, same).items()
                for stretch in stretches
            ),
            overridden=Held(
                (rows[post], *stretch, 0)
                for post, stretches in overrides.items()
                for stretch in subtract(union(stretches), list(standings[post].restricted))
            ),
            rota=Held(
                (service, *stretch, 0)
                for service, hours in _by_service([*then, *now]).items()
                for stretch in rules.known_rota(hours)
            ),
            on_shift=_held(
                {
                    place: rules.with_grace(_hours(s) for s in shifts)
                    for place, shifts in _by_place([*then, *now], same).items()
                }
            ),
            role=Held(_roles(there, at, roles)),
            no_live=_held(_no_live(there, services)),
            outage=_held(_outages(services, first, last, same)),
        ),
        at,
    )


def _keys(places: Sequence[Place]) -> rules.Ints:
    return keys(*columns(places, 2))


def _held(found: Mapping[Place, Iterable[Stretch]]) -> Held:
    return Held((keys(*at), *stretch, 0) for at, held in found.items() for stretch in held)


def _hours(shift: Shift) -> Stretch:
    return instant(shift.starts_at), instant(shift.ends_at)


def _by_place(shifts: Iterable[Shift], same: Mapping[int, int]) -> dict[Place, list[Shift]]:
    found: dict[Place, list[Shift]] = defaultdict(list)
    for shift in shifts:
        if (person := shift.person_id) is not None:
            found[(shift.service_id, same.get(person, person))].append(shift)
    return found


def _by_service(shifts: Iterable[Shift]) -> dict[int, list[Stretch]]:
    found: dict[int, list[Stretch]] = defaultdict(list)
    for shift in shifts:
        found[shift.service_id].append(_hours(shift))
    return found


def _live() -> Iterator[tuple[int, Instant, Instant, int]]:
    """Where each service was known to be live."""
    said: dict[int, list[tuple[Instant, Instant]]] = defaultdict(list)
    for service, on, recorded, _ in go_lives_said():
        said[service].append((recorded, london_midnight(on) if on else FOREVER))
    for service, dates in said.items():
        untils = [*(recorded for recorded, _ in dates[1:]), FOREVER]
        for (recorded, begins), until in zip(dates, untils, strict=True):
            if max(recorded, begins) < until:
                yield service, max(recorded, begins), until, 0


def _holders(
    same: Mapping[int, int], known: int | None
) -> Iterator[tuple[int, Instant, Instant, int]]:
    for account, links in links_of(known=known).items():
        held = (
            Span(
                london_midnight(link.from_date),
                FOREVER if link.to_date is None else end_of(link.to_date),
                SHARED if link.person is None else same.get(link.person, link.person),
            )
            for link in links
        )
        for span in rules.first_holds(held):
            yield account, *span


def _roles(
    there: Mapping[Place, list[Shift]],
    at: Mapping[Place, list[Post]],
    roles: Mapping[str, int],
) -> Iterator[tuple[int, Instant, Instant, int]]:
    """The job role of each shift, where the rota says one. With one post in that job role there is
    nothing to choose between."""
    for where, shifts in there.items():
        held = {post.job_role for post in at.get(where, ())}
        if all(not s.job_role or held == {s.job_role} for s in shifts):
            continue
        spans = (
            Span(
                start - rules.GRACE, until + rules.GRACE, roles.get(shift.job_role, len(roles) + 1)
            )
            for shift in shifts
            for start, until in [_hours(shift)]
            if shift.job_role
        )
        for span in rules.last_begun(spans):
            yield keys(*where), *span


def _watched(
    there: Mapping[Place, list[Shift]],
    at: Mapping[Place, list[Post]],
    standings: Mapping[int, Standing],
    same: Mapping[int, int],
) -> dict[int, list[Stretch]]:
    """By post, where somebody supervised was beside a supervisor named for them (R9)."""
    able: dict[Place, list[Stretch]] = {}

    def able_at(where: Place) -> list[Stretch]:
        if where not in able:
            own = [standings[p.pk].readiness for p in at.get(where, ())]
            hours = sorted(_hours(s) for s in there.get(where, ()))
            able[where] = able_to_supervise(hours, [o for o in own if o])
        return able[where]

    found: dict[int, list[Stretch]] = defaultdict(list)
    for where, shifts in there.items():
        for post in at.get(where, ()):
            standing = standings[post.pk]
            if not any(span.state == State.SUPERVISED for span in standing.readiness):
                continue
            for shift in shifts:
                hours = _hours(shift)
                beside: list[Stretch] = []
                for allowed in standing.allowed:
                    for person in allowed.permission.supervisors:
                        human = same.get(person, person)
                        if human == where[1] or shift.supervisor_id not in (None, person):
                            continue
                        beside += intersect(
                            clip([(allowed.start, allowed.until)], *hours),
                            able_at((where[0], human)),
                        )
                found[post.pk] += rules.watched_in(hours, standing.readiness, union(beside))
    return {post: union(stretches) for post, stretches in found.items()}


def _no_live(
    there: Mapping[Place, list[Shift]], services: Collection[int]
) -> dict[Place, list[Stretch]]:
    """Where people were in a shift that was known then to be without live use."""
    marks: dict[tuple[int, str, int | None], list[Stretch]] = defaultdict(list)
    for service, shift_id, person, recorded, ended in NoLiveUse.objects.filter(
        service__in=services
    ).values_list("service_id", "shift_id", "person_id", "recorded_at", "end__recorded_at"):
        stood = instant(recorded), FOREVER if ended is None else instant(ended)
        marks[(service, shift_id, person)].append(stood)
    found: dict[Place, list[Stretch]] = {}
    for where, shifts in there.items():
        stretches: list[Stretch] = []
        for shift in shifts:
            hours = _hours(shift)
            own = marks.get((shift.service_id, shift.shift_id, shift.person_id), ())
            stretches += [hours] if shift.no_live_use else clip(own, *hours)
        if stretches:
            found[where] = union(stretches)
    return found


def _overrides(posts: Collection[int], first: datetime, last: datetime) -> dict[int, list[Stretch]]:
    """By post, where an override was known to stand."""
    own = set(posts)
    found: dict[int, list[Stretch]] = defaultdict(list)
    for post, starts, ends, recorded, ended in Override.objects.filter(
        starts_at__lt=last, ends_at__gt=first
    ).values_list("post_id", "starts_at", "ends_at", "recorded_at", "end__recorded_at"):
        start, until = max(starts, recorded), min(ends, ended or ends)
        if post in own and start < until:
            found[post].append((instant(start), instant(until)))
    return found


def _outages(
    services: Collection[int], first: datetime, last: datetime, same: Mapping[int, int]
) -> dict[Place, list[Stretch]]:
    """Where people were let in while this software or the network was down."""
    found: dict[Place, list[Stretch]] = defaultdict(list)
    for outage in BreakGlass.objects.filter(
        service__in=services, starts_at__lt=last, ends_at__gt=first
    ):
        hours = instant(outage.starts_at), instant(outage.ends_at)
        for person in outage.people:
            found[(outage.service_id, same.get(person, person))].append(hours)
    return {where: union(stretches) for where, stretches in found.items()}
