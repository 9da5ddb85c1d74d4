"""The rota against readiness: which shifts have somebody who is not cleared (1.6, R9)."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from surehand.people.models import Post
from surehand.people.queries import go_live_dates
from surehand.readiness import facts, rules
from surehand.readiness.models import Override, ReadinessSpan, Shift
from surehand.readiness.rules import State
from surehand.timeline import Instant, Span, Stretch, clip, instant, london_midnight


@dataclass(frozen=True)
class Checked:
    """A shift with the answer of the gate for it."""

    shift: Shift
    clearance: rules.Clearance
    state: State | None  # when the shift starts; None for an unnamed shift or no post


def rota_check(*, services: Collection[int], since: datetime, until: datetime) -> list[Checked]:
    """Every shift of these services that touches [since, until), in order of start, each cleared,
    not cleared (why, from when) or not checked. Reads the stored spans; a fixed number of
    statements."""
    shifts = list(
        Shift.objects.filter(
            service__in=services,
            replaced_by__isnull=True,
            cancelled=False,
            starts_at__lt=until,
            ends_at__gt=since,
        )
        .select_related("person__identity", "supervisor__identity", "service__details")
        .order_by("starts_at", "pk")
    )
    go_lives = {
        service: london_midnight(day) if day else None for service, day in go_live_dates().items()
    }
    people = {s.person_id for s in shifts if s.person_id is not None}
    standings = _standings(services, people)
    able = _able(services, shifts, standings)
    overrides = _overrides(standings)
    checked = []
    for shift in shifts:
        key = (shift.service_id, shift.person_id or 0)
        own = [
            standing
            for job_role, standing in standings.get(key, ())
            if not shift.job_role or job_role == shift.job_role
        ]
        start, end = instant(shift.starts_at), instant(shift.ends_at)
        clearance = rules.clearance(
            rules.Shift(start, end, shift.person_id, shift.supervisor_id, shift.no_live_use),
            go_live=go_lives.get(shift.service_id),
            standings=[s for s in own if clip(s.readiness, start, end)],
            able=able.get(shift.service_id, {}),
            overrides=[o for s in own for o in overrides.get(s.post, ())],
        )
        checked.append(Checked(shift, clearance, _state(own, start)))
    return checked


def _state(standings: list[rules.Standing], at: Instant) -> State | None:
    states = [
        State(span.state)
        for standing in standings
        for span in standing.readiness
        if span.start <= at < span.until
    ]
    return rules.least_permissive(states) if states else None


Standings = dict[tuple[int, int], list[tuple[str, rules.Standing]]]


def _standings(services: Collection[int], people: Collection[int]) -> Standings:
    """Each post of these people at these services, by (service, person)."""
    posts = {
        pk: job_role
        for pk, job_role in Post.objects.filter(
            person__in=people, service__in=services
        ).values_list("pk", "job_role")
    }
    spans: dict[int, list[Span]] = defaultdict(list)
    for post, state, since, until in (
        ReadinessSpan.objects.filter(post__in=posts)
        .order_by("post_id", "since")
        .values_list("post_id", "state", "since", "until")
    ):
        spans[post].append(Span(since, until, State(state)))
    found: Standings = defaultdict(list)
    for case in facts.cases(posts):
        found[(case.service, case.person)].append(
            (
                posts[case.id],
                rules.standing(
                    case.id,
                    tuple(spans[case.id]),
                    case.permissions,
                    case.restrictions,
                    case.failures,
                ),
            )
        )
    return found


def _able(
    services: Collection[int], shifts: list[Shift], standings: Standings
) -> dict[int, dict[int, list[Stretch]]]:
    """By service and person, where they are on shift there and independent."""
    on_shift: dict[tuple[int, int], list[Stretch]] = defaultdict(list)
    for shift in shifts:
        if shift.person_id is not None:
            on_shift[(shift.service_id, shift.person_id)].append(
                (instant(shift.starts_at), instant(shift.ends_at))
            )
    found: dict[int, dict[int, list[Stretch]]] = defaultdict(dict)
    for (service, person), stretches in on_shift.items():
        own = [standing.readiness for _, standing in standings.get((service, person), ())]
        if own:
            found[service][person] = rules.able_to_supervise(sorted(stretches), own)
    return found


def _overrides(standings: Standings) -> dict[int, list[rules.Override]]:
    posts = {standing.post for own in standings.values() for _, standing in own}
    found: dict[int, list[rules.Override]] = defaultdict(list)
    for post, starts_at, ends_at, seq in Override.objects.filter(post__in=posts).values_list(
        "post_id", "starts_at", "ends_at", "entry"
    ):
        found[post].append(rules.Override(post, instant(starts_at), instant(ends_at), seq))
    return found


BECAUSE: dict[rules.Because, str] = {
    rules.Because.INDEPENDENT: "Independent for the whole shift.",
    rules.Because.SUPERVISED: "Supervised for the whole shift.",
    rules.Because.BEFORE_GO_LIVE: "The service is not live yet, so this shift is not checked.",
    rules.Because.NO_GO_LIVE: "No go-live date is set, so shifts are not checked.",
    rules.Because.NO_LIVE_USE: "No live use in this shift: others record.",
    rules.Because.UNNAMED: "Nobody is named for this shift yet, so nobody is cleared for it.",
    rules.Because.NO_POST: "This person has no post at this service for the whole shift.",
    rules.Because.NOT_READY: "Not ready to use the live system.",
    rules.Because.AWAITING_SIGN_OFF: "Every check is passed; the sign-off is missing.",
    rules.Because.RESTRICTED: "Independent live use is restricted.",
    rules.Because.SUPERVISOR_NOT_NAMED: "The supervisor on the rota is not one named in the "
    "permission.",
    rules.Because.NO_SUPERVISOR: "No supervisor named in the permission is on this shift and "
    "cleared.",
}
"""Why a shift has its answer, in a sentence."""
