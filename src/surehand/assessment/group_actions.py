"""The only writer of group assessments: shared work in progress, until each person is recorded by
the ordinary action."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction

from surehand import evidence
from surehand.assessment import policies
from surehand.assessment.actions import check_may_assess, record_assessment
from surehand.assessment.group import Answer, Held, agreed, can_be_recorded, saved
from surehand.assessment.models import (
    Assessment,
    GroupAnswer,
    GroupAssessment,
    GroupPerson,
    Outcome,
)
from surehand.assessment.proposals import proposal
from surehand.assessment.queries import answers_of, group_of_session, judged_from
from surehand.competency.models import Check
from surehand.competency.rules import Criterion
from surehand.evidence.ledger import hold_head
from surehand.evidence.refusal import NotPossible
from surehand.people.access import Action, By, check_may, check_not_self
from surehand.people.models import Person, Service
from surehand.people.queries import same_human, same_humans
from surehand.practice.models import Attempt, PracticeSession
from surehand.practice.queries import replay
from surehand.ui.formats import plural

UNTOUCHED_AT_MOST = timedelta(days=28)
PEOPLE_AT_MOST = 30
LONGEST_NOTE = 4000
SAYS = {"": "not judged yet", "met": "met", "not_met": "not met"}


class Stale(NotPossible):
    """Somebody else answered since; the sentence says who and what. Nothing was changed."""


def begin(
    *,
    by: By,
    service: Service,
    check: Check,
    method: str,
    people: Collection[Person],
    happened_at: datetime | None = None,
    place: str = "",
) -> GroupAssessment:
    """A room in which these people are assessed in one check. Raises NotPermitted or
    NotPossible."""
    check_may(by, Action.ASSESS, service=service.pk)
    policies.check_method(check, method)
    now = evidence.clock.now()
    if happened_at is not None:
        policies.check_happened(happened_at, recorded_at=now)
    with transaction.atomic():
        group = GroupAssessment.objects.create(
            service=service,
            check_version=check,
            method=method,
            happened_at=happened_at,
            place=place.strip(),
            begun_by_id=by.acting(),
            begun_at=now,
            touched_at=now,
        )
        add_people(by=by, group=group, people=people)
    return group


def check_may_open(*, by: By, group: GroupAssessment) -> None:
    """Every assessor of the service shares the room. Raises NotPermitted."""
    check_may(by, Action.ASSESS, service=group.service_id)


def add_people(*, by: By, group: GroupAssessment, people: Collection[Person]) -> None:
    """More people for the room; whoever is in it already stays as they are. Raises NotPermitted or
    NotPossible for oneself, for somebody without a post here, and for one human twice."""
    _add(by, group, [GroupPerson(group=group, person=person) for person in people])


def judge_session(
    *, by: By, session: PracticeSession, check: Check, attempts: Sequence[Attempt]
) -> GroupAssessment:
    """The room in which a group session is judged in one check, begun if it is not under way, with
    the people of these finished checks in practice of it. For each, marking proposes; the help
    their trainers gave is counted, and their note is begun. Raises NotPermitted or NotPossible."""
    check_may(by, Action.ASSESS, service=session.service_id)
    method = Assessment.Method.PRACTICE
    policies.check_method(check, method)
    before = judged_from([attempt.pk for attempt in attempts])
    now = evidence.clock.now()
    humans = same_humans({attempt.person_id for attempt in attempts})
    for attempt in attempts:
        policies.check_attempt(
            attempt,
            people=humans[attempt.person_id],
            service=session.service_id,
            check=check,
            method=method,
            happened_at=None,
        )
        policies.check_happened(attempt.end.happened_at, recorded_at=now)
        policies.check_not_judged(before.get((attempt.pk, check.competency_id)))
    found = {attempt.person_id: proposal(replay(attempt), check) for attempt in attempts}
    with transaction.atomic():
        hold_head()  # of two assessors who begin at once, the second finds the room of the first
        group = group_of_session(session, check) or GroupAssessment.objects.create(
            service=session.service,
            check_version=check,
            method=method,
            begun_by_id=by.acting(),
            begun_at=now,
            touched_at=now,
        )
        added = _add(
            by,
            group,
            [
                GroupPerson(
                    group=group,
                    person=attempt.person,
                    attempt=attempt,
                    proposes=found[attempt.person_id].judged,
                    note=found[attempt.person_id].note[:LONGEST_NOTE],
                )
                for attempt in attempts
            ],
        )
        GroupAnswer.objects.bulk_create(
            GroupAnswer(row=row, criterion=code, help_given=times, version=1, by_id=by.acting())
            for row in added
            for code, times in found[row.person_id].helped.items()
        )
    return group


def _add(by: By, group: GroupAssessment, rows: Sequence[GroupPerson]) -> list[GroupPerson]:
    """Add these rows but those of people in the room already; those that were added."""
    check_may_open(by=by, group=group)
    with transaction.atomic():
        group = GroupAssessment.objects.select_for_update().get(pk=group.pk)
        here = set(group.people.values_list("person_id", flat=True))
        new = [row for row in rows if row.person_id not in here]
        if not here and not new:
            raise NotPossible("Choose at least one person.")
        if len(here) + len(new) > PEOPLE_AT_MOST:
            raise NotPossible(
                f"A group is at most {PEOPLE_AT_MOST} people. Begin a second one for the others."
            )
        humans = same_humans([*here, *(row.person_id for row in new)])
        for row in new:
            check_may_assess(by=by, person=row.person, service=group.service)
            if humans[row.person_id] & here:
                raise NotPossible(f"{row.person} is in this group already, by another record.")
            here.add(row.person_id)
        GroupPerson.objects.bulk_create(new)
        _touch(group)
    return new


def take_out(*, by: By, row: GroupPerson) -> None:
    """Somebody who is not assessed in this room after all; their answers so far are removed."""
    check_may_open(by=by, group=row.group)
    with transaction.atomic():
        _locked(by, row).delete()
        _touch(row.group)


def save_answer(*, by: By, row: GroupPerson, criterion: str, answer: Answer, seen: int) -> None:
    """One criterion of one person judged, by an assessor who saw version `seen` of it.

    Raises Stale, saying who chose what since, where that is not the newest; NotPermitted about
    oneself; NotPossible once this person is recorded.
    """
    check_may_open(by=by, group=row.group)
    check = row.group.check_version
    wording = next((c["text"] for c in check.criteria if c["code"] == criterion), None)
    if wording is None:
        raise NotPossible("This criterion is not part of the check. Load the page again.")
    with transaction.atomic():
        row = _locked(by, row)
        kept = row.answers.filter(criterion=criterion).select_related("by__identity").first()
        held = _held(kept)
        after = saved(held, answer, seen=seen, by=by.acting())
        if after is None:
            assert kept is not None
            who = "You" if kept.by_id == by.person else str(kept.by)
            raise Stale(
                f"{row.person}, “{wording}”: {who} chose {_in_words(held.answer)} since. "
                f"Your {_in_words(answer)} is not saved. Choose again if it is right."
            )
        if after is not held:
            GroupAnswer.objects.update_or_create(
                row=row,
                criterion=criterion,
                defaults={
                    "judged": answer.judged,
                    "help_given": answer.help_given,
                    "version": after.version,
                    "by_id": by.acting(),
                },
            )
            _saved(by, row)


def save_note(*, by: By, row: GroupPerson, note: str, seen: int) -> None:
    """What was seen of one person, by an assessor who saw version `seen` of the note. Raises as
    `save_answer` does."""
    check_may_open(by=by, group=row.group)
    note = note.strip()[:LONGEST_NOTE]
    with transaction.atomic():
        row = _locked(by, row)
        if row.note == note:
            return
        if row.note_version != seen:
            who = "You" if row.note_by_id == by.person else str(row.note_by)
            raise Stale(
                f"{row.person}: {who} wrote a note since: “{row.note}” Your note is not saved; "
                "it is still in the box. Save it again to put it in its place."
            )
        row.note = note
        row.note_version += 1
        row.note_by_id = by.acting()
        row.save(update_fields=["note", "note_version", "note_by"])
        _saved(by, row)


def agree(*, by: By, row: GroupPerson, seen: int) -> Assessment | None:
    """What is not judged yet of one person is judged as marking proposes, by an assessor who saw
    version `seen` of the row; where nothing is missing then, they are recorded. Raises as
    `record` does."""
    check_may_open(by=by, group=row.group)
    criteria = [Criterion(**c) for c in row.group.check_version.criteria]
    with transaction.atomic():
        row = _locked(by, row)
        _check_seen(row, seen)
        kept = {answer.criterion: answer for answer in row.answers.all()}
        held = {code: _held(answer).answer for code, answer in kept.items()}
        after = agreed(criteria, held, row.proposes)
        for code in (code for code in after if after[code] != held.get(code)):
            GroupAnswer.objects.update_or_create(
                row=row,
                criterion=code,
                defaults={
                    "judged": after[code].judged,
                    "help_given": after[code].help_given,
                    "version": _held(kept.get(code)).version + 1,
                    "by_id": by.acting(),
                },
            )
        _saved(by, row)
        whole = can_be_recorded(criteria, after, note=row.note)
        return record(by=by, row=row, seen=row.version) if whole else None


def record(*, by: By, row: GroupPerson, seen: int) -> Assessment:
    """The ordinary assessment of one person of the room, as its assessor saw it: version `seen` of
    the row. Whoever records it answers for it. Raises NotPermitted or NotPossible."""
    check_may_open(by=by, group=row.group)
    group = row.group
    with transaction.atomic():
        row = _locked(by, row)
        _check_seen(row, seen)
        answers = answers_of([row])[row.pk]
        attempt = row.attempt
        assessment = record_assessment(
            by=by,
            happened_at=attempt.end.happened_at
            if attempt
            else group.happened_at or row.at or evidence.clock.now(),
            person=row.person,
            service=group.service,
            check=group.check_version,
            method=group.method,
            judgements={code: a.judged for code, a in answers.items() if a.judged},
            help_given={code: a.help_given for code, a in answers.items()},
            note=row.note,
            attempt=attempt,
        )
        row.assessment = assessment
        row.save(update_fields=["assessment"])
        _touch(group)
    return assessment


def discard(*, by: By, group: GroupAssessment) -> None:
    """The room is given up. What was recorded from it stays; what was not is removed."""
    check_may_open(by=by, group=group)
    group.delete()


def forget_untouched() -> int:
    """Remove the rooms nobody touched for 28 days; how many they were."""
    old = GroupAssessment.objects.filter(touched_at__lt=evidence.clock.now() - UNTOUCHED_AT_MOST)
    count = old.count()
    old.delete()
    return count


def due() -> list[str]:
    """What `surehand due` does here: forget rooms that nobody goes on with."""
    forgotten = forget_untouched()
    said = f"{forgotten} group assessments, untouched for 28 days, are removed."
    return [said] if forgotten else []


def _locked(by: By, row: GroupPerson) -> GroupPerson:
    """The row, held until the transaction ends, if it is still to be judged and not by oneself."""
    found = (
        GroupPerson.objects.select_for_update(of=("self",))
        .filter(pk=row.pk)
        .select_related(
            "group__service",
            "group__check_version__competency",
            "person__identity",
            "attempt__scenario",
            "attempt__end",
        )
        .first()
    )
    if found is None:
        raise NotPossible(f"{row.person} is not in this group any more. Load the page again.")
    if found.assessment_id is not None:
        done = found.assessment
        assert done is not None
        raise NotPossible(
            f"{found.person} was recorded by {done.by} a moment ago: "
            f"{Outcome(done.outcome).label}. Correct that assessment if it is wrong."
        )
    # A colleague may have been merged with this person since the page was opened.
    check_not_self(replace(by, same_human=same_human(by.acting())), found.person_id, Action.ASSESS)
    return found


def _check_seen(row: GroupPerson, seen: int) -> None:
    if row.version != seen:
        raise Stale(
            f"{row.person}: {row.by} changed an answer or the note since you looked. "
            "Look again, then record."
        )


def _held(kept: GroupAnswer | None) -> Held:
    if kept is None:
        return Held()
    return Held(Answer(kept.judged, kept.help_given), kept.version, kept.by_id)


def _in_words(answer: Answer) -> str:
    helped = f", helped {plural(answer.help_given, 'time')}" if answer.help_given else ""
    return f"“{SAYS[answer.judged]}{helped}”"


def _saved(by: By, row: GroupPerson) -> None:
    row.version += 1
    row.by_id = by.acting()
    row.at = evidence.clock.now()
    row.save(update_fields=["version", "by", "at"])
    _touch(row.group)


def _touch(group: GroupAssessment) -> None:
    GroupAssessment.objects.filter(pk=group.pk).update(touched_at=evidence.clock.now())
