"""The training assurance plan as a document: read, written, and compared with another (1.1, R12).

The document is YAML a provider can edit; its JSON Schema is `plan.schema.json` beside this file.
"""

import json
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

from surehand.competency.rules import Course, Criterion, Level, Requirement
from surehand.documents import Document, DocumentProblem, written
from surehand.people.roles import (
    JOB_ROLES,
    RESPONSIBILITIES,
    SETTINGS,
    in_words,
    who_in_words,
)


class PlanProblem(DocumentProblem):
    """The plan was refused; `problems` is a list of sentences with the line of each."""


@dataclass(frozen=True)
class CheckDefinition:
    """How a competency is tested and how long a pass lasts, in calendar months.

    `methods`: practice, live, discussion; any one will do. `needs_discussion`: a discussion as
    well. `agency_months`: how long an agency post’s pass counts; None = not required of them.
    """

    version: int
    methods: tuple[str, ...]
    needs_discussion: bool
    validity_months: int
    agency_months: int | None
    criteria: tuple[Criterion, ...]


@dataclass(frozen=True)
class CompetencyDefinition:
    """`title` is an instruction, `can` the same as "I can …", `short` fits a matrix column."""

    code: str
    title: str
    can: str
    short: str
    group: str
    themes: tuple[str, ...]
    check: CheckDefinition


@dataclass(frozen=True)
class RequirementDefinition:
    """One line of the plan: everybody with any of these job roles or responsibilities."""

    competency: str
    level: Level
    job_roles: tuple[str, ...] = ()
    responsibilities: tuple[str, ...] = ()
    settings: tuple[str, ...] = tuple(SETTINGS)
    agency: bool = True

    def requirements(self) -> tuple[Requirement, ...]:
        """One row for each job role or responsibility in each setting."""
        who = [(role, "") for role in self.job_roles]
        who += [("", responsibility) for responsibility in self.responsibilities]
        return tuple(
            Requirement(self.competency, role, responsibility, setting, self.level, self.agency)
            for role, responsibility in who
            for setting in self.settings
        )


@dataclass(frozen=True)
class PlanDocument:
    title: str
    groups: tuple[str, ...]
    competencies: tuple[CompetencyDefinition, ...]
    requirement_definitions: tuple[RequirementDefinition, ...]
    courses: tuple[Course, ...] = ()

    def competency(self, code: str) -> CompetencyDefinition:
        """Raises KeyError for a code that is not in the plan."""
        for competency in self.competencies:
            if competency.code == code:
                return competency
        raise KeyError(code)

    def requirements(self) -> tuple[Requirement, ...]:
        """All requirements, one row each, as the gate reads them."""
        return tuple(
            row for definition in self.requirement_definitions for row in definition.requirements()
        )


@cache
def schema() -> dict[str, Any]:
    """The plan's JSON Schema."""
    text = resources.files("surehand.competency").joinpath("plan.schema.json").read_text("utf-8")
    content: dict[str, Any] = json.loads(text)
    return content


def starter_text() -> str:
    """The starter plan as it is shipped, for a provider to edit."""
    return resources.files("surehand.competency").joinpath("starter/plan.yaml").read_text("utf-8")


@cache
def starter() -> PlanDocument:
    """The starter plan (content brief, section 2)."""
    return load(starter_text())


def load(text: str) -> PlanDocument:
    """The plan written in `text`. Raises PlanProblem with every problem found."""
    try:
        document = Document(text)
        document.check_shape(schema())
    except DocumentProblem as problem:
        raise PlanProblem(problem.problems) from None
    content = document.content
    _note_problems(document, content)
    document.refuse_if_wrong(PlanProblem)
    return from_content(content)


def from_content(content: dict[str, Any]) -> PlanDocument:
    """The plan these plain values are. They are not looked at: give what `content_of` made."""
    return PlanDocument(
        title=content["title"],
        groups=tuple(content["groups"]),
        competencies=tuple(_competency(row) for row in content["competencies"]),
        requirement_definitions=tuple(_requirement(row) for row in content["requirements"]),
        courses=tuple(_course(row) for row in content.get("courses", ())),
    )


def _competency(row: dict[str, Any]) -> CompetencyDefinition:
    check = row["check"]
    return CompetencyDefinition(
        code=row["code"],
        title=row["title"],
        can=row["can"],
        short=row["short"],
        group=row["group"],
        themes=tuple(row.get("themes", ())),
        check=CheckDefinition(
            version=check["version"],
            methods=tuple(check["methods"]),
            needs_discussion=check["needs_discussion"],
            validity_months=check["validity_months"],
            agency_months=check["agency_months"],
            criteria=tuple(Criterion(**criterion) for criterion in check["criteria"]),
        ),
    )


