"""What needs whom: the tasks of each access role, each with the one page where it is done.

A task function looks at some services and yields what is waiting there. It knows only what the
parts below know; a task goes away when the thing is done, and by nothing else.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import TypeVar

from surehand.assessment.attempt_pages import waiting as to_judge
from surehand.assessment.models import CheckRequest
from surehand.assessment.queries import (
    ToReview,
    groups_under_way,
    open_requests,
    waiting_for_review,
)
from surehand.assurance.pages import name_of as writer_name
from surehand.assurance.queries import Reconciliation, Writer, period, reconcile
from surehand.assurance.reconciliation import Finding
from surehand.audits.cause_queries import undecided
from surehand.audits.cause_queries import waiting as waiting_gaps
from surehand.audits.check_queries import open_risks, places
from surehand.audits.models import Escalation, Gap
from surehand.audits.risk_mail import not_sent
from surehand.competency.models import PlanVersion
from surehand.competency.queries import checks_in_force, draft
from surehand.competency.themes import THEMES
from surehand.people.access import AccessRole, By
from surehand.people.models import AccessGrant, Employment, Identity, Post, Service, SignIn
from surehand.people.queries import Terms, current_posts, go_live_dates, terms_of
from surehand.people.roles import in_words
from surehand.readiness import rules
from surehand.readiness.models import ReadinessSpan
from surehand.readiness.queries import awaiting_sign_off
from surehand.readiness.reasons import last_day
from surehand.readiness.rota import Checked, RotaCheck, check
from surehand.readiness.rota_reasons import Why, whys
from surehand.readiness.rules import State
from surehand.records.models import LiveRecord
from surehand.records.signal_queries import waiting as waiting_signals
from surehand.support.categories import CATEGORIES
from surehand.support.models import SupportAction
from surehand.support.queries import open_questions
from surehand.support.question_pages import waited
from surehand.timeline import Instant, instant, london_date
from surehand.ui.formats import day, local, plural, short_day, time
from surehand.ui.page import address

ROTA = timedelta(days=14)
SOON = timedelta(hours=24)
SUPERVISION_ENDS = timedelta(days=7)
RUNS_OUT = timedelta(days=30)
AGENCY_ENDS = timedelta(days=14)
GO_LIVE_COMING = timedelta(days=28)
# Who wrote live records is looked at for so many days back (G11, G15).
WROTE_DAYS = 7
WROTE_FEW = 2
WROTE_MOST = 50_000
# A failed check is reviewed within so many working days (G01).
REVIEWED_WITHIN = 2
# Somebody stuck in live use cannot wait for the next shift.
ANSWERED_WITHIN = timedelta(hours=8)
# A provider with many services sees the worst few by name.
SERVICES_NAMED = 4

# What screening noticed that may leave somebody unsafe: in words, and its picture.
SIGNALS_THAT_CANNOT_WAIT = {
    "alert_without_response": (
        ("alert seems to have no response", "alerts seem to have no response"),
        "bell-ring",
    ),
    "incident_without_escalation": (
        (
            "incident seems to have been told to nobody",
            "incidents seem to have been told to nobody",
        ),
        "megaphone",
    ),
    "incident_without_action": (
        ("incident shows no action", "incidents show no action"),
        "triangle-alert",
    ),
}

T = TypeVar("T")


@dataclass(frozen=True)
class Task:
    """One line of the list: what, why, and where it is done. `now`: today, not later."""

    what: str
    why: str
    icon: str
    href: str
    due: str
    now: bool = False
    overdue: bool = False


@dataclass
class Look:
    """What the tasks of one visit look at; each thing is read once, whoever asks for it."""

    by: By
    now: datetime
    services: list[Service]

    @cached_property
    def ids(self) -> list[int]:
        return [s.pk for s in self.services]

    @cached_property
    def today(self) -> date:
        return london_date(instant(self.now))

    @cached_property
    def rota(self) -> RotaCheck:
        return check(services=self.ids, since=self.now, until=self.now + ROTA)

    def why(self, shifts: Iterable[Checked]) -> dict[int, Why]:
        """Why each of these shifts has its answer, by the shift's key."""
        return whys(shifts, self.rota)

    @cached_property
    def posts(self) -> dict[int, Post]:
        return {p.pk: p for p in current_posts(self.ids, on=self.today)}

    @cached_property
    def terms(self) -> dict[int, Terms]:
        return terms_of(self.posts)

    @cached_property
    def spans(self) -> list[tuple[Post, State, Instant]]:
        """How ready each current post is, and until when."""
        here = instant(self.now)
        rows = ReadinessSpan.objects.filter(
            service__in=self.ids, since__lte=here, until__gt=here
        ).values_list("post_id", "state", "until")
        return [(self.posts[p], State(s), until) for p, s, until in rows if p in self.posts]

    @cached_property
    def wrote_days(self) -> int:
        """So many days are looked at: WROTE_DAYS, or fewer where there are so many records that
        whoever opens the page would wait; the page of live records has them all."""
        since, _ = period(days=WROTE_DAYS, until=self.now)
        records = LiveRecord.objects.filter(service__in=self.ids, recorded_at__gte=since)
        return WROTE_DAYS if records[: WROTE_MOST + 1].count() <= WROTE_MOST else WROTE_FEW

    @cached_property
    def wrote(self) -> Reconciliation:
        """Who wrote live records in the last days, and what was found."""
        since, until = period(days=self.wrote_days, until=self.now)
        return reconcile(services=self.ids, since=since, until=until)

    @cached_property
    def risks(self) -> list[Escalation]:
        """The immediate risks about which nobody has said what was done."""
        return open_risks(self.ids)

    @cached_property
    def go_lives(self) -> dict[int, date | None]:
        return go_live_dates()

    @cached_property
    def requests(self) -> list[CheckRequest]:
        return open_requests(self.ids)

    def ends(self, post: Post) -> date | None:
        """The last day of a post; an agency post has one even if none was given (R13)."""
        terms = self.terms.get(post.pk)
        end = terms.end_date if terms else None
        if post.employment == Employment.AGENCY:
            return rules.agency_end(post.start_date, end)
        return end

    def place(self, service: Service | None) -> str:
        """“ at Alder House”, where more than one service is looked at."""
        return f" at {service}" if service and len(self.services) > 1 else ""

    def each(
        self, items: Iterable[tuple[int, T]], where: Collection[int]
    ) -> Iterator[tuple[Service | None, list[T]]]:
        """The items of each service, those with most first; the rest of the services together."""
        found: dict[int, list[T]] = defaultdict(list)
        for service, item in items:
            if service in where:
                found[service].append(item)
        by_id = {s.pk: s for s in self.services}
        most = sorted(found, key=lambda s: -len(found[s]))
        for service in most[:SERVICES_NAMED]:
            yield by_id[service], found[service]
        if rest := [item for service in most[SERVICES_NAMED:] for item in found[service]]:
            yield None, rest


