"""The demonstration's hands: each does one ordinary action, as an ordinary person would."""

import csv
import heapq
import io
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from surehand import evidence
from surehand.assessment import actions as assessment
from surehand.assessment.models import Assessment, ManagerReview
from surehand.competency.models import Check
from surehand.competency.queries import checks_in_force
from surehand.imports import run as imports
from surehand.people import actions as people
from surehand.people.access import COMMAND_LINE, AccessRole, By
from surehand.people.models import Identity, Person, Post, Service
from surehand.people.queries import access_of
from surehand.readiness import actions as readiness
from surehand.readiness import queries
from surehand.readiness.rules import State
from surehand.support import actions as support

LONDON = ZoneInfo("Europe/London")


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """A time of day in London, in UTC."""
    return datetime.combine(day, time(hour, minute), LONDON).astimezone(UTC)


@dataclass
class Diary:
    """What is going to happen when. It happens in order of time, whatever the order of writing."""

    entries: list[tuple[datetime, int, Callable[[], object]]] = field(default_factory=list)
    _order: Iterator[int] = field(default_factory=count)

    def write(self, when: datetime, what: Callable[[], object]) -> None:
        heapq.heappush(self.entries, (when, next(self._order), what))

    def play(self, *, until: datetime, done: Callable[[float], None]) -> None:
        """Let it happen; what happens may write into the diary again. `done` hears the share."""
        played = 0
        while self.entries and self.entries[0][0] <= until:
            when, _, what = heapq.heappop(self.entries)
            with evidence.clock.at(when):
                what()
            played += 1
            if played % 100 == 0:
                done(played / (played + len(self.entries)))


class Stage:
    """The provider as it comes to be. People are called by their reference, checks by code."""

    def __init__(self, project: Callable[[], None]) -> None:
        self.project = project  # to be called before readiness is read
        self._by: dict[str, By] = {}
        self._people: dict[str, Person] = {}
        self._services: dict[str, Service] = {}
        self._checks: dict[str, Check] = {}

    # --- who and what --------------------------------------------------------------------------

    def person(self, key: str) -> Person:
        if key not in self._people:
            self._people = {
                i.reference: i.person for i in Identity.objects.select_related("person")
            }
        return self._people[key]

    def service(self, code: str) -> Service:
        if code not in self._services:
            self._services = {s.code: s for s in Service.objects.select_related("details")}
        return self._services[code]

    def post(self, key: str, *, on: date | None = None) -> Post:
        posts = Post.objects.filter(person=self.person(key)).select_related("person", "service")
        if on:
            posts = posts.filter(start_date__lte=on)
        found = posts.order_by("-start_date", "-pk").first()
        assert found is not None
        return found

    def by(self, key: str) -> By:
        """What somebody may do. Access is only ever given here, so it is asked for once."""
        if key not in self._by:
            self._by[key] = access_of(self.person(key), at=evidence.clock.now(), signed_in="demo")
        return self._by[key]

    def check(self, code: str) -> Check:
        if code not in self._checks:
            found = checks_in_force(at=evidence.clock.now())
            self._checks = {c.competency.code: c for c in found.values()}
        return self._checks[code]

    # --- setting up ----------------------------------------------------------------------------

    def add_person(self, key: str, name: str) -> None:
        pseudonym = evidence.randomness.token_bytes(16).hex()
        people.add_person(by=COMMAND_LINE, reference=key, name=name, pseudonym=pseudonym)

    def grant(
        self,
        key: str,
        role: AccessRole,
        service: str | None = None,
        *,
        by: By,
        until: date | None = None,
    ) -> None:
        where = self.service(service) if service else None
        people.grant_access(by=by, person=self.person(key), role=role, service=where, until=until)
        self._by.pop(key, None)

    def let_sign_in(self, key: str, email: str, *, by: By) -> None:
        people.let_sign_in(by=by, person=self.person(key), email=email, password=None)

    def take_in(
        self, kind: str, header: Sequence[str], rows: Iterable[Sequence[object]], *, by: By
    ) -> None:
        """Import a file, the way a file is imported; every row is expected to be good."""
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(header)
        writer.writerows(rows)
        shown = imports.preview(kind, text.getvalue().encode(), f"{kind}.csv", by=by)
        if shown.problems:
            raise evidence.NotPossible(f"{kind}: {shown.problems[0].sentence}")
        imports.commit(shown, by=by)

    # --- checks --------------------------------------------------------------------------------

    def assess(
        self,
        key: str,
        code: str,
        *,
        by: str,
        home: str,
        missed: Collection[str] = (),
        note: str = "",
        happened_at: datetime | None = None,
        method: str = "",
        retakes: Assessment | None = None,
        corrects: Assessment | None = None,
        reason: str = "",
    ) -> Assessment:
        """One assessment in which every criterion is met but those `missed`, by code."""
        check = self.check(code)
        asked = {c["code"] for c in check.criteria}
        if retakes is not None:
            asked = {c for c, said in retakes.judgements.items() if said == "not_met"}
        return assessment.record_assessment(
            by=self.by(by),
            happened_at=happened_at or evidence.clock.now(),
            person=self.person(key),
            service=self.service(home),
            check=check,
            method=method or check.methods[0],
            judgements={c: "not_met" if c in missed else "met" for c in sorted(asked)},
            note=note,
            retakes=retakes,
            corrects=corrects,
            reason=reason,
        )

    def review(
        self,
        of: Assessment,
        *,
        by: str,
        decision: str,
        reason: str,
        owner: str,
        support_due: date,
        recheck_due: date | None = None,
    ) -> ManagerReview:
        new = None
        if decision != ManagerReview.Decision.RE_CHECK:
            new = support.NewSupport(decision, self.person(owner), support_due, of.competency)
        return assessment.review_check(
            by=self.by(by),
            of=of,
            decision=decision,
            reason=reason,
            support=new,
            recheck_due=recheck_due,
        )

    # --- readiness -----------------------------------------------------------------------------

    def sign_off_all(self, home: str, *, by: str, but: Collection[str] = ()) -> None:
        """Sign off everybody there who awaits it."""
        left_out = {self.person(key).pk for key in but}
        self.project()
        now = evidence.clock.now()
        posts = Post.objects.filter(service=self.service(home)).exclude(person__in=left_out)
        spans = queries.states_at(list(posts.values_list("pk", flat=True)), at=now)
        waiting = [p for p, s in spans.items() if s.state == State.AWAITING_SIGN_OFF]
        if waiting:
            shown = {s.post.pk: s.fingerprint() for s in queries.statements(waiting, at=now)}
            readiness.sign_off(by=self.by(by), shown=shown)

    def permit(
        self,
        key: str,
        codes: Iterable[str],
        *,
        by: str,
        supervisors: Iterable[str],
        days: int,
        failed: Sequence[support.FailedTask] = (),
        restrictions: Sequence[int] = (),
        note: str,
    ) -> None:
        self.project()  # who may supervise is judged when it is recorded
        now = evidence.clock.now()
        support.permit(
            by=self.by(by),
            post=self.post(key, on=now.date()),
            until=now + timedelta(days=days),
            competencies=[self.check(code).competency_id for code in codes],
            supervisors=[self.person(s).pk for s in supervisors],
            failed=failed,
            open_restrictions=restrictions,
            note=note,
        )
