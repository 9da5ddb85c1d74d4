"""What the page of the gate shows."""

from collections.abc import Sequence
from dataclasses import dataclass

from surehand.people.models import Person, Service
from surehand.people.roles import JOB_ROLES
from surehand.people.web import AsAt
from surehand.readiness.overrides import Overridden
from surehand.readiness.queries import Answer, Line
from surehand.readiness.reasons import STATE_KEYS, STATE_WORDS, Told, last_day, open_ended
from surehand.readiness.rules import State
from surehand.timeline import moment
from surehand.ui.formats import moment as in_words
from surehand.ui.formats import number
from surehand.ui.page import address


@dataclass(frozen=True)
class LineView:
    check: str
    href: str
    by: str
    passed: object
    until: str
    entry: int


@dataclass(frozen=True)
class AnswerPage:
    lede: str
    state: str
    name: str
    href: str
    facts: Sequence[tuple[str, str]]
    told: Sequence[tuple[str, str]]
    lines: Sequence[LineView]


_MAY = {
    State.INDEPENDENT: "Yes. {who} {could} use the live system alone at {when}.",
    State.SUPERVISED: "Only beside a named supervisor: so {it_was} for {who} at {when}.",
    State.AWAITING_SIGN_OFF: "No. {who} {was} not signed off at {when}; every check {was} passed.",
    State.NOT_READY: "No. {who} {was} not ready at {when}.",
    State.RESTRICTED: "No. Live use {was} stopped for {who} at {when}.",
}
_THEN = {"could": "could", "was": "was", "it_was": "it was", "had": "had"}
_NOW = {"could": "may", "was": "is", "it_was": "it is", "had": "has"}
_TO_COME = {"could": "may", "was": "will be", "it_was": "it will be", "had": "will have"}


def answer_page(
    answer: Answer,
    *,
    person: Person,
    service: Service,
    as_at: AsAt,
    told: Sequence[Told],
    lines: Sequence[Line],
    overridden: Overridden | None = None,
) -> AnswerPage:
    if answer.post is None:
        words = "No. {who} {had} no post here at {when}."
    elif overridden:
        words = "Not cleared, but overridden for one shift: {who} at {when}."
    else:
        words = _MAY[answer.state]
    until = open_ended(answer.until) if answer.until is not None else None
    facts = [
        ("Asked about", f"{in_words(as_at.moment)}, at {service}"),
        (
            "Known",
            f"What was known then: up to entry {number(answer.seq)}."
            if as_at.known is not None
            else f"What was true then, with all that is known now, at entry {number(answer.seq)}.",
        ),
    ]
    if answer.post:
        facts.append(("Post", f"{JOB_ROLES[answer.post.job_role].title}, {answer.post.employment}"))
    if answer.since is not None:
        facts.append(
            (
                STATE_WORDS[answer.state],
                f"From {in_words(moment(answer.since))} "
                + (f"until {in_words(until)}." if until else "until further notice."),
            )
        )
    if overridden:
        facts.append(("Overridden", f"{overridden} It stands until {in_words(overridden.until)}."))
    return AnswerPage(
        lede=words.format(who=person, when=in_words(as_at.moment), **_tense(as_at)),
        state=STATE_KEYS[answer.state],
        name=str(person),
        href=address("person", person.pseudonym),
        facts=facts,
        told=[
            (t.sentence, f"Entry {number(t.entry)}" if t.entry is not None else "") for t in told
        ],
        lines=[
            LineView(
                check=f"{line.check.competency.code} {line.check.short}",
                href=address("matrix-cell", person.pseudonym, line.check.competency.code),
                by=str(line.assessment.by),
                passed=line.assessment.happened_at,
                until=last_day(line.until),
                entry=line.assessment.entry,
            )
            for line in lines
        ],
    )


def _tense(as_at: AsAt) -> dict[str, str]:
    if as_at.chosen is None:
        return _NOW
    return _THEN if as_at.is_past else _TO_COME
