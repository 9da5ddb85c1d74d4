"""What screening noticed in the live records of Brindlemoor Care, and what team leaders answered.

Nothing happens where there are no records. Drawn from a generator of its own, so that the rest of
the story stays as it is.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

from surehand.demo import cast
from surehand.demo.stage import at
from surehand.evidence.refusal import NotPermitted
from surehand.people.models import Service
from surehand.records import reasons
from surehand.records.models import SignalAnswer
from surehand.records.rows import Row
from surehand.records.signal_actions import answer_signal
from surehand.records.signal_queries import Asked, noticed, screened_of

if TYPE_CHECKING:
    from surehand.demo.story import Story

ANSWERED_A_WEEK = 6
FINE = {
    "late_entry": reasons.OFFLINE,
    "bulk_entry": reasons.OFFLINE,
    "stock_phrases": reasons.STANDARD,
    "reused_wording": reasons.STANDARD,
    "another_person_named": reasons.RELATIVE,
    "entry_before_event": reasons.CORRECTED,
}
NEEDS = "Talked it through at handover; it will be written up."


def tell(story: Story) -> None:
    """Write it into the diary: screened when records came in on a Monday, a few answered on the
    Tuesday."""
    random = Random(f"signals {story.today}")
    for number in range(2, 10):
        monday = story.week(number)
        if monday < story.today:
            story.diary.write(at(monday, 7, 10), _screen)
            _answer(story, at(monday + timedelta(days=1), 14, 20), random.random())
    story.diary.write(at(story.today, 6, 15), _screen)
    _answer(story, at(story.today, 6, 25), random.random())


def _screen() -> None:
    from surehand.records.screening_run import due

    due()


def _answer(story: Story, when: datetime, seed: float) -> None:
    def answered() -> None:
        random = Random(seed)
        for home in cast.HOMES:
            leaders = [m.key for m in story.of(home.code, "TL")]
            if leaders:
                _answer_some(story, story.stage.service(home.code), leaders[0], random)

    story.diary.write(when, answered)


def _answer_some(story: Story, service: Service, leader: str, random: Random) -> None:
    found = list(noticed(service.pk, Asked())[: 4 * ANSWERED_A_WEEK])
    some = random.sample(found, min(ANSWERED_A_WEEK, len(found)))
    rows = screened_of({each["screened_id"] for each in some})
    for each in some:
        screened = rows[each["screened_id"]]
        row = Row(record=screened.record, alert=screened.alert)
        fine = random.random() < 0.6
        reason = FINE.get(each["code"], reasons.ELSEWHERE) if fine else reasons.NEEDS
        try:
            answer_signal(
                by=story.stage.by(leader),
                row=row,
                code=each["code"],
                answer=SignalAnswer.Answer.FINE if fine else SignalAnswer.Answer.NEEDS,
                reason=reason,
                words="" if fine else NEEDS,
            )
        except NotPermitted:
            continue  # their own record: a colleague answers it
