"""A room of people assessed in one grid: who may, what is kept, what is recorded (1.3)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from click.testing import CliRunner
from django.test import Client

from surehand import evidence
from surehand.assessment import actions, group_actions
from surehand.assessment.group import Answer
from surehand.assessment.models import Assessment, GroupAssessment, GroupPerson
from surehand.cli.__main__ import main
from surehand.evidence.models import Entry
from surehand.evidence.refusal import NotPermitted, NotPossible, why_not
from surehand.people import actions as people_actions
from tests.provider import NOW, World, small_provider

SignedIn = Callable[[str], Client]
CODE = "C04"


def a_room(world: World, *names: str, by: str = "cal", **more: Any) -> GroupAssessment:
    check = world.check(CODE)
    return group_actions.begin(
        by=world.by(by),
        service=world.alder,
        check=check,
        method=check.methods[0],
        people=[world.people[name] for name in names or ("dan", "sam")],
        **more,
    )


def row_of(world: World, group: GroupAssessment, name: str) -> GroupPerson:
    return group.people.get(person=world.people[name])


def judge(
    world: World,
    row: GroupPerson,
    *,
    by: str = "cal",
    missed: tuple[str, ...] = (),
    note: str = "",
) -> GroupPerson:
    """Every criterion judged, met but those missed; the row as it is then."""
    for criterion in world.check(CODE).criteria:
        code = criterion["code"]
        group_actions.save_answer(
            by=world.by(by),
            row=row,
            criterion=code,
            answer=Answer("not_met" if code in missed else "met"),
            seen=0,
        )
    if note:
        group_actions.save_note(by=world.by(by), row=row, note=note, seen=0)
    row.refresh_from_db()
    return row


def answer(row: GroupPerson, criterion: str) -> tuple[str, int, int]:
    kept = row.answers.get(criterion=criterion)
    return kept.judged, kept.help_given, kept.version


# ---- who may, and whom


@pytest.mark.parametrize("name", ["cal", "tessa", "helen"])
def test_assessors_of_the_service_share_the_room(world: World, name: str) -> None:
    group = a_room(world, by=name)
    row = judge(world, row_of(world, group, "dan"), by="tessa" if name == "cal" else "cal")
    assert group_actions.record(by=world.by(name), row=row, seen=row.version).outcome == "pass"


@pytest.mark.parametrize("name", ["ruth", "dan", "queenie", "paul", "nadia", "ada", "quinn"])
def test_nobody_else_does_anything_in_it(world: World, name: str) -> None:
    group, by = a_room(world), world.by(name)
    row = judge(world, row_of(world, group, "dan"))
    with pytest.raises(NotPermitted):
        a_room(world, by=name)
    for act in (
        lambda: group_actions.add_people(by=by, group=group, people=[world.people["eve"]]),
        lambda: group_actions.take_out(by=by, row=row),
        lambda: group_actions.save_answer(
            by=by, row=row, criterion="C04.1", answer=Answer("not_met"), seen=1
        ),
        lambda: group_actions.save_note(by=by, row=row, note="Hello.", seen=0),
        lambda: group_actions.record(by=by, row=row, seen=row.version),
        lambda: group_actions.discard(by=by, group=group),
    ):
        with pytest.raises(NotPermitted):
            act()
    assert group.people.count() == 2
    assert not Assessment.objects.exists()


def test_r14_oneself_is_refused_when_choosing_and_when_judging(world: World) -> None:
    with pytest.raises(NotPermitted, match="about yourself"):
        a_room(world, "dan", "cal")
    assert not GroupAssessment.objects.exists()
    group = a_room(world, "dan", "cal", by="tessa")
    mine = row_of(world, group, "cal")
    for act in (
        lambda: group_actions.save_answer(
            by=world.by("cal"), row=mine, criterion="C04.1", answer=Answer("met"), seen=0
        ),
        lambda: group_actions.save_note(by=world.by("cal"), row=mine, note="Good.", seen=0),
        lambda: group_actions.take_out(by=world.by("cal"), row=mine),
    ):
        with pytest.raises(NotPermitted, match="about yourself"):
            act()
    mine = judge(world, mine, by="tessa")
    with pytest.raises(NotPermitted, match="about yourself"):
        group_actions.record(by=world.by("cal"), row=mine, seen=mine.version)


def test_r14_a_merged_self_is_refused_again_under_the_lock(world: World) -> None:
    before = world.by("cal")  # as the page was opened
    group = a_room(world)
    row = judge(world, row_of(world, group, "dan"), by="tessa")
    people_actions.merge(by=world.by("ada"), person=world.people["dan"], into=world.people["cal"])
    with pytest.raises(NotPermitted, match="about yourself"):
        group_actions.record(by=before, row=row, seen=row.version)
    check = world.check(CODE)
    with pytest.raises(NotPermitted, match="about yourself"):
        actions.record_assessment(
            by=before,
            happened_at=NOW,
            person=world.people["dan"],
            service=world.alder,
            check=check,
            method=check.methods[0],
            judgements={c["code"]: "met" for c in check.criteria},
        )
    with pytest.raises(NotPermitted, match="about yourself"):
        a_room(world, "dan")


def test_r14_one_human_is_in_a_room_once(world: World) -> None:
    people_actions.merge(by=world.by("ada"), person=world.people["dan"], into=world.people["sam"])
    with pytest.raises(NotPossible, match="already, by another record"):
        a_room(world, "dan", "sam")


def test_only_people_with_a_post_here_and_not_too_many(world: World) -> None:
    with pytest.raises(NotPossible, match="no post in this service"):
        a_room(world, "dan", "rose")
    check = world.check(CODE)
    with pytest.raises(NotPossible, match="at least one person"):
        group_actions.begin(
            by=world.by("cal"), service=world.alder, check=check, method="practice", people=[]
        )
    for number in range(group_actions.PEOPLE_AT_MOST):
        world.add_person(f"n{number}", f"New {number}", sign_in=False)
        world.add_post(f"n{number}", world.alder, "CW")
    with pytest.raises(NotPossible, match="at most 30 people"):
        a_room(world, "dan", *(f"n{n}" for n in range(30)))
    group = a_room(world, "dan")
    group_actions.add_people(
        by=world.by("cal"), group=group, people=[world.people["dan"], world.people["eve"]]
    )
    assert group.people.count() == 2


def test_r11_the_day_of_a_room_is_at_most_14_days_ago(world: World) -> None:
    with pytest.raises(NotPossible, match="in the future"):
        a_room(world, happened_at=NOW + timedelta(minutes=5))
    with pytest.raises(NotPossible, match="at most 14 days late"):
        a_room(world, happened_at=NOW - timedelta(days=15))


# ---- judging at once


def test_a_stale_answer_is_refused_with_who_chose_what(world: World) -> None:
    row = row_of(world, a_room(world), "dan")
    cal, tessa = world.by("cal"), world.by("tessa")
    group_actions.save_answer(by=cal, row=row, criterion="C04.1", answer=Answer("met"), seen=0)
    with pytest.raises(group_actions.Stale) as told:
        group_actions.save_answer(
            by=tessa, row=row, criterion="C04.1", answer=Answer("not_met", 2), seen=0
        )
    wording = world.check(CODE).criteria[0]["text"]
    assert str(told.value) == (
        f"Daniela Popescu, “{wording}”: Callum Whitfield chose “met” since. "
        "Your “not met, helped 2 times” is not saved. Choose again if it is right."
    )
    assert answer(row, "C04.1") == ("met", 0, 1)
    group_actions.save_answer(
        by=tessa, row=row, criterion="C04.1", answer=Answer("not_met", 2), seen=1
    )
    assert answer(row, "C04.1") == ("not_met", 2, 2)
    # The other cells were never in the way.
    group_actions.save_answer(by=cal, row=row, criterion="C04.2", answer=Answer("met"), seen=0)


def test_a_stale_note_is_refused_with_the_other_one(world: World) -> None:
    row = row_of(world, a_room(world), "dan")
    group_actions.save_note(by=world.by("cal"), row=row, note="Asked twice.", seen=0)
    with pytest.raises(
        group_actions.Stale, match="Callum Whitfield wrote a note since: “Asked twice"
    ):
        group_actions.save_note(by=world.by("tessa"), row=row, note="All well.", seen=0)
    group_actions.save_note(by=world.by("tessa"), row=row, note="All well.", seen=1)
    row.refresh_from_db()
    assert row.note == "All well."


def test_what_is_not_in_the_check_or_the_room_is_refused(world: World) -> None:
    row = row_of(world, a_room(world), "dan")
    with pytest.raises(NotPossible, match="not part of the check"):
        group_actions.save_answer(
            by=world.by("cal"), row=row, criterion="C99.1", answer=Answer("met"), seen=0
        )
    group_actions.take_out(by=world.by("tessa"), row=GroupPerson.objects.get(pk=row.pk))
    with pytest.raises(NotPossible, match="not in this group any more"):
        group_actions.save_answer(
            by=world.by("cal"), row=row, criterion="C04.1", answer=Answer("met"), seen=0
        )


# ---- recording


def test_each_person_is_one_ordinary_assessment(world: World) -> None:
    group = a_room(world, "dan", "sam", "eve", place="Training room")
    critical = next(c["code"] for c in world.check(CODE).criteria if c["critical"])
    before = evidence.last_seq()
    later = NOW + timedelta(minutes=40)
    dan = judge(world, row_of(world, group, "dan"))
    sam = judge(world, row_of(world, group, "sam"), missed=(critical,), note="Named a neighbour.")
    assert evidence.last_seq() == before  # work in progress is no evidence
    with evidence.clock.at(later):
        passed = group_actions.record(by=world.by("cal"), row=dan, seen=dan.version)
        failed = group_actions.record(by=world.by("cal"), row=sam, seen=sam.version)
    assert (passed.outcome, failed.outcome) == ("pass", "further_support")
    assert passed.happened_at == NOW  # when the last answer was given
    assert passed.recorded_at == later
    assert evidence.last_seq() == before + 2
    assert "Training room" not in str(Entry.objects.get(seq=passed.entry).content)
    # It is corrected and voided like any other.
    voided = actions.void_assessment(by=world.by("ruth"), assessment=failed, reason="Wrong person.")
    assert voided.assessment == failed


def test_r11_a_room_of_a_day_gives_its_day(world: World) -> None:
    group = a_room(world, happened_at=NOW - timedelta(days=2))
    row = judge(world, row_of(world, group, "dan"))
    recorded = group_actions.record(by=world.by("cal"), row=row, seen=row.version)
    assert recorded.happened_at == NOW - timedelta(days=2)
    with evidence.clock.at(NOW + timedelta(days=13)):
        late = judge(world, row_of(world, group, "sam"))
        with pytest.raises(NotPossible, match="at most 14 days late"):
            group_actions.record(by=world.by("cal"), row=late, seen=late.version)


def test_nothing_half_judged_and_no_failure_without_a_note_is_recorded(world: World) -> None:
    row = row_of(world, a_room(world), "dan")
    group_actions.save_answer(
        by=world.by("cal"), row=row, criterion="C04.1", answer=Answer("not_met"), seen=0
    )
    with pytest.raises(NotPossible, match="Not judged yet"):
        group_actions.record(by=world.by("cal"), row=row, seen=1)
    codes = [c["code"] for c in world.check(CODE).criteria[1:]]
    for code in codes:
        group_actions.save_answer(
            by=world.by("cal"), row=row, criterion=code, answer=Answer("met"), seen=0
        )
    row.refresh_from_db()
    with pytest.raises(NotPossible, match="this outcome"):
        group_actions.record(by=world.by("cal"), row=row, seen=row.version)


def test_only_what_was_seen_is_recorded(world: World) -> None:
    row = judge(world, row_of(world, a_room(world), "dan"))
    seen = row.version
    group_actions.save_answer(
        by=world.by("tessa"), row=row, criterion="C04.1", answer=Answer("not_met"), seen=1
    )
    with pytest.raises(group_actions.Stale, match="Tessa Boyd changed an answer"):
        group_actions.record(by=world.by("cal"), row=row, seen=seen)
    assert not Assessment.objects.exists()


def test_a_recorded_person_is_judged_no_more(world: World) -> None:
    row = judge(world, row_of(world, a_room(world), "dan"))
    group_actions.record(by=world.by("tessa"), row=row, seen=row.version)
    for act in (
        lambda: group_actions.record(by=world.by("cal"), row=row, seen=row.version),
        lambda: group_actions.save_answer(
            by=world.by("cal"), row=row, criterion="C04.1", answer=Answer("not_met"), seen=1
        ),
        lambda: group_actions.take_out(by=world.by("cal"), row=row),
    ):
        assert why_not(act).startswith("Daniela Popescu was recorded by Tessa Boyd a moment ago")
    assert Assessment.objects.count() == 1


@pytest.mark.usefixtures("template_database")
def test_of_two_who_record_at_once_one_does_and_the_other_is_told(
    in_thread: Callable[..., Callable[[], Any]],
) -> None:
    world = small_provider()
    with evidence.clock.at(NOW):
        row = judge(world, row_of(world, a_room(world), "dan"))
        bys = [world.by("cal"), world.by("tessa")]
    together = Barrier(2)

    def record(by: Any) -> str:
        seen = GroupPerson.objects.select_related(
            "group__service__details", "group__check_version__competency", "person__identity"
        ).get(pk=row.pk)
        together.wait()
        with evidence.clock.at(NOW):
            return why_not(lambda: group_actions.record(by=by, row=seen, seen=row.version))

    with ThreadPoolExecutor(2) as pool:
        said = sorted(pool.map(lambda by: in_thread(record, by)(), bys))
    assert said[0] == ""
    assert "was recorded by" in said[1]
    assert Assessment.objects.count() == 1


@pytest.mark.usefixtures("template_database")
def test_two_who_judge_one_cell_at_once_never_lose_one_silently(
    in_thread: Callable[..., Callable[[], Any]],
) -> None:
    world = small_provider()
    with evidence.clock.at(NOW):
        row = row_of(world, a_room(world), "dan")
        bys = {"met": world.by("cal"), "not_met": world.by("tessa")}
    together = Barrier(2)

    def save(judged: str) -> str:
        seen = GroupPerson.objects.select_related("group__check_version", "person__identity").get(
            pk=row.pk
        )
        together.wait()
        with evidence.clock.at(NOW):
            return why_not(
                lambda: group_actions.save_answer(
                    by=bys[judged], row=seen, criterion="C04.1", answer=Answer(judged), seen=0
                )
            )

    with ThreadPoolExecutor(2) as pool:
        said = dict(zip(bys, pool.map(lambda j: in_thread(save, j)(), bys), strict=True))
    stands = answer(row, "C04.1")
    assert stands[2] == 1
    assert said[stands[0]] == ""
    other = next(j for j in bys if j != stands[0])
    assert "is not saved. Choose again if it is right." in said[other]


# ---- kept and forgotten


def test_a_room_untouched_for_28_days_is_removed_by_due(world: World) -> None:
    old, touched = a_room(world), a_room(world, "eve")
    row = judge(world, row_of(world, old, "dan"))
    recorded = group_actions.record(by=world.by("cal"), row=row, seen=row.version)
    with evidence.clock.at(NOW + timedelta(days=20)):
        judge(world, row_of(world, touched, "eve"))
    at = (NOW + timedelta(days=28, minutes=1)).isoformat()
    said = CliRunner().invoke(main, ["due", "--now", at])
    assert "1 group assessment" in said.output
    assert list(GroupAssessment.objects.all()) == [touched]
    assert Assessment.objects.get() == recorded
    assert "group" not in CliRunner().invoke(main, ["due", "--now", at]).output


# ---- the pages


def test_the_people_who_wait_are_suggested_and_oneself_is_not_there(
    world: World, signed_in: SignedIn
) -> None:
    world.assess("dan", CODE)
    page = signed_in("cal").get(f"/assess/groups/new/?service=ALD&check={CODE}").text
    waiting, _, others = page.partition("Others here")
    assert "Samuel Tetteh" in waiting
    assert "Daniela Popescu" in others
    assert "passed, until" in others
    assert f'value="{world.people["cal"].pseudonym}"' not in page
    assert f'value="{world.people["sam"].pseudonym}" checked' in waiting
    narrowed = signed_in("cal").get(f"/assess/groups/new/?check={CODE}&role=SC&name=sam").text
    assert "Eve O’Brien" not in narrowed


def test_a_room_is_begun_judged_and_recorded_without_a_script(
    world: World, signed_in: SignedIn
) -> None:
    cal, sam = signed_in("cal"), world.people["sam"]
    begun = cal.post(
        f"/assess/groups/new/?service=ALD&check={CODE}",
        {"method": "practice", "person": [sam.pseudonym], "place": "Lounge"},
    )
    group = GroupAssessment.objects.get()
    here = f"/assess/groups/{group.pk}/"
    assert begun.headers["Location"] == here
    assert "Lounge" in cal.get(here).text
    for criterion in world.check(CODE).criteria:
        page = cal.get(here).text
        value = f"{criterion['code']}|met|0|0"
        assert f'value="{value}"' in page
        assert 'name="record"' not in page
        sent = cal.post(
            f"{here}people/{sam.pseudonym}/", {"answer": value, "note": "", "note_seen": 0}
        )
        assert sent.headers["Location"] == f"{here}#row-{sam.pseudonym}"
    count = len(world.check(CODE).criteria)
    assert f'value="{sam.pseudonym}:{count}"' in cal.get(here).text
    done = cal.post(f"{here}record/", {"record": [f"{sam.pseudonym}:{count}"]}, follow=True)
    assert "1 assessment recorded: Samuel Tetteh (pass)." in done.text
    assert "Everybody in this group is recorded." in done.text


def test_a_refused_answer_is_told_on_the_page_and_a_typed_note_stays(
    world: World, signed_in: SignedIn
) -> None:
    group = a_room(world)
    row = row_of(world, group, "dan")
    group_actions.save_answer(
        by=world.by("tessa"), row=row, criterion="C04.1", answer=Answer("not_met"), seen=0
    )
    group_actions.save_note(by=world.by("tessa"), row=row, note="Asked twice.", seen=0)
    to = f"/assess/groups/{group.pk}/people/{world.people['dan'].pseudonym}/"
    sent = {"answer": "C04.1|met|0|0", "note": "All by herself.", "note_seen": "0"}
    page = signed_in("cal").post(to, sent)
    assert page.status_code == 409
    assert "Tessa Boyd chose “not met” since" in page.text
    assert "Tessa Boyd wrote a note since: “Asked twice.”" in page.text
    assert "All by herself.</textarea>" in page.text
    state = signed_in("cal").post(to, sent, headers={"Accept": "application/json"})
    assert state.status_code == 409
    assert len(state.json()["told"]) == 2
    assert state.json()["rows"][world.people["dan"].pseudonym]["cells"]["C04.1"] == [
        "not_met",
        0,
        1,
    ]


@pytest.mark.parametrize(
    "sent", ["", "C04.1", "C04.1|met|x|0", "C04.1|great|0|0", "C04.1|met|-1|0", "x|met|0|0", "|||"]
)
def test_an_answer_that_cannot_be_read_is_refused_in_a_sentence(
    world: World, signed_in: SignedIn, sent: str
) -> None:
    group = a_room(world)
    to = f"/assess/groups/{group.pk}/people/{world.people['dan'].pseudonym}/"
    page = signed_in("cal").post(to, {"answer": sent})
    assert page.status_code == 409
    assert "Load the page again." in page.text
    wrong = signed_in("cal").post(f"/assess/groups/{group.pk}/record/", {"record": sent})
    assert "could not be read" in wrong.text


def test_a_colleague_sees_who_is_judging_whom(world: World, signed_in: SignedIn) -> None:
    group = a_room(world)
    judge(world, row_of(world, group, "dan"), by="tessa")
    state = (
        signed_in("cal")
        .get(f"/assess/groups/{group.pk}/", headers={"Accept": "application/json"})
        .json()
    )
    assert state["rows"][world.people["dan"].pseudonym]["judging"] == "Tessa Boyd is judging now"
    assert "Tessa Boyd is judging Daniela Popescu." in state["summary"]
    with evidence.clock.at(NOW + timedelta(minutes=3)):
        later = signed_in("cal").get(f"/assess/groups/{group.pk}/").text
    assert "is judging" not in later


def test_an_unfinished_room_is_on_the_home_page_until_it_is_done_or_discarded(
    world: World, signed_in: SignedIn
) -> None:
    group = a_room(world)
    line = "2 people to record from the group check of"
    for name in ("cal", "tessa", "helen"):
        assert line in signed_in(name).get("/").text
    assert "Groups under way" in signed_in("tessa").get("/assess/?service=ALD").text
    assert line not in signed_in("ruth").get("/").text
    row = judge(world, row_of(world, group, "dan"))
    group_actions.record(by=world.by("cal"), row=row, seen=row.version)
    assert "1 person to record" in signed_in("cal").get("/").text
    asked = signed_in("cal").get(f"/assess/groups/{group.pk}/discard/").text
    assert "1 recorded assessment will stay" in asked
    signed_in("cal").post(f"/assess/groups/{group.pk}/discard/")
    assert "to record from the group" not in signed_in("cal").get("/").text
    assert Assessment.objects.count() == 1
    assert signed_in("cal").get(f"/assess/groups/{group.pk}/").status_code == 404
