"""The only writer of sign-offs, restrictions, liftings, overrides and shifts without live use."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from surehand import evidence
from surehand.assessment.models import Assessment, Outcome
from surehand.assessment.queries import standing
from surehand.evidence.ledger import written
from surehand.evidence.refusal import NotPossible, check_not_recorded
from surehand.people.access import (
    AccessRole,
    Action,
    By,
    check_may,
    check_not_self,
    check_stands_in,
)
from surehand.people.models import Person, Post, Service
from surehand.people.queries import (
    current_posts,
    people_with_access,
    posts_of_person,
    same_human,
)
from surehand.readiness import break_glass, policies, queries
from surehand.readiness.models import (
    BreakGlass,
    BreakGlassAgreed,
    CarrySheet,
    Lifting,
    NoLiveUse,
    NoLiveUseEnd,
    Override,
    OverrideEnd,
    ReadinessWords,
    Restriction,
    Shift,
    SignOff,
)
from surehand.support.policies import check_reason
from surehand.timeline import instant, london_date


def sign_off(*, by: By, shown: Mapping[int, str]) -> list[SignOff]:
    """Confirm that posts may use the live system on their own (R8).

    `shown` gives, for each post id, the fingerprint of the statement the signer read
    (`queries.statements`). All are signed or none; a checkpoint follows. Raises NotPermitted or
    NotPossible.
    """
    check_may(by, Action.SIGN_OFF, service=None)
    signer = by.acting()
    if not shown:
        raise NotPossible("Choose at least one person to sign off.")
    with evidence.act("post.signed_off", by=by.actor) as act:
        signed = []
        # As of this act: whoever waited for another act must see what it did.
        now = act.recorded_at
        statements = queries.statements(shown.keys(), at=now)
        if len(statements) < len(shown):
            raise NotPossible("Somebody you chose has no such post now. Open the page again.")
        others = queries.other_signers(by.same_human, statements, at=now)
        for statement in statements:
            post = statement.post
            check_signs(by, statement, others=bool(others[post.pk]))
            plan = policies.check_planned(statement.plan)
            policies.check_seen(shown[post.pk], statement.fingerprint(), name=str(post.person))
            assessed = bool(by.same_human & statement.assessors)
            act.about(post.person.pseudonym)
            signed.append(
                act.record(
                    SignOff(
                        post=post,
                        subject_id=post.person_id,
                        plan_id=plan,
                        signer_assessed=assessed,
                        by_id=signer,
                    )
                )
            )
        act.state(
            posts=sorted(shown),
            statements={str(post): fingerprint for post, fingerprint in sorted(shown.items())},
            **confirmation(by),
        )
        act.touch(shown.keys())
    evidence.make_checkpoint()
    return signed


def confirmation(by: By) -> dict[str, dict[str, str]]:
    """When and with what the signer last showed that it was them, for the entry to state."""
    if by.confirmed is None:
        return {}
    return {"confirmed": {"at": written(by.confirmed.at), "how": by.confirmed.how}}


def check_signs(by: By, statement: queries.Statement, *, others: bool) -> None:
    """Whether `by` may sign this statement; `others`: somebody else could. Raises NotPermitted or
    NotPossible with the sentence that also explains the disabled choice on the page."""
    name = str(statement.post.person)
    check_not_self(by, statement.post.person_id, Action.SIGN_OFF)
    policies.check_awaits_sign_off(statement.state, awaits=statement.awaits, name=name)
    policies.check_signer(
        assessed=bool(by.same_human & statement.assessors), others=others, name=name
    )


def restrict(*, by: By, person: Person, service: Service | None, reason: str) -> Restriction:
    """Stop independent live use, person-wide unless limited to a service (R10)."""
    posts = posts_of_person(person.pk)
    _check_at_one_of(by, Action.RESTRICT, posts, service)
    check_not_self(by, person.pk, Action.RESTRICT)
    check_reason(reason, "stopping live use")
    with evidence.act("live_use.restricted", by=by.actor) as act:
        # Others may stop it too, each for reasons of their own: each is lifted by itself.
        same = Restriction.objects.filter(
            person=person, service=service, by_id=by.acting(), lifting=None
        )
        check_not_recorded(same.values_list("entry", flat=True).first())
        act.about(person.pseudonym)
        restriction = Restriction(person=person, service=service, by_id=by.acting())
        act.record(restriction)
        act.state(service=service.code if service else None)
        ReadinessWords.write(act, reason)
        act.touch(p.pk for p in posts)
    return restriction


def lift(
    *, by: By, restriction: Restriction, reason: str, cites: Assessment | None = None
) -> Lifting:
    """Lift a restriction, citing a later pass or for a stated reason (R10)."""
    check_may_lift(by=by, restriction=restriction)
    person = restriction.person
    posts = posts_of_person(person.pk)
    if cites is None:
        check_reason(reason, "lifting this without a pass to cite")
    elif (
        cites.person_id != person.pk
        or cites.outcome != Outcome.PASS
        or cites.happened_at < restriction.recorded_at
        or cites.entry < restriction.entry
        or not standing().filter(pk=cites.pk).exists()
    ):
        raise NotPossible("Cite a check this person passed after the restriction began.")
    with evidence.act("live_use.restriction_lifted", by=by.actor) as act:
        act.about(person.pseudonym)
        lifting = Lifting(
            restriction=restriction,
            subject=person,
            cites=cites.entry if cites else None,
            by_id=by.acting(),
        )
        act.record(lifting)
        act.state(of=restriction.entry, cites=lifting.cites)
        ReadinessWords.write(act, reason)
        act.touch(p.pk for p in posts)
    return lifting


def check_may_lift(*, by: By, restriction: Restriction) -> None:
    """Raises NotPermitted or NotPossible, with the sentence, unless `by` may lift it now (R14)."""
    person = restriction.person
    posts = posts_of_person(person.pk)
    where = _check_at_one_of(by, Action.LIFT, posts, restriction.service)
    check_not_self(by, person.pk, Action.LIFT)
    managers = people_with_access(
        AccessRole.REGISTERED_MANAGER, service=where, at=evidence.clock.now()
    )
    check_stands_in(by, Action.LIFT, service=where, managers=managers & same_human(person.pk))
    policies.check_not_lifted(hasattr(restriction, "lifting"))


def _check_at_one_of(by: By, action: Action, posts: list[Post], service: Service | None) -> int:
    """Allowed at the service it is limited to, else at any service where the person has a post.
    Returns that service's id."""
    where = {service.pk} if service else {p.service_id for p in posts}
    for candidate in sorted(where):
        if by.may(action, candidate):
            return candidate
    check_may(by, action, service=min(where, default=None))
    raise NotPossible("This person has no post.")