def _requirement(row: dict[str, Any]) -> RequirementDefinition:
    return RequirementDefinition(
        competency=row["competency"],
        level=Level(row["level"]),
        job_roles=tuple(row.get("job_roles", ())),
        responsibilities=tuple(row.get("responsibilities", ())),
        settings=tuple(row.get("settings", SETTINGS)),
        agency=row.get("agency", True),
    )


def _course(row: dict[str, Any]) -> Course:
    return Course(
        code=row["code"],
        title=row["title"],
        renewal_months=row["renewal_months"],
        job_roles=tuple(row.get("job_roles", ())),
        responsibilities=tuple(row.get("responsibilities", ())),
        settings=tuple(row.get("settings", SETTINGS)),
        agency=row.get("agency", True),
    )


def _note_problems(document: Document, content: dict[str, Any]) -> None:
    """What a schema cannot say: codes that must be known, used once, and fit one another."""
    groups = set(content["groups"])
    checks: dict[str, dict[str, Any]] = {}
    for place, row in enumerate(content["competencies"]):
        here = ("competencies", place)
        code, check = row["code"], row["check"]
        if code in checks:
            document.problem((*here, "code"), f"Competency {code} is given twice; keep one.")
        checks[code] = check
        if row["group"] not in groups:
            document.problem(
                (*here, "group"),
                f"“{row['group']}” is not one of the groups; "
                f"add it to them or use one of: {', '.join(content['groups'])}.",
            )
        agency_months = check["agency_months"]
        if agency_months is not None and agency_months > check["validity_months"]:
            document.problem(
                (*here, "check", "agency_months"),
                f"A pass of {code} counts longer for agency posts ({agency_months} months) than "
                f"for others ({check['validity_months']}); make it the same or shorter.",
            )
        criteria_seen: set[str] = set()
        for number, criterion in enumerate(check["criteria"]):
            there = (*here, "check", "criteria", number, "code")
            if criterion["code"] in criteria_seen:
                document.problem(
                    there, f"Criterion {criterion['code']} is given twice; number them anew."
                )
            criteria_seen.add(criterion["code"])
            if not criterion["code"].startswith(f"{code}."):
                document.problem(
                    there,
                    f"Criterion {criterion['code']} stands under {code}; "
                    f"its code must begin with “{code}.”.",
                )
    required: dict[tuple[str, str, str, bool], int] = {}
    for place, row in enumerate(content["requirements"]):
        here = ("requirements", place)
        code = row["competency"]
        if code not in checks:
            document.problem(
                (*here, "competency"),
                f"A requirement names {code}, which is not a competency of this plan; "
                "add the competency or remove the requirement.",
            )
        elif row.get("agency", True) and checks[code]["agency_months"] is None:
            document.problem(
                here,
                f"{code} is required of agency posts but does not say for how long their pass "
                "counts; give agency_months in its check, or agency: false here.",
            )
        _note_whom(document, here, row, f"A requirement of {code}")
        for who in [*row.get("job_roles", ()), *row.get("responsibilities", ())]:
            for setting in row.get("settings", SETTINGS):
                key = (code, who, setting, row.get("agency", True))
                if key in required:
                    document.problem(
                        here,
                        f"{code} is already required of {who} in setting {setting} "
                        f"on line {document.line(('requirements', required[key]))}; keep one.",
                    )
                required.setdefault(key, place)
    courses: set[str] = set()
    for place, row in enumerate(content.get("courses", ())):
        here = ("courses", place)
        if row["code"] in courses:
            document.problem((*here, "code"), f"Course {row['code']} is given twice; keep one.")
        courses.add(row["code"])
        _note_whom(document, here, row, f"Course {row['code']}")


def _note_whom(
    document: Document, here: tuple[str | int, ...], row: dict[str, Any], what: str
) -> None:
    """Whom a requirement or a course is for: somebody, by codes that are known."""
    if "job_roles" not in row and "responsibilities" not in row:
        document.problem(here, f"{what} names nobody; add job_roles or responsibilities.")
    _note_unknown(document, here, row, "job_roles", "job role", JOB_ROLES)
    _note_unknown(document, here, row, "responsibilities", "responsibility", RESPONSIBILITIES)
    _note_unknown(document, here, row, "settings", "care setting", SETTINGS)


