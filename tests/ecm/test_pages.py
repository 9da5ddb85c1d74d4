"""ECM profiles under Settings: read by many, written by an administrator, and nothing lost."""

import re
from collections.abc import Callable
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from surehand.ecm.actions import publish_profile
from surehand.ecm.models import ProfileVersion
from surehand.ecm.profile import starter_text
from tests.ecm.test_publishing import written
from tests.provider import World

SignedIn = Callable[[str], Client]
LIST = "/settings/ecm-profiles/"
ONE = f"{LIST}residential-nursing/"
CHANGE = "/settings/change-ecm-profile/"


def words(response) -> str:
    """What stands on a page, without its markup."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", response.text)).split())


def typed(response) -> str:
    found = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", response.text, re.DOTALL)
    assert found
    return unescape(found[1])


def file(content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("profile.yaml", content)


def test_the_list_says_which_profile_is_used_where_and_since_when(
    world: World, signed_in: SignedIn
) -> None:
    said = words(signed_in("ada").get(LIST))
    for expected in (
        "Residential care and nursing care 1.0 The beginning Shipped with Surehand",
        "Home care (and extra care) 1.0",
        "Supported living Supported living 1.0",
    ):
        assert expected in said
    publish_profile(by=world.by("ada"), text=written())
    publish_profile(by=world.by("ada"), text=written("1.2", sleep="Night", effective="2027-01-01"))
    said = words(signed_in("ruth").get(LIST))
    assert "1.1 Version 1.2 applies from 1 January 2027, 00:00. 18 November 2026, 08:12" in said
    assert "Ada" in said


def test_a_profile_is_read_as_a_person_reads_it(world: World, signed_in: SignedIn) -> None:
    said = words(signed_in("ruth").get(ONE))
    for expected in (
        "What is recorded in residential care and nursing care, and how soon?",
        "Within 60 minutes of the event",
        "By the shift’s end",
        "Mood – one of happy, settled, low, anxious, distressed, could not tell",
        "asked only where “Type” is fall",
        "Council told within 1,440 minutes (24 hours) of the event.",
        "Restricted",
        "Sound Only in nursing care Within 5 minutes Within 10 minutes",
        "an incident, unless it is ruled out",
        "Shift lead, within 5 minutes (shift leads)",
        "without delay",
        "People supported residents",
    ):
        assert expected in said, expected
    home = words(signed_in("ruth").get(f"{LIST}home-care/"))
    assert "ECM system" not in home
    assert "Within 15 minutes of the visit’s end" in home
    assert signed_in("ruth").get(f"{ONE}1.0.yaml").text == starter_text()
    for missing in (f"{LIST}nothing/", f"{ONE}7.0/", f"{ONE}7.0.yaml"):
        assert signed_in("ruth").get(missing).status_code == 404


def test_r14_who_may_not_change_it_is_told_who_may(signed_in: SignedIn) -> None:
    page = signed_in("helen").get(ONE)
    assert "Changing a profile takes an administrator." in words(page)
    assert 'href="/settings/"' not in page.text
    assert signed_in("helen").get(CHANGE).status_code == 403


def test_the_next_version_begins_from_the_last_with_a_higher_number(signed_in: SignedIn) -> None:
    page = signed_in("ada").get(f"{CHANGE}?from=residential-nursing")
    assert typed(page) == starter_text().replace('version: "1.0"', 'version: "1.1"')


def test_every_problem_is_told_with_its_line_and_nothing_is_lost(signed_in: SignedIn) -> None:
    broken = written().replace("kind: number", "kind: poem").replace("settings: [N]}", "x: 1}")
    page = signed_in("ada").post(CHANGE, {"text": broken})
    assert page.status_code == 422
    assert len(set(re.findall(r"Line \d+: ", words(page)))) == 2
    assert typed(page) == broken
    assert (
        "kind: poem, unit: mm}"
        in words(page).split("There is a problem")[1].split("Profile document")[0]
    )
    # A file is put where it can be mended
    page = signed_in("ada").post(CHANGE, {"text": "old", "file": file(broken.encode())})
    assert page.status_code == 422
    assert typed(page) == broken


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"text": "  "}, "Choose the file with the profile, or write it here"),
        ({"text": written("1.0")}, "The last version of this profile is 1.0"),
        ({"text": "kept", "file": file(b"\xff\xfe")}, "not text in UTF-8"),
        ({"text": "kept", "file": file(b"x" * (1024 * 1024 + 1))}, "too large for a profile"),
        ({"text": "kept", "file": file(b"")}, "This file is empty"),
    ],
)
def test_what_cannot_be_read_is_refused_in_a_sentence(
    signed_in: SignedIn, sent: dict[str, object], says: str
) -> None:
    page = signed_in("ada").post(CHANGE, sent)
    assert page.status_code == 422
    assert says in words(page)
    assert typed(page) == sent["text"]
    assert not ProfileVersion.objects.exists()


def test_what_it_changes_is_seen_before_it_is_published(signed_in: SignedIn) -> None:
    ada = signed_in("ada")
    seen = words(ada.post(CHANGE, {"text": written()}))
    assert "Against version 1.0: 1 change. If you publish it now, it applies at once." in seen
    assert "Renamed The section “Sleep” is now called “Nights”." in seen
    assert not ProfileVersion.objects.exists()
    # Back to writing, with what was written
    assert typed(ada.post(CHANGE, {"text": written(), "write": "yes"})) == written()
    done = ada.post(CHANGE, {"text": written(), "seen": "1.0", "publish": "yes"}, follow=True)
    assert "Version 1.1 is published and applies at once." in words(done)
    assert "In force, from 18 November 2026, 08:12, published by Ada" in words(done)
    assert ProfileVersion.objects.get().document == written()
    assert "The section “Sleep” is now called “Nights”." in words(ada.get(ONE))


def test_another_version_published_meanwhile_is_shown_first(
    world: World, signed_in: SignedIn
) -> None:
    publish_profile(by=world.by("ada"), text=written())
    page = signed_in("ada").post(
        CHANGE, {"text": written("1.2", sleep="Bed"), "seen": "1.0", "publish": "yes"}
    )
    assert page.status_code == 409
    assert "Version 1.1 of this profile was published meanwhile" in words(page)
    assert "The section “Nights” is now called “Bed”." in words(page)
    assert ProfileVersion.objects.count() == 1


def test_a_profile_of_ones_own_says_whose_place_it_takes(signed_in: SignedIn) -> None:
    own = written("1.0", code="our-homes", settings="R").replace("settings: [N]", "settings: [R]")
    said = words(signed_in("ada").post(CHANGE, {"text": own}))
    assert "It is a new profile." in said
    assert "In residential care it takes the place of “Residential and nursing care”." in said


def test_the_entry_leads_to_the_version_it_published(world: World, signed_in: SignedIn) -> None:
    row = publish_profile(by=world.by("ada"), text=written())
    page = signed_in("helen").get(f"/evidence/{row.entry}/")
    assert f"{ONE}1.1/" in page.text
    assert "ECM profile residential-nursing, version 1.1, was published" in words(page)
