"""A small provider for tests, built by the product's own actions under a fixed clock.

Alder House (residential, live since 14 September 2026) and Quayside Court (nursing, live since
5 October). Everybody with an access role, and a few people to be assessed:

    helen    workforce lead             ruth    registered manager, Alder
    wendy    a second workforce lead    quinn   registered manager, Quayside
    nadia    nominated individual       cal     assessor, Alder (has a post: senior care worker)
    paul     project lead               tessa   team leader, Alder (has a post)
    queenie  quality lead               ada     administrator
    dan      care worker at Alder, answers alerts
    eve      care worker at Alder, agency
    sam      senior care worker at Alder
    rose     nurse at Quayside
"""

import pickle
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, transaction

from surehand import evidence
from surehand.assessment import actions as assessment
from surehand.assessment.models import Assessment
from surehand.competency import actions as competency
from surehand.competency.models import Check
from surehand.competency.plan_document import starter_text
from surehand.competency.queries import checks_in_force
from surehand.people import actions as people
from surehand.people.access import COMMAND_LINE, DESCRIPTIONS, AccessRole, By
from surehand.people.models import (
    GoLive,
    Person,
    Post,
    PostTerms,
    Provider,
    Service,
    ServiceDetails,
    SignIn,
)
from surehand.people.queries import access_of
from surehand.readiness import actions as readiness
from surehand.readiness import queries
from surehand.readiness.models import Shift
from surehand.readiness.rules import Code
from surehand.timeline import instant, london_midnight, moment

START = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)
"""When everything began: people, posts, access and the plan."""

NOW = datetime(2026, 11, 18, 8, 12, tzinfo=UTC)
"""The Wednesday morning at which tests look at it."""

PASSWORD = "calm-otters-keep-notes"

Rows = dict[str, tuple[list[str], dict[Any, tuple[Any, ...]]]]


