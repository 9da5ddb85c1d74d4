"""Live records in: what a row means beside what is known."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings

from surehand.evidence.models import Entry
from surehand.evidence.refusal import NotPermitted
from surehand.imports import run
from surehand.people.access import COMMAND_LINE, AccessRole, By, Grant
from surehand.people.models import EcmAccount
from surehand.records.models import KeptAside, LiveRecord, RecordText, Subject
from surehand.records.sealed import unseal

from .conftest import HEADER, NOTE

pytestmark = [pytest.mark.usefixtures("home")]
Take = Callable[..., run.Preview]


def counts(shown: run.Preview) -> tuple[int, int, int, int]:
    return shown.added, shown.changed, shown.unchanged, shown.refused


def said(record: LiveRecord) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(unseal(record.words.content))
    return found


def current(record_id: str = "R1") -> LiveRecord:
    return LiveRecord.objects.get(record_id=record_id, replaced_by=None)


def sentence(shown: run.Preview) -> str:
    return shown.problems[0].sentence


def test_a_record_comes_in_whole(take: Take) -> None:
    assert counts(take("records", HEADER + NOTE)) == (1, 0, 0, 0)
    record = current()
    assert (record.record_type, record.section, record.version) == ("note", "skin", 1)
    assert (record.change_type, record.profile) == ("create", "residential-nursing 1.0")
    assert record.occurred_at == datetime(2026, 3, 9, 7, 40, tzinfo=UTC)
    assert record.account.details.reference == "ade.o"
    assert said(record) == {"text": "Heels looked fine.", "fields": {}}
    assert record.words.keep_until is None  # it goes by itself
    assert b"RES1" not in record.subject.pseudonym.encode()


def test_the_same_file_twice_changes_nothing(take: Take) -> None:
    take("records", HEADER + NOTE)
    entries = Entry.objects.count()
    assert counts(take("records", HEADER + NOTE)) == (0, 0, 1, 0)
    assert (Entry.objects.count(), LiveRecord.objects.count()) == (entries, 1)


def test_words_are_read_by_code_or_title_in_any_case(take: Take) -> None:
    take("records", HEADER + NOTE.replace("note,skin", "DAILY NOTE,Food and Drink"))
    assert (current().record_type, current().section) == ("note", "food")


def test_another_text_without_a_version_is_the_next_version(take: Take) -> None:
    take("records", HEADER + NOTE)
    shown = take("records", HEADER + NOTE.replace("fine", "red"))
    assert counts(shown) == (0, 1, 0, 0)
    first = LiveRecord.objects.get(version=1)
    assert first.replaced_by == current().entry
    assert (current().version, current().change_type) == (2, "amend")
    assert said(current())["text"] == "Heels looked red."
    assert counts(take("records", HEADER + NOTE)) == (0, 0, 1, 0)  # the older file again


def test_a_higher_version_replaces_and_a_lower_one_arriving_late_is_kept(take: Take) -> None:
    header = HEADER.replace("text", "text,version,change_type")
    third = NOTE.replace("fine.", "red.,3,edited")
    second = NOTE.replace("fine.", "pink.,2,late")
    assert counts(take("records", header + third)) == (1, 0, 0, 0)
    assert counts(take("records", header + second + third)) == (0, 1, 1, 0)
    assert current().version == 3
    late = LiveRecord.objects.get(version=2)
    assert late.replaced_by is not None
    assert (late.change_type, current().change_type) == ("late", "amend")


def test_all_versions_in_one_file_come_in_whatever_their_order(take: Take) -> None:
    header = HEADER.replace("text", "text,version")
    rows = [NOTE.replace("fine.", f"{words}.,{n}") for n, words in ((2, "b"), (3, "c"), (1, "a"))]
    assert counts(take("records", header + "".join(rows))) == (1, 2, 0, 0)
    assert said(current())["text"] == "Heels looked c."
    assert LiveRecord.objects.filter(replaced_by=None).count() == 1


def test_versions_far_apart_in_a_file_are_seen_alike_before_and_while_they_are_written(
    take: Take, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "BATCH", 2)
    header = HEADER.replace("text", "text,version")
    rows = [NOTE.replace("R1", f"R{n}").replace("fine.", "fine.,1") for n in range(5)]
    rows += [NOTE.replace("R1", "R0").replace("fine.", "red.,2"), rows[1]]
    shown = run.preview("records", (header + "".join(rows)).encode(), "f.csv", by=quality_lead())
    assert counts(shown) == (5, 1, 1, 0)
    done = run.commit(shown, by=quality_lead())
    assert done is not None
    assert (done.added, done.changed, done.unchanged) == (5, 1, 1)
    assert current("R0").version == 2


def test_one_version_with_two_contents_is_refused(take: Take) -> None:
    header = HEADER.replace("text", "text,version")
    take("records", header + NOTE.replace("fine.", "fine.,2"))
    shown = take("records", header + NOTE.replace("fine.", "red.,2"))
    assert counts(shown) == (0, 0, 0, 1)
    assert "Version 2 of this record is known and says something else." in sentence(shown)


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ("ALDER", "ELM", "There is no service “ELM”."),
        ("2026-03-09T07:55", "2026-03-10T10:00", "is still to come"),
        ("2026-03-09T07:40", "1999-03-09T07:40", "before 2000"),
        ("2026-03-09T07:40", "2026-03-29T01:30", "does not exist in London"),
        ("2026-03-09T07:55", "yesterday", "is not a date and time"),
        ("ade.o", "", "author_id is empty"),
        ("Heels", "H" * 100_001, "longer than 100,000 characters"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(
    take: Take, before: str, after: str, why: str
) -> None:
    shown = take("records", HEADER + NOTE.replace(before, after))
    assert counts(shown) == (0, 0, 0, 1)
    assert why in sentence(shown)
    assert not LiveRecord.objects.exists()


def test_structured_fields_are_read_by_code_or_title_and_what_is_unknown_stays(take: Take) -> None:
    fields = json.dumps({"Mood": "SETTLED", "support": "three", "Weather": "rain"})
    quoted = '"' + fields.replace('"', '""') + '"'
    shown = take(
        "records", HEADER.replace("text", "text,fields") + NOTE.replace("fine.", f"fine.,{quoted}")
    )
    assert said(current())["fields"] == {"mood": "settled", "support": "three", "Weather": "rain"}
    assert "“three” as support given, 1; “Weather”, 1" in " ".join(shown.notes)


@pytest.mark.parametrize("fields", ["[1]", "nonsense", '"{""a"": NaN}"', '"{""a"": ""\\ud800""}"'])
def test_fields_that_are_no_object_are_refused(take: Take, fields: str) -> None:
    shown = take(
        "records", HEADER.replace("text", "text,fields") + NOTE.replace("fine.", f"fine.,{fields}")
    )
    assert "is not a JSON object" in sentence(shown)


def test_an_account_never_heard_of_is_made_and_linked_to_nobody(take: Take) -> None:
    shown = take("records", HEADER + NOTE + NOTE.replace("R1", "R2").replace("ade.o", "ADE.O"))
    assert "2 rows by 2 ECM accounts not linked to anybody then: ade.o, 1; ADE.O, 1." in " ".join(
        shown.notes
    )
    account = EcmAccount.objects.get()
    assert not account.links.exists()


@pytest.mark.parametrize(
    ("before", "after", "why", "word"),
    [
        ("RES1", "", "subject", ""),
        ("note", "Obs round", "record_type", "Obs round"),
        ("skin", "Feet", "section", "Feet"),
    ],
)
def test_what_is_not_known_is_kept_aside(
    take: Take, before: str, after: str, why: str, word: str
) -> None:
    shown = take("records", HEADER + NOTE.replace(before, after, 1))
    assert counts(shown) == (1, 0, 0, 0)
    assert "1 row is kept aside, and not lost" in " ".join(shown.notes)
    aside = KeptAside.objects.get()
    assert (aside.why, aside.said, aside.row_id) == (why, word, "R1")
    assert json.loads(unseal(aside.content))["text"] == "Heels looked fine."
    assert not LiveRecord.objects.exists()
    assert counts(take("records", HEADER + NOTE.replace(before, after, 1))) == (0, 0, 1, 0)
    assert counts(take("records", HEADER + NOTE)) == (1, 0, 0, 0)
    assert not KeptAside.objects.filter(done_by=None).exists()


def test_a_section_is_not_asked_of_a_record_that_is_its_own_place(take: Take) -> None:
    take("records", HEADER + NOTE.replace("note,skin", "incident,Falls"))
    assert (current().record_type, current().section) == ("incident", "")


def test_a_name_is_sealed_and_makes_no_new_version(take: Take) -> None:
    take("records", HEADER + NOTE)
    header = HEADER.replace("text", "text,subject_name")
    named = NOTE.replace("fine.", "fine.,Gwen Price")
    assert counts(take("records", header + named)) == (0, 1, 0, 0)
    subject = Subject.objects.get()
    assert unseal(subject.name) == "Gwen Price"
    assert b"Gwen" not in bytes(subject.name)
    assert LiveRecord.objects.count() == 1
    assert counts(take("records", header + named)) == (0, 0, 1, 0)


def test_the_words_of_records_are_sealed(take: Take) -> None:
    take("records", HEADER + NOTE)
    assert b"Heels" not in bytes(RecordText.objects.get().content)


def quality_lead() -> By:
    grants = (Grant(AccessRole.QUALITY_LEAD, None),)
    return By(person=None, pseudonym="c" * 32, signed_in="password", grants=grants)


def test_a_registered_manager_brings_no_records_in(take: Take) -> None:
    grants = (Grant(AccessRole.REGISTERED_MANAGER, 1),)
    by = By(person=None, pseudonym="b" * 32, signed_in="password", grants=grants)
    with pytest.raises(NotPermitted, match="quality lead or an administrator"):
        take("records", HEADER + NOTE, by=by)
    take("records", HEADER + NOTE, by=quality_lead())
    assert LiveRecord.objects.count() == 1


def test_statements_do_not_grow_with_the_file(
    take: Take, django_assert_max_num_queries: Any
) -> None:
    rows = "".join(NOTE.replace("R1", f"R{n}").replace("RES1", f"S{n % 7}") for n in range(400))
    with django_assert_max_num_queries(60):
        take("records", HEADER + rows)


def test_an_id_of_another_service_is_refused_and_nothing_there_changes(take: Take) -> None:
    take("records", HEADER + NOTE)
    other = NOTE.replace("ALDER", "QUAY").replace("fine", "sore")
    shown = take("records", HEADER + other)
    assert counts(shown) == (0, 0, 0, 1)
    assert "known at another service" in sentence(shown)
    assert LiveRecord.objects.get().replaced_by is None
    one_file = HEADER + NOTE.replace("R1", "R2") + other.replace("R1", "R2")
    assert counts(take("records", one_file)) == (1, 0, 0, 1)


@pytest.mark.parametrize("first", ["note", "Shift poem"], ids=["known", "kept aside"])
def test_an_id_of_another_service_further_up_a_file_is_refused_in_the_preview_too(
    take: Take, monkeypatch: pytest.MonkeyPatch, first: str
) -> None:
    monkeypatch.setattr(run, "BATCH", 1)
    there = NOTE.replace("note", first)
    file = HEADER + there + NOTE.replace("ALDER", "QUAY").replace("fine", "sore") + there
    shown = run.preview("records", file.encode(), "file.csv", by=COMMAND_LINE)
    assert counts(shown) == (1, 0, 1, 1)
    assert "known at another service" in sentence(shown)
    done = run.commit(shown, by=COMMAND_LINE)
    assert done is not None
    assert (done.added, done.changed, done.unchanged, done.refused) == (1, 0, 1, 1)


def test_a_name_whose_key_was_erased_stops_no_import(take: Take, tmp_path: Path) -> None:
    named = HEADER.replace("text\n", "text,subject_name\n") + NOTE.replace(
        "fine.", "fine.,Gwen Price"
    )
    take("records", named)
    with override_settings(RECORDS_KEY=tmp_path / "another.key"):
        assert counts(take("records", HEADER + NOTE.replace("R1", "R2"))) == (1, 0, 0, 0)
