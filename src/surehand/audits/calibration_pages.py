"""What the calibration page shows: how far auditors agree on each criterion, and where not."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from surehand.audits.anchors import ANCHORS
from surehand.audits.calibration_queries import Pair
from surehand.audits.check_pages import title_of
from surehand.audits.models import Answer, Criterion
from surehand.stats.agreement import Agreement, agreement
from surehand.stats.estimates import MINIMUM
from surehand.stats.intervals import Interval
from surehand.ui.formats import plural
from surehand.ui.page import address


@dataclass(frozen=True)
class AgreementLine:
    """One criterion: on how many records both said the same, and that less what chance would bring.
    With too few records `said` says so and no figure is told."""

    title: str
    records: int
    said: str
    same: Interval | None
    ac1: str
    kappa: str


def agreement_lines(found: Sequence[Pair]) -> list[AgreementLine]:
    return [
        _line(criterion.label, agreement(answers, Answer.values))
        for place, criterion in enumerate(Criterion)
        for answers in [[(pair.first[place], pair.second[place]) for pair in found]]
    ]


def _line(title: str, found: Agreement | None) -> AgreementLine:
    count = found.n if found else 0
    if found is None or found.too_few:
        few = f"Too few to tell: {plural(count, 'record')}, and it takes {MINIMUM}"
        return AgreementLine(title, count, few, None, "", "")
    return AgreementLine(
        title,
        count,
        f"{found.same.value:.0%} of {plural(count, 'record')}",
        found.same,
        _figure(found.ac1),
        _figure(found.kappa) if found.kappa else "All answers were the same",
    )


def _figure(each: Interval) -> str:
    """“0.62 (0.41 to 0.83)”."""
    return f"{each.value:.2f} ({each.low:.2f} to {each.high:.2f})".replace("-", "−")


@dataclass(frozen=True)
class Differing:
    """One criterion on which the two differed: what each said and what that answer means."""

    title: str
    first: str
    first_means: str
    second: str
    second_means: str


@dataclass(frozen=True)
class PairLine:
    title: str
    audit: str
    when: datetime
    href: str
    differing: list[Differing]


def pair_lines(found: Iterable[Pair]) -> list[PairLine]:
    return [
        PairLine(
            title=f"Record {pair.item.number}",
            audit=title_of(pair.item.audit),
            when=pair.at,
            href=address("records-of-check-item", pair.item.pk),
            differing=[
                Differing(
                    criterion.label,
                    Answer(first).label,
                    ANCHORS[criterion].answers[first],
                    Answer(second).label,
                    ANCHORS[criterion].answers[second],
                )
                for criterion, first, second in zip(Criterion, pair.first, pair.second, strict=True)
                if first != second
            ],
        )
        for pair in found
    ]


def lede(lines: Sequence[AgreementLine], pairs: int, differing: int) -> str:
    """Where they agree least; with too few records, how many there are."""
    if not pairs:
        return "No record has been checked by two people yet."
    told = [line for line in lines if line.same is not None]
    if not told:
        return (
            f"Too few to tell yet: {plural(pairs, 'record')} checked by two people, and it takes "
            f"{MINIMUM}."
        )
    least = min(told, key=lambda line: line.same.value if line.same else 1)
    return (
        f"Least on “{least.title}”: the same answer on {least.said}. They differed somewhere on "
        f"{differing:,}."
    )
