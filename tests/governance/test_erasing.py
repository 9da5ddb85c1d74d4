"""Erasing a person: nothing of them is found afterwards, and everything proven still is."""

import os
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.conf import settings
from django.db import connection
from django.test import Client

from surehand import evidence
from surehand.assessment import actions as assessment
from surehand.assessment.models import AssessmentWords
from surehand.cli.__main__ import main
from surehand.evidence import checks, queries
from surehand.evidence.actions import signer
from surehand.evidence.refusal import NotPermitted, NotPossible
from surehand.governance import entry_pages, erasing, explorer, retention
from surehand.governance.models import Erasure
from surehand.imports import run as imports
from surehand.people import actions as people
from surehand.people.access import COMMAND_LINE, AccessRole
from surehand.people.models import Identity, Person, SignIn
from surehand.readiness import actions as readiness
from surehand.readiness.models import ReadinessSpan, Shift
from surehand.support import actions as support
from surehand.support.models import SupportWords
from tests.conftest import Database
from tests.provider import NOW, World, small_provider

# Unmistakable, so that they are found wherever they are left.
NAME, REFERENCE, EMAIL = "Zebedee Quillfeather", "ZQX-77412", "zebedee.q@example.org"
SECRETS = (
    "Zebedee", "Quillfeather", REFERENCE, "zebedee.q", "marmalade-note", "marmalade-file",
    "marmalade-reason", "marmalade-support",
)  # fmt: skip


def someone(world: World) -> Person:
    """Somebody with a post, and traces of them in every table there is."""
    person = people.add_person(
        by=COMMAND_LINE, reference=REFERENCE, name=NAME, email=EMAIL, pseudonym="f" * 31 + "0"
    )
    world.people["zeb"] = person
    people.grant_access(by=COMMAND_LINE, person=person, role=AccessRole.CARE_WORKER, service=None)
    people.let_sign_in(by=COMMAND_LINE, person=person, email=EMAIL, password="marmalade-otters-1")
    world.add_post("zeb", world.alder, "CW", end=None)
    check = world.check("C04")
    critical = next(c["code"] for c in check.criteria if c["critical"])
    failed = assessment.record_assessment(
        by=world.by("cal"),
        happened_at=evidence.clock.now(),
        person=person,
        service=world.alder,
        check=check,
        method=check.methods[0],
        judgements={
            c["code"]: "not_met" if c["code"] == critical else "met" for c in check.criteria
        },
        note=f"marmalade-note: {NAME} did not say who was told.",
        files=[assessment.NewFile("Quillfeather.pdf", "application/pdf", b"%PDF marmalade-file")],
    )
    assessment.review_check(
        by=world.by("ruth"),
        of=failed,
        decision="re_check",
        reason="marmalade-reason",
        recheck_due=(NOW + timedelta(days=7)).date(),
    )
    readiness.restrict(by=world.by("ruth"), person=person, service=None, reason="marmalade-support")
    # Named in a text about somebody else
    world.fail("dan", "C04", note=f"Was helped by {NAME.upper()}’s hand.")
    # In files: one taken in, its refused row, and one that waits
    header = "person_id,name,role,service_id,employment,start_date,email"
    row = f"{REFERENCE},{NAME},CW,ALD,permanent,2026-09-01,{EMAIL}.uk"
    wrong = f"{REFERENCE}9,{NAME},XX,ALD,permanent,2026-09-01,"
    for text in (
        f"{header}\n{row}\n{wrong}\n",
        f"{header}\n{REFERENCE}8,{NAME} II,CW,ALD,bank,2026-11-02,\n",
    ):
        shown = imports.preview("people", text.encode(), "people.csv", by=world.by("ruth"))
        pending = imports.keep(shown, by=world.by("ruth"))
        if "XX" in text:
            imports.confirm(pending, by=world.by("ruth"))
    Shift.objects.create(
        shift_id=f"{REFERENCE}/2026-11-20", service=world.alder, person=person,
        starts_at=NOW + timedelta(days=2), ends_at=NOW + timedelta(days=2, hours=8),
        entry=evidence.last_seq(),
    )  # fmt: skip
    return person


