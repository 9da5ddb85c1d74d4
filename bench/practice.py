"""Practising at once: `python bench/practice.py [PEOPLE]`, by default up to 300, on SQLite, or on
PostgreSQL when DATABASE_URL names a database that may be filled.

Gunicorn as `surehand serve` starts it, on loopback only. Everybody is in the middle of a scenario:
every ten seconds they take a step, by turns something looked up (one request) and somebody told
(sent, saved, and the next page shown: two requests), and every fifteen seconds their page gives a
sign of life. Each is timed from when it was due, so that waiting in line counts.

The peer, in the same run and at the same moments as the steps: a bare Django view in the same
server that does one UPDATE of one row and answers one word.
"""

import os
import random
import statistics
import sys
import threading
import time
from dataclasses import dataclass
from queue import Empty, Queue
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.sessions.backends.base import SessionBase
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from gate import CONNECTIONS, Line, centile, start

import provider
from surehand import evidence
from surehand.config.urls import urlpatterns as usual
from surehand.evidence.models import Head
from surehand.people.models import Person, Service, SignIn
from surehand.people.queries import access_of
from surehand.people.signing_in import session as signing_in
from surehand.practice import actions, queries
from surehand.practice.models import Attempt, Playing

SCENARIO = "S06"
STEP_EVERY = 10
BEAT_EVERY = 15
SECONDS = 12
AT_ONCE = (50, 100, 200, 300)
CSRF = "b" * 32


# --- the server: the application, and the bare view beside it


@login_not_required
@csrf_exempt
def bare(request: HttpRequest, row: int) -> HttpResponse:
    """One row, changed."""
    Playing.objects.filter(attempt__entry=row).update(seen_at=evidence.clock.now())
    return HttpResponse("changed")


urlpatterns = [path("bare/<int:row>/", bare), *usual]


def application() -> Any:
    settings.ROOT_URLCONF = "practice"
    return get_wsgi_application()


# --- who practises


