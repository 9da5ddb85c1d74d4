"""Each rule by its number, in small tables: a service live from 5 January 2026, London times."""

from datetime import date

import pytest

from surehand.readiness.rules import (
    CompetencyState,
    Level,
    Observation,
    Permission,
    Plan,
    Post,
    Reopening,
    Requirement,
    Restriction,
    SignOff,
    State,
    agency_end,
    competence,
    competent,
    core_from,
    develops,
    explain,
    gates,
    least_permissive,
    permission_ends,
    readiness,
)
from surehand.timeline import FOREVER, end_of, london_midnight, parse_local
from surehand.timeline import at as held_at


def when(text):
    return parse_local(text, edge="start")


START = when("2026-01-05")


def post(**given):
    return Post(
        **{
            "starts": START,
            "until": FOREVER,
            "job_role": "CW",
            "setting": "R",
            "agency": False,
            "go_live": START,
            **given,
        }
    )


def needs(competency, level=Level.CRIT, *, job_role="CW", responsibility="", setting="", **given):
    return Requirement(
        competency, job_role, responsibility, setting, level, given.get("agency", True)
    )


def plan(*rows, number=1, applies="2025-12-01"):
    return Plan(number, when(applies), rows or (needs(1),))


def passed(competency, at, *, months=12, agency_months=None, seq=1, outcome="pass"):
    return Observation(competency, when(at), outcome, months, agency_months, seq)


def failed(competency, at, *, seq=1):
    return passed(competency, at, seq=seq, outcome="further_support")


def permission(at, until, *, cites=(), ended=None, competencies=(1,), seq=40):
    return Permission(
        at=when(at),
        until=when(until),
        competencies=frozenset(competencies),
        supervisors=frozenset({7}),
        cites=frozenset(cites),
        ended_at=ended and when(ended),
        seq=seq,
    )


def known_as(observations, *, agency=False, reopenings=()):
    return {
        c: competence(
            [o for o in observations if o.competency == c],
            [r for r in reopenings if r.competency == c],
            agency=agency,
        )
        for c in {o.competency for o in observations}
    }


def timeline(observations=(), *, of=None, plans=None, signed=(), permitted=(), restricted=()):
    of = of or post()
    held = known_as(observations, agency=of.agency)
    return readiness(
        of,
        plans or [plan()],
        {c: competent(spans) for c, spans in held.items()},
        [SignOff(when(at), 1, 30) for at in signed],
        permitted,
        restricted,
        [(o.competency, o.at) for o in observations if o.outcome == "further_support"],
    )


def state(spans, at):
    return held_at(spans, when(at)).state


# What is known ------------------------------------------------------------------------------------


def test_r3_known_then_is_the_facts_up_to_a_seq_and_true_then_is_all_of_them():
    facts = [passed(1, "2026-01-12T10:00", seq=10), failed(1, "2026-01-14T10:00", seq=25)]
    known_then = timeline([fact for fact in facts if fact.seq <= 20], signed=["2026-01-13"])
    true_then = timeline(facts, signed=["2026-01-13"])
    assert state(known_then, "2026-01-15") == State.INDEPENDENT
    assert state(true_then, "2026-01-15") == State.NOT_READY
    assert state(true_then, "2026-01-13T12:00") == State.INDEPENDENT


def test_r4_a_person_with_several_posts_has_the_least_permissive_answer():
    assert least_permissive([State.INDEPENDENT, State.RESTRICTED]) == State.RESTRICTED
    assert least_permissive([State.NOT_READY, State.SUPERVISED]) == State.NOT_READY
    # Supervised may use the live system; awaiting sign-off may not.
    assert least_permissive([State.SUPERVISED, State.AWAITING_SIGN_OFF]) == State.AWAITING_SIGN_OFF
    assert least_permissive([]) == State.NOT_READY


def test_r15_a_voided_observation_leaves_no_trace_in_what_is_true():
    both = [passed(1, "2026-01-12T10:00", seq=1), failed(1, "2026-02-01T10:00", seq=2)]
    assert timeline(both[:1], signed=["2026-01-13"]) != timeline(both, signed=["2026-01-13"])
    voided = [fact for fact in both if fact.seq != 2]
    assert state(timeline(voided, signed=["2026-01-13"]), "2026-02-02") == State.INDEPENDENT


# Competence ---------------------------------------------------------------------------------------


