"""The starter plan says what the content brief says, row by row."""

import pytest

from surehand.competency.plan_document import starter
from surehand.competency.rules import levels_for
from surehand.people.roles import JOB_ROLES, RESPONSIBILITIES, SETTINGS

CARE = "CW SC RN HC SW TL DM"
ALL = "CW SC RN HC SW AC TL DM RM"
SENIOR = "SC RN TL DM RM"

# code | who: level | months | agency months | how | number of criteria | critical ones
BRIEF = f"""
C01  | {ALL}: crit                      | 12 | 6 | PO | 4 | 1 2 4
C02  | {ALL}: crit                      | 24 | 6 | PO | 3 | 1 2
C03  | {CARE} AC: crit                  | 12 | 6 | PO | 4 | 1 2
C04  | {CARE} AC: crit                  | 12 | 6 | PO | 4 | 4
C05  | {CARE} AC: core                  | 12 | 6 | P  | 3 | 1
C06  | {CARE}: crit                     | 12 | 6 | PO | 4 | 1 2
C07  | {CARE} AC: crit                  | 12 | 6 | PD | 5 | 1
C08  | {CARE} AC: crit                  | 12 | 3 | PD | 5 | 1 2 5
C09  | {CARE}: core                     | 12 | 6 | PO | 5 | 1 3
C10  | SC RN TL DM key: crit            | 12 | - | PO | 5 | 1 3
C11  | med: crit                        | 12 | 6 | PO | 4 | 1 3 4
C11L | med: core                        | 12 | 6 | O  | 4 | 1 3 4
C12  | {CARE}: core, N crit             | 12 | 6 | PO | 5 | 1 5
C13  | alr nig onc: crit                | 12 | 3 | PO | 5 | 2 4
C13L | alr nig onc: core                | 12 | 3 | O  | 5 | 2 4
C14  | SC RN TL nig: core               | 12 | 6 | PD | 3 | 2
C15  | {CARE}: core                     | 12 | 6 | PO | 3 | 1
C16  | {ALL}: core                      | 24 | 6 | P  | 4 | 1 2
C17  | {CARE}: core; shf nig: crit      | 12 | 3 | PD | 4 | 2 3
C18  | {CARE}: core; mca key: crit      | 12 | 6 | PD | 5 | 3 4
C19  | {ALL}: crit                      | 12 | 6 | PD | 4 | 2 3 4
C20  | CW HC SW AC: use; {SENIOR}: core | 12 | 6 | PD | 3 | 2 3
C21  | {SENIOR}: core                   | 12 | - | PD | 3 | 1 3
C22  | aud: core                        | 12 | - | PO | 4 | 1
C23  | app: crit                        | 12 | - | PD | 4 | 1 2
C24  | acc: crit                        | 12 | - | PO | 4 | 1 4
C25  | DM RM aud: core                  | 12 | - | PD | 3 | 2 3
C26  | HC: crit                         | 12 | 6 | PO | 4 | 1 2 4
C27  | sup: core                        | 12 | - | PO | 3 | 2 3
"""
ROWS = [[part.strip() for part in line.split("|")] for line in BRIEF.strip().splitlines()]
HOW = {"PO": ("practice", "live"), "P": ("practice",), "PD": ("practice",), "O": ("live",)}


def _levels(code: str, who: str, setting: str, *, agency: bool = False) -> str | None:
    """The level for somebody holding only that job role, or only that responsibility."""
    return levels_for(
        [row for row in starter().requirements() if row.competency == code],
        job_role=who if who in JOB_ROLES else "",
        setting=setting,
        agency=agency,
        responsibilities=[who],
    ).get(code)


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_who_needs_it_and_at_what_level(row):
    code, needs = row[0], row[1]
    expected: dict[str, str] = {}
    for need in needs.split(";"):
        who, level = need.split(":")
        for name in who.split():
            expected[name] = level.strip()
    for name in [*JOB_ROLES, *RESPONSIBILITIES]:
        for setting in SETTINGS:
            level = expected.get(name)
            if level == "core, N crit":
                level = "crit" if setting == "N" else "core"
            assert _levels(code, name, setting) == level
            assert _levels(code, name, setting, agency=True) == (None if row[3] == "-" else level)


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_how_it_is_checked_and_how_long_a_pass_lasts(row):
    code, _, months, agency_months, how, number, critical = row
    check = starter().competency(code).check
    assert check.version == 1
    assert check.validity_months == int(months)
    assert check.agency_months == (None if agency_months == "-" else int(agency_months))
    assert check.methods == HOW[how]
    assert check.needs_discussion == (how == "PD")
    assert [criterion.code for criterion in check.criteria] == [
        f"{code}.{place}" for place in range(1, int(number) + 1)
    ]
    assert [c.code for c in check.criteria if c.critical] == [
        f"{code}.{place}" for place in critical.split()
    ]


def test_every_competency_of_the_brief_and_no_other():
    assert [competency.code for competency in starter().competencies] == [row[0] for row in ROWS]


@pytest.mark.parametrize(("live", "practised"), [("C11L", "C11"), ("C13L", "C13")])
def test_a_live_check_judges_the_same_criteria(live, practised):
    def texts(code: str) -> list[tuple[str, bool]]:
        return [(c.text, c.critical) for c in starter().competency(code).check.criteria]

    assert texts(live) == texts(practised)


def test_the_strongest_need_wins_for_a_night_shift_lead_who_is_keyworker():
    levels = levels_for(
        starter().requirements(),
        job_role="SC",
        setting="R",
        agency=False,
        responsibilities=["shf", "nig", "key"],
    )
    assert (levels["C17"], levels["C18"], levels["C10"], levels["C20"]) == (
        "crit",
        "crit",
        "crit",
        "core",
    )


def test_words_fit_where_they_are_shown():
    for competency in starter().competencies:
        assert 1 <= len(competency.short.replace(", live", "").split()) <= 4
        assert len(competency.short) <= 24
        assert competency.can.startswith("I ")
        assert competency.themes
        for criterion in competency.check.criteria:
            assert criterion.text.endswith(".")
            assert len(criterion.text.split()) >= 4
    shorts = [competency.short for competency in starter().competencies]
    assert len(set(shorts)) == len(shorts)
