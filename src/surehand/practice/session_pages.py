"""What the pages of a group session show."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from surehand.competency.models import Check
from surehand.practice.marking import Mark, Result
from surehand.practice.models import Attempt, AttemptEnd, PracticeSession
from surehand.practice.pages import in_words, result_in_words, times
from surehand.practice.play import Did
from surehand.practice.queries import Going
from surehand.practice.scenario import Scenario
from surehand.practice.sessions import Joined, playable
from surehand.ui.formats import moment, plural
from surehand.ui.formats import time as clock
from surehand.ui.page import Link, address


@dataclass(frozen=True)
class Row:
    """One person of a session. `shown` are the results of what is expected, in order; `seen` is how
    often help had been given."""

    entry: int
    name: str
    asks: str  # that help is asked for, and for how long
    away: str  # that nobody is there, and for how long
    now: str
    shown: tuple[str, ...]
    count: str
    spent: str
    seen: int
    ended: bool
    links: tuple[Link, ...]


@dataclass(frozen=True)
class Grid:
    """Who is where. `state` changes when anything in it does; `judge` is where those who have ended
    are judged together, empty while nobody can be."""

    rows: tuple[Row, ...]
    line: str
    state: str
    judge: str


def grid(session: PracticeSession, people: Sequence[Joined], checks: Collection[Check]) -> Grid:
    """First whoever asks for help, the longest waiting before all; then who is at work, then who
    has ended."""
    scenario = playable(session).scenario
    judged = judge_code(scenario, checks) if session.mode == Attempt.Mode.CHECK else ""
    rows = tuple(
        _ended(one, scenario, judged) if one.going is None else _playing(one, one.going)
        for one in sorted(people, key=_order)
    )
    line = _line(rows)
    ended = any(one.end and one.end.how == AttemptEnd.How.FINISHED for one in people)
    judge = address("judge-session", session.entry) if judged and ended else ""
    return Grid(rows, line, sha256(repr(rows).encode()).hexdigest()[:16], judge)


def _order(one: Joined) -> tuple[int, int, str]:
    name = str(one.attempt.person).casefold()
    if one.going is None:
        return 2, 0, name
    asked = one.going.play.asked
    return (0, asked.at - one.going.play.now, name) if asked else (1, 0, name)


def _line(rows: Iterable[Row]) -> str:
    asking = sum(bool(row.asks) for row in rows)
    ended = sum(row.ended for row in rows)
    going = sum(not row.ended for row in rows)
    asks = f", {asking} {'asks' if asking == 1 else 'ask'} for help" if asking else ""
    return f"{going} in the middle of it{asks}. {ended} ended."


def _playing(one: Joined, going: Going) -> Row:
    asked = going.play.asked
    expected = [mark for mark in going.marks() if not mark.expected.must_not or mark.step]
    return Row(
        entry=one.attempt.entry,
        name=str(one.attempt.person),
        asks=_since("Asks for help", going.play.now - asked.at) if asked else "",
        away=_since("No connection", one.away) if one.away else "",
        now=last_step(going),
        shown=tuple(mark.result.value for mark in expected),
        count=_count(expected),
        spent=_spent(going.play.now, going.play.hints, one.helped),
        seen=one.helped,
        ended=False,
        links=(),
    )


def last_step(going: Going) -> str:
    """What somebody did last, in words; asking for help is shown beside it."""
    beside = (Did.ASK, Did.HELPED, Did.AWAY)
    steps = [step for step in going.steps if step.did not in beside]
    if not steps:
        return "Reads the task."
    return in_words(going.scenario, going.profile, steps[-1])


def _count(marks: Sequence[Mark]) -> str:
    met = sum(mark.result == Result.MET for mark in marks)
    return f"{met} of {len(marks)}"


def _spent(seconds: int, hints: int, helped: int) -> str:
    said = [
        plural(seconds // 60, "minute") if seconds >= 60 else "Under a minute",
        *([plural(hints, "hint")] if hints else []),
        *([f"helped {times(helped)}"] if helped else []),
    ]
    return ", ".join(said)


def _since(what: str, seconds: int) -> str:
    return f"{what} for {plural(seconds // 60, 'minute')}" if seconds >= 60 else what


def _ended(one: Joined, scenario: Scenario, judged: str) -> Row:
    attempt, end = one.attempt, one.end
    links = [Link("Step by step", address("practice-replay", attempt.entry))] if end else []
    finished = end is not None and end.how == AttemptEnd.How.FINISHED
    if finished and judged and (href := address("judge-attempt", attempt.entry, judged)):
        links.insert(0, Link("Judge it", href))
    return Row(
        entry=attempt.entry,
        name=str(attempt.person),
        asks="",
        away="",
        now="Ended" if end else "No longer kept",
        shown=tuple(end.marks[e.code] for e in scenario.expect if e.code in end.marks)
        if end
        else (),
        count=result_in_words(end) if end else "",
        spent=_spent(end.seconds, end.hints, one.helped) if end else "",
        seen=one.helped,
        ended=True,
        links=tuple(links),
    )


def judge_code(scenario: Scenario, checks: Collection[Check]) -> str:
    """The code of the competency an attempt here is judged for first; empty where the plan lets
    none of them be seen in practice."""
    able = {check.competency.code for check in checks if "practice" in check.methods}
    return next((code for code in scenario.competencies if code in able), "")


def session_line(session: PracticeSession) -> str:
    mode = "A check" if session.mode == Attempt.Mode.CHECK else "Practice, with hints"
    return f"{mode}. Opened by {session.by} at {clock(session.happened_at)}."


def until_words(session: PracticeSession, *, at: datetime) -> str:
    if session.is_open(at=at):
        return f"The code holds until {clock(session.until)}, or until you end the session."
    return f"The session ended on {moment(session.until)}. Whoever is in the middle may finish."
