"""Live records in, beside a raw insert of the same rows: `python bench/records_in.py [RECORDS]`, by
default a million, in 40 services.

On SQLite, or on PostgreSQL when DATABASE_URL names an empty database that may be filled. The peer
writes the same rows, sealed already, into their two tables in one transaction, with no check, no
pseudonyms, no sealing and no evidence. Memory is what the peak rose by.
"""

import os
import random
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

os.environ.setdefault("SUREHAND_DATA", tempfile.mkdtemp())
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "surehand.config.settings")
sys.path.insert(0, str(Path(__file__).parent))

from django.core.management import call_command
from django.db import connection, transaction

import provider
from imports import NOW, measured
from surehand.evidence import clock
from surehand.imports import run
from surehand.people.access import COMMAND_LINE

SERVICES = 40
WORDS = """
    walked lounge breakfast ate half drank tea settled chair cardigan daughter rang garden slept
    checked skin intact pillow turned left right asked help toilet frame steady slowly smiled sang
    crossword quiet warm window open medicine taken declined offered again later evening morning
""".split()
HEADER = (
    "record_id,service_id,subject_id,author_id,record_type,section,occurred_at,recorded_at,text,"
    "version,fields\n"
)


def records_file(folder: Path, records: int) -> Path:
    """Four weeks of notes of about 42 words, in the order they were entered."""
    chance = random.Random(5)
    path = folder / "records.csv"
    sections = ("food", "personal", "mobility", "skin", "sleep", "activity")
    step = timedelta(weeks=4) / records
    with path.open("w") as file:
        file.write(HEADER)
        for n in range(records):
            recorded = NOW - timedelta(weeks=4) + step * n
            occurred = recorded - timedelta(minutes=chance.randrange(2, 50))
            service = chance.randrange(SERVICES)
            text = " ".join(chance.choices(WORDS, k=42))
            file.write(
                f"R-{n:08},S{service},RES{chance.randrange(60)},acc{service}.{chance.randrange(40)},"
                f"note,{sections[n % 6]},{occurred:%Y-%m-%dT%H:%M},{recorded:%Y-%m-%dT%H:%M:%S},"
                f'{text},1,"{{""mood"": ""settled"", ""support"": ""one""}}"\n'
            )
    return path


def hold() -> None:
    """The rows that were brought in, as they stand, to be written once more by the peer."""
    with connection.cursor() as cursor:
        for table in ("records_liverecord", "records_recordtext"):
            cursor.execute(f"SELECT * FROM {table} ORDER BY id")
            names = " ".join(column[0] for column in cursor.description)
            HELD[table] = (names, cursor.fetchall())


HELD: dict[str, tuple[str, list[tuple[object, ...]]]] = {}


def insert_held() -> None:
    with transaction.atomic():
        for table, (names, rows) in HELD.items():
            provider.insert(table, names, rows)


def main(records: int = 1_000_000) -> None:
    call_command("migrate", verbosity=0)
    folder = Path(tempfile.mkdtemp())
    path = records_file(folder, records)
    size = path.stat().st_size / 2**20
    print(f"{connection.vendor}: {records:,} records, {size:.0f} MB")
    with clock.at(NOW):
        services = "service_id,name,setting,go_live_date\n" + "".join(
            f"S{n},Home {n},{'RN'[n % 2]},2026-01-05\n" for n in range(SERVICES)
        )
        shown = run.preview("services", services.encode(), "services.csv", by=COMMAND_LINE)
        run.commit(shown, by=COMMAND_LINE)
        found: list[run.Preview] = []
        measured(
            "records: preview",
            lambda: found.append(run.preview("records", path, path.name, by=COMMAND_LINE)),
        )
        assert (found[0].added, found[0].refused) == (records, 0), found[0].problems[:3]
        took = measured("records: bring in", lambda: run.commit(found.pop(), by=COMMAND_LINE))
        measured(
            "records: the same file again",
            lambda: found.append(run.preview("records", path, path.name, by=COMMAND_LINE)),
        )
        assert found[0].unchanged == records
    hold()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM records_recordtext")
        cursor.execute("DELETE FROM records_liverecord")
    peer = measured("records: raw bulk insert", insert_held)
    print(
        f"records: {took / peer:.1f} times the raw insert, {took / records * 1e6:.0f} µs a record"
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
