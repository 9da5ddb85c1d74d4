"""Training themes: what a gap in a record teaches, and the refresher that mends it."""

from dataclasses import dataclass
from importlib import resources

import yaml


@dataclass(frozen=True)
class Theme:
    """`missing` says what a record with this gap lacks; `weak` and `good` are example entries.

    `checks` are competency codes to check again; `refresher` takes 10 to 15 minutes.
    """

    code: str
    title: str
    missing: str
    weak: str
    good: str
    checks: tuple[str, ...]
    refresher: str


def _starter() -> dict[str, Theme]:
    text = resources.files("surehand.competency").joinpath("starter/themes.yaml").read_text("utf-8")
    rows = [{**row, "checks": tuple(row["checks"])} for row in yaml.safe_load(text)]
    return {row["code"]: Theme(**row) for row in rows}


THEMES: dict[str, Theme] = _starter()
