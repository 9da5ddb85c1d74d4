"""Nobody assesses, reviews, signs off, permits or lifts for themselves (R14): random sequences of
actions by random people, with access that changes hands and records that turn out to be one human.

SUREHAND_TRIALS raises the number of steps (50,000 in the long run)."""

import os
import random
from collections.abc import Callable
from contextlib import suppress

import pytest
from django.db import IntegrityError, transaction

from surehand import evidence
from surehand.assessment import actions as assessment
from surehand.assessment.models import Assessment, AssessmentVoid, ManagerReview
from surehand.evidence.refusal import Refused
from surehand.people import actions as people
from surehand.people.access import COMMAND_LINE, DESCRIPTIONS, AccessRole
from surehand.people.queries import same_human
from surehand.readiness import actions as readiness
from surehand.readiness.models import Lifting, Override, Restriction, SignOff
from surehand.support import actions as support
from surehand.support.models import Permission
from surehand.timeline import moment
from tests.provider import NOW, World

STEPS = int(os.environ.get("SUREHAND_TRIALS", "400"))
CODES = ("C01", "C04", "C07")
ACTED_ON = (
    (Assessment, "person_id"),
    (AssessmentVoid, "subject_id"),
    (ManagerReview, "subject_id"),
    (SignOff, "subject_id"),
    (Restriction, "person_id"),
    (Lifting, "subject_id"),
    (Permission, "subject_id"),
    (Override, "subject_id"),
)


def test_r14_nobody_decides_about_themselves(world: World) -> None:
    chance = random.Random(14)
    names = list(world.people)
    subjects = [n for n in names if n in world.posts]
    steps: list[Callable[[str, str], object]] = [
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
        ),
        lambda by, who: support.permit(
            by=world.by(by),
            post=world.posts[who],
            until=moment(1_800_000_000_000_000),
            competencies=[1],
            supervisors=[world.people["sam"].pk],
            failed=[],
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
    recorded_from = evidence.last_seq()
    humans: dict[int, dict[int, frozenset[int]]] = {}
    for _ in range(STEPS):
        by, who = chance.choice(names), chance.choice(subjects)
        with suppress(Refused, IndexError), transaction.atomic():
            chance.choice(steps)(by, who)
        # What was known of who is who when each fact was recorded.
        humans[evidence.last_seq()] = {p.pk: same_human(p.pk) for p in world.people.values()}
    found = 0
    for model, subject in ACTED_ON:
        for fact in model.objects.filter(entry__gt=recorded_from):
            found += 1
            known = humans[fact.entry]
            assert fact.by_id not in known[getattr(fact, subject)], f"{model.__name__} {fact.pk}"
    assert found > STEPS / 20, "the sequence did hardly anything"


@pytest.mark.parametrize("model", [SignOff, Restriction, Override], ids=lambda m: m.__name__)
def test_the_database_refuses_it_too(world: World, model: type) -> None:
    post = world.posts["dan"]
    times = {"entry": 1, "happened_at": NOW, "recorded_at": NOW, "by_id": post.person_id}
    rows = {
        SignOff: {"post": post, "subject_id": post.person_id, "plan_id": 1},
        Restriction: {"person_id": post.person_id},
        Override: {"post": post, "subject_id": post.person_id, "starts_at": NOW, "ends_at": NOW},
    }
    with pytest.raises(IntegrityError, match="not_own"), transaction.atomic():
        model.objects.create(**times, **rows[model])  # type: ignore[attr-defined]
