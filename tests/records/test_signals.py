"""What was noticed is answered by a team leader, never about one’s own record, and remembered."""

from datetime import timedelta

import pytest

from surehand import evidence
from surehand.evidence.refusal import NotPermitted, NotPossible
from surehand.people import actions as people
from surehand.records import signal_queries as queries
from surehand.records.models import RecordsWords, SignalAnswer
from surehand.records.reasons import FINE, fine_for
from surehand.records.rows import Row
from surehand.records.signal_actions import answer_signal, reply_to_signal
from surehand.records.signal_forms import AnswerForm
from surehand.screening import SIGNALS
from tests.provider import NOW, World
from tests.records.live import a_record, an_account, an_alert, noticed

FELL = "Joyce was found on the floor by her bed. She says she slid."
ON_THE_FLOOR = (FELL.index("found"), len("found on the floor"))
CODE = "incident_in_note"


@pytest.fixture
def fell(world: World) -> Row:
    """A note of Daniela’s that tells of a fall, noticed."""
    account = an_account("dan.p", person=world.people["dan"])
    record = a_record(world.alder, account, FELL, fields={"mood": "settled"})
    noticed(record, CODE, strength="useful", words=ON_THE_FLOOR)
    return Row(record=record)


def fine(world: World, row: Row, *, by: str = "tessa", **more: object) -> SignalAnswer:
    given = {"code": CODE, "answer": "fine", "reason": "elsewhere", **more}
    return answer_signal(by=world.by(by), row=row, **given)  # type: ignore[arg-type]


def waiting(world: World) -> int:
    return queries.noticed(world.alder.pk, queries.Asked()).count()


def test_only_a_reason_that_can_be_why_is_offered_and_taken(world: World) -> None:
    alert = an_alert(world.alder)
    noticed(alert, "alert_without_response")
    form = AnswerForm(code="alert_without_response")
    offered = [reason for reason, _ in form.fields["reason"].choices]
    assert offered == ["elsewhere", "offline", "corrected", "other", "needs"]
    with pytest.raises(NotPossible, match="Choose why this is fine"):
        fine(world, Row(alert=alert), code="alert_without_response", reason="standard")
    assert all({"corrected", "other"} <= fine_for(signal.code).keys() for signal in SIGNALS)
    every = {reason for signal in SIGNALS for reason in fine_for(signal.code)}
    assert every == FINE.keys()


def test_an_answer_is_one_entry_and_takes_it_off_the_list(world: World, fell: Row) -> None:
    before = evidence.last_seq()
    assert waiting(world) == 1
    given = fine(world, fell, words="In the falls book.")
    assert evidence.last_seq() == given.entry == before + 1
    assert waiting(world) == 0
    assert queries.noticed(world.alder.pk, queries.Asked(answered="fine")).count() == 1
    assert RecordsWords.objects.get(entry=given.entry).text == "In the falls book."


def test_it_stays_answered_when_the_record_is_screened_again(world: World, fell: Row) -> None:
    fine(world, fell)
    fell.record.screened.delete()  # type: ignore[union-attr]
    noticed(fell.record, CODE, words=ON_THE_FLOOR)  # type: ignore[arg-type]
    assert waiting(world) == 0


def test_what_a_later_version_says_is_looked_at_anew(world: World, fell: Row) -> None:
    fine(world, fell)
    old = fell.record
    assert old is not None
    type(old).objects.filter(pk=old.pk).update(replaced_by=evidence.last_seq())
    again = a_record(
        world.alder, old.account, FELL, record_id=old.record_id, version=2, change_type="amend"
    )
    noticed(again, CODE)
    assert waiting(world) == 1


def test_a_second_answer_takes_the_place_of_the_first_it_has_seen(world: World, fell: Row) -> None:
    first = fine(world, fell)
    with pytest.raises(NotPossible, match="after you opened the page"):
        fine(world, fell, answer="needs", reason="needs", words="Write it up.")
    second = fine(
        world, fell, answer="needs", reason="needs", words="Write it up.", seen=first.entry
    )
    assert second.supersedes == first
    assert queries.answers_of([fell])[fell.id, 1, CODE] == second


@pytest.mark.parametrize("who", ["cal", "ruth", "helen", "queenie", "ada", "eve"])
def test_r14_only_a_team_leader_answers(world: World, fell: Row, who: str) -> None:
    with pytest.raises(NotPermitted, match="team leader"):
        fine(world, fell, by=who)


def test_r14_nobody_answers_for_their_own_record_nor_for_who_they_are_merged_with(
    world: World,
) -> None:
    own = Row(record=a_record(world.alder, an_account("t.b", person=world.people["tessa"])))
    noticed(own.record, CODE)  # type: ignore[arg-type]
    with pytest.raises(NotPermitted, match="about yourself"):
        fine(world, own)
    hers = Row(record=a_record(world.alder, an_account("d.p", person=world.people["dan"])))
    noticed(hers.record, CODE)  # type: ignore[arg-type]
    people.merge(by=world.by("ada"), person=world.people["dan"], into=world.people["tessa"])
    with pytest.raises(NotPermitted, match="about yourself"):
        fine(world, hers)


@pytest.mark.parametrize(
    ("answer", "reason", "words", "said"),
    [
        ("fine", "needs", "", "Choose why"),
        ("fine", "because", "", "Choose why"),
        ("fine", "other", " ", "own words"),
        ("needs", "needs", "", "what it needs"),
        ("needs", "offline", "x", "fine or needs"),
        ("fine", "other", "x" * 1001, "Shorten"),
    ],
)
def test_an_answer_has_a_reason(
    world: World, fell: Row, answer: str, reason: str, words: str, said: str
) -> None:
    with pytest.raises(NotPossible, match=said):
        fine(world, fell, answer=answer, reason=reason, words=words)
    assert not SignalAnswer.objects.exists()


def test_what_is_not_noticed_is_not_answered(world: World, fell: Row) -> None:
    with pytest.raises(NotPossible, match="no longer noticed"):
        fine(world, fell, code="late_entry")


def test_only_the_author_replies_and_the_words_are_about_them(world: World, fell: Row) -> None:
    with pytest.raises(NotPermitted, match="who wrote this"):
        reply_to_signal(by=world.by("tessa"), row=fell, code=CODE, words="I did tell.")
    said = reply_to_signal(by=world.by("dan"), row=fell, code=CODE, words="I told Tessa.")
    told = evidence.queries.entry(seq=said.entry)  # type: ignore[attr-defined]
    assert told["subjects"] == [world.people["dan"].pseudonym]
    assert "Tessa" not in str(told)


def test_an_account_counts_for_the_days_it_was_somebodys(world: World) -> None:
    account = an_account("shift.tablet", shared=True)
    noticed(a_record(world.alder, account), CODE)
    noticed(a_record(world.alder, an_account("nobody.knows")), CODE)
    mine = a_record(world.alder, an_account("dan.p", person=world.people["dan"]))
    before = a_record(world.alder, mine.account, at=NOW - timedelta(days=200))
    noticed(mine, CODE)
    noticed(before, CODE)
    found = queries.of_people(frozenset({world.people["dan"].pk}), since=NOW - timedelta(days=365))
    assert [each.record for each in found] == [mine]
