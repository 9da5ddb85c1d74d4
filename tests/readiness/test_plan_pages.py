"""The plan in plain words, and publishing its next version (R12)."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django_tasks_db.models import DBTaskResult

from surehand import evidence
from surehand.competency import actions, policies
from surehand.competency.models import PlanDraft, PlanVersion
from surehand.competency.plan_document import differences, load, starter, starter_text
from surehand.evidence.refusal import NotPermitted, NotPossible
from surehand.people import actions as people
from surehand.people.access import COMMAND_LINE, AccessRole
from surehand.people.models import SignIn
from surehand.readiness import plan_projection, projector
from surehand.readiness.plan_effect import effect
from surehand.readiness.queries import state_at
from surehand.readiness.rules import State
from surehand.timeline import instant, london_date
from tests.provider import NOW, World

SignedIn = Callable[[str], Client]
# C20 is to develop for care workers in the starter plan; here it is a gate from the start.
USE = "  - competency: C20\n    job_roles: [CW, HC, SW, AC]\n    level: use\n"
STRICTER = starter_text().replace(USE, USE.replace("level: use", "level: crit"))
# Nothing but its name.
REWORDED = starter_text().replace("title: Starter training", "title: Our training", 1)
TODAY, LATER = NOW.date(), NOW.date() + timedelta(days=30)


def on(day: date) -> dict[str, str]:
    said = zip(("day", "month", "year"), (day.day, day.month, day.year), strict=True)
    return {f"applies_from_{part}": str(number) for part, number in said}


def file(text: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("plan.yaml", text.encode())


def test_the_documents_differ() -> None:
    assert STRICTER != starter_text() != REWORDED


def test_the_plan_says_who_needs_what_and_how_it_is_checked(
    world: World, signed_in: SignedIn
) -> None:
    page = signed_in("cal").get("/plan/").text
    assert "version 1" in page
    assert "Everybody" in page  # C01
    assert "Sees a similar-name flag and acts on it before going on." in page
    assert "for an agency post 3 months" in page
    assert signed_in("cal").get("/plan/versions/1.yaml").text == starter_text()


@pytest.mark.parametrize("name", ["ada", "dan"])
def test_who_may_not_read_it(world: World, signed_in: SignedIn, name: str) -> None:
    assert signed_in(name).get("/plan/").status_code == 403


@pytest.mark.parametrize("name", ["ruth", "cal", "nadia", "queenie", "paul", "ada"])
def test_only_a_workforce_lead_publishes(world: World, name: str) -> None:
    with pytest.raises(NotPermitted):
        actions.publish_plan(by=world.by(name), text=REWORDED)
    assert PlanVersion.objects.count() == 1


def begin(helen: Client, text: str) -> None:
    """Begin the draft from a file of one's own."""
    begun = helen.post("/plan/draft/begin/", {"begin": "file", "file": file(text)})
    assert begun.status_code == 302


def test_problems_of_a_file_are_sentences_with_line_numbers_in_the_summary(
    world: World, signed_in: SignedIn
) -> None:
    wrong = starter_text().replace("    level: crit", "    level: vital", 1)
    said = signed_in("helen").post("/plan/draft/begin/", {"begin": "file", "file": file(wrong)})
    assert said.status_code == 422
    line = wrong[: wrong.index("level: vital")].count("\n") + 1
    summary = said.text[said.text.index("There is a problem") :]
    assert f'<a href="#id_file">Line {line}: “level” is “vital”' in summary
    assert (
        "Choose the file with the plan"
        in signed_in("helen").post("/plan/draft/begin/", {"begin": "file"}).text
    )


def test_what_it_changes_and_whom_it_touches_come_first(world: World, signed_in: SignedIn) -> None:
    world.pass_all("dan")
    world.sign_off("dan")
    helen = signed_in("helen")
    begin(helen, STRICTER)
    page = helen.get("/plan/draft/publish/").text
    assert "C20" in page
    assert "28 days" in page
    assert "Daniela Popescu" in page
    assert "C20, a gate from 17 December 2026" in page
    assert '?on=2026-12-17&amp;where=ALD#people"' in page
    assert "Daniela Popescu" not in helen.get("/plan/draft/publish/?where=QUA").text
    shown = helen.post("/plan/draft/publish/", {"seen": 1, "show": "yes", **on(LATER)})
    assert shown["Location"] == "/plan/draft/publish/?on=2026-12-18"
    assert "C20, a gate from 18 December 2026" in helen.get(shown["Location"]).text
    assert PlanVersion.objects.count() == 1
    sent = {"seen": 1, **on(LATER)}
    done = helen.post("/plan/draft/publish/", sent, follow=True)
    assert "is published" in done.text
    version = PlanVersion.objects.get(number=2)
    assert differences(load(version.document), load(STRICTER)) == []
    # She is still ready until the day, and not ready from it: the effect was true.
    dan = world.posts["dan"]
    assert state_at(dan, at=NOW) is State.INDEPENDENT
    assert state_at(dan, at=version.applies_from) is State.NOT_READY
    assert not PlanDraft.objects.exists()


def test_r12_shorter_notice_is_confirmed_on_the_page(world: World, signed_in: SignedIn) -> None:
    helen = signed_in("helen")
    begin(helen, STRICTER)
    sent = {"seen": 1, **on(TODAY + timedelta(days=3))}
    refused = helen.post("/plan/draft/publish/", sent)
    assert refused.status_code == 409
    assert "28 days" in refused.text
    helen.post("/plan/draft/publish/", {**sent, "shorter_notice": "on"})
    assert PlanVersion.objects.count() == 2


