"""What the matrix page shows, decided here so that its template holds no logic."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlencode

from markupsafe import Markup

from surehand.competency.models import Check
from surehand.competency.queries import groups_of
from surehand.people.models import Employment, Service
from surehand.people.roles import JOB_ROLES
from surehand.people.web import AsAt
from surehand.readiness.matrix import Cell, Matrix, Row
from surehand.readiness.reasons import STATE_KEYS, STATE_WORDS, last_day, open_ended
from surehand.readiness.rules import CompetencyState, State
from surehand.timeline import FOREVER, Instant, instant, moment
from surehand.ui.export import Export
from surehand.ui.formats import day, initials, iso, month, number, plural, short_month
from surehand.ui.formats import moment as moment_in_words
from surehand.ui.page import Link, address

SOON = timedelta(days=30)
TODO, ENDING = "todo", "ending"


@dataclass(frozen=True)
class Filters:
    """Which of the people are shown; empty means any. `only` is TODO or ENDING."""

    team: str = ""
    job_role: str = ""
    readiness: str = ""
    only: str = ""

    def lists(self, row: Row) -> bool:
        """Team and job role: the people the page is about."""
        return (not self.job_role or row.post.job_role == self.job_role) and (
            not self.team or (row.terms is not None and str(row.terms.team) == self.team)
        )

    def shows(self, row: Row, at: Instant) -> bool:
        if self.readiness and STATE_KEYS[row.state] != self.readiness:
            return False
        if self.only == TODO:
            return something_to_do(row)
        return self.only != ENDING or ends_soon(row, at)

    @property
    def address(self) -> list[tuple[str, str]]:
        pairs = [
            ("team", self.team),
            ("role", self.job_role),
            ("readiness", self.readiness),
            ("only", self.only),
        ]
        return [pair for pair in pairs if pair[1]]


def something_to_do(row: Row) -> bool:
    """Whoever may not use the live system alone is somebody's task."""
    return row.state is not State.INDEPENDENT


def ends_soon(row: Row, at: Instant) -> bool:
    return any(cell_kind(row, competency, at) == "soon" for competency in row.cells)


def cell_kind(row: Row, competency: int, at: Instant) -> str:
    """How a cell is drawn (ui/matrix.html)."""
    cell = row.cells[competency]
    if not cell.needed:
        return "none"
    if cell.state is CompetencyState.COMPETENT:
        if cell.gate and row.state is State.AWAITING_SIGN_OFF and _since_sign_off(row, cell):
            return "passed"
        return "soon" if (cell.until or 0) <= at + SOON // _MICROSECOND else "held"
    if row.permission and competency in row.permission.competencies:
        return "with"
    if cell.state is CompetencyState.FAILED:
        return "failed"
    return "partly" if cell.state is CompetencyState.PARTLY else "todo"


_MICROSECOND = timedelta(microseconds=1)


def _since_sign_off(row: Row, cell: Cell) -> bool:
    """Whether the sign-off waited for is the first to rest on this pass."""
    return row.signed_at is None or (cell.since or 0) > row.signed_at


class Look(NamedTuple):
    """How a cell is drawn, but for its address. A page of thousands of cells has few looks, so
    that each is drawn once."""

    kind: str
    text: str = ""
    light: bool = False


class CellView(NamedTuple):
    look: Look
    href: str
    first: bool  # of its group of competencies


@dataclass(frozen=True)
class RowView:
    name: str
    href: str
    line: str
    state: str
    cells: Sequence[CellView]
    post: int


@dataclass(frozen=True)
class GroupView:
    heading: str
    line: str
    rows: Sequence[RowView]


@dataclass(frozen=True)
class Total:
    have: int
    all: int
    first: bool


@dataclass(frozen=True)
class Head:
    """One competency at the head of its column."""

    code: str
    short: str
    title: str
    first: bool


@dataclass(frozen=True)
class MatrixPage:
    question: str
    lede: Markup
    heads: Sequence[tuple[str, Sequence[Head]]]  # by group of competencies
    groups: Sequence[GroupView]
    looks: Collection[Look]
    independent: str
    totals: Sequence[Total]
    todo: int
    ending: int
    waiting: int
    shown: str
    columns: int


