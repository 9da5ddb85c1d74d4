"""What the pages of refreshers show, worked out so that templates only draw."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from surehand.audits.models import Audit, Refresher, RefresherGiven
from surehand.audits.refresher_queries import Followed
from surehand.competency.themes import THEMES
from surehand.support.models import SupportAction
from surehand.timeline import instant, london_date
from surehand.ui.formats import day, plural, short_day
from surehand.ui.page import address


@dataclass(frozen=True)
class Line:
    """One refresher in a list."""

    what: str
    why: str
    href: str
    due: str
    overdue: bool


def sessions(refresher: Refresher) -> list[RefresherGiven]:
    return list(refresher.given.all())


def was_given(refresher: Refresher) -> bool:
    return bool(sessions(refresher))


def line(
    refresher: Refresher,
    people: Sequence[SupportAction],
    followed: Followed,
    *,
    today: date,
    keep: Mapping[str, str] | None = None,
) -> Line:
    """“Unclear escalation, for 6 people”, and where it stands; `keep` asks for the same moment on
    its page."""
    there = {person for session in sessions(refresher) for person in session.people}
    given = f"given to {len(there)} of {len(people)}" if there else ""
    overdue = not there and refresher.due < today
    return Line(
        what=f"{THEMES[refresher.theme].title}, for {plural(len(people), 'person', 'people')}",
        why=f"With {refresher.owner}. {_stands(refresher, given, followed, today)}",
        href=address("refresher", refresher.pk, **(keep or {})),
        due="" if there else _due(refresher.due, today),
        overdue=overdue,
    )


def _stands(refresher: Refresher, given: str, followed: Followed, today: date) -> str:
    if not given:
        return f"Planned by {refresher.by} on {day(refresher.recorded_at)}."
    if _by(followed.told(refresher), today):
        return f"{given.capitalize()}. A follow-up audit was selected."
    comes = followed.planned(refresher) if followed.tells(refresher) else None
    when = f" A follow-up audit selects itself on {day(comes.on)}." if comes else ""
    return f"{given.capitalize()}.{when}"


def _due(due: date, today: date) -> str:
    if due < today:
        return f"{plural((today - due).days, 'day')} overdue"
    return "Due today" if due == today else f"Due {short_day(due)}"


def _by(audits: Iterable[Audit], today: date) -> list[Audit]:
    """Those that were selected by a day."""
    return [audit for audit in audits if london_date(instant(audit.happened_at)) <= today]


@dataclass(frozen=True)
class After:
    """What comes after a refresher, in a sentence; `href` leads to the audit, if there is one."""

    sentence: str
    text: str = ""
    href: str = ""


def after(refresher: Refresher, followed: Followed, *, today: date) -> list[After]:
    """The follow-up audit, and where its effect is told."""
    if not was_given(refresher):
        return [After("Once it is given, a follow-up audit of the same design selects itself.")]
    if audits := _by(followed.told(refresher), today):
        found = [
            After(
                f"A follow-up audit was selected on {day(audit.recorded_at)}, of records written "
                f"after the refresher; its checks are due by {day(audit.due)}.",
                "Open the audit",
                address("audit", audit.pk),
            )
            for audit in audits
        ]
        effect = address(
            "records-of-quality", refresher=refresher.pk, service=refresher.service.code
        )
        return [*found, After("What changed, before and after:", "Did it work?", effect)]
    comes = followed.planned(refresher)
    if comes is None:
        return [
            After(
                "There was no record audit here before it, so there is nothing to compare with. "
                "Select an audit to look at these records."
            )
        ]
    if not followed.tells(refresher):
        return [
            After(
                "Whoever checks records here is told of its follow-up audit once that is checked, "
                "so that it is checked like any other."
            )
        ]
    if today > comes.given_up_on:
        return [
            After(
                f"No records written from {day(comes.since)} to {day(comes.until)} came in, so no "
                "follow-up audit was selected. Bring them in, and select an audit by hand."
            )
        ]
    if today > comes.on:
        return [
            After(
                f"Its follow-up audit was due on {day(comes.on)}. It waits until the records "
                f"written from {day(comes.since)} to {day(comes.until)} are brought in, at the "
                f"longest until {day(comes.given_up_on)}."
            )
        ]
    return [
        After(
            f"A follow-up audit of the same design selects itself on {day(comes.on)}, of records "
            f"written from {day(comes.since)} to {day(comes.until)}."
        )
    ]


@dataclass(frozen=True)
class Somebody:
    """One of its people: `state` is how it stands for them."""

    name: str
    href: str
    state: str


def waiting(
    actions: Iterable[SupportAction], *, at: datetime, known: int | None
) -> list[SupportAction]:
    """Those of its people who waited for it at a moment, or by what was known then."""
    return [
        action
        for action in actions
        if (done := getattr(action, "done", None)) is None
        or done.happened_at > at
        or (known is not None and done.entry > known)
    ]


def people(
    refresher: Refresher,
    actions: Sequence[SupportAction],
    waits: Collection[SupportAction],
    *,
    linked: bool,
    keep: Mapping[str, str],
) -> list[Somebody]:
    """`waits` are those who wait for it; `keep` asks for the same moment on the page of each."""
    on = {p: session.on for session in sessions(refresher) for p in session.people}
    return [
        Somebody(
            name=str(action.person),
            href=address("person", action.person.pseudonym, **keep) if linked else "",
            state=_state(action, on.get(action.person_id), waits=action in waits),
        )
        for action in actions
    ]


def _state(action: SupportAction, on: date | None, *, waits: bool) -> str:
    if on:
        return f"There on {day(on)}"
    return "Waiting for it" if waits else str(action.done.get_outcome_display())
