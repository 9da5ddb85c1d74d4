"""Confirmed competence as an ASC-WDS training file that the national validator accepts, and that
our own import takes in as it is."""

import csv
import io
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from surehand import evidence
from surehand.assessment import actions as assessment
from surehand.cli.__main__ import main
from surehand.imports import run
from surehand.imports.table import identifier
from surehand.people.access import COMMAND_LINE
from surehand.people.models import Identity
from surehand.readiness.training_export import plain, to_csv, training_export
from surehand.support.models import Attendance
from surehand.timeline import add_months
from tests.provider import NOW, World

# --- The national service's checks of one row, restated from its public source
# (NMDSdevopsServiceAdm/SopraSteria-SFC, lambdas/bulkUpload: TrainingCsvValidator and its errors).

TODAY = NOW.date()
HEADER = (
    "LOCALESTID,UNIQUEWORKERID,CATEGORY,TRAININGNAME,ACCREDITED,WHODELIVERED,PROVIDERNAME,"
    "HOWDELIVERED,VALIDITY,DATECOMPLETED,EXPIRYDATE,NOTES"
)
CATEGORIES = {*range(1, 52)} - {3, 4, 24}


@dataclass
class Judged:
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def judge(row: dict[str, str], *, today: date) -> Judged:
    found = Judged()
    for column in ("LOCALESTID", "UNIQUEWORKERID"):
        if not row[column]:
            found.errors.append(f"{column} has not been supplied")
        if len(row[column]) > 50:
            found.errors.append(f"{column} is too long")
    if len(row["TRAININGNAME"]) > 120:
        found.errors.append("TRAININGNAME is too long")
    if len(row["NOTES"]) > 1000:
        found.errors.append("NOTES is too long")
    if not row["CATEGORY"].isdigit() or int(row["CATEGORY"]) not in CATEGORIES:
        found.errors.append("CATEGORY is not known")
    for column, codes in (
        ("ACCREDITED", {"", "0", "1", "999"}),
        ("WHODELIVERED", {"", "1", "2"}),
        ("HOWDELIVERED", {"", "1", "2"}),
    ):
        if row[column] not in codes:
            found.errors.append(f"{column} is invalid")
    if row["PROVIDERNAME"] and row["WHODELIVERED"] != "2":
        found.warnings.append("PROVIDERNAME will be ignored")
    elif row["PROVIDERNAME"] and not row["PROVIDERNAME"].isdigit():
        found.errors.append("PROVIDERNAME is no code")
    completed = _day(row["DATECOMPLETED"], found)
    if completed and completed > today:
        found.errors.append("DATECOMPLETED is in the future")
    expires = _day(row["EXPIRYDATE"], found)
    if expires and completed and expires <= completed:
        found.errors.append("EXPIRYDATE must be after DATECOMPLETED")
    validity = row["VALIDITY"]
    if validity == "none":
        if expires:
            found.warnings.append("VALIDITY does not match EXPIRYDATE")
    elif validity:
        # The source says "1 to 999" and compares with > 1.
        if not validity.isdigit() or not 1 < int(validity) <= 999:
            found.errors.append("VALIDITY is neither none nor months")
        elif completed and expires:
            expected = add_months(completed, int(validity)) - timedelta(days=1)
            if expires != expected:
                found.warnings.append("EXPIRYDATE does not match VALIDITY")
    return found


def _day(cell: str, found: Judged) -> date | None:
    if not cell:
        return None
    try:
        assert re.fullmatch(r"\d\d/\d\d/\d{4}", cell, re.ASCII)
        return datetime.strptime(cell, "%d/%m/%Y").date()  # noqa: DTZ007
    except (ValueError, AssertionError):
        found.errors.append(f"{cell} is incorrectly formatted")
        return None


def rows_of(content: bytes, *, today: date = TODAY) -> list[dict[str, str]]:
    """The rows of a file, each accepted by the national checks without error or warning."""
    text = content.decode("utf-8")
    assert text.split("\r\n")[0] == HEADER
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    for row in rows:
        judged = judge(row, today=today)
        assert (judged.errors, judged.warnings) == ([], []), row
        assert set(row) == set(HEADER.split(","))
    return rows


