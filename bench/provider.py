"""A made-up provider of any size, written straight into the tables: for benchmarks only.

Posts × competencies over three years, so that 20,000 × 40 gives about 2.5 million facts. Rows go
past `evidence.act` (no ledger entries): what is measured here reads facts, it does not write them.
"""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from surehand.competency.plan_document import starter_text

NOW = datetime(2026, 11, 18, 8, 0, tzinfo=UTC)
START = NOW - timedelta(days=3 * 365)
ROLES = ("CW", "CW", "CW", "CW", "SC", "RN", "TL")


def insert(table: str, columns: str, rows: list[tuple[Any, ...]]) -> None:
    names = columns.split()
    places = ", ".join(["%s"] * len(names))
    quoted = ", ".join(f'"{name}"' for name in names)
    with connection.cursor() as cursor:
        for start in range(0, len(rows), 50_000):
            cursor.executemany(
                f"INSERT INTO {table} ({quoted}) VALUES ({places})", rows[start : start + 50_000]
            )


def text(moment: datetime) -> Any:
    if connection.vendor == "sqlite":
        return str(moment.astimezone(UTC).replace(tzinfo=None))
    return moment


@transaction.atomic
def build(*, posts: int, competencies: int = 40, services: int | None = None, seed: int = 1) -> int:
    """Build it; the number of facts."""
    chance = random.Random(seed)
    services = services or max(1, posts // 60)
    start = (text(START), text(START))
    json = "[]"
    insert(
        "people_service",
        "id entry happened_at recorded_at code setting",
        [(n, 1, *start, f"S{n}", chance.choice("RNHS")) for n in range(1, services + 1)],
    )
    insert(
        "people_golive",
        "entry happened_at recorded_at service_id on",
        [(1, *start, n, str(START.date())) for n in range(1, services + 1)],
    )
    insert(
        "competency_competency",
        "id entry happened_at recorded_at code",
        [(n, 1, *start, f"K{n:02}") for n in range(1, competencies + 1)],
    )
    insert(
        "competency_check",
        "id entry happened_at recorded_at competency_id version title short group themes methods "
        "needs_discussion criteria validity_months agency_months",
        [
            (n, 1, *start, n, 1, f"K{n}", f"K{n}", "Record", json, json, False, json, 12, 6)
            for n in range(1, competencies + 1)
        ],
    )
    insert(
        "competency_planversion",
        "id entry happened_at recorded_at number applies_from document",
        [(1, 1, *start, 1, start[0], starter_text())],
    )
    insert(
        "competency_requirement",
        "entry happened_at recorded_at plan_id check_version_id competency_id job_role "
        "responsibility setting level agency",
        [
            (1, *start, 1, n, n, role, "", setting, "crit" if n % 3 else "core", True)
            for n in range(1, competencies + 1)
            for role in ("CW", "SC", "RN", "TL")
            for setting in "RNHS"
        ],
    )
    people, held, terms, signed = [], [], [], []
    observed: list[tuple[Any, ...]] = []
    assessor = posts + 1
    people.append((assessor, 1, *start, f"{assessor:032x}"))
    entry = 1
    facts = 0
    for n in range(1, posts + 1):
        people.append((n, 1, *start, f"{n:032x}"))
        began = START + timedelta(days=chance.randrange(0, 300))
        agency = chance.random() < 0.05
        service = n % services + 1
        held.append(
            (
                n,
                1,
                *start,
                n,
                service,
                chance.choice(ROLES),
                "agency" if agency else "permanent",
                str((NOW - timedelta(days=60)).date() if agency else began.date()),
            )
        )
        terms.append((1, *start, n, str(began.date()), None, ""))
        for competency in range(1, competencies + 1):
            at = began + timedelta(days=chance.randrange(5, 40), seconds=chance.randrange(86400))
            while at < NOW:
                entry += 1
                luck = chance.random()
                outcome = "pass" if luck < 0.93 else "partial" if luck < 0.97 else "further_support"
                when = text(at)
                observed.append(
                    (entry, when, when, n, service, competency, competency, "practice", outcome,
                     "{}", "{}", assessor)
                )  # fmt: skip
                at += timedelta(days=chance.randrange(300, 370) if luck < 0.93 else 14)
        for year in range(3):
            at = began + timedelta(days=45 + 330 * year)
            if at < NOW:
                entry += 1
                signed.append((entry, text(at), text(at), n, n, 1, False, assessor))
        if len(observed) > 200_000:
            facts += _observed(observed)
    facts += _observed(observed)
    insert("people_person", "id entry happened_at recorded_at pseudonym", people)
    insert(
        "people_post",
        "id entry happened_at recorded_at person_id service_id job_role employment start_date",
        held,
    )
    insert(
        "people_postterms",
        "entry happened_at recorded_at post_id from_date end_date responsibilities",
        terms,
    )
    insert(
        "readiness_signoff",
        "entry happened_at recorded_at post_id subject_id plan_id signer_assessed by_id",
        signed,
    )
    with connection.cursor() as cursor:
        cursor.execute("UPDATE evidence_head SET size = %s", [entry])
    return facts + len(people) + len(held) + len(terms) + len(signed)


def _observed(rows: list[tuple[Any, ...]]) -> int:
    insert(
        "assessment_assessment",
        "entry happened_at recorded_at person_id service_id competency_id check_version_id method "
        "outcome judgements help_given by_id",
        rows,
    )
    count = len(rows)
    rows.clear()
    return count
