"""A record is checked by a team leader, never by who wrote it nor twice by one person; gaps, their
evidence and immediate risks; corrections and voids."""

from datetime import timedelta
from typing import Any

import pytest

from surehand import evidence
from surehand.audits.calibration_queries import pairs
from surehand.audits.check_actions import check_record, void_check
from surehand.audits.check_policies import NewGap
from surehand.audits.checked import checked
from surehand.audits.escalation_actions import take_escalation
from surehand.audits.models import AuditItem, AuditWords, Criterion, Escalation, Gap, RecordCheck
from surehand.evidence.refusal import NotPermitted, NotPossible
from surehand.people import actions as people
from surehand.people.access import COMMAND_LINE, AccessRole
from surehand.people.models import AccessGrant, EcmAccountLink
from surehand.records.models import RecordText
from tests.audits.made import an_audit
from tests.provider import NOW, World
from tests.records.live import a_record, an_account

FELL = "Joyce was found on the floor by her bed. She says she slid."
MEETS = dict.fromkeys(Criterion.values, "meets")
LACKS = MEETS | {"complete": "not"}
TOLD = NewGap("complete", "T01", "serious", FELL.index("found"), len("found on the floor"))
RISK = NewGap("complete", "T08", "immediate")


@pytest.fixture
def item(world: World) -> AuditItem:
    """A note of Daniela’s, selected to be checked twice."""
    world.add_person("tom", "Tom Ashby", role=AccessRole.TEAM_LEADER, service=world.alder)
    record = a_record(world.alder, an_account("dan.p", person=world.people["dan"]), FELL)
    return an_audit(world.alder, [record], twice=True).items.get()


def check(world: World, item: AuditItem, by: str = "tessa", **more: Any) -> RecordCheck:
    given: dict[str, Any] = {"answers": MEETS, **more}
    return check_record(by=world.by(by), item=item, **given)


def test_a_check_with_its_gaps_is_one_entry_about_whose_record_it_is(
    world: World, item: AuditItem
) -> None:
    before = evidence.last_seq()
    done = check(world, item, answers=LACKS, gaps=[TOLD], note="Nobody was told.")
    assert evidence.last_seq() == done.entry == before + 1
    [found] = checked(at=NOW)
    assert (found.accurate, found.themes, found.by) == (False, {"T01"}, world.people["tessa"].pk)
    gap = Gap.objects.get()
    assert FELL[gap.start : gap.start + gap.length] == "found on the floor"
    told = evidence.queries.entry(seq=done.entry)  # type: ignore[attr-defined]
    assert told["subjects"] == [world.people["dan"].pseudonym]
    assert "told." not in str(told)
    assert AuditWords.objects.get(entry=done.entry).text == "Nobody was told."


@pytest.mark.parametrize("who", ["cal", "ruth", "helen", "queenie", "ada", "dan"])
def test_r14_only_a_team_leader_checks(world: World, item: AuditItem, who: str) -> None:
    with pytest.raises(NotPermitted, match="team leader"):
        check(world, item, who)


def test_r14_nobody_checks_their_own_record_nor_of_who_they_are_merged_with(
    world: World, item: AuditItem
) -> None:
    account = an_account("t.b", person=world.people["tessa"])
    own = an_audit(world.alder, [a_record(world.alder, account)]).items.get()
    with pytest.raises(NotPermitted, match="about yourself"):
        check(world, own)
    people.merge(by=world.by("ada"), person=world.people["dan"], into=world.people["tessa"])
    with pytest.raises(NotPermitted, match="about yourself"):
        check(world, item)


def test_r14_nor_where_it_became_known_later_whose_the_account_is(world: World) -> None:
    account = an_account("unknown")
    item = an_audit(world.alder, [a_record(world.alder, account)]).items.get()
    with evidence.act("accounts.imported", by=world.by("ada").actor) as act:
        act.record(
            EcmAccountLink(
                account=account, person=world.people["tessa"], from_date=NOW.date().replace(month=9)
            )
        )
    with pytest.raises(NotPermitted, match="about yourself"):
        check(world, item)


def test_the_second_check_is_by_another_and_each_is_made_once(
    world: World, item: AuditItem
) -> None:
    check(world, item)
    for second in (False, True):
        with pytest.raises(NotPossible, match="already"):
            check(world, item, second=second)
    with pytest.raises(NotPossible, match="A colleague checked"):
        check(world, item, "tom")
    assert check(world, item, "tom", second=True).second
    once = an_audit(world.alder, [a_record(world.alder, an_account())]).items.get()
    with pytest.raises(NotPossible, match="once only"):
        check(world, once, second=True)


