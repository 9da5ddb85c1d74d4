"""One act, one entry, one transaction."""

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError

from surehand import evidence
from surehand.evidence import (
    SYSTEM,
    Actor,
    NotPossible,
    act,
    canonical,
    clock,
    queries,
    randomness,
    tree,
)
from surehand.evidence.kinds import Fact
from surehand.evidence.models import Entry, Head
from tests.evidence.sample import Keyed, Sample

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
ANN, BEN = "a" * 32, "b" * 32


def said(seq: int) -> dict[str, Any]:
    entry = queries.entry(seq=seq)
    assert entry is not None
    return entry


def assert_whole() -> None:
    """The ledger is gap-free and its head is the tree over its entries."""
    report = evidence.verify_ledger()
    assert report.ok, report.problems
    assert Head.objects.get().size == report.size == Entry.objects.count()


@pytest.mark.django_db
def test_an_entry_says_who_what_whom_and_when() -> None:
    ann = Actor(ANN, "password")
    with clock.at(NOON):
        with act("sample.recorded", by=ann, happened_at=NOON - timedelta(hours=2)) as first:
            first.about(BEN, ANN)
            first.about(BEN)
            first.state(outcome="pass", share="0.25")
        with act("sample.corrected", by=ann, corrects=first.seq) as second:
            pass
    assert second.seq == first.seq + 1
    assert said(first.seq) == {
        "v": 1,
        "seq": first.seq,
        "kind": "sample.recorded",
        "actor": ANN,
        "signed_in": "password",
        "subjects": [ANN, BEN],
        "happened_at": "2026-03-03T10:00:00.000000Z",
        "recorded_at": "2026-03-03T12:00:00.000000Z",
        "corrects": None,
        "facts": [],
        "state": {"outcome": "pass", "share": "0.25"},
        "commitments": [],
        "roots": [],
    }
    assert said(second.seq)["corrects"] == first.seq
    assert second.happened_at == second.recorded_at == NOON
    assert evidence.last_seq() == second.seq
    assert_whole()


@pytest.mark.django_db
def test_recorded_at_never_goes_back_and_tells_what_was_known() -> None:
    for hours in (0, -5, 2):
        with clock.at(NOON + timedelta(hours=hours)), act("sample.recorded", by=SYSTEM):
            pass
    times = list(Entry.objects.order_by("seq").values_list("recorded_at", flat=True))
    assert times == [NOON, NOON, NOON + timedelta(hours=2)]
    assert evidence.seq_at(moment=NOON - timedelta(seconds=1)) == 0
    assert evidence.seq_at(moment=NOON) == 2
    assert evidence.seq_at(moment=NOON + timedelta(days=1)) == 3


@pytest.mark.django_db
def test_what_is_refused_leaves_no_trace() -> None:
    def opening(**how: Any) -> None:
        with act(**({"kind": "sample.recorded", "by": SYSTEM} | how)) as opened:
            how.get("then", lambda _: None)(opened)

    with clock.at(NOON):
        with pytest.raises(NotPossible, match="still to come"):
            opening(happened_at=NOON + timedelta(minutes=3))
        with pytest.raises(NotPossible, match="no entry 7"):
            opening(corrects=7)
        with pytest.raises(ValueError, match="time zone"):
            opening(happened_at=NOON.replace(tzinfo=None))
        with pytest.raises(canonical.NotCanonical, match=r"part\.verb"):
            opening(kind="Recorded")
    for error in (
        lambda opened: opened.about("Ann Smith"),
        lambda opened: opened.state(share=0.25),
        lambda opened: opened.state(on=NOON),
        lambda opened: (opened.state(a=1), opened.state(a=2)),
    ):
        with pytest.raises(ValueError, match=r".+"), act("sample.recorded", by=SYSTEM) as opened:
            error(opened)
    with (
        pytest.raises(RuntimeError, match="open already"),
        act("sample.recorded", by=SYSTEM),
        act("sample.recorded", by=SYSTEM),
    ):
        pass
    assert evidence.last_seq() == 0
    with (
        clock.at(NOON),
        act(
            "sample.planned", by=SYSTEM, happened_at=NOON + timedelta(days=9), future=True
        ) as planned,
    ):
        pass
    assert planned.seq == 1
    assert_whole()


