"""Charts over time, held to the published values of the NHS reference package (NHSRplotthedots):
its vignette “Deviations from Excel defaults”, its snapshot tests, and the charts among them, whose
points and limits are read from their drawings (heights in a drawing are the values in another
unit, and every rule is blind to the unit)."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from math import nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surehand.stats.spc import (
    Assurance,
    Better,
    Chart,
    Judgement,
    SpecialCause,
    judged,
    laney,
    xmr,
)

START = date(2026, 1, 5)
UP, DOWN = Better.INCREASE, Better.DECREASE

# R's rnorm(20) after set.seed(123), the series of the package's snapshots.
NORMAL = [
    -0.56047565, -0.23017749, 1.55870831, 0.07050839, 0.12928774, 1.71506499, 0.46091621,
    -1.26506123, -0.68685285, -0.44566197, 1.22408180, 0.35981383, 0.40077145, 0.11068272,
    -0.55584113, 1.78691314, 0.49785048, -1.96661716, 0.70135590, -0.47279141,
]  # fmt: skip
VIGNETTE = [1, 2, 1, 2, 10, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1]

# Attendances at A&E in England by month (2016–19), as drawn; down is more, hence the minus below.
ATTENDANCES = [
    247.10, 145.31, 201.36, 140.94, 214.38, 204.55, 179.74, 226.96, 208.51, 233.29, 313.52, 172.70,
    205.90, 147.09, 183.64, 143.50, 218.52, 217.86, 158.47, 192.23, 178.67, 180.61, 271.11, 155.64,
    188.51, 98.01, 133.45, 90.25, 181.73, 177.79, 140.71, 161.64, 156.78, 123.66, 203.30, 96.45,
]  # fmt: skip
REBASED = [
    219.56, 134.34, 181.26, 130.68, 192.16, 183.93, 163.17, 202.69, 187.25, 207.99, 275.17, 157.27,
    185.07, 135.83, 166.43, 132.82, 195.63, 195.08, 145.36, 173.62, 162.27, 163.89, 239.66, 142.98,
    170.51, 94.74, 124.41, 88.24, 164.83, 161.54, 130.49, 148.01, 143.94, 116.21, 182.89, 93.44,
]  # fmt: skip
# The share seen within four hours; its limits rest on the first 12 months.
PERFORMANCE = [
    114.58, 106.27, 96.44, 105.94, 82.05, 93.40, 148.53, 171.83, 247.99, 283.75, 201.15, 115.47,
    97.98, 126.15, 90.73, 103.77, 105.45, 127.34, 117.81, 158.43, 289.15, 278.29, 287.09, 301.73,
    165.14, 102.31, 89.42, 139.32, 125.23, 152.31, 150.04, 198.60, 238.64, 311.02, 315.42, 233.18,
]  # fmt: skip
COLOURS = "c" * 9 + "-" + "c" + "+" * 8 + "c" + "-" * 4 + "c" * 5 + "-" * 7
COLOUR = {
    "c": Judgement.COMMON_CAUSE,
    "+": Judgement.IMPROVEMENT,
    "-": Judgement.CONCERN,
}


def weekly(values: Sequence[float]) -> list[tuple[date, float]]:
    return [(START + timedelta(weeks=n), value) for n, value in enumerate(values)]


def chart(values: Sequence[float], better: Better = UP, **how: object) -> Chart:
    return xmr(weekly(values), better=better, **how)  # type: ignore[arg-type]


def marks(found: Chart) -> list[SpecialCause | None]:
    return [point.special_cause for point in found.points]


def limits(found: Chart, n: int = 0) -> tuple[float, float, float]:
    point = found.points[n]
    assert point.lower is not None
    assert point.upper is not None
    return point.lower, point.mean, point.upper


@pytest.mark.parametrize(
    ("values", "screened", "expected"),
    [
        (NORMAL, True, (-3.01138, 0.1416238, 3.294627)),
        ([*NORMAL[:14], 10, *NORMAL[15:]], True, (-2.383666, 0.6694159, 3.722497)),
        ([*NORMAL[:14], 10, *NORMAL[15:]], False, (-4.596625, 0.6694159, 5.935457)),
        (VIGNETTE, True, (-0.72, 1.94, 4.6)),
        (VIGNETTE, False, (-3.06, 1.94, 6.95)),
    ],
)
def test_limits_are_the_published_ones(
    values: Sequence[float], screened: bool, expected: tuple[float, float, float]
) -> None:
    found = limits(chart(values, screen_outliers=screened))
    assert found == pytest.approx(expected, abs=0.005 if values is VIGNETTE else 5e-6)


def test_the_vignettes_points_are_marked_as_published() -> None:
    for screened in (True, False):
        found = chart(VIGNETTE, screen_outliers=screened)
        assert marks(found) == [None] * 4 + [SpecialCause.ABOVE_LIMIT] + [None] * 13
        assert found.points[4].judgement is Judgement.IMPROVEMENT
    assert set(marks(chart(NORMAL))) == {None}


def test_the_charts_of_attendances_are_the_published_ones() -> None:
    found = chart([-y for y in ATTENDANCES], screen_outliers=True)
    assert limits(found) == pytest.approx((-315.42, -180.39, -45.35), abs=0.01)
    assert set(marks(found)) == {None}
    rebase = [START + timedelta(weeks=12)]
    found = chart([-y for y in REBASED], screen_outliers=True, rebase=rebase)
    assert limits(found) == pytest.approx((-315.42, -186.29, -57.16), abs=0.01)
    assert limits(found, 12) == pytest.approx((-259.47, -152.41, -45.35), abs=0.01)
    assert set(marks(found)) == {None}
    # And the vignette's: three segments of a year, nothing marked, all on trial limits.
    rebase.append(START + timedelta(weeks=24))
    found = chart([-y for y in ATTENDANCES], screen_outliers=True, rebase=rebase)
    assert set(marks(found)) == {None}
    assert all(point.trial for point in found.points)


def test_the_chart_of_performance_is_the_published_one() -> None:
    found = chart([-y for y in PERFORMANCE], screen_outliers=True, baseline=12)
    assert limits(found) == pytest.approx((-249.21, -147.28, -45.35), abs=0.01)
    assert [point.judgement for point in found.points] == [COLOUR[one] for one in COLOURS]
    assert found.variation is Judgement.CONCERN


# The rules, one by one, on a baseline that fixes the average at 0 and the limits at ±3 (nearly).
BASE = [0.564, -0.564] * 10  # mean moving range 1.128
BASELINE = len(BASE)
LIMIT = 2.66 * 1.128


def after(values: Sequence[float], better: Better = UP) -> list[str | None]:
    found = chart([*BASE, *values], better, baseline=BASELINE)
    assert limits(found) == pytest.approx((-LIMIT, 0, LIMIT), abs=1e-9)
    return [None if one is None else one.value for one in marks(found)[BASELINE:]]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        # Outside: only beyond the limit, not on it.
        ([LIMIT + 0.001], ["above_limit"]),
        ([LIMIT], [None]),
        ([-LIMIT - 0.001], ["below_limit"]),
        # A trend: 6 strict moves; 5 are too few, and a level step breaks it.
        ([-1, -0.7, -0.3, 0.1, 0.3, 0.7, 1], ["trend_up"] * 7),
        ([1, 0.7, 0.3, -0.1, -0.3, -0.7, -1], ["trend_down"] * 7),
        ([-0.6, -0.5, -0.3, 0.1, 0.3, 0.7, 0.6], [None] * 7),
        ([-1, -0.7, -0.3, 0.1, 0.1, 0.7, 1, 0.2], [None] * 8),
        # Of three on one side, those near the limit; the third may be anywhere on that side.
        ([2.1, 0.1, 2.1], ["two_of_three_high", None, "two_of_three_high"]),
        ([2.1, 2.1, 0.1], ["two_of_three_high", "two_of_three_high", None]),
        ([-2.1, -2.2, -2.3], ["two_of_three_low"] * 3),
        ([2.1, -0.1, 2.1], [None] * 3),  # the one between is on the other side
        ([2.1, -2.1, 0.1], [None] * 3),
        ([2.1, 0.1, 0.1, 2.1], [None] * 4),  # two of four
        ([2.1, 2.1, -0.1], [None, None, None]),  # the base before them ends below the average
        ([LIMIT * 2 / 3, 0.1, LIMIT * 2 / 3], [None] * 3),  # on the line is not beyond it
        ([3.1, 0.1, 2.1], ["above_limit", None, None]),  # outside is not near
        # A shift: 7 on one side; on the average breaks it.
        ([0.5, 0.4] * 3 + [0.5], ["shift_high"] * 7),
        ([-0.5, -0.4] * 4, ["shift_low"] * 8),
        ([0.5, 0.4] * 3 + [-0.5], [None] * 7),
        ([0.5, 0.4, 0.5, 0, 0.5, 0.4, 0.5, 0.4], [None] * 8),
        # What comes first holds: outside, trend, two of three, shift.
        (
            [0.3, 0.6, 0.9, 1.2, 1.5, 2.1, 3.1, 0.2],
            ["trend_up"] * 6 + ["above_limit", "shift_high"],
        ),
        (
            [0.4, 2.1, 0.5, 2.2, 0.4, 0.5, 0.4],
            ["shift_high", "two_of_three_high", "shift_high", "two_of_three_high"]
            + ["shift_high"] * 3,
        ),
        # Where a fall turns into a rise, the turn is of the rise.
        (
            [1, 0.7, 0.3, -0.1, -0.3, -0.7, -1, -0.6, -0.3, 0.1, 0.3, 0.7, 1],
            ["trend_down"] * 6 + ["trend_up"] * 7,
        ),
    ],
)
def test_each_rule_and_its_edges(values: Sequence[float], expected: list[str | None]) -> None:
    assert after(values) == expected


def test_a_mark_reads_by_which_way_is_better() -> None:
    for cause in SpecialCause:
        high = "above" in cause or "up" in cause or "high" in cause
        assert judged(cause, UP) is (Judgement.IMPROVEMENT if high else Judgement.CONCERN)
        assert judged(cause, DOWN) is (Judgement.CONCERN if high else Judgement.IMPROVEMENT)
    assert judged(None, UP) is Judgement.COMMON_CAUSE


def test_a_rebase_is_judged_by_itself() -> None:
    """Six on one side before and six after are no shift."""
    low, high = [1, -1] * 6 + [-0.5] * 3, [-0.5] * 3 + [9, 11] * 6
    whole = chart([*low, *high])
    cut = chart([*low, *high], rebase=[START + timedelta(weeks=len(low) - 1, days=1)])
    assert SpecialCause.SHIFT_LOW in marks(whole)
    assert cut.points[: len(low)] == chart(low).points
    assert [p.mean for p in cut.points[len(low) :]] == [chart(high).points[0].mean] * len(high)


@pytest.mark.parametrize(
    ("target", "better", "expected"),
    [
        (3.1, UP, Assurance.CONSISTENT_FAIL),
        (3.1, DOWN, Assurance.CONSISTENT_PASS),
        (-3.1, UP, Assurance.CONSISTENT_PASS),
        (-3.1, DOWN, Assurance.CONSISTENT_FAIL),
        (0.5, UP, Assurance.INCONSISTENT),
        (None, UP, None),
    ],
)
def test_whether_the_target_will_be_met(
    target: float | None, better: Better, expected: Assurance | None
) -> None:
    assert chart(BASE, better, target=target).assurance is expected


def test_fewer_than_13_points_make_trial_limits_and_one_makes_none() -> None:
    assert all(p.trial for p in chart(BASE[:12]).points)
    assert not any(p.trial for p in chart(BASE[:13]).points)
    assert "trial" in chart(BASE[:12]).sentence
    (only,) = chart([4.0]).points
    assert (only.lower, only.upper, only.mean, only.special_cause) == (None, None, 4.0, None)
    assert chart([4.0], target=3).assurance is None


@given(st.floats(-1e6, 1e6), st.integers(2, 30), st.booleans())
def test_a_level_series_is_as_usual(value: float, many: int, screened: bool) -> None:
    assert set(marks(chart([value] * many, screen_outliers=screened))) == {None}


@given(
    st.lists(st.integers(-50, 50), min_size=1, max_size=40),
    st.sampled_from([0.5, 2.0, 1024.0]),
    st.integers(-8, 8),
)
def test_the_unit_does_not_matter_and_upside_down_mirrors(
    values: list[int], scale: float, by: int
) -> None:
    found = chart(values)
    assert marks(chart([v * scale + by for v in values])) == marks(found)
    mirrored = chart([-v for v in values], DOWN)
    assert [p.judgement for p in mirrored.points] == [p.judgement for p in found.points]


def test_a_sentence_says_what_the_last_point_shows() -> None:
    better = chart([*BASE, *[0.5, 0.4] * 4], DOWN, baseline=BASELINE, target=9)
    assert better.sentence == (
        "This looks like a concern: the last point is one of 7 or more in a row above the average. "
        "As things are, the target will be met."
    )
    assert chart(BASE).sentence == "Nothing has clearly changed: the last point is as usual."


@pytest.mark.parametrize(
    ("points", "how", "said"),
    [
        ([], {}, "no points"),
        ([(START, 1), (START, 2)], {}, "two points of 2026-01-05"),
        ([(START, nan)], {}, "no number"),
        ([(START, 1)], {"rebase": [START + timedelta(1)]}, "on or after 2026-01-06"),
        ([(START, 1)], {"baseline": 1}, "at least 2"),
    ],
)
def test_what_cannot_be_drawn_is_said(
    points: list[tuple[date, float]], how: dict[str, object], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        xmr(points, better=UP, **how)  # type: ignore[arg-type]


# Laney p′.
SHARES = [(30, 400), (52, 500), (21, 300), (60, 450), (33, 380), (49, 520), (18, 310), (58, 470)]


def test_laneys_limits_worked_step_by_step() -> None:
    found = laney(
        [(START + timedelta(weeks=n), x, of) for n, (x, of) in enumerate(SHARES)], better=DOWN
    )
    p = sum(x for x, _ in SHARES) / sum(of for _, of in SHARES)
    sigma = [(p * (1 - p) / of) ** 0.5 for _, of in SHARES]
    z = [(x / of - p) / s for (x, of), s in zip(SHARES, sigma, strict=True)]
    sigma_z = sum(abs(b - a) for a, b in pairwise(z)) / 7 / 1.128
    assert sigma_z > 1.5  # they vary more than chance alone
    for point, s in zip(found.points, sigma, strict=True):
        assert point.mean == pytest.approx(p)
        assert point.upper == pytest.approx(p + 3 * s * sigma_z)
        assert point.near_upper == pytest.approx(p + 2 * s * sigma_z)
        assert point.lower == pytest.approx(max(0, p - 3 * s * sigma_z))


@given(st.lists(st.integers(0, 50), min_size=2, max_size=30))
def test_of_equal_numbers_laney_is_xmr_within_0_and_1(counts: list[int]) -> None:
    shares = laney([(at, x, 50) for at, x in weekly(counts)], better=UP)
    plain = chart([x / 50 for x in counts])
    for one, other in zip(shares.points, plain.points, strict=True):
        assert other.upper is not None
        assert other.lower is not None
        assert one.mean == pytest.approx(other.mean)
        # 3/1.128 is 2.6596, which the programme rounds to 2.66.
        assert one.upper == pytest.approx(min(1, other.upper), abs=2e-3)
        assert one.lower == pytest.approx(max(0, other.lower), abs=2e-3)


def test_shares_of_none_and_all_are_as_usual() -> None:
    for x in (0, 20):
        found = laney([(at, x, 20) for at, _ in weekly([0] * 9)], better=UP)
        assert set(marks(found)) == {None}
        assert limits(found) == (x / 20,) * 3
    with pytest.raises(ValueError, match="no share"):
        laney([(START, 3, 2)], better=UP)
    with pytest.raises(ValueError, match="no share"):
        laney([(START, 0, 0)], better=UP)
