"""With a checkpoint kept outside, every change to the history it covers is found."""

import random
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from surehand import evidence
from surehand.evidence import SYSTEM, act, actions, canonical, tree, verify
from surehand.evidence.checkpoint import Signer
from surehand.evidence.models import Entry
from tests.conftest import Database, trials
from tests.evidence.test_canonical import entry

SIGNER = Signer("example/ledger", bytes(range(32)))


def ledger(size: int, *, flavour: int = 0) -> list[dict[str, Any]]:
    return [
        entry(
            seq=seq,
            recorded_at=f"2026-03-03T09:{seq // 60:02}:{seq % 60:02}.000000Z",
            state={"count": seq * 7 + flavour, "outcome": "pass"},
        )
        for seq in range(1, size + 1)
    ]


def written(entries: list[dict[str, Any]], *, renumbered: bool) -> list[bytes]:
    """The bytes of entries; renumbered and re-dated as a careful forger would."""
    if renumbered:
        neat = ledger(len(entries))
        entries = [
            said | {"seq": fair["seq"], "recorded_at": fair["recorded_at"]}
            for said, fair in zip(entries, neat, strict=True)
        ]
    return [canonical.entry_bytes(said) for said in entries]


def checked(contents: list[bytes], note: bytes | None) -> verify.Report:
    return verify.examine(
        enumerate(contents, start=1), outside=note, key=str(SIGNER.key) if note else None
    )


def signed(contents: list[bytes]) -> bytes:
    root = tree.root_of(map(tree.leaf, contents))
    return SIGNER.sign(size=len(contents), root=root)


def flip(chance: random.Random, entries: list[dict[str, Any]], covered: int) -> list[bytes]:
    contents = written(entries, renumbered=False)
    at = chance.randrange(covered)
    content = bytearray(contents[at])
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    contents[at] = bytes(content)
    return contents


def drop(chance: random.Random, entries: list[dict[str, Any]], covered: int) -> list[bytes]:
    del entries[chance.randrange(covered)]
    return written(entries, renumbered=chance.random() < 0.7)


def swap(chance: random.Random, entries: list[dict[str, Any]], covered: int) -> list[bytes]:
    one = chance.randrange(covered)
    other = chance.choice([at for at in range(len(entries)) if at != one])
    entries[one], entries[other] = entries[other], entries[one]
    return written(entries, renumbered=chance.random() < 0.7)


def truncate(chance: random.Random, entries: list[dict[str, Any]], covered: int) -> list[bytes]:
    return written(entries[: chance.randrange(covered)], renumbered=False)


def rewrite(chance: random.Random, entries: list[dict[str, Any]], covered: int) -> list[bytes]:
    other = ledger(len(entries), flavour=chance.randint(1, 6))
    return written(other, renumbered=True)


def insert(chance: random.Random, entries: list[dict[str, Any]], covered: int) -> list[bytes]:
    forged = entry(state={"count": chance.randrange(10**6), "outcome": "fail"})
    entries.insert(chance.randrange(covered), forged)
    return written(entries, renumbered=chance.random() < 0.7)


@pytest.mark.parametrize("mutation", [flip, drop, swap, truncate, rewrite, insert])
def test_every_mutation_is_found(mutation: Any) -> None:
    chance = random.Random(mutation.__name__)
    missed = []
    for trial in range(trials(50)):
        size = chance.randint(2, 40)
        covered = chance.randint(1, size)
        note = signed(written(ledger(size)[:covered], renumbered=False))
        if checked(mutation(chance, ledger(size), covered), note).ok:
            missed.append(trial)
    assert missed == []


def test_a_clean_history_raises_no_alarm() -> None:
    chance = random.Random(1)
    for _ in range(min(trials(50), 1000)):
        size = chance.randint(1, 40)
        contents = written(ledger(size), renumbered=False)
        note = signed(contents[: chance.randint(0, size)])
        assert checked(contents, note).problems == ()


def test_an_order_of_time_that_cannot_be_is_found_even_without_a_checkpoint() -> None:
    entries = ledger(9)
    entries[4]["recorded_at"] = "2026-03-02T09:00:00.000000Z"
    report = checked(written(entries, renumbered=False), None)
    assert report.problems == ("Entry 5 was recorded before the one in front of it.",)


def test_the_limit_without_an_outside_checkpoint_is_said() -> None:
    forged = written(ledger(9, flavour=3), renumbered=True)
    report = checked(forged, None)
    assert report.ok
    assert "a ledger rewritten or cut short as a whole looks the same" in str(report)


