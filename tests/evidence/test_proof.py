"""The proof of one entry: the same as RFC 6962 gives over all leaves, and checked by itself."""

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.db import transaction

from surehand import evidence
from surehand.cli.__main__ import main
from surehand.evidence import SYSTEM, act, actions, index, proof, queries, tree, verify
from surehand.evidence.checkpoint import Signer
from surehand.evidence.models import Checkpoint, Correction, Subject, Subtree

pytestmark = pytest.mark.django_db

SIZES = (1, 2, 3, 255, 256, 257, 511, 512, 600)


@pytest.fixture(scope="module")
def ledger(django_db_setup: None, django_db_blocker: Any) -> Any:
    """600 entries, each naming its number modulo seven as a person; rolled back at the end."""
    with django_db_blocker.unblock(), transaction.atomic():
        for number in range(1, SIZES[-1] + 1):
            with act("sample.recorded", by=SYSTEM, corrects=number // 2 or None) as opened:
                opened.about(f"{number % 7:032x}")
        yield [tree.leaf(content) for _, content in queries.contents()]
        transaction.set_rollback(True)


@pytest.mark.parametrize("size", SIZES)
def test_a_path_is_what_the_standard_gives_over_all_leaves(ledger: list[bytes], size: int) -> None:
    chance = random.Random(size)
    for seq in {1, size, *(chance.randint(1, size) for _ in range(40))}:
        path = proof.path_of(seq=seq, size=size)
        assert path == tree.inclusion_proof(ledger[:size], seq - 1)


def test_the_index_is_what_the_entries_say(ledger: list[bytes]) -> None:
    assert list(index.problems()) == []
    kept = Subject.objects.count(), Correction.objects.count(), Subtree.objects.count()
    assert kept == (1200, 599, 2)
    with transaction.atomic():
        index.rebuild()
        assert list(index.problems()) == []
        Subtree.objects.filter(number=1).update(root=bytes(32))
        Subject.objects.filter(entry=7, acted=False).delete()
        assert len(list(index.problems())) == 2
        transaction.set_rollback(True)


def test_a_chain_of_corrections_is_found_from_each_of_its_entries(ledger: list[bytes]) -> None:
    assert queries.chain_of(seq=600) == queries.chain_of(seq=1) == list(range(1, 601))


def made() -> tuple[Checkpoint, str]:
    return evidence.make_checkpoint(), str(actions.signer().key)


def test_a_proof_holds_and_a_changed_one_does_not(ledger: list[bytes]) -> None:
    checkpoint, key = made()
    written = proof.written(seq=300, checkpoint=checkpoint)
    report = verify.examine_proof(written, key=key)
    assert report.ok, str(report)
    assert "entry 300 of the 600" in str(report)
    assert "That what was recorded was true" in str(report)
    said = json.loads(written)
    swapped = [
        {**said, "entry": said["entry"].replace("sample.recorded", "sample.rewritten")},
        {**said, "proof": said["proof"].replace("index 299", "index 298")},
        {**said, "proof": said["proof"].replace("\n600\n", "\n601\n")},
        {**said, "proof": said["proof"].split("\n", 1)[1]},
        {"entry": said["entry"]},
    ]
    for wrong in swapped:
        assert not verify.examine_proof(json.dumps(wrong).encode(), key=key).ok, wrong
    assert not verify.examine_proof(b"[]").ok
    assert not verify.examine_proof(b"\xff").ok


def test_a_forger_brings_a_key_of_their_own(ledger: list[bytes]) -> None:
    """Without a pinned key it is said that nobody knows who signed; with one it is found."""
    _, key = made()
    forger = Signer("surehand/ledger", bytes(range(32)))
    entry = b'{"seq":1}'
    note = forger.sign(size=1, root=tree.leaf(entry)).decode()
    forged = json.dumps(
        {
            "entry": entry.decode(),
            "proof": f"c2sp.org/tlog-proof@v1\nindex 0\n\n{note}",
            "key": str(forger.key),
        }
    ).encode()
    alone = verify.examine_proof(forged)
    assert alone.ok
    assert "so can a forger" in str(alone)
    assert not verify.examine_proof(forged, key=key).ok


def test_an_outside_checkpoint_is_compared(ledger: list[bytes]) -> None:
    checkpoint, key = made()
    written = proof.written(seq=5, checkpoint=checkpoint)
    same = verify.examine_proof(written, outside=bytes(checkpoint.note), key=key)
    assert "The outside checkpoint is over the same entries" in str(same)
    older = actions.signer().sign(size=300, root=tree.root_of(ledger[:300]))
    assert "Ask for a proof to the checkpoint you keep" in str(
        verify.examine_proof(written, outside=older, key=key)
    )
    rewritten = actions.signer().sign(size=600, root=bytes(32))
    assert not verify.examine_proof(written, outside=rewritten, key=key).ok


def test_the_command_and_the_verifier_alone_say_the_same(
    ledger: list[bytes], tmp_path: Path
) -> None:
    checkpoint, key = made()
    (tmp_path / "proof.json").write_bytes(proof.written(seq=77, checkpoint=checkpoint))
    (tmp_path / "key").write_text(key)
    alone = tmp_path / "verify.py"
    alone.write_bytes(Path(verify.__file__).read_bytes())

    def run() -> tuple[int, str]:
        ran = subprocess.run(
            [sys.executable, "-I", "-S", alone, "proof.json", "--key", "key"],
            cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip
        said = CliRunner().invoke(
            main, ["verify", str(tmp_path / "proof.json"), "--key", str(tmp_path / "key")]
        )
        assert said.exit_code == ran.returncode
        if not ran.returncode:
            assert said.stdout == ran.stdout
        return ran.returncode, ran.stdout

    code, told = run()
    assert code == 0
    assert "This is entry 77 of the 600" in told
    text = (tmp_path / "proof.json").read_text()
    (tmp_path / "proof.json").write_text(text.replace("0" * 31 + "0", "0" * 31 + "1"))
    assert run()[0] == 1
