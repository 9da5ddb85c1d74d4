"""Signing in by the pages: what is asked, of whom, and what ends a session."""

import html
import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from surehand import evidence
from surehand.evidence.models import Entry
from surehand.people import actions as people
from surehand.people.access import COMMAND_LINE, AccessRole
from surehand.people.models import KnownDevice, Passkey, SignIn, SignInTries
from surehand.people.signing_in import actions, totp
from tests.people.authenticator import HOST, Authenticator
from tests.provider import NOW, PASSWORD, World

SECRET = b"otters and herons"


@pytest.fixture(autouse=True)
def quick_passwords(settings: Any) -> None:
    """Scrypt is slow on purpose; what is tested here is not how slow."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = False


def browser() -> Client:
    return Client(headers={"host": HOST})


def sign_in_of(world: World, name: str) -> SignIn:
    return SignIn.objects.get(person=world.people[name])


@pytest.fixture
def with_password(world: World) -> Callable[[str], SignIn]:
    def give(name: str) -> SignIn:
        return people.let_sign_in(
            by=COMMAND_LINE,
            person=world.people[name],
            email=f"{name}@example.org",
            password=PASSWORD,
        )

    return give


def enter(client: Client, name: str, password: str = PASSWORD, **more: str) -> Any:
    return client.post("/sign-in/", {"email": f"{name}@example.org", "password": password, **more})


def code_now(later: int = 0) -> str:
    """The code an app shows now, or some steps later."""
    return totp.code_of(SECRET, totp.step_at(evidence.clock.now()) + later)


def set_up_codes(world: World, name: str) -> SignIn:
    sign_in = sign_in_of(world, name)
    actions.add_code_app(by=world.by(name), sign_in=sign_in, secret=SECRET, code=code_now(-1))
    return sign_in


def asked(page: Any) -> dict:
    """What the page asks of a passkey."""
    found = re.search(r'data-options="([^"]*)"', page.text)
    assert found, page.text
    options: dict = json.loads(html.unescape(found[1]))
    return options


def is_in(client: Client) -> bool:
    return client.get("/held-about-me/").status_code == 200


def last_how() -> str:
    said: str = json.loads(bytes(Entry.objects.latest("seq").content))["signed_in"]
    return said


# --- what is asked -------------------------------------------------------------------------------


def test_a_care_worker_signs_in_with_a_password(
    world: World, with_password: Callable[[str], SignIn]
) -> None:
    with_password("dan")
    client = browser()
    assert enter(client, "dan", next="/held-about-me/").headers["Location"] == "/held-about-me/"
    assert is_in(client)
    assert sign_in_of(world, "dan").last_login == NOW


def test_whoever_decides_about_others_sets_up_a_second_factor_first(
    world: World, with_password: Callable[[str], SignIn]
) -> None:
    with_password("helen")
    client = browser()
    enter(client, "helen")
    for address in ("/", "/matrix/", "/sign-off/"):
        assert client.get(address).headers["Location"] == "/sign-in/mine/"
    assert client.post("/sign-off/", {}).headers["Location"] == "/sign-in/mine/"
    assert "a password alone is not enough" in client.get("/sign-in/mine/").text
    # An app is set up, and the same session goes on
    page = client.get("/sign-in/mine/app/")
    assert "data:image/svg+xml;base64," in page.text
    secret = bytes.fromhex(client.session["code_app_secret"])
    assert client.post("/sign-in/mine/app/", {"code": "000000"}).status_code == 422
    code = totp.code_of(secret, totp.step_at(NOW))
    shown = client.post("/sign-in/mine/app/", {"code": code})
    assert shown.text.count("<li><code>") == actions.RECOVERY_CODES
    assert client.get("/").status_code == 200
    stored = bytes(sign_in_of(world, "helen").code_app.sealed)
    assert secret not in stored
    assert client.session["signed_in"] == "password+code"


def test_an_administrator_asks_it_of_everybody(
    world: World, with_password: Callable[[str], SignIn], signed_in: Callable[[str], Client]
) -> None:
    with_password("dan")
    client = browser()
    enter(client, "dan")
    assert is_in(client)
    ada = signed_in("ada")
    ada.post("/settings/sign-in/", {"for_all": "on"})
    assert not is_in(client)
    assert "need a second factor" in ada.get("/settings/sign-in/").text
    ada.post("/settings/sign-in/", {})
    assert is_in(client)


def test_the_second_step_takes_a_code_once(
    world: World, with_password: Callable[[str], SignIn]
) -> None:
    with_password("helen")
    set_up_codes(world, "helen")
    client, other = browser(), browser()
    for each in (client, other):
        step = enter(each, "helen", next="/matrix/").headers["Location"]
        assert step == "/sign-in/second-step/?next=%2Fmatrix%2F"
        assert not is_in(each)
    wrong = client.post(step, {"code": "123456"})
    assert wrong.status_code == 400
    assert "not right" in wrong.text
    assert client.post(step, {"code": code_now()}).headers["Location"] == "/matrix/"
    assert is_in(client)
    assert client.session["signed_in"] == "password+code"
    assert other.post(step, {"code": code_now()}).status_code == 400
    assert not is_in(other)


def test_a_recovery_code_stands_in_once(
    world: World, with_password: Callable[[str], SignIn]
) -> None:
    with_password("helen")
    sign_in = set_up_codes(world, "helen")
    first = actions.renew_recovery_codes(by=world.by("helen"), sign_in=sign_in)[0]
    codes = actions.renew_recovery_codes(by=world.by("helen"), sign_in=sign_in)
    assert len(set(codes)) == actions.RECOVERY_CODES
    assert not sign_in.recovery_codes.filter(digest__in=codes).exists()
    for code, works in ((first, False), (codes[0], True), (codes[0], False)):
        client = browser()
        enter(client, "helen")
        written = f"{code[:5]}-{code[5:]} ".upper()
        client.post("/sign-in/second-step/", {"code": written})
        assert is_in(client) == works
        if works:
            assert client.session["signed_in"] == "password+recovery code"


def test_the_second_step_is_not_open_for_long(
    world: World, with_password: Callable[[str], SignIn]
) -> None:
    with_password("helen")
    set_up_codes(world, "helen")
    client = browser()
    enter(client, "helen")
    with evidence.clock.at(NOW + timedelta(minutes=11)):
        assert client.post("/sign-in/second-step/", {"code": code_now()}).status_code == 400
        assert not is_in(client)


# --- passkeys ------------------------------------------------------------------------------------


def add_passkey(world: World, name: str, device: Authenticator) -> Client:
    client = browser()
    client.force_login(sign_in_of(world, name))
    page = client.get("/sign-in/mine/passkeys/")
    client.post("/sign-in/mine/passkeys/", {"name": "My phone", "answer": device.make(asked(page))})
    return client


def test_a_passkey_signs_in_by_itself(world: World) -> None:
    device = Authenticator()
    assert "My phone" in add_passkey(world, "helen", device).get("/sign-in/mine/").text
    client = browser()
    answer = device.show(asked(client.get("/sign-in/")))
    assert client.post("/sign-in/passkey/", {"answer": answer}).headers["Location"] == "/"
    assert client.session["signed_in"] == "passkey"
    assert client.get("/matrix/").status_code == 200
    # The same answer again is no answer
    again = browser()
    again.get("/sign-in/")
    assert again.post("/sign-in/passkey/", {"answer": answer}).status_code == 400


def test_a_passkey_is_a_second_step_too(
    world: World, with_password: Callable[[str], SignIn]
) -> None:
    with_password("helen")
    mine, others = Authenticator(), Authenticator()
    add_passkey(world, "helen", mine)
    add_passkey(world, "wendy", others)
    client = browser()
    enter(client, "helen")
    options = asked(client.get("/sign-in/second-step/"))
    assert len(options["allowCredentials"]) == 1
    wrong = client.post("/sign-in/second-step/", {"answer": others.show(options)})
    assert wrong.status_code == 400
    answer = mine.show(asked(wrong))
    client.post("/sign-in/second-step/", {"answer": answer})
    assert client.session["signed_in"] == "password+passkey"


@pytest.mark.parametrize(
    "wrong",
    [
        {"verifies": False},
        {"host": "elsewhere.example"},
        {"count": -5},
        {"key": Authenticator().key},
    ],
    ids=["owner not checked", "made for another site", "copied", "another key"],
)
def test_a_passkey_that_does_not_hold_is_refused(world: World, wrong: dict[str, Any]) -> None:
    device = Authenticator()
    add_passkey(world, "helen", device)
    for name, value in wrong.items():
        setattr(device, name, value)
    if "count" in wrong:
        Passkey.objects.update(uses=7)
        device.count = 3
    client = browser()
    answer = device.show(asked(client.get("/sign-in/")))
    assert client.post("/sign-in/passkey/", {"answer": answer}).status_code == 400
    assert not is_in(client)


@pytest.mark.parametrize("answer", ["", "null", "[]", "{}", '{"rawId": 1}', "no json"])
def test_nonsense_is_refused_in_words(world: World, answer: str) -> None:
    client = browser()
    client.get("/sign-in/")
    said = client.post("/sign-in/passkey/", {"answer": answer})
    assert said.status_code == 400
    assert "did not work" in said.text
    mine = browser()
    mine.force_login(sign_in_of(world, "helen"))
    mine.get("/sign-in/mine/passkeys/")
    said = mine.post("/sign-in/mine/passkeys/", {"name": "x", "answer": answer})
    assert said.status_code == 422
    assert not Passkey.objects.exists()


# --- guessing ------------------------------------------------------------------------------------


def test_guessing_waits_in_one_browser_and_not_in_the_one_known(
    world: World, with_password: Callable[[str], SignIn], caplog: pytest.LogCaptureFixture
) -> None:
    with_password("dan")
    tablet, attacker = browser(), browser()
    enter(tablet, "dan")
    tablet.post("/sign-out/")
    for _ in range(30):
        said = enter(attacker, "dan", "wrong")
    assert "too many wrong tries" in said.text
    nobody = browser()
    for _ in range(30):
        other = enter(nobody, "nobody", "wrong")
    assert "too many wrong tries" in other.text
    assert "dan@" not in caplog.text
    enter(tablet, "dan")
    assert is_in(tablet)
    # The right password from elsewhere waits like a wrong one, so that it tells nothing
    assert "too many wrong tries" in enter(attacker, "dan").text


def test_the_message_does_not_say_whether_there_is_an_account(
    world: World, with_password: Callable[[str], SignIn]
) -> None:
    with_password("dan")
    actions.switch(by=world.by("ada"), sign_in=with_password("eve"), on=False)
    pages = [enter(browser(), name, "wrong-password") for name in ("dan", "eve", "nobody")]
    pages.append(enter(browser(), "eve"))
    assert (
        len(
            {
                re.sub(
                    r'(csrfmiddlewaretoken" |data-options=|id="id_email" name="email" )[^>]*',
                    "",
                    p.text,
                )
                for p in pages
            }
        )
        == 1
    )


def test_codes_are_guessed_as_slowly(world: World, with_password: Callable[[str], SignIn]) -> None:
    with_password("helen")
    set_up_codes(world, "helen")
    client = browser()
    enter(client, "helen")
    for guess in range(6):
        said = client.post("/sign-in/second-step/", {"code": f"{guess:06}"})
    assert "too many wrong tries" in said.text
    assert client.post("/sign-in/second-step/", {"code": code_now()}).status_code == 400


# --- at once -------------------------------------------------------------------------------------


def ends(world: World, name: str) -> dict[str, Callable[[], object]]:
    sign_in, ada, me = sign_in_of(world, name), world.by("ada"), world.by(name)
    return {
        "switched off": lambda: actions.switch(by=ada, sign_in=sign_in, on=False),
        "factor removed": lambda: actions.remove_factor(by=ada, factor=sign_in.code_app),
        "password changed": lambda: actions.change_password(
            by=me, sign_in=sign_in, password="herons-wade-slowly"
        ),
        "everywhere": lambda: actions.end_sessions(by=ada, sign_in=sign_in),
        "other email": lambda: people.let_sign_in(
            by=ada, person=sign_in.person, email="else@example.org", password=None
        ),
    }


@pytest.mark.parametrize(
    "what",
    ["switched off", "factor removed", "password changed", "everywhere", "other email"],
)
def test_every_session_ends_at_the_next_request(world: World, what: str) -> None:
    set_up_codes(world, "helen")
    sessions = [browser(), browser()]
    for each in sessions:
        each.force_login(sign_in_of(world, "helen"))
        assert each.get("/matrix/").status_code == 200
    ends(world, "helen")[what]()
    for each in sessions:
        assert each.get("/matrix/").headers["Location"].startswith("/sign-in/?next=")


def test_access_that_ends_is_gone_at_the_next_request(
    world: World, signed_in: Callable[[str], Client]
) -> None:
    ruth = signed_in("ruth")
    assert ruth.get("/matrix/?service=ALD").status_code == 200
    people.end_access(by=world.by("ada"), grant=world.people["ruth"].grants.get())
    assert ruth.get("/matrix/?service=ALD").status_code == 403


def test_a_demo_session_ends_with_demo_mode(world: World, settings: Any) -> None:
    settings.DEMO = True
    client = browser()
    client.post(f"/sign-in/demo/{world.people['helen'].pk}/")
    assert client.get("/matrix/").status_code == 200
    assert client.get("/sign-off/").status_code == 200
    settings.DEMO = False
    assert client.get("/matrix/").headers["Location"] == "/sign-in/"


def test_one_signs_oneself_out_everywhere_else(
    world: World, with_password: Callable[[str], SignIn]
) -> None:
    with_password("dan")
    here, there = browser(), browser()
    for each in (here, there):
        enter(each, "dan")
    here.post("/sign-in/mine/everywhere/")
    assert is_in(here)
    assert not is_in(there)


def test_removing_the_last_factor_leads_to_setting_one_up(world: World) -> None:
    set_up_codes(world, "helen")
    client = browser()
    client.force_login(sign_in_of(world, "helen"))
    client.post("/sign-in/mine/app/remove/")
    assert client.get("/matrix/").headers["Location"] == "/sign-in/mine/"


# --- letting in ----------------------------------------------------------------------------------


def link_in(page: Any) -> str:
    found = re.search(r"http://localhost(/sign-in/link/[0-9a-f]+/)", page.text)
    assert found, page.text
    return found[1]


def administrator(world: World) -> Client:
    client = browser()
    client.force_login(sign_in_of(world, "ada"))
    return client


def test_an_administrator_lets_somebody_in_by_a_link(world: World) -> None:
    ada, dan = administrator(world), world.people["dan"]
    address = f"/settings/people/{dan.pseudonym}/sign-in"
    ada.post(f"{address}/", {"email": "daniela@example.org"})
    old = link_in(ada.post(f"{address}/link/"))
    link = link_in(ada.post(f"{address}/link/"))
    client = browser()
    assert client.get(old).status_code == 404
    assert "Welcome, Daniela" in client.get(link).text
    assert client.post(link, {"password": "short", "again": "short"}).status_code == 422
    assert client.post(link, {"password": PASSWORD, "again": "other"}).status_code == 422
    client.post(link, {"password": PASSWORD, "again": PASSWORD})
    assert is_in(client)
    assert last_how() == "link"
    assert browser().get(link).status_code == 404
    assert sign_in_of(world, "dan").check_password(PASSWORD)


def test_a_link_opens_where_the_pages_are(world: World, settings: Any) -> None:
    """On one's own machine without TLS; elsewhere a web server with TLS stands before them."""
    settings.SESSION_COOKIE_SECURE = True
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", "surehand.example.org"]
    ada, dan = administrator(world), world.people["dan"]
    address = f"/settings/people/{dan.pseudonym}/sign-in"
    ada.post(f"{address}/", {"email": "daniela@example.org"})
    for host, begins in (
        ("127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("localhost:8000", "http://localhost:8000"),
        ("[::1]:8000", "http://[::1]:8000"),
        ("surehand.example.org", "https://surehand.example.org"),
    ):
        page = ada.post(f"{address}/link/", headers={"host": host})
        assert f"{begins}/sign-in/link/" in page.text


def test_a_link_lasts_seven_days(world: World) -> None:
    link = link_in(
        administrator(world).post(f"/settings/people/{world.people['dan'].pseudonym}/sign-in/link/")
    )
    for days, status in ((6, 200), (8, 404)):
        with evidence.clock.at(NOW + timedelta(days=days)):
            assert browser().get(link).status_code == status


def test_a_forgotten_password_answers_alike_and_mails_only_whoever_is_there(
    world: World, settings: Any, mailoutbox: list[Any]
) -> None:
    assert browser().get("/sign-in/forgotten/").status_code == 404
    settings.MAIL = True
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
    pages = [
        browser().post("/sign-in/forgotten/", {"email": f"{name}@example.org"}, follow=True)
        for name in ("dan", "nobody")
    ]
    assert all("a link is on its way" in page.text for page in pages)
    assert [mail.to for mail in mailoutbox] == [["dan@example.org"]]
    found = re.search(r"http://localhost(\S+)", mailoutbox[0].body)
    assert found
    assert browser().get(found[1]).status_code == 200
    assert last_how() == "system"


def test_the_link_is_mailed_where_mail_is_set_up(
    world: World, settings: Any, mailoutbox: list[Any]
) -> None:
    settings.MAIL = True
    page = administrator(world).post(
        f"/settings/people/{world.people['dan'].pseudonym}/sign-in/link/"
    )
    assert link_in(page) in mailoutbox[0].body


# --- settings ------------------------------------------------------------------------------------


def test_a_lost_factor_is_removed_by_an_administrator(world: World) -> None:
    set_up_codes(world, "helen")
    device = Authenticator()
    add_passkey(world, "helen", device)
    ada, helen = administrator(world), world.people["helen"]
    page = ada.get("/settings/sign-in/").text
    assert "Passkey, authenticator app" in page
    assert SECRET.decode() not in page
    address = f"/settings/people/{helen.pseudonym}/"
    assert "My phone" in ada.get(address).text
    ada.post(f"{address}sign-in/remove/", {"factor": str(Passkey.objects.get().pk)})
    entry = json.loads(bytes(Entry.objects.latest("seq").content))
    assert (entry["kind"], entry["state"]) == ("sign_in.factor_removed", {"factor": "passkey"})
    client = browser()
    answer = device.show(asked(client.get("/sign-in/")))
    assert client.post("/sign-in/passkey/", {"answer": answer}).status_code == 400


def test_nobody_sets_up_a_factor_for_somebody_else_or_switches_themselves_off(
    world: World,
) -> None:
    with pytest.raises(evidence.NotPermitted):
        actions.add_code_app(
            by=world.by("ada"), sign_in=sign_in_of(world, "helen"), secret=SECRET, code=code_now()
        )
    with pytest.raises(evidence.NotPermitted):
        actions.switch(by=world.by("ada"), sign_in=sign_in_of(world, "ada"), on=False)
    with pytest.raises(evidence.NotPermitted):
        actions.end_sessions(by=world.by("dan"), sign_in=sign_in_of(world, "helen"))


def test_the_page_asks_the_database_a_fixed_number_of_times(
    world: World, django_assert_max_num_queries: Any
) -> None:
    ada = administrator(world)
    ada.get("/settings/sign-in/")
    for number in range(2):
        with django_assert_max_num_queries(20):
            assert ada.get("/settings/sign-in/").status_code == 200
        for extra in range(8):
            world.add_person(f"n{number}{extra}", f"Ned {extra}", role=AccessRole.CARE_WORKER)


def test_a_shared_tablet_is_known_to_each_for_themselves(
    world: World, with_password: Callable[[str], SignIn]
) -> None:
    tablet = browser()
    for name in ("dan", "eve"):
        with_password(name)
        enter(tablet, name)
        tablet.post("/sign-out/")
    assert KnownDevice.objects.count() == 2
    assert KnownDevice.objects.values("digest").distinct().count() == 1
    assert not SignInTries.objects.filter(count__gt=0).exists()
