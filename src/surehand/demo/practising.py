"""Practice at Alder House: goes at “Two Harolds”, what was missed in them, and checks in practice,
some judged and some waiting for an assessor.

Drawn from a generator of its own, so that the rest of the story stays as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from surehand import evidence
from surehand.assessment import actions as assessment
from surehand.demo.cast import Member
from surehand.demo.stage import at
from surehand.practice import actions as practice
from surehand.practice.models import Attempt, AttemptEnd
from surehand.practice.play import Did
from surehand.support import actions as support

if TYPE_CHECKING:
    from surehand.demo.story import Story

SCENARIO, CODE = "S02", "C02"
A_FEW = 12

Steps = Sequence[tuple[int, Did, dict[str, Any]]]  # seconds since the one before


def _note(about: str, section: str, text: str, **fields: str) -> tuple[int, Did, dict[str, Any]]:
    filled = {"mood": "happy", "support": "none", "outcome": "partly", **fields}
    what = {"type": "note", "about": about, "section": section, "fields": filled, "text": text}
    return (55, Did.RECORD, what)


WELL: Steps = (
    (21, Did.OPEN, {"place": "nwosu"}),
    (9, Did.CHOOSE, {"choice": "alike/two"}),
    (7, Did.WAIT, {}),
    (14, Did.CHOOSE, {"choice": "cake/read"}),
    _note("nwosu", "food", "Ate 1/2 of his fish pie and left the peas.", choice="fish pie"),
)
WRONG_MAN: Steps = (
    (17, Did.OPEN, {"place": "newson"}),
    _note("newson", "food", "Ate half of his fish pie.", choice="fish pie"),
)
NO_AMOUNT: Steps = (
    (16, Did.OPEN, {"place": "nwosu"}),
    (7, Did.CHOOSE, {"choice": "alike/two"}),
    (9, Did.WAIT, {}),
    (11, Did.CHOOSE, {"choice": "cake/read"}),
    _note("nwosu", "mobility", "Ate well.", choice="none"),
)


def tell(story: Story) -> None:
    """Write it into the diary."""
    random = Random(f"practising {story.today}")
    people = [m for m in story.of("ALDER", "CW")[8:] if not m.agency and m.start < story.week(6)]
    for number, member in enumerate(people[:A_FEW]):
        first = at(story.week(8, day=number % 4), 14, 5 + 4 * number)
        _say(story, member, random.choice((3, 4, 4, 5)), first - timedelta(minutes=1))
        steps = (WRONG_MAN, NO_AMOUNT, WELL)[number % 3]
        _go(story, member, Attempt.Mode.PRACTISE, steps, first)
        if steps is not WELL:
            again = first + timedelta(minutes=random.randrange(8, 30))
            _go(story, member, Attempt.Mode.PRACTISE, WELL, again, hint=number % 2 == 0)
            _say(story, member, random.choice((2, 3, 4)), again + timedelta(minutes=6))
    assessor = story.key("Tessa Boyd")
    for number, member in enumerate(people[:6]):
        when = at(story.week(8, day=4), 13, 2 + 9 * number)
        steps = WRONG_MAN if number == 4 else WELL
        kept = _go(story, member, Attempt.Mode.CHECK, steps, when)
        if number < 3:
            _judge(story, member, kept, assessor, when + timedelta(hours=1))


def _go(
    story: Story,
    member: Member,
    mode: Attempt.Mode,
    steps: Steps,
    when: datetime,
    *,
    hint: bool = False,
) -> dict[str, Attempt]:
    kept: dict[str, Attempt] = {}

    def played() -> None:
        by = story.stage.by(member.key)
        kept["attempt"] = attempt = practice.start_attempt(
            by=by,
            person=story.stage.person(member.key),
            service=story.stage.service(member.home.code),
            code=SCENARIO,
            mode=mode,
        )
        now = evidence.clock.now()
        asked: Steps = [(20, Did.HINT, {})] if hint else []
        for gap, did, what in [*asked, *steps]:
            now += timedelta(seconds=gap)
            practice.take_step(by=by, attempt=attempt, did=did, what=what, revision=None, now=now)
        story.diary.write(now + timedelta(seconds=20), ended)

    def ended() -> None:
        practice.end_attempt(
            by=story.stage.by(member.key),
            attempt=kept["attempt"],
            how=AttemptEnd.How.FINISHED,
        )

    story.diary.write(when, played)
    return kept


def _judge(story: Story, member: Member, kept: dict[str, Attempt], by: str, when: datetime) -> None:
    def judged() -> None:
        attempt, check = kept["attempt"], story.stage.check(CODE)
        assessment.record_assessment(
            by=story.stage.by(by),
            happened_at=attempt.end.happened_at,
            person=story.stage.person(member.key),
            service=attempt.service,
            check=check,
            method="practice",
            judgements={c["code"]: "met" for c in check.criteria},
            attempt=attempt,
        )

    story.diary.write(when, judged)


def _say(story: Story, member: Member, level: int, when: datetime) -> None:
    def said() -> None:
        support.say_confidence(
            by=story.stage.by(member.key),
            competency=story.stage.check(CODE).competency,
            statement="alone",
            level=level,
        )

    story.diary.write(when, said)
