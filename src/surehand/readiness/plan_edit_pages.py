"""What the pages of the draft show: a competency with who needs it, cell by cell."""

from dataclasses import dataclass

from django.urls import reverse

from surehand.competency.plan_document import CompetencyDefinition, PlanDocument
from surehand.competency.plan_edits import WHO, cells_of
from surehand.competency.themes import THEMES
from surehand.people.roles import JOB_ROLES, RESPONSIBILITIES, SETTINGS
from surehand.readiness.plan_edit_forms import METHOD_CHOICES
from surehand.readiness.plan_pages import LEVELS
from surehand.ui.formats import plural
from surehand.ui.page import Link, address


@dataclass(frozen=True)
class Cell:
    """How much somebody needs it in a setting, in words, and where that is changed."""

    setting: str
    words: str
    href: str
    about: str


@dataclass(frozen=True)
class WhoRow:
    who: str
    cells: tuple[Cell, ...]


def who_rows(document: PlanDocument, code: str) -> list[WhoRow]:
    """Those who need a competency anywhere, job roles first; a cell for each care setting."""
    cells = cells_of(document, code)
    rows = []
    for who in WHO:
        if not any(one == who for one, _, _ in cells):
            continue
        title = (JOB_ROLES.get(who) or RESPONSIBILITIES[who]).title
        found = []
        for setting, name in SETTINGS.items():
            others, agency = cells.get((who, setting, False)), cells.get((who, setting, True))
            words = LEVELS[agency] if agency else ""
            if others:
                words = f"{words}; " if words else ""
                words += f"{LEVELS[others]}, not agency posts"
            found.append(
                Cell(
                    name[:1].upper() + name[1:],
                    words or "–",
                    address("plan-of-draft-needs", code, who=who, setting=setting),
                    f"{title} in {name}",
                )
            )
        rows.append(WhoRow(title, tuple(found)))
    return rows


def wording_rows(definition: CompetencyDefinition) -> list[tuple[str, str]]:
    themes = [
        f"{code} {THEMES[code].title}" if code in THEMES else code for code in definition.themes
    ]
    return [
        ("In the words of the person", definition.can),
        ("Title", definition.title),
        ("Short name", definition.short),
        ("Group", definition.group),
        ("Training themes", "; ".join(themes) or "None"),
    ]


def check_rows(definition: CompetencyDefinition) -> list[tuple[str, str]]:
    check = definition.check
    return [
        (
            "How it may be shown",
            METHOD_CHOICES[check.methods[0]]
            + "".join(f", or {METHOD_CHOICES[m].lower()}" for m in check.methods[1:]),
        ),
        ("A discussion as well", "Yes" if check.needs_discussion else "No"),
        ("A pass lasts", plural(check.validity_months, "month", "months")),
        (
            "In an agency post it counts",
            plural(check.agency_months, "month", "months")
            if check.agency_months
            else "Not needed of agency posts",
        ),
    ]


def draft_crumbs(*more: Link) -> tuple[Link, ...]:
    return (
        Link("Plan", reverse("plan")),
        Link("The next version", reverse("plan-of-draft")),
        *more,
    )


def competency_crumb(code: str, short: str) -> Link:
    return Link(f"{code} {short}", reverse("plan-of-draft-competency", args=[code]))
