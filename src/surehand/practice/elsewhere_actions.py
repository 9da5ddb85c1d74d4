"""Practice in the vendor's own training system, as somebody saw it there. It is never an outcome
(R7), and touches no post."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from surehand import evidence
from surehand.competency.queries import latest_checks
from surehand.ecm.queries import profile_for
from surehand.evidence.refusal import NotPermitted, NotPossible, check_not_recorded
from surehand.people.access import Action, By, check_may, check_not_self
from surehand.people.models import Person, Service
from surehand.people.queries import same_human
from surehand.practice import policies, queries
from surehand.practice.actions import kept_version
from surehand.practice.models import Attempt, AttemptEnd, AttemptVoid, PracticeWords
from surehand.practice.queries import Playable
from surehand.practice.scenario import titled_text
from surehand.support.policies import check_reason


@dataclass(frozen=True)
class Title:
    """A scenario of the vendor's own, not named before: its title there, and the competency it is
    about."""

    title: str
    competency: str


def check_may_observe(*, by: By, person: Person, service: Service) -> None:
    """Whoever may assess there says what they saw; nobody of themselves (R14). Raises NotPermitted
    or NotPossible."""
    check_may(by, Action.ASSESS, service=service.pk)
    check_not_self(by, person.pk, Action.ASSESS)
    posts = [one.post for one in queries.working(same_human(person.pk), at=evidence.clock.now())]
    policies.check_has_post(posts, service, who=str(person))


def observe_elsewhere(
    *,
    by: By,
    person: Person,
    service: Service,
    of: str | Title,
    happened_at: datetime,
    marks: Mapping[str, str],
    result: str,
    hints: int,
    minutes: int,
    note: str = "",
) -> Attempt:
    """Record a go in the vendor's training system. `of` is the code of a scenario that is known
    here, or a new title of the vendor's; `marks` what was seen of each thing a known scenario
    expects, `result` how it ended where nothing is expected. Raises NotPermitted or NotPossible."""
    check_may_observe(by=by, person=person, service=service)
    policies.check_observed(happened_at, now=evidence.clock.now())
    policies.check_minutes(minutes)
    playable = _known(of) if isinstance(of, str) else _new(of)
    scenario = playable.scenario
    policies.check_everything_seen(scenario, marks, result)
    where = Attempt.Where.VENDOR if isinstance(of, Title) else Attempt.Where.HERE
    with evidence.act("practice.observed", by=by.actor, happened_at=happened_at) as act:
        same = Attempt.objects.filter(
            person=person,
            by=by.person,
            scenario__code=scenario.code,
            where=Attempt.Where.VENDOR,
            happened_at=act.happened_at,
        )
        check_not_recorded(same.values_list("entry", flat=True).first())
        act.about(person.pseudonym)
        attempt = Attempt(
            person=person,
            service=service,
            scenario=kept_version(act, playable, where=where, by=by.acting()),
            profile=queries.named(profile_for(service.setting, at=act.recorded_at)),
            mode=Attempt.Mode.PRACTISE,
            where=Attempt.Where.VENDOR,
            by_id=by.acting(),
        )
        act.record(attempt)
        _end(act, attempt, marks=marks, result=result, hints=hints, minutes=minutes)
        PracticeWords.write(act, note)
    return attempt


def _end(
    act: evidence.Act,
    attempt: Attempt,
    *,
    marks: Mapping[str, str],
    result: str,
    hints: int,
    minutes: int,
) -> None:
    act.record(
        AttemptEnd(
            attempt=attempt,
            how=AttemptEnd.How.FINISHED,
            seconds=minutes * 60,
            hints=hints,
            marks=dict(marks),
            result=result if not marks else "",
        )
    )
    act.state(
        scenario=f"{attempt.scenario.code} {attempt.scenario.version}",
        service=attempt.service.code,
        marks=dict(marks),
        result=result,
    )


def check_may_correct_attempt(*, by: By, attempt: Attempt) -> None:
    """Authors correct their own (R15); what a file brought in has none. Raises NotPermitted or
    NotPossible."""
    if by.person is None or by.person != attempt.by_id:
        raise NotPermitted("Only who saw it can correct what was seen. Others can void it.")
    check_may(by, Action.ASSESS, service=attempt.service_id)
    check_not_self(by, attempt.person_id, Action.ASSESS)
    policies.check_elsewhere(attempt)
    policies.check_stands(attempt)


def correct_observed(
    *,
    by: By,
    attempt: Attempt,
    happened_at: datetime,
    marks: Mapping[str, str],
    result: str,
    hints: int,
    minutes: int,
    note: str,
    reason: str,
) -> Attempt:
    """Say again what was seen of the same go; what was recorded stays readable (R15). Raises
    NotPermitted or NotPossible."""
    check_may_correct_attempt(by=by, attempt=attempt)
    policies.check_observed(happened_at, now=attempt.recorded_at)
    policies.check_minutes(minutes)
    scenario = queries.scenario_of(attempt.scenario.document)
    policies.check_everything_seen(scenario, marks, result)
    check_reason(reason, "the correction")
    with evidence.act(
        "practice.corrected", by=by.actor, happened_at=happened_at, corrects=attempt.entry
    ) as act:
        # A correction and a void are two tables: no key keeps them apart.
        policies.check_stands(Attempt.objects.get(pk=attempt.pk))
        # A colleague may have been merged with this person since the page was opened.
        check_not_self(
            replace(by, same_human=same_human(by.acting())), attempt.person_id, Action.ASSESS
        )
        act.about(attempt.person.pseudonym)
        corrected = Attempt(
            person_id=attempt.person_id,
            service_id=attempt.service_id,
            scenario_id=attempt.scenario_id,
            profile=attempt.profile,
            mode=attempt.mode,
            where=attempt.where,
            supersedes=attempt,
            by_id=by.acting(),
        )
        act.record(corrected)
        _end(act, corrected, marks=marks, result=result, hints=hints, minutes=minutes)
        PracticeWords.write(act, note)
        PracticeWords.write(act, reason, what=PracticeWords.What.REASON)
    return corrected


def check_may_void_attempt(*, by: By, attempt: Attempt) -> None:
    """Voiding needs another authorised person, never the subject (R15). Raises NotPermitted or
    NotPossible."""
    check_may(by, Action.VOID, service=attempt.service_id)
    check_not_self(by, attempt.person_id, Action.VOID)
    if attempt.by_id and by.is_self(attempt.by_id):
        raise NotPermitted("Who saw it cannot void it. Correct it, or ask a colleague.")
    policies.check_elsewhere(attempt)
    policies.check_stands(attempt)


def void_attempt(*, by: By, attempt: Attempt, reason: str) -> AttemptVoid:
    """A go in the vendor's training system does not count any more; nothing is deleted (R15). A
    file that is imported again does not bring it back. Raises NotPermitted or NotPossible."""
    check_may_void_attempt(by=by, attempt=attempt)
    check_reason(reason, "voiding")
    # The entry of an import is about many goes, and only this one does not count.
    corrects = attempt.entry if attempt.by_id else None
    with evidence.act("practice.voided", by=by.actor, corrects=corrects) as act:
        policies.check_stands(Attempt.objects.get(pk=attempt.pk))
        act.about(attempt.person.pseudonym)
        void = AttemptVoid(attempt=attempt, subject_id=attempt.person_id, by_id=by.acting())
        act.record(void)
        act.state(of=attempt.entry, scenario=f"{attempt.scenario.code} {attempt.scenario.version}")
        PracticeWords.write(act, reason, what=PracticeWords.What.REASON)
    return void


def _known(code: str) -> Playable:
    found = queries.scenarios().get(code) or queries.elsewhere().get(code)
    if found is None:
        raise NotPossible("There is no such scenario. Choose one from the list.")
    return found


def _new(of: Title) -> Playable:
    title = " ".join(of.title.split())
    known = queries.elsewhere()
    policies.check_title(title, [one.scenario.title for one in known.values()])
    codes = {check.competency.code for check in latest_checks().values()}
    if of.competency not in codes:
        raise NotPossible("Choose what it is about.")
    document = titled_text(f"V{len(known) + 1:03}", title, of.competency)
    return Playable(queries.scenario_of(document), document)