def _note_unknown(
    document: Document,
    here: tuple[str | int, ...],
    row: dict[str, Any],
    key: str,
    what: str,
    known: Collection[str],
) -> None:
    for number, code in enumerate(row.get(key, ())):
        if code not in known:
            document.problem(
                (*here, key, number),
                f"“{code}” is not a {what}; use one of: {', '.join(known)}.",
            )


def dump(document: PlanDocument) -> str:
    """The plan as YAML; `load` reads it back as the same plan."""
    return written(content_of(document))


def content_of(document: PlanDocument) -> dict[str, Any]:
    """The plan as plain values, as its YAML holds them; `from_content` makes it a plan again."""
    courses = [_course_written(course) for course in document.courses]
    return {
        "title": document.title,
        "groups": list(document.groups),
        "competencies": [
            {
                "code": competency.code,
                "title": competency.title,
                "can": competency.can,
                "short": competency.short,
                "group": competency.group,
                "themes": list(competency.themes),
                "check": {
                    "version": competency.check.version,
                    "methods": list(competency.check.methods),
                    "needs_discussion": competency.check.needs_discussion,
                    "validity_months": competency.check.validity_months,
                    "agency_months": competency.check.agency_months,
                    "criteria": [
                        {
                            "code": criterion.code,
                            "text": criterion.text,
                            "critical": criterion.critical,
                        }
                        for criterion in competency.check.criteria
                    ],
                },
            }
            for competency in document.competencies
        ],
        "requirements": [
            _requirement_written(definition) for definition in document.requirement_definitions
        ],
        **({"courses": courses} if courses else {}),
    }


def _requirement_written(definition: RequirementDefinition) -> dict[str, Any]:
    row: dict[str, Any] = {"competency": definition.competency, **_whom_written(definition)}
    row["level"] = definition.level.value
    if not definition.agency:
        row["agency"] = False
    return row


def _course_written(course: Course) -> dict[str, Any]:
    row: dict[str, Any] = {
        "code": course.code,
        "title": course.title,
        "renewal_months": course.renewal_months,
        **_whom_written(course),
    }
    if not course.agency:
        row["agency"] = False
    return row


def _whom_written(row: RequirementDefinition | Course) -> dict[str, Any]:
    whom: dict[str, Any] = {}
    if row.job_roles:
        whom["job_roles"] = list(row.job_roles)
    if row.responsibilities:
        whom["responsibilities"] = list(row.responsibilities)
    if row.settings != tuple(SETTINGS):
        whom["settings"] = list(row.settings)
    return whom


class Change(StrEnum):
    """What kind of difference two versions of a plan have."""

    COMPETENCY_ADDED = "competency added"
    COMPETENCY_REMOVED = "competency removed"
    WORDING_CHANGED = "wording changed"
    CHECK_CHANGED = "check changed"
    REQUIREMENT_ADDED = "requirement added"
    REQUIREMENT_REMOVED = "requirement removed"
    LEVEL_RAISED = "level raised"
    LEVEL_LOWERED = "level lowered"
    COURSE_ADDED = "course added"
    COURSE_REMOVED = "course removed"
    COURSE_CHANGED = "course changed"


@dataclass(frozen=True)
class Difference:
    """One change in one sentence; `competency` is empty where it is of the plan itself, and of a
    course, which `course` names. `details` are the words themselves, what they were and are."""

    change: Change
    competency: str
    sentence: str
    course: str = ""
    details: tuple[str, ...] = ()


_METHOD_WORDS = {
    "practice": "in the practice system",
    "live": "in live use",
    "discussion": "by discussion",
}
_LEVEL_WORDS = {
    Level.CRIT: "gate from the start",
    Level.CORE: "gate from day 29",
    Level.USE: "to develop",
}


def differences(old: PlanDocument, new: PlanDocument) -> list[Difference]:
    """What `new` changes, a sentence each: competencies, then who needs them, then courses."""
    found: list[Difference] = []
    if (old.title, old.groups) != (new.title, new.groups):
        sentence = "The plan’s title, or its groups and their order, changed."
        found.append(Difference(Change.WORDING_CHANGED, "", sentence))
    before = {competency.code: competency for competency in old.competencies}
    after = {competency.code: competency for competency in new.competencies}
    for code, competency in after.items():
        if code not in before:
            sentence = f"{code} “{competency.title}” is new."
            found.append(Difference(Change.COMPETENCY_ADDED, code, sentence))
        else:
            found += _competency_differences(before[code], competency)
    for code, competency in before.items():
        if code not in after:
            sentence = f"{code} “{competency.title}” is no longer in the plan."
            found.append(Difference(Change.COMPETENCY_REMOVED, code, sentence))
    for group in new.groups:
        orders = [
            [c.code for c in plan.competencies if c.group == group and c.code in before]
            for plan in (old, new)
        ]
        if orders[0] != orders[1] and set(orders[0]) == set(orders[1]):
            sentence = f"The competencies of “{group}” stand in another order."
            found.append(Difference(Change.WORDING_CHANGED, "", sentence))
    return found + _requirement_differences(old, new) + _course_differences(old, new)


