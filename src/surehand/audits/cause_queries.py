"""What is known of gaps: which wait for a cause, which have one, and what speaks for which (2.4).

Everything as at a moment, and as known by a ledger seq (R3). No read asks more often for many gaps
than for few.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet

from surehand.audits import cause as rules
from surehand.audits.cause import Known, Place, Seen, Standing
from surehand.audits.check_queries import noted
from surehand.audits.checked import Checked, Found, checked, of_gaps
from surehand.audits.models import (
    AuditWords,
    Cause,
    FindingReply,
    GapCause,
    RecordCheck,
    Refresher,
)
from surehand.competency.models import Competency
from surehand.competency.themes import THEMES
from surehand.people.models import Post
from surehand.people.queries import humans
from surehand.practice.log import logged
from surehand.readiness import facts
from surehand.readiness.rules import CompetencyState
from surehand.records.authors import Accounts
from surehand.support.models import Question, SupportAction, SupportDone
from surehand.support.queries import asked, confidence
from surehand.support.rules import Said, level
from surehand.timeline import at as held_at
from surehand.timeline import instant, moment

BACK = timedelta(weeks=rules.WEEKS_BACK)
NEW = timedelta(days=rules.NEW_DAYS)


@dataclass(frozen=True)
class GapFound:
    """A gap, and the record it was found in."""

    found: Found
    record: Checked

    @property
    def place(self) -> Place:
        return self.record.record_type, self.record.section


def gaps_of(service: int, *, at: datetime, known: int | None = None) -> list[GapFound]:
    """Every gap of the checks that hold, the newest record first; three statements."""
    return gaps_in(checked(at=at, known=known, services=[service]))


def gaps_in(records: Iterable[Checked]) -> list[GapFound]:
    found = [GapFound(gap, record) for record in records for gap in record.gaps]
    return sorted(found, key=lambda each: (each.record.written_at, each.found.gap), reverse=True)


def about(cause: Cause) -> list[GapFound]:
    """The gaps of a cause, the newest record first, as they were found: their checks may have been
    corrected or voided since."""
    its = set(GapCause.objects.filter(cause=cause).values_list("gap_id", flat=True))
    return [each for each in gaps_in(of_gaps(its)) if each.found.gap in its]


def writers_of(gaps: Sequence[GapFound]) -> set[int]:
    """Whoever wrote these records, as was known then and as is known now."""
    accounts = Accounts.read({each.record.account for each in gaps})
    now = [accounts.at(each.record.account, each.record.written_at).person for each in gaps]
    then = {each.record.author for each in gaps if each.record.author is not None}
    return then | {person.pk for person in now if person}


def causes_of(gaps: Collection[int], *, at: datetime, known: int | None = None) -> dict[int, Cause]:
    """The cause that holds of each of these gaps, where it has one; one statement."""
    rows = GapCause.objects.filter(gap__in=gaps, cause__in=holding(at=at, known=known))
    return {row.gap_id: row.cause for row in rows.select_related("cause").order_by("entry")}


def holding(*, at: datetime, known: int | None = None) -> QuerySet[Cause]:
    """The causes that hold: said by then, and not corrected by then."""
    rows = by_then(at=at, known=known)
    if known is None:
        return rows.exclude(superseded_by__happened_at__lte=at)
    return rows.exclude(superseded_by__entry__lte=known)


def by_then(*, at: datetime, known: int | None = None) -> QuerySet[Cause]:
    """Every cause said by then, corrected or not."""
    rows = Cause.objects.filter(happened_at__lte=at)
    return rows if known is None else rows.filter(entry__lte=known)


def corrected_by(cause: Cause, *, at: datetime, known: int | None = None) -> Cause | None:
    """The cause that had taken its place by then."""
    later: Cause | None = getattr(cause, "superseded_by", None)
    if later is None or later.happened_at > at or (known is not None and later.entry > known):
        return None
    return later


def waiting(services: Collection[int], *, at: datetime) -> dict[int, list[GapFound]]:
    """The gaps nobody has said a cause of yet, by service; four statements."""
    found = gaps_in(checked(at=at, services=services))
    decided = causes_of([each.found.gap for each in found], at=at)
    open_gaps: dict[int, list[GapFound]] = defaultdict(list)
    for each in found:
        if each.found.gap not in decided:
            open_gaps[each.record.service].append(each)
    return open_gaps


def said(service: int, *, at: datetime, known: int | None = None) -> list[tuple[Cause, int]]:
    """The causes that hold at a service, the last one first, each with how many gaps; one
    statement."""
    rows = holding(at=at, known=known).filter(service=service).annotate(count=Count("gaps"))
    rows = rows.select_related("by__identity", "service__details").order_by("-entry")
    return [(row, row.count) for row in rows]


def undecided(services: Collection[int], *, at: datetime) -> list[Cause]:
    """The causes of which nobody is sure yet, the one to be decided first at the top."""
    rows = holding(at=at).filter(service__in=services, why=Cause.Kind.UNSURE)
    return list(rows.select_related("service__details").order_by("decide_by", "pk"))


def words_of(entries: Iterable[int | None]) -> dict[int, str]:
    """What was written with these entries; one statement."""
    found: dict[int, str] = {}
    rows = AuditWords.objects.filter(entry__in=[e for e in entries if e is not None])
    for entry, text in rows.order_by("pk").values_list("entry", "text"):
        found[entry] = f"{found[entry]} {text}" if entry in found else text
    return found


def notes_of(checks: Collection[int]) -> dict[int, str]:
    """What was noted with each check, without why it was corrected; three statements."""
    rows = list(RecordCheck.objects.filter(pk__in=checks))
    return {check: said.note for check, said in noted(rows).items()}


def replies_to(
    checks: Collection[int], *, at: datetime, known: int | None = None
) -> dict[int, list[FindingReply]]:
    """What whoever wrote the records says, by check, the first one first; one statement."""
    rows = FindingReply.objects.filter(check_of__in=checks, happened_at__lte=at)
    if known is not None:
        rows = rows.filter(entry__lte=known)
    found: dict[int, list[FindingReply]] = defaultdict(list)
    for reply in rows.select_related("by__identity").order_by("entry"):
        found[reply.check_of_id].append(reply)
    return found


# --- What speaks for a cause ----------------------------------------------------------------------


def known_of(
    gaps: Sequence[GapFound],
    *,
    service: int,
    theme: str,
    at: datetime,
    known: int | None = None,
) -> Known:
    """What is known of these gaps of one theme at a service, a record that two audits drew once; a
    fixed number of statements."""
    gaps = list({each.record.record_id: each for each in gaps}.values())
    same = humans()
    competencies = _competencies(theme)
    people = {g.record.author for g in gaps if g.record.author is not None}
    everybody = people | {person for person, human in same.items() if human in people}
    others = checked(at=at, known=known, services=[service], since=at - BACK)
    wrote = _Wrote.read(everybody, same, service=service, theme=theme, known=known)
    goes = _practised(everybody, competencies, at=at, known=known)
    questions = _questions(service, theme, competencies, same, at=at, known=known)
    sure: dict[int, list[Said]] = defaultdict(list)
    for (person, competency), said in confidence(everybody, at=at, known=known).items():
        if competency in competencies:
            sure[same.get(person, person)] += [
                Said(s.statement, s.level, instant(s.happened_at)) for s in said
            ]
    return Known(
        seen=tuple(wrote.seen(each, competencies) for each in gaps),
        without=_without(others, theme),
        tried=len(goes),
        missed=sum(goes.values()),
        asked=len(set(questions)),
        questions=len(questions),
        sure={person: found for person, said in sure.items() if (found := level(said))},
    )


def _competencies(theme: str) -> dict[int, str]:
    """The competencies the theme is checked again by, by id."""
    rows = Competency.objects.filter(code__in=THEMES[theme].checks)
    return dict(rows.values_list("pk", "code"))


def _without(records: Iterable[Checked], theme: str) -> dict[Place, set[int]]:
    """Who wrote records of each place, of which none has a gap of this theme."""
    wrote: dict[Place, set[int]] = defaultdict(set)
    lacks: dict[Place, set[int]] = defaultdict(set)
    for record in records:
        if record.author is not None:
            place = record.record_type, record.section
            (lacks if theme in record.themes else wrote)[place].add(record.author)
    return {place: people - lacks[place] for place, people in wrote.items()}


def _practised(
    people: Collection[int], competencies: dict[int, str], *, at: datetime, known: int | None
) -> dict[int, bool]:
    """Who tried something of these competencies in practice to the end, and whether they missed
    it the first time."""
    codes = {f"{code}." for code in competencies.values()}
    found: dict[int, bool] = {}
    for go in reversed(logged(people, at=at, known=known)):
        if not go.is_marked or go.human in found:
            continue
        asks = [e for e in go.scenario.expect if _asks(e.criteria, codes)]
        if asks:
            missed = {e.code for e in go.missed}
            found[go.human] = any(e.code in missed for e in asks)
    return found


def _asks(criteria: Iterable[str], codes: Collection[str]) -> bool:
    return any(criterion.startswith(tuple(codes)) for criterion in criteria)


def _questions(
    service: int,
    theme: str,
    competencies: dict[int, str],
    same: dict[int, int],
    *,
    at: datetime,
    known: int | None,
) -> list[int]:
    """Who was stuck on this in live use, once for each question."""
    rows = Question.objects.filter(
        service=service, happened_at__gt=at - BACK, happened_at__lte=at
    ).order_by("entry")
    if known is not None:
        rows = rows.filter(entry__lte=known)
    return [
        same.get(each.question.person_id, each.question.person_id)
        for each in asked(rows)
        if each.theme == theme or (not each.theme and each.competency in competencies)
    ]


@dataclass(frozen=True)
class _Wrote:
    """How people stood when they wrote: their posts at the service with their competence, and the
    support on this theme that was given them."""

    cases: dict[int, list[facts.Case]]  # by human
    supports: dict[int, list[tuple[datetime, int | None]]]  # by human: when done, competency

    @classmethod
    def read(
        cls,
        people: Collection[int],
        same: dict[int, int],
        *,
        service: int,
        theme: str,
        known: int | None,
    ) -> "_Wrote":
        posts = Post.objects.filter(person__in=people, service=service)
        if known is not None:
            posts = posts.filter(entry__lte=known)
        cases: dict[int, list[facts.Case]] = defaultdict(list)
        for case in facts.cases(list(posts.values_list("pk", flat=True)), known=known):
            cases[same.get(case.person, case.person)].append(case)
        return cls(cases, _supports(people, same, theme, known))

    def seen(self, gap: GapFound, competencies: Collection[int]) -> Seen:
        """This gap, and how whoever wrote the record stood at that moment."""
        person, written = gap.record.author, gap.record.written_at
        if person is None:
            return Seen(gap.found.gap, gap.place, gap.found.criterion, None)
        then = instant(written)
        held = [c for c in self.cases.get(person, ()) if c.post.starts <= then < c.post.until]
        return Seen(
            gap=gap.found.gap,
            place=gap.place,
            criterion=gap.found.criterion,
            person=person,
            standing=_standing(held, competencies, then),
            agency=bool(held) and all(case.post.agency for case in held),
            new=bool(held) and all(written - moment(case.post.starts) < NEW for case in held),
            supports=sum(
                done < written and (of is None or of in competencies)
                for done, of in self.supports.get(person, ())
            ),
        )


def _standing(held: Sequence[facts.Case], competencies: Collection[int], then: int) -> Standing:
    """The best of the theme's competencies counts: not every job role is asked for all of them."""
    found = Standing.NEVER
    for case in held:
        for competency, spans in case.competence().items():
            if competency not in competencies:
                continue
            span = held_at(spans, then)
            if span is not None and span.state == CompetencyState.COMPETENT:
                return Standing.CURRENT
            if any(s.start <= then and s.state == CompetencyState.COMPETENT for s in spans):
                found = Standing.EXPIRED
    return found


def _supports(
    people: Collection[int], same: dict[int, int], theme: str, known: int | None
) -> dict[int, list[tuple[datetime, int | None]]]:
    """Support that took place: about a competency, or born of a cause or a refresher of this
    theme (then no competency is asked for)."""
    born = Q(because__in=Cause.objects.filter(theme=theme).values("entry")) | Q(
        because__in=Refresher.objects.filter(theme=theme).values("entry")
    )
    rows = SupportAction.objects.filter(person__in=people, done__isnull=False).exclude(
        done__outcome=SupportDone.Outcome.NOT_DONE
    )
    if known is not None:
        rows = rows.filter(done__entry__lte=known)
    found: dict[int, list[tuple[datetime, int | None]]] = defaultdict(list)
    ours = set(rows.filter(born).values_list("pk", flat=True))
    for pk, person, competency, done in rows.values_list(
        "pk", "person_id", "competency_id", "done__happened_at"
    ):
        if pk in ours or competency is not None:
            about = None if pk in ours else competency
            found[same.get(person, person)].append((done, about))
    return found
