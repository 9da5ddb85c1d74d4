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
from surehand.people.models import Person, Post, Service, TeamDetails
from surehand.people.queries import current_posts, terms_of
from surehand.people.roles import JOB_ROLES
from surehand.support import rules
from surehand.support.attendance import attended
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
BANDS = {
    Band.LOW: "Not sure (1 or 2)",
    Band.MIDDLE: "Half and half (3)",
    Band.HIGH: "Sure (4 or 5)",
}
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


@dataclass(frozen=True)
class Entry:
    """One line behind a number."""

    text: str
    href: str
    why: str
    look: bool


@dataclass(frozen=True)
class Cell:
    """One field of the picture: how many, its corner's name and tone, and where they are listed."""

    count: int
    name: str
    tone: str
    href: str
    band: str
    entries: list[Entry]


@dataclass(frozen=True)
class Row:
    outcome: str
    cells: list[Cell]


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


# --- A cohort -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cohort:
    """Who is looked at, and what else could be chosen: (value, words) for each filter."""

    people: dict[int, Person]
    teams: list[tuple[str, str]]
    job_roles: list[tuple[str, str]]
    starts: list[tuple[str, str]]
    courses: list[tuple[str, str]]


def cohort(service: Service, *, at: datetime, chosen: Mapping[str, str]) -> Cohort:
    """The people with a post at a service on the day of `at`, by the filters `team`, `role`,
    `started` (YYYY-MM) and `course` (its key)."""
    posts = current_posts([service.pk], on=london_date(instant(at)))
    terms = terms_of([p.pk for p in posts])
    teams = dict(TeamDetails.objects.filter(team__service=service).values_list("team_id", "name"))
    taken = attended({p.person_id for p in posts}, at=at)
    courses = {str(a.course_id): str(a.course) for own in taken.values() for a in own}

    def of(post: Post) -> dict[str, set[str]]:
        held = terms.get(post.pk)
        return {
            "team": {str(held.team)} if held and held.team else set(),
            "role": {post.job_role},
            "started": {f"{post.start_date:%Y-%m}"},
            "course": {str(a.course_id) for a in taken.get(post.person_id, ())},
        }

    return Cohort(
        people={
            post.person_id: post.person
            for post in posts
            if all(not chosen[name] or chosen[name] in has for name, has in of(post).items())
        },
        teams=sorted(((str(pk), name) for pk, name in teams.items()), key=lambda each: each[1]),
        job_roles=[
            (code, role.title)
            for code, role in JOB_ROLES.items()
            if any(p.job_role == code for p in posts)
        ],
        starts=[
            (month, f"{date.fromisoformat(f'{month}-01'):%B %Y}")
            for month in sorted({f"{p.start_date:%Y-%m}" for p in posts}, reverse=True)
        ],
        courses=sorted(courses.items(), key=lambda each: each[1]),
    )


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
