"""The first administrator, on a database without anything in it."""

import pytest
from click.testing import CliRunner

from surehand.cli.__main__ import main
from surehand.people.models import AccessGrant, SignIn


def create(password: str) -> tuple[int, str]:
    arguments = ["createadmin", "ann@example.org", "--name", "Ann Lee", "--password", password]
    done = CliRunner().invoke(main, arguments)
    return done.exit_code, done.output


@pytest.mark.django_db
def test_a_weak_password_is_refused_in_a_sentence_and_nothing_is_left() -> None:
    code, said = create("short")
    assert code == 1
    assert "too short" in said
    assert not AccessGrant.objects.exists()


@pytest.mark.django_db
def test_the_first_administrator_can_sign_in() -> None:
    assert create("calm-otters-keep-notes")[0] == 0
    assert SignIn.objects.get().check_password("calm-otters-keep-notes")


def test_how_short_a_password_may_be_is_said_before_it_is_typed() -> None:
    assert "At least 10 characters" in " ".join(
        CliRunner().invoke(main, ["createadmin", "--help"]).output.split()
    )