def page(name: str, service: Service | None, **query: object) -> str:
    """The address of a page, at a service."""
    return address(name, **({"service": service.code} if service else {}), **query)


def named(names: Iterable[object], most: int = 3) -> str:
    """“Ben Carrow, Ellie Fenn and 2 more”, each once."""
    once = list(dict.fromkeys(str(name) for name in names))
    if len(once) <= most:
        return in_words(once)
    return f"{', '.join(once[:most])} and {len(once) - most} more"


def working_days_after(day: date, days: int) -> date:
    """The day so many working days (Monday to Friday) later."""
    while days:
        day += timedelta(days=1)
        days -= day.weekday() < 5
    return day


# --- The tasks ----------------------------------------------------------------------------------


def immediate_risks(look: Look, where: Collection[int]) -> Iterator[Task]:
    """Immediate risks found in records about which nobody has said what was done (2.3)."""
    yield from _risks(look, [risk for risk in look.risks if risk.service_id in where])


def risks_told_to_nobody(look: Look, where: Collection[int]) -> Iterator[Task]:
    """The same, at services where nobody is registered manager: the provider’s to see."""
    told = [risk for risk in look.risks if risk.service_id in where and risk.to_id is None]
    yield from _risks(look, told)


def _risks(look: Look, found: list[Escalation]) -> Iterator[Task]:
    services = {service.pk: service for service in look.services}
    for risk in found:
        yield Task(
            f"Somebody may be at risk now{look.place(services[risk.service_id])}",
            f"{THEMES[risk.gap.theme].title}, found when a record was checked. Look, make them "
            "safe, and say what was done.",
            "shield-alert",
            f"{address('records-of-check-item', risk.gap.check_of.item_id)}#risk-{risk.pk}",
            f"Told {waited(risk.recorded_at, look.now)} ago",
            now=True,
            overdue=True,
        )


