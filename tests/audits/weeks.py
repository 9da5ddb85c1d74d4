"""Weeks of live records for tests: written in bulk, some of them late, some of them checked."""

import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from surehand import evidence
from surehand.audits.models import Audit, AuditItem, Criterion, Gap, RecordCheck
from surehand.people.access import COMMAND_LINE
from surehand.people.models import Person, Service
from surehand.records.models import LiveRecord, Screened, Signal
from surehand.timeline import instant, london_date
from tests.records.live import an_account, somebody

Truth = Callable[[Person, datetime], dict[str, float]]
"""How likely a record of this person at this time has a gap of each theme; `late` is how likely it
was written late."""


def some_weeks(
    service: Service,
    people: Sequence[Person],
    truth: Truth,
    *,
    by: Person,
    until: datetime,
    weeks: int,
    a_week: int = 60,
    checked: int = 30,
    seed: str = "weeks",
    record_type: str = "note",
) -> list[Audit]:
    """So many records a week, ending before the Monday of `until`; `checked` of them on average,
    with unequal chances. An audit for each week."""
    chance = random.Random(seed)
    accounts = {person.pk: an_account(person=person) for person in people}
    subject = somebody(service)
    monday = until - timedelta(days=until.weekday(), hours=until.hour, minutes=until.minute)
    audits = []
    for number in range(weeks, 0, -1):
        begins = monday - timedelta(weeks=number)
        live, likely = [], []
        for n in range(a_week):
            person = people[n % len(people)]
            at = begins + timedelta(seconds=chance.randrange(7 * 24 * 3600))
            live.append(
                LiveRecord(
                    record_id=f"{service.code}-{seed}-{number}-{n}",
                    service=service,
                    subject=subject,
                    account=accounts[person.pk],
                    record_type=record_type,
                    section="wellbeing",
                    occurred_at=at - timedelta(minutes=10),
                    recorded_at=at,
                    profile="residential-nursing 1.0",
                    digest=b"",
                    entry=evidence.last_seq(),
                )
            )
            likely.append((person, truth(person, at)))
        LiveRecord.objects.bulk_create(live)
        seen = Screened.objects.bulk_create(
            Screened(record=record, service=service, at=record.recorded_at, ruleset="test")
            for record in live
        )
        Signal.objects.bulk_create(
            Signal(screened=screened, code="late_entry", strength="sound")
            for screened, (_, odds) in zip(seen, likely, strict=True)
            if chance.random() < odds.get("late", 0)
        )
        audits.append(_audit(service, live, likely, chance, by, begins, checked, number))
    return audits


def _audit(
    service: Service,
    live: Sequence[LiveRecord],
    likely: Sequence[tuple[Person, dict[str, float]]],
    chance: random.Random,
    by: Person,
    begins: datetime,
    checked: int,
    number: int,
) -> Audit:
    at = begins + timedelta(days=8)
    by_hand = {"by": COMMAND_LINE.actor, "happened_at": at}
    with evidence.act("audit.selected", **by_hand) as act:
        act.state(service=service.code, records=len(live), chosen=checked)
        audit = act.record(
            Audit(
                service=service,
                since=begins,
                until=begins + timedelta(days=7),
                record_types=["note"],
                seed=f"{number}",
                records=len(live),
                due=london_date(instant(at + timedelta(days=7))),
            )
        )
        drawn = []
        for n, (record, (person, odds)) in enumerate(zip(live, likely, strict=True)):
            pi = min(1.0, checked / len(live) * (1.6 if n % 3 == 0 else 0.7))
            if person != by and chance.random() < pi:
                drawn.append((record, person, odds, pi))
        items = [
            act.record(
                AuditItem(
                    audit=audit,
                    number=n,
                    record_id=record.record_id,
                    version=1,
                    record_type=record.record_type,
                    section=record.section,
                    account=record.account,
                    author=person,
                    written_at=record.recorded_at,
                    pi=pi,
                    why=["coverage"],
                )
            )
            for n, (record, person, _, pi) in enumerate(drawn, 1)
        ]
    with evidence.act("record.checked", **by_hand) as act:
        act.state(service=service.code, answers=[], told=False)
        for item, (_, person, odds, _) in zip(items, drawn, strict=True):
            gaps = [t for t, p in odds.items() if t != "late" and chance.random() < p]
            answers = dict.fromkeys(Criterion.values, "meets")
            answers.update({CRITERION.get(theme, "complete"): "not" for theme in gaps})
            check = act.record(RecordCheck(item=item, subject=person, by=by, **answers))
            for theme in gaps:
                criterion = CRITERION.get(theme, "complete")
                gap = Gap(check_of=check, criterion=criterion, theme=theme, severity="minor")
                act.record(gap)
    return audit


CRITERION = {"T04": "timely", "T05": "right_section", "T06": "person_specific"}
