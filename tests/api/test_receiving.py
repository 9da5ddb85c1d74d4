"""What an ECM system sends: each row's fate, and a batch recorded once however often it is sent."""

import json
from typing import Any

import pytest
from django.test import Client

from surehand import evidence
from surehand.api.scopes import Scope
from surehand.evidence.models import Entry
from surehand.people.models import EcmAccountDetails
from surehand.records.models import KeptAside, LiveRecord, RaisedAlert
from tests.api.conftest import SECRET, token
from tests.provider import World

RECORD = {
    "record_id": "R1",
    "service_id": "ALD",
    "subject_id": "RES1",
    "author_id": "ade.o",
    "record_type": "Daily note",
    "section": "skin",
    "occurred_at": "2026-11-17T07:40",
    "recorded_at": "2026-11-17T07:55:30Z",
    "text": "Heels looked fine.",
    "version": 1,
    "fields": {"mood": "settled"},
}
ALERT = {
    "alert_id": "A1",
    "service_id": "ALD",
    "subject_id": "RES1",
    "alert_type": "bed_exit",
    "raised_at": "2026-11-17T02:10",
}


def send(what: str, rows: list[dict[str, Any]], key: str = "k1", secret: str = SECRET) -> Any:
    client = Client(headers={"authorization": f"Bearer {secret}", "idempotency-key": key})
    response = client.post(
        f"/api/v1/{what}", json.dumps({what: rows}), content_type="application/json"
    )
    return response.status_code, json.loads(response.content)


def fates(said: dict[str, Any]) -> list[str]:
    return [row["fate"] for row in said["rows"]]


@pytest.fixture(autouse=True)
def _token(world: World) -> None:
    token(world)


def test_each_row_is_told_its_fate() -> None:
    rows = [
        RECORD,
        {**RECORD, "record_id": "R2", "record_type": "Obs round"},
        {**RECORD, "record_id": "R3", "recorded_at": "yesterday", "service_id": "NONE"},
        {**RECORD, "text": "Heels looked red.", "version": 2},
        RECORD,
    ]
    status, said = send("records", rows)
    assert status == 200
    assert fates(said) == ["added", "kept_aside", "refused", "changed", "unchanged"]
    assert said["rows"][1]["because"] == ["Kept aside: record type “Obs round”."]
    assert "is not a date and time" in said["rows"][2]["because"][0]
    assert (said["added"], said["changed"], said["kept_aside"], said["refused"]) == (1, 1, 1, 1)
    assert said["entry"] == evidence.last_seq()
    assert LiveRecord.objects.get(replaced_by=None).version == 2
    assert KeptAside.objects.count() == 1
    assert EcmAccountDetails.objects.get().reference == "ade.o"
    assert Entry.objects.latest("seq").kind == "records.imported"


def test_the_same_batch_under_the_same_key_gets_the_same_answer() -> None:
    first = send("records", [RECORD])
    assert send("records", [RECORD]) == first
    assert send("records", [RECORD], key="k2")[1]["unchanged"] == 1


def test_another_batch_under_a_key_used_before_is_refused() -> None:
    send("records", [RECORD])
    status, said = send("records", [{**RECORD, "record_id": "R2"}])
    assert (status, said["cleared"]) == (409, False)
    assert "Choose a key for each batch." in said["detail"]
    assert send("alerts", [ALERT])[0] == 409
    assert LiveRecord.objects.count() == 1


def test_alerts_come_in_as_they_stand() -> None:
    assert fates(send("alerts", [ALERT])[1]) == ["added"]
    answered = {**ALERT, "acknowledged_at": "2026-11-17T02:12", "acknowledged_by": "ade.o"}
    assert fates(send("alerts", [answered], key="k2")[1]) == ["changed"]
    assert RaisedAlert.objects.get(replaced_by=None).acknowledged_at


def test_a_key_is_needed() -> None:
    client = Client(headers={"authorization": f"Bearer {SECRET}"})
    response = client.post(
        "/api/v1/records", json.dumps({"records": [RECORD]}), content_type="application/json"
    )
    assert response.status_code == 422
    assert not LiveRecord.objects.exists()


def test_a_batch_is_at_most_5000_rows() -> None:
    status, said = send("alerts", [ALERT] * 5_001)
    assert (status, said["detail"]) == (422, "`alerts` may be given at most 5000 times.")


def test_a_token_for_one_service_brings_in_nothing_elsewhere(world: World) -> None:
    token(world, Scope.RECORDS_WRITE, service=world.services["QUA"], secret="q")
    status, said = send("records", [RECORD], secret="q")
    assert (status, fates(said)) == (200, ["refused"])
    assert not LiveRecord.objects.exists()


def test_a_token_for_something_else_brings_in_nothing(world: World) -> None:
    token(world, Scope.MATRIX, secret="m")
    assert send("records", [RECORD], secret="m")[0] == 403
