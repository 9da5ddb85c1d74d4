"""Reads of refreshers: which there are, who waits for one, and the audit each came of."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime

from django.db.models import Prefetch, QuerySet

from surehand.audits.models import Audit, Gap, Refresher, RefresherGiven
from surehand.support.models import SupportAction


def refreshers(
    *, services: Collection[int], at: datetime, known: int | None = None
) -> "QuerySet[Refresher]":
    """Those planned at these services by a moment, the newest first, with their sessions by then.
    `known` is a ledger seq: what was known by it."""
    found = Refresher.objects.filter(service__in=services, happened_at__lte=at)
    sessions = RefresherGiven.objects.filter(happened_at__lte=at)
    audits = Audit.objects.filter(happened_at__lte=at)
    if known is not None:
        found = found.filter(entry__lte=known)
        sessions = sessions.filter(entry__lte=known)
        audits = audits.filter(entry__lte=known)
    return (
        found.select_related("owner__identity", "by__identity", "service__details", "competency")
        .prefetch_related(
            Prefetch("given", sessions.order_by("on", "entry")),
            Prefetch("follow_ups", audits.order_by("entry")),
        )
        .order_by("-entry")
    )


def support_of(refreshers: Iterable[Refresher]) -> dict[int, list[SupportAction]]:
    """The support action of each of its people, by the refresher's entry; one statement."""
    found: dict[int, list[SupportAction]] = defaultdict(list)
    for action in (
        SupportAction.objects.filter(because__in=[r.entry for r in refreshers])
        .filter(what=SupportAction.What.REFRESHER)
        .select_related("person__identity", "done", "competency")
        .order_by("person__identity__name", "pk")
    ):
        found[action.because or 0].append(action)
    return found


def audit_before(refresher: Refresher) -> Audit | None:
    """The audit a refresher came of: the one with most of the gaps of its cause; without a cause,
    the last one selected at the service before it."""
    if refresher.cause_id:
        gaps = Gap.objects.filter(causes__cause=refresher.cause_id)
        most = Counter(gaps.values_list("check_of__item__audit", flat=True)).most_common(1)
        if most:
            return Audit.objects.get(pk=most[0][0])
    earlier = Audit.objects.filter(service=refresher.service_id, entry__lt=refresher.entry)
    return earlier.filter(refresher=None).order_by("-entry").first()


def waiting_for_follow_up() -> "QuerySet[Refresher]":
    """Given, and not followed up yet."""
    return (
        Refresher.objects.filter(given__isnull=False, follow_ups__isnull=True)
        .distinct()
        .select_related("service")
        .prefetch_related(Prefetch("given", RefresherGiven.objects.order_by("on", "entry")))
        .order_by("entry")
    )
