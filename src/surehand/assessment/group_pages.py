"""What the pages of a group assessment show, worked out so that templates and the script only
draw."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.template import engines
from django.urls import reverse

from surehand.assessment import group as rules
from surehand.assessment import queries
from surehand.assessment.group_actions import SAYS, UNTOUCHED_AT_MOST
from surehand.assessment.models import GroupAnswer, GroupAssessment, GroupPerson, Outcome
from surehand.assessment.outcomes import CompetencyState
from surehand.assessment.pages import LOOKS
from surehand.competency.models import Check
from surehand.competency.queries import needs_of_posts
from surehand.competency.rules import Criterion
from surehand.people.access import By
from surehand.people.models import Person, Post, Service, TeamDetails
from surehand.people.names import typed
from surehand.people.queries import current_posts, terms_of
from surehand.people.roles import JOB_ROLES, in_words
from surehand.timeline import instant, london_date, moment
from surehand.ui.formats import day, plural
from surehand.ui.formats import moment as in_full
from surehand.ui.page import Link, address

JUDGING = timedelta(minutes=2)  # who answered so recently is judging now
A_ROOM = 16  # so many people are suggested ticked; more are for the assessor to choose from


@dataclass(frozen=True)
class Column:
    """One criterion of the check."""

    code: str
    text: str
    critical: bool


@dataclass(frozen=True)
class Choice:
    """One button of a cell: what it answers, as sent, and whether that is so already."""

    does: str
    value: str
    on: bool = False
    hidden: bool = False


@dataclass(frozen=True)
class Cell:
    """One criterion of one person. A sent value is “criterion|judged|help given|version seen”."""

    column: Column
    answer: rules.Answer
    version: int
    proposes: str = ""  # what marking proposes, in words

    @property
    def choices(self) -> list[Choice]:
        judged, helped = self.answer.judged, self.answer.help_given
        return [
            *(
                Choice(does, self._value("" if judged == does else does, helped), judged == does)
                for does in ("met", "not_met")
            ),
            Choice("help", self._value(judged, min(helped + 1, rules.MOST_HELP)), helped > 0),
            Choice("less", self._value(judged, max(helped - 1, 0)), hidden=helped == 0),
        ]

    def _value(self, judged: str, help_given: int) -> str:
        return f"{self.column.code}|{judged}|{help_given}|{self.version}"


@dataclass(frozen=True)
class Row:
    """One person of the room. `what_next` says what is still missing; `ready`: nothing is, so they
    can be recorded. A `locked` row is recorded, or about whoever is looking. `agree` says what it
    comes to if all that marking proposes is agreed with; `how` leads to how it was done."""

    key: str
    name: str
    line: str
    cells: list[Cell]
    note: str
    note_version: int
    version: int
    judging: str
    outcome: tuple[str, str, str] | None  # words, tone, icon
    what_next: str
    ready: bool
    recorded: Link | None
    locked: bool
    action: str
    take_out: str
    agree: str
    how: Link | None

    @property
    def to_record(self) -> str:
        """What is sent to record this person just as shown."""
        return f"{self.key}:{self.version}"


@dataclass(frozen=True)
class Grid:
    """The room as one assessor sees it now."""

    group: GroupAssessment
    columns: list[Column]
    rows: list[Row]

    @property
    def ready(self) -> list[Row]:
        return [row for row in self.rows if row.ready]

    @property
    def open(self) -> list[Row]:
        return [row for row in self.rows if row.recorded is None]

    @property
    def judging(self) -> list[str]:
        """Who else is judging whom."""
        return [f"{row.judging} {row.name}." for row in self.rows if row.judging]

    def state(self) -> dict[str, object]:
        """What the script needs to draw what others did."""
        engine = engines["jinja2"].env  # type: ignore[attr-defined]
        parts = engine.get_template("assessment/group_parts.html").module
        return {
            "summary": str(parts.summary(self)),
            "rows": {
                row.key: {
                    "cells": {
                        cell.column.code: [
                            cell.answer.judged, cell.answer.help_given, cell.version,
                        ]
                        for cell in row.cells
                    },
                    "note": row.note,
                    "note_version": row.note_version,
                    "locked": row.locked,
                    "judging": f"{row.judging} now" if row.judging else "",
                    "status": str(parts.status(row)),
                }
                for row in self.rows
            },
        }  # fmt: skip


def grid(group: GroupAssessment, *, by: By, now: datetime) -> Grid:
    """The room now; the number of SQL statements does not grow with its people."""
    check = group.check_version
    columns = [Column(c["code"], c["text"], c["critical"]) for c in check.criteria]
    kept = list(
        group.people.select_related(
            "person__identity", "by__identity", "assessment__by__identity", "attempt"
        ).order_by("person__identity__name", "pk")
    )
    answers: dict[int, dict[str, GroupAnswer]] = {row.pk: {} for row in kept}
    for answer in GroupAnswer.objects.filter(row__in=kept):
        answers[answer.row_id][answer.criterion] = answer
    lines = _lines(group.service_id, [row.person_id for row in kept], now)
    return Grid(
        group,
        columns,
        [
            _row(group, row, answers[row.pk], columns, lines.get(row.person_id, ""), by, now)
            for row in kept
        ],
    )


def _lines(service: int, people: Collection[int], now: datetime) -> dict[int, str]:
    posts = Post.objects.filter(
        person__in=people, service=service, start_date__lte=london_date(instant(now))
    ).order_by("pk")
    return {post.person_id: JOB_ROLES[post.job_role].title for post in posts}


def _row(
    group: GroupAssessment,
    row: GroupPerson,
    kept: dict[str, GroupAnswer],
    columns: list[Column],
    line: str,
    by: By,
    now: datetime,
) -> Row:
    answers = {code: rules.Answer(a.judged, a.help_given) for code, a in kept.items()}
    criteria = [Criterion(c.code, c.text, c.critical) for c in columns]
    proposed = rules.proposed(criteria, answers)
    still_open = len(rules.open_criteria(criteria, answers))
    done = row.assessment
    mine = by.is_self(row.person_id)
    # Help that was counted in practice is no judgement yet, whatever it comes to.
    proposed = proposed if still_open < len(columns) or not row.attempt_id else None
    outcome = Outcome(done.outcome) if done else Outcome(proposed) if proposed else None
    passed = outcome == Outcome.PASS
    if done:
        next_ = f"Recorded by {done.by}."
    elif mine:
        next_ = "This is you. A colleague judges you."
    elif still_open == len(columns):
        next_ = "Not judged yet."
    elif still_open:
        next_ = f"{len(columns) - still_open} of {len(columns)} judged."
    elif not passed and not row.note:
        next_ = "Write a note of what you saw, then record."
    else:
        next_ = ""
    recent = row.by is not None and row.at is not None and now - row.at < JUDGING
    others = recent and row.by_id != by.person and done is None
    key = row.person.pseudonym
    return Row(
        key=key,
        name=str(row.person),
        line=line,
        cells=[
            Cell(
                c,
                answers.get(c.code, rules.Answer()),
                kept[c.code].version if c.code in kept else 0,
                _proposes(row, c.code),
            )
            for c in columns
        ],
        note=row.note,
        note_version=row.note_version,
        version=row.version,
        judging=f"{row.by} is judging" if others else "",
        outcome=(outcome.label, *LOOKS[outcome]) if outcome else None,
        what_next=next_,
        ready=not done and not mine and not next_,
        recorded=Link("The assessment", reverse("assessment", args=[done.entry])) if done else None,
        locked=done is not None or mine,
        action=reverse("group-answer", args=[group.pk, key]),
        take_out="" if done or mine else reverse("group-take-out", args=[group.pk, key]),
        agree="" if done or mine else _agree(row, criteria, answers),
        how=Link("How it was done", address("practice-replay", row.attempt.entry))
        if row.attempt
        else None,
    )  # fmt: skip


def _proposes(row: GroupPerson, code: str) -> str:
    if row.attempt_id is None:
        return ""
    judged = row.proposes.get(code)
    return f"Marking proposes: {SAYS[judged]}." if judged else "Marking proposes nothing."


def _agree(
    row: GroupPerson, criteria: Collection[Criterion], answers: dict[str, rules.Answer]
) -> str:
    """What one press of it does; empty where nothing proposed is open."""
    if not any(one.code in row.proposes for one in rules.open_criteria(criteria, answers)):
        return ""
    after = rules.agreed(criteria, answers, row.proposes)
    if not rules.can_be_recorded(criteria, after, note=row.note):
        return "Agree with what is proposed"
    outcome = rules.proposed(criteria, after)
    assert outcome is not None  # everything is judged then
    return f"Agree and record: {Outcome(outcome).label}"


def lede(group: GroupAssessment, grid: Grid) -> str:
    if any(row.how for row in grid.rows):
        return f"{_begun(group)}, from a session in practice. Marking proposes; you judge."
    when = f" Seen on {in_full(group.happened_at)}." if group.happened_at else ""
    return f"{_begun(group)}.{when} Watch without helping; count each time you do help."


def _begun(group: GroupAssessment) -> str:
    where = f", in {group.place}" if group.place else ""
    return f"Begun by {group.begun_by} on {day(group.begun_at)}{where}"


def kept_until(group: GroupAssessment) -> str:
    """The day on which the room is removed if nobody touches it."""
    return day(group.touched_at + UNTOUCHED_AT_MOST)


# ---- choosing people ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Narrowed:
    """What the address narrows the people to."""

    name: str = ""
    role: str = ""
    team: str = ""

    def __bool__(self) -> bool:
        return bool(self.name or self.role or self.team)


@dataclass(frozen=True)
class Candidate:
    person: Person
    line: str
    ticked: bool = False


@dataclass(frozen=True)
class Candidates:
    """Whom to take into a room: those who wait for this check, and everybody else here."""

    waiting: list[Candidate]
    others: list[Candidate]
    roles: list[tuple[str, str]]
    teams: list[tuple[str, str]]
    chosen: Narrowed

    @property
    def people(self) -> list[Person]:
        return [each.person for each in (*self.waiting, *self.others)]


def candidates(
    *,
    by: By,
    service: Service,
    check: Check,
    now: datetime,
    chosen: Narrowed,
    but: Collection[int] = (),
) -> Candidates:
    """Everybody here but oneself (R14) and those already in the room; the number of SQL statements
    does not grow with the people."""
    today = london_date(instant(now))
    everybody = [
        p
        for p in current_posts([service.pk], on=today)
        if not by.is_self(p.person_id) and p.person_id not in but
    ]
    terms = terms_of([p.pk for p in everybody])
    teams = dict(TeamDetails.objects.filter(team__service=service).values_list("team_id", "name"))

    def team_of(post: Post) -> int | None:
        held = terms.get(post.pk)
        return held.team if held else None

    posts = [
        p
        for p in everybody
        if typed(chosen.name) in typed(str(p.person))
        and chosen.role in {"", p.job_role}
        and chosen.team in {"", str(team_of(p))}
    ]
    needs = needs_of_posts(posts, at=now)
    standings = queries.standings(posts, at=now)
    asked = {
        r.person_id
        for r in queries.open_requests([service.pk])
        if r.competency_id == check.competency_id
    }
    waiting: dict[int, Candidate] = {}
    others: dict[int, Candidate] = {}
    for post in posts:
        need = needs[post.pk].get(check.competency_id)
        standing = standings[post.pk].get(check.competency_id)
        competent = standing is not None and standing.state is CompetencyState.COMPETENT
        waits = post.person_id in asked or (need is not None and not competent)
        facts = [
            JOB_ROLES[post.job_role].title,
            teams.get(team_of(post) or 0, ""),
            _stands(standing, needed=need is not None, asked=post.person_id in asked),
        ]
        found = Candidate(post.person, " · ".join(f for f in facts if f))
        (waiting if waits else others).setdefault(post.person_id, found)
    ticked = len(waiting) <= A_ROOM
    return Candidates(
        waiting=[Candidate(c.person, c.line, ticked) for c in waiting.values()],
        others=[c for person, c in others.items() if person not in waiting],
        roles=sorted(
            {(p.job_role, JOB_ROLES[p.job_role].title) for p in everybody}, key=lambda r: r[1]
        ),
        teams=sorted(((str(pk), name) for pk, name in teams.items()), key=lambda t: t[1]),
        chosen=chosen,
    )


def _stands(standing: queries.Standing | None, *, needed: bool, asked: bool) -> str:
    if asked:
        return "asked for"
    if standing is None:
        return "not shown yet" if needed else "not needed"
    if standing.state is CompetencyState.COMPETENT:
        return f"passed, until {day(moment(standing.until - 1))}"
    return {
        CompetencyState.PARTLY: "passed in part",
        CompetencyState.FAILED: "further support",
        CompetencyState.EXPIRED: "ran out",
    }[standing.state]


# ---- under way ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class UnderWay:
    """A room somebody can go on with."""

    what: str
    why: str
    href: str
    due: str


def under_way(service: Service) -> list[UnderWay]:
    return [
        UnderWay(
            what=f"{group.check_version.short}: {plural(to_record, 'person', 'people')} to record",
            why=f"{_begun(group)}.",
            href=reverse("group", args=[group.pk]),
            due=f"Kept until {kept_until(group)}",
        )
        for group, to_record in queries.groups_under_way([service.pk])
    ]


def named(people: Collection[object]) -> str:
    return in_words([str(person) for person in people])
