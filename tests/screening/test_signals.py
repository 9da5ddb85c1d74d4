"""Each signal beside its innocent counterpart."""

import json
from typing import Any

import pytest

from surehand.screening import SIGNALS, explain
from tests.screening.records import codes, reasons, record

NOTE = {"mood": "happy", "support": "one", "outcome": "met", "choice": "toast"}
FALL = {
    "type": "fall", "seen": "nobody", "harm": "low", "head": "no", "thinner": "no",
    "action": "first aid", "told": "Ade 9:05",
}  # fmt: skip


def filled(fields: dict[str, Any], **other: Any) -> str:
    return json.dumps(fields | other)


def test_a_required_field_is_empty() -> None:
    assert codes(record(fields=filled(NOTE))) == []
    for empty in ("", None, []):
        assert codes(record(fields=filled(NOTE, mood=empty))) == ["required_field_missing"]
    assert codes(record(fields="")) == []  # an export without fields says nothing of them
    only_asked_of_falls = filled(FALL, type="injury", head="", thinner="")
    assert codes(record(kind="incident", fields=only_asked_of_falls)) == []
    assert codes(record(kind="incident", fields=filled(FALL, head=""))) == [
        "required_field_missing"
    ]


@pytest.mark.parametrize(
    ("late", "change", "found"),
    [
        (60, "create", []),
        (65, "create", []),  # sending takes a little
        (66, "create", ["late_entry"]),
        (500, "late", ["late_entry"]),  # marked openly, and late all the same
        (500, "amend", []),
        (500, "void", []),
        (-5, "create", []),
        (-6, "create", ["entry_before_event"]),
    ],
)
def test_the_time_of_recording(late: float, change: str, found: list[str]) -> None:
    assert codes(record(late=late, change_type=change)) == found


INCIDENTS = [
    "Found on the floor beside her bed.",
    "She slipped in the bathroom.",
    "Has a skin tear on her left arm.",
    "Choked on a piece of toast at lunch.",
    "No concerns this morning, fell in the lounge at 10:05.",
    "fell over by the door",
]
INNOCENT = [
    "No falls today.",
    "No falls, bruises or skin tears seen.",
    "She fell last year and broke her hip, and talked about it.",
    "At risk of falling, so the frame is kept near.",
    "She fell asleep in her chair.",
    "Falls sensor mat checked and working.",
    "Had not fallen.",
    "Missing her husband.",
    "Watched a film in which a man fell off a horse.",
    "Sat on the floor to play with her grandson.",
    "Checked for bruises.",
    "The rain fell all afternoon.",
]


@pytest.mark.parametrize("text", INCIDENTS)
def test_a_note_tells_of_an_incident(text: str) -> None:
    assert "incident_in_note" in codes(record(text))
    incident = record(kind="incident", at=20 * 60, fields=filled(FALL))
    assert "incident_in_note" not in codes(incident, record(text))
    too_late = record(kind="incident", at=25 * 60, fields=filled(FALL))
    assert "incident_in_note" in codes(too_late, record(text))
    another = record(kind="incident", fields=filled(FALL), subject_id="P2")
    assert "incident_in_note" in codes(another, record(text))


@pytest.mark.parametrize("text", INNOCENT)
def test_a_note_that_only_sounds_like_an_incident(text: str) -> None:
    assert "incident_in_note" not in codes(record(text))


def test_the_span_is_in_characters() -> None:
    said = "“Café was lovely” – later found on the floor."
    incident, concern = reasons(record(said))["r1"]
    assert concern["code"] == "missing_action"  # an incident, and nothing done
    for reason in (incident, concern):
        begin, length = reason["span_start"], reason["span_len"]
        assert said[begin : begin + length] == "found on the floor"


def test_an_incident_without_action_or_anybody_told() -> None:
    nothing = filled(FALL, action="", told="")
    assert codes(record(kind="incident", fields=nothing)) == [
        "required_field_missing",
        "incident_without_action",
        "incident_without_escalation",
    ]
    linked = record("Cold flannel.", at=5, kind="bodymap", responds_to="i1")
    assert codes(linked, record(kind="incident", fields=nothing, record_id="i1")) == [
        "required_field_missing",
        "incident_without_escalation",
    ]
    contact = record("Rang.", at=60, kind="contact")
    assert "incident_without_escalation" not in codes(
        contact, record(kind="incident", fields=nothing)
    )
    for text in ("Nurse in charge told at 10:20.", "Rang 999.", "Infromed the senoir."):
        assert "incident_without_escalation" not in codes(
            record(text, kind="incident", fields=nothing)
        )
    in_another_field = filled(FALL, action="Told the nurse, ice applied", told="")
    assert codes(record(kind="incident", fields=in_another_field)) == ["required_field_missing"]
    assert "incident_without_escalation" in codes(
        record("Did not inform the nurse.", kind="incident", fields=nothing)
    )


