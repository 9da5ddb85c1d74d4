"""`surehand reconcile`: who wrote live records without being cleared, on shift, or known."""

from datetime import datetime, timedelta

import click

from surehand.cli.main import MOMENT, main, print_json, refused, with_refusals

BACK = timedelta(days=7)


@main.command("reconcile")
@click.option("--service", "code", metavar="S", help="A service's id; all services without it.")
@click.option("--from", "since", type=MOMENT, help="Without it, 7 days before --to.")
@click.option("--to", "until", type=MOMENT, help="Without it, now.")
@click.option("--json", "as_json", is_flag=True, help="Everybody who wrote, as JSON.")
@with_refusals
def reconcile_(
    code: str | None, since: datetime | None, until: datetime | None, as_json: bool
) -> None:
    """Live records against readiness and rota; exit code 1 when something is found.

    Example: surehand reconcile --service ALDER --from 2027-03-01 --to 2027-03-08
    """
    from surehand import evidence
    from surehand.assurance.pages import columns, in_a_line, row
    from surehand.assurance.queries import reconcile, total
    from surehand.evidence.refusal import NotPossible
    from surehand.people.models import Service
    from surehand.people.queries import references_of

    until = until or evidence.clock.now()
    since = since or until - BACK
    if until <= since:
        raise NotPossible("--to must be later than --from.")
    services = Service.objects.all()
    if code:
        services = services.filter(code=code)
        if not services:
            raise NotPossible(f"There is no service {code}.")
    codes = {service.pk: service.code for service in services}
    found = reconcile(services=list(codes), since=since, until=until)
    if as_json:
        references = references_of(w.person.pk for w in found.writers if w.person)
        rows = [row(w, codes[w.service], references) for w in found.writers]
        print_json([dict(zip(columns(), each, strict=True)) for each in rows])
    else:
        for writer in found.found:
            click.echo(in_a_line(writer, codes[writer.service]))
    every = total(found.writers)
    if found.unchecked:
        click.echo(f"{found.unchecked} records from before go-live are not looked at.", err=True)
    if every.found:
        raise refused(f"{every.found} of {every.records} live records need a look.")
    click.echo(f"Nothing to look at in {every.records} live records.", err=True)
