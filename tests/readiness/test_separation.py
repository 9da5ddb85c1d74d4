"""Nobody assesses, reviews, signs off, permits, overrides or lifts for themselves (R14): random
sequences of actions by random people, with access that changes hands and records that turn out to
be one human.

SUREHAND_TRIALS raises the number of steps (50,000 for the measure). Every hundred steps a sequence
ends and another begins with everybody as they were."""

import os
import random
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction

from surehand import evidence
from surehand.assessment import actions as assessment
from surehand.assessment.models import Assessment, AssessmentVoid, CheckRequest, ManagerReview
from surehand.audits.cause_actions import say_cause
from surehand.audits.check_actions import check_record, void_check
from surehand.audits.models import (
    AuditItem,
    Cause,
    Criterion,
    Gap,
    RecordCheck,
    RecordCheckVoid,
)
from surehand.competency.models import PlanVersion
from surehand.evidence.kinds import Fact
from surehand.evidence.refusal import Refused
from surehand.people import actions as people
from surehand.people.access import COMMAND_LINE, DESCRIPTIONS, AccessRole
from surehand.people.models import Merge
from surehand.people.queries import same_human
from surehand.practice.elsewhere_actions import Title, observe_elsewhere, void_attempt
from surehand.practice.models import Attempt, AttemptVoid, SpotCheck, SpotCheckVoid
from surehand.practice.spot_check_actions import record_spot_check, void_spot_check
from surehand.readiness import actions as readiness
from surehand.readiness.models import Lifting, Override, Restriction, SignOff
from surehand.support import actions as support
from surehand.support.models import Answer, Permission, Question, SupportAction
from tests.audits.made import MEETS, a_check, an_audit
from tests.provider import NOW, World
from tests.records.live import a_record, an_account

STEPS = int(os.environ.get("SUREHAND_TRIALS", "400"))
A_SEQUENCE = 100
CODES = ("C01", "C04", "C07")
# Facts that somebody decides about somebody, and who that is.
ACTED_ON: dict[type[Fact], str] = {
    Assessment: "person_id",
    AssessmentVoid: "subject_id",
    CheckRequest: "person_id",
    ManagerReview: "subject_id",
    SignOff: "subject_id",
    Restriction: "person_id",
    Lifting: "subject_id",
    Override: "subject_id",
    Permission: "subject_id",
    SupportAction: "person_id",
    Answer: "subject_id",
    SpotCheck: "person_id",
    SpotCheckVoid: "subject_id",
    AttemptVoid: "subject_id",
    RecordCheck: "subject_id",
    RecordCheckVoid: "subject_id",
    Cause: "subject_id",
}
# A shift, and not a person, has no live use.
ABOUT_NOBODY = {"readiness.NoLiveUse"}
# Whoever practises begins it; that decides nothing about them (R7).
ABOUT_ONESELF = {"practice.Attempt"}


def test_r14_nobody_decides_about_themselves(world: World) -> None:
    chance = random.Random(14)
    for name in ("sam", "dan", "tessa", "ruth"):
        world.pass_all(name, by="helen")
    world.sign_off("sam", by="wendy")
    found = Counter[str]()
    for began in range(0, STEPS, A_SEQUENCE):
        with transaction.atomic():
            found += one_sequence(world, chance, steps=min(A_SEQUENCE, STEPS - began))
            transaction.set_rollback(True)
    assert found.total() > STEPS / 20, "the sequences did hardly anything"
    if STEPS >= 5_000:  # every sort of decision was reached
        assert set(found) == {model.__name__ for model in ACTED_ON}
    print(dict(found))


