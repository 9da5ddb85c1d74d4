"""What the support pages show, worked out so that templates only draw."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from surehand.competency.models import Check
from surehand.support.models import SupportAction, SupportDone
from surehand.ui.formats import day, plural, short_day

ICONS = {
    SupportAction.What.COACHING: "user-check",
    SupportAction.What.REPEAT_TRAINING: "graduation-cap",
    SupportAction.What.SUPERVISED_USE: "users-round",
    SupportAction.What.REFRESHER: "refresh-cw",
}


@dataclass(frozen=True)
class Line:
    """One support action in a list."""

    what: str
    why: str
    href: str
    icon: str
    due: str
    overdue: bool


def line(action: SupportAction, *, checks: Mapping[int, Check], today: date) -> Line:
    """The line of one open support action."""
    return Line(
        what=f"{action.get_what_display()}: {action.person}{about_check(action, checks)}",
        why=f"With {action.owner}. Decided by {action.by} on {day(action.recorded_at)}.",
        href=reverse("support-action", args=[action.entry]),
        icon=ICONS[SupportAction.What(action.what)],
        due=due_words(action.due, today),
        overdue=action.due < today,
    )


def finished_line(action: SupportAction, *, checks: Mapping[int, Check]) -> Line:
    """The line of one finished support action."""
    return Line(
        what=f"{action.get_what_display()}: {action.person}{about_check(action, checks)}",
        why=SupportDone.Outcome(action.done.outcome).label,
        href=reverse("support-action", args=[action.entry]),
        icon=ICONS[SupportAction.What(action.what)],
        due=short_day(action.done.recorded_at),
        overdue=False,
    )


def about_check(action: SupportAction, checks: Mapping[int, Check]) -> str:
    """“, Daily note” where the support is about one check."""
    check = checks.get(action.competency_id) if action.competency_id else None
    return f", {check.short}" if check else ""


def due_words(due: date, today: date) -> str:
    """“Due today”, “2 days overdue”, “Due 3 December”."""
    if due == today:
        return "Due today"
    if due < today:
        return f"{plural((today - due).days, 'day')} overdue"
    return f"Due {short_day(due)}"
