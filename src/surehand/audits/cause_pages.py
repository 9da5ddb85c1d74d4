"""What the pages of gaps and causes show, worked out so that templates only draw."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from surehand.audits.cause import NEXT, TITLES, Place, Reason, Suggestion, Why, sentence
from surehand.audits.cause_queries import GapFound, notes_of, replies_to, words_of
from surehand.audits.models import Answer, Cause, Criterion, Gap
from surehand.competency.themes import THEMES, Theme
from surehand.ecm.profile import Profile
from surehand.people.models import Person, Service
from surehand.records.models import LiveRecord
from surehand.ui.formats import day, plural
from surehand.ui.page import address

Severity = Gap.Severity
WORST_FIRST = (Severity.IMMEDIATE, Severity.SERIOUS, Severity.MINOR)
TONES = {
    Severity.IMMEDIATE.value: "accent",
    Severity.SERIOUS.value: "supervised",
    Severity.MINOR.value: "plain",
}

FALLS_SHORT = {Answer.PARTLY.value: "partly met", Answer.NOT.value: "not met"}


@dataclass(frozen=True)
class Said:
    """What somebody wrote, and when."""

    words: str
    by: str
    when: datetime


@dataclass(frozen=True)
class GapLine:
    """One gap in a list: where it was found, by whom it was written, and what they say to it."""

    gap: int
    when: datetime
    what: str
    where: str
    author: str
    criterion: str
    answer: str
    severity: str
    tone: str
    noted: str
    replies: tuple[Said, ...]
    href: str  # the record, for as long as it is kept
    own: bool  # whoever looks wrote it


@dataclass(frozen=True)
class Group:
    """The gaps of one theme that wait for a cause."""

    theme: Theme
    lines: list[GapLine]
    severity: list[tuple[str, str]]  # words and tone
    summary: str
    href: str

    @property
    def count(self) -> str:
        return plural(len(self.lines), "gap")


def lines_of(
    gaps: Sequence[GapFound],
    profile: Profile,
    *,
    at: datetime,
    known: int | None = None,
    own: frozenset[int] = frozenset(),
) -> list[GapLine]:
    """These gaps in the order given; a fixed number of statements."""
    checks = {each.record.check for each in gaps}
    replies = replies_to(checks, at=at, known=known)
    words = words_of(reply.entry for found in replies.values() for reply in found)
    notes = notes_of(checks)
    people = named(gaps)
    kept = {
        (record, version): pk
        for pk, record, version in LiveRecord.objects.filter(
            record_id__in={each.record.record_id for each in gaps}
        ).values_list("pk", "record_id", "version")
    }
    found = []
    for each in gaps:
        record, gap = each.record, each.found
        pk = kept.get((record.record_id, record.version))
        answers = dict(zip(Criterion.values, record.answers, strict=True))
        found.append(
            GapLine(
                gap=gap.gap,
                when=record.written_at,
                what=record_type_of(profile, record.record_type),
                where=section_of(profile, record.section),
                author=str(people[record.author]) if record.author in people else "Not known",
                criterion=Criterion(gap.criterion).label,
                answer=FALLS_SHORT.get(answers[gap.criterion], ""),
                severity=Severity(gap.severity).label,
                tone=TONES[gap.severity],
                noted=notes[record.check],
                replies=tuple(
                    Said(words[reply.entry], str(reply.by), reply.happened_at)
                    for reply in replies.get(record.check, ())
                    if reply.entry in words
                ),
                href=address("records-of-record", pk) if pk else "",
                own=record.author in own,
            )
        )
    return found


def named(gaps: Sequence[GapFound]) -> dict[int | None, Person]:
    """Whoever wrote these records, by human; one statement."""
    people = {each.record.author for each in gaps if each.record.author is not None}
    rows = Person.objects.filter(pk__in=people).select_related("identity")
    return {person.pk: person for person in rows.order_by("identity__name", "pk")}


def groups_of(gaps: Sequence[GapFound], lines: Sequence[GapLine], service: Service) -> list[Group]:
    """By theme: what may put somebody at risk first, then what is found most."""
    both = list(zip(gaps, lines, strict=True))
    themes = {each.found.theme for each in gaps}
    found = []
    for code in themes:
        own = [(gap, line) for gap, line in both if gap.found.theme == code]
        counts = Counter(gap.found.severity for gap, _ in own)
        found.append(
            (
                (*(-counts[s] for s in WORST_FIRST[:2]), -len(own), code),
                Group(
                    theme=THEMES[code],
                    lines=[line for _, line in own],
                    severity=[
                        (f"{counts[s]} {s.label.lower()}", TONES[s])
                        for s in WORST_FIRST
                        if counts[s]
                    ],
                    summary=summary([gap for gap, _ in own]),
                    href=address("say-cause", service=service.code, theme=code),
                ),
            )
        )
    return [group for _, group in sorted(found, key=lambda each: each[0])]


def summary(gaps: Sequence[GapFound]) -> str:
    """“By 3 people, in 2 places of the system.”"""
    people = {each.record.author for each in gaps}
    places = {each.place for each in gaps}
    wrote = plural(len(people - {None}), "person", "people")
    unknown = " and somebody who is not known" if None in people else ""
    return f"Written by {wrote}{unknown}, in {plural(len(places), 'place')} of the system."


# --- What speaks for which cause ------------------------------------------------------------------


@dataclass(frozen=True)
class Looks:
    """What gaps look like, in sentences."""

    title: str
    then: str
    for_it: list[str]
    beside: list[tuple[str, str]]  # which cause it speaks for or against, and the sentence
    person: str = ""

    @property
    def is_sure(self) -> bool:
        return self.title != TITLES[Why.UNSURE]


def looks(found: Suggestion, profile: Profile, *, person: str = "") -> Looks:
    def said(reason: Reason) -> str:
        return sentence(reason, where=place_of(profile, reason.place))

    return Looks(
        title=TITLES[found.why],
        then=NEXT[found.why],
        for_it=[said(reason) for reason in found.for_it],
        beside=[
            (
                f"For {TITLES[r.speaks_for].lower()}"
                if r.speaks_for
                else f"Against {TITLES[r.against].lower()}"
                if r.against
                else "",
                said(r),
            )
            for r in found.beside_it
        ],
        person=person,
    )


def place_of(profile: Profile, place: Place | None) -> str:
    """“Note, Food and drink”."""
    if place is None:
        return ""
    parts = [record_type_of(profile, place[0]), section_of(profile, place[1])]
    return ", ".join(part for part in parts if part)


def record_type_of(profile: Profile, code: str) -> str:
    return next((one.title for one in profile.record_types if one.code == code), code)


def section_of(profile: Profile, code: str) -> str:
    return next((one.title for one in profile.sections if one.code == code), code)


# --- Causes in a list -----------------------------------------------------------------------------

ICONS = {
    Cause.Kind.TRAINING: "graduation-cap",
    Cause.Kind.WORKFLOW: "workflow",
    Cause.Kind.PRACTICE: "user-check",
    Cause.Kind.UNSURE: "circle-help",
}


@dataclass(frozen=True)
class CauseLine:
    what: str
    why: str
    icon: str
    href: str
    due: str
    overdue: bool


def cause_line(cause: Cause, count: int, *, today: date, keep: Mapping[str, str]) -> CauseLine:
    """“Unclear escalation: training”, how many gaps, who said it; `keep` asks for the same moment
    on its page."""
    due = cause.decide_by
    return CauseLine(
        what=f"{THEMES[cause.theme].title}: {cause.get_why_display().lower()}",
        why=f"{plural(count, 'gap')}. Said by {cause.by} on {day(cause.recorded_at)}.",
        icon=ICONS[Cause.Kind(cause.why)],
        href=address("cause", cause.pk, **keep),
        due=""
        if due is None
        else f"Decide by {due.day} {due:%B}"
        if due >= today
        else f"{plural((today - due).days, 'day')} overdue",
        overdue=due is not None and due < today,
    )


def chosen_place(value: str, gaps: Sequence[GapFound]) -> Place | None:
    """The place the address asks for, where a gap was found in it."""
    kind, _, section = value.partition(".")
    place = (kind, section)
    return place if any(each.place == place for each in gaps) else None


def places_of(gaps: Sequence[GapFound], profile: Profile) -> list[tuple[str, str]]:
    """The places these gaps were found in, with how many, for a filter."""
    counts = Counter(each.place for each in gaps)
    return [
        (f"{place[0]}.{place[1]}", f"{place_of(profile, place)} ({count})")
        for place, count in sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    ]


def people_of(
    gaps: Sequence[GapFound], people: Mapping[int | None, Person]
) -> list[tuple[str, str]]:
    """Whoever wrote them, with how many, by name, for a filter."""
    counts = Counter(each.record.author for each in gaps)
    return [(person.pseudonym, f"{person} ({counts[pk]})") for pk, person in people.items()]