def test_an_alert_without_a_response() -> None:
    alert = record(kind="raised-alert", section="fall", author_id="", record_id="a1")
    assert codes(alert) == ["alert_without_response"]
    assert codes(record("Up.", at=3, kind="alert", responds_to="a1"), alert) == []
    assert codes(record("Up.", at=31, kind="alert", responds_to="a1"), alert) == [
        "alert_without_response"
    ]
    prompt_without_standard = alert | {"section": "task_overdue"}
    assert codes(prompt_without_standard) == []


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Sat with Betty in the lounge.", "Betty"),
        ("Sat with betty in the lounge.", "betty"),
        ("Mrs Okafor was singing.", "Okafor"),
        ("She and Betty Okafor sang.", "Betty Okafor"),
        ("Walked to the garden with Rose.", "Rose"),
        ("Her daughter Betty visited.", None),
        ("Betty Smith visited.", None),  # the same surname as hers
        ("Betty Jenkinson visited.", None),
        ("Told nurse Betty.", None),
        ("She rose at seven. Rose water on her hands.", None),
        ("Joyce sang.", None),
    ],
)
def test_another_person_is_named(text: str, named: str | None) -> None:
    found = [r for r in reasons(record(text))["r1"] if r["code"] == "another_person_named"]
    words = [text[r["span_start"] : r["span_start"] + r["span_len"]] for r in found]
    assert words == ([named] if named else [])
    assert "another_person_named" not in codes(record(text), names=None)


WALK = "Walked to the pond with her stick and fed the ducks, then told me how her father kept bees."
STOCK = (
    "All care given as per care plan. No concerns. Settled night, slept well. Ate and drank well."
)


def test_wording_seen_before() -> None:
    first = record(WALK, record_id="r0")
    (reason,) = reasons(first, record(WALK, at=600))["r2"]
    assert (reason["code"], reason["evidence_record_id"]) == ("reused_wording", "r0")
    assert (reason["span_start"], reason["span_len"]) == (0, len(WALK) - 1)
    for other in (
        {"subject_id": "P2"},
        {"author_id": "A2"},
        {"subject_id": "P2", "author_id": "A2"},
    ):
        assert "reused_wording" in codes(first, record(WALK, at=600, **other))
    assert "reused_wording" not in codes(first, record(WALK, at=29 * 24 * 60))
    assert "reused_wording" not in codes(first, record(WALK, at=600, service_id="QUA"))
    other_names = WALK.replace("pond", "shop").replace("ducks", "swans")
    assert "reused_wording" not in codes(first, record(other_names[:60], at=600))


def test_stock_phrases_do_not_count_as_wording() -> None:
    many = [record(STOCK, at=k, subject_id=f"P{k}", author_id=f"A{k}") for k in range(30)]
    assert "reused_wording" not in codes(*many)
    assert "stock_phrases" in codes(*many)
    assert "stock_phrases" not in codes(record(f"{STOCK} Hummed along to Vera Lynn."))


@pytest.mark.parametrize(
    ("text", "empty", "found"),
    [
        ("Very happy this morning.", "mood", True),
        ("Very happy this morning.", "choice", False),
        ("Washed with help of two.", "support", True),
        ("Ducks on the pond.", "mood", False),
    ],
)
def test_the_text_says_what_a_field_should(text: str, empty: str, found: bool) -> None:
    assert ("text_for_field" in codes(record(text, fields=filled(NOTE, **{empty: ""})))) is found
    assert "text_for_field" not in codes(record(text, fields=filled(NOTE)))


def test_another_section() -> None:
    slept = "Slept from ten, woke twice, back to sleep by four."
    assert "wrong_section" in codes(record(slept, section="food"))
    assert "wrong_section" not in codes(record(slept, section="sleep"))
    assert "wrong_section" not in codes(record(f"Ate toast. {slept}", section="food"))


@pytest.mark.parametrize(
    "done",
    ["Cream applied.", "Nurse told 10:20.", "Raised on a pillow.", "Bodymap completed."],
)
def test_a_concern_without_action(done: str) -> None:
    assert "missing_action" in codes(record("Left heel red."))
    assert "missing_action" not in codes(record(f"Left heel red. {done}"))
    assert "missing_action" not in codes(record("No pain. Heels not red."))
    body_map = record("Left heel.", at=10, kind="bodymap")
    assert "missing_action" not in codes(body_map, record("Left heel red."))


def test_many_entries_in_a_short_time() -> None:
    def entries(apart: float) -> list[dict[str, Any]]:
        words = "Had a wash, chose her blue cardigan, and went down to breakfast with Ann."
        return [
            record(f"{words} {'abcdefgh'[k]}", at=60 * k, late=500 - (60 - apart) * k)
            for k in range(6)
        ]

    quick = reasons(*entries(apart=0.1))
    assert all("bulk_entry" in [r["code"] for r in found] for found in quick.values())
    slow = reasons(*entries(apart=5))
    assert not any("bulk_entry" in [r["code"] for r in found] for found in slow.values())


def test_every_signal_is_explained_without_blame() -> None:
    for signal in SIGNALS:
        told = explain(signal.code)
        for sentence in (told.seen, told.matters, told.innocent):
            assert sentence.endswith(".")
            assert not {"copied", "copy", "poor", "bad", "score"} & set(sentence.lower().split())
