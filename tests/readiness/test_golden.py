"""Golden spans: what readiness is under rule set 1, worked out by hand from the rules.

A release may add a file for a new rule set; it never changes one (rules.md, opening). Unless a case
says otherwise: a care worker's post in a residential service from 5 January 2026, live that day,
under plan 1 with one gate, competency 1. Times are London's.
"""

import json
from pathlib import Path

import pytest

from surehand.readiness.rules import (
    RULE_SET,
    Level,
    Observation,
    Permission,
    Plan,
    Post,
    Reopening,
    Requirement,
    Restriction,
    SignOff,
    competence,
    competent,
    readiness,
)
from surehand.timeline import FOREVER, parse_local

GOLDEN = json.loads((Path(__file__).parent / "golden" / "rule-set-1.json").read_text())


def when(text, default=None):
    return default if text is None else parse_local(text, edge="start")


def gate(text):
    """`2 core`, `4 crit for med`, `2 crit not agency`."""
    competency, level, *more = text.split()
    return Requirement(
        competency=int(competency),
        job_role="CW",
        responsibility=more[1] if more[:1] == ["for"] else "",
        setting="",
        level=Level[level.upper()],
        agency=more != ["not", "agency"],
    )


def plans(case):
    texts = case.get("gates", ["1 crit"])
    yield Plan(1, when(case.get("plan_from", "2025-12-01")), tuple(map(gate, texts)))
    if later := case.get("later_plan"):
        yield Plan(2, when(later["from"]), tuple(map(gate, later["gates"])))


def spans(case):
    given = {"until": None, "agency": False, "responsibilities": [], "go_live": "2026-01-05"}
    given |= case.get("post", {})
    post = Post(
        starts=when("2026-01-05"),
        until=when(given["until"], FOREVER),
        job_role="CW",
        setting="R",
        agency=given["agency"],
        responsibilities=tuple(
            (when(start), when(until), code) for start, until, code in given["responsibilities"]
        ),
        go_live=when(given["go_live"]),
    )
    seen = [
        Observation(competency, when(at), outcome, months, agency_months, seq)
        for seq, (competency, at, outcome, months, agency_months) in enumerate(
            case.get("observations", []), 100
        )
    ]
    reopenings = [
        Reopening(competency, when(at), when(ends), seq)
        for seq, (competency, at, ends) in enumerate(case.get("reopenings", []), 200)
    ]
    return readiness(
        post,
        list(plans(case)),
        {
            competency: competent(
                competence(
                    [o for o in seen if o.competency == competency],
                    [r for r in reopenings if r.competency == competency],
                    agency=post.agency,
                )
            )
            for competency in {o.competency for o in seen}
        },
        [SignOff(when(at), plan, 300) for at, plan in case.get("sign_offs", [])],
        [
            Permission(
                at=when(p["at"]),
                until=when(p["until"]),
                competencies=frozenset({1}),
                supervisors=frozenset({7}),
                cites=frozenset(p.get("cites", [])),
                ended_at=when(p.get("ended_at")),
                seq=400,
            )
            for p in case.get("permissions", [])
        ],
        [
            Restriction(when(r["at"]), when(r["lifted_at"]), r["seq"])
            for r in case.get("restrictions", [])
        ],
        [(o.competency, o.at) for o in seen if o.outcome == "further_support"],
    )


@pytest.mark.parametrize(
    "case", GOLDEN["cases"], ids=[f"{c['rule']} {c['name']}" for c in GOLDEN["cases"]]
)
def test_golden_spans_of_rule_set_1(case):
    assert RULE_SET == GOLDEN["rule_set"] == 1
    found = spans(case)
    assert [(span.start, span.state.name.lower()) for span in found] == [
        (when(start), state) for start, state in case["expect"]
    ]
    assert found[-1].until == when(case.get("post", {}).get("until"), FOREVER)
