"""The `attempts` file: practice in the vendor's training system. It makes nobody ready (R7).

A person, a scenario and the moment it was finished are one attempt. The same row again changes
nothing. A scenario is one of ours, by code or title, or a title of the vendor's own that somebody
recorded before.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from surehand import evidence
from surehand.ecm.queries import profiles_in_use
from surehand.imports.kind import Batch, Comparison, Kind, Layout
from surehand.imports.reading import shown
from surehand.imports.table import Column, Line, choice, folded, identifier, local_time, text
from surehand.people.access import Action, By, who_may
from surehand.people.models import Identity, Post
from surehand.people.people_file import PERSON_ID_NAMES, check, folded_id
from surehand.people.queries import terms_of
from surehand.practice import queries
from surehand.practice.actions import kept_version
from surehand.practice.models import Attempt, AttemptEnd, AttemptReference
from surehand.practice.policies import BACK_DATED_AT_MOST
from surehand.practice.queries import Playable
from surehand.timeline import instant, london_date
from surehand.ui.formats import day, moment, plural

_NAMED_IN_ENTRY = 100
LEFT = "left"

_RESULTS = {
    "passed": AttemptEnd.Result.PASSED,
    "pass": AttemptEnd.Result.PASSED,
    "yes": AttemptEnd.Result.PASSED,
    "notpassed": AttemptEnd.Result.NOT_PASSED,
    "failed": AttemptEnd.Result.NOT_PASSED,
    "fail": AttemptEnd.Result.NOT_PASSED,
    "no": AttemptEnd.Result.NOT_PASSED,
    "finished": AttemptEnd.Result.FINISHED,
    "completed": AttemptEnd.Result.FINISHED,
    "complete": AttemptEnd.Result.FINISHED,
    "left": LEFT,
    "leftearly": LEFT,
    "incomplete": LEFT,
    "notcompleted": LEFT,
    "abandoned": LEFT,
}


def _whole(what: str, most: int) -> Callable[[str], int]:
    """Reads a whole number from 0 to `most`."""

    def parse(cell: str) -> int:
        bare = cell.removesuffix(".0")
        if bare.isascii() and bare.isdigit() and len(bare) < 6 and int(bare) <= most:
            return int(bare)
        raise ValueError(f"“{shown(cell)}” is no number of {what} from 0 to {most:,}.")

    return parse


COLUMNS = (
    Column(
        "person_id",
        "Who: a person’s id",
        identifier,
        True,
        True,
        example="P001",
        also=PERSON_ID_NAMES,
    ),
    Column(
        "scenario",
        "The scenario’s code or title; one of the vendor’s own by the title it was recorded under",
        text(120),
        True,
        True,
        example="S06",
        also=("scenario code", "scenario title", "exercise", "task", "module", "title"),
    ),
    Column(
        "finished_at",
        "When it was finished",
        local_time("end"),
        True,
        True,
        example="2026-03-02T14:30",
        also=("finished", "completed at", "completed on", "completion date", "date", "ended at"),
    ),
    Column(
        "result",
        "passed, not passed, finished or left: what the vendor’s system called it",
        choice(
            _RESULTS,
            what="result",
            titles=[*(r.value.replace("_", " ") for r in AttemptEnd.Result), LEFT],
        ),
        True,
        True,
        example="passed",
        also=("outcome", "status", "score"),
    ),
    Column(
        "minutes",
        "How many minutes it took",
        _whole("minutes", 1440),
        example="6",
        also=("duration", "time taken", "length"),
    ),
    Column(
        "hints",
        "How many hints were taken",
        _whole("hints", 999),
        example="1",
        also=("hints used", "prompts"),
    ),
    Column(
        "reference",
        "What the vendor’s system calls this attempt",
        text(80),
        example="A-1207",
        also=("attempt id", "attempt", "record id"),
    ),
)

Said = tuple[str, int, int, str]
"""What a row says of an attempt: result (or LEFT), minutes, hints, reference."""
Key = tuple[int, str, datetime]
"""Person, the scenario's code, and when it was finished."""


@dataclass(frozen=True)
class NewAttempt:
    person: int
    service: int
    setting: str
    scenario: str
    finished_at: datetime
    said: Said


