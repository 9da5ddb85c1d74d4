"""What happens at Brindlemoor Care from week -6 to this Monday morning: facts, not results.

Each function writes a thread of the story into the diary; the diary is then played in order of
time. Who is ready, cleared or overdue follows from the product's own rules.
"""

import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random

from surehand import evidence
from surehand.assessment import actions as assessment
from surehand.assessment import group_actions
from surehand.assessment.group import Answer
from surehand.assessment.models import Assessment, Outcome
from surehand.competency import actions as competency
from surehand.competency import plan_edits
from surehand.competency.plan_document import PlanDocument, starter, starter_text
from surehand.competency.rules import Level
from surehand.demo import (
    aloud,
    audits,
    cast,
    courses,
    live_records,
    practice,
    rotas,
    signals,
    voices,
)
from surehand.demo.cast import ADMINISTRATOR, HEAD_OFFICE, HOMES, SIGNER, TRAINER, Home, Member
from surehand.demo.stage import Diary, Stage, at
from surehand.ecm.actions import publish_profile
from surehand.ecm.profile import starter_text as profile_text
from surehand.governance import mailing, retention
from surehand.people.access import COMMAND_LINE, AccessRole
from surehand.people.models import Provider
from surehand.readiness import actions as readiness
from surehand.readiness.break_glass import last_sheet
from surehand.support import actions as support

LEADS = ("RM", "DM", "TL")
PEOPLE_COLUMNS = (
    "person_id", "name", "role", "service_id", "employment", "start_date", "end_date", "team",
    "email", "responsibilities",
)  # fmt: skip


def tell(*, today: date, done: Callable[[float], None]) -> None:
    """Let the whole story happen, up to the morning of `today`, a Monday."""
    with evidence.projected_together() as project:
        Story(today, Stage(project)).tell(done)