def records_to_check(look: Look, where: Collection[int]) -> Iterator[Task]:
    """Records selected for an audit that wait for whoever asks (2.2)."""
    waiting = [
        (place.item.audit.service_id, place.item.audit)
        for place in places(by=look.by, services=where)
        if place.open
    ]
    for service, found in look.each(waiting, where):
        due = min(audit.due for audit in found)
        yield Task(
            f"{plural(len(found), 'record')} to check{look.place(service)}",
            "One after another, by keyboard if you like. Your own are left out.",
            "clipboard-list",
            page("records-of-check", service),
            _due(due, look.today),
            now=due <= look.today,
            overdue=due < look.today,
        )


def uncleared(look: Look, where: Collection[int]) -> Iterator[Task]:
    """Shifts with somebody who is not cleared (1.6): the next 24 hours, then 14 days."""
    waiting = [
        (c.shift.service_id, c)
        for c in look.rota.checked
        if c.not_cleared and c.clearance.overridden_by is None
    ]
    soon = look.now + SOON
    groups = list(look.each(waiting, where))
    why = look.why(c for _, found in groups for c in found[:2] if c.shift.starts_at < soon)
    for service, found in groups:
        near = [c for c in found if c.shift.starts_at < soon]
        later = [c for c in found if c.shift.starts_at >= soon]
        if near:
            first = near[0].shift.starts_at
            yield Task(
                f"{plural(len(near), 'shift')} in the next 24 hours "
                f"{'is' if len(near) == 1 else 'are'} not cleared{look.place(service)}",
                " ".join(
                    dict.fromkeys(
                        f"{_whose(c)}: {_lower(why[c.shift.pk].sentence)}" for c in near[:2]
                    )
                ),
                "moon" if local(first).hour >= 17 else "sun",
                page("live-use", service),
                f"Before {time(first)}" if first > look.now else "Now",
                now=True,
            )
        if later:
            first = later[0].shift.starts_at
            yield Task(
                f"{plural(len(later), 'shift')} after that, within 14 days, "
                f"{'is' if len(later) == 1 else 'are'} not cleared{look.place(service)}",
                f"{named(_whose(c) for c in later)}.",
                "calendar-days",
                page("live-use", service),
                f"From {local(first):%A}" if first < look.now + timedelta(days=6)
                else f"From {short_day(first)}",
            )  # fmt: skip


def overridden(look: Look, where: Collection[int]) -> Iterator[Task]:
    """Shifts to come for which somebody answered (R21): they stay not cleared."""
    over = [
        (c.shift.service_id, c) for c in look.rota.checked if c.clearance.overridden_by is not None
    ]
    for service, found in look.each(over, where):
        one = len(found) == 1
        yield Task(
            f"{plural(len(found), 'shift')} {'is' if one else 'are'} overridden within 14 days"
            f"{look.place(service)}",
            f"{named(_whose(c) for c in found)}. {'It stays' if one else 'They stay'} not cleared.",
            "shield-alert",
            page("live-use", service),
            f"From {short_day(found[0].shift.starts_at)}",
        )


