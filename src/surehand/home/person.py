"""One person as at a moment: each post with its readiness strip, why, and its competencies.

*True then* and *known then* are worked out from the same facts, up to a seq or all of them (R3);
that they equal the stored spans is what `doctor` proves.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from markupsafe import Markup

from surehand.assessment.models import Assessment, Outcome
from surehand.assessment.queries import standing, unmet_criteria
from surehand.competency.models import Check
from surehand.competency.queries import checks_in_force
from surehand.governance.story import help_in_words
from surehand.people.models import Person, Post, TeamDetails
from surehand.people.queries import Terms, terms_of
from surehand.people.roles import JOB_ROLES, RESPONSIBILITIES, in_words
from surehand.readiness import facts, queries, rules
from surehand.readiness.projector import readiness_spans
from surehand.readiness.reasons import STATE_KEYS, Names, Told, last_day, names_for, tell
from surehand.readiness.rules import Code, CompetencyState, Explanation, State
from surehand.timeline import FOREVER, Instant, Span, Stretch, instant, london_date, moment
from surehand.timeline import at as held_at
from surehand.ui import strip as strips
from surehand.ui.formats import day, local, plural, short_day
from surehand.ui.strip import Event, Strip, midnight

# How much of the past and of the future a strip shows; the future reaches to the next change where
# that is not too far to read.
PAST, AHEAD, AHEAD_AT_MOST = timedelta(days=150), timedelta(days=60), timedelta(days=240)


@dataclass(frozen=True)
class Voice:
    """To whom a page speaks: about somebody by first name, or to them."""

    you: bool
    name: str

    @property
    def subject(self) -> str:
        return "You" if self.you else self.name

    def whose(self, noun: str) -> str:
        return f"your {noun}" if self.you else f"{self.name}’s {noun}"


@dataclass(frozen=True)
class Standing:
    """One competency a post needs: how the person stands in it and on what evidence."""

    competency: int
    code: str
    short: str
    gate: bool
    holds: bool
    tone: str
    now: str
    lane: Strip
    why: str
    entries: int


@dataclass(frozen=True)
class PostView:
    """One post at the moment looked at."""

    post: Post
    title: str
    line: str
    state: State
    key: str
    tag: str
    lead: Markup
    reasons: list[Told]
    strip: Strip
    months: str
    standings: list[Standing]
    supervisors: str
    unmet: list[int]
    open_restrictions: tuple[int, ...]
    awaits_sign_off: bool

    @property
    def holding(self) -> list[Standing]:
        return [s for s in self.standings if s.holds]

    @property
    def lacking(self) -> list[Standing]:
        return [s for s in self.standings if not s.holds]


@dataclass(frozen=True)
class PersonView:
    """A person's posts at the moment, and those of other times in words."""

    posts: list[PostView]
    other_posts: list[str]


def look_at(person: Person, *, at: datetime, known: int | None, voice: Voice) -> PersonView:
    """Everything about the readiness of a person at `at`, in a fixed number of statements."""
    here = instant(at)
    rows = Post.objects.filter(person=person).select_related("service__details")
    if known is not None:
        rows = rows.filter(entry__lte=known)
    posts = {p.pk: p for p in rows.order_by("start_date", "pk")}
    terms = terms_of(posts, known=known)
    plans = facts.plans(known=known)
    cases = {c.id: c for c in facts.cases(posts, known=known)}
    checks = checks_in_force(at=at, known=known)
    judged = _assessments(person, known=known)
    teams = dict(
        TeamDetails.objects.filter(team__in=[t.team for t in terms.values() if t.team]).values_list(
            "team_id", "name"
        )
    )
    current = {
        pk: queries.explain(case, plans, at=here)
        for pk, case in cases.items()
        if case.post.starts <= here < case.post.until
    }
    names = names_for(current.values())
    views, others = [], []
    for pk, post in posts.items():
        line = _line(post, terms.get(pk), teams, on=london_date(here))
        if pk not in current:
            others.append(_other_post(post, cases[pk].post, here))
            continue
        views.append(
            _view(
                post, cases[pk], plans, current[pk], names, checks, judged,
                at=at, line=line, voice=voice,
            )
        )  # fmt: skip
    return PersonView(views, others)


