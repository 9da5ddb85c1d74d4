"""One form sent many times at the same moment is recorded once, and whoever sent it again is told:
through the real WSGI application, with real commits.

Five copies in an ordinary run; SUREHAND_TRIALS=50 for the measure."""

import io
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.wsgi import get_wsgi_application
from django.db import models
from django.test import Client

from surehand import evidence
from surehand.assessment.models import Assessment, CheckRequest, ManagerReview
from surehand.evidence import queries
from surehand.evidence.models import Entry
from surehand.readiness.models import Lifting, Override, Restriction, SignOff
from surehand.readiness.queries import statements
from surehand.support.models import Permission, Question, SupportAction, SupportDone
from tests.conftest import trials
from tests.provider import NOW, World, small_provider

COPIES = min(trials(5), 50)
TONIGHT = datetime(2026, 11, 18, 20, 0, tzinfo=UTC)
WHY = "The agency sent nobody."

Data = dict[str, Any]
# What is prepared, who sends it, and what: the address and the form.
Prepared = tuple[str, str, Data]


def day(name: str, on: str) -> Data:
    year, month, number = on.split("-")
    return {f"{name}_day": number, f"{name}_month": month, f"{name}_year": year}


def an_assessment(world: World) -> Prepared:
    check = world.check("C04")
    judged = {f"judged_{c['code']}": "met" for c in check.criteria}
    address = f"/assess/{world.people['dan'].pseudonym}/C04/?service=ALD"
    when = {**day("on", "2026-11-18"), "time": "08:00", "method": check.methods[0]}
    return "cal", address, {**when, **judged}


def a_failed_assessment(world: World) -> Prepared:
    name, address, data = an_assessment(world)
    critical = next(c["code"] for c in world.check("C04").criteria if c["critical"])
    return name, address, {**data, f"judged_{critical}": "not_met", "note": "Did not say who."}


def a_request_for_a_check(world: World) -> Prepared:
    address = f"/people/{world.people['dan'].pseudonym}/ask-for-a-check/?service=ALD"
    return "cal", address, {"competency": "C04", **day("due", "2026-11-30")}


def a_review(world: World) -> Prepared:
    failed = world.fail("dan", "C04")
    decided = {
        "decision": "re_check",
        "reason": "Was in a hurry",
        **day("recheck_due", "2026-11-30"),
    }
    return "ruth", f"/reviews/{failed.entry}/", decided


def a_sign_off(world: World) -> Prepared:
    world.pass_all("dan")
    post = world.posts["dan"].pk
    (statement,) = statements([post], at=NOW)
    signed = {"post": post, f"statement-{post}": statement.fingerprint()}
    return "helen", "/sign-off/?service=ALD", signed


def a_restriction(world: World) -> Prepared:
    return "ruth", f"/people/{world.people['dan'].pseudonym}/restrict/", {"reason": WHY}


def a_lifting(world: World) -> Prepared:
    _, address, data = a_restriction(world)
    client = signed_in(world, "tessa")
    assert client.post(address, data).status_code == 302
    entry = Restriction.objects.get().entry
    return "ruth", f"/restrictions/{entry}/lift/", {"cites": "reason", "reason": "Practised again"}


def an_override(world: World) -> Prepared:
    shift = world.add_shift("dan", TONIGHT)
    query = urlencode({"shift": shift.shift_id})
    return "ruth", f"/live-use/override/?{query}", {"reason": WHY}


def a_permission(world: World) -> Prepared:
    world.pass_all("sam")
    world.sign_off("sam")
    asked = {
        "competencies": [world.check("C04").competency_id],
        "supervisors": [world.people["sam"].pk],
        **day("last_day", "2026-12-02"),
    }
    return "ruth", f"/people/{world.people['dan'].pseudonym}/supervised-use/?service=ALD", asked


def support(world: World) -> Prepared:
    address = f"/people/{world.people['dan'].pseudonym}/add-support/?service=ALD"
    asked = {"what": "coaching", "owner": world.people["sam"].pk, **day("due", "2026-11-30")}
    return "ruth", address, asked


def support_finished(world: World) -> Prepared:
    name, address, data = support(world)
    assert signed_in(world, name).post(address, data).status_code == 302
    entry = SupportAction.objects.get().entry
    return "sam", f"/support/{entry}/", {"outcome": "helped", "note": "She did it all."}


def a_question(world: World) -> Prepared:
    return "dan", "/stuck/", {"category": "alert", "key": str(UUID(int=7))}


FORMS: list[tuple[Callable[[World], Prepared], type[models.Model]]] = [
    (an_assessment, Assessment),
    (a_failed_assessment, Assessment),
    (a_request_for_a_check, CheckRequest),
    (a_review, ManagerReview),
    (a_sign_off, SignOff),
    (a_restriction, Restriction),
    (a_lifting, Lifting),
    (an_override, Override),
    (a_permission, Permission),
    (support, SupportAction),
    (support_finished, SupportDone),
    (a_question, Question),
]


def signed_in(world: World, name: str) -> Client:
    client = Client()
    client.force_login(world.people[name].sign_in)
    return client


def sent(application: WSGIHandler, address: str, body: bytes, cookies: str) -> tuple[int, str]:
    """The status and the body that a server would send back."""
    path, _, query = address.partition("?")
    environ = {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_COOKIE": cookies,
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    began: list[str] = []
    parts = application(environ, lambda status, headers, *_: began.append(status))
    try:
        content = b"".join(parts).decode()
    finally:
        parts.close()
    return int(began[0].split()[0]), content


@pytest.mark.parametrize(("prepare", "fact"), FORMS, ids=lambda x: x.__name__)
@pytest.mark.usefixtures("template_database")
def test_one_form_sent_many_times_at_once_is_recorded_once(
    in_thread: Callable[..., Callable[[], Any]],
    prepare: Callable[[World], Prepared],
    fact: type[models.Model],
) -> None:
    world = small_provider()
    with evidence.clock.at(NOW):
        name, address, data = prepare(world)
        client = signed_in(world, name)
        assert client.get(address).status_code == 200
    before, entries = fact._default_manager.count(), Entry.objects.count()
    cookies = "; ".join(f"{key}={value.value}" for key, value in client.cookies.items())
    token = client.cookies["csrftoken"].value
    body = urlencode({**data, "csrfmiddlewaretoken": token}, doseq=True).encode()
    application = get_wsgi_application()
    together = Barrier(COPIES)

    def send() -> tuple[int, str]:
        together.wait()
        with evidence.clock.at(NOW):
            return sent(application, address, body, cookies)

    with ThreadPoolExecutor(COPIES) as pool:
        answers = [f.result() for f in [pool.submit(in_thread(send)) for _ in range(COPIES)]]

    statuses = Counter(status for status, _ in answers)
    assert fact._default_manager.count() == before + 1, statuses
    assert Entry.objects.count() == entries + 1, statuses
    # Whoever was not first is told, or gets the answer of the first; nobody gets an error of ours.
    assert statuses[302] >= 1
    assert set(statuses) <= {302, 400, 409, 422}, statuses
    if fact is not Question:
        assert statuses[302] == 1
        said = [content for status, content in answers if status != 302]
        assert all("already" in text or "a moment ago" in text for text in said)
    assert evidence.verify_ledger().ok
    last = queries.entry(seq=evidence.last_seq())
    assert last
    assert last["actor"] == world.people[name].pseudonym
