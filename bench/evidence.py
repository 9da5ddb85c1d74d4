"""What evidence costs: `python bench/evidence.py [ACTIONS] [ENTRIES]`, by default 600 and
1,000,000.

Each beside its peer, in one run, on SQLite, or on PostgreSQL when DATABASE_URL names a database
that may be filled:

- one full durable action (permission, policy, fact, spans, evidence) against the same rows by plain
  ORM, committed one by one, without evidence and spans;
- a set-based batch of 500 of the same facts in one act, against single actions;
- verifying a ledger of so many entries, each as such an action writes it, in a file, one a line,
  against SHA-256 over the same lines.

Beside the time by the clock stands that of the processor, which a busy machine changes less.
"""

import hashlib
import json
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
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


def rate(work: Callable[[int], Any], times: int) -> tuple[float, float]:
    """How often a second, over so many times, and milliseconds of processor each."""
    began, cpu = perf_counter(), process_time()
    for n in range(times):
        work(n)
    return times / (perf_counter() - began), (process_time() - cpu) / times * 1000


held: list[tuple[float, float]] = []


@contextmanager
def clocked(*given: Any, act: Callable[..., Any] = evidence.act, **named: Any) -> Iterator[Any]:
    """`evidence.act`, noting how long each act keeps all others waiting: it holds the head."""
    began, cpu = perf_counter(), process_time()
    with act(*given, **named) as opened:
        yield opened
    held.append((perf_counter() - began, process_time() - cpu))


SUBJECTS = ("dan", "sam", "eve", "tessa")


def turns(world: World) -> list[tuple[str, Check]]:
    """Whom and what to assess in turn, so that nobody's history grows out of the ordinary."""
    checks = checks_in_force(at=NOW).values()
    return [(name, check) for check in checks for name in SUBJECTS]


def acted(world: World) -> Callable[[int], Any]:
    """The ordinary action, as the page calls it."""
    by, turn = world.by("cal"), turns(world)
    minutes = count(1)  # the same assessment twice would be refused

    def act(n: int) -> None:
        name, check = turn[n % len(turn)]
        actions.record_assessment(
            by=by,
            happened_at=NOW - timedelta(minutes=next(minutes)),
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


def written(file: Path, count: int) -> None:
    """A ledger of so many entries as the actions above entered them."""
    acts = [said for _, said in map(parsed, contents()) if said["kind"] == "assessment.recorded"]
    with file.open("wb") as out:
        for n in range(count):
            seconds, micro = divmod(n, 1000)
            moment = evidence.ledger.written(NOW + timedelta(seconds=seconds, microseconds=micro))
            said = acts[n % len(acts)] | {
                "seq": n + 1, "recorded_at": moment, "subjects": [f"{n:032x}"]
            }  # fmt: skip
            # Keys stay in order, so this is its canonical form.
            out.write(json.dumps(said, separators=(",", ":")).encode() + b"\n")


def parsed(entry: tuple[int, bytes]) -> tuple[int, dict[str, Any]]:
    return entry[0], verify.parse(entry[1])


def lines(file: Path) -> Iterator[bytes]:
    with file.open("rb") as entries:
        for line in entries:
            yield line.removesuffix(b"\n")


def main() -> None:
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 600
    entries = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
    call_command("migrate", verbosity=0)
    world = small_provider()
    print(f"machine: {platform.processor() or platform.machine()}, {os.cpu_count()} cores, "
          f"{connection.vendor}, load {os.getloadavg()[0]:.0f}", flush=True)  # fmt: skip
    with evidence.clock.at(NOW):
        # The actions first: what plain ORM writes would otherwise lengthen the histories they read.
        ordinary = acted(world)
        rate(ordinary, 20)
        evidence.act = clocked  # type: ignore[assignment]
        action, spent = rate(ordinary, times)
        orm, peer = rate(plain(world), times)
        print(f"one full action     {action:8.0f}/s ({spent:.1f} ms of processor)   "
              f"plain ORM {orm:.0f}/s ({peer:.1f} ms), ratio {action / orm:.2f} "
              f"(by processor {peer / spent:.2f})")  # fmt: skip
        clock, cpu = (median(one) * 1000 for one in zip(*held, strict=True))
        print(f"  of it with the head held {clock:.1f} ms ({cpu:.1f} ms of processor), "
              f"the rest meanwhile waits", flush=True)  # fmt: skip
        acts, spent = rate(batch(world), 4)
        batched = acts * BATCH
        print(f"in batches of {BATCH}   {batched:8.0f}/s ({spent / BATCH:.2f} ms of processor)   "
              f"{batched / action:.1f} × single", flush=True)  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "entries")
        written(file, entries)
        began = perf_counter()
        for line in lines(file):
            hashlib.sha256(line).digest()
        hashing = perf_counter() - began
        for processes in (1, os.cpu_count() or 1):
            began, cpu = perf_counter(), process_time()
            report = verify.examine(enumerate(lines(file), 1), processes=processes)
            spent = perf_counter() - began
            if not report.ok:
                raise SystemExit(str(report))
            print(f"verify {entries:,} entries, {file.stat().st_size / 1e6:.0f} MB, "
                  f"{processes} processes   {spent:.2f} s "
                  f"({process_time() - cpu:.2f} s of processor in the first)   "
                  f"SHA-256 alone {hashing:.2f} s, ratio {spent / hashing:.1f}",
                  flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
