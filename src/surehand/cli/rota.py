"""`surehand rota-check`: which shifts have somebody who is not cleared."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click

from surehand.cli.main import MOMENT, main, print_json, refused, with_refusals

if TYPE_CHECKING:
    from surehand.readiness.overrides import Overridden
    from surehand.readiness.rota import Checked

AHEAD = timedelta(days=14)


@main.command("rota-check")
@click.option("--service", "code", metavar="S", help="A service's id; all services without it.")
@click.option("--from", "since", type=MOMENT, help="Without it, now.")
@click.option("--to", "until", type=MOMENT, help="Without it, 14 days after --from.")
@click.option("--json", "as_json", is_flag=True, help="Every shift, cleared or not, as JSON.")
@with_refusals
def rota_check(
    code: str | None, since: datetime | None, until: datetime | None, as_json: bool
) -> None:
    """Shifts whose person is not cleared; exit code 1 when there are any.

    Example: surehand rota-check --service ALDER --from 2027-03-01 --to 2027-03-15
    """
    from surehand import evidence
    from surehand.evidence.refusal import NotPossible
    from surehand.people.models import Service
    from surehand.people.queries import references_of
    from surehand.readiness.overrides import overrides_told
    from surehand.readiness.rota import check
    from surehand.readiness.rota_pages import shift_row
    from surehand.readiness.rota_reasons import whys

    since = since or evidence.clock.now()
    until = until or since + AHEAD
    if until <= since:
        raise NotPossible("--to must be later than --from.")
    services = Service.objects.all()
    if code:
        services = services.filter(code=code)
        if not services:
            raise NotPossible(f"There is no service {code}.")
    found = check(services=[s.pk for s in services], since=since, until=until)
    uncleared = [c for c in found.checked if c.not_cleared]
    told = whys(found.checked if as_json else uncleared, found)
    over = overrides_told(c.clearance.overridden_by for c in uncleared)
    if as_json:
        references = references_of(
            [
                *(c.shift.person_id for c in found.checked if c.shift.person_id),
                *(o.person for o in over.values()),
            ]
        )
        print_json(
            [shift_row(c, told[c.shift.pk].sentence, references, over) for c in found.checked]
        )
    else:
        for each in uncleared:
            click.echo(_line(each, told[each.shift.pk].sentence, over))
    counted = sum(not c.not_checked for c in found.checked)
    if uncleared:
        raise refused(f"{len(uncleared)} of {counted} shifts are not cleared.")
    click.echo(f"All {counted} shifts are cleared.", err=True)


def _line(checked: "Checked", why: str, overrides: "Mapping[int, Overridden]") -> str:
    from surehand.readiness.board_pages import hours, name_of
    from surehand.readiness.break_glass import in_a_sentence
    from surehand.ui.formats import weekday

    shift = checked.shift
    over = overrides.get(checked.clearance.overridden_by or 0)
    when = f"{weekday(shift.starts_at)}, {hours(shift)}"
    line = f"{shift.service.code}  {when}  {name_of(shift)}: {why}"
    said = [str(over)] if over else []
    if checked.break_glass:
        said.append(in_a_sentence(checked.break_glass))
    return " ".join([line, *said])