def one_sequence(world: World, chance: random.Random, *, steps: int) -> Counter[str]:
    """How many facts of each sort somebody recorded about somebody, none about themselves."""
    names = list(world.people)
    subjects = [n for n in names if n in world.posts]
    gaps = {who: [a_gap(world, who).pk for _ in range(3)] for who in subjects}
    items = list(
        an_audit(
            world.alder,
            [a_record(world.alder, an_account(person=world.people[n])) for n in subjects],
            twice=True,
        ).items.all()
    )
    actions: list[Callable[[str, str], object]] = [
        lambda by, who: world.assess(who, chance.choice(CODES), by=by),
        lambda by, who: world.fail(who, chance.choice(CODES), by=by),
        lambda by, who: world.sign_off(who, by=by),
        lambda by, who: readiness.restrict(
            by=world.by(by), person=world.people[who], service=None, reason="Seen to share a login"
        ),
        lambda by, who: readiness.lift(
            by=world.by(by),
            restriction=chance.choice(Restriction.objects.filter(lifting=None).order_by("pk")),
            reason="Practised again",
        ),
        lambda by, who: assessment.void_assessment(
            by=world.by(by),
            assessment=chance.choice(Assessment.objects.order_by("pk")),
            reason="Wrong person",
        ),
        lambda by, who: assessment.review_check(
            by=world.by(by),
            of=chance.choice(Assessment.objects.exclude(outcome="pass").order_by("pk")),
            decision="re_check",
            reason="Was in a hurry",
            recheck_due=NOW.date() + timedelta(days=7),
        ),
        lambda by, who: support.permit(
            by=world.by(by),
            post=world.posts[who],
            until=NOW + timedelta(days=chance.randint(1, 28)),
            competencies=[world.check(chance.choice(CODES)).competency_id],
            supervisors=[world.people["sam"].pk],
            failed=[],
        ),
        lambda by, who: readiness.override(
            by=world.by(by),
            post=world.posts[who],
            starts_at=NOW,
            ends_at=NOW + timedelta(hours=chance.randint(1, 24)),
            reason="The agency sent nobody",
        ),
        lambda by, who: assessment.request_check(
            by=world.by(by),
            person=world.people[who],
            service=world.posts[who].service,
            competency=world.check(chance.choice(CODES)).competency,
            due=NOW.date() + timedelta(days=chance.randint(0, 60)),
        ),
        lambda by, who: support.give_support(
            by=world.by(by),
            person=world.people[who],
            service=world.posts[who].service_id,
            new=support.NewSupport(
                "coaching",
                world.people[chance.choice(["sam", by, who])],
                NOW.date() + timedelta(days=chance.randint(0, 60)),
            ),
        ),
        lambda by, who: support.ask(
            by=world.by(who),
            happened_at=None,
            key=UUID(int=chance.getrandbits(128)),
            service=world.posts[who].service,
            category="alert",
            words="",
        ),
        lambda by, who: support.answer(
            by=world.by(by),
            question=chance.choice(Question.objects.order_by("pk")),
            how="shown",
            category="alert",
            competency=None,
            theme="",
            words="",
        ),
        lambda by, who: spot_check(world, by, who, minutes=chance.randint(2, 30)),
        lambda by, who: void_spot_check(
            by=world.by(by),
            check=chance.choice(SpotCheck.objects.order_by("pk")),
            reason="Wrong person",
        ),
        lambda by, who: elsewhere(world, by, who, minutes=chance.randint(2, 30)),
        lambda by, who: void_attempt(
            by=world.by(by),
            attempt=chance.choice(Attempt.objects.order_by("pk")),
            reason="Wrong person",
        ),
        lambda by, who: say_cause(
            by=world.by(by),
            service=world.alder,
            theme="T02",
            gaps=[gaps[who].pop()],
            why="practice",
            reason="Seen twice.",
            subject=world.people[who],
        ),
        lambda by, who: check_record(
            by=world.by(by),
            item=chance.choice(items),
            answers=dict.fromkeys(Criterion.values, "meets"),
        ),
        lambda by, who: void_check(
            by=world.by(by),
            check=chance.choice(RecordCheck.objects.order_by("pk")),
            reason="Wrong record",
        ),
        lambda by, who: people.grant_access(
            by=COMMAND_LINE,
            person=world.people[by],
            role=(role := chance.choice(list(AccessRole))),
            service=world.alder if DESCRIPTIONS[role].scope == "service" else None,
        ),
        lambda by, who: (
            chance.random() < 0.1
            and people.merge(by=COMMAND_LINE, person=world.people[by], into=world.people[who])
        ),
    ]
    for person in world.people.values():
        person.refresh_from_db()  # the sequence before may have merged them
    recorded_from = evidence.last_seq()
    humans: dict[int, dict[int, frozenset[int]]] = {}
    known = who_is_who(world)
    for _ in range(steps):
        by, who = chance.choice(names), chance.choice(subjects)
        with suppress(Refused, IndexError), transaction.atomic():
            if isinstance(chance.choice(actions)(by, who), Merge):
                known = who_is_who(world)
        # What was known of who is who when each fact was recorded.
        humans[evidence.last_seq()] = known
    found = Counter[str]()
    for model, subject in ACTED_ON.items():
        for fact in model._default_manager.filter(entry__gt=recorded_from):
            found[model.__name__] += 1
            them = humans[fact.entry][getattr(fact, subject)]
            assert fact.by_id not in them, f"{model.__name__} {fact.pk}"  # type: ignore[attr-defined]
            assert getattr(fact, "owner_id", None) not in them, f"{model.__name__} {fact.pk}"
    return found


