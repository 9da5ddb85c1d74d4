"""How records are selected for an audit, in the words of whoever selects them (2.1). Pure.

A number of records of each author and record type is taken (coverage), and some more by risk
(finds). Chance alone decides within that, by a seed; `surehand.stats.sampling` says how, and with
what probability each record is drawn.
"""

import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from math import ceil
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from surehand.stats import sampling
from surehand.stats.estimates import MINIMUM

WHY: dict[str, str] = {
    "coverage": "Some records of each kind that a person writes are checked, whoever they are.",
    "more": "Some more are drawn by lot, and this is one of them.",
    "signal": "Something was noticed in it.",
    "new_starter": "Whoever wrote it was new here.",
    "night": "It was written at night.",
    "agency": "Whoever wrote it came from an agency.",
    "weak_theme": "Records in this place lacked the same thing more than once before.",
}
"""Why a record was selected, by code. The last five made it likelier and are no judgement."""

RISKS = ("signal", "new_starter", "night", "agency", "weak_theme")
"""What may make a record likelier to be drawn, in the order of the bits of `Frame.risks`."""

LEVELS = ("No more", "A little more", "More", "Much more")
TIMES = (1.0, 1.5, 2.0, 4.0)
"""How many times as likely, by level, a record is drawn for a risk."""

RATE = 0.8
"""The rate for which it is said beforehand how well it will be known."""


@dataclass(frozen=True)
class Design:
    """How records are selected. `coverage`: so many of each author's records of one type (all, if
    there are no more), at least 1. `more`: about so many beside, by risk; each risk has a level, 0
    to 3 (`LEVELS`). `twice` of 100 are checked by two people; in `blind` of 100, those among them,
    signals are hidden until they are answered.

    Raises ValueError, with a sentence.
    """

    coverage: int = 2
    more: int = 20
    signal: int = 2
    new_starter: int = 1
    night: int = 1
    agency: int = 1
    weak_theme: int = 1
    twice: int = 10
    blind: int = 20

    def __post_init__(self) -> None:
        if any(type(value) is not int for value in asdict(self).values()):
            raise ValueError("A design is made of whole numbers.")
        if self.coverage < 1:
            raise ValueError("Choose at least 1 record of each person and kind of record.")
        if self.more < 0:
            raise ValueError("The number drawn beside is 0 or more.")
        if not all(0 <= getattr(self, risk) < len(LEVELS) for risk in RISKS):
            raise ValueError("How much likelier a risk makes a record is one of four levels.")
        if not 0 <= self.twice <= self.blind <= 100:
            raise ValueError("What is checked twice is part of what is checked without signals.")

    def as_json(self) -> dict[str, int]:
        return asdict(self)

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Self:
        """From JSON. Raises ValueError for what is no design."""
        if unknown := set(said) - {field.name for field in fields(cls)}:
            raise ValueError(f"A design has no “{min(unknown)}”.")
        return cls(**said)

    @property
    def drawn(self) -> sampling.Design:
        return sampling.Design(self.coverage, float(self.more), self.twice / 100)

    @property
    def times(self) -> tuple[float, ...]:
        """How many times as likely each of `RISKS` makes a record."""
        return tuple(TIMES[getattr(self, risk)] for risk in RISKS)

    def in_words(self) -> str:
        """The design in sentences."""
        each = "1 record" if self.coverage == 1 else f"{self.coverage} records"
        said = [f"Of each kind of record a person wrote, {each} (all, if there were no more)."]
        if self.more:
            said.append(f"About {self.more} more drawn by lot{self._likelier()}.")
        said.append(
            f"{self.twice} of 100 are checked by two people; in {self.blind} of 100 what was "
            "noticed is hidden until they are answered."
        )
        return " ".join(said)

    def _likelier(self) -> str:
        said = []
        for level in range(len(LEVELS) - 1, 0, -1):
            where = [_WHERE[risk] for risk in RISKS if getattr(self, risk) == level]
            if where:
                listed = " and ".join([", ".join(where[:-1]), where[-1]] if where[1:] else where)
                said.append(f"{LEVELS[level].lower()} often {listed}")
        return ": " + "; ".join(said) if said else ", each as likely as the others"


_WHERE = {
    "signal": "where something was noticed",
    "new_starter": "from new starters",
    "night": "at night",
    "agency": "from agency staff",
    "weak_theme": "where the same was missing before",
}


