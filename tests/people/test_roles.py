import pytest

from surehand.people.roles import (
    JOB_ROLES,
    RESPONSIBILITIES,
    SETTINGS,
    find_job_role,
    find_responsibility,
    who_in_words,
)


def test_there_are_nine_job_roles_twelve_responsibilities_and_four_settings():
    assert list(JOB_ROLES) == ["CW", "SC", "RN", "HC", "SW", "AC", "TL", "DM", "RM"]
    assert set(RESPONSIBILITIES) == {
        *("med", "saf", "alr", "onc", "shf", "key"),
        *("app", "mca", "aud", "acc", "sup", "nig"),
    }
    assert list(SETTINGS) == ["R", "N", "H", "S"]


def test_agency_bank_and_night_are_not_job_roles():
    for word in ["agency", "bank", "night", "nig", "Agency worker"]:
        assert find_job_role(word) is None


def test_what_a_job_role_usually_holds_is_a_responsibility():
    for role in JOB_ROLES.values():
        assert set(role.usually_holds) <= set(RESPONSIBILITIES)


@pytest.mark.parametrize("role", JOB_ROLES.values(), ids=lambda role: role.code)
def test_a_job_role_is_found_by_code_or_title_in_any_case(role):
    for text in [role.code, role.code.lower(), role.title, f"  {role.title.upper()} "]:
        assert find_job_role(text) == role


def test_a_title_is_found_however_it_is_hyphenated():
    assert find_job_role("home care worker") == JOB_ROLES["HC"]
    assert find_job_role("Activities Coordinator") == JOB_ROLES["AC"]
    assert find_responsibility("on call") == RESPONSIBILITIES["onc"]


def test_no_two_names_mean_two_things():
    for roles in (JOB_ROLES, RESPONSIBILITIES):
        names = [name for role in roles.values() for name in {role.code, role.title}]
        assert len(names) == len({name.casefold() for name in names})


@pytest.mark.parametrize("text", ["", "  ", "chef", "manager"])
def test_an_unknown_job_role_is_not_guessed(text):
    assert find_job_role(text) is None


def test_people_are_named_as_in_a_sentence():
    assert who_in_words(JOB_ROLES, []) == "everybody"
    assert who_in_words(["RN"], []) == "registered nurses"
    assert (
        who_in_words(["CW", "SC"], ["shf"]) == "care workers, senior care workers and shift leads"
    )