@dataclass
class AttemptsChange:
    """All that a file would write."""

    scenarios: dict[str, Playable] = field(default_factory=dict)
    attempts: list[NewAttempt] = field(default_factory=list)
    about: dict[int, str] = field(default_factory=dict)  # row → pseudonym


@dataclass(frozen=True)
class _Known:
    """What rows are compared with, and who brings them in."""

    by: By
    now: datetime
    people: Mapping[str, tuple[int, str]]
    posts: Mapping[int, list[tuple[Post, Any]]]
    allowed: frozenset[int] | None  # services one imports for; None for all
    scenarios: Mapping[str, Playable]
    titles: Mapping[str, str]


def compare(batch: Batch) -> Comparison:
    """Sort rows into added, unchanged and refused; a fixed number of statements, however many."""
    known = _known(batch.by)
    change = AttemptsChange(scenarios=dict(known.scenarios))
    result = Comparison(change=change)
    recorded = _recorded()
    seen: dict[Key, tuple[int, Said]] = {}
    older = 0
    for line in batch.lines.good:
        row = line.values
        person, pseudonym = known.people.get(folded_id(row["person_id"]), (None, ""))
        code = known.titles.get(_folded(row["scenario"]))
        post = _post(known, person, row["finished_at"])
        problem = _problem(known, row, person, code, post)
        if problem or person is None or code is None or post is None:
            result.refuse(line, *problem)
            continue
        change.about[line.row] = pseudonym
        key, said = (person, code, row["finished_at"]), _said(row)
        before = recorded.get(key)
        if key in seen:
            _again(result, line, said, *seen[key])
            continue
        seen[key] = (line.row, said)
        if before is not None and before != said:
            result.refuse(
                line,
                "finished_at",
                f"This attempt is here already, and something else is said of it "
                f"({_in_words(before)}). A file changes no attempt; take the row out.",
            )
            continue
        if before is not None:
            result.unchanged.append(line)
            continue
        older += row["finished_at"] < known.now - BACK_DATED_AT_MOST
        change.attempts.append(
            NewAttempt(
                person, post.service_id, post.service.setting, code, row["finished_at"], said
            )
        )
        result.added.append(line)
    if older:
        result.notes.append(
            f"{plural(older, 'row is', 'rows are')} of more than 14 days ago, and marked as late."
        )
    return result


def _known(by: By) -> _Known:
    scenarios = {**queries.scenarios(), **queries.elsewhere()}
    titles = {_folded(one.scenario.title): code for code, one in reversed(scenarios.items())}
    titles |= {_folded(code): code for code in scenarios}
    posts: dict[int, list[tuple[Post, Any]]] = {}
    terms = terms_of()
    for post in Post.objects.select_related("service").order_by("-start_date", "-pk"):
        posts.setdefault(post.person_id, []).append((post, terms.get(post.pk)))
    return _Known(
        by=by,
        now=evidence.clock.now(),
        people={
            folded_id(reference): (person, pseudonym)
            for reference, person, pseudonym in Identity.objects.values_list(
                "reference", "person_id", "person__pseudonym"
            )
        },
        posts=posts,
        allowed=None if by.covers_all(Action.IMPORT_PEOPLE) else by.services(Action.IMPORT_PEOPLE),
        scenarios=scenarios,
        titles=titles,
    )


def _folded(title: str) -> str:
    return folded(title) or " ".join(title.casefold().split())


def _post(known: _Known, person: int | None, finished_at: datetime) -> Post | None:
    """The post somebody had then, at a service one imports for: the one begun last."""
    on = london_date(instant(finished_at))
    for post, terms in known.posts.get(person or 0, ()):
        ended = terms is not None and terms.end_date is not None and terms.end_date < on
        if post.start_date <= on and not ended and _imports_for(known, post):
            return post
    return None


def _imports_for(known: _Known, post: Post) -> bool:
    return known.allowed is None or post.service_id in known.allowed


