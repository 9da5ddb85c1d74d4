"""`make test`: the whole check. Says on one line each what was skipped and why.

On PostgreSQL runs what may differ there: everything that meets the database – SQL, transactions,
migrations, guards, each permission and policy of each action – and each page is opened once. What
shows the same on both (`same_on_both`) runs on SQLite alone: who may open which address, what
pages load, that what they ask does not grow with people, the demonstration, and the journeys but
two.
"""

import os
import subprocess
import sys
from pathlib import Path

import psycopg

ROOT = Path(__file__).parents[1]
LOCAL = "postgresql://postgres@127.0.0.1:5432/postgres"
# These journeys go the whole way on PostgreSQL too.
ON_BOTH = {"test_from_file_to_rota.py", "test_failed_check_to_support.py"}
OTHERS = [one for one in (ROOT / "tests/journeys").glob("test_*.py") if one.name not in ON_BOTH]


# Compiled files are kept: otherwise each of many processes would compile everything anew.
INHERITED = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}


def run(title: str, *command: str, **environment: str) -> bool:
    print(f"\n== {title}", flush=True)
    done = subprocess.run(command, cwd=ROOT, env={**INHERITED, **environment})
    return ended(title, done.returncode)


def ended(title: str, code: int) -> bool:
    if code:
        print(f"== {title}: failed", flush=True)
    return code == 0


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
    # On one core, while the tests begin: what it finds is told after them.
    types = subprocess.Popen(
        [str(binaries / "mypy")], cwd=ROOT, env=INHERITED, stdout=subprocess.PIPE, text=True
    )
    good = [
        run("format", str(binaries / "ruff"), "format", "--check", "--quiet", "."),
        run("lint", str(binaries / "ruff"), "check", "--quiet", "."),
        run("floors", str(binaries / "lint-imports"), "--cache-dir=.import_linter_cache"),
        run("tests on SQLite", *pytest, DATABASE_URL=""),
    ]
    told, _ = types.communicate()
    print(f"\n== types\n{told}", end="", flush=True)
    good.append(ended("types", types.returncode))
    address = postgresql()
    if address:
        on_it = [*pytest, "--with-database", "-m", "not same_on_both"]
        on_it += [f"--ignore={path}" for path in OTHERS]
        good.append(run("tests on PostgreSQL", *on_it, DATABASE_URL=address))
    else:
        print(
            "\nSkipped: the tests on PostgreSQL, because no server answers at 127.0.0.1:5432 "
            "and TEST_DATABASE_URL is not set."
        )
    sys.exit(0 if all(good) else 1)


if __name__ == "__main__":
    main()
