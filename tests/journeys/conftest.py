"""Journeys: a real browser, a real server, real commits, and a clock that journeys move.

At every step axe must find nothing; screenshots go where SUREHAND_SHOTS points, if it does.
"""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django.db import connections
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from surehand import evidence
from tests.conftest import Database
from tests.provider import NOW, World, small_provider

AXE = Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js"
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}
# Nothing a page does may reach beyond this machine, nor the browser for itself.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--lang=en-GB",  # date boxes read day, month, year
]
# As long as Django makes them.
TOKEN = "t" * 32
# What is waited for comes at last on a slow machine too; what never comes is told soon enough.
PATIENCE = 30_000
expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.journey)
            item.add_marker(pytest.mark.enable_socket)


class Clock:
    """The server's clock and the test's."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


class QuietHandler(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def server(template_database: Database, clock: Clock, settings: Any) -> Iterator[str]:
    """The address of the application, served by threads from a database of its own."""
    settings.DEMO = True
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = False
    application = get_wsgi_application()

    def at_the_time(environ: Any, start_response: Any) -> Any:
        with evidence.clock.at(clock.now):
            return application(environ, start_response)

    class Server(ThreadedWSGIServer):
        def process_request_thread(self, *args: Any) -> None:
            try:
                super().process_request_thread(*args)
            finally:
                connections.close_all()

    running = Server(("127.0.0.1", 0), QuietHandler, connections_override=None)
    running.set_app(at_the_time)
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{running.server_port}"
    running.shutdown()
    running.server_close()
    thread.join()


@pytest.fixture
def world(server: str, clock: Clock) -> Iterator[World]:
    """The small provider in the server's database, committed."""
    built = small_provider()
    with evidence.clock.at(clock.now):
        yield built


@pytest.fixture(scope="session")
def browser(template: str) -> Iterator[Browser]:
    path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    if not Path(path).exists():
        pytest.skip("no Chromium: install it, or point CHROMIUM at it")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    # Playwright leaves an event loop running in this thread, and under a loop Django keeps another
    # connection: the one from before would stay open and PostgreSQL would not copy its database.
    connections.close_all()
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield started
        started.close()


class Visit:
    """A person in a browser. Every step ends with axe finding nothing."""

    def __init__(self, page: Page, address: str, shots: str) -> None:
        self.page = page
        self.address = address
        self.shots = shots

    def goes_to(self, path: str) -> "Visit":
        self.page.goto(self.address + path)
        return self.checked()

    def clicks(self, name: str, *, role: str = "link", exact: bool = False) -> "Visit":
        self.page.get_by_role(role, name=name, exact=exact).first.click()  # type: ignore[arg-type]
        return self.checked()

    def presses(self, name: str) -> "Visit":
        return self.clicks(name, role="button")

    def leaves_by(self, button: str) -> "Visit":
        """Press a button that asks something first (a device, the connection): the page is left a
        moment later."""
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=button).first.click()
        return self.checked()

    def fills(self, label: str, text: str) -> "Visit":
        self.page.get_by_label(label, exact=False).first.fill(text)
        return self

    def sees(self, text: str) -> "Visit":
        expect(self.page.get_by_text(text).first).to_be_visible()
        return self

    def does_not_see(self, text: str) -> "Visit":
        expect(self.page.get_by_text(text)).to_have_count(0)
        return self

    def heading(self, text: str) -> "Visit":
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(text)
        return self

    def group(self, legend: str) -> Locator:
        return self.page.get_by_role("group", name=legend)

    def checked(self) -> "Visit":
        """axe finds nothing, the page does not scroll sideways, nothing failed in the console."""
        self.page.wait_for_load_state("load")
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(_axe())
        # Nothing is loaded again for rules on orientation and sound: there is neither here.
        found = self.page.evaluate("axe.run({resultTypes: ['violations'], preload: false})")
        problems = [
            f"{v['id']}: {v['help']} at {[n['target'] for n in v['nodes']][:3]}"
            for v in found["violations"]
        ]
        assert not problems, f"axe on {self.page.url}: {problems}"
        wide = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{self.page.url} scrolls sideways by {wide} px"
        return self

    def shot(self, name: str) -> "Visit":
        """A picture for the docs, when asked for."""
        if self.shots:
            path = Path(self.shots) / f"{name}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=str(path), full_page=True)
        return self


_axe_source: list[str] = []


def _axe() -> str:
    if not _axe_source:
        _axe_source.append(f"{AXE.read_text()}; 0")
    return _axe_source[0]


@pytest.fixture
def visit(browser: Browser, server: str, world: World) -> Iterator[Callable[..., Visit]]:
    """visit("ruth") – ruth, signed in, at a desk; visit("dan", phone=True) – on a phone;
    visit("eve", on=dan) – on the device dan had; offline=True – one that keeps pages for it."""
    contexts = []
    errors: list[str] = []

    def begin(
        name: str,
        *,
        phone: bool = False,
        dark: bool = False,
        offline: bool = False,
        on: Visit | None = None,
    ) -> Visit:
        context = (
            on.page.context
            if on
            else browser.new_context(
                viewport=PHONE if phone else DESK,  # type: ignore[arg-type]
                has_touch=phone,
                color_scheme="dark" if dark else "light",
                locale="en-GB",
                timezone_id="Europe/London",
                service_workers="allow" if offline else "block",
                bypass_csp=True,  # axe is put into the page; CSP itself is asserted in tests/home
                reduced_motion="reduce",  # axe never meets a colour half-way to another
            )
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda problem: errors.append(str(problem)))
        action = f"/sign-in/demo/{world.people[name].pk}/"
        # A device that keeps pages does so, and lets go of those of others, on the way in.
        if on or offline:
            page.goto(f"{server}/sign-in/")
            page.evaluate(
                """async (action) => {
                    const form = document.querySelector('form');
                    form.action = action; form.noValidate = true; form.submit();
                }""",
                action,
            )
            page.wait_for_url(lambda address: "/sign-in/" not in address)
        else:
            token = {"name": settings.CSRF_COOKIE_NAME, "value": TOKEN, "url": server}
            context.add_cookies([token])  # type: ignore[list-item]
            answer = context.request.post(
                server + action, headers={"X-CSRFToken": TOKEN}, max_redirects=0
            )
            assert answer.status == 302
        return Visit(page, server, os.environ.get("SUREHAND_SHOTS", ""))

    yield begin
    for context in contexts:
        with suppress(Exception):
            context.close()
    assert not errors, f"errors in the page: {errors}"
