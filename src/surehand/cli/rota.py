"""`surehand rota-check`: which shifts have somebody who is not cleared."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click

from surehand.cli.main import MOMENT, main, print_json, refused, with_refusals

if TYPE_CHECKING:
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
    from surehand.readiness.rota import check
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
    if as_json:
        references = references_of(c.shift.person_id for c in found.checked if c.shift.person_id)
        print_json([_row(c, told[c.shift.pk].sentence, references) for c in found.checked])
    else:
        for each in uncleared:
            click.echo(_line(each, told[each.shift.pk].sentence))
    counted = sum(not c.not_checked for c in found.checked)
    if uncleared:
        raise refused(f"{len(uncleared)} of {counted} shifts are not cleared.")
    click.echo(f"All {counted} shifts are cleared.", err=True)


def _line(checked: "Checked", why: str) -> str:
    from surehand.readiness.board_pages import hours, name_of
    from surehand.ui.formats import weekday

    shift = checked.shift
    over = " Overridden." if checked.clearance.overridden_by else ""
    when = f"{weekday(shift.starts_at)}, {hours(shift)}"
    return f"{shift.service.code}  {when}  {name_of(shift)}: {why}{over}"


def _row(checked: "Checked", why: str, references: dict[int, str]) -> dict[str, object]:
    from surehand.readiness.reasons import STATE_KEYS
    from surehand.timeline import moment
    from surehand.ui.formats import iso

    shift, clearance = checked.shift, checked.clearance
    return {
        "shift_id": shift.shift_id,
        "service_id": shift.service.code,
        "person_id": references.get(shift.person_id or 0),
        "starts_at": iso(shift.starts_at),
        "ends_at": iso(shift.ends_at),
        "answer": clearance.answer.value,
        "because": clearance.because.value,
        "why": why,
        "since": iso(moment(clearance.since)) if clearance.since is not None else None,
        "state": STATE_KEYS[checked.state] if checked.state is not None else None,
        "overridden_by": clearance.overridden_by,
    }
