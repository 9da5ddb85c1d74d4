"""Reads of refreshers: which there are, who waits for one, the audit each came of, and those that
follow it up."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Self

from django.db.models import Prefetch, QuerySet

from surehand.audits.follow_up import FollowUp, follow_up
from surehand.audits.models import Audit, GapCause, Refresher, RefresherGiven
from surehand.audits.selection_queries import how_far
from surehand.evidence import clock
from surehand.people.access import Action, By
from surehand.support.models import SupportAction
from surehand.timeline import instant, london_date, london_midnight
from surehand.timeline import moment as as_datetime

SHARED_WITHIN = timedelta(days=7)
"""Refreshers given so close together share one follow-up audit: nobody checks twice as much."""


def refreshers(
    *, services: Collection[int], at: datetime, known: int | None = None
) -> "QuerySet[Refresher]":
    """Those planned at these services by a moment, the newest first, with their sessions by then.
    `known` is a ledger seq: what was known by it."""
    found = Refresher.objects.filter(service__in=services, happened_at__lte=at)
    sessions = RefresherGiven.objects.filter(happened_at__lte=at)
    if known is not None:
        found = found.filter(entry__lte=known)
        sessions = sessions.filter(entry__lte=known)
    return (
        found.select_related("owner__identity", "by__identity", "service__details", "competency")
        .prefetch_related(
            Prefetch("given", sessions.order_by("on", "entry")),
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


class Followed:
    """The audit that refreshers came of, and those that follow them up; the same few statements,
    however many refreshers there are."""

    def __init__(
        self,
        audits: Iterable[Audit],
        gaps: Mapping[int, Counter[int]],
        *,
        blind: Collection[int] = (),
        hidden: Collection[int] = (),
    ) -> None:
        self._audits = list(audits)
        self._gaps = gaps  # cause → how many of its gaps each audit found
        self._blind = blind  # services where whoever asks checks records
        self._hidden = hidden  # audits not checked yet there

    @classmethod
    def read(
        cls,
        refreshers: Collection[Refresher],
        *,
        at: datetime | None = None,
        known: int | None = None,
        by: By | None = None,
    ) -> Self:
        """As selected by the moment `at` (None: by now), or by what was `known`; for whoever asks,
        at one service."""
        gaps: dict[int, Counter[int]] = defaultdict(Counter)
        causes = {refresher.cause_id for refresher in refreshers} - {None}
        # Of two with as many gaps it came of the first.
        rows = GapCause.objects.filter(cause__in=causes).order_by("gap__check_of__item__audit")
        for cause, audit in rows.values_list("cause", "gap__check_of__item__audit"):
            gaps[cause][audit] += 1
        audits = Audit.objects.filter(service__in={each.service_id for each in refreshers})
        if at is not None:
            audits = audits.filter(happened_at__lte=at)
        if known is not None:
            audits = audits.filter(entry__lte=known)
        found = list(audits.order_by("entry"))
        blind = by.services(Action.CHECK_RECORDS) if by else frozenset()
        waiting = [each for each in found if each.follows_id and each.service_id in blind]
        far = how_far(waiting, at=clock.now(), known=None)
        return cls(
            found, gaps, blind=blind, hidden={pk for pk, each in far.items() if each.left > 0}
        )

    def note(self, audit: Audit) -> None:
        """One more was selected since it was read."""
        self._audits.append(audit)

    def before(self, refresher: Refresher) -> Audit | None:
        """The audit it came of: the one with most of the gaps of its cause; without a cause, the
        last one selected at the service before it."""
        here = [a for a in self._audits if a.service_id == refresher.service_id]
        if found := self._gaps.get(refresher.cause_id or 0):
            most = found.most_common(1)[0][0]
            return next((audit for audit in here if audit.pk == most), None)
        earlier = [a for a in here if a.entry < refresher.entry and a.refresher_id is None]
        return earlier[-1] if earlier else None

    def planned(self, refresher: Refresher) -> FollowUp | None:
        """When its follow-up audit selects itself; None before it is given, or where there was no
        audit to follow."""
        before, given_on = self.before(refresher), first_given(refresher)
        if before is None or given_on is None:
            return None
        # Whole London days, of which one has 23 hours and one 25.
        first, after = (london_date(instant(at)) for at in (before.since, before.until))
        return follow_up(given_on=given_on, before=after - first)

    def tells(self, refresher: Refresher) -> bool:
        """Whether its follow-up may be told of before it is checked: not to whoever checks records
        there, who would learn whose records of which days it looks at (R18)."""
        return refresher.service_id not in self._blind

    def told(self, refresher: Refresher) -> list[Audit]:
        """The audits that follow it up, of those that may be told of."""
        return [audit for audit in self.after(refresher) if audit.pk not in self._hidden]

    def after(self, refresher: Refresher) -> list[Audit]:
        """The audits that follow it up: its own, or one of the same design that was selected for
        another refresher given in the same week."""
        before, given_on = self.before(refresher), first_given(refresher)
        first = as_datetime(london_midnight(given_on + timedelta(days=1))) if given_on else None
        return [
            audit
            for audit in self._audits
            if audit.refresher_id == refresher.pk
            or (
                before
                and first
                and audit.follows_id == before.pk
                and first <= audit.since < first + SHARED_WITHIN
            )
        ]


def first_given(refresher: Refresher) -> date | None:
    """The London day of its first session."""
    return min((session.on for session in refresher.given.all()), default=None)


def waiting_for_follow_up() -> "QuerySet[Refresher]":
    """Given, and not followed up yet."""
    return (
        Refresher.objects.filter(given__isnull=False, follow_ups__isnull=True)
        .distinct()
        .select_related("service")
        .prefetch_related(Prefetch("given", RefresherGiven.objects.order_by("on", "entry")))
        .order_by("entry")
    )
