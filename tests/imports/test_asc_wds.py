"""ASC-WDS files as a provider keeps them; nothing about a worker that is not needed is kept."""

import zlib
from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from surehand.evidence.refusal import NotPermitted, Refused
from surehand.imports import run
from surehand.people.access import COMMAND_LINE
from surehand.people.asc_wds import WORKER_HEADER, WORKPLACE_HEADER
from surehand.people.models import Identity, Post, Service

from .conftest import manager_of
from .test_files_in import counts, posts_of, sentences

PRIVATE = {
    "NINUMBER": "QQ123456C",
    "POSTCODE": "ZZ99 3WZ",
    "DOB": "17/05/1987",
    "ETHNICITY": "ETHN-41",
    "NATIONALITY": "NATN-826",
    "COUNTRYOFBIRTH": "COBR-826",
    "DISABLED": "DISA-1",
    "DAYSSICK": "SICK-12.5",
    "SALARY": "23456.78",
    "HOURLYRATE": "13.97",
    "QUALACH01NOTES": "PRIVATE-NOTE",
}
HOME = {
    "LOCALESTID": "BM-1",
    "STATUS": "UPDATE",
    "ESTNAME": "Brindle Lodge",
    "POSTCODE": "ZZ99 3WZ",
    "LOCATIONID": "1-1000000001",
}
WORKER = {
    **PRIVATE,
    "LOCALESTID": "BM-1",
    "UNIQUEWORKERID": "W1",
    "STATUS": "NEW",
    "DISPLAYID": "Ola Grey",
    "STARTDATE": "02/06/2025",
    "EMPLSTATUS": "1",
    "MAINJOBROLE": "8",
}


def csv(header: tuple[str, ...], *rows: dict[str, str]) -> str:
    lines = [",".join(header), *(",".join(row.get(h, "") for h in header) for row in rows)]
    return "\r\n".join(lines) + "\r\n"


def workplaces(*rows: dict[str, str]) -> str:
    return csv(WORKPLACE_HEADER, *rows)


def workers(*rows: dict[str, str]) -> str:
    return csv(WORKER_HEADER, *({**WORKER, **row} for row in rows))


@pytest.fixture
def lodge(take: Any) -> None:
    take("asc-wds", workplaces(HOME), choices={"BM-1": "R"})


def test_the_headers_have_44_columns() -> None:
    assert (len(WORKPLACE_HEADER), len(WORKER_HEADER)) == (44, 44)


def test_the_setting_of_a_workplace_is_asked_once(take: Any) -> None:
    shown = take("asc-wds", workplaces(HOME))
    assert counts(shown) == (0, 0, 0, 1)
    assert "--setting BM-1=R" in sentences(shown)[0]
    assert [q.key for q in shown.comparison.questions] == ["BM-1"]
    assert counts(take("asc-wds", workplaces(HOME), choices={"BM-1": "r"})) == (1, 0, 0, 0)
    service = Service.objects.get()
    assert (service.code, service.setting) == ("BM-1", "R")
    assert (service.details.name, service.details.cqc_location_id) == (
        "Brindle Lodge",
        "1-1000000001",
    )
    shown = take("asc-wds", workplaces({**HOME, "ESTNAME": "Brindle House"}))
    assert counts(shown) == (0, 1, 0, 0)
    assert not shown.comparison.questions


def test_workers_become_people_with_posts(lodge: None, take: Any) -> None:
    file = workers(
        {},
        {"UNIQUEWORKERID": "W2", "DISPLAYID": "Two", "EMPLSTATUS": "3", "MAINJOBROLE": "7"},
        {"UNIQUEWORKERID": "W3", "DISPLAYID": "Three", "EMPLSTATUS": "7", "MAINJOBROLE": "16"},
        {"UNIQUEWORKERID": "W4", "DISPLAYID": "Four", "MAINJOBROLE": "25"},
        {"UNIQUEWORKERID": "W5", "DISPLAYID": "Five", "MAINJOBROLE": "12"},
        {"UNIQUEWORKERID": "W6", "DISPLAYID": "Six", "LOCALESTID": "BM-9"},
        {"UNIQUEWORKERID": "W7", "DISPLAYID": "Seven", "STARTDATE": ""},
    )
    shown = take("asc-wds", file)
    assert counts(shown) == (3, 0, 1, 3)
    assert posts_of("W1") == [("CW", date(2025, 6, 2), None)]
    assert set(Post.objects.values_list("job_role", "employment")) == {
        ("CW", "permanent"),
        ("SC", "bank"),
        ("RN", "permanent"),
    }
    assert "Administrative 1" in " ".join(shown.notes)
    assert [p.row for p in shown.problems] == [6, 7, 8]
    again = take("asc-wds", file.replace(",NEW,", ",NOCHANGE,"))
    assert counts(again) == (0, 0, 4, 3)


