"""The rota check through the database: R9, R10, R11, R13, R21 and go-live."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from surehand import evidence
from surehand.evidence.refusal import NotPermitted, NotPossible
from surehand.people.models import GoLive
from surehand.readiness import actions, queries, rota
from surehand.readiness.models import Override, Shift
from surehand.readiness.rules import Answer, Because, State
from surehand.support import actions as support
from tests.provider import NOW, World, on

TONIGHT = datetime(2026, 11, 18, 20, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def checked(world: World, shift: Shift, *, known: int | None = None) -> rota.Checked:
    found = rota.rota_check(
        services=[shift.service_id], since=shift.starts_at, until=shift.ends_at, known=known
    )
    return next(c for c in found if c.shift.shift_id == shift.shift_id)


def known_then(shift: Shift) -> rota.Checked:
    found = rota.check_known_then(
        services=[shift.service_id], since=shift.starts_at, until=shift.ends_at
    )
    return next(c for c in found.checked if c.shift.shift_id == shift.shift_id)


def independent(world: World, *names: str) -> None:
    for name in names:
        world.pass_all(name, by="cal" if name != "cal" else "tessa")
    world.sign_off(*names)


def permit(world: World, name: str, *supervisors: str, days: int = 27) -> None:
    support.permit(
        by=world.by("ruth"),
        post=world.posts[name],
        until=evidence.clock.now() + timedelta(days=days),
        competencies=[world.check("C01").competency_id],
        supervisors=[world.people[s].pk for s in supervisors],
        failed=[],
        open_restrictions=[
            r.entry for r in world.people[name].restrictions.filter(lifting__isnull=True)
        ],
    )


# --- R9: cleared is independent, or beside a named supervisor who is, for the whole shift


def _nobody(world: World) -> Shift:
    return world.add_shift("dan", TONIGHT)


def _independent(world: World) -> Shift:
    independent(world, "dan")
    return world.add_shift("dan", TONIGHT)


def _awaiting(world: World) -> Shift:
    world.pass_all("dan")
    return world.add_shift("dan", TONIGHT)


def _supervised(world: World) -> Shift:
    independent(world, "sam")
    permit(world, "dan", "sam")
    world.add_shift("sam", TONIGHT - HOUR, hours=14)
    return world.add_shift("dan", TONIGHT)


def _two_supervisors_in_turn(world: World) -> Shift:
    independent(world, "sam", "tessa")
    permit(world, "dan", "sam", "tessa")
    world.add_shift("sam", TONIGHT - 8 * HOUR, hours=10)
    world.add_shift("tessa", TONIGHT + 2 * HOUR, hours=12)
    return world.add_shift("dan", TONIGHT)


def _supervisor_leaves_early(world: World) -> Shift:
    independent(world, "sam")
    permit(world, "dan", "sam")
    world.add_shift("sam", TONIGHT, hours=6)
    return world.add_shift("dan", TONIGHT)


def _supervisor_not_on_shift(world: World) -> Shift:
    independent(world, "sam")
    permit(world, "dan", "sam")
    return world.add_shift("dan", TONIGHT)


def _supervisor_not_independent(world: World) -> Shift:
    independent(world, "sam")
    permit(world, "dan", "sam")
    actions.restrict(
        by=world.by("ruth"), person=world.people["sam"], service=None, reason="Shared a sign-in."
    )
    world.add_shift("sam", TONIGHT)
    return world.add_shift("dan", TONIGHT)


def _rota_names_another(world: World) -> Shift:
    independent(world, "sam", "tessa")
    permit(world, "dan", "sam")
    world.add_shift("sam", TONIGHT)
    world.add_shift("tessa", TONIGHT)
    return world.add_shift("dan", TONIGHT, supervisor="tessa")


def _at_another_service(world: World) -> Shift:
    independent(world, "dan")
    return world.add_shift("dan", TONIGHT, service=world.quayside)


@pytest.mark.parametrize(
    ("given", "answer", "because", "fails_after"),
    [
        (_nobody, Answer.NOT_CLEARED, Because.NOT_READY, 0),
        (_independent, Answer.CLEARED, Because.INDEPENDENT, None),
        (_awaiting, Answer.NOT_CLEARED, Because.AWAITING_SIGN_OFF, 0),
        (_supervised, Answer.CLEARED, Because.SUPERVISED, None),
        (_two_supervisors_in_turn, Answer.CLEARED, Because.SUPERVISED, None),
        (_supervisor_leaves_early, Answer.NOT_CLEARED, Because.NO_SUPERVISOR, 6),
        (_supervisor_not_on_shift, Answer.NOT_CLEARED, Because.NO_SUPERVISOR, 0),
        (_supervisor_not_independent, Answer.NOT_CLEARED, Because.NO_SUPERVISOR, 0),
        (_rota_names_another, Answer.NOT_CLEARED, Because.SUPERVISOR_NOT_NAMED, 0),
        (_at_another_service, Answer.NOT_CLEARED, Because.NO_POST, 0),
    ],
)
def test_r9_who_is_cleared(
    world: World,
    given: Callable[[World], Shift],
    answer: Answer,
    because: Because,
    fails_after: int | None,
) -> None:
    shift = given(world)
    clearance = checked(world, shift).clearance
    assert (clearance.answer, clearance.because) == (answer, because)
    fails = None if fails_after is None else shift.starts_at + fails_after * HOUR
    assert clearance.since == (None if fails is None else rota.instant(fails))


def test_r9_a_supervisor_whose_shift_is_over_covered_the_part_before(world: World) -> None:
    """At noon, the morning's supervisor has gone home; the shift under way stays cleared."""
    independent(world, "sam", "tessa")
    permit(world, "dan", "sam", "tessa")
    seven = datetime(2026, 11, 19, 7, 0, tzinfo=UTC)
    world.add_shift("sam", seven, hours=4)
    world.add_shift("tessa", seven + 4 * HOUR, hours=8)
    shift = world.add_shift("dan", seven)
    found = rota.rota_check(
        services=[world.alder.pk], since=seven + 5 * HOUR, until=seven + 24 * HOUR
    )
    assert {c.shift.pk: c.clearance.answer for c in found}[shift.pk] == Answer.CLEARED