def matrix_page(
    found: Matrix, *, service: Service, as_at: AsAt, filters: Filters, signs: bool
) -> MatrixPage:
    """`signs`: whether whoever looks may sign people off."""
    at = instant(found.at)
    listed = [row for row in found.rows if filters.lists(row)]
    rows = [row for row in listed if filters.shows(row, at)]
    heads = _heads(found)
    order = [(c, head.first) for _, group in heads for c, head in group]
    query = urlencode([*as_at.address, ("service", service.code)])
    waiting = sum(row.state is State.AWAITING_SIGN_OFF for row in listed)
    alone = sum(row.state is State.INDEPENDENT for row in rows)
    groups = list(_groups(rows, found, order, at=at, query=query))
    return MatrixPage(
        question=f"{_who(as_at)} ready at {service}?",
        lede=_lede(listed, as_at=as_at, waiting=waiting, signs=signs),
        heads=[(name, [head for _, head in group]) for name, group in heads],
        groups=groups,
        looks={c.look for group in groups for row in group.rows for c in row.cells},
        independent=f"{alone} of {len(rows)} on their own",
        totals=[_total(rows, competency, first) for competency, first in order],
        todo=sum(map(something_to_do, listed)),
        ending=sum(ends_soon(row, at) for row in listed),
        waiting=waiting,
        shown=_shown(found, rows, as_at),
        columns=len(order) + 2,
    )


def _who(as_at: AsAt) -> str:
    if as_at.chosen is None:
        return "Who is"
    return "Who was" if as_at.is_past else "Who will be"


def _lede(rows: Sequence[Row], *, as_at: AsAt, waiting: int, signs: bool) -> Markup:
    people = len({row.post.person_id for row in rows})
    not_alone = {row.post.person_id for row in rows if row.state is not State.INDEPENDENT}
    alone = people - len(not_alone)
    what = Markup("<strong>{} of {}</strong> ").format(
        number(alone), plural(people, "person", "people")
    )
    if as_at.chosen is None:
        words = "may use the live system on their own."
    elif as_at.is_past:
        words = f"could use the live system on their own at {moment_in_words(as_at.chosen)}."
    else:
        words = (
            "will be able to use the live system on their own at "
            f"{moment_in_words(as_at.chosen)}, if nothing changes."
        )
    if waiting and as_at.chosen is None:
        whose = "your sign-off" if signs else "the workforce lead’s sign-off"
        words += f" {number(waiting)} {'waits' if waiting == 1 else 'wait'} only for {whose}."
    return what + words


def _heads(found: Matrix) -> list[tuple[str, list[tuple[int, Head]]]]:
    """The competencies anybody here needs, grouped, in the plan's order."""
    needed = {c for row in found.rows for c, cell in row.cells.items() if cell.needed}
    order = groups_of(found.plan) if found.plan else ()
    groups: dict[str, list[tuple[int, Check]]] = {name: [] for name in order}
    for competency, check in found.checks.items():
        if competency in needed:
            groups.setdefault(check.group, []).append((competency, check))
    return [
        (
            name,
            [
                (c, Head(check.competency.code, check.short, check.title, first=n == 0))
                for n, (c, check) in enumerate(checks)
            ],
        )
        for name, checks in groups.items()
        if checks
    ]


_MOST_RESPONSIBLE_FIRST = tuple(reversed(JOB_ROLES))
_BANK_AND_AGENCY = "bank-and-agency"


def group_of(row: Row) -> str:
    """The job role, but bank and agency people stand in a group of their own."""
    if row.post.employment != Employment.PERMANENT:
        return _BANK_AND_AGENCY
    return row.post.job_role


def _groups(
    rows: Sequence[Row],
    found: Matrix,
    order: Sequence[tuple[int, bool]],
    *,
    at: Instant,
    query: str,
) -> Iterator[GroupView]:
    base = address("matrix")
    moment_kept = f"?{query}" if query else ""
    for key in (*_MOST_RESPONSIBLE_FIRST, _BANK_AND_AGENCY):
        own = [row for row in rows if group_of(row) == key]
        if not own:
            continue
        counts = {sum(cell.needed for cell in row.cells.values()) for row in own}
        each = f"{min(counts)} to {max(counts)}" if len(counts) > 1 else f"{max(counts)}"
        agency = key == _BANK_AND_AGENCY
        yield GroupView(
            heading="Bank and agency" if agency else JOB_ROLES[key].plural,
            line=f"{plural(len(own), 'person', 'people')}, {each} "
            f"{'competency' if each == '1' else 'competencies'} each",
            rows=[
                RowView(
                    name=str(row.post.person),
                    href=_person(row, moment_kept),
                    line=_line(row) if agency else "",
                    state=STATE_KEYS[row.state],
                    cells=list(_cells(row, found.checks, order, at=at, base=base, query=query)),
                    post=row.post.pk,
                )
                for row in own
            ],
        )


def _person(row: Row, moment_kept: str) -> str:
    href = address("person", row.post.person.pseudonym)
    return href + moment_kept if href else ""


def _line(row: Row) -> str:
    return f"{JOB_ROLES[row.post.job_role].title}, {row.post.employment}"