def _assessments(person: Person, *, known: int | None) -> dict[int, list[Assessment]]:
    """The assessments that count, by competency, the latest first (R15)."""
    found: dict[int, list[Assessment]] = {}
    for each in (
        standing(known=known)
        .filter(person=person)
        .select_related("by__identity", "check_version")
        .order_by("-happened_at", "-entry")
    ):
        found.setdefault(each.competency_id, []).append(each)
    return found


def _line(post: Post, terms: Terms | None, teams: Mapping[int, str], *, on: date) -> str:
    """“Alder House, Heron · permanent since 7 September 2026 · alert responder”."""
    team = teams.get(terms.team) if terms and terms.team else None
    held = terms.responsibilities_on(on) if terms else ()
    parts = [
        f"{post.service}, {team}" if team else str(post.service),
        f"{post.employment} since {day(post.start_date)}",
    ]
    if held:
        parts.append(in_words([RESPONSIBILITIES[c].title.lower() for c in held]))
    return " · ".join(parts)


def _other_post(post: Post, rule: rules.Post, here: Instant) -> str:
    title = f"{JOB_ROLES[post.job_role].title} at {post.service}"
    if rule.starts >= rule.until:
        return f"{title}: recorded, and withdrawn."
    if here < rule.starts:
        return f"{title}: starts on {day(post.start_date)}."
    return f"{title}: from {day(post.start_date)} to {last_day(rule.until)}."


def _view(
    post: Post,
    case: facts.Case,
    plans: tuple[rules.Plan, ...],
    why: Explanation,
    names: Names,
    checks: Mapping[int, Check],
    judged: Mapping[int, list[Assessment]],
    *,
    at: datetime,
    line: str,
    voice: Voice,
) -> PostView:
    here = instant(at)
    held = case.competence()
    spans = readiness_spans(case, held, plans)
    start, end = window(spans, at=at)
    supervisors = ""
    permitted: frozenset[int] = frozenset()
    for stands in rules.allowed(case.permissions, case.restrictions, case.failures):
        if stands.start <= here < stands.until and why.state is State.SUPERVISED:
            permitted = stands.permission.competencies
            known = names.permissions.get(stands.permission.seq)
            supervisors = names.supervisors(known) if known else ""
    segment = held_at(rules.gates(case.post, plans), here)
    gates = segment[2] if segment else frozenset()
    needed = gates | rules.develops(case.post, plans, here)
    standings = [
        _standing(
            check, held.get(competency, []), judged.get(competency, []), case,
            gate=competency in gates,
            beside=supervisors if competency in permitted else "",
            at=at, start=start, end=end,
        )
        for competency, check in checks.items()
        if competency in needed
    ]  # fmt: skip
    standings.sort(key=lambda s: (s.holds, not s.gate, s.entries == 0, s.code))
    return PostView(
        post=post,
        title=JOB_ROLES[post.job_role].title,
        line=line,
        state=why.state,
        key=STATE_KEYS[why.state],
        tag=tag_of(why.state, why.until, at=at),
        lead=lead(why, names, supervisors, voice=voice, permitted=permitted),
        reasons=tell(why, names),
        strip=strips.strip(
            stretches=stretches(spans, at=at),
            events=_events(case, spans, judged, at=at),
            start=start,
            end=end,
            now=at,
        ),
        months=f"{local(start):%B} to {local(end - timedelta(days=1)):%B}",
        standings=standings,
        supervisors=supervisors,
        unmet=[r.competency for r in why.reasons if r.code == Code.UNMET and r.competency],
        open_restrictions=tuple(
            r.seq for r in why.reasons if r.code == Code.RESTRICTED and r.seq is not None
        ),
        awaits_sign_off=why.awaits_sign_off,
    )


def window(spans: Sequence[Span], *, at: datetime) -> tuple[datetime, datetime]:
    """From when to when a strip is drawn: whole months, the start of the post or five months back
    to the next change."""
    began = moment(spans[0].start) if spans else at
    start = local(max(began, at - PAST)).date().replace(day=1)
    now = held_at(spans, instant(at))
    change = at if now is None or now.until == FOREVER else moment(now.until) + timedelta(days=21)
    end = local(min(max(change, at + AHEAD), at + AHEAD_AT_MOST)).date()
    following = (end.replace(day=1) + timedelta(days=32)).replace(day=1)
    return midnight(start), midnight(following)