def test_r9_before_go_live_nothing_is_checked(world: World) -> None:
    shift = world.add_shift("dan", TONIGHT)
    with evidence.act("go_live.set", by=world.by("ada").actor) as act:
        act.record(GoLive(service=world.alder, on=date(2026, 11, 19)))
    assert checked(world, shift).clearance.because == Because.BEFORE_GO_LIVE
    with evidence.act("go_live.set", by=world.by("ada").actor) as act:
        act.record(GoLive(service=world.alder, on=None))
    assert checked(world, shift).clearance.because == Because.NO_GO_LIVE


# --- R9: no live use


def test_no_live_use_survives_the_next_import_of_the_rota(world: World) -> None:
    shift = world.add_shift("dan", TONIGHT)
    actions.mark_no_live_use(by=world.by("ruth"), shift=shift)
    assert checked(world, shift).clearance.because == Because.NO_LIVE_USE
    again = _imported_again(shift, ends_at=shift.ends_at + HOUR)
    assert checked(world, again).clearance.because == Because.NO_LIVE_USE
    actions.undo_no_live_use(by=world.by("ruth"), shift=again)
    assert checked(world, again).not_cleared


def test_no_live_use_falls_away_when_somebody_else_takes_the_shift(world: World) -> None:
    shift = world.add_shift("dan", TONIGHT)
    actions.mark_no_live_use(by=world.by("ruth"), shift=shift)
    other = _imported_again(shift, person=world.people["sam"])
    assert checked(world, other).not_cleared


def _imported_again(shift: Shift, **changed: Any) -> Shift:
    with evidence.act("rota.imported", by=evidence.SYSTEM) as act:
        Shift.objects.filter(pk=shift.pk).update(replaced_by=act.seq)
        shift.pk, shift._state.adding = None, True
        shift.entry, shift.replaced_by = act.seq, None
        for name, value in changed.items():
            setattr(shift, name, value)
        shift.save()
    return shift