def states(observations, reopenings=(), *, agency=False):
    return [(s.start, s.state) for s in competence(observations, reopenings, agency=agency)]


C, P, F, E = CompetencyState


def test_r7_before_the_first_outcome_there_is_no_span():
    assert competence([], [], agency=False) == []
    assert competence([], [Reopening(1, START, START + 5, 1)], agency=False) == []


@pytest.mark.parametrize(
    ("then", "expected"),
    [
        ([], [("2027-01-12", E)]),
        ([passed(1, "2026-06-01T10:00", months=3)], [("2026-09-01", E)]),  # the latest governs
        ([passed(1, "2027-01-12", seq=2)], [("2028-01-12", E)]),  # renewed as it runs out: no gap
        ([passed(1, "2026-02-01", outcome="partial")], [("2027-01-12", P)]),
        ([passed(1, "2027-02-01", outcome="partial")], [("2027-01-12", E), ("2027-02-01", P)]),
        ([failed(1, "2026-02-01T15:00")], [("2026-02-01T15:00", F)]),
        ([failed(1, "2027-02-01")], [("2027-01-12", E), ("2027-02-01", F)]),
    ],
)
def test_r7_what_ends_competence_and_what_it_is_called_then(then, expected):
    facts = [passed(1, "2026-01-12T10:00"), *then]
    begun = [("2026-01-12T10:00", C)]
    assert states(facts) == [(when(at), s) for at, s in begun + expected]


def test_r7_outcomes_at_one_instant_are_taken_in_the_order_of_the_ledger():
    at = "2026-01-12T10:00"
    assert states([failed(1, at, seq=1), passed(1, at, seq=2)])[0][1] == C
    assert states([failed(1, at, seq=2), passed(1, at, seq=1)]) == [(when(at), F)]
    assert states([failed(1, at, seq=2), passed(1, at, seq=2)]) == [(when(at), F)]


def test_r7_facts_of_two_competencies_are_refused():
    with pytest.raises(ValueError, match="one competency at a time"):
        competence([passed(1, "2026-01-12"), passed(2, "2026-01-12")], [], agency=False)


def reopening(at, ends, seq=5):
    return [Reopening(1, when(at), when(ends), seq)]


def test_r7_a_reopening_gives_its_notice_and_then_ends_what_was_held():
    first = [passed(1, "2026-01-12T10:00")]
    assert states(first, reopening("2026-03-02", "2026-03-30"))[1] == (when("2026-03-30"), E)
    # It never lengthens what would run out sooner, and touches nothing passed after it.
    assert states(first, reopening("2027-01-02", "2027-01-30"))[1] == (when("2027-01-12"), E)
    again = [*first, passed(1, "2026-03-20", seq=6)]
    assert states(again, reopening("2026-03-02", "2026-03-30"))[1] == (when("2027-03-20"), E)
    before = [passed(1, "2026-03-10")]
    assert states(before, reopening("2026-03-02", "2026-03-30"))[1] == (when("2027-03-10"), E)


def test_r7_a_pass_at_the_instant_of_a_reopening_counts_again_only_if_recorded_after_it():
    at = "2026-03-02"
    for seq, ends in ((4, "2026-03-30"), (6, "2027-03-02")):
        assert states([passed(1, at, seq=seq)], reopening(at, "2026-03-30"))[1] == (when(ends), E)


def test_r13_an_agency_post_counts_a_pass_for_its_shorter_time_only():
    fact = [passed(1, "2026-01-12T10:00", months=12, agency_months=6)]
    assert states(fact, agency=True)[1][0] == when("2026-07-12")
    assert states(fact, agency=False)[1][0] == when("2027-01-12")
    same = [passed(1, "2026-01-12T10:00", months=12)]
    assert states(same, agency=True) == states(same, agency=False)


# Requirements -------------------------------------------------------------------------------------


def gates_on(day, of, *rows):
    return held_at(gates(of, [plan(*rows)]), when(day))[2]


def test_r6_crit_is_a_gate_at_once_core_from_day_29_use_never():
    rows = [needs(1), needs(2, Level.CORE), needs(3, Level.USE)]
    assert gates_on("2026-02-01T23:59", post(), *rows) == {1}
    assert gates_on("2026-02-02", post(), *rows) == {1, 2}
    assert develops(post(), [plan(*rows)], when("2026-02-01")) == {2, 3}
    assert develops(post(), [plan(*rows)], when("2026-02-02")) == {3}


