"""What the page of one person and one competency shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from surehand.assessment.models import Assessment, Outcome
from surehand.assessment.queries import unmet_criteria
from surehand.people.models import Person
from surehand.people.roles import JOB_ROLES
from surehand.people.web import AsAt
from surehand.readiness.reasons import last_day
from surehand.readiness.rules import CompetencyState, State
from surehand.readiness.story import Seen, Standing, Story
from surehand.timeline import moment
from surehand.ui.formats import day, number, plural
from surehand.ui.page import Link, address

_TONE = {
    Outcome.PASS: ("independent", "circle-check"),
    Outcome.PARTIAL: ("not_ready", "circle-dot-dashed"),
    Outcome.FURTHER_SUPPORT: ("restricted", "clipboard-x"),
}


@dataclass(frozen=True)
class SeenView:
    heading: str
    line: str
    words: str
    unmet: Sequence[str]
    when: datetime
    entry: int
    tone: str
    icon: str

    @property
    def proof(self) -> str:
        """The page of the entry."""
        return address("entry", self.entry)


@dataclass(frozen=True)
class StoryPage:
    question: str
    lede: str
    over: str
    facts: Sequence[tuple[str, str]]
    next: Link | None
    next_words: str
    seen: Sequence[SeenView]
    criteria: Sequence[tuple[str, bool]]
    known: str


def story_page(found: Story, *, person: Person, as_at: AsAt, assesses: bool) -> StoryPage:
    """`assesses`: whether whoever looks may assess this person."""
    check = found.check
    stands = _weightiest(found.standings)
    words, href = _next(stands, person, check.competency.code, assesses)
    return StoryPage(
        question=f"Has {person} shown “{check.short}”?",
        lede=_lede(stands),
        over=f"{check.competency.code} · {check.group}",
        facts=list(_facts(found)),
        next=Link("Assess it now", href) if href and as_at.chosen is None else None,
        next_words=words,
        seen=[_seen(each) for each in found.seen],
        criteria=[(c["text"], c["critical"]) for c in check.criteria],
        known=f"As known at entry {number(found.seq)}.",
    )


def _weightiest(standings: Sequence[Standing]) -> Standing | None:
    """The standing the page speaks of: one that needs it before one that does not."""
    return max(standings, key=lambda s: (s.gate, s.needed, s.post.pk), default=None)


def _lede(stands: Standing | None) -> str:
    if stands is None:
        return "There was no post at that moment, so nothing is asked."
    if stands.state is CompetencyState.COMPETENT:
        return f"Yes. It lasts until {last_day(stands.until)}."
    since = day(moment(stands.since)) if stands.since else ""
    told = {
        CompetencyState.PARTLY: f"In part, on {since}. What was not met must be checked again.",
        CompetencyState.FAILED: f"No. Since {since} further support is required.",
        CompetencyState.EXPIRED: f"Not any more. It ran out when {since} began.",
        None: "Not yet. No check of it has been passed.",
    }[stands.state]
    return told if stands.needed else f"{told} Nothing asks for it in this post."


def _facts(found: Story) -> list[tuple[str, str]]:
    plan = (
        f"plan version {found.plan.number}, in force since {day(found.plan.applies_from)}"
        if found.plan
        else "no plan was in force"
    )
    rows = []
    for stands in found.standings:
        where = f"{JOB_ROLES[stands.post.job_role].title}, {stands.post.service}"
        if stands.gate:
            needed = f"Needed before live use alone: {plan}."
        elif stands.needed:
            needed = f"To develop; it never stops live use: {plan}."
        else:
            needed = f"Not asked for: {plan}."
        if stands.permission:
            needed += f" Allowed under supervision until {last_day(stands.permission.until)}."
        rows.append((where, needed))
    check = found.check
    lasts = f"A pass lasts {plural(check.validity_months, 'month')}"
    if check.agency_months:
        lasts += f", for agency posts {plural(check.agency_months, 'month')}"
    return [*rows, ("The check", f"{check.title}. Version {check.version}. {lasts}.")]


def _next(stands: Standing | None, person: Person, code: str, assesses: bool) -> tuple[str, str]:
    """What comes next, in words, and the page where it is done."""
    if stands is None or not stands.needed:
        return "Nothing: it is not asked for.", ""
    assess = address("assess-of-person", person.pseudonym, code) if assesses else ""
    if stands.state is CompetencyState.COMPETENT:
        if stands.gate and stands.readiness is State.AWAITING_SIGN_OFF:
            return "The workforce lead’s sign-off is all that is missing.", ""
        return f"Pass it again by {last_day(stands.until)}, before it runs out.", ""
    if stands.state is CompetencyState.FAILED:
        return (
            "The registered manager reviews what happened and decides what support helps; "
            "then it is checked again.",
            assess,
        )
    if stands.state is CompetencyState.PARTLY:
        return "An assessor checks again what was not met, within 28 days.", assess
    return "An assessor watches it done and judges it.", assess


def _seen(seen: Seen) -> SeenView:
    a = seen.assessment
    outcome = Outcome(a.outcome)
    tone, icon = _TONE[outcome]
    line = f"{Assessment.Method(a.method).label}, judged by {a.by}. {_help(a)}"
    if seen.late:
        line += f" Recorded late, on {day(a.recorded_at)}."
    return SeenView(
        heading=outcome.label if seen.counts else f"{outcome.label}, corrected or voided since",
        line=line,
        words=seen.words,
        unmet=[str(c["text"]) for c in unmet_criteria(a)],
        when=a.happened_at,
        entry=a.entry,
        tone=tone if seen.counts else "plain",
        icon=icon if seen.counts else "circle-minus",
    )


def _help(assessment: Assessment) -> str:
    given = sum(assessment.help_given.values())
    return f"Help given {plural(given, 'time')}." if given else "No help given."