def spot_check(world: World, by: str, who: str, *, minutes: int) -> SpotCheck:
    return record_spot_check(
        by=world.by(by),
        person=world.people[who],
        service=world.posts[who].service,
        code="Q04",
        minutes=minutes,
        shown={"out": "shown", "own": "with_help", "tells": "shown"},
    )


def elsewhere(world: World, by: str, who: str, *, minutes: int) -> Attempt:
    return observe_elsewhere(
        by=world.by(by),
        person=world.people[who],
        service=world.posts[who].service,
        of=Title(f"Exercise {minutes} of {by} and {who}", "C13"),
        happened_at=NOW - timedelta(minutes=minutes),
        marks={},
        result="finished",
        hints=0,
        minutes=minutes,
    )


def a_gap(world: World, who: str) -> Gap:
    """In a record of this person’s, found by somebody else."""
    record = a_record(world.alder, an_account(person=world.people[who]))
    by = world.people["helen" if who == "cal" else "cal"]
    item = an_audit(world.alder, [record]).items.get()
    return a_check(item, by, answers=("not", *MEETS[1:]), gaps=[("complete", "T02")]).gaps.get()


def an_item(world: World) -> AuditItem:
    return an_audit(world.alder, [a_record(world.alder, an_account())]).items.get()


def who_is_who(world: World) -> dict[int, frozenset[int]]:
    return {p.pk: same_human(p.pk) for p in world.people.values()}


@pytest.mark.parametrize("model", [*ACTED_ON], ids=lambda m: m.__name__)
def test_the_database_refuses_it_too(world: World, model: type[Fact]) -> None:
    """Whatever a row says besides, it is not of somebody about themselves."""
    person = world.people["dan"].pk
    subject = ACTED_ON[model]
    check = world.check("C04")
    given = {
        "happened_at": NOW, "recorded_at": NOW, "starts_at": NOW, "ends_at": NOW, "until": NOW,
        "due": NOW.date(), "service": world.alder, "competency": check.competency,
        "check_version": check, "plan": PlanVersion.objects.get(), "post": world.posts["dan"],
        "owner": world.people["sam"], "entry": 1, "by_id": person, subject: person,
    }  # fmt: skip
    names = {name for field in model._meta.concrete_fields for name in (field.name, field.attname)}
    asked = {"question": spot_check(world, "cal", "dan", minutes=2).question, "minutes": 3}
    told = {
        SpotCheck: asked | {"shown": {}},
        SpotCheckVoid: {"spot_check": spot_check(world, "cal", "dan", minutes=4)},
        AttemptVoid: {"attempt": elsewhere(world, "cal", "dan", minutes=4)},
        RecordCheck: {"item": an_item(world), **dict.fromkeys(Criterion.values, "meets")},
        RecordCheckVoid: {"check_of": a_check(an_item(world), world.people["tessa"])},
        AssessmentVoid: {"assessment": world.assess("dan", "C04")},
        ManagerReview: {"assessment": world.fail("dan", "C04")},
        Lifting: {
            "restriction": readiness.restrict(
                by=world.by("ruth"), person=world.people["dan"], service=None, reason="Seen"
            )
        },
        Answer: {
            "question": support.ask(
                by=world.by("dan"),
                happened_at=None,
                key=UUID(int=7),
                service=world.alder,
                category="alert",
            )
        },
    }
    row = {name: value for name, value in given.items() if name in names} | told.get(model, {})
    with pytest.raises(IntegrityError, match="not_own"), transaction.atomic():
        model._default_manager.create(**row)
    # It was refused for this, and for nothing else.
    model._default_manager.create(**row | {"by_id": world.people["ruth"].pk})


def test_no_fact_of_somebody_about_somebody_is_left_out() -> None:
    """A new one is either decided about somebody, or there is a reason why not."""
    about = {
        model._meta.label
        for model in apps.get_models()
        if issubclass(model, Fact)
        and {"by"} < (names := {field.name for field in model._meta.concrete_fields})
        and names & {"person", "subject"}
    }
    assert about == {model._meta.label for model in ACTED_ON} | ABOUT_NOBODY | ABOUT_ONESELF