def override(
    *, by: By, post: Post, starts_at: datetime, ends_at: datetime, reason: str
) -> Override:
    """Let one post work one shift uncleared; the gate answers "not cleared, overridden" (R21)."""
    check_may(by, Action.OVERRIDE, service=post.service_id)
    check_not_self(by, post.person_id, Action.OVERRIDE)
    check_reason(reason, "the override")
    with evidence.act("shift.overridden", by=by.actor) as act:
        policies.check_override(
            starts_at=starts_at,
            ends_at=ends_at,
            now=act.recorded_at,
            restricted=bool(queries.open_restrictions(post.person_id, service=post.service_id)),
        )
        same = Override.objects.filter(post=post, starts_at=starts_at, ends_at=ends_at, end=None)
        check_not_recorded(same.values_list("entry", flat=True).first())
        act.about(post.person.pseudonym)
        fact = Override(
            post=post,
            subject_id=post.person_id,
            starts_at=starts_at,
            ends_at=ends_at,
            by_id=by.acting(),
        )
        act.record(fact)
        act.state(post=post.pk, starts=starts_at.isoformat(), ends=ends_at.isoformat())
        ReadinessWords.write(act, reason)
    return fact


def check_may_end_override(*, by: By, override: Override, now: datetime) -> None:
    """Whoever may override, or may stop live use, may end an override that still stands. Raises
    NotPermitted or NotPossible."""
    service = override.post.service_id
    if not by.may(Action.OVERRIDE, service):
        check_may(by, Action.RESTRICT, service=service)
    check_not_self(by, override.subject_id, Action.OVERRIDE)
    policies.check_override_stands(
        ended=hasattr(override, "end"), ends_at=override.ends_at, now=now
    )


def end_override(*, by: By, override: Override, reason: str) -> OverrideEnd:
    """End an override before its time (R21)."""
    check_reason(reason, "ending the override")
    with evidence.act("shift.override_ended", by=by.actor) as act:
        check_may_end_override(by=by, override=override, now=act.recorded_at)
        act.about(override.subject.pseudonym)
        end = act.record(OverrideEnd(override=override, by_id=by.acting()))
        act.state(of=override.entry)
        ReadinessWords.write(act, reason)
    return end


def agree_break_glass(*, by: By, service: Service, text: str) -> BreakGlassAgreed:
    """Agree beforehand what is done when this software or the network is down."""
    check_may(by, Action.BREAK_GLASS, service=service.pk)
    if len(text.strip()) < 20:
        raise NotPossible("Write down what is done, by whom, so that a shift lead can follow it.")
    with evidence.act("break_glass.agreed", by=by.actor) as act:
        fact = act.record(BreakGlassAgreed(service=service, by_id=by.acting()))
        act.state(service=service.code)
        ReadinessWords.write(act, text)
    return fact