def wrote_uncleared(look: Look, where: Collection[int]) -> Iterator[Task]:
    """Live records by people who were not cleared (G11), and are neither cleared nor supervised
    since."""
    cleared = {
        (post.service_id, post.person_id)
        for post, state, _ in look.spans
        if state in (State.INDEPENDENT, State.SUPERVISED)
    }
    waiting = [
        (writer.service, writer)
        for writer in look.wrote.found
        if writer.tally.findings[Finding.NOT_CLEARED]
        and not {(p.service_id, p.person_id) for p in writer.posts} & cleared
    ]
    for service, found in look.each(waiting, where):
        count = sum(writer.tally.findings[Finding.NOT_CLEARED] for writer in found)
        yield _wrote(
            look,
            found,
            f"{plural(count, 'live record')} by {'somebody' if len(found) == 1 else 'people'} "
            f"not cleared{look.place(service)}",
            page("live-records", service, days=WROTE_DAYS, finding="not_cleared"),
        )


def wrote_unknown(look: Look, where: Collection[int]) -> Iterator[Task]:
    """Live records through accounts that are shared, or that nobody is known to hold (G15)."""
    waiting = [(writer.service, writer) for writer in look.wrote.found if writer.person is None]
    for service, found in look.each(waiting, where):
        count = sum(writer.tally.found for writer in found)
        yield _wrote(
            look,
            found,
            f"{plural(count, 'live record')} and nobody knows who wrote "
            f"{'it' if count == 1 else 'them'}{look.place(service)}",
            page("live-records", service, days=WROTE_DAYS),
        )


def _wrote(look: Look, found: Collection[Writer], what: str, href: str) -> Task:
    first = min(writer.tally.first or instant(look.now) for writer in found)
    due = working_days_after(london_date(first), 1)
    names = named(
        f"{writer_name(w)} ({'shared' if w.shared else 'linked to nobody'})"
        if w.person is None
        else writer_name(w)
        for w in found
    )
    return Task(
        what,
        f"{names}, in the last {look.wrote_days} days.",
        "user-x",
        href,
        _due(due, look.today),
        now=True,
        overdue=due < look.today,
    )


def _whose(checked: Checked) -> str:
    return str(checked.shift.person) if checked.shift.person else "Unnamed agency shift"


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


def to_review(look: Look, where: Collection[int]) -> Iterator[Task]:
    """Failed and incomplete checks nobody reviewed yet (1.4)."""
    waiting = [(item.of.service_id, item) for item in waiting_for_review(where, today=look.today)]
    for service, found in look.each(waiting, where):
        oldest = local(min(item.since for item in found)).date()
        due = working_days_after(oldest, REVIEWED_WITHIN)
        waited = (look.today - oldest).days
        yield Task(
            f"{plural(len(found), 'failed or incomplete check')} to review{look.place(service)}",
            f"{named(_subject(item) for item in found)}."
            + (f" The oldest has waited {plural(waited, 'day')}." if waited else ""),
            "clipboard-x",
            page("reviews", service),
            _due(due, look.today),
            now=due <= look.today,
            overdue=due < look.today,
        )


def _subject(item: ToReview) -> str:
    return str(item.of.person)


def _due(due: date, today: date) -> str:
    days = (due - today).days
    if days < 0:
        return f"Late since {short_day(due)}"
    if days < 2:
        return "Tomorrow" if days else "Due today"
    return f"By {due:%A}" if days < 7 else f"By {short_day(due)}"


def support_late(look: Look, where: Collection[int]) -> Iterator[Task]:
    """Support that should have been given by now."""
    at: dict[int, set[int]] = defaultdict(set)
    for post in look.posts.values():
        at[post.person_id].add(post.service_id)
    late = (
        SupportAction.objects.filter(person__in=at, done__isnull=True, due__lt=look.today)
        .select_related("person__identity")
        .order_by("due", "pk")
    )
    waiting = [(service, action) for action in late for service in at[action.person_id]]
    for service, found in look.each(waiting, where):
        yield Task(
            f"{plural(len(found), 'support action')} should be done by now{look.place(service)}",
            f"For {named(action.person for action in found)}.",
            "hand-helping",
            page("support", service),
            _due(found[0].due, look.today),
            now=True,
            overdue=True,
        )


