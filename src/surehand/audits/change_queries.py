"""Reads of change requests: where each stands, and its life so far (2.4)."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from surehand.audits.change import WRITTEN
from surehand.audits.models import ChangeRequest, ChangeRequestStep, GapCause
from surehand.people.models import Identity, Post
from surehand.records import sealed
from surehand.records.models import Subject
from surehand.timeline import instant, london_date

State = ChangeRequestStep.State


@dataclass(frozen=True)
class Asked:
    """A change request with its steps, the first one first, and how many gaps it is about."""

    request: ChangeRequest
    steps: Sequence[ChangeRequestStep] = ()
    gaps: int = 0

    @property
    def state(self) -> str:
        return self.steps[-1].state if self.steps else WRITTEN

    @property
    def on(self) -> date:
        """Since when it stands there, or the day it is planned for."""
        return self.steps[-1].on if self.steps else said_on(self.request)

    @property
    def release(self) -> str:
        """The release it came with, once it came."""
        return next((s.release for s in reversed(self.steps) if s.release), "")


def said_on(fact: ChangeRequest | ChangeRequestStep) -> date:
    """The London day a fact was recorded."""
    return london_date(instant(fact.recorded_at))


def requests(
    services: Collection[int],
    *,
    at: datetime,
    known: int | None = None,
    pk: int | None = None,
    cause: int | None = None,
) -> list[Asked]:
    """The change requests of these services by a moment, the newest first; three statements."""
    rows = ChangeRequest.objects.filter(service__in=services, happened_at__lte=at)
    steps = ChangeRequestStep.objects.filter(happened_at__lte=at)
    if pk is not None:
        rows = rows.filter(pk=pk)
    if cause is not None:
        rows = rows.filter(cause=cause)
    if known is not None:
        rows, steps = rows.filter(entry__lte=known), steps.filter(entry__lte=known)
    found = list(
        rows.select_related("cause", "service__details", "by__identity").order_by("-entry")
    )
    said: dict[int, list[ChangeRequestStep]] = defaultdict(list)
    for step in (
        steps.filter(request__in=[r.pk for r in found])
        .select_related("by__identity")
        .order_by("entry")
    ):
        said[step.request_id].append(step)
    gaps: dict[int, int] = defaultdict(int)
    for cause in GapCause.objects.filter(cause__in={r.cause_id for r in found}).values_list(
        "cause_id", flat=True
    ):
        gaps[cause] += 1
    return [Asked(r, said[r.pk], gaps[r.cause_id]) for r in found]


def stands(request: ChangeRequest) -> tuple[str, date]:
    """Where a request stands, and the day of the last step that took place; one statement."""
    steps = list(request.steps.order_by("entry"))
    took_place = [s.on for s in steps if s.state != State.PLANNED]
    last = max([said_on(request), *took_place])
    return (steps[-1].state if steps else WRITTEN), last


def names_in(words: str, *, service: int) -> str:
    """A name of somebody who works at or is supported by the service that stands in these words;
    "" for none. First and last name together, in any case: a word alone may be no name."""
    text = _folded(words)
    staff = Identity.objects.filter(
        person__in=Post.objects.filter(service=service).values("person")
    ).values_list("name", flat=True)
    for name in [*staff, *_supported(service)]:
        folded = _folded(name)
        if " " in folded.strip() and folded in text:
            return name
    return ""


def _supported(service: int) -> list[str]:
    found = []
    for content in Subject.objects.filter(service=service).values_list("name", flat=True):
        try:
            found.append(sealed.unseal(content) if content else "")
        except sealed.Unreadable:
            continue
    return found


def _folded(text: str) -> str:
    """Words between single spaces, without case and signs, with a space at both ends."""
    return f" {' '.join(''.join(c if c.isalnum() else ' ' for c in text.casefold()).split())} "
