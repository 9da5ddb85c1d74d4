"""R15: spot checks and practice elsewhere are corrected by their author and voided by another; what
was recorded stays readable, and every list shows what counts."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from surehand import evidence
from surehand.evidence.refusal import NotPermitted, NotPossible
from surehand.people import actions as people
from surehand.people.access import COMMAND_LINE, AccessRole
from surehand.practice import actions, queries, spot_checks
from surehand.practice.elsewhere_actions import correct_observed, void_attempt
from surehand.practice.log import logged, missed_most
from surehand.practice.models import (
    Attempt,
    AttemptVoid,
    PracticeWords,
    SpotCheck,
    SpotCheckVoid,
)
from surehand.practice.spot_check_actions import correct_spot_check, void_spot_check
from tests.practice.test_elsewhere import MARKS, see, take
from tests.practice.test_spot_checks import SHOWN, ask
from tests.provider import NOW, World

SignedIn = Callable[[str], Client]
ALL_MET = dict.fromkeys(MARKS, "met")


def correct_check(world: World, check: SpotCheck, by: str = "tessa", **more: Any) -> SpotCheck:
    given = {"minutes": 4, "shown": dict.fromkeys(SHOWN, "shown"), "note": "", "reason": "Mistyped"}
    return correct_spot_check(by=world.by(by), check=check, **{**given, **more})


def correct_go(world: World, attempt: Attempt, by: str = "cal", **more: Any) -> Attempt:
    given = {
        "happened_at": attempt.happened_at,
        "marks": ALL_MET,
        "result": "",
        "hints": 0,
        "minutes": 7,
        "note": "",
        "reason": "Mistyped",
    }
    return correct_observed(by=world.by(by), attempt=attempt, **{**given, **more})


def test_r15_authors_correct_their_own_spot_check_with_a_reason(world: World) -> None:
    first = ask(world)
    known = evidence.last_seq()
    with evidence.clock.at(NOW + timedelta(hours=1)):
        second = correct_check(world, first, note="Knew it")
    assert second.supersedes == first
    assert (second.happened_at, second.question) == (first.happened_at, first.question)
    words = {one.what: one.text for one in PracticeWords.objects.filter(entry=second.entry)}
    assert words == {"note": "Knew it", "reason": "Mistyped"}
    at, dan = NOW + timedelta(days=1), [world.people["dan"].pk]
    assert [each.check for each in spot_checks.asked_of(dan, at=at)] == [second]
    assert [each.check for each in spot_checks.asked_at(world.alder.pk, at=at, days=7)] == [second]
    assert [each.check for each in spot_checks.asked_of(dan, at=at, known=known)] == [first]
    # And again, of the corrected one; the one before is out of reach.
    with pytest.raises(NotPossible, match="has been corrected"):
        correct_check(world, first)
    third = correct_check(world, second)
    assert [each.check for each in spot_checks.asked_of(dan, at=at)] == [third]


def test_r15_authors_correct_what_they_saw_elsewhere(world: World) -> None:
    first, known = see(world), evidence.last_seq()
    second = correct_go(world, first, happened_at=NOW - timedelta(days=3))
    at, dan = NOW + timedelta(days=1), [world.people["dan"].pk]
    (go,) = logged(dan, at=at)
    assert (go.attempt, go.met, go.end.seconds if go.end else 0) == (second, 4, 420)
    assert not missed_most([go])
    assert queries.attempts_of(dan) == [second]
    (then,) = logged(dan, at=at, known=known)
    assert (then.attempt, then.met) == (first, 2)
    with pytest.raises(NotPossible, match="at most 14 days late"):
        correct_go(world, second, happened_at=NOW - timedelta(days=15))


def test_a_correction_of_the_first_go_stays_the_first(world: World) -> None:
    first = see(world, happened_at=NOW - timedelta(days=5))
    see(world, happened_at=NOW - timedelta(days=1), marks=ALL_MET)
    correct_go(world, first, marks={**ALL_MET, "note": "not_met"})
    (missed,) = missed_most(logged([world.people["dan"].pk], at=NOW))
    assert (missed.counted.missed, missed.counted.still) == (1, 0)


@pytest.mark.parametrize(
    ("by", "said"),
    [
        ("ruth", "Only who asked can correct"),
        ("dan", "Only who asked can correct"),
        ("ada", "Only who asked can correct"),
    ],
)
def test_nobody_else_corrects(world: World, by: str, said: str) -> None:
    check, attempt = ask(world), see(world)
    with pytest.raises(NotPermitted, match=said):
        correct_check(world, check, by=by)
    with pytest.raises(NotPermitted, match="Only who saw it can correct"):
        correct_go(world, attempt, by=by)


@pytest.mark.parametrize(
    ("by", "said"),
    [
        ("tessa", "may not void"),
        ("sam", "may not void"),
        ("ada", "may not void"),
        ("quinn", "may not void"),
    ],
)
def test_r15_voiding_needs_somebody_authorised(world: World, by: str, said: str) -> None:
    check, attempt = ask(world), see(world)
    with pytest.raises(NotPermitted, match=said):
        void_spot_check(by=world.by(by), check=check, reason="Wrong person")
    with pytest.raises(NotPermitted, match=said):
        void_attempt(by=world.by(by), attempt=attempt, reason="Wrong person")


def test_r15_neither_the_author_nor_the_subject_voids(world: World) -> None:
    check, attempt = ask(world), see(world)
    for name in ("tessa", "cal", "dan"):
        people.grant_access(
            by=COMMAND_LINE,
            person=world.people[name],
            role=AccessRole.REGISTERED_MANAGER,
            service=world.alder,
        )
    with pytest.raises(NotPermitted, match="Who asked cannot void a spot check"):
        void_spot_check(by=world.by("tessa"), check=check, reason="Wrong person")
    with pytest.raises(NotPermitted, match="Who saw it cannot void it"):
        void_attempt(by=world.by("cal"), attempt=attempt, reason="Wrong person")
    for refused in (
        lambda: void_spot_check(by=world.by("dan"), check=check, reason="Wrong person"),
        lambda: void_attempt(by=world.by("dan"), attempt=attempt, reason="Wrong person"),
    ):
        with pytest.raises(NotPermitted, match="You cannot void what was"):
            refused()
    assert not SpotCheckVoid.objects.exists()
    assert not AttemptVoid.objects.exists()


def test_what_is_voided_counts_nowhere_and_stays_readable(world: World) -> None:
    check, attempt = ask(world), see(world)
    known, by = evidence.last_seq(), world.by("ruth")
    void_spot_check(by=by, check=check, reason="Another question was asked")
    void_attempt(by=by, attempt=attempt, reason="It was Sam")
    at, dan = NOW + timedelta(days=1), [world.people["dan"].pk]
    assert not spot_checks.asked_of(dan, at=at)
    assert not spot_checks.last_asked(world.people["dan"])
    assert not logged(dan, at=at)
    assert not queries.attempts_of(dan)
    assert [each.check for each in spot_checks.asked_of(dan, at=at, known=known)] == [check]
    assert [each.attempt for each in logged(dan, at=at, known=known)] == [attempt]
    for again in (
        lambda: void_spot_check(by=by, check=check, reason="Once more"),
        lambda: correct_check(world, check),
        lambda: void_attempt(by=by, attempt=attempt, reason="Once more"),
        lambda: correct_go(world, attempt),
    ):
        with pytest.raises(NotPossible, match="already been voided"):
            again()


def test_what_a_file_brought_in_is_voided_and_not_brought_back(world: World) -> None:
    row = "dan,S06,2026-11-17T10:00,passed,5,0,r1"
    take(world, row)
    attempt = Attempt.objects.get()
    with pytest.raises(NotPermitted, match="Only who saw it can correct"):
        correct_go(world, attempt, by="ruth")
    with pytest.raises(NotPermitted, match="Only who saw it can correct"):
        correct_observed(
            by=COMMAND_LINE, attempt=attempt, happened_at=NOW, marks=ALL_MET, result="", hints=0,
            minutes=1, note="", reason="Mistyped",
        )  # fmt: skip
    void_attempt(by=world.by("ruth"), attempt=attempt, reason="Their export was wrong")
    assert take(world, row).unchanged == 1
    assert not logged([world.people["dan"].pk], at=NOW)


def test_a_reason_is_always_given(world: World) -> None:
    check, attempt, by = ask(world), see(world), world.by("ruth")
    for refused in (
        lambda: correct_check(world, check, reason=" "),
        lambda: correct_go(world, attempt, reason=""),
        lambda: void_spot_check(by=by, check=check, reason="x"),
        lambda: void_attempt(by=by, attempt=attempt, reason=" "),
    ):
        with pytest.raises(NotPossible, match="Write the reason"):
            refused()
    for wrong in ({"minutes": 0}, {"shown": {}}):
        with pytest.raises(NotPossible):
            correct_check(world, check, **wrong)
    for wrong_go in ({"minutes": 0}, {"marks": {}}):
        with pytest.raises(NotPossible):
            correct_go(world, attempt, **wrong_go)


def test_practice_here_is_not_corrected_nor_voided(world: World) -> None:
    attempt = actions.start_attempt(
        by=world.by("dan"),
        person=world.people["dan"],
        service=world.alder,
        code="S06",
        mode=Attempt.Mode.PRACTISE,
    )
    with pytest.raises(NotPossible, match="kept as it was played"):
        void_attempt(by=world.by("ruth"), attempt=attempt, reason="Wrong person")


@pytest.mark.parametrize("model", [SpotCheck, Attempt])
def test_the_database_keeps_one_correction(world: World, model: type[Any]) -> None:
    first = ask(world) if model is SpotCheck else see(world)
    second = correct_check(world, first) if model is SpotCheck else correct_go(world, first)
    again = model.objects.get(pk=second.pk)
    again.pk, again.entry = None, evidence.last_seq()
    again._state.adding = True
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.bulk_create([again])


def test_the_pages_lead_to_it_and_tell_it(world: World, signed_in: SignedIn) -> None:
    check, attempt = ask(world, note="Knew it"), see(world)
    pages = {
        f"/practice/spot-checks/{check.entry}/": ("tessa", "SpotCheck"),
        f"/practice/elsewhere/{attempt.pk}/": ("cal", "Attempt"),
    }
    sent = {
        **{f"point-{code}": "shown" for code in SHOWN},
        **{f"seen-{code}": "met" for code in MARKS},
        "minutes": "5", "hints": "0", "on_day": "17", "on_month": "11", "on_year": "2026",
        "time": "09:00", "note": "Knew it well", "reason": "",
    }  # fmt: skip
    for path, (author, _) in pages.items():
        page = signed_in(author).get(path).text
        assert "Correct it" in page
        assert "Void it" not in page
        assert "Void it" in signed_in("ruth").get(path).text
        assert "Correct it" not in signed_in("dan").get(path).text
        form = signed_in(author).get(f"{path}correct/").text
        assert "Why do you correct it?" in form
        refused = signed_in(author).post(f"{path}correct/", sent)
        assert refused.status_code == 400
        assert "Write the reason" in refused.text
        kept = signed_in(author).post(f"{path}correct/", {**sent, "reason": "Mistyped"})
        assert kept.status_code == 302
        corrected = signed_in("ruth").get(kept["Location"]).text
        assert "Mistyped" in corrected
        assert "This was corrected by" in signed_in("ruth").get(path).text
        voided = f"{kept['Location']}void/"
        assert signed_in("ruth").post(voided, {"reason": ""}).status_code == 400
        assert signed_in("ruth").post(voided, {"reason": "Wrong person"}).status_code == 302
        said = signed_in("dan").get(kept["Location"]).text
        assert "This was voided by Ruth" in said
        assert "Wrong person" in said
    person = signed_in("ruth").get(f"/people/{world.people['dan'].pseudonym}/?entries=all").text
    for told in (
        "Spot check corrected: ",
        "A spot check was voided",
        "Practice corrected:",
        "Practice voided:",
    ):
        assert told in person