def supervision_ends(look: Look, where: Collection[int]) -> Iterator[Task]:
    """Supervised use that ends within a week."""
    last = instant(look.now + SUPERVISION_ENDS)
    asked = {(r.person_id, r.service_id): r for r in look.requests}
    for post, state, until in sorted(look.spans, key=lambda row: row[2]):
        if state is not State.SUPERVISED or until > last or post.service_id not in where:
            continue
        check = asked.get((post.person_id, post.service_id))
        yield Task(
            f"{post.person}’s supervised use ends on {last_day(until)}",
            f"A check is asked for by {short_day(check.due)}."
            if check
            else "No check is asked for. Without one live use stops then.",
            "hourglass",
            address("person", post.person.pseudonym),
            plural(max((london_date(until - 1) - look.today).days, 0), "day"),
        )


def runs_out(look: Look, where: Collection[int]) -> Iterator[Task]:
    """Independent use that ends within 30 days because a check runs out or a plan applies."""
    last = instant(look.now + RUNS_OUT)
    waiting = [
        (post.service_id, (until, post))
        for post, state, until in look.spans
        if state is State.INDEPENDENT
        and until <= last
        and not ((end := look.ends(post)) and london_date(until - 1) >= end)
    ]
    for service, found in look.each(waiting, where):
        first = min(until for until, _ in found)
        yield Task(
            f"{plural(len(found), 'person', 'people')} will need a check within 30 days "
            f"to stay independent{look.place(service)}",
            f"{named(post.person for _, post in sorted(found, key=lambda f: f[0]))}.",
            "clock-alert",
            page("people", service, state="independent", ends=30),
            f"From {short_day(london_date(first))}",
        )


def agency_ends(look: Look, where: Collection[int]) -> Iterator[Task]:
    """Agency posts that end within 14 days."""
    ending = [
        (post.service_id, (end, post))
        for post in look.posts.values()
        if post.employment == Employment.AGENCY
        and (end := look.ends(post)) is not None
        and end <= look.today + AGENCY_ENDS
    ]
    for service, found in look.each(ending, where):
        first = min(end for end, _ in found)
        yield Task(
            f"{plural(len(found), 'agency post')} "
            f"{'ends' if len(found) == 1 else 'end'} within 14 days{look.place(service)}",
            f"{named(post.person for _, post in found)}.",
            "calendar-x",
            page("people", service, employment="agency"),
            _due(first, look.today),
        )


def waiting_sign_off(look: Look, where: Collection[int]) -> Iterator[Task]:
    """People who passed everything and wait for the workforce lead (1.5)."""
    supervised = [post.pk for post, state, _ in look.spans if state is State.SUPERVISED]
    passed = awaiting_sign_off(supervised, at=look.now)
    waiting = [
        (post.service_id, post)
        for post, state, _ in look.spans
        if (state is State.AWAITING_SIGN_OFF or post.pk in passed)
        and not look.by.is_self(post.person_id)
    ]
    for service, found in look.each(waiting, where):
        one = len(found) == 1
        yield Task(
            f"{plural(len(found), 'person', 'people')} {'waits' if one else 'wait'} "
            f"for your sign-off{look.place(service)}",
            f"{named(post.person for post in found)}.",
            "pen-line",
            page("sign-off", service),
            "Ready",
            now=True,
        )


def plan_coming(look: Look, where: Collection[int]) -> Iterator[Task]:
    """A plan version that is published and does not apply yet."""
    for plan in PlanVersion.objects.filter(applies_from__gt=look.now).order_by("number"):
        yield Task(
            f"Plan version {plan.number} comes into force on {day(plan.applies_from)}",
            "From then on its requirements decide who is ready.",
            "scroll-text",
            address("plan"),
            _due(local(plan.applies_from).date(), look.today).replace("By ", ""),
        )


def draft_lies(look: Look, where: Collection[int]) -> Iterator[Task]:
    """A draft of the plan that nobody published or discarded."""
    if written := draft():
        yield Task(
            "A draft of the plan is not published yet",
            f"{written.changed_by} changed it last on {day(written.changed_at)}. It holds for "
            "nobody before it is published.",
            "scroll-text",
            address("plan-of-draft"),
            "When you can",
        )


