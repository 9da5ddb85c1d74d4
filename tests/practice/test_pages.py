"""The pages of practice: the player drawn from the profile, its two modes, the result."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from surehand import evidence
from surehand.ecm import profile as profiles
from surehand.ecm.actions import publish_profile
from surehand.practice import queries
from surehand.practice.models import Attempt, AttemptEnd, Playing
from surehand.support.models import Confidence
from tests.provider import NOW, World

SignedIn = Callable[[str], Client]
ALERT = {
    "links": "exit",
    "f_attended": "02:11",
    "f_cause": "Needed the toilet",
    "f_finding": "On the edge of the bed",
    "f_action": "Walked with her",
    "f_told": "Ade",
    "f_sensor_ok": "yes",
}
NOTE = {
    "f_mood": "settled",
    "f_support": "one",
    "f_outcome": "met",
    "f_choice": "To get up",
    "section": "sleep",
    "text": "Up at ten past two for the toilet.",
}


class Phone:
    """Somebody who plays, page by page."""

    def __init__(
        self, client: Client, mode: str = "practise", code: str = "S06", **start: str
    ) -> None:
        self.client = client
        begun = client.post(f"/practice/scenarios/{code}/", {"mode": mode, **start})
        assert begun.status_code == 302, begun.text
        self.base = begun.headers["Location"]

    def sees(self, where: str = "") -> str:
        answer = self.client.get(self.base + where)
        assert answer.status_code == 200
        return answer.text

    def does(self, where: str = "do/", status: int = 200, **what: str) -> str:
        done = Playing.objects.latest("pk")
        sent = {"revision": str(queries.going(done, at=NOW).play.done), **what}
        answer = self.client.post(self.base + where, sent, follow=True)
        assert answer.status_code == status, answer.text
        return answer.text

    def finishes(self) -> str:
        return self.does("stop/", how="finished")


@pytest.fixture
def dan(world: World, signed_in: SignedIn) -> Client:
    return signed_in("dan")


def test_the_list_is_what_ones_post_needs(world: World, signed_in: SignedIn) -> None:
    page = signed_in("dan").get("/practice/").text
    assert "What do you want to practise?" in page
    assert "Up in the night" in page
    # No post, nothing to practise; whoever reads a service finds the scenarios from there.
    helen = signed_in("helen").get("/practice/").text
    assert "There is nothing to practise yet." in helen
    assert "All scenarios" in helen
    assert 'href="/practice/"' not in signed_in("ada").get("/").text
    assert 'href="/practice/"' in signed_in("ruth").get("/").text
    assert 'href="/practice/"' in signed_in("dan").get("/").text


def test_a_go_from_start_to_result(world: World, dan: Client) -> None:
    phone = Phone(dan, sure="2")
    assert Confidence.objects.get().level == 2
    page = phone.sees()
    assert "Residents" in page
    assert "Hint · 3" in page
    page = phone.does(wait="yes")
    assert "Bed or chair exit" in page
    assert "Answer within 2 minutes" in page
    page = phone.does(acknowledge="exit")
    assert "You go to Joyce Adeyemi." in page
    assert "one shoe on" in page
    assert "You walk with her" in phone.does(choose="up/help")
    assert "Your alert response says why Joyce was up" in phone.does("write/joyce/alert/", **ALERT)
    page = phone.does("write/joyce/note/", **{**NOTE, "section": "mobility"})
    assert "It is in “Mobility”; it belongs in “Sleep”." in page
    page = phone.finishes()
    assert "3 of 4" in page
    assert "So close, Daniela" in page
    assert "it belongs in “Sleep”" in page
    end = AttemptEnd.objects.get()
    dan.post(f"/practice/done/{end.attempt.entry}/", {"sure": "4"})
    assert [c.level for c in Confidence.objects.order_by("entry")] == [2, 4]
    replay = dan.get(f"/practice/done/{end.attempt.entry}/replay/").text
    assert "Answered “Bed or chair exit” and went to Joyce Adeyemi." in replay
    assert "ten past two" in replay
    # Every page of a go that has ended leads to its result.
    assert dan.get(phone.base).headers["Location"] == f"/practice/done/{end.attempt.entry}/"


def test_a_check_has_no_hints_and_no_feedback(world: World, dan: Client) -> None:
    phone = Phone(dan, mode="check")
    assert "Hint" not in phone.sees()
    assert "sh-steps" not in phone.sees()
    phone.does(hint="yes", status=409)
    phone.does(wait="yes")
    page = phone.does("write/joyce/note/", **NOTE)
    assert "Saved." in page
    assert "right section" not in page
    page = phone.finishes()
    assert "Your trainer sees it and judges it" in page
    assert Attempt.objects.get().mode == "check"


@pytest.fixture
def renamed(world: World) -> None:
    """A provider’s own words for the same profile, published."""
    text = profiles.starter_text()
    for was, now in (
        ('version: "1.0"', 'version: "1.1"'),
        ("people: residents", "people: neighbours"),
        ("\n  alert: alert", "\n  alert: call"),
        ("title: Sleep", "title: Night rest"),
        ("title: Daily note", "title: Diary page"),
    ):
        assert was in text
        text = text.replace(was, now)
    publish_profile(by=world.by("ada"), text=text)


def test_a_name_changed_in_the_profile_is_changed_in_practice_and_marking(
    world: World, dan: Client, renamed: None
) -> None:
    phone = Phone(dan)
    page = phone.sees()
    assert "Neighbours" in page
    assert "Calls" in page
    assert "Residents" not in page
    assert "Night rest" in phone.sees("see/joyce/")
    assert "Diary page" in phone.sees("write/joyce/")
    form = phone.sees("write/joyce/note/")
    assert "Night rest" in form
    assert ">Sleep<" not in form
    page = phone.does("write/joyce/note/", **{**NOTE, "section": "mobility"})
    assert "it belongs in “Night rest”" in page


def test_a_form_says_what_is_missing_and_keeps_what_was_typed(world: World, dan: Client) -> None:
    phone = Phone(dan)
    page = phone.does(
        "write/joyce/note/", status=400, **{**NOTE, "f_mood": "", "text": "Up at ten past."}
    )
    assert "There is a problem" in page
    assert "Choose an answer: Mood" in page
    assert "Up at ten past." in page
    page = phone.does("write/joyce/bodymap/", status=400, f_mm="big")
    assert "“Size” must be a number" in page
    assert "“Type” is empty. Choose one, or write it." in page
    assert (
        not Playing.objects.get().revision > 2
        or not queries.going(Playing.objects.get(), at=NOW).play.done
    )


def test_a_field_that_is_not_asked_is_not_missed(world: World, dan: Client) -> None:
    phone = Phone(dan)
    what = {"f_status": "done", "f_time": "02:10", "f_evidence": "Asleep", "section": "sleep"}
    assert "Saved." in phone.does("write/joyce/task/?task=round", task="round", **what)
    assert "Recorded" in phone.sees("see/tasks/")


def test_the_body_map_fills_place_and_side(world: World, dan: Client) -> None:
    phone = Phone(dan)
    assert "data-site" in phone.sees("write/joyce/bodymap/")
    phone.does(
        "write/joyce/bodymap/",
        f_site="forearm",
        f_side="left",
        f_type="bruise",
        f_mm="15",
        f_colour="blue",
        f_cause="unknown",
    )
    [step] = [row for row in Playing.objects.get().steps if row["did"] == "record"]
    assert step["what"]["fields"]["site"] == "forearm"
    assert step["what"]["fields"]["side"] == "left"


def test_what_was_done_on_another_page_is_seen_before_more_is_done(
    world: World, dan: Client
) -> None:
    phone = Phone(dan)
    phone.does(tell="shift_lead")
    page = phone.does(tell="999", revision="0")
    assert "There is nobody like that" in page or "another page" in page
    page = phone.does("write/joyce/note/", status=400, revision="0", **NOTE)
    assert "Something was done on another page meanwhile." in page
    # The same form again, with what it has seen now, is saved.
    assert "Your note" in phone.does("write/joyce/note/", **NOTE)


def test_what_arrives_is_fetched_while_somebody_works(world: World, dan: Client) -> None:
    phone = Phone(dan)
    first = phone.does("there/")
    assert 'data-next="40"' in first
    with evidence.clock.at(NOW + timedelta(seconds=41)):
        assert "Bed or chair exit" in phone.does("there/", next=f"{phone.base}see/joyce/")


def test_while_the_system_is_down_there_is_only_paper(world: World, dan: Client) -> None:
    phone = Phone(dan, code="S25")
    assert "It is for when the system is down." in phone.sees("paper/")
    page = phone.does(wait="yes")
    # Every page of the system leads to the form; it is at hand once somebody fetched the pack.
    assert "Nothing can be read or written in it." in page
    assert 'name="text"' not in page
    refused = phone.does("paper/", 400, time="19:40", about="nwosu", checked="on")
    assert "Answer first what happened." in refused
    page = phone.does(choose="lost/pack")
    assert "Write here by hand what happens" in page
    for where in ("", "notes/", "see/joyce/", "see/tasks/", "write/joyce/", "write/joyce/note/"):
        assert dan.get(phone.base + where).headers["Location"] == f"{phone.base}paper/"
    phone.does(wait="yes")
    phone.does(choose="sensors/look")
    missing = phone.does("paper/", 400, time="19:40")
    assert "Choose whom it is about." in missing
    assert "Write what happened, or tick that you looked in." in missing
    line = {"time": "19:40", "about": "nwosu", "checked": "on"}
    assert "You wrote down that you had looked in on Harold." in phone.does("paper/", **line)
    # What is written before it happened is another line, and gives nothing away.
    asleep = phone.does("paper/", time="19:40", about="joyce", text="Asleep.")
    assert "It is on paper." in asleep
    assert "why Joyce was up" not in asleep
    phone.does(tell="oncall")
    phone.does(wait="yes")
    toilet = {"time": "20:30", "about": "joyce", "text": "Up to the toilet, one."}
    page = phone.does("paper/", **toilet)
    assert "You wrote on paper what happened, with the real time." in page
    assert "Enter it" not in page
    # When it is back, each line is entered once, from the form.
    phone.does(wait="yes")
    phone.does(wait="yes")
    assert "none is there twice" in phone.does(choose="paper/match")
    assert "Downtime form · 3 lines" in phone.sees()
    assert "Write in it, and not on paper." in phone.does("paper/", 400, **toilet)
    joyce = int(re.findall(r"write/joyce/\?paper=(\d+)", phone.sees("paper/"))[-1])
    assert "Up to the toilet, one." in phone.sees(f"write/joyce/note/?paper={joyce}")
    late = {**NOTE, "time": "20:30", "late": "on"}
    said = phone.does(f"write/joyce/note/?paper={joyce}", **late)
    assert "You entered it with the true time and marked it as late." in said
    page = phone.sees("paper/")
    assert f"paper={joyce}" not in page
    assert page.count("Entered") == 1
    assert "7 of 7" in phone.finishes()
    attempt = AttemptEnd.objects.get().attempt
    replay = dan.get(f"/practice/done/{attempt.entry}/replay/").text
    assert "Wrote on paper about Harold Nwosu, 19:40, looked in on them." in replay
    [step] = attempt.steps.filter(what__time="20:30", did="paper")
    assert "text" not in step.what, "what was typed is kept apart (R1)"


def test_readers_of_the_service_see_how_it_went_and_nobody_else(
    world: World, dan: Client, signed_in: SignedIn
) -> None:
    Phone(dan).finishes()
    entry = Attempt.objects.get().entry
    for name, status in (("ruth", 200), ("cal", 200), ("quinn", 403), ("sam", 403)):
        for page in ("practice-result", "practice-replay"):
            assert signed_in(name).get(reverse(page, args=[entry])).status_code == status
    # Nobody says for somebody else how sure they are.
    signed_in("ruth").post(reverse("practice-result", args=[entry]), {"sure": "5"})
    assert not Confidence.objects.exists()


def test_nobody_else_sees_or_plays_it(world: World, dan: Client, signed_in: SignedIn) -> None:
    phone = Phone(dan)
    cal = signed_in("cal")
    for page in ("", "see/joyce/", "write/joyce/note/", "tell/", "stop/", "notes/"):
        assert cal.get(phone.base + page).status_code == 403
    for page in ("do/", "there/", "write/joyce/note/", "stop/"):
        assert cal.post(phone.base + page, {"hint": "yes", "how": "left"}).status_code == 403
    assert Playing.objects.get().steps == []


def test_the_pages_ask_as_often_for_many_steps_as_for_few(
    world: World,
    dan: Client,
    django_assert_max_num_queries: Callable[..., object],
) -> None:
    phone = Phone(dan)
    for number in range(40):
        phone.sees("see/tasks/" if number % 2 else "see/alerts/")
    assert len(Playing.objects.get().steps) == 40
    with django_assert_max_num_queries(12):
        phone.sees("see/joyce/")
    with django_assert_max_num_queries(10):
        dan.post(f"{phone.base}there/")
    entry = Attempt.objects.get().entry
    with django_assert_max_num_queries(45):
        dan.post(f"{phone.base}stop/", {"how": "finished"})
    with django_assert_max_num_queries(26):
        dan.get(f"/practice/done/{entry}/replay/")
    with django_assert_max_num_queries(26):
        dan.get("/practice/")


def test_an_assessor_begins_a_check_and_the_person_plays_it(
    world: World, signed_in: SignedIn
) -> None:
    cal, dan = world.people["cal"].pseudonym, world.people["dan"].pseudonym
    assessor = signed_in("cal")
    assert "Begin a check" in assessor.get(f"/practice/log/{dan}/").text
    page = assessor.get(f"/practice/check/{dan}/").text
    assert "Which check does Daniela take now?" in page
    assert page.index("Up in the night") < page.index("Approve")  # a manager’s comes later
    assert "Choose a scenario." in assessor.post(f"/practice/check/{dan}/", {}).text
    begun = assessor.post(f"/practice/check/{dan}/", {"scenario": "S06"}, follow=True)
    assert "finds it under “Practice”" in begun.text
    attempt = Attempt.objects.get()
    assert (attempt.mode, attempt.by, attempt.person.pseudonym) == (
        "check",
        world.people["cal"],
        dan,
    )
    again = assessor.post(f"/practice/check/{dan}/", {"scenario": "S06"})
    assert "is in the middle of this already" in again.text
    assert "A check. Go on where you were." in signed_in("dan").get("/practice/").text
    # R14: nobody with themselves.
    assert assessor.get(f"/practice/check/{cal}/").status_code == 403
