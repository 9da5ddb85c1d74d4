"""Spot checks at Brindlemoor Care: “show me the care plan”, “whom would you call at 3 am?”; and one
exercise seen in the vendor's own training system. One question is their own, and what was recorded
of it is corrected.

Drawn from a generator of its own, so that the rest of the story stays as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from random import Random
from typing import TYPE_CHECKING

from surehand.demo.cast import SIGNER, Member
from surehand.demo.stage import at
from surehand.ecm.queries import profile_for
from surehand.practice.elsewhere_actions import Title, observe_elsewhere
from surehand.practice.models import SpotCheck
from surehand.practice.spot_check_actions import correct_spot_check, record_spot_check
from surehand.practice.spot_checks import spot_questions
from surehand.practice.spot_question_actions import publish_spot_question

if TYPE_CHECKING:
    from surehand.demo.story import Story

NOTES = {
    "Q01": "Found it at once. Read the choking risk aloud without being asked.",
    "Q02": "Named the shift lead and on-call; had to look up the minutes.",
    "Q11": "Did not know that the paper pack has moved to the nurses’ room.",
}
# By service: which questions, in which order, and at which hour of week 8.
ASKED: tuple[tuple[str, str, Sequence[str], int], ...] = (
    ("ALDER", "CW", ("Q01", "Q02", "Q08", "Q04", "Q15", "Q02"), 11),
    ("QUAYSIDE", "CW", ("Q02", "Q11", "Q01"), 20),
    ("EASTGATE", "HC", ("Q13", "Q14"), 9),
)

DOWNTIME_PACK = {
    "title": "Where is the downtime pack?",
    "ask": "The screens are dark. Where is the downtime pack of this floor, and what is in it?",
    "job_roles": ["CW", "SC"],
    "settings": ["R", "N"],
    "competency": "C17",
    "criteria": ["C17.1"],
    "minutes": 2,
    "points": [
        {"code": "where", "says": "Goes to it without asking."},
        {"code": "sheet", "says": "Finds the newest care sheet in it."},
        {"code": "times", "says": "Says that real times are written."},
    ],
}


def tell(story: Story) -> None:
    """Write it into the diary."""
    random = Random(f"aloud {story.today}")
    for home, job_role, codes, hour in ASKED:
        leader = story.of(home, "TL")[0].key
        members = story.of(home, job_role)
        for number, code in enumerate(codes):
            when = at(story.week(8, day=number % 5), hour, random.randrange(60))
            _ask(story, members[3 * number + 1], code, when, by=leader, chance=random.random())
    _elsewhere(story)
    _downtime_pack(story)


def _ask(
    story: Story, member: Member, code: str, when: datetime, *, by: str, chance: float
) -> None:
    question = spot_questions()[code]

    def asked() -> None:
        service = story.stage.service(member.home.code)
        points = question.points(profile_for(service.setting, at=when), service.setting)
        shown = dict.fromkeys((point.code for point in points), "shown")
        if chance < 0.7:
            shown[points[-1].code] = "with_help" if chance < 0.4 else "not_shown"
        record_spot_check(
            by=story.stage.by(by),
            person=story.stage.person(member.key),
            service=service,
            code=code,
            minutes=question.minutes + (chance < 0.3),
            shown=shown,
            note=NOTES.get(code, ""),
        )

    story.diary.write(when, asked)


def _elsewhere(story: Story) -> None:
    """A new care worker did the vendor's exercise while the trainer watched."""
    member, leader = story.of("ALDER", "CW")[25], story.of("ALDER", "TL")[0].key
    when = at(story.week(8, day=3), 15, 10)

    def seen() -> None:
        observe_elsewhere(
            by=story.stage.by(leader),
            person=story.stage.person(member.key),
            service=story.stage.service("ALDER"),
            of=Title("Alerts, exercise 2", "C13"),
            happened_at=when,
            marks={},
            result="passed",
            hints=1,
            minutes=9,
            note="Closed the alert only after seeing the person.",
        )

    story.diary.write(when, seen)


def _downtime_pack(story: Story) -> None:
    """The workforce lead's own question; asked on Ash unit, and mistyped the first time."""
    member, leader = story.of("ALDER", "CW")[7], story.of("ALDER", "TL")[0].key
    kept: list[SpotCheck] = []
    shown = {"where": "shown", "sheet": "with_help", "times": "shown"}

    def published() -> None:
        publish_spot_question(by=story.stage.by(SIGNER), code="", seen=0, row=DOWNTIME_PACK)

    def asked() -> None:
        kept.append(
            record_spot_check(
                by=story.stage.by(leader),
                person=story.stage.person(member.key),
                service=story.stage.service("ALDER"),
                code="P01",
                minutes=2,
                shown={**shown, "times": "not_shown"},
                note="",
            )
        )

    def corrected() -> None:
        correct_spot_check(
            by=story.stage.by(leader),
            check=kept[0],
            minutes=2,
            shown=shown,
            note="Said “the real time, not when I type it”.",
            reason="Ticked the wrong box on the phone.",
        )

    story.diary.write(at(story.week(8, day=1), 9, 20), published)
    story.diary.write(at(story.week(8, day=3), 11, 5), asked)
    story.diary.write(at(story.week(8, day=3), 11, 20), corrected)
