"""What pages load and how they may be attacked: nothing from another host, nothing inline, and
every form with its token."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from django.http import HttpResponse

from surehand import evidence
from tests.home.sweep import ACTORS, TABLE, Scene, scene, undone
from tests.provider import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.same_on_both]

# otpauth: opens the authenticator app of the same phone.
HERE = re.compile(r"^(/(?!/)|#|\?|data:image/|mailto:|otpauth:|$)")
LOADS = {"src", "href", "action", "srcset", "data", "poster", "formaction", "content"}


@pytest.fixture(scope="module")
def sweep(django_db_setup: None, django_db_blocker: Any) -> Iterator[Scene]:
    with django_db_blocker.unblock(), scene() as built:
        yield built


class Read(HTMLParser):
    """What a page loads and runs, and its forms."""

    def __init__(self) -> None:
        super().__init__()
        self.problems: list[str] = []
        self.h1 = 0
        self.language = ""
        self._form: dict[str, str | None] | None = None
        self._token = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.h1 += tag == "h1"
        if tag == "html":
            self.language = given.get("lang") or ""
        for name, value in attrs:
            if name in {"style"} or name.startswith("on"):
                self.problems.append(f"<{tag} {name}={value!r}> is inline")
            elif name in LOADS and tag != "meta" and not HERE.match(value or ""):
                self.problems.append(f"<{tag} {name}={value!r}> leads to another host")
        if tag == "style" or (tag == "script" and "src" not in given and not _data(given)):
            self.problems.append(f"<{tag}> is inline")
        if tag == "base":
            self.problems.append("<base> moves every address")
        if tag == "form":
            self._form, self._token = given, False
        if tag == "input" and given.get("name") == "csrfmiddlewaretoken":
            self._token = True

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self._form is not None:
            post = (self._form.get("method") or "get").lower() == "post"
            if post and not self._token:
                self.problems.append(f"a form to {self._form.get('action')!r} has no token")
            if not post and self._token:
                self.problems.append("a token stands in an address")
            self._form = None


def _data(given: dict[str, str | None]) -> bool:
    """A block of data is never run."""
    return given.get("type") == "application/json"


def pages(sweep: Scene, name: str) -> Iterator[tuple[str, HttpResponse]]:
    """The page of this address as everybody sees it who may."""
    address, place = TABLE[name], sweep.alder
    path = address.at(name, place)
    for role, actor in ACTORS.items():
        if address.may(address.who, role, place, name=actor):
            with undone():
                yield f"{actor} on {path}", sweep.client(actor).get(path)


OPENED = [name for name, address in TABLE.items() if not address.only_post]


@pytest.mark.parametrize("name", OPENED)
def test_a_page_loads_nothing_from_elsewhere_and_runs_nothing_inline(
    sweep: Scene, name: str
) -> None:
    for where, response in pages(sweep, name):
        _is_strict(response)
        if not response.headers.get("Content-Type", "").startswith("text/html"):
            assert response.headers["Content-Disposition"].startswith("attachment")
            continue
        read = Read()
        read.feed(response.content.decode())
        assert read.problems == [], where
        if response.status_code == 200:
            assert (read.h1, read.language) == (1, "en-GB"), where


@pytest.mark.parametrize("name", [*OPENED, "nowhere"])
def test_the_policy_is_strict_on_a_refusal_too(sweep: Scene, name: str) -> None:
    path = TABLE[name].at(name, sweep.quayside) if name in TABLE else "/nowhere/"
    with undone(), evidence.clock.at(NOW):
        _is_strict(sweep.client("eve").get(path))


def _is_strict(response: HttpResponse) -> None:
    headers = response.headers
    policy = {
        words[0]: set(words[1:])
        for words in (each.split() for each in headers["Content-Security-Policy"].split(";"))
    }
    for directive in ("default-src", "script-src", "style-src", "form-action"):
        assert policy[directive] == {"'self'"}
    for directive in ("frame-ancestors", "base-uri", "object-src"):
        assert policy[directive] == {"'none'"}
    said = " ".join(word for words in policy.values() for word in words)
    assert "unsafe" not in said
    assert not re.search(r"[*]|https?:", said)
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Content-Type-Options"] == "nosniff"
