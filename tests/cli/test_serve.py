"""`surehand serve` and the workers it forks."""

import os
import tempfile
from pathlib import Path

from surehand.cli.main import runs_workers


def test_a_worker_that_leaves_takes_nothing_away() -> None:
    """SIGHUP begins the workers anew; the figures they keep together stay."""
    left = []

    def run() -> None:
        worker = os.fork()
        if not worker:
            raise SystemExit(3)
        left.append(os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1]))

    with tempfile.TemporaryDirectory() as figures:
        runs_workers(run)
        assert Path(figures).is_dir()
    assert left == [3]
    assert not Path(figures).exists()
