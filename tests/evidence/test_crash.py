"""What was acknowledged survives a process killed in the middle of its writing."""

import os
import random
import signal
import time
import traceback
from typing import NoReturn

import pytest
from django.db import connection

from surehand import evidence
from surehand.evidence import SYSTEM, act, queries
from tests.evidence.conftest import trials
from tests.evidence.sample import Sample


def write_for_ever(acknowledge: int, round_: int) -> NoReturn:
    turn = 0
    while True:
        turn += 1
        token = f"{round_}-{turn}"
        with act("sample.recorded", by=SYSTEM) as opened:
            opened.state(token=token)
            opened.record(Sample(code=token, slot=1000 * round_ + turn))
        os.write(acknowledge, f"{opened.seq} {token}\n".encode())


@pytest.mark.usefixtures("samples")
def test_killed_while_writing_nothing_acknowledged_is_lost_or_doubled() -> None:
    chance = random.Random(4)
    acknowledged: dict[int, str] = {}
    for round_ in range(1, min(trials(20), 1000) + 1):
        connection.close()
        reading, writing = os.pipe()
        writer = os.fork()
        if writer == 0:
            try:
                write_for_ever(writing, round_)
            except BaseException:
                os.write(writing, traceback.format_exc().encode())
            finally:
                os._exit(1)
        os.close(writing)
        with os.fdopen(reading) as lines:
            first = lines.readline()
            time.sleep(chance.uniform(0, 0.02))  # anywhere in a write: what is being tested
            os.kill(writer, signal.SIGKILL)
            said = [first, *lines]
        _, status = os.waitpid(writer, 0)
        assert os.WTERMSIG(status) == signal.SIGKILL, "".join(said)
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
