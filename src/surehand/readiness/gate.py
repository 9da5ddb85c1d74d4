"""The gate: may these people use the live system at this service at this moment (R4, R5, R21)?

It is asked at every sign-in of another program, so the answer is one statement over the stored
spans, written out here: Django would put the same SQL together anew each time, which costs more
than running it. The ledger's seq comes from the same statement, so the answer is of one moment of
knowledge (R3). Only where an override or a named supervisor has to be weighed are facts read.

It never opens by failure: nobody known, no post, spans not there yet, a clock that runs behind the
ledger – each ends in *not cleared* or in an error.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.db.models import Q

from surehand import evidence
from surehand.competency.policies import TOUCHED_AT_ONCE
from surehand.evidence.ledger import CLOCK_SKEW
from surehand.evidence.refusal import NotPossible
from surehand.people.queries import same_human
from surehand.readiness import facts, queries, rules
from surehand.readiness.models import Restriction
from surehand.readiness.rules import Because, State
from surehand.timeline import Instant, instant

# First the one row about everything: the ledger, the service, and whether a plan version applies
# that was too large to be worked into the spans and still waits (R2). Then a row for each current
# post of the people asked about, with the override that reaches over it.
_SQL = """
SELECT NULL, h.size, v.id, CAST(h.recorded_at AS TEXT),
    (SELECT count(*) FROM competency_planversion n
     LEFT JOIN readiness_planprojection d ON d.plan_id = n.id
     WHERE d.id IS NULL AND n.applies_from <= %s AND n.applies_from > n.recorded_at
     AND (SELECT count(*) FROM people_post q WHERE q.entry <= n.entry) > %s),
    NULL, NULL, NULL
FROM evidence_head h LEFT JOIN people_service v ON v.code = %s
UNION ALL
SELECT i.reference, p.id, p.person_id, p.job_role, s.state, s.since, s.until, o.entry
FROM people_identity i
JOIN people_post p ON p.person_id = i.person_id
JOIN people_service v ON v.id = p.service_id AND v.code = %s
JOIN readiness_readinessspan s ON s.post_id = p.id AND s.since <= %s AND s.until > %s
LEFT JOIN readiness_override o ON o.post_id = p.id AND o.starts_at <= %s AND o.ends_at > %s
    AND NOT EXISTS (SELECT 1 FROM readiness_overrideend e
                    WHERE e.override_id = o.id AND e.recorded_at <= %s)
