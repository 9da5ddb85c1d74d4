"""“I’m stuck” (1.7): asking, also late and twice; answering; what whoever asked sees of it."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.test import Client

from surehand import evidence
from surehand.evidence.refusal import NotPermitted, NotPossible
from surehand.people.access import AccessRole
from surehand.support import actions, queries
from surehand.support.models import Answer, AnswerRead, Question, SupportWords
from tests.provider import NOW, World

SignedIn = Callable[[str], Client]
KEY = UUID(int=7)
JSON = {"Accept": "application/json"}


def ask(world: World, name: str = "dan", category: str = "where_to_record", **more) -> Question:  # type: ignore[no-untyped-def]
    return actions.ask(
        by=world.by(name),
        **{
            "happened_at": None,
            "key": uuid4(),
            "service": world.posts[name].service,
            "category": category,
            **more,
        },
    )


def answer(world: World, question: Question, by: str = "tessa", **more) -> Answer:  # type: ignore[no-untyped-def]
    return actions.answer(
        by=world.by(by),
        question=question,
        **{
            "how": "words",
            "words": "Under Food, choose Declined.",
            "category": question.category,
            "competency": question.competency,
            "theme": question.theme,
            **more,
        },
    )


def test_a_tap_is_a_question_with_what_it_counts_towards(world: World, signed_in: SignedIn) -> None:
    page = signed_in("dan").post("/stuck/", {"category": "alert"}, follow=True).text
    question = Question.objects.get()
    assert (question.person, question.service) == (world.people["dan"], world.alder)
    assert (question.competency.code, question.theme) == ("C13", "T10")  # type: ignore[union-attr]
    assert "Tessa Boyd will answer." in page
    assert "tell your shift lead now" in page


def test_sent_twice_it_is_one_question(world: World, signed_in: SignedIn) -> None:
    dan, sent = signed_in("dan"), {"category": "alert", "key": str(KEY)}
    first, second = (dan.post("/stuck/", sent, headers=JSON).json() for _ in range(2))
    assert first == second
    assert Question.objects.count() == 1
    # The page gone back to, and another button: that is another question.
    dan.post("/stuck/", {**sent, "category": "medicines"})
    assert Question.objects.count() == 2


def test_it_is_never_sent_as_somebody_else(world: World, signed_in: SignedIn) -> None:
    dan, eve = world.people["dan"], signed_in("eve")
    kept = {"category": "alert", "key": str(KEY), "person": dan.pseudonym}
    assert eve.post("/stuck/", kept, headers=JSON).status_code == 409
    assert eve.post("/stuck/", kept).status_code == 409
    assert not Question.objects.exists()
    assert signed_in("dan").post("/stuck/", kept, headers=JSON).status_code == 200
    assert Question.objects.get().person == dan


def test_a_key_of_somebody_elses_question_is_refused(world: World) -> None:
    ask(world, key=KEY)
    with pytest.raises(NotPermitted, match="somebody else"):
        ask(world, "sam", key=KEY)


@pytest.mark.parametrize(
    ("minutes", "believed"), [(-40, -40), (-60 * 24 * 13, -60 * 24 * 13), (30, 0), (0, 0)]
)
def test_r3_a_question_that_waited_happened_when_the_device_says(
    world: World, minutes: int, believed: int
) -> None:
    question = ask(world, happened_at=NOW + timedelta(minutes=minutes))
    assert question.happened_at == NOW + timedelta(minutes=believed)
    assert question.recorded_at == NOW


def test_after_two_weeks_it_is_told_to_ask_again(world: World, signed_in: SignedIn) -> None:
    sent = {"category": "alert", "asked_at": (NOW - timedelta(days=15)).isoformat()}
    refused = signed_in("dan").post("/stuck/", sent, headers=JSON)
    assert refused.status_code == 400
    assert "more than 14 days old" in refused.json()["problem"]


@pytest.mark.parametrize("sent", [{"category": "nonsense"}, {"category": "other", "asked_at": "x"}])
def test_what_makes_no_sense_gets_a_sentence(
    world: World, signed_in: SignedIn, sent: dict[str, str]
) -> None:
    dan = signed_in("dan")
    assert dan.post("/stuck/", sent).status_code == 400
    assert dan.post("/stuck/", sent, headers=JSON).json()["problem"].endswith(".")
    assert not Question.objects.exists()


def test_with_two_posts_one_is_asked_where(world: World, signed_in: SignedIn) -> None:
    assert 'hidden><label class="nhsuk-label" for="place"' in signed_in("dan").get("/stuck/").text
    world.add_post("dan", world.quayside, "CW")
    dan = signed_in("dan")
    page = dan.get("/stuck/").text
    assert '<option value="ALD" selected>Alder House' in page
    assert '<option value="QUA">Quayside Court' in page
    dan.post("/stuck/", {"category": "alert", "service": "QUA"})
    assert Question.objects.get().service == world.quayside


@pytest.mark.parametrize(("name", "status"), [("ada", 403), ("ruth", 200), ("helen", 200)])
def test_managers_ask_too_and_whoever_has_no_post_is_told(
    world: World, signed_in: SignedIn, name: str, status: int
) -> None:
    client = signed_in(name)
    assert client.get("/stuck/").status_code == status
    assert ('href="/stuck/"' in client.get("/").text) == (status == 200)


def test_an_ended_post_asks_nothing(world: World) -> None:
    with evidence.clock.at(NOW + timedelta(days=30)), pytest.raises(NotPermitted, match="no post"):
        ask(world, "eve")


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("tessa", True),
        ("ruth", False),
        ("cal", False),
        ("helen", False),
        ("quinn", False),
        ("ada", False),
        ("dan", False),
    ],
)
def test_r14_a_team_leader_of_the_service_answers(
    world: World, signed_in: SignedIn, name: str, allowed: bool
) -> None:
    question = ask(world)
    sent = {"how": "words", "words": "Under Food.", "category": "other"}
    response = signed_in(name).post(f"/stuck/{question.entry}/answer/", sent)
    assert response.status_code == (302 if allowed else 403)
    assert Answer.objects.exists() == allowed


def test_r14_nobody_answers_their_own_question(world: World, signed_in: SignedIn) -> None:
    question = ask(world, "tessa")
    with pytest.raises(NotPermitted, match="about yourself"):
        answer(world, question)
    # Nor is it among what waits for her, nor is she named as who answers.
    tessa = signed_in("tessa")
    assert "stuck at" not in tessa.get("/").text
    assert "Alder House has no team leader" in tessa.get(f"/stuck/{question.entry}/").text


def test_an_answer_is_words_or_was_shown(world: World) -> None:
    question = ask(world)
    with pytest.raises(NotPossible, match="Write the answer"):
        answer(world, question, words=" ")
    given = answer(world, question, how="shown", words="")
    assert not SupportWords.objects.filter(entry=given.entry).exists()


def test_r1_words_stand_beside_the_facts(world: World) -> None:
    question = ask(world, words="Declined meal?")
    given = answer(world, question)
    assert SupportWords.objects.get(entry=question.entry).text == "Declined meal?"
    assert SupportWords.objects.get(entry=given.entry).text == "Under Food, choose Declined."


def test_the_answer_is_new_until_it_is_opened(world: World, signed_in: SignedIn) -> None:
    question = ask(world)
    dan, page = signed_in("dan"), f"/stuck/{question.entry}/"
    assert "Not answered yet" in dan.get("/").text
    answer(world, question)
    home = dan.get("/").text
    assert "Tessa answered your question" in home
    assert "“Under Food, choose Declined.”" in home
    signed_in("ruth").get(page)  # a manager who looks has not read it for her
    assert not AnswerRead.objects.exists()
    assert "Tessa answered" in dan.get(page).text
    assert "answered your question" not in dan.get("/").text
    # A second answer, to put the first right, is new again.
    answer(world, question, words="Sorry: under Meals.")
    assert "Tessa answered your question" in dan.get("/").text


def test_a_few_words_afterwards(world: World, signed_in: SignedIn) -> None:
    question = ask(world)
    dan = signed_in("dan")
    address = f"/stuck/{question.entry}/words/"
    assert dan.post(address, {"words": " "}).status_code == 400
    shown = dan.post(address, {"words": "Declined meal?"}, follow=True).text
    assert "Declined meal?" in shown
    assert "Declined meal?" in signed_in("tessa").get("/questions/").text
    assert signed_in("sam").post(address, {"words": "x"}).status_code == 403
    answer(world, question)
    assert "answered already" in dan.post(address, {"words": "And?"}).text


def test_how_it_counts_is_for_whoever_answers_to_say(world: World) -> None:
    question = ask(world)
    answer(world, question, competency=world.check("C06").competency, theme="T13", category="other")
    [asked] = queries.asked(Question.objects.all())
    assert (asked.category, asked.competency, asked.theme) == (
        "other",
        world.check("C06").competency_id,
        "T13",
    )


def test_the_team_leader_has_it_on_her_home_with_its_age(world: World, signed_in: SignedIn) -> None:
    ask(world, happened_at=NOW - timedelta(hours=3))
    ask(world, "sam", "medicines")
    page = signed_in("tessa").get("/").text
    assert "2 people are stuck" in page
    assert "Waits 3 hours" in page
    listed = signed_in("tessa").get("/questions/").text
    assert listed.index("Daniela Popescu") < listed.index("Samuel Tetteh")


def test_only_readers_of_the_service_and_whoever_asked_see_it(
    world: World, signed_in: SignedIn
) -> None:
    address = f"/stuck/{ask(world).entry}/"
    seen = {
        n for n in ("dan", "ruth", "helen", "quinn", "sam", "ada") if _opens(signed_in(n), address)
    }
    assert seen == {"dan", "ruth", "helen"}


def _opens(client: Client, address: str) -> bool:
    return client.get(address).status_code == 200


def test_what_is_held_about_me_has_it(world: World, signed_in: SignedIn) -> None:
    question = ask(world, words="Declined meal?")
    answer(world, question)
    held = signed_in("dan").get("/held-about-me/").text
    assert "Asked “I’m stuck”:" in held
    assert "Declined meal?" in held
    assert "Under Food, choose Declined." in held


@pytest.mark.parametrize("path", ["/stuck/offline/", "/offline/"])
def test_the_pages_kept_on_a_device_are_about_nobody(
    world: World, signed_in: SignedIn, path: str
) -> None:
    out, dan = Client().get(path), signed_in("dan").get(path)
    assert out.content == dan.content
    assert "csrfmiddlewaretoken" not in out.text
    assert "data-person" not in out.text


def test_a_merged_person_is_oneself(world: World) -> None:
    from surehand.people import actions as people
    from surehand.people.access import COMMAND_LINE

    world.add_person("tessa2", "T Boyd", role=AccessRole.CARE_WORKER)
    world.add_post("tessa2", world.alder, "CW")
    question = ask(world, "tessa2")
    people.merge(by=COMMAND_LINE, person=world.people["tessa2"], into=world.people["tessa"])
    with pytest.raises(NotPermitted, match="about yourself"):
        answer(world, question)