def stretches(spans: Sequence[Span], *, at: datetime) -> list[strips.Stretch]:
    """The spans of readiness as they are drawn; what lies ahead holds if nothing is done."""
    here = instant(at)
    found = []
    for start, until, state in spans:
        first, last = _day(start, at), _until(until, at)
        if start > here:
            detail = f"from {first}, if nothing is done before"
        elif until > here:
            detail = f"to {last}" if last else f"since {first}"
        else:
            detail = first if first == last else f"{first} to {last}"
        found.append(
            strips.Stretch(
                STATE_KEYS[State(state)],
                moment(start),
                None if until == FOREVER else moment(until),
                detail=detail,
                future=start > here,
            )
        )
    return found


def _until(until: Instant, at: datetime) -> str:
    """The last day of a stretch; empty for an open end."""
    return "" if until == FOREVER else _day(until - 1, at)


def _day(when: Instant, at: datetime) -> str:
    """A day; with its year where it is not that of `at`."""
    here = moment(when)
    return short_day(here) if local(here).year == local(at).year else day(here)


def tag_of(state: State, until: Instant, *, at: datetime) -> str:
    """“Supervised until 30 November”: the end where live use ends with it."""
    word = strips.STATES[STATE_KEYS[state]].word
    last = _until(until, at)
    if last and state in {State.INDEPENDENT, State.SUPERVISED}:
        return f"{word} until {last}"
    return word


def lead(
    why: Explanation,
    names: Names,
    supervisors: str,
    *,
    voice: Voice,
    permitted: Iterable[int] = (),
) -> Markup:
    """What the person may do now, and the weightiest reason, in a sentence or two."""
    unmet = [r for r in why.reasons if r.code == Code.UNMET]
    missing = _missing(unmet, names, voice)
    if any(r.code == Code.AWAITING_SIGN_OFF for r in why.reasons):
        missing = "Every check is passed; the workforce lead’s sign-off is missing."
    who = voice.subject
    if why.state is State.INDEPENDENT:
        alone = "on your own" if voice.you else "without a supervisor"
        told = tell(why, names)[0].sentence
        return Markup("{} may use the live system <strong>{}</strong>. {}").format(who, alone, told)
    if why.state is State.SUPERVISED:
        tasks = [names.short(c) for c in sorted(permitted)]
        only = f" Allowed: {_some(tasks)}." if tasks else ""
        return Markup(
            "{} may use the live system <strong>with {} on the same shift</strong>.{} {}"
        ).format(who, supervisors or "a named supervisor", only, missing)
    if why.state is State.AWAITING_SIGN_OFF:
        if voice.you:
            return Markup(
                "You have passed every check you need. You may <strong>not use the live system "
                "yet</strong>: the workforce lead must sign you off first."
            )
        return Markup(
            "{} has passed every check needed, and <strong>waits for the workforce lead’s "
            "sign-off</strong>. Until then: no live use."
        ).format(who)
    if why.state is State.RESTRICTED:
        stopped = next((t.sentence for t in tell(why, names)), "")
        return Markup("{} may <strong>not use the live system</strong> for now. {} {}").format(
            who, stopped, missing
        )
    told = "" if unmet else tell(why, names)[0].sentence
    return Markup("{} may <strong>not use the live system yet</strong>. {}").format(
        who, missing or told
    )


def _missing(unmet: Sequence[rules.Reason], names: Names, voice: Voice) -> str:
    if not unmet:
        return ""
    if voice.you:
        return f"To record on your own, pass {plural(len(unmet), 'more check')}."
    return f"Still to pass: {_some([names.short(r.competency or 0) for r in unmet])}."


def _some(words: Sequence[str], most: int = 4) -> str:
    """The first few, and how many more."""
    if len(words) <= most:
        return in_words(words)
    return f"{', '.join(words[:most])} and {len(words) - most} more"


