"""The only writer of causes, and of the support that follows one (2.4)."""

from collections.abc import Collection
from datetime import timedelta

from surehand import evidence
from surehand.audits import cause_policies as policies
from surehand.audits import cause_queries as queries
from surehand.audits.cause import suggest
from surehand.audits.models import AuditWords, Cause, GapCause
from surehand.evidence.refusal import check_not_recorded
from surehand.people.access import AccessRole, Action, By, check_may, check_not_self
from surehand.people.models import Person, Service
from surehand.people.queries import people_with_access, same_human
from surehand.support.actions import NewSupport, open_support
from surehand.support.models import SupportAction, SupportWords
from surehand.timeline import instant, london_date


def check_may_say(*, by: By, service: Service) -> None:
    """Its registered manager, or whoever holds that access there. Raises NotPermitted."""
    check_may(by, Action.CAUSE, service=service.pk)


def say_cause(
    *,
    by: By,
    service: Service,
    theme: str,
    gaps: Collection[int],
    why: str,
    reason: str,
    subject: Person | None = None,
    corrects: Cause | None = None,
) -> Cause:
    """Say why these gaps of one theme arose, with a reason. `subject` is whose practice it is.

    Another cause for the same gaps corrects the first, whoever said that: the registered manager of
    the day decides. What was suggested is kept with it. Raises NotPermitted or NotPossible.
    """
    check_may_say(by=by, service=service)
    policies.check_kind(why, subject, reason)
    with evidence.act(
        "cause.corrected" if corrects else "cause.said",
        by=by.actor,
        corrects=corrects.entry if corrects else None,
    ) as act:
        if corrects:
            policies.check_corrects(corrects, service=service.pk, theme=theme)
        standing = queries.gaps_of(service.pk, at=act.recorded_at)
        # A cause can be corrected though checks it rests on were corrected or voided since.
        before = queries.about(corrects) if corrects else []
        known = {each.found.gap: each for each in [*before, *standing]}
        found = policies.check_gaps(gaps, list(known.values()), theme=theme)
        policies.check_not_own(
            by, subject, queries.writers_of(found), else_=who_else(by=by, service=service)
        )
        if subject:
            policies.check_one_author(found, same_human(subject.pk))
        decided = queries.causes_of([g.found.gap for g in found], at=act.recorded_at)
        policies.check_undecided(decided, corrects=corrects)
        suggested = suggest(
            queries.known_of(found, service=service.pk, theme=theme, at=act.recorded_at)
        )
        unsure = why == Cause.Kind.UNSURE
        today = london_date(instant(act.recorded_at))
        cause = act.record(
            Cause(
                service=service,
                theme=theme,
                why=why,
                suggested=suggested.as_json(),
                subject=subject,
                decide_by=today + timedelta(days=policies.DECIDE_IN_DAYS) if unsure else None,
                by_id=by.acting(),
                supersedes=corrects,
            )
        )
        act.record_all(GapCause(cause=cause, gap_id=each.found.gap) for each in found)
        if subject:
            act.about(subject.pseudonym)
        act.state(service=service.code, theme=theme, cause=why, gaps=len(found))
        AuditWords.write(act, reason)
    return cause


def who_else(*, by: By, service: Service) -> str:
    """Who can say it where `by` cannot, as a sentence: nobody but another person with this access
    at the service (R14), a deputy among them."""
    now = evidence.clock.now()
    managers = people_with_access(AccessRole.REGISTERED_MANAGER, service=service.pk, at=now)
    names = [
        str(person)
        for person in Person.objects.filter(pk__in=managers - by.same_human)
        .select_related("identity")
        .order_by("identity__name", "pk")
    ]
    if names:
        return f"{' or '.join(names)} can. Leave the record out here."
    return (
        f"Nobody else has a registered manager’s access at {service}: a deputy can be given it, "
        "by an administrator. Leave the record out here."
    )


def support_for(*, by: By, cause: Cause, new: NewSupport, note: str = "") -> SupportAction:
    """Coaching, or other support, for the person of an individual practice, born of it (R20).
    Raises NotPermitted or NotPossible."""
    check_may(by, Action.REFRESHER, service=cause.service_id)
    policies.check_is(cause, Cause.Kind.PRACTICE)
    person = cause.subject
    assert person is not None
    check_not_self(by, person.pk, Action.REFRESHER)
    with evidence.act("support.opened", by=by.actor) as act:
        same = SupportAction.objects.filter(
            person=person,
            what=new.what,
            competency=new.competency,
            owner=new.owner,
            due=new.due,
            because=cause.entry,
            done=None,
        )
        check_not_recorded(same.values_list("entry", flat=True).first())
        (action,) = open_support(act, by=by, people=[person], new=new, because=cause.entry)
        SupportWords.write(act, note)
    return action
