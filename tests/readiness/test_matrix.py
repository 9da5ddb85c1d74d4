"""The matrix page and its queries, as at any moment (1.5, 4.6)."""

import csv
import io
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from surehand import evidence
from surehand.people.models import Employment
from surehand.readiness import actions
from surehand.readiness.matrix import Matrix, Row, matrix
from surehand.readiness.matrix_pages import cell_kind
from surehand.readiness.rules import CompetencyState, State
from surehand.support.actions import permit
from surehand.timeline import instant
from tests.provider import NOW, START, World, on


@pytest.fixture
def sign_in(client: Client, world: World) -> Callable[[str], Client]:
    def as_(name: str) -> Client:
        client.force_login(world.people[name].sign_in)
        return client

    return as_


def row(found: Matrix, world: World, name: str) -> Row:
    return next(r for r in found.rows if r.post.pk == world.posts[name].pk)


def kind(found: Matrix, world: World, name: str, code: str) -> str:
    return cell_kind(row(found, world, name), world.check(code).competency_id, instant(found.at))


def at_alder(world: World, **when: Any) -> Matrix:
    return matrix(services=[world.alder.pk], **{"as_at": evidence.clock.now(), **when})


def test_r3_known_then_differs_from_true_then_where_a_pass_was_recorded_late(
    world: World,
) -> None:
    seen = NOW - timedelta(days=3)
    world.assess("dan", "C04", happened_at=seen)
    then = seen + timedelta(hours=1)
    assert kind(at_alder(world, as_at=then), world, "dan", "C04") == "held"
    known = evidence.seq_at(moment=then)
    assert kind(at_alder(world, as_at=then, known=known), world, "dan", "C04") == "todo"
    assert at_alder(world, as_at=then, known=known).seq == known < evidence.last_seq()


def test_r4_a_person_with_two_posts_has_a_row_for_each(world: World) -> None:
    first = world.posts["dan"]
    world.add_post("dan", world.alder, "SC", responsibilities="shf")
    rows = [r for r in at_alder(world).rows if r.post.person_id == first.person_id]
    assert len(rows) == 2
    assert {r.post.job_role for r in rows} == {"CW", "SC"}


def test_r5_the_states_of_a_person_on_the_way(world: World) -> None:
    assert row(at_alder(world), world, "dan").state is State.NOT_READY
    world.pass_all("dan")
    found = at_alder(world)
    assert row(found, world, "dan").state is State.AWAITING_SIGN_OFF
    assert kind(found, world, "dan", "C04") == "passed"
    world.sign_off("dan")
    found = at_alder(world)
    assert row(found, world, "dan").state is State.INDEPENDENT
    assert kind(found, world, "dan", "C04") == "held"


def test_only_what_was_passed_since_the_last_sign_off_waits_for_the_next(world: World) -> None:
    world.pass_all("dan")
    world.sign_off("dan")
    world.fail("dan", "C04")
    with evidence.clock.at(NOW + timedelta(hours=2)):
        assert kind(at_alder(world), world, "dan", "C04") == "failed"
        world.assess("dan", "C04")
        found = at_alder(world, as_at=NOW + timedelta(hours=3))
    assert kind(found, world, "dan", "C04") == "passed"
    assert kind(found, world, "dan", "C05") == "held"


def test_r16_the_last_day_counts_and_the_next_does_not(world: World) -> None:
    world.assess("dan", "C04")
    cell = row(at_alder(world), world, "dan").cells[world.check("C04").competency_id]
    assert cell.until is not None
    before = at_alder(world, as_at=NOW.replace(year=2027, month=11, day=17, hour=23, minute=59))
    after = at_alder(world, as_at=NOW.replace(year=2027, month=11, day=18, hour=0, minute=0))
    assert kind(before, world, "dan", "C04") == "soon"
    assert kind(after, world, "dan", "C04") == "todo"


def test_r9_a_permitted_task_names_its_supervisor(
    world: World, sign_in: Callable[[str], Client]
) -> None:
    world.pass_all("cal", by="wendy")
    world.sign_off("cal")
    permit(
        by=world.by("ruth"),
        post=world.posts["dan"],
        until=NOW + timedelta(days=7),
        competencies=[world.check("C04").competency_id],
        supervisors=[world.people["cal"].pk],
        failed=[],
    )
    found = at_alder(world)
    assert kind(found, world, "dan", "C04") == "with"
    assert kind(found, world, "dan", "C05") == "todo"
    page = sign_in("ruth").get("/matrix/?service=ALD").content.decode()
    assert page.count("With CW") == 1


def busy(world: World) -> None:
    """A provider in which much happened, some of it late."""
    for day, name in ((date(2026, 9, 20), "dan"), (date(2026, 10, 2), "sam")):
        with on(day):
            world.pass_all(name)
            world.sign_off(name)
    with on(date(2026, 10, 20)):
        world.pass_all("sam")
        world.fail("dan", "C04")
        actions.restrict(
            by=world.by("ruth"), person=world.people["dan"], service=None, reason="Unsafe notes."
        )
    with on(date(2026, 11, 1)):
        world.assess("eve", "C01", happened_at=NOW - timedelta(days=30))
        world.pass_all("dan")
        world.pass_all("eve")


def plain(found: Matrix) -> list[tuple[Any, ...]]:
    return [
        (r.post.pk, r.state, r.since, r.until, dict(r.cells), r.permission, r.signed_at)
        for r in found.rows
    ]


