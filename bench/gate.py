"""The gate over HTTP: `python bench/gate.py [POSTS]`, by default 20,000 posts, on SQLite, or on
PostgreSQL when DATABASE_URL names a database that may be filled.

Gunicorn as `surehand serve` starts it, on loopback only. In one run:

- the gate's requests per second, asked as fast as it answers, against a bare Django view that runs
  the same two statements in the same server and prints the rows;
- the same without a server, in one process and by the time of the processor alone, which a busy
  machine does not change;
- 45 questions a second beside 14 writes a second (whole actions: permission, fact, spans,
  evidence), each timed from when it was due, so that waiting in line counts;
- questions at rising rates, to where they are no longer answered as they come;
- how long after a restriction is recorded the gate still says yes.
"""

import io
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from datetime import timedelta
from pathlib import Path
from queue import Empty, Queue
from typing import Any

os.environ.setdefault("SUREHAND_DATA", tempfile.mkdtemp())
os.environ.setdefault("SUREHAND_DEMO", "1")
os.environ.setdefault("SUREHAND_LOG", "CRITICAL")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "surehand.config.settings")
sys.path.insert(0, str(Path(__file__).parent))
# What a server started below is asked through.
os.environ["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).parent), *filter(None, sys.path)])

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth.decorators import login_not_required  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import connection  # noqa: E402
from django.http import HttpRequest, JsonResponse  # noqa: E402
from django.urls import path  # noqa: E402

import provider  # noqa: E402
from surehand import evidence  # noqa: E402
from surehand.api import tokens  # noqa: E402
from surehand.api.actions import create_token, digest  # noqa: E402
from surehand.api.scopes import Scope  # noqa: E402
from surehand.config.urls import urlpatterns as usual  # noqa: E402
from surehand.evidence.models import Head  # noqa: E402
from surehand.people.access import COMMAND_LINE, AccessRole, By, Grant  # noqa: E402
from surehand.people.models import Person  # noqa: E402
from surehand.readiness import actions, gate, projector  # noqa: E402

SECRET = "surehand_bench"
CONNECTIONS = 8
SECONDS = 6
ROUNDS = 3
PORT = 8015


# --- the server: the application, and the bare view beside it


@login_not_required
def bare(request: HttpRequest) -> JsonResponse:
    """The same two statements, and nothing made of them."""
    with connection.cursor() as cursor:
        cursor.execute(tokens._SQL, [digest(SECRET)])
        cursor.fetchone()
    rows = gate._read(
        [request.GET["person_id"]], service=request.GET["service_id"], at=evidence.clock.now()
    )
    return JsonResponse({"rows": rows})


urlpatterns = [path("bare/", bare), *usual]


def application() -> Any:
    settings.ROOT_URLCONF = "gate"
    return get_wsgi_application()


def start(module: str = "gate") -> subprocess.Popen[bytes]:
    """Serve the `application` of a module beside this one."""
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{PORT}", "--workers", "2",
         "--threads", "4", "--log-level", "critical", f"{module}:application()"],
        cwd=Path(__file__).parent,
    )  # fmt: skip
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", PORT), timeout=1).close()
            return server
        except OSError:
            time.sleep(0.1)
    server.terminate()
    raise SystemExit("The server did not start.")


def of_the_processor(where: str, posts: int, services: int, times: int = 1500) -> float:
    """Microseconds of processor for one request, through all of the application."""
    ask, chance = application(), random.Random(3)

    def once() -> None:
        person = chance.randint(1, posts)
        content = ask(
            {
                "REQUEST_METHOD": "GET",
                "PATH_INFO": where,
                "QUERY_STRING": f"person_id=P{person}&service_id=S{person % services + 1}",
                "SERVER_NAME": "127.0.0.1",
                "SERVER_PORT": "80",
                "HTTP_HOST": "127.0.0.1",
                "HTTP_AUTHORIZATION": f"Bearer {SECRET}",
                "wsgi.url_scheme": "http",
                "wsgi.input": io.BytesIO(),
            },
            lambda status, headers: None,
        )
        b"".join(content)
        content.close()

    for _ in range(50):
        once()
    began = time.process_time()
    for _ in range(times):
        once()
    return (time.process_time() - began) / times * 1e6


