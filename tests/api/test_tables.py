"""The tables other programs read: the matrix, the rota check, the checkpoints."""

import json
from datetime import timedelta

from surehand import evidence
from tests.api.conftest import Get, reference
from tests.provider import NOW, World
from tests.readiness.test_rota import TONIGHT, independent


def test_the_matrix_without_names(world: World, get: Get) -> None:
    independent(world, "sam")
    response = get("matrix", service_id="ALD")
    found = json.loads(response.content)
    assert found["seq"] == evidence.last_seq()
    rows = {row["person_id"]: row for row in found["rows"]}
    sam = rows[reference(world, "sam")]
    assert sam["state"] == "independent"
    assert {c["state"] for c in sam["competencies"] if c["gate"]} == {"competent"}
    assert {c["state"] for c in rows[reference(world, "dan")]["competencies"]} == {None}
    assert "Samuel" not in response.content.decode()
    was = json.loads(get("matrix", service_id="ALD", at="2026-11-01").content)
    assert {row["state"] for row in was["rows"]} == {"not_ready"}


def test_the_rota_check(world: World, get: Get) -> None:
    independent(world, "sam")
    world.add_shift("sam", TONIGHT)
    shift = world.add_shift("dan", TONIGHT)
    found = json.loads(get("rota-check", service_id="ALD").content)
    assert found["not_cleared"] == 1
    row = next(r for r in found["shifts"] if r["shift_id"] == shift.shift_id)
    assert (row["answer"], row["person_id"]) == ("not_cleared", reference(world, "dan"))
    assert get("rota-check", service_id="ALD", until="2027-01-01").status_code == 422
    assert get("rota-check", service_id="ALD", since="2027-01-01").status_code == 200
    assert get("rota-check", service_id="NONE").status_code == 404


def test_checkpoints_page_by_page(world: World, get: Get) -> None:
    independent(world, "sam")  # a sign-off is followed by a checkpoint
    found = json.loads(get("checkpoints").content)["checkpoints"]
    assert found[0]["size"] == evidence.last_seq()
    assert found[0]["note"].startswith("surehand/ledger\n")
    assert json.loads(get("checkpoints", after=found[0]["size"]).content) == {"checkpoints": []}
    assert get("checkpoints", after=-1).status_code == 422


def test_tables_are_not_asked_for_without_end(world: World, get: Get) -> None:
    for _ in range(60):
        assert get("checkpoints", after=10**9).status_code == 200
    response = get("checkpoints")
    assert response.status_code == 429
    assert json.loads(response.content)["cleared"] is False
    assert int(response["Retry-After"]) > 0
    # The gate is not shut by it.
    with evidence.clock.at(NOW + timedelta(minutes=1)):
        who = reference(world, "sam")
        assert get("readiness", person_id=who, service_id="ALD").status_code == 200
