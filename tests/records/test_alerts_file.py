"""Alerts that rang, in: as they stand, and what became of them."""

from collections.abc import Callable

import pytest

from surehand.evidence.models import Entry
from surehand.imports import run
from surehand.records.models import KeptAside, RaisedAlert

from .test_records_file import counts, sentence

pytestmark = [pytest.mark.usefixtures("home")]
Take = Callable[..., run.Preview]

HEADER = "alert_id,service_id,subject_id,alert_type,raised_at"
MORE = HEADER + ",acknowledged_at,acknowledged_by,closed_at,response_record_id\n"
RANG = "A1,ALDER,RES1,bed_exit,2026-03-09T02:10"
ANSWERED = f"{RANG},2026-03-09T02:12,tomasz.w,2026-03-09T02:30,R9\n"


def current() -> RaisedAlert:
    return RaisedAlert.objects.get(replaced_by=None)


def test_an_alert_comes_in_and_what_becomes_of_it_replaces_it(take: Take) -> None:
    assert counts(take("alerts", f"{HEADER}\n{RANG}\n")) == (1, 0, 0, 0)
    assert counts(take("alerts", MORE + ANSWERED)) == (0, 1, 0, 0)
    alert = current()
    assert alert.acknowledged_by
    assert alert.acknowledged_by.details.reference == "tomasz.w"
    assert alert.response_record_id == "R9"
    assert RaisedAlert.objects.get(acknowledged_at=None).replaced_by == alert.entry


def test_an_older_export_takes_nothing_away(take: Take) -> None:
    take("alerts", MORE + ANSWERED)
    entries = Entry.objects.count()
    assert counts(take("alerts", f"{HEADER}\n{RANG}\n")) == (0, 0, 1, 0)
    assert counts(take("alerts", f"{MORE}{RANG},,,,\n")) == (0, 0, 1, 0)
    assert (Entry.objects.count(), RaisedAlert.objects.count()) == (entries, 1)


def test_one_file_may_say_an_alert_twice(take: Take) -> None:
    assert counts(take("alerts", f"{MORE}{RANG},,,,\n{ANSWERED}{ANSWERED}")) == (1, 1, 1, 0)
    assert current().closed_at is not None
    assert counts(take("alerts", f"{MORE}{RANG},,,,\n{ANSWERED}")) == (0, 0, 2, 0)


def test_titles_and_monitoring_prompts_are_known_too(take: Take) -> None:
    take("alerts", f"{HEADER}\n{RANG.replace('bed_exit', 'Turn due')}\n")
    assert current().alert_type == "turn_due"


@pytest.mark.parametrize(
    ("before", "after", "why"), [("RES1", "", "subject"), ("bed_exit", "Epilepsy", "alert_type")]
)
def test_what_is_not_known_is_kept_aside(take: Take, before: str, after: str, why: str) -> None:
    shown = take("alerts", f"{HEADER}\n{RANG.replace(before, after)}\n")
    assert counts(shown) == (1, 0, 0, 0)
    assert KeptAside.objects.get().why == why
    assert counts(take("alerts", f"{HEADER}\n{RANG}\n")) == (1, 0, 0, 0)
    assert not KeptAside.objects.filter(done_by=None).exists()


def test_a_time_to_come_is_refused(take: Take) -> None:
    shown = take("alerts", f"{HEADER}\n{RANG.replace('2026-03-09', '2026-03-11')}\n")
    assert counts(shown) == (0, 0, 0, 1)
    assert "is still to come" in sentence(shown)


def test_a_row_kept_aside_and_put_right_further_down_changes_nothing_the_second_time(
    take: Take,
) -> None:
    file = f"{HEADER}\n{RANG.replace('bed_exit', 'bed_leave')}\n{RANG}\n"
    take("alerts", file)
    assert current().alert_type == "bed_exit"
    assert not KeptAside.objects.filter(done_by=None).exists()
    assert counts(take("alerts", file)) == (0, 0, 2, 0)


def test_an_id_of_another_service_is_refused(take: Take) -> None:
    take("alerts", f"{HEADER}\n{RANG}\n")
    shown = take("alerts", f"{HEADER}\n{RANG.replace('ALDER', 'QUAY')}\n")
    assert counts(shown) == (0, 0, 0, 1)
    assert "known at another service" in sentence(shown)
    assert current().service.code == "ALDER"


def test_an_id_of_another_service_further_up_a_file_is_refused_in_the_preview_too(
    take: Take, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "BATCH", 1)
    shown = take("alerts", f"{HEADER}\n{RANG}\n{RANG.replace('ALDER', 'QUAY')}\n{RANG}\n")
    assert counts(shown) == (1, 0, 1, 1)
    assert current().service.code == "ALDER"