def make_carry_sheet(*, by: By, service: Service) -> CarrySheet:
    """A sheet to carry, which holds for seven days. Whoever may read may make one."""
    check_may(by, Action.READ, service=service.pk)
    with evidence.act("carry_sheet.made", by=by.actor) as act:
        until = act.recorded_at + break_glass.LASTS
        sheet = act.record(CarrySheet(service=service, until=until, by_id=by.acting()))
        act.state(service=service.code, until=until.isoformat())
    return sheet


def record_break_glass(
    *,
    by: By,
    service: Service,
    starts_at: datetime,
    ends_at: datetime,
    people: Sequence[int],
    sheet: CarrySheet | None,
    decided_by: Person | None,
    reason: str,
) -> BreakGlass:
    """Say who was let in while this software or the network was down (R11). It clears nothing.

    Raises NotPermitted or NotPossible.
    """
    check_may(by, Action.BREAK_GLASS, service=service.pk)
    for person in people:
        check_not_self(by, person, Action.BREAK_GLASS)
    check_reason(reason, "break-glass")
    if sheet is None and decided_by is None:
        raise NotPossible("Say by which sheet people were let in, or who decided it.")
    if sheet is not None and sheet.service_id != service.pk:
        raise NotPossible("This sheet is of another service.")
    if sheet is not None:
        policies.check_sheet(
            made_at=sheet.recorded_at, until=sheet.until, starts_at=starts_at, ends_at=ends_at
        )
    with evidence.act("break_glass.recorded", by=by.actor, happened_at=ends_at) as act:
        policies.check_break_glass(starts_at=starts_at, ends_at=ends_at, now=act.recorded_at)
        days = london_date(instant(starts_at)), london_date(instant(ends_at))
        working = {p.person_id for day in days for p in current_posts([service.pk], on=day)}
        policies.check_let_in(people, working=working)
        act.about(*Person.objects.filter(pk__in=people).values_list("pseudonym", flat=True))
        fact = act.record(
            BreakGlass(
                service=service,
                starts_at=starts_at,
                ends_at=ends_at,
                people=sorted(set(people)),
                sheet=sheet,
                decided_by=decided_by,
                by_id=by.acting(),
            )
        )
        act.state(
            service=service.code,
            starts=starts_at.isoformat(),
            ends=ends_at.isoformat(),
            sheet=sheet.entry if sheet else None,
        )
        ReadinessWords.write(act, reason)
    return fact


def mark_no_live_use(*, by: By, shift: Shift) -> NoLiveUse:
    """The person works this shift without using the live system; others record (R9).

    Stands however often the rota is imported again, as long as the same person has the shift.
    """
    policies.check_may_say_no_live_use(by, shift.service_id)
    with evidence.act("shift.no_live_use", by=by.actor) as act:
        policies.check_shift_to_come(ends_at=shift.ends_at, now=act.recorded_at)
        if marks_of(shift):
            raise NotPossible("This shift is already marked: no live use.")
        if shift.person:
            act.about(shift.person.pseudonym)
        mark = act.record(
            NoLiveUse(
                shift_id=shift.shift_id,
                service_id=shift.service_id,
                person_id=shift.person_id,
                by_id=by.acting(),
            )
        )
        act.state(starts=shift.starts_at.isoformat(), ends=shift.ends_at.isoformat())
    return mark


def undo_no_live_use(*, by: By, shift: Shift) -> list[NoLiveUseEnd]:
    """The shift is checked again."""
    policies.check_may_say_no_live_use(by, shift.service_id)
    policies.check_shift_to_come(ends_at=shift.ends_at, now=evidence.clock.now())
    marks = marks_of(shift)
    if not marks:
        raise NotPossible("This shift is not marked here: what the rota file says stands.")
    with evidence.act("shift.live_use_again", by=by.actor) as act:
        if shift.person:
            act.about(shift.person.pseudonym)
        ends = [act.record(NoLiveUseEnd(mark=mark, by_id=by.acting())) for mark in marks]
        act.state(of=[mark.entry for mark in marks])
    return ends


def marks_of(shift: Shift) -> list[NoLiveUse]:
    """The marks of no live use that stand for this shift and its person."""
    return list(
        NoLiveUse.objects.filter(
            shift_id=shift.shift_id,
            service=shift.service_id,
            person=shift.person_id,
            end__isnull=True,
        )
    )
