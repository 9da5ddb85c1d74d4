"""The competency reference in the docs, written from the plan so that it cannot drift from it."""

from surehand.competency.plan_document import (
    CheckDefinition,
    PlanDocument,
    RequirementDefinition,
    course_whom,
)
from surehand.competency.rules import Level
from surehand.competency.themes import Theme
from surehand.people.roles import SETTINGS, in_words, who_in_words

_LEVELS = {
    Level.CRIT: "gate from the start",
    Level.CORE: "gate from day 29",
    Level.USE: "to develop, never a gate",
}
_METHODS = {
    "practice": "in the practice system",
    "live": "seen in live use",
    "discussion": "by discussion",
}


def competencies_page(plan: PlanDocument, themes: dict[str, Theme]) -> str:
    """Every competency of the plan with who needs it, how it is checked and its criteria, the
    courses it requires, and every training theme; Markdown."""
    lines = [
        "# Competencies",
        "",
        f"{plan.title}: {len(plan.competencies)} competencies. This page is written from the "
        "starter plan; change the plan, not the page.",
        "",
        "A **gate** must be passed before somebody may be signed off for independent live use. "
        "“From day 29” counts from the later of the start of the post and the service's go-live "
        "as day 1.",
        "",
        "**Pass**: every criterion met, with help at most once and never on a critical one. "
        "**Further support required**: a critical criterion not met, or met only with help. "
        "**Partial pass**: anything else; the failed criteria may be retaken within 28 days.",
    ]
    for group in plan.groups:
        lines += ["", f"## {group}"]
        for competency in plan.competencies:
            if competency.group != group:
                continue
            needs = [
                definition
                for definition in plan.requirement_definitions
                if definition.competency == competency.code
            ]
            lines += [
                "",
                f"### {competency.code} {competency.title}",
                "",
                f"“{competency.can}.” Shown in the matrix as *{competency.short}*.",
                "",
                *[f"- Needed by {_who(definition)}" for definition in needs],
                f"- Checked {_how(competency.check)}",
                f"- {_valid(competency.check)}",
            ]
            if competency.themes:
                named = [
                    f"{code} {themes[code].title.lower()}" if code in themes else code
                    for code in competency.themes
                ]
                lines.append(f"- Training themes: {'; '.join(named)}")
            lines += ["", "| | Criterion | |", "|---|---|---|"]
            lines += [
                f"| {criterion.code} | {_cell(criterion.text)} | "
                f"{'**critical**' if criterion.critical else ''} |"
                for criterion in competency.check.criteria
            ]
    if plan.courses:
        lines += [
            "",
            "## Courses",
            "",
            "Attending one makes nobody ready, and missing one makes nobody unready: it is asked "
            "for as training still to do.",
            "",
            "| | Course | Required of | Again |",
            "|---|---|---|---|",
        ]
        for course in plan.courses:
            cells = [course.code, course.title, course_whom(course), _again(course.renewal_months)]
            lines.append(f"| {' | '.join(map(_cell, cells))} |")
    lines += [
        "",
        "## Training themes",
        "",
        "What a gap in a record teaches, and a refresher of 10 to 15 minutes.",
        "",
        "| | Theme | Weak | Good | Check again | Refresher |",
        "|---|---|---|---|---|---|",
    ]
    for theme in themes.values():
        cells = [
            theme.code,
            theme.title,
            theme.weak,
            theme.good,
            ", ".join(theme.checks),
            theme.refresher,
        ]
        lines.append(f"| {' | '.join(map(_cell, cells))} |")
    return "\n".join(lines) + "\n"


def _again(months: int | None) -> str:
    return f"after {months} months" if months else "once is enough"


def _cell(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ")


def _who(definition: RequirementDefinition) -> str:
    who = who_in_words(definition.job_roles, definition.responsibilities)
    where = ""
    if set(definition.settings) != set(SETTINGS):
        where = f" in {in_words([SETTINGS[code] for code in definition.settings])}"
    agency = "" if definition.agency else "; not asked of agency posts"
    return f"{who}{where}: {_LEVELS[definition.level]}{agency}"


def _how(check: CheckDefinition) -> str:
    ways = " or ".join(_METHODS[method] for method in check.methods)
    return f"{ways}, and by discussion as well" if check.needs_discussion else ways


def _valid(check: CheckDefinition) -> str:
    months = f"A pass lasts {check.validity_months} months"
    if check.agency_months is None or check.agency_months == check.validity_months:
        return months
    return f"{months}; in an agency post it counts for {check.agency_months}"
