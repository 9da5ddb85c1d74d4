"""The rota check of one shift, by the number of the rule (R9, R10, R13, R14, R21)."""

import pytest

from surehand.readiness.rules import (
    Allowed,
    Answer,
    Because,
    Override,
    Permission,
    Restriction,
    Shift,
    Standing,
    State,
    able_to_supervise,
    clearance,
    standing,
)
from surehand.timeline import FOREVER, Span, parse_local

ME, ANN, BEN = 1, 7, 8


def at(hour, day=3):
    return parse_local(f"2026-03-{day:02}T{hour:02}:00", edge="start")


LIVE = at(0, day=1)
SHIFT = Shift(at(7), at(15), ME)
INDEPENDENT, AWAITING, SUPERVISED, NOT_READY, RESTRICTED = State


def permission(*supervisors):
    return Permission(
        at=LIVE,
        until=at(0, day=28),
        competencies=frozenset({1}),
        supervisors=frozenset(supervisors),
        cites=frozenset(),
        ended_at=None,
        seq=40,
    )


def post(*changes, supervisors=(ANN,), restricted=(), number=100):
    """A post's standing; `changes` are (from, state), to the end of time."""
    ends = [start for start, _state in changes[1:]] + [FOREVER]
    return Standing(
        post=number,
        readiness=[Span(s, u, state) for (s, state), u in zip(changes, ends, strict=True)],
        allowed=[Allowed(LIVE, at(0, day=28), permission(*supervisors))],
        restricted=restricted,
    )


def check(*posts, shift=SHIFT, able=None, go_live=LIVE, overrides=()):
    found = clearance(shift, go_live=go_live, standings=posts, able=able or {}, overrides=overrides)
    assert found.cleared == (found.answer == Answer.CLEARED)
    return found


def refused(found):
    assert found.answer == Answer.NOT_CLEARED
    return found.because, found.since


def test_r9_independent_for_the_whole_shift_is_cleared():
    found = check(post((LIVE, INDEPENDENT)))
    assert (found.answer, found.because) == (Answer.CLEARED, Because.INDEPENDENT)


@pytest.mark.parametrize(
    ("state", "because"),
    [
        (AWAITING, Because.AWAITING_SIGN_OFF),
        (NOT_READY, Because.NOT_READY),
        (RESTRICTED, Because.RESTRICTED),
    ],
)
def test_r10_any_other_state_fails_from_when_it_begins_in_the_shift(state, because):
    assert refused(check(post((LIVE, state)))) == (because, at(7))
    expires = post((LIVE, INDEPENDENT), (at(11), state))
    assert refused(check(expires)) == (because, at(11))
    # A shift that has ended by then is not touched, nor one that begins when it is over.
    assert check(post((LIVE, INDEPENDENT), (at(15), state))).cleared
    assert check(post((LIVE, state), (at(7), INDEPENDENT))).cleared


def test_r9_supervised_is_cleared_while_a_named_supervisor_is_there():
    found = check(post((LIVE, SUPERVISED)), able={ANN: [(at(6), at(16))]})
    assert (found.answer, found.because) == (Answer.CLEARED, Because.SUPERVISED)


@pytest.mark.parametrize(
    ("able", "since"),
    [
        ({}, at(7)),
        ({BEN: [(at(6), at(16))]}, at(7)),  # there, but not named in the permission
        ({ANN: [(at(9), at(16))]}, at(7)),
        ({ANN: [(at(6), at(14))]}, at(14)),
        ({ANN: [(at(6), at(10)), (at(11), at(16))]}, at(10)),
    ],
)
def test_r9_supervisors_must_cover_the_whole_shift(able, since):
    assert refused(check(post((LIVE, SUPERVISED)), able=able)) == (Because.NO_SUPERVISOR, since)


def test_r9_two_named_supervisors_may_cover_it_between_them():
    both = {ANN: [(at(6), at(10))], BEN: [(at(10), at(16))]}
    assert check(post((LIVE, SUPERVISED), supervisors=(ANN, BEN)), able=both).cleared


def test_r9_the_supervisor_a_rota_names_must_be_one_of_the_permission_and_only_that_one_counts():
    mine = post((LIVE, SUPERVISED), supervisors=(ANN, BEN))
    there = [(at(6), at(16))]
    named = Shift(at(7), at(15), ME, supervisor=ANN)
    assert check(mine, shift=named, able={ANN: there}).cleared
    assert refused(check(mine, shift=named, able={BEN: there})) == (Because.NO_SUPERVISOR, at(7))
    stranger = Shift(at(7), at(15), ME, supervisor=9)
    assert refused(check(mine, shift=stranger, able={9: there, ANN: there})) == (
        Because.SUPERVISOR_NOT_NAMED,
        at(7),
    )


def test_r14_nobody_supervises_themselves():
    mine = post((LIVE, SUPERVISED), supervisors=(ME,))
    assert not check(mine, able={ME: [(at(6), at(16))]}).cleared


def test_r9_part_independent_part_supervised_is_cleared_if_supervised_in_its_part():
    mine = post((LIVE, INDEPENDENT), (at(12), SUPERVISED))
    assert check(mine, able={ANN: [(at(12), at(15))]}).cleared
    assert refused(check(mine, able={ANN: [(at(13), at(15))]})) == (Because.NO_SUPERVISOR, at(12))


