"""What home shows: the tasks, how many work on their own, tonight's shifts, one's own state."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from surehand.home.person import PostView
from surehand.home.tasks import Look, Task
from surehand.people.access import Action, By
from surehand.people.models import Service
from surehand.people.roles import JOB_ROLES
from surehand.readiness import rules
from surehand.readiness.reasons import STATE_KEYS
from surehand.readiness.rota import Checked
from surehand.readiness.rules import Because
from surehand.ui.formats import LONDON, local, plural, short_day
from surehand.ui.formats import time as clock_time
from surehand.ui.page import Link, address
from surehand.ui.states import STATES

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def greeting(now: datetime) -> str:
    hour = local(now).hour
    return "Good morning" if hour < 12 else "Good afternoon" if hour < 18 else "Good evening"


def count_sentence(tasks: Sequence[Task]) -> str:
    """“Three things need you today and two are coming up. Nothing is overdue.”"""
    today = sum(task.now for task in tasks)
    later = len(tasks) - today
    late = sum(task.overdue for task in tasks)
    if not tasks:
        return "Nothing needs you now."
    things = f"{_number(today)} {'thing needs' if today == 1 else 'things need'} you today"
    coming = f"{_number(later)} {'is' if later == 1 else 'are'} coming up"
    whole = f"{things} and {coming}" if today and later else things if today else (
        f"Nothing needs you today. {coming.capitalize()}"
    )  # fmt: skip
    overdue = (
        f"{_number(late)} {'is' if late == 1 else 'are'} late" if late else "nothing is overdue"
    )
    return f"{whole.capitalize() if today else whole}. {overdue.capitalize()}."


def _number(count: int) -> str:
    return NUMBERS[count] if count < len(NUMBERS) else f"{count:,}"


@dataclass(frozen=True)
class ServiceLine:
    """One service in the card of a provider-wide role."""

    name: str
    href: str
    phase: str
    alone: int
    all: int
    counts: dict[str, int]


@dataclass(frozen=True)
class Ready:
    """How many staff work on their own, here and in each service."""

    heading: str
    over: str
    counts: dict[str, int]
    services: list[ServiceLine]


def ready(look: Look, services: Sequence[Service]) -> Ready:
    """Current posts by readiness, of these services."""
    counted: dict[int, Counter[str]] = {s.pk: Counter() for s in services}
    for post, state, _ in look.spans:
        if post.service_id in counted:
            counted[post.service_id][STATE_KEYS[state]] += 1
    total: Counter[str] = sum(counted.values(), Counter())
    lines = [
        ServiceLine(
            name=str(service),
            href=address("people", service=service.code),
            phase=phase(look.go_lives.get(service.pk), look.today),
            alone=counted[service.pk]["independent"],
            all=counted[service.pk].total(),
            counts={key: counted[service.pk][key] for key in STATES},
        )
        for service in services
    ]
    one = lines[0] if len(lines) == 1 else None
    return Ready(
        heading=f"{total['independent']} of {total.total()} staff work on their own",
        over=f"{one.name} · {one.phase}" if one else plural(len(lines), "service"),
        counts={key: total[key] for key in STATES},
        services=[] if one else lines,
    )


def phase(go_live: date | None, today: date) -> str:
    """Where a service is in its rollout: “week 10 live”, “live in 12 days”."""
    if go_live is None:
        return "no go-live date yet"
    days = (today - go_live).days
    if days < 0:
        return f"goes live in {plural(-days, 'day')}"
    return f"week {days // 7 + 1} live"


@dataclass(frozen=True)
class ShiftLine:
    """One shift of tonight: who, how ready, why, and what can be done."""

    name: str
    line: str
    href: str
    key: str
    why: str
    look: bool
    do: Link | None


@dataclass(frozen=True)
class Tonight:
    heading: str
    beside: str
    shifts: list[ShiftLine]
    link: Link


def tonight(look: Look, service: Service) -> Tonight:
    """The shifts of the coming (or present) night at a service, those not cleared first."""
    here = local(look.now)
    evening = here.date() if here.hour >= 5 else here.date() - timedelta(days=1)
    since = datetime.combine(evening, time(17), tzinfo=LONDON)
    until = datetime.combine(evening + timedelta(days=1), time(5), tzinfo=LONDON)
    found = [
        c
        for c in look.rota.checked
        if c.shift.service_id == service.pk and since <= c.shift.starts_at < until
    ]
    roles = {
        post.person_id: JOB_ROLES[post.job_role].title
        + (", agency" if post.employment == "agency" else "")
        for post in look.posts.values()
        if post.service_id == service.pk
    }
    found.sort(key=lambda c: (c.clearance.answer != rules.Answer.NOT_CLEARED, c.shift.starts_at))
    cleared = sum(c.clearance.cleared for c in found)
    why = look.why(found)
    hours = (
        f", {clock_time(min(c.shift.starts_at for c in found))} to "
        f"{clock_time(max(c.shift.ends_at for c in found))}"
        if found
        else ""
    )
    return Tonight(
        heading=f"Tonight{hours}",
        beside=f"{plural(len(found), 'shift')}, {cleared} cleared" if found else "",
        shifts=[_shift_line(c, roles, why[c.shift.pk].sentence, look.by) for c in found],
        link=Link("Next 14 days", address("live-use", service=service.code)),
    )


def _shift_line(checked: Checked, roles: dict[int, str], why: str, by: By) -> ShiftLine:
    shift, clearance = checked.shift, checked.clearance
    person = shift.person
    if clearance.overridden_by is not None:
        why = f"{why} Overridden for this shift by entry {clearance.overridden_by:,}."
    return ShiftLine(
        name=str(person) if person else "Nobody named",
        line=roles.get(person.pk, "No post here") if person else "Agency shift",
        href=address("person", person.pseudonym) if person else "",
        key=STATE_KEYS[checked.state] if checked.state is not None else "",
        why=why,
        look=checked.not_cleared and clearance.overridden_by is None,
        do=_way(checked, by) if checked.not_cleared else None,
    )


_WAYS = {
    Because.NO_SUPERVISOR: "Change supervisor",
    Because.SUPERVISOR_NOT_NAMED: "Change supervisor",
    Because.UNNAMED: "Name somebody",
}


def _way(checked: Checked, by: By) -> Link:
    """The shift on the live-use board, where every way out is; named by the likeliest."""
    shift, because = checked.shift, checked.clearance.because
    words = _WAYS.get(because, "See what can be done")
    if because is Because.NOT_READY and by.may(Action.PERMIT, shift.service_id):
        words = "Choose a supervisor"
    if because is Because.AWAITING_SIGN_OFF and by.may(Action.SIGN_OFF, shift.service_id):
        words = "Sign off"
    href = address("live-use", service=shift.service.code, shift=shift.shift_id)
    return Link(words, f"{href}#shift")


# --- A care worker's own home -------------------------------------------------------------------

OWN: dict[Because, str] = {
    Because.INDEPENDENT: "Record on your own.",
    Because.BEFORE_GO_LIVE: "The system is not live yet. Record the old way.",
    Because.NO_GO_LIVE: "The system is not live yet. Record the old way.",
    Because.NO_LIVE_USE: "Do not record in this shift. Others record.",
    Because.NO_POST: "You have no post here for this shift. Ask your manager.",
    Because.NOT_READY: "Do not record yet. Ask who records for you.",
    Because.AWAITING_SIGN_OFF: "Do not record yet. Your sign-off is missing.",
    Because.RESTRICTED: "Do not record. Talk to your manager.",
    Because.SUPERVISOR_NOT_NAMED: "Do not record: your supervisor is not on this shift.",
    Because.NO_SUPERVISOR: "Do not record: your supervisor is not on this shift.",
}
"""May I record in this shift, in own words."""


@dataclass(frozen=True)
class OwnShift:
    when: str
    words: str
    may: bool
    icon: str


def own_shifts(checked: Sequence[Checked], by: By, views: Sequence[PostView]) -> list[OwnShift]:
    """One's own coming shifts, and whether one may record in each."""
    beside = next((v.supervisors for v in views if v.supervisors), "")
    found = []
    for each in checked:
        shift, clearance = each.shift, each.clearance
        if shift.person_id is None or not by.is_self(shift.person_id):
            continue
        words = OWN.get(clearance.because, "")
        if clearance.because is Because.SUPERVISED:
            words = f"Record beside {beside}." if beside else "Record beside your supervisor."
        found.append(
            OwnShift(
                when=f"{_day_in_words(shift.starts_at)}, {clock_time(shift.starts_at)} "
                f"to {clock_time(shift.ends_at)}",
                words=words,
                may=clearance.cleared,
                icon="moon" if local(shift.starts_at).hour >= 17 else "sun",
            )
        )
    return found


def _day_in_words(at: datetime) -> str:
    return f"{local(at):%A} {short_day(at)}"
