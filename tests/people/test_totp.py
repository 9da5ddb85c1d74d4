"""Authenticator codes: the vectors of RFC 6238, and no code twice."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surehand.people.signing_in import totp

SECRET = b"12345678901234567890"
AT = datetime(2026, 11, 18, 8, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_the_vectors_of_rfc_6238(seconds: int, code: str) -> None:
    step = totp.step_at(datetime.fromtimestamp(seconds, UTC))
    assert totp.code_of(SECRET, step, digits=8) == code


@given(st.binary(min_size=10, max_size=40), st.integers(-90, 90))
def test_a_code_is_taken_one_step_off_and_never_again(secret: bytes, seconds: int) -> None:
    then = AT + timedelta(seconds=seconds)
    step = totp.step_of(secret, totp.code_of(secret, totp.step_at(then)), at=AT)
    if step is None:
        assert abs(totp.step_at(then) - totp.step_at(AT)) > totp.STEPS_OFF
    else:
        assert totp.step_of(secret, totp.code_of(secret, step), at=AT, after=step) is None


@pytest.mark.parametrize("code", ["", "12345", "abcdef", "１２３４５６", "0" * 100])
def test_what_is_no_code_is_no_code(code: str) -> None:
    assert totp.step_of(SECRET, code, at=AT) is None
