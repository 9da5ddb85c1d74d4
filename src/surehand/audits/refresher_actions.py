"""The only writer of refreshers: planned, and given (2.5). The follow-up audit selects itself."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from surehand import evidence
from surehand.audits import refresher_policies as policies
from surehand.audits.models import AuditWords, Cause, Refresher, RefresherGiven
from surehand.competency.models import Competency
from surehand.evidence.refusal import check_not_recorded
from surehand.people.access import Action, By, check_may, check_not_self
from surehand.people.models import Person, Service
from surehand.people.queries import current_posts
from surehand.support.actions import NewSupport, open_support
from surehand.support.models import SupportAction, SupportDone
from surehand.timeline import instant, london_date


def plan_refresher(
    *,
    by: By,
    service: Service,
    theme: str,
    people: Iterable[Person],
    owner: Person,
    due: date,
    competency: Competency | None = None,
    cause: Cause | None = None,
    words: str = "",
) -> Refresher:
    """Plan ten or fifteen minutes on one theme, for one person or a group of this service: each
    gets a support action with `owner`, due on `due`, born of this entry (R20).

    Raises NotPermitted (nobody plans their own) or NotPossible.
    """
    named = sorted(people, key=lambda person: person.pk)
    check_may(by, Action.REFRESHER, service=service.pk)
    for person in named:
        check_not_self(by, person.pk, Action.REFRESHER)
    policies.check_theme(theme, competency.code if competency else "")
    policies.check_length(words)
    with evidence.act("refresher.planned", by=by.actor) as act:
        today = london_date(instant(act.recorded_at))
        here = {post.person_id for post in current_posts([service.pk], on=today)}
        policies.check_people([person.pk for person in named], here=here)
        if cause is not None:
            policies.check_cause(cause, service=service.pk, theme=theme)
        check_not_recorded(
            _same_plan(
                {person.pk for person in named},
                service=service,
                theme=theme,
                competency=competency,
                cause=cause,
                owner=owner,
                due=due,
            )
        )
        refresher = act.record(
            Refresher(
                service=service,
                theme=theme,
                competency=competency,
                cause=cause,
                owner=owner,
                due=due,
                by_id=by.acting(),
            )
        )
        new = NewSupport(SupportAction.What.REFRESHER, owner, due, competency)
        open_support(act, by=by, people=named, new=new, because=act.seq)
        act.state(service=service.code, theme=theme, people=len(named))
        AuditWords.write(act, words)
    return refresher


def _same_plan(people: set[int], **of: Any) -> int | None:
    """The entry of such a refresher for the same people that nobody had yet; one statement."""
    plans = Refresher.objects.filter(given=None, **of).values("entry")
    waiting: dict[int, set[int]] = defaultdict(set)
    for entry, person in SupportAction.objects.filter(because__in=plans, done=None).values_list(
        "because", "person"
    ):
        waiting[entry or 0].add(person)
    return next((entry for entry in sorted(waiting) if waiting[entry] == people), None)


def check_may_give(*, by: By, refresher: Refresher) -> None:
    """Its owner records that it was given, and whoever gives support there. Raises NotPermitted."""
    if not by.is_self(refresher.owner_id):
        check_may(by, Action.REFRESHER, service=refresher.service_id)


def give_refresher(
    *, by: By, refresher: Refresher, on: date, minutes: int, people: Collection[Person]
) -> RefresherGiven:
    """Record that it took place on a London day for those who were there, never by themselves.

    That it was given says nothing of whether it helped: the follow-up audit does. Raises
    NotPermitted or NotPossible.
    """
    check_may_give(by=by, refresher=refresher)
    for person in people:
        check_not_self(by, person.pk, Action.REFRESHER)
    with evidence.act("refresher.given", by=by.actor) as act:
        today = london_date(instant(act.recorded_at))
        policies.check_session(refresher, on=on, today=today, minutes=minutes)
        open_ = SupportAction.objects.filter(because=refresher.entry, done=None)
        waiting = {action.person_id: action for action in open_.select_related("person")}
        there = sorted(person.pk for person in people)
        policies.check_there(there, waiting=waiting)
        given = act.record(
            RefresherGiven(
                refresher=refresher, on=on, minutes=minutes, people=there, by_id=by.acting()
            )
        )
        for action in (waiting[person] for person in there):
            act.about(action.person.pseudonym)
            act.record(
                SupportDone(action=action, outcome=SupportDone.Outcome.GIVEN, by_id=by.acting())
            )
        act.state(
            service=refresher.service.code,
            theme=refresher.theme,
            on=on.isoformat(),
            minutes=minutes,
            people=len(there),
            of=refresher.entry,
        )
    return given
