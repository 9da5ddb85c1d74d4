"""A plan version that touches many posts is prepared before its date, in batches (R2, R12).

The task is queued when such a version is published and done by a worker; `surehand due` does what
no worker has done. Doing it twice changes nothing.
"""

from django.db import transaction
from django_tasks import task

from surehand import evidence
from surehand.competency.models import PlanVersion
from surehand.competency.policies import TOUCHED_AT_ONCE
from surehand.people.models import Post
from surehand.readiness import projector
from surehand.readiness.models import PlanProjection


def waiting() -> list[PlanVersion]:
    """The versions not prepared for every post yet."""
    return list(PlanVersion.objects.filter(projection__isnull=True).order_by("number"))


def needs_worker(plan: PlanVersion) -> bool:
    """Whether this version touched too many posts to be projected when it was published."""
    return Post.objects.filter(entry__lte=plan.entry).count() > TOUCHED_AT_ONCE


@task()
def project_plan(number: int) -> None:
    """Bring the spans of every post to what plan version `number` makes of them."""
    plan = PlanVersion.objects.get(number=number)
    if hasattr(plan, "projection"):
        return
    if needs_worker(plan):
        projector.rebuild(write=True)
    with transaction.atomic():
        PlanProjection.objects.get_or_create(plan=plan, defaults={"at": evidence.clock.now()})


def due() -> list[str]:
    """What `surehand due` does here: prepare every version that waits."""
    return [f"Plan version {number} is prepared for every post." for number in project_waiting()]


def project_waiting() -> list[int]:
    """Prepare every version that waits, now. Answers the numbers of those that did."""
    done = []
    for plan in waiting():
        project_plan.func(plan.number)
        done.append(plan.number)
    return done