def test_no_live_use_is_not_said_of_a_shift_that_is_over(world: World) -> None:
    shift = world.add_shift("dan", NOW - 24 * HOUR)
    with pytest.raises(NotPossible, match="stays as it was"):
        actions.mark_no_live_use(by=world.by("ruth"), shift=shift)


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("ruth", True), ("tessa", True), ("helen", True), ("ada", False),
        ("quinn", False), ("cal", False), ("queenie", False), ("paul", False),
        ("nadia", False), ("dan", False),
    ],
)  # fmt: skip
def test_who_may_mark_no_live_use(world: World, name: str, allowed: bool) -> None:
    shift = world.add_shift("sam", TONIGHT)
    if allowed:
        actions.mark_no_live_use(by=world.by(name), shift=shift)
        actions.undo_no_live_use(by=world.by(name), shift=shift)
    else:
        with pytest.raises(NotPermitted):
            actions.mark_no_live_use(by=world.by(name), shift=shift)


# --- R10: restriction


def test_r10_a_restriction_fails_the_check_and_a_lifting_does_not_restore_the_sign_off(
    world: World,
) -> None:
    independent(world, "dan")
    shift = world.add_shift("dan", TONIGHT)
    restriction = actions.restrict(
        by=world.by("tessa"), person=world.people["dan"], service=None, reason="Seen sharing."
    )
    assert checked(world, shift).clearance.because == Because.RESTRICTED
    actions.lift(by=world.by("ruth"), restriction=restriction, reason="Talked it through.")
    assert checked(world, shift).clearance.because == Because.AWAITING_SIGN_OFF


def test_r10_a_restriction_at_one_service_leaves_the_other(world: World) -> None:
    world.add_post("cal", world.quayside, "SC")
    actions.restrict(
        by=world.by("quinn"), person=world.people["cal"], service=world.quayside, reason="Unsure."
    )
    world.add_shift("cal", TONIGHT, service=world.alder)
    world.add_shift("cal", TONIGHT + 24 * HOUR, service=world.quayside)
    states = {
        c.shift.service.code: c.state
        for c in rota.rota_check(
            services=[world.alder.pk, world.quayside.pk], since=NOW, until=NOW + 72 * HOUR
        )
    }
    assert states == {"ALD": State.NOT_READY, "QUA": State.RESTRICTED}


def test_r10_what_a_restriction_would_change_is_known_before(world: World) -> None:
    independent(world, "sam")
    permit(world, "dan", "sam")
    own = world.add_shift("sam", TONIGHT)
    beside = world.add_shift("dan", TONIGHT)
    window = {"services": [world.alder.pk], "since": NOW, "until": NOW + 48 * HOUR}
    supposed = rota.Supposed(world.people["sam"].pk, None, NOW)
    found = {
        c.shift.pk: c.clearance.because for c in rota.check(**window, supposed=supposed).checked
    }
    assert found == {own.pk: Because.RESTRICTED, beside.pk: Because.NO_SUPERVISOR}
    assert all(c.clearance.cleared for c in rota.rota_check(**window))


# --- R11: breaches are judged by known then


def test_r11_a_later_fact_does_not_erase_what_was_known_then(world: World) -> None:
    yesterday = NOW - 24 * HOUR
    with evidence.clock.at(yesterday - HOUR):
        world.pass_all("dan", but=["C04"])
    shift = world.add_shift("dan", yesterday, hours=8)
    # Told today, of the day before the shift: true then, not known then.
    world.assess("dan", "C04", happened_at=yesterday - HOUR)
    assert checked(world, shift).clearance.because == Because.AWAITING_SIGN_OFF
    assert known_then(shift).clearance.because == Because.NOT_READY
    seq = evidence.seq_at(moment=shift.starts_at)
    assert checked(world, shift, known=seq).clearance.because == Because.NOT_READY


def test_r11_each_shift_of_a_day_by_what_was_known_when_it_began(world: World) -> None:
    yesterday = NOW - 24 * HOUR
    with evidence.clock.at(yesterday - HOUR):
        world.pass_all("dan")
    early = world.add_shift("dan", yesterday, hours=6)
    late = world.add_shift("dan", yesterday + 8 * HOUR, hours=6)
    with evidence.clock.at(yesterday + 7 * HOUR):
        world.sign_off("dan")
    assert known_then(early).clearance.because == Because.AWAITING_SIGN_OFF
    assert known_then(late).clearance.cleared
    found = rota.check_known_then(
        services=[world.alder.pk], since=early.starts_at, until=late.ends_at
    )
    assert [c.clearance.cleared for c in found.checked] == [False, True]


