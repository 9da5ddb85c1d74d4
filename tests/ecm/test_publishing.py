"""A provider publishes its own version of an ECM profile, and an old attempt can still be read."""

from datetime import timedelta

import pytest

from surehand import evidence
from surehand.ecm.actions import publish_profile
from surehand.ecm.models import ProfileVersion
from surehand.ecm.profile import ProfileProblem, starter, starter_text
from surehand.ecm.queries import (
    document_of,
    last_version,
    profile,
    profile_for,
    profile_version,
    profiles_in_use,
)
from surehand.evidence.models import Entry
from surehand.evidence.refusal import NotPermitted, NotPossible
from surehand.people.access import COMMAND_LINE
from surehand.people.roles import SETTINGS
from tests.provider import NOW, World

DAY = timedelta(days=1)


def written(
    version: str = "1.1",
    *,
    code: str = "residential-nursing",
    settings: str = "R, N",
    effective: str = "2026-01-01",
    sleep: str = "Nights",
) -> str:
    """The shipped residential and nursing profile with one section renamed."""
    text = starter_text()
    for old, new in (
        ('version: "1.0"', f'version: "{version}"'),
        ("code: residential-nursing", f"code: {code}"),
        ('effective: "2026-01-01"', f'effective: "{effective}"'),
        ("title: Sleep}", f"title: {sleep}}}"),
    ):
        assert text.count(old) == 1
        text = text.replace(old, new)
    return text.replace("settings: [R, N]\n", f"settings: [{settings}]\n", 1)


def sleep(setting: str = "R", *, at=NOW) -> str:
    titles = {one.code: one.title for one in profile_for(setting, at=at).sections}
    return titles["sleep"]


def test_before_anything_is_published_every_setting_has_its_shipped_profile(world: World) -> None:
    assert {setting: one.code for setting, one in profiles_in_use(at=NOW).items()} == {
        "R": "residential-nursing",
        "N": "residential-nursing",
        "H": "home-care",
        "S": "supported-living",
    }
    assert profile("home-care", at=NOW) is starter("home-care")
    with pytest.raises(KeyError):
        profile("no-such-profile", at=NOW)


def test_a_published_version_holds_from_then_on_and_not_before(world: World) -> None:
    row = publish_profile(by=world.by("ada"), text=written())
    assert sleep() == "Nights"
    assert sleep(at=NOW - DAY) == "Sleep"  # never retroactive, whatever its date says
    assert profile("residential-nursing", at=NOW).version == "1.1"
    assert row.by == world.people["ada"]
    entry = Entry.objects.get(seq=row.entry)
    assert entry.kind == "profile.published"
    # The others are as they were shipped
    assert profile_for("H", at=NOW).version == "1.0"


def test_a_version_for_later_waits_for_its_day(world: World) -> None:
    publish_profile(by=world.by("ada"), text=written(effective="2026-12-01"))
    assert sleep(at=NOW) == "Sleep"
    assert sleep(at=NOW + 12 * DAY) == "Sleep"  # 30 November
    assert sleep(at=NOW + 13 * DAY) == "Nights"


def test_an_old_attempt_finds_the_version_it_was_played_in(world: World) -> None:
    publish_profile(by=world.by("ada"), text=written("1.9"))
    publish_profile(by=world.by("ada"), text=written("1.10", sleep="At night"))
    assert sleep() == "At night"
    titles = [
        {one.code: one.title for one in profile_version("residential-nursing", number).sections}
        for number in ("1.0", "1.9", "1.10")
    ]
    assert [found["sleep"] for found in titles] == ["Sleep", "Nights", "At night"]
    assert document_of(profile_version("residential-nursing", "1.9")) == written("1.9")
    for code, version in (("residential-nursing", "2.0"), ("nothing", "1.0")):
        with pytest.raises(KeyError):
            profile_version(code, version)


def test_a_profile_of_its_own_takes_over_its_settings_alone(world: World) -> None:
    own = written("1.0", code="our-homes", settings="R").replace("settings: [N]", "settings: [R]")
    own = own.replace("    settings: [R]\n    first: If", "    first: If")
    publish_profile(by=world.by("ada"), text=own)
    assert profile_for("R", at=NOW).code == "our-homes"
    assert profile_for("N", at=NOW).code == "residential-nursing"
    # Whatever is published last for a setting has the last word
    publish_profile(by=world.by("ada"), text=written("1.1"))
    assert profile_for("R", at=NOW).code == "residential-nursing"
    assert set(profiles_in_use(at=NOW)) == set(SETTINGS)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (written("1.0"), "has a higher number. Write version: “1.1”"),
        (written("0.9"), "has a higher number"),
        (written("1.1", sleep="Sleep") + "# A comment changes nothing.\n", "Nothing to publish"),
    ],
)
def test_a_version_is_higher_and_says_something_new(world: World, text: str, says: str) -> None:
    with pytest.raises(NotPossible, match=says):
        publish_profile(by=world.by("ada"), text=text)
    assert not ProfileVersion.objects.exists()


def test_nobody_publishes_over_what_they_have_not_seen(world: World) -> None:
    publish_profile(by=world.by("ada"), text=written(), seen="1.0")
    with pytest.raises(NotPossible, match=r"Version 1\.1 .* was published meanwhile"):
        publish_profile(by=world.by("ada"), text=written("1.2", sleep="Night"), seen="1.0")
    last = last_version("residential-nursing")
    assert last
    assert last.version == "1.1"


def test_every_problem_of_the_document_is_told_and_nothing_is_recorded(world: World) -> None:
    text = written().replace("kind: number", "kind: poem").replace("counted_from: record", "x: y")
    last = evidence.last_seq()
    with pytest.raises(ProfileProblem) as refused:
        publish_profile(by=world.by("ada"), text=text)
    assert len(refused.value.problems) >= 2
    assert evidence.last_seq() == last


@pytest.mark.parametrize("name", ["helen", "ruth", "queenie", "paul", "nadia", "cal", "dan"])
def test_r14_only_an_administrator_publishes(world: World, name: str) -> None:
    with pytest.raises(NotPermitted, match="It takes an administrator"):
        publish_profile(by=world.by(name), text=written())


def test_the_command_line_may_set_up_a_profile(world: World) -> None:
    assert publish_profile(by=COMMAND_LINE, text=written()).by is None