@pytest.mark.parametrize(("setting", "role"), [("R", "CW"), ("N", "CW"), ("H", "HC"), ("S", "SW")])
def test_a_care_worker_is_called_as_the_setting_does(take: Any, setting: str, role: str) -> None:
    take("asc-wds", workplaces(HOME), choices={"BM-1": setting})
    take("asc-wds", workers({}))
    assert Post.objects.get().job_role == role


def test_a_deleted_worker_is_a_leaver(lodge: None, take: Any) -> None:
    take("asc-wds", workers({}))
    assert counts(take("asc-wds", workers({"STATUS": "DELETE"}))) == (0, 1, 0, 0)
    assert posts_of("W1") == [("CW", date(2025, 6, 2), date(2026, 3, 10))]
    assert Identity.objects.filter(reference="W1").exists()
    assert counts(take("asc-wds", workers({"STATUS": "DELETE"}))) == (0, 0, 1, 0)


def test_one_worker_at_two_workplaces_is_one_person(lodge: None, take: Any) -> None:
    take("asc-wds", workplaces({**HOME, "LOCALESTID": "BM-2"}), choices={"BM-2": "H"})
    take("asc-wds", workers({}, {"LOCALESTID": "BM-2"}))
    assert Identity.objects.count() == 1
    assert [p[0] for p in posts_of("W1")] == ["CW", "HC"]


@pytest.mark.parametrize("extra", [("CHGUNIQUEWRKID",), ("CHGUNIQUEWRKID", "TRANSFERSTAFFRECORD")])
def test_two_more_columns_may_follow_the_second(
    lodge: None, take: Any, extra: tuple[str, ...]
) -> None:
    header = (*WORKER_HEADER[:2], *extra, *WORKER_HEADER[2:])
    assert counts(take("asc-wds", csv(header, WORKER))) == (1, 0, 0, 0)


@pytest.mark.parametrize(
    "header",
    [
        WORKER_HEADER[:-1],
        tuple(reversed(WORKER_HEADER)),
        ("LOCALESTID", "UNIQUEWORKERID", "CATEGORY", "TRAININGNAME"),
    ],
)
def test_another_header_is_refused(lodge: None, take: Any, header: tuple[str, ...]) -> None:
    with pytest.raises(Refused, match=r"neither an ASC-WDS workplace file.*nor a training"):
        take("asc-wds", csv(header, WORKER))


def test_a_registered_manager_brings_workers_but_no_workplaces(lodge: None, take: Any) -> None:
    by = manager_of(Service.objects.get().pk)
    assert counts(take("asc-wds", workers({}), by=by)) == (1, 0, 0, 0)
    with pytest.raises(NotPermitted):
        take("asc-wds", workplaces(HOME), by=by)


def test_nothing_unneeded_is_kept_anywhere(lodge: None, caplog: Any) -> None:
    file = workers({}, {"UNIQUEWORKERID": "W2", "MAINJOBROLE": "99"}, {"STATUS": "WRONG"})
    shown = run.preview("asc-wds", file.encode(), "f.csv", by=COMMAND_LINE)
    assert counts(shown) == (1, 0, 0, 2)
    waiting = run.keep(shown, by=COMMAND_LINE)
    draft = repr(run.kept(waiting, by=COMMAND_LINE)) + repr(shown) + shown.refused_file()
    before = everything_stored()
    _, refused = run.confirm(waiting, by=COMMAND_LINE)
    assert refused
    stored = before + everything_stored() + draft + caplog.text
    assert "Ola Grey" in stored  # the search does find what is kept
    assert [name for name, value in PRIVATE.items() if value in stored] == []


def everything_stored() -> str:
    """Every value of every table, unpacked where it is packed."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            for value in (v for row in cursor.fetchall() for v in row):
                if isinstance(value, bytes | memoryview):
                    raw = bytes(value)
                    found.append(raw.decode("latin-1"))
                    with suppress(zlib.error):  # a salt may begin like something packed
                        found.append(zlib.decompress(raw).decode())
                else:
                    found.append(str(value))
    assert len(apps.get_models()) > 20
    return "\n".join(found)
