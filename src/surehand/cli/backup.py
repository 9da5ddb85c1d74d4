"""`surehand backup` and `surehand restore`."""

from pathlib import Path

import click

from surehand.cli.main import main, refused, with_refusals

FILE = click.Path(dir_okay=False, path_type=Path)


@main.command()
@click.argument("file", type=FILE)
@with_refusals
def backup(file: Path) -> None:
    """Write a consistent copy of the database to FILE, while everybody works on.

    The checkpoint key and the secret are not in it; keep them apart from it.

    Example: surehand backup /backups/surehand-2026-11-23
    """
    from django.conf import settings

    from surehand.evidence import backup as copies

    copies.backup(file)
    click.echo(f"{file}: {file.stat().st_size / 1024**2:,.1f} MB.", err=True)
    click.echo(
        f"Keep {settings.CHECKPOINT_KEY} as well, in another place: without it, a restored ledger "
        "signs with a key that outsiders do not know.",
        err=True,
    )
    if settings.RECORDS_KEY.exists():
        click.echo(
            f"Keep {settings.RECORDS_KEY} too, in another place again: without it, nobody reads "
            f"what live records say. And {settings.SUBJECTS_KEY}, for as long as you want to know "
            "whom they are about.",
            err=True,
        )


@main.command()
@click.argument("file", type=FILE)
@click.option("--replace", is_flag=True, help="Put it in the place of the database that is here.")
@with_refusals
def restore(file: Path, replace: bool) -> None:
    """Put the copy in FILE back, bring it to this version, enter that in the ledger, and check it.

    Stop the pages and the workers first: what is recorded after the copy was made is not in it.
    Exit code 1 when the checks of `doctor` find something wrong.

    Example: surehand restore /backups/surehand-2026-11-23
    """
    from django.core.management import call_command

    from surehand.cli.doctor import report
    from surehand.evidence import actions, queries
    from surehand.evidence import backup as copies
    from surehand.governance import erasing, supported
    from surehand.ui.formats import moment, number, plural

    copies.restore(file, replace=replace)
    call_command("migrate", interactive=False, verbosity=0)
    last = queries.last_recorded_at()
    size = actions.record_restored()
    if again := erasing.reapply():
        erasing.clean_soon()
        click.echo(
            f"{plural(again, 'person', 'people')} erased since the copy was made "
            f"{'is' if again == 1 else 'are'} erased again.",
            err=True,
        )
    if supported.reapply():
        erasing.clean_soon()
        click.echo(
            "People supported who were erased or forgotten since the copy was made are forgotten "
            "again.",
            err=True,
        )
    click.echo(
        f"The copy ends with entry {number(size)}"
        + (f", recorded {moment(last)}. " if last else ". ")
        + "What was recorded after it is not in it.",
        err=True,
    )
    wrong = report()
    click.echo(
        "Now compare with a checkpoint kept outside: surehand verify --ledger --checkpoint FILE",
        err=True,
    )
    if wrong:
        raise refused(wrong)
