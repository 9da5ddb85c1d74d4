"""`surehand due`: do what is due."""

from datetime import datetime

import click

from surehand.cli.main import MOMENT, main, with_refusals


@main.command()
@click.option("--now", type=MOMENT, help="As if it were this time; without it, now.")
@with_refusals
def due(now: datetime | None) -> None:
    """Do everything that is due; run twice, or after days down, it does each thing once.

    Example: surehand due
    """
    from surehand import evidence
    from surehand.assessment import group_actions
    from surehand.readiness import plan_projection

    with evidence.clock.at(now or evidence.clock.now()):
        for number in plan_projection.project_waiting():
            click.echo(f"Plan version {number} is prepared for every post.")
        if forgotten := group_actions.forget_untouched():
            click.echo(f"{forgotten} group assessments, untouched for 28 days, are removed.")
