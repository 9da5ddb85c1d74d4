"""`surehand readiness` and `surehand export`."""

import json
from pathlib import Path

from click.testing import CliRunner
from python_calamine import CalamineWorkbook

from surehand.cli.__main__ import main
from surehand.people.models import Identity
from tests.provider import World


def run(*arguments: object) -> tuple[int, str]:
    done = CliRunner().invoke(main, [str(a) for a in arguments])
    return done.exit_code, done.output


def test_rows_of_the_interface(world: World) -> None:
    world.pass_all("dan")
    world.sign_off("dan")
    code, said = run("readiness", "--service", "ALD", "--person", "P011", "--json")
    assert code == 0
    [row] = json.loads(said)
    assert {k: row[k] for k in ("person_id", "service_id", "role", "state")} == {
        "person_id": "P011",
        "service_id": "ALD",
        "role": "CW",
        "state": "independent",
    }
    assert row["since"].startswith("2026-11-18T08:12")
    assert row["reasons"][0].startswith("Signed off on 18 November 2026.")


def test_as_at_and_known_at(world: World) -> None:
    world.pass_all("dan")
    before = ("readiness", "--person", "P011", "--json", "--as-at", "2026-11-17T07:00")
    assert json.loads(run(*before)[1])[0]["state"] == "not_ready"
    later = ("readiness", "--person", "P011", "--json", "--as-at", "2026-12-01")
    assert json.loads(run(*later)[1])[0]["state"] == "awaiting_sign_off"
    known = (*later, "--known-at", "2026-11-17")
    assert json.loads(run(*known)[1])[0]["state"] == "not_ready"


def test_everybody_in_lines(world: World) -> None:
    code, said = run("readiness")
    assert code == 0
    assert len(said.splitlines()) == 7


def test_refusals_are_sentences(world: World, tmp_path: Path) -> None:
    for arguments, sentence in (
        (("readiness", "--service", "XXX"), "There is no service XXX."),
        (("readiness", "--person", "P999"), "There is no person P999."),
        (("export", "matrix"), "Say which service with --service: ALD, QUA."),
        (
            ("export", "matrix", "--service", "ALD", "-o", tmp_path / "m.pdf"),
            "A table can be exported as csv, xlsx, json, not as pdf.",
        ),
    ):
        code, said = run(*arguments)
        assert (code, said.strip()) == (1, sentence)
    assert run("export", "nonsense")[0] == 2


def test_the_matrix_as_csv_xlsx_and_json(world: World, tmp_path: Path) -> None:
    Identity.objects.filter(person=world.people["dan"]).update(name='=HYPERLINK("http://x")')
    for kind in ("csv", "xlsx", "json"):
        assert run("export", "matrix", "--service", "ALD", "-o", tmp_path / f"m.{kind}")[0] == 0
    assert "'=HYPERLINK" in (tmp_path / "m.csv").read_text("utf-8-sig")
    sheet = CalamineWorkbook.from_path(str(tmp_path / "m.xlsx")).get_sheet_by_index(0).to_python()
    assert sheet[0][:4] == ["person_id", "person", "service_id", "role"]
    assert len(sheet) == 7
    assert len(json.loads((tmp_path / "m.json").read_text())) == 6