@settings(
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(minutes=st.integers(-60 * 24 * 30, 60 * 24 * 900))
def test_the_stored_spans_and_the_facts_give_the_same_matrix(
    busy_world: World, minutes: int
) -> None:
    moment = START + timedelta(minutes=minutes)
    services = [busy_world.alder.pk, busy_world.quayside.pk]
    stored = matrix(services=services, as_at=moment)
    replayed = matrix(services=services, as_at=moment, known=evidence.last_seq())
    assert plain(stored) == plain(replayed)


@pytest.fixture
def busy_world(db: None) -> Any:
    from tests.provider import small_provider

    built = small_provider()
    busy(built)
    with evidence.clock.at(NOW):
        yield built


def test_the_page_answers_its_question(world: World, sign_in: Callable[[str], Client]) -> None:
    world.pass_all("dan")
    page = sign_in("helen").get("/matrix/?service=ALD").content.decode()
    assert "<h1>Who is ready at Alder House?</h1>" in page
    assert "1 waits only for your sign-off." in page
    assert "Sign off 1 person" in page
    assert "Something to do · 6" in page
    assert "Showing 6 of 6 people. Plan version 1, in force since 1 September 2026." in page
    assert "Bank and agency" in page


def test_the_page_says_which_entry_it_knows(world: World, sign_in: Callable[[str], Client]) -> None:
    world.assess("dan", "C04")
    address = "/matrix/?service=ALD&at_date=2026-11-17&at_time=07:00&known=then"
    page = sign_in("ruth").get(address).content.decode()
    assert "Who was ready at Alder House?" in page
    seq = evidence.seq_at(moment=NOW - timedelta(days=1))
    assert f"As known then, at entry {seq}." in page


def test_a_time_that_does_not_exist_is_refused_with_a_sentence(
    world: World, sign_in: Callable[[str], Client]
) -> None:
    client = sign_in("ruth")
    for query, said in (
        ("at_date=2026-03-29&at_time=01:30", "does not exist in London"),
        ("at_date=soon", "is not a date or time"),
    ):
        response = client.get(f"/matrix/?service=ALD&{query}")
        assert response.status_code == 400
        assert said in response.content.decode()


def test_filters_in_the_address(world: World, sign_in: Callable[[str], Client]) -> None:
    world.pass_all("dan")
    world.sign_off("dan")
    client = sign_in("ruth")
    page = client.get("/matrix/?service=ALD&only=todo").content.decode()
    assert "Daniela Popescu" not in page
    assert "Showing 5 of 6 people" in page
    page = client.get("/matrix/?service=ALD&role=CW&readiness=independent").content.decode()
    assert "Daniela Popescu" in page
    assert "Samuel Tetteh" not in page


@pytest.mark.parametrize("name", ["dan", "ada", "quinn"])
def test_r14_who_may_not_see_it(world: World, sign_in: Callable[[str], Client], name: str) -> None:
    assert sign_in(name).get("/matrix/?service=ALD").status_code == 403


def test_the_export_says_what_it_rests_on(world: World, sign_in: Callable[[str], Client]) -> None:
    world.assess("dan", "C04")
    response = sign_in("ruth").get("/matrix/?service=ALD&format=csv")
    rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
    dan = next(r for r in rows if r["person"] == "Daniela Popescu")
    assert dan["person_id"] == "P011"
    assert dan["known_at_entry"] == str(evidence.last_seq())
    assert dan["plan_version"] == "1"
    assert dan["as_at"].startswith("2026-11-18T08:12")
    column = next(c for c in dan if c.startswith("C04 "))
    assert dan[column] == "Competent until 17 November 2027"
    xlsx = sign_in("ruth").get("/matrix/?service=ALD&format=xlsx")
    assert xlsx.content[:2] == b"PK"
    assert sign_in("ruth").get("/matrix/?service=ALD&format=exe").status_code == 400


@pytest.mark.parametrize("known", ["", "&at_date=2026-11-17&known=then"])
def test_statements_do_not_grow_with_people(
    world: World,
    sign_in: Callable[[str], Client],
    django_assert_max_num_queries: Any,
    known: str,
) -> None:
    client = sign_in("helen")
    client.get("/matrix/?service=ALD")
    with django_assert_max_num_queries(45) as few:
        client.get(f"/matrix/?service=ALD{known}")
    for n in range(12):
        world.add_person(f"new{n}", f"New Person{n}", sign_in=False)
        world.add_post(f"new{n}", world.alder, "CW", employment=Employment.BANK)
        world.assess(f"new{n}", "C04")
    with django_assert_max_num_queries(len(few.captured_queries)):
        client.get(f"/matrix/?service=ALD{known}")


def test_competence_of_an_agency_post_is_counted_for_its_shorter_time(world: World) -> None:
    world.assess("eve", "C01")
    world.assess("dan", "C01")
    found = at_alder(world)
    ends = {
        name: row(found, world, name).cells[world.check("C01").competency_id].until
        for name in ("eve", "dan")
    }
    assert ends["eve"] is not None
    assert ends["dan"] is not None
    assert ends["eve"] < ends["dan"]
    assert (
        row(found, world, "dan").cells[world.check("C01").competency_id].state
        is CompetencyState.COMPETENT
    )


def test_a_name_stands_where_its_plain_letters_would(world: World) -> None:
    for key, name in (("lucja", "Łucja Bell"), ("asa", "Åsa Bell"), ("zed", "zed Bell")):
        world.add_person(key, name)
        world.add_post(key, world.alder, "CW")
    found = matrix(services=[world.alder.pk], as_at=evidence.clock.now())
    names = [str(row.post.person) for row in found.rows]
    assert names.index("Åsa Bell") < names.index("Callum Whitfield")
    assert names.index("Łucja Bell") < names.index("Ruth Adeyemi") < names.index("zed Bell")
