"""Assessments as recorded: the outcome follows from the criteria (R7)."""

from datetime import timedelta
from typing import Any

import pytest

from surehand import evidence
from surehand.assessment import actions
from surehand.assessment.models import Assessment, AssessmentWords
from surehand.assessment.outcomes import CompetencyState
from surehand.assessment.queries import last_outcomes, standings
from surehand.assessment.retakes import to_judge_again
from surehand.evidence.models import Entry
from surehand.evidence.refusal import NotPermitted, NotPossible
from surehand.readiness import queries
from surehand.readiness.rules import State
from tests.provider import NOW, World


def test_r5_from_checks_to_sign_off(world: World) -> None:
    post = world.posts["dan"]
    assert queries.state_at(post, at=NOW) is State.NOT_READY
    world.pass_all("dan")
    assert queries.state_at(post, at=NOW) is State.AWAITING_SIGN_OFF
    world.sign_off("dan")
    assert queries.state_at(post, at=NOW) is State.INDEPENDENT
    world.fail("dan", "C04")
    assert queries.state_at(post, at=NOW) is State.NOT_READY


def test_r14_nobody_assesses_themselves(world: World) -> None:
    with pytest.raises(NotPermitted, match="about yourself"):
        world.assess("cal", "C04", by="cal")


def test_r11_at_most_14_days_late(world: World) -> None:
    world.assess("dan", "C04", happened_at=NOW - timedelta(days=14))
    with pytest.raises(NotPossible, match="at most 14 days late"):
        world.assess("dan", "C04", happened_at=NOW - timedelta(days=14, minutes=1))


def test_r7_a_critical_criterion_missed_is_further_support(world: World) -> None:
    assert world.fail("dan", "C04").outcome == "further_support"


def _ordinary(world: World, code: str) -> list[str]:
    return [c["code"] for c in world.check(code).criteria if not c["critical"]]


def _retake(world: World, partial: Assessment, *, met: bool = True, by: str = "cal") -> Assessment:
    """The criteria that kept this from a pass judged again, at the clock's moment."""
    check = partial.check_version
    codes = to_judge_again(partial, at=evidence.clock.now())
    return actions.record_assessment(
        by=world.by(by),
        happened_at=evidence.clock.now(),
        person=partial.person,
        service=partial.service,
        check=check,
        method=check.methods[0],
        judgements={c: "met" if met else "not_met" for c in codes},
        note="" if met else "Still not.",
        retakes=partial,
    )


def test_r7_help_on_a_critical_criterion_is_further_support(world: World) -> None:
    critical = next(c["code"] for c in world.check("C04").criteria if c["critical"])
    assert world.assess("dan", "C04", helped={critical: 1}).outcome == "further_support"


def test_r7_help_once_passes_and_twice_is_partial(world: World) -> None:
    code = _ordinary(world, "C04")[0]
    assert world.assess("dan", "C04", helped={code: 1}).outcome == "pass"
    assert world.assess("dan", "C04", helped={code: 2}).outcome == "partial"


def test_r7_a_retake_completes_the_check_and_readiness(world: World) -> None:
    world.pass_all("dan", but=["C04"])
    partial = world.assess("dan", "C04", missed=_ordinary(world, "C04")[:1])
    assert queries.state_at(world.posts["dan"], at=NOW) is State.NOT_READY
    later = NOW + timedelta(days=1)
    with evidence.clock.at(later):
        retake = _retake(world, partial)
    assert retake.outcome == "pass"
    assert retake.judgements.keys() == {_ordinary(world, "C04")[0]}
    assert queries.state_at(world.posts["dan"], at=later) is State.AWAITING_SIGN_OFF


def test_r7_a_retake_may_itself_be_partial_within_the_same_28_days(world: World) -> None:
    """The 28 days count from the whole check, London days, the last included."""
    first = world.assess("dan", "C04", missed=_ordinary(world, "C04")[:1])
    with evidence.clock.at(NOW + timedelta(days=20)):
        second = _retake(world, first, met=False)
        assert second.outcome == "partial"
    with evidence.clock.at(NOW + timedelta(days=28, hours=10)):
        assert _retake(world, second).outcome == "pass"
    third = world.assess("eve", "C04", missed=_ordinary(world, "C04")[:1])
    codes = to_judge_again(third, at=NOW)
    with (
        evidence.clock.at(NOW + timedelta(days=29)),
        pytest.raises(NotPossible, match="within 28 days"),
    ):
        actions.record_assessment(
            by=world.by("cal"),
            happened_at=NOW + timedelta(days=29),
            person=third.person,
            service=third.service,
            check=third.check_version,
            method=third.method,
            judgements=dict.fromkeys(codes, "met"),
            retakes=third,
        )


def test_r7_only_the_last_partial_pass_is_retaken(world: World) -> None:
    partial = world.assess("dan", "C04", missed=_ordinary(world, "C04")[:1])
    with evidence.clock.at(NOW + timedelta(days=1)):
        world.fail("dan", "C04")
        with pytest.raises(NotPossible, match="later assessment"):
            _retake(world, partial)
    failed = world.fail("sam", "C04")
    with pytest.raises(NotPossible, match="Only a partial pass"):
        _retake(world, failed)


