"""Guessing is slow, and nobody is locked out by what others get wrong."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from django.test import RequestFactory, override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from surehand.evidence.refusal import Refused
from surehand.people.models import KnownDevice, SignInTries
from surehand.people.signing_in import attempts, limits
from surehand.people.signing_in.attempts import TooSoon
from tests.provider import World

START = datetime(2026, 11, 18, 8, 0, tzinfo=UTC)
HOME = "198.51.100.7"


def guesses(waits: list[timedelta]) -> list[datetime]:
    """When tries were taken from somebody who tries after each of these pauses."""
    tries, now, taken = None, START, []
    for pause in waits:
        now += pause
        if not limits.wait(tries, at=now):
            tries = limits.counted(tries, at=now)
            taken.append(now)
    return taken


@given(st.lists(st.integers(0, 4000).map(lambda s: timedelta(seconds=s)), max_size=200))
def test_no_hour_holds_more_guesses_than_stated(waits: list[timedelta]) -> None:
    taken = guesses(waits)
    for first in taken:
        hour = [t for t in taken if first <= t < first + timedelta(hours=1)]
        assert len(hour) <= limits.MOST_IN_AN_HOUR


def test_a_machine_that_never_rests_gets_the_most_and_no_more() -> None:
    taken = guesses([timedelta(seconds=1)] * 86_400)
    assert sum(t < START + timedelta(hours=1) for t in taken) <= limits.MOST_IN_AN_HOUR
    assert len(taken) <= 110  # in a day


def test_waiting_is_never_longer_than_a_quarter_of_an_hour_even_if_the_clock_goes_back() -> None:
    tries = None
    for _ in range(100):
        tries = limits.counted(tries, at=START)
    for back in (timedelta(0), timedelta(days=2)):
        assert limits.wait(tries, at=START - back) <= limits.LONGEST_WAIT


def failure(email: str, device: KnownDevice | None, at: datetime, address: str = HOME) -> None:
    try:
        attempts.begin(what="password", account=email, device=device, address=address, at=at)
    except Refused:
        return


@pytest.fixture
def tablet(world: World) -> KnownDevice:
    return KnownDevice.objects.create(
        sign_in=world.people["dan"].sign_in, digest="d" * 64, seen_at=START
    )


@given(
    others=st.lists(
        st.tuples(st.sampled_from(["dan", "eve", "nobody"]), st.integers(0, 600)), max_size=40
    )
)
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
    ],  # begun afresh in the body
)
def test_whatever_others_get_wrong_at_the_same_address_a_known_browser_signs_in(
    tablet: KnownDevice, others: list[tuple[str, int]]
) -> None:
    SignInTries.objects.all().delete()
    now = START
    for name, seconds in others:
        now += timedelta(seconds=seconds)
        failure(f"{name}@example.org", None, now)
    attempt = attempts.begin(
        what="password", account="dan@example.org", device=tablet, address=HOME, at=now
    )
    attempt.succeeded()


def test_not_even_a_thousand_failures_at_the_address_keep_a_known_browser_out(
    tablet: KnownDevice,
) -> None:
    failure("guess@example.org", None, START)
    SignInTries.objects.update(count=limits.ADDRESS_CEILING)
    with pytest.raises(TooSoon):
        attempts.begin(
            what="password", account="dan@example.org", device=None, address=HOME, at=START
        )
    attempts.begin(
        what="password", account="dan@example.org", device=tablet, address=HOME, at=START
    )
    assert limits.address_wait(
        limits.Tries(limits.ADDRESS_CEILING - 1, START, START), at=START
    ) == (limits.NOW)


def test_the_answer_is_the_same_whether_or_not_there_is_such_an_account(world: World) -> None:
    said = []
    for email in ("dan@example.org", "nobody@example.org"):
        for _ in range(20):
            failure(email, None, START)
        with pytest.raises(TooSoon) as refused:
            attempts.begin(what="password", account=email, device=None, address=HOME, at=START)
        said.append(str(refused.value))
    assert said[0] == said[1]
    assert "@" not in "".join(SignInTries.objects.values_list("key", flat=True))


def test_getting_it_right_elsewhere_hands_nobody_new_guesses(world: World) -> None:
    taken = 0
    for minute in range(60):
        now = START + timedelta(minutes=minute)
        with suppress(TooSoon):  # the person, in new browsers all the time
            attempts.begin(
                what="password", account="dan@example.org", device=None, address="1", at=now
            ).succeeded()
        for second in range(3):
            with suppress(TooSoon):
                attempts.begin(
                    what="password",
                    account="dan@example.org",
                    device=None,
                    address="2",
                    at=now + timedelta(seconds=second),
                ).failed()
                taken += 1
    assert taken <= limits.MOST_IN_AN_HOUR


def test_behind_a_proxy_the_visitor_is_who_the_proxy_says() -> None:
    request = RequestFactory().get("/", headers={"X-Forwarded-For": "6.6.6.6, 203.0.113.9"})
    assert attempts.address_of(request) == "127.0.0.1"
    with override_settings(PROXY=True):
        assert attempts.address_of(request) == "203.0.113.9"
        assert attempts.address_of(RequestFactory().get("/")) == "127.0.0.1"