@dataclass
class World:
    """The small provider: its services and people by short name, and what tests do to it."""

    services: dict[str, Service] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    posts: dict[str, Post] = field(default_factory=dict)
    pseudonyms: Iterable[int] = field(default_factory=lambda: count(1))

    @property
    def alder(self) -> Service:
        return self.services["ALD"]

    @property
    def quayside(self) -> Service:
        return self.services["QUA"]

    def by(self, name: str) -> By:
        """What this person may do at the moment of the clock."""
        return access_of(self.people[name], at=evidence.clock.now(), signed_in="password")

    def add_person(
        self,
        name: str,
        full_name: str,
        *,
        role: AccessRole | None = None,
        service: Service | None = None,
        sign_in: bool = True,
    ) -> Person:
        person = people.add_person(
            by=COMMAND_LINE,
            reference=f"P{len(self.people) + 1:03}",
            name=full_name,
            pseudonym=f"{next(iter(self.pseudonyms)):032x}",
        )
        self.people[name] = person
        if role:
            people.grant_access(by=COMMAND_LINE, person=person, role=role, service=service)
        if sign_in:
            SignIn.objects.create(person=person, email=f"{name}@example.org")
        return person

    def add_post(
        self,
        name: str,
        service: Service,
        job_role: str,
        *,
        start: date = date(2026, 9, 1),
        end: date | None = None,
        employment: str = "permanent",
        responsibilities: str = "",
    ) -> Post:
        with evidence.act("post.added", by=COMMAND_LINE.actor) as act:
            post = act.record(
                Post(
                    person=self.people[name],
                    service=service,
                    job_role=job_role,
                    employment=employment,
                    start_date=start,
                )
            )
            act.record(
                PostTerms(
                    post=post, from_date=start, end_date=end, responsibilities=responsibilities
                )
            )
            act.touch([post.pk])
        self.posts[name] = post
        return post

    def check(self, code: str) -> Check:
        found = checks_in_force(at=evidence.clock.now())
        return next(c for c in found.values() if c.competency.code == code)

    def assess(
        self,
        name: str,
        code: str,
        *,
        by: str = "cal",
        missed: Iterable[str] = (),
        helped: dict[str, int] | None = None,
        happened_at: datetime | None = None,
        note: str = "",
    ) -> Assessment:
        """One assessment in which every criterion is met but those `missed` (by code)."""
        check = self.check(code)
        missed = set(missed)
        post = self.posts[name]
        return assessment.record_assessment(
            by=self.by(by),
            happened_at=happened_at or evidence.clock.now(),
            person=self.people[name],
            service=post.service,
            check=check,
            method=check.methods[0],
            judgements={
                c["code"]: "not_met" if c["code"] in missed else "met" for c in check.criteria
            },
            help_given=helped or {},
            note=note or ("As seen on the floor." if missed or helped else ""),
        )

    def fail(self, name: str, code: str, **more: object) -> Assessment:
        """Further support required: the first critical criterion is not met."""
        critical = next(c["code"] for c in self.check(code).criteria if c["critical"])
        return self.assess(name, code, missed=[critical], **more)  # type: ignore[arg-type]

    def unmet(self, name: str, *, at: datetime | None = None) -> list[str]:
        """The codes of the gates this person has not met."""
        at = at or evidence.clock.now()
        post = self.posts[name]
        answer = queries.gate(person=post.person_id, service=post.service_id, at=at)
        assert answer.explanation is not None
        missing = {r.competency for r in answer.explanation.reasons if r.code == Code.UNMET}
        checks = checks_in_force(at=at)
        return [checks[c].competency.code for c in checks if c in missing]

    def pass_all(self, name: str, *, by: str = "cal", but: Iterable[str] = ()) -> None:
        """Pass every gate not met yet, `but` some."""
        for code in self.unmet(name):
            if code not in set(but):
                self.assess(name, code, by=by)

    def sign_off(self, *names: str, by: str = "helen") -> None:
        posts = [self.posts[name].pk for name in names]
        statements = queries.statements(posts, at=evidence.clock.now())
        readiness.sign_off(by=self.by(by), shown={s.post.pk: s.fingerprint() for s in statements})

    def add_shift(
        self,
        name: str | None,
        start: datetime,
        *,
        hours: float = 12,
        service: Service | None = None,
        supervisor: str | None = None,
        no_live_use: bool = False,
    ) -> Shift:
        return Shift.objects.create(
            shift_id=f"shift-{Shift.objects.count() + 1}",
            service=service or (self.posts[name].service if name else self.alder),
            person=self.people[name] if name else None,
            supervisor=self.people[supervisor] if supervisor else None,
            starts_at=start,
            ends_at=start + timedelta(hours=hours),
            no_live_use=no_live_use,
            entry=evidence.last_seq(),
        )


_kept: "dict[Callable[..., World], Kept]" = {}


def small_provider() -> World:
    """It, in a database with nothing of its own."""
    return kept(_build)


def kept(build: Callable[..., World], *given: World) -> World:
    """What `build` makes of what is `given`, which is the same each time. The actions build it once
    in a process; after that the rows they wrote are put back, which takes a tenth of the time."""
    if build in _kept:
        return _kept[build].put_back()
    before = _rows()
    world = build(*given)
    _kept[build] = Kept(world, before, _rows())
    return world


class Kept:
    """What building it wrote and took away, row by row, and what a test is handed."""

    def __init__(self, world: World, before: Rows, after: Rows) -> None:
        self.world = pickle.dumps(world)
        self.statements: list[tuple[str, list[tuple[Any, ...]]]] = []
        added = set()
        for table, (columns, rows) in after.items():
            was = before[table][1]
            if gone := [(key,) for key in was if key not in rows]:
                self.statements.append((f'DELETE FROM "{table}" WHERE "{columns[0]}" = %s', gone))
            if new := [row for key, row in rows.items() if key not in was]:
                added.add(table)
                places = ", ".join(["%s"] * len(columns))
                names = ", ".join(f'"{column}"' for column in columns)
                self.statements.append((f'INSERT INTO "{table}" ({names}) VALUES ({places})', new))
            if changed := [row for key, row in rows.items() if was.get(key, row) != row]:
                set_ = ", ".join(f'"{column}" = %s' for column in columns)
                where = f'UPDATE "{table}" SET {set_} WHERE "{columns[0]}" = %s'
                self.statements.append((where, [(*row, row[0]) for row in changed]))
        models = [model for model in apps.get_models() if model._meta.db_table in added]
        resets = connection.ops.sequence_reset_sql(no_style(), models)
        self.statements += [(sql, [()]) for sql in resets]
        self.script = ""
        if connection.vendor == "postgresql":  # one message to the server instead of hundreds
            said = connection.ops.compose_sql  # type: ignore[attr-defined]
            self.script = "; ".join(said(sql, row) for sql, rows in self.statements for row in rows)

    def put_back(self) -> World:
        with transaction.atomic(), connection.cursor() as cursor:
            if self.script:
                cursor.execute(self.script)
            else:
                for sql, rows in self.statements:
                    cursor.executemany(sql, rows)
        world: World = pickle.loads(self.world)
        return world


