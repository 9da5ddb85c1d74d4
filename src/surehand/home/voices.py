"""What one has said oneself and what came of it, and what was found in one's own records: the lines
of one's own home (1.7, 2.4)."""

from datetime import datetime, timedelta

from surehand.audits.finding_queries import unread
from surehand.home import confidence
from surehand.home.tasks import Task
from surehand.people.access import By
from surehand.support import question_pages
from surehand.support.models import Question
from surehand.support.queries import asked, words_of
from surehand.ui.formats import plural
from surehand.ui.page import address

# An unanswered question is shown so long on one's home; it stays on “I’m stuck”.
SHOWN = timedelta(days=14)


def own_voices(by: By, *, at: datetime) -> list[Task]:
    """One's own questions, new answers first; what is new of one's records; and how sure one is,
    before and after a check."""
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
    if new := unread(by.same_human, at=at):
        told.append(
            Task(
                f"{plural(len(new), 'record')} of yours "
                f"{'was' if len(new) == 1 else 'were'} checked, and something is missing",
                "See what was good, what is missing, and say what you know.",
                "search-check",
                address("found-in-mine"),
                "New",
            )
        )
    if by.person is not None and (
        asked_now := confidence.prompt(confidence.asks(by.person, at=at))
    ):
        what, why, href = asked_now
        told.append(Task(what, why, "gauge", href, "When you can"))
    return told
