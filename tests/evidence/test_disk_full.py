"""The disk runs full in the middle of an act, an import or a backup: a page or a sentence says so,
nothing is half written, and the next write works once there is room.

By SQLite's own limit of pages everywhere, and on a file system of a few megabytes where the machine
lets tests mount one. `test_server_crash` tries a PostgreSQL server on a disk of its own."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from surehand import evidence
from surehand.assessment.models import Assessment
from surehand.cli.__main__ import main
from surehand.evidence import checks
from surehand.people.models import Identity
from tests.assessment.test_pages import address, observed
from tests.conftest import Database, connected_to
from tests.provider import NOW, World, small_provider

PAGE = 4096
FILE = "person_id,name,role,service_id,employment,start_date\n" + "".join(
    f"N{n},Name {n},CW,ALD,permanent,2026-11-02\n" for n in range(40)
)

# nearly_full(pages) – a disk on which so many pages more can be written.
NearlyFull = Callable[[int], AbstractContextManager[None]]


@contextmanager
def by_the_limit(pages: int) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        cursor.execute("PRAGMA page_count")
        size = cursor.fetchone()[0]
        cursor.execute("PRAGMA freelist_count")
        cursor.execute(f"PRAGMA max_page_count = {size + pages}")
    yield
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA max_page_count = 1073741823")


def by_ballast(disk: Path) -> NearlyFull:
    @contextmanager
    def nearly_full(pages: int) -> Iterator[None]:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        free = os.statvfs(disk)
        ballast = disk / "ballast"
        ballast.write_bytes(bytes(max(0, free.f_bavail * free.f_bsize - pages * PAGE)))
        yield
        ballast.unlink()

    return nearly_full


@contextmanager
def mounted(disk: Path, *, megabytes: int) -> Iterator[None]:
    disk.mkdir(exist_ok=True)
    if os.getuid() != 0 or not shutil.which("mount"):
        pytest.skip("Only root mounts a file system of its own.")
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", disk],
        capture_output=True,
        check=False,
    )
    if done.returncode:
        pytest.skip("This machine lets nobody mount a file system.")
    try:
        yield
    finally:
        connection.close()
        subprocess.run(["umount", "--lazy", disk], check=True)


@pytest.fixture(params=["limit", "file system"])
def nearly_full(
    request: pytest.FixtureRequest, template_database: Database, tmp_path: Path
) -> Iterator[NearlyFull]:
    if connection.vendor != "sqlite":
        pytest.skip("A PostgreSQL server has a disk of its own.")
    if request.param == "limit":
        yield by_the_limit
        return
    disk = tmp_path / "disk"
    with mounted(disk, megabytes=24):
        file = disk / "surehand.sqlite3"
        shutil.copyfile(template_database.name, file)
        with connected_to(NAME=str(file)):
            yield by_ballast(disk)


@pytest.fixture
def world(nearly_full: NearlyFull) -> Iterator[World]:
    built = small_provider()
    with evidence.clock.at(NOW):
        yield built


def kept() -> dict[str, list[Any]]:
    """Every row of every table."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}" ORDER BY 1')
            found[table] = cursor.fetchall()
    return found


def is_sound() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA integrity_check")
        assert cursor.fetchall() == [("ok",)]
    assert [sentence for _, well, sentence in checks.run() if not well] == []
    return evidence.verify_ledger().ok


def photo() -> SimpleUploadedFile:
    """Kept with the check, so that there is something to write."""
    return SimpleUploadedFile("seen.png", bytes(60_000), "image/png")


def test_an_act_is_whole_or_not_at_all(world: World, nearly_full: NearlyFull) -> None:
    """Room for a page more each time, until there is enough: it fails at every place it can."""
    cal = Client(raise_request_exception=False)
    cal.force_login(world.people["cal"].sign_in)
    code = next(c["code"] for c in world.check("C04").criteria if not c["critical"])
    form = observed(world, "C04", missed=(code,), note="A note to keep. " * 60)
    failed = 0
    for pages in range(0, 400, 7):
        before = kept()
        with nearly_full(pages):
            answer = cal.post(address(world, "dan", "C04"), {**form, "file": photo()})
        if answer.status_code == 302:
            break
        failed += 1
        assert answer.status_code == 500
        assert "Something went wrong on our side" in answer.content.decode()
        assert "may not have been recorded" in answer.content.decode()
        if Assessment.objects.exists():
            # It was recorded, whole; what the session remembers was not. Sent again, it is told.
            assert (
                "already"
                in cal.post(
                    address(world, "dan", "C04"), {**form, "file": photo()}
                ).content.decode()
            )
            break
        assert kept() == before
    assert failed > 1
    assert Assessment.objects.count() == 1
    assert is_sound()


def test_an_import_is_whole_or_not_at_all(
    world: World, nearly_full: NearlyFull, tmp_path: Path
) -> None:
    file = tmp_path / "people.csv"
    file.write_text(FILE)
    failed = 0
    for pages in range(0, 400, 2):
        before = kept()
        with nearly_full(pages):
            said = CliRunner().invoke(main, ["import", "people", str(file)])
        if said.exit_code == 0:
            break
        failed += 1
        assert said.exit_code == 1, said.output
        assert isinstance(said.exception, SystemExit), said.exception
        assert "full" in said.stderr
        assert "undone" in said.stderr
        assert kept() == before
    assert failed > 1
    assert Identity.objects.filter(name__startswith="Name ").count() == 40
    assert is_sound()


def test_a_backup_is_whole_or_not_at_all(
    world: World, nearly_full: NearlyFull, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    if "limit" in request.node.name:
        pytest.skip("The limit is the database’s, and not its copy’s.")
    disk = tmp_path / "disk"
    files = {path.name for path in disk.iterdir()}
    copy = disk / "copy"
    for pages in (0, 1, 50):
        with nearly_full(pages):
            said = CliRunner().invoke(main, ["backup", str(copy)])
        assert said.exit_code == 1, said.output
        assert isinstance(said.exception, SystemExit), said.exception
        assert "could not be written" in said.stderr
        assert "Nothing is left of it." in said.stderr
        assert {path.name for path in disk.iterdir()} == files
    said = CliRunner().invoke(main, ["backup", str(copy)])
    assert said.exit_code == 0, said.output
    assert is_sound()
