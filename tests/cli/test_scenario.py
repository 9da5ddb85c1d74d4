"""`surehand scenario`: every problem in a sentence with its line, exit codes, nothing written."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from surehand.cli.__main__ import main
from surehand.ecm import profile as profiles
from surehand.practice.scenario import starter_texts

TEXTS = dict(starter_texts())


def run(*arguments: object) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["scenario", *map(str, arguments)])
    return done.exit_code, done.output


@pytest.fixture
def good(tmp_path: Path) -> Path:
    file = tmp_path / "S06.yaml"
    file.write_text(TEXTS["S06"], encoding="utf-8")
    return file


def test_a_good_one_has_no_problem(good: Path) -> None:
    assert run(good) == (0, f"{good}: no problem found\n")


def test_each_problem_of_each_file_is_said_with_its_line(good: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    text = TEXTS["S06"].replace("helped\n    choose: up/help", "helped\n    choose: up/hug")
    bad.write_text(text.replace("[C13.2]", "[C99.9]"), encoding="utf-8")
    worse = tmp_path / "worse.yaml"
    worse.write_bytes(b"\xff\xfe\x00")
    code, said = run(good, bad, worse)
    assert code == 1
    line = text[: text.index("up/hug")].count("\n") + 1
    assert f"{bad}: Line {line}: “hug” is not known here; there is: help, settle." in said
    assert "“C99.9” is not known here" in said
    assert f"{worse}: It is not a text file" in said
    assert f"{good}: no problem found" in said


def test_it_is_read_with_your_own_profile_and_plan(good: Path, tmp_path: Path) -> None:
    ours = tmp_path / "ours.yaml"
    ours.write_text(
        profiles.starter_text().replace("code: residential-nursing", "code: ours"), "utf-8"
    )
    good.write_text(TEXTS["S06"].replace("profile: residential-nursing", "profile: ours"), "utf-8")
    code, said = run(good)
    assert (code, "no profile “ours” is shipped" in said) == (1, True)
    assert run(good, "--profile", ours)[0] == 0
    code, said = run(good, "--plan", ours)
    assert (code, "missing from" in said) == (1, True)


def test_json_and_wrong_usage(good: Path, tmp_path: Path) -> None:
    code, said = run(good, "--json")
    assert (code, json.loads(said)) == (0, [{"file": str(good), "problems": []}])
    assert run()[0] == 2
    assert run(tmp_path / "none.yaml")[0] == 2
