"""Record accuracy from unequal chances: against the truth of every record, and by hand (R18)."""

import random
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from surehand.audits import accuracy, quality
from surehand.audits.accuracy import Week
from surehand.audits.accuracy_pages import period_said
from surehand.audits.quality_queries import Period
from surehand.stats import spc
from surehand.stats.sampling import Design, Unit, select

MONDAY = date(2026, 6, 8)


def a_record(
    author: int = 1,
    *,
    pi: float = 0.5,
    accurate: bool | None = True,
    themes: tuple[str, ...] = (),
    at: datetime = datetime(2026, 6, 9, 10, tzinfo=UTC),
    answers: tuple[str, ...] = ("meets",) * 4,
) -> Any:
    return SimpleNamespace(
        author=author,
        account=author,
        pi=pi,
        accurate=accurate,
        themes=frozenset(themes),
        written_at=at,
        answers=answers,
        service=1,
    )


def test_r18_the_estimate_agrees_with_brute_force_truth() -> None:
    """Of 1,200 records all is known: 20 authors, those at risk worse and drawn three times as
    often. Drawn and estimated again and again, the mean is the truth and the interval holds it;
    the raw share of the audited ones is far off."""
    chance = random.Random("truth")
    population = {}
    for number in range(1200):
        risky = number % 4 == 0
        population[f"r{number}"] = (number % 20, risky, chance.random() < (0.45 if risky else 0.1))
    truth = 1 - sum(bad for _, _, bad in population.values()) / len(population)
    design = Design(coverage=2, by_risk=110)
    units = [Unit(i, author, 3.0 if risky else 1.0) for i, (author, risky, _) in population.items()]
    found, raw = [], []
    for times in range(150):
        drawn = select(units, design=design, seed=f"{times}")
        records = [
            a_record(population[each.id][0], pi=each.pi, accurate=not population[each.id][2])
            for each in drawn
        ]
        estimate = accuracy.estimate(records, accuracy.is_accurate)
        assert estimate is not None
        found.append(estimate)
        raw.append(sum(r.accurate for r in records) / len(records))
    mean = sum(e.value for e in found) / len(found)
    assert abs(mean - truth) < 0.01
    assert sum(e.low <= truth <= e.high for e in found) / len(found) >= 0.9
    assert truth - sum(raw) / len(raw) > 0.04


def test_a_record_counts_for_those_it_stands_for() -> None:
    """By hand: Σ(y/π) / Σ(1/π) = (10 × 2 + 10 × 10) / (20 × 2 + 10 × 10) = 120/140."""
    often = [a_record(n % 4, pi=0.5, accurate=n < 10) for n in range(20)]
    seldom = [a_record(n % 4, pi=0.1) for n in range(10)]
    found = accuracy.estimate([*often, *seldom], accuracy.is_accurate)
    assert found is not None
    assert found.value == pytest.approx(120 / 140)
    assert not found.too_few


def test_what_is_not_applicable_is_left_out() -> None:
    records = [a_record(n % 3, answers=("na" if n % 2 else "meets",) * 4) for n in range(40)]
    found = accuracy.estimate(records, accuracy.meets(0))
    assert found is not None
    assert (found.value, found.n) == (1, 20)
    assert accuracy.estimate([a_record(accurate=None)], accuracy.is_accurate) is None


@pytest.mark.parametrize(("records", "authors"), [(19, 5), (60, 2)])
def test_nothing_is_told_of_few_records_or_few_people(records: int, authors: int) -> None:
    found = accuracy.estimate(
        [a_record(n % authors) for n in range(records)], accuracy.has_gap("T04")
    )
    assert found is not None
    assert found.too_few


def test_a_week_is_a_london_week_and_worth_no_more_than_its_records() -> None:
    sunday = datetime(2026, 6, 14, 22, 59, tzinfo=UTC)  # 23:59 in London
    own = [a_record(n % 3, pi=1.0, at=sunday, accurate=n > 4) for n in range(25)]
    monday = [a_record(at=sunday + timedelta(minutes=2))]
    weeks = accuracy.by_week(
        [*own, *monday], [MONDAY, MONDAY + timedelta(days=7)], accuracy.is_accurate
    )
    assert weeks == [Week(MONDAY, 25, 0.8, 25.0), Week(MONDAY + timedelta(days=7), 1, None)]


@pytest.mark.parametrize(("utc", "night"), [(18, False), (19, True), (6, True), (7, False)])
def test_night_is_from_eight_to_eight_in_london(utc: int, night: bool) -> None:
    assert accuracy.is_night(datetime(2026, 6, 9, utc, 30, tzinfo=UTC)) is night


def test_a_period_ends_on_the_london_day_it_is_asked_about() -> None:
    june = Period(date(2026, 6, 1), date(2026, 7, 1), datetime(2026, 6, 9, 23, 30, tzinfo=UTC))
    assert period_said(june) == "1 June to 10 June 2026"


# --- The chart ------------------------------------------------------------------------------------


def some_weeks(*values: float | None) -> list[Week]:
    return [
        Week(MONDAY + timedelta(weeks=n), 0 if v is None else 100, v, 100.0)
        for n, v in enumerate(values)
    ]


STEADY = [0.12, 0.13, 0.11, 0.12, 0.14, 0.12, 0.11, 0.13, 0.12, 0.13]


def test_limits_come_from_the_weeks_before_the_refresher() -> None:
    weeks = some_weeks(*STEADY, *([0.05] * 8))
    refresher = MONDAY + timedelta(weeks=10)
    found = quality.over_time(weeks, better=spc.Better.DECREASE, first_refresher=refresher)
    assert found.baseline == 10
    assert found.variation is spc.Judgement.IMPROVEMENT
    assert found.chart is not None
    assert found.chart.points[-1].mean == pytest.approx(sum(STEADY) / 10)
    last = quality.notes(found.chart.points)[weeks[-1].monday]
    assert last == quality.Said("8 weeks in a row below the average", of_run=True)
    every = quality.over_time(weeks, better=spc.Better.DECREASE)
    assert every.baseline == 18


def test_weeks_with_too_few_records_are_left_out_and_few_weeks_are_no_chart() -> None:
    found = quality.over_time(some_weeks(0.1, None, 0.2, 0.1), better=spc.Better.DECREASE)
    assert found.chart is None
    found = quality.over_time(some_weeks(0.1, None, 0.2, 0.1, 0.1), better=spc.Better.DECREASE)
    assert found.chart is not None
    assert len(found.points) == 4


def test_a_point_outside_the_limits_is_said_beside_it() -> None:
    found = quality.over_time(some_weeks(*STEADY, 0.4, *STEADY), better=spc.Better.DECREASE)
    assert found.chart is not None
    said = quality.notes(found.chart.points)
    assert said[MONDAY + timedelta(weeks=10)] == quality.Said("above the limit")