# --- asking


class Line:
    """One connection that stays open; a request is bytes out and bytes in."""

    def __init__(self) -> None:
        self.socket: socket.socket | None = None

    def ask(self, request: bytes) -> tuple[int, bytes]:
        for again in (True, False):
            try:
                if self.socket is None:
                    self.socket = socket.create_connection(("127.0.0.1", PORT), timeout=60)
                    self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self.socket.sendall(request)
                return self._read()
            except OSError:
                self.socket = None
                if not again:
                    raise
        raise AssertionError

    def _read(self) -> tuple[int, bytes]:
        assert self.socket is not None
        found = b""
        while b"\r\n\r\n" not in found:
            got = self.socket.recv(65536)
            if not got:
                raise ConnectionError
            found += got
        head, _, body = found.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
        while len(body) < length:
            body += self.socket.recv(65536)
        if b"connection: close" in head.lower():
            self.socket.close()
            self.socket = None
        return int(head.split(b" ", 2)[1]), body


def request(where: str, person: int, services: int) -> bytes:
    return (
        f"GET {where}?person_id=P{person}&service_id=S{person % services + 1} HTTP/1.1\r\n"
        f"Host: 127.0.0.1\r\nAuthorization: Bearer {SECRET}\r\n\r\n"
    ).encode()


def as_fast_as_it_answers(where: str, posts: int, services: int) -> float:
    """Answers a second over several connections."""
    until = time.perf_counter() + SECONDS
    counts: list[int] = []

    def run(seed: int) -> None:
        chance, line, count = random.Random(seed), Line(), 0
        while time.perf_counter() < until:
            status, body = line.ask(request(where, chance.randint(1, posts), services))
            assert status == 200, body
            count += 1
        counts.append(count)

    threads = [threading.Thread(target=run, args=(n,)) for n in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / SECONDS


def at_a_rate(rate: float, seconds: float, posts: int, services: int) -> list[float]:
    """How long each question took, from when it was due, in seconds."""
    due: Queue[float] = Queue()
    took: list[float] = []
    began = time.perf_counter() + 0.2
    for n in range(int(rate * seconds)):
        due.put(began + n / rate)
    chance = random.Random(7)

    def run() -> None:
        line = Line()
        while True:
            try:
                at = due.get_nowait()
            except Empty:
                return
            if (wait := at - time.perf_counter()) > 0:
                time.sleep(wait)
            status, body = line.ask(
                request("/api/v1/readiness", chance.randint(1, posts), services)
            )
            assert status == 200, body
            took.append(time.perf_counter() - at)

    threads = [threading.Thread(target=run) for _ in range(2 * CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return took


def centile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))] * 1000


# --- writing


def lead() -> By:
    person = Person.objects.order_by("-pk").first()
    assert person is not None
    grants = (Grant(AccessRole.WORKFORCE_LEAD, None),)
    return By(person.pk, person.pseudonym, "password", grants, frozenset({person.pk}))


def write(rate: float, seconds: float) -> None:
    """Stop live use of one person after the other, at a rate; says how it went as JSON."""
    by, took = lead(), []
    began = time.perf_counter()
    people = Person.objects.order_by("pk")[: int(rate * seconds)]
    for n, person in enumerate(people):
        at = began + n / rate
        if (wait := at - time.perf_counter()) > 0:
            time.sleep(wait)
        actions.restrict(by=by, person=person, service=None, reason="For the benchmark.")
        took.append(time.perf_counter() - at)
    print(json.dumps({"writes": len(took), "seconds": time.perf_counter() - began, "took": took}))


