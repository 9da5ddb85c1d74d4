"""R6 is written twice: for a moment (`competency.rules.gates_for`, read where checks are asked for)
and for a post's whole time (`readiness.rules.gates`, of which spans are made). They agree."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from surehand.competency import rules as at_a_moment
from surehand.competency.rules import Need
from surehand.readiness import rules
from surehand.timeline import FOREVER, at, london_midnight

DAY = date(2026, 9, 1)
CODES = ("C01", "C02", "C03")

rows = st.builds(
    lambda competency, who, setting, level, agency: at_a_moment.Requirement(
        competency, *who, setting, level, agency
    ),
    st.sampled_from(CODES),
    st.sampled_from([("CW", ""), ("SC", ""), ("", "med"), ("", "nig")]),
    st.sampled_from("RN"),
    st.sampled_from(at_a_moment.Level),
    st.booleans(),
)


@given(
    requirements=st.lists(rows, max_size=8),
    job_role=st.sampled_from(["CW", "SC"]),
    agency=st.booleans(),
    held=st.lists(st.sampled_from(["med", "nig"]), unique=True),
    go_live=st.none() | st.integers(-40, 40),
    day=st.integers(0, 80),
)
def test_r6_the_gates_of_a_moment_are_those_of_the_timeline_there(
    requirements: list[at_a_moment.Requirement],
    job_role: str,
    agency: bool,
    held: list[str],
    go_live: int | None,
    day: int,
) -> None:
    live = DAY + timedelta(days=go_live) if go_live is not None else None
    now = london_midnight(DAY + timedelta(days=day))
    needs = at_a_moment.gates_for(
        requirements,
        job_role=job_role,
        setting="R",
        agency=agency,
        responsibilities=held,
        days_since_start=(DAY + timedelta(days=day) - max(DAY, live)).days if live else None,
    )
    post = rules.Post(
        starts=london_midnight(DAY),
        until=FOREVER,
        job_role=job_role,
        setting="R",
        agency=agency,
        responsibilities=tuple((london_midnight(DAY), FOREVER, code) for code in held),
        go_live=london_midnight(live) if live else None,
    )
    plan = rules.Plan(
        1,
        london_midnight(DAY),
        tuple(
            rules.Requirement(
                CODES.index(row.competency),
                row.job_role,
                row.responsibility,
                row.setting,
                rules.Level[row.level.name],
                row.agency,
            )
            for row in requirements
        ),
    )
    segment = at(rules.gates(post, [plan]), now)
    assert segment is not None
    develops = rules.develops(post, [plan], now)
    assert {CODES[c] for c in segment[2]} == {c for c, need in needs.items() if need is Need.GATE}
    assert {CODES[c] for c in develops} == {c for c, need in needs.items() if need is Need.DEVELOP}
