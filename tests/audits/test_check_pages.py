"""The worklist and the check page: what is shown to whom, and what is kept from whom until when."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from surehand import evidence
from surehand.audits import check_pages as pages
from surehand.audits import check_queries as queries
from surehand.audits.anchors import ANCHORS, KEYS, MUSTS, guidance, question_of
from surehand.audits.calibration_pages import agreement_lines
from surehand.audits.calibration_queries import pairs
from surehand.audits.check_actions import check_record, void_check
from surehand.audits.check_policies import NewGap
from surehand.audits.escalation_actions import take_escalation
from surehand.audits.models import (
    Answer,
    Audit,
    AuditItem,
    Criterion,
    Escalation,
    Gap,
    RecordCheck,
    RiskMail,
)
from surehand.audits.risk_mail import MOST_TRIES, due, send, who_must_act
from surehand.competency.themes import THEMES
from surehand.ecm.profile import STARTERS, starter
from surehand.evidence.refusal import NotPossible
from surehand.people.access import COMMAND_LINE, AccessRole
from surehand.people.actions import merge
from surehand.people.models import Person
from surehand.records.models import LiveRecord, RecordSeen, RecordText
from surehand.ui.formats import local
from tests.audits.made import a_check, an_audit
from tests.provider import NOW, World
from tests.records.live import a_record, an_account, noticed

FELL = "Found on the floor by the bed. She says she slid. All care given."
MEETS = {**dict.fromkeys(Criterion.values, "meets"), "do": "check"}


@pytest.fixture
def tom(world: World) -> Person:
    return world.add_person("tom", "Tom Ashby", role=AccessRole.TEAM_LEADER, service=world.alder)


def fell(world: World) -> LiveRecord:
    record = a_record(world.alder, an_account(person=world.people["dan"]), FELL)
    noticed(record, "incident_in_note", words=(0, 18))
    return record


def an_item(world: World, record: LiveRecord | None = None, **more: bool) -> AuditItem:
    return an_audit(world.alder, [record or fell(world)], **more).items.get()


def href(item: AuditItem) -> str:
    return f"/audits/items/{item.pk}/"


Browser = Callable[[str], Client]


def text(client: Client, item: AuditItem) -> str:
    return client.get(href(item)).content.decode()


# --- Anchors --------------------------------------------------------------------------------------


def test_every_answer_has_its_meaning_and_every_theme_a_key_of_its_own() -> None:
    assert list(ANCHORS) == list(Criterion)
    for anchor in ANCHORS.values():
        assert set(anchor.answers) == set(Answer.values)
        assert set(anchor.themes) <= set(THEMES)
    taken = [*KEYS.values(), *pages.ANSWER_KEYS.values(), *"EVTZ1234"]
    assert len(taken) == len(set(taken))
    assert set(KEYS) == set(THEMES)


@pytest.mark.parametrize("code", STARTERS)
def test_the_profile_fills_what_is_asked_of_each_of_its_record_types(code: str) -> None:
    profile = starter(code)
    for kind in profile.record_types:
        assert kind.code in MUSTS, f"anchors.yaml says nothing of {kind.code}"
        for setting in kind.settings:
            asked = [
                [
                    question_of(c, record_type=kind.code, profile=profile, setting=setting),
                    *guidance(c, record_type=kind.code, profile=profile, setting=setting),
                ]
                for c in Criterion
            ]
            assert all(asked)
    asked = question_of(Criterion.TIMELY, record_type="note", profile=profile, setting="R")
    assert ("60 minutes" in asked) == ("R" in profile.settings)


@given(st.text(alphabet="ab .!?\n’é", max_size=60))
def test_sentences_are_where_they_say_and_none_of_the_words_is_lost(said: str) -> None:
    found = pages.sentences(said)
    for where, words in found:
        start, length = map(int, where.split(","))
        assert said[start : start + length] == words
    assert all(any(c.isalnum() and c in words for _, words in found) for c in said if c.isalnum())


# --- What waits for whom --------------------------------------------------------------------------


def waits(world: World, who: str) -> list[tuple[int, bool]]:
    found = queries.places(by=world.by(who), services=[world.alder.pk])
    return [(place.item.number, place.second) for place in found if place.open]


def test_records_wait_in_their_order_without_ones_own_and_those_done(
    world: World, tom: Person
) -> None:
    own = a_record(world.alder, an_account(person=world.people["tessa"]))
    gone = a_record(world.alder, an_account(), kept=False)
    audit = an_audit(world.alder, [own, fell(world), gone, fell(world)])
    assert waits(world, "tessa") == [(2, False), (4, False)]
    assert waits(world, "tom") == [(1, False), (2, False), (4, False)]
    a_check(audit.items.get(number=2), world.people["tessa"])
    assert waits(world, "tessa") == [(4, False)]
    assert waits(world, "tom") == [(1, False), (4, False)]


def test_a_second_check_waits_for_another_and_comes_back_when_it_is_voided(
    world: World, tom: Person
) -> None:
    item = an_item(world, twice=True)
    first = a_check(item, world.people["tessa"])
    assert (waits(world, "tessa"), waits(world, "tom")) == ([], [(1, True)])
    second = a_check(item, tom, second=True)
    assert waits(world, "tom") == []
    void_check(by=world.by("ruth"), check=RecordCheck.objects.get(pk=first.pk), reason="Too fast")
    assert (waits(world, "tessa"), waits(world, "tom")) == ([(1, False)], [])
    assert second.second


def test_the_pace_is_ones_own_and_pauses_are_none_of_it(world: World) -> None:
    audit = an_audit(world.alder, [fell(world) for _ in range(5)])
    assert queries.minutes_left(by=world.by("tessa"), records=10) is None
    for item, minutes in zip(audit.items.all(), (0, 2, 3, 5, 60), strict=True):
        a_check(item, world.people["tessa"], at=NOW + timedelta(minutes=minutes))
    assert queries.minutes_left(by=world.by("tessa"), records=10) == 20


# --- The page -------------------------------------------------------------------------------------


def test_before_the_answers_nothing_is_told_of_who_wrote_it_nor_why_it_was_chosen(
    world: World, signed_in: Browser
) -> None:
    item = an_audit(world.alder, [fell(world)], why=["follow_up"]).items.get()
    page = text(signed_in("tessa"), item)
    assert "Shown after you answer" in page
    assert "Daniela" not in page
    assert "follow" not in page.lower()
    assert "<mark>Found on the floor</mark>" in page
    assert [seen.person for seen in RecordSeen.objects.all()] == [world.people["tessa"]]
    done = signed_in("tessa").post(href(item), MEETS, follow=True).content.decode()
    assert "was written by Daniela Popescu" in done


def test_a_blind_record_is_read_without_what_screening_noticed(
    world: World, signed_in: Browser
) -> None:
    item = an_item(world, blind=True)
    before = text(signed_in("tessa"), item)
    assert "<mark>" not in before
    assert "tell of an incident" not in before
    assert "shown after you answer" in before
    signed_in("tessa").post(href(item), MEETS)
    assert "<mark>Found on the floor</mark>" in text(signed_in("tessa"), item)


def test_whoever_checks_second_sees_nothing_of_the_first(
    world: World, tom: Person, signed_in: Browser
) -> None:
    item = an_item(world, twice=True)
    check_record(
        by=world.by("tessa"), item=item, gaps=[NewGap("complete", "T08")], note="Nobody was told.",
        answers=dict.fromkeys(Criterion.values, "meets") | {"complete": "not"},
    )  # fmt: skip
    page = text(signed_in("tom"), item)
    assert "Does this record hold up?" in page
    assert "Nobody was told" not in page
    assert "Tessa" not in page
    assert " checked>" not in page.replace('value="minor" data-key="V" checked>', "")
    signed_in("tom").post(href(item), MEETS)
    both = text(signed_in("tom"), item)
    assert "Nobody was told" in both
    assert "The second check" in both


def test_gaps_are_saved_with_the_words_that_show_them(world: World, signed_in: Browser) -> None:
    item = an_item(world)
    client = signed_in("tessa")
    sent = MEETS | {"complete": "not", "complete-theme": ["T08", "T01"], "timely": "partly"}
    wrong = client.post(href(item), sent)
    assert wrong.status_code == 422
    assert "Say what is missing: Timely" in wrong.content.decode()
    sent |= {"timely-theme": "T04", "complete-severity": "serious", "complete-shown": "0,30"}
    assert client.post(href(item), sent).status_code == 302
    assert {
        (g.theme, g.severity, FELL[max(g.start, 0) :][: g.length]) for g in Gap.objects.all()
    } == {
        ("T08", "serious", FELL[:30]),
        ("T01", "serious", FELL[:30]),
        ("T04", "minor", ""),
    }


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"complete-shown": "0,999"}, "not in this record"),
        ({"complete-shown": "; drop"}, "words that show it again"),
        ({"complete-theme": ["T99"]}, "T99"),
        ({"complete-severity": "immediate"}, "at risk now"),
        ({"timely": "not", "timely-theme": ["T08"]}, "as well"),
        ({"note": "x" * 1001}, "1000"),
        ({"complete": "perhaps"}, "perhaps"),
    ],
)
def test_what_cannot_be_saved_is_said_and_nothing_is_lost(
    world: World, signed_in: Browser, sent: dict[str, object], said: str
) -> None:
    item = an_item(world)
    usual = {"complete": "not", "complete-theme": ["T08"], "right_section": "na"}
    page = signed_in("tessa").post(href(item), MEETS | usual | sent)
    assert page.status_code == 422
    assert said in page.content.decode()
    assert (
        'name="right_section" value="na" data-key="A" data-answer checked' in page.content.decode()
    )
    assert not RecordCheck.objects.exists()


def test_ones_own_answers_are_changed_with_a_reason(world: World, signed_in: Browser) -> None:
    item, client = an_item(world), signed_in("tessa")
    client.post(href(item), MEETS)
    page = client.get(f"{href(item)}?change").content.decode()
    assert "Why do you change your answers?" in page
    client.post(href(item), MEETS | {"timely": "na", "do": "change", "reason": "Migrated."})
    held = RecordCheck.objects.get(superseded_by=None)
    assert held.timely == "na"
    assert queries.noted([held])[held.pk].reason == "Migrated."
    assert "Migrated." in text(client, item)
    world.add_person("tessa2", "T Boyd", role=AccessRole.TEAM_LEADER, service=world.alder)
    assert "?change" not in text(signed_in("tessa2"), item)
    merge(by=COMMAND_LINE, person=world.people["tessa"], into=world.people["tessa2"])
    assert "?change" in text(signed_in("tessa2"), item)


def test_what_happened_meanwhile_is_said_in_a_sentence(
    world: World, tom: Person, signed_in: Browser
) -> None:
    client, gone = signed_in("tessa"), an_item(world)
    RecordText.objects.filter(record__record_id=gone.record_id).delete()
    assert "no longer kept" in text(client, gone)
    late = client.post(href(gone), MEETS)
    assert (late.status_code, "no longer kept, so it" in late.content.decode()) == (409, True)
    newer = an_item(world)
    LiveRecord.objects.filter(record_id=newer.record_id).update(replaced_by=1)
    assert "A later version of this record" in text(client, newer)


def test_where_a_colleague_was_first_what_was_entered_stays_on_the_page(
    world: World, tom: Person, signed_in: Browser
) -> None:
    item, client = an_item(world), signed_in("tessa")
    a_check(item, tom)
    sent = MEETS | {"complete": "not", "complete-theme": "T08", "complete-shown": "0,18"}
    sent |= {"complete-severity": "immediate", "note": "Her head!", "timely": ""}
    late = client.post(href(item), sent)
    page = late.content.decode()
    assert late.status_code == 409
    assert "Tom Ashby checked this record while you had it open" in page
    assert "Nobody was told of it" in page
    mine = page[page.index("What you entered: not saved") : page.index("What was found</h2>")]
    for kept in ("Not answered", "Her head!", "<q>Found on the floor</q>", THEMES["T08"].title):
        assert kept in mine
    # The same sent twice is nothing to be told of.
    again = an_item(world)
    assert [client.post(href(again), MEETS).status_code for _ in range(2)] == [302, 302]
    assert "You have checked this record already" in client.post(href(again), sent).content.decode()
    assert RecordCheck.objects.count() == 2


def test_where_two_checks_are_wanted_the_later_of_two_at_once_is_the_second(
    world: World, tom: Person, signed_in: Browser
) -> None:
    item, client = an_item(world, twice=True), signed_in("tessa")
    assert 'name="leg" value="first"' in text(client, item)
    a_check(item, tom)
    page = client.post(href(item), MEETS | {"leg": "first"}, follow=True).content.decode()
    assert "yours is the second check" in page
    assert RecordCheck.objects.get(by=world.people["tessa"]).second


def test_auditors_at_work_are_given_different_records(
    world: World, tom: Person, signed_in: Browser
) -> None:
    one, two = an_audit(world.alder, [fell(world), fell(world)]).items.order_by("number")
    tessa, toms = signed_in("tessa"), signed_in("tom")
    begin = "/audits/check/?service=ALD&next=1"
    assert [tessa.get(begin).url, tessa.get(begin).url] == [href(one)] * 2  # type: ignore[attr-defined]
    text(tessa, one)
    assert toms.get(begin).url == href(two)  # type: ignore[attr-defined]
    assert "Tessa Boyd opened this record at" in text(toms, one)
    text(toms, two)
    assert tessa.post(href(one), MEETS).url == href(two)  # type: ignore[attr-defined]
    with evidence.clock.at(NOW + queries.WORKED_ON):
        assert toms.get(begin).url == href(two)  # type: ignore[attr-defined]
        assert "opened this record" not in text(tessa, two)


def test_a_check_is_voided_by_the_registered_manager_on_its_page(
    world: World, signed_in: Browser
) -> None:
    item = an_item(world)
    check = a_check(item, world.people["tessa"])
    assert "Void this check" not in text(signed_in("tessa"), item)
    ruth = signed_in("ruth")
    assert "Void this check" in text(ruth, item)
    ruth.post(href(item), {"void": check.pk, f"void-{check.pk}-reason": "Read too fast."})
    assert hasattr(RecordCheck.objects.get(), "void")
    assert waits(world, "tessa") == [(1, False)]


def test_a_risk_stands_first_at_home_until_it_is_said_what_was_done(
    world: World, signed_in: Browser
) -> None:
    item = an_item(world)
    risk = {"complete": "not", "complete-theme": "T08", "complete-severity": "immediate"}
    signed_in("tessa").post(href(item), MEETS | risk | {"note": "Nobody saw her head."})
    home = signed_in("ruth").get("/").content.decode()
    assert home.index("Somebody may be at risk now") < home.index("sh-task__why")
    told = Gap.objects.get().escalation
    taken = {"take": told.pk, f"risk-{told.pk}-words": "Seen by 111."}
    page = signed_in("ruth").post(href(item), taken, follow=True).content.decode()
    assert "Seen by 111." in page
    assert "Somebody may be at risk now" not in signed_in("ruth").get("/").content.decode()


def test_who_must_act_on_a_risk_is_mailed_at_once_and_the_mail_says_nothing_of_it(
    world: World, signed_in: Browser, settings: Any, mailoutbox: list[Any]
) -> None:
    risk = MEETS | {"complete": "not", "complete-theme": "T08", "complete-severity": "immediate"}
    risk |= {"note": "Nobody saw her head."}
    signed_in("tessa").post(href(an_item(world)), risk)
    assert mailoutbox == [], "no mail is set up"
    settings.MAIL = True
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
    item = an_item(world)
    signed_in("tessa").post(href(item), risk)
    (sent,) = mailoutbox
    assert sent.to == ["ruth@example.org"]
    assert f"https://testserver{href(item)}\n" in sent.body
    told = f"{sent.subject} {sent.body}"
    record = LiveRecord.objects.get(record_id=item.record_id)
    names = [str(person) for person in world.people.values()] + ["Joyce", "Alder"]
    for secret in (*names, *FELL.split(". "), "her head", THEMES["T08"].title, record.record_id):
        assert secret not in told, secret
    # Where whoever leads the service wrote the record, it is whoever answers for the provider.
    own = an_item(world, a_record(world.alder, an_account(person=world.people["ruth"])))
    assert who_must_act(_told(world, own)) == {world.people["nadia"]: "nadia@example.org"}


def test_a_risk_mail_that_was_refused_is_tried_again_for_a_day_and_sent_once(
    world: World, signed_in: Browser, settings: Any, mailoutbox: list[Any]
) -> None:
    settings.MAIL, usual = True, settings.EMAIL_BACKEND
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
    # A mail server that is not there
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", 1, False
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    risk = MEETS | {"complete": "not", "complete-theme": "T08", "complete-severity": "immediate"}
    item = an_item(world)
    signed_in("tessa").post(href(item), risk | {"note": "Nobody saw her head."})
    told = Escalation.objects.get()
    for name in ("tessa", "queenie"):
        assert "was refused" not in signed_in(name).get("/").content.decode()
    home = signed_in("ada").get("/").content.decode()
    assert "A mail to Ruth Adeyemi about something urgent was refused" in home
    assert THEMES["T08"].title not in home
    for _ in range(2):
        with pytest.raises(NotPossible, match="One mail about something urgent was refused"):
            due()
    settings.EMAIL_BACKEND = usual
    assert due() == ["One mail about something urgent was sent."]
    assert [mail.to for mail in mailoutbox] == [["ruth@example.org"]]
    assert f"https://testserver{href(item)}\n" in mailoutbox[0].body
    send.call(told.pk, "https://testserver/")  # done again
    assert due() == []
    assert len(mailoutbox) == 1
    assert "was refused" not in signed_in("ada").get("/").content.decode()
    held = RiskMail.objects.get()
    for refused in ({"tries": MOST_TRIES}, {"person": world.people["dan"]}):
        RiskMail.objects.all().delete()
        again = {"escalation": told, "page": held.page, "claimed_at": NOW, "failure": "421 Busy"}
        RiskMail.objects.create(**{"person": held.person, "tries": 1} | again | refused)
        assert due() == [], "so often it was tried; they need not act any more"
    RiskMail.objects.update(person=held.person, tries=1)
    take_escalation(by=world.by("ruth"), escalation=told, words="Seen by 111.")
    assert due() == [], "somebody has acted"
    assert "was refused" not in signed_in("ada").get("/").content.decode()
    assert len(mailoutbox) == 1


def test_what_was_found_is_read_as_at_any_moment_and_changed_only_now(
    world: World, signed_in: Browser
) -> None:
    early = NOW - timedelta(hours=3)
    with evidence.clock.at(early):
        item, waits = an_audit(world.alder, [fell(world), fell(world)], at=early).items.all()
    with evidence.clock.at(NOW - timedelta(hours=2)):
        risk = _told(world, item)
    with evidence.clock.at(NOW - timedelta(hours=1)):
        take_escalation(by=world.by("ruth"), escalation=risk, words="Seen by 111.")
        check_record(
            by=world.by("tessa"), item=item, answers=dict.fromkeys(Criterion.values, "meets"),
            corrects=risk.gap.check_of, reason="Another record.",
        )  # fmt: skip

    def page(who: str, minutes: int, known: str = "") -> str:
        at = local(NOW - timedelta(minutes=minutes))
        when = f"?at_date={at:%Y-%m-%d}&at_time={at:%H:%M}&known={known}"
        answer = signed_in(who).get(href(item) + when)
        return answer.content.decode() if answer.status_code == 200 else str(answer.status_code)

    assert page("ruth", 240) == "404"
    assert "Nobody has checked it yet" in page("ruth", 150)
    # What was known then: the risk, and nothing done about it; and there is nothing to press.
    then = page("ruth", 90, "then")
    assert "Nobody has said yet what was done" in then
    assert THEMES["T08"].title in then
    for later in ("Seen by 111.", "Keep what was done", "Void this check"):
        assert later not in then
    assert "Change your answers" not in page("tessa", 30)
    assert "Seen by 111." in page("ruth", 30)
    assert "Void this check" in text(signed_in("ruth"), item)
    # A record that waits for whoever asks is checked as it is now, and the page says so.
    asked = signed_in("tessa").get(f"{href(waits)}?at_date={local(NOW):%Y-%m-%d}&at_time=07:30")
    assert "it stands here as it is now" in asked.content.decode()


def _told(world: World, item: AuditItem) -> Escalation:
    check = check_record(
        by=world.by("tessa"), item=item, gaps=[NewGap("complete", "T08", "immediate")], note="Now.",
        answers=dict.fromkeys(Criterion.values, "meets") | {"complete": "not"},
    )  # fmt: skip
    return Escalation.objects.get(entry=check.entry)


def test_the_evidence_tells_of_a_check_of_a_record_nobody_is_known_to_have_written(
    world: World, signed_in: Browser
) -> None:
    item = an_item(world, a_record(world.alder, an_account()))
    signed_in("tessa").post(href(item), MEETS)
    for who in ("ruth", "helen"):
        assert signed_in(who).get("/evidence/").status_code == 200


# --- Calibration ----------------------------------------------------------------------------------


def differing(world: World, tom: Person, count: int) -> Audit:
    audit = an_audit(world.alder, [fell(world) for _ in range(count)], twice=True)
    for number, item in enumerate(audit.items.all()):
        a_check(item, world.people["tessa"])
        answers = ("not" if number % 4 == 0 else "meets", "meets", "meets", "meets")
        a_check(item, tom, second=True, answers=answers)
    return audit


def test_agreement_is_told_of_twenty_records_and_not_of_fewer(
    world: World, tom: Person, signed_in: Browser
) -> None:
    differing(world, tom, 19)
    page = signed_in("tessa").get("/audits/calibration/?service=ALD").content.decode()
    assert "Too few to tell" in page
    known = evidence.last_seq()
    differing(world, tom, 1)
    found = pairs(services=[world.alder.pk], at=NOW)
    complete, timely, *_ = agreement_lines(found)
    assert (complete.records, complete.said) == (20, "70% of 20 records")
    assert timely.kappa == "All answers were the same"
    assert len(pairs(services=[world.alder.pk], at=NOW, known=known)) == 19
    page = signed_in("queenie").get("/audits/calibration/?service=ALD").content.decode()
    assert "Least on “Complete”" in page
    assert "Something it must say is missing." in page
    assert "At all services together" in page
    assert "Tessa" not in page.split("</header>")[1]
