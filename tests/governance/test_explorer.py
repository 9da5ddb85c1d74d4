"""The evidence explorer: who reads which entries, how they are found, and what a page says."""

import json
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client

from surehand import evidence
from surehand.assessment import actions as assessment
from surehand.assessment.models import AssessmentWords
from surehand.evidence import queries, verify
from surehand.evidence.actions import signer
from surehand.evidence.models import Entry
from surehand.governance import entry_pages, explorer
from surehand.governance.explorer import Filters
from surehand.people import actions as people
from surehand.people.models import Identity
from surehand.readiness import actions as readiness
from tests.provider import NOW, World

SignedIn = Callable[[str], Client]


def seqs(world: World, name: str, **wanted: object) -> list[int]:
    found, _, _ = explorer.find(by=world.by(name), wanted=Filters(**wanted))  # type: ignore[arg-type]
    return [entry.seq for entry in found]


def may_read(world: World, name: str, seq: int) -> bool:
    return explorer.entry(seq=seq, by=world.by(name)) is not None


def test_r14_who_reads_an_entry(world: World) -> None:
    at_alder = world.fail("dan", "C04").entry
    at_quayside = world.fail("rose", "C04", by="helen").entry
    go_live = people.set_go_live(by=world.by("ada"), service=world.quayside, on=date(2027, 1, 4))
    plan = Entry.objects.get(kind="plan.published").seq
    granted = Entry.objects.filter(kind="access.granted").order_by("seq")[0].seq
    everywhere = (at_alder, at_quayside, go_live.entry, plan, granted)
    expected = {
        "helen": everywhere,
        "nadia": everywhere,
        "ruth": (at_alder, plan),
        "cal": (at_alder, plan),
        "quinn": (at_quayside, go_live.entry, plan),
        "dan": (at_alder,),  # about oneself
        "eve": (),
        "ada": (),
    }
    for name, readable in expected.items():
        assert tuple(seq for seq in everywhere if may_read(world, name, seq)) == readable, name


def test_an_entry_about_somebody_who_works_elsewhere_is_not_for_one_service(world: World) -> None:
    merged = people.merge(by=world.by("ada"), person=world.people["rose"], into=world.people["dan"])
    assert may_read(world, "helen", merged.entry)
    assert not may_read(world, "ruth", merged.entry)
    assert not may_read(world, "quinn", merged.entry)


def test_what_one_did_oneself_can_be_read(world: World) -> None:
    found = seqs(world, "ruth", actor="Ruth Adeyemi")
    assert found == []
    done = readiness.restrict(
        by=world.by("ruth"), person=world.people["dan"], service=None, reason="Two wrong doses."
    )
    assert seqs(world, "ruth", actor="Ruth Adeyemi") == [done.entry]


def test_it_is_found_by_person_actor_kind_and_day(world: World) -> None:
    failed = world.fail("dan", "C04").entry
    assert failed in seqs(world, "helen", who="popescu daniela")
    assert failed in seqs(world, "helen", who=world.people["dan"].identity.reference.lower())
    assert failed not in seqs(world, "helen", who="Rose")
    assert failed in seqs(world, "helen", actor="Callum")
    assert seqs(world, "helen", kind="assessment.recorded") == [failed]
    assert seqs(world, "helen", since=date(2026, 11, 18)) == [failed]
    assert failed not in seqs(world, "helen", until=date(2026, 11, 17))
    assert seqs(world, "helen", who="nobody of that name") == []
    # An erased person is found by the beginning of their pseudonym
    dan = world.people["dan"]
    Identity.objects.filter(person=dan).delete()
    assert failed in seqs(world, "helen", who=f"Erased person {dan.pseudonym}")


def test_pages_follow_one_another_without_gap_or_repeat(world: World) -> None:
    for minutes in range(70):
        world.assess("dan", "C01", happened_at=NOW - timedelta(minutes=minutes))
    every = list(range(evidence.last_seq(), 0, -1))
    read: list[int] = []
    before = None
    while page := seqs(world, "helen", before=before):
        read += page
        before = page[-1]
    assert read == every
    assert seqs(world, "helen", after=every[60]) == every[10:60]


