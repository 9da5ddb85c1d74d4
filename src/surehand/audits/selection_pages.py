"""What the pages of record audits show, worked out so that templates only draw."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256

from surehand.audits import selection
from surehand.audits.accuracy import estimate, is_accurate, meets
from surehand.audits.models import Audit, AuditItem, Criterion, SelectionFrame
from surehand.audits.selection import RISKS, WHY, Design, Frame
from surehand.audits.selection_queries import Far
from surehand.ecm.profile import Profile
from surehand.stats.estimates import MINIMUM, Estimate
from surehand.ui.export import Export
from surehand.ui.formats import day, iso, local, moment, number, plural, short_day
from surehand.ui.page import address


def period(audit: Audit) -> str:
    """“9 to 15 November 2026”."""
    first, last = local(audit.since), local(audit.until - timedelta(microseconds=1))
    if first.date() == last.date():
        return day(last)
    same = (first.year, first.month) == (last.year, last.month)
    begins = f"{first.day}" if same else short_day(first) if first.year == last.year else day(first)
    return f"{begins} to {day(last)}"


@dataclass(frozen=True)
class AuditLine:
    """One audit in the list."""

    title: str
    about: str
    checked: str
    due: date
    late: bool
    result: str
    estimate: Estimate | None
    href: str


def lines(
    audits: Sequence[Audit],
    far: dict[int, Far],
    *,
    today: date,
    keep: dict[str, str],
    checks: bool,
) -> list[AuditLine]:
    """`checks`: for somebody who checks records here."""
    found = []
    for audit in audits:
        here = far[audit.pk]
        follows = audit.follows_id and tells_follow_up(here, checks=checks)
        told = estimate(here.records, is_accurate) if here.is_done else None
        shown = told if told and not told.too_few else None
        found.append(
            AuditLine(
                title=period(audit),
                about=(
                    f"{here.items} of {plural(audit.records, 'record')}"
                    + (", a follow-up" if follows else "")
                ),
                checked=f"{here.checked} of {here.items}",
                due=audit.due,
                late=here.left > 0 and audit.due < today,
                result=_in_short(here, shown),
                estimate=shown,
                href=address("audit", audit.pk, **keep),
            )
        )
    return found


def tells_follow_up(far: Far, *, checks: bool) -> bool:
    """Whether somebody may be told that an audit follows another: whoever checks its records (R18)
    only when they are checked."""
    return not checks or far.left <= 0


def _in_short(far: Far, shown: Estimate | None) -> str:
    if not far.is_done:
        return "When all are checked"
    return percent(shown.value) if shown else "Too few to tell"


def percent(share: float) -> str:
    return f"{share:.0%}"


@dataclass(frozen=True)
class Reading:
    """One rate of an audit, with its interval; none where there are too few."""

    title: str
    said: str
    estimate: Estimate | None


def readings(far: Far) -> list[Reading]:
    """Record accuracy (R18) first, then the four criteria; empty before all are checked."""
    if not far.is_done:
        return []
    asked = [
        ("All that is asked", is_accurate),
        *((Criterion(c).label, meets(n)) for n, c in enumerate(Criterion)),
    ]
    return [_reading(str(title), estimate(far.records, holds)) for title, holds in asked]


def _reading(title: str, found: Estimate | None) -> Reading:
    if found is None:
        return Reading(title, "Applied to none of them", None)
    if found.too_few:
        return Reading(title, "Too few to tell", None)
    between = (
        f"{percent(found.value)}, exactly: every record was checked"
        if found.low == found.high
        else f"{percent(found.value)}, likely {percent(found.low)} to {percent(found.high)}"
    )
    return Reading(title, between, found)


def lede(audit: Audit, far: Far, found: Sequence[Reading], *, today: date) -> str:
    if found and (first := found[0].estimate):
        return (
            f"{percent(first.value)} of {plural(audit.records, 'record')} met all that is asked: "
            f"likely {percent(first.low)} to {percent(first.high)}."
        )
    if far.is_done:
        return (
            f"All that can be checked is checked, {plural(far.checked, 'record')}: too few, or by "
            f"too few people, to tell a rate. It takes {MINIMUM} records and 3 people."
        )
    late = " They are late." if audit.due < today else ""
    return (
        f"{far.checked} of {plural(far.items, 'record')} checked; the others are due by "
        f"{day(audit.due)}.{late} The result appears when all are checked."
    )


# --- Why these records ----------------------------------------------------------------------------


def kinds(audit: Audit, profile: Profile) -> str:
    titles = {one.code: one.title for one in profile.record_types}
    named = [titles.get(code, code).lower() for code in audit.record_types]
    return " and ".join([", ".join(named[:-1]), named[-1]] if named[1:] else named)


def paragraph(audit: Audit, profile: Profile, *, items: int, follows: bool) -> str:
    """Why these records, in plain words; `follows`: and whether it follows another audit."""
    who = f"{audit.by} selected" if audit.by else "A follow-up audit selected itself:"
    every = plural(audit.records, "record")
    these = f"{number(items)} of {every} written at {audit.service} from {period(audit)}"
    selected = f"{who} {these}" if follows or audit.by else f"{these} were selected"
    return (
        f"On {moment(audit.recorded_at)} {selected}, of these kinds: {kinds(audit, profile)}. "
        f"{Design.of(audit.design).in_words()} Within that chance alone decided, by a number drawn "
        "at that moment, so that nobody could choose or foresee a single record. How likely each "
        "one was to be drawn was stored before anybody opened it: so the rates hold for all "
        f"{number(audit.records)}, and not only for those checked."
    )


def counted(items: Sequence[AuditItem]) -> list[tuple[str, int]]:
    """How many records were drawn for what; one may be drawn for several."""
    counts = {code: sum(code in item.why for item in items) for code in WHY}
    said = {
        "coverage": "Because some of each person and kind are always checked",
        "more": "Because more were drawn by lot",
        "signal": "of these: something was noticed in it",
        "new_starter": "of these: by a new starter",
        "night": "of these: written at night",
        "agency": "of these: by agency staff",
        "weak_theme": "of these: where the same was missing before",
    }
    return [(said[code], count) for code, count in counts.items() if count or code not in RISKS]


@dataclass(frozen=True)
class ItemWhy:
    """Why one record was selected; nothing before it is checked, so that nobody is led by it."""

    title: str
    why: tuple[str, ...]
    likely: str
    href: str


def item_why(item: AuditItem, *, told: bool) -> ItemWhy:
    title = f"Record {item.number}, written {moment(item.written_at)}"
    href = address("records-of-check-item", item.pk)
    if not told:
        return ItemWhy(title, (), "", href)
    likely = (
        "It was certain to be drawn."
        if item.pi > 0.9995
        else f"It had a chance of {item.pi:.1%} to be drawn, so it stands for about "
        f"{plural(max(1, round(1 / item.pi)), 'record')}."
    )
    return ItemWhy(title, tuple(WHY[code] for code in item.why), likely, href)


@dataclass(frozen=True)
class Drawn:
    """What came of drawing again from the seed, in words; `same`: the same records."""

    says: str
    same: bool


def draw_again(
    audit: Audit,
    items: Sequence[AuditItem],
    kept: SelectionFrame | None,
    *,
    committed: Sequence[str],
) -> Drawn:
    """Draw again from what was kept, and compare; `committed` are the digests in the entry of the
    audit, in hexadecimal."""
    if kept is None:
        return Drawn(
            "The list of records it was drawn from is no longer kept, so it cannot be drawn again. "
            f"What was drawn stands in entry {number(audit.entry)}.",
            False,
        )
    content = bytes(kept.content)
    if sha256(bytes(kept.salt) + content).hexdigest() not in committed:
        return Drawn(
            "The list of records it was drawn from is not the one that was recorded then. Tell "
            "your administrator.",
            False,
        )
    drawn = selection.select(Frame.of(content), design=Design.of(audit.design), seed=audit.seed)
    was = [(i.record_id, i.pi, tuple(i.why), i.twice, i.blind) for i in items]
    if [(one.id, one.pi, one.why, one.twice, one.blind) for one in drawn] == was:
        return Drawn(
            f"The same {plural(len(was), 'record')} came out, in the same order and each as likely "
            "as before.",
            True,
        )
    return Drawn("Other records came out. Tell your administrator.", False)


def export(audit: Audit, items: Sequence[AuditItem]) -> Export:
    """The selection, with all it takes to draw it again."""
    design = " ".join(f"{name}={value}" for name, value in sorted(audit.design.items()))
    return Export(
        name=f"audit-{audit.pk}",
        columns=[
            "number", "record_id", "version", "record_type", "section", "written_at",
            "inclusion_probability", "why", "blind", "twice", "seed", "design", "records",
        ],
        rows=[
            [
                item.number, item.record_id, item.version, item.record_type, item.section,
                iso(item.written_at), item.pi, " ".join(item.why), "yes" if item.blind else "no",
                "yes" if item.twice else "no", audit.seed, design, audit.records,
            ]
            for item in items
        ],
    )  # fmt: skip


def size_in_words(records: int, people: int) -> str:
    return f"{plural(records, 'record')} by {plural(people, 'person', 'people')} to select from."