def build(posts: int) -> int:
    call_command("migrate", verbosity=0)
    # Few competencies: the gate reads spans, however many facts they came from.
    provider.build(posts=posts, competencies=3)
    provider.insert(
        "people_identity",
        "person_id reference name email",
        [(n, f"P{n}", f"Person {n}", "") for n in range(1, posts + 2)],
    )
    projector.rebuild(write=True)
    Head.objects.update(size=0)  # the made-up facts have no entries; acts begin a ledger here
    create_token(
        by=COMMAND_LINE,
        name="Benchmark",
        scopes=[Scope.READINESS],
        service=None,
        until=(evidence.clock.now() + timedelta(days=30)).date(),
        secret=SECRET,
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return max(1, posts // 60)


def refusal_after_restriction(services: int, posts: int) -> float:
    """From the end of the act to the first answer, worst of ten; it must be a no."""
    line, by, worst = Line(), lead(), 0.0
    for person in Person.objects.filter(pk__lte=posts).order_by("-pk")[:10]:
        actions.restrict(by=by, person=person, service=None, reason="For the benchmark.")
        recorded = time.perf_counter()
        _, body = line.ask(request("/api/v1/readiness", person.pk, services))
        worst = max(worst, time.perf_counter() - recorded)
        assert json.loads(body)["answers"][0]["cleared"] is False
    return worst


def main() -> None:
    numbers = [int(a) for a in sys.argv[1:] if a.isdigit()]
    if "--write" in sys.argv:
        write(numbers[0], numbers[1])
        return
    posts = numbers[0] if numbers else 20_000
    services = build(posts)
    print(f"{connection.vendor}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; "
          f"{posts:,} posts in {services} services", flush=True)  # fmt: skip
    mine = [
        [of_the_processor(where, posts, services) for where in ("/bare/", "/api/v1/readiness")]
        for _ in range(ROUNDS)
    ]
    a, b = (statistics.median(of) for of in zip(*mine, strict=True))
    print(f"of the processor: gate {b:.0f} µs, bare view {a:.0f} µs a request: ratio "
          f"{a / b:.2f}", flush=True)  # fmt: skip
    server = start()
    try:
        rates: dict[str, list[float]] = {"/bare/": [], "/api/v1/readiness": []}
        for _ in range(ROUNDS):
            for where, of in rates.items():
                of.append(as_fast_as_it_answers(where, posts, services))
        plain, ours = (statistics.median(of) for of in rates.values())
        ratios = [b / a for a, b in zip(*rates.values(), strict=True)]
        print(f"gate {ours:.0f}/s, bare view {plain:.0f}/s: ratio {statistics.median(ratios):.2f} "
              f"({min(ratios):.2f}–{max(ratios):.2f}), load {os.getloadavg()[0]:.1f}",
              flush=True)  # fmt: skip
        seconds = 20
        writer = subprocess.Popen(
            [sys.executable, __file__, "--write", "14", str(seconds)], stdout=subprocess.PIPE
        )
        time.sleep(2)
        took = at_a_rate(45, seconds, posts, services)
        said = json.loads(writer.communicate()[0])
        print(f"45/s beside {said['writes'] / said['seconds']:.1f} writes/s for {seconds} s: gate "
              f"p50 {centile(took, 0.5):.1f} ms, p99 {centile(took, 0.99):.1f} ms, most "
              f"{max(took) * 1000:.0f} ms; a write p50 {centile(said['took'], 0.5):.0f} ms, p99 "
              f"{centile(said['took'], 0.99):.0f} ms; load {os.getloadavg()[0]:.1f}",
              flush=True)  # fmt: skip
        for rate in (50, 100, 150, 200, 300, 400):
            took = at_a_rate(rate, 4, posts, services)
            late = centile(took, 0.99)
            print(f"{rate}/s: p50 {centile(took, 0.5):.1f} ms, p99 {late:.1f} ms", flush=True)
            if late > 500:
                break
        worst = refusal_after_restriction(services, posts)
        print(f"restriction to refusal: at most {worst * 1000:.0f} ms after it was recorded")
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
