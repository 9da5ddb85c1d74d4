"""Questions of spot checks: done or explained aloud in a few minutes by anybody on shift.

One YAML document (`spot_questions.schema.json` beside this file). `{name}` is a blank: whoever asks
says a name of their own choice there, and it is kept nowhere. What a good answer has is three to
five points a listener ticks. A point with `route` stands for every step of that route of the ECM
profile, so that a changed route changes the answer.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any

from surehand.documents import Document, DocumentProblem
from surehand.ecm.profile import Profile, Route, RouteStep
from surehand.people.roles import JOB_ROLES, RESPONSIBILITIES

BLANK = "{name}"
SAFEGUARDING = "safeguarding"
FEWEST, MOST = 3, 5
"""How many points somebody can listen for."""


class SpotQuestionProblem(DocumentProblem):
    """The questions were refused; `problems` is a list of sentences with the line of each."""


@dataclass(frozen=True)
class Point:
    """One thing a good answer has, as it is ticked."""

    code: str
    text: str


@dataclass(frozen=True)
class Asked:
    """A point as the document gives it: its own words, or a route of the ECM profile."""

    code: str
    says: str = ""
    route: str = ""


@dataclass(frozen=True)
class SpotQuestion:
    """`minutes` is about how long it takes."""

    code: str
    version: int
    title: str
    ask: str
    job_roles: tuple[str, ...]
    responsibilities: tuple[str, ...]
    settings: tuple[str, ...]
    competency: str
    criteria: tuple[str, ...]
    minutes: int
    asked: tuple[Asked, ...]

    @property
    def has_blank(self) -> bool:
        """Whether it is asked about somebody, whose name is said and never kept."""
        return BLANK in self.ask

    def is_for(self, job_role: str, responsibilities: Collection[str], setting: str) -> bool:
        """Whether it suits a post with this job role and these responsibilities."""
        return setting in self.settings and (
            job_role in self.job_roles or bool(set(self.responsibilities) & set(responsibilities))
        )

    def says_the_same_as(self, other: "SpotQuestion") -> bool:
        """Whether nothing but the version differs."""
        return replace(self, version=0) == replace(other, version=0)

    def points(self, profile: Profile, setting: str) -> tuple[Point, ...]:
        """What a good answer has in this care setting, with the routes of `profile`."""
        found: list[Point] = []
        for one in self.asked:
            if not one.route:
                found.append(Point(one.code, one.says))
            elif route := route_for(profile, one.route, setting):
                found.append(Point(f"{one.code}_first", route.first))
                found += [
                    Point(f"{one.code}_{number}", _step(step))
                    for number, step in enumerate(route.steps, 1)
                ]
        return tuple(found)


def route_for(profile: Profile, which: str, setting: str) -> Route | None:
    """The way to tell of a concern, or of anything else (`escalation`), in a care setting."""
    for route in profile.routes:
        if setting in route.settings and (route.code == SAFEGUARDING) == (which == SAFEGUARDING):
            return route
    return None


def _step(step: RouteStep) -> str:
    return f"{step.tell}: {_within(step.within_minutes)}."


def _within(minutes: int | None) -> str:
    """“within 5 minutes”, “within 24 hours”, “without delay”."""
    if minutes is None:
        return "without delay"
    if minutes >= 120 and minutes % 60 == 0:
        return f"within {minutes // 60} hours"
    return f"within {minutes} minute{'' if minutes == 1 else 's'}"


@cache
def schema() -> dict[str, Any]:
    """The JSON Schema of the document."""
    file = resources.files("surehand.practice").joinpath("spot_questions.schema.json")
    content: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return content


def starter_text() -> str:
    """The questions as they are shipped."""
    file = resources.files("surehand.practice").joinpath("starter/questions.yaml")
    return file.read_text("utf-8")


def load(
    text: str,
    *,
    profiles: Mapping[str, Profile],
    criteria: Mapping[str, Collection[str]],
) -> dict[str, SpotQuestion]:
    """The questions in `text` by code, checked against the profile of each care setting and the
    criteria of each competency. Raises SpotQuestionProblem with every problem found."""
    try:
        document = Document(text)
        document.check_shape(schema())
    except DocumentProblem as problem:
        raise SpotQuestionProblem(problem.problems, problem.found) from None
    _lint(document, profiles, criteria)
    document.refuse_if_wrong(SpotQuestionProblem)
    return _read(document)


def read(text: str) -> dict[str, SpotQuestion]:
    """The questions of a document that was checked before."""
    return _read(Document(text))


def _read(document: Document) -> dict[str, SpotQuestion]:
    return {row["code"]: _question(row) for row in document.content["questions"]}


def _question(row: dict[str, Any]) -> SpotQuestion:
    return SpotQuestion(
        code=row["code"],
        version=row["version"],
        title=row["title"],
        ask=row["ask"],
        job_roles=tuple(row.get("job_roles", ())),
        responsibilities=tuple(row.get("responsibilities", ())),
        settings=tuple(row["settings"]),
        competency=row["competency"],
        criteria=tuple(row["criteria"]),
        minutes=row["minutes"],
        asked=tuple(Asked(**point) for point in row["points"]),
    )


# --- What a schema cannot say --------------------------------------------------------------------


def _lint(
    document: Document,
    profiles: Mapping[str, Profile],
    criteria: Mapping[str, Collection[str]],
) -> None:
    seen: set[str] = set()
    for place, row in enumerate(document.content["questions"]):
        here = ("questions", place)
        if row["code"] in seen:
            document.problem((*here, "code"), f"“{row['code']}” is given twice; keep one.")
        seen.add(row["code"])
        for key, known in (("job_roles", JOB_ROLES), ("responsibilities", RESPONSIBILITIES)):
            for code in row.get(key, ()):
                _known(document, (*here, key), code, known)
        if not row.get("job_roles") and not row.get("responsibilities"):
            document.problem(
                here, f"Nobody would be asked “{row['code']}”; add a job role or a responsibility."
            )
        if _known(document, (*here, "competency"), row["competency"], criteria):
            for code in row["criteria"]:
                _known(document, (*here, "criteria"), code, criteria[row["competency"]])
        if "{" in row["ask"].replace(BLANK, "") or "}" in row["ask"].replace(BLANK, ""):
            document.problem((*here, "ask"), f"The only blank there is is {BLANK}.")
        _lint_points(document, here, row, profiles)


def _lint_points(
    document: Document,
    here: tuple[str | int, ...],
    row: dict[str, Any],
    profiles: Mapping[str, Profile],
) -> None:
    codes = [point["code"] for point in row["points"]]
    for number, point in enumerate(row["points"]):
        if codes.count(point["code"]) > 1:
            document.problem(
                (*here, "points", number), f"“{point['code']}” is given twice; keep one."
            )
        if ("says" in point) == ("route" in point):
            document.problem(
                (*here, "points", number),
                f"Point “{point['code']}” needs either words (“says”) or a route.",
            )
            return
    for setting in row["settings"]:
        for number, point in enumerate(row["points"]):
            if "route" in point and not route_for(profiles[setting], point["route"], setting):
                document.problem(
                    (*here, "points", number),
                    f"The profile for setting {setting} has no such route.",
                )
        count = len(_question(row).points(profiles[setting], setting))
        if not FEWEST <= count <= MOST:
            document.problem(
                (*here, "points"),
                f"“{row['code']}” has {count} points in setting {setting}; "
                f"nobody can listen for other than {FEWEST} to {MOST}.",
            )


def _known(
    document: Document, path: tuple[str | int, ...], code: str, known: Collection[str]
) -> bool:
    if code in known:
        return True
    document.problem(path, f"“{code}” is not known here; there is: {', '.join(sorted(known))}.")
    return False