@pytest.mark.parametrize(
    ("starts", "go_live", "day_29"),
    [
        ("2026-01-05", "2026-01-05", "2026-02-02"),
        ("2026-01-05", "2026-03-10", "2026-04-07"),  # across the change to summer time
        ("2026-06-01", "2026-01-05", "2026-06-29"),
        ("2026-01-05T14:30", "2025-01-05", "2026-02-02"),  # a date means London midnight
    ],
)
def test_r6_day_29_is_of_the_later_of_post_start_and_go_live(starts, go_live, day_29):
    assert core_from(post(starts=when(starts), go_live=when(go_live))) == when(day_29)


def test_r6_without_a_go_live_date_core_is_not_yet_a_gate():
    assert gates_on("2030-01-01", post(go_live=None), needs(1), needs(2, Level.CORE)) == {1}


def test_r6_the_strictest_row_that_reaches_a_post_decides():
    rows = [needs(1, Level.USE, job_role=""), needs(1, Level.CORE, setting="N"), needs(1)]
    assert gates_on("2026-01-06", post(), *rows) == {1}
    nursing = [needs(2, Level.CORE), needs(2, Level.CRIT, setting="N")]
    assert gates_on("2026-01-06", post(), *nursing) == set()
    assert gates_on("2026-01-06", post(setting="N"), *nursing) == {2}


def test_r6_rows_of_another_job_role_or_setting_do_not_reach_a_post():
    assert gates_on("2026-01-06", post(), needs(1, job_role="RN"), needs(2, setting="H")) == set()


def test_r6_a_responsibility_brings_its_gates_only_while_it_is_held():
    held = ((when("2026-02-02"), end_of(date(2026, 2, 8)), "med"),)
    of = post(responsibilities=held)
    rows = [needs(1), needs(2, responsibility="med"), needs(3, responsibility="saf")]
    assert [gates_on(d, of, *rows) for d in ("2026-02-01", "2026-02-08T23:59", "2026-02-09")] == [
        {1},
        {1, 2},
        {1},
    ]


def test_r13_rows_not_required_of_agency_posts_are_left_out_for_them():
    rows = [needs(1), needs(2, agency=False)]
    assert gates_on("2026-01-06", post(agency=True), *rows) == {1}
    assert gates_on("2026-01-06", post(agency=False), *rows) == {1, 2}


def test_r12_a_plan_version_holds_from_its_date_to_the_next():
    plans = [plan(needs(2), number=2, applies="2026-06-01"), plan(needs(1), number=1)]
    assert gates(post(), plans) == [
        (START, when("2026-06-01"), frozenset({1})),
        (when("2026-06-01"), FOREVER, frozenset({2})),
    ]


def test_r12_a_later_version_brought_forward_replaces_the_one_that_was_due():
    plans = [
        plan(needs(1), number=1),
        plan(needs(2), number=2, applies="2026-06-01"),
        plan(needs(3), number=3, applies="2026-05-01"),
    ]
    assert [g for _start, _until, g in gates(post(), plans)] == [{1}, {3}]


def test_r13_an_agency_post_ends_within_13_weeks():
    start = date(2026, 1, 5)
    assert agency_end(start, None) == date(2026, 4, 6)
    assert agency_end(start, date(2026, 4, 6)) == date(2026, 4, 6)
    assert agency_end(start, start) == start
    with pytest.raises(ValueError, match="must end by 06/04/2026, not 07/04/2026"):
        agency_end(start, date(2026, 4, 7))
    with pytest.raises(ValueError, match="before it starts"):
        agency_end(start, date(2026, 1, 4))


# Readiness ----------------------------------------------------------------------------------------

READY = [passed(1, "2026-01-12T10:00")]
OPEN = Restriction(when("2026-01-06"), None, 20)
NOW = "2026-01-20"


@pytest.mark.parametrize("permitted", [False, True])
@pytest.mark.parametrize("met", [False, True])
@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("restricted", ["no", "open", "cited"])
def test_r5_the_first_that_holds(permitted, met, signed, restricted):
    cites = (20,) if restricted == "cited" else ()
    spans = timeline(
        READY if met else (),
        signed=["2026-01-13"] if signed else (),
        permitted=[permission("2026-01-07", "2026-02-03", cites=cites)] if permitted else (),
        restricted=[OPEN] if restricted != "no" else (),
    )
    if restricted != "no":
        expected = State.SUPERVISED if restricted == "cited" and permitted else State.RESTRICTED
    elif met and signed:
        expected = State.INDEPENDENT
    elif permitted:
        expected = State.SUPERVISED
    elif met:
        expected = State.AWAITING_SIGN_OFF
    else:
        expected = State.NOT_READY
    assert state(spans, NOW) == expected


