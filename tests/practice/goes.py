"""A whole go at a scenario, played by one of its scripts."""

from datetime import timedelta

from surehand import evidence
from surehand.practice import actions
from surehand.practice.models import Attempt, AttemptEnd, Playing
from surehand.practice.play import Did
from tests.practice.scripts import Script, scripts
from tests.provider import World

WELL, BADLY = 0, -1
"""The first script of a scenario passes; the last one fails."""


def seen(attempt: Attempt):  # type: ignore[no-untyped-def]
    return Playing.objects.get(attempt=attempt).seen_at


def begin(
    world: World,
    name: str,
    *,
    by: str = "",
    mode: Attempt.Mode = Attempt.Mode.CHECK,
    code: str = "S06",
) -> Attempt:
    return actions.start_attempt(
        by=world.by(by or name),
        person=world.people[name],
        service=world.posts[name].service,
        code=code,
        mode=mode,
    )


def play(world: World, attempt: Attempt, script: Script, name: str) -> None:
    """Take every step of a script, in its own time."""
    clock = 0
    for step in script.steps:
        # The scripts may wait as long as they like, the page until the next thing happens.
        gap = step.at - clock + (step.takes() if step.did == Did.WAIT else 0)
        while gap > 0:
            now = seen(attempt) + timedelta(seconds=min(gap, 50))
            actions.be_there(by=world.by(name), attempt=attempt, now=now)
            gap -= 50
        clock = step.at + step.takes()
        if step.did not in (Did.WAIT, Did.AWAY):
            actions.take_step(
                by=world.by(name),
                attempt=attempt,
                did=step.did,
                what=step.what,
                revision=None,
                now=seen(attempt),
            )


def a_go(
    world: World,
    name: str,
    *,
    by: str = "",
    mode: Attempt.Mode = Attempt.Mode.CHECK,
    code: str = "S06",
    script: int | str = WELL,
    how: AttemptEnd.How = AttemptEnd.How.FINISHED,
) -> Attempt:
    """A go from its start to its end; `script` by its name or place. It ends a minute after the
    last step."""
    attempt = begin(world, name, by=by, mode=mode, code=code)
    found = list(scripts(code))
    chosen = (
        found[script] if isinstance(script, int) else next(s for s in found if s.name == script)
    )
    play(world, attempt, chosen, name)
    with evidence.clock.at(seen(attempt) + timedelta(seconds=30)):
        actions.end_attempt(by=world.by(name), attempt=attempt, how=how)
    return Attempt.objects.select_related("end", "scenario", "person", "service").get(pk=attempt.pk)