class Story:
    def __init__(self, today: date, stage: Stage) -> None:
        self.today = today
        self.random = Random(f"story {today}")
        self.stage = stage
        self.diary = Diary()
        self.members = cast.members(today)
        self.by_name = {m.name: m for m in self.members}
        self.assessors: dict[str, list[str]] = {}
        self.behind: set[str] = set()  # people of Eastgate who are not there yet

    def tell(self, done: Callable[[float], None]) -> None:
        self.set_up()
        self.train()
        self.sign_off_weekly()
        self.roster()
        self.alder()
        self.quayside()
        self.eastgate()
        self.when_it_is_down()
        voices.tell(self)
        practice.tell(self)
        aloud.tell(self)
        live_records.tell(self)
        signals.tell(self)
        audits.tell(self)
        self.attend()
        self.next_plan()
        self.next_profile()
        self.diary.play(until=at(self.today, 6, 30), done=done)

    def week(self, number: int, *, day: int = 0) -> date:
        return cast.week(number, self.today) + timedelta(days=day)

    def of(self, home: str, *job_roles: str) -> list[Member]:
        return [
            m
            for m in self.members
            if m.home.code == home and (not job_roles or m.job_role in job_roles)
        ]

    def key(self, name: str) -> str:
        return self.by_name[name].key

    def manager(self, home: str) -> str:
        return self.of(home, "RM")[0].key

    # --- week -6 -------------------------------------------------------------------------------

    def set_up(self) -> None:
        start = at(self.week(cast.FIRST_WEEK), 8)
        for home in HOMES:
            seniors = [m.key for m in self.of(home.code, "SC", "RN")][:3]
            leaders = [m.key for m in self.of(home.code, "TL")]
            self.assessors[home.code] = leaders + seniors
        self.diary.write(start, self._head_office)
        self.diary.write(start + timedelta(minutes=30), self._services)
        self.diary.write(
            start + timedelta(minutes=45),
            lambda: competency.publish_plan(by=self.stage.by(SIGNER), text=starter_text()),
        )
        late = {m.key for m in self.members if m.start > self.week(-4)}
        first = [m for m in self.members if m.key not in late]
        self.diary.write(start + timedelta(hours=1), lambda: self._people(first))
        self.diary.write(start + timedelta(hours=2), self._access)
        self.diary.write(start + timedelta(hours=3), self._evidence_settings)
        later = [m for m in self.members if m.key in late]
        self.diary.write(at(self.week(7, day=4), 9), lambda: self._people(later))
        # The second booking of agency workers comes with a later file.
        again = [cast.again(m) for m in first if m.agency]
        self.diary.write(at(self.week(2, day=4), 9), lambda: self._people(again))

    def next_plan(self) -> None:
        """What Quayside taught: the skin field is named in C12, and care workers show an inspector
        round. The draft lies there since Friday."""
        by, first = self.stage.by, at(self.week(8, day=4), 16)
        steps: list[Callable[[PlanDocument], PlanDocument]] = [
            lambda d: plan_edits.change_criterion(
                d,
                "C12",
                "C12.3",
                text="Looks at the skin at each turn and fills in the skin field, under “More”.",
                critical=False,
            ),
            lambda d: plan_edits.require(
                d, "C20", who=["CW", "AC"], settings=["R", "N"], level=Level.CORE
            ),
        ]
        self.diary.write(
            first,
            lambda: competency.begin_draft(
                by=by(SIGNER), document=starter(), begun_from="version 1"
            ),
        )
        for number, step in enumerate(steps, start=1):
            self.diary.write(
                first + timedelta(minutes=4 * number),
                lambda n=number, s=step: competency.change_draft(  # type: ignore[misc]
                    by=by(SIGNER), seen=n, edit=s
                ),
            )

    def next_profile(self) -> None:
        """A new release of the ECM system: a turning chart asks for the skin first."""
        on = self.week(8, day=1)
        position = (
            "      - {code: position, title: Position, kind: text, "
            "when: {field: chart, is: [turn]}}\n"
        )
        changes = [
            (position, ""),
            ("  - code: risk\n    title", f"{position}  - code: risk\n    title"),
            ("        title: Skin\n", "        title: Skin at this turn\n"),
            ('version: "1.0"', 'version: "1.1"'),
            ('effective: "2026-01-01"', f'effective: "{on}"'),
        ]
        text = profile_text()
        for old, new in changes:
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        self.diary.write(
            at(on, 10), lambda: publish_profile(by=self.stage.by(ADMINISTRATOR), text=text)
        )

    def _head_office(self) -> None:
        Provider.objects.create(name=cast.PROVIDER)
        for member in (*HEAD_OFFICE, cast.VISITOR):
            self.stage.add_person(member.key, member.name)
        self.stage.grant(ADMINISTRATOR, AccessRole.ADMINISTRATOR, by=COMMAND_LINE)
        by = self.stage.by(ADMINISTRATOR)
        for member in HEAD_OFFICE:
            if member.key != ADMINISTRATOR:
                self.stage.grant(member.key, member.role, by=by)
            self.stage.let_sign_in(member.key, _email(member.name), by=by)

    def _services(self) -> None:
        self.stage.take_in(
            "services",
            ("service_id", "name", "setting", "go_live_date", "cqc_location_id"),
            [(h.code, h.name, h.setting, h.go_live(self.today), h.cqc_location_id) for h in HOMES],
            by=self.stage.by(ADMINISTRATOR),
        )

    def _people(self, members: list[Member]) -> None:
        self.stage.take_in(
            "people",
            PEOPLE_COLUMNS,
            [
                (
                    m.key, m.name, m.job_role, m.home.code, m.employment, m.start, m.end or "",
                    m.team, _email(m.name), ";".join(m.responsibilities),
                )
                for m in members
            ],
            by=self.stage.by(ADMINISTRATOR),
        )  # fmt: skip

    def _evidence_settings(self) -> None:
        """Who outside keeps checkpoints, and how long leavers' names are kept."""
        by = self.stage.by(ADMINISTRATOR)
        mailing.set_recipients(
            by=by, addresses=["board@brindlemoor.example", "audit@westmere.example"]
        )
        retention.change(by=by, days={}, leavers=retention.LEAVERS_YEARS)

    def _access(self) -> None:
        by = self.stage.by(ADMINISTRATOR)
        given: list[tuple[str, AccessRole, str | None]] = []
        for home in HOMES:
            for member in self.of(home.code):
                if member.job_role in {"RM", "DM"}:
                    given.append((member.key, AccessRole.REGISTERED_MANAGER, home.code))
                elif member.job_role == "TL":
                    given.append((member.key, AccessRole.TEAM_LEADER, home.code))
                elif member.key in self.assessors[home.code]:
                    given.append((member.key, AccessRole.ASSESSOR, home.code))
            given.append(
                (self.of(home.code, "CW", "HC", "SW")[0].key, AccessRole.CARE_WORKER, None)
            )
        for name in ("Brian Oakes", "Priya Nair", "Dele Balogun"):
            given.append((self.key(name), AccessRole.CARE_WORKER, None))
        names = {m.key: m.name for m in self.members}
        for key, role, service in given:
            self.stage.grant(key, role, service, by=by)
            self.stage.let_sign_in(key, _email(names[key]), by=by)
        # The council's quality officer may look for as long as this lasts.
        self.stage.grant(
            cast.VISITOR.key, AccessRole.VISITOR, by=by, until=self.today + timedelta(days=30)
        )
        self.stage.let_sign_in(cast.VISITOR.key, _email(cast.VISITOR.name), by=by)

    # --- checks --------------------------------------------------------------------------------

    def train(self) -> None:
        """Leads and assessors first, by head office; then everybody else, by them."""
        told_apart = {"Tomasz Zieliński", "Jo Hartley"}
        for home in HOMES:
            for member in self.of(home.code):
                if member.name in told_apart:
                    continue
                lead = member.job_role in LEADS or member.key in self.assessors[home.code]
                if home.code == "FERNROW" and member.job_role not in {"RM", "TL"}:
                    continue
                self._train(home, member, lead=lead)

    def _train(self, home: Home, member: Member, *, lead: bool) -> None:
        random = self.random
        needs = member.needs()
        gates = sorted(c for c, level in needs.items() if level is Level.CRIT)
        cores = sorted(c for c, level in needs.items() if level is Level.CORE)
        first = home.training(self.today)
        if lead:
            start, a_day = first, 5
        else:
            # Agency workers come first to be checked, being the soonest on shift alone.
            spread = 4 if member.agency else 18 if home.code == "EASTGATE" else 25
            start = first + timedelta(days=7 + random.randrange(spread))
            a_day = random.choice((2, 3, 3, 4))
        if home.code == "EASTGATE" and not lead:
            gates = self._eastgate_gates(member, gates)
        if home.code == "FERNROW":
            gates = gates[:3]
        for number, code in enumerate(gates):
            day = start + timedelta(days=number // a_day)
            self._plan_check(member, code, day, lead=lead)
        live = home.go_live(self.today)
        if lead and home.code in {"ALDER", "QUAYSIDE"}:
            for number, code in enumerate(cores):
                self._plan_check(member, code, start + timedelta(days=7 + number // 4), lead=True)
        elif live < self.today:
            begin = live + timedelta(days=random.randrange(2, 14))
            for number, code in enumerate(cores):
                self._plan_check(member, code, begin + timedelta(days=2 * (number // 2)), lead=lead)

    def _plan_check(self, member: Member, code: str, day: date, *, lead: bool) -> None:
        when = at(day, self.random.randrange(9, 17), self.random.randrange(60))
        others = [a for a in self.assessors[member.home.code] if a != member.key]
        by = TRAINER if lead else self.random.choice(others)
        luck = self.random.random()
        outcome = Outcome.PASS
        settled = member.home.code == "EASTGATE" and day >= self.week(7)
        if not lead and luck > 0.955 and not settled:
            outcome = Outcome.FURTHER_SUPPORT if luck > 0.985 else Outcome.PARTIAL
        live = day >= member.home.go_live(self.today) and self.random.random() < 0.4
        self.diary.write(when, lambda: self._check(member, code, by=by, outcome=outcome, live=live))

    def _check(
        self, member: Member, code: str, *, by: str, outcome: Outcome, live: bool = False
    ) -> Assessment:
        missed = []
        definition = starter().competency(code)
        criteria = definition.check.criteria
        if outcome != Outcome.PASS:
            wanted = [c for c in criteria if c.critical == (outcome == Outcome.FURTHER_SUPPORT)]
            missed = [wanted[0]] if wanted else [criteria[-1]]
        found = self.stage.assess(
            member.key,
            code,
            by=by,
            home=member.home.code,
            missed=[c.code for c in missed],
            note=f"Not seen today: {missed[0].text}" if missed else "",
            method="live" if live and "live" in definition.check.methods else "",
        )
        if missed:
            self._follow(member, found, by=by)
        return found

    def _follow(self, member: Member, failed: Assessment, *, by: str) -> None:
        """The manager's review on the next working morning, coaching, and the re-check."""
        now = evidence.clock.now()
        day = now.date() + timedelta(days=1)
        while day.weekday() > 4:
            day += timedelta(days=1)
        home = member.home.code
        manager, coach = self.manager(home), self.of(home, "TL")[0].key

        def reviewed() -> None:
            self.stage.review(
                failed,
                by=manager,
                decision="coaching",
                reason="Knows what to do when asked; needs to do it once more with somebody near.",
                owner=coach,
                support_due=day + timedelta(days=4),
                recheck_due=day + timedelta(days=7),
            )

        def coached() -> None:
            action = failed.person.support_actions.filter(done__isnull=True).first()
            if action:
                support.finish_support(
                    by=self.stage.by(coach),
                    action=action,
                    service=failed.service_id,
                    outcome="helped",
                    note="Did it twice on the practice record, without being told.",
                )

        def passed() -> None:
            code = failed.competency.code
            self.stage.assess(
                member.key,
                code,
                by=by,
                home=home,
                retakes=failed if failed.outcome == Outcome.PARTIAL else None,
            )

        self.diary.write(at(day, 10, 5), reviewed)
        self.diary.write(at(day + timedelta(days=3), 14, 20), coached)
        self.diary.write(at(day + timedelta(days=5), 11, 10), passed)

    def sign_off_weekly(self) -> None:
        """Every Friday afternoon the workforce lead signs off whoever awaits it."""
        for number in range(-4, cast.THIS_WEEK):
            for minute, home in enumerate(HOMES):
                if home.code != "FERNROW":
                    self.diary.write(
                        at(self.week(number, day=4), 16, minute),
                        lambda code=home.code: self.stage.sign_off_all(code, by=SIGNER),  # type: ignore[misc]
                    )

    # --- courses -------------------------------------------------------------------------------

    def attend(self) -> None:
        """Everybody comes to the introduction before the checks; it makes nobody ready."""
        stuck = self._stuck()
        hurried = [m for m in self.of("EASTGATE", "HC") if m not in stuck][:3]
        for home, day, header, kind, rows in courses.files(
            self.members,
            too_fast={m.key for m in (*stuck, *hurried)},
            today=self.today,
        ):
            self.diary.write(
                at(day, 15, 40),
                lambda h=home, c=header, k=kind, r=rows: self.stage.take_in(  # type: ignore[misc]
                    k, c, r, by=self.stage.by(self.manager(h.code))
                ),
            )
        tomasz = self.key("Tomasz Zieliński")
        self.diary.write(
            at(self.week(8), 9, 20),
            lambda: self.stage.take_in(
                "attendance",
                courses.COLUMNS,
                [
                    (
                        tomasz,
                        "Digital care records (agency certificate)",
                        self.week(6),
                        "Staffwise Agency",
                        "completed",
                        "",
                    )
                ],
                by=self.stage.by(self.manager("QUAYSIDE")),
            ),
        )

    # --- rotas ---------------------------------------------------------------------------------

    def roster(self) -> None:
        """Two rotas of two weeks for each service, each made on the Friday before it."""
        for home in HOMES:
            for number in (7, 9):
                self.diary.write(
                    at(self.week(number - 1, day=4), 17),
                    lambda h=home, n=number: self._rota(h, n),  # type: ignore[misc]
                )

    def _rota(self, home: Home, number: int) -> None:
        monday = self.week(number)
        posted = [m for m in self.of(home.code) if m.start <= monday]
        told_apart = {"Jo Hartley", "Brian Oakes", "Tomasz Zieliński"} if number == 9 else set()
        rows = rotas.fortnight(
            [m for m in posted if m.name not in told_apart],
            monday,
            not_live=rotas.not_ready(self.stage, posted, home.code)
            - {m.key for m in self._stuck()},
            left_out=self._not_rostered(home, monday),
        )
        self._take_rota(home.code, rows)

    def _not_rostered(self, home: Home, monday: date) -> Callable[[Member, date], bool]:
        """Kept off the rota: Eastgate's people who are behind, but three, once it is live."""
        stuck = [m.key for m in self._stuck()]
        live = home.go_live(self.today)

        def left_out(member: Member, day: date) -> bool:
            if home.code != "EASTGATE" or day < live or member.key not in self.behind:
                return False
            return member.key not in stuck[:3]

        return left_out

    def _take_rota(self, home: str, rows: list[rotas.Row], by: str = "") -> None:
        self.stage.take_in("rota", rotas.COLUMNS, rows, by=self.stage.by(by or self.manager(home)))

    # --- Alder House: live since week 1 --------------------------------------------------------

    def alder(self) -> None:
        self._brian()
        self._priya()
        self._jo()
        self._slips()

    def _brian(self) -> None:
        """He recorded prompts before they were taken: failed, restricted, supervised for notes."""
        brian, callum = self.by_name["Brian Oakes"], self.key("Callum Whitfield")
        ruth = self.manager("ALDER")
        day = self.week(8, day=2)
        thursday = self.week(9, day=3)
        kept: dict[str, int] = {}

        def failed() -> None:
            found = self.stage.assess(
                brian.key,
                "C11",
                by=self.key("Tessa Boyd"),
                home="ALDER",
                missed=["C11.3"],
                note="Recorded two morning prompts as taken before the medicine was taken.",
                method="live",
            )
            restriction = readiness.restrict(
                by=self.stage.by(ruth),
                person=self.stage.person(brian.key),
                service=None,
                reason="Prompts were recorded before they were taken. No live use alone until "
                "this has been shown again.",
            )
            review = self.stage.review(
                found,
                by=ruth,
                decision="supervised_use",
                reason="A habit formed on a busy round. Notes beside Callum; no prompts for now.",
                owner=callum,
                support_due=thursday,
                recheck_due=thursday,
            )
            kept.update(restriction=restriction.entry, review=review.entry)

        def permitted() -> None:
            self.stage.permit(
                brian.key,
                ["C03", "C04", "C06", "C07"],
                by=ruth,
                supervisors=[callum],
                days=14,
                restrictions=[kept["restriction"]],
                note="Notes and tasks beside Callum; no medicines prompts.",
            )

        self.diary.write(at(day, 9, 40), failed)
        self.diary.write(at(day, 11, 20), permitted)
        self._beside(brian, self.by_name["Callum Whitfield"])

    def _beside(self, member: Member, supervisor: Member) -> None:
        """This fortnight's shifts of `member` are those of the supervisor."""
        self.diary.write(
            at(self.week(8, day=4), 17, 30),
            lambda: self._take_rota(
                member.home.code,
                rotas.beside(member, supervisor, self.week(9)),
            ),
        )

    def _priya(self) -> None:
        """From care worker to senior: every check passed on Saturday, awaiting the sign-off."""
        priya = self.by_name["Priya Nair"]
        senior = replace(
            priya, job_role="SC", start=self.week(8), responsibilities=("alr", "med", "shf")
        )
        self.diary.write(at(self.week(7, day=4), 9, 30), lambda: self._people([senior]))
        new = sorted(
            c
            for c, level in senior.needs().items()
            if level is Level.CRIT and priya.needs().get(c) is not Level.CRIT
        )
        for number, code in enumerate(new):
            when = at(self.week(8, day=5), 10 + number, 15)
            self.diary.write(
                when,
                lambda code=code: self._check(  # type: ignore[misc]
                    senior, code, by=self.key("Callum Whitfield"), outcome=Outcome.PASS
                ),
            )

    def _jo(self) -> None:
        """In her second week: three checks passed, everything else beside a senior."""
        jo = self.by_name["Jo Hartley"]
        beside = self.of("ALDER", "SC")[3]
        self.diary.write(at(self.week(8), 9, 5), lambda: self._let_in(jo))
        for number, code in enumerate(("C01", "C02", "C03")):
            self.diary.write(
                at(self.week(8, day=1 + number), 14, 10),
                lambda code=code: self._check(  # type: ignore[misc]
                    jo, code, by=self.key("Callum Whitfield"), outcome=Outcome.PASS
                ),
            )
        self.diary.write(
            at(self.week(8, day=1), 9, 30),
            lambda: self.stage.permit(
                jo.key,
                ["C04", "C06", "C07"],
                by=self.manager("ALDER"),
                supervisors=[beside.key],
                days=27,
                note="New to care; learns beside a senior.",
            ),
        )
        self._beside(jo, beside)

    def _let_in(self, member: Member) -> None:
        by = self.stage.by(ADMINISTRATOR)
        self.stage.grant(member.key, AccessRole.CARE_WORKER, by=by)
        self.stage.let_sign_in(member.key, _email(member.name), by=by)

    def _slips(self) -> None:
        """A void, a correction, a late record, overdue support, and failures of the weekend."""
        workers = self.of("ALDER", "CW")
        daniela, sixth, seventh, tenth = workers[0], workers[5], workers[6], workers[9]
        callum, ruth = self.key("Callum Whitfield"), self.manager("ALDER")
        tessa = self.key("Tessa Boyd")
        kept: dict[str, Assessment] = {}

        def wrong_person() -> None:
            kept["wrong"] = self._check(daniela, "C20", by=callum, outcome=Outcome.PASS)

        def voided() -> None:
            assessment.void_assessment(
                by=self.stage.by(ruth),
                assessment=kept["wrong"],
                reason="This was another care worker’s check, recorded under the wrong name.",
            )

        def too_quick() -> None:
            kept["quick"] = self._check(sixth, "C20", by=callum, outcome=Outcome.PASS)

        def corrected() -> None:
            slow = starter().competency("C20").check.criteria[0]
            self.stage.assess(
                sixth.key,
                "C20",
                by=callum,
                home="ALDER",
                missed=[slow.code],
                corrects=kept["quick"],
                note=f"Not seen: {slow.text}",
                happened_at=kept["quick"].happened_at,
                reason="I ticked one line too many; it took longer than that.",
            )

        def late() -> None:
            self.stage.assess(
                seventh.key,
                "C15",
                by=tessa,
                home="ALDER",
                happened_at=evidence.clock.now() - timedelta(days=6, hours=2),
            )

        self.diary.write(at(self.week(8, day=1), 11, 15), wrong_person)
        self.diary.write(at(self.week(8, day=2), 8, 50), voided)
        self.diary.write(at(self.week(7, day=3), 15, 5), too_quick)
        self.diary.write(at(self.week(7, day=3), 15, 40), corrected)
        self.diary.write(at(self.week(8), 13, 25), late)
        self._failed_lately(tenth, "C07", Outcome.FURTHER_SUPPORT, day=6, by=tessa)
        self._support_left(workers[10], "C05", tessa)
        self._support_left(workers[11], "C15", callum)

    def _failed_lately(
        self, member: Member, code: str, outcome: Outcome, *, day: int, by: str
    ) -> None:
        self.diary.write(
            at(self.week(8, day=day), 14, 45),
            lambda: self._check(member, code, by=by, outcome=outcome),
        )

    def _support_left(self, member: Member, code: str, owner: str) -> None:
        """A refresher asked for two weeks ago, due last Thursday, that nobody gave."""
        home = member.home.code
        self.diary.write(
            at(self.week(7, day=2), 10, 25),
            lambda: support.give_support(
                by=self.stage.by(self.manager(home)),
                person=self.stage.person(member.key),
                service=self.stage.service(home).pk,
                new=support.NewSupport(
                    "refresher",
                    self.stage.person(owner),
                    self.week(8, day=3),
                    self.stage.check(code).competency,
                ),
                note="Asked for it in supervision.",
            ),
        )

    # --- Quayside Court: live since week 7 -----------------------------------------------------

    def quayside(self) -> None:
        self._tomasz()
        quinn, imogen = self.manager("QUAYSIDE"), self.key("Imogen Farrell")
        workers = self.of("QUAYSIDE", "CW")
        self.diary.write(
            at(self.week(8, day=4), 15),
            lambda: assessment.reopen(
                by=self.stage.by(quinn),
                competency=self.stage.check("C12").competency,
                service=self.stage.service("QUAYSIDE"),
                reason="The skin field of a turning chart has moved; everybody shows it again.",
            ),
        )
        marlon = self.by_name["Marlon Grant"]
        self.diary.write(
            at(self.week(8, day=6), 18, 20),
            lambda: readiness.restrict(
                by=self.stage.by(imogen),
                person=self.stage.person(marlon.key),
                service=self.stage.service("QUAYSIDE"),
                reason="Signed in with a colleague’s account on the afternoon shift.",
            ),
        )
        self._failed_lately(workers[10], "C09", Outcome.PARTIAL, day=5, by=imogen)
        self._failed_lately(workers[11], "C12", Outcome.FURTHER_SUPPORT, day=6, by=imogen)
        self._support_left(workers[12], "C12", imogen)

    def _tomasz(self) -> None:
        """An agency nurse put on Saturday night's rota late, not cleared; supervised since."""
        tomasz = self.by_name["Tomasz Zieliński"]
        beside = self.of("QUAYSIDE", "RN")[1]
        quinn = self.manager("QUAYSIDE")
        for number, code in enumerate(("C01", "C02", "C03", "C04")):
            self.diary.write(
                at(self.week(8, day=1 + number // 2), 10 + number, 35),
                lambda code=code: self._check(  # type: ignore[misc]
                    tomasz, code, by=self.key("Imogen Farrell"), outcome=Outcome.PASS
                ),
            )
        saturday, monday = self.week(8, day=5), self.week(9)
        self.diary.write(
            at(saturday, 18, 40),
            lambda: self._take_rota(
                "QUAYSIDE", [rotas.row(tomasz, saturday, rotas.NIGHT)], by=quinn
            ),
        )
        self.diary.write(
            at(self.week(8, day=6), 9, 15),
            lambda: self.stage.permit(
                tomasz.key,
                ["C04", "C06", "C12"],
                by=quinn,
                supervisors=[beside.key],
                days=21,
                note="After Saturday night: beside a nurse who is signed off, every shift.",
            ),
        )
        self.diary.write(
            at(self.week(8, day=6), 9, 40),
            lambda: self._take_rota(
                "QUAYSIDE",
                [
                    *rotas.beside(tomasz, beside, monday),
                    rotas.unnamed("QUAYSIDE", "CW", monday + timedelta(days=1), rotas.NIGHT),
                    rotas.unnamed("QUAYSIDE", "RN", monday + timedelta(days=4), rotas.DAY),
                ],
                by=quinn,
            ),
        )

    # --- Eastgate Homecare: live in twelve days ------------------------------------------------

    def _stuck(self) -> list[Member]:
        return self.of("EASTGATE", "HC")[7:13]

    def _eastgate_gates(self, member: Member, gates: list[str]) -> list[str]:
        """Of fifty-eight people seventeen are not there yet: six at visits, eleven not finished."""
        workers = self.of("EASTGATE", "HC")
        if member in self._stuck():
            self.behind.add(member.key)
            return [c for c in gates if c != "C26"]
        if member in workers[30:41]:
            self.behind.add(member.key)
            return gates[: len(gates) - 2 - self.random.randrange(3)]
        return gates

    def eastgate(self) -> None:
        """Nobody answers the door (S16): six people leave instead of starting the route."""
        owen = self.key("Owen Prosser")
        for number, member in enumerate(self._stuck()):
            for week, day in ((7, number % 5), (8, 2 + number % 2 if number < 3 else 5)):
                self.diary.write(
                    at(self.week(week, day=day), 11, 5 + 7 * number),
                    lambda m=member: self._no_reply(m, owen),  # type: ignore[misc]
                )
        self.diary.write(at(self.week(8, day=4), 15, 40), self._room)

    def _room(self) -> None:
        """On Friday afternoon the six came back together; there was time to judge two of them."""
        by, check = self.stage.by(self.key("Owen Prosser")), self.stage.check("C26")
        people = [self.stage.person(member.key) for member in self._stuck()]
        group = group_actions.begin(
            by=by,
            service=self.stage.service("EASTGATE"),
            check=check,
            method=check.methods[0],
            people=people,
            place="the office, upstairs",
        )
        for row, seen in zip(group.people.order_by("pk"), (4, 2), strict=False):
            for criterion in check.criteria[:seen]:
                group_actions.save_answer(
                    by=by, row=row, criterion=criterion["code"], answer=Answer("met"), seen=0
                )

    def _no_reply(self, member: Member, by: str) -> None:
        found = self.stage.assess(
            member.key,
            "C26",
            by=by,
            home="EASTGATE",
            missed=["C26.2"],
            note="Nobody came to the door: left a note and went on to the next visit.",
        )
        now: datetime = evidence.clock.now()
        day = now.date() + timedelta(days=1)
        if day.weekday() < 5:
            self.diary.write(
                at(day, 9, 30 + now.minute // 3),
                lambda: self.stage.review(
                    found,
                    by=self.manager("EASTGATE"),
                    decision="coaching",
                    reason="Nobody had told them when the no-reply route starts.",
                    owner=by,
                    support_due=day + timedelta(days=5),
                    recheck_due=day + timedelta(days=7),
                ),
            )

    # --- When this software is down -------------------------------------------------------------

    def when_it_is_down(self) -> None:
        """Alder and Quayside agreed what they do, and make a sheet each Monday. On Thursday night
        the line to Quayside was cut for two hours; two nurses worked by the sheet."""
        for home, hangs in (("ALDER", "the office"), ("QUAYSIDE", "each nurses’ station")):
            manager, lead = self.manager(home), self.of(home, "TL")[0].key
            self.diary.write(
                at(self.week(2), 11, 5),
                lambda home=home, by=manager, hangs=hangs: readiness.agree_break_glass(  # type: ignore[misc]
                    by=self.stage.by(by),
                    service=self.stage.service(home),
                    text=f"The printed sheet hangs in {hangs}. Whoever leads the shift reads it.\n"
                    "For anybody it does not list as on their own, ring the manager on call.\n"
                    "Records are written on the paper forms in the blue folder and copied later.",
                ),
            )
            for week in (8, 9):
                self.diary.write(
                    at(self.week(week), 6, 12),
                    lambda home=home, by=lead: readiness.make_carry_sheet(  # type: ignore[misc]
                        by=self.stage.by(by), service=self.stage.service(home)
                    ),
                )
        self.diary.write(at(self.week(8, day=4), 9, 5), self._line_cut)

    def _line_cut(self) -> None:
        friday = self.week(8, day=4)
        nurses = [m.key for m in self.of("QUAYSIDE", "RN") if not m.agency][1:3]
        readiness.record_break_glass(
            by=self.stage.by(self.manager("QUAYSIDE")),
            service=self.stage.service("QUAYSIDE"),
            starts_at=at(friday, 1, 50),
            ends_at=at(friday, 3, 55),
            people=[self.stage.person(key).pk for key in nurses],
            sheet=last_sheet(self.stage.service("QUAYSIDE").pk),
            decided_by=None,
            reason="The line to the house was cut by roadworks. Nobody could be asked at the gate.",
        )


def _email(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.replace("ł", "l")).encode("ascii", "ignore").decode()
    return f"{plain.lower().replace(' ', '.')}@brindlemoor.example"