def erase(world: World, person: Person, *, although_here: bool = True) -> list[erasing.Found]:
    return erasing.erase(
        by=world.by("ada"),
        person=person,
        asked_by="person",
        why="asked",
        although_here=although_here,
    )


def sound() -> list[str]:
    """What `doctor` finds wrong about the evidence; the durability of a test's database aside."""
    return [sentence for name, well, sentence in checks.run() if not well and name != "durability"]


def test_it_is_refused_where_it_must_be(world: World) -> None:
    person = someone(world)
    with pytest.raises(NotPermitted):
        erasing.erase(by=world.by("ruth"), person=person, asked_by="person", why="asked")
    with pytest.raises(NotPermitted, match="Nobody erases themself"):
        erasing.erase(
            by=world.by("ada"), person=world.people["ada"], asked_by="person", why="asked"
        )
    with pytest.raises(NotPossible, match="has a post now or to come"):
        erase(world, person, although_here=False)
    erase(world, person)
    with pytest.raises(NotPossible, match="left to erase"):
        erase(world, person)


def test_the_entry_holds_a_pseudonym_and_codes_alone(world: World) -> None:
    person = someone(world)
    shown = erasing.would_erase(erasing.whom(person))
    erased = erase(world, person)
    entry = queries.entry(seq=evidence.last_seq())
    assert entry
    assert entry["kind"] == "person.erased"
    assert entry["subjects"] == [person.pseudonym]
    assert entry["state"]["asked_by"] == "person"
    assert entry["state"]["why"] == "asked"
    # What was shown is what was erased, and every table that can hold a person did
    assert {f.what: f.count for f in shown} == {f.what: f.count for f in erased}
    assert {
        "Name, own id and email address",
        "Sign-in",
        "Notes and reasons of their checks and reviews",
        "Files kept with their checks",
        "Reasons of restrictions and overrides",
        "Their name in texts about others",
        "What could show which row of a file was theirs",
        "Files waiting to be taken in that name them",
        "Refused rows of files that name them",
        "Shifts whose id says who works them",
    } <= {f.what for f in erased}


def test_facts_and_proofs_stay_whole_and_the_access_ends(world: World) -> None:
    person = someone(world)
    kept = bytes(evidence.make_checkpoint().note)
    spans = list(ReadinessSpan.objects.filter(post__person=person).values_list("state", "since"))
    erase(world, person)
    assert sound() == []
    assert evidence.verify_ledger(kept, str(signer().key)).ok
    assert spans == list(
        ReadinessSpan.objects.filter(post__person=person).values_list("state", "since")
    )
    assert str(Person.objects.get(pk=person.pk)) == f"Erased person {person.pseudonym[:6]}"
    assert not person.grants.filter(end__isnull=True).exists()
    assert not SignIn.objects.filter(person=person).exists()


def test_a_name_in_a_text_about_another_goes_and_the_text_stays(world: World) -> None:
    person = someone(world)
    erase(world, person)
    text = AssessmentWords.objects.get(text__startswith="Was helped by")
    assert text.text == f"Was helped by Erased person {person.pseudonym[:6]}’s hand."
    said = explorer.said_by(explorer.Entry.objects.filter(seq=text.entry))[text.entry]
    assert "Erased or changed by an erasure" in entry_pages.promises(said)[0].state


def test_two_records_of_one_human_are_erased_together(world: World) -> None:
    person = someone(world)
    people.merge(by=world.by("ada"), person=world.people["rose"], into=person)
    erase(world, person)
    assert not Identity.objects.filter(person__in=[person, world.people["rose"]]).exists()
    assert set(erasing.listed()) <= {person.pseudonym, world.people["rose"].pseudonym}


def test_what_others_were_told_about_supporting_stays(world: World) -> None:
    """Somebody who gives support is named in its entry; its words are about who receives it."""
    person = someone(world)
    action = support.give_support(
        by=world.by("ruth"),
        person=world.people["dan"],
        service=world.alder.pk,
        new=support.NewSupport("coaching", person, (NOW + timedelta(days=7)).date()),
    )
    support.finish_support(
        by=world.by("ruth"),
        action=action,
        service=world.alder.pk,
        outcome="helped",
        note="Worked beside them twice.",
    )
    erase(world, person)
    assert SupportWords.objects.filter(text="Worked beside them twice.").exists()


