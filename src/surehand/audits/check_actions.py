"""The only writer of checks of records, with the gaps found, of their corrections and voids (2.2,
2.3)."""

from collections.abc import Collection, Mapping

from surehand import evidence
from surehand.audits import check_policies as policies
from surehand.audits.check_policies import NewGap
from surehand.audits.check_queries import told_of
from surehand.audits.models import (
    AuditItem,
    AuditWords,
    Criterion,
    Escalation,
    Gap,
    OpenRecord,
    RecordCheck,
    RecordCheckVoid,
)
from surehand.evidence.refusal import NotPossible
from surehand.people.access import AccessRole, Action, By, check_may
from surehand.people.models import Person
from surehand.people.queries import people_with_access, same_human
from surehand.records.authors import author_of
from surehand.records.models import LiveRecord
from surehand.records.said import said_by
from surehand.support.policies import check_reason


def check_may_check(*, by: By, item: AuditItem) -> None:
    """A team leader there, and never a record of their own, whatever was known of whose the
    account is when it was selected (R14). Raises NotPermitted."""
    check_may(by, Action.CHECK_RECORDS, service=item.audit.service_id)
    policies.check_not_own(by, authors_of(item))


def check_record(
    *,
    by: By,
    item: AuditItem,
    answers: Mapping[str, str],
    gaps: Collection[NewGap] = (),
    second: bool = False,
    corrects: RecordCheck | None = None,
    note: str = "",
    reason: str = "",
) -> RecordCheck:
    """Answer what is asked of one record: each `Criterion` with an `Answer`. `second` is the other
    check of a record that is checked twice, by another auditor. `corrects` is one’s own check that
    this takes the place of, with the `reason` (R15); it brings its own gaps.

    A gap that is an immediate risk is told to the registered manager in the same act. Raises
    NotPermitted or NotPossible.
    """
    check_may_check(by=by, item=item)
    policies.check_answers(answers)
    policies.check_gaps(answers, gaps)
    policies.check_note(note, gaps)
    record = record_of(item)
    said = said_by(record) if record else None
    policies.check_evidence(gaps, text=said.text if said else None)
    if corrects is None:
        policies.check_readable(record, words=said is not None)
    else:
        if corrects.item_id != item.pk:
            raise NotPossible("The check to correct is of another record; open that record.")
        second = corrects.second
        policies.check_author(by, corrects)
        check_reason(reason, "the correction")
    with evidence.act(
        "record.check_corrected" if corrects else "record.checked",
        by=by.actor,
        happened_at=corrects.happened_at if corrects else None,
        corrects=corrects.entry if corrects else None,
    ) as act:
        before = corrects
        if corrects is not None:
            policies.check_stands(RecordCheck.objects.get(pk=corrects.pk))
        else:
            policies.check_free(
                item,
                second=second,
                held=holding(item),
                by=by,
                told=bool(told_of([item], by=by)),
            )
            before = _voided(item, second=second)
        author = next((person for person in authors_of(item) if person is not None), None)
        check = act.record(
            RecordCheck(
                item=item,
                second=second,
                subject_id=author,
                by_id=by.acting(),
                supersedes=before,
                **{criterion: str(answers[criterion]) for criterion in Criterion.values},
            )
        )
        found = [
            act.record(
                Gap(
                    check_of=check,
                    criterion=gap.criterion,
                    theme=gap.theme,
                    severity=gap.severity,
                    start=gap.start,
                    length=gap.length,
                )
            )
            for gap in gaps
        ]
        told = _escalate(act, by, item, found, before=corrects)
        _about(act, author)
        act.state(
            service=item.audit.service.code,
            audit=item.audit.entry,
            item=item.number,
            second=second,
            answers=[str(answers[criterion]) for criterion in Criterion.values],
            gaps=[[gap.theme, gap.criterion, gap.severity] for gap in found],
            told=told,
        )
        AuditWords.write(act, reason)
        AuditWords.write(act, note)
    return check