def test_r4_the_least_permissive_of_several_current_posts_decides():
    able = {ANN: [(at(6), at(16))]}
    posts = [post((LIVE, INDEPENDENT)), post((LIVE, SUPERVISED), number=101)]
    assert check(*posts, able=able).because == Because.SUPERVISED
    worse = post((LIVE, INDEPENDENT), (at(9), NOT_READY), number=102)
    assert refused(check(*posts, worse, able=able)) == (Because.NOT_READY, at(9))


def test_r4_without_a_post_nobody_is_cleared():
    assert refused(check()) == (Because.NO_POST, at(7))
    from_nine = post((at(9), INDEPENDENT))
    assert refused(check(from_nine)) == (Because.NO_POST, at(7))
    until_noon = Standing(100, [Span(LIVE, at(12), INDEPENDENT)])
    assert refused(check(until_noon)) == (Because.NO_POST, at(12))


def test_r13_an_unnamed_agency_shift_is_not_cleared():
    assert refused(check(shift=Shift(at(7), at(15), None))) == (Because.UNNAMED, at(7))


@pytest.mark.parametrize(
    ("go_live", "because"), [(None, Because.NO_GO_LIVE), (at(8), Because.BEFORE_GO_LIVE)]
)
def test_r9_shifts_before_go_live_are_not_checked(go_live, because):
    found = check(post((LIVE, NOT_READY)), go_live=go_live)
    assert (found.answer, found.because) == (Answer.NOT_CHECKED, because)
    assert check(post((LIVE, NOT_READY)), go_live=at(7)).answer == Answer.NOT_CLEARED


def test_r9_a_shift_without_live_use_is_not_checked():
    found = check(shift=Shift(at(7), at(15), ME, no_live_use=True))
    assert (found.answer, found.because) == (Answer.NOT_CHECKED, Because.NO_LIVE_USE)


def test_a_shift_that_does_not_end_after_it_starts_is_refused():
    with pytest.raises(ValueError, match="must end after it starts"):
        check(shift=Shift(at(7), at(7), ME))


def override(start=7, until=15, number=100):
    return Override(number, at(start), at(until), 60)


def test_r21_an_override_is_shown_and_clears_nothing():
    found = check(post((LIVE, NOT_READY)), overrides=[override()])
    assert (found.answer, found.because, found.overridden_by) == (
        Answer.NOT_CLEARED,
        Because.NOT_READY,
        60,
    )
    assert check(post((LIVE, INDEPENDENT)), overrides=[override()]).overridden_by is None


@pytest.mark.parametrize(
    "given",
    [
        override(until=14),  # not the whole shift
        override(start=8),
        override(number=101),  # another post
        Override(100, at(7), at(8, day=4), 60),  # more than 24 hours
    ],
)
def test_r21_an_override_is_of_one_post_and_shift_and_at_most_24_hours(given):
    assert check(post((LIVE, NOT_READY)), overrides=[given]).overridden_by is None


def test_r21_an_override_of_exactly_24_hours_stands():
    day_long = Override(100, at(7), at(7, day=4), 60)
    assert check(post((LIVE, NOT_READY)), overrides=[day_long]).overridden_by == 60


def test_r21_an_override_never_stands_over_a_restriction():
    restricted = [(at(14), FOREVER)]
    mine = post((LIVE, NOT_READY), (at(14), RESTRICTED), restricted=restricted)
    assert check(mine, overrides=[override()]).overridden_by is None
    # Nor over one set aside by a permission, when the supervisor does not come.
    aside = post((LIVE, SUPERVISED), restricted=[(LIVE, FOREVER)])
    assert check(aside, overrides=[override()]).overridden_by is None


def test_r21_every_post_that_is_not_cleared_needs_its_own_override():
    two = [post((LIVE, NOT_READY)), post((LIVE, NOT_READY), number=101)]
    assert check(*two, overrides=[override()]).overridden_by is None
    assert check(*two, overrides=[override(), override(number=101)]).overridden_by == 60


def test_r9_who_can_supervise_is_on_shift_and_independent_in_every_post_there():
    shifts = [(at(6), at(12)), (at(12), at(18))]
    steady = [Span(LIVE, FOREVER, INDEPENDENT)]
    until_ten = [Span(LIVE, at(10), INDEPENDENT), Span(at(10), FOREVER, NOT_READY)]
    assert able_to_supervise(shifts, [steady]) == [(at(6), at(18))]
    assert able_to_supervise(shifts, [steady, until_ten]) == [(at(6), at(10))]
    assert able_to_supervise(shifts, []) == []
    assert able_to_supervise([], [steady]) == []


def test_r5_the_standing_of_a_post_keeps_only_permissions_that_stand():
    closed = Restriction(at(9), None, 50)
    found = standing(100, [], [permission(ANN)], [closed], [(1, at(8))])
    assert [(a.start, a.until) for a in found.allowed] == [(LIVE, at(8))]
    assert found.restricted == [(at(9), FOREVER)]