def test_the_restated_checks_refuse_what_the_national_service_refuses() -> None:
    good = dict.fromkeys(HEADER.split(","), "") | {
        "LOCALESTID": "foo",
        "UNIQUEWORKERID": "bar",
        "CATEGORY": "48",
        "DATECOMPLETED": "21/04/2024",
        "VALIDITY": "24",
        "EXPIRYDATE": "20/04/2026",
    }
    assert judge(good, today=TODAY) == Judged()
    for column, cell in (
        ("LOCALESTID", ""),
        ("UNIQUEWORKERID", "w" * 51),
        ("CATEGORY", "145"),
        ("ACCREDITED", "3"),
        ("WHODELIVERED", "some"),
        ("HOWDELIVERED", "3"),
        ("VALIDITY", "1000"),
        ("DATECOMPLETED", "01/01/2099"),
        ("DATECOMPLETED", "12323423423"),
        ("EXPIRYDATE", "21/04/2024"),
        ("NOTES", "n" * 1001),
        ("TRAININGNAME", "n" * 121),
    ):
        assert judge(good | {column: cell}, today=TODAY).errors, column
    assert judge(good | {"EXPIRYDATE": "31/12/2030"}, today=TODAY).warnings


# --- What is exported


@pytest.fixture
def judged(world: World) -> World:
    world.assess("dan", "C01", by="wendy")
    world.assess("dan", "C03", by="wendy", happened_at=NOW - timedelta(days=9))
    world.fail("dan", "C04", by="wendy")
    world.assess("eve", "C03", by="wendy")
    world.assess("rose", "C03", by="wendy")
    return world


def exported(world: World, *services: str, at: datetime = NOW) -> list[dict[str, str]]:
    chosen = [world.services[code] for code in services or world.services]
    return rows_of(to_csv(training_export(chosen, at=at)))


def test_one_row_for_each_person_and_competency_held(judged: World) -> None:
    found = exported(judged, "ALD")
    names = {p.pk: p.identity.reference for p in judged.people.values()}
    dan, eve = names[judged.people["dan"].pk], names[judged.people["eve"].pk]
    assert [(r["UNIQUEWORKERID"], r["TRAININGNAME"][:3]) for r in found] == [
        (dan, "C01"),
        (dan, "C03"),
        (eve, "C03"),
    ]
    second = found[1]
    months = judged.check("C03").validity_months
    assert (second["LOCALESTID"], second["CATEGORY"], second["DATECOMPLETED"]) == (
        "ALD",
        "48",
        "09/11/2026",
    )
    assert second["VALIDITY"] == str(months)
    assert (
        second["EXPIRYDATE"] == f"{add_months(date(2026, 11, 9), months) - timedelta(1):%d/%m/%Y}"
    )
    # An agency post counts a pass for its own, shorter time.
    assert found[2]["VALIDITY"] == str(judged.check("C03").agency_months)
    assert len(exported(judged)) == 4
    assert exported(judged, at=NOW - timedelta(days=10)) == []


def test_competence_that_ends_sooner_says_so_by_its_date(judged: World) -> None:
    with evidence.clock.at(NOW):
        assessment.reopen(
            by=judged.by("helen"),
            competency=judged.check("C03").competency,
            people=[judged.people["dan"]],
            reason="A new release moved the plan.",
        )
    row = next(r for r in exported(judged, "ALD") if r["TRAININGNAME"].startswith("C03"))
    assert (row["VALIDITY"], row["EXPIRYDATE"]) == ("", "16/12/2026")


def test_nobody_without_an_identity_is_told_of(judged: World) -> None:
    Identity.objects.filter(person=judged.people["dan"]).delete()
    assert {r["TRAININGNAME"][:3] for r in exported(judged, "ALD")} == {"C03"}


def test_words_keep_to_letters_that_windows_reads_alike() -> None:
    assert plain("“Résumé” – it’s  é…") == '"Resume" - it\'s e...'


ids = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cf", "Zl", "Zp"]),
    min_size=1,
    max_size=50,
).map(lambda text: " ".join(text.split()))


