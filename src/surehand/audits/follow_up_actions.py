"""Follow-up audits select themselves (2.5): `surehand due` looks which are due."""

from surehand import evidence
from surehand.audits.follow_up import TO_CHECK
from surehand.audits.models import Audit, Refresher
from surehand.audits.refresher_queries import Followed, waiting_for_follow_up
from surehand.audits.selection_actions import again
from surehand.evidence.refusal import NotPossible
from surehand.records.models import LiveRecord
from surehand.timeline import end_of, instant, london_date
from surehand.timeline import moment as as_datetime
from surehand.ui.formats import day


def due() -> list[str]:
    """Select the follow-up audit of each refresher whose time has come: of the same design, with a
    new seed. One whose records have not come in waits, until it is given up."""
    found = []
    waiting = list(waiting_for_follow_up())
    followed = Followed.read(waiting)
    for refresher in waiting:
        audit = _select(refresher, followed)
        if audit:
            followed.note(audit)
            found.append(
                f"A follow-up audit was selected at {refresher.service}: its checks are due by "
                f"{day(audit.due)}."
            )
    return found


def _select(refresher: Refresher, followed: Followed) -> Audit | None:
    """None where it is too early or too late, where another follows it up, and where its records
    cannot be selected yet."""
    before, planned = followed.before(refresher), followed.planned(refresher)
    if before is None or planned is None or followed.after(refresher):
        return None
    today = london_date(instant(evidence.clock.now()))
    if not planned.on <= today <= planned.given_up_on:
        return None
    # A later record shows that the export has reached the end of the period: an audit of the days
    # that came in first would stand for the others falsely.
    ends = as_datetime(end_of(planned.until))
    if not LiveRecord.objects.filter(service=refresher.service, recorded_at__gte=ends).exists():
        return None
    try:
        return again(
            before,
            since=planned.since,
            until=planned.until,
            due=today + TO_CHECK,
            refresher=refresher,
        )
    except NotPossible:
        return None
