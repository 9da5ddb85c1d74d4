"""How sure people are beside how their checks went (1.7): the four corners, for a person and for a
cohort, as at any moment; and what somebody is asked about themselves."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from surehand.assessment.models import Assessment, Outcome
from surehand.assessment.queries import standing
from surehand.competency.models import Check
from surehand.competency.queries import document_of, latest_checks, plan_in_force
from surehand.home.support import checks_asked_of
from surehand.people.models import Person
from surehand.support import rules
from surehand.support.corners import BANDS, Cell, Entry, Row
from surehand.support.models import Confidence
from surehand.support.queries import confidence
from surehand.support.rules import CORNERS, Band, Said
from surehand.timeline import instant, london_date
from surehand.ui.formats import day, plural
from surehand.ui.page import address

S = Confidence.Statement
LEVELS = {
    1: "No, not at all",
    2: "Not really",
    3: "Half and half",
    4: "Mostly",
    5: "Yes, fully",
}
# After a check it is asked for so long.
ASKED_AFTER = timedelta(days=28)
OUTCOMES = {**{o.value: o.label for o in Outcome}, "": "Not checked yet"}
# The accent means “look here”; the tones of the five readiness states say nothing else.
TONES = {
    ("pass", Band.HIGH): "brand",
    ("pass", Band.LOW): "accent",
    ("further_support", Band.HIGH): "accent",
    ("further_support", Band.LOW): "plain",
}
WHEN = {"after": "Said after the check", "before": "Said before the check"}


@dataclass(frozen=True)
class Pair:
    """What one person said of one competency, and how their last check of it went ("": none)."""

    person: int
    competency: int
    level: int
    outcome: str
    judged_on: date | None
    answers: int
    total: int

    @property
    def key(self) -> str:
        """The cell of the picture it stands in."""
        return f"{self.outcome or 'none'}-{rules.band(self.level)}"


def pairs(
    people: Collection[int], *, at: datetime, known: int | None = None, when: str = "after"
) -> list[Pair]:
    """What these people said beside the last outcome of each check at `at`; two statements."""
    judged: dict[tuple[int, int], Assessment] = {}
    for each in (
        standing(known=known)
        .filter(person__in=people, happened_at__lte=at)
        .order_by("happened_at", "entry")
    ):
        judged[each.person_id, each.competency_id] = each
    found = []
    for (person, competency), answers in confidence(people, at=at, known=known).items():
        said = said_by(answers)
        last = judged.get((person, competency))
        if last is not None:
            part = rules.after if when == "after" else rules.before
            said = part(said, instant(last.happened_at))
        level = rules.level(said)
        if level is None:
            continue
        latest = {a.statement: a.level for a in said}
        found.append(
            Pair(
                person,
                competency,
                level,
                last.outcome if last else "",
                london_date(instant(last.happened_at)) if last else None,
                len(latest),
                sum(latest.values()),
            )
        )
    return found


def said_by(answers: Iterable[Confidence]) -> list[Said]:
    return [Said(a.statement, a.level, instant(a.happened_at)) for a in answers]


def picture(
    found: Sequence[Pair],
    *,
    names: Mapping[int, Person],
    checks: Mapping[int, Check],
    href: str = "",
) -> list[Row]:
    """The four corners: outcomes down, confidence across. `href` is the address that lists a cell
    when its name is added; without it the lines stand in the cell itself."""
    by_cell: dict[str, list[Pair]] = defaultdict(list)
    for pair in found:
        by_cell[pair.key].append(pair)
    rows = []
    for outcome, label in OUTCOMES.items():
        cells = []
        for band in Band:
            key = f"{outcome or 'none'}-{band}"
            own = by_cell[key]
            cells.append(
                Cell(
                    len(own),
                    CORNERS.get((outcome, band), ""),
                    TONES.get((outcome, band), "plain"),
                    f"{href}{key}#who" if href and own else "",
                    BANDS[band],
                    entries(own, names=names, checks=checks, alone=not href),
                )
            )
        if outcome in {"pass", "further_support"} or any(cell.count for cell in cells):
            rows.append(Row(label, cells))
    return rows


def entries(
    found: Iterable[Pair],
    *,
    names: Mapping[int, Person],
    checks: Mapping[int, Check],
    alone: bool = False,
) -> list[Entry]:
    """The people and checks behind a number, by name; `alone`: one person's, so by check."""
    lines = []
    for pair in found:
        check, person = checks.get(pair.competency), names[pair.person]
        short = check.short if check else "A competency"
        how = f"{OUTCOMES[pair.outcome]} on {day(pair.judged_on)}" if pair.judged_on else ""
        code = check.competency.code if check else ""
        lines.append(
            Entry(
                short if alone else f"{person}: {short}",
                f"{address('person', person.pseudonym)}?about={code}#what-happened",
                f"Says {pair.level} of 5. {how or 'Not checked yet'}.",
                rules.worth_a_word(pair.level, pair.outcome),
            )
        )
    return sorted(lines, key=lambda line: line.text)


def average(found: Sequence[Pair]) -> float | None:
    """The average of all answers; None without any."""
    answers = sum(pair.answers for pair in found)
    return sum(pair.total for pair in found) / answers if answers else None


# --- Oneself --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ask:
    """One competency somebody is asked about: why now, and what they said since the last check."""

    competency: int
    code: str
    short: str
    why: str
    said: dict[str, Confidence]

    @property
    def next(self) -> str:
        """The statement still to be answered; empty when all are."""
        return next((s for s in S.values if s not in self.said), "")

    @property
    def href(self) -> str:
        return address("say-confidence", self.code)


def asks(person: int, *, at: datetime) -> list[Ask]:
    """What a person is asked about themselves: each check asked for, and each judged in the last 28
    days, the latest first; a fixed number of statements."""
    checks = latest_checks()
    why: dict[int, str] = {
        item.competency: f"{item.why}."
        for item in checks_asked_of([person], at=at).get(person, ())
        if item.competency is not None
    }
    judged = {
        a.competency_id: a
        for a in standing().filter(person=person, happened_at__lte=at).order_by("happened_at")
    }
    for each in sorted(judged.values(), key=lambda a: a.happened_at, reverse=True):
        if each.happened_at > at - ASKED_AFTER:
            why.setdefault(each.competency_id, f"Checked on {day(each.happened_at)}.")
    answers = confidence([person], at=at)
    found = []
    for competency, because in why.items():
        if competency not in checks:
            continue
        last = judged.get(competency)
        said = {
            a.statement: a
            for a in answers.get((person, competency), ())
            if last is None or a.happened_at >= last.happened_at
        }
        check = checks[competency]
        found.append(Ask(competency, check.competency.code, check.short, because, said))
    return found


def statement_of(ask: Ask, statement: str, *, at: datetime) -> str:
    """The statement as it is read out: what one could do alone is said in the plan's words."""
    words = S(statement).label
    if statement != S.ALONE:
        return f"{words}."
    plan = plan_in_force(at=at)
    known = document_of(plan).competencies if plan else ()
    can = next((c.can for c in known if c.code == ask.code), "")
    return f"{words} {can.removeprefix('I can ')}." if can else f"{words} do “{ask.short}”."


def prompt(found: Sequence[Ask]) -> tuple[str, str, str] | None:
    """What, why and address of the one line on one's home; None when nothing is asked."""
    waiting = [ask for ask in found if ask.next]
    if not waiting:
        return None
    first = waiting[0]
    more = len(waiting) - 1
    rest = f" {plural(more, 'more', 'more')} after that." if more else ""
    return f"How sure are you? {first.short}", f"{first.why} Three taps.{rest}", first.href
