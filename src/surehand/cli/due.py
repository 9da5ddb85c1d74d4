"""`surehand due`: do what is due."""

from datetime import datetime

import click

from surehand.cli.main import MOMENT, main, refused, with_refusals


@main.command()
@click.option("--now", type=MOMENT, help="As if it were this time; without it, now.")
@with_refusals
def due(now: datetime | None) -> None:
    """Do everything that is due; run twice, or after days down, it does each thing once.

    What cannot be done is said, holds up nothing else, and is tried again next time; exit code 1.

    Example: surehand due
    """
    from django.conf import settings
    from django.utils.module_loading import import_string

    from surehand import evidence
    from surehand.evidence.refusal import Refused

    failed = 0
    with evidence.clock.at(now or evidence.clock.now()):
        for path in settings.DUE:
            try:
                for sentence in import_string(path)():
                    click.echo(sentence)
            except Refused as refusal:
                failed += 1
                click.echo(str(refusal), err=True)
    if failed:
        raise refused(f"{failed} of {len(settings.DUE)} could not be done; they are tried again.")
