"""The first day: an administrator, whom she let in, and no service, plan or post."""

import re

import pytest
from django.test import Client

from surehand.governance import retention
from surehand.people.access import DESCRIPTIONS, AccessRole
from tests.provider import World

LINK = re.compile(r'<a [^>]*href="(/(?!static/)[a-z][^"?#]*)"')
PROVIDER_WIDE = [r for r in AccessRole if DESCRIPTIONS[r].scope == "provider"]


@pytest.mark.parametrize("role", PROVIDER_WIDE)
def test_every_page_says_what_comes_first(db: None, role: AccessRole) -> None:
    world = World()
    world.add_person("ann", "Ann Lee", role=role)
    ann = Client()
    ann.force_login(world.people["ann"].sign_in)
    for address in sorted(set(LINK.findall(ann.get("/").text))):
        answer = ann.get(address)
        if answer.status_code == 409:
            assert "There is nothing here yet" in answer.text, address
            assert "There is no service yet." in answer.text, address
        else:
            assert answer.status_code == 200, (address, answer.status_code)


def test_a_plan_not_begun_has_a_history_that_says_so(db: None) -> None:
    world = World()
    world.add_person("helen", "Helen Marsh", role=AccessRole.WORKFORCE_LEAD)
    helen = Client()
    helen.force_login(world.people["helen"].sign_in)
    answer = helen.get("/plan/versions/")
    assert answer.status_code == 200
    assert "No version is published yet." in answer.text


def test_how_long_things_are_kept_is_listed_once(db: None) -> None:
    world = World()
    world.add_person("ann", "Ann Lee", role=AccessRole.ADMINISTRATOR)
    ann = Client()
    ann.force_login(world.people["ann"].sign_in)
    page = ann.get("/settings/retention/").text
    for rule in retention.rules():
        assert page.count(rule.kept.what) == 1, rule.kept.what
