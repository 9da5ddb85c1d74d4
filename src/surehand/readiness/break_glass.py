"""When this software or the network is down: the carry sheet, what was agreed, what was recorded.

A sheet is a fact of three numbers: service, entry, until. What it says follows from the ledger as
known at its entry, so it can be printed again, and checked, for ever.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from itertools import pairwise

from surehand.people.models import Identity, Post
from surehand.people.names import typed
from surehand.people.queries import references_of
from surehand.people.roles import JOB_ROLES
from surehand.readiness import facts, projector, rules
from surehand.readiness.models import BreakGlass, BreakGlassAgreed, CarrySheet, ReadinessWords
from surehand.readiness.rules import State
from surehand.timeline import FOREVER, Instant, Span, Stretch, clip, instant, moment
from surehand.ui.formats import moment as in_words

LASTS = timedelta(days=7)
LATE = timedelta(days=1)


class May(StrEnum):
    """What somebody may do while the sheet holds; in the order in which it is printed."""

    STOPPED = "stopped"
    ALONE = "alone"
    PARTLY = "partly"
    BESIDE = "beside"
    NOT = "not"


TITLES: dict[May, str] = {
    May.STOPPED: "Stopped: no live use at all",
    May.ALONE: "On their own, the whole time",
    May.PARTLY: "On their own for a part of the time",
    May.BESIDE: "Only beside a named supervisor who is on their own",
    May.NOT: "Not yet: no live use",
}


@dataclass(frozen=True)
class Line:
    """One person on the sheet. `when` is empty where it holds the whole time."""

    name: str
    reference: str
    job_roles: str
    may: May
    when: str = ""


def lines(sheet: CarrySheet) -> list[Line]:
    """What a sheet says, as known at its entry: by group, then by name. A person with several
    posts may do what the least permissive allows (R4)."""
    window = instant(sheet.recorded_at), instant(sheet.until)
    known = sheet.entry
    posts = {
        p.pk: p
        for p in Post.objects.filter(service=sheet.service_id, entry__lte=known).select_related(
            "person"
        )
    }
    plans = facts.plans(known=known)
    spans: dict[int, list[list[Span]]] = defaultdict(list)
    roles: dict[int, list[str]] = defaultdict(list)
    allowed: dict[int, list[rules.Allowed]] = defaultdict(list)
    for case in facts.cases(posts, known=known):
        here = clip(projector.readiness_spans(case, case.competence(), plans), *window)
        if here:
            spans[case.person].append(here)
            roles[case.person].append(JOB_ROLES[posts[case.id].job_role].title)
            allowed[case.person] += rules.allowed(
                case.permissions, case.restrictions, case.failures
            )
    references = references_of(spans)
    supervisors = {s for of in allowed.values() for a in of for s in a.permission.supervisors}
    names = dict(
        Identity.objects.filter(person__in={*spans, *supervisors}).values_list("person_id", "name")
    )
    found = []
    for person, of in spans.items():
        together = _least(of)
        may = _may(together, window)
        found.append(
            Line(
                name=names.get(person, "Somebody erased"),
                reference=references.get(person, ""),
                job_roles=", ".join(dict.fromkeys(roles[person])),
                may=may,
                when=_when(may, together, window, allowed[person], names),
            )
        )
    order = list(May)
    return sorted(found, key=lambda line: (order.index(line.may), typed(line.name)))


def _least(posts: Sequence[Sequence[Span]]) -> list[Span]:
    """The least permissive of several posts, from moment to moment."""
    if len(posts) == 1:
        return list(posts[0])
    edges = sorted({edge for of in posts for span in of for edge in span[:2]})
    found = []
    for start, until in pairwise(edges):
        states = [
            State(span.state) for of in posts for span in of if span.start <= start < span.until
        ]
        if states:
            found.append(Span(start, until, rules.least_permissive(states)))
    return found


def _may(spans: Sequence[Span], window: Stretch) -> May:
    states = {State(span.state) for span in spans}
    if State.RESTRICTED in states:
        return May.STOPPED
    alone = [span for span in spans if span.state == State.INDEPENDENT]
    if alone:
        whole = len(states) == 1 and (spans[0].start, spans[-1].until) == window
        return May.ALONE if whole else May.PARTLY
    return May.BESIDE if State.SUPERVISED in states else May.NOT


def _when(
    may: May,
    spans: Sequence[Span],
    window: Stretch,
    allowed: Iterable[rules.Allowed],
    names: Mapping[int, str],
) -> str:
    if may is May.PARTLY:
        alone = [(s.start, s.until) for s in spans if s.state == State.INDEPENDENT]
        return f"{_stretch(alone[0][0], alone[-1][1], window)}."
    if may is May.BESIDE:
        beside = [(s.start, s.until) for s in spans if s.state == State.SUPERVISED]
        people = {
            names.get(person, "somebody erased")
            for stands in allowed
            if stands.start < beside[-1][1] and stands.until > beside[0][0]
            for person in stands.permission.supervisors
        }
        when = _stretch(beside[0][0], beside[-1][1], window)
        named = f"Beside {' or '.join(sorted(people))}"
        return f"{named}, {when[0].lower()}{when[1:]}." if when else f"{named}."
    return ""


def _stretch(start: Instant, until: Instant, window: Stretch) -> str:
    parts = []
    if start > window[0]:
        parts.append(f"From {in_words(moment(start))}")
    if until < window[1] and until != FOREVER:
        parts.append(f"{'until' if parts else 'Until'} {in_words(moment(until))}")
    return " ".join(parts)


def last_sheet(service: int) -> CarrySheet | None:
    return (
        CarrySheet.objects.filter(service=service)
        .select_related("by__identity")
        .order_by("entry")
        .last()
    )


def agreed(service: int) -> tuple[BreakGlassAgreed, str] | None:
    """What was agreed last for a service, and its wording (empty once erased)."""
    found = (
        BreakGlassAgreed.objects.filter(service=service)
        .select_related("by__identity")
        .order_by("entry")
        .last()
    )
    if found is None:
        return None
    words = ReadinessWords.objects.filter(entry=found.entry).values_list("text", flat=True)
    return found, words.first() or ""


def recorded(services: Collection[int]) -> list[BreakGlass]:
    """What was recorded at these services, the newest first."""
    return list(
        BreakGlass.objects.filter(service__in=services)
        .select_related("by__identity", "decided_by__identity", "sheet")
        .order_by("-entry")
    )


def is_late(found: BreakGlass) -> bool:
    """Recorded more than a day after it was over (R11)."""
    return found.recorded_at - found.ends_at > LATE


def by_what(found: BreakGlass) -> str:
    """“by sheet 1,234”, “decided by Ruth Adeyemi”."""
    parts = []
    if found.sheet:
        parts.append(f"by the sheet of entry {found.sheet.entry:,}")
    if found.decided_by:
        parts.append(f"decided by {found.decided_by}")
    return ", ".join(parts)


def in_a_sentence(found: BreakGlass) -> str:
    """What the board and the files say of a shift worked then."""
    late = " Recorded late." if is_late(found) else ""
    return (
        f"Worked under break-glass on {in_words(found.starts_at)} to {in_words(found.ends_at)}, "
        f"{by_what(found)}; recorded by {found.by}, entry {found.entry:,}.{late}"
    )