def test_r15_only_the_author_corrects_with_a_reason(world: World) -> None:
    passed = world.assess("dan", "C04")
    check = passed.check_version
    correction: dict[str, Any] = {
        "happened_at": passed.happened_at,
        "person": passed.person,
        "service": passed.service,
        "check": check,
        "method": passed.method,
        "judgements": passed.judgements,
        "corrects": passed,
    }
    with pytest.raises(NotPermitted, match="Only its author"):
        actions.record_assessment(by=world.by("tessa"), reason="Not so.", **correction)
    with pytest.raises(NotPossible, match="reason for the correction"):
        actions.record_assessment(by=world.by("cal"), reason=" ", **correction)
    # Three weeks later it is still corrected for the day it happened (R11 is about recording).
    with evidence.clock.at(NOW + timedelta(days=21)):
        missed = {**passed.judgements, _ordinary(world, "C04")[0]: "not_met"}
        right = actions.record_assessment(
            by=world.by("cal"),
            reason="I mixed up two people.",
            note="Not seen.",
            **{**correction, "judgements": missed},
        )
    assert right.outcome == "partial"
    assert last_outcomes([passed.person_id])[passed.person_id, passed.competency_id] == right
    with pytest.raises(NotPossible, match="been corrected"):
        actions.record_assessment(
            by=world.by("cal"),
            reason="Again.",
            **{**correction, "corrects": Assessment.objects.get(pk=passed.pk)},
        )


def test_r15_a_correction_of_a_retake_is_judged_as_a_retake(world: World) -> None:
    partial = world.assess("dan", "C04", missed=_ordinary(world, "C04")[:1])
    with evidence.clock.at(NOW + timedelta(days=1)):
        retake = _retake(world, partial)
        corrected = actions.record_assessment(
            by=world.by("cal"),
            happened_at=retake.happened_at,
            person=retake.person,
            service=retake.service,
            check=retake.check_version,
            method=retake.method,
            judgements=dict.fromkeys(retake.judgements, "not_met"),
            note="It was not met.",
            corrects=retake,
            reason="Wrong answer pressed.",
        )
    assert corrected.outcome == "partial"
    assert corrected.retakes == partial


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("ruth", ""),
        ("helen", ""),
        ("cal", "You may not void"),
        ("tessa", "You may not void"),
        ("quinn", "You may not void"),
        ("queenie", "You may not void"),
        ("paul", "You may not void"),
        ("nadia", "You may not void"),
        ("ada", "You may not void"),
        ("dan", "You may not void"),
    ],
)
def test_r15_who_voids(world: World, name: str, sentence: str) -> None:
    failed = world.fail("dan", "C04")
    if sentence:
        with pytest.raises(NotPermitted, match=sentence):
            actions.void_assessment(by=world.by(name), assessment=failed, reason="Not her.")
    else:
        actions.void_assessment(by=world.by(name), assessment=failed, reason="Not her.")
        assert not last_outcomes([failed.person_id])


def test_r15_neither_author_nor_subject_voids_and_never_twice(world: World) -> None:
    by_helen = world.assess("dan", "C04", by="helen")
    with pytest.raises(NotPermitted, match="Its author cannot void"):
        actions.void_assessment(by=world.by("helen"), assessment=by_helen, reason="Mine.")
    about_ruth = world.assess("ruth", "C01")
    with pytest.raises(NotPermitted, match="about yourself"):
        actions.void_assessment(by=world.by("ruth"), assessment=about_ruth, reason="Mine.")
    with pytest.raises(NotPossible, match="reason for voiding"):
        actions.void_assessment(by=world.by("ruth"), assessment=by_helen, reason="")
    actions.void_assessment(by=world.by("ruth"), assessment=by_helen, reason="Not her.")
    with pytest.raises(NotPossible, match="already been voided"):
        actions.void_assessment(
            by=world.by("ruth"),
            assessment=Assessment.objects.get(pk=by_helen.pk),
            reason="Not her.",
        )


def test_r15_what_a_retake_rests_on_is_not_voided_from_under_it(world: World) -> None:
    partial = world.assess("dan", "C04", missed=_ordinary(world, "C04")[:1])
    with evidence.clock.at(NOW + timedelta(days=1)):
        _retake(world, partial)
        with pytest.raises(NotPossible, match="retake must be voided first"):
            actions.void_assessment(by=world.by("ruth"), assessment=partial, reason="Not her.")


@pytest.mark.parametrize("name", ["ruth", "quinn", "queenie", "paul", "nadia", "ada", "eve"])
def test_r14_who_may_not_assess(world: World, name: str) -> None:
    with pytest.raises(NotPermitted, match="You may not assess here"):
        world.assess("dan", "C04", by=name)


@pytest.mark.parametrize("name", ["cal", "tessa", "helen"])
def test_r14_who_assesses(world: World, name: str) -> None:
    assert world.assess("dan", "C04", by=name).outcome == "pass"


def test_words_stand_beside_the_facts_never_in_them(world: World) -> None:
    failed = world.fail("dan", "C04", note="Closed the alert too early.")
    entry = Entry.objects.get(seq=failed.entry)
    assert b"Closed the alert" not in bytes(entry.content)
    assert AssessmentWords.objects.get(entry=failed.entry).text == "Closed the alert too early."


def test_a_reopened_competency_is_asked_for_again(world: World) -> None:
    """Reopened, competence ends after 28 days unless passed again (R7)."""
    world.assess("dan", "C04")
    post = [world.posts["dan"]]
    competency = world.check("C04").competency
    actions.reopen(by=world.by("ruth"), competency=competency, service=world.alder)
    before, after = (standings(post, at=NOW + timedelta(days=d)) for d in (27, 28))
    assert before[post[0].pk][competency.pk].state is CompetencyState.COMPETENT
    assert after[post[0].pk][competency.pk].state is CompetencyState.EXPIRED