@pytest.mark.parametrize(("pseudonym", "signed_in"), [("Ann", "password"), (ANN, "magic")])
def test_an_actor_is_a_pseudonym_and_how_they_signed_in(pseudonym: str, signed_in: str) -> None:
    with pytest.raises(ValueError, match=r"pseudonym|signed_in"):
        Actor(pseudonym, signed_in)


@pytest.mark.django_db
def test_commitments_open_with_their_salt_and_nothing_else_is_told() -> None:
    rows = [f"row {number}".encode() for number in range(5)]
    with act("sample.recorded", by=SYSTEM) as opened:
        kept = opened.commit("She prompted twice – calmly.")
        root, salts = opened.commit_all(rows)
    entry = said(opened.seq)
    assert entry["commitments"] == [
        hashlib.sha256(kept.salt + "She prompted twice – calmly.".encode()).hexdigest()
    ]
    leaves = [
        tree.leaf(hashlib.sha256(salt + row).digest())
        for salt, row in zip(salts, rows, strict=True)
    ]
    assert entry["roots"] == [{"count": 5, "root": tree.root_of(leaves).hex()}]
    assert entry["roots"][0]["root"] == root.hex()
    assert len({kept.salt, *salts}) == 6
    assert b"prompted" not in bytes(Entry.objects.get(seq=opened.seq).content)


@pytest.mark.django_db
def test_with_the_same_clock_and_chance_the_bytes_are_the_same() -> None:
    def content() -> bytes:
        same = randomness.using(lambda size: b"7" * size)
        with clock.at(NOON), same, act("sample.recorded", by=SYSTEM) as opened:
            opened.commit("text")
        return bytes(Entry.objects.get(seq=opened.seq).content)

    first, second = content(), content()
    assert second == first.replace(b'"seq":1', b'"seq":2')


projected: list[frozenset[int]] = []


def project(posts: frozenset[int]) -> None:
    projected.append(posts)
    if 13 in posts:
        raise ValueError("cannot project")


@pytest.mark.django_db
def test_projectors_are_called_once_in_the_transaction_and_only_for_posts(settings: Any) -> None:
    settings.PROJECTORS = [f"{__name__}.project"]
    projected.clear()
    with act("sample.recorded", by=SYSTEM):
        pass
    with act("sample.recorded", by=SYSTEM) as opened:
        opened.touch([3, 4])
        opened.touch({4, 5})
        assert projected == []
    assert projected == [frozenset({3, 4, 5})]
    with (
        pytest.raises(ValueError, match="cannot project"),
        act("sample.recorded", by=SYSTEM) as opened,
    ):
        opened.touch([13])
    assert evidence.last_seq() == 2
    assert_whole()


@pytest.mark.usefixtures("samples")
def test_facts_carry_the_entry_and_its_times() -> None:
    new: list[Fact] = [Sample(code=f"m{n}", slot=20 + n) for n in range(30)]
    new += [Keyed(key=f"m{n}", sample=None) for n in range(3)]
    with (
        clock.at(NOON + timedelta(days=400)),
        act("sample.recorded", by=SYSTEM, happened_at=NOON) as opened,
    ):
        one = opened.record(Sample(code="one", slot=10))
        many = opened.record_all(new, batch_size=7)
    facts: list[Fact] = [one, *many]
    assert {(fact.entry, fact.happened_at) for fact in facts} == {(opened.seq, NOON)}
    assert Sample.objects.filter(entry=opened.seq, recorded_at=opened.recorded_at).count() == 31
    assert [(row["table"], row["count"]) for row in said(opened.seq)["facts"]] == [
        ("evidence_tests.Keyed", 3),
        ("evidence_tests.Sample", 31),
    ]


