"""The live-use board as it is drawn: people by days on a desk, one day's cards on a phone."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from surehand.people.models import Service
from surehand.people.names import typed
from surehand.readiness import queries
from surehand.readiness.break_glass import in_a_sentence
from surehand.readiness.models import Shift
from surehand.readiness.overrides import Overridden
from surehand.readiness.reasons import STATE_KEYS, STATE_WORDS, last_day
from surehand.readiness.rota import Checked, RotaCheck
from surehand.readiness.rota_reasons import Shown, Why
from surehand.readiness.rules import Because, Code, State
from surehand.readiness.ways_out import Way, job_role_in_words
from surehand.timeline import instant, london_midnight, moment
from surehand.ui.export import Export
from surehand.ui.formats import iso, local, plural, short_day, time, weekday
from surehand.ui.page import address

DAYS = 14


@dataclass(frozen=True)
class Asked:
    """What the address asks for; `href` is the address with something changed."""

    service: str
    today: date
    first: date
    day: date
    one_day: bool = False
    problems_first: bool = True
    shift: str = ""
    known_then: bool = False

    @property
    def past(self) -> bool:
        return self.first < self.today

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=n) for n in range(DAYS)]

    def window(self, now: datetime) -> tuple[datetime, datetime]:
        """From now (or the beginning of another first day) to the end of the last day; with
        `known_then` the one day."""
        if self.known_then:
            return _midnight(self.day), _midnight(self.day + timedelta(days=1))
        since = now if self.first == self.today else _midnight(self.first)
        return since, _midnight(self.first + timedelta(days=DAYS))

    def href(self, **changed: object) -> str:
        to = replace(self, **{"shift": "", **changed})  # type: ignore[arg-type]
        asked = {"service": to.service}
        if to.first != to.today:
            asked["from"] = to.first.isoformat()
        if to.one_day:
            asked["view"] = "day"
        if to.day != to.first:
            asked["day"] = to.day.isoformat()
        if not to.problems_first:
            asked["order"] = "name"
        if to.known_then:
            asked["known"] = "then"
        if to.shift:
            asked["shift"] = to.shift
        return f"?{urlencode(asked)}{'#shift' if to.shift else ''}"


def _midnight(day: date) -> datetime:
    return moment(london_midnight(day))


@dataclass(frozen=True)
class Day:
    top: str
    below: str
    href: str
    uncleared: int
    today: bool
    weekend: bool
    chosen: bool


@dataclass(frozen=True)
class Cell:
    """One shift on the board. `icon` and `word` stand where there is no readiness to draw."""

    state: str
    letter: str
    href: str
    look: bool
    chosen: bool
    about: str
    icon: str = ""
    word: str = ""
    unchecked: bool = False
    overridden: bool = False
    break_glass: bool = False


@dataclass(frozen=True)
class Row:
    name: str
    line: str
    href: str
    cells: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class Group:
    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Card:
    """One shift of the day: a card when it needs somebody, else a line."""

    name: str
    line: str
    state: str
    word: str
    why: str
    look: bool
    href: str
    action: str
    primary: bool = False


@dataclass(frozen=True)
class Watch:
    """The shifts of a day that are of one kind."""

    title: str
    hours: str
    beside: str
    look: tuple[Card, ...]
    rest: tuple[Card, ...]


@dataclass(frozen=True)
class Panel:
    """The chosen shift."""

    over: str
    name: str
    href: str
    state: str
    state_words: str
    sentence: str
    note: str
    evidence: tuple[Shown, ...]  # `page`: its address, where there is one
    ways: tuple[Way, ...]
    shift_id: str
    over_already: bool


@dataclass(frozen=True)
class Board:
    question: str
    shifts: int
    counted: int
    uncleared: int
    unchecked: int
    today: int
    days: tuple[Day, ...] = ()
    groups: tuple[Group, ...] = ()
    legend: tuple[tuple[str, str], ...] = ()
    watches: tuple[Watch, ...] = ()
    unchecked_why: str = ""
    day_title: str = ""
    overridden: bool = False
    nobody: bool = False  # shifts with nobody named, or of somebody without a post here
    chosen: Panel | None = None


def letter_of(checked: Checked) -> str:
    """S no live use; else N, E or L by the hours."""
    return (
        "S" if checked.clearance.because is Because.NO_LIVE_USE else letter_of_hours(checked.shift)
    )


def letter_of_hours(shift: Shift) -> str:
    """N starts at 18:00 or later or lasts past midnight, E starts before 12:00, L is the rest; in
    London."""
    start, end = local(shift.starts_at), local(shift.ends_at - timedelta(microseconds=1))
    if start.hour >= 18 or end.date() != start.date():
        return "N"
    return "E" if start.hour < 12 else "L"


KINDS = {"E": "Early", "L": "Late", "N": "Night"}
UNNAMED = "Unnamed agency shift"


def hours(shift: Shift) -> str:
    return f"{time(shift.starts_at)} to {time(shift.ends_at)}"


def day_of(shift: Shift, first: date) -> date:
    """The day under which a shift is shown: that on which it starts; one still running from the
    night before, on the first."""
    return max(local(shift.starts_at).date(), first)


def name_of(shift: Shift) -> str:
    return str(shift.person) if shift.person else UNNAMED


def board(
    check: RotaCheck, asked: Asked, *, whys: Mapping[int, Why], chosen: Panel | None
) -> Board:
    """The whole page from one rota check; `whys` are needed for the shifts of the chosen day."""
    checked = [c for c in check.checked if not asked.past or _starts_in(c.shift, asked)]
    uncleared = [c for c in checked if c.not_cleared]
    unchecked = [c for c in checked if c.clearance.because in _NOT_LIVE]
    per_day = Counter(day_of(c.shift, asked.first) for c in uncleared)
    of_day = [c for c in checked if day_of(c.shift, asked.first) == asked.day]
    return Board(
        question="Was everyone on the rota cleared?" if asked.past else QUESTION,
        shifts=len(checked),
        counted=sum(not c.not_checked for c in checked),
        uncleared=len(uncleared),
        unchecked=len(unchecked),
        today=per_day[asked.today],
        days=tuple(_day(day, per_day[day], asked) for day in asked.days),
        groups=tuple(_groups(checked, check, asked)),
        legend=tuple(_legend(checked)),
        watches=tuple(_watches(of_day, check, asked, whys)),
        unchecked_why=_unchecked_why(unchecked, checked),
        day_title="Today" if asked.day == asked.today else weekday(asked.day),
        overridden=any(c.clearance.overridden_by is not None for c in checked),
        nobody=any(_is_nobodys(c) for c in checked),
        chosen=chosen,
    )


_NOT_LIVE = {Because.BEFORE_GO_LIVE, Because.NO_GO_LIVE}
QUESTION = "Is everyone on the rota cleared?"


def _starts_in(shift: Shift, asked: Asked) -> bool:
    return local(shift.starts_at).date() >= (asked.day if asked.known_then else asked.first)


def _unchecked_why(unchecked: Sequence[Checked], checked: Sequence[Checked]) -> str:
    before = [c for c in unchecked if c.clearance.because is Because.BEFORE_GO_LIVE]
    undated = [c for c in unchecked if c.clearance.because is Because.NO_GO_LIVE]
    for found, why in (
        (undated, "this service has no go-live date yet"),
        (before, "this service is not live yet by then"),
    ):
        if found and len(found) == len(checked):
            # The sentence before has said that no shift is checked.
            return f"T{why[1:]}."
        if found:
            return f"{plural(len(found), 'shift is', 'shifts are')} not checked: {why}."
    return ""


def _day(day: date, uncleared: int, asked: Asked) -> Day:
    today = day == asked.today
    return Day(
        top="Today" if today else f"{day:%a}",
        below=f"{day.day} {day:%b}"
        if today or day == asked.first or day.day == 1
        else str(day.day),
        href=asked.href(day=day, one_day=True),
        uncleared=uncleared,
        today=today,
        weekend=day.weekday() >= 5,
        chosen=day == asked.day,
    )


def _groups(checked: Sequence[Checked], check: RotaCheck, asked: Asked) -> Iterable[Group]:
    shifts: dict[tuple[str, int | None], list[Checked]] = {}
    mostly: dict[int, Counter[str]] = {}
    for c in checked:
        if c.shift.person_id:
            mostly.setdefault(c.shift.person_id, Counter())[letter_of_hours(c.shift)] += 1
    for c in checked:
        counts = mostly.get(c.shift.person_id or 0) or Counter([letter_of_hours(c.shift)])
        nights = counts["N"] * 2 > counts.total()
        shifts.setdefault(("Nights" if nights else "Days", c.shift.person_id), []).append(c)
    for title in ("Nights", "Days"):
        rows = [of for (group, _), of in shifts.items() if group == title]
        if rows:
            rows.sort(key=lambda of: _order(of, asked))
            yield Group(title, tuple(_row(of, check, asked) for of in rows))


def _order(of: list[Checked], asked: Asked) -> tuple[bool, bool, str]:
    problem = any(c.not_cleared for c in of)
    unnamed = of[0].shift.person_id is None
    return (asked.problems_first and not problem, unnamed, name_of(of[0].shift))


def _row(of: list[Checked], check: RotaCheck, asked: Asked) -> Row:
    shift = of[0].shift
    by_day: dict[date, list[Cell]] = {day: [] for day in asked.days}
    for c in of:
        by_day.setdefault(day_of(c.shift, asked.first), []).append(_cell(c, asked))
    return Row(
        name=name_of(shift),
        line=_line(shift, check),
        href=address("person", shift.person.pseudonym) if shift.person else "",
        cells=tuple(tuple(by_day[day]) for day in asked.days),
    )


def _line(shift: Shift, check: RotaCheck) -> str:
    posts = check.posts.get((shift.service_id, shift.person_id or 0), [])
    if not posts:
        return "Not named yet" if shift.person_id is None else "No post here"
    touching = [p for p in posts if check.readiness.get(p.pk)] or posts
    return job_role_in_words(touching[-1])


def _is_nobodys(c: Checked) -> bool:
    """Whether there is no readiness to draw."""
    return c.state is None and c.clearance.because is not Because.NO_LIVE_USE


def _cell(c: Checked, asked: Asked) -> Cell:
    shift, letter = c.shift, letter_of(c)
    icon, word = "", ""
    if _is_nobodys(c):
        state, icon = "", "circle-help"
        word = "Nobody named" if shift.person_id is None else "No post here"
    elif c.clearance.because is Because.NO_LIVE_USE or c.state is None:
        state = ""
    else:
        state = STATE_KEYS[c.state]
    return Cell(
        state=state,
        letter=letter,
        href=asked.href(shift=shift.shift_id),
        look=c.not_cleared,
        chosen=asked.shift == shift.shift_id,
        about=f"{name_of(shift)}, {short_day(shift.starts_at)}, {hours(shift)}",
        icon=icon,
        word=word,
        unchecked=c.not_checked and letter != "S",
        overridden=c.clearance.overridden_by is not None,
        break_glass=c.break_glass is not None,
    )


def _legend(checked: Sequence[Checked]) -> Iterable[tuple[str, str]]:
    found: dict[str, Counter[str]] = {}
    for c in checked:
        written = f"{time(c.shift.starts_at)}–{time(c.shift.ends_at)}"
        found.setdefault(letter_of(c), Counter())[written] += 1
    for letter in ("N", "E", "L"):
        if letter in found:
            (most, _), *others = found[letter].most_common()
            yield letter, f"{most} and other hours" if others else most
    if "S" in found:
        yield "S", "no live use, others record"


def _watches(
    of_day: Sequence[Checked], check: RotaCheck, asked: Asked, whys: Mapping[int, Why]
) -> Iterable[Watch]:
    led = asked.past  # one primary button on a page
    for letter, title in KINDS.items():
        here = [c for c in of_day if letter_of_hours(c.shift) == letter]
        if not here:
            continue
        written = Counter(hours(c.shift) for c in here)
        usual = written.most_common(1)[0][0]
        counted = [c for c in here if not c.not_checked]
        cleared = sum(c.clearance.cleared for c in counted)
        cards = [_card(c, check, asked, whys, usual) for c in here]
        cards.sort(key=lambda card: (not card.look, typed(card.name)))
        if cards[0].look and not led:
            led, cards[0] = True, replace(cards[0], primary=True)
        yield Watch(
            title=title,
            hours=usual,
            beside=f"{cleared} of {len(counted)} cleared" if counted else "Not checked",
            look=tuple(card for card in cards if card.look),
            rest=tuple(card for card in cards if not card.look),
        )


_ACTIONS = {
    Because.NOT_READY: "Choose a supervisor",
    Because.NO_SUPERVISOR: "Change the supervisor",
    Because.SUPERVISOR_NOT_NAMED: "Change the supervisor",
}


def _card(c: Checked, check: RotaCheck, asked: Asked, whys: Mapping[int, Why], usual: str) -> Card:
    shift = c.shift
    why = whys[shift.pk].sentence if c.not_cleared and shift.pk in whys else ""
    if c.clearance.overridden_by is not None:
        why = f"Overridden for this shift. {why}"
    if c.break_glass:
        why = f"Worked under break-glass. {why}"
    own = hours(shift)
    line = _line(shift, check)
    word = "Not checked" if c.not_checked else ""
    if c.clearance.because is Because.NO_LIVE_USE:
        word = "No live use"
    return Card(
        name=name_of(shift),
        line=line if own == usual else f"{line}, {own}",
        state=STATE_KEYS[c.state] if c.state is not None else "",
        word=word,
        why=why,
        look=c.not_cleared,
        href=asked.href(shift=shift.shift_id),
        action="See what happened"
        if asked.past
        else _ACTIONS.get(c.clearance.because, "See what you can do"),
    )


def panel(
    c: Checked,
    why: Why,
    *,
    asked: Asked,
    ways: Sequence[Way],
    rota: Shown,
    overridden: str,
    now: datetime,
) -> Panel:
    """The chosen shift, in words. `overridden` says who overrode it and why."""
    shift = c.shift
    start = local(shift.starts_at).date()
    when = "Today" if start == asked.today else weekday(start)
    kind = KINDS[letter_of_hours(shift)].lower()
    return Panel(
        over=f"{when}, {kind}, {hours(shift)}",
        name=name_of(shift),
        href=address("person", shift.person.pseudonym) if shift.person else "",
        state=STATE_KEYS[c.state] if c.state is not None else "",
        state_words=_state_words(c),
        sentence=why.sentence,
        note=" ".join(
            filter(None, [overridden, in_a_sentence(c.break_glass) if c.break_glass else ""])
        ),
        evidence=tuple(
            Shown(shown.text, shown.entry, address(shown.page, shown.entry))
            for shown in (*why.evidence, rota)
        ),
        ways=tuple(ways),
        shift_id=shift.shift_id,
        over_already=shift.ends_at <= now,
    )


def _state_words(c: Checked) -> str:
    if c.state is None:
        return ""
    words = STATE_WORDS[c.state]
    if c.state is not State.SUPERVISED:
        return words
    until = _supervised_until(c)
    return f"{words} until {until}" if until else words


def _supervised_until(c: Checked) -> str:
    at = instant(c.shift.starts_at)
    for case in c.cases:
        if not case.post.starts <= at < case.post.until:
            continue
        for reason in queries.explain(case, c.plans, at=at).reasons:
            if reason.code is Code.PERMISSION:
                return last_day(reason.until)
    return ""


def rota_export(
    check: RotaCheck,
    whys: Mapping[int, Why],
    references: Mapping[int, str],
    overrides: Mapping[int, Overridden],
    *,
    name: str,
) -> Export:
    """The board as a table to carry away: one row a shift, times in London."""

    def overridden(c: Checked) -> tuple[int | None, str, str, str]:
        over = overrides.get(c.clearance.overridden_by or 0)
        return (over.entry, over.by, iso(over.until), over.reason) if over else (None, "", "", "")

    return Export(
        name,
        (
            "shift_id",
            "service_id",
            "person_id",
            "person",
            "starts_at",
            "ends_at",
            "answer",
            "state",
            "why",
            "overridden_by_entry",
            "overridden_by",
            "overridden_until",
            "override_reason",
            "break_glass",
        ),
        [
            (
                c.shift.shift_id,
                c.shift.service.code,
                references.get(c.shift.person_id or 0, ""),
                name_of(c.shift),
                iso(c.shift.starts_at),
                iso(c.shift.ends_at),
                c.clearance.answer.value,
                STATE_KEYS[c.state] if c.state is not None else "",
                whys[c.shift.pk].sentence if c.shift.pk in whys else "",
                *overridden(c),
                in_a_sentence(c.break_glass) if c.break_glass else "",
            )
            for c in check.checked
        ],
    )


def lede_parts(found: Board, asked: Asked, service: Service) -> tuple[str, str]:
    """The answer (in bold) and what follows it."""
    if not found.shifts:
        return "", ""
    when = (
        f"on {weekday(asked.day)}, by what was known when each began"
        if asked.known_then
        else f"in the 14 days from {short_day(asked.first)}"
        if asked.first != asked.today
        else "in the next 14 days"
    )
    if not found.counted:
        return "No shift is checked", f" {when}."
    if not found.uncleared:
        return (f"Every shift {'was' if asked.past else 'is'} cleared", f" {when}.")
    one, many = ("was", "were") if asked.past else ("is", "are")
    verb = one if found.uncleared == 1 else many
    bold = f"{found.uncleared:,} of {plural(found.counted, 'shift')} {verb} not cleared"
    if asked.past or not found.today:
        return bold, f" {when}."
    if found.uncleared == 1:
        return bold, f" {when}. It starts today."
    return (
        bold,
        f" {when}. {found.today} of them {'starts' if found.today == 1 else 'start'} today.",
    )
