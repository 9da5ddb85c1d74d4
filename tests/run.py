"""`make test`: the whole check. Says on one line each what was skipped and why."""

import os
import subprocess
import sys
from pathlib import Path

import psycopg

ROOT = Path(__file__).parents[1]
LOCAL = "postgresql://postgres@127.0.0.1:5432/postgres"
JOURNEYS = "tests/journeys"
# What these show of pages is the same on both databases; two go the whole way on PostgreSQL too.
PAGES = [JOURNEYS, "tests/home/test_csp_and_hosts.py"]
ON_BOTH = [f"{JOURNEYS}/test_from_file_to_rota.py", f"{JOURNEYS}/test_failed_check_to_support.py"]


def run(title: str, *command: str, **environment: str) -> bool:
    print(f"\n== {title}", flush=True)
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **environment})
    if done.returncode:
        print(f"== {title}: failed", flush=True)
    return done.returncode == 0


def postgresql() -> str:
    """The address of a PostgreSQL server that answers; empty if there is none."""
    address = os.environ.get("TEST_DATABASE_URL", LOCAL)
    try:
        psycopg.connect(address, connect_timeout=3).close()
    except psycopg.OperationalError as problem:
        if "TEST_DATABASE_URL" in os.environ:
            sys.exit(f"TEST_DATABASE_URL does not answer: {problem}")
        return ""
    return address


def main() -> None:
    python = sys.executable
    binaries = Path(python).parent
    # In the order of collection: a long file begun last would leave the other cores idle.
    pytest = [python, "-m", "pytest", "-q", "-n", "auto", "--dist", "loadfile"]
    pytest += ["--no-loadscope-reorder", "--durations=30", "--durations-min=2"]
    good = [
        run("format", str(binaries / "ruff"), "format", "--check", "--quiet", "."),
        run("lint", str(binaries / "ruff"), "check", "--quiet", "."),
        run("floors", str(binaries / "lint-imports"), "--cache-dir=.import_linter_cache"),
        run("types", str(binaries / "mypy")),
        run("tests on SQLite", *pytest, DATABASE_URL=""),
    ]
    address = postgresql()
    if address:
        on_it = [*pytest, "--with-database", *(f"--ignore={path}" for path in PAGES)]
        good += [
            run("tests on PostgreSQL", *on_it, DATABASE_URL=address),
            run("journeys on PostgreSQL", *pytest, *ON_BOTH, DATABASE_URL=address),
        ]
    else:
        print(
            "\nSkipped: the tests on PostgreSQL, because no server answers at 127.0.0.1:5432 "
            "and TEST_DATABASE_URL is not set."
        )
    sys.exit(0 if all(good) else 1)


if __name__ == "__main__":
    main()
