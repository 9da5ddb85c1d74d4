"""The pages of assessing, as each person sees them."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from surehand import evidence
from surehand.assessment import actions
from surehand.assessment.models import Assessment
from surehand.people.models import SignIn
from tests.provider import NOW, World

SignedIn = Callable[[str], Client]


def observed(world: World, code: str, *, missed: tuple[str, ...] = (), **more: object) -> dict:
    """What the observation form sends when all but `missed` is met, at the clock's moment."""
    check = world.check(code)
    return {
        "method": check.methods[0],
        "on_day": "18",
        "on_month": "11",
        "on_year": "2026",
        "time": "08:00",
        **{f"judged_{c['code']}": "met" for c in check.criteria},
        **{f"judged_{c}": "not_met" for c in missed},
        **more,
    }


def address(world: World, name: str, code: str) -> str:
    return f"/assess/{world.people[name].pseudonym}/{code}/?service=ALD"


def ordinary(world: World, code: str) -> str:
    """A criterion of the check that is not critical."""
    return next(c["code"] for c in world.check(code).criteria if not c["critical"])


def test_the_queue_shows_only_what_the_post_needs(world: World, signed_in: SignedIn) -> None:
    page = signed_in("cal").get("/assess/?service=ALD&name=Daniela")
    shorts = {world.check(code).short for code in world.unmet("dan")}
    assert shorts
    for short in shorts:
        assert short in page.text
    # A care worker approves no plans (C23 is for plan approvers).
    assert address(world, "dan", "C23") not in page.text


def test_r14_nobody_is_in_their_own_list(world: World, signed_in: SignedIn) -> None:
    assert "Nobody here fits" in signed_in("cal").get("/assess/?name=Callum").text
    assert "Callum Whitfield" in signed_in("tessa").get("/assess/?name=Callum").text


def test_the_queue_narrows_by_name_job_role_and_check(world: World, signed_in: SignedIn) -> None:
    cal = signed_in("cal")
    assert "Samuel Tetteh" in cal.get("/assess/?role=SC").text
    assert "Daniela Popescu" not in cal.get("/assess/?role=SC").text
    by_check = cal.get("/assess/?check=C13").text
    assert "Daniela Popescu" in by_check  # answers alerts
    assert "Eve O’Brien" not in by_check  # does not
    assert "Nobody here fits" in cal.get("/assess/?name=nobody").text


def test_a_check_asked_for_comes_first(world: World, signed_in: SignedIn) -> None:
    actions.request_check(
        by=world.by("cal"),
        person=world.people["sam"],
        service=world.alder,
        competency=world.check("C04").competency,
        due=NOW.date() + timedelta(days=3),
    )
    text = signed_in("cal").get("/assess/").text
    assert text.index("Asked for") < text.index("Must pass before")
    assert "Samuel Tetteh: " + world.check("C04").short in text
    assert "Due 21 November" in text


def test_the_queue_does_not_ask_more_of_the_database_for_more_people(
    world: World, signed_in: SignedIn, django_assert_max_num_queries: Callable
) -> None:
    cal = signed_in("cal")
    cal.get("/assess/")
    with django_assert_max_num_queries(40) as few:
        cal.get("/assess/")
    for n in range(12):
        world.add_person(f"new{n}", f"New Person {n}", sign_in=False)
        world.add_post(f"new{n}", world.alder, "CW")
        world.assess(f"new{n}", "C04")
    with django_assert_max_num_queries(len(few)):
        cal.get("/assess/")


def test_r7_observed_and_told_the_outcome_why_and_what_next(
    world: World, signed_in: SignedIn
) -> None:
    code = ordinary(world, "C04")
    cal = signed_in("cal")
    page = cal.post(
        address(world, "dan", "C04"),
        observed(world, "C04", missed=(code,), note="Wrote it late."),
        follow=True,
    )
    assessment = Assessment.objects.get()
    assert page.request["PATH_INFO"] == f"/assessments/{assessment.entry}/"
    for words in (
        "Partial pass",
        "Not met: ",
        "The registered manager reviews this check",
        "Retake 1 criterion until 16 December 2026",
        f"Entry {assessment.entry}",
        "Wrote it late.",
    ):
        assert words in page.text
    # What was typed is forgotten by the browser only now.
    assert f'data-kept="observe-{world.people["dan"].pseudonym}-C04"' in page.text


def test_what_was_typed_survives_an_error(world: World, signed_in: SignedIn) -> None:
    data = observed(world, "C04", note="She told me why.")
    del data[f"judged_{ordinary(world, 'C04')}"]
    page = signed_in("cal").post(address(world, "dan", "C04"), data)
    assert page.status_code == 400
    assert "There is a problem" in page.text
    assert "Judge criterion" in page.text
    assert "She told me why." in page.text
    assert not Assessment.objects.exists()


def test_r11_a_day_more_than_14_days_ago_is_refused_with_a_sentence(
    world: World, signed_in: SignedIn
) -> None:
    cal = signed_in("cal")
    early = cal.post(
        address(world, "dan", "C04"), observed(world, "C04", on_day="3", note="Seen on the 3rd.")
    )
    assert "A check can be recorded at most 14 days late." in early.text
    late = cal.post(address(world, "dan", "C04"), observed(world, "C04", on_day="5"), follow=True)
    assert "(13 days late)" in late.text


