"""`surehand spc`: a CSV file in, limits and marks out, refusals in sentences."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from surehand.cli.__main__ import main

LATE = "date,value\n" + "".join(f"2026-06-{day:02},{12 + day % 2}\n" for day in range(1, 15))


def run(path: Path, text: str, *arguments: str, encoding: str = "utf-8") -> Result:
    path.write_text(text, encoding)
    return CliRunner().invoke(main, ["spc", str(path), *arguments])


def test_a_chart_is_judged_and_said_in_words(tmp_path: Path) -> None:
    file = tmp_path / "late.csv"
    how = ["--improvement", "decrease", "--target", "20", "--baseline", "14"]
    done = run(file, LATE + "2026-06-20,3\n", *how)
    assert done.exit_code == 0
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    assert rows[0] == ["date", "value", "average", "lower limit", "upper limit", "judged"]
    assert rows[1][-1] == "as usual"
    assert rows[-1][-1] == "improvement: below the lower limit"
    assert "This looks like an improvement" in done.stderr
    assert "the target will be met" in done.stderr
    assert "a question to ask, not a proof" in done.stderr


def test_for_programs_it_is_json(tmp_path: Path) -> None:
    how = ["--improvement", "decrease", "--target", "12.5", "--rebase", "2026-06-08", "--json"]
    found = json.loads(run(tmp_path / "late.csv", LATE, *how).stdout)
    assert len(found["points"]) == 14
    assert found["points"][0] == {
        "date": "2026-06-01",
        "value": 13.0,
        "mean": pytest.approx(12 + 4 / 7),
        "lower": pytest.approx(12 + 4 / 7 - 2.66),
        "upper": pytest.approx(12 + 4 / 7 + 2.66),
        "near_lower": pytest.approx(12 + 4 / 7 - 2.66 * 2 / 3),
        "near_upper": pytest.approx(12 + 4 / 7 + 2.66 * 2 / 3),
        "trial": True,
        "special_cause": None,
        "judgement": "common_cause",
    }
    assert found["points"][7]["mean"] == pytest.approx(12 + 3 / 7)
    assert (found["variation"], found["assurance"]) == ("common_cause", "inconsistent")


def test_shares_make_limits_of_their_own_and_columns_come_in_any_order(tmp_path: Path) -> None:
    text = "Denominator, date ,numerator,note\n" + "".join(
        f"{50 * (1 + day % 3)},2026-06-{day:02},{day % 5 + 3},ü\n" for day in range(1, 15)
    )
    for encoding in ("utf-8", "utf-8-sig", "cp1252"):
        done = run(
            tmp_path / "s.csv", text, "--improvement", "decrease", "--json", encoding=encoding
        )
        points = json.loads(done.stdout)["points"]
        assert points[0]["value"] == 4 / 100
        assert len({point["upper"] for point in points}) == 3


@pytest.mark.parametrize(
    ("text", "how", "said"),
    [
        ("", (), "the first line must name the columns"),
        ("date,numerator\n2026-06-01,3\n", (), "the first line must name the columns"),
        ("date,value\n", (), "There are no points."),
        ("date,value\n01/06/2026,3\n", (), "line 2: “01/06/2026” is no date"),
        ("date,value\n2026-06-01,n/a\n", (), "line 2, value: “n/a” is no number"),
        ("date,value\n2026-06-01,inf\n", (), "line 2, value: “inf” is no number"),
        ("date,value\n2026-06-01\n", (), "line 2, value: “” is no number"),
        ("date,value\n2026-06-01,1\n2026-06-01,2\n", (), "two points of 2026-06-01"),
        ("date,numerator,denominator\n2026-06-01,3,2\n", (), "3 of 2 is no share"),
        (LATE, ("--rebase", "2027-01-01"), "no point on or after 2027-01-01"),
    ],
)
def test_what_cannot_be_judged_is_said_in_a_sentence(
    tmp_path: Path, text: str, how: tuple[str, ...], said: str
) -> None:
    done = run(tmp_path / "chart.csv", text, "--improvement", "increase", *how)
    assert done.exit_code == 1
    assert done.stdout == ""
    assert done.stderr.startswith("chart.csv: ")
    assert said in done.stderr


def test_wrong_use_is_exit_code_2(tmp_path: Path) -> None:
    assert run(tmp_path / "late.csv", LATE).exit_code == 2
    assert run(tmp_path / "late.csv", LATE, "--improvement", "up").exit_code == 2
    how = ["--improvement", "increase", "--baseline", "1"]
    assert run(tmp_path / "late.csv", LATE, *how).exit_code == 2