def no_plan(look: Look, where: Collection[int]) -> Iterator[Task]:
    """Before a plan is published nobody can be ready."""
    if look.services and not PlanVersion.objects.exists():
        yield Task(
            "Publish the first plan",
            "Nobody can be ready before one is in force. Begin with the starter plan.",
            "scroll-text",
            address("plan"),
            "To begin",
            now=True,
        )


def checks_asked(look: Look, where: Collection[int]) -> Iterator[Task]:
    """Checks asked for, to be done by an assessor."""
    asked = [(r.service_id, r) for r in look.requests if not look.by.is_self(r.person_id)]
    for service, found in look.each(asked, where):
        due = found[0].due
        yield Task(
            f"{plural(len(found), 'check')} asked for{look.place(service)}",
            f"For {named(r.person for r in found)}.",
            "clipboard-check",
            page("assess", service),
            _due(due, look.today),
            now=due <= look.today,
            overdue=due < look.today,
        )


def groups_unfinished(look: Look, where: Collection[int]) -> Iterator[Task]:
    """Group assessments in which somebody is not recorded yet."""
    for group, to_record in groups_under_way(where):
        yield Task(
            f"{plural(to_record, 'person', 'people')} to record from the group check of "
            f"{group.check_version.short}{look.place(group.service)}",
            f"Begun by {group.begun_by} on {day(group.begun_at)}.",
            "table",
            address("group", group.pk),
            "When you can",
        )


def practice_to_judge(look: Look, where: Collection[int]) -> Iterator[Task]:
    """Checks taken in practice that nobody has judged yet."""
    found = to_judge(services=look.ids, now=look.now, checks=checks_in_force(at=look.now).values())
    waiting = [(each.service, each) for each in found if not look.by.is_self(each.person)]
    for service, own in look.each(waiting, where):
        yield Task(
            f"{plural(len(own), 'check')} in practice to judge{look.place(service)}",
            f"Taken by {named(dict.fromkeys(each.name for each in own))}.",
            "graduation-cap",
            page("assess", service),
            "When you can",
        )


def my_support(look: Look, where: Collection[int]) -> Iterator[Task]:
    """Support the person asking has to give."""
    mine = (
        SupportAction.objects.filter(owner=look.by.person, done__isnull=True)
        .select_related("person__identity")
        .order_by("due", "pk")
    )
    for action in mine:
        yield Task(
            f"{SupportAction.What(action.what).label} for {action.person}",
            "Say how it went when it is done.",
            "hand-helping",
            address("support-action", action.entry),
            _due(action.due, look.today),
            now=action.due <= look.today,
            overdue=action.due < look.today,
        )


def stuck(look: Look, where: Collection[int]) -> Iterator[Task]:
    """Questions nobody has answered yet (1.7); never one's own."""
    waiting = [
        (each.question.service_id, each.question)
        for each in open_questions(where)
        if not look.by.is_self(each.question.person_id)
    ]
    for service, found in look.each(waiting, where):
        oldest = found[0].happened_at
        yield Task(
            f"{plural(len(found), 'person is', 'people are')} stuck{look.place(service)}"
            if len({q.person_id for q in found}) == len(found)
            else f"{plural(len(found), 'question')} to answer{look.place(service)}",
            f"{named(f'{q.person}: {CATEGORIES[q.category].short}' for q in found)}.",
            "life-buoy",
            page("questions", service),
            f"Waits {waited(oldest, look.now)}",
            now=True,
            overdue=look.now - oldest > ANSWERED_WITHIN,
        )


def noticed_in_records(look: Look, where: Collection[int]) -> Iterator[Task]:
    """Alerts and incidents in which something seems to be missing, that nobody looked at (2.6)."""
    found = waiting_signals(where, list(SIGNALS_THAT_CANNOT_WAIT))
    for code, (what, icon) in SIGNALS_THAT_CANNOT_WAIT.items():
        waiting = [
            (service, None) for service, counts in found.items() for _ in range(counts.get(code, 0))
        ]
        for service, each in look.each(waiting, where):
            yield Task(
                f"{plural(len(each), what[0], what[1])}{look.place(service)}",
                "Seen in live records. Look, and say why it is fine or what it needs.",
                icon,
                page("records-of-list", service, signal=code),
                "To look at",
                now=True,
            )


