"""The gate as an API: who is cleared, by R4, R5, R9 and R21, and never by failure."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from surehand import evidence
from surehand.competency.models import PlanVersion
from surehand.evidence.models import Head
from surehand.people.models import Identity
from surehand.readiness import actions, queries
from surehand.readiness.models import ReadinessSpan
from surehand.readiness.reasons import STATE_KEYS
from tests.api.conftest import SECRET, Get, reference
from tests.provider import NOW, World
from tests.readiness.test_rota import independent, permit

HOUR = timedelta(hours=1)


def said(response: HttpResponse) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(response.content)
    if response.status_code != 200:
        assert response["Content-Type"] == "application/problem+json"
        assert found["cleared"] is False
        assert found["status"] == response.status_code
        assert found["detail"].endswith(".")
    assert response["Cache-Control"] == "no-store"
    return found


def asked(world: World, get: Get, *names: str, service: str = "ALD", **more: Any) -> dict[str, Any]:
    people = [reference(world, name) for name in names]
    response = get("readiness", person_id=people, service_id=service, **more)
    assert response.status_code == 200, response.content
    return said(response)


def test_the_gate_says_who_is_cleared_and_why_not(world: World, get: Get) -> None:
    independent(world, "sam")
    found = asked(world, get, "sam")
    assert found["cleared"] is True
    assert found["seq"] == evidence.last_seq()
    answer = found["answers"][0]
    assert answer["person_id"] == reference(world, "sam")
    assert (answer["cleared"], answer["state"], answer["job_role"]) == (True, "independent", "SC")
    assert answer["until"] is not None
    both = asked(world, get, "sam", "dan")
    assert both["cleared"] is False
    assert [a["cleared"] for a in both["answers"]] == [True, False]
    assert both["answers"][1]["because"] == "not_ready"
    assert both["answers"][1]["reasons"] == [
        {"text": "Not ready to use the live system.", "entry": None}
    ]


def test_it_explains_when_asked_to(world: World, get: Get) -> None:
    independent(world, "sam")
    found = asked(world, get, "sam", "dan", explain=True)
    sam, dan = found["answers"]
    assert sam["reasons"][0]["text"].startswith("Signed off on 18 November 2026.")
    assert sam["reasons"][0]["entry"]
    assert "competencies are not shown yet." in dan["reasons"][0]["text"]


def test_nobody_known_and_no_post_are_not_cleared(world: World, get: Get) -> None:
    independent(world, "sam")
    for query in (
        {"person_id": "NOBODY", "service_id": "ALD"},
        {"person_id": reference(world, "sam"), "service_id": "QUA"},
        {"person_id": reference(world, "sam"), "service_id": "ALD", "job_role": "CW"},
        {"person_id": reference(world, "helen"), "service_id": "ALD"},
    ):
        answer = said(get("readiness", **query))["answers"][0]
        assert (answer["cleared"], answer["state"], answer["because"]) == (
            False, "not_ready", "no_post",
        )  # fmt: skip
    Identity.objects.filter(person=world.people["sam"]).delete()
    gone = said(get("readiness", person_id="P013", service_id="ALD"))
    assert gone["cleared"] is False


def test_r4_the_least_permissive_post_answers_unless_one_is_named(world: World, get: Get) -> None:
    independent(world, "sam")
    world.add_post("sam", world.alder, "CW", start=date(2026, 11, 1))
    assert asked(world, get, "sam")["cleared"] is False
    assert asked(world, get, "sam", job_role="SC")["cleared"] is True
    assert asked(world, get, "sam", job_role="CW")["cleared"] is False


def test_at_another_moment(world: World, get: Get) -> None:
    independent(world, "sam")
    assert asked(world, get, "sam", at="2026-11-18T07:00")["cleared"] is False
    found = asked(world, get, "sam", at="2026-11-19T07:00")
    assert found["cleared"] is True
    assert found["at"] == "2026-11-19T07:00:00+00:00"
    assert found["now"] == NOW.isoformat()
    # Two years on the passes have run out.
    assert asked(world, get, "sam", at="2028-11-11T07:00")["cleared"] is False


def test_r10_a_restriction_refuses_at_the_next_question(world: World, get: Get) -> None:
    independent(world, "sam")
    assert asked(world, get, "sam")["cleared"] is True
    actions.restrict(
        by=world.by("tessa"), person=world.people["sam"], service=None, reason="Shared a sign-in."
    )
    refused = asked(world, get, "sam")
    assert (refused["cleared"], refused["answers"][0]["state"]) == (False, "restricted")
    assert refused["seq"] == evidence.last_seq()


def test_r9_somebody_supervised_is_cleared_only_beside_a_named_and_independent_one(
    world: World, get: Get
) -> None:
    independent(world, "sam", "tessa")
    permit(world, "dan", "sam")

    def beside(name: str = "", **more: Any) -> tuple[bool, str]:
        query = {"supervisor_id": reference(world, name)} if name else {}
        found = asked(world, get, "dan", **query, **more)
        return found["cleared"], found["answers"][0]["because"]

    assert beside() == (False, "no_supervisor")
    assert beside("tessa") == (False, "supervisor_not_named")
    assert beside("dan") == (False, "supervisor_not_named")
    assert beside("sam") == (True, "supervised")
    assert beside("sam", at=(NOW + timedelta(days=30)).isoformat())[0] is False
    actions.restrict(
        by=world.by("ruth"), person=world.people["sam"], service=world.alder, reason="Unsafe."
    )
    assert beside("sam") == (False, "no_supervisor")
    # A supervisor who is asked about too stays an answer of their own.
    both = asked(world, get, "dan", "sam", supervisor_id=reference(world, "sam"))
    assert [a["person_id"] for a in both["answers"]] == [
        reference(world, "dan"), reference(world, "sam"),
    ]  # fmt: skip


def override(world: World, *, hours: int = 8) -> Any:
    return actions.override(
        by=world.by("ruth"),
        post=world.posts["dan"],
        starts_at=NOW - HOUR,
        ends_at=NOW + hours * HOUR,
        reason="The agency sent nobody.",
    )


def test_r21_overridden_is_not_cleared_and_says_by_whom(world: World, get: Get) -> None:
    over = override(world)
    found = asked(world, get, "dan", explain=True)
    assert found["cleared"] is False
    assert found["answers"][0]["override"] == {
        "entry": over.entry,
        "by": reference(world, "ruth"),
        "name": "Ruth Adeyemi",
        "until": (NOW + 8 * HOUR).isoformat(),
        "reason": "The agency sent nobody.",
    }
    # Who did not ask why is not told the words.
    assert asked(world, get, "dan")["answers"][0]["override"]["reason"] is None
    later = (NOW + 9 * HOUR).isoformat()
    assert asked(world, get, "dan", at=later)["answers"][0]["override"] is None
    with evidence.clock.at(NOW + HOUR):
        actions.end_override(by=world.by("ruth"), override=over, reason="Sam came.")
        assert asked(world, get, "dan")["answers"][0]["override"] is None


def test_r21_an_override_stands_over_no_restriction(world: World, get: Get) -> None:
    independent(world, "sam")
    override(world)
    actions.restrict(
        by=world.by("tessa"), person=world.people["dan"], service=None, reason="Seen sharing."
    )
    assert asked(world, get, "dan")["answers"][0]["override"] is None
    permit(world, "dan", "sam")
    answer = asked(world, get, "dan")["answers"][0]
    assert (answer["state"], answer["override"]) == ("supervised", None)


@pytest.mark.parametrize("name", ["sam", "dan", "eve", "tessa", "ruth", "cal", "rose", "helen"])
def test_it_says_what_the_facts_say(world: World, get: Get, name: str) -> None:
    """The one statement over spans against the replay of all facts, at many moments."""
    independent(world, "sam", "tessa")
    permit(world, "dan", "sam")
    override(world)
    with evidence.clock.at(NOW + timedelta(days=3)):
        world.fail("tessa", "C04")
        actions.restrict(
            by=world.by("ruth"), person=world.people["eve"], service=None, reason="Unsafe."
        )
        for days in (-80, -30, -1, 0, 2, 3, 20, 40, 200, 800):
            at = NOW + timedelta(days=days)
            answer = asked(world, get, name, at=at.isoformat())["answers"][0]
            wanted = queries.gate(person=world.people[name].pk, service=world.alder.pk, at=at)
            assert answer["state"] == STATE_KEYS[wanted.state]
            assert (answer["because"] == "no_post") == (wanted.post is None)
            entry = answer["override"]["entry"] if answer["override"] else None
            assert entry == wanted.override


@pytest.mark.parametrize("name", ["sam", "dan", "nobody"])
def test_it_takes_two_statements_and_no_write(world: World, get: Get, name: str) -> None:
    independent(world, "sam")
    who = {"person_id": reference(world, name) if name != "nobody" else "X", "service_id": "ALD"}
    get("readiness", **who)
    with CaptureQueriesContext(connection) as statements:
        get("readiness", **who)
    found = [s["sql"] for s in statements if not s["sql"].startswith(("PRAGMA", "SET"))]
    assert len(found) == 2, found
    assert all(sql.strip().startswith("SELECT") for sql in found)


def test_a_long_list_goes_in_the_body(world: World, get: Get) -> None:
    independent(world, "sam")
    client = Client(headers={"authorization": f"Bearer {SECRET}"})

    def post(people: list[str]) -> HttpResponse:
        return client.post(  # type: ignore[return-value]
            "/api/v1/readiness",
            {"service_id": "ALD", "person_ids": people},
            content_type="application/json",
        )

    before = evidence.last_seq()
    many = [reference(world, "sam"), *(f"X{n}" for n in range(499))]
    found = said(post(many))
    assert [a["cleared"] for a in found["answers"]] == [True, *[False] * 499]
    assert "at most 500 times" in said(post([*many, "one more"]))["detail"]
    assert post([]).status_code == 422
    assert said(client.post("/api/v1/readiness", "{", content_type="application/json"))
    assert evidence.last_seq() == before


# --- what cannot be answered


@pytest.mark.parametrize(
    ("query", "status", "why"),
    [
        ({"person_id": "P1"}, 422, "`service_id` is missing."),
        ({"service_id": "ALD"}, 422, "`person_id`"),
        ({"person_id": "P1", "service_id": "NONE"}, 404, "There is no service “NONE”."),
        ({"person_id": "P1", "service_id": "ALD", "at": "soon"}, 422, "`at` is not a moment"),
        ({"person_id": "P1", "service_id": "ALD", "at": "0001-01-01"}, 422, "`at` is not a"),
        ({"person_id": "P1", "service_id": "ALD", "at": "2027-03-28T01:30"}, 422, "`at` is not"),
        ({"person_id": "P1", "service_id": "ALD", "job_role": "XX"}, 422, "is no job role"),
        ({"person_id": "P\0", "service_id": "ALD"}, 422, "`person_id` is not written"),
        ({"person_id": "P" * 51, "service_id": "ALD"}, 422, "`person_id` is not written"),
    ],
)  # fmt: skip
def test_bad_questions_get_a_sentence(
    world: World, get: Get, query: dict[str, str], status: int, why: str
) -> None:
    response = get("readiness", **query)
    assert response.status_code == status
    assert why in said(response)["detail"]


def test_unknown_addresses_and_methods_are_problems_too(world: World, get: Get) -> None:
    assert get("nothing").status_code == 404
    said(get("nothing"))
    client = Client(headers={"authorization": f"Bearer {SECRET}"})
    response = client.delete("/api/v1/readiness")
    assert response.status_code == 405
    said(response)  # type: ignore[arg-type]
    said(Client().get("/api/"))  # type: ignore[arg-type]
    said(get("readiness", person_id=[f"P{n}" for n in range(1200)], service_id="ALD"))


def test_a_clock_behind_the_ledger_trusts_no_moment(world: World, get: Get) -> None:
    independent(world, "sam")
    with evidence.clock.at(NOW - timedelta(minutes=10)):
        response = get("readiness", person_id=reference(world, "sam"), service_id="ALD")
    assert response.status_code == 409
    assert "runs behind the evidence ledger" in said(response)["detail"]
    Head.objects.update(recorded_at=None)
    assert asked(world, get, "sam")["cleared"] is True


def test_r2_a_plan_that_waits_for_its_worker_is_worked_out_from_the_facts(
    world: World, get: Get, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Spans that do not follow the plan in force yet let nobody in."""
    independent(world, "sam")
    ReadinessSpan.objects.update(state=0)  # as if everybody were independent before the plan
    plan = PlanVersion.objects.get()
    assert asked(world, get, "dan")["cleared"] is True
    monkeypatch.setattr("surehand.readiness.gate.TOUCHED_AT_ONCE", 0)
    monkeypatch.setattr(
        "surehand.readiness.gate._SQL",
        __import__("surehand.readiness.gate", fromlist=["_SQL"])._SQL.replace(
            "n.applies_from > n.recorded_at", "n.applies_from >= n.recorded_at"
        ),
    )
    assert plan.applies_from <= datetime(2026, 11, 18, tzinfo=UTC)
    assert asked(world, get, "dan")["cleared"] is False
    assert asked(world, get, "sam")["cleared"] is True