def check_may_void(*, by: By, check: RecordCheck) -> None:
    """Voiding needs another authorised person, never who checked nor who wrote the record (R15).
    Raises NotPermitted or NotPossible."""
    check_may(by, Action.VOID, service=check.item.audit.service_id)
    policies.check_another(by, check, authors=authors_of(check.item))
    policies.check_stands(check)


def void_check(*, by: By, check: RecordCheck, reason: str) -> RecordCheckVoid:
    """The check does not count any more, and the record can be checked anew; nothing is deleted
    (R15). Raises NotPermitted or NotPossible."""
    check_may_void(by=by, check=check)
    check_reason(reason, "voiding")
    with evidence.act("record.check_voided", by=by.actor, corrects=check.entry) as act:
        policies.check_stands(RecordCheck.objects.get(pk=check.pk))
        void = act.record(
            RecordCheckVoid(check_of=check, subject_id=check.by_id, by_id=by.acting())
        )
        _about(act, check.by_id)
        act.state(service=check.item.audit.service.code, item=check.item.number)
        AuditWords.write(act, reason)
    return void


def open_record(*, by: By, item: AuditItem) -> None:
    """Remember that they have this record open now, instead of the one before. One statement."""
    OpenRecord.objects.bulk_create(
        [OpenRecord(person_id=by.acting(), item=item, at=evidence.clock.now())],
        update_conflicts=True,
        unique_fields=["person"],
        update_fields=["item", "at"],
    )


# --- What is known of an item ---------------------------------------------------------------------


def record_of(item: AuditItem) -> LiveRecord | None:
    """The version of the record that was selected; None where it is no longer kept."""
    return (
        LiveRecord.objects.filter(record_id=item.record_id, version=item.version)
        .select_related("service__details", "subject")
        .first()
    )


def authors_of(item: AuditItem) -> list[int | None]:
    """Whose the account was, as known when the record was selected and as known now."""
    now = author_of(item.account_id, item.written_at)
    return [item.author_id, now.person.pk if now and now.person else None]


def holding(item: AuditItem) -> list[RecordCheck]:
    """The checks of an item that hold: at most the first and the second."""
    return list(
        RecordCheck.objects.filter(item=item, void=None, superseded_by=None).order_by("second")
    )


def _voided(item: AuditItem, *, second: bool) -> RecordCheck | None:
    """The voided check whose place a new one takes."""
    return RecordCheck.objects.filter(
        item=item, second=second, void__isnull=False, superseded_by=None
    ).first()


def _escalate(
    act: evidence.Act,
    by: By,
    item: AuditItem,
    gaps: Collection[Gap],
    *,
    before: RecordCheck | None,
) -> bool:
    """Tell the registered manager of an immediate risk in this record; whether anything was told.
    Once for a record, whatever it lacks, and a correction tells only what was not told before.
    Whoever wrote the record may not act on it (R14), and is not the one who is told."""
    immediate = Gap.Severity.IMMEDIATE
    told = before.gaps.filter(severity=immediate).values_list("theme", flat=True) if before else ()
    known = set(told)
    risks = [gap for gap in gaps if gap.severity == immediate and gap.theme not in known]
    if not risks:
        return False
    authors = {each for one in authors_of(item) if one is not None for each in same_human(one)}
    service = item.audit.service_id
    managers = (
        people_with_access(AccessRole.REGISTERED_MANAGER, service=service, at=act.recorded_at)
        - authors
    )
    # Where there are several, somebody other than who tells it.
    to = min(managers, key=lambda person: (by.is_self(person), person), default=None)
    act.record(Escalation(gap=risks[0], service_id=service, to_id=to, by_id=by.acting()))
    return True


def _about(act: evidence.Act, person: int | None) -> None:
    """So that what was written can be found, and erased, with whom it is about."""
    if person is not None:
        act.about(Person.objects.values_list("pseudonym", flat=True).get(pk=person))
