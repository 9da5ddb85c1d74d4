"""`surehand import`: counts, refused rows beside the file, exit codes, the same file twice."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from surehand import evidence
from surehand.cli.__main__ import main
from surehand.imports import actions
from surehand.imports.mapping import ColumnMap, Source
from surehand.people.access import COMMAND_LINE
from surehand.people.models import Person, Post

SERVICES = "service_id,name,setting,go_live_date\nALD,Alder House,R,2026-09-14\n"
PEOPLE = (
    "person_id,name,role,service_id,employment,start_date,responsibilities\n"
    "1,Ada Okafor,care worker,ALD,permanent,2026-09-01,alr\n"
    "2,Ben Ó Sé,SC,ALD,bank,2026-09-01,\n"
    "3,Cy Young,juggler,ALD,permanent,2026-09-01,\n"
)
ROTA = (
    "shift_id,service_id,person_id,starts_at,ends_at\ns1,ALD,1,2026-11-18T20:00,2026-11-19T08:00\n"
)


def run(*arguments: object) -> tuple[int, str]:
    done = CliRunner().invoke(main, [str(a) for a in arguments])
    return done.exit_code, done.output


@pytest.mark.django_db
def test_files_come_in_and_twice_changes_nothing(tmp_path: Path) -> None:
    for name, text in (("services", SERVICES), ("people", PEOPLE), ("rota", ROTA)):
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    assert run("import", "services", tmp_path / "services.csv")[0] == 0
    code, said = run("import", "people", tmp_path / "people.csv")
    assert code == 1  # one row is refused, two are in
    assert "2 added" in said
    assert "1 refused" in said
    assert "juggler" in said
    assert Post.objects.count() == 2
    assert "juggler" in (tmp_path / "people.refused.csv").read_text()
    assert run("import", "rota", tmp_path / "rota.csv")[0] == 0
    before = evidence.last_seq()
    code, said = run("import", "people", tmp_path / "people.csv", "--json")
    assert json.loads(said)[0]["unchanged"] == 2
    assert (evidence.last_seq(), Person.objects.count()) == (before, 2)


@pytest.mark.django_db
def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "services.csv").write_text(SERVICES)
    code, said = run("import", "services", tmp_path / "services.csv", "--dry-run")
    assert code == 0
    assert "1 would be added" in said
    assert evidence.last_seq() == 0


@pytest.mark.django_db
def test_a_saved_layout_is_recognised_or_named(tmp_path: Path) -> None:
    rules = ColumnMap(
        ("Code", "Home", "Kind"),
        {
            "service_id": Source(("Code",)),
            "name": Source(("Home",)),
            "setting": Source(("Kind",)),
            "go_live_date": Source(value="2026-09-14"),
        },
    )
    actions.save_mapping(by=COMMAND_LINE, kind="services", name="Ours", rules=rules)
    file = tmp_path / "homes.csv"
    file.write_text("Code,Home,Kind\nALD,Alder House,R\n")
    assert run("import", "services", file, "--mapping", "Theirs")[0] == 1
    code, said = run("import", "services", file, "--mapping", "Ours")
    assert (code, "1 added" in said) == (0, True)
    code, said = run("import", "services", file)
    assert "1 unchanged" in said
    assert "Read with the layout “Ours”" in said
