"""Guesses that come at once are each counted; a code that comes twice at once is taken once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from surehand import evidence
from surehand.people.models import SignIn
from surehand.people.signing_in import actions, attempts, limits, totp
from surehand.people.signing_in.attempts import TooSoon
from tests.conftest import Database
from tests.provider import World, small_provider

NOW = datetime(2026, 11, 18, 8, 12, tzinfo=UTC)
SECRET = b"otters and herons"
AT_ONCE = 6


def at_once(work: Callable[[], Any]) -> list[Any]:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return [done.result() for done in [pool.submit(work) for _ in range(2 * AT_ONCE)]]


def test_guesses_at_once_are_all_counted(
    template_database: Database, in_thread: Callable[..., Callable[[], Any]]
) -> None:
    def guess() -> bool:
        try:
            attempts.begin(
                what="password", account="a@example.org", device=None, address="1", at=NOW
            )
        except TooSoon:
            return False
        return True

    assert sum(at_once(in_thread(guess))) == limits.FREE_TRIES


def test_a_code_at_once_is_taken_once(
    template_database: Database, in_thread: Callable[..., Callable[[], Any]]
) -> None:
    world: World = small_provider()
    sign_in = SignIn.objects.get(person=world.people["helen"])
    code = totp.code_of(SECRET, totp.step_at(NOW))
    with evidence.clock.at(NOW):
        actions.add_code_app(
            by=world.by("helen"),
            sign_in=sign_in,
            secret=SECRET,
            code=totp.code_of(SECRET, totp.step_at(NOW) - 1),
        )

    def use() -> str:
        with evidence.clock.at(NOW):
            return actions.take_code(sign_in=SignIn.objects.get(pk=sign_in.pk), given=code)

    assert sorted(at_once(in_thread(use))) == [""] * (2 * AT_ONCE - 1) + ["code"]