@pytest.mark.usefixtures("samples")
def test_only_new_facts_are_recorded() -> None:
    known = Sample.objects.get(code="c1")
    before = evidence.last_seq()
    for wrong in (known, Head(id=1), "text"):
        with pytest.raises(TypeError), act("sample.recorded", by=SYSTEM) as opened:
            opened.record(wrong)  # type: ignore[type-var]
    twice = Sample(code="twice", slot=50)
    with pytest.raises(TypeError), act("sample.recorded", by=SYSTEM) as opened:
        opened.record_all([opened.record(twice)])
    with pytest.raises(IntegrityError):
        Sample(code="past the act", slot=51).save()
    # A key already taken: the whole act is undone, and the next one takes its number.
    with pytest.raises(IntegrityError), act("sample.recorded", by=SYSTEM) as opened:
        opened.record_all([Keyed(key="fine", sample=None), Sample(code="c1", slot=53)])
    assert evidence.last_seq() == before
    assert set(Sample.objects.values_list("code", flat=True)) == {"c1", "c2"}
    assert not Keyed.objects.filter(key="fine").exists()
    with act("sample.recorded", by=SYSTEM) as opened:
        opened.record(Sample(code="fine", slot=52))
    assert opened.seq == before + 1
    assert_whole()


@pytest.mark.usefixtures("samples")
def test_a_key_that_is_taken_is_refused_in_words_that_are_true() -> None:
    with act("sample.recorded", by=SYSTEM) as opened:
        one = opened.record(Sample(code="one", slot=60))
        opened.record(Keyed(key="once", sample=one))
    before = evidence.last_seq()
    # What happens to something once has been done by somebody else.
    with (
        pytest.raises(NotPossible, match="recorded a moment ago"),
        act("sample.recorded", by=SYSTEM) as opened,
    ):
        opened.record(Keyed(key="again", sample=one))
    # A key that another has may be years old: nothing like this was recorded a moment ago.
    for taken in (
        Sample(code="one", slot=61),
        Sample(code="new", slot=one.slot),
        Keyed(key="once", sample=None),
    ):
        with (
            pytest.raises(NotPossible, match="has this key already"),
            act("sample.recorded", by=SYSTEM) as opened,
        ):
            opened.record(taken)
    # Anything else the database will not take is a fault of ours, and no sentence hides it.
    with pytest.raises(IntegrityError), act("sample.recorded", by=SYSTEM) as opened:
        opened.record(Sample(code=None, slot=62))  # type: ignore[misc]
    assert evidence.last_seq() == before
    assert_whole()


@pytest.mark.usefixtures("samples")
def test_twenty_writers_at_once_leave_no_gap_and_lose_nothing(
    in_thread: Callable[..., Callable[[], Any]],
) -> None:
    before = evidence.last_seq()

    def write(writer: int) -> list[int]:
        kept = []
        for turn in range(5):
            try:
                with act("sample.recorded", by=SYSTEM) as opened:
                    opened.state(token=f"{writer}-{turn}")
                    opened.record(Sample(code=f"{writer}-{turn}", slot=100 + writer * 5 + turn))
                    if turn == 2:
                        raise NotPossible("Not this one.")
                kept.append(opened.seq)
            except NotPossible:
                pass
        return kept

    with ThreadPoolExecutor(20) as pool:
        done = [pool.submit(in_thread(write, writer)) for writer in range(20)]
        seqs = [seq for future in done for seq in future.result()]
    assert sorted(seqs) == list(range(before + 1, before + 81))
    assert {said(seq)["state"]["token"] for seq in seqs} == {
        f"{writer}-{turn}" for writer in range(20) for turn in (0, 1, 3, 4)
    }
    assert Sample.objects.filter(entry__gt=before).count() == 80
    assert_whole()


@pytest.mark.usefixtures("samples")
def test_of_twenty_who_decide_at_once_one_wins_and_the_others_are_told(
    in_thread: Callable[..., Callable[[], Any]],
) -> None:
    def decide(writer: int) -> bool:
        try:
            with act("sample.decided", by=SYSTEM) as opened:
                if Sample.objects.filter(left=77).exists():
                    raise NotPossible("It is decided already.")
                opened.record(Sample(code=f"by {writer}", slot=writer + 100, left=77))
            return True
        except NotPossible:
            return False

    before = evidence.last_seq()
    with ThreadPoolExecutor(20) as pool:
        done = [pool.submit(in_thread(decide, writer)) for writer in range(20)]
        assert sum(future.result() for future in done) == 1
    assert Sample.objects.filter(left=77).count() == 1
    assert evidence.last_seq() == before + 1
