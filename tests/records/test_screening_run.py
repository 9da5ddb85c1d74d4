"""Screening a service again and again: the same changes nothing, other rules apply to the past."""

from datetime import timedelta
from typing import Any

import pytest
from django_tasks_db.models import DBTaskResult

from surehand import evidence
from surehand.evidence.queries import entry
from surehand.evidence.refusal import NotPermitted, NotPossible
from surehand.people.models import Service
from surehand.records import screening_run as run
from surehand.records import signal_queries as queries
from surehand.records.models import LiveRecord, Screened, Signal
from surehand.records.own_words import OwnWords
from surehand.records.rows import Row
from surehand.records.screening_task import screen_later, soon
from surehand.records.words_actions import change_words
from surehand.records.words_effect import effect_of
from tests.provider import NOW, World
from tests.records.live import a_record, an_account, an_alert
from tests.records.test_signals import fine

FELL = "Joyce was found on the floor beside her bed at six this morning."


@pytest.fixture
def fell(world: World) -> LiveRecord:
    """A note that tells of a fall, and an alert nobody answered; nothing screened yet."""
    account = an_account("dan.p", person=world.people["dan"])
    an_alert(world.alder)
    return a_record(world.alder, account, FELL, fields={"mood": "settled"})


def codes(record: LiveRecord) -> set[str]:
    found = Signal.objects.filter(screened__record=record)
    return set(found.values_list("code", flat=True))


def test_what_is_noticed_is_written_once_with_one_entry_that_names_nobody(
    world: World, fell: LiveRecord
) -> None:
    seq = run.screen_service(world.alder)
    assert seq == evidence.last_seq()
    assert "incident_in_note" in codes(fell)
    assert Signal.objects.filter(code="alert_without_response").count() == 1
    said = entry(seq=seq)
    assert said is not None
    assert said["state"]["screened"] == said["state"]["changed"] == 2
    assert said["state"]["noticed"]["incident_in_note"] == 1
    assert said["subjects"] == []
    before = list(Signal.objects.order_by("pk").values_list())
    assert run.screen_service(world.alder) is None
    assert evidence.last_seq() == seq
    assert list(Signal.objects.order_by("pk").values_list()) == before


def test_other_words_apply_to_the_past_of_the_window_and_answers_stay(
    world: World, fell: LiveRecord
) -> None:
    run.screen_service(world.alder)
    fine(world, Row(record=fell))
    assert not run.due()
    own = OwnWords(added={"stock": ("happy as usual",)})
    change_words(by=world.by("queenie"), own=own, seen=0)
    assert run.due() == ["The live records of Alder House are screened."]
    assert "incident_in_note" in codes(fell)
    asked = queries.Asked(signal="incident_in_note")
    assert not queries.noticed(world.alder.pk, asked).exists()


def test_what_came_in_before_the_window_keeps_its_last_screening(
    world: World, fell: LiveRecord
) -> None:
    run.screen_service(world.alder)
    before = list(Signal.objects.values_list())
    with evidence.clock.at(NOW + timedelta(days=29)):
        assert run.screen_service(world.alder) is None
        new = a_record(world.alder, an_account("new"), FELL)
        run.screen_service(world.alder)
    assert [row for row in Signal.objects.values_list() if row in before] == before
    assert codes(new)


def test_a_version_that_is_replaced_is_noticed_no_more(world: World, fell: LiveRecord) -> None:
    run.screen_service(world.alder)
    LiveRecord.objects.filter(pk=fell.pk).update(replaced_by=evidence.last_seq())
    a_record(
        world.alder, fell.account, "She slept well and chose porridge.",
        record_id=fell.record_id, version=2, change_type="amend",
    )  # fmt: skip
    assert run.is_due(world.alder)
    run.screen_service(world.alder)
    assert codes(fell) == set()


def test_services_have_nothing_to_do_with_one_another(world: World, fell: LiveRecord) -> None:
    run.screen_service(world.alder)
    assert run.screen_service(world.quayside) is None
    assert set(Screened.objects.values_list("service", flat=True)) == {world.alder.pk}


