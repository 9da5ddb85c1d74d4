"""What the pages of “I’m stuck” show, worked out so that templates only draw."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from surehand.competency.models import Check
from surehand.competency.themes import THEMES
from surehand.people.models import Person
from surehand.support.categories import CATEGORIES
from surehand.support.models import Answer
from surehand.support.queries import Asked
from surehand.ui.formats import moment, plural
from surehand.ui.page import address


def waited(since: datetime, now: datetime) -> str:
    """“12 minutes”, “3 hours”, “2 days”; “under a minute”."""
    minutes = max(int((now - since).total_seconds()) // 60, 0)
    if minutes < 1:
        return "under a minute"
    if minutes < 90:
        return plural(minutes, "minute")
    if minutes < 48 * 60:
        return plural(round(minutes / 60), "hour")
    return plural(minutes // (24 * 60), "day")


def answerers(people: list[Person], *, place: str) -> str:
    """Who will answer, in a sentence."""
    names = [str(person) for person in people]
    if not names:
        return f"{place} has no team leader in Surehand who could answer. Ask your shift lead."
    who = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
    return f"{who} will answer. You see the answer on your home page."


@dataclass(frozen=True)
class Line:
    """One question in a list."""

    what: str
    why: str
    href: str
    icon: str
    tag: str
    now: bool


def line(asked: Asked, *, words: str, now: datetime) -> Line:
    """A question as those who answer it see it."""
    question = asked.question
    category = CATEGORIES[asked.category]
    said = sentence(f"“{words}”") if words else f"Asked on {moment(question.happened_at)}."
    return Line(
        what=f"{category.short}: {question.person}",
        why=said if asked.open else f"{said} {_answered(asked.answers[-1])}",
        href=address("question", question.entry),
        icon=category.icon,
        tag=f"Waits {waited(question.happened_at, now)}" if asked.open else "Answered",
        now=asked.open,
    )


def sentence(words: str) -> str:
    """These words with a full stop, unless they end in a mark of their own."""
    return words if words.rstrip("”").endswith((".", "?", "!", "…")) else f"{words}."


def _answered(answer: Answer) -> str:
    how = "Shown in person" if answer.how == Answer.How.SHOWN else "Answered"
    return f"{how} by {answer.by}."


def own_line(asked: Asked, *, now: datetime, words: Mapping[int, str]) -> Line:
    """One's own question: `words` are those of its answers, by entry."""
    question, category = asked.question, CATEGORIES[asked.question.category]
    if asked.open:
        why, tag = f"You asked on {moment(question.happened_at)}.", "Not answered yet"
        what = category.title
    else:
        last = asked.answers[-1]
        what = f"{str(last.by).split(' ', 1)[0]} answered your question"
        said = words.get(last.entry, "")
        why = f"“{said}”" if said else "Shown in person."
        tag = "New" if asked.new_answers else "Answered"
    return Line(
        what=what,
        why=why,
        href=address("question", question.entry),
        icon="message-circle-question-mark",
        tag=tag,
        now=bool(asked.new_answers),
    )


def rows(asked: Asked, *, checks: Mapping[int, Check], now: datetime) -> list[tuple[str, str]]:
    """How a question counts, for whoever reads it."""
    question = asked.question
    check = checks.get(asked.competency or 0)
    theme = THEMES.get(asked.theme)
    return [
        ("Asked by", str(question.person)),
        ("At", str(question.service)),
        ("When", moment(question.happened_at)),
        ("About", CATEGORIES[asked.category].short),
        ("Competency", f"{check.competency.code} {check.short}" if check else "No one competency"),
        ("Training theme", f"{theme.code} {theme.title}" if theme else "No theme"),
        ("Evidence", f"Entry {question.entry:,}"),
    ]