def _rows() -> Rows:
    """Every row there is: table → its columns, and its rows by their first column."""
    found: Rows = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            columns = [column[0] for column in cursor.description]
            found[table] = (columns, {row[0]: row for row in cursor.fetchall()})
    return found


def _build() -> World:
    """The clock stands at START while it is built."""
    world = World()
    with evidence.clock.at(START):
        Provider.objects.create(name="Brindlemoor Care")
        for code, name, setting, go_live in (
            ("ALD", "Alder House", "R", date(2026, 9, 14)),
            ("QUA", "Quayside Court", "N", date(2026, 10, 5)),
        ):
            with evidence.act("service.added", by=COMMAND_LINE.actor) as act:
                service = act.record(Service(code=code, setting=setting))
                ServiceDetails.objects.create(service=service, name=name)
                act.record(GoLive(service=service, on=go_live))
            world.services[code] = service
        for name, full_name, role, where in (
            ("helen", "Helen Marsh", AccessRole.WORKFORCE_LEAD, None),
            ("wendy", "Wendy Okoro", AccessRole.WORKFORCE_LEAD, None),
            ("nadia", "Nadia Rahman", AccessRole.NOMINATED_INDIVIDUAL, None),
            ("paul", "Paul Lindqvist", AccessRole.PROJECT_LEAD, None),
            ("queenie", "Queenie Adeyemi", AccessRole.QUALITY_LEAD, None),
            ("ada", "Ada Fenwick", AccessRole.ADMINISTRATOR, None),
            ("ruth", "Ruth Adeyemi", AccessRole.REGISTERED_MANAGER, "ALD"),
            ("quinn", "Quinn Byrne", AccessRole.REGISTERED_MANAGER, "QUA"),
            ("cal", "Callum Whitfield", AccessRole.ASSESSOR, "ALD"),
            ("tessa", "Tessa Boyd", AccessRole.TEAM_LEADER, "ALD"),
            ("dan", "Daniela Popescu", AccessRole.CARE_WORKER, None),
            ("eve", "Eve O’Brien", AccessRole.CARE_WORKER, None),
            ("sam", "Samuel Tetteh", AccessRole.CARE_WORKER, None),
            ("rose", "Rose Nkemelu", AccessRole.CARE_WORKER, None),
        ):
            assert (DESCRIPTIONS[role].scope == "service") == (where is not None)
            world.add_person(
                name, full_name, role=role, service=world.services[where] if where else None
            )
        world.add_post("cal", world.alder, "SC", responsibilities="alr")
        world.add_post("tessa", world.alder, "TL", responsibilities="sup")
        world.add_post("ruth", world.alder, "RM", responsibilities="saf")
        world.add_post("dan", world.alder, "CW", responsibilities="alr")
        world.add_post("sam", world.alder, "SC", responsibilities="alr;med;shf")
        world.add_post("rose", world.quayside, "RN", responsibilities="med;shf")
        world.add_post(
            "eve",
            world.alder,
            "CW",
            start=date(2026, 9, 7),
            end=date(2026, 12, 6),
            employment="agency",
        )
        competency.publish_plan(by=world.by("helen"), text=starter_text())
    return world


@contextmanager
def on(day: date, hour: int = 9):  # type: ignore[no-untyped-def]
    """The clock at an hour of a day in London."""
    with evidence.clock.at(moment(london_midnight(day)) + timedelta(hours=hour)) as found:
        yield found


__all__ = ["NOW", "PASSWORD", "START", "World", "instant", "kept", "on", "small_provider"]