def test_r7_the_retake_of_a_partial_pass_asks_only_what_failed(
    world: World, signed_in: SignedIn
) -> None:
    code = ordinary(world, "C04")
    partial = world.assess("dan", "C04", missed=[code])
    cal = signed_in("cal")
    assert "finish by 16 December" in cal.get("/assess/?name=Daniela").text
    retake = f"{address(world, 'dan', 'C04')}&retakes={partial.entry}"
    form = cal.get(retake).text
    assert form.count("</fieldset>") == 3  # the criterion, how and when
    with evidence.clock.at(NOW + timedelta(days=1)):
        data = observed(world, "C04", on_day="19")
        data = {k: v for k, v in data.items() if not k.startswith("judged_")}
        page = cal.post(retake, {**data, f"judged_{code}": "met"}, follow=True)
    assert "Every criterion was met without help." in page.text
    assert "Judged before" in page.text


def test_a_file_is_kept_and_downloaded_never_shown_as_a_page(
    world: World, signed_in: SignedIn
) -> None:
    cal = signed_in("cal")
    form = SimpleUploadedFile("form.html", b"<script>1</script>", content_type="text/html")
    page = cal.post(address(world, "dan", "C04"), observed(world, "C04", file=form), follow=True)
    assert "form.html" in page.text
    assessment = Assessment.objects.get()
    kept = assessment.files.get()
    got = cal.get(f"/assessments/{assessment.entry}/files/{kept.pk}/")
    assert got.content == b"<script>1</script>"
    assert got.headers["Content-Type"] == "application/octet-stream"
    assert got.headers["Content-Disposition"].startswith("attachment")
    assert got.headers["X-Content-Type-Options"] == "nosniff"


def test_r15_a_correction_and_a_void_read_as_a_story(world: World, signed_in: SignedIn) -> None:
    first = world.assess("dan", "C04")
    cal = signed_in("cal")
    data = observed(
        world, "C04", missed=(ordinary(world, "C04"),), note="Missed it.", reason="I mixed up two."
    )
    page = cal.post(f"/assessments/{first.entry}/correct/", data, follow=True)
    second = first.superseded_by
    assert "Corrected by Callum Whitfield: Pass became Partial pass." in page.text
    assert "I mixed up two." in page.text
    assert "does not count" in cal.get(f"/assessments/{first.entry}/").text
    page = signed_in("ruth").post(
        f"/assessments/{second.entry}/void/", {"reason": "Not the right person."}, follow=True
    )
    assert "Voided by Ruth Adeyemi." in page.text
    assert "Not the right person." in page.text


@pytest.mark.parametrize(
    ("name", "correct", "void"),
    [
        ("cal", "", "You may not void what was judged or seen here."),
        ("ruth", "Only its author can correct an assessment.", ""),
        ("helen", "Only its author can correct an assessment.", ""),
        (
            "dan",
            "Only its author can correct an assessment.",
            "You may not void what was judged or seen here.",
        ),
    ],
)
def test_r15_what_is_refused_says_why(
    world: World, signed_in: SignedIn, name: str, correct: str, void: str
) -> None:
    entry = world.assess("dan", "C04").entry
    text = signed_in(name).get(f"/assessments/{entry}/").text
    assert (f"/assessments/{entry}/correct/" in text) == (not correct)
    assert (f"/assessments/{entry}/void/" in text) == (not void)
    assert correct in text
    assert void in text


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("cal", 200),
        ("tessa", 200),
        ("helen", 200),
        ("ruth", 403),
        ("quinn", 403),
        ("nadia", 403),
        ("paul", 403),
        ("queenie", 403),
        ("ada", 403),
        ("dan", 403),
    ],
)
def test_r14_who_may_open_the_observation_form(
    world: World, signed_in: SignedIn, name: str, status: int
) -> None:
    client = signed_in(name)
    assert client.get("/assess/?service=ALD").status_code == status
    assert client.get(address(world, "sam", "C04")).status_code == status


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("cal", 200),
        ("ruth", 200),
        ("helen", 200),
        ("queenie", 200),
        ("dan", 200),  # it is about her
        ("eve", 403),
        ("quinn", 403),
        ("ada", 403),
    ],
)
def test_r14_who_may_read_an_assessment(
    world: World, signed_in: SignedIn, name: str, status: int
) -> None:
    entry = world.assess("dan", "C04").entry
    assert signed_in(name).get(f"/assessments/{entry}/").status_code == status


def test_what_was_written_is_for_readers_of_that_service(world: World, signed_in: SignedIn) -> None:
    failed = world.fail("dan", "C04", note="Closed it too early.")
    world.add_post("dan", world.quayside, "CW")
    for name, told in (("cal", True), ("dan", True), ("quinn", False)):
        page = signed_in(name).get(f"/assessments/{failed.entry}/")
        assert page.status_code == 200
        assert ("Closed it too early." in page.text) == told


def test_there_is_no_such_assessment_or_check(world: World, signed_in: SignedIn) -> None:
    cal = signed_in("cal")
    assert cal.get("/assessments/999999/").status_code == 404
    assert cal.get(address(world, "dan", "C99")).status_code == 404
    assert SignIn.objects.exists()
