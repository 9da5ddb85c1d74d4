"""How ready a post was, by what was known at each moment (R3, R11): how breaches are judged.

The stored spans say what was so with everything known now. Nothing that was recorded after a moment
changes what they say of it, but what reaches back: an assessment that happened before it was
recorded, one voided or corrected, a post or its terms or a go-live date told afterwards. Only for
the posts to which that happened are the facts taken apart again, once for each such entry.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from django.db.models import F

from surehand.assessment.models import Assessment, AssessmentVoid
from surehand.people.models import Post, PostTerms
from surehand.people.queries import go_lives_said, terms_as_said, terms_said
from surehand.readiness import facts, projector, rules
from surehand.readiness.models import ReadinessSpan
from surehand.readiness.rules import State
from surehand.timeline import (
    Instant,
    Span,
    Stretch,
    clip,
    instant,
    intersect,
    join,
    london_midnight,
    moment,
    union,
)


@dataclass(frozen=True, slots=True)
class Late:
    """An entry that told something of an earlier time: over `reaches`, what was known before it
    was something else."""

    recorded: Instant
    entry: int
    reaches: Stretch


def known_then(
    posts: Collection[Post],
    *,
    since: Instant,
    until: Instant,
    closely: Collection[int] = (),
) -> dict[int, rules.Standing]:
    """The standing of each post over [since, until) as known at each moment of it, by post id.

    Where a permission stands, and where a restriction is open, is told of those who were supervised
    or whose readiness was told late, and of the posts asked about `closely`. The number of
    statements is fixed for each 500 people.
    """
    by_id = {post.pk: post for post in posts}
    stored = _stored(by_id, since, until)
    late = _told_late(by_id.values(), since, until)
    supervised = {p for p, held in stored.items() if any(s.state == State.SUPERVISED for s in held)}
    asked = late | supervised | (set(closely) & by_id.keys())
    found = {p: rules.Standing(p, stored.get(p, [])) for p in by_id.keys() - asked}
    if asked:
        plans = facts.plans()
        tellings = _Tellings(by_id[p] for p in late)
        for case in facts.cases(asked):
            told = tellings.of(case) if case.id in late else []
            found[case.id] = _as_known(case, told, tellings, plans, since, until)
    return found


def _as_known(
    case: facts.Case,
    told: list[Late],
    tellings: "_Tellings",
    plans: tuple[rules.Plan, ...],
    since: Instant,
    until: Instant,
) -> rules.Standing:
    def standing(case: facts.Case) -> rules.Standing:
        spans = projector.readiness_spans(case, case.competence(), plans)
        return rules.standing(case.id, spans, case.permissions, case.restrictions, case.failures)

    now = standing(case)
    if not told:
        return now
    doubt = union(late.reaches for late in told)
    readiness: list[Span] = []
    allowed: list[rules.Allowed] = []
    for start, stop, entry in _between(told, since, until):
        then = now
        # Knowledge changed within the window, yet not about this part of it.
        if entry is not None and intersect([(start, stop)], doubt):
            known = tellings.known(case, entry - 1)
            then = rules.Standing(case.id, []) if known is None else standing(known)
        readiness += clip(then.readiness, start, stop)
        allowed += clip(then.allowed, start, stop)
    return rules.Standing(case.id, join(readiness), allowed, now.restricted)


def _between(
    told: Iterable[Late], since: Instant, until: Instant
) -> Iterable[tuple[Instant, Instant, int | None]]:
    """The parts of [since, until) in which nothing was told late, each with the entry that ended
    what was known in it (None: nothing did)."""
    start = since
    for recorded, entry in sorted({(late.recorded, late.entry) for late in told}):
        stop = min(recorded, until)
        if start < stop:
            yield start, stop, entry
            start = stop
    if start < until:
        yield start, until, None


class _Tellings:
    """All that was ever said of some posts that can reach back in time, read once."""

    def __init__(self, posts: Iterable[Post]) -> None:
        self.posts = {post.pk: post for post in posts}
        self.assessments = (
            facts.assessments_said({p.person_id for p in self.posts.values()}) if self.posts else {}
        )
        self.terms = terms_said(self.posts) if self.posts else {}
        self.go_lives: dict[int, list[tuple[date | None, Instant, int]]] = defaultdict(list)
        for service, on, recorded, entry in go_lives_said() if self.posts else ():
            self.go_lives[service].append((on, recorded, entry))

    def of(self, case: facts.Case) -> list[Late]:
        """What was told late of this post."""
        post = self.posts[case.id]
        starts = london_midnight(post.start_date)
        found = [(instant(post.recorded_at), post.entry, starts)]
        for said in self.assessments.get(case.person, ()):
            found.append((said.recorded, said.observation.seq, said.observation.at))
            if said.undone is not None and said.undone_at is not None:
                found.append((said.undone_at, said.undone, said.observation.at))
        found += [(recorded, entry, starts) for entry, recorded, _ in self.terms.get(case.id, ())]
        found += [(recorded, entry, starts) for _, recorded, entry in self.go_lives[case.service]]
        return [Late(rec, entry, (from_, rec)) for rec, entry, from_ in found if from_ < rec]

    def known(self, case: facts.Case, seq: int) -> facts.Case | None:
        """The case of a post as known at this seq; None before the post was known. What cannot
        reach back in time – permissions, restrictions, sign-offs, plans – stays as it is."""
        post = self.posts[case.id]
        if post.entry > seq:
            return None
        observations: dict[int, list[rules.Observation]] = defaultdict(list)
        for said in self.assessments.get(case.person, ()):
            if said.counted(seq):
                observations[said.competency].append(said.observation)
        rows = [row for entry, _, row in self.terms.get(case.id, ()) if entry <= seq]
        go_live = None
        for on, _, entry in self.go_lives[case.service]:
            go_live = on if entry <= seq else go_live
        return replace(
            case,
            post=facts.rule_post(
                terms_as_said(rows).get(case.id),
                case.post.setting,
                post.job_role,
                post.employment,
                post.start_date,
                go_live,
            ),
            observations=dict(observations),
        )


def _stored(posts: Mapping[int, Post], since: Instant, until: Instant) -> dict[int, list[Span]]:
    services = {post.service_id for post in posts.values()}
    rows = ReadinessSpan.objects.filter(service__in=services, since__lt=until, until__gt=since)
    found: dict[int, list[Span]] = defaultdict(list)
    for post, state, start, stop in rows.order_by("post_id", "since").values_list(
        "post_id", "state", "since", "until"
    ):
        if post in posts:
            found[post].append(Span(start, stop, State(state)))
    return found


def _told_late(posts: Collection[Post], since: Instant, until: Instant) -> set[int]:
    """The posts of which something that reaches back into the window was told after it began."""
    services = {post.service_id for post in posts}
    first, last = moment(since), moment(until)
    here = Post.objects.filter(service__in=services).values("person")
    assessed = Assessment.objects.filter(person__in=here, recorded_at__gt=first)
    voided = AssessmentVoid.objects.filter(
        assessment__person__in=here, recorded_at__gt=first, assessment__happened_at__lt=last
    )
    people = {
        *assessed.filter(happened_at__lt=last)
        .filter(happened_at__lt=F("recorded_at"))
        .values_list("person_id", flat=True),
        *assessed.filter(supersedes__happened_at__lt=last).values_list("person_id", flat=True),
        *voided.values_list("assessment__person_id", flat=True),
    }
    terms = PostTerms.objects.filter(post__service__in=services, recorded_at__gt=first)
    changed = set(terms.values_list("post_id", flat=True))
    moved = {service for service, _, recorded, _ in go_lives_said() if recorded > since}
    return {
        post.pk
        for post in posts
        if post.person_id in people
        or post.pk in changed
        or post.service_id in moved
        or post.recorded_at > first
    }
