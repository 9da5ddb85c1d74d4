"""Journey, the whole loop: records come in, are selected and checked, their gaps get a cause, a
refresher follows, its follow-up selects itself, and the page of record quality says what changed
for the same people."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from surehand import evidence
from surehand.audits.check_actions import check_record, record_of
from surehand.audits.check_policies import NewGap
from surehand.audits.follow_up_actions import due
from surehand.audits.models import Audit, AuditItem, RecordCheck
from surehand.people.access import AccessRole
from tests.journeys.conftest import Clock, Visit
from tests.journeys.steps import bring_in
from tests.journeys.test_check_records import saves
from tests.provider import NOW, World
from tests.records.live import an_account

CARERS = 6
COLUMNS = (
    "record_id,service_id,subject_id,author_id,record_type,section,occurred_at,recorded_at,text"
)
LATE = timedelta(hours=5)


def export(first: datetime, days: int, *, late: Callable[[int], bool]) -> str:
    """Six people write one note each day."""
    rows = [COLUMNS]
    for number in range(CARERS * days):
        at = first + timedelta(days=number // CARERS, minutes=7 * (number % CARERS))
        written = at + (LATE if late(number) else timedelta(minutes=10))
        rows.append(
            f"{at:%m%d}-{number},ALD,RES{number % 5},carer.{number % CARERS},note,activity,"
            f"{at:%Y-%m-%dT%H:%M},{written:%Y-%m-%dT%H:%M},Walked to the garden {number} times."
        )
    return "\n".join(rows)


def is_late(item: AuditItem) -> bool:
    record = record_of(item)
    assert record is not None
    return record.recorded_at - record.occurred_at >= LATE


def check(world: World, item: AuditItem) -> None:
    late = is_late(item)
    answers = dict.fromkeys(("complete", "person_specific", "right_section"), "meets")
    check_record(
        by=world.by("tessa"),
        item=item,
        answers={**answers, "timely": "not" if late else "meets"},
        gaps=[NewGap("timely", "T04")] if late else [],
    )


def test_from_a_record_to_its_cause_to_a_refresher_to_the_proof(
    world: World, visit: Callable[..., Visit], clock: Clock
) -> None:
    for n in range(CARERS):
        world.add_person(f"carer-{n}", f"Carer {n}", role=AccessRole.CARE_WORKER)
        world.add_post(f"carer-{n}", world.alder, "CW")
        an_account(f"carer.{n}", person=world.people[f"carer-{n}"])
    # Given the records of last week, half of them late, brought in by the quality lead
    queenie = visit("queenie")
    week = datetime(2026, 11, 9, 9, tzinfo=UTC)
    text = export(week, 7, late=lambda n: n // CARERS % 2 == 0)
    bring_in(queenie, "Live records", "records.csv", text)
    queenie.sees("42 to add").presses("Bring them in").heading("Done")
    # When she selects them all for an audit
    queenie.goes_to("/audits/new/?service=ALD").sees("42 records by 6 people to select from")
    queenie.fills("Records of each person and kind", "9").presses("Show the size")
    queenie.sees("All 42 records would be checked")
    queenie.presses("Select about 42 records").sees("Team leaders can check them now")
    # And the team leader checks them, the first two by keyboard
    tessa = visit("tessa").goes_to("/audits/check/?service=ALD").clicks("Check the next record")
    for _ in range(2):
        pk = int(tessa.page.url.rstrip("/").rpartition("/")[2].partition("?")[0])
        late = is_late(AuditItem.objects.get(pk=pk))
        saves(tessa, "1 m 2 n l 3 m 4 m Enter" if late else "m m m m Enter")
    first = Audit.objects.get()
    assert RecordCheck.objects.filter(item__audit=first).count() == 2
    for item in first.items.filter(checks=None):
        check(world, item)
    queenie.goes_to(f"/audits/{first.pk}/").sees("met all that is asked").shot("loop-audit")

    # Then the registered manager says why, and plans a refresher for those concerned
    ruth = visit("ruth").goes_to("/audits/gaps/?service=ALD").clicks("Say why Late entry")
    ruth.page.get_by_label("Training", exact=True).check()
    ruth.fills("What makes you think so?", "Nobody practised it on the round.")
    ruth.presses("Keep this cause").clicks("Plan a refresher")
    assert ruth.page.get_by_label("Carer 3").is_checked()
    ruth.page.get_by_label("Who gives it?").select_option("Tessa Boyd")
    ruth.presses("Plan this refresher").sees("A refresher for 6 people with Tessa Boyd")
    tessa.goes_to("/audits/refreshers/?service=ALD").clicks("Late entry, for 6 people")
    tessa.presses("Record that it was given").sees("Recorded: 6 people were there.")
    # She checks records too, and learns of the follow-up once it is checked
    tessa.sees("is told of its follow-up audit once that is checked").shot("loop-refresher")

    # When two weeks of records have come in after it
    clock.now = NOW + timedelta(days=18)
    queenie = visit("queenie")
    text = export(datetime(2026, 11, 19, 9, tzinfo=UTC), 15, late=lambda n: n % 29 == 0)
    bring_in(queenie, "Live records", "records.csv", text)
    queenie.sees("90 to add").presses("Bring them in").heading("Done")
    # Then the follow-up audit selects itself, and is checked
    with evidence.clock.at(clock.now):
        assert len(due()) == 1
        after = Audit.objects.get(follows=first)
        for item in after.items.all():
            check(world, item)

    # And the page says what changed, for the same people
    queenie.goes_to("/record-quality/?service=ALD").sees("Late entry is down since the refresher")
    queenie.sees("Same 6 people").sees("points fewer").shot("loop-quality")
    # And every number leads to its records, and a record to its check
    queenie.page.locator("a[href*='/record-quality/records/']").last.click()
    queenie.checked().heading("Which records are behind this number?")
    queenie.page.locator("a[href*='/audits/items/']").first.click()
    queenie.checked().sees("Timely").shot("loop-check")
