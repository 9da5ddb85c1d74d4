"""The warnings G05 to G10: when each opens, in one sentence, and for whom.

Pure. A warning prompts a question and closes by what its rule says, or by a recorded decision. Of a
person it says what was found about records, and only when chance hardly explains it. Days are
working days.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from surehand.audits.accuracy import Count, author_of, estimate, has_gap, is_accurate
from surehand.stats.comparison import Comparison, Verdict
from surehand.stats.estimates import MINIMUM, rate
from surehand.stats.shrinkage import chance_above, prior
from surehand.stats.spc import Judgement

if TYPE_CHECKING:
    from surehand.audits.checked import Checked

DAYS = 28
"""How far back G05, G06, G09 and G10 look, by when records were written."""


@dataclass(frozen=True)
class Rule:
    """A rule: who owns its warnings, by access role, in how many working days they are due, to whom
    and when they escalate, and what closes them."""

    code: str
    title: str
    owner: str
    due: int
    escalate_to: str
    escalate_at: int
    closes: str


RULES: dict[str, Rule] = {
    rule.code: rule
    for rule in (
        Rule(
            "G05",
            "Repeated errors",
            "registered_manager",
            5,
            "quality_lead",
            10,
            "The follow-up meets",
        ),
        Rule("G06", "Missing evidence", "quality_lead", 5, "project_lead", 8, "Evidence, or void"),
        Rule("G07", "Late entries", "team_leader", 3, "registered_manager", 6, "2 good weeks"),
        Rule(
            "G08",
            "No clear improvement",
            "registered_manager",
            5,
            "quality_lead",
            10,
            "A new plan, or better",
        ),
        Rule("G09", "Recurring gap", "workforce_lead", 10, "project_lead", 15, "Below the limit"),
        Rule(
            "G10",
            "Low accuracy, or harm",
            "quality_lead",
            5,
            "nominated_individual",
            8,
            "The re-audit meets",
        ),
    )
}
HARM_DUE = 1
"""Harm that was not escalated is due on the next working day."""


@dataclass(frozen=True)
class Evidence:
    """What a warning rests on: items of audits, ledger entries, or all late records of some days
    (both included)."""

    items: tuple[int, ...] = ()
    entries: tuple[int, ...] = ()
    late: tuple[date, date] | None = None


@dataclass(frozen=True)
class Warning:
    """A rule that holds at a service (None: of the provider). `person` and `theme` say whose
    records and of what, where it is about one; `{person}` in the sentence stands for their name.
    `key` is the same for the same warning at every moment."""

    rule: Rule
    service: int | None
    sentence: str
    evidence: Evidence
    due: int
    theme: str = ""
    person: int | None = None
    about: str = ""

    @property
    def key(self) -> tuple[Hashable, ...]:
        return self.rule.code, self.service, self.theme, self.person, self.about


def _warn(
    code: str,
    service: int | None,
    sentence: str,
    evidence: Evidence,
    *,
    due: int | None = None,
    theme: str = "",
    person: int | None = None,
    about: str = "",
) -> Warning:
    rule = RULES[code]
    days = rule.due if due is None else due
    return Warning(rule, service, sentence, evidence, days, theme, person, about)


# --- G05 repeated errors --------------------------------------------------------------------------

GAPS, AUDITED, LIMIT, SURE = 3, 8, 0.20, 0.9


@dataclass(frozen=True)
class Repeated:
    """A gap that the records of one person (or team) have again and again: in `gaps` of `audited`
    records checked; `chance` is how likely it is in more than one of five."""

    who: Hashable
    gaps: int
    audited: int
    chance: float
    items: tuple[int, ...]


def repeated(
    records: Iterable["Checked"],
    theme: str,
    *,
    of: Callable[["Checked"], Hashable] = author_of,
    least: int = AUDITED,
) -> list[Repeated]:
    """Who has 3 gaps of the theme or more in 8 records checked or more, and in more than one of
    five of all their records with a probability of 0.9, seen beside the others (shrunk towards
    them, so that nobody stands out by luck)."""
    own: dict[Hashable, list[Checked]] = defaultdict(list)
    for record in records:
        own[of(record)].append(record)
    worth = {who: _worth(found, theme) for who, found in own.items()}
    if not worth:
        return []
    before = prior([x for x, _ in worth.values()], [n for _, n in worth.values()])
    found = []
    for who, theirs in own.items():
        gaps = tuple(r.item for r in theirs if theme in r.themes)
        if len(gaps) < GAPS or len(theirs) < least:
            continue
        chance = chance_above(LIMIT, *worth[who], before)
        if chance >= SURE:
            found.append(Repeated(who, len(gaps), len(theirs), chance, gaps))
    return found


def _worth(records: Sequence["Checked"], theme: str) -> tuple[float, float]:
    """Records with the gap, and records, for which these count: no more than were checked."""
    found = rate([theme in r.themes for r in records], [r.pi for r in records])
    assert found is not None
    n = min(found.n_eff, float(found.n))
    return found.value * n, n


def repeated_errors(
    service: int, records: Sequence["Checked"], titles: Mapping[str, str]
) -> list[Warning]:
    """G05 of the records of a service of the last 28 days."""
    known = [r for r in records if r.author is not None]
    return [
        _warn(
            "G05",
            service,
            f"{each.gaps} of {each.audited} records by {{person}} checked in {DAYS} days have the "
            f"gap “{titles[theme].lower()}”.",
            Evidence(items=each.items),
            theme=theme,
            person=each.who[0],
        )
        for theme in titles
        for each in repeated(known, theme)
        if isinstance(each.who, tuple)
    ]


# --- G06 missing evidence -------------------------------------------------------------------------

TASK, TASK_EVIDENCE, TASKS, MISSING = "task", "T09", 20, 0.10
LATE_CHECK = 7
"""Days after the last day for its checks."""


@dataclass(frozen=True)
class Due:
    """An audit: the last London day for its checks, and how many still wait."""

    entry: int
    due: date
    waiting: int


@dataclass(frozen=True)
class Unfounded:
    """An outcome of a check with no evidence at all; its ledger entry."""

    entry: int


def missing_evidence(
    service: int,
    records: Sequence["Checked"],
    audits: Iterable[Due],
    outcomes: Iterable[Unfounded],
    *,
    today: date,
) -> list[Warning]:
    """G06: an outcome without evidence, task evidence missing, a check seven days late."""
    found = []
    if without := [each.entry for each in outcomes]:
        rests = "outcome in practice rests" if len(without) == 1 else "outcomes in practice rest"
        found.append(
            _warn(
                "G06",
                service,
                f"{len(without)} {rests} on no attempt and no note.",
                Evidence(entries=tuple(without)),
                about="outcomes",
            )
        )
    tasks = [r for r in records if r.record_type == TASK]
    share = estimate(tasks, has_gap(TASK_EVIDENCE))
    if share is not None and not share.too_few and share.n >= TASKS and share.value > MISSING:
        found.append(
            _warn(
                "G06",
                service,
                f"Evidence is missing in about {100 * share.value:.0f} of every 100 tasks "
                f"({share.n} checked in {DAYS} days).",
                Evidence(items=tuple(r.item for r in tasks if TASK_EVIDENCE in r.themes)),
                theme=TASK_EVIDENCE,
                about="tasks",
            )
        )
    for audit in audits:
        late = (today - audit.due).days
        if audit.waiting and late >= LATE_CHECK:
            found.append(
                _warn(
                    "G06",
                    service,
                    f"{audit.waiting} {'record' if audit.waiting == 1 else 'records'} of an audit "
                    f"still to be checked: the last day was {audit.due.day} {audit.due:%B}, {late} "
                    "days ago.",
                    Evidence(entries=(audit.entry,)),
                    about=f"audit {audit.entry}",
                )
            )
    return found


# --- G07 late entries -----------------------------------------------------------------------------

LATE, LATE_OF = 0.15, 50
INCIDENT_MINUTES = 240
"""An incident is late beyond question after so many minutes."""


def late_entries(
    service: int,
    week: tuple[date, date],
    late: Count,
    judgement: Judgement | None,
    incidents: int,
) -> list[Warning]:
    """G07 of the last whole week (its first and last day): too many of all its records late, a
    chart that looks like a concern, an incident written after more than four hours."""
    evidence = Evidence(late=week)
    found = []
    if late.records >= LATE_OF and late.noticed > LATE * late.records:
        found.append(
            f"{late.noticed} of {late.records} records of the last week were late: more than "
            f"{100 * LATE:.0f} in every 100."
        )
    if judgement is Judgement.CONCERN:
        found.append("Late entries over time look like a concern.")
    if incidents:
        were = "incident was" if incidents == 1 else "incidents were"
        found.append(
            f"{incidents} {were} written more than {INCIDENT_MINUTES} minutes after it happened."
            if incidents == 1
            else f"{incidents} {were} written more than {INCIDENT_MINUTES} minutes after they "
            "happened."
        )
    return [_warn("G07", service, " ".join(found), evidence, theme="T04")] if found else []


# --- G08 poor improvement -------------------------------------------------------------------------

SUPPORTS = 2


@dataclass(frozen=True)
class Tried:
    """A refresher and what came of it: its ledger entry, day and theme."""

    entry: int
    on: date
    theme: str
    comparison: Comparison | None


@dataclass(frozen=True)
class FailedAfter:
    """Somebody failed a check again after so many supports for it."""

    person: int
    competency: str
    supports: int
    entries: tuple[int, ...]


def poor_improvement(
    service: int,
    tried: Iterable[Tried],
    failed: Iterable[FailedAfter],
    titles: Mapping[str, str],
) -> list[Warning]:
    """G08: 20 records or more on each side and the interval includes no change; a check failed
    after two supports."""
    found = []
    for each in tried:
        c = each.comparison
        if c is None or min(c.before.n, c.after.n) < MINIMUM or c.difference.too_few:
            continue
        if c.verdict in {Verdict.COULD_BE_CHANCE, Verdict.MORE}:
            said = "got more" if c.verdict is Verdict.MORE else "has not clearly changed"
            found.append(
                _warn(
                    "G08",
                    service,
                    f"“{titles.get(each.theme, each.theme)}” {said} since the refresher of "
                    f"{each.on.day} {each.on:%B}: about {100 * c.before.value:.0f} in every 100 "
                    f"records before, {100 * c.after.value:.0f} after, with the same "
                    f"{c.staff} people.",
                    Evidence(entries=(each.entry,)),
                    theme=each.theme,
                    about=f"refresher {each.entry}",
                )
            )
    found += [
        _warn(
            "G08",
            service,
            f"{{person}} needed further support with “{each.competency}” after "
            f"{each.supports} supports.",
            Evidence(entries=each.entries),
            person=each.person,
            about=each.competency,
        )
        for each in failed
        if each.supports >= SUPPORTS
    ]
    return found


# --- G09 recurring gap ----------------------------------------------------------------------------

REVIEWS, SERVICES, OF_A_TEAM = 2, 3, 5


def recurring_gaps(
    records: Iterable["Checked"],
    team_of: Callable[["Checked"], Hashable | None],
    team_name: Callable[[Hashable], str],
    reviewed: Mapping[str, int],
    titles: Mapping[str, str],
) -> list[Warning]:
    """G09 of all services read together, of the last 28 days: a theme in three services, or in the
    records of five people of one team, or in two monthly reviews (`reviewed`: in how many)."""
    items: dict[str, list[Checked]] = defaultdict(list)
    for record in records:
        for theme in record.themes:
            items[theme].append(record)
    found = []
    for theme, title in titles.items():
        own = items.get(theme, [])
        at = {r.service for r in own}
        if len(at) >= SERVICES:
            found.append(
                _warn(
                    "G09",
                    None,
                    f"The gap “{title.lower()}” was found at {len(at)} services in {DAYS} days.",
                    Evidence(items=tuple(r.item for r in own)),
                    theme=theme,
                    about="services",
                )
            )
        teams: dict[Hashable, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
        places: dict[Hashable, int] = {}
        for r in own:
            team = team_of(r)
            if team is not None and r.author is not None:
                teams[team][r.author].append(r.item)
                places[team] = r.service
        for team, people in teams.items():
            if len(people) >= OF_A_TEAM:
                found.append(
                    _warn(
                        "G09",
                        places[team],
                        f"The gap “{title.lower()}” was found in records of {len(people)} people "
                        f"of {team_name(team)} in {DAYS} days.",
                        Evidence(items=tuple(i for own in people.values() for i in own)),
                        theme=theme,
                        about=f"team {team}",
                    )
                )
        if reviewed.get(theme, 0) >= REVIEWS:
            found.append(
                _warn(
                    "G09",
                    None,
                    f"The gap “{title.lower()}” was in {reviewed[theme]} monthly reviews.",
                    Evidence(items=tuple(r.item for r in own)),
                    theme=theme,
                    about="reviews",
                )
            )
    return found


# --- G10 poor audit -------------------------------------------------------------------------------

MEETS = 0.85


@dataclass(frozen=True)
class Harm:
    """A gap that may have put somebody at risk and was not taken up: its item, and the ledger
    entry of its check."""

    item: int
    entry: int


INCIDENT, UNCLEAR_ESCALATION = "incident", "T01"
SERIOUS, IMMEDIATE = "serious", "immediate"


def harm(records: Iterable["Checked"], taken: Collection[int]) -> list[Harm]:
    """Records that show a risk which nobody took up (`taken`: the gaps that somebody did), and
    incidents with a serious gap in telling anybody."""
    return [
        Harm(r.item, r.entry)
        for r in records
        if any(
            gap.gap not in taken
            and (
                gap.severity == IMMEDIATE
                or (
                    r.record_type == INCIDENT
                    and gap.theme == UNCLEAR_ESCALATION
                    and gap.severity == SERIOUS
                )
            )
            for gap in r.gaps
        )
    ]


def poor_audit(service: int, records: Sequence["Checked"], untold: Sequence[Harm]) -> list[Warning]:
    """G10 of the last audit of a service with 20 records checked or more: even the upper limit of
    record accuracy is below 85 in every 100; and harm that nobody was told of."""
    found = []
    share = estimate(records, is_accurate)
    if share is not None and not share.too_few and share.high < MEETS:
        found.append(
            _warn(
                "G10",
                service,
                f"In the last audit about {100 * share.value:.0f} of every 100 records meet all "
                f"four checks, {100 * share.high:.0f} at most.",
                Evidence(items=tuple(r.item for r in records if r.accurate is False)),
                about="accuracy",
            )
        )
    if untold:
        were = "record shows" if len(untold) == 1 else "records show"
        found.append(
            _warn(
                "G10",
                service,
                f"{len(untold)} {were} that somebody may be at risk, and nobody has taken it up.",
                Evidence(
                    items=tuple(each.item for each in untold),
                    entries=tuple(each.entry for each in untold),
                ),
                due=HARM_DUE,
                about="harm",
            )
        )
    return found
