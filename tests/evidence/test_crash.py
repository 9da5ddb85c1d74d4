"""What was acknowledged survives a process killed in the middle of its writing."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path
from signal import SIGKILL

import pytest

from surehand import evidence
from surehand.evidence import queries
from tests.conftest import Database
from tests.evidence.conftest import trials
from tests.evidence.sample import Sample

# A process of its own: it acknowledges each act, once it is committed, with a line.
WRITER = """
import sys, django
django.setup()
from surehand.evidence import SYSTEM, act
from tests.evidence.sample import Sample
round_, turn = int(sys.argv[1]), 0
while True:
    turn += 1
    token = f"{round_}-{turn}"
    with act("sample.recorded", by=SYSTEM) as opened:
        opened.state(token=token)
        opened.record(Sample(code=token, slot=1000 * round_ + turn))
    print(opened.seq, token, flush=True)
"""


@pytest.mark.usefixtures("samples")
def test_killed_while_writing_nothing_acknowledged_is_lost_or_doubled(
    template_database: Database,
) -> None:
    chance = random.Random(4)
    acknowledged: dict[int, str] = {}
    root = Path(__file__).parents[2]
    environment = {
        **os.environ,
        **template_database.environment,
        "PYTHONPATH": os.pathsep.join([str(root / "src"), str(root)]),
        "DJANGO_SETTINGS_MODULE": "surehand.config.settings",
    }
    for round_ in range(1, min(trials(6), 1000) + 1):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(round_)],
            env=environment,
            cwd=root,
            stdout=subprocess.PIPE,
            text=True,
        ) as writer:
            assert writer.stdout
            first = writer.stdout.readline()
            time.sleep(chance.uniform(0, 0.02))  # anywhere in a write: what is being tested
            writer.kill()
            said = [first, *writer.stdout]
        assert writer.returncode == -SIGKILL
        for line in said:
            seq, token = line.split()
            assert int(seq) not in acknowledged
            acknowledged[int(seq)] = token

    report = evidence.verify_ledger()
    assert report.ok, report.problems
    kept: dict[int, str] = {}
    for seq in range(3, report.size + 1):
        entry = queries.entry(seq=seq)
        assert entry is not None
        kept[seq] = entry["state"]["token"]
    assert acknowledged.items() <= kept.items()
    assert len(set(kept.values())) == len(kept)
    assert dict(Sample.objects.filter(entry__gt=2).values_list("entry", "code")) == kept
