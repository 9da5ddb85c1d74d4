"""`surehand demo`: build the demonstration."""

from datetime import date, datetime

import click

from surehand.cli.main import main, with_refusals


@main.command()
@click.option(
    "--today",
    type=click.DateTime(["%Y-%m-%d"]),
    help="As of the Monday on or before this day. Without it, this week's.",
)
@with_refusals
def demo(today: datetime | None) -> None:
    """Build the demonstration provider in an empty database, in demo mode.

    Example: SUREHAND_DEMO=1 surehand demo
    """
    from surehand.demo import build, is_built

    if is_built():
        click.echo("The demonstration is there already.")
        return
    day: date | None = today.date() if today else None
    with click.progressbar(length=100, label="Building the demonstration") as bar:
        build(today=day, done=lambda share: bar.update(int(share * 100) - bar.pos))
        bar.update(100 - bar.pos)
