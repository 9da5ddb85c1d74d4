"""People supported: what is held about them is said, one is erased whole, and all are forgotten."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.db import connection
from django.test import Client

from surehand import evidence
from surehand.assessment.models import AssessmentWords
from surehand.cli.__main__ import main
from surehand.evidence import checks, queries
from surehand.evidence.models import Entry
from surehand.evidence.refusal import NotPermitted, NotPossible
from surehand.governance import erasing, supported
from surehand.home.held import held_about
from surehand.imports import run as imports
from surehand.imports.models import RowCommitment
from surehand.people import actions as people
from surehand.people.access import COMMAND_LINE
from surehand.people.models import EcmAccountDetails
from surehand.records import forgotten, sealed
from surehand.records.models import (
    KeptAside,
    LiveRecord,
    RaisedAlert,
    RecordText,
    Signal,
    Subject,
)
from tests.conftest import Database
from tests.provider import NOW, World, small_provider
from tests.records.live import a_record, an_account, noticed

RECORDS = (
    "record_id,service_id,subject_id,author_id,record_type,section,occurred_at,recorded_at,text,"
    "subject_name\n"
    "R1,ALD,RES-14,dan.m,note,skin,2026-11-17T07:40,2026-11-17T07:55,Heels red.,Joyce Hartley\n"
    "R2,ALD,RES-15,dan.m,note,skin,2026-11-17T07:41,2026-11-17T07:56,Heels fine.,Idris Vaughan\n"
    "R3,ALD,RES-14,dan.m,note,knitting,2026-11-17T08:41,2026-11-17T08:56,Knitted.,\n"
)
ALERTS = (
    "alert_id,service_id,subject_id,alert_type,raised_at\nA1,ALD,RES-14,bed_exit,2026-11-17T02:10\n"
)


@pytest.fixture(autouse=True)
def _own_keys(settings: Any, tmp_path: Path) -> None:
    settings.RECORDS_KEY = tmp_path / "keys" / "records.key"
    settings.SUBJECTS_KEY = tmp_path / "keys" / "subjects.key"


def take(kind: str, text: str) -> imports.Preview:
    shown = imports.preview(kind, text.encode(), "f.csv", by=COMMAND_LINE)
    imports.commit(shown, by=COMMAND_LINE)
    return shown


def bring_in() -> None:
    take("records", RECORDS)
    take("alerts", ALERTS)
    noticed(LiveRecord.objects.get(record_id="R1"), "late_entry")
    noticed(
        LiveRecord.objects.get(record_id="R2"),
        "reused_wording",
        beside=LiveRecord.objects.get(record_id="R1"),
    )


def erase(world: World, who: str = "RES-14", by: str = "ada") -> list[erasing.Found]:
    return supported.erase_supported(
        by=world.by(by),
        service=world.alder,
        subject_id=who,
        asked_by="representative",
        why="asked",
    )


def test_somebody_supported_is_erased_with_all_that_is_about_them(world: World) -> None:
    bring_in()
    world.fail("dan", "C04", note="Left Joyce Hartley’s chart empty.")
    with pytest.raises(NotPermitted):
        erase(world, by="queenie")
    with pytest.raises(NotPossible, match="left to erase"):
        erase(world, "RES-99")
    found = {each.what: each.count for each in erase(world)}
    assert found == {
        "Their name in texts about others": 1,
        "What could show which row of a file was theirs": 3,
        "What live records about them say": 1,
        "Rows of record files about them that are kept aside": 1,
        "Live records about them": 1,
        "Alerts that rang for them": 1,
        "Their pseudonym and sealed name": 1,
    }
    assert LiveRecord.objects.get().record_id == "R2"
    assert RecordText.objects.count() == 1
    assert not RaisedAlert.objects.exists()
    assert not KeptAside.objects.exists()
    assert Signal.objects.get().beside is None
    assert AssessmentWords.objects.get(text="Left Somebody supported’s chart empty.")
    with pytest.raises(NotPossible):
        erase(world)
    connection.check_constraints()


def test_after_a_restore_the_name_goes_from_texts_about_others_too_whoever_came_in_again(
    world: World,
) -> None:
    bring_in()
    erase(world)
    erasing.catch_up()  # a test never commits: the list outside the database
    # A copy of some later time is restored: their records had come in once more.
    bring_in_again = RECORDS.replace("R1,", "R11,").replace("R3,", "R13,")
    take("records", bring_in_again)
    world.fail("dan", "C04", note="Left Joyce Hartley’s chart empty.")
    assert supported.reapply() == 1
    assert not LiveRecord.objects.filter(record_id="R11").exists()
    assert AssessmentWords.objects.get(text="Left Somebody supported’s chart empty.")
    assert supported.reapply() == 0


def test_a_file_that_comes_before_the_new_key_is_in_its_place_brings_no_old_pseudonym_back(
    world: World,
) -> None:
    bring_in()
    before = set(Subject.objects.values_list("pseudonym", flat=True))
    supported.forget_whom(by=world.by("ada"), words=False)  # never commits: the old key stands
    assert sealed.pseudonym("RES-14", service="ALD") in before
    header, first, *_ = RECORDS.splitlines(keepends=True)
    take("records", header + first.replace("R1", "R8"))
    assert LiveRecord.objects.get(record_id="R8").subject.pseudonym not in before


def test_the_entry_says_how_much_and_not_whom_and_every_proof_holds(world: World) -> None:
    bring_in()
    pseudonym = sealed.pseudonym("RES-14", service="ALD")
    erase(world)
    said = queries.entry(seq=evidence.last_seq())
    assert said
    assert (said["kind"], said["subjects"]) == ("supported.erased", [])
    assert said["state"]["asked_by"] == "representative"
    content = bytes(Entry.objects.latest("seq").content)
    assert pseudonym.encode() not in content
    assert b"RES-14" not in content
    assert evidence.verify_ledger().ok
    assert [s for name, well, s in checks.run() if not well and name != "durability"] == []


def test_from_then_on_no_id_leads_to_an_old_pseudonym(world: World) -> None:
    bring_in()
    before = set(Subject.objects.values_list("pseudonym", flat=True))
    with pytest.raises(NotPermitted):
        supported.forget_whom(by=world.by("queenie"), words=False)
    _forget(world, words=False)
    assert sealed.pseudonym("RES-14", service="ALD") not in before
    assert not Subject.objects.exclude(name=b"").exists()
    assert not erasing.would_erase(supported.whom(world.alder, "RES-14")) or (
        # The row kept aside names its id still, and comes in under the new pseudonym.
        KeptAside.objects.exists()
    )
    # The same file says nothing new, and so links no old pseudonym to a new one.
    header, first, second, _ = RECORDS.splitlines(keepends=True)
    shown = take("records", header + first.replace("red", "worse") + second)
    assert (shown.added, shown.changed, shown.unchanged) == (0, 0, 2)
    assert take("alerts", ALERTS).unchanged == 1
    # What comes later is about somebody new.
    later = take("records", header + first.replace("R1", "R8"))
    assert later.added == 1
    assert LiveRecord.objects.get(record_id="R8").subject.pseudonym not in before
    assert RecordText.objects.count() == 3
    _forget(world, words=True)
    assert not RecordText.objects.exists()
    assert not KeptAside.objects.exists()
    assert LiveRecord.objects.count() == 3


def _forget(world: World, *, words: bool) -> None:
    supported.forget_whom(by=world.by("ada"), words=words)
    forgotten.finish()  # a test never commits: as if a crash had come before the file


def test_a_key_that_is_lost_open_or_another_is_said(world: World, settings: Any) -> None:
    def wrong() -> list[str]:
        return [sentence for _, well, sentence in supported.checks() if not well]

    assert wrong() == []
    bring_in()
    assert wrong() == []
    settings.RECORDS_KEY.chmod(0o644)
    assert "can be read by others (mode 644)" in wrong()[0]
    settings.RECORDS_KEY.unlink()
    assert "what live records say cannot be read" in wrong()[0]
    sealed.seal("makes another key")
    assert "another key than the one that sealed" in wrong()[0]
    settings.SUBJECTS_KEY.unlink()
    assert "under new pseudonyms" in wrong()[1]


def test_whoever_reads_is_told_what_is_held_and_until_when(
    world: World, signed_in: Callable[[str], Client]
) -> None:
    empty = signed_in("queenie").get("/held-about-people-supported/").text
    assert "It appears here when the first file of live records or alerts is in." in empty
    bring_in()
    for name in ("queenie", "ruth", "ada"):
        page = signed_in(name).get("/held-about-people-supported/").text
        assert "2 records and 1 alert about 2 people" in page
        assert "28 days after they came in" in page
        assert "No words wait to be erased by themselves." in page  # both are flagged
        assert "Joyce" not in page
        assert ("Forget whom these records are about" in page) == (name == "ada")
    Signal.objects.all().delete()
    page = signed_in("ada").get("/held-about-people-supported/").text
    assert "The oldest words go after 16 December 2026" in page


def test_an_administrator_finds_and_erases_somebody_on_the_page(
    world: World, signed_in: Callable[[str], Client]
) -> None:
    bring_in()
    ada, path = signed_in("ada"), "/settings/people-supported/erase/"
    said = {"service": "ALD", "subject_id": "RES-1"}
    assert "Nothing is held about “RES-1”" in ada.post(path, said).text
    said["subject_id"] = "RES-14"
    assert "Live records about them" in ada.post(path, said).text
    assert "Say who asked for it" in ada.post(path, said | {"erase": "1"}).text
    assert LiveRecord.objects.count() == 2
    done = ada.post(path, said | {"erase": "1", "asked_by": "person", "why": "asked", "sure": "on"})
    assert done.status_code == 302
    assert LiveRecord.objects.count() == 1


def test_an_account_goes_with_its_person_unless_it_was_somebody_elses_too(world: World) -> None:
    take(
        "accounts",
        "account_id,person_id,from_date,to_date,shared\n"
        f"dan.m,{world.people['dan'].identity.reference},2026-09-01,,\n"
        f"tablet,{world.people['dan'].identity.reference},2026-09-01,2026-10-01,\n"
        "tablet,,2026-10-02,,yes\n",
    )
    bring_in()
    found = erasing.erase(
        by=world.by("ada"),
        person=world.people["dan"],
        asked_by="person",
        why="asked",
        although_here=True,
    )
    assert erasing.Found("What their accounts in the ECM system are called", 1) in found
    assert [a.reference for a in EcmAccountDetails.objects.all()] == ["tablet"]
    assert LiveRecord.objects.count() == 2  # they are about others, by an account without a name
    assert RowCommitment.objects.filter(salt__isnull=False).exists()


def test_a_person_sees_their_accounts_and_how_much_they_wrote(
    world: World, signed_in: Callable[[str], Client]
) -> None:
    reference = world.people["dan"].identity.reference
    take("accounts", f"account_id,person_id,from_date\ndan.m,{reference},2026-09-01\n")
    bring_in()
    page = signed_in("dan").get("/held-about-me/").text
    assert "dan.m" in page
    assert "Records you wrote in the ECM system" in page


def test_what_one_wrote_counts_for_who_one_is_merged_with_and_an_approval_is_no_writing(
    world: World,
) -> None:
    dan, eve = world.people["dan"], world.people["eve"]
    record = a_record(world.alder, an_account("dan.m", person=dan))
    LiveRecord.objects.update(replaced_by=evidence.last_seq())
    same = {"record_id": record.record_id, "version": 2, "change_type": "approve"}
    a_record(world.alder, record.account, **same)
    a_record(world.alder, an_account("eve.o", person=eve))
    people.merge(by=world.by("ada"), person=dan, into=eve)
    counts = dict(one[:2] for one in held_about(dan, by=world.by("dan")).counts)
    assert counts["Records you wrote in the ECM system"] == "2"


# --- The bytes, and copies ------------------------------------------------------------------------


def test_a_copy_of_before_forgets_again(template_database: Database, tmp_path: Path) -> None:
    world = small_provider()
    with evidence.clock.at(NOW):
        bring_in()
        run("backup", tmp_path / "before")
        erase(world, "RES-15")
        key = sealed.fingerprint(supported.settings.SUBJECTS_KEY)
        supported.forget_whom(by=world.by("ada"), words=False)
        assert sealed.fingerprint(supported.settings.SUBJECTS_KEY) != key
        assert erasing.clean_soon() or connection.vendor == "postgresql"
        said = run("restore", tmp_path / "before", "--replace")
        assert "erased or forgotten since the copy was made are forgotten again" in said
        assert LiveRecord.objects.get().record_id == "R1"
        assert not Subject.objects.exclude(name=b"").exists()
        assert supported.reapply() == 0
        assert [s for _, well, s in supported.checks() if not well] == []
    with evidence.clock.at(NOW + timedelta(minutes=1)):
        assert evidence.verify_ledger().ok


def run(*arguments: object) -> str:
    said = CliRunner().invoke(main, [str(a) for a in arguments], catch_exceptions=False)
    assert said.exit_code == 0, said.output
    return said.stderr
