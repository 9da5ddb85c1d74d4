"""What people at Alder House practised: an alert in the night, met late and then met well, a check
with an assessor beside, one left, and one that somebody is in the middle of; and two men called
Harold, told apart better the second time, with checks that are judged and that wait for it.

Drawn from a generator of its own, so that the rest of the story stays as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from surehand.assessment import actions as assessment
from surehand.assessment.models import Assessment
from surehand.competency.models import Competency
from surehand.demo.cast import SIGNER, Member
from surehand.demo.stage import at
from surehand.practice import actions, queries, session_actions
from surehand.practice.models import Attempt, AttemptEnd, Playing, PracticeSession
from surehand.practice.play import Did
from surehand.practice.scenario import starter_texts, with_values
from surehand.practice.scenario_actions import begin_scenario, publish_scenario
from surehand.support import actions as support
from surehand.support.models import Confidence

if TYPE_CHECKING:
    from surehand.demo.story import Story

IN_THE_NIGHT = ("S06", "C13")  # the scenario, and what it is about
TWO_HAROLDS = ("S02", "C02")
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


def _about_lunch(who: str, section: str, text: str) -> Taken:
    fields = {"mood": "happy", "support": "none", "outcome": "partly", "choice": "fish pie"}
    what = {"type": "note", "about": who, "section": section, "fields": fields, "text": text}
    return (50, Did.RECORD, what)


TOLD_APART: list[Taken] = [
    (21, Did.OPEN, {"place": "nwosu"}),
    (9, Did.CHOOSE, {"choice": "alike/two"}),
    (7, Did.WAIT, {}),
    (14, Did.CHOOSE, {"choice": "cake/read"}),
]
RIGHT_MAN = [
    *TOLD_APART,
    _about_lunch("nwosu", "food", "Ate 1/2 of his fish pie and left the peas."),
]
NO_AMOUNT = [*TOLD_APART, _about_lunch("nwosu", "mobility", "Ate well.")]
WRONG_MAN: list[Taken] = [
    (17, Did.OPEN, {"place": "newson"}),
    _about_lunch("newson", "food", "Ate half of his fish pie."),
]


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
    _harolds(story, random)
    _own_scenario(story)


def _own_scenario(story: Story) -> None:
    """One that the workforce lead wrote, and a copy of another that she has begun."""
    published, begun = at(story.week(7, day=4), 11, 20), at(story.week(8, day=3), 16, 5)

    def publish() -> None:
        by = story.stage.by(SIGNER)
        text = queries.begun("R", code="P01", title="The quiet breakfast", at=published)
        begin_scenario(by=by, code="P01", text=text, begun_from="a small example")
        publish_scenario(by=by, code="P01", seen=1)

    def begin() -> None:
        text = with_values(dict(starter_texts())["S06"], title="Up at two on Kestrel")
        by = story.stage.by(SIGNER)
        begin_scenario(by=by, code="P02", text=text, begun_from="S06")

    story.diary.write(published, publish)
    story.diary.write(begun, begin)


def _harolds(story: Story, random: Random) -> None:
    """Twelve people: two in three miss something, then show it; six take the check in a group
    session, where one is helped, and an assessor has judged three."""
    workers = story.of("ALDER", "CW")[8:]
    people = [m for m in workers if not m.agency and m.start < story.week(6)][:12]
    for number, member in enumerate(people):
        first = at(story.week(8, day=number % 4), 14, 5 + 4 * number)
        steps = (WRONG_MAN, NO_AMOUNT, RIGHT_MAN)[number % 3]
        sure = (random.choice((3, 4, 4, 5)), random.choice((2, 3, 3)))
        _go(story, member, first, steps, sure=sure, of=TWO_HAROLDS)
        if steps is not RIGHT_MAN:
            again = first + timedelta(minutes=random.randrange(8, 30))
            hint: list[Taken] = [(20, Did.HINT, {})] if number % 2 else []
            sure = (sure[1], random.choice((3, 4, 4)))
            _go(story, member, again, [*hint, *RIGHT_MAN], sure=sure, of=TWO_HAROLDS)
    assessor = story.key("Tessa Boyd")
    session = _session(story, assessor, at(story.week(8, day=4), 12, 56))
    for number, member in enumerate(people[:6]):
        when = at(story.week(8, day=4), 13, 2 + 9 * number)
        steps = WRONG_MAN if number == 4 else RIGHT_MAN
        helped: list[Taken] = [(15, Did.ASK, {}), (40, Did.HELPED, {})] if number == 4 else []
        kept = _go(story, member, when, [*helped, *steps], of=TWO_HAROLDS, session=session)
        if number < 3:
            _judge(story, member, kept, assessor, when + timedelta(hours=1))


def _session(story: Story, by: str, when: datetime) -> list[PracticeSession]:
    """A group session of an hour and a half; what is in the list once it is open."""
    stage = story.stage
    kept: list[PracticeSession] = []

    def opened() -> None:
        kept.append(
            session_actions.open_session(
                by=stage.by(by),
                service=stage.service("ALDER"),
                scenario=TWO_HAROLDS[0],
                mode=Attempt.Mode.CHECK,
            )
        )

    def ended() -> None:
        session_actions.end_session(by=stage.by(by), session=kept[0])

    story.diary.write(when, opened)
    story.diary.write(when + timedelta(minutes=90), ended)
    return kept


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
    of: tuple[str, str] = IN_THE_NIGHT,
    session: Sequence[PracticeSession] = (),
) -> dict[str, Attempt]:
    """One go from its start: said how sure before and after, played, ended. A check is begun with
    an assessor `beside`, or in a group `session`."""
    stage = story.stage
    kept: dict[str, Attempt] = {}
    scenario, about = of

    def said(level: int) -> None:
        support.say_confidence(
            by=stage.by(member.key),
            competency=Competency.objects.get(code=about),
            statement=Confidence.Statement.ALONE,
            level=level,
        )

    def started() -> Attempt:
        by, person = stage.by(beside or member.key), stage.person(member.key)
        if session:
            return session_actions.join_session(by=by, person=person, session=session[0])
        return actions.start_attempt(
            by=by,
            person=person,
            service=stage.service(member.home.code),
            code=scenario,
            mode=Attempt.Mode.CHECK if beside else Attempt.Mode.PRACTISE,
        )

    def begun() -> None:
        kept["attempt"] = started()
        if sure:
            said(sure[0])
        attempt = kept["attempt"]
        now = Playing.objects.get(attempt=attempt).seen_at
        for after, did, what in steps:
            now += timedelta(seconds=after)
            if did == Did.HELPED:
                led = stage.by(story.key("Tessa Boyd"))
                actions.help_given(by=led, attempt=attempt, seen=0)
                continue
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
    return kept


def _judge(story: Story, member: Member, kept: dict[str, Attempt], by: str, when: datetime) -> None:
    """An assessor agrees that everything was shown."""

    def judged() -> None:
        attempt, check = kept["attempt"], story.stage.check(TWO_HAROLDS[1])
        assessment.record_assessment(
            by=story.stage.by(by),
            happened_at=attempt.end.happened_at,
            person=story.stage.person(member.key),
            service=attempt.service,
            check=check,
            method=Assessment.Method.PRACTICE,
            judgements={c["code"]: "met" for c in check.criteria},
            attempt=attempt,
        )

    story.diary.write(when, judged)
