"""The only writer of assessments, voids, manager's reviews, check requests and reopenings."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from surehand import evidence
from surehand.assessment import policies
from surehand.assessment.models import (
    Assessment,
    AssessmentFile,
    AssessmentVoid,
    AssessmentWords,
    CheckRequest,
    ManagerReview,
    Reopening,
)
from surehand.assessment.queries import judged_from, last_outcomes
from surehand.assessment.retakes import Judged, to_judge_again, whole
from surehand.competency import rules
from surehand.competency.models import Check, Competency
from surehand.evidence.refusal import NotPermitted, NotPossible, check_not_recorded
from surehand.people.access import (
    AccessRole,
    Action,
    By,
    check_may,
    check_not_self,
    check_stands_in,
)
from surehand.people.models import Person, Post, Service
from surehand.people.queries import people_with_access, posts_of_person, same_human
from surehand.practice.models import Attempt
from surehand.support.actions import NewSupport, open_support
from surehand.support.policies import check_due, check_reason
from surehand.timeline import instant, london_date


@dataclass(frozen=True)
class NewFile:
    name: str
    content_type: str
    content: bytes


def check_may_assess(*, by: By, person: Person, service: Service) -> list[Post]:
    """Whether `by` may assess this person here; the person's posts. Raises NotPermitted or
    NotPossible."""
    check_may(by, Action.ASSESS, service=service.pk)
    check_not_self(by, person.pk, Action.ASSESS)
    posts = posts_of_person(person.pk)
    policies.check_has_post([p for p in posts if p.service_id == service.pk], name=str(person))
    return posts


def record_assessment(
    *,
    by: By,
    happened_at: datetime,
    person: Person,
    service: Service,
    check: Check,
    method: str,
    judgements: dict[str, str],
    help_given: dict[str, int] | None = None,
    note: str = "",
    files: Sequence[NewFile] = (),
    attempt: Attempt | None = None,
    retakes: Assessment | None = None,
    corrects: Assessment | None = None,
    reason: str = "",
) -> Assessment:
    """A trainer's judgement of one check (1.3). The outcome follows from the criteria (R7).

    With `attempt`, it is made from that finished check in practice, and of when it ended. With
    `retakes`, only the criteria that kept that partial pass from a pass are judged again.
    With `corrects`, the author's own earlier assessment is superseded, with a reason (R15).
    Raises NotPermitted or NotPossible.
    """
    posts = check_may_assess(by=by, person=person, service=service)
    recorded_at = corrects.recorded_at if corrects else evidence.clock.now()
    policies.check_happened(happened_at, recorded_at=recorded_at)
    policies.check_method(check, method)
    if corrects is not None:
        check_may_correct(by=by, assessment=corrects)
        policies.check_same_check(corrects, person=person.pk, check=check)
        check_reason(reason, "the correction")
        retakes, attempt = corrects.retakes, corrects.attempt
    if attempt is not None:
        policies.check_attempt(
            attempt,
            people=same_human(person.pk),
            service=service.pk,
            check=check,
            method=method,
            happened_at=happened_at if corrects is None else None,
        )
    to_judge = {c["code"] for c in check.criteria}
    help_given = {code: times for code, times in (help_given or {}).items() if times}
    judged = Judged(judgements, help_given)
    if retakes is not None:
        to_judge = set(to_judge_again(retakes, at=happened_at))
        policies.check_retake(retakes, person=person.pk, check=check, to_judge=to_judge)
        policies.check_last(retakes, last=_last(person, check, corrects))
        judged = whole(retakes).judged_again(judgements, help_given)
    policies.check_judged(check, judgements, to_judge)
    outcome = rules.outcome(
        [rules.Criterion(**c) for c in check.criteria], judged.judgements, judged.help_given
    )
    if outcome != rules.Outcome.PASS:
        check_reason(note, "this outcome")
    with evidence.act(
        "assessment.recorded" if corrects is None else "assessment.corrected",
        by=by.actor,
        happened_at=happened_at,
        corrects=corrects.entry if corrects else None,
    ) as act:
        if corrects is not None:
            policies.check_stands(Assessment.objects.get(pk=corrects.pk))
        if retakes is not None:
            # No key keeps two retakes of one partial pass apart: either would be the last.
            policies.check_last(retakes, last=_last(person, check, corrects))
        # A colleague may have been merged with this person since the page was opened.
        check_not_self(replace(by, same_human=same_human(by.acting())), person.pk, Action.ASSESS)
        if corrects is None:
            check_not_recorded(
                _same_assessment(
                    by=by,
                    happened_at=act.happened_at,
                    person=person,
                    check=check,
                    method=method,
                    judgements=judgements,
                    help_given=help_given,
                    retakes=retakes,
                )
            )
            if attempt is not None:
                # No key keeps two judgements of it apart: a corrected or voided one stays.
                judged_before = judged_from([attempt.pk]).get((attempt.pk, check.competency_id))
                policies.check_not_judged(judged_before)
        act.about(person.pseudonym)
        assessment = Assessment(
            person=person,
            service=service,
            competency_id=check.competency_id,
            check_version=check,
            method=method,
            outcome=outcome.value,
            judgements=judgements,
            help_given=help_given,
            attempt=attempt,
            retakes=retakes,
            supersedes=corrects,
            by_id=by.acting(),
        )
        act.record(assessment)
        AssessmentWords.write(act, note, what=AssessmentWords.What.NOTE)
        AssessmentWords.write(act, reason)
        for file in files:
            AssessmentFile.objects.create(
                assessment=assessment,
                name=file.name[:120],
                content_type=file.content_type[:60],
                content=file.content,
                salt=act.commit(file.content).salt,
            )
        act.state(
            check=f"{check.competency.code} version {check.version}",
            method=method,
            outcome=outcome.value,
            judgements=judgements,
            help_given=help_given,
            attempt=attempt.entry if attempt else None,
            retakes=retakes.entry if retakes else None,
        )
        act.touch(p.pk for p in posts)
    return assessment


def _same_assessment(
    *,
    by: By,
    happened_at: datetime,
    person: Person,
    check: Check,
    method: str,
    judgements: dict[str, str],
    help_given: dict[str, int],
    retakes: Assessment | None,
) -> int | None:
    """The entry of an assessment that stands and says all of the same."""
    same = Assessment.objects.filter(
        person=person,
        check_version=check,
        by_id=by.acting(),
        happened_at=happened_at,
        method=method,
        retakes=retakes,
        void=None,
        superseded_by=None,
    )
    said = (judgements, help_given)
    return next((a.entry for a in same if (a.judgements, a.help_given) == said), None)


def _last(person: Person, check: Check, corrects: Assessment | None) -> Assessment | None:
    """The last assessment of this check that counts; of a retake under correction, what it
    retakes."""
    last = last_outcomes([person.pk]).get((person.pk, check.competency_id))
    return corrects.retakes if corrects is not None and last == corrects else last


def check_may_correct(*, by: By, assessment: Assessment) -> None:
    """Authors correct their own (R15). Raises NotPermitted or NotPossible."""
    if by.person != assessment.by_id:
        raise NotPermitted("Only its author can correct an assessment. Others can void it.")
    check_may(by, Action.ASSESS, service=assessment.service_id)
    policies.check_stands(assessment)


def check_may_void(*, by: By, assessment: Assessment) -> None:
    """Voiding needs another authorised person, never the subject (R15)."""
    check_may(by, Action.VOID, service=assessment.service_id)
    check_not_self(by, assessment.person_id, Action.VOID)
    if by.is_self(assessment.by_id):
        raise NotPermitted("Its author cannot void an assessment. Correct it, or ask a colleague.")
    policies.check_stands(assessment)


def void_assessment(*, by: By, assessment: Assessment, reason: str) -> AssessmentVoid:
    """The assessment does not count from its happened_at on; nothing is deleted (R15)."""
    check_may_void(by=by, assessment=assessment)
    check_reason(reason, "voiding")
    with evidence.act("assessment.voided", by=by.actor, corrects=assessment.entry) as act:
        # A correction and a void are two tables: no key keeps them apart.
        policies.check_stands(Assessment.objects.get(pk=assessment.pk))
        act.about(assessment.person.pseudonym)
        void = AssessmentVoid(
            assessment=assessment, subject_id=assessment.person_id, by_id=by.acting()
        )
        act.record(void)
        AssessmentWords.write(act, reason)
        act.touch(p.pk for p in posts_of_person(assessment.person_id))
    return void


def check_may_request(*, by: By, person: Person, service: Service) -> None:
    """Whoever reviews or assesses here may ask for a check. Raises NotPermitted or NotPossible."""
    reviews = by.may(Action.REVIEW, service.pk)
    check_may(by, Action.REVIEW if reviews else Action.ASSESS, service=service.pk)
    check_not_self(by, person.pk, Action.REVIEW if reviews else Action.ASSESS)
    here = [p for p in posts_of_person(person.pk) if p.service_id == service.pk]
    policies.check_has_post(here, name=str(person))


def request_check(
    *,
    by: By,
    person: Person,
    service: Service,
    competency: Competency,
    due: date,
    because: int | None = None,
) -> CheckRequest:
    """Ask for a check, or a re-check, by a date."""
    check_may_request(by=by, person=person, service=service)
    check_due(due, today=london_date(instant(evidence.clock.now())))
    with evidence.act("check.requested", by=by.actor) as act:
        check_not_recorded(_same_request(by, person, service, competency, due))
        act.about(person.pseudonym)
        return _request(act, by, person, service, competency, due, because)


def _same_request(
    by: By, person: Person, service: Service, competency: Competency, due: date
) -> int | None:
    """The entry in which the same was asked for, with no attempt since."""
    entry: int | None = (
        CheckRequest.objects.filter(
            person=person, service=service, competency=competency, due=due, by_id=by.acting()
        )
        .order_by("-entry")
        .values_list("entry", flat=True)
        .first()
    )
    since = Assessment.objects.filter(person=person, competency=competency, entry__gt=entry or 0)
    return None if since.exists() else entry


def _request(
    act: evidence.Act,
    by: By,
    person: Person,
    service: Service,
    competency: Competency,
    due: date,
    because: int | None,
) -> CheckRequest:
    request = CheckRequest(
        person=person,
        service=service,
        competency=competency,
        due=due,
        because=because,
        by_id=by.acting(),
    )
    act.record(request)
    act.state(check_due=due.isoformat(), check=competency.code)
    return request


def check_may_review(*, by: By, of: Assessment | CheckRequest) -> None:
    """Whether `by` may review this check now: its registered manager; the workforce lead only where
    the registered manager is the subject (R14). Raises NotPermitted or NotPossible."""
    now = evidence.clock.now()
    check_may(by, Action.REVIEW, service=of.service_id)
    check_not_self(by, of.person_id, Action.REVIEW)
    managers = people_with_access(AccessRole.REGISTERED_MANAGER, service=of.service_id, at=now)
    check_stands_in(
        by,
        Action.REVIEW,
        service=of.service_id,
        managers=managers & same_human(of.person_id),
    )
    policies.check_not_reviewed(of)
    policies.check_needs_review(of, today=london_date(instant(now)))


def review_check(
    *,
    by: By,
    of: Assessment | CheckRequest,
    decision: str,
    reason: str,
    support: NewSupport | None = None,
    recheck_due: date | None = None,
) -> ManagerReview:
    """The registered manager's review of a failed or incomplete check (1.4): why, what is done
    about it, by whom and when, and when it is checked again.

    Raises NotPermitted or NotPossible.
    """
    check_may_review(by=by, of=of)
    today = london_date(instant(evidence.clock.now()))
    check_reason(reason, "your decision")
    if decision != ManagerReview.Decision.RE_CHECK and support is None:
        raise NotPossible("Say who gives this support and by when.")
    if decision == ManagerReview.Decision.RE_CHECK and recheck_due is None:
        raise NotPossible("Say by when the check is repeated.")
    if recheck_due:
        check_due(recheck_due, today=today)
    with evidence.act("check.reviewed", by=by.actor) as act:
        act.about(of.person.pseudonym)
        review = ManagerReview(
            assessment=of if isinstance(of, Assessment) else None,
            request=of if isinstance(of, CheckRequest) else None,
            subject_id=of.person_id,
            decision=decision,
            by_id=by.acting(),
        )
        act.record(review)
        AssessmentWords.write(act, reason)
        act.state(decision=decision, of=of.entry)
        if support is not None:
            about = replace(support, competency=support.competency or of.competency)
            open_support(act, by=by, people=[of.person], new=about, because=act.seq)
        if recheck_due:
            _request(act, by, of.person, of.service, of.competency, recheck_due, act.seq)
    return review


def reopen(
    *,
    by: By,
    competency: Competency,
    service: Service | None = None,
    people: Iterable[Person] = (),
    ends_at: datetime | None = None,
    reason: str = "",
) -> Reopening:
    """Competence in `competency` ends in 28 days unless passed again; sooner only with a reason
    (R7). For the people named, else a service, else everyone."""
    now = evidence.clock.now()
    named = list(people)
    if service is None:
        check_may(by, Action.PLAN, service=None)
    else:
        check_may(by, Action.REVIEW, service=service.pk)
    for person in named:
        check_not_self(by, person.pk, Action.REVIEW)
    usual = now + policies.REOPENED_AFTER
    ends_at = ends_at or usual
    if ends_at < now:
        raise NotPossible("Competence cannot be ended in the past.")
    if ends_at < usual:
        check_reason(reason, "ending competence sooner than in 28 days")
    with evidence.act("competency.reopened", by=by.actor) as act:
        act.about(*(p.pseudonym for p in named))
        reopening = Reopening(
            competency=competency,
            service=service,
            people=sorted(p.pk for p in named),
            ends_at=ends_at,
            by_id=by.acting(),
        )
        act.record(reopening)
        AssessmentWords.write(act, reason)
        act.state(competency=competency.code, ends_at=ends_at.isoformat())
        posts = Post.objects.all()
        if named:
            posts = posts.filter(person__in=named)
        elif service is not None:
            posts = posts.filter(service=service)
        act.touch(posts.values_list("pk", flat=True))
    return reopening
