"""What the sign-off page shows: each statement as it would be signed, and who is not there yet."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from surehand.assessment.models import Assessment
from surehand.evidence.refusal import Refused
from surehand.people.access import By
from surehand.people.names import typed
from surehand.people.roles import JOB_ROLES
from surehand.readiness import actions
from surehand.readiness.matrix import Matrix, Row
from surehand.readiness.queries import Line, Statement
from surehand.readiness.reasons import STATE_KEYS, last_day
from surehand.readiness.rules import CompetencyState, State
from surehand.ui.formats import plural
from surehand.ui.page import address


@dataclass(frozen=True)
class LineView:
    check: str
    code: str
    passed: datetime
    how: str
    help: str
    by: str
    until: str
    entry: int


@dataclass(frozen=True)
class StatementView:
    """`refusal`: why this one may not be signed by whoever looks; empty when they may."""

    post: int
    name: str
    href: str
    line: str
    fingerprint: str
    lines: Sequence[LineView]
    outstanding: str
    refusal: str


@dataclass(frozen=True)
class NotYet:
    name: str
    href: str
    state: str
    missing: str


def statement_views(
    statements: Sequence[Statement], others: Mapping[int, frozenset[int]], *, by: By
) -> list[StatementView]:
    views = [_statement(s, by=by, others=bool(others[s.post.pk])) for s in statements]
    return sorted(views, key=lambda view: (typed(view.name), view.post))


def _statement(statement: Statement, *, by: By, others: bool) -> StatementView:
    post = statement.post
    try:
        actions.check_signs(by, statement, others=others)
        refusal = ""
    except Refused as refused:
        refusal = str(refused)
    return StatementView(
        post=post.pk,
        name=str(post.person),
        href=address("person", post.person.pseudonym),
        line=f"{JOB_ROLES[post.job_role].title}, {post.employment}. "
        f"{plural(len(statement.lines), 'check')} passed.",
        fingerprint=statement.fingerprint(),
        lines=[_line(line) for line in statement.lines],
        outstanding=", ".join(check.short for check in statement.outstanding),
        refusal=refusal,
    )


def _line(line: Line) -> LineView:
    a = line.assessment
    given = sum(a.help_given.values())
    return LineView(
        check=line.check.short,
        code=line.check.competency.code,
        passed=a.happened_at,
        how=Assessment.Method(a.method).label,
        help=plural(given, "time") if given else "None",
        by=str(a.by),
        until=last_day(line.until),
        entry=a.entry,
    )


def not_yet(found: Matrix, *, but: Collection[int]) -> list[NotYet]:
    """Everybody who is neither signed off nor waiting for it (`but` these posts), and how much is
    missing."""
    return [
        NotYet(
            name=str(row.post.person),
            href=address("person", row.post.person.pseudonym),
            state=STATE_KEYS[row.state],
            missing=_missing(row),
        )
        for row in found.rows
        if row.state is not State.INDEPENDENT and row.post.pk not in but
    ]


def _missing(row: Row) -> str:
    gates = [cell for cell in row.cells.values() if cell.gate]
    unmet = sum(cell.state is not CompetencyState.COMPETENT for cell in gates)
    if not gates:
        return "The plan asks nothing of this job role here, so nothing can be confirmed."
    missing = f"{plural(unmet, 'check')} of {len(gates)} missing." if unmet else ""
    if row.state is State.RESTRICTED:
        return f"Live use is restricted. {missing}".strip()
    return missing or "Every check is passed."