@pytest.mark.parametrize(
    ("answers", "gaps", "note", "said"),
    [
        ({"complete": "meets"}, [], "", "Timely"),
        (MEETS | {"timely": "maybe"}, [], "", "Timely"),
        (MEETS | {"kind": "meets"}, [], "", "kind"),
        (LACKS, [], "", "what is missing under “Complete”"),
        (MEETS, [TOLD], "", "neither partly nor not"),
        (LACKS, [NewGap("complete", "T99")], "", "theme from the list"),
        (LACKS, [NewGap("complete", "T01", "dire")], "", "how severe"),
        (LACKS | {"timely": "not"}, [TOLD, NewGap("timely", "T01")], "", "under two answers"),
        (LACKS, [NewGap("complete", "T01", "minor", 50, 900)], "", "not in this record"),
        (LACKS, [NewGap("complete", "T01", "minor", 5, 0)], "", "not in this record"),
        (LACKS, [RISK], " ", "puts somebody at risk"),
        (LACKS, [TOLD], "x" * 1001, "Shorten"),
    ],
)
def test_what_a_check_must_be(
    world: World, item: AuditItem, answers: dict[str, str], gaps: list[NewGap], note: str, said: str
) -> None:
    with pytest.raises(NotPossible, match=said):
        check(world, item, answers=answers, gaps=gaps, note=note)
    assert not RecordCheck.objects.exists()


def test_what_can_no_longer_be_read_is_not_checked_but_corrected(
    world: World, item: AuditItem
) -> None:
    done = check(world, item)
    RecordText.objects.all().delete()
    with pytest.raises(NotPossible, match="no longer kept"):
        check(world, item, "tom", second=True)
    assert check(world, item, answers=LACKS, gaps=[TOLD], corrects=done, reason="A slip of a key")


def test_r15_who_checked_corrects_with_a_reason_and_it_counts_from_when_they_checked(
    world: World, item: AuditItem
) -> None:
    with evidence.clock.at(NOW - timedelta(hours=1)):
        first = check(world, item, answers=LACKS, gaps=[TOLD])
    known = evidence.last_seq()
    with pytest.raises(NotPermitted, match="Only who checked"):
        check(world, item, "tom", corrects=first, reason="I see it otherwise")
    with pytest.raises(NotPossible, match="Write the reason"):
        check(world, item, corrects=first)
    again = check(world, item, corrects=first, reason="It says she was told.", note="Line two.")
    assert [one.accurate for one in checked(at=first.happened_at)] == [True]
    assert [one.accurate for one in checked(at=NOW, known=known)] == [False]
    assert [one.text for one in AuditWords.objects.filter(entry=again.entry).order_by("pk")] == [
        "It says she was told.",
        "Line two.",
    ]
    with pytest.raises(NotPossible, match="corrected since"):
        check(world, item, corrects=first, reason="Once more")


def test_r15_another_authorised_person_voids_and_the_record_is_checked_anew(
    world: World, item: AuditItem
) -> None:
    done = check(world, item)
    with pytest.raises(NotPermitted, match="registered manager"):
        void_check(by=world.by("tom"), check=done, reason="Another record")
    people.grant_access(
        by=world.by("ada"), person=world.people["tessa"],
        role=AccessRole.REGISTERED_MANAGER, service=world.alder,
    )  # fmt: skip
    with pytest.raises(NotPermitted, match="Who checked cannot void"):
        void_check(by=world.by("tessa"), check=done, reason="Another record")
    people.grant_access(
        by=world.by("ada"), person=world.people["dan"],
        role=AccessRole.REGISTERED_MANAGER, service=world.alder,
    )  # fmt: skip
    with pytest.raises(NotPermitted, match="about yourself"):
        void_check(by=world.by("dan"), check=done, reason="Another record")
    void_check(by=world.by("ruth"), check=done, reason="Another record")
    assert checked(at=NOW) == []
    done.refresh_from_db()
    with pytest.raises(NotPossible, match="voided already"):
        void_check(by=world.by("helen"), check=done, reason="Another record")
    with pytest.raises(NotPossible, match="voided already"):
        check(world, item, corrects=RecordCheck.objects.get(pk=done.pk), reason="A slip")
    anew = check(world, item, "tom")
    assert [one.check for one in checked(at=NOW)] == [anew.pk]


def test_an_immediate_risk_is_told_to_the_registered_manager_in_the_same_act(
    world: World, item: AuditItem
) -> None:
    more = NewGap("complete", "T01", "immediate")
    done = check(world, item, answers=LACKS, gaps=[RISK, more], note="Nobody saw her head.")
    told = Escalation.objects.get()
    assert (told.entry, told.to, told.gap.check_of) == (done.entry, world.people["ruth"], done)
    check(world, item, answers=LACKS, gaps=[RISK], note="Still", corrects=done, reason="A word")
    assert Escalation.objects.count() == 1, "what was told is not told twice"


