"""Saying why gaps arose: who may, of which gaps, and what is kept (2.4, R14, R15, R20)."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from surehand import evidence
from surehand.audits import cause_queries as queries
from surehand.audits.cause import Standing, Suggestion, Why, suggest
from surehand.audits.cause_actions import say_cause, support_for
from surehand.audits.cause_pages import lines_of
from surehand.audits.check_actions import check_record
from surehand.audits.check_policies import NewGap
from surehand.audits.finding_pages import lines_of as told_to_them
from surehand.audits.finding_queries import of_people
from surehand.audits.models import AuditWords, Cause, Criterion, Gap
from surehand.ecm.queries import profile_for
from surehand.evidence.refusal import NotPermitted, NotPossible
from surehand.people import actions as people
from surehand.people.access import COMMAND_LINE, AccessRole
from surehand.people.models import EcmAccountLink
from surehand.support import actions as support
from tests.audits.made import MEETS, a_check, an_audit
from tests.provider import NOW, World
from tests.records.live import a_record, an_account

LACKS = ("not", *MEETS[1:])
THEME = "T02"


@pytest.fixture(autouse=True)
def clock() -> object:
    with evidence.clock.at(NOW):
        yield


def gaps_of(world: World, *names: str, theme: str = THEME, section: str = "food") -> list[int]:
    """A gap of a theme in a note of each of these people at Alder, as the team leader found it."""
    records = [
        a_record(world.alder, an_account(person=world.people[name]), section=section)
        for name in names
    ]
    audit = an_audit(world.alder, records)
    checker = "helen" if "tessa" in names else "tessa"
    found = []
    for item in audit.items.order_by("number"):
        check = a_check(item, world.people[checker], answers=LACKS, gaps=[("complete", theme)])
        found.append(check.gaps.get().pk)
    return found


def say(world: World, gaps: list[int], why: str = "training", **more: object) -> Cause:
    given = {
        "by": world.by("ruth"),
        "service": world.alder,
        "theme": THEME,
        "gaps": gaps,
        "why": why,
        "reason": "Nobody was shown the field.",
    }
    return say_cause(**(given | more))  # type: ignore[arg-type]


def test_the_registered_manager_says_it_with_a_reason_and_the_suggestion_is_kept(
    world: World,
) -> None:
    for name in ("dan", "sam", "cal"):
        world.assess(name, "C04", by="tessa", happened_at=NOW - timedelta(days=2))
    gaps = gaps_of(world, "dan", "sam", "cal")
    cause = say(world, gaps, "workflow")
    assert set(cause.gaps.values_list("gap_id", flat=True)) == set(gaps)
    assert AuditWords.objects.get(entry=cause.entry).text == "Nobody was shown the field."
    kept = Suggestion.from_json(cause.suggested)
    assert (kept.why, kept.for_it[0].numbers) == (Why.WORKFLOW, (3,))
    assert cause.decide_by is None
    assert queries.waiting([world.alder.pk], at=NOW) == {}


@pytest.mark.parametrize("name", ["tessa", "cal", "quinn", "helen", "queenie", "ada", "dan"])
def test_nobody_else_says_it(world: World, name: str) -> None:
    gaps = gaps_of(world, "sam")
    with pytest.raises(NotPermitted, match="registered manager"):
        say(world, gaps, by=world.by(name))


def test_r14_not_of_a_record_of_ones_own_and_a_deputy_can(world: World) -> None:
    gaps = gaps_of(world, "ruth")
    with pytest.raises(NotPermitted, match="Nobody else has a registered manager’s access at Ald"):
        say(world, gaps)
    people.grant_access(
        by=COMMAND_LINE,
        person=world.people["wendy"],
        role=AccessRole.REGISTERED_MANAGER,
        service=world.alder,
    )
    with pytest.raises(NotPermitted, match="Wendy Okoro can"):
        say(world, gaps, "practice", subject=world.people["ruth"])
    said = say(world, gaps, "practice", subject=world.people["ruth"], by=world.by("wendy"))
    assert said.subject == world.people["ruth"]


def test_r14_merged_people_are_one(world: World) -> None:
    twin = world.add_person("twin", "R. Adeyemi", sign_in=False)
    people.merge(by=world.by("ada"), person=twin, into=world.people["ruth"])
    gaps = gaps_of(world, "twin")
    with pytest.raises(NotPermitted, match="You wrote one of these records"):
        say(world, gaps)


def test_r14_nor_where_it_became_known_later_whose_the_account_is(world: World) -> None:
    account = an_account("unknown")
    item = an_audit(world.alder, [a_record(world.alder, account)]).items.get()
    check = a_check(item, world.people["tessa"], answers=LACKS, gaps=[("complete", THEME)])
    with evidence.act("accounts.imported", by=COMMAND_LINE.actor) as act:
        begins = date(2026, 9, 1)
        act.record(EcmAccountLink(account=account, person=world.people["ruth"], from_date=begins))
    with pytest.raises(NotPermitted, match="You wrote one of these records"):
        say(world, [check.gaps.get().pk])


def test_r15_a_cause_is_corrected_though_a_check_it_rests_on_was(world: World) -> None:
    gaps = gaps_of(world, "dan")
    cause = say(world, gaps, "practice", subject=world.people["dan"])
    found = Gap.objects.get(pk=gaps[0]).check_of
    a_check(found.item, world.people["tessa"], supersedes=found)
    corrected = say(world, gaps, "training", corrects=cause)
    assert queries.about(corrected) == queries.about(cause) != []
    with pytest.raises(NotPossible, match="its check was corrected since"):
        say(world, gaps)


@pytest.mark.parametrize(
    ("more", "refused"),
    [
        ({"reason": " "}, "Write why"),
        ({"why": "lazy"}, "Say what the cause is"),
        ({"why": "practice"}, "Say whose it is"),
        ({"gaps": []}, "at least one gap"),
        ({"theme": "T99"}, "training theme"),
        ({"theme": "T06"}, "not of this service and theme"),
        ({"reason": "x" * 1001}, "Shorten it"),
    ],
)
def test_what_is_refused_says_why(world: World, more: dict[str, object], refused: str) -> None:
    gaps = gaps_of(world, "dan")
    with pytest.raises(NotPossible, match=refused):
        say(world, **({"gaps": gaps} | more))  # type: ignore[arg-type]
    assert not Cause.objects.exists()


def test_only_individual_practice_names_a_person_and_only_in_their_own_records(
    world: World,
) -> None:
    mine, other = gaps_of(world, "dan", "sam")
    dan = world.people["dan"]
    with pytest.raises(NotPossible, match="no mark against anybody"):
        say(world, [mine], "workflow", subject=dan)
    with pytest.raises(NotPossible, match="not written by this person"):
        say(world, [mine, other], "practice", subject=dan)
    assert say(world, [mine], "practice", subject=dan).subject == dan


def test_no_gap_has_two_causes_and_a_correction_takes_the_place_of_the_first(world: World) -> None:
    gaps = gaps_of(world, "dan", "sam")
    unsure = say(world, gaps, "unsure")
    assert unsure.decide_by == date(2026, 12, 2)
    with pytest.raises(NotPossible, match="already said why"):
        say(world, gaps[:1])
    decided = say(world, gaps, "training", corrects=unsure)
    with pytest.raises(NotPossible, match="corrected already"):
        say(world, gaps, "workflow", corrects=unsure)
    assert set(queries.causes_of(gaps, at=NOW).values()) == {decided}
    assert queries.undecided([world.alder.pk], at=NOW) == []
    # As known before the correction it was not decided yet.
    before = queries.causes_of(gaps, at=NOW, known=unsure.entry)
    assert set(before.values()) == {unsure}


def test_a_gap_of_a_check_corrected_since_has_no_cause(world: World) -> None:
    gaps = gaps_of(world, "dan")
    check = Gap.objects.get(pk=gaps[0]).check_of
    a_check(check.item, world.people["tessa"], supersedes=check)
    with pytest.raises(NotPossible, match="corrected since"):
        say(world, gaps)


def test_r20_support_is_born_of_the_cause_and_counts_the_next_time(world: World) -> None:
    gaps = gaps_of(world, "dan")
    dan = world.people["dan"]
    cause = say(world, gaps, "practice", subject=dan)
    new = support.NewSupport("coaching", world.people["sam"], date(2026, 11, 25))
    given = support_for(by=world.by("ruth"), cause=cause, new=new, note="Sit with one note.")
    assert (given.person, given.because) == (dan, cause.entry)
    with pytest.raises(NotPossible, match="recorded already"):
        support_for(by=world.by("ruth"), cause=cause, new=new)
    for name in ("dan", "quinn"):
        with pytest.raises(NotPermitted):
            support_for(by=world.by(name), cause=cause, new=new)
    support.finish_support(
        by=world.by("ruth"), action=given, service=world.alder.pk, outcome="helped", note="Done."
    )
    later = NOW + timedelta(days=3)
    with evidence.clock.at(later):
        account = an_account(person=dan)
        audit = an_audit(world.alder, [a_record(world.alder, account, at=NOW + timedelta(days=1))])
        a_check(
            audit.items.get(),
            world.people["tessa"],
            answers=LACKS,
            gaps=[("complete", THEME)],
            at=later,
        )
        again = queries.waiting([world.alder.pk], at=later)[world.alder.pk]
        known = queries.known_of(again, service=world.alder.pk, theme=THEME, at=later)
    assert [gap.supports for gap in known.seen] == [1]


def test_support_follows_individual_practice_alone(world: World) -> None:
    cause = say(world, gaps_of(world, "dan"))
    new = support.NewSupport("coaching", world.people["sam"], date(2026, 11, 25))
    with pytest.raises(NotPossible, match="follows from individual practice"):
        support_for(by=world.by("ruth"), cause=cause, new=new)


def test_how_whoever_wrote_stood_when_they_wrote(world: World) -> None:
    world.assess("sam", "C04", happened_at=NOW - timedelta(days=2))
    world.assess("cal", "C04", by="tessa")  # passed only after the record was written
    gaps_of(world, "sam", "cal", "eve", "rose")
    asked = support.ask(
        by=world.by("dan"),
        happened_at=None,
        key=uuid4(),
        service=world.alder,
        category="where_to_record",
    )
    support.answer(
        by=world.by("tessa"),
        question=asked,
        how="shown",
        words="",
        category="where_to_record",
        competency=None,
        theme=THEME,
    )
    found = queries.waiting([world.alder.pk], at=NOW)[world.alder.pk]
    known = queries.known_of(found, service=world.alder.pk, theme=THEME, at=NOW)
    by_person = {gap.person: gap for gap in known.seen}
    sam, cal, eve, rose = (by_person[world.people[n].pk] for n in ("sam", "cal", "eve", "rose"))
    assert (sam.standing, cal.standing) == (Standing.CURRENT, Standing.NEVER)
    assert (sam.agency, eve.agency, sam.new) == (False, True, False)
    assert rose.standing is Standing.NEVER, "no post at this service"
    assert (known.asked, known.questions) == (1, 1)
    assert suggest(known).why is Why.TRAINING


def test_others_manage_who_wrote_there_without_the_gap(world: World) -> None:
    gaps_of(world, "sam")
    account = an_account(person=world.people["dan"])
    audit = an_audit(world.alder, [a_record(world.alder, account, section="food")])
    a_check(audit.items.get(), world.people["tessa"])
    found = queries.waiting([world.alder.pk], at=NOW)[world.alder.pk]
    known = queries.known_of(found, service=world.alder.pk, theme=THEME, at=NOW)
    assert known.without == {("note", "food"): {world.people["dan"].pk}}


def test_the_note_of_a_corrected_check_is_told_without_why_it_was_corrected(world: World) -> None:
    found = Gap.objects.get(pk=gaps_of(world, "dan")[0]).check_of
    again = check_record(
        by=world.by("tessa"),
        item=found.item,
        answers=dict(zip(Criterion.values, LACKS, strict=True)),
        gaps=[NewGap("complete", THEME)],
        note="No amount.",
        corrects=found,
        reason="I pressed the wrong key.",
    )
    profile = profile_for(world.alder.setting, at=NOW)
    (line,) = lines_of(queries.gaps_of(world.alder.pk, at=NOW), profile, at=NOW)
    (told,) = told_to_them(
        of_people([world.people["dan"].pk], at=NOW),
        profiles={world.alder.setting: profile},
        services={world.alder.pk: world.alder},
        new=frozenset(),
        at=NOW,
    )
    assert (told.check, told.noted, line.noted) == (again.pk, "No amount.", "No amount.")


def test_a_record_that_two_audits_drew_speaks_once(world: World) -> None:
    record = a_record(world.alder, an_account(person=world.people["dan"]))
    for _ in range(3):
        item = an_audit(world.alder, [record]).items.get()
        a_check(item, world.people["tessa"], answers=LACKS, gaps=[("complete", THEME)])
    found = queries.gaps_of(world.alder.pk, at=NOW)
    known = queries.known_of(found, service=world.alder.pk, theme=THEME, at=NOW)
    assert (len(found), len(known.seen)) == (3, 1)
    assert suggest(known).for_it[0].code == "few"
