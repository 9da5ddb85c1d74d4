"""What the pages of the competency log show, worked out so that templates only draw."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from surehand.competency.models import Check
from surehand.competency.themes import THEMES
from surehand.people.access import Action, By
from surehand.people.models import Service
from surehand.people.queries import current_posts, references_of
from surehand.practice.log import (
    FEWEST,
    Counted,
    Logged,
    MissedMost,
    logged,
    missed_by_theme,
)
from surehand.practice.models import Attempt, AttemptEnd
from surehand.practice.pages import result_address
from surehand.practice.pages import result_in_words as result_of
from surehand.practice.scenario import Expected
from surehand.stats import Interval
from surehand.support import rules
from surehand.support.corners import BANDS, Cell, Entry, Row
from surehand.support.rules import Band
from surehand.timeline import instant, london_date
from surehand.ui.export import Export
from surehand.ui.formats import day, iso, number, plural
from surehand.ui.page import address

NO_OUTCOME = "Practice makes nobody ready: only a check that an assessor judged does."
MISSED_SHOWN = 12

SHOWN, MISSED = "shown", "missed"
RESULTS = {SHOWN: "Showed everything", MISSED: "Missed something"}
CORNERS = {
    (SHOWN, Band.HIGH): "Sure, and showed it",
    (SHOWN, Band.LOW): "Showed it, not sure yet",
    (MISSED, Band.HIGH): "Sure, not shown yet",
    (MISSED, Band.LOW): "Not shown yet, and knows it",
}
"""The four corners of confidence beside how a go went; the words say nothing of being ready."""
TONES = {
    (SHOWN, Band.HIGH): "brand",
    (SHOWN, Band.LOW): "accent",
    (MISSED, Band.HIGH): "accent",
    (MISSED, Band.LOW): "plain",
}
WHEN = {"before": "Said before", "after": "Said after"}


@dataclass(frozen=True)
class Line:
    """One go in the table."""

    who: str
    who_href: str
    scenario: str
    href: str
    when: datetime
    mode: str
    result: str
    hints: str
    time: str
    away: str
    sure: str
    corner: str
    missed: Sequence[str]


def lines(found: Sequence[Logged], *, by: By) -> list[Line]:
    """The goes as rows; a replay is opened by whoever reads the service of the go."""
    return [_line(each, by) for each in found]


def _line(each: Logged, by: By) -> Line:
    attempt, end = each.attempt, each.end
    opens = by.is_self(attempt.person_id) or by.may(Action.READ, attempt.service_id)
    where = (
        "" if attempt.where == Attempt.Where.HERE else f", {attempt.get_where_display().lower()}"
    )
    return Line(
        who=str(attempt.person),
        who_href=address("practice-log-of-person", attempt.person.pseudonym),
        scenario=each.scenario.title,
        href=_address(attempt) if end and opens else "",
        when=attempt.when,
        mode=f"{attempt.get_mode_display()}{where}{', corrected' * bool(attempt.supersedes_id)}",
        result=result_in_words(each),
        hints=number(end.hints) if end else "–",
        time=minutes(end.seconds) if end else "–",
        away=minutes(end.away_seconds) if end and end.away_seconds else "–",
        sure=sure_in_words(each),
        corner=corner(each),
        missed=[one.fix for one in each.missed],
    )


def _address(attempt: Attempt) -> str:
    """Where it is shown how it was done."""
    if attempt.where == Attempt.Where.HERE:
        return address("practice-replay", attempt.entry)
    return result_address(attempt)


def result_in_words(each: Logged) -> str:
    """“3 of 4”, with a word where it was not finished."""
    if each.end is None:
        return "Not ended yet"
    if each.is_finished and not each.is_marked:
        return result_of(each.end)
    result = f"{each.met} of {each.of}"
    return result if each.is_finished else f"{result}, left early"


def minutes(seconds: int) -> str:
    """“4:05”: minutes and seconds."""
    return f"{seconds // 60}:{seconds % 60:02}"


def sure_in_words(each: Logged) -> str:
    """“2 before, 4 after”, of 5."""
    said = [(each.before, "before"), (each.after, "after")]
    return ", ".join(f"{level} {when}" for level, when in said if level is not None) or "–"


def corner(each: Logged) -> str:
    """In which corner of confidence and result a finished go stands; empty for none."""
    level = each.before if each.after is None else each.after
    if level is None or not each.is_marked:
        return ""
    return CORNERS.get((_result(each), rules.band(level)), "")


def _result(each: Logged) -> str:
    return MISSED if each.missed else SHOWN


# --- What was missed -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Miss:
    """One row of what was missed: the thing expected or the theme, by how many the first time, and
    how many still the last time."""

    what: str
    where: str
    missed: str
    interval: Interval | None
    likely: str
    still: str


def misses(rows: Sequence[MissedMost]) -> list[Miss]:
    return [_miss(row.expected.fix, row.scenario.title, row.counted) for row in rows[:MISSED_SHOWN]]


def theme_misses(found: Sequence[Logged], checks: Mapping[int, Check]) -> list[Miss]:
    return [
        _miss(f"{code} {THEMES[code].title}" if code in THEMES else code, "", counted)
        for code, counted in missed_by_theme(found, checks)
    ]


def _miss(what: str, where: str, counted: Counted) -> Miss:
    likely = counted.share
    return Miss(
        what=what,
        where=where,
        missed=f"{counted.missed} of {plural(counted.tried, 'person', 'people')}",
        interval=likely,
        likely=f"likely {_percent(likely.low)} to {_percent(likely.high)}"
        if likely
        else f"Too few to say: fewer than {FEWEST}",
        still=number(counted.still),
    )


def _percent(value: float) -> str:
    return f"{round(value * 100)}%"


# --- How sure ------------------------------------------------------------------------------------


def picture(found: Sequence[Logged], *, when: str, href: str) -> list[Row]:
    """The four corners: how the last finished go of each person at each scenario went, down, and
    how sure they said they were, across. `href` lists a cell when its name is added."""
    cells = _by_cell(found, when)
    if not cells:
        return []
    return [
        Row(
            label,
            [
                Cell(
                    len(own := cells.get((result, band), [])),
                    CORNERS.get((result, band), ""),
                    TONES.get((result, band), "plain"),
                    f"{href}{result}-{band}#who" if own else "",
                    BANDS[band],
                    [],
                )
                for band in Band
            ],
        )
        for result, label in RESULTS.items()
    ]


def behind(found: Sequence[Logged], *, when: str, cell: str) -> list[Entry]:
    """The people behind a number of the picture, by name."""
    own = [
        each
        for (result, band), rows in _by_cell(found, when).items()
        if f"{result}-{band}" == cell
        for each in rows
    ]
    return sorted(
        (
            Entry(
                f"{each.attempt.person}: {each.scenario.title}",
                address("practice-log-of-person", each.attempt.person.pseudonym),
                f"Says {_level(each, when)} of 5. {result_in_words(each)} on "
                f"{day(each.attempt.when)}.",
                cell in {f"{SHOWN}-{Band.LOW}", f"{MISSED}-{Band.HIGH}"},
            )
            for each in own
        ),
        key=lambda entry: entry.text,
    )


def _level(each: Logged, when: str) -> int | None:
    return each.after if when == "after" else each.before


def _by_cell(found: Sequence[Logged], when: str) -> dict[tuple[str, Band], list[Logged]]:
    last: dict[tuple[int, str], Logged] = {}
    for each in found:
        if each.is_marked and _level(each, when) is not None:
            last.setdefault((each.human, each.scenario.code), each)
    cells: dict[tuple[str, Band], list[Logged]] = defaultdict(list)
    for each in last.values():
        cells[_result(each), rules.band(_level(each, when) or 0)].append(each)
    return cells


def surer(found: Sequence[Logged]) -> str:
    """How confidence moved, of the goes of which people said it before and after."""
    both = [(e.before, e.after) for e in found if e.before is not None and e.after is not None]
    if not both:
        return ""
    before, after = (sum(said) / len(both) for said in zip(*both, strict=True))
    return (
        f"How sure, where it was said before and after ({plural(len(both), 'go', 'goes')}): "
        f"{before:.1f} of 5 before, {after:.1f} after."
    )


# --- The sentences over the tables ---------------------------------------------------------------


def lede_of_cohort(found: Sequence[Logged], people: int, missed: Sequence[MissedMost]) -> Markup:
    """“34 goes by 12 of 45 people. Missed most: …”"""
    tried = len({each.human for each in found})
    said = Markup("<strong>{}</strong> by {} of {}.").format(
        plural(len(found), "go", "goes"), number(tried), plural(people, "person", "people")
    )
    if missed:
        most = missed[0]
        said += Markup(" Missed most: {} ({} of {}, the first time).").format(
            most.expected.fix.rstrip("."), most.counted.missed, most.counted.tried
        )
    return said


def lede_of_person(found: Sequence[Logged]) -> str:
    """“6 goes at 3 scenarios. The last on 3 March 2027: 3 of 4.”"""
    if not found:
        return "Nothing yet."
    scenarios = len({each.scenario.code for each in found})
    last = found[0]
    return (
        f"{plural(len(found), 'go', 'goes')} at {plural(scenarios, 'scenario')}. The last, on "
        f"{day(last.attempt.when)}: {result_in_words(last).lower()}."
    )


@dataclass(frozen=True)
class OwnMiss:
    """Something one person missed: how often of how many goes, and how it went the last time."""

    what: str
    where: str
    missed: str
    last: str


def own_misses(found: Sequence[Logged]) -> list[OwnMiss]:
    """What a person missed, what is still missed first, then by how often."""
    seen: dict[tuple[str, str], tuple[Logged, Expected, list[bool]]] = {}
    for each in found:  # the last one first
        if not each.is_marked:
            continue
        missed = {one.code for one in each.missed}
        for one in each.scenario.expect:
            _, _, goes = seen.setdefault((each.scenario.code, one.code), (each, one, []))
            goes.append(one.code in missed)
    rows = sorted(
        ((each, one, goes) for each, one, goes in seen.values() if any(goes)),
        key=lambda row: (not row[2][0], -sum(row[2]), row[0].scenario.code, row[1].code),
    )
    return [
        OwnMiss(
            what=one.fix,
            where=each.scenario.title,
            missed=f"{sum(goes)} of {plural(len(goes), 'go', 'goes')}",
            last=f"{'Missed' if goes[0] else 'Shown'} on {day(each.attempt.when)}",
        )
        for each, one, goes in rows
    ]


# --- To be carried away --------------------------------------------------------------------------


def log_export(found: Sequence[Logged], *, at: datetime, where: str) -> Export:
    """One row for each go: times in seconds, what was missed by its codes in the scenario."""
    references = references_of({each.attempt.person_id for each in found})
    rows = []
    for each in found:
        attempt, end = each.attempt, each.end
        rows.append(
            (
                references.get(attempt.person_id, attempt.person.pseudonym), str(attempt.person),
                attempt.service.code, each.scenario.code, each.scenario.version,
                each.scenario.title, attempt.mode, attempt.where, iso(attempt.when),
                iso(end.happened_at) if end else None, _how(end),
                each.met if end else None, each.of if end else None,
                end.hints if end else None, end.seconds if end else None,
                end.away_seconds if end else None, each.before, each.after,
                ";".join(one.code for one in each.missed), attempt.entry, iso(at),
            )
        )  # fmt: skip
    return Export(
        name=f"competency-log-{where}-{london_date(instant(at)):%Y-%m-%d}",
        columns=(
            "person_id", "person", "service_id", "scenario", "scenario_version", "scenario_title",
            "mode", "where", "begun_at", "ended_at", "ended", "met", "of", "hints", "play_seconds",
            "away_seconds", "confidence_before", "confidence_after", "missed", "entry", "as_at",
        ),
        rows=rows,
    )  # fmt: skip


def _how(end: AttemptEnd | None) -> str:
    return end.how if end else "not_ended"


def log_of_services(services: Sequence[Service], *, at: datetime) -> Export:
    """The log of everybody with a post at these services, for the command line."""
    on = london_date(instant(at))
    people = {post.person_id for post in current_posts([s.pk for s in services], on=on)}
    where = services[0].code if len(services) == 1 else "all"
    return log_export(logged(people, at=at), at=at, where=where)
