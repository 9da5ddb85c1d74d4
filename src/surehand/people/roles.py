"""Job roles, risk responsibilities and care settings, by code, as the starter content names them.

Agency and bank are employment and night is a responsibility; neither is a job role (R13).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

import yaml


@dataclass(frozen=True)
class JobRole:
    """What a person does in a service, e.g. `SC`, senior care worker."""

    code: str
    title: str
    plural: str
    description: str
    usually_holds: tuple[str, ...]


@dataclass(frozen=True)
class Responsibility:
    """A risk responsibility a post may hold, e.g. `med`, medicines."""

    code: str
    title: str
    plural: str
    description: str


def _starter() -> dict[str, Any]:
    text = resources.files("surehand.people").joinpath("starter/roles.yaml").read_text("utf-8")
    content: dict[str, Any] = yaml.safe_load(text)
    return content


_content = _starter()

SETTINGS: dict[str, str] = _content["settings"]

JOB_ROLES: dict[str, JobRole] = {
    row["code"]: JobRole(**{**row, "usually_holds": tuple(row["usually_holds"])})
    for row in _content["job_roles"]
}

RESPONSIBILITIES: dict[str, Responsibility] = {
    row["code"]: Responsibility(**row) for row in _content["responsibilities"]
}


def _folded(text: str) -> str:
    """Without case, spaces and hyphens: people type "home care worker" and "Home-Care Worker"."""
    return "".join(letter for letter in text.casefold() if letter.isalnum())


_job_roles_by_name = {
    _folded(name): role
    for role in JOB_ROLES.values()
    for name in (role.code, role.title, role.plural)
}
_responsibilities_by_name = {
    _folded(name): responsibility
    for responsibility in RESPONSIBILITIES.values()
    for name in (responsibility.code, responsibility.title, responsibility.plural)
}


def find_job_role(text: str) -> JobRole | None:
    """The job role somebody typed, by code or title, or None."""
    return _job_roles_by_name.get(_folded(text))


def find_responsibility(text: str) -> Responsibility | None:
    """The responsibility somebody typed, by code or title, or None."""
    return _responsibilities_by_name.get(_folded(text))


def in_words(names: Sequence[str]) -> str:
    """Names joined for a sentence: a, b and c."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def who_in_words(job_roles: Collection[str], responsibilities: Collection[str]) -> str:
    """The people with any of these codes, for a sentence: "care workers and shift leads"."""
    if set(job_roles) == set(JOB_ROLES):
        return "everybody"
    plurals = [JOB_ROLES[code].plural for code in job_roles]
    plurals += [RESPONSIBILITIES[code].plural for code in responsibilities]
    return in_words([plural[0].lower() + plural[1:] for plural in plurals])
