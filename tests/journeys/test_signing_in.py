"""Journey: an administrator lets a workforce lead in; she sets up a passkey, signs in with it alone
and shows it again before she signs somebody off. And the same with codes, by keyboard."""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, CDPSession, expect

from surehand.people.signing_in import totp
from tests.journeys.conftest import DESK, PHONE, Clock, Visit
from tests.journeys.test_by_keyboard import tab_to
from tests.provider import PASSWORD, World


@pytest.fixture
def arrive(browser: Browser, server: str, world: World) -> Iterator[Callable[..., Visit]]:
    """arrive() – somebody not signed in, at an address a passkey can belong to."""
    contexts = []

    def begin(*, phone: bool = False) -> Visit:
        context = browser.new_context(
            viewport=PHONE if phone else DESK,  # type: ignore[arg-type]
            locale="en-GB",
            timezone_id="Europe/London",
            bypass_csp=True,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        return Visit(page, server.replace("127.0.0.1", "localhost"), "")

    yield begin
    for context in contexts:
        with suppress(Exception):
            context.close()


def with_device(visit: Visit) -> CDPSession:
    """The browser's machine has a sensor, and its owner touches it."""
    devices = visit.page.context.new_cdp_session(visit.page)
    devices.send("WebAuthn.enable")
    devices.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    return devices


def link_for(visit: Callable[..., Visit], world: World, name: str) -> str:
    """The administrator makes a link and hands it over."""
    ada = visit("ada")
    ada.goes_to(f"/settings/people/{world.people[name].pseudonym}/")
    ada.presses("Make a link to set a password").heading("get in?")
    address = ada.page.get_by_label("The link").input_value()
    return address.partition("/sign-in/")[2]


def test_a_passkey_from_the_first_link_to_a_sign_off(
    world: World, visit: Callable[..., Visit], arrive: Callable[..., Visit], clock: Clock
) -> None:
    # Given Daniela, who waits for sign-off, and a link for Helen
    world.pass_all("dan")
    link = link_for(visit, world, "helen")

    # When Helen sets her password
    helen = arrive()
    with_device(helen)
    helen.goes_to(f"/sign-in/{link}").heading("Welcome, Helen")
    helen.fills("New password", PASSWORD).fills("The same again", PASSWORD)
    helen.presses("Set my password")

    # Then a second factor comes before anything else, and she is told why
    helen.heading("One more step before you go on").sees("a password alone is not enough")
    helen.clicks("Add a passkey").fills("Name of this passkey", "My laptop")
    helen.leaves_by("Make the passkey").heading("Where will you keep these codes?")
    expect(helen.page.locator(".sh-codes li")).to_have_count(10)
    helen.clicks("I have kept them").sees("Helen Marsh")

    # And she signs in with the passkey alone
    helen.page.locator("footer").get_by_role("button", name="Sign out").click()
    helen.heading("Sign in").leaves_by("Sign in with a passkey")
    expect(helen.page).to_have_url(re.compile(r"/$"))

    # When she comes back to the sign-off page much later, it asks again and leads back to it
    helen.goes_to("/sign-off/?service=ALD").heading("Who is ready to be signed off?")
    clock.now += timedelta(minutes=15)
    helen.page.get_by_label("Sign off Daniela Popescu").check()
    helen.presses("Sign off the people chosen").heading("Is it still you?")
    helen.leaves_by("Use your passkey")
    helen.sees("Signed off for independent live use: Daniela Popescu")
    helen.goes_to("/sign-in/mine/").sees("My laptop")


def test_codes_by_keyboard_alone_on_a_phone(
    world: World, visit: Callable[..., Visit], arrive: Callable[..., Visit], clock: Clock
) -> None:
    # Given Ruth, who sets her password by a link and chooses an app
    link = link_for(visit, world, "ruth")
    ruth = arrive(phone=True)
    ruth.goes_to(f"/sign-in/{link}").fills("New password", PASSWORD)
    ruth.fills("The same again", PASSWORD).presses("Set my password")
    ruth.clicks("Set up an authenticator app").page.get_by_text("The app cannot scan?").click()
    ruth.checked()
    secret = ruth.page.locator(".sh-secret").inner_text().replace(" ", "")
    code = _code(secret, clock.now)
    keyboard = ruth.page.keyboard
    tab_to(ruth, lambda on: on["name"] == "code")
    keyboard.type("000000")
    keyboard.press("Enter")
    ruth.page.wait_for_selector("[class*=error-summary]")
    ruth.checked().sees("That code is not right")
    tab_to(ruth, lambda on: on["name"] == "code")
    keyboard.press("Control+A")
    keyboard.type(code)
    keyboard.press("Enter")
    ruth.heading("Where will you keep these codes?").checked()

    # When she signs in again, with no pointer
    clock.now += timedelta(minutes=1)
    ruth.page.locator("footer").get_by_role("button", name="Sign out").click()
    ruth.heading("Sign in").checked()
    tab_to(ruth, lambda on: on["name"] == "email")
    keyboard.type("ruth@example.org")
    tab_to(ruth, lambda on: on["name"] == "password")
    keyboard.type(PASSWORD)
    keyboard.press("Enter")
    ruth.heading("Is it you?").checked()
    tab_to(ruth, lambda on: on["name"] == "code")
    keyboard.type(_code(secret, clock.now))
    keyboard.press("Enter")

    # Then she is in
    ruth.page.wait_for_url(lambda address: "/sign-in/" not in address)
    ruth.checked()

    # And the administrator sees what she has, and takes a lost app away
    ada = visit("ada")
    ada.goes_to("/settings/").clicks("Who signs in how").sees("Authenticator app")
    ada.clicks("Ruth Adeyemi").clicks("Remove Authenticator app", role="button")
    ada.sees("is removed, and they are signed out everywhere")
    ruth.goes_to("/").heading("Sign in")


def _code(secret: str, at: Any) -> str:
    from base64 import b32decode

    return totp.code_of(b32decode(secret), totp.step_at(at))
