"""Files in, beside a raw bulk insert of the same rows: `python bench/imports.py [PEOPLE] [SHIFTS]`,
by default 20,000 people in 250 services and 140,000 shifts.

On SQLite, or on PostgreSQL when DATABASE_URL names an empty database that may be filled. A plan is
in force, so that every post gets its spans. The peer writes the rows of the file into their tables
in one transaction, with no check, no evidence and no spans. Memory is what the peak rose by.
"""

import gc
import os
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

os.environ.setdefault("SUREHAND_DATA", tempfile.mkdtemp())
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "surehand.config.settings")
sys.path.insert(0, str(Path(__file__).parent))

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402

import provider  # noqa: E402
from surehand.evidence import clock  # noqa: E402
from surehand.imports import run  # noqa: E402
from surehand.people.access import COMMAND_LINE  # noqa: E402

NOW = datetime(2026, 11, 18, 8, 0, tzinfo=UTC)
SERVICES = 250


def status(name: str) -> float:
    """A figure of this process, in MiB."""
    text = Path("/proc/self/status").read_text()
    return int(next(line for line in text.splitlines() if line.startswith(name)).split()[1]) / 1024


def measured(what: str, work: Callable[[], Any]) -> float:
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    before, began, spent = status("VmRSS"), perf_counter(), process_time()
    work()
    seconds, processor = perf_counter() - began, process_time() - spent
    rose = status("VmHWM") - before
    print(f"{what:42} {seconds:7.1f} s  ({processor:6.1f} s of processor)  +{rose:4.0f} MiB")
    return seconds


def people_file(folder: Path, people: int) -> Path:
    path = folder / "people.csv"
    with path.open("w") as file:
        file.write("person_id,name,role,service_id,employment,start_date,team,responsibilities\n")
        for n in range(people):
            role = ("CW", "CW", "CW", "SC", "RN")[n % 5]
            file.write(
                f"P{n},Name O’{n} Surname,{role},S{n % SERVICES},permanent,2025-0{n % 9 + 1}-02,"
                f"T{n % 4},alr\n"
            )
    return path


def rota_file(folder: Path, people: int, shifts: int) -> Path:
    path = folder / "rota.csv"
    first = datetime(2026, 11, 16, tzinfo=UTC)
    with path.open("w") as file:
        file.write("shift_id,service_id,person_id,starts_at,ends_at,role,supervisor_id\n")
        for n in range(shifts):
            person = n % people
            day = first + timedelta(days=n // people * 2 + n % 2)
            file.write(
                f"SHIFT-{n:07},S{person % SERVICES},P{person},{day:%d/%m/%Y} 07:30,"
                f"{day:%d/%m/%Y} 19:45,,P{(person + SERVICES) % people}\n"
            )
    return path


def raw_people(people: int) -> None:
    start = provider.text(NOW)
    at = (1, start, start)
    ids = range(10_000_000, 10_000_000 + people)
    with transaction.atomic():
        provider.insert(
            "people_person",
            "id entry happened_at recorded_at pseudonym",
            [(n, *at, f"{n:032x}") for n in ids],
        )
        provider.insert(
            "people_identity",
            "person_id reference name email",
            [(n, f"R{n}", f"Name {n} Surname", "") for n in ids],
        )
        provider.insert(
            "people_post",
            "id entry happened_at recorded_at person_id service_id job_role employment start_date",
            [(n, *at, n, n % SERVICES + 1, "CW", "permanent", "2025-06-02") for n in ids],
        )
        provider.insert(
            "people_postterms",
            "entry happened_at recorded_at post_id from_date end_date responsibilities",
            [(*at, n, "2025-06-02", None, "alr") for n in ids],
        )
        transaction.set_rollback(True)


def raw_shifts(people: list[int], shifts: int) -> None:
    starts, ends = provider.text(NOW), provider.text(NOW + timedelta(hours=12))
    with transaction.atomic():
        provider.insert(
            "readiness_shift",
            "shift_id service_id person_id supervisor_id job_role starts_at ends_at no_live_use "
            "cancelled entry replaced_by",
            [
                (f"RAW-{n:07}", n % SERVICES + 1, people[n % len(people)], None, "", starts, ends,
                 False, False, 1, None)
                for n in range(shifts)
            ],
        )  # fmt: skip
        transaction.set_rollback(True)


def main(people: int = 20_000, shifts: int = 140_000) -> None:
    from surehand.competency import actions
    from surehand.competency.plan_document import starter_text
    from surehand.people.access import AccessRole, By, Grant

    call_command("migrate", verbosity=0)
    print(f"{connection.vendor}: {people:,} people, {shifts:,} shifts")
    folder = Path(tempfile.mkdtemp())
    with clock.at(NOW):
        services = "service_id,name,setting,go_live_date\n" + "".join(
            f"S{n},Home {n},{'RNHS'[n % 4]},2026-01-05\n" for n in range(SERVICES)
        )
        shown = run.preview("services", services.encode(), "services.csv", by=COMMAND_LINE)
        run.commit(shown, by=COMMAND_LINE)
        lead = By(None, "b" * 32, "system", (Grant(AccessRole.WORKFORCE_LEAD, None),))
        actions.publish_plan(by=lead, text=starter_text(), applies_from=NOW)
        for kind, path, raw in (
            ("people", people_file(folder, people), lambda: raw_people(people)),
            ("rota", rota_file(folder, people, shifts), None),
        ):
            shown: list[run.Preview] = []

            def preview(kind: str = kind, path: Path = path, shown: Any = shown) -> None:
                shown.append(run.preview(kind, path, path.name, by=COMMAND_LINE))

            def bring_in(shown: Any = shown) -> None:
                run.commit(shown.pop(), by=COMMAND_LINE)

            measured(f"{kind}: preview", preview)
            assert not shown[0].problems, shown[0].problems[:3]
            took = measured(f"{kind}: bring in", bring_in)
            if raw is None:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT id FROM people_person")
                    known = [row[0] for row in cursor.fetchall()]

                def raw(known: list[int] = known) -> None:
                    raw_shifts(known, shifts)

            peer = measured(f"{kind}: raw bulk insert", raw)
            print(f"{kind}: {took / peer:.1f} times the raw insert\n")
            measured(f"{kind}: the same file again", preview)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
