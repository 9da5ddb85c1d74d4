"""What somebody can be stuck on, and what such a question counts towards at first."""

from dataclasses import dataclass
from importlib import resources

import yaml


@dataclass(frozen=True)
class Category:
    """`title` is what the button says, `short` what a table says; `competency` and `theme` are
    codes of the plan, empty where none is likelier than another."""

    code: str
    title: str
    short: str
    icon: str
    competency: str = ""
    theme: str = ""


def _starter() -> dict[str, Category]:
    text = (
        resources.files("surehand.support").joinpath("starter/categories.yaml").read_text("utf-8")
    )
    return {row["code"]: Category(**row) for row in yaml.safe_load(text)}


CATEGORIES: dict[str, Category] = _starter()
