"""Scripts that play a scenario: read from `scripts/CODE.yaml`, turned into steps."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from surehand.competency import plan_document
from surehand.ecm import profile as profiles
from surehand.ecm.profile import Profile
from surehand.practice import scenario as scenarios
from surehand.practice.play import Did, Step, now_after, play, problem_with
from surehand.practice.scenario import Scenario

FOLDER = Path(__file__).parent / "scripts"
SHORT = {
    "open": "place",
    "acknowledge": "event",
    "tell": "contact",
    "choose": "choice",
    "wait": "seconds",
    "away": "seconds",
}


@cache
def criteria() -> dict[str, frozenset[str]]:
    plan = plan_document.load(plan_document.starter_text())
    return {c.code: frozenset(one.code for one in c.check.criteria) for c in plan.competencies}


@cache
def shipped(code: str) -> tuple[Scenario, Profile]:
    text = dict(scenarios.starter_texts())[code]
    profile = profiles.starter(yaml.safe_load(text)["profile"])
    return (
        scenarios.load(text, profile=profile, cast=scenarios.starter_cast(), criteria=criteria()),
        profile,
    )


def codes() -> list[str]:
    return [code for code, _ in scenarios.starter_texts()]


@dataclass(frozen=True)
class Script:
    scenario: str
    name: str
    steps: tuple[Step, ...]
    expect: dict[str, str]
    because: dict[str, list[str]]


def scripts(code: str) -> Iterator[Script]:
    for row in yaml.load((FOLDER / f"{code}.yaml").read_text("utf-8"), yaml.BaseLoader):
        yield Script(
            code, row["name"], tuple(_steps(row["steps"])), row["expect"], row.get("because", {})
        )


def _steps(rows: list[dict[str, Any]]) -> Iterator[Step]:
    taken: list[Step] = []
    for number, row in enumerate(rows, 1):
        gap = int(row.pop("after", 5))
        [(did, what)] = row.items()
        if did in ("wait", "away"):
            what = int(what)
        if not isinstance(what, dict):
            what = {SHORT[did]: what} if did in SHORT else {}
        for tick in {"late", "checked"} & set(what):
            what[tick] = what[tick] == "true"
        if "paper" in what:
            what["paper"] = int(what["paper"])
        step = Step(number, now_after(taken, gap), Did(did), what)
        taken.append(step)
        yield step


def refused(scenario: Scenario, profile: Profile, steps: tuple[Step, ...]) -> str:
    """The sentence with which the first step that cannot be taken is refused; empty if none."""
    for place, step in enumerate(steps):
        before = play(scenario, steps[:place], step.at)
        if said := problem_with(scenario, profile, before, step):
            return f"step {step.number} ({step.did} {dict(step.what)}): {said}"
    return ""