PAGES = (
    "/", "/people/?service=all", "/matrix/?service=ALD", "/readiness/?service=ALD",
    "/live-use/?service=ALD", "/live-use/?service=ALD&view=day",
    "/live-use/?service=ALD&format=csv",
    "/assess/?service=ALD", "/reviews/?service=ALD", "/support/?service=ALD",
    "/sign-off/?service=ALD", "/evidence/", "/settings/", "/held-about-me/", "/plan/", "/imports/",
    "/people/?service=all&format=csv", "/matrix/?service=ALD&format=csv",
)  # fmt: skip


@pytest.mark.same_on_both
def test_every_page_opens_with_an_erased_person(
    world: World, signed_in: Callable[[str], Client]
) -> None:
    """Also with one who assessed, signed off and supervises."""
    person = someone(world)
    world.pass_all("dan")
    world.sign_off("dan", by="helen")
    for each in (person, world.people["cal"], world.people["dan"]):
        erase(world, each)
    pseudonym = world.people["dan"].pseudonym
    pages = [
        *PAGES, f"/people/{pseudonym}/", f"/people/{pseudonym}/?entries=all&known=then",
        f"/people/{person.pseudonym}/", f"/readiness/?service=ALD&person={pseudonym}",
        *(f"/evidence/{seq}/" for seq in range(1, evidence.last_seq() + 1)),
    ]  # fmt: skip
    told = f"Erased person {pseudonym[:6]}"
    seen = 0
    for name in ("helen", "ruth", "tessa", "ada"):
        client = signed_in(name)
        for path in pages:
            response = client.get(path)
            assert response.status_code in {200, 302, 403, 404}, f"{name} {path}"
            text = response.content.decode()
            assert "Quillfeather" not in text, path
            assert "Daniela" not in text, path
            seen += told in text
    assert seen > 10
    page = signed_in("helen").get(f"/people/{pseudonym}/").content.decode()
    assert f"<h1>{told}</h1>" in page
    settings_page = signed_in("ada").get(f"/settings/people/{pseudonym}/").content.decode()
    assert told in settings_page


def test_a_file_that_names_them_again_makes_a_new_person(world: World) -> None:
    person = someone(world)
    erase(world, person)
    text = (
        "person_id,name,role,service_id,employment,start_date\n"
        f"{REFERENCE},{NAME},CW,ALD,permanent,2026-11-02\n"
    )
    shown = imports.preview("people", text.encode(), "people.csv", by=world.by("ruth"))
    assert (shown.added, shown.refused) == (1, 0)
    imports.commit(shown, by=world.by("ruth"))
    assert Identity.objects.get(reference=REFERENCE).person_id != person.pk


def test_leavers_are_erased_when_their_time_is_over_and_not_before_somebody_says_so(
    world: World,
) -> None:
    with evidence.clock.at(NOW + timedelta(days=6 * 366)):
        assert erasing.leavers(years=6) == []
    with evidence.clock.at(NOW + timedelta(days=6 * 366 + 30)):
        found = [str(person) for person in erasing.leavers(years=6)]
        assert found == []  # she still holds access
        people.end_access(by=world.by("ada"), grant=world.people["eve"].grants.get())
        assert [str(person) for person in erasing.leavers(years=6)] == ["Eve O’Brien"]
        retention.apply()
        assert Identity.objects.filter(name="Eve O’Brien").exists()
        retention.change(by=world.by("ada"), days={}, leavers=6)
        assert retention.apply()["people"] == 1
        assert not Identity.objects.filter(name="Eve O’Brien").exists()
        assert "people" not in retention.apply()


# --- The bytes ------------------------------------------------------------------------------------


@pytest.fixture
def real(template_database: Database) -> Iterator[tuple[World, Database]]:
    """The small provider in a database of its own, with real commits."""
    world = small_provider()
    with evidence.clock.at(NOW):
        yield world, template_database