def _problem(
    known: _Known, row: Mapping[str, Any], person: int | None, code: str | None, post: Post | None
) -> tuple[str, str] | tuple[()]:
    """The column and the sentence for a row that cannot be taken in."""
    if person is None:
        return "person_id", (
            f"There is no person “{shown(row['person_id'])}”. Import the people file first."
        )
    if known.by.is_self(person):
        return "person_id", "This is about yourself. Ask somebody else to bring it in."
    if not any(_imports_for(known, held) for held, _ in known.posts.get(person, ())):
        return "person_id", (
            f"“{shown(row['person_id'])}” has no post at a service you import for. "
            f"It takes {who_may(Action.IMPORT_PEOPLE)}."
        )
    if code is None:
        return "scenario", (
            f"There is no scenario “{shown(row['scenario'])}”. Use a code or title of the list of "
            "practice; a title of the vendor’s own is recorded by hand once, under Assess."
        )
    if row["finished_at"] > known.now:
        return "finished_at", f"{moment(row['finished_at'])} is still to come. Correct the time."
    if post is None:
        return "finished_at", (
            f"“{shown(row['person_id'])}” had no post on {day(row['finished_at'])}. "
            "Correct the time, or import the people file first."
        )
    return ()


def _said(row: Mapping[str, Any]) -> Said:
    return (
        str(row["result"]),
        row.get("minutes") or 0,
        row.get("hints") or 0,
        row.get("reference") or "",
    )


def _in_words(said: Said) -> str:
    return "left" if said[0] == LEFT else AttemptEnd.Result(said[0]).label.lower()


def _again(result: Comparison, line: Line, said: Said, first: int, before: Said) -> None:
    """The same person, scenario and moment a second time in one file."""
    if said == before:
        result.unchanged.append(line)
    else:
        result.refuse(
            line,
            "finished_at",
            f"Row {first} says something else about the same attempt. Keep one of the two.",
        )


def _recorded() -> dict[Key, Said]:
    """What files said before."""
    ends = AttemptEnd.objects.filter(attempt__finished_at__isnull=False).values_list(
        *("attempt__person_id", "attempt__scenario__code", "attempt__finished_at", "how", "result"),
        *("seconds", "hints", "attempt__reference__text"),
    )
    return {
        (person, code, finished_at): (
            LEFT if how == AttemptEnd.How.LEFT else result,
            seconds // 60,
            hints,
            reference or "",
        )
        for person, code, finished_at, how, result, seconds, hints, reference in ends
    }


def write(act: Any, result: Comparison) -> Mapping[int, str]:
    """Attempts with their ends and references. No post is touched: readiness does not ask (R7)."""
    change: AttemptsChange = result.change
    versions = {
        code: kept_version(act, change.scenarios[code])
        for code in dict.fromkeys(new.scenario for new in change.attempts)
    }
    profiles = profiles_in_use(at=act.recorded_at)
    attempts = [
        Attempt(
            person_id=new.person,
            service_id=new.service,
            scenario=versions[new.scenario],
            profile=queries.named(profiles[new.setting]),
            mode=Attempt.Mode.PRACTISE,
            where=Attempt.Where.VENDOR,
            finished_at=new.finished_at,
            by=None,
        )
        for new in change.attempts
    ]
    act.record_all(attempts, batch_size=2000)
    act.record_all([_end(one, new.said) for one, new in _pairs(attempts, change)], batch_size=2000)
    AttemptReference.objects.bulk_create(
        [
            AttemptReference(attempt=attempt, text=new.said[3])
            for attempt, new in _pairs(attempts, change)
            if new.said[3]
        ],
        batch_size=2000,
    )
    rows = {line.row for line in result.added}
    named = {pseudonym for row, pseudonym in change.about.items() if row in rows}
    if len(named) <= _NAMED_IN_ENTRY:
        act.about(*named)
    return change.about


def _pairs(attempts: list[Attempt], change: AttemptsChange) -> list[tuple[Attempt, NewAttempt]]:
    return list(zip(attempts, change.attempts, strict=True))


def _end(attempt: Attempt, said: Said) -> AttemptEnd:
    result, minutes, hints, _ = said
    left = result == LEFT
    return AttemptEnd(
        attempt=attempt,
        how=AttemptEnd.How.LEFT if left else AttemptEnd.How.FINISHED,
        seconds=minutes * 60,
        hints=hints,
        result="" if left else result,
    )


KIND = Kind(
    name="attempts",
    title="Practice in the vendor’s training system",
    what="Who tried which scenario there, and how it ended. It makes nobody ready.",
    check=check,
    layouts=(Layout("attempts", COLUMNS, compare, write),),
)
