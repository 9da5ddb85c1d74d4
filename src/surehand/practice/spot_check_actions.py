"""The only writer of spot checks, their corrections and voids. They are never an outcome (R7), and
touch no post."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from surehand import evidence
from surehand.ecm.profile import Profile
from surehand.ecm.queries import profile_for
from surehand.evidence.refusal import NotPermitted, NotPossible, check_not_recorded
from surehand.people.access import Action, By, check_may, check_not_self
from surehand.people.models import Person, Service
from surehand.people.queries import same_human
from surehand.practice import policies, queries
from surehand.practice.models import (
    PracticeWords,
    SpotCheck,
    SpotCheckVoid,
    SpotQuestionVersion,
)
from surehand.practice.spot_checks import as_asked, shown_in, spot_questions
from surehand.practice.spot_questions import SpotQuestion
from surehand.support.policies import check_reason

SENT_AGAIN_WITHIN = timedelta(minutes=10)
"""The same ticks of the same person so soon are one form sent twice."""


def check_may_spot_check(*, by: By, person: Person, service: Service) -> None:
    """An assessor, team leader or registered manager asks whoever has a post in their service;
    nobody asks themselves (R14). Raises NotPermitted."""
    check_may(by, Action.SPOT_CHECK, service=service.pk)
    check_not_self(by, person.pk, Action.SPOT_CHECK)
    posts = [one.post for one in queries.working(same_human(person.pk), at=evidence.clock.now())]
    policies.check_can_be_asked(posts, service, who=str(person))


def record_spot_check(
    *,
    by: By,
    person: Person,
    service: Service,
    code: str,
    minutes: int,
    shown: Mapping[str, str],
    note: str = "",
) -> SpotCheck:
    """Keep what somebody showed or explained when they were asked question `code`: for each of its
    points a `SpotCheck.Shown`. Raises NotPermitted or NotPossible."""
    check_may_spot_check(by=by, person=person, service=service)
    question = spot_questions().get(code)
    if question is None or service.setting not in question.settings:
        raise NotPossible("There is no such question here. Choose one from the list.")
    profile = profile_for(service.setting, at=evidence.clock.now())
    points = question.points(profile, service.setting)
    policies.check_every_point(points, shown)
    policies.check_minutes(minutes)
    with evidence.act("spot_check.recorded", by=by.actor) as act:
        kept = {point.code: str(shown[point.code]) for point in points}
        version = _version(act, question, service.setting, profile)
        same = SpotCheck.objects.filter(
            person=person,
            by=by.person,
            question=version,
            minutes=minutes,
            recorded_at__gt=act.recorded_at - SENT_AGAIN_WITHIN,
        )
        check_not_recorded(next((one.entry for one in same if one.shown == kept), None))
        act.about(person.pseudonym)
        check = SpotCheck(
            person=person,
            service=service,
            question=version,
            minutes=minutes,
            shown=kept,
            by_id=by.acting(),
        )
        act.record(check)
        act.state(
            question=f"{code} {question.version}",
            competency=question.competency,
            service=service.code,
            shown=check.shown,
        )
        PracticeWords.write(act, note)
    return check


def check_may_correct_spot_check(*, by: By, check: SpotCheck) -> None:
    """Authors correct their own (R15). Raises NotPermitted or NotPossible."""
    if by.person != check.by_id:
        raise NotPermitted("Only who asked can correct a spot check. Others can void it.")
    check_may(by, Action.SPOT_CHECK, service=check.service_id)
    check_not_self(by, check.person_id, Action.SPOT_CHECK)
    policies.check_stands(check)


def correct_spot_check(
    *,
    by: By,
    check: SpotCheck,
    minutes: int,
    shown: Mapping[str, str],
    note: str,
    reason: str,
) -> SpotCheck:
    """Say again what was shown, of the same question at the same moment; what was recorded stays
    readable (R15). Raises NotPermitted or NotPossible."""
    check_may_correct_spot_check(by=by, check=check)
    policies.check_every_point([point for point, _ in shown_in(check).points], shown)
    policies.check_minutes(minutes)
    check_reason(reason, "the correction")
    with evidence.act(
        "spot_check.corrected", by=by.actor, happened_at=check.happened_at, corrects=check.entry
    ) as act:
        # A correction and a void are two tables: no key keeps them apart.
        policies.check_stands(SpotCheck.objects.get(pk=check.pk))
        # A colleague may have been merged with this person since the page was opened.
        check_not_self(
            replace(by, same_human=same_human(by.acting())), check.person_id, Action.SPOT_CHECK
        )
        act.about(check.person.pseudonym)
        corrected = SpotCheck(
            person_id=check.person_id,
            service_id=check.service_id,
            question_id=check.question_id,
            minutes=minutes,
            shown=dict(shown),
            supersedes=check,
            by_id=by.acting(),
        )
        act.record(corrected)
        act.state(
            question=f"{check.question.code} {check.question.version}",
            competency=shown_in(check).competency,
            service=check.service.code,
            shown=corrected.shown,
        )
        PracticeWords.write(act, note)
        PracticeWords.write(act, reason, what=PracticeWords.What.REASON)
    return corrected


def check_may_void_spot_check(*, by: By, check: SpotCheck) -> None:
    """Voiding needs another authorised person, never the subject (R15). Raises NotPermitted or
    NotPossible."""
    check_may(by, Action.VOID, service=check.service_id)
    check_not_self(by, check.person_id, Action.VOID)
    if by.is_self(check.by_id):
        raise NotPermitted("Who asked cannot void a spot check. Correct it, or ask a colleague.")
    policies.check_stands(check)


def void_spot_check(*, by: By, check: SpotCheck, reason: str) -> SpotCheckVoid:
    """The spot check does not count any more; nothing is deleted (R15). Raises NotPermitted or
    NotPossible."""
    check_may_void_spot_check(by=by, check=check)
    check_reason(reason, "voiding")
    with evidence.act("spot_check.voided", by=by.actor, corrects=check.entry) as act:
        policies.check_stands(SpotCheck.objects.get(pk=check.pk))
        act.about(check.person.pseudonym)
        void = SpotCheckVoid(spot_check=check, subject_id=check.person_id, by_id=by.acting())
        act.record(void)
        PracticeWords.write(act, reason, what=PracticeWords.What.REASON)
    return void


def _version(
    act: evidence.Act, question: SpotQuestion, setting: str, profile: Profile
) -> SpotQuestionVersion:
    """The question as it is asked there, as a fact: recorded with its first spot check."""
    key = {
        "code": question.code,
        "version": question.version,
        "setting": setting,
        "profile": queries.named(profile),
    }
    kept = SpotQuestionVersion.objects.filter(**key).first()
    if kept is not None:
        return kept
    document = as_asked(question, profile, setting)
    return act.record(SpotQuestionVersion(**key, document=document))
