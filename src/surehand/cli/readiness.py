"""`surehand readiness`: who is ready."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from surehand.cli.main import MOMENT, main, print_json, refused, with_refusals

if TYPE_CHECKING:
    from surehand.people.models import Service
    from surehand.readiness.overrides import Overridden
    from surehand.readiness.queries import Answer


@main.command()
@click.option("--service", metavar="S", help="Only this service, by its service_id.")
@click.option("--person", metavar="P", help="Only this person, by their person_id.")
@click.option("--as-at", type=MOMENT, help="Another moment than now.")
@click.option("--known-at", type=MOMENT, help="With what was known by this moment alone.")
@click.option("--json", "as_json", is_flag=True)
@with_refusals
def readiness(
    service: str | None,
    person: str | None,
    as_at: datetime | None,
    known_at: datetime | None,
    as_json: bool,
) -> None:
    """Say who may use the live system on their own, and why: one row for each current post.

    Example: surehand readiness --service ALD --as-at 2026-03-03T07:00 --json
    """
    from surehand import evidence
    from surehand.people.queries import references_of
    from surehand.readiness import queries
    from surehand.readiness.overrides import overrides_told
    from surehand.readiness.reasons import names_for

    answers = [
        answer
        for of_person in queries.gates(
            None if person is None else [_person(person)],
            service=None if service is None else _service(service).pk,
            at=as_at or evidence.clock.now(),
            known=None if known_at is None else evidence.seq_at(moment=known_at),
        ).values()
        for answer in of_person
    ]
    names = names_for([a.explanation for a in answers if a.explanation])
    overrides = overrides_told(a.override for a in answers)
    references = references_of(
        [
            *(a.post.person_id for a in answers if a.post),
            *(o.person for o in overrides.values()),
        ]
    )
    rows = sorted(
        (_row(answer, references, names, overrides) for answer in answers if answer.post),
        key=lambda row: (row["service_id"], row["person_id"], row["role"]),
    )
    if as_json:
        print_json(rows)
        return
    for row in rows:
        click.echo(
            f"{row['person_id']}\t{row['service_id']}\t{row['role']}\t{row['state']}"
            f"\tuntil {row['until'] or 'further notice'}\t{' '.join(row['reasons'])}"
        )


def _row(
    answer: "Answer", references: dict[int, str], names: Any, overrides: "dict[int, Overridden]"
) -> dict[str, Any]:
    from surehand.readiness.reasons import STATE_KEYS, open_ended, tell
    from surehand.readiness.rota_pages import override_row
    from surehand.timeline import moment
    from surehand.ui.formats import iso

    assert answer.post is not None
    assert answer.since is not None
    assert answer.until is not None
    until = open_ended(answer.until)
    told = tell(answer.explanation, names) if answer.explanation else []
    over = overrides.get(answer.override or 0)
    return {
        "person_id": references.get(answer.post.person_id, answer.post.person.pseudonym),
        "service_id": answer.post.service.code,
        "role": answer.post.job_role,
        "state": STATE_KEYS[answer.state],
        "since": iso(moment(answer.since)),
        "until": iso(until) if until else None,
        "reasons": [t.sentence for t in told],
        "entries": [t.entry for t in told if t.entry is not None],
        "overridden": over is not None,
        "override": override_row(over, references) if over else None,
        "seq": answer.seq,
    }


def _service(code: str) -> "Service":
    from surehand.people.models import Service

    service = Service.objects.select_related("details").filter(code=code).first()
    if service is None:
        raise refused(f"There is no service {code}.")
    return service


def _person(reference: str) -> int:
    from surehand.people.models import Identity

    identity = Identity.objects.filter(reference=reference).first()
    if identity is None:
        raise refused(f"There is no person {reference}.")
    return identity.person_id
