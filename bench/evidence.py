"""What evidence costs: `python bench/evidence.py [ACTIONS] [ENTRIES]`, by default 600 and 100,000.

Each beside its peer, in one run, on SQLite, or on PostgreSQL when DATABASE_URL names a database
that may be filled:

- one full durable action (permission, policy, fact, spans, evidence) against the same rows by plain
  ORM, committed one by one, without evidence and spans;
- a set-based batch of 500 of the same facts in one act, against single actions;
- verifying a ledger of so many entries, against SHA-256 over the same bytes.
"""

import hashlib
import os
import platform
import sys
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

os.environ.setdefault("SUREHAND_DATA", tempfile.mkdtemp())
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "surehand.config.settings")
sys.path.insert(0, str(Path(__file__).parents[1]))

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402

from surehand import evidence  # noqa: E402
from surehand.assessment import actions  # noqa: E402
from surehand.assessment.models import Assessment, AssessmentWords  # noqa: E402
from surehand.competency.models import Check  # noqa: E402
from surehand.competency.queries import checks_in_force  # noqa: E402
from surehand.evidence import verify  # noqa: E402
from surehand.evidence.queries import contents  # noqa: E402
from tests.provider import NOW, World, small_provider  # noqa: E402

BATCH = 500
NOTE = "Seen on the floor in the morning, with the tablet."


def rate(work: Callable[[int], Any], times: int) -> float:
    """How often a second, over so many times."""
    began = perf_counter()
    for n in range(times):
        work(n)
    return times / (perf_counter() - began)


SUBJECTS = ("dan", "sam", "eve", "tessa")


def turns(world: World) -> list[tuple[str, Check]]:
    """Whom and what to assess in turn, so that nobody's history grows out of the ordinary."""
    checks = checks_in_force(at=NOW).values()
    return [(name, check) for check in checks for name in SUBJECTS]


def acted(world: World) -> Callable[[int], Any]:
    """The ordinary action, as the page calls it."""
    by, turn = world.by("cal"), turns(world)

    def act(n: int) -> None:
        name, check = turn[n % len(turn)]
        actions.record_assessment(
            by=by,
            happened_at=NOW - timedelta(minutes=n),
            person=world.people[name],
            service=world.alder,
            check=check,
            method=check.methods[0],
            judgements={c["code"]: "met" for c in check.criteria},
            note=NOTE,
        )

    return act


def fact(world: World, turn: list[tuple[str, Check]], n: int) -> Assessment:
    name, check = turn[n % len(turn)]
    return Assessment(
        person=world.people[name],
        service=world.alder,
        competency_id=check.competency_id,
        check_version=check,
        method=check.methods[0],
        outcome="pass",
        judgements={c["code"]: "met" for c in check.criteria},
        by=world.people["cal"],
    )


def plain(world: World) -> Callable[[int], Any]:
    """The same rows, without evidence and spans, each committed."""
    turn = turns(world)

    def write(n: int) -> None:
        new = fact(world, turn, n)
        new.entry, new.recorded_at = 1, NOW
        new.happened_at = NOW - timedelta(minutes=n)
        with transaction.atomic():
            new.save(force_insert=True)
            AssessmentWords.objects.create(entry=1, text=NOTE, salt=b"0" * 32)

    return write


def batch(world: World) -> Callable[[int], Any]:
    """500 such facts in one act, with the spans of the posts they touch."""
    turn = turns(world)
    posts = [world.posts[name].pk for name in SUBJECTS]

    def write(n: int) -> None:
        with evidence.act("assessment.imported", by=world.by("cal").actor) as act:
            act.record_all([fact(world, turn, n * BATCH + m) for m in range(BATCH)])
            act.touch(posts)

    return write


def many_entries(count: int) -> None:
    """A ledger of so many entries: acts without facts, in one transaction for speed."""
    by = evidence.Actor("0" * 32, "command line")
    with transaction.atomic():
        for n in range(count):
            with evidence.act("sample.recorded", by=by) as act:
                act.about(f"{n:032x}")
                act.state(number=n, outcome="pass", method="practice", check="C04 version 1")


def main() -> None:
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 600
    entries = int(sys.argv[2]) if len(sys.argv) > 2 else 100_000
    call_command("migrate", verbosity=0)
    world = small_provider()
    print(f"machine: {platform.processor() or platform.machine()}, {os.cpu_count()} cores, "
          f"{connection.vendor}")  # fmt: skip
    with evidence.clock.at(NOW):
        # The actions first: what plain ORM writes would otherwise lengthen the histories they read.
        action = rate(acted(world), times)
        orm = rate(plain(world), times)
        print(f"one full action     {action:8.0f}/s   plain ORM {orm:.0f}/s, "
              f"ratio {action / orm:.2f}", flush=True)  # fmt: skip
        batched = rate(batch(world), 4) * BATCH
        print(f"in batches of {BATCH}   {batched:8.0f}/s   {batched / action:.1f} × single",
              flush=True)  # fmt: skip
        many_entries(entries)
    lines = [content for _, content in contents()]
    size = sum(map(len, lines))
    began = perf_counter()
    for line in lines:
        hashlib.sha256(line).digest()
    hashing = perf_counter() - began
    began = perf_counter()
    report = verify.examine(enumerate(lines, 1))
    spent = perf_counter() - began
    if not report.ok:
        raise SystemExit(str(report))
    print(f"verify {len(lines):,} entries, {size / 1e6:.0f} MB   {spent:.2f} s   "
          f"SHA-256 alone {hashing:.2f} s, ratio {spent / hashing:.0f}")  # fmt: skip


if __name__ == "__main__":
    main()