def _events(
    case: facts.Case,
    spans: Sequence[Span],
    judged: Mapping[int, list[Assessment]],
    *,
    at: datetime,
) -> list[Event]:
    found = [Event(moment(s.at), "pen-line", "Signed off") for s in case.sign_offs]
    failed = {
        local(a.happened_at).date(): a.happened_at
        for each in judged.values()
        for a in each
        if a.outcome == Outcome.FURTHER_SUPPORT
    }
    found += [Event(when, "clipboard-x", "Failed check") for when in failed.values()]
    for restriction in case.restrictions:
        found.append(Event(moment(restriction.at), "lock", "Live use stopped"))
        if restriction.lifted_at is not None:
            found.append(Event(moment(restriction.lifted_at), "lock-open", "Lifted"))
    here = instant(at)
    for span in spans:
        if span.until == FOREVER or span.until <= here or span.until == case.post.until:
            continue
        if span.state == State.SUPERVISED:
            found.append(Event(moment(span.until), "hourglass", "Supervision ends"))
        elif span.state == State.INDEPENDENT:
            found.append(Event(moment(span.until), "clock-alert", "Re-check needed"))
    if case.post.until != FOREVER:
        found.append(Event(moment(case.post.until), "calendar-x", "Post ends"))
    return found


_LANE = {
    CompetencyState.COMPETENT: ("independent", "Competent"),
    CompetencyState.PARTLY: ("not_ready", "Passed in part"),
    CompetencyState.FAILED: ("not_ready", "Further support required"),
    CompetencyState.EXPIRED: ("not_ready", "Ran out"),
}


def _standing(
    check: Check,
    spans: Sequence[Span],
    judged: Sequence[Assessment],
    case: facts.Case,
    *,
    gate: bool,
    beside: str,
    at: datetime,
    start: datetime,
    end: datetime,
) -> Standing:
    judged = [a for a in judged if a.happened_at <= at]
    span = held_at(spans, instant(at))
    holds = span is not None and span.state == CompetencyState.COMPETENT
    if holds and span is not None:
        last = moment(span.until - 1)
        tone, now = "independent", f"Until {local(last).day} {local(last):%b %Y}"
    elif beside:
        tone, now = "supervised", f"With {beside}"
    else:
        tone = "not_ready"
        now = _LANE[CompetencyState(span.state)][1] if span else "To do"
    return Standing(
        competency=check.competency_id,
        code=check.competency.code,
        short=check.short,
        gate=gate,
        holds=holds,
        tone=tone,
        now=now,
        lane=strips.strip(
            stretches=_lane(spans, case, check.competency_id),
            start=start,
            end=end,
            now=at,
        ),
        why=_why(judged, span),
        entries=len(judged),
    )


def _lane(spans: Sequence[Span], case: facts.Case, competency: int) -> list[strips.Stretch]:
    """How the person stood in one competency while the post lasted, with supervised use."""
    post = (case.post.starts, case.post.until)
    first = spans[0].start if spans else case.post.until
    found = [(post[0], first, "not_ready", "To do")]
    found += [(s.start, s.until, *_LANE[CompetencyState(s.state)]) for s in spans]
    drawn: list[tuple[Instant, Instant, str, str]] = []
    with_somebody: list[Stretch] = [
        (a.start, a.until)
        for a in rules.allowed(case.permissions, case.restrictions, case.failures)
        if competency in a.permission.competencies
    ]
    for begin, until, key, word in found:
        begin, until = max(begin, post[0]), min(until, post[1])
        if key == "independent":
            drawn.append((begin, until, key, word))
            continue
        place = begin
        for a, b in with_somebody:
            a, b = max(a, place), min(b, until)
            if a < b:
                drawn += [(place, a, key, word), (a, b, "supervised", "Supervised")]
                place = b
        drawn.append((place, until, key, word))
    return [
        strips.Stretch(key, moment(a), None if b == FOREVER else moment(b), word=word)
        for a, b, key, word in drawn
        if a < b
    ]


def _why(judged: Sequence[Assessment], span: Span | None) -> str:
    """The last assessment in a sentence."""
    if not judged:
        return "Not assessed yet."
    last = judged[0]
    when = f"{short_day(last.happened_at)} by {last.by}"
    if last.outcome == Outcome.PASS:
        ended = (
            f" Ran out on {day(moment(span.start))}."
            if span and span.state == CompetencyState.EXPIRED
            else ""
        )
        return f"Passed {help_in_words(last.help_given)}, {when}.{ended}"
    missed = [str(c["text"]).rstrip(".") for c in unmet_criteria(last)]
    not_met = f" Not met: {missed[0]}{' and more' if len(missed) > 1 else ''}." if missed else ""
    helped = f" {help_in_words(last.help_given).capitalize()}." if last.help_given else ""
    return f"{Outcome(last.outcome).label}, {when}.{not_met}{helped}"