def gaps_wait(look: Look, where: Collection[int]) -> Iterator[Task]:
    """Gaps found in records of which nobody has said why they arose (2.4)."""
    found = waiting_gaps(where, at=look.now)
    waiting = [(service, each) for service, gaps in found.items() for each in gaps]
    for service, gaps in look.each(waiting, where):
        themes = Counter(THEMES[each.found.theme].title for each in gaps)
        at_risk = any(each.found.severity == Gap.Severity.IMMEDIATE for each in gaps)
        yield Task(
            f"{plural(len(gaps), 'gap')} in records {'waits' if len(gaps) == 1 else 'wait'} "
            f"for a cause{look.place(service)}",
            f"{named(title for title, _ in themes.most_common())}.",
            "search-check",
            page("gaps", service),
            "To decide",
            now=at_risk,
        )


def causes_undecided(look: Look, where: Collection[int]) -> Iterator[Task]:
    """Causes somebody was not sure of, to be decided within 14 days (2.4)."""
    for cause in undecided(where, at=look.now):
        due = cause.decide_by or look.today
        yield Task(
            f"Why is it? {THEMES[cause.theme].title}{look.place(cause.service)}",
            "Nobody was sure. Read two more records, watch once, and decide.",
            "circle-help",
            address("cause", cause.pk),
            _due(due, look.today),
            now=due <= look.today,
            overdue=due < look.today,
        )


def not_ready(look: Look, where: Collection[int]) -> Iterator[Task]:
    """People who still have to show something before they may work on their own."""
    waiting = [
        (post.service_id, post)
        for post, state, _ in look.spans
        if state is State.NOT_READY and not look.by.is_self(post.person_id)
    ]
    for service, found in look.each(waiting, where):
        yield Task(
            f"{plural(len(found), 'person', 'people')} not ready yet{look.place(service)}",
            f"{named(post.person for post in found)}.",
            "circle-dashed",
            page("people", service, state="not_ready"),
            "When you can",
        )


def go_live_coming(look: Look, where: Collection[int]) -> Iterator[Task]:
    """Services that go live soon, with how many are ready."""
    ready: dict[int, list[State]] = defaultdict(list)
    for post, state, _ in look.spans:
        ready[post.service_id].append(state)
    for service in look.services:
        on = look.go_lives.get(service.pk)
        if on is None or not look.today <= on <= look.today + GO_LIVE_COMING:
            continue
        states = ready[service.pk]
        alone = sum(s is State.INDEPENDENT for s in states)
        yield Task(
            f"{service} goes live on {day(on)}",
            f"{alone} of {len(states)} staff work on their own today.",
            "flag",
            page("people", service),
            "Today" if on == look.today else f"In {plural((on - look.today).days, 'day')}",
            now=on == look.today,
        )


def no_go_live(look: Look, where: Collection[int]) -> Iterator[Task]:
    """Services without a go-live date: their shifts are not checked."""
    without = [s for s in look.services if look.go_lives.get(s.pk) is None]
    if without:
        yield Task(
            f"{plural(len(without), 'service')} without a go-live date",
            f"{named(without)}. Shifts there are not checked until a date is set.",
            "building-2",
            address("settings"),
            "When known",
        )


def people_unfinished(look: Look, where: Collection[int]) -> Iterator[Task]:
    """People with neither a post nor access, and people with either who cannot sign in."""
    granted = AccessGrant.objects.filter(end__isnull=True)
    placed = set(granted.values_list("person_id", flat=True))
    posted = set(Post.objects.values_list("person_id", flat=True))
    able = set(SignIn.objects.filter(is_active=True).values_list("person_id", flat=True))
    names = dict(Identity.objects.order_by("name").values_list("person_id", "name"))
    if nowhere := [name for pk, name in names.items() if pk not in placed | posted]:
        yield Task(
            f"{plural(len(nowhere), 'person', 'people')} without a post and without access",
            f"{named(nowhere)}.",
            "user-x",
            address("imports"),
            "When you can",
        )
    if shut_out := [n for pk, n in names.items() if pk in placed | posted and pk not in able]:
        yield Task(
            f"{plural(len(shut_out), 'person', 'people')} cannot sign in yet",
            f"{named(shut_out)}.",
            "key-round",
            address("settings"),
            "When you can",
        )