WHERE i.reference IN ({people})
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the gate says of one person; `cleared` alone lets them in.

    `state`, `since` and `until` are those of the least permissive current post asked about (R4);
    `post` is None where there is none. `override` is the entry of the override that stands: it
    lets nobody in (R21).
    """

    person_id: str
    cleared: bool
    because: Because
    state: State = State.NOT_READY
    post: int | None = None
    person: int | None = None
    job_role: str = ""
    since: Instant | None = None
    until: Instant | None = None
    override: int | None = None


@dataclass(frozen=True, slots=True)
class Gate:
    """The answers in the order asked; `service` None: there is no such service. `seq` is what the
    ledger held."""

    at: datetime
    seq: int
    service: int | None
    answers: tuple[Answer, ...]


_BECAUSE = {
    State.INDEPENDENT: Because.INDEPENDENT,
    State.SUPERVISED: Because.NO_SUPERVISOR,
    State.AWAITING_SIGN_OFF: Because.AWAITING_SIGN_OFF,
    State.NOT_READY: Because.NOT_READY,
    State.RESTRICTED: Because.RESTRICTED,
}

SENTENCES: dict[Because, str] = {
    Because.INDEPENDENT: "May use the live system alone.",
    Because.SUPERVISED: "May use the live system beside the supervisor named.",
    Because.NO_SUPERVISOR: "May use the live system only beside a named supervisor who is "
    "independent here. Ask again with supervisor_id.",
    Because.SUPERVISOR_NOT_NAMED: "The supervisor asked about is not one named in the permission.",
    Because.AWAITING_SIGN_OFF: "Every check is passed; the sign-off is missing.",
    Because.NOT_READY: "Not ready to use the live system.",
    Because.RESTRICTED: "Independent live use is restricted.",
    Because.NO_POST: "Nobody of this id has such a post at this service at this moment.",
}
"""Each answer in a sentence."""


def ask(
    *,
    people: Sequence[str],
    service: str,
    at: datetime,
    job_role: str = "",
    supervisor: str = "",
) -> Gate:
    """Ask about people by the provider's own ids, at a service by its code.

    `supervisor` is the id of whoever works beside them: somebody supervised is cleared only beside
    one named in the permission, independent here at that moment in every post (R9). Raises
    NotPossible where this machine's clock runs behind the ledger: then no moment can be trusted.
    """
    wanted = list(dict.fromkeys(people))
    asked = [*wanted, supervisor] if supervisor and supervisor not in wanted else wanted
    head, *rows = _read(asked, service=service, at=at)
    _, seq, where, recorded_at, waiting, *_ = head
    if recorded_at is not None and _moment(recorded_at) > evidence.clock.now() + CLOCK_SKEW:
        raise NotPossible(
            "The clock of this machine runs behind the evidence ledger, so no answer can be "
            "trusted. Set the clock right."
        )
    if where is None:
        return Gate(at, seq, None, ())
    found: dict[str, list[Answer]] = defaultdict(list)
    for reference, post, person, role, state, since, until, override in rows:
        held = State(state)
        found[reference].append(
            Answer(
                reference, held is State.INDEPENDENT, _BECAUSE[held], held, post, person, role,
                since, until, override,
            )
        )  # fmt: skip
    if waiting:
        found = _replayed(found, service=where, at=at, seq=seq)
    beside = _least(found.get(supervisor, []))
    answers = []
    for reference in wanted:
        answer = _least([a for a in found[reference] if not job_role or a.job_role == job_role])
        if answer is None:
            answers.append(Answer(reference, False, Because.NO_POST))
            continue
        if answer.state is State.SUPERVISED and beside is not None:
            answer = _beside(answer, beside, at=at, seq=seq)
        if answer.override is not None:
            answer = _overridden(answer, service=where, at=at)
        answers.append(answer)
    return Gate(at, seq, where, tuple(answers))


def _read(people: Sequence[str], *, service: str, at: datetime) -> list[tuple[Any, ...]]:
    stored, here = connection.ops.adapt_datetimefield_value(at), instant(at)
    places = ", ".join(["%s"] * len(people)) or "NULL"
    with connection.cursor() as cursor:
        cursor.execute(
            _SQL.format(people=places),
            [
                stored, TOUCHED_AT_ONCE, service,
                service, here, here, stored, stored, stored, *people,
            ],
        )  # fmt: skip
        rows = cursor.fetchall()
    return sorted(rows, key=lambda row: row[0] is not None)


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _least(answers: Sequence[Answer]) -> Answer | None:
    """The least permissive of a person's posts (R4), with its latest override."""
    if not answers:
        return None
    least = rules.least_permissive(answer.state for answer in answers)
    same = [answer for answer in answers if answer.state is least]
    return max(same, key=lambda answer: answer.override or 0)


def _replayed(
    found: Mapping[str, list[Answer]], *, service: int, at: datetime, seq: int
) -> dict[str, list[Answer]]:
    """The same answers from the facts: the spans do not follow a plan version that applies yet."""
    people = {answer.person: reference for reference, of in found.items() for answer in of}
    said: dict[str, list[Answer]] = defaultdict(list)
    for person, answers in queries.gates(
        [p for p in people if p is not None], service=service, at=at, known=seq
    ).items():
        for answer in answers:
            if answer.post is not None:
                said[people[person]].append(
                    Answer(
                        people[person], answer.state is State.INDEPENDENT, _BECAUSE[answer.state],
                        answer.state, answer.post.pk, person, answer.post.job_role,
                        answer.since, answer.until, answer.override,
                    )
                )  # fmt: skip
    return said


def _beside(answer: Answer, supervisor: Answer, *, at: datetime, seq: int) -> Answer:
    """Cleared beside this supervisor, if a permission that stands names them (R9)."""
    here = instant(at)
    person, beside = answer.person or 0, supervisor.person or 0
    named = any(
        stretch.start <= here < stretch.until and beside in stretch.permission.supervisors
        for case in facts.cases([answer.post or 0], known=seq)
        for stretch in rules.allowed(case.permissions, case.restrictions, case.failures)
    )
    if not named or beside in same_human(person):
        return replace(answer, because=Because.SUPERVISOR_NOT_NAMED)
    if supervisor.state is not State.INDEPENDENT:
        return answer
    return replace(answer, cleared=True, because=Because.SUPERVISED)


def _overridden(answer: Answer, *, service: int, at: datetime) -> Answer:
    """An override stands over nobody who is cleared or restricted (R21)."""
    if not answer.cleared and answer.state is not State.RESTRICTED:
        open_then = Restriction.objects.filter(
            Q(service__isnull=True) | Q(service=service),
            Q(lifting__isnull=True) | Q(lifting__recorded_at__gt=at),
            person=answer.person,
            recorded_at__lte=at,
        )
        if not open_then.exists():
            return answer
    return replace(answer, override=None)
