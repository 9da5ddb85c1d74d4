"""What was acknowledged survives a database server that crashes in the middle of writing, or whose
disk runs full.

A PostgreSQL server of the test's own, with `fsync` on, is killed again and again while one process
writes on; three crashes in an ordinary run, SUREHAND_TRIALS=200 for the measure. The processes die,
the machine does not: what a loss of power does to a disk is not shown.
"""

import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Empty, Queue
from signal import SIGKILL, SIGQUIT
from socket import socket
from threading import Thread

import psycopg
import pytest
from django.db import connection

from surehand import evidence
from surehand.evidence import queries
from tests.conftest import Database, connected_to, trials
from tests.evidence.sample import Sample
from tests.evidence.test_disk_full import mounted

ROOT = Path(__file__).parents[2]

# It acknowledges each act, once it is committed, with a line; a lost server is waited for. What was
# not acknowledged is not tried again: it may be there or not, and never twice.
WRITER = """
import django, time
django.setup()
from django.db import Error, connection
from surehand.evidence import SYSTEM, act
from tests.evidence.sample import Sample
turn = 0
while True:
    turn += 1
    try:
        with act("sample.recorded", by=SYSTEM) as opened:
            opened.state(token=f"t{turn}")
            opened.record(Sample(code=f"t{turn}", slot=1000 + turn))
    except Error:
        connection.close()
        time.sleep(0.02)
    else:
        print(opened.seq, f"t{turn}", flush=True)
"""


class Server:
    """A PostgreSQL cluster in a folder of its own, on a free port."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self.programs, self.folder, self.data = programs, folder, folder / "cluster"
        # It refuses to run as root.
        self.user = "postgres" if os.getuid() == 0 else None
        if self.user:
            shutil.chown(folder, self.user)
        subprocess.run(
            [programs / "initdb", "-D", self.data, "-A", "trust", "-U", "postgres", "--no-sync",
             "--wal-segsize=1"],
            user=self.user,
            cwd=folder,
            stdout=subprocess.DEVNULL,
            check=True,
        )  # fmt: skip
        with socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = str(free.getsockname()[1])
        self.address = f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        options = ["-h", "127.0.0.1", "-p", self.port, "-k", self.folder, "-c", "fsync=on"]
        self.process = subprocess.Popen(
            [self.programs / "postgres", "-D", self.data, *options],
            user=self.user,
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        while True:
            assert self.process.poll() is None, "the server did not start"
            with suppress(psycopg.OperationalError):
                psycopg.connect(self.address, connect_timeout=5).close()
                return
            time.sleep(0.02)

    def kill(self) -> None:
        """All its processes at once and without a word, as by the kernel when memory runs out."""
        first = self.process.pid
        children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        for process in (first, *map(int, children)):
            with suppress(ProcessLookupError):
                os.kill(process, SIGKILL)
        self.process.wait()
        while any(map(_lives, children)):
            time.sleep(0.01)  # they still hold the memory that a new server asks for

    def stop_at_once(self) -> None:
        """As `pg_ctl stop -m immediate` does: nothing is written any more."""
        self.process.send_signal(SIGQUIT)
        self.process.wait()


def _lives(process: str) -> bool:
    """Whether a process still runs; one that is dead and not yet buried does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@contextmanager
def a_server(folder: Path) -> Iterator[Server]:
    if connection.vendor != "postgresql":
        pytest.skip("A server that crashes is PostgreSQL’s; of SQLite the writer alone can.")
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name))
    if not found:
        pytest.skip("PostgreSQL’s server programs are not installed here.")
    server = Server(found[-1], folder)
    server.start()
    try:
        yield server
    finally:
        server.stop_at_once()


@pytest.fixture
def folder() -> Iterator[Path]:
    """Short enough for the path of a socket."""
    path = Path(tempfile.mkdtemp(prefix="surehand-server-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


def copy(database: Database, server: Server) -> None:
    source = database.environment["DATABASE_URL"]
    dumped = subprocess.run(["pg_dump", "--no-owner", source], capture_output=True, check=True)
    subprocess.run(
        ["psql", "--quiet", "--no-psqlrc", "--set", "ON_ERROR_STOP=1", server.address],
        input=dumped.stdout,
        stdout=subprocess.DEVNULL,
        check=True,
    )


class Writer:
    """A process that writes one act after another, and what it has acknowledged: seq → token."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.said: Queue[tuple[int, str]] = Queue()
        self.acknowledged: dict[int, str] = {}

    def listen(self) -> None:
        for line in self.process.stdout or ():
            seq, token = line.split()
            self.said.put((int(seq), token))

    def take(self, timeout: float = 60) -> None:
        """The next act acknowledged. Raises Empty if there is none in so many seconds."""
        seq, token = self.said.get(timeout=timeout)
        assert seq not in self.acknowledged
        self.acknowledged[seq] = token

    def take_all(self) -> None:
        while not self.said.empty():
            self.take()


@contextmanager
def writing(server: Server) -> Iterator[Writer]:
    environment = {
        **os.environ,
        "DATABASE_URL": server.address,
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
        "DJANGO_SETTINGS_MODULE": "surehand.config.settings",
    }
    with subprocess.Popen(
        [sys.executable, "-c", WRITER], env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        writer = Writer(process)
        listening = Thread(target=writer.listen)
        listening.start()
        try:
            yield writer
        finally:
            process.kill()
        listening.join()
    writer.take_all()


def check_kept(server: Server, acknowledged: dict[int, str]) -> None:
    """Everything acknowledged is there, once, with no gap."""
    with connected_to(NAME="postgres", HOST="127.0.0.1", PORT=server.port):
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
    print(f"{len(acknowledged)} acknowledged, {len(kept)} kept")


@pytest.mark.usefixtures("samples")
def test_a_server_that_crashes_loses_and_doubles_nothing_acknowledged(
    template_database: Database, folder: Path
) -> None:
    chance = random.Random(4)
    with a_server(folder) as server:
        copy(template_database, server)
        with writing(server) as writer:
            for _ in range(min(trials(3), 200)):
                writer.take_all()
                writer.take()  # it writes again
                time.sleep(chance.uniform(0, 0.05))  # anywhere in a write: what is being tested
                chance.choice([server.kill, server.stop_at_once])()
                server.start()
            writer.take()
        check_kept(server, writer.acknowledged)


@pytest.mark.usefixtures("samples")
def test_a_server_whose_disk_runs_full_keeps_what_it_acknowledged_and_goes_on(
    template_database: Database, folder: Path
) -> None:
    """At first tables can grow no more, then the server’s own log; it may stop by itself then."""
    with mounted(folder, megabytes=150), a_server(folder) as server:
        copy(template_database, server)
        with writing(server) as writer:
            writer.take()
            free = os.statvfs(folder)
            ballast = folder / "ballast"
            with suppress(OSError):  # the server takes the last of it meanwhile
                ballast.write_bytes(bytes(free.f_bavail * free.f_bsize))
            full = time.monotonic() + 60
            with suppress(Empty):
                while time.monotonic() < full:  # what it frees by itself lets a few more in
                    writer.take(timeout=3)
            ballast.unlink()
            if server.process.poll() is not None:
                server.start()
            writer.take()
        check_kept(server, writer.acknowledged)