@dataclass(frozen=True)
class Player:
    """Somebody in the middle of a scenario: its entry, and the browser’s cookies."""

    entry: int
    cookies: str

    def look(self, line: Line, turn: int) -> None:
        place = ("tasks", "alerts", "handover", "joyce", "joyce/plan/sleep")[turn % 5]
        self._get(line, f"/practice/go/{self.entry}/see/{place}/")

    def tell(self, line: Line, turn: int) -> None:
        here = f"/practice/go/{self.entry}/"
        # As the page says how much was done when it was made; each tells once in two turns.
        self._post(line, f"{here}do/", f"tell=shift_lead&revision={turn // 2}&next={here}", 302)
        self._get(line, here)

    def beat(self, line: Line, turn: int) -> None:
        here = f"/practice/go/{self.entry}/"
        self._post(line, f"{here}there/", f"next={here}", 200)

    def change_a_row(self, line: Line, turn: int) -> None:
        self._post(line, f"/bare/{self.entry}/", "", 200)

    def _get(self, line: Line, where: str) -> None:
        head = f"GET {where} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {self.cookies}\r\n\r\n"
        status, body = line.ask(head.encode())
        assert status == 200, (status, where, body[:300])

    def _post(self, line: Line, where: str, body: str, expected: int) -> None:
        head = (
            f"POST {where} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {self.cookies}\r\n"
            f"X-CSRFToken: {CSRF}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        )
        status, answer = line.ask(head.encode())
        assert status == expected, (status, where, answer[:300])


def begin(count: int) -> list[Player]:
    """So many people, each signed in and in the middle of the scenario."""
    call_command("migrate", verbosity=0)
    provider.build(posts=count, competencies=3, services=1)
    names = [(n, f"P{n}", f"Person {n}", "") for n in range(1, count + 2)]
    provider.insert("people_identity", "person_id reference name email", names)
    Head.objects.update(size=0)  # the made-up facts have no entries; acts begin a ledger here
    service, playable = Service.objects.get(), queries.scenarios()[SCENARIO]
    found = []
    for person in Person.objects.order_by("pk")[:count]:
        sign_in = SignIn.objects.create(person=person, email=f"p{person.pk}@example.org")
        attempt = actions.begin(
            by=access_of(person, at=evidence.clock.now(), signed_in="demo"),
            person=person,
            service=service,
            playable=playable,
            mode=Attempt.Mode.PRACTISE,
        )
        client = Client()
        client.force_login(sign_in)
        session: SessionBase = client.session
        signing_in.mark(session, how="demo", at=evidence.clock.now())
        session.save()
        cookies = f"{settings.SESSION_COOKIE_NAME}={session.session_key}"
        cookies += f"; {settings.CSRF_COOKIE_NAME}={CSRF}"
        found.append(Player(attempt.entry, cookies))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return found


# --- what they do


class Hand:
    """When each of them does what is next, and how long it took, in seconds, by what it was. A
    player’s own steps come one after the other, as from one phone."""

    def __init__(self, players: list[Player], turns: dict[int, int]) -> None:
        self.players, self.turns = players, turns
        self.busy = {player.entry: threading.Lock() for player in players}
        self.took: dict[str, list[float]] = {}

    def play(self, kinds: dict[str, int]) -> None:
        """For so many seconds each does these things, each every so many seconds."""
        chance, moments = random.Random(7), []
        for player in self.players:
            for what, every in kinds.items():
                at = chance.random() * every
                while at < SECONDS:
                    moments.append((at, what, player))
                    at += every
        due: Queue[tuple[float, str, Player]] = Queue()
        for moment in sorted(moments, key=lambda one: one[0]):
            due.put(moment)
        began = time.perf_counter() + 0.2
        threads = [
            threading.Thread(target=self._run, args=(due, began)) for _ in range(4 * CONNECTIONS)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _run(self, due: Queue[tuple[float, str, Player]], began: float) -> None:
        line = Line()
        while True:
            try:
                at, what, player = due.get_nowait()
            except Empty:
                return
            if (wait := began + at - time.perf_counter()) > 0:
                time.sleep(wait)
            with self.busy[player.entry]:
                turn = self.turns.get(player.entry, 0)
                if what == "step":
                    what = "tell" if turn % 2 else "look"
                    self.turns[player.entry] = turn + 1
                getattr(player, what)(line, turn)
            self.took.setdefault(what, []).append(time.perf_counter() - began - at)


def said(took: list[float]) -> str:
    if not took:
        return "none"
    return f"p50 {centile(took, 0.5):.0f} ms, p95 {centile(took, 0.95):.0f} ms ({len(took)})"


def main() -> None:
    numbers = [int(a) for a in sys.argv[1:] if a.isdigit()]
    most = numbers[0] if numbers else AT_ONCE[-1]
    players = begin(most)
    print(f"{connection.vendor}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; "
          f"a step every {STEP_EVERY} s each", flush=True)  # fmt: skip
    turns: dict[int, int] = {}
    server = start("practice")
    try:
        Hand(players[:8], turns).play({"step": 2})  # what is made once in a process is made now
        for count in [n for n in AT_ONCE if n < most] + [most]:
            hand = Hand(players[:count], turns)
            hand.play({"step": STEP_EVERY, "beat": BEAT_EVERY})
            steps = hand.took.get("look", []) + hand.took.get("tell", [])
            peer = Hand(players[:count], turns)
            peer.play({"change_a_row": STEP_EVERY})
            bare_ = peer.took["change_a_row"]
            ratio = statistics.median(steps) / statistics.median(bare_)
            print(f"{count} people: a step {said(steps)}; looked up {said(hand.took['look'])}; "
                  f"told {said(hand.took['tell'])}; a sign of life {said(hand.took['beat'])}; "
                  f"bare UPDATE {said(bare_)}: {ratio:.1f}×; load {os.getloadavg()[0]:.1f}",
                  flush=True)  # fmt: skip
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
