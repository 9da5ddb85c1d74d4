"""Each page asks the database a fixed number of times, however many people work here."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from surehand import evidence
from surehand.assessment import group_actions
from surehand.assessment.group import Answer
from surehand.assessment.models import GroupAssessment
from surehand.audits.cause_actions import say_cause
from surehand.audits.change_actions import request_change, step_change
from surehand.audits.finding_actions import reply_to_finding
from surehand.competency import actions as competency
from surehand.competency.plan_document import starter
from surehand.competency.plan_edits import require
from surehand.competency.rules import Level
from surehand.evidence.models import Entry
from surehand.imports import run as imports
from surehand.people.access import COMMAND_LINE, AccessRole
from surehand.people.queries import references_of
from surehand.practice import actions as practice
from surehand.practice import session_actions
from surehand.practice.models import Attempt, AttemptEnd, Playing, PracticeSession
from surehand.practice.play import Did
from surehand.practice.spot_check_actions import record_spot_check
from surehand.readiness import actions as readiness
from surehand.records.rows import Row
from surehand.records.signal_actions import reply_to_signal
from surehand.support import actions as support
from surehand.ui.page import address
from tests.audits.made import MEETS, a_check, an_audit
from tests.practice.goes import BADLY, a_go
from tests.provider import NOW, World, small_provider
from tests.records.live import a_record, an_account, noticed

pytestmark = [pytest.mark.django_db, pytest.mark.same_on_both]

FEW, MANY = 5, 40
COURSES = ("Data security awareness", "Fire safety")

# Who looks at what; every page that lists people, checks, shifts or files.
LISTS = [
    *((name, "/") for name in ("ruth", "cal", "tessa", "helen", "queenie", "paul", "nadia", "ada")),
    ("new-0", "/"),
    ("new-0", "/held-about-me/"),
    ("ruth", "/people/?service=ALD"),
    ("helen", "/people/?service=all"),
    ("ruth", "/matrix/?service=ALD"),
    ("ruth", "/readiness/?service=ALD"),
    ("ruth", "/live-use/?service=ALD"),
    ("ruth", "/live-use/?service=ALD&view=day"),
    ("ruth", "/live-use/?service=ALD&format=csv"),
    ("ruth", "/live-records/?service=ALD"),
    ("ruth", "/live-records/?service=ALD&format=csv"),
    ("cal", "/assess/?service=ALD"),
    ("cal", "/assess/groups/new/?service=ALD&check=C04"),
    ("cal", "group"),
    ("cal", "group people"),
    ("cal", "session"),
    ("cal", "judge session"),
    ("cal", "/practice/"),
    ("ruth", "/reviews/?service=ALD"),
    ("ruth", "/support/?service=ALD"),
    ("ruth", "/audits/gaps/?service=ALD"),
    ("ruth", "/audits/causes/new/?service=ALD&theme=T02"),
    ("ruth", "cause"),
    ("ruth", "/audits/changes/?service=ALD"),
    ("queenie", "change"),
    ("dan", "/audits/mine/"),
    ("queenie", "/audits/?service=ALD"),
    ("queenie", "/audits/new/?service=ALD"),
    ("ruth", "/audits/refreshers/?service=ALD"),
    ("ruth", "/audits/refreshers/new/?service=ALD"),
    ("helen", "/sign-off/?service=ALD"),
    ("ruth", "/imports/"),
    ("ruth", "/evidence/"),
    ("helen", "/evidence/"),
    ("helen", "/evidence/?who=New&by=Callum&kind=assessment.recorded"),
    ("helen", "/plan/"),
    ("helen", "/plan/versions/"),
    ("helen", "/plan/draft/"),
    ("helen", "/plan/draft/publish/?where=ALD"),
    ("ada", "/held-about-people-supported/"),
    ("ada", "/settings/ecm-profiles/"),
    ("ruth", "/settings/ecm-profiles/residential-nursing/"),
    ("new-0", "/practice/"),
    ("helen", "/practice/scenarios/"),
    ("ruth", "/practice/scenarios/S06/read/"),
    ("ruth", "/questions/?service=ALD"),
    ("ruth", "/practice/spot-checks/?service=ALD"),
    ("ruth", "/practice/spot-checks/whom/?service=ALD"),
    ("new-0", "/stuck/"),
    ("new-0", "/confidence/"),
    ("ruth", "/confidence/picture/?service=ALD&cell=further_support-low"),
    ("ruth", "/courses/?service=ALD&course=all"),
    ("helen", "/courses/to-check/?service=all"),
    ("ruth", "/courses/?service=ALD&format=csv"),
    ("ruth", "/practice/log/?service=ALD&cell=missed-low"),
    ("ruth", "/records/?service=ALD"),
    ("tessa", "/records/noticed/?service=ALD"),
    ("tessa", "record"),
    ("tessa", "/audits/check/?service=ALD"),
    ("tessa", "item"),
    ("ruth", "item"),
    ("queenie", "/audits/calibration/?service=ALD"),
    ("dan", "/records/mine/"),
    ("queenie", "/record-quality/?service=ALD"),
    ("queenie", "/record-quality/accuracy/?service=ALD"),
    ("queenie", "/record-quality/warnings/?service=ALD"),
    ("queenie", "/record-quality/records/?service=ALD&what=T04&group=days"),
    ("queenie", "/record-quality/records/?service=ALD&what=late"),
]


def add(world: World, numbers: range) -> None:
    """Care workers: each with a failed check, a shift and support; some ready to be signed off."""
    with evidence.clock.at(NOW - timedelta(days=3)):
        nobodys = an_account()
    for number in numbers:
        name = f"new-{number}"
        with evidence.clock.at(NOW - timedelta(days=3)):
            world.add_person(name, f"New Starter {number}", role=AccessRole.CARE_WORKER)
            world.add_post(name, world.alder, "CW")
            if number % 5 == 2:
                world.pass_all(name)
            else:
                world.fail(name, "C04")
            if number % 5 == 3:
                readiness.restrict(
                    by=world.by("ruth"), person=world.people[name], service=None, reason="Unsafe."
                )
            support.give_support(
                by=world.by("ruth"),
                person=world.people[name],
                service=world.alder.pk,
                new=support.NewSupport(
                    "coaching", world.people["tessa"], (NOW + timedelta(days=7)).date()
                ),
            )
        world.add_shift(name, NOW + timedelta(hours=6))
        with evidence.clock.at(NOW - timedelta(days=3)):
            support.say_confidence(
                by=world.by(name),
                competency=world.check("C04").competency,
                statement="alone",
                level=2,
            )
            a_go(world, name, script=BADLY)
            asked = support.ask(
                by=world.by(name),
                happened_at=None,
                key=uuid4(),
                service=world.alder,
                category="other",
                words="Where is it?",
            )
            account = an_account(f"{name}.ecm", person=world.people["dan" if number % 2 else name])
            record = a_record(world.alder, account, at=NOW - timedelta(days=2, minutes=number))
            noticed(record, "late_entry", "bulk_entry")
            a_record(world.alder, nobodys, at=NOW - timedelta(days=2), kept=False)
            record_spot_check(
                by=world.by("tessa"),
                person=world.people[name],
                service=world.alder,
                code="Q04",
                minutes=2,
                shown={"out": "shown", "own": "shown", "tells": "not_shown"},
            )
            if number % 2:
                support.answer(
                    by=world.by("tessa"),
                    question=asked,
                    how="shown",
                    words="",
                    category="other",
                    competency=None,
                    theme="",
                )
    references = references_of(world.people[f"new-{number}"].pk for number in numbers)
    rows = [f"{r},{c},2026-10-0{n}" for r in references.values() for n, c in enumerate(COURSES, 1)]
    file = "\n".join(["person_id,course,date", *rows]).encode()
    with evidence.clock.at(NOW - timedelta(days=3)):
        shown = imports.preview("attendance", file, "f.csv", by=COMMAND_LINE)
        imports.commit(shown, by=COMMAND_LINE)


def a_group(world: World, size: int) -> GroupAssessment:
    """Some of them in one room, one criterion judged for each."""
    with evidence.clock.at(NOW):
        by, check = world.by("cal"), world.check("C04")
        people = [p for name, p in world.people.items() if name.startswith("new-")]
        group = group_actions.begin(
            by=by,
            service=world.alder,
            check=check,
            method=check.methods[0],
            people=people[: min(size, group_actions.PEOPLE_AT_MOST)],
        )
        for row in group.people.all():
            group_actions.save_answer(
                by=by, row=row, criterion="C04.1", answer=Answer("met"), seen=0
            )
    return group


def a_session(world: World, size: int) -> PracticeSession:
    """Some of them in one group session: every third asks for help, every fourth has ended."""
    with evidence.clock.at(NOW):
        session = session_actions.open_session(
            by=world.by("cal"), service=world.alder, scenario="S06", mode=Attempt.Mode.CHECK
        )
        for number in range(min(size, 12)):
            by, person = world.by(f"new-{number}"), world.people[f"new-{number}"]
            for before in Playing.objects.filter(attempt__person=person):
                before.delete()
            attempt = session_actions.join_session(by=by, person=person, session=session)
            if number % 3 == 0:
                practice.take_step(
                    by=by, attempt=attempt, did=Did.ASK, what={}, revision=None, now=NOW
                )
            if number % 4 == 0:
                practice.help_given(by=world.by("cal"), attempt=attempt, seen=0)
                practice.end_attempt(by=by, attempt=attempt, how=AttemptEnd.How.FINISHED)
    return session


def a_noticed_record(world: World, size: int) -> int:
    """A record with many words noticed in it, and many replies of who wrote it."""
    with evidence.clock.at(NOW):
        account = an_account(person=world.people["dan"])
        record = a_record(world.alder, account, "word " * size)
        for number in range(size):
            noticed(record, "missing_action", words=(number * 5, 4))
            reply_to_signal(
                by=world.by("dan"), row=Row(record=record), code="missing_action", words=f"{number}"
            )
    return record.pk


def an_audit_of_many(world: World, size: int) -> int:
    """Records checked twice on which the two differed, with a gap each; the last is to be checked
    by Tessa."""
    with evidence.clock.at(NOW):
        account = an_account(person=world.people["dan"])
        records = [a_record(world.alder, account, f"Note {n}.") for n in range(size + 1)]
        *done, last = an_audit(world.alder, records, twice=True).items.all()
        for item in done:
            for by, second in (("tessa", False), ("cal", True)):
                a_check(
                    item,
                    world.people[by],
                    second=second,
                    answers=("not" if second else "partly", "meets", "meets", "meets"),
                    gaps=[("complete", "T08")],
                )
    return last.pk


def some_gaps(world: World, numbers: range) -> tuple[str, str]:
    """Gaps in records of theirs and of Daniela’s, with what she says; half with causes of each
    kind. The pages of the one about most, and of its change request."""
    theirs = [world.people[f"new-{number}"] for number in numbers]
    people = [each for their in theirs for each in (their, world.people["dan"])]
    with evidence.clock.at(NOW):
        records = [a_record(world.alder, an_account(person=person)) for person in people]
        items = an_audit(world.alder, records).items.order_by("number")
        checks = [
            a_check(
                item,
                world.people["tessa"],
                answers=("not", *MEETS[1:]),
                gaps=[("complete", "T02")],
            )
            for item in items
        ]
        for check in checks[1::2]:
            reply_to_finding(by=world.by("dan"), check=check, words="It was busy.")
        gaps = [check.gaps.get().pk for check in checks]
        said = partial(
            say_cause, by=world.by("ruth"), service=world.alder, theme="T02", reason="Seen."
        )
        cause = said(gaps=gaps[: len(gaps) // 2], why="workflow")
        for gap in gaps[len(gaps) // 2 : len(gaps) * 3 // 4]:
            said(gaps=[gap], why="training")
        requests = [
            request_change(by=world.by("ruth"), cause=cause, wording=f"Show the field, {number}.")
            for number in numbers
        ]
        for _ in numbers:
            step_change(by=world.by("ruth"), request=requests[0], state="sent", on=NOW.date())
            step_change(by=world.by("ruth"), request=requests[0], state="declined", on=NOW.date())
    return address("cause", cause.pk), address("change", requests[0].pk)


@pytest.fixture(scope="module")
def counted(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, list[int]]]:
    """How often each page asks, with few people and with many."""
    with django_db_blocker.unblock(), transaction.atomic():
        world = small_provider()
        competency.begin_draft(
            by=world.by("helen"),
            document=require(starter(), "C20", who=["CW"], settings=["R"], level=Level.CRIT),
            begun_from="version 1",
        )
        found: dict[str, list[int]] = {}
        for numbers in (range(FEW), range(FEW, MANY)):
            add(world, numbers)
            cause, change = some_gaps(world, numbers)
            room = address("group", a_group(world, len(numbers)).pk)
            session = address(
                "practice-session", a_session(world, 3 if numbers[0] == 0 else 12).entry
            )
            record = address("records-of-record", a_noticed_record(world, len(numbers)))
            item = address("records-of-check-item", an_audit_of_many(world, len(numbers)))
            for name, path in LISTS:
                where = {
                    "group": room,
                    "group people": f"{room}people/",
                    "session": session,
                    "judge session": session.replace("practice", "assess", 1),
                    "record": record,
                    "item": item,
                    "cause": cause,
                    "change": change,
                }.get(path, path)
                found.setdefault(f"{name} {path}", []).append(asked(world, name, where))
        yield found
        transaction.set_rollback(True)


def asked(world: World, name: str, path: str) -> int:
    client = Client()
    # A session is touched once a minute by the machine's own clock, however many people there are.
    # Who practises takes a while, and what is recorded afterwards stands later: all of it is there.
    later = Entry.objects.latest("seq").recorded_at
    with override_settings(SESSION_SAVE_EVERY_REQUEST=False), evidence.clock.at(later):
        client.force_login(world.people[name].sign_in)
        assert client.get(path).status_code == 200, path  # what is asked once is asked now
        with CaptureQueriesContext(connection) as statements:
            client.get(path)
    return len(statements)


@pytest.mark.parametrize("page", [f"{name} {path}" for name, path in LISTS])
def test_a_page_asks_as_often_for_forty_people_as_for_five(
    counted: dict[str, list[int]], page: str
) -> None:
    few, many = counted[page]
    # Of many entries alike, a page shows fewer kinds, and may ask once less.
    assert few - 1 <= many <= few
    assert many <= 100
