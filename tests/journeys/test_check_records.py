"""Journey: two auditors check records by keyboard alone, apart from each other; an immediate risk
reaches the registered manager, who says what was done. The key presses are counted."""

from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import expect

from surehand.audits.checked import checked
from surehand.audits.models import Audit, Gap
from surehand.people.access import AccessRole
from tests.audits.made import an_audit
from tests.journeys.conftest import Visit
from tests.journeys.test_by_keyboard import tab_to
from tests.provider import NOW, World
from tests.records.live import a_record, an_account, noticed, somebody

FELL = (
    "Found on the floor next to the bed, no injury seen. Assisted back to bed with two staff and "
    "made comfortable. Settled well, slept the rest of the night. No concerns. Pad changed at "
    "05:00. Cup of tea at 06:30."
)
EARLIER = "Settled well, slept through the rest of the night. No concerns."
FIELDS = {"mood": "settled", "support": "two", "outcome": "met", "choice": ""}


def a_weeks_audit(world: World) -> Audit:
    """Six notes at Alder: one tells of a fall, one is Tessa’s own, the rest are plain."""
    world.add_person("tom", "Tom Ashby", role=AccessRole.TEAM_LEADER, service=world.alder)
    dan = an_account("dan.p", person=world.people["dan"])
    earlier = a_record(world.alder, dan, EARLIER, subject=somebody(world.alder, "M H"))
    fell = a_record(
        world.alder, dan, FELL, at=NOW - timedelta(days=1, hours=6),
        late=timedelta(hours=5, minutes=42), fields=FIELDS, section="sleep",
    )  # fmt: skip
    noticed(fell, "incident_in_note", strength="useful", words=(0, 18))
    stock = FELL.index("Settled")
    noticed(fell, "reused_wording", strength="useful", words=(stock, 55), beside=earlier)
    noticed(fell, "late_entry")
    own = a_record(world.alder, an_account("t.b", person=world.people["tessa"]))
    plain = [
        a_record(world.alder, dan, f"Walked to the garden at {n}. Her knee is less stiff.")
        for n in (9, 10, 11)
    ]
    noticed(plain[0], "late_entry")
    with_own = [plain[0], own, fell, *plain[1:]]
    return an_audit(world.alder, with_own, twice=True)


def presses(visit: Visit, keys: str) -> int:
    """Press these keys one after another; how many that was."""
    pressed = keys.split()
    for key in pressed:
        visit.page.keyboard.press(key)
    return len(pressed)


def saves(visit: Visit, keys: str) -> int:
    """The same, the last of which saves and loads the next page."""
    *before, last = keys.split()
    presses(visit, " ".join(before))
    with visit.page.expect_navigation():
        visit.page.keyboard.press(last)
    visit.checked()
    return len(before) + 1


