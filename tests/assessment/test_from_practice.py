"""A check in practice judged by an assessor: marking proposes, and the judgement names it (1.3)."""

import json
from collections.abc import Callable
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.test import Client

from surehand import evidence
from surehand.assessment import actions
from surehand.assessment.models import Assessment, AssessmentWords
from surehand.evidence.models import Entry
from surehand.evidence.refusal import NotPermitted, NotPossible
from surehand.people import actions as people
from surehand.people.access import COMMAND_LINE
from surehand.practice.models import Attempt, AttemptEnd
from tests.practice.goes import WELL, a_go, begin
from tests.provider import NOW, World

SignedIn = Callable[[str], Client]
LEFT, PRACTISE = AttemptEnd.How.LEFT, Attempt.Mode.PRACTISE


class AsItStands(HTMLParser):
    """What the form sends if nothing is changed in it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.sent: dict[str, str] = {}
        self._text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        its = dict(attrs)
        name, value = its.get("name") or "", its.get("value") or ""
        if tag == "input" and (its.get("type") != "radio" or "checked" in its):
            self.sent[name] = value
        self._text = name if tag == "textarea" else ""

    def handle_data(self, data: str) -> None:
        if self._text:
            self.sent[self._text] = data.strip()

    def handle_endtag(self, tag: str) -> None:
        self._text = ""


def judge(
    world: World, attempt: Attempt, *, by: str = "cal", code: str = "C02", **more: object
) -> Assessment:
    check = world.check(code)
    return actions.record_assessment(
        **{  # type: ignore[arg-type]
            "by": world.by(by),
            "happened_at": getattr(attempt, "end", attempt).happened_at,
            "person": attempt.person,
            "service": attempt.service,
            "check": check,
            "method": "practice",
            "judgements": {c["code"]: "met" for c in check.criteria},
            "attempt": attempt,
            **more,
        }
    )


@pytest.fixture
def attempt(world: World) -> Attempt:
    """Dan’s check in practice of yesterday, everything shown."""
    with evidence.clock.at(NOW - timedelta(days=1)):
        return a_go(world, "dan", code="S02", script=WELL)


def test_a_judgement_names_the_attempt_it_was_made_from(world: World, attempt: Attempt) -> None:
    assessment = judge(world, attempt)
    assert (assessment.attempt, assessment.outcome) == (attempt, "pass")
    assert assessment.happened_at == attempt.end.happened_at
    said = json.loads(bytes(Entry.objects.get(seq=assessment.entry).content))
    assert said["state"]["attempt"] == attempt.entry
    assert "C02" not in world.unmet("dan")


def test_r7_an_attempt_by_itself_makes_nobody_competent(world: World, attempt: Attempt) -> None:
    assert "C02" in world.unmet("dan")


def test_one_attempt_is_judged_once_for_each_competency(world: World, attempt: Attempt) -> None:
    first = judge(world, attempt)
    check = world.check("C02")
    other = {c["code"]: "not_met" for c in check.criteria}
    with pytest.raises(NotPossible, match="Callum Whitfield has judged this already"):
        judge(world, attempt, by="helen")
    judge(world, attempt, code="C04")
    # A corrected one still names it; a voided one lets it be judged again.
    corrected = judge(
        world, attempt, judgements=other, note="Wrong box.", reason="Mixed up.", corrects=first
    )
    assert corrected.attempt == attempt
    with pytest.raises(NotPossible, match="has judged this already"):
        judge(world, attempt, by="helen")
    actions.void_assessment(by=world.by("ruth"), assessment=corrected, reason="It was not seen.")
    assert judge(world, attempt, by="helen").attempt == attempt


@pytest.mark.parametrize("by", ["dan", "sam", "ruth", "quinn", "ada"])
def test_r14_who_may_judge_it(world: World, attempt: Attempt, by: str) -> None:
    with pytest.raises(NotPermitted):
        judge(world, attempt, by=by)


def test_r14_nobody_judges_their_own(world: World) -> None:
    own = a_go(world, "cal", code="S01")
    with evidence.clock.at(NOW + timedelta(hours=1)), pytest.raises(NotPermitted):
        judge(world, own, code="C01")
    people.merge(by=COMMAND_LINE, person=world.people["dan"], into=world.people["tessa"])
    with evidence.clock.at(NOW + timedelta(hours=1)), pytest.raises(NotPermitted):
        judge(world, a_go(world, "dan", code="S01"), code="C01", by="tessa")


def test_only_a_finished_check_of_this_person_here_and_in_time_is_judged(
    world: World, attempt: Attempt
) -> None:
    refused: list[tuple[str, Attempt, dict[str, object]]] = [
        ("another person", attempt, {"person": world.people["eve"]}),
        ("does not ask for", attempt, {"code": "C01"}),
        ("seen in practice", attempt, {"method": "live"}),
        ("when it ended", attempt, {"happened_at": NOW - timedelta(hours=2)}),
    ]
    with evidence.clock.at(NOW - timedelta(hours=3)):
        refused += [
            ("practice is not judged", a_go(world, "dan", code="S02", mode=PRACTISE), {}),
            ("not finished", a_go(world, "dan", code="S02", how=LEFT), {}),
            ("not finished", begin(world, "dan", code="S02"), {}),
        ]
    for said, each, more in refused:
        with pytest.raises(NotPossible, match=said):
            judge(world, each, **more)
    with evidence.clock.at(NOW + timedelta(days=14)), pytest.raises(NotPossible, match="14 days"):
        judge(world, attempt)
    assert not Assessment.objects.exists()


def test_agreeing_with_everything_is_one_tap(
    world: World, attempt: Attempt, signed_in: SignedIn
) -> None:
    cal = signed_in("cal")
    queue = cal.get("/assess/?service=ALD").text
    address = f"/assess/attempts/{attempt.entry}/C02/"
    assert "Checks in practice to judge" in queue
    assert address in queue
    assert "1 check in practice to judge" in cal.get("/").text
    # The note of four criteria is not asked for whole, so only its first competency waits.
    assert f"/assess/attempts/{attempt.entry}/C04/" not in queue
    page = cal.get(address).text
    assert "If you agree with all of it: Pass" in page
    assert 'id="step-2"' in page
    assert 'href="#step-' in page
    sent = AsItStands(page).sent
    assert {name: value for name, value in sent.items() if name.startswith("judged")} == {
        f"judged_{c['code']}": "met" for c in world.check("C02").criteria
    }
    # Whoever agrees agrees with what is proposed, whatever else was touched.
    code = world.check("C02").criteria[0]["code"]
    done = cal.post(address, {**sent, f"judged_{code}": "not_met", "agree": "yes"})
    assessment = Assessment.objects.get()
    assert done["Location"].startswith(f"/assessments/{assessment.entry}/")
    assert (assessment.attempt, assessment.outcome, assessment.method) == (
        attempt, "pass", "practice",
    )  # fmt: skip
    assert "See how it was done" in cal.get(done["Location"]).text
    assert address not in cal.get("/assess/?service=ALD").text
    assert "in practice to judge" not in cal.get("/").text
    # Whoever comes second is led to what the first one judged.
    assert signed_in("tessa").get(address)["Location"] == f"/assessments/{assessment.entry}/"


def test_what_was_missed_is_proposed_with_a_note_that_says_what(
    world: World, signed_in: SignedIn
) -> None:
    with evidence.clock.at(NOW - timedelta(days=1)):
        attempt = a_go(world, "dan", code="S01", script="stays in as the colleague")
    cal = signed_in("cal")
    address = f"/assess/attempts/{attempt.entry}/C01/"
    sent = AsItStands(cal.get(address).text).sent
    assert sent["note"].startswith("Not shown in practice: ")
    assert "not_met" in sent.values()
    cal.post(address, sent)
    assessment = Assessment.objects.get()
    assert assessment.outcome == "further_support"
    assert AssessmentWords.objects.get(entry=assessment.entry).text == sent["note"]


def test_where_marking_proposes_nothing_nothing_is_chosen(
    world: World, signed_in: SignedIn
) -> None:
    with evidence.clock.at(NOW - timedelta(days=1)):
        attempt = a_go(world, "dan", code="S06")
    cal = signed_in("cal")
    address = f"/assess/attempts/{attempt.entry}/C13/"
    page = cal.get(address).text
    sent = AsItStands(page).sent
    assert sent["judged_C13.1"] == "met"
    assert "judged_C13.5" not in sent
    assert "Marking proposes nothing here. Judge it yourself." in page
    assert "If you agree" not in page
    refused = cal.post(address, sent)
    assert refused.status_code == 400
    assert "Judge criterion 4" in refused.text
    # The assessor may judge otherwise than marking proposes, and counts their help.
    sent |= {"judged_C13.1": "not_met", "judged_C13.4": "met", "judged_C13.5": "met"}
    cal.post(address, {**sent, "help_C13.5": "1", "note": "Waited at the door."})
    assessment = Assessment.objects.get()
    assert (assessment.judgements["C13.1"], assessment.help_given) == ("not_met", {"C13.5": 1})
    assert assessment.outcome == "partial"


def test_the_page_is_for_assessors_of_the_service(
    world: World, attempt: Attempt, signed_in: SignedIn
) -> None:
    address = f"/assess/attempts/{attempt.entry}/C02/"
    assert signed_in("dan").get(address).status_code == 403
    assert signed_in("quinn").get(address).status_code == 403
    assert signed_in("cal").get(f"/assess/attempts/{attempt.entry}/C99/").status_code == 404
    assert signed_in("cal").get("/assess/attempts/1/C02/").status_code == 404