@pytest.mark.parametrize("plans", [[plan(applies="2027-01-01")], [plan(needs(1, Level.USE))]])
def test_r5_with_no_plan_or_no_gate_a_post_is_not_ready_whatever_else_there_is(plans):
    given = {"plans": plans, "signed": ["2026-01-13"]}
    allowed = [permission("2026-01-07", "2026-02-03", cites=(20,))]
    assert state(timeline(READY, permitted=allowed, **given), NOW) == State.NOT_READY
    closed = timeline(READY, permitted=allowed, restricted=[OPEN], **given)
    assert state(closed, NOW) == State.RESTRICTED


def test_r5_one_permission_must_cite_every_open_restriction():
    two = [OPEN, Restriction(when("2026-01-06"), None, 21)]
    one_each = [
        permission("2026-01-07", "2026-02-03", cites=(20,)),
        permission("2026-01-07", "2026-02-03", cites=(21,)),
    ]
    both = [permission("2026-01-07", "2026-02-03", cites=(20, 21))]
    assert state(timeline(permitted=one_each, restricted=two), NOW) == State.RESTRICTED
    assert state(timeline(permitted=both, restricted=two), NOW) == State.SUPERVISED


def test_r5_a_permission_sets_aside_only_restrictions_earlier_than_itself():
    earlier = [permission("2026-01-05", "2026-02-02", cites=(20,))]
    assert state(timeline(permitted=earlier, restricted=[OPEN]), NOW) == State.RESTRICTED


def test_r5_a_post_has_readiness_only_for_its_own_time():
    spans = timeline(READY, of=post(until=end_of(date(2026, 1, 31))))
    assert (spans[0].start, spans[-1].until) == (START, when("2026-02-01"))
    assert timeline(READY, of=post(until=START)) == []


def test_r8_a_sign_off_given_before_the_gates_are_met_never_lives():
    assert state(timeline(READY, signed=["2026-01-12T09:59"]), NOW) == State.AWAITING_SIGN_OFF
    assert state(timeline(READY, signed=["2026-01-12T10:00"]), NOW) == State.INDEPENDENT


def test_r8_a_sign_off_ends_at_the_first_gap_however_short():
    facts = [*READY, failed(1, "2026-01-14T10:00"), passed(1, "2026-01-14T10:01")]
    assert state(timeline(facts, signed=["2026-01-13"]), NOW) == State.AWAITING_SIGN_OFF


@pytest.mark.parametrize("lifted", ["2026-01-16", "2026-01-15"])
def test_r8_a_restriction_ends_a_sign_off_even_when_lifted_at_once(lifted):
    restricted = [Restriction(when("2026-01-15"), when(lifted), 20)]
    spans = timeline(READY, signed=["2026-01-13"], restricted=restricted)
    assert state(spans, "2026-01-14") == State.INDEPENDENT
    assert state(spans, NOW) == State.AWAITING_SIGN_OFF


@pytest.mark.parametrize(
    ("at", "lifted"), [("2026-01-12", "2026-01-15"), ("2026-01-13", "2026-01-13")]
)
def test_r8_a_sign_off_given_under_a_restriction_never_lives(at, lifted):
    restricted = [Restriction(when(at), when(lifted), 20)]
    spans = timeline(READY, signed=["2026-01-13"], restricted=restricted)
    assert state(spans, NOW) == State.AWAITING_SIGN_OFF


def test_r8_a_new_post_needs_its_own_sign_off():
    again = post(starts=when("2026-02-01"))
    assert state(timeline(READY, of=again, signed=["2026-01-13"]), "2026-02-02") == (
        State.AWAITING_SIGN_OFF
    )


def test_r9_what_ends_a_permission():
    given = permission("2026-01-07", "2026-02-03")
    assert permission_ends(given, []) == when("2026-02-03")
    early = permission("2026-01-07", "2026-02-03", ended="2026-01-09")
    assert permission_ends(early, []) == when("2026-01-09")
    cut = when("2026-01-08")
    assert permission_ends(early, [(1, cut), (1, cut + 9)]) == cut
    assert permission_ends(given, [(2, cut)]) == when("2026-02-03")  # not a permitted task
    assert permission_ends(given, [(1, given.at - 1)]) == when("2026-02-03")  # failed before it
    assert permission_ends(given, [(1, given.at)]) == given.at