@dataclass(frozen=True)
class Frame:
    """The records that may be drawn, as columns: the id of each (once), the number of its stratum
    (an author's records of one type), and what makes it likelier (bits, in the order of RISKS).

    It is kept as it was, so that the same seed draws the same records again though what was
    noticed has been answered meanwhile.
    """

    ids: Sequence[str]
    strata: NDArray[np.int64]
    risks: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.ids)

    def as_bytes(self) -> bytes:
        said = [list(self.ids), self.strata.tolist(), self.risks.tolist()]
        return zlib.compress(json.dumps(said, separators=(",", ":")).encode(), 1)

    @classmethod
    def of(cls, kept: bytes) -> Self:
        ids, strata, risks = json.loads(zlib.decompress(kept))
        return cls(ids, np.array(strata, dtype=np.int64), np.array(risks, dtype=np.uint8))

    def risk(self, design: Design) -> NDArray[np.float64]:
        """How much likelier each is drawn than a record with no risk: the product of its risks."""
        every = 1 << len(RISKS)
        of_bits = np.ones(every)
        for bit, times in enumerate(design.times):
            of_bits[(np.arange(every) >> bit) & 1 == 1] *= times
        risk: NDArray[np.float64] = of_bits[self.risks]
        return risk

    def inclusion(self, design: Design) -> NDArray[np.float64]:
        """How likely each is drawn."""
        return sampling.inclusion(self.strata, self.risk(design), design=design.drawn).pi


class Selected(NamedTuple):
    """A record drawn: its row in the frame, how likely that was, the codes of why (`WHY`), whether
    two people check it, and whether signals are hidden in it."""

    row: int
    id: str
    pi: float
    why: tuple[str, ...]
    twice: bool
    blind: bool


def select(frame: Frame, *, design: Design, seed: str) -> list[Selected]:
    """The records drawn, in the order in which they are checked, which is random. The same frame,
    design and seed always draw the same."""
    drawn = sampling.draw(
        frame.ids, frame.strata, frame.risk(design), design=design.drawn, seed=seed
    )
    rows = drawn.rows.tolist()
    ids = [frame.ids[row] for row in rows]
    # Those checked twice come first in this order, so they are among the blind ones.
    own = sampling.own_numbers(ids, seed=seed)[:, 2]
    hidden = set(np.argsort(own, kind="stable")[: ceil(design.blind * len(rows) / 100)].tolist())
    return [
        Selected(
            row=row,
            id=ids[place],
            pi=pi,
            why=tuple(_why(int(frame.risks[row]), design, covered, risky)),
            twice=twice,
            blind=place in hidden,
        )
        for place, (row, pi, covered, risky, twice) in enumerate(
            zip(
                rows,
                drawn.pi.tolist(),
                drawn.for_coverage.tolist(),
                drawn.for_risk.tolist(),
                drawn.twice.tolist(),
                strict=True,
            )
        )
    ]


def _why(risks: int, design: Design, covered: bool, risky: bool) -> Iterator[str]:
    if covered:
        yield "coverage"
    if risky:
        yield "more"
        for bit, risk in enumerate(RISKS):
            if risks >> bit & 1 and getattr(design, risk):
                yield risk


@dataclass(frozen=True)
class Size:
    """What a design takes and what that buys: about `chosen` of `records`, and half the width, as
    a share, of the interval of a rate of 80 % (`within`)."""

    records: int
    chosen: int
    within: float

    @property
    def every(self) -> bool:
        return self.chosen == self.records

    @property
    def too_few(self) -> bool:
        """Whether no rate will be told."""
        return self.chosen < MINIMUM

    def in_words(self) -> str:
        if not self.records:
            return "There is no record to select from."
        of = f"{self.chosen:,} of {self.records:,}"
        if self.too_few:
            return (
                f"About {of} records would be checked: too few to tell a rate, which takes "
                f"{MINIMUM}."
            )
        if self.every:
            return f"All {self.records:,} records would be checked, so the rate is exact."
        return (
            f"With about {of} records checked, a rate of {RATE:.0%} is known to within "
            f"± {max(1, round(100 * self.within))} points."
        )


def size(frame: Frame, *, design: Design) -> Size:
    """What a design would take of these records. No chance is in it."""
    if not len(frame):
        return Size(0, 0, 0.0)
    pi = frame.inclusion(design)
    return Size(
        records=len(frame),
        chosen=round(float(pi.sum())),
        within=sampling.precision_of(sampling.effective_size(pi), p=RATE),
    )
