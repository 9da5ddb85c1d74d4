"""The demonstration's rotas, as rows of a rota file. Pure but for `not_ready`."""

from collections.abc import Callable, Collection
from datetime import date, datetime, time, timedelta

from surehand import evidence
from surehand.demo.cast import Member
from surehand.demo.stage import Stage
from surehand.people.models import Post
from surehand.readiness import queries
from surehand.readiness.rules import State

COLUMNS = (
    "shift_id", "service_id", "person_id", "starts_at", "ends_at", "role", "supervisor_id",
    "no_live_use",
)  # fmt: skip

Row = tuple[str, ...]
Hours = tuple[time, time]
DAY: Hours = (time(7, 45), time(20, 0))
NIGHT: Hours = (time(19, 45), time(8, 0))
OFFICE: Hours = (time(8, 30), time(16, 30))
EARLY: Hours = (time(7, 0), time(14, 30))
LATE: Hours = (time(14, 0), time(22, 0))


def fortnight(
    members: Collection[Member],
    monday: date,
    *,
    not_live: Collection[str],
    left_out: Callable[[Member, date], bool],
) -> list[Row]:
    """Two weeks of shifts. Those in `not_live`, by reference, work without the live system."""
    rows = []
    for member in members:
        for day in _days(member, monday):
            if not left_out(member, day):
                rows.append(row(member, day, _hours(member), no_live_use=member.key in not_live))
    return rows


def beside(member: Member, supervisor: Member, monday: date) -> list[Row]:
    """The supervisor's shifts of two weeks, worked beside them."""
    return [
        row(member, day, _hours(supervisor), supervisor=supervisor.key)
        for day in _days(supervisor, monday)
    ]


def _days(member: Member, monday: date) -> list[date]:
    """Three long shifts a week, or five short ones, at the same days each week."""
    place = int(member.key[1:])
    if _hours(member) == OFFICE:
        worked = {0, 1, 2, 3, 4}
    elif _hours(member) in (EARLY, LATE):
        worked = {(place + n) % 7 for n in (0, 1, 3, 4)}
    else:
        worked = {(place + n) % 7 for n in (0, 1, 4)}
    days = [monday + timedelta(days=n) for n in range(14) if n % 7 in worked]
    return [d for d in days if d >= member.start]


def _hours(member: Member) -> Hours:
    if member.job_role in {"RM", "DM", "TL", "AC"}:
        return OFFICE
    if member.nights:
        return NIGHT
    if member.home.setting in {"H", "S"}:
        return LATE if member.team == member.home.teams[-1] else EARLY
    return DAY


def row(
    member: Member, day: date, hours: Hours, *, supervisor: str = "", no_live_use: bool = False
) -> Row:
    starts, ends = _times(day, hours)
    return (
        f"{member.key}-{day:%Y%m%d}", member.home.code, member.key, starts, ends, "", supervisor,
        "yes" if no_live_use else "no",
    )  # fmt: skip


def unnamed(home: str, job_role: str, day: date, hours: Hours) -> Row:
    """A shift for an agency worker who has no name yet."""
    starts, ends = _times(day, hours)
    return (f"AGENCY-{home}-{day:%Y%m%d}", home, "", starts, ends, job_role, "", "no")


def _times(day: date, hours: Hours) -> tuple[str, str]:
    start, end = hours
    last = day if end > start else day + timedelta(days=1)
    return (
        datetime.combine(day, start).isoformat(timespec="minutes"),
        datetime.combine(last, end).isoformat(timespec="minutes"),
    )


def not_ready(stage: Stage, members: Collection[Member], home: str) -> set[str]:
    """Who is not ready when the rota is made: they are put on it without live use."""
    stage.project()
    posts = dict(Post.objects.filter(service=stage.service(home)).values_list("pk", "person_id"))
    spans = queries.states_at(posts, at=evidence.clock.now())
    ready = {posts[pk] for pk, span in spans.items() if span.state != State.NOT_READY}
    return {m.key for m in members if stage.person(m.key).pk not in ready}