def test_what_was_done_about_a_risk_is_said_once_by_whom_it_was_told(
    world: World, item: AuditItem
) -> None:
    check(world, item, answers=LACKS, gaps=[RISK], note="Nobody has looked at her head.")
    told = Escalation.objects.get()
    with pytest.raises(NotPermitted, match="registered manager"):
        take_escalation(by=world.by("tessa"), escalation=told, words="Seen by 111.")
    with pytest.raises(NotPossible, match="what was done"):
        take_escalation(by=world.by("ruth"), escalation=told, words=" ")
    people.merge(by=world.by("ada"), person=world.people["dan"], into=world.people["nadia"])
    with pytest.raises(NotPermitted, match="about yourself"):
        take_escalation(by=world.by("nadia"), escalation=told, words="Seen by 111.")
    taken = take_escalation(by=world.by("ruth"), escalation=told, words="Seen by 111.")
    assert AuditWords.objects.get(entry=taken.entry).text == "Seen by 111."
    with pytest.raises(NotPossible, match="said already"):
        take_escalation(
            by=world.by("ruth"), escalation=Escalation.objects.get(), words="Seen again."
        )


def test_r14_a_risk_in_the_managers_own_record_is_the_providers(world: World) -> None:
    own = an_account(person=world.people["ruth"])
    item = an_audit(world.alder, [a_record(world.alder, own)]).items.get()
    check(world, item, answers=LACKS, gaps=[RISK], note="Nobody came.")
    told = Escalation.objects.get()
    assert told.to is None
    assert take_escalation(by=world.by("nadia"), escalation=told, words="I rang the home.")


def test_who_corrects_after_the_second_check_agrees_no_more_than_before(
    world: World, item: AuditItem
) -> None:
    alder = [world.alder.pk]
    late, lacks = MEETS | {"timely": "not"}, {"answers": LACKS, "gaps": [TOLD]}
    slip = check(world, item, answers=late, gaps=[NewGap("timely", "T01")])
    first = check(world, item, corrects=slip, reason="A slip of mine")
    second = check(world, item, "tom", second=True, **lacks)
    [before] = pairs(services=alder, at=NOW)
    assert (before.first[:2], before.second[:2]) == (("meets", "meets"), ("not", "meets"))
    check(world, item, corrects=first, reason="He is right", **lacks)
    check(world, item, "tom", corrects=second, reason="She was right")
    assert pairs(services=alder, at=NOW) == [before]


def test_r14_whoever_was_merged_since_corrects_their_own_check(
    world: World, item: AuditItem
) -> None:
    slip = check(world, item, answers=LACKS, gaps=[TOLD])
    world.add_person("tessa2", "T Boyd", role=AccessRole.TEAM_LEADER, service=world.alder)
    people.merge(by=COMMAND_LINE, person=world.people["tessa"], into=world.people["tessa2"])
    check(world, item, "tessa2", corrects=slip, reason="A slip")
    check(world, item, "tom", second=True)
    # What she said under either name is hers: the last before the other was there counts.
    [pair] = pairs(services=[world.alder.pk], at=NOW)
    assert pair.first == ("meets",) * 4
    last = RecordCheck.objects.get(supersedes=slip)
    check(world, item, "tessa2", corrects=last, reason="He is right", answers=LACKS, gaps=[TOLD])
    assert pairs(services=[world.alder.pk], at=NOW) == [pair]
    again = RecordCheck.objects.get(supersedes=last)
    check(world, item, "tessa", corrects=again, reason="No, I was")
    assert pairs(services=[world.alder.pk], at=NOW) == [pair]


def test_a_check_corrects_no_check_of_another_record(world: World, item: AuditItem) -> None:
    done = check(world, item)
    other = an_audit(world.alder, [a_record(world.alder, an_account())]).items.get()
    with pytest.raises(NotPossible, match="of another record"):
        check(world, other, corrects=done, reason="A slip")


def test_a_risk_where_nobody_is_the_registered_manager_is_the_providers(world: World) -> None:
    service = world.quayside
    world.add_person("tara", "Tara Finch", role=AccessRole.TEAM_LEADER, service=service)
    people.end_access(
        by=world.by("ada"),
        grant=AccessGrant.objects.get(person=world.people["quinn"], service=service),
    )
    item = an_audit(service, [a_record(service, an_account())]).items.get()
    check(world, item, "tara", answers=LACKS, gaps=[RISK], note="Nobody came.")
    told = Escalation.objects.get()
    assert told.to is None
    assert take_escalation(by=world.by("nadia"), escalation=told, words="I rang the home.")
