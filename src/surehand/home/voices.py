"""What one has said oneself and what came of it: the lines of one's own home (1.7)."""

from datetime import datetime, timedelta

from surehand.home import confidence
from surehand.home.tasks import Task
from surehand.people.access import By
from surehand.support import question_pages
from surehand.support.models import Question
from surehand.support.queries import asked, words_of

# An unanswered question is shown so long on one's home; it stays on “I’m stuck”.
SHOWN = timedelta(days=14)


def own_voices(by: By, *, at: datetime) -> list[Task]:
    """One's own questions, new answers first; and how sure one is, before and after a check."""
    found = asked(
        Question.objects.filter(person__in=by.same_human, happened_at__gte=at - SHOWN).order_by(
            "happened_at", "pk"
        )
    )
    words = words_of([a.entry for each in found for a in each.answers])
    lines = [
        question_pages.own_line(each, now=at, words=words)
        for each in found
        if each.open or each.new_answers
    ]
    told = [
        Task(each.what, each.why, each.icon, each.href, each.tag, now=each.now)
        for each in sorted(lines, key=lambda each: not each.now)
    ]
    if by.person is not None and (
        asked_now := confidence.prompt(confidence.asks(by.person, at=at))
    ):
        what, why, href = asked_now
        told.append(Task(what, why, "gauge", href, "When you can"))
    return told
