"""What supervised use rests on, judged when it is recorded: who may supervise, and in what (R9).

`support` records the permission and never imports this part; `config` names `check_permission`.
"""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from surehand.evidence.refusal import NotPossible
from surehand.people.models import Identity, Post
from surehand.readiness import facts, queries, rules
from surehand.readiness.models import ReadinessSpan
from surehand.readiness.rules import State
from surehand.timeline import instant


def check_permission(
    *, post: Post, competencies: Collection[int], supervisors: Collection[int], at: datetime
) -> None:
    """Every supervisor is independent here, and every task is one the post needs. Raises
    NotPossible."""
    if missing := set(supervisors) - independent_here(post.service_id, at=at):
        names = Identity.objects.filter(person__in=missing).order_by("name")
        name = names.values_list("name", flat=True).first() or "Somebody you named"
        raise NotPossible(
            f"{name} is not independent at this service now, so cannot supervise. Name somebody "
            "who is."
        )
    if set(competencies) - tasks(post, at=at):
        raise NotPossible(
            "A task you chose is not one that the plan names for this job role. Open the page "
            "again."
        )


def independent_here(service: int, *, at: datetime) -> frozenset[int]:
    """The people independent at a service at a moment, in each post they have there; one
    statement."""
    here = instant(at)
    states: dict[int, set[int]] = defaultdict(set)
    for person, state in ReadinessSpan.objects.filter(
        service=service, since__lte=here, until__gt=here
    ).values_list("post__person_id", "state"):
        states[person].add(state)
    return frozenset(p for p, found in states.items() if found == {State.INDEPENDENT})


def tasks(post: Post, *, at: datetime) -> frozenset[int]:
    """The competencies a post needs at a moment. Also those that are passed: whoever is restricted,
    or lacks another check, does them beside a supervisor too."""
    here, plans = instant(at), facts.plans()
    for case in facts.cases([post.pk]):
        return queries.gates_at(case.post, plans, here) | rules.develops(case.post, plans, here)
    return frozenset()
