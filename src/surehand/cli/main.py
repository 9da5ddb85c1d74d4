"""The `surehand` command. Exit codes: 0 done, 1 refused or found wrong, 2 wrong usage."""

import errno
import json
import os
import socket
import sys
import tempfile
from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime
from functools import wraps
from typing import Any

import click
import django


def refused(message: str) -> "click.exceptions.Exit":
    """Say why on stderr; exit code 1."""
    click.echo(message, err=True)
    return click.exceptions.Exit(1)


def print_json(value: object) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def with_refusals(verb: Callable[..., Any]) -> Callable[..., Any]:
    """A refusal becomes its sentence and exit code 1, never a traceback; so does a database that
    fails: a disk that is full, a lock that is never free."""

    @wraps(verb)
    def run(*args: Any, **kwargs: Any) -> Any:
        from django.db import OperationalError

        from surehand.evidence.refusal import Refused

        try:
            return verb(*args, **kwargs)
        except Refused as refusal:
            raise refused(str(refusal)) from None
        except OperationalError as problem:
            raise refused(
                f"The database could not go on: {' '.join(str(problem).split())}. "
                "What was being written is undone."
            ) from None

    return run


class Moment(click.ParamType):
    """T: ISO 8601; without an offset Europe/London is meant."""

    name = "T"

    def convert(self, value: Any, param: Any, ctx: Any) -> datetime:
        from surehand.timeline import moment, parse_local

        if isinstance(value, datetime):
            return value
        try:
            return moment(parse_local(value, edge="start"))
        except ValueError as problem:
            self.fail(str(problem), param, ctx)


MOMENT = Moment()


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="surehand", message="%(version)s")
def main() -> None:
    """Surehand proves that care staff can use an electronic care management system safely."""
    os.umask(0o077)  # what it writes is for its owner alone to read
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "surehand.config.settings")
    django.setup()


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option("--workers", default=2, show_default=True)
@click.option("--no-worker", is_flag=True, help="Leave the background work to `surehand worker`.")
def serve(host: str, port: int, workers: int, no_worker: bool) -> None:
    """Serve the web application, with a worker beside it.

    Example: surehand serve --port 8080
    """
    from surehand.cli.safety import unsafe_settings
    from surehand.cli.worker import beside

    if unsafe := unsafe_settings(host):
        raise refused("\n".join(unsafe))
    if _in_use(host, port):
        raise refused(
            f"Something else is at port {port} already: perhaps the demo. Stop it, or take another "
            f"port, such as --port {port + 1}."
        )
    click.echo(f"Surehand is at http://{host}:{port} (stop it with Ctrl-C)")
    sys.argv = ["surehand", "--config", "python:surehand.config.gunicorn"]
    sys.argv += ["--bind", f"{host}:{port}", "--workers", str(workers)]
    sys.argv += ["surehand.config.wsgi:application"]
    # Where the workers keep their figures, so that /metrics/ speaks for all of them.
    with tempfile.TemporaryDirectory(prefix="surehand-metrics-") as figures:
        os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", figures)
        from gunicorn.app.wsgiapp import run

        with nullcontext() if no_worker else beside():
            runs_workers(run)


def runs_workers(run: Callable[[], None]) -> None:
    """Run what forks workers. A worker that leaves (SIGHUP begins them anew) comes back up through
    here: it must not tidy away what this process still needs, so it ends at once."""
    owner = os.getpid()
    try:
        run()
    except SystemExit as leaving:
        if os.getpid() == owner:
            raise
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(leaving.code if isinstance(leaving.code, int) else 0)


def _in_use(host: str, port: int) -> bool:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        socket.create_server((host, port), family=family).close()
    except OSError as why:
        return why.errno == errno.EADDRINUSE
    return False


@main.command()
def migrate() -> None:
    """Bring the database to this version and put its guards in place.

    Example: surehand migrate
    """
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=1)


@main.command()
@click.argument("email")
@click.option("--name", prompt=True)
@click.password_option(
    prompt="Password (at least 10 characters)", help="At least 10 characters; asked for without it."
)
@with_refusals
def createadmin(email: str, name: str, password: str) -> None:
    """Create the first administrator.

    Example: surehand createadmin ann@example.org --name "Ann Lee"
    """
    import secrets

    from django.db import transaction

    from surehand.people import actions
    from surehand.people.access import COMMAND_LINE, AccessRole

    with transaction.atomic():  # three acts, all or none
        person = actions.add_person(
            by=COMMAND_LINE,
            reference=email,
            name=name,
            email=email,
            pseudonym=secrets.token_hex(16),
        )
        actions.grant_access(
            by=COMMAND_LINE, person=person, role=AccessRole.ADMINISTRATOR, service=None
        )
        actions.let_sign_in(by=COMMAND_LINE, person=person, email=email, password=password)
    click.echo(f"{name} can now sign in as {email}.")