def test_in_small_batches_the_same_is_found(
    world: World, fell: LiveRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(7):
        a_record(world.alder, fell.account, f"{FELL} Time {number}.")
    whole = run.read_window(world.alder, at=NOW)
    monkeypatch.setattr(run, "BATCH", 2)
    parts = run.read_window(world.alder, at=NOW)
    assert parts.records.equals(whole.records)
    rules = run.ruleset_for(world.alder, at=NOW)
    assert run.noticed_in(parts, rules) == run.noticed_in(whole, rules)


def test_one_that_waits_for_a_worker_is_not_asked_again(world: World) -> None:
    soon([world.alder.pk, world.alder.pk])
    soon([world.alder.pk, world.quayside.pk])
    assert DBTaskResult.objects.count() == 2
    assert {row.args_kwargs["args"][0] for row in DBTaskResult.objects.all()} == {
        world.alder.pk,
        world.quayside.pk,
    }


def test_one_overtaken_again_and_again_is_left_to_a_worker(
    world: World, fell: LiveRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_window = run.read_window

    def and_another_service_brings_in(*args: Any, **more: Any) -> run.Window:
        window = read_window(*args, **more)
        with evidence.act("records.imported", by=evidence.SYSTEM):
            pass
        return window

    monkeypatch.setattr(run, "read_window", and_another_service_brings_in)
    assert run.screen_service(world.alder) is None
    waiting = DBTaskResult.objects.get()
    assert waiting.args_kwargs["args"] == [world.alder.pk]


def test_the_worker_screens(world: World, fell: LiveRecord) -> None:
    screen_later.func(world.alder.pk)
    assert "incident_in_note" in codes(fell)


# --- The provider's own words ---------------------------------------------------------------------


def test_what_words_would_change_is_said_before_they_are_saved(
    world: World, fell: LiveRecord
) -> None:
    from surehand.screening import starter_words

    shipped = [one for one in starter_words().list("incident") if "floor" in one]
    own = OwnWords(left_out={"incident": tuple(shipped)})
    found, read = effect_of(own.words(1))
    assert read == 2
    assert [(each.gain, each.lose) for each in found if "note" in each.title] == [(0, 1)]
    assert not Screened.objects.exists()


def test_words_are_changed_by_few_and_over_nobody(world: World) -> None:
    own = OwnWords(added={"stock": ("happy as usual",)})
    for who in ("tessa", "ruth", "helen", "eve"):
        with pytest.raises(NotPermitted):
            change_words(by=world.by(who), own=own, seen=0)
    assert change_words(by=world.by("ada"), own=own, seen=0).number == 1
    with pytest.raises(NotPossible, match="after you opened"):
        change_words(by=world.by("queenie"), own=own, seen=0)
    with pytest.raises(NotPossible, match="Nothing is different"):
        change_words(by=world.by("queenie"), own=own, seen=1)


def test_a_shipped_phrase_that_is_gone_is_left_out_no_longer() -> None:
    own = OwnWords(left_out={"incident": ("never shipped at all",)})
    assert own.words(1).list("incident")


def meanwhile(monkeypatch: pytest.MonkeyPatch, service: Service) -> None:
    """While a service is screened first, another worker screens this one."""
    screened, reads = run.noticed_in, []

    def noticed_in(*given: Any) -> Any:
        found = screened(*given)
        reads.append(1)
        if len(reads) == 1:
            run.screen_service(service)
        return found

    monkeypatch.setattr(run, "noticed_in", noticed_in)


def test_workers_screen_different_services_at_once(
    world: World, fell: LiveRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither overtakes the other, so each is read once."""
    monkeypatch.setattr(run, "TRIES", 1)
    other = a_record(world.quayside, an_account("quay"), FELL, fields={"mood": "settled"})
    meanwhile(monkeypatch, world.quayside)
    assert run.screen_service(world.alder)
    assert codes(fell) == codes(other)


def test_of_two_workers_at_one_service_the_second_writes_nothing(
    world: World, fell: LiveRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    meanwhile(monkeypatch, world.alder)
    before = evidence.last_seq()
    assert run.screen_service(world.alder) is None
    assert evidence.last_seq() == before + 1
    assert "incident_in_note" in codes(fell)