def _competency_differences(
    old: CompetencyDefinition, new: CompetencyDefinition
) -> list[Difference]:
    found: list[Difference] = []
    if changes := _check_changes(old.check, new.check):
        sentence = f"{new.code}: {'; '.join(changes)}. This makes a new version of its check."
        details = _criteria_in_words(old.check, new.check)
        found.append(Difference(Change.CHECK_CHANGED, new.code, sentence, details=details))
    words = [
        name
        for name in ("title", "can", "short", "group", "themes")
        if getattr(old, name) != getattr(new, name)
    ]
    if words:
        sentence = f"{new.code} “{new.title}”: changed wording ({', '.join(words)})."
        details = tuple(
            f"{name[:1].upper()}{name[1:]}: “{_in_a_line(getattr(old, name))}” "
            f"is now “{_in_a_line(getattr(new, name))}”."
            for name in words
        )
        found.append(Difference(Change.WORDING_CHANGED, new.code, sentence, details=details))
    return found


def _in_a_line(words: str | tuple[str, ...]) -> str:
    return words if isinstance(words, str) else ", ".join(words)


def _criteria_in_words(old: CheckDefinition, new: CheckDefinition) -> tuple[str, ...]:
    before = {criterion.code: criterion.text for criterion in old.criteria}
    after = {criterion.code: criterion.text for criterion in new.criteria}
    said = [f"{code}: “{text}”" for code, text in after.items() if code not in before]
    said += [
        f"{code}: “{before[code]}” is now “{text}”"
        for code, text in after.items()
        if before.get(code, text) != text
    ]
    return tuple(
        said + [f"{code}: “{text}” is gone" for code, text in before.items() if code not in after]
    )


def _check_changes(old: CheckDefinition, new: CheckDefinition) -> list[str]:
    changes: list[str] = []
    before = {criterion.code: criterion for criterion in old.criteria}
    after = {criterion.code: criterion for criterion in new.criteria}
    for code, criterion in after.items():
        if code not in before:
            kind = "critical criterion" if criterion.critical else "criterion"
            changes.append(f"{kind} {code} added")
            continue
        if criterion.critical != before[code].critical:
            changes.append(f"{code} {'now' if criterion.critical else 'no longer'} critical")
        if criterion.text != before[code].text:
            changes.append(f"{code} reworded")
    changes += [f"criterion {code} removed" for code in before if code not in after]
    if not changes and old.criteria != new.criteria:
        changes.append("criteria in another order")
    if old.validity_months != new.validity_months:
        changes.append(
            f"a pass lasts {new.validity_months} months, not {old.validity_months} as before"
        )
    if old.agency_months != new.agency_months:
        months = f"{new.agency_months} months" if new.agency_months else "nothing"
        changes.append(f"an agency post’s pass counts for {months}")
    if old.methods != new.methods:
        changes.append(f"checked {' or '.join(_METHOD_WORDS[m] for m in new.methods)}")
    if old.needs_discussion != new.needs_discussion:
        changes.append(
            "a discussion is needed as well"
            if new.needs_discussion
            else "a discussion is no longer needed as well"
        )
    return changes


_Who = tuple[str, str, str]  # competency, job role or responsibility, permanent/bank or agency


def _levels(document: PlanDocument) -> dict[tuple[_Who, str], Level]:
    """(who, setting) → the strongest level, for agency posts and for the others apart."""
    levels: dict[tuple[_Who, str], Level] = {}
    for row in document.requirements():
        for employment in ("others", "agency") if row.agency else ("others",):
            key = ((row.competency, row.job_role or row.responsibility, employment), row.setting)
            held = levels.get(key)
            if held is None or row.level.strength > held.strength:
                levels[key] = row.level
    return levels