@pytest.fixture
def story(world: World) -> list[int]:
    """An assessment, its correction, and the void of that."""
    first = world.fail("dan", "C04", note="Did not say who was told.")
    with evidence.clock.at(NOW + timedelta(hours=1)):
        again = assessment.record_assessment(
            by=world.by("cal"),
            happened_at=first.happened_at,
            person=first.person,
            service=first.service,
            check=first.check_version,
            method=first.method,
            judgements=dict.fromkeys(first.judgements, "met"),
            corrects=first,
            reason="The wrong box was ticked.",
        )
    with evidence.clock.at(NOW + timedelta(hours=2)):
        void = assessment.void_assessment(
            by=world.by("ruth"), assessment=again, reason="It was somebody else."
        )
    return [first.entry, again.entry, void.entry]


def test_r15_corrections_and_voids_read_as_a_story_from_each_of_them(
    world: World, story: list[int], signed_in: SignedIn
) -> None:
    assert queries.chain_of(seq=story[1]) == story
    for seq in story:
        page = signed_in("ruth").get(f"/evidence/{seq}/").content.decode()
        places = [
            page.index(said)
            for said in (
                "First recorded",
                "Did not say who was told.",
                f"Corrects entry {story[0]}",
                "The wrong box was ticked.",
                f"Voids entry {story[1]}",
                "It was somebody else.",
            )
        ]
        assert places == sorted(places)
        assert page.count("(this entry)") == 1


def test_a_proof_taken_from_the_page_holds(
    world: World, story: list[int], signed_in: SignedIn
) -> None:
    client = signed_in("helen")
    assert "Not signed yet" in client.get(f"/evidence/{story[0]}/").content.decode()
    assert client.get(f"/evidence/{story[0]}/proof.json").status_code == 404
    evidence.make_checkpoint()
    key = client.get("/evidence/key.txt").content
    assert key.decode().strip() == str(signer().key)
    taken = client.get(f"/evidence/{story[0]}/proof.json").content
    assert verify.examine_proof(taken, key=key).ok
    own = client.get(f"/evidence/{story[0]}/entry.json").content
    assert own.decode() == json.loads(taken)["entry"]
    size = evidence.last_seq()
    note = client.get(f"/evidence/checkpoints/{size}.txt").content
    assert "The outside checkpoint is over the same" in str(
        verify.examine_proof(taken, outside=note, key=key)
    )
    checked = client.get(f"/evidence/{story[0]}/?check=now").content.decode()
    assert f"This is entry {story[0]} of the {size}" in checked
    assert "A server that lies could lie here too" in checked
    assert "Every fact" not in checked


def test_what_was_promised_is_kept_or_said_to_be_gone(world: World, story: list[int]) -> None:
    said = explorer.said_by(Entry.objects.filter(seq=story[0]))[story[0]]
    assert [p.state for p in entry_pages.promises(said)] == ["Kept, and just as it was recorded"]
    AssessmentWords.objects.filter(entry=story[0]).delete()
    assert "Erased" in entry_pages.promises(said)[0].state


def test_the_number_of_an_entry_leads_to_it(world: World, signed_in: SignedIn) -> None:
    client = signed_in("helen")
    assert client.get("/evidence/?entry=1").headers["Location"] == "/evidence/1/"
    page = client.get("/evidence/?entry=999999").content.decode()
    assert "There is no entry 999999 that you may read." in page
    assert client.get("/evidence/99999999999999999999999/").status_code == 404
    assert client.get("/evidence/?entry=9999999999999999999999&before=x&from=31").status_code == 200


def test_oneself_sees_no_other_names_in_an_entry(world: World, signed_in: SignedIn) -> None:
    merged = people.merge(by=world.by("ada"), person=world.people["rose"], into=world.people["dan"])
    page = signed_in("dan").get(f"/evidence/{merged.entry}/").content.decode()
    assert "Daniela Popescu" in page
    # Merged people are one human: the other record is their own too
    assert signed_in("eve").get(f"/evidence/{merged.entry}/").status_code == 403


def test_somebody_is_found_however_their_name_is_typed(world: World) -> None:
    entry = world.add_person("lucja", "Łucja O’Dea-Ångström").entry
    for typed in ("lucja", "ODEA angstrom", "Łucja O'Dea"):
        assert entry in seqs(world, "helen", who=typed), typed
    assert entry not in seqs(world, "helen", who="lucy")
    assert seqs(world, "helen", who="’") == []
