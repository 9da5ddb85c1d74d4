"""Totals as at any date, rebuild, known then: each beside its peer, in one run.

python bench/readiness.py [POSTS] [COMPETENCIES]

The provider is built in a process of its own, so that the peak of memory after the rebuild is the
rebuild's.
"""

import gc
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

folder = tempfile.mkdtemp()
os.environ.setdefault("SUREHAND_DATA", folder)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "surehand.config.settings")
sys.path.insert(0, str(Path(__file__).parent))

import django  # noqa: E402

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

import provider  # noqa: E402
from surehand.assessment.models import Assessment, Outcome  # noqa: E402
from surehand.people.models import Post  # noqa: E402
from surehand.readiness import projector, queries, totals  # noqa: E402
from surehand.readiness.models import SignOff  # noqa: E402


def timed(work: Callable[[], Any], *, times: int = 1) -> tuple[float, Any]:
    gc.collect()
    best, answer = float("inf"), None
    for _ in range(times):
        began = time.perf_counter()
        answer = work()
        best = min(best, time.perf_counter() - began)
    return best, answer


def naive_totals(moment: Any, people: int) -> Counter[tuple[int, int]]:
    """A straightforward ORM loop over the same facts of so many people: the last outcome of each
    person and competency, still valid or not, counted by service. Leaves out everything hard."""
    last: dict[tuple[int, int], Assessment] = {}
    for fact in (
        Assessment.objects.filter(happened_at__lte=moment, person__lte=people)
        .select_related("check_version")
        .order_by("happened_at")
        .iterator()
    ):
        last[(fact.person_id, fact.competency_id)] = fact
    found: Counter[tuple[int, int]] = Counter()
    by_person = {post.person_id: post.service_id for post in Post.objects.all()}
    for (person, competency), fact in last.items():
        valid = fact.happened_at + timedelta(days=30 * fact.check_version.validity_months)
        if fact.outcome == Outcome.PASS and moment < valid and person in by_person:
            found[(by_person[person], competency)] += 1
    return found


def peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    posts = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    competencies = int(sys.argv[2]) if len(sys.argv) > 2 else 40
    if "--build" in sys.argv:
        call_command("migrate", verbosity=0)
        provider.build(posts=posts, competencies=competencies)
        return
    spent, _ = timed(lambda: subprocess.run(
        [sys.executable, __file__, str(posts), str(competencies), "--build"], check=True
    ))  # fmt: skip
    facts = Assessment.objects.count() + 3 * posts + SignOff.objects.count()
    print(f"machine: {platform.processor() or platform.machine()}, {os.cpu_count()} cores, "
          f"{connection.vendor}; {posts:,} posts × {competencies}, {facts:,} facts, "
          f"built in {spent:.0f} s", flush=True)  # fmt: skip
    before = peak_mib()
    cpu = time.process_time()
    spent, rebuilt = timed(lambda: projector.rebuild(write=True))
    print(f"rebuild of all spans         {spent:8.2f} s   {rebuilt.differing:,} spans, "
          f"{time.process_time() - cpu:.1f} s of processor, "
          f"peak {peak_mib():.0f} MiB (before {before:.0f})", flush=True)  # fmt: skip
    spent, rebuilt = timed(lambda: projector.rebuild(write=False))
    print(f"doctor: rebuilt = stored     {spent:8.2f} s   {rebuilt.differing} differ", flush=True)
    moment = provider.NOW - timedelta(days=200)
    spent, _ = timed(lambda: totals.competent(at=moment), times=3)
    spent_states, _ = timed(lambda: totals.states(at=moment), times=3)
    # The loop is linear: over a large provider it runs for a tenth of the people.
    share = 10 if posts > 5_000 else 1
    naive, _ = timed(lambda: naive_totals(moment, posts // share))
    naive *= share
    both = spent + spent_states
    print(f"totals as at a date          {both:8.3f} s   ORM loop {naive:.1f} s"
          f"{f' (a tenth, times {share})' if share > 1 else ''}, "
          f"ratio {naive / both:.0f}×", flush=True)  # fmt: skip
    spent, weeks = timed(lambda: totals.trend(until=provider.NOW, weeks=156))
    print(f"trend over 156 weeks         {spent:8.3f} s   {len(weeks)} weeks")
    seq = 1_000_000 if facts > 2_000_000 else facts // 2
    for people in (1, 50, 700):
        ids = list(range(1, people + 1))
        cpu = time.process_time()
        spent, _ = timed(
            lambda ids=ids: queries.gates(ids, service=None, at=moment, known=seq), times=3
        )
        cpu = (time.process_time() - cpu) / 3
        print(f"known then, {people:>4} people      {spent * 1000:8.1f} ms, "
              f"{cpu * 1000:.1f} ms of processor")  # fmt: skip


if __name__ == "__main__":
    main()