def test_the_plan_is_read_for_a_job_role_and_a_setting(world: World, signed_in: SignedIn) -> None:
    cal = signed_in("cal")
    page = cal.get("/plan/?job_role=HC&setting=H").text
    assert "Of home-care workers in home care (and extra care), version 1 asks" in page
    assert "<strong>C26</strong>" in page
    assert "<strong>C10</strong>" not in page
    assert "<strong>C11</strong>" not in page
    assert "<strong>C11</strong>" in cal.get("/plan/?responsibility=med").text
    assert "Medicines awareness" in cal.get("/plan/?responsibility=med").text
    assert "Medicines awareness" not in page
    assert cal.get("/plan/?job_role=nonsense").text.count("<strong>C") == 29


def test_a_version_says_what_it_changed(world: World, signed_in: SignedIn) -> None:
    actions.publish_plan(by=world.by("helen"), text=STRICTER, applies_from=NOW + timedelta(days=29))
    cal = signed_in("cal")
    page = cal.get("/plan/versions/2/").text
    assert "What this version changed" in page
    assert "C20 is raised for" in page
    assert "What this version changed" not in cal.get("/plan/versions/1/").text


def test_the_effect_counts_posts(world: World) -> None:
    found = effect(load(STRICTER), applies_from=NOW + timedelta(days=1))
    # dan is the care worker at Alder; eve, from an agency, needs it too.
    assert found.gain_gates == 2
    assert found.lose_gates == 0
    assert found.not_ready == ()
    assert effect(load(starter_text()), applies_from=NOW).gain_gates == 0


# new gates, days of notice, shorter notice confirmed → published
NOTICES = [
    (STRICTER, 0, False, False),
    (STRICTER, 27, False, False),
    (STRICTER, 29, False, True),
    (STRICTER, 1, True, True),
    (REWORDED, 0, False, True),
    (REWORDED, 1, False, True),
    (REWORDED, -1, False, False),
    (REWORDED, -1, True, False),
    (starter_text(), 30, False, False),
]


@pytest.mark.parametrize(("text", "days", "shorter", "published"), NOTICES)
def test_r12_notice(world: World, text: str, days: int, shorter: bool, published: bool) -> None:
    applies = NOW + timedelta(days=days)
    publish: Callable[[], Any] = lambda: actions.publish_plan(  # noqa: E731
        by=world.by("helen"), text=text, applies_from=applies, shorter_notice=shorter
    )
    if published:
        assert publish().applies_from == applies
    else:
        with pytest.raises(NotPossible):
            publish()
        assert PlanVersion.objects.count() == 1


def test_r2_a_large_version_is_prepared_by_the_worker(
    world: World, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policies, "TOUCHED_AT_ONCE", 3)
    monkeypatch.setattr(plan_projection, "TOUCHED_AT_ONCE", 3)
    world.pass_all("dan")
    world.sign_off("dan")
    helen = signed_in("helen")
    begin(helen, STRICTER)
    sent = {"seen": 1, "shorter_notice": "on"}
    today = helen.post("/plan/draft/publish/", {**sent, **on(TODAY)})
    assert today.status_code == 409
    assert "must apply in the future" in today.text
    helen.post("/plan/draft/publish/", {**sent, **on(LATER)})
    version = PlanVersion.objects.get(number=2)
    assert DBTaskResult.objects.count() == 1
    assert projector.rebuild(write=False).differing > 0
    page = helen.get("/plan/versions/2/").text
    assert "The worker prepares this version" in page
    assert plan_projection.project_waiting() == [1, 2]
    assert plan_projection.project_waiting() == []
    assert projector.rebuild(write=False).differing == 0
    assert state_at(world.posts["dan"], at=version.applies_from) is State.NOT_READY
    assert "Prepared for every post" in helen.get("/plan/versions/2/").text


def test_the_pages_ask_the_database_a_fixed_number_of_times(
    world: World, signed_in: SignedIn, django_assert_max_num_queries: Any
) -> None:
    helen = signed_in("helen")
    begin(helen, STRICTER)
    for number in range(2):
        helen.get("/plan/")
        with django_assert_max_num_queries(20):
            assert helen.get("/plan/").status_code == 200
        with django_assert_max_num_queries(45):
            helen.get("/plan/draft/publish/")
        for extra in range(6):
            name = f"n{number}{extra}"
            world.add_person(name, f"Ned {extra}")
            world.add_post(name, world.alder, "CW")
        evidence.last_seq()


@pytest.mark.django_db
def test_the_first_plan_is_the_starter_plan_without_a_file(client: Client) -> None:
    """A provider of its own, with nothing but a workforce lead."""
    helen = people.add_person(
        by=COMMAND_LINE, reference="1", name="Helen Marsh", pseudonym=f"{1:032x}"
    )
    people.grant_access(by=COMMAND_LINE, person=helen, role=AccessRole.WORKFORCE_LEAD, service=None)
    client.force_login(SignIn.objects.create(person=helen, email="helen@example.org"))
    assert "Change the plan" in client.get("/plan/").text
    begun = client.post("/plan/draft/begin/", {"begin": "starter"}, follow=True)
    assert "It is the first plan." in begun.text
    assert "There are no posts" in client.get("/plan/draft/publish/").text
    today = london_date(instant(evidence.clock.now()))
    done = client.post("/plan/draft/publish/", {"seen": 1, **on(today)})
    assert done.status_code == 302
    assert differences(load(PlanVersion.objects.get().document), starter()) == []
    assert "There is no draft" in client.get("/plan/draft/", follow=True).text
