"""The only writer of spot checks. They are never an outcome (R7), and touch no post."""

from collections.abc import Mapping
from datetime import timedelta

from surehand import evidence
from surehand.ecm.profile import Profile
from surehand.ecm.queries import profile_for
from surehand.evidence.refusal import NotPossible, check_not_recorded
from surehand.people.access import Action, By, check_may, check_not_self
from surehand.people.models import Person, Service
from surehand.people.queries import same_human
from surehand.practice import policies, queries
from surehand.practice.models import PracticeWords, SpotCheck, SpotQuestionVersion
from surehand.practice.spot_checks import as_asked, spot_questions
from surehand.practice.spot_questions import SpotQuestion

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
