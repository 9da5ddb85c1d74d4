"""The rota against readiness: which shifts have somebody who is not cleared (1.6, R9).

A shift whose person is plainly independent is settled by one sweep over all of them
(`rules.sweep`); only for the others are the facts read and the rules asked one by one.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.db.models import Q

from surehand import evidence
from surehand.evidence.models import Entry
from surehand.people.models import Post
from surehand.people.queries import go_live_dates
from surehand.readiness import facts, projector, rules
from surehand.readiness.models import BreakGlass, NoLiveUse, Override, ReadinessSpan, Shift
from surehand.readiness.rules import State, sweep
from surehand.timeline import (
    FOREVER,
    Instant,
    Span,
    Stretch,
    clip,
    instant,
    london_midnight,
    subtract,
)

LONGEST = timedelta(hours=24)
"""No shift is longer, so whoever is on shift beside another began at most this long before."""

At = tuple[int, int]
"""A service and a person."""


@dataclass(frozen=True)
class Checked:
    """A shift with the answer for it, and what it was judged by.

    `state` is that of the person when the shift starts; None for an unnamed shift or no post.
    `mark` says that others record in this shift. `cases` are the posts that count, read only where
    the person is not plainly independent.
    """

    shift: Shift
    clearance: rules.Clearance
    state: State | None
    mark: NoLiveUse | None = None
    # People were let in then while this software was down; it changes no answer.
    break_glass: BreakGlass | None = None
    cases: tuple[facts.Case, ...] = ()
    plans: tuple[rules.Plan, ...] = ()

    @property
    def not_cleared(self) -> bool:
        return self.clearance.answer is rules.Answer.NOT_CLEARED

    @property
    def not_checked(self) -> bool:
        return self.clearance.answer is rules.Answer.NOT_CHECKED


@dataclass(frozen=True)
class Supposed:
    """A restriction nobody has recorded: what would it change? `service` None: person-wide."""

    person: int
    service: int | None
    at: datetime


@dataclass(frozen=True)
class RotaCheck:
    """Every shift asked about, in order of start, and who is on shift and independent then."""

    checked: list[Checked]
    posts: Mapping[At, list[Post]] = field(default_factory=dict)
    readiness: Mapping[int, list[Span]] = field(default_factory=dict)  # by post
    on_shift: Mapping[At, list[Stretch]] = field(default_factory=dict)

    def able(self, service: int, person: int) -> list[Stretch]:
        """Where this person is on a shift at the service and independent there (R9)."""
        at = (service, person)
        own = [self.readiness[p.pk] for p in self.posts.get(at, ()) if self.readiness.get(p.pk)]
        if not own or at not in self.on_shift:
            return []
        return rules.able_to_supervise(sorted(self.on_shift[at]), own)

    def able_for(self, shift: Shift) -> list[int]:
        """The people who can supervise the whole of a shift: on shift there, and independent."""
        whole = [(instant(shift.starts_at), instant(shift.ends_at))]
        return [
            person
            for service, person in self.on_shift
            if service == shift.service_id
            and person != shift.person_id
            and not subtract(whole, self.able(service, person))
        ]


def rota_check(
    *, services: Collection[int], since: datetime, until: datetime, known: int | None = None
) -> list[Checked]:
    """Every shift of these services that touches [since, until), in order of start, each cleared,
    not cleared (why, from when) or not checked. A fixed number of statements."""
    return check(services=services, since=since, until=until, known=known).checked


def check(
    *,
    services: Collection[int],
    since: datetime,
    until: datetime,
    known: int | None = None,
    supposed: Supposed | None = None,
) -> RotaCheck:
    """As `rota_check`, with who could stand in.

    Without `known`: true then, with everything known now. With it, rota and facts are taken as they
    were known at that seq, for every shift alike. `supposed` adds a restriction that is not there.
    """
    near = list(_near(services, since, until, known))
    judged = [s for s in near if s.starts_at < until and s.ends_at > since]
    return _judge(judged, near, services=services, known=known, supposed=supposed)


def check_known_then(*, services: Collection[int], since: datetime, until: datetime) -> RotaCheck:
    """Each shift that began in [since, until) judged by what was known when it began (R3, R11): the
    rota, the facts and the go-live date of that moment. This is how breaches are judged.

    A shift that came to be known only later is taken as it stands now, and its person judged by
    what was known when it began. Every distinct moment of knowledge is a replay of its own, so ask
    for a day, not for a year. `able` is not answered: nothing past can be put right.
    """
    rows = list(_near(services, since, until, None, every=True))
    known_at = _known_at([s.starts_at for s in rows])
    near = _as_known_then(rows, known_at)
    groups: dict[int, list[Shift]] = defaultdict(list)
    for shift in near:
        if since <= shift.starts_at < until:
            groups[known_at[shift.starts_at]].append(shift)
    found = [
        _judge(judged, near, services=services, known=known) for known, judged in groups.items()
    ]
    return RotaCheck(
        sorted(
            (c for f in found for c in f.checked), key=lambda c: (c.shift.starts_at, c.shift.pk)
        ),
        posts={at: posts for f in found for at, posts in f.posts.items()},
        on_shift=_on_shift(near),
    )


def shifts_known_then(
    *, services: Collection[int], since: datetime, until: datetime
) -> tuple[list[Shift], list[Shift]]:
    """The shifts of these services that touch [since, until), in order of start: as each was known
    when it began (as it stands now, if it came to be known only later), and as they stand now."""
    rows = list(_near(services, since, until, None, every=True, plain=True))
    near = [s for s in rows if s.starts_at < until and s.ends_at > since]
    then = _as_known_then(near, _known_at([s.starts_at for s in near]))
    return then, [s for s in near if s.replaced_by is None and not s.cancelled]


def _as_known_then(rows: Sequence[Shift], known_at: Mapping[datetime, int]) -> list[Shift]:
    was: dict[str, Shift] = {}
    for shift in rows:
        known = known_at[shift.starts_at]
        if shift.entry <= known and (shift.replaced_by is None or shift.replaced_by > known):
            was[shift.shift_id] = shift
    for shift in rows:
        if shift.replaced_by is None:
            was.setdefault(shift.shift_id, shift)
    return sorted((s for s in was.values() if not s.cancelled), key=lambda s: (s.starts_at, s.pk))


def _on_shift(shifts: Iterable[Shift]) -> dict[At, list[Stretch]]:
    found: dict[At, list[Stretch]] = defaultdict(list)
    for shift in shifts:
        if shift.person_id is not None:
            found[(shift.service_id, shift.person_id)].append(_hours(shift))
    return found


def _near(
    services: Collection[int],
    since: datetime,
    until: datetime,
    known: int | None,
    *,
    every: bool = False,
    plain: bool = False,
) -> Iterable[Shift]:
    """The shifts that touch the window, and those that may run beside one that does; with `every`,
    each version of each, cancelled ones too; `plain`, without whose and where they are."""
    shifts = Shift.objects.filter(
        service__in=services, starts_at__lt=until + LONGEST, ends_at__gt=since - LONGEST
    )
    if not every:
        shifts = shifts.filter(cancelled=False)
        if known is None:
            shifts = shifts.filter(replaced_by__isnull=True)
        else:
            shifts = shifts.filter(
                Q(replaced_by__isnull=True) | Q(replaced_by__gt=known), entry__lte=known
            )
    if not plain:
        shifts = shifts.select_related(
            "person__identity", "supervisor__identity", "service__details"
        )
    return shifts.order_by("starts_at", "pk")


def _known_at(moments: Sequence[datetime]) -> dict[datetime, int]:
    """The seq known at each of these moments; two statements, however many."""
    if not moments:
        return {}
    first, last = min(moments), max(moments)
    before = evidence.seq_at(moment=first)
    later = list(
        Entry.objects.filter(seq__gt=before, recorded_at__lte=last)
        .order_by("seq")
        .values_list("recorded_at", flat=True)
    )
    return {moment: before + bisect_right(later, moment) for moment in moments}


def _judge(
    judged: Sequence[Shift],
    near: Sequence[Shift],
    *,
    services: Collection[int],
    known: int | None,
    supposed: Supposed | None = None,
) -> RotaCheck:
    if not judged:
        return RotaCheck([])
    on_shift = _on_shift(near)
    every = _posts(services, on_shift, known)
    posts: dict[At, list[Post]] = defaultdict(list)
    for post in every.values():
        posts[(post.service_id, post.person_id)].append(post)
    plans: tuple[rules.Plan, ...] = ()
    cases: dict[int, facts.Case] = {}
    if known is None:
        readiness = _stored(services, every, judged)
    else:
        plans = facts.plans(known=known)
        cases = {case.id: case for case in facts.cases(every, known=known)}
        readiness = _derived(cases, plans)
    plain = _plain(judged, every, readiness)
    if known is None:
        plans = facts.plans()
        asked = {
            post.pk
            for shift, settled in zip(judged, plain, strict=True)
            if not settled and shift.person_id is not None
            for post in posts.get((shift.service_id, shift.person_id), ())
        }
        if supposed:
            asked |= {pk for pk, post in every.items() if post.person_id == supposed.person}
        cases = {case.id: case for case in facts.cases(asked)}
        if supposed:
            for pk, case in cases.items():
                cases[pk] = case = _suppose(case, supposed)
                if case.person == supposed.person:
                    readiness.update(_derived({pk: case}, plans))
            plain = _plain(judged, every, readiness)
    found = RotaCheck([], posts, readiness, on_shift)
    go_lives = {s: london_midnight(d) if d else None for s, d in go_live_dates(known=known).items()}
    marks = _marks(judged, services, known)
    overrides = _overrides(cases, known)
    broken = _break_glass(judged, services)
    for shift, settled in zip(judged, plain, strict=True):
        own = [
            post.pk
            for post in posts.get((shift.service_id, shift.person_id or 0), ())
            if not shift.job_role or post.job_role == shift.job_role
        ]
        found.checked.append(
            _checked(
                shift,
                found,
                mark=marks.get((shift.service_id, shift.shift_id, shift.person_id)),
                break_glass=_during(shift, broken),
                go_live=go_lives.get(shift.service_id),
                posts=own,
                cases={} if settled else cases,
                overrides=overrides,
                plans=plans,
            )
        )
    return found


def _checked(
    shift: Shift,
    check: RotaCheck,
    *,
    mark: NoLiveUse | None,
    break_glass: BreakGlass | None,
    go_live: Instant | None,
    posts: list[int],
    cases: Mapping[int, facts.Case],
    overrides: Mapping[int, list[rules.Override]],
    plans: tuple[rules.Plan, ...],
) -> Checked:
    start, until = _hours(shift)
    touching = [p for p in posts if clip(check.readiness.get(p, ()), start, until)]
    own = tuple(cases[p] for p in touching if p in cases)
    # One who is plainly independent has no need of permissions: the spans are all there is to say.
    standings = [
        rules.standing(
            case.id,
            check.readiness[case.id],
            case.permissions,
            case.restrictions,
            case.failures,
        )
        for case in own
    ] or [rules.Standing(p, check.readiness[p]) for p in touching]
    supervisors = {s for case in own for p in case.permissions for s in p.supervisors}
    clearance = rules.clearance(
        rules.Shift(
            start, until, shift.person_id, shift.supervisor_id, shift.no_live_use or bool(mark)
        ),
        go_live=go_live,
        standings=standings,
        able={person: check.able(shift.service_id, person) for person in supervisors},
        overrides=[o for p in touching for o in overrides.get(p, ())],
    )
    states = [
        State(span.state)
        for p in touching
        for span in check.readiness[p]
        if span.start <= start < span.until
    ]
    state = rules.least_permissive(states) if states else None
    return Checked(shift, clearance, state, mark, break_glass, own, plans)


def free_and_cleared(shift: Shift, *, job_role: str) -> list[Post]:
    """Who could take a shift: a post in the job role at its service, independent for the whole of
    it in every post they have there, and on no shift anywhere that touches it. Three statements."""
    start, until = _hours(shift)
    spans = ReadinessSpan.objects.filter(service=shift.service_id, since__lt=until, until__gt=start)
    whole = {
        s.post_id
        for s in spans
        if s.state == State.INDEPENDENT and s.since <= start and s.until >= until
    }
    touching = {s.post_id for s in spans}
    posts = list(
        Post.objects.filter(pk__in=touching)
        .select_related("person__identity")
        .order_by("person__identity__name", "pk")
    )
    busy = set(
        Shift.objects.filter(
            person__in={p.person_id for p in posts},
            replaced_by__isnull=True,
            cancelled=False,
            starts_at__lt=shift.ends_at,
            ends_at__gt=shift.starts_at,
        ).values_list("person_id", flat=True)
    )
    busy |= {p.person_id for p in posts if p.pk not in whole}
    return [
        p for p in posts if p.person_id not in busy and (not job_role or p.job_role == job_role)
    ]


def _hours(shift: Shift) -> Stretch:
    return instant(shift.starts_at), instant(shift.ends_at)


def _posts(
    services: Collection[int], on_shift: Collection[At], known: int | None
) -> dict[int, Post]:
    """The posts, at these services, of the people on shift there."""
    posts = Post.objects.filter(service__in=services)
    if known is not None:
        posts = posts.filter(entry__lte=known)
    return {p.pk: p for p in posts if (p.service_id, p.person_id) in on_shift}


def _stored(
    services: Collection[int], posts: Collection[int], shifts: Sequence[Shift]
) -> dict[int, list[Span]]:
    first = min(instant(s.starts_at) for s in shifts)
    last = max(instant(s.ends_at) for s in shifts)
    found: dict[int, list[Span]] = defaultdict(list)
    rows = ReadinessSpan.objects.filter(service__in=services, since__lt=last, until__gt=first)
    for post, state, since, until in rows.order_by("post_id", "since").values_list(
        "post_id", "state", "since", "until"
    ):
        if post in posts:
            found[post].append(Span(since, until, State(state)))
    return found


def _derived(
    cases: Mapping[int, facts.Case], plans: tuple[rules.Plan, ...]
) -> dict[int, list[Span]]:
    return {
        pk: projector.readiness_spans(case, case.competence(), plans) for pk, case in cases.items()
    }


def _suppose(case: facts.Case, supposed: Supposed) -> facts.Case:
    if case.person != supposed.person or supposed.service not in (None, case.service):
        return case
    restriction = rules.Restriction(instant(supposed.at), None, FOREVER)
    return replace(case, restrictions=[*case.restrictions, restriction])


def _plain(
    shifts: Sequence[Shift], posts: Mapping[int, Post], readiness: Mapping[int, list[Span]]
) -> list[bool]:
    """Which shifts have somebody who is plainly independent."""
    roles = {"": 0}
    for post in posts.values():
        roles.setdefault(post.job_role, len(roles))
    shift_rows = (
        (s.service_id, s.person_id or 0, roles.get(s.job_role, -1), *_hours(s)) for s in shifts
    )
    service, person, role, start, until = sweep.columns(shift_rows, 5)
    order = sorted(posts, key=lambda pk: (posts[pk].service_id, posts[pk].person_id, pk))
    post_service, post_person, post_role = sweep.columns(
        ((posts[pk].service_id, posts[pk].person_id, roles[posts[pk].job_role]) for pk in order), 3
    )
    spans = sweep.by_post(
        (
            (pk, span.start, span.until, int(span.state))
            for pk, held in readiness.items()
            for span in held
        ),
        {pk: row for row, pk in enumerate(order)},
    )
    states = sweep.plain_states(
        sweep.Shifts(sweep.keys(service, person), role, start, until),
        sweep.Posts(sweep.keys(post_service, post_person), post_role),
        spans,
    )
    return [state == State.INDEPENDENT for state in states]


def _marks(
    shifts: Sequence[Shift], services: Collection[int], known: int | None
) -> dict[tuple[int, str, int | None], NoLiveUse]:
    """The marks of no live use that stand for these shifts and their people."""
    marks = NoLiveUse.objects.filter(service__in=services)
    undone = Q(end__isnull=True)
    if known is not None:
        marks = marks.filter(entry__lte=known)
        undone |= Q(end__entry__gt=known)
    ids = {s.shift_id for s in shifts}
    return {
        (m.service_id, m.shift_id, m.person_id): m
        for m in marks.filter(undone).order_by("entry")
        if m.shift_id in ids
    }


def _break_glass(shifts: Sequence[Shift], services: Collection[int]) -> list[BreakGlass]:
    """What was recorded of outages during these shifts. It is always recorded afterwards, and is
    shown whatever the moment of knowledge: it explains a shift, and never judges it."""
    return list(
        BreakGlass.objects.filter(
            service__in=services,
            starts_at__lt=max(s.ends_at for s in shifts),
            ends_at__gt=min(s.starts_at for s in shifts),
        )
        .select_related("by__identity", "decided_by__identity", "sheet")
        .order_by("entry")
    )


def _during(shift: Shift, found: Sequence[BreakGlass]) -> BreakGlass | None:
    return next(
        (
            b
            for b in found
            if b.service_id == shift.service_id
            and shift.person_id in b.people
            and b.starts_at < shift.ends_at
            and b.ends_at > shift.starts_at
        ),
        None,
    )


def _overrides(posts: Collection[int], known: int | None) -> dict[int, list[rules.Override]]:
    """By post. One that was ended early reaches no further than its end."""
    overrides = Override.objects.filter(post__in=list(posts))
    if known is not None:
        overrides = overrides.filter(entry__lte=known)
    found: dict[int, list[rules.Override]] = defaultdict(list)
    for post, starts_at, ends_at, seq, ended, ended_by in overrides.values_list(
        "post_id", "starts_at", "ends_at", "entry", "end__recorded_at", "end__entry"
    ):
        if ended is not None and (known is None or ended_by <= known):
            ends_at = min(ends_at, ended)
        if starts_at < ends_at:
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