def _requirement_differences(old: PlanDocument, new: PlanDocument) -> list[Difference]:
    before, after = _levels(old), _levels(new)
    moves: dict[tuple[str, Level | None, Level | None, str, tuple[str, ...]], list[str]]
    moves = defaultdict(list)
    settings_of: dict[tuple[_Who, Level | None, Level | None], list[str]] = defaultdict(list)
    for key in [*after, *(key for key in before if key not in after)]:
        who, setting = key
        if before.get(key) != after.get(key):
            settings_of[who, before.get(key), after.get(key)].append(setting)
    for ((code, who_code, employment), was, now), settings in settings_of.items():
        moves[code, was, now, employment, tuple(settings)].append(who_code)
    found: list[Difference] = []
    for (code, was, now, employment, places), who_codes in sorted(
        moves.items(), key=lambda move: (move[0][0], move[0][3] == "agency")
    ):
        if employment == "agency" and (code, was, now, "others", places) in moves:
            # Said once, for everybody, where agency posts change exactly as the others do.
            who_codes = [w for w in who_codes if w not in moves[code, was, now, "others", places]]
            if not who_codes:
                continue
        found.append(_moved(code, was, now, employment, places, who_codes))
    return found


def _moved(
    code: str,
    was: Level | None,
    now: Level | None,
    employment: str,
    places: tuple[str, ...],
    who_codes: list[str],
) -> Difference:
    who = who_in_words(
        [code for code in who_codes if code in JOB_ROLES],
        [code for code in who_codes if code in RESPONSIBILITIES],
    )
    if employment == "agency":
        who = f"agency posts: {who}"
    where = "" if len(places) == len(SETTINGS) else f" in {in_words([SETTINGS[s] for s in places])}"
    if now is None:
        return Difference(
            Change.REQUIREMENT_REMOVED, code, f"{code} is no longer required of {who}{where}."
        )
    level = _LEVEL_WORDS[now]
    if was is None:
        return Difference(
            Change.REQUIREMENT_ADDED, code, f"{code} is now required of {who}{where} ({level})."
        )
    raised = now.strength > was.strength
    return Difference(
        Change.LEVEL_RAISED if raised else Change.LEVEL_LOWERED,
        code,
        f"{code} is {'raised' if raised else 'lowered'} for {who}{where} "
        f"from “{_LEVEL_WORDS[was]}” to “{level}”.",
    )


def _course_differences(old: PlanDocument, new: PlanDocument) -> list[Difference]:
    before = {course.code: course for course in old.courses}
    after = {course.code: course for course in new.courses}
    found: list[Difference] = []
    for code, course in after.items():
        if code not in before:
            sentence = f"The course “{course.title}” is now required of {course_whom(course)}."
            found.append(Difference(Change.COURSE_ADDED, "", sentence, code))
        elif changes := _course_changes(before[code], course):
            sentence = f"The course “{course.title}”: {'; '.join(changes)}."
            found.append(Difference(Change.COURSE_CHANGED, "", sentence, code))
    for code, course in before.items():
        if code not in after:
            sentence = f"The course “{course.title}” is no longer required."
            found.append(Difference(Change.COURSE_REMOVED, "", sentence, code))
    in_both = [code for code in after if code in before]
    if in_both != [code for code in before if code in after]:
        sentence = "The courses stand in another order."
        found.append(Difference(Change.COURSE_CHANGED, "", sentence))
    return found


def _course_changes(old: Course, new: Course) -> list[str]:
    changes: list[str] = []
    if old.title != new.title:
        changes.append(f"it was called “{old.title}”")
    if old.renewal_months != new.renewal_months:
        changes.append(
            f"to be attended again after {new.renewal_months} months"
            if new.renewal_months
            else "attended once is enough"
        )
    whom = [
        (set(c.job_roles), set(c.responsibilities), set(c.settings), c.agency) for c in (old, new)
    ]
    if whom[0] != whom[1]:
        changes.append(
            f"now required of {course_whom(new)}, and not of {course_whom(old)} as before"
        )
    return changes


def course_whom(course: Course) -> str:
    """Whom a course is for, for a sentence: "care workers in nursing care, not agency posts"."""
    who = who_in_words(course.job_roles, course.responsibilities)
    if set(course.settings) != set(SETTINGS):
        who += f" in {in_words([SETTINGS[code] for code in course.settings])}"
    return who if course.agency else f"{who}, not agency posts"


def adds_gates(old: PlanDocument, new: PlanDocument) -> bool:
    """Whether anybody would face a gate they do not face now, or face it sooner (R12).

    Such a plan gets 28 days' notice by default. Responsibilities and job roles are compared each
    for itself: moving a requirement from one to the other counts as a new gate.
    """
    before = _levels(old)
    return any(
        level is not Level.USE
        and ((held := before.get(key)) is None or held.strength < level.strength)
        for key, level in _levels(new).items()
    )
