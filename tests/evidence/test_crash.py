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
from tests.conftest import Database, trials
from tests.evidence.sample import Sample

# For each round it is told of, a process of its own, which acknowledges each act, once committed,
# with a line, and goes on until it is killed.
WRITERS = """
import os, sys, django
django.setup()
from surehand.evidence import SYSTEM, act
from tests.evidence.sample import Sample
while line := sys.stdin.readline():
    round_, turn = int(line), 0
    if writer := os.fork():
        print("killed by", os.WTERMSIG(os.waitpid(writer, 0)[1]), flush=True)
        continue
    print("begun", os.getpid(), flush=True)
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
    rounds = min(trials(6), 1000)
    with subprocess.Popen(
        [sys.executable, "-c", WRITERS],
        env=environment,
        cwd=root,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as writers:
        assert writers.stdin
        assert writers.stdout
        for round_ in range(1, rounds + 1):
            print(round_, file=writers.stdin, flush=True)
            begun, process = writers.stdout.readline().split()
            assert begun == "begun"
            said = [writers.stdout.readline()]
            time.sleep(chance.uniform(0, 0.02))  # anywhere in a write: what is being tested
            os.kill(int(process), SIGKILL)
            while not said[-1].startswith("killed"):
                said.append(writers.stdout.readline())
            assert said.pop() == f"killed by {SIGKILL.value}\n"
            for line in said:
                seq, token = line.split()
                assert int(seq) not in acknowledged
                acknowledged[int(seq)] = token
        writers.stdin.close()
    assert len(acknowledged) >= rounds

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
