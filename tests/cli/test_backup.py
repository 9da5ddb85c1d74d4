"""`backup` while others write, `restore`, and what `doctor` says of what came back."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from django.db import connection

from surehand import evidence
from surehand.cli.__main__ import main
from surehand.evidence import queries
from surehand.people.models import Identity, ServiceDetails
from tests.conftest import Database, trials
from tests.provider import small_provider

ROOT = Path(__file__).parents[2]

# A process of its own that goes on recording, and says each seq once it is committed.
WRITER = """
import django
django.setup()
from surehand import evidence
while True:
    with evidence.act("sample.recorded", by=evidence.SYSTEM) as act:
        pass
    print(act.seq, flush=True)
"""


def surehand(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(a) for a in arguments], catch_exceptions=False)


@pytest.mark.usefixtures("template_database")
def test_a_copy_is_put_back_and_checked(tmp_path: Path) -> None:
    small_provider()
    before = evidence.last_seq()
    copy = tmp_path / "copy"
    assert surehand("backup", copy).exit_code == 0
    assert copy.stat().st_mode & 0o077 == 0
    ServiceDetails.objects.update(name="Somewhere else")
    with evidence.act("sample.recorded", by=evidence.SYSTEM):
        pass

    refused = surehand("restore", copy)
    assert refused.exit_code == 1
    assert "--replace" in refused.stderr
    assert evidence.last_seq() == before + 1

    said = surehand("restore", copy, "--replace")
    assert said.exit_code == 0, said.output
    assert "WRONG" not in said.stdout
    assert "readiness: The stored spans of" in said.stdout
    assert not ServiceDetails.objects.filter(name="Somewhere else").exists()
    # That it was restored, and from which size, is in the ledger.
    entry = queries.entry(seq=evidence.last_seq())
    assert entry is not None
    assert (entry["kind"], entry["state"]) == ("ledger.restored", {"size": before})
    assert evidence.last_seq() == before + 1


def test_a_copy_made_while_others_write_holds_all_that_was_acknowledged(
    template_database: Database, tmp_path: Path
) -> None:
    environment = {
        **os.environ,
        **template_database.environment,
        "PYTHONPATH": str(ROOT / "src"),
        "DJANGO_SETTINGS_MODULE": "surehand.config.settings",
    }
    last = 0
    for turn in range(min(trials(2), 30)):
        copy = tmp_path / f"copy-{turn}"
        with subprocess.Popen(
            [sys.executable, "-c", WRITER], env=environment, stdout=subprocess.PIPE, text=True
        ) as writer:
            assert writer.stdout
            for _ in range(5):
                last = int(writer.stdout.readline())
            assert surehand("backup", copy).exit_code == 0
            goes_on = int(writer.stdout.readline())
            writer.kill()
        assert goes_on > last
        said = surehand("restore", copy, "--replace")
        assert said.exit_code == 0, said.output
        assert "WRONG" not in said.stdout
        # The restoring is one entry more.
        assert evidence.last_seq() > last


@pytest.mark.usefixtures("template_database")
def test_what_cannot_be_put_back_changes_nothing(tmp_path: Path) -> None:
    small_provider()
    people = Identity.objects.count()
    whole = tmp_path / "whole"
    surehand("backup", whole)
    content = whole.read_bytes()
    other = b"PGDMP" if connection.vendor == "sqlite" else b"SQLite format 3\x00"
    for name, said, wrong in (
        ("a picture", "not a copy", b"\x89PNG"),
        ("of the other database", "this installation uses", other + content[16:]),
        ("cut short", "", content[: len(content) // 2]),
    ):
        file = tmp_path / name
        file.write_bytes(wrong)
        refused = surehand("restore", file, "--replace")
        assert refused.exit_code == 1, name
        assert said in refused.stderr
        assert Identity.objects.count() == people
    assert "cannot be read" in surehand("restore", tmp_path / "nowhere", "--replace").stderr
    assert "never overwritten" in surehand("backup", whole).stderr
    assert "cannot be written" in surehand("backup", tmp_path / "no" / "folder").stderr
    assert sorted(p.name for p in tmp_path.iterdir() if p.name.startswith(".")) == []


@pytest.mark.usefixtures("template_database")
def test_a_copy_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) "
            "VALUES ('readiness', '9999_tomorrow', CURRENT_TIMESTAMP)"
        )
    copy = tmp_path / "newer"
    surehand("backup", copy)
    refused = surehand("restore", copy, "--replace")
    assert refused.exit_code == 1
    assert "newer version" in refused.stderr