def test_two_auditors_check_records_by_keyboard_and_a_risk_is_told(
    world: World, visit: Callable[..., Visit]
) -> None:
    # Given an audit of five notes, one of them Tessa's own
    audit = a_weeks_audit(world)
    # When Tessa opens what waits for her, she is told neither why nor whose
    tessa = visit("tessa").goes_to("/audits/check/?service=ALD").sees("One is yours")
    tessa.heading("Which records at Alder House wait for you?").shot("check-list")
    tab_to(tessa, lambda on: on["text"] == "Check the next record")
    saves(tessa, "Enter")
    tessa.heading("Does this record hold up?").sees("Shown after you answer")
    tessa.does_not_see("Daniela Popescu").sees("1 of 4").shot("check-first")
    # Then a record that meets all it should takes five presses, and the next comes by itself
    assert saves(tessa, "m m m m Enter") == 5
    tessa.sees("was written by Daniela Popescu").sees("2 of 4").sees("Screening drew attention")
    # When the next one tells of a fall in a note, she says by keys what is missing
    presses(tessa, "n x u v e ArrowDown Enter")
    expect(tessa.page.get_by_label("Missing action", exact=False).first).to_be_checked()
    tessa.checked().shot("check-gaps")
    presses(tessa, "2 n l 3 p g 4 m")
    # And saving asks for nothing that is there already; a slip is undone
    with_gaps = saves(tessa, "Enter")
    assert with_gaps == 1
    tessa.sees("3 of 4")
    saves(tessa, "z")
    tessa.heading("Does this record hold up?").sees("Why do you change your answers?")
    tessa.shot("check-change")
    presses(tessa, "1 v t")
    tessa.page.keyboard.type("Nobody looked at her head.")
    presses(tessa, "Escape")
    saves(tessa, "Enter")
    tessa.sees("Ruth Adeyemi is told of the immediate risk").sees("3 of 4")
    # And the keys are shown, and go away again
    presses(tessa, "?")
    tessa.sees("go to a question").checked().shot("check-keys")
    presses(tessa, "Escape")
    # Then the others, the last of which lacks two things: nine presses
    assert saves(tessa, "p d 2 m n g 4 m Enter") == 9
    saves(tessa, "m m a m Enter")
    tessa.heading("Which records at Alder House wait for you?").sees("Nothing waits for you here")
    assert len(checked(at=NOW, audit=audit.pk)) == 4
    assert {gap.severity for gap in Gap.objects.filter(theme="T08")} == {"serious", "immediate"}

    # When Tom checks them a second time, he sees nothing of what she found
    tom = visit("tom").goes_to("/audits/check/?service=ALD").clicks("Check the next record")
    tom.sees("1 of 5").does_not_see("Tessa Boyd").does_not_see("Missing action, not").shot(
        "check-tom"
    )
    for _ in range(4):
        saves(tom, "m m m m Enter")
    # Then one of Tessa's own is his alone
    saves(tom, "m m m m Enter")
    tom.sees("Nothing waits for you here")

    # When Ruth opens her home page, the risk stands first
    ruth = visit("ruth").goes_to("/").shot("check-risk-home")
    expect(ruth.page.locator(".sh-task__what").first).to_contain_text("may be at risk now")
    ruth.clicks("may be at risk now").sees("Nobody has said yet what was done").shot("check-risk")
    ruth.fills("What was done?", "She was seen by 111; no injury.")
    with ruth.page.expect_navigation():
        ruth.page.get_by_role("button", name="Keep what was done").click()
    ruth.checked().sees("She was seen by 111").shot("check-found")
    ruth.goes_to("/").does_not_see("may be at risk now")


def test_two_auditors_at_once_get_different_records_and_nothing_entered_is_lost(
    world: World, visit: Callable[..., Visit]
) -> None:
    # Given three notes to be checked once each, and two auditors who have both opened the worklist
    world.add_person("tom", "Tom Ashby", role=AccessRole.TEAM_LEADER, service=world.alder)
    notes = [a_record(world.alder, an_account(), f"To the garden at {n}.") for n in (9, 10, 11)]
    an_audit(world.alder, notes)
    tessa, tom = (visit(who).goes_to("/audits/check/?service=ALD") for who in ("tessa", "tom"))
    # When both begin, they have different records
    tessa.clicks("Check the next record").sees("To the garden at 9")
    tom.clicks("Check the next record").sees("To the garden at 10")
    saves(tessa, "m m m m Enter")
    tessa.sees("To the garden at 11")
    # When Tom opens hers all the same, he is told so
    tom.goes_to(tessa.page.url.removeprefix(tom.address))
    tom.sees("Tessa Boyd opened this record at").shot("check-elsewhere")
    saves(tessa, "m m m m Enter")
    presses(tom, "n x 2 m 3 m 4 m t")
    tom.page.keyboard.type("Which garden?")
    presses(tom, "Escape")
    saves(tom, "Enter")
    # Then what he entered stands beside hers, and he goes on
    tom.sees("Tessa Boyd checked this record while you had it open").sees("Which garden?")
    tom.sees("What you entered: not saved").sees("Missing action").shot("check-meanwhile")
    tom.clicks("Check the next record").sees("To the garden at 10")


def test_without_the_script_and_on_a_phone_it_is_a_plain_form(
    world: World, visit: Callable[..., Visit]
) -> None:
    a_weeks_audit(world)
    tessa = visit("tessa", phone=True, dark=True).goes_to("/audits/check/?service=ALD")
    tessa.shot("check-list-phone").clicks("Check the next record").shot("check-phone")
    page = tessa.page
    page.get_by_role("group", name="Complete").get_by_label("Not applicable").check()
    page.get_by_role("group", name="Timely").get_by_label("Partly").check()
    with page.expect_navigation():
        page.get_by_role("button", name="Save and next").click()
    tessa.checked().sees("Say what is missing: Timely").sees("Answer “Person-specific”")
    tessa.shot("check-phone-errors")
    page.get_by_role("group", name="Timely").get_by_label("Late entry").first.check()
    page.get_by_role("group", name="Person-specific").get_by_label("Meets").check()
    page.get_by_role("group", name="Entered in").get_by_label("Meets").check()
    with page.expect_navigation():
        page.get_by_role("button", name="Save and next").click()
    tessa.checked().sees("was written by").shot("check-phone-next")
