"""The picture of how sure people are beside how it went: four corners, as `ui/corners.html` draws
them."""

from dataclasses import dataclass

from surehand.support.rules import Band

BANDS = {
    Band.LOW: "Not sure (1 or 2)",
    Band.MIDDLE: "Half and half (3)",
    Band.HIGH: "Sure (4 or 5)",
}


@dataclass(frozen=True)
class Entry:
    """One line behind a number."""

    text: str
    href: str
    why: str
    look: bool


@dataclass(frozen=True)
class Cell:
    """One field of the picture: how many, its corner's name and tone, and where they are listed."""

    count: int
    name: str
    tone: str
    href: str
    band: str
    entries: list[Entry]


@dataclass(frozen=True)
class Row:
    outcome: str
    cells: list[Cell]