def test_what_the_report_does_not_prove_is_said() -> None:
    contents = written(ledger(9), renumbered=False)
    note = signed(contents[:5])
    report = verify.examine(enumerate(contents, start=1), outside=note)
    assert "Who signed the checkpoint" in str(report)
    assert "What came after entry 5" in str(report)
    impostor = Signer(SIGNER.name, bytes(32))
    wrong = verify.examine(enumerate(contents, start=1), outside=note, key=str(impostor.key))
    assert "not signed by the key given" in str(wrong)
    assert not wrong.ok
    assert not verify.examine(enumerate(contents, start=1), outside=b"nonsense").ok


def test_an_owner_of_the_file_who_rewrites_all_of_it_is_found_from_outside_alone(
    template_database: Database,
) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("A file that somebody owns is SQLite's.")
    for number in range(6):
        with act("sample.recorded", by=SYSTEM) as opened:
            opened.state(number=number)
    kept = bytes(evidence.make_checkpoint().note)
    key = str(actions.signer().key)
    assert evidence.verify_ledger(kept, key).ok

    said = [canonical.loads(bytes(row.content)) for row in Entry.objects.order_by("seq")]
    forged = [canonical.entry_bytes(old | {"state": {"number": 99}}) for old in said]
    frontier: list[bytes] = []
    for size, content in enumerate(forged):
        frontier = tree.append(frontier, size, tree.leaf(content))
    connection.close()
    owner = sqlite3.connect(template_database.name, isolation_level=None)
    for (name,) in owner.execute("SELECT name FROM sqlite_master WHERE type='trigger'").fetchall():
        owner.execute(f'DROP TRIGGER "{name}"')
    for seq, content in enumerate(forged, start=1):
        owner.execute("UPDATE evidence_entry SET content=? WHERE seq=?", [content, seq])
    owner.execute("UPDATE evidence_head SET frontier=?", [tree.pack(frontier)])
    owner.execute("DELETE FROM evidence_checkpoint")
    owner.close()

    assert evidence.verify_ledger().ok
    assert not evidence.verify_ledger(kept, key).ok
    assert len(evidence.guards.missing()) > 0


def test_the_verifier_runs_alone(tmp_path: Path) -> None:
    contents = written(ledger(30), renumbered=False)
    (tmp_path / "entries").write_bytes(b"".join(content + b"\n" for content in contents))
    (tmp_path / "note").write_bytes(signed(contents))
    (tmp_path / "key").write_text(f"{SIGNER.key}\n")
    alone = tmp_path / "verify.py"
    alone.write_bytes(Path(verify.__file__).read_bytes())

    def run() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            # -I -S: no environment, no installed packages
            [sys.executable, "-I", "-S", alone, "entries", "--checkpoint", "note", "--key", "key"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )

    good = run()
    assert (good.returncode, good.stderr) == (0, "")
    assert "30 entries follow one another without gap" in good.stdout
    text = (tmp_path / "entries").read_bytes().replace(b'"count":70', b'"count":71')
    (tmp_path / "entries").write_bytes(text)
    bad = run()
    assert (bad.returncode, bad.stderr) == (1, "")
    assert "does not fit" in bad.stdout


@pytest.mark.parametrize("processes", [1, 2])
def test_a_long_ledger_is_looked_at_together_and_no_less_closely(processes: int) -> None:
    size = 2 * verify.TOGETHER + 100
    contents = written(ledger(size), renumbered=False)
    root = tree.root_of(map(tree.leaf, contents))
    inside = [
        (f"Root {at}", at, tree.root_of(map(tree.leaf, contents[:at])))
        for at in (0, 700, verify.TOGETHER, 2 * verify.TOGETHER, size)
    ]

    def checked(contents: list[bytes]) -> verify.Report:
        return verify.examine(enumerate(contents, start=1), inside=inside, processes=processes)

    good = checked(contents)
    assert (good.problems, good.size, good.root) == ((), size, root)
    for at in (0, 600, verify.TOGETHER - 1, verify.TOGETHER, 1500, size - 1):
        spaced = contents.copy()
        spaced[at] = spaced[at].replace(b'"v":1', b'"v": 1')
        assert f"Entry {at + 1} is not a canonical entry" in str(checked(spaced))
        assert f"Root {size} does not fit" in str(checked(spaced))
        early = contents.copy()
        early[at] = early[at].replace(b'"recorded_at":"2026', b'"recorded_at":"2025')
        assert (f"Entry {at + 1} was recorded before" in str(checked(early))) == (at > 0)
        assert not checked(early).ok
        assert not checked(contents[:at] + contents[at + 1 :]).ok
    doubled = [*enumerate(contents[: verify.TOGETHER], start=1)]
    doubled[3] = doubled[2]
    assert "Entry 4 is missing; 3 comes in its place." in str(verify.examine(doubled))
