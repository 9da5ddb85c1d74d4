"""Who may open which address, and do what it offers: every address, every access role, one's own
service and another (R14). The table itself is in `sweep.py`.

Who may *do* it is asked on both databases. Who may *open* it is decided in the same code on both:
PostgreSQL only shows that each page opens there.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client

from surehand import evidence
from surehand.people.access import AccessRole
from tests.home.sweep import ACTORS, TABLE, Address, Place, Scene, names, scene, undone

pytestmark = pytest.mark.django_db

SHOWN = {200, 302}
REFUSED = {403, 404}


@pytest.fixture(scope="module")
def sweep(django_db_setup: None, django_db_blocker: Any) -> Iterator[Scene]:
    with django_db_blocker.unblock(), scene() as built:
        yield built


def to_sign_in(response: HttpResponse) -> bool:
    return response.status_code == 302 and response.headers["Location"].startswith("/sign-in/")


def test_every_address_is_in_the_table() -> None:
    found = set(names())
    missing = sorted(found - set(TABLE))
    assert not missing, (
        f"Nobody has said who may open: {', '.join(missing)}. Add a row to TABLE in "
        "tests/home/sweep.py: who may open it, the arguments of its address, and, where it offers "
        "something, who may do it and with what data."
    )
    gone = sorted(set(TABLE) - found)
    assert not gone, f"No such address any more: {', '.join(gone)}. Take them out of TABLE."


def test_every_access_role_is_tried() -> None:
    assert set(ACTORS) == set(AccessRole)


@pytest.mark.parametrize("name", TABLE)
def test_who_may_open_it(sweep: Scene, name: str) -> None:
    address = TABLE[name]
    wrong = []
    for place in sweep.places_of(name):
        path = address.at(name, place)
        for role, actor in _tried(address, name, place):
            status, grew = _get(sweep.client(actor), path)
            may = address.may(address.who, role, place, name=actor)
            where = f"{role} {actor} at {place.service.code}: {path} answers {status}"
            if address.only_post:
                wrong += [f"{where}, not 405"] * (status != 405)
            elif may:
                wrong += [f"{where}, though it is for them"] * (status not in SHOWN)
            else:
                refused = {*REFUSED, 409} if address.gone else REFUSED
                wrong += [f"{where}, though it is not for them"] * (status not in refused)
            wrong += [f"{where}, and something was recorded"] * grew
        if place.own and not address.only_post:
            status, _ = _get(sweep.client(place.subject), path)
            if address.subject != (status == 200) and address.one:
                wrong.append(f"the person it is about: {path} answers {status}")
    assert wrong == []


def _tried(address: Address, name: str, place: Place) -> list[tuple[AccessRole, str]]:
    """Everybody; on PostgreSQL the first of one's own service who may."""
    if connection.vendor == "sqlite":
        return list(ACTORS.items())
    may = [
        (role, actor)
        for role, actor in ACTORS.items()
        if place.own and address.may(address.who, role, place, name=actor)
    ]
    return may[:1]


def _get(client: Client, path: str) -> tuple[int, bool]:
    before = evidence.last_seq()
    with undone():
        response = client.get(path)
        if to_sign_in(response):
            return 401, False
        return response.status_code, evidence.last_seq() != before


@pytest.mark.same_on_both
@pytest.mark.parametrize("name", TABLE)
def test_signed_out_there_is_only_the_way_in(sweep: Scene, name: str) -> None:
    address = TABLE[name]
    path = address.at(name, sweep.alder)
    for method in ("get", "post"):
        with undone():
            response = getattr(Client(), method)(path)
        if address.public:
            assert response.status_code in {200, 400, 404, 405}
        else:
            assert to_sign_in(response), f"{method} {path} answers {response.status_code}"


@pytest.mark.parametrize("name", [n for n, a in TABLE.items() if a.data])
def test_who_may_do_it(sweep: Scene, name: str) -> None:
    """The ledger grows for whoever may, and for nobody else."""
    address = TABLE[name]
    assert address.does is not None
    assert address.data is not None
    wrong = []
    for place in sweep.places_of(name, sent=True):
        path, data = address.at(name, place), address.data(place)
        for role, actor in [*ACTORS.items(), (AccessRole.CARE_WORKER, place.subject)]:
            before = evidence.last_seq()
            with undone():
                response = sweep.client(actor).post(path, data)
                did = evidence.last_seq() > before
            may = address.may(address.does, role, place, name=actor) or _owns(name, actor, place)
            if did != may:
                said = "is refused" if may else "is let in"
                wrong.append(
                    f"{role} {actor} {said} at {place.service.code}: POST {path} answers "
                    f"{response.status_code}"
                )
    assert wrong == []


def _owns(name: str, actor: str, place: Any) -> bool:
    """Who gives the support may say how it went."""
    return name == "support-action" and place.values["owner"] == actor


@pytest.mark.same_on_both
@pytest.mark.parametrize("name", TABLE)
def test_nothing_sent_without_its_words_or_by_another_method_is_recorded(
    sweep: Scene, name: str
) -> None:
    """Whoever may not do it was refused above, even with its words."""
    address: Address = TABLE[name]
    for place in sweep.places_of(name):
        path = address.at(name, place)
        for role, actor in ACTORS.items():
            if address.data and actor != "ruth":
                assert address.does is not None
                if not address.may(address.does, role, place, name=actor):
                    continue
            before = evidence.last_seq()
            with undone():
                methods = ["post"] if place.own or actor == "ruth" else []
                if place.own and actor == "ruth":
                    methods += ["put", "patch", "delete", "options", "head"]
                statuses = [
                    getattr(sweep.client(actor), method)(path).status_code for method in methods
                ]
                grew = evidence.last_seq() - before
            assert max(statuses, default=0) < 500, f"{actor}: {path} answers {statuses}"
            if not address.says_it_all:
                assert not grew, f"{actor}: {path} recorded something"


@pytest.mark.same_on_both
@pytest.mark.parametrize("name", [n for n, a in TABLE.items() if a.data or a.only_post])
def test_no_form_is_taken_from_another_site(sweep: Scene, name: str) -> None:
    address = TABLE[name]
    strict = sweep.client("ruth", strict=True)
    with undone():
        data = address.data(sweep.alder) if address.data else {}
        assert strict.post(address.at(name, sweep.alder), data).status_code == 403


@pytest.mark.parametrize("actor", ["cal", "tessa", "ruth"])
@pytest.mark.parametrize(
    "name",
    [
        *("assess-of-person", "request-check", "add-support", "restrict", "permit"),
        "spot-checks-of-asking",
    ],
)
def test_never_about_oneself(sweep: Scene, name: str, actor: str) -> None:
    address, me = TABLE[name], sweep.world.people[actor].pseudonym
    other = str(sweep.alder["other"] if "other" in address.arguments else sweep.alder["pseudonym"])
    path = address.at(name, sweep.alder).replace(other, me)
    assert me in path
    assert address.data is not None
    before = evidence.last_seq()
    with undone():
        response = sweep.client(actor).post(path, address.data(sweep.alder))
        assert response.status_code in {400, 403}
        assert evidence.last_seq() == before