def first_import(look: Look, where: Collection[int]) -> Iterator[Task]:
    """Before anything else: bring in services."""
    if not look.services:
        yield Task(
            "Bring in your services and people",
            "Two files, in this order: services, then people.",
            "upload",
            address("imports"),
            "To begin",
            now=True,
        )


def risk_mails_not_sent(look: Look, where: Collection[int]) -> Iterator[Task]:
    """Mails to those who must act on an immediate risk that did not go out: to whom, and nothing of
    the risk."""
    for mail in not_sent():
        refused = f"The mail server said: {mail.failure}." if mail.failure else "It may have come."
        yield Task(
            f"A mail to {mail.person} about something urgent "
            + ("was refused" if mail.failure else "may be lost"),
            f"{refused} Ask them to look at their home page now, and mend the mail server.",
            "triangle-alert",
            address("settings"),
            f"Tried {waited(mail.claimed_at, look.now)} ago",
            now=True,
            overdue=True,
        )


def no_workforce_lead(look: Look, where: Collection[int]) -> Iterator[Task]:
    """People are here, and nobody who could publish the plan and sign them off can come in."""
    leads = AccessGrant.objects.filter(
        role=AccessRole.WORKFORCE_LEAD, end__isnull=True, person__sign_in__is_active=True
    )
    if Post.objects.exists() and not leads.exists():
        yield Task(
            "Let your workforce lead in",
            "They publish the plan and sign people off. Find them, or add them; give them that "
            "access role, and make them a link.",
            "key-round",
            address("settings"),
            "To begin",
            now=True,
        )


Function = Callable[[Look, Collection[int]], Iterator[Task]]
R = AccessRole
_ASSESSES: tuple[Function, ...] = (
    checks_asked,
    practice_to_judge,
    groups_unfinished,
    my_support,
    not_ready,
)
_OVERSEES: tuple[Function, ...] = (uncleared, go_live_coming)

TASKS: Mapping[AccessRole, tuple[Function, ...]] = {
    R.REGISTERED_MANAGER: (
        immediate_risks,
        uncleared,
        wrote_uncleared,
        wrote_unknown,
        overridden,
        to_review,
        gaps_wait,
        causes_undecided,
        support_late,
        my_support,
        supervision_ends,
        runs_out,
        agency_ends,
    ),
    R.WORKFORCE_LEAD: (
        waiting_sign_off,
        no_plan,
        uncleared,
        plan_coming,
        draft_lies,
        groups_unfinished,
        runs_out,
        go_live_coming,
    ),
    R.ASSESSOR: _ASSESSES,
    R.TEAM_LEADER: (stuck, noticed_in_records, records_to_check, *_ASSESSES),
    R.QUALITY_LEAD: (*_OVERSEES, noticed_in_records),
    R.PROJECT_LEAD: _OVERSEES,
    R.NOMINATED_INDIVIDUAL: (risks_told_to_nobody, *_OVERSEES, overridden),
    R.ADMINISTRATOR: (
        risk_mails_not_sent,
        first_import,
        no_workforce_lead,
        no_go_live,
        people_unfinished,
    ),
}


def tasks(look: Look) -> list[Task]:
    """Everything that needs the person asking, by all access roles held; each thing once, what is
    late first."""
    every = set(look.ids)
    wanted: dict[Function, set[int]] = {}
    for grant in look.by.grants:
        for function in TASKS.get(grant.role, ()):
            wanted.setdefault(function, set()).update(
                every if grant.service is None else {grant.service}
            )
    found = [task for function, where in wanted.items() for task in function(look, where)]
    return sorted(found, key=lambda task: (not task.now, not task.overdue))
