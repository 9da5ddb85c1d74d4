"""What must hold whatever the records: order, batches, slips of the pen, privacy."""

import json
import random
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surehand.ecm import profile as profiles
from surehand.screening import (
    RECORDS,
    SCREENED,
    SIGNALS,
    ScreeningProblem,
    screen,
)
from surehand.screening.filling import read_fields
from surehand.screening.flatten import lexicon, types, word_hash
from surehand.screening.phrases import plain
from surehand.screening.reading import find
from tests.screening.records import JOYCE_AND_BETTY, people, record, rules, table

OPEN = [
    json.loads(line)
    for line in (Path(__file__).parent / "notes/open.ndjson").read_text("utf-8").splitlines()
]
TEXTS = [row["text"] for row in OPEN if row["text"]]


def corpus() -> pa.Table:
    """The open notes as records of their three services, with the profile of residential care."""
    rows = [
        {name: row[name] for name in RECORDS.names}
        | {
            "fields": json.dumps(row["fields"]),
            "occurred_at": datetime.fromisoformat(row["occurred_at"]),
            "recorded_at": datetime.fromisoformat(row["recorded_at"]),
        }
        for row in OPEN[::4]
    ]
    return pa.Table.from_pylist(rows, schema=RECORDS)


def written(found: pa.Table) -> bytes:
    """The table as bytes, in one batch."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, found.schema) as stream:
        stream.write_table(found.combine_chunks())
    return bytes(sink.getvalue())


CORPUS = corpus()
FOUND = written(screen(CORPUS, rules()))


@settings(max_examples=12)
@given(st.randoms(use_true_random=False), st.integers(1, 40))
def test_the_order_and_the_batches_of_rows_change_no_byte(dice: random.Random, batch: int) -> None:
    rows = list(range(len(CORPUS)))
    dice.shuffle(rows)
    shuffled = CORPUS.take(pa.array(rows))
    batches = pa.Table.from_batches(shuffled.to_batches(max_chunksize=batch))
    assert written(screen(batches, rules())) == FOUND


def test_services_apart_are_as_services_together() -> None:
    services = sorted(set(CORPUS["service_id"].to_pylist()))
    apart = [
        screen(CORPUS.filter(pa.compute.field("service_id") == one), rules()) for one in services
    ]
    assert written(pa.concat_tables(apart)) == FOUND


def test_an_answer_from_another_service_is_none() -> None:
    incident = record("Fell by the bed.", record_id="r1", kind="incident", fields="{}")
    answer = record("Seen.", record_id="r2", service_id="BER", responds_to="r1")
    together = screen(table(incident, answer), rules())
    apart = [screen(table(one), rules()) for one in (incident, answer)]
    assert written(together) == written(pa.concat_tables(apart))


def test_the_salt_changes_nothing_that_is_seen() -> None:
    assert written(screen(CORPUS, rules(), salt=b"another")) == FOUND


def slip(word: str, dice: random.Random) -> str:
    """The word with one letter left out, doubled, changed, or two that changed places."""
    at = dice.randrange(len(word))
    kind = dice.randrange(4)
    if kind == 0:
        return word[:at] + word[at + 1 :]
    if kind == 1:
        return word[:at] + word[at] + word[at:]
    if kind == 2:
        return word[:at] + dice.choice("abcdefghijklmnopqrstuvwxyz") + word[at + 1 :]
    return word[:at] + word[at : at + 2][::-1] + word[at + 2 :]


def is_known(word: str) -> bool:
    lex = lexicon(rules())
    return bool(find(lex.hashes, lex.ids, np.uint64(word_hash(plain(word).encode()))))


TWICE = (
    "Gave lunchtime paracetamol twice by mistake as the count said 28 and I had not signed. 2 "
    "tablets then 2 more at 12:20."
)
TOES = "Toes dry, nail of left big toe is black at corner, 4mm, no smell, podiatry booked 20th."


@pytest.mark.parametrize(
    ("right", "wrong", "text"),
    [("Gave", "Xave", TWICE), ("by", "bt", TWICE), ("smell", "ymell", TOES)],
)
def test_slips_that_added_a_signal_once(right: str, wrong: str, text: str) -> None:
    said = {"right": text, "wrong": text.replace(right, wrong)}
    found = {
        row["record_id"]: {one["code"] for one in row["reasons"]}
        for row in screen(
            table(
                *(
                    record(t, record_id=name, service_id=name, section="food", fields="{}")
                    for name, t in said.items()
                )
            ),
            rules(),
        ).to_pylist()
    }
    assert not found["wrong"] - found["right"]


@settings(max_examples=8)
@given(st.randoms(use_true_random=False))
def test_a_slip_of_the_pen_adds_no_signal(dice: random.Random) -> None:
    """For a word that is known and a slip that is no known word: one that is, is another word."""
    records = []
    for number in range(60):
        text = dice.choice(TEXTS)
        words = [found for found in re.finditer(r"[A-Za-z]{2,}", text) if is_known(found.group())]
        wrong, found = "", None
        while words and (not wrong or is_known(wrong) or wrong == found.group()):
            found = dice.choice(words)
            wrong = slip(found.group(), dice)
            if len(wrong) < 2:
                wrong = ""
        slipped = text[: found.start()] + wrong + text[found.end() :] if found else text
        for which, said in (("right", text), ("wrong", slipped)):
            records.append(
                record(
                    said,
                    record_id=f"{number} {which}",
                    service_id=f"{number} {which}",
                    section="food",
                    fields="{}",
                )
            )
        records.append(
            record(
                slipped,
                record_id=f"{number} incident",
                service_id=f"{number} incident",
                kind="incident",
                fields="{}",
            )
        )
        records.append(
            record(
                text,
                record_id=f"{number} same",
                service_id=f"{number} same",
                kind="incident",
                fields="{}",
            )
        )
    names = people(
        *((f"{n} {which}", "P2", "Betty Okafor") for n in range(60) for which in ("right", "wrong"))
    )
    found_in = {
        row["record_id"]: {one["code"] for one in row["reasons"]}
        for row in screen(table(*records), rules(), names=names).to_pylist()
    }
    texts = {one["record_id"]: one["text"] for one in records}
    for number in range(60):
        for right, wrong in (("right", "wrong"), ("same", "incident")):
            gained = found_in[f"{number} {wrong}"] - found_in[f"{number} {right}"]
            assert not gained, (gained, texts[f"{number} {right}"], texts[f"{number} {wrong}"])


def test_reasons_hold_codes_and_ids_alone() -> None:
    allowed = {one.code for one in SIGNALS} | {"sound", "useful", "prompt", ""}
    ids = set(CORPUS["record_id"].to_pylist())
    for row in screen(CORPUS, rules(), names=JOYCE_AND_BETTY).to_pylist():
        for reason in row["reasons"]:
            assert reason["code"] in allowed
            assert reason["strength"] in allowed
            assert reason["evidence_record_id"] in ids | {""}


VALUES = st.one_of(
    st.none(), st.just(""), st.just([]), st.booleans(), st.integers(), st.text(max_size=8),
    st.sampled_from(["fall", "done", "declined", "turn", "fluid", "{\"x\": [1, \"}\"]}"]),
    st.lists(st.text(max_size=3), max_size=2), st.dictionaries(st.text(max_size=3), st.none()),
)  # fmt: skip


@given(st.data())
def test_missing_fields_are_those_of_the_profile(data: st.DataObject) -> None:
    profile = profiles.starter()
    number = data.draw(st.integers(0, len(profile.record_types) - 1))
    record_type = profile.record_types[number]
    fields: dict[str, Any] = {}
    for field in record_type.fields:
        if data.draw(st.booleans()):
            fields[field.code] = data.draw(
                st.one_of(VALUES, st.sampled_from(field.options)) if field.options else VALUES
            )
    fields |= data.draw(st.dictionaries(st.text(max_size=4), VALUES, max_size=2))
    said = json.dumps(fields, ensure_ascii=False, indent=data.draw(st.sampled_from([None, 1])))
    content = np.frombuffer(said.encode("utf-8", "surrogatepass"), np.uint8)
    of_types = types(rules())
    room = np.zeros(64, np.int64), np.zeros(64, np.int64)
    filled, asked, right = read_fields(content, 0, len(content), number, of_types, *room)
    assert right
    missing = int(of_types.required[number]) & int(asked) & ~int(filled)
    expected = sum(
        1 << bit
        for bit, field in enumerate(record_type.fields)
        if field in record_type.missing(fields)
    )
    assert missing == expected


@pytest.mark.parametrize("broken", ["[]", "{", '{"a"}', '{"a": }', "{}x", '{"a": "b}', "null"])
def test_fields_that_are_no_object_are_refused_in_a_sentence(broken: str) -> None:
    with pytest.raises(ScreeningProblem, match="fields of record r1 are not a JSON object"):
        screen(table(record(fields=broken)), rules())


def test_no_records_are_no_rows() -> None:
    assert screen(RECORDS.empty_table(), rules()).equals(SCREENED.empty_table())


@settings(max_examples=30)
@given(st.lists(st.text(max_size=60), min_size=1, max_size=4))
def test_any_text_is_read(texts: list[str]) -> None:
    readable = [text.encode("utf-8", "ignore").decode() for text in texts]
    found = screen(table(*map(record, readable)), rules(), names=JOYCE_AND_BETTY).to_pylist()
    for row in found:
        text = readable[int(row["record_id"][1:]) - 1]
        for reason in row["reasons"]:
            assert 0 <= reason["span_start"] <= len(text) or reason["span_start"] == -1
            assert reason["span_start"] + reason["span_len"] <= len(text)
