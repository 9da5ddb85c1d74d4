"""What the pages of screening show: how it moves, what waits, and one record with its reasons."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from surehand.ecm.models import ProfileVersion
from surehand.ecm.profile import Profile
from surehand.people.models import Employment, Post, Service
from surehand.people.queries import go_live_dates
from surehand.records import reasons
from surehand.records.authors import Accounts, Author
from surehand.records.models import (
    LiveRecord,
    Screened,
    Signal,
    SignalAnswer,
    SignalReply,
    WordsVersion,
)
from surehand.records.rows import Row
from surehand.records.said import Said
from surehand.records.signal_queries import (
    ALERT,
    Period,
    by_account,
    by_record_type,
    by_shift,
    by_week,
    records_in,
    screened_by_week,
)
from surehand.screening import SIGNALS, explain
from surehand.stats import share
from surehand.stats.intervals import Interval
from surehand.ui import chart
from surehand.ui.formats import local, moment, number, plural, short_day
from surehand.ui.page import address

FEWEST = 20
"""No share is told of fewer records …"""
FEWEST_ACCOUNTS = 3
"""… nor of a group with fewer accounts: it would be a figure for a person."""

TITLES = {signal.code: signal.title for signal in SIGNALS}
STRENGTHS = {
    "sound": "Sure",
    "useful": "Worth a look",
    "prompt": "A question only",
}
CHANGES = {
    "create": "Written",
    "amend": "Changed",
    "void": "Voided",
    "late": "Written late",
    "approve": "Approved",
}
NOBODY_IS_COUNTED = (
    "Nobody’s own figures are shown here, and there is no score for a person. Who writes many "
    "records, at night or for people who need much, has more of everything. If many records show "
    "the same thing, ask first what makes it hard: the screen, the signal, the time, the training."
)


# --- Overview -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class WeekLine:
    """One week: `records` screened, `noticed` of them, `marks` what happened in it."""

    since: date
    records: int
    noticed: int
    marks: tuple[str, ...]

    @property
    def share(self) -> float | None:
        """Of 100 records; None where there are too few to say."""
        return 100 * self.noticed / self.records if self.records >= FEWEST else None


@dataclass(frozen=True)
class SignalLine:
    """One signal in the period: on how many records, how many of them nobody has answered, and how
    often it was fine."""

    code: str
    title: str
    strength: str
    records: int
    before: int  # in the last whole week but one
    last: int  # in the last whole week
    waiting: int
    fine: int
    answered: int
    href: str

    @property
    def interval(self) -> Interval | None:
        """The share that was fine, of those answered."""
        return share(self.fine, self.answered) if self.answered >= FEWEST else None

    @property
    def fine_in_words(self) -> str:
        if not self.answered:
            return "Nobody answered yet"
        said = f"{number(self.fine)} of {number(self.answered)}"
        return said if self.answered >= FEWEST else f"{said}, too few for a share"

    @property
    def is_noisy(self) -> bool:
        """Fine more often than not, and surely so."""
        return self.interval is not None and self.interval.low > 0.5


@dataclass(frozen=True)
class GroupLine:
    """Records of one kind: how many were screened and in how many something was noticed."""

    title: str
    records: int
    noticed: int | None  # None: not told
    said: str

    @property
    def interval(self) -> Interval | None:
        return share(self.noticed, self.records) if self.noticed is not None else None


@dataclass(frozen=True)
class Overview:
    weeks: list[WeekLine]
    signals: list[SignalLine]
    record_types: list[GroupLine]
    shifts: list[GroupLine]
    employment: list[GroupLine]
    records: int
    kept: int

    @property
    def screened(self) -> int:
        return sum(week.records for week in self.weeks)

    @property
    def waiting(self) -> int:
        return sum(line.waiting for line in self.signals)


def overview(service: Service, profile: Profile, period: Period, *, signal: str = "") -> Overview:
    """What was noticed at a service, week by week; `signal`: the chart is of this one alone."""
    rows = list(by_week(service.pk, period))
    screened = {local(r["week"]).date(): r for r in screened_by_week(service.pk, period)}
    one = Counter[date]()
    for row in rows:
        if row["code"] == signal:
            one[local(row["week"]).date()] += row["count"]
    marks = _marks(service, profile, period)
    weeks = [
        WeekLine(
            since=monday,
            records=screened.get(monday, {}).get("count", 0),
            noticed=one[monday] if signal else screened.get(monday, {}).get("noticed", 0),
            marks=tuple(marks.get(monday, ())),
        )
        for monday in period.weeks
    ]
    every, kept = records_in(service.pk, period)
    return Overview(
        weeks=weeks,
        signals=_signal_lines(service, rows, weeks),
        record_types=[
            _group(
                _record_type(profile, row["of"]),
                row["count"],
                row["noticed"],
                accounts=None if row["of"] == ALERT else row["accounts"],
            )
            for row in sorted(
                by_record_type(service.pk, period), key=lambda r: (-r["count"], r["of"])
            )
        ],
        shifts=_shifts(service, period),
        employment=_employment(service, period),
        records=every,
        kept=kept,
    )


def chart_of(found: Overview, what: str) -> chart.TimeChart:
    """The weeks drawn; what each says is in the table beside it."""
    return chart.time_chart(
        [chart.Value(week.since, week.share) for week in found.weeks],
        key="weeks",
        title=f"From week to week: {what}",
        description="Of 100 records screened. The numbers of each week are in the table below.",
        happened=[chart.Happened(week.since, text) for week in found.weeks for text in week.marks],
    )


def _signal_lines(
    service: Service, rows: Iterable[Mapping[str, object]], weeks: Sequence[WeekLine]
) -> list[SignalLine]:
    found: dict[str, Counter[object]] = defaultdict(Counter)
    for row in rows:
        counts, count = found[str(row["code"])], int(str(row["count"]))
        counts["all"] += count
        counts[row["answer"]] += count
        week = row["week"]
        assert isinstance(week, datetime)
        counts[local(week).date()] += count
    # The week under way is not over: it is not compared.
    before, last = [week.since for week in weeks[-3:-1]] if len(weeks) > 2 else (None, None)
    return [
        SignalLine(
            code=signal.code,
            title=signal.title,
            strength=STRENGTHS[signal.strength],
            records=counts["all"],
            before=counts[before],
            last=counts[last],
            waiting=counts[None],
            fine=counts[SignalAnswer.Answer.FINE],
            answered=counts[SignalAnswer.Answer.FINE] + counts[SignalAnswer.Answer.NEEDS],
            href=address("records-of-list", service=service.code, signal=signal.code),
        )
        for signal in SIGNALS
        for counts in [found[signal.code]]
        if counts
    ]


def _marks(service: Service, profile: Profile, period: Period) -> dict[date, list[str]]:
    """What happened in which week: the go-live, versions of the ECM profile and of the words."""
    happened: list[tuple[date, str]] = []
    if (on := go_live_dates(known=period.known).get(service.pk)) is not None:
        happened.append((on, f"{service} went live"))
    versions = ProfileVersion.objects.filter(code=profile.code).order_by("pk")
    words = WordsVersion.objects.order_by("number")
    if period.known is not None:
        versions = versions.filter(entry__lte=period.known)
        words = words.filter(entry__lte=period.known)
    for version in versions:
        on = max(version.effective, local(version.recorded_at).date())
        happened.append((on, f"ECM profile {version.version}"))
    for own in words:
        happened.append((local(own.recorded_at).date(), f"Words, version {own.number}"))
    found: dict[date, list[str]] = defaultdict(list)
    for on, what in sorted(happened):
        if on <= local(period.until).date():
            found[on - timedelta(days=on.weekday())].append(what)
    return found


def _shifts(service: Service, period: Period) -> list[GroupLine]:
    titles = {"day": "By day, 8:00 to 20:00", "night": "At night, 20:00 to 8:00"}
    found = {row["of"]: row for row in by_shift(service.pk, period)}
    return [
        _group(title, row["count"], row["noticed"], accounts=row["accounts"])
        for kind, title in titles.items()
        if (row := found.get(kind))
    ]


def _employment(service: Service, period: Period) -> list[GroupLine]:
    """Agency and own staff, by whose account it was and their post here; the rest together."""
    rows = list(by_account(service.pk, period))
    accounts = Accounts.read([row["of"] for row in rows], known=period.known)
    people = {row["of"]: accounts.at(row["of"], period.until).person for row in rows}
    posts = Post.objects.filter(service=service, start_date__lte=local(period.until))
    if period.known is not None:
        posts = posts.filter(entry__lte=period.known)
    # Of several posts here the one begun last.
    agency = {
        person: employment == Employment.AGENCY
        for person, employment in posts.order_by("start_date", "pk").values_list(
            "person_id", "employment"
        )
    }
    groups: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        person = people[row["of"]]
        title = (
            "Whose account it is, is not known, or it is shared"
            if person is None
            else "Agency staff"
            if agency.get(person.pk)
            else "Own staff"
        )
        groups[title].update(count=row["count"], noticed=row["noticed"], accounts=1)
    return [
        _group(title, counts["count"], counts["noticed"], accounts=counts["accounts"])
        for title, counts in sorted(groups.items(), key=lambda item: -item[1]["count"])
    ]


def _group(title: str, records: int, noticed: int, *, accounts: int | None = None) -> GroupLine:
    if records < FEWEST:
        return GroupLine(title, records, None, f"Fewer than {FEWEST} records: too few to say")
    if accounts is not None and accounts < FEWEST_ACCOUNTS:
        few = f"Fewer than {FEWEST_ACCOUNTS} accounts: it would be a figure for a person"
        return GroupLine(title, records, None, few)
    return GroupLine(
        title, records, noticed, f"{number(noticed)} of {number(records)} ({noticed / records:.0%})"
    )


def _record_type(profile: Profile, code: str) -> str:
    if code == ALERT:
        return "An alert that rang"
    return next((one.title for one in profile.record_types if one.code == code), code)


def _section(profile: Profile, code: str) -> str:
    return next((one.title for one in profile.sections if one.code == code), code)


def _alert(profile: Profile, code: str) -> str:
    try:
        return profile.alert_type(code).title
    except KeyError:
        return code


def lede(found: Overview, service: Service) -> str:
    if not found.screened:
        return "Nothing has been screened yet."
    most = max(found.signals, key=lambda line: line.records, default=None)
    if most is None:
        return f"{plural(found.screened, 'record')} screened, and nothing noticed."
    return (
        f"Most often: {most.title.lower()}, on {plural(most.records, 'record')} of "
        f"{number(found.screened)}. {_waits(found.waiting)}"
    )


def _waits(count: int) -> str:
    if not count:
        return "Everything is answered."
    return f"{plural(count, 'thing')} {'waits' if count == 1 else 'wait'} to be looked at."


# --- The list -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class NoticedLine:
    """One thing noticed: what was seen, when, in what, about whom, by which account."""

    title: str
    seen: str
    when: datetime
    what: str
    where: str
    whom: str
    author: str
    strength: str
    answer: str
    href: str


def noticed_lines(
    found: Sequence[tuple[int, str]],
    screened: Mapping[int, Screened],
    profile: Profile,
    answers: Mapping[tuple[str, int, str], SignalAnswer],
) -> list[NoticedLine]:
    """The lines of a list of (screened, code)."""
    rows = {pk: row_of(each) for pk, each in screened.items()}
    accounts = Accounts.read(
        {account for row in rows.values() if (account := row.account_id) is not None}
    )
    strengths = {signal.code: STRENGTHS[signal.strength] for signal in SIGNALS}
    lines = []
    for pk, code in found:
        row = rows[pk]
        answer = answers.get((row.id, row.version, code))
        author = accounts.at(row.account_id, row.made_at) if row.account_id is not None else None
        lines.append(
            NoticedLine(
                title=TITLES[code],
                seen=explain(code).seen,
                when=row.at,
                what=what_of(row, profile),
                where=where_of(row, profile),
                whom=whom_of(row),
                author=str(author) if author else "Nobody took it",
                strength=strengths[code],
                answer=answer.get_answer_display() if answer else "",
                href=href_of(row),
            )
        )
    return lines


def row_of(screened: Screened) -> Row:
    return Row(record=screened.record, alert=screened.alert)


def href_of(row: Row) -> str:
    if row.record:
        return address("records-of-record", row.record.pk)
    return address("records-of-alert", row.alert.pk) if row.alert else ""


def what_of(row: Row, profile: Profile) -> str:
    """“Incident”, “Help call (an alert that rang)”."""
    if row.record:
        return _record_type(profile, row.record.record_type)
    return f"{_alert(profile, row.alert.alert_type)}, an alert that rang" if row.alert else ""


def where_of(row: Row, profile: Profile) -> str:
    """The section of a record; of an alert what tells it from others like it: its own number, and
    what became of it."""
    if row.record:
        return _section(profile, row.record.section)
    alert = row.alert
    if alert is None:
        return ""
    parts = [f"Number {alert.alert_id}"]
    if alert.acknowledged_at:
        parts.append(f"taken {_after(alert.raised_at, alert.acknowledged_at)}")
    closed = alert.closed_at
    parts.append(f"closed {_after(alert.raised_at, closed)}" if closed else "not closed")
    return ", ".join(parts)


def whom_of(row: Row) -> str:
    """Whom it is about, by the beginning of their pseudonym."""
    about = row.record or row.alert
    return f"Person {about.subject.pseudonym[:6]}" if about else ""


# --- One row --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Piece:
    """A piece of a text; `numbers` are of the reasons that point at it."""

    text: str
    numbers: tuple[int, ...] = ()


def pieces(text: str, spans: Sequence[tuple[int, int, int]]) -> list[Piece]:
    """The text cut where a marked span begins or ends. A span is start, length and number; one
    that does not lie in the text marks nothing."""
    inside = [(s, s + n, k) for s, n, k in spans if n > 0 and s >= 0 and s + n <= len(text)]
    cuts = sorted({0, len(text), *(c for s, e, _ in inside for c in (s, e))})
    return [
        Piece(text[a:b], tuple(sorted({k for s, e, k in inside if s <= a and b <= e})))
        for a, b in pairwise(cuts)
    ]


@dataclass(frozen=True)
class Remark:
    """An answer or a reply, with its words."""

    title: str
    words: str
    by: str
    when: datetime
    entry: int


@dataclass(frozen=True)
class Reason:
    """Why something was noticed: three sentences, the words it points at, the record beside it."""

    number: int
    code: str
    title: str
    strength: str
    quoted: tuple[str, ...]
    seen: str
    matters: str
    innocent: str
    beside: LiveRecord | None
    answer: Remark | None
    seen_answer: int  # its entry, 0 for none
    replies: list[Remark]


def reasons_of(
    row: Row,
    signals: Sequence[Signal],
    *,
    text: str,
    answers: Mapping[tuple[str, int, str], SignalAnswer],
    replies: Mapping[tuple[str, int, str], Sequence[SignalReply]],
    words: Mapping[int, str],
) -> list[Reason]:
    """The reasons of a row, numbered; what points at several words is one reason."""
    by_code: dict[str, list[Signal]] = defaultdict(list)
    for signal in signals:
        by_code[signal.code].append(signal)
    found = []
    for place, (code, group) in enumerate(by_code.items(), 1):
        key = (row.id, row.version, code)
        answer = answers.get(key)
        said = explain(code)
        found.append(
            Reason(
                number=place,
                code=code,
                title=TITLES[code],
                strength=STRENGTHS[group[0].strength],
                quoted=tuple(
                    text[s.start : s.start + s.length]
                    for s in group
                    if s.length and s.start >= 0 and s.start + s.length <= len(text)
                ),
                seen=said.seen,
                matters=said.matters,
                innocent=said.innocent,
                beside=next((s.beside for s in group if s.beside_id), None),
                answer=_answered(answer, words) if answer else None,
                seen_answer=answer.entry if answer else 0,
                replies=[
                    Remark(
                        "Their own answer",
                        words.get(one.entry, ""),
                        str(one.by),
                        one.happened_at,
                        one.entry,
                    )
                    for one in replies.get(key, ())
                ],
            )
        )
    return found


def _answered(answer: SignalAnswer, words: Mapping[int, str]) -> Remark:
    because = reasons.in_words(answer.reason)
    title = answer.get_answer_display() + (f": {because}" if because else "")
    return Remark(
        title, words.get(answer.entry, ""), str(answer.by), answer.happened_at, answer.entry
    )


def spans_of(found: Iterable[Reason], signals: Iterable[Signal]) -> list[tuple[int, int, int]]:
    """Start, length and the number of the reason, of every signal that points at words."""
    numbers = {reason.code: reason.number for reason in found}
    return [(s.start, s.length, numbers[s.code]) for s in signals if s.length]


def facts_of(row: Row, profile: Profile, author: Author | None) -> list[tuple[str, str]]:
    """What there is to say of a row without its words."""
    if row.record:
        record = row.record
        said = [
            ("What", what_of(row, profile)),
            ("About", whom_of(row)),
            ("Happened", moment(record.occurred_at)),
            (
                "Recorded",
                f"{moment(record.recorded_at)}, {_after(record.occurred_at, record.recorded_at)}",
            ),
            ("By", str(author)),
        ]
        if record.section:
            said.insert(1, ("Section", _section(profile, record.section)))
        return said
    alert = row.alert
    assert alert is not None
    kind = next(
        (one for one in profile.alert_types if one.code == alert.alert_type),
        None,
    )
    return [
        ("What", what_of(row, profile)),
        ("Number", alert.alert_id),
        ("About", whom_of(row)),
        ("Rang", moment(alert.raised_at)),
        (
            "Taken",
            f"{moment(alert.acknowledged_at)}, by {author}" if alert.acknowledged_at else "Not",
        ),
        ("Closed", moment(alert.closed_at) if alert.closed_at else "Not"),
        *([("Expected", kind.expected)] if kind else []),
    ]


def _after(first: datetime, then: datetime) -> str:
    minutes = round((then - first).total_seconds() / 60)
    if minutes < 0:
        return f"{plural(-minutes, 'minute')} before"
    if minutes < 120:
        return f"{plural(minutes, 'minute')} after"
    return f"{plural(minutes // 60, 'hour')} after"


def fields_of(record: LiveRecord, said: Said, profile: Profile) -> list[tuple[str, str]]:
    """The structured fields by their titles, in the profile’s order; empty ones as well."""
    try:
        kind = profile.record_type(record.record_type)
    except KeyError:
        return [(code, _value(value)) for code, value in said.fields.items()]
    asked = [one for one in kind.fields if one.code in said.fields or one.is_asked(said.fields)]
    known = {one.code for one in asked}
    return [(one.title, _value(said.fields.get(one.code))) for one in asked] + [
        (code, _value(value)) for code, value in said.fields.items() if code not in known
    ]


def _value(value: object) -> str:
    if value in (None, "", []):
        return "Empty"
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)


@dataclass(frozen=True)
class VersionLine:
    title: str
    when: datetime
    href: str
    current: bool


def version_lines(versions: Sequence[LiveRecord], record: LiveRecord) -> list[VersionLine]:
    return [
        VersionLine(
            title=f"Version {one.version}: {CHANGES.get(one.change_type, one.change_type).lower()}",
            when=one.recorded_at,
            href="" if one.pk == record.pk else address("records-of-record", one.pk),
            current=one.replaced_by is None,
        )
        for one in versions
    ]


# --- One’s own records ----------------------------------------------------------------------------


@dataclass(frozen=True)
class OwnLine:
    """One thing noticed in a record of one’s own, with the innocent explanation first."""

    title: str
    seen: str
    innocent: str
    when: datetime
    what: str
    answer: Remark | None
    replies: int
    href: str


def own_lines(
    screened: Iterable[Screened],
    profiles: Mapping[str, Profile],
    answers: Mapping[tuple[str, int, str], SignalAnswer],
    replies: Mapping[tuple[str, int, str], Sequence[SignalReply]],
    words: Mapping[int, str],
) -> list[OwnLine]:
    lines = []
    for each in screened:
        row = row_of(each)
        for code in dict.fromkeys(signal.code for signal in each.signals.all()):
            key = (row.id, row.version, code)
            answer = answers.get(key)
            said = explain(code)
            lines.append(
                OwnLine(
                    title=TITLES[code],
                    seen=said.seen,
                    innocent=said.innocent,
                    when=row.at,
                    what=what_of(row, profiles[row.service.setting]),
                    answer=_answered(answer, words) if answer else None,
                    replies=len(replies.get(key, ())),
                    href=href_of(row),
                )
            )
    return lines


def weeks_of(period: Period) -> list[tuple[str, str]]:
    """The weeks to choose from, the last first."""
    return [(f"{monday}", f"From {short_day(monday)}") for monday in reversed(period.weeks)]