def test_r11_a_rota_changed_afterwards_does_not_hide_who_was_on_it(world: World) -> None:
    shift = world.add_shift("dan", NOW - 24 * HOUR, hours=8)
    was = Shift.objects.get(pk=shift.pk)
    _imported_again(shift, no_live_use=True)
    assert checked(world, shift).not_checked
    assert known_then(was).not_cleared


def test_r11_a_shift_first_told_of_afterwards_is_judged_all_the_same(world: World) -> None:
    with on(date(2026, 11, 17)), evidence.act("note.kept", by=evidence.SYSTEM):
        pass
    shift = world.add_shift("dan", NOW - 48 * HOUR, hours=8)
    assert shift.entry > evidence.seq_at(moment=shift.starts_at)
    assert known_then(shift).not_cleared


# --- R13: unnamed agency shifts; agency posts that lapse in the middle of a rota


def test_r13_an_unnamed_shift_is_not_cleared(world: World) -> None:
    assert checked(world, world.add_shift(None, TONIGHT)).clearance.because == Because.UNNAMED


def test_r13_an_agency_post_that_lapses_fails_the_shifts_after_it(world: World) -> None:
    world.pass_all("eve")
    world.sign_off("eve")
    last = world.add_shift("eve", datetime(2026, 12, 6, 8, tzinfo=UTC))
    across = world.add_shift("eve", datetime(2026, 12, 6, 21, tzinfo=UTC), hours=9)
    after = world.add_shift("eve", datetime(2026, 12, 8, 8, tzinfo=UTC))
    assert checked(world, last).clearance.cleared
    clearance = checked(world, across).clearance
    assert clearance.because == Because.NO_POST
    assert clearance.since == rota.instant(datetime(2026, 12, 7, tzinfo=UTC))
    assert checked(world, after).clearance.because == Because.NO_POST


# --- R21: override


def _override(world: World, shift: Shift, *, by: str = "ruth") -> None:
    actions.override(
        by=world.by(by),
        post=world.posts["dan"],
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
        reason="Nobody else can come.",
    )


def test_r21_overridden_is_still_not_cleared(world: World) -> None:
    shift = world.add_shift("dan", TONIGHT)
    _override(world, shift)
    found = checked(world, shift)
    assert found.not_cleared
    assert found.clearance.overridden_by == evidence.last_seq()
    assert found.state == State.NOT_READY


def test_r21_never_over_a_restriction(world: World) -> None:
    independent(world, "sam")
    shift = world.add_shift("dan", TONIGHT)
    _override(world, shift)
    actions.restrict(
        by=world.by("tessa"), person=world.people["dan"], service=None, reason="Seen sharing."
    )
    assert checked(world, shift).clearance.overridden_by is None
    with pytest.raises(NotPossible, match="never overridden"):
        _override(world, shift)
    # Not either while supervised use is allowed over it.
    permit(world, "dan", "sam")
    with pytest.raises(NotPossible, match="never overridden"):
        _override(world, shift)


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("ruth", True), ("nadia", True), ("helen", False), ("tessa", False), ("cal", False),
        ("quinn", False), ("ada", False), ("queenie", False), ("paul", False), ("dan", False),
    ],
)  # fmt: skip
def test_r21_who_may_override(world: World, name: str, allowed: bool) -> None:
    shift = world.add_shift("dan", TONIGHT)
    if allowed:
        _override(world, shift, by=name)
    else:
        with pytest.raises(NotPermitted):
            _override(world, shift, by=name)


def _end(world: World, *, by: str = "ruth", reason: str = "Somebody else came.") -> None:
    found = Override.objects.order_by("entry").last()
    assert found is not None
    actions.end_override(by=world.by(by), override=found, reason=reason)


def test_r21_ended_early_nobody_answers_for_the_shift_any_more(world: World) -> None:
    shift = world.add_shift("dan", TONIGHT)
    _override(world, shift)
    stood = evidence.last_seq()
    with evidence.clock.at(TONIGHT + HOUR):
        assert _gate_override(world) == stood
        _end(world)
    assert checked(world, shift).clearance.overridden_by is None
    assert checked(world, shift, known=stood).clearance.overridden_by == stood
    assert _gate_override(world, at=TONIGHT + HOUR / 2) == stood
    assert _gate_override(world, at=TONIGHT + 2 * HOUR) is None
    # What was known before it was ended is not changed by it.
    assert _gate_override(world, at=TONIGHT + 2 * HOUR, known=stood) == stood
    with evidence.clock.at(TONIGHT + 2 * HOUR), pytest.raises(NotPossible, match="already ended"):
        _end(world)


