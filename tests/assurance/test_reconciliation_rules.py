"""The rules of reconciliation, over columns, against the plainest reading of them (3.6)."""

from collections.abc import Sequence

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from surehand.assurance import reconciliation as rules
from surehand.assurance.reconciliation import (
    GRACE,
    HANDED_IN,
    NOTHING,
    SHARED,
    Finding,
    Ground,
    Held,
    Posts,
    Records,
    Why,
)
from surehand.readiness.rules import State
from surehand.readiness.rules.sweep import columns
from surehand.timeline import Span
from tests.conftest import trials

HOUR = 3_600_000_000
START = 20_000 * 24 * HOUR
HOURS = 120

moments = st.integers(0, HOURS * 4).map(lambda quarter: START + quarter * HOUR // 4)
small = st.integers(0, 3)


@st.composite
def held(draw: st.DrawFn, keys: int, values: int = 1, most: int = 3) -> dict[int, list[Span]]:
    """By key, stretches apart from one another, each with a value."""
    found = {}
    for key in range(keys):
        edges = sorted(draw(st.sets(moments, max_size=2 * most)))
        found[key] = [
            Span(a, b, draw(st.integers(0, values - 1)))
            for a, b in zip(edges[::2], edges[1::2], strict=False)
        ]
    return found


def rows(found: dict[int, list[Span]]) -> Held:
    return Held((key, *span) for key, spans in found.items() for span in spans)


def at(found: dict[int, list[Span]], key: int, moment: int) -> int:
    return next((s.state for s in found.get(key, ()) if s.start <= moment < s.until), NOTHING)


SERVICES, HUMANS, ACCOUNTS = 2, 3, 4
PLACES = [(service, human) for service in range(SERVICES) for human in range(1, HUMANS)]


def place(service: int, human: int) -> int:
    return (service << 32) | human


def by_place(found: dict[int, list[Span]]) -> dict[int, list[Span]]:
    return {place(*PLACES[n]): spans for n, spans in found.items()}


def naive(record: Sequence[int], posts: list[tuple[int, int]], of: dict) -> tuple:
    """One record, read as the rules are written."""
    service, account, occurred, recorded = record
    human = at(of["holder"], account, recorded)
    if at(of["live"], service, recorded) == NOTHING:
        return (0, NOTHING, False, False)
    if human == NOTHING:
        return (Finding.UNKNOWN_ACCOUNT, NOTHING, False, False)
    if human == SHARED:
        return (Finding.SHARED_SIGN_IN, NOTHING, False, False)
    here = place(service, human)
    found = 0
    meant = recorded
    if at(of["on_shift"], here, recorded) == NOTHING and recorded - occurred <= HANDED_IN:
        meant = occurred
    rota = at(of["rota"], service, meant) != NOTHING
    if rota and at(of["on_shift"], here, meant) == NOTHING:
        found |= Finding.NOT_ON_SHIFT
    if at(of["no_live"], here, meant) != NOTHING:
        found |= Finding.NO_LIVE_USE_SHIFT
    role = at(of["role"], here, meant)
    whys, answered = [], []
    for post, (where, job_role) in enumerate(posts):
        state = at(of["state"], post, recorded)
        if where != here or state == NOTHING or role not in (NOTHING, job_role):
            continue
        why = {
            State.INDEPENDENT: Why.INDEPENDENT,
            State.SUPERVISED: Why.NO_SUPERVISOR,
            State.AWAITING_SIGN_OFF: Why.AWAITING_SIGN_OFF,
            State.NOT_READY: Why.NOT_READY,
            State.RESTRICTED: Why.RESTRICTED,
        }[State(state)]
        if why is Why.NO_SUPERVISOR and at(of["watched"], post, meant) != NOTHING:
            why = Why.SUPERVISED
        whys.append(why)
        if why > Why.SUPERVISED:
            answered.append(at(of["overridden"], post, recorded) != NOTHING)
    why = max(whys, default=Why.NO_POST)
    over = bool(answered) and all(answered) and why is not Why.RESTRICTED
    if why > Why.SUPERVISED:
        found |= Finding.NOT_CLEARED
    return (found, why, over, at(of["outage"], here, meant) != NOTHING)


@settings(max_examples=trials(50))
@given(st.data())
def test_columns_say_what_the_plainest_reading_says(data: st.DataObject) -> None:
    posts = sorted(
        data.draw(
            st.lists(
                st.tuples(st.sampled_from([place(*p) for p in PLACES]), st.integers(1, 2)),
                max_size=6,
            )
        )
    )
    of = {
        "live": data.draw(held(SERVICES, most=1)),
        "holder": data.draw(held(ACCOUNTS, values=HUMANS)),
        "state": data.draw(held(len(posts), values=len(State), most=4)),
        "watched": data.draw(held(len(posts))),
        "overridden": data.draw(held(len(posts))),
        "rota": data.draw(held(SERVICES)),
        "on_shift": by_place(data.draw(held(len(PLACES)))),
        "role": by_place(data.draw(held(len(PLACES), values=3))),
        "no_live": by_place(data.draw(held(len(PLACES)))),
        "outage": by_place(data.draw(held(len(PLACES)))),
    }
    given_ = data.draw(
        st.lists(
            st.tuples(st.integers(0, SERVICES - 1), st.integers(0, ACCOUNTS - 1), moments, moments),
            min_size=1,
            max_size=40,
        )
    )
    ground = Ground(
        posts=Posts(*columns(posts, 2)), **{name: rows(found) for name, found in of.items()}
    )
    judged = rules.judge(Records(*columns(given_, 4)), ground)
    said = list(
        zip(
            judged.found.tolist(),
            judged.why.tolist(),
            judged.overridden.tolist(),
            judged.outage.tolist(),
            strict=True,
        )
    )
    assert said == [tuple(naive(record, posts, of)) for record in given_]


@given(st.lists(st.tuples(small, moments, st.integers(1, 40), small), max_size=12))
def test_held_is_the_same_however_its_rows_are_ordered(
    given_: list[tuple[int, int, int, int]],
) -> None:
    by_key: dict[int, list[Span]] = {}
    for key, start, hours, value in given_:
        by_key.setdefault(key, []).append(Span(start, start + hours * HOUR, value))
    apart = {key: rules.last_begun(spans) for key, spans in by_key.items()}
    found = [(key, *span) for key, spans in apart.items() for span in spans]
    asked = [(key, START + quarter * HOUR // 4) for key in range(5) for quarter in range(0, 640, 7)]
    key, moment = columns(asked, 2)
    forward, backward = Held(found).at(key, moment), Held(reversed(found)).at(key, moment)
    assert forward.tolist() == backward.tolist()
    # Where stretches overlap, the one that began last holds.
    for (k, m), value in zip(asked, forward.tolist(), strict=True):
        here = [s for s in by_key.get(k, ()) if s.start <= m < s.until]
        latest = max((s[:2] for s in here), default=None)
        assert value in {s.state for s in here if s[:2] == latest} if here else value == NOTHING


def test_r9_a_supervisor_covers_all_of_the_shift_under_supervision() -> None:
    shift = (START, START + 12 * HOUR)
    supervised = [Span(START - HOUR, START + 100 * HOUR, State.SUPERVISED)]
    whole = rules.watched_in(shift, supervised, [shift])
    assert whole == [(START - GRACE, START + 12 * HOUR + GRACE)]
    # The supervisor went home two hours early: nothing of it counts.
    assert rules.watched_in(shift, supervised, [(START, START + 10 * HOUR)]) == []
    # Allowed from six hours into the shift on: that part counts, if it is covered.
    later = [
        Span(START - HOUR, START + 6 * HOUR, State.NOT_READY),
        Span(START + 6 * HOUR, START + 100 * HOUR, State.SUPERVISED),
    ]
    beside = [(START + 6 * HOUR, START + 12 * HOUR)]
    assert rules.watched_in(shift, later, beside) == [(START + 6 * HOUR, START + 12 * HOUR + GRACE)]


def test_no_records_and_no_ground_are_no_trouble() -> None:
    nothing = Held([])
    ground = Ground(Posts(*columns([], 2)), *([nothing] * 10))
    judged = rules.judge(Records(*columns([], 4)), ground)
    assert len(judged.found) == 0
    judged = rules.judge(Records(*columns([(1, 1, START, START)], 4)), ground)
    assert judged.found.tolist() == [0]
    assert np.count_nonzero(judged.checked) == 0
