"""What is done to a record that was there, what a record is linked to, and words written twice."""

from typing import Any

from surehand.practice.marking import Result
from surehand.practice.play import Did, Step, linkable, play
from tests.practice.test_how_to import EXAMPLE, PROFILE, marked, read, refused

RECORDS = """\
records:
  - {code: n1, type: note, about: ruth, section: health, at: "08:00", by: Bea, offers: [flag]}
  - {code: p1, type: plan, about: ruth, section: health, at: "08:00", by: You,
     offers: [approve, return]}
flags:
  - {code: spelling, text: Spelling}
  - {code: no_action, text: No action}
"""
EXPECTED = """\
  - code: sent_back
    act_on: {record: p1, how: return, says: {what is missing: [advice]}}
    well: You sent it back.
    fix: Send it back.
  - code: no_spelling
    must_not: {act_on: {how: flag, flag: spelling}}
    well: You left the spelling.
    fix: Leave the spelling.
"""
SCENARIO = EXAMPLE.replace("hints:\n", RECORDS + "hints:\n") + EXPECTED


def acted(record: str, how: str, **what: Any) -> tuple[int, Did, dict[str, Any]]:
    return (30, Did.ACT_ON, {"record": record, "how": how, **what})


def test_a_reason_is_looked_at_for_the_facts_asked_for() -> None:
    scenario = read(SCENARIO)
    full = marked(scenario, acted("p1", "return", reason="No advice from the therapist"))
    bare = marked(scenario, acted("p1", "return", reason="Not good"))["sent_back"]
    assert full["sent_back"].result == Result.MET
    assert (bare.result, bare.because) == (
        Result.PARTLY,
        ("The reason does not say what is missing.",),
    )


def test_what_must_not_be_done_to_any_record() -> None:
    scenario = read(SCENARIO)
    for flag, result in (("spelling", Result.NOT_MET), ("no_action", Result.MET)):
        assert marked(scenario, acted("n1", "flag", flag=flag))["no_spelling"].result == result
    assert "Name the record" in refused(
        SCENARIO.replace("{record: p1, how: return", "{how: return")
    )


def test_an_event_may_wait_until_a_record_is_dealt_with() -> None:
    waits = SCENARIO.replace(
        "contacts:\n", "  - {code: next, when: {acted_on: p1}, says: It is back.}\ncontacts:\n"
    )
    step = Step(1, 30, Did.ACT_ON, {"record": "p1", "how": "approve"})
    assert play(read(waits), [step]).arrived["next"] == 30
    assert "“n9” is not known" in refused(waits.replace("acted_on: p1", "acted_on: n9"))


def test_the_same_words_about_two_people_are_nobody_s_own() -> None:
    other = (
        '  - {code: max, name: Max Hale, where: Room 5, born: "1939-01-01", about: Max reads.}\n'
    )
    scenario = read(EXAMPLE.replace("tasks:\n", other + "tasks:\n", 1))
    fields = {"status": "done"}
    mine = {"type": "task", "about": "ruth", "task": "aid", "fields": fields, "text": "New battery"}
    hers = (40, Did.RECORD, mine)
    pasted = (50, Did.RECORD, {**mine, "about": "max", "text": "new  battery"})
    assert marked(scenario, hers)["recorded"].result == Result.MET
    assert marked(scenario, hers, pasted)["recorded"].because == (
        "The same words stand in the record of Max Hale.",
    )


def test_a_record_may_be_linked_to_what_is_not_an_alert() -> None:
    linked = EXAMPLE.replace("      task: aid\n", "      task: aid\n      links: silent\n")
    assert "has no title to be chosen by" in refused(linked)
    scenario = read(
        linked.replace("code: silent\n", "code: silent\n    title: Her hearing aid\n", 1)
    )
    found = linkable(scenario, PROFILE, play(scenario, [], 30))
    assert found == [("silent", "Her hearing aid, 08:30")]
    assert linkable(scenario, PROFILE, play(scenario, [], 10)) == []
    did = {"type": "task", "about": "ruth", "task": "aid", "fields": {"status": "done"}}
    loose = marked(scenario, (40, Did.RECORD, {**did, "text": "Battery"}))["recorded"]
    tied = marked(scenario, (40, Did.RECORD, {**did, "text": "Battery", "links": "silent"}))
    assert loose.because == ("It is not linked to what it belongs with.",)
    assert tied["recorded"].result == Result.MET
