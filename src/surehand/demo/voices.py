"""What people at Brindlemoor Care said: “I’m stuck”, nine times on a declined meal; and how sure
they are.

Drawn from a generator of its own, so that the rest of the story stays as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING
from uuid import UUID

from surehand.demo.cast import Member
from surehand.demo.stage import at
from surehand.support import actions as support
from surehand.support.models import Confidence, Question

if TYPE_CHECKING:
    from surehand.demo.story import Story

DECLINED = (
    "Declined meal?",
    "She declined her meal. Which field?",
    "Declined meal – note or chart?",
)
NO_REPLY = "Nobody comes to the door. When does the no-reply route start?"
STATEMENTS = Confidence.Statement.values


def tell(story: Story) -> None:
    """Write it into the diary."""
    random = Random(f"voices {story.today}")
    _declined_meals(story, random)
    _no_reply(story, random)
    _others(story, random)
    _confidence(story, random)


def _ask(
    story: Story, member: Member, category: str, words: str, when: datetime, random: Random
) -> dict[str, Question]:
    key, kept = UUID(int=random.getrandbits(128)), {}

    def asked() -> None:
        kept["question"] = support.ask(
            by=story.stage.by(member.key),
            happened_at=None,
            key=key,
            service=story.stage.service(member.home.code),
            category=category,
            words=words,
        )

    story.diary.write(when, asked)
    return kept


def _answer(
    story: Story,
    kept: dict[str, Question],
    when: datetime,
    *,
    by: str,
    words: str,
    code: str = "",
    theme: str = "",
) -> None:
    def answered() -> None:
        question = kept["question"]
        support.answer(
            by=story.stage.by(by),
            question=question,
            how="words" if words else "shown",
            words=words,
            category=question.category,
            competency=story.stage.check(code).competency if code else question.competency,
            theme=theme or question.theme,
        )

    story.diary.write(when, answered)


def _declined_meals(story: Story, random: Random) -> None:
    """The same question nine times in a fortnight: it is the form, not the people."""
    tessa = story.key("Tessa Boyd")
    askers = story.of("ALDER", "CW")[12:20]
    for number, member in enumerate([*askers, askers[0]]):
        day = story.week(7, day=2 + number)
        when = at(day, random.choice((8, 12, 17)), random.randrange(10, 50))
        kept = _ask(
            story, member, "where_to_record", DECLINED[number % len(DECLINED)], when, random
        )
        if number < 8:
            _answer(
                story,
                kept,
                when + timedelta(minutes=random.randrange(6, 90)),
                by=tessa,
                words="In the food chart: taken = declined, and what was offered next."
                if number % 3
                else "",
                code="C05",
                theme="T13",
            )


def _no_reply(story: Story, random: Random) -> None:
    """Six home-care workers, and the one question of scenario S16."""
    leader = story.of("EASTGATE", "TL")[0].key
    for number, member in enumerate(story.of("EASTGATE", "HC")[7:13]):
        when = at(story.week(8, day=number % 5), 12, 4 + 6 * number)
        kept = _ask(story, member, "who_to_tell", NO_REPLY, when, random)
        if number < 4:
            _answer(
                story,
                kept,
                when + timedelta(minutes=40 + 15 * number),
                by=leader,
                words="Ten minutes at the door, then call the office. Do not leave before.",
                code="C26",
            )


def _others(story: Story, random: Random) -> None:
    """An ordinary fortnight's questions at the two live services."""
    said = (
        ("find", "", "Search by room as well as by name."),
        ("mistake", "Wrote it under the wrong day", "Amend it with a reason; the old one stays."),
        ("device", "", ""),
        (
            "alert",
            "The sensor rings again after I closed it",
            "Close it only after you were there.",
        ),
        ("who_to_tell", "", "The shift lead first, then on-call."),
    )
    for home, start in (("ALDER", 20), ("QUAYSIDE", 14)):
        leader = story.of(home, "TL")[0].key
        for number, (category, words, answer) in enumerate(said):
            member = story.of(home, "CW")[start + number]
            when = at(story.week(8, day=number), 9 + 2 * number, random.randrange(60))
            kept = _ask(story, member, category, words, when, random)
            after = when + timedelta(minutes=random.randrange(5, 60))
            _answer(story, kept, after, by=leader, words=answer)


def _confidence(story: Story, random: Random) -> None:
    """Dele passed the alert check and is not sure; Fern Row is asked before anything begins."""
    _say(story, story.by_name["Dele Balogun"], "C13", (2, 2, 3), at(story.week(3), 15, 10))
    morning = at(story.today, 6, 5)
    workers = story.of("ALDER", "CW")
    _say(story, workers[9], "C07", (5, 4, 5), morning)  # failed it yesterday, and feels sure
    for member in [*workers[20:33], *story.of("QUAYSIDE", "CW")[:12]]:
        for code in ("C04", "C08"):
            sure = random.choice((2, 3, 4, 4, 4, 5, 5, 5))
            levels = [min(sure + random.choice((0, 0, 1)), 5) for _ in STATEMENTS]
            when = at(story.week(8, day=random.randrange(5)), 13, random.randrange(60))
            _say(story, member, code, levels, when)
    fern = story.of("FERNROW", "SW")
    for member, levels in zip(fern, _baseline(3 * len(fern), random), strict=True):
        _say(story, member, "C13", levels, at(story.week(8, day=2), 10, random.randrange(60)))


def _baseline(answers: int, random: Random) -> list[list[int]]:
    """Threes of answers that come to 2.6 on average."""
    threes = round(0.6 * answers)
    levels = [3] * threes + [2] * (answers - threes)
    for number in range(answers // 8):  # some are surer and some less, alike
        levels[number], levels[-1 - number] = 4, 1
    random.shuffle(levels)
    return [levels[start : start + 3] for start in range(0, answers, 3)]


def _say(story: Story, member: Member, code: str, levels: Sequence[int], when: datetime) -> None:
    def said() -> None:
        for statement, level in zip(STATEMENTS, levels, strict=True):
            support.say_confidence(
                by=story.stage.by(member.key),
                competency=story.stage.check(code).competency,
                statement=statement,
                level=level,
            )

    story.diary.write(when, said)
