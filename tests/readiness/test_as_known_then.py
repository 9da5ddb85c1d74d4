"""Known then (R3) is what was answered then: a random history is written under a moving clock, and
after each act what the stored spans say of random moments is remembered; at the end the facts are
replayed up to every such act and must say the same.

SUREHAND_TRIALS raises the number of points, a post at a moment as known then (10,000 for the
measure)."""

import random
from collections import Counter, defaultdict
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

from surehand import evidence
from surehand.assessment import actions as assessment
from surehand.assessment.models import Assessment
from surehand.evidence.refusal import Refused
from surehand.people.models import Post
from surehand.readiness import actions, queries
from surehand.readiness.known_then import known_then
from surehand.readiness.models import Restriction
from surehand.readiness.rules import State
from surehand.support import actions as support
from surehand.support.models import Permission
from surehand.timeline import at as held_at
from surehand.timeline import instant
from tests.conftest import trials
from tests.provider import NOW, START, World

POINTS = trials(300)
DAY = timedelta(days=1)


def test_r3_a_replay_says_what_the_spans_said_then(world: World) -> None:
    chance = random.Random(3)
    names = [name for name, post in world.posts.items() if post.service == world.alder]
    posts = {world.posts[name].pk: world.people[name].pk for name in names}
    codes = ("C01", "C04", "C07")
    clock = NOW
    with evidence.clock.at(clock):
        for name in ("dan", "sam", "eve"):
            world.pass_all(name, by="tessa")
        world.sign_off("sam", "eve")

    steps: list[Callable[[str], object]] = [
        lambda who: world.assess(
            who, chance.choice(codes), by="helen", happened_at=clock - chance.random() * 14 * DAY
        ),
        lambda who: world.fail(
            who, chance.choice(codes), by="helen", happened_at=clock - chance.random() * 14 * DAY
        ),
        # The agency post of Eve ends on the way.
        lambda who: who != "eve" and world.pass_all(who, by="tessa" if who != "tessa" else "cal"),
        lambda who: world.sign_off(who, by=chance.choice(["helen", "wendy"])),
        lambda who: assessment.void_assessment(
            by=world.by("ruth"),
            assessment=chance.choice(Assessment.objects.order_by("-pk")[:20]),
            reason="Wrong person",
        ),
        lambda who: assessment.reopen(
            by=world.by("helen"),
            competency=world.check(chance.choice(codes)).competency,
            people=[world.people[who]] if chance.random() < 0.5 else [],
            ends_at=clock + chance.random() * 40 * DAY,
            reason="The system changed",
        ),
        lambda who: actions.restrict(
            by=world.by("ruth"),
            person=world.people[who],
            service=chance.choice([None, world.alder]),
            reason="Shared a sign-in",
        ),
        lambda who: actions.lift(
            by=world.by("ruth"),
            restriction=chance.choice(Restriction.objects.filter(lifting=None).order_by("pk")),
            reason="Practised again",
        ),
        lambda who: support.permit(
            by=world.by("ruth"),
            post=world.posts[who],
            until=clock + chance.random() * 28 * DAY,
            competencies=[world.check(chance.choice(codes)).competency_id],
            supervisors=[world.people["sam"].pk],
            failed=[],
            open_restrictions=[
                r.entry for r in Restriction.objects.filter(person=world.people[who], lifting=None)
            ],
        ),
        lambda who: support.end_permission(
            by=world.by("ruth"),
            permission=chance.choice(Permission.objects.filter(end=None).order_by("pk")),
            reason="She is on leave",
        ),
    ]

    said: dict[tuple[int, datetime], dict[int, int]] = defaultdict(dict)
    then_said: dict[datetime, dict[int, int]] = {}
    states = Counter[int]()
    while states.total() < POINTS:
        before, clock = clock, clock + chance.random() * 3 * DAY
        between = before + chance.random() * (clock - before)
        then_said[between] = {
            p: s.state for p, s in queries.states_at(list(posts), at=between).items()
        }
        with evidence.clock.at(clock), suppress(Refused, IndexError):
            chance.choice(steps)(chance.choice([name for name in names if name != "sam"]))
        # Moments before, at and after that act.
        for at in (clock, chance.choice([START, clock]) + chance.random() * 120 * DAY):
            spans = queries.states_at(list(posts), at=at)
            said[evidence.last_seq(), at] = {post: span.state for post, span in spans.items()}
            states.update(span.state for span in spans.values())

    wrong = []
    for (known, at), then in said.items():
        answers = queries.gates(list(posts.values()), service=world.alder.pk, at=at, known=known)
        replayed = {
            answer.post.pk: int(answer.state)
            for found in answers.values()
            for answer in found
            if answer.post
        }
        if replayed != then:
            wrong.append((known, at, then, replayed))
    assert wrong == []
    # All at once, and at moments between the acts.
    first, last = min(then_said), max(then_said)
    for since in (first, first + (last - first) / 2):
        known = known_then(
            Post.objects.filter(pk__in=posts), since=instant(since), until=instant(last) + 1
        )
        for at, then in then_said.items():
            if at >= since:
                spans = {p: held_at(known[p].readiness, instant(at)) for p in posts}
                assert {p: s.state for p, s in spans.items() if s} == then, at
    if POINTS >= 1_000:  # every state was among them
        assert len(states) == len(State), states
    print(states.total(), dict(states))
