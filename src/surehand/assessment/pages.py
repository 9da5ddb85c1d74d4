"""What the pages of assessing show, worked out so that templates only draw."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from django.urls import reverse

from surehand.assessment import actions, queries, retakes
from surehand.assessment.attempt_pages import ToJudge
from surehand.assessment.attempt_pages import waiting as waiting_attempts
from surehand.assessment.forms import helped, judged
from surehand.assessment.models import (
    Assessment,
    AssessmentFile,
    CheckRequest,
    ManagerReview,
    Outcome,
)
from surehand.assessment.outcomes import CompetencyState
from surehand.competency.models import Check
from surehand.competency.queries import checks_in_force, needs_of_posts
from surehand.competency.rules import Criterion, Need
from surehand.evidence.refusal import why_not
from surehand.people.access import Action, By
from surehand.people.models import Person, Post, Service
from surehand.people.names import typed
from surehand.people.queries import current_posts
from surehand.people.roles import JOB_ROLES
from surehand.practice.queries import scenario_of
from surehand.support.pages import due_words
from surehand.timeline import FOREVER, instant, london_date, moment
from surehand.ui.formats import day, local, plural, short_day
from surehand.ui.formats import moment as in_words
from surehand.ui.page import Link, address

SOON = timedelta(days=28)
FEW = 4
REVIEW_WITHIN_DAYS = 2  # then it is shown as waiting too long (G01)

# outcome: (tone, icon)
LOOKS = {
    Outcome.PASS: ("independent", "circle-check"),
    Outcome.PARTIAL: ("supervised", "circle-dot-dashed"),
    Outcome.FURTHER_SUPPORT: ("restricted", "clipboard-x"),
}

LEDES = {
    Outcome.PASS: "This check is passed.",
    Outcome.PARTIAL: "Most of it was shown; the rest can be shown again.",
    Outcome.FURTHER_SUPPORT: "Support comes first, then the check again.",
}


def observe_address(
    person: Person, check: Check, service: Service, *, retake_of: Assessment | None = None
) -> str:
    """Where this check of this person is observed."""
    query = {"service": service.code}
    if retake_of:
        query["retakes"] = str(retake_of.entry)
    address = reverse("assess-of-person", args=[person.pseudonym, check.competency.code])
    return f"{address}?{urlencode(query)}"


# ---- the queue ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Asked:
    """A check asked for and not yet attempted."""

    what: str
    why: str
    href: str
    due: str
    now: bool


@dataclass
class PersonToAssess:
    """One person here: the gates they have not met, what else they need, and what is passed."""

    name: str
    line: str
    gates: list[Link] = field(default_factory=list)
    later: list[Link] = field(default_factory=list)
    passed: list[Link] = field(default_factory=list)
    open: bool = False  # its checks are shown at once, not folded away


@dataclass(frozen=True)
class Filters:
    """What the address narrows the queue to."""

    name: str = ""
    role: str = ""
    check: str = ""

    def __bool__(self) -> bool:
        return bool(self.name or self.role or self.check)


@dataclass(frozen=True)
class Queue:
    asked: list[Asked]
    to_judge: list[ToJudge]
    to_do: list[PersonToAssess]
    done: list[PersonToAssess]
    roles: list[tuple[str, str]]
    checks: list[tuple[str, str]]
    people: int
    chosen: Filters


def queue(*, by: By, service: Service, now: datetime, chosen: Filters) -> Queue:
    """Whom to assess here: what was asked for, then people with gates not met, then the rest. The
    number of SQL statements does not grow with the people."""
    today = london_date(instant(now))
    checks = checks_in_force(at=now)
    everybody = [p for p in current_posts([service.pk], on=today) if not by.is_self(p.person_id)]
    posts = [p for p in everybody if _wanted(p, chosen)]
    needs = needs_of_posts(posts, at=now)
    standings = queries.standings(posts, at=now)
    last = queries.last_outcomes({p.person_id for p in posts})
    rows: dict[int, PersonToAssess] = {}
    for post in posts:
        title = JOB_ROLES[post.job_role].title
        line = f"{title}, agency" if post.employment == "agency" else title
        row = rows.setdefault(post.person_id, PersonToAssess(str(post.person), line))
        for competency, need in needs[post.pk].items():
            check = checks.get(competency)
            if check is None or chosen.check not in {"", check.competency.code}:
                continue
            standing = standings[post.pk].get(competency)
            link = _to_assess(
                post, check, standing, last.get((post.person_id, competency)), service, now
            )
            competent = standing is not None and standing.state is CompetencyState.COMPETENT
            ends_soon = competent and standing is not None and standing.until < instant(now + SOON)
            if competent and not ends_soon:
                row.passed.append(link)
            elif need is Need.GATE and not competent:
                row.gates.append(link)
            else:
                row.later.append(link)
    found = [r for r in rows.values() if not chosen.check or r.gates or r.later or r.passed]
    return Queue(
        asked=_asked(by, service, checks, {p.person_id for p in posts}, chosen, today),
        to_judge=[
            each
            for each in waiting_attempts(services=[service.pk], now=now, checks=checks.values())
            if each.person in {p.person_id for p in posts} and chosen.check in {"", each.code}
        ],
        to_do=[replace(r, open=_open(r, chosen)) for r in found if r.gates],
        done=[r for r in found if not r.gates],
        roles=sorted(
            {(p.job_role, JOB_ROLES[p.job_role].title) for p in everybody}, key=lambda r: r[1]
        ),
        checks=[(c.competency.code, f"{c.competency.code} {c.short}") for c in checks.values()],
        people=len({p.person_id for p in everybody}),
        chosen=chosen,
    )


def _open(row: PersonToAssess, chosen: Filters) -> bool:
    """A list of 45 people is quick to read when only short lists of checks are unfolded."""
    return bool(chosen) or len(row.gates) <= FEW


def _wanted(post: Post, chosen: Filters) -> bool:
    return typed(chosen.name) in typed(str(post.person)) and chosen.role in {
        "",
        post.job_role,
    }


def _to_assess(
    post: Post,
    check: Check,
    standing: queries.Standing | None,
    last: Assessment | None,
    service: Service,
    now: datetime,
) -> Link:
    """The link that begins a check, or its retake: its short name and how it stands."""
    if last is not None and (again := retake_open(last, check, now)):
        return Link(
            f"{check.short} · finish by {short_day(again)}",
            observe_address(post.person, check, service, retake_of=last),
            icon="circle-dot-dashed",
        )
    href = observe_address(post.person, check, service)
    if standing is None:
        return Link(check.short, href, icon="circle-dashed")
    if standing.state is CompetencyState.COMPETENT:
        if standing.until >= FOREVER:
            return Link(check.short, href, icon="circle-check")
        ends = moment(standing.until)
        word = "runs out" if ends < now + SOON else "until"
        return Link(f"{check.short} · {word} {day(ends)}", href, icon="circle-check")
    word, icon = {
        CompetencyState.PARTLY: ("passed in part", "circle-dot-dashed"),
        CompetencyState.FAILED: ("further support", "clipboard-x"),
        CompetencyState.EXPIRED: ("ran out", "hourglass"),
    }[standing.state]
    return Link(f"{check.short} · {word}", href, icon=icon)


def retake_open(last: Assessment, check: Check, now: datetime) -> date | None:
    """Until when the last assessment may be completed by a retake, if it is a partial pass of the
    check in force and there is still time (R7)."""
    if last.outcome != Outcome.PARTIAL or last.check_version_id != check.pk:
        return None
    return retakes.until(last) if retakes.to_judge_again(last, at=now) else None


def _asked(
    by: By,
    service: Service,
    checks: dict[int, Check],
    people: set[int],
    chosen: Filters,
    today: date,
) -> list[Asked]:
    found = []
    for request in queries.open_requests([service.pk]):
        check = checks.get(request.competency_id)
        if check is None or request.person_id not in people:
            continue
        if chosen.check not in {"", check.competency.code}:
            continue
        found.append(
            Asked(
                what=f"{request.person}: {check.short}",
                why=f"Asked for by {request.by} on {day(request.recorded_at)}.",
                href=observe_address(request.person, check, service),
                due=due_words(request.due, today),
                now=request.due <= today,
            )
        )
    return found


# ---- the observation form -----------------------------------------------------------------------


def observation_question(
    check: Check, *, partial: Assessment | None, corrects: Assessment | None
) -> str:
    if corrects:
        return f"What is right? {check.title}"
    return f"Retake: {check.title}" if partial else check.title


def observation_lede(
    person: Person, *, partial: Assessment | None, corrects: Assessment | None
) -> str:
    if corrects:
        return f"Correcting your assessment of {person}. What you recorded before stays readable."
    if partial:
        return (
            f"Assessing {person}. Only what kept the check on {day(partial.happened_at)} "
            f"from a pass is judged again, until {day(retakes.until(partial))}."
        )
    return f"Assessing {person}. Watch without helping; count each time you do help."


def as_recorded(assessment: Assessment) -> dict[str, object]:
    """An assessment as the observation form shows it, for its correction."""
    here = local(assessment.happened_at)
    note = queries.words_of([assessment.entry])[assessment.entry].get("note", "")
    return {
        "on": here.date(),
        "time": f"{here:%H:%M}",
        "method": assessment.method,
        "note": note,
        **{judged(code): how for code, how in assessment.judgements.items()},
        **{helped(code): times for code, times in assessment.help_given.items()},
    }


# ---- one assessment -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Judgement:
    """One criterion as judged."""

    text: str
    critical: bool
    met: bool
    help_given: int
    when: str  # of a retake: which criteria were judged again


@dataclass(frozen=True)
class Happening:
    icon: str
    tone: str
    when: datetime
    entry: int
    text: str
    words: str = ""
    href: str = ""

    @property
    def proof(self) -> str:
        """The page of the entry."""
        return address("entry", self.entry)


@dataclass(frozen=True)
class Step:
    """What happens next."""

    what: str
    why: str
    icon: str
    href: str = ""


@dataclass(frozen=True)
class Button:
    """Something that can be done here; `refusal` is the sentence that says why not."""

    text: str
    href: str
    icon: str
    refusal: str


@dataclass(frozen=True)
class AssessmentPage:
    """One assessment, readable as a story."""

    lede: str
    label: str
    tone: str
    icon: str
    why: list[str]
    stands: str  # "" when it counts; else why it does not
    judged: list[Judgement]
    rows: list[tuple[str, str] | tuple[str, str, Link]]
    note: str
    files: list[Link]
    story: list[Happening]
    next: list[Step]
    buttons: list[Button]


def why_outcome(criteria: Iterable[Criterion], judged: retakes.Judged) -> list[str]:
    """Why the rule gave this outcome (R7), one sentence for each reason."""
    missed = {c for c, how in judged.judgements.items() if how == "not_met"}
    helped = {c for c, times in judged.help_given.items() if times}
    times = sum(judged.help_given.values())
    criteria = list(criteria)
    decisive = [
        f"Not met, and it must be met without help: {c.text}"
        if c.code in missed
        else f"Met only with help, and it must be met without help: {c.text}"
        for c in criteria
        if c.critical and c.code in missed | helped
    ]
    if decisive:
        return decisive
    if not missed and times <= 1:
        if times:
            return ["Every criterion was met. Help was given once, which a pass allows."]
        return ["Every criterion was met without help."]
    why = [f"Not met: {c.text}" for c in criteria if c.code in missed]
    if times > 1:
        why.append(f"Help was given {times} times; a pass allows it once.")
    return [*why, "Everything that must be met without help was met."]


def assessment_page(
    assessment: Assessment, *, by: By, now: datetime, checks: dict[int, Check]
) -> AssessmentPage:
    """Everything about one assessment, for whoever may read it."""
    outcome = Outcome(assessment.outcome)
    tone, icon = LOOKS[outcome]
    whole = retakes.whole(assessment)
    criteria = retakes.criteria(assessment)
    chain = corrections_of(assessment)
    review = ManagerReview.objects.filter(assessment=assessment).first()
    words = queries.words_of(
        [
            *(a.entry for a in chain),
            *([review.entry] if review else []),
            *(a.void.entry for a in chain if hasattr(a, "void")),
        ]
    )
    told = may_read_words(by, assessment)
    if not told:
        words = {entry: {} for entry in words}
    recorded = london_date(instant(assessment.recorded_at))
    happened = london_date(instant(assessment.happened_at))
    late = 0 if assessment.supersedes_id else (recorded - happened).days
    again = {
        c: "" if c in assessment.judgements or not assessment.retakes else "Judged before"
        for c in whole.judgements
    }
    return AssessmentPage(
        lede=f"{outcome.label}. {_does_not_count(assessment) or LEDES[outcome]}",
        label=outcome.label,
        tone="plain" if _does_not_count(assessment) else tone,
        icon=icon,
        why=why_outcome(criteria, whole),
        stands=_does_not_count(assessment),
        judged=[
            Judgement(
                c.text,
                c.critical,
                whole.judgements.get(c.code) == "met",
                whole.help_given.get(c.code, 0),
                again.get(c.code, ""),
            )
            for c in criteria
        ],
        rows=[
            ("Check", f"{assessment.competency.code} version {assessment.check_version.version}"),
            ("Seen", Assessment.Method(assessment.method).label),
            ("Assessed by", str(assessment.by)),
            ("Service", str(assessment.service)),
            ("Happened", in_words(assessment.happened_at)),
            (
                "Recorded",
                in_words(assessment.recorded_at)
                + (f" ({plural(late, 'day')} late)" if late > 0 else ""),
            ),
            *_made_from(assessment, by),
            _evidence(assessment.entry),
        ],
        note=words[assessment.entry].get("note", ""),
        files=[
            Link(name, reverse("assessment-file", args=[assessment.entry, pk]), icon="file-text")
            for pk, name in AssessmentFile.objects.filter(assessment__in=chain).values_list(
                "pk", "name"
            )
            if told
        ],
        story=_story(assessment, chain, review, words),
        next=_next(assessment, review, by=by, now=now, checks=checks),
        buttons=[
            Button(
                "Correct",
                reverse("correct-assessment", args=[assessment.entry]),
                "pencil",
                why_not(lambda: actions.check_may_correct(by=by, assessment=assessment)),
            ),
            Button(
                "Void",
                reverse("void-assessment", args=[assessment.entry]),
                "circle-x",
                why_not(lambda: actions.check_may_void(by=by, assessment=assessment)),
            ),
        ],
    )


def may_read_words(by: By, assessment: Assessment) -> bool:
    """What was written, and files, are for the person and for readers of that service."""
    return by.is_self(assessment.person_id) or by.may(Action.READ, assessment.service_id)


def _evidence(entry: int) -> tuple[str, str] | tuple[str, str, Link]:
    """The row that names the evidence entry, with the way to it where it can be opened."""
    words, href = f"Entry {entry:,}", address("entry", entry)
    return ("Evidence", words, Link("Open", href)) if href else ("Evidence", words)


def _made_from(assessment: Assessment, by: By) -> list[tuple[str, str] | tuple[str, str, Link]]:
    """The row that names the check in practice it was made from, with the way to its replay."""
    attempt = assessment.attempt
    if attempt is None:
        return []
    title = scenario_of(attempt.scenario.document).title
    href = address("practice-replay", attempt.entry)
    if href and may_read_words(by, assessment):
        return [("Made from", title, Link("See how it was done", href))]
    return [("Made from", title)]


def corrections_of(assessment: Assessment) -> list[Assessment]:
    """The assessment with everything it corrects and everything that corrects it, oldest first."""
    first = assessment
    while first.supersedes is not None:
        first = first.supersedes
    found = [first]
    while hasattr(found[-1], "superseded_by"):
        found.append(found[-1].superseded_by)
    return found


def _does_not_count(assessment: Assessment) -> str:
    if hasattr(assessment, "void"):
        return "This assessment was voided and does not count."
    if hasattr(assessment, "superseded_by"):
        return "This assessment was corrected and does not count. The corrected one is below."
    return ""


def _story(
    assessment: Assessment,
    chain: list[Assessment],
    review: ManagerReview | None,
    words: dict[int, dict[str, str]],
) -> list[Happening]:
    found = []
    if (before := chain[0].retakes) is not None:
        found.append(
            Happening(
                "circle-dot-dashed",
                "supervised",
                before.happened_at,
                before.entry,
                f"Passed in part. Assessed by {before.by}.",
                href=reverse("assessment", args=[before.entry]),
            )
        )
    for each in chain:
        tone, icon = LOOKS[Outcome(each.outcome)]
        label = Outcome(each.outcome).label
        if each.supersedes is None:
            text = f"{label}. Assessed by {each.by}."
        else:
            text = (
                f"Corrected by {each.by}: {Outcome(each.supersedes.outcome).label} became {label}."
            )
            if each.supersedes.outcome == each.outcome:
                text = f"Corrected by {each.by}. It is still: {label}."
        found.append(
            Happening(
                icon if each.supersedes is None else "pencil",
                tone,
                each.recorded_at,
                each.entry,
                text,
                words[each.entry].get("reason", ""),
                "" if each.pk == assessment.pk else reverse("assessment", args=[each.entry]),
            )
        )
        if hasattr(each, "void"):
            found.append(
                Happening(
                    "circle-x",
                    "plain",
                    each.void.recorded_at,
                    each.void.entry,
                    f"Voided by {each.void.by}.",
                    words[each.void.entry].get("reason", ""),
                )
            )
    if review is not None:
        found.append(
            Happening(
                "scale",
                "brand",
                review.recorded_at,
                review.entry,
                f"Reviewed by {review.by}: {review.get_decision_display().lower()}.",
                words[review.entry].get("reason", ""),
            )
        )
    found += [
        Happening(
            LOOKS[Outcome(later.outcome)][1],
            LOOKS[Outcome(later.outcome)][0],
            later.happened_at,
            later.entry,
            f"Retaken in part: {Outcome(later.outcome).label.lower()}.",
            href=reverse("assessment", args=[later.entry]),
        )
        for later in assessment.retaken_by.filter(void__isnull=True, superseded_by__isnull=True)
    ]
    return found


def _next(
    assessment: Assessment,
    review: ManagerReview | None,
    *,
    by: By,
    now: datetime,
    checks: dict[int, Check],
) -> list[Step]:
    """What happens next, for the assessor and for the person."""
    if hasattr(assessment, "void") or hasattr(assessment, "superseded_by"):
        return []
    if assessment.outcome == Outcome.PASS:
        months = assessment.check_version.validity_months
        return [
            Step(
                "Nothing more is needed for this check",
                f"A pass lasts {plural(months, 'month')}; an agency post may count it for less.",
                "circle-check",
            )
        ]
    steps = []
    if review is None:
        steps.append(
            Step(
                "The registered manager reviews this check",
                "They decide on coaching, repeat training, supervised use or a re-check.",
                "scale",
                reverse("review", args=[assessment.entry])
                if by.may(Action.REVIEW, assessment.service_id)
                else "",
            )
        )
    check = checks.get(assessment.competency_id)
    last = queries.last_outcomes([assessment.person_id]).get(
        (assessment.person_id, assessment.competency_id)
    )
    if check is None or last is None or last.pk != assessment.pk:
        return steps
    assesses = not why_not(
        lambda: actions.check_may_assess(
            by=by, person=assessment.person, service=assessment.service
        )
    )
    if until := retake_open(assessment, check, now):
        count = len(retakes.to_judge_again(assessment, at=now))
        steps.append(
            Step(
                f"Retake {plural(count, 'criterion', 'criteria')} until {day(until)}",
                "Only what kept this from a pass is judged again.",
                "rotate-ccw",
                observe_address(assessment.person, check, assessment.service, retake_of=assessment),
            )
        )
    else:
        steps.append(
            Step(
                "Assess the whole check again",
                "After support, when the person is ready.",
                "clipboard-check",
                observe_address(assessment.person, check, assessment.service) if assesses else "",
            )
        )
    return steps


# ---- the manager's reviews ----------------------------------------------------------------------


@dataclass(frozen=True)
class Waiting:
    """One check that waits for the registered manager."""

    what: str
    why: str
    href: str
    waited: str
    now: bool
    icon: str


def waiting(*, service: Service, now: datetime, checks: dict[int, Check]) -> list[Waiting]:
    """Failed and incomplete checks of this service nobody reviewed yet, oldest first."""
    today = london_date(instant(now))
    found = []
    for item in queries.waiting_for_review([service.pk], today=today):
        days = (today - london_date(instant(item.since))).days
        found.append(
            Waiting(
                what=f"{item.of.person}: {check_name(item.of, checks)}",
                why=_why_waiting(item.of),
                href=f"{reverse('review', args=[item.of.entry])}?service={service.code}",
                waited=f"Waits {plural(days, 'day')}" if days else "Since today",
                now=days >= REVIEW_WITHIN_DAYS,
                icon="clipboard-x" if isinstance(item.of, Assessment) else "calendar-x",
            )
        )
    return found


def check_name(of: Assessment | CheckRequest, checks: dict[int, Check]) -> str:
    if isinstance(of, Assessment):
        return of.check_version.short
    check = checks.get(of.competency_id)
    return check.short if check else of.competency.code


def _why_waiting(of: Assessment | CheckRequest) -> str:
    if isinstance(of, CheckRequest):
        return f"Incomplete: asked for by {day(of.due)} and not attempted."
    unmet = queries.unmet_criteria(of)
    label = Outcome(of.outcome).label
    if not unmet:
        return f"{label} on {day(of.happened_at)}: help was given {_times(of)}."
    more = f", and {len(unmet) - 1} more" if len(unmet) > 1 else ""
    return f"{label} on {day(of.happened_at)}. Not met: {unmet[0]['text']}{more}"


def _times(of: Assessment) -> str:
    return plural(sum(retakes.whole(of).help_given.values()), "time")


@dataclass(frozen=True)
class ToDecide:
    """What the registered manager reads before deciding."""

    person: Person
    service: Service
    check: str
    outcome: tuple[str, str, str]  # words, tone, icon
    why: list[str]
    note: str
    rows: list[tuple[str, str]]
    link: Link | None  # to the assessment; none for a check never attempted
    decided: str  # what was decided, when it has been
    reason: str
    refusal: str


def to_decide(of: Assessment | CheckRequest, *, by: By, checks: dict[int, Check]) -> ToDecide:
    review = getattr(of, "manager_review", None)
    words = queries.words_of([of.entry, *([review.entry] if review else [])])
    if isinstance(of, Assessment):
        outcome = Outcome(of.outcome)
        shown = (outcome.label, *LOOKS[outcome])
        why = why_outcome(retakes.criteria(of), retakes.whole(of))
        rows = [("Assessed by", str(of.by)), ("Happened", in_words(of.happened_at))]
    else:
        shown = ("Incomplete", "supervised", "calendar-x")
        why = [f"It was asked for by {day(of.due)} and has not been attempted."]
        rows = [("Asked for by", str(of.by)), ("Asked on", day(of.recorded_at))]
    return ToDecide(
        person=of.person,
        service=of.service,
        check=check_name(of, checks),
        outcome=shown,
        why=why,
        note=words[of.entry].get("note", ""),
        rows=[*rows, ("Evidence", f"Entry {of.entry:,}")],
        link=Link("The assessment", reverse("assessment", args=[of.entry]))
        if isinstance(of, Assessment)
        else None,
        decided=f"{review.get_decision_display()}, decided by {review.by} on "
        f"{day(review.recorded_at)}."
        if review
        else "",
        reason=words[review.entry].get("reason", "") if review else "",
        refusal=why_not(lambda: actions.check_may_review(by=by, of=of)),
    )
