"""Two plans side by side: what one changes against the other, competency by competency."""

from collections.abc import Callable
from dataclasses import dataclass

from surehand.competency.plan_document import Change, Difference, PlanDocument, differences

KINDS = {
    Change.COMPETENCY_ADDED: ("Added", "plus"),
    Change.REQUIREMENT_ADDED: ("Added", "plus"),
    Change.COURSE_ADDED: ("Added", "plus"),
    Change.COMPETENCY_REMOVED: ("Removed", "minus"),
    Change.REQUIREMENT_REMOVED: ("Removed", "minus"),
    Change.COURSE_REMOVED: ("Removed", "minus"),
}


@dataclass(frozen=True)
class Line:
    """One change: added, removed or changed, in a sentence, with the words themselves; `href` is
    where it stands in the plan that holds it."""

    kind: str
    icon: str
    sentence: str
    details: tuple[str, ...]
    href: str


@dataclass(frozen=True)
class Section:
    heading: str
    lines: tuple[Line, ...]


def sections(
    old: PlanDocument,
    new: PlanDocument,
    *,
    old_href: Callable[[Difference], str],
    new_href: Callable[[Difference], str],
) -> list[Section]:
    """What `new` changes: the plan itself, then each competency of `new` in its order, those that
    are gone, and courses."""
    found = differences(old, new)
    now = {c.code for c in new.competencies} | {c.code for c in new.courses}

    def line(difference: Difference) -> Line:
        word, icon = KINDS.get(difference.change, ("Changed", "pencil"))
        about = difference.competency or difference.course
        href = (new_href if about in now or not about else old_href)(difference)
        return Line(word, icon, difference.sentence, difference.details, href)

    shorts = {c.code: c.short for c in (*old.competencies, *new.competencies)}
    order = [c.code for c in new.competencies]
    order += [c.code for c in old.competencies if c.code not in order]
    parts = [
        ("The plan itself", [d for d in found if not d.competency and not _of_course(d)]),
        *((f"{c} {shorts[c]}", [d for d in found if d.competency == c]) for c in order),
        ("Courses", [d for d in found if _of_course(d)]),
    ]
    return [Section(heading, tuple(map(line, some))) for heading, some in parts if some]


def _of_course(difference: Difference) -> bool:
    return difference.change in (
        Change.COURSE_ADDED,
        Change.COURSE_REMOVED,
        Change.COURSE_CHANGED,
    )
