"""What people at Alder House practised: an alert in the night, met late and then met well, a check
with an assessor beside, one left, and one that somebody is in the middle of.

Drawn from a generator of its own, so that the rest of the story stays as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from surehand.competency.models import Competency
from surehand.demo.cast import Member
from surehand.demo.stage import at
from surehand.practice import actions
from surehand.practice.models import Attempt, AttemptEnd, Playing
from surehand.practice.play import Did
from surehand.support import actions as support
from surehand.support.models import Confidence

if TYPE_CHECKING:
    from surehand.demo.story import Story

SCENARIO, ABOUT = "S06", "C13"
# (seconds after what was done before, what is done, with what)
Taken = tuple[int, Did, dict[str, Any]]

LOOK: list[Taken] = [
    (12, Did.OPEN, {"place": "joyce"}),
    (15, Did.OPEN, {"place": "joyce/risk/falls"}),
]
GO: list[Taken] = [
    (5, Did.ACKNOWLEDGE, {"event": "exit"}),
    (10, Did.CHOOSE, {"choice": "up/help"}),
]
LATE: list[Taken] = [
    (20, Did.TELL, {"contact": "shift_lead"}),
    (40, Did.TELL, {"contact": "shift_lead"}),
]
RESPONSE = {
    "type": "alert",
    "about": "joyce",
    "links": "exit",
    "fields": {
        "attended": "02:11",
        "cause": "Needed the toilet",
        "finding": "On the edge of the bed",
        "action": "Walked with her and put the frame back",
        "told": "Ade",
        "sensor_ok": "yes",
    },
}
NOTE = {
    "type": "note",
    "about": "joyce",
    "fields": {"mood": "settled", "support": "one", "outcome": "met", "choice": "To get up"},
    "text": "Up at ten past two for the toilet with her frame and me. Back in bed and asleep.",
}


def _wrote(section: str, *, response: bool) -> list[Taken]:
    note: Taken = (50, Did.RECORD, {**NOTE, "section": section})
    return [(45, Did.RECORD, RESPONSE), note] if response else [note]


WELL = [*LOOK, (8, Did.WAIT, {}), *GO, *_wrote("sleep", response=True)]
BADLY = [*LOOK, (8, Did.WAIT, {}), *LATE, *GO, *_wrote("mobility", response=False)]
NEARLY = [(6, Did.HINT, {}), (8, Did.WAIT, {}), *GO, *_wrote("mobility", response=True)]


def tell(story: Story) -> None:
    """Write it into the diary."""
    random = Random(f"practice {story.today}")
    dan, priya, jo, dele = story.of("ALDER", "CW")[:4]
    evening = at(story.week(7, day=1), 19, random.randrange(10, 40))
    _go(story, dan, evening, BADLY, sure=(4, 2))
    _go(story, dan, evening + timedelta(minutes=15), WELL, sure=(3, 4))
    _go(story, priya, at(story.week(7, day=3), 14, random.randrange(50)), NEARLY, sure=(2, 3))
    _go(story, dele, at(story.week(8, day=1), 20, random.randrange(50)), LOOK, left=True)
    checked = at(story.week(8, day=2), 15, random.randrange(50))
    _go(story, priya, checked, WELL, beside=story.assessors["ALDER"][0])
    _go(story, jo, at(story.week(8, day=4), 22, random.randrange(30)), LOOK, ends=False)


def _go(
    story: Story,
    member: Member,
    when: datetime,
    steps: Sequence[Taken],
    *,
    sure: tuple[int, int] | None = None,
    beside: str = "",
    left: bool = False,
    ends: bool = True,
) -> None:
    """One go from its start: said how sure before and after, played, ended."""
    stage, kept = story.stage, {}

    def said(level: int) -> None:
        support.say_confidence(
            by=stage.by(member.key),
            competency=Competency.objects.get(code=ABOUT),
            statement=Confidence.Statement.ALONE,
            level=level,
        )

    def begun() -> None:
        kept["attempt"] = actions.start_attempt(
            by=stage.by(beside or member.key),
            person=stage.person(member.key),
            service=stage.service(member.home.code),
            code=SCENARIO,
            mode=Attempt.Mode.CHECK if beside else Attempt.Mode.PRACTISE,
        )
        if sure:
            said(sure[0])
        attempt = kept["attempt"]
        now = Playing.objects.get(attempt=attempt).seen_at
        for after, did, what in steps:
            now += timedelta(seconds=after)
            actions.take_step(
                by=stage.by(member.key), attempt=attempt, did=did, what=what, revision=None, now=now
            )
        if ends:
            story.diary.write(now + timedelta(seconds=20), ended)

    def ended() -> None:
        actions.end_attempt(
            by=stage.by(member.key),
            attempt=kept["attempt"],
            how=AttemptEnd.How.LEFT if left else AttemptEnd.How.FINISHED,
        )
        if sure:
            said(sure[1])

    story.diary.write(when, begun)
