"""Large files: read and brought in by a worker, seen on the way, left, found again, and taken up
again after a kill."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from surehand import evidence
from surehand.imports import hold, run
from surehand.imports.kind import Batch, Comparison
from surehand.imports.models import ImportRun, PendingImport, PendingPart, RefusedRows
from surehand.people import actions, import_work
from surehand.people.access import COMMAND_LINE, AccessRole
from surehand.readiness.models import Shift
from tests.conftest import Database
from tests.home.test_imports_pages import send, words
from tests.provider import World

from .conftest import PEOPLE, SERVICES

Stage = PendingImport.Stage
HEADER = "shift_id,service_id,person_id,starts_at,ends_at"
ROWS = run.BATCH + 10  # two batches


def rota(rows: int, service: str, *, person: str = "", bad: int = 0) -> str:
    lines = [
        f"S{n},{service},{'NOBODY' if n < bad else person},2026-11-20T07:30,2026-11-20T15:30"
        for n in range(rows)
    ]
    return "\n".join([HEADER, *lines])


@pytest.fixture
def ruth(world: World) -> Client:
    client = Client()
    client.force_login(world.people["ruth"].sign_in)
    return client


def work() -> None:
    """What a worker does with the one task there is."""
    import_work.work_on.func(PendingImport.objects.get().pk)


def test_a_large_file_is_read_and_brought_in_by_a_worker(ruth: Client) -> None:
    page = send(ruth, "rota", rota(run.BATCH + 5, "ALD", bad=3)).url
    pending = PendingImport.objects.get()
    assert (pending.stage, pending.rows) == (Stage.READING, run.BATCH + 5)
    assert DBTaskResult.objects.ready().count() == 1
    assert "Waiting for its turn" in words(ruth.get(page))
    assert "You can leave this page" in words(ruth.get(reverse("imports")))
    work()
    shown = words(ruth.get(page))
    assert "5,002 to add, 0 to change, 3 refused" in shown
    assert ruth.get(page, headers={"HX-Request": "true"}).headers["HX-Redirect"] == page
    refused = words(ruth.get(reverse("import-refused-now", args=[pending.pk])))
    assert refused.count("NOBODY”") == 3
    assert not Shift.objects.exists()
    assert ruth.post(reverse("import-confirm", args=[pending.pk])).url == page
    assert "Being brought in" in words(ruth.get(page))
    assert ruth.post(reverse("import-cancel", args=[pending.pk])).status_code == 409
    assert not Shift.objects.exists()
    work()
    done = ImportRun.objects.get(import_kind="rota")
    assert (done.added, done.refused) == (5_002, 3)
    assert ruth.get(page).url == reverse("import-done", args=[done.entry])
    assert RefusedRows.objects.get(run=done).text.count("NOBODY”") == 3
    assert not PendingPart.objects.exists()
    assert "under way" not in words(ruth.get(reverse("imports")))
    before = evidence.last_seq()
    work()  # a second worker with the same task
    assert evidence.last_seq() == before


def test_what_fails_says_why_and_can_be_tried_again(ruth: Client, world: World) -> None:
    page = send(ruth, "rota", rota(run.BATCH + 1, "ALD")).url
    grant = world.people["ruth"].grants.get()
    actions.end_access(by=world.by("ada"), grant=grant)
    work()
    pending = PendingImport.objects.get()
    assert pending.stage == Stage.FAILED
    assert "You may not import people" in pending.problem
    actions.grant_access(
        by=world.by("ada"),
        person=world.people["ruth"],
        role=AccessRole.REGISTERED_MANAGER,
        service=world.alder,
    )
    assert "could not be taken in" in words(ruth.get(page))
    assert ruth.post(reverse("import-again", args=[pending.pk])).url == page
    work()
    assert PendingImport.objects.get().stage == Stage.READY


def test_cancelled_while_it_is_read_nothing_is_left(ruth: Client) -> None:
    send(ruth, "rota", rota(run.BATCH + 1, "ALD"))
    pending = PendingImport.objects.get().pk
    ruth.post(reverse("import-cancel", args=[pending]))
    import_work.work_on.func(pending)
    assert not PendingImport.objects.exists()


def test_a_small_file_waits_for_nobody(ruth: Client) -> None:
    page = send(ruth, "rota", rota(run.BATCH, "ALD")).url
    assert not DBTaskResult.objects.exists()
    assert "5,000 to add" in words(ruth.get(page))


def test_only_one_works_on_a_file_and_the_other_sees_how_far(
    template_database: Database, settings: Any, tmp_path: Path
) -> None:
    settings.DATA = tmp_path
    pending = waiting(rows=run.BATCH + 1)
    with hold.taken(pending.pk) as tell:
        assert tell
        tell(1234)
        with hold.taken(pending.pk) as second:
            assert second is None
        assert hold.is_taken(pending.pk)
        assert hold.progress(pending.pk) == 1234
        assert import_work.put_back_abandoned() == 0
    assert not hold.is_taken(pending.pk)


def waiting(rows: int) -> PendingImport:
    """A rota that was confirmed and is to be written, in a database with real commits."""
    for kind, text in (("services", SERVICES), ("people", PEOPLE)):
        run.commit(run.preview(kind, text.encode(), "f.csv", by=COMMAND_LINE), by=COMMAND_LINE)
    shown = run.preview("rota", rota(rows, "ALDER", person="P1").encode(), "f.csv", by=COMMAND_LINE)
    pending = run.keep(shown, by=COMMAND_LINE)
    pending.expires_at = datetime(2100, 1, 1, tzinfo=UTC)  # a worker has the time of day
    pending.save()
    import_work.begin(pending, Stage.WRITING)
    return pending


# A worker that says when it has compared a batch, so that it can be killed between two of them.
WORKER = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "surehand.config.settings"
from django.conf import settings
settings.IMPORT_REMARKS = ["tests.imports.test_large_files.say"]
from surehand.cli.__main__ import main
main(["worker", "--once"])
"""