@st.composite
def references(draw: st.DrawFn) -> str:
    """An id that a people file could have given."""
    text = draw(st.sampled_from(["=1+1", "-7", "'x", 'a"b,c', "Ünal 7"]) | ids)
    try:
        parsed = str(identifier(text))
    except ValueError:
        parsed = ""
    return parsed or "W1"


@settings(
    max_examples=12,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # each step back takes a second
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    passes=st.lists(
        st.tuples(
            st.sampled_from(["dan", "eve", "sam", "rose"]),
            st.sampled_from(["C01", "C03", "C04", "C12"]),
            st.integers(0, 13),
            st.booleans(),
        ),
        max_size=8,
        unique_by=lambda one: one[:3],  # the same again is recorded once
    ),
    reference=references(),
    days=st.integers(0, 500),
    reopened=st.booleans(),
)
def test_whatever_is_confirmed_the_file_is_accepted_and_comes_back_as_it_is(
    world: World,
    passes: list[tuple[str, str, int, bool]],
    reference: str,
    days: int,
    reopened: bool,
) -> None:
    with transaction.atomic():
        Identity.objects.filter(person=world.people["dan"]).update(reference=reference)
        for name, code, before, passed in passes:
            when = NOW - timedelta(days=before)
            judge_ = world.assess if passed else world.fail
            judge_(name, code, by="wendy", happened_at=when)
        if reopened:
            assessment.reopen(
                by=world.by("helen"),
                competency=world.check("C03").competency,
                reason="A new release.",
            )
        at = NOW + timedelta(days=days)
        content = to_csv(training_export(list(world.services.values()), at=at))
        rows = rows_of(content, today=TODAY)
        if rows:
            first = run.preview("asc-wds", content, "training.csv", by=COMMAND_LINE)
            assert (first.problems, first.added) == ([], len(rows))
            run.commit(first, by=COMMAND_LINE)
            again = run.preview("asc-wds", content, "training.csv", by=COMMAND_LINE)
            assert again.unchanged == len(rows)
            assert not again.does_something
            assert _taken_in() == sorted(map(_said, rows))
        transaction.set_rollback(True)


def _said(row: dict[str, str]) -> tuple[str, ...]:
    columns = ("UNIQUEWORKERID", "TRAININGNAME", "DATECOMPLETED", "EXPIRYDATE", "NOTES")
    return tuple(row[column] for column in columns)


def _taken_in() -> list[tuple[str, ...]]:
    return sorted(
        (
            a.person.identity.reference,
            str(a.course),
            f"{a.on:%d/%m/%Y}",
            f"{a.expires_on:%d/%m/%Y}" if a.expires_on else "",
            a.details.notes,
        )
        for a in Attendance.objects.all()
    )


# --- Where it is asked for


def test_the_command_and_the_page_give_the_same_file(
    judged: World, signed_in: Callable[[str], Client], tmp_path: Path
) -> None:
    out = tmp_path / "training.csv"
    arguments = ["export", "asc-wds-training", "--service", "ALD", "-o", str(out)]
    assert CliRunner().invoke(main, arguments).exit_code == 0
    page = signed_in("ruth").get("/matrix/asc-wds-training.csv?service=ALD")
    assert bytes(page.content) == out.read_bytes()
    assert len(rows_of(out.read_bytes())) == 3
    assert signed_in("ruth").get("/matrix/asc-wds-training.csv?service=all").content == page.content
    every = signed_in("helen").get("/matrix/asc-wds-training.csv?service=all")
    assert len(rows_of(bytes(every.content))) == 4
    assert (
        "asc-wds-training.csv?service=all" in signed_in("helen").get("/courses/?service=ALD").text
    )
    assert "asc-wds-training.csv" in signed_in("ruth").get("/matrix/?service=ALD").text
    refused = CliRunner().invoke(main, [*arguments[:-1], str(tmp_path / "t.xlsx")])
    assert (refused.exit_code, "as csv, not as xlsx" in refused.output) == (1, True)


def test_courses_are_exported_from_the_command_line(judged: World, tmp_path: Path) -> None:
    out = tmp_path / "courses.json"
    said = CliRunner().invoke(main, ["export", "courses", "--service", "ALD", "-o", str(out)])
    assert said.exit_code == 0
    assert '"attendance": "Missing"' in out.read_text()