def _gate_override(
    world: World, *, at: datetime | None = None, known: int | None = None
) -> int | None:
    answer = queries.gate(
        person=world.people["dan"].pk,
        service=world.alder.pk,
        at=at or evidence.clock.now(),
        known=known,
    )
    assert answer.state == State.NOT_READY
    return answer.override


def test_r21_one_that_ran_out_is_not_ended_and_a_reason_is_asked_for(world: World) -> None:
    _override(world, world.add_shift("dan", TONIGHT))
    with pytest.raises(NotPossible, match="Write the reason"):
        _end(world, reason=" ")
    with evidence.clock.at(TONIGHT + 13 * HOUR), pytest.raises(NotPossible, match="ran out"):
        _end(world)


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("ruth", True), ("nadia", True), ("helen", True), ("tessa", True), ("cal", False),
        ("quinn", False), ("ada", False), ("queenie", False), ("paul", False), ("dan", False),
    ],
)  # fmt: skip
def test_r21_who_may_end_an_override(world: World, name: str, allowed: bool) -> None:
    _override(world, world.add_shift("dan", TONIGHT))
    if allowed:
        _end(world, by=name)
    else:
        with pytest.raises(NotPermitted):
            _end(world, by=name)


def test_r21_at_most_24_hours_and_never_for_the_past(world: World) -> None:
    for start, hours, why in ((TONIGHT, 25, "at most 24"), (NOW - 24 * HOUR, 8, "Nothing past")):
        with pytest.raises(NotPossible, match=why):
            actions.override(
                by=world.by("ruth"),
                post=world.posts["dan"],
                starts_at=start,
                ends_at=start + hours * HOUR,
                reason="Nobody else can come.",
            )


# --- R14: who may restrict and lift


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("ruth", True), ("tessa", True), ("helen", True), ("cal", False), ("quinn", False),
        ("ada", False), ("nadia", False), ("queenie", False), ("paul", False), ("dan", False),
    ],
)  # fmt: skip
def test_who_may_restrict(world: World, name: str, allowed: bool) -> None:
    def restrict() -> None:
        actions.restrict(
            by=world.by(name), person=world.people["sam"], service=world.alder, reason="Unsure."
        )

    if allowed:
        restrict()
    else:
        with pytest.raises(NotPermitted):
            restrict()


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("ruth", True), ("helen", False), ("tessa", False), ("cal", False), ("quinn", False),
        ("ada", False), ("nadia", False), ("dan", False),
    ],
)  # fmt: skip
def test_who_may_lift(world: World, name: str, allowed: bool) -> None:
    restriction = actions.restrict(
        by=world.by("tessa"), person=world.people["sam"], service=None, reason="Unsure."
    )

    def lift() -> None:
        actions.lift(by=world.by(name), restriction=restriction, reason="Talked it through.")

    if allowed:
        lift()
    else:
        with pytest.raises(NotPermitted):
            lift()


def test_the_workforce_lead_lifts_for_the_registered_manager(world: World) -> None:
    restriction = actions.restrict(
        by=world.by("tessa"), person=world.people["ruth"], service=None, reason="Unsure."
    )
    with pytest.raises(NotPermitted):
        actions.lift(by=world.by("ruth"), restriction=restriction, reason="I am fine.")
    actions.lift(by=world.by("helen"), restriction=restriction, reason="Talked it through.")


# --- a fixed number of statements


def test_the_statements_do_not_grow_with_the_rota(
    world: World, django_assert_max_num_queries: Any
) -> None:
    independent(world, "sam")
    permit(world, "dan", "sam")
    window = {"services": [world.alder.pk], "since": NOW, "until": NOW + timedelta(days=14)}
    counts = []
    for days in (range(2), range(2, 14)):
        for day in days:
            for name in ("dan", "sam", "tessa", "cal", "eve", None):
                world.add_shift(name, TONIGHT + day * 24 * HOUR)
        with django_assert_max_num_queries(20) as captured:
            rota.rota_check(**window)
        counts.append(len(captured))
    assert counts[0] == counts[1]