def _cells(
    row: Row,
    checks: Mapping[int, Check],
    order: Iterable[tuple[int, bool]],
    *,
    at: Instant,
    base: str,
    query: str,
) -> Iterator[CellView]:
    person = row.post.person.pseudonym
    for competency, first in order:
        cell = row.cells[competency]
        kind = cell_kind(row, competency, at)
        if kind == "none":
            yield CellView(_NONE, "", first)
            continue
        href = f"{base}{person}/{checks[competency].competency.code}/?{query}"
        yield CellView(Look(kind, _text(kind, cell, row), not cell.gate), href, first)


_NONE = Look("none")


def _text(kind: str, cell: Cell, row: Row) -> str:
    if kind == "held":
        return _month(cell.until or FOREVER)
    if kind == "soon":
        return short_month(moment((cell.until or 0) - 1))
    if kind == "with" and row.permission:
        names = row.supervisors
        more = f" +{len(names) - 1}" if len(names) > 1 else ""
        return f"With {initials(names[0])}{more}" if names else ""
    if kind == "todo" and cell.state is CompetencyState.EXPIRED:
        return "Ran out"
    return ""


@lru_cache(maxsize=4096)
def _month(until: Instant) -> str:
    """The month of the last day of a stretch that ends (exclusive) at `until`."""
    return "For good" if until == FOREVER else month(moment(until - 1))


def _total(rows: Sequence[Row], competency: int, first: bool) -> Total:
    needed = [cell for row in rows if (cell := row.cells[competency]).needed]
    return Total(
        sum(cell.state is CompetencyState.COMPETENT for cell in needed), len(needed), first
    )


def _shown(found: Matrix, rows: Sequence[Row], as_at: AsAt) -> str:
    people = len({row.post.person_id for row in rows})
    everybody = len({row.post.person_id for row in found.rows})
    plan = (
        f"Plan version {found.plan.number}, in force since {day(found.plan.applies_from)}."
        if found.plan
        else "No plan was in force."
    )
    known = "As known then, at entry" if as_at.known is not None else "As known at entry"
    return (
        f"Showing {number(people)} of {plural(everybody, 'person', 'people')}. {plan} "
        f"{known} {number(found.seq)}."
    )


def chip_links(page: MatrixPage, filters: Filters, keep: list[tuple[str, str]]) -> list[Link]:
    """“Something to do · 7”, “Ends in 30 days · 1”: each turns itself on and off."""

    def chip(words: str, count: int, only: str) -> Link:
        on = filters.only == only
        rest = [pair for pair in filters.address if pair[0] != "only"]
        query = urlencode([*keep, *rest, *([] if on else [("only", only)])])
        return Link(f"{words} · {number(count)}", f"?{query}", current=on)

    return [
        chip("Something to do", page.todo, TODO),
        chip("Ends in 30 days", page.ending, ENDING),
    ]


def matrix_export(
    found: Matrix, *, service: Service, rows: Sequence[Row], references: Mapping[int, str]
) -> Export:
    """The rows as a table that says as at when, by which plan and which entry it was so."""
    at = instant(found.at)
    heads = [pair for _, group in _heads(found) for pair in group]
    stamp = (iso(found.at), found.seq, found.plan.number if found.plan else None)
    return Export(
        name=f"matrix-{service.code}-{found.at:%Y-%m-%d}",
        columns=(
            "person_id", "person", "service_id", "role", "job_role", "employment",
            "live_use", "live_use_since", "live_use_until",
            *(f"{head.code} {head.short}" for _, head in heads),
            "as_at", "known_at_entry", "plan_version",
        ),
        rows=[
            (
                references.get(row.post.person_id, row.post.person.pseudonym),
                str(row.post.person),
                service.code,
                row.post.job_role,
                JOB_ROLES[row.post.job_role].title,
                row.post.employment,
                STATE_WORDS[row.state],
                iso(moment(row.since)),
                iso(until) if (until := open_ended(row.until)) else None,
                *(_in_words(row, competency, at) for competency, _ in heads),
                *stamp,
            )
            for row in rows
        ],
    )  # fmt: skip


_WORDS = {
    "passed": "Passed, waits for sign-off, until {until}",
    "held": "Competent until {until}",
    "soon": "Competent until {until}",
    "with": "Supervised",
    "todo": "To do",
    "partly": "Partly",
    "failed": "Further support required",
    "none": "Not needed",
}


def _in_words(row: Row, competency: int, at: Instant) -> str:
    cell = row.cells[competency]
    kind = cell_kind(row, competency, at)
    words = _WORDS[kind].format(until=last_day(cell.until))
    if kind == "todo" and cell.state is CompetencyState.EXPIRED:
        words = "Ran out"
    return words if cell.gate or not cell.needed else f"{words} (to develop)"


def export_rows(found: Matrix, filters: Filters) -> list[Row]:
    at = instant(found.at)
    return [row for row in found.rows if filters.lists(row) and filters.shows(row, at)]
