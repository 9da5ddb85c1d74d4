"""Large files are read and brought in by a worker, one task for each.

A task and the stage it works at are written in one transaction. Bringing in is one act in one
transaction that also says it is done, so a worker that is killed leaves nothing half done, and the
next one begins again.
"""

from typing import Any

from django.db import transaction
from django_tasks import TaskResultStatus, task
from django_tasks_db.models import DBTaskResult

from surehand.evidence import clock
from surehand.evidence.refusal import NotPermitted, Refused
from surehand.imports import hold, matching, run
from surehand.imports.models import PendingImport
from surehand.people.access import COMMAND_LINE, By
from surehand.people.models import Person
from surehand.people.queries import access_of

Stage = PendingImport.Stage

# A file of more rows is not read while somebody waits for the page.
AT_ONCE = run.BATCH

SOMETHING_WRONG = (
    "Something went wrong while the file was worked on, and nothing was written. Try again; if it "
    "happens again, tell whoever looks after Surehand."
)


def is_large(pending: PendingImport) -> bool:
    return pending.rows > AT_ONCE


@transaction.atomic
def begin(pending: PendingImport, stage: PendingImport.Stage) -> None:
    """Let a worker take the file through `stage` (reading or writing)."""
    pending.stage = stage
    pending.done_rows, pending.problem = 0, ""
    pending.task = str(work_on.enqueue(pending.pk).id)
    pending.save(update_fields=["stage", "done_rows", "problem", "task"])


@task()
def work_on(pending: int) -> None:
    """Take the file through the stage it is at; nothing to do where somebody has, or does."""
    with hold.taken(pending) as tell:
        waiting = PendingImport.objects.filter(pk=pending).first()
        if tell is None or waiting is None or not waiting.is_at_work:
            return
        try:
            (_read if waiting.stage == Stage.READING else _write)(waiting, _by(waiting), tell)
        except Refused as problem:
            _failed(pending, str(problem))
        except Exception:
            _failed(pending, SOMETHING_WRONG)
            raise


def _by(waiting: PendingImport) -> By:
    """Whoever handed the file in, with the access they have now."""
    if waiting.by == COMMAND_LINE.pseudonym:
        return COMMAND_LINE
    person = Person.objects.filter(pseudonym=waiting.by).first()
    if person is None:
        raise NotPermitted("Whoever uploaded this file is no longer known here.")
    return access_of(person, at=clock.now(), signed_in=waiting.signed_in)


def _read(waiting: PendingImport, by: By, tell: run.Tell) -> None:
    if waiting.matching:
        matching.apply(waiting, by=by)
    shown = run.kept(waiting, by=by, tell=tell)
    PendingImport.objects.filter(pk=waiting.pk, stage=Stage.READING).update(
        stage=Stage.READY, summary=run.summary(shown), refused=shown.refused_rows.content()
    )


def _write(waiting: PendingImport, by: By, tell: run.Tell) -> None:
    with transaction.atomic():
        done, _ = run.bring_in(waiting, by=by, tell=tell)
        waiting.parts.all().delete()
        PendingImport.objects.filter(pk=waiting.pk).update(
            stage=Stage.DONE, entry=done.entry if done else None, summary={}, refused=b""
        )


def _failed(pending: int, sentence: str) -> None:
    PendingImport.objects.filter(pk=pending).update(stage=Stage.FAILED, problem=sentence[:500])


def put_back_abandoned() -> int:
    """Queue again what a worker was at when it ended without a word. Answers how many files."""
    again = 0
    for waiting in PendingImport.objects.filter(stage__in=[Stage.READING, Stage.WRITING]).defer(
        "refused", "summary"
    ):
        if hold.is_taken(waiting.pk) or _is_queued(waiting.task):
            continue
        begin(waiting, Stage(waiting.stage))
        again += 1
    return again


def _is_queued(task_id: Any) -> bool:
    return DBTaskResult.objects.filter(pk=task_id, status=TaskResultStatus.READY).exists()
