"""Small steps in writing a plan: each takes a plan document and answers the edited one (1.1). Pure.

What `load` would refuse is refused here, with a sentence. Requirements are kept `tidy`, so that a
step taken and taken back leaves the very same document.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import TypeVar

from surehand.competency.plan_document import (
    CheckDefinition,
    CompetencyDefinition,
    PlanDocument,
    RequirementDefinition,
)
from surehand.competency.rules import Course, Criterion, Level
from surehand.people.roles import JOB_ROLES, RESPONSIBILITIES, SETTINGS

# As in plan.schema.json.
LONGEST_TITLE = 200
LONGEST_SHORT = 40
LONGEST_GROUP = 40
LONGEST_CRITERION = 400
LONGEST_PLAN_TITLE = 120
LONGEST_COURSE_TITLE = 120
MOST_MONTHS = 60
MOST_RENEWAL_MONTHS = 120
MOST_CRITERIA = 30
MOST_CRITERION_NUMBER = 99
MOST_GROUPS = 20
MOST_OF_A_KIND = 200
_CODE = re.compile(r"[A-Z][A-Z0-9]{1,9}")
_COURSE_CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{0,19}")
METHODS = ("practice", "live", "discussion")
WHO = (*JOB_ROLES, *RESPONSIBILITIES)
"""Whom a requirement can be of, in the order shown."""

Cells = dict[tuple[str, str, bool], Level]
"""What is required: (job role or responsibility, setting, of agency posts too) → how much."""

T = TypeVar("T")


class EditRefused(ValueError):
    """The step was not taken; the message says why and what to do, `about` is the answer it is
    about ("" for the step as a whole)."""

    def __init__(self, sentence: str, about: str = "") -> None:
        super().__init__(sentence)
        self.about = about


# --- the plan itself and its groups ------------------------------------------------------------


def rename_plan(document: PlanDocument, title: str) -> PlanDocument:
    title = _text(title, "title", LONGEST_PLAN_TITLE, "Enter the title of the plan")
    return replace(document, title=title)


def add_group(document: PlanDocument, name: str) -> PlanDocument:
    name = _group_name(document, name)
    if len(document.groups) >= MOST_GROUPS:
        raise EditRefused(f"A plan has at most {MOST_GROUPS} groups. Use one there is.", "name")
    return replace(document, groups=(*document.groups, name))


def rename_group(document: PlanDocument, old: str, name: str) -> PlanDocument:
    _known_group(document, old)
    if name == old:
        return document
    name = _group_name(document, name)
    return replace(
        document,
        groups=tuple(name if group == old else group for group in document.groups),
        competencies=tuple(
            replace(c, group=name) if c.group == old else c for c in document.competencies
        ),
    )


def remove_group(document: PlanDocument, name: str) -> PlanDocument:
    _known_group(document, name)
    if any(c.group == name for c in document.competencies):
        raise EditRefused(f"“{name}” still holds competencies. Put them in another group first.")
    if len(document.groups) == 1:
        raise EditRefused("A plan needs a group. Add another before you remove this one.")
    return replace(document, groups=tuple(group for group in document.groups if group != name))


def move_group(document: PlanDocument, name: str, *, up: bool) -> PlanDocument:
    _known_group(document, name)
    return replace(document, groups=_moved(document.groups, lambda g: g == name, up, f"“{name}”"))


def _group_name(document: PlanDocument, name: str) -> str:
    name = _text(name, "name", LONGEST_GROUP, "Enter the name of the group")
    if name in document.groups:
        raise EditRefused(f"There is a group “{name}” already. Choose another name.", "name")
    return name


def _known_group(document: PlanDocument, name: str) -> None:
    if name not in document.groups:
        raise EditRefused(f"There is no group “{name}” in this plan any more.")


# --- competencies ------------------------------------------------------------------------------


def is_code(text: str) -> bool:
    """Whether this may be the code of a competency."""
    return _CODE.fullmatch(text) is not None


def next_code(document: PlanDocument) -> str:
    """A code no competency of the plan has: one more than the highest of C01, C02 …"""
    numbers = [
        int(c.code[1:]) for c in document.competencies if re.fullmatch(r"C[0-9]{1,8}", c.code)
    ]
    return f"C{max(numbers, default=0) + 1:02}"


def add_competency(
    document: PlanDocument,
    *,
    code: str,
    can: str,
    short: str,
    group: str,
    criterion: str,
    critical: bool,
) -> PlanDocument:
    """A competency with its first criterion, checked by practice and valid a year; it stands last
    and nobody needs it yet. `can` is what comes after “I can”."""
    if not is_code(code):
        raise EditRefused("Use 2 to 10 capital letters and figures for the code, like C28", "code")
    if any(c.code == code for c in document.competencies):
        raise EditRefused(f"There is a competency {code} already. Choose another code.", "code")
    if len(document.competencies) >= MOST_OF_A_KIND:
        raise EditRefused(f"A plan has at most {MOST_OF_A_KIND} competencies.", "code")
    can = _text(can, "can", LONGEST_TITLE, "Enter what they can do")
    if can.casefold().startswith("i can "):
        can = can[len("I can ") :]
    competency = CompetencyDefinition(
        code=code,
        title=can[:1].upper() + can[1:],
        can=_text(f"I can {can[:1].lower() + can[1:]}", "can", LONGEST_TITLE, ""),
        short=_text(short, "short", LONGEST_SHORT, "Enter a short name"),
        group=group,
        themes=(),
        check=CheckDefinition(
            version=1,
            methods=("practice",),
            needs_discussion=False,
            validity_months=12,
            agency_months=6,
            criteria=(Criterion(f"{code}.1", _criterion_text(criterion, "criterion"), critical),),
        ),
    )
    _group_of(document, group)
    return replace(document, competencies=(*document.competencies, competency))


def change_wording(
    document: PlanDocument,
    code: str,
    *,
    can: str,
    title: str,
    short: str,
    group: str,
    themes: Sequence[str],
) -> PlanDocument:
    """`can` is the whole sentence, “I can …”."""
    _group_of(document, group)
    if len(set(themes)) < len(themes) or any(not 0 < len(theme) <= 10 for theme in themes):
        raise EditRefused("Choose each training theme once, by its code", "themes")
    return _with(
        document,
        replace(
            known(document, code),
            can=_text(can, "can", LONGEST_TITLE, "Enter what they say they can do"),
            title=_text(title, "title", LONGEST_TITLE, "Enter the title"),
            short=_text(short, "short", LONGEST_SHORT, "Enter a short name"),
            group=group,
            themes=tuple(themes),
        ),
    )


def retire_competency(document: PlanDocument, code: str) -> PlanDocument:
    """Without the competency, and without whatever required it."""
    known(document, code)
    kept = tuple(c for c in document.competencies if c.code != code)
    rows = tuple(row for row in document.requirement_definitions if row.competency != code)
    if not kept:
        raise EditRefused(f"{code} is the only competency. Add another before you retire it.")
    if not rows:
        raise EditRefused(
            f"Without {code} the plan would require nothing of anybody. "
            "Say first who needs another competency."
        )
    return replace(document, competencies=kept, requirement_definitions=rows)


def move_competency(document: PlanDocument, code: str, *, up: bool) -> PlanDocument:
    """One place up or down among those of its group."""
    here = known(document, code)
    group = [c for c in document.competencies if c.group == here.group]
    order = iter(_moved(group, lambda c: c.code == code, up, code, f" of “{here.group}”"))
    return tidy(
        replace(
            document,
            competencies=tuple(
                next(order) if c.group == here.group else c for c in document.competencies
            ),
        )
    )


def known(document: PlanDocument, code: str) -> CompetencyDefinition:
    """Raises EditRefused for a code that is not in the plan."""
    for competency in document.competencies:
        if competency.code == code:
            return competency
    raise EditRefused(f"There is no competency {code} in this plan any more.")


def _group_of(document: PlanDocument, group: str) -> None:
    if group not in document.groups:
        raise EditRefused("Choose one of the groups of this plan", "group")


def _with(document: PlanDocument, competency: CompetencyDefinition) -> PlanDocument:
    return replace(
        document,
        competencies=tuple(
            competency if c.code == competency.code else c for c in document.competencies
        ),
    )


# --- its check and its criteria ----------------------------------------------------------------


def change_check(
    document: PlanDocument,
    code: str,
    *,
    methods: Sequence[str],
    needs_discussion: bool,
    validity_months: int,
    agency_months: int | None,
) -> PlanDocument:
    """How the competency is tested and how long a pass lasts; `agency_months` None: agency posts
    do not need it."""
    here = known(document, code)
    if not methods or set(methods) - set(METHODS) or len(set(methods)) < len(methods):
        raise EditRefused("Choose at least one way to check it", "methods")
    if not 1 <= validity_months <= MOST_MONTHS:
        raise EditRefused(
            f"Enter how long a pass lasts, from 1 to {MOST_MONTHS} months", "validity_months"
        )
    if agency_months is not None and not 1 <= agency_months <= validity_months:
        raise EditRefused(
            f"For an agency post a pass counts from 1 month to {validity_months}, as long as for "
            "others at most",
            "agency_months",
        )
    if agency_months is None and any(
        row.competency == code and row.agency for row in document.requirement_definitions
    ):
        raise EditRefused(
            f"{code} is required of agency posts, so say for how long their pass counts; or first "
            "leave agency posts out of who needs it",
            "agency_months",
        )
    check = replace(
        here.check,
        methods=tuple(methods),
        needs_discussion=needs_discussion,
        validity_months=validity_months,
        agency_months=agency_months,
    )
    return _with(document, replace(here, check=check))


def add_criterion(document: PlanDocument, code: str, *, text: str, critical: bool) -> PlanDocument:
    """One more, the last; its number is one more than the highest."""
    criteria = known(document, code).check.criteria
    number = max(int(c.code.rpartition(".")[2]) for c in criteria) + 1
    if len(criteria) >= MOST_CRITERIA or number > MOST_CRITERION_NUMBER:
        raise EditRefused(f"A check has at most {MOST_CRITERIA} criteria. Change one there is.")
    added = Criterion(f"{code}.{number}", _criterion_text(text), critical)
    return _with_criteria(document, code, (*criteria, added))


def change_criterion(
    document: PlanDocument, code: str, criterion: str, *, text: str, critical: bool
) -> PlanDocument:
    changed = Criterion(criterion, _criterion_text(text), critical)
    criteria = _criteria(document, code, criterion)
    return _with_criteria(
        document, code, tuple(changed if c.code == criterion else c for c in criteria)
    )


def remove_criterion(document: PlanDocument, code: str, criterion: str) -> PlanDocument:
    kept = tuple(c for c in _criteria(document, code, criterion) if c.code != criterion)
    if not kept:
        raise EditRefused("A check needs a criterion. Add another before you remove this one.")
    return _with_criteria(document, code, kept)


def move_criterion(document: PlanDocument, code: str, criterion: str, *, up: bool) -> PlanDocument:
    criteria = _criteria(document, code, criterion)
    moved = _moved(criteria, lambda c: c.code == criterion, up, f"Criterion {criterion}")
    return _with_criteria(document, code, moved)


def _criteria(document: PlanDocument, code: str, criterion: str) -> tuple[Criterion, ...]:
    criteria = known(document, code).check.criteria
    if all(c.code != criterion for c in criteria):
        raise EditRefused(f"There is no criterion {criterion} in this plan any more.")
    return criteria


def _with_criteria(
    document: PlanDocument, code: str, criteria: tuple[Criterion, ...]
) -> PlanDocument:
    here = known(document, code)
    return _with(document, replace(here, check=replace(here.check, criteria=criteria)))


def _criterion_text(text: str, about: str = "text") -> str:
    return _text(text, about, LONGEST_CRITERION, "Enter what is judged, in one sentence")


# --- who needs it ------------------------------------------------------------------------------


def require(
    document: PlanDocument,
    code: str,
    *,
    who: Collection[str],
    settings: Collection[str],
    level: Level | None,
    agency: bool = True,
) -> PlanDocument:
    """These job roles and responsibilities need the competency in these settings at this level,
    or, with None, not at all. Whatever was asked of them there before is replaced."""
    here = known(document, code)
    if not who or set(who) - set(WHO):
        raise EditRefused("Choose at least one job role or responsibility", "job_roles")
    if not settings or set(settings) - set(SETTINGS):
        raise EditRefused("Choose at least one care setting", "settings")
    if level is not None and agency and here.check.agency_months is None:
        raise EditRefused(
            f"The check of {code} does not say for how long a pass counts for an agency post. "
            "Leave agency posts out, or say so in the check first",
            "agency",
        )
    cells = cells_of(document, code)
    for one in who:
        for setting in settings:
            cells.pop((one, setting, True), None)
            cells.pop((one, setting, False), None)
            if level is not None:
                cells[one, setting, agency] = level
    rows = [row for row in document.requirement_definitions if row.competency != code]
    rows += _lines(code, cells)
    if not rows:
        raise EditRefused(
            "The plan would require nothing of anybody. Say first who needs another competency.",
            "level",
        )
    return tidy(replace(document, requirement_definitions=tuple(rows)))


def cells_of(document: PlanDocument, code: str) -> Cells:
    """Who needs this competency, cell by cell."""
    return {
        (row.job_role or row.responsibility, row.setting, row.agency): row.level
        for definition in document.requirement_definitions
        if definition.competency == code
        for row in definition.requirements()
    }


def tidy(document: PlanDocument) -> PlanDocument:
    """The same plan, its requirements in the order of the competencies and in as few lines as say
    it."""
    return replace(
        document,
        requirement_definitions=tuple(
            line
            for competency in document.competencies
            for line in _lines(competency.code, cells_of(document, competency.code))
        ),
    )


def _lines(code: str, cells: Cells) -> list[RequirementDefinition]:
    settings_of: dict[tuple[str, Level, bool], list[str]] = defaultdict(list)
    for who in WHO:
        for setting in SETTINGS:
            for agency in (True, False):
                if level := cells.get((who, setting, agency)):
                    settings_of[who, level, agency].append(setting)
    alike: dict[tuple[Level, bool, tuple[str, ...]], list[str]] = defaultdict(list)
    for (who, level, agency), settings in settings_of.items():
        alike[level, agency, tuple(settings)].append(who)
    return [
        RequirementDefinition(
            competency=code,
            level=level,
            job_roles=tuple(w for w in everybody if w in JOB_ROLES),
            responsibilities=tuple(w for w in everybody if w in RESPONSIBILITIES),
            settings=settings,
            agency=agency,
        )
        for (level, agency, settings), everybody in sorted(
            alike.items(), key=lambda line: (line[0][0].strength, not line[0][1])
        )
    ]


# --- courses -----------------------------------------------------------------------------------


def add_course(document: PlanDocument, course: Course) -> PlanDocument:
    if not _COURSE_CODE.fullmatch(course.code):
        raise EditRefused(
            "Use at most 20 capital letters, figures and hyphens for the code, like DATA-SEC",
            "code",
        )
    if any(c.code == course.code for c in document.courses):
        raise EditRefused(f"There is a course {course.code} already. Choose another code.", "code")
    if len(document.courses) >= MOST_OF_A_KIND:
        raise EditRefused(f"A plan has at most {MOST_OF_A_KIND} courses.", "code")
    return replace(document, courses=(*document.courses, _course(course)))


def change_course(document: PlanDocument, course: Course) -> PlanDocument:
    """The course of this code, as it is now."""
    known_course(document, course.code)
    changed = _course(course)
    return replace(
        document,
        courses=tuple(changed if c.code == course.code else c for c in document.courses),
    )


def remove_course(document: PlanDocument, code: str) -> PlanDocument:
    known_course(document, code)
    return replace(document, courses=tuple(c for c in document.courses if c.code != code))


def move_course(document: PlanDocument, code: str, *, up: bool) -> PlanDocument:
    here = known_course(document, code)
    moved = _moved(document.courses, lambda c: c.code == code, up, f"“{here.title}”")
    return replace(document, courses=moved)


def known_course(document: PlanDocument, code: str) -> Course:
    """Raises EditRefused for a code that is not in the plan."""
    for course in document.courses:
        if course.code == code:
            return course
    raise EditRefused(f"There is no course {code} in this plan any more.")


def _course(course: Course) -> Course:
    if not course.job_roles and not course.responsibilities:
        raise EditRefused("Choose at least one job role or responsibility", "job_roles")
    if not course.settings:
        raise EditRefused("Choose at least one care setting", "settings")
    months = course.renewal_months
    if months is not None and not 1 <= months <= MOST_RENEWAL_MONTHS:
        raise EditRefused(
            f"Enter 1 to {MOST_RENEWAL_MONTHS} months, or leave it empty", "renewal_months"
        )
    title = _text(course.title, "title", LONGEST_COURSE_TITLE, "Enter the title of the course")
    return replace(
        course,
        title=title,
        job_roles=_in_order(course.job_roles, JOB_ROLES, "job_roles"),
        responsibilities=_in_order(course.responsibilities, RESPONSIBILITIES, "responsibilities"),
        settings=_in_order(course.settings, SETTINGS, "settings"),
    )


def _in_order(codes: Collection[str], every: Collection[str], about: str) -> tuple[str, ...]:
    if set(codes) - set(every):
        raise EditRefused("Choose from the list", about)
    return tuple(code for code in every if code in codes)


# --- what the steps share ----------------------------------------------------------------------


def _text(text: str, about: str, most: int, missing: str) -> str:
    """One line of text, spaces mended."""
    text = " ".join(text.split())
    if not text:
        raise EditRefused(missing, about)
    if not text.isprintable():
        raise EditRefused("This holds characters that cannot be shown; type it again", about)
    if len(text) > most:
        raise EditRefused(f"Use at most {most} characters; this has {len(text)}", about)
    return text


def _moved(
    items: Sequence[T], is_it: Callable[[T], bool], up: bool, name: str, where: str = ""
) -> tuple[T, ...]:
    here = next(place for place, item in enumerate(items) if is_it(item))
    there = here - 1 if up else here + 1
    if not 0 <= there < len(items):
        raise EditRefused(f"{name} is the {'first' if up else 'last'}{where} already.")
    found = list(items)
    found[here], found[there] = found[there], found[here]
    return tuple(found)
