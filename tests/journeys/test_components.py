"""The component page in a real browser, under the content policy."""

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.template import engines

from surehand.ui import jinja, specimen

AXE = Path(jinja.__file__).parents[3] / "node_modules/axe-core/axe.min.js"
POLICY = "default-src 'self'; style-src 'self'; script-src 'self'; object-src 'none'"


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args: Any) -> None: ...

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("site")
    (folder / "static").symlink_to(jinja.BUILT.parent)
    html = engines["jinja2"].get_template("ui/components.html").render(specimen.context())
    (folder / "index.html").write_text(html)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_axe_finds_nothing(browser: Any, address: str, width: int, theme: str) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=theme, bypass_csp=True
    )
    page = context.new_page()
    page.goto(address)
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run()")
    context.close()
    assert len(found["passes"]) > 30
    assert [(v["id"], [n["target"] for n in v["nodes"]]) for v in found["violations"]] == []


def test_nothing_breaks_the_content_policy_and_focus_is_on_the_error_summary(
    browser: Any, address: str
) -> None:
    page = browser.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(address)
    page.wait_for_function("document.body.classList.contains('js-enabled')")
    assert "nhsuk-error-summary" in page.evaluate("document.activeElement.className")
    page.click(".nhsuk-error-summary a >> nth=0")
    assert page.evaluate("document.activeElement.id") == "id_supervisor"
    page.keyboard.press("Tab")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "search"
    page.close()
    assert said == []


def test_a_phone_of_320_pixels_never_scrolls_sideways_and_its_menu_opens_without_javascript(
    browser: Any, address: str
) -> None:
    context = browser.new_context(viewport={"width": 320, "height": 640}, java_script_enabled=True)
    page = context.new_page()
    page.goto(address)
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    context.close()
    context = browser.new_context(viewport={"width": 320, "height": 640}, java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    page.click(".sh-phone summary")
    assert page.locator(".sh-phone nav a", has_text="Live use").is_visible()
    context.close()


def test_what_was_typed_is_there_again_after_the_page_is_loaded_anew(
    browser: Any, address: str
) -> None:
    page = browser.new_page()
    page.goto(address)
    page.fill("#id_note", "She told the nurse at once.")
    page.reload()
    assert page.input_value("#id_note") == "She told the nurse at once."
    page.close()