def test_r10_a_restriction_holds_until_lifted_whatever_is_passed_meanwhile():
    spans = timeline(READY, signed=["2026-01-13"], restricted=[OPEN])
    assert state(spans, "2026-12-31") == State.RESTRICTED


def test_r11_a_back_dated_failure_undoes_what_was_built_on_ignorance_of_it():
    late = failed(1, "2026-01-12T16:00", seq=90)  # recorded after the sign-off
    assert state(timeline([*READY, late], signed=["2026-01-13"]), NOW) == State.NOT_READY


def test_r12_a_sign_off_carries_over_only_if_the_new_gates_are_met_when_they_apply():
    plans = [plan(), plan(needs(1), needs(2), number=2, applies="2026-03-02")]
    in_time = [*READY, passed(2, "2026-03-01T10:00")]
    late = [*READY, passed(2, "2026-03-02T10:00")]
    for facts, expected in ((in_time, State.INDEPENDENT), (late, State.AWAITING_SIGN_OFF)):
        spans = timeline(facts, plans=plans, signed=["2026-01-13"])
        assert state(spans, "2026-03-03") == expected


def test_r16_end_dates_are_inclusive_and_end_at_london_midnight():
    last_day = date(2026, 6, 30)
    spans = timeline(of=post(until=end_of(last_day)))
    assert spans[-1].until == when("2026-06-30T00:00") + 86_400_000_000
    assert spans[-1].until == london_midnight(date(2026, 7, 1))


# Reasons ------------------------------------------------------------------------------------------


def why(at, observations=(), **given):
    of = given.get("of", post())
    found = explain(
        of,
        given.get("plans", [plan()]),
        known_as(observations),
        [SignOff(when(t), 1, 30) for t in given.get("signed", ())],
        given.get("permitted", ()),
        given.get("restricted", ()),
        [(o.competency, o.at) for o in observations if o.outcome == "further_support"],
        at=when(at),
    )
    return [
        (reason.code.value, reason.why and reason.why.value, reason.competency or reason.seq)
        for reason in found.reasons
    ]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ([], "never"),
        ([passed(1, "2026-01-12", outcome="partial")], "partly"),
        ([failed(1, "2026-01-12")], "failed"),
        ([passed(1, "2025-06-12", months=6)], "expired"),
    ],
)
def test_r16_why_a_gate_is_not_met_is_said_on_reading(facts, expected):
    assert why(NOW, facts) == [("unmet", expected, 1)]


def test_r16_reasons_point_at_the_facts():
    assert why(NOW, READY) == [("awaiting_sign_off", None, None), ("ends", None, 1)]
    assert why(NOW, READY, signed=["2026-01-13"]) == [("signed_off", None, 30), ("ends", None, 1)]
    longer = [*READY, passed(2, "2026-01-12", months=36)]
    assert why(NOW, longer, plans=[plan(needs(1), needs(2))])[1:] == [("ends", None, 1)]
    assert why(NOW, plans=[plan(applies="2027-01-01")]) == [("no_plan", None, None)]
    assert why(NOW, restricted=[OPEN]) == [("restricted", None, 20), ("unmet", "never", 1)]
    allowed = [permission("2026-01-07", "2026-02-03", cites=(20,))]
    assert why(NOW, restricted=[OPEN], permitted=allowed) == [
        ("restricted", None, 20),
        ("permission", None, 40),
        ("unmet", "never", 1),
    ]
    lapsed = [*READY, failed(1, "2026-01-14", seq=2), passed(1, "2026-01-15", seq=3)]
    assert ("sign_off_ended", None, 30) in why(NOW, lapsed, signed=["2026-01-13"])


def test_r6_develop_is_outstanding_support_and_no_bar():
    plans = [plan(needs(1), needs(3, Level.USE))]
    assert state(timeline(READY, plans=plans), NOW) == State.AWAITING_SIGN_OFF
    assert ("develop_outstanding", "never", 3) in why(NOW, READY, plans=plans)


def test_readiness_outside_the_time_of_a_post_is_not_explained():
    with pytest.raises(ValueError, match="does not exist at that moment"):
        why("2026-01-04")
