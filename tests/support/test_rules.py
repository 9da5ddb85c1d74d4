"""Rules about questions: who asks on after passing (G13), and how often per 100 shifts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surehand.support.rules import DAY, Asked, asked_after_passing, per_100_shifts

AT = 1000 * DAY
times = st.integers(AT - 20 * DAY, AT + 2 * DAY)


@given(
    asked=st.lists(st.builds(Asked, st.sampled_from([1, 2]), st.sampled_from([8, 9]), times)),
    passes=st.dictionaries(
        st.tuples(st.sampled_from([1, 2]), st.sampled_from([8, 9])), st.lists(times, max_size=3)
    ),
)
def test_g13_three_questions_after_a_pass_within_fourteen_days(
    asked: list[Asked], passes: dict[tuple[int, int], list[int]]
) -> None:
    found = asked_after_passing(asked, passes, at=AT)
    naive = {}
    for key in {(a.person, a.competency) for a in asked}:
        first = min(passes.get(key, []), default=None)
        counted = [
            a
            for a in asked
            if (a.person, a.competency) == key
            and first is not None
            and first <= a.at <= AT
            and a.at > AT - 14 * DAY
        ]
        if len(counted) >= 3:
            naive[key] = len(counted)
    assert {(f.person, f.competency): f.questions for f in found} == naive
    for each in found:
        assert each.passed_at in passes[each.person, each.competency]
        assert each.passed_at <= each.last_at <= AT


@pytest.mark.parametrize(
    ("days_ago", "flagged"),
    [
        ([1, 2, 3], True),
        ([1, 2], False),
        ([1, 2, 13], True),
        ([1, 2, 14], False),  # the fourteenth day has gone by
        ([1, 2, 31], False),  # one of them before the pass
    ],
)
def test_g13_table(days_ago: list[int], flagged: bool) -> None:
    asked = [Asked(1, 8, AT - days * DAY) for days in days_ago]
    assert bool(asked_after_passing(asked, {(1, 8): [AT - 30 * DAY]}, at=AT)) == flagged


# The exact (Poisson) limits of a count, as statisticians' tables have them.
@pytest.mark.parametrize(
    ("questions", "low", "high"),
    [(0, 0.0, 3.69), (1, 0.03, 5.57), (5, 1.62, 11.67), (9, 4.12, 17.08), (50, 37.11, 65.92)],
)
def test_a_rate_says_how_sure_it_is(questions: int, low: float, high: float) -> None:
    rate = per_100_shifts(questions, 100)
    assert rate
    assert rate.per_100 == questions
    assert rate.low == pytest.approx(low, abs=0.15)
    assert rate.high == pytest.approx(high, abs=0.15)


@given(questions=st.integers(0, 500), shifts=st.integers(0, 2000))
def test_no_rate_of_few_shifts_and_the_rate_lies_in_its_range(questions: int, shifts: int) -> None:
    rate = per_100_shifts(questions, shifts)
    assert (rate is None) == (shifts < 20)
    if rate:
        assert 0 <= rate.low <= rate.per_100 <= rate.high
