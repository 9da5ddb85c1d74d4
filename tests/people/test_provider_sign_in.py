"""Signing in with the provider's own identity provider, against a real one on this machine."""

import hashlib
import threading
import warnings
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.test import Client
from werkzeug.serving import make_server

from surehand.cli.safety import unsafe_settings
from surehand.people.models import SignIn
from tests.people.authenticator import HOST
from tests.provider import World

# The identity provider it is tested against is a little behind its own library.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@dataclass
class IdentityProvider:
    """What runs, and what it was asked for tokens with."""

    issuer: str = ""
    asked: list[dict[str, str]] = field(default_factory=list)

    def user(self, name: str, **claims: object) -> None:
        said = requests.put(f"{self.issuer}/users/{name}", json=claims, timeout=60)
        assert said.ok

    def answer(self, address: str, name: str) -> str:
        """Somebody signs in there; the address the browser is sent back to, without the host."""
        said = requests.post(address, data={"sub": name}, allow_redirects=False, timeout=60)
        back = urlsplit(said.headers["Location"])
        assert back.netloc == HOST
        return f"{back.path}?{back.query}"


@pytest.fixture(scope="module")
def running() -> Iterator[IdentityProvider]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import flask
        import oidc_provider_mock

        app = oidc_provider_mock.app(require_nonce=True)
    provider = IdentityProvider()

    @app.before_request
    def keep() -> None:
        if flask.request.path == "/oauth2/token":
            provider.asked.append(flask.request.form.to_dict())

    server = make_server("localhost", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    provider.issuer = f"http://localhost:{server.server_port}"
    yield provider
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def provider(running: IdentityProvider, settings: Any, world: World) -> IdentityProvider:
    settings.OIDC_ISSUER = running.issuer
    settings.OIDC_CLIENT, settings.OIDC_SECRET = "surehand", "secret"
    settings.OIDC_LABEL = "Entra ID"
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = False
    running.user("helen", email="helen@example.org", oid="oid-of-helen")
    running.user("stranger", email="stranger@elsewhere.example")
    return running


def browser() -> Client:
    return Client(headers={"host": HOST})


def go(client: Client, provider: IdentityProvider, name: str, query: str = "") -> Any:
    there = client.get(f"/sign-in/provider/{query}").headers["Location"]
    return client.get(provider.answer(there, name))


def test_somebody_with_a_sign_in_here_signs_in_there(provider: IdentityProvider) -> None:
    client = browser()
    assert "Sign in with Entra ID" in client.get("/sign-in/?next=/matrix/").text
    there = client.get("/sign-in/provider/?next=/matrix/").headers["Location"]
    asked = {name: values[0] for name, values in parse_qs(urlsplit(there).query).items()}
    assert asked["code_challenge_method"] == "S256"
    assert asked["state"]
    assert asked["nonce"]
    answer = client.get(provider.answer(there, "helen"))
    assert answer.headers["Location"] == "/matrix/"
    assert client.session["signed_in"] == "oidc"
    # PKCE: the code was exchanged with what the challenge was made of
    verifier = provider.asked[-1]["code_verifier"]
    made = urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    assert made == asked["code_challenge"]


def test_nobody_registers_themselves(provider: IdentityProvider) -> None:
    client = browser()
    before = SignIn.objects.count()
    said = go(client, provider, "stranger")
    assert "nobody has given you a sign-in here" in client.get(said.headers["Location"]).text
    assert SignIn.objects.count() == before
    assert "signed_in" not in client.session


def test_an_email_address_not_proven_there_is_nobody_here(provider: IdentityProvider) -> None:
    provider.user("false", email="helen@example.org", email_verified=False)
    client = browser()
    go(client, provider, "false")
    assert "signed_in" not in client.session


def test_a_sign_in_switched_off_here_is_off_there_too(provider: IdentityProvider) -> None:
    SignIn.objects.filter(email="helen@example.org").update(is_active=False)
    client = browser()
    go(client, provider, "helen")
    assert "signed_in" not in client.session


def test_the_object_id_says_who_it_is_where_the_settings_say_so(
    provider: IdentityProvider, settings: Any
) -> None:
    settings.OIDC_CLAIM = "oid"
    client = browser()
    go(client, provider, "helen")
    assert "signed_in" not in client.session
    SignIn.objects.filter(email="helen@example.org").update(provider_id="oid-of-helen")
    go(client, provider, "helen")
    assert client.session["signed_in"] == "oidc"


def test_its_second_factor_counts_only_where_the_settings_say_so(
    provider: IdentityProvider, settings: Any
) -> None:
    provider.user("helen", email="helen@example.org", acr="mfa")
    client = browser()
    go(client, provider, "helen")
    assert client.get("/matrix/").headers["Location"] == "/sign-in/mine/"
    settings.OIDC_MFA = frozenset({"mfa"})
    go(client, provider, "helen")
    assert client.session["signed_in"] == "oidc+mfa"
    assert client.get("/matrix/").status_code == 200


@pytest.mark.parametrize("what", ["nonce", "state", "nothing asked"])
def test_an_answer_to_another_question_is_refused(provider: IdentityProvider, what: str) -> None:
    client = browser()
    back = provider.answer(client.get("/sign-in/provider/").headers["Location"], "helen")
    session = client.session
    key = next(name for name, _ in session.items() if name.startswith("_state_"))
    if what == "nonce":
        session[key]["data"]["nonce"] = "another"
        session[key] = session[key]
    elif what == "state":
        session[f"{key}x"] = session.pop(key)
    else:
        del session[key]
    session.save()
    said = client.get(back)
    assert "did not work" in client.get(said.headers["Location"]).text
    assert "signed_in" not in client.session


def test_an_answer_for_another_client_or_issuer_is_refused(
    provider: IdentityProvider, settings: Any
) -> None:
    client = browser()
    back = provider.answer(client.get("/sign-in/provider/").headers["Location"], "helen")
    settings.OIDC_CLIENT = "somebody-else"
    client.get(back)
    assert "signed_in" not in client.session


def test_a_provider_that_is_down_is_a_sentence(provider: IdentityProvider, settings: Any) -> None:
    settings.OIDC_ISSUER = "http://localhost:1"
    said = browser().get("/sign-in/provider/", follow=True)
    assert "did not work" in said.text


def test_it_can_be_the_only_way_in_but_for_the_break_glass_administrator(
    provider: IdentityProvider, settings: Any, world: World
) -> None:
    clients = {name: browser() for name in ("helen", "dan", "ada")}
    for name, client in clients.items():
        client.force_login(SignIn.objects.get(person=world.people[name]))
    settings.OIDC_ONLY = frozenset({"workforce_lead", "administrator"})
    settings.BREAK_GLASS = "ada@example.org"
    out = clients["helen"].get("/matrix/")
    assert "Sign in with Entra ID" in clients["helen"].get(out.headers["Location"]).text
    assert clients["dan"].get("/held-about-me/").status_code == 200
    assert clients["ada"].get("/settings/").status_code == 200
    settings.OIDC_ONLY = frozenset({"everybody"})
    assert clients["dan"].get("/held-about-me/").status_code == 302
    assert clients["ada"].get("/settings/").status_code == 200


def test_signing_out_offers_to_sign_out_there_too(provider: IdentityProvider) -> None:
    client = browser()
    go(client, provider, "helen")
    left = client.post("/sign-out/").headers["Location"]
    page = client.get(left).text
    assert f"{provider.issuer}/oauth2/end_session?client_id=surehand" in page
    assert "Sign out there too" in page


def test_confirming_there_takes_the_same_person_seen_just_now(
    provider: IdentityProvider, settings: Any
) -> None:
    settings.OIDC_MFA = frozenset({"mfa"})
    provider.user("helen", email="helen@example.org", acr="mfa")
    provider.user("wendy", email="wendy@example.org", acr="mfa")
    client = browser()
    go(client, provider, "helen")
    session = client.session
    del session["confirmed"]
    session.save()
    asked = client.get("/sign-off/").headers["Location"]
    page = client.get(asked)
    assert "Show it to your work account" in page.text
    there = client.get("/sign-in/provider/?again=1&next=/sign-off/").headers["Location"]
    assert "prompt=login" in there
    said = client.get(provider.answer(there, "wendy"))
    assert "somebody else" in client.get(said.headers["Location"]).text
    assert go(client, provider, "helen", "?again=1&next=/sign-off/").headers["Location"] == (
        "/sign-off/"
    )
    assert client.get("/sign-off/").status_code == 200
    assert client.session["confirmed"][1] == "oidc"


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("OIDC_ISSUER", "http://login.example", "https://"),
        ("OIDC_ISSUER", "https://login.microsoftonline.com/common/v2.0", "other organisations"),
        ("OIDC_CLIENT", "", "SUREHAND_OIDC_CLIENT"),
        ("OIDC_ONLY", frozenset({"everybody"}), "SUREHAND_BREAK_GLASS"),
        ("OIDC_ONLY", frozenset({"boss"}), "does not know boss"),
    ],
)
def test_settings_that_would_not_be_safe_are_refused(
    settings: Any, name: str, value: object, sentence: str
) -> None:
    settings.OIDC_ISSUER = "https://login.example/tenant"
    settings.OIDC_CLIENT, settings.OIDC_SECRET = "surehand", "secret"
    assert not [said for said in unsafe_settings() if "OIDC" in said]
    setattr(settings, name, value)
    assert any(sentence in said for said in unsafe_settings())
