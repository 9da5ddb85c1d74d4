"""The support a person gets and the checks asked for, as rows to be told on a page."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Exists, OuterRef

from surehand.assessment.models import Assessment, CheckRequest
from surehand.competency.queries import latest_checks
from surehand.support.models import SupportAction, SupportDone
from surehand.ui.formats import day, local, short_day
from surehand.ui.page import address


@dataclass(frozen=True)
class Item:
    """One support action or check: what, with whom and when; `tag` is how it stands."""

    what: str
    why: str
    icon: str
    tag: str
    overdue: bool
    done: bool
    due: date
    competency: int | None = None
    href: str = ""


def support_of(person: int, *, at: datetime, known: int | None = None) -> list[Item]:
    """Support actions of a person recorded by `at`, open ones first."""
    shorts = {pk: check.short for pk, check in latest_checks().items()}
    today = local(at).date()
    rows = SupportAction.objects.filter(person=person, recorded_at__lte=at)
    if known is not None:
        rows = rows.filter(entry__lte=known)
    found = []
    for action in rows.select_related("owner__identity", "done").order_by("due", "pk"):
        done = getattr(action, "done", None)
        if done and (done.recorded_at > at or (known is not None and done.entry > known)):
            done = None
        topic = shorts.get(action.competency_id or 0, "")
        what = SupportAction.What(action.what).label
        overdue = done is None and action.due < today
        found.append(
            Item(
                what=f"{what}: {topic}" if topic else what,
                why=f"With {action.owner}, by {day(action.due)}"
                if done is None
                else SupportDone.Outcome(done.outcome).label,
                icon="hand-helping" if done is None else "handshake",
                tag="Done"
                if done
                else f"Late since {short_day(action.due)}"
                if overdue
                else "Open",
                overdue=overdue,
                done=done is not None,
                due=action.due,
                competency=action.competency_id,
                href=address("support-action", action.entry),
            )
        )
    return sorted(found, key=lambda item: (item.done, item.due))


def checks_asked_of(
    people: Collection[int], *, at: datetime, known: int | None = None
) -> dict[int, list[Item]]:
    """Checks asked for by `at` and not attempted since, by person, the soonest first."""
    attempted = Assessment.objects.filter(
        person=OuterRef("person"),
        competency=OuterRef("competency"),
        happened_at__gte=OuterRef("recorded_at"),
        happened_at__lte=at,
        void__isnull=True,
    )
    rows = CheckRequest.objects.filter(person__in=people, recorded_at__lte=at)
    if known is not None:
        rows = rows.filter(entry__lte=known)
        attempted = attempted.filter(entry__lte=known)
    shorts = {pk: check.short for pk, check in latest_checks().items()}
    today = local(at).date()
    found: dict[int, list[Item]] = {}
    for asked in rows.filter(~Exists(attempted)).order_by("due", "pk"):
        overdue = asked.due < today
        short = shorts.get(asked.competency_id, "a competency")
        found.setdefault(asked.person_id, []).append(
            Item(
                what=f"Check: {short}",
                why=f"Asked for by {day(asked.due)}",
                icon="clipboard-check",
                tag=f"Late since {short_day(asked.due)}" if overdue else "To do",
                overdue=overdue,
                done=False,
                due=asked.due,
                competency=asked.competency_id,
            )
        )
    return found
