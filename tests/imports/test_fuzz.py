"""Whatever is handed in: a preview or one refusing sentence, never a traceback, nothing written."""

import random
from pathlib import Path
from time import process_time
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from surehand.imports import run
from surehand.imports.kind import kinds
from surehand.imports.reading import ImportProblem
from surehand.people.access import COMMAND_LINE
from surehand.people.models import Person, Service
from tests.conftest import trials
from tests.home.test_imports_pages import send
from tests.provider import World

from .conftest import PEOPLE, SERVICES
from .test_reading import CALENDAR, workbook

ROTA = (
    "shift_id,service_id,person_id,starts_at,ends_at,role,supervisor_id\n"
    "S1,ALDER,P1,2026-03-12T07:30,2026-03-12T15:30,CW,P2\n"
)
SEEDS = [
    SERVICES.encode(),
    PEOPLE.encode(),
    ROTA.encode(),
    CALENDAR,
    workbook(SERVICES.splitlines()[0].split(","), ["ALDER", "Alder", "R", 46000]),
]
TOKENS = [b'"', b",", b";", b"\n", b"\r", b"\xef\xbb\xbf", b"\x00", b"\xff", b"=", b"9" * 40]
FUZZ = settings(
    max_examples=min(trials(50), 5_000),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    content = bytearray(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(content)))
        length = draw(st.integers(0, 12))
        new = draw(st.sampled_from(TOKENS) | st.binary(max_size=6) | st.text(max_size=6).map(_utf8))
        content[at : at + length] = new
    return bytes(content)


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


@pytest.mark.parametrize("kind", ["services", "people", "attendance", "rota"])
@FUZZ
@given(content=mutated() | st.binary(max_size=300), name=st.sampled_from(["f.csv", "f.xlsx"]))
def test_anything_is_previewed_or_refused(home: None, kind: str, content: bytes, name: str) -> None:
    try:
        shown = run.preview(kind, content, name, by=COMMAND_LINE)
    except ImportProblem as problem:
        assert str(problem).endswith((".", "…"))  # noqa: PT017
        return
    rows = shown.added + shown.changed + shown.unchanged + shown.refused
    assert rows == len(shown.lines.good) + len(shown.lines.bad)
    run.kept(run.keep(shown, by=COMMAND_LINE), by=COMMAND_LINE)
    assert (Service.objects.count(), Person.objects.count()) == (2, 3)


@st.composite
def people(draw: st.DrawFn) -> str:
    """A people file of a few people with any posts, some of them wrong."""
    days = ["2025-06-02", "2025-09-01", "2026-01-05", "2026-03-09", "2026-03-10", "2026-04-01"]
    cell = st.tuples(
        st.sampled_from(["P1", "P2", "P3", "N1"]),
        st.sampled_from(["CW", "SC", "RN"]),
        st.sampled_from(["ALDER", "QUAY"]),
        st.sampled_from(["permanent", "bank", "agency"]),
        st.sampled_from(days),
        st.sampled_from(["", "", *days]),
        st.sampled_from(["", "Nights", "Days"]),
        st.sampled_from(["", "med", "alr;nig"]),
    )
    rows = draw(st.lists(cell, min_size=1, max_size=6))
    header = "person_id,name,role,service_id,employment,start_date,end_date,team,responsibilities"
    return "\n".join([header, *(",".join([r[0], f"Name {r[0]}", *r[1:]]) for r in rows)])


@settings(FUZZ, max_examples=min(trials(20), 5_000))
@given(files=st.lists(people(), min_size=1, max_size=3))
def test_any_file_twice_changes_nothing(home: None, take: Any, files: list[str]) -> None:
    from django.db import transaction

    with transaction.atomic():
        for file in files:
            first = take("people", file)
            again = take("people", file)
            assert (again.added, again.changed) == (0, 0)
            assert again.unchanged == first.added + first.changed + first.unchanged
            assert again.problems == first.problems
        transaction.set_rollback(True)


NAMES = ["f.csv", "f.xlsx", "f.ics", "f.txt", "f"]
A_PAGE_EVERY = 20
MOST_SECONDS = 2.0
MOST_MIB = 150


def spoiled(chance: random.Random) -> bytes:
    """One of the seeds, or nothing like a file, with some bytes changed, lost, doubled or moved."""
    content = bytearray(chance.choice([*SEEDS, chance.randbytes(chance.randrange(400))]))
    for _ in range(chance.randrange(8)):
        at, length = chance.randrange(len(content) + 1), chance.randrange(1, 40)
        what = chance.randrange(4)
        if what == 0:
            content[at : at + length] = chance.choice(TOKENS) * chance.randrange(1, 4)
        elif what == 1:
            del content[at : at + length]
        elif what == 2:
            content[at:at] = content[at : at + length] * chance.randrange(1, 30)
        else:
            content[at : at + 2] = chance.randbytes(2)
    return bytes(content)


def resident() -> float:
    """Memory of this process, in MiB."""
    text = Path("/proc/self/status").read_text()
    return int(next(x for x in text.splitlines() if x.startswith("VmRSS")).split()[1]) / 1024


def test_spoiled_files_never_crash_grow_or_take_long(world: World) -> None:
    """SUREHAND_TRIALS=100000 for the measure; a page is asked for one in twenty."""
    from django.db import transaction

    ada = Client(raise_request_exception=True)
    ada.force_login(world.people["ada"].sign_in)
    times = trials(200)
    before, slow, crashed = 0.0, 0, 0
    for n in range(times):
        chance = random.Random(n)
        kind, name = chance.choice([*kinds()]), chance.choice(NAMES)
        content = spoiled(chance)
        began = process_time()
        try:
            with transaction.atomic():
                if n % A_PAGE_EVERY == 0:
                    response = send(ada, kind, content, name)
                    crashed += response.status_code not in {302, 422}
                    if response.status_code == 302:
                        crashed += ada.get(response.url, follow=True).status_code != 200
                else:
                    run.preview(kind, content, name, by=COMMAND_LINE)
                transaction.set_rollback(True)
        except ImportProblem:
            pass
        slow += process_time() - began > MOST_SECONDS
        if n == min(500, times // 2):
            before = resident()
    assert crashed == 0
    if times > 1000:  # a busy machine says nothing about one slow file among few
        assert slow == 0
        assert resident() - before <= MOST_MIB
    assert ada.get(reverse("imports")).status_code == 200


def test_every_kind_in_the_settings_loads() -> None:
    assert {"services", "people", "rota"} <= set(kinds())
