"""`surehand worker`: the work that waits in the background; `beside` runs one next to the pages."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import click

from surehand.cli.main import main

# Seconds between two looks for work, and before a worker that ended is started again.
LOOK_EVERY = 0.5
AGAIN_AFTER = 1.0


@main.command()
@click.option("--once", is_flag=True, help="Do what is waiting, then stop.")
@click.option("--while-parent", is_flag=True, hidden=True)
def worker(once: bool, while_parent: bool) -> None:
    """Do the work waiting in the background; run any number of them. What a worker left undone
    because it was killed is taken up by the next.

    Example: surehand worker
    """
    from django.db import OperationalError, close_old_connections
    from django.utils.crypto import get_random_string
    from django_tasks_db.management.commands.db_worker import Worker
    from django_tasks_db.models import DBTaskResult

    from surehand.people.import_work import put_back_abandoned

    parent = os.getppid()
    working = Worker(
        queue_names=["*"],
        interval=0,
        batch=True,  # `run` ends when nothing waits
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id=get_random_string(32),
        excluded_queue_names=[],
    )
    working.configure_signals()
    while working.running and (not while_parent or os.getppid() == parent):
        close_old_connections()
        try:
            put_back_abandoned()
            # Looking takes no lock; fetching work takes the write lock of SQLite.
            if DBTaskResult.objects.ready().exists():
                working.run()
        except OperationalError as busy:
            click.echo(f"The database is busy: {busy}", err=True)
            time.sleep(AGAIN_AFTER)
        if once:
            break
        time.sleep(LOOK_EVERY)


@contextmanager
def beside() -> Iterator[None]:
    """A worker process as long as this one lives; started again should it end."""
    us = os.getpid()
    stopped = threading.Event()
    command = [sys.executable, "-m", "surehand.cli", "worker", "--while-parent"]
    running = [subprocess.Popen(command)]

    def keep() -> None:
        while not stopped.is_set():
            running[0].wait()
            if not stopped.wait(AGAIN_AFTER):
                running[0] = subprocess.Popen(command)

    thread = threading.Thread(target=keep, daemon=True)
    thread.start()
    try:
        yield
    finally:
        if os.getpid() == us:  # and not a process that serves pages, forked from this one
            stopped.set()
            running[0].terminate()
            thread.join(timeout=10)