def left_in(content: bytes) -> list[str]:
    """The secrets that can be read in these bytes, in UTF-8 or UTF-16."""
    return [
        secret
        for secret in SECRETS
        if re.search(re.escape(secret.encode()), content, re.I)
        or secret.encode("utf-16-le") in content
    ]


def on_sqlite(database: Database) -> dict[str, list[str]]:
    files = sorted(Path(database.name).parent.glob(f"{Path(database.name).name}*"))
    return {file.name: left for file in files if (left := left_in(file.read_bytes()))}


def on_postgresql() -> dict[str, list[str]]:
    """Every table and index, read from the server's own files."""
    found = {}
    with connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")
        cursor.execute(
            "SELECT relname, pg_read_binary_file(pg_relation_filepath(c.oid)) FROM pg_class c"
            " WHERE relkind IN ('r', 'i', 't') AND relnamespace IN"
            " ('public'::regnamespace, 'pg_toast'::regnamespace) AND relpersistence = 'p'"
        )
        for name, content in cursor.fetchall():
            if left := left_in(bytes(content)):
                found[name] = left
    return found


def in_rows() -> dict[str, list[str]]:
    """Every row of every table, as the database reads it out."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            content = "".join(
                str(bytes(v) if isinstance(v, bytes | memoryview) else v)
                for row in cursor.fetchall()
                for v in row
            )
            if left := left_in(content.encode()):
                found[table] = left
    return found


def test_nothing_is_left_in_the_files_of_the_database(real: tuple[World, Database]) -> None:
    world, database = real
    person = someone(world)
    # An older name, which must not be left in some corner either
    identity = Identity.objects.get(person=person)
    identity.name = "Zebedee Oldquillfeather"
    identity.save()
    identity.name = NAME
    identity.save()
    search = (lambda: on_sqlite(database)) if connection.vendor == "sqlite" else on_postgresql
    before = search()
    assert {secret for left in before.values() for secret in left} >= {"Quillfeather", REFERENCE}
    erase(world, person)
    assert in_rows() == {}
    done = erasing.clean_soon()
    if connection.vendor == "postgresql" and not done:
        # Others write in this cluster just now, and PostgreSQL keeps it for as long as they do.
        assert Erasure.objects.get().cleaned_at is None
        return
    assert done
    assert search() == {}
    assert Erasure.objects.get().cleaned_at
    assert not erasing.clean()
    assert [s for _, well, s in checks.run() if not well] == []
    assert evidence.verify_ledger().ok


def test_a_copy_made_afterwards_holds_nothing_and_an_older_one_forgets_again(
    real: tuple[World, Database], tmp_path: Path
) -> None:
    world, _ = real
    person = someone(world)

    def run(*arguments: object) -> str:
        said = CliRunner().invoke(main, [str(a) for a in arguments], catch_exceptions=False)
        assert said.exit_code == 0, said.output
        return said.stderr

    run("backup", tmp_path / "before")
    erase(world, person)
    erasing.clean_soon()
    run("backup", tmp_path / "after")
    if connection.vendor == "sqlite":
        assert left_in((tmp_path / "before").read_bytes())
        assert left_in((tmp_path / "after").read_bytes()) == []
    said = run("restore", tmp_path / "before", "--replace")
    assert "1 person erased since the copy was made is erased again" in said
    assert not Identity.objects.filter(name=NAME).exists()
    entry = queries.entry(seq=evidence.last_seq())
    assert entry
    assert (entry["kind"], entry["state"]["why"]) == ("person.erased", "restored")
    assert erasing.reapply() == 0


def test_the_list_outside_the_database_is_caught_up_after_a_crash(
    real: tuple[World, Database],
) -> None:
    world, _ = real
    person = someone(world)
    erase(world, person)
    assert erasing.listed() == [person.pseudonym]
    assert settings.ERASURES.stat().st_mode & 0o077 == 0
    os.unlink(settings.ERASURES)
    erasing.catch_up()
    assert erasing.listed() == [person.pseudonym]