def say(comparison: Comparison, batch: Batch) -> list[str]:
    print("batch", flush=True)
    return []


@pytest.fixture
def worker(template_database: Database, tmp_path: Path, settings: Any) -> Iterator[Any]:
    settings.DATA, settings.IMPORTS_KEY = tmp_path, tmp_path / "imports.key"
    root = Path(__file__).parents[2]
    environment = {
        **os.environ,
        **template_database.environment,
        "SUREHAND_DATA": str(tmp_path),
        "PYTHONPATH": os.pathsep.join([str(root / "src"), str(root)]),
    }
    running: list[subprocess.Popen[str]] = []

    def start() -> subprocess.Popen[str]:
        running.append(
            subprocess.Popen(
                [sys.executable, "-c", WORKER],
                env=environment,
                cwd=root,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
        )
        return running[-1]

    yield start
    for process in running:
        if process.poll() is None:
            process.kill()
            process.wait()
        if process.stdout:
            process.stdout.close()


def test_killed_in_the_middle_of_writing_it_is_done_once_by_the_next(worker: Any) -> None:
    pending = waiting(rows=ROWS)
    before = evidence.last_seq()
    first = worker()
    assert [first.stdout.readline() for _ in range(2)] == ["batch\n", "batch\n"]
    first.kill()
    first.wait()
    assert (Shift.objects.count(), evidence.last_seq()) == (0, before)
    assert PendingImport.objects.get().stage == Stage.WRITING
    until = monotonic() + 30
    while hold.is_taken(pending.pk) and monotonic() < until:
        sleep(0.01)  # PostgreSQL needs a moment to see that the process is gone
    second = worker()
    second.stdout.read()
    assert second.wait() == 0
    assert (Shift.objects.count(), evidence.last_seq()) == (ROWS, before + 1)
    assert Shift.objects.values("shift_id").distinct().count() == ROWS
    done = PendingImport.objects.get()
    assert (done.stage, done.entry) == (Stage.DONE, before + 1)
    assert ImportRun.objects.filter(import_kind="rota").get().added == ROWS
    third = worker()
    third.stdout.read()
    assert (third.wait(), evidence.last_seq()) == (0, before + 1)
