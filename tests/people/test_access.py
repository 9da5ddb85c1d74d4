"""Who may do what: the table of R14, restated here by hand."""

import pytest

from surehand.evidence.refusal import NotPermitted
from surehand.people.access import DESCRIPTIONS, AccessRole, Action, By, Grant, check_may

R = AccessRole

# action: (in service scope, in provider scope), as the rule has it
WRITTEN: dict[Action, tuple[set[AccessRole], set[AccessRole]]] = {
    Action.PLAN: (set(), {R.WORKFORCE_LEAD}),
    Action.SIGN_OFF: (set(), {R.WORKFORCE_LEAD}),
    Action.ASSESS: ({R.ASSESSOR, R.TEAM_LEADER}, {R.WORKFORCE_LEAD}),
    Action.SPOT_CHECK: ({R.ASSESSOR, R.TEAM_LEADER, R.REGISTERED_MANAGER}, {R.WORKFORCE_LEAD}),
    Action.VOID: ({R.REGISTERED_MANAGER}, {R.WORKFORCE_LEAD}),
    Action.REVIEW: ({R.REGISTERED_MANAGER}, {R.WORKFORCE_LEAD}),
    Action.PERMIT: ({R.REGISTERED_MANAGER}, {R.WORKFORCE_LEAD}),
    Action.LIFT: ({R.REGISTERED_MANAGER}, {R.WORKFORCE_LEAD}),
    Action.RESTRICT: ({R.TEAM_LEADER, R.REGISTERED_MANAGER}, {R.WORKFORCE_LEAD}),
    Action.OVERRIDE: ({R.REGISTERED_MANAGER}, {R.NOMINATED_INDIVIDUAL}),
    Action.BREAK_GLASS: ({R.REGISTERED_MANAGER}, {R.NOMINATED_INDIVIDUAL}),
    Action.IMPORT_PEOPLE: ({R.REGISTERED_MANAGER}, {R.WORKFORCE_LEAD, R.ADMINISTRATOR}),
    Action.IMPORT_SERVICES: (set(), {R.ADMINISTRATOR}),
    Action.IMPORT_ACCOUNTS: (set(), {R.ADMINISTRATOR}),
    Action.IMPORT_RECORDS: (set(), {R.QUALITY_LEAD, R.ADMINISTRATOR}),
    Action.REFRESHER: ({R.TEAM_LEADER, R.REGISTERED_MANAGER}, {R.WORKFORCE_LEAD}),
    Action.ANSWER: ({R.TEAM_LEADER}, set()),
    Action.SELECT_AUDIT: (set(), {R.QUALITY_LEAD}),
    Action.CHECK_RECORDS: ({R.TEAM_LEADER}, set()),
    Action.CAUSE: ({R.REGISTERED_MANAGER}, set()),
    Action.CHANGE_REQUEST: ({R.REGISTERED_MANAGER}, {R.QUALITY_LEAD}),
    Action.TAKE_RISK: ({R.REGISTERED_MANAGER}, {R.NOMINATED_INDIVIDUAL}),
    Action.SCREENING_WORDS: (set(), {R.QUALITY_LEAD, R.ADMINISTRATOR}),
    Action.SETTINGS: (set(), {R.ADMINISTRATOR}),
    Action.READ: (
        {R.ASSESSOR, R.TEAM_LEADER, R.REGISTERED_MANAGER},
        {R.WORKFORCE_LEAD, R.QUALITY_LEAD, R.PROJECT_LEAD, R.NOMINATED_INDIVIDUAL},
    ),
}
HERE, ELSEWHERE = 1, 2


def somebody(role: AccessRole, service: int | None) -> By:
    return By(person=7, pseudonym="7" * 32, signed_in="password", grants=(Grant(role, service),))


@pytest.mark.parametrize("action", list(Action))
@pytest.mark.parametrize("role", list(AccessRole))
def test_r14_each_access_role_may_do_just_what_the_table_says(
    role: AccessRole, action: Action
) -> None:
    in_service, in_provider = WRITTEN[action]
    assert somebody(role, HERE).may(action, HERE) == (role in in_service)
    assert not somebody(role, HERE).may(action, ELSEWHERE)
    assert not somebody(role, HERE).may(action, None)
    assert somebody(role, None).may(action, HERE) == (role in in_provider)
    assert somebody(role, None).may(action, None) == (role in in_provider)


@pytest.mark.parametrize("action", list(Action))
def test_a_refusal_says_who_could(action: Action) -> None:
    with pytest.raises(NotPermitted, match=r"It takes an? "):
        check_may(somebody(R.VISITOR, None), action, service=HERE)


def test_administrators_record_nothing_about_competence() -> None:
    administrator = somebody(R.ADMINISTRATOR, None)
    allowed = {a for a in Action if administrator.may(a, HERE)}
    assert allowed == {
        Action.IMPORT_PEOPLE,
        Action.IMPORT_SERVICES,
        Action.IMPORT_ACCOUNTS,
        Action.IMPORT_RECORDS,
        Action.SCREENING_WORDS,
        Action.SETTINGS,
    }


def test_every_access_role_has_a_plain_description() -> None:
    assert set(DESCRIPTIONS) == set(AccessRole)
    assert all(d.description.endswith(".") for d in DESCRIPTIONS.values())
