"""What the page of who wrote live records shows, worked out so that templates only draw."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from urllib.parse import urlencode

from surehand.assurance.queries import Reconciliation, Tally, Writer, by_week, total
from surehand.assurance.reconciliation import Finding, Why
from surehand.people.access import Action, By
from surehand.people.models import Service
from surehand.people.roles import JOB_ROLES, in_words
from surehand.readiness.reasons import STATE_KEYS
from surehand.readiness.rules import State, least_permissive
from surehand.timeline import instant, london_date, moment
from surehand.ui.export import Export
from surehand.ui.formats import iso, local, plural, short_day, time
from surehand.ui.page import Link, address

PERIODS = {7: "Last 7 days", 28: "Last 4 weeks", 91: "Last 3 months"}
USUAL = 28

CODES: dict[Finding, str] = {finding: str(finding.name).lower() for finding in Finding}
"""A finding as it stands in an address and in a file."""

HEADS: dict[Finding, str] = {
    Finding.NOT_CLEARED: "Not cleared",
    Finding.NOT_ON_SHIFT: "Not on shift",
    Finding.NO_LIVE_USE_SHIFT: "Shift without live use",
    Finding.SHARED_SIGN_IN: "Shared sign-in",
    Finding.UNKNOWN_ACCOUNT: "Account not known",
}

_SAID: dict[Finding, str] = {
    Finding.NOT_CLEARED: "by somebody not cleared",
    Finding.NOT_ON_SHIFT: "by somebody on no shift here",
    Finding.NO_LIVE_USE_SHIFT: "in a shift without live use",
    Finding.SHARED_SIGN_IN: "through a shared sign-in",
    Finding.UNKNOWN_ACCOUNT: "by an account linked to nobody",
}

WHY: dict[Why, str] = {
    Why.NO_SUPERVISOR: "Only beside a named supervisor, and none was on shift and cleared for all "
    "of it.",
    Why.AWAITING_SIGN_OFF: "Every check was passed; the sign-off was missing.",
    Why.NOT_READY: "Not ready to use the live system.",
    Why.RESTRICTED: "Independent live use was restricted.",
    Why.NO_POST: "No post here was known that day.",
}
"""Why somebody was not cleared when they wrote, in a sentence."""

WHO = {"": "Everybody", "agency": "Agency", "new": "New starters"}


@dataclass(frozen=True)
class Filters:
    """What the address asks to see; `finding` None: whatever was found."""

    days: int = USUAL
    finding: Finding | None = None
    who: str = ""

    @property
    def address(self) -> list[tuple[str, str]]:
        parts = [("days", str(self.days))] if self.days != USUAL else []
        if self.finding:
            parts.append(("finding", CODES[self.finding]))
        if self.who:
            parts.append(("who", self.who))
        return parts

    def among(self, writers: Iterable[Writer]) -> list[Writer]:
        """The writers looked at."""
        return [
            w
            for w in writers
            if not self.who or (w.is_agency if self.who == "agency" else w.is_new)
        ]

    def shown(self, writers: Iterable[Writer]) -> list[Writer]:
        """Those of them with what is looked for."""
        return [
            w
            for w in self.among(writers)
            if (w.tally.findings[self.finding] if self.finding else w.tally.found)
        ]


def filters_of(given: Mapping[str, str]) -> Filters:
    """The filters of an address; what cannot be read is left out."""
    days = given.get("days", "")
    finding = next((f for f, code in CODES.items() if code == given.get("finding")), None)
    who = given.get("who", "")
    return Filters(
        days=int(days) if days.isdecimal() and int(days) in PERIODS else USUAL,
        finding=finding,
        who=who if who in WHO else "",
    )


@dataclass(frozen=True)
class Week:
    title: str
    records: int
    counts: tuple[tuple[str, int], ...]  # the head of a column, and how many


@dataclass(frozen=True)
class Line:
    """Whoever wrote, what was found, and what to do about it."""

    name: str
    line: str
    href: str
    state: str  # the key of how ready they are now; empty where there is nothing to say
    of: str  # “9 of 12”
    between: str
    said: tuple[str, ...]
    why: tuple[str, ...]
    links: tuple[Link, ...]


@dataclass(frozen=True)
class View:
    lede: str
    chips: tuple[Link, ...]
    weeks: tuple[Week, ...]
    lines: tuple[Line, ...]
    columns: list[dict[str, object]]
    records: int


def view(
    found: Reconciliation,
    filters: Filters,
    *,
    service: Service,
    keep: list[tuple[str, str]],
    mondays: Collection[date],
    states: Mapping[int, State],
    by: By,
) -> View:
    """`states` says how ready each post is now."""
    among = filters.among(found.writers)
    every = total(among)
    weeks = by_week(among, mondays)
    return View(
        lede=_lede(every, found.unchecked, filters),
        chips=_chips(every, filters, keep),
        weeks=tuple(
            Week(
                f"{short_day(week)} to {short_day(week + timedelta(days=6))}",
                tally.records,
                tuple((HEADS[f], tally.findings[f]) for f in Finding),
            )
            for week, tally in sorted(weeks.items(), reverse=True)
            if tally.records
        ),
        lines=tuple(
            _line(writer, service=service, states=states, by=by) for writer in filters.shown(among)
        ),
        columns=[{"text": head, "number": True} for head in HEADS.values()],
        records=every.records,
    )


def _lede(every: Tally, unchecked: int, filters: Filters) -> str:
    period = PERIODS[filters.days].lower().replace("last", "the last")
    whose = {"": "", "agency": " of agency staff", "new": " of new starters"}[filters.who]
    if every.records:
        one = every.found == 1
        said = (
            f"{every.found:,} of {plural(every.records, 'live record')}{whose} in {period} "
            f"{'needs' if one else 'need'} a look."
            if every.found
            else f"Everybody who wrote was cleared and on shift: "
            f"{plural(every.records, 'live record')}{whose} in {period}."
        )
    else:
        said = f"No live record{whose} is known from {period}."
    if unchecked:
        said += (
            f" {plural(unchecked, 'record')} from before the service was live "
            f"{'is' if unchecked == 1 else 'are'} not looked at."
        )
    return said


def _chips(every: Tally, filters: Filters, keep: list[tuple[str, str]]) -> tuple[Link, ...]:
    """What was found, in words, each a filter: tapped again it is taken away."""

    def link(finding: Finding | None) -> str:
        return "?" + urlencode([*keep, *replace(filters, finding=finding).address])

    return tuple(
        Link(
            f"{every.findings[finding]:,} {_SAID[finding]}",
            link(None if filters.finding is finding else finding),
            current=filters.finding is finding,
        )
        for finding in Finding
        if every.findings[finding] or filters.finding is finding
    )


def name_of(writer: Writer) -> str:
    """What a writer is called: a person’s name, or what their account is called."""
    if writer.person:
        return str(writer.person)
    account = writer.account
    called = getattr(account, "details", None)
    return called.reference if called else f"Account {account.pseudonym[:6]}" if account else ""


def _line(writer: Writer, *, service: Service, states: Mapping[int, State], by: By) -> Line:
    tally, person = writer.tally, writer.person
    held = [states[post.pk] for post in writer.posts if post.pk in states]
    now = least_permissive(held) if held else None
    return Line(
        name=name_of(writer),
        line=_who(writer),
        href=address("person", person.pseudonym) if person else "",
        state=STATE_KEYS[now] if now is not None and tally.findings[Finding.NOT_CLEARED] else "",
        of=f"{tally.found:,} of {tally.records:,}",
        between=_between(tally),
        said=tuple(findings_said(tally)),
        why=tuple(why_said(tally)),
        links=_links(writer, service, now, by),
    )


def _who(writer: Writer) -> str:
    if writer.person is None:
        return "Shared sign-in: anybody may have written" if writer.shared else "Linked to nobody"
    if not writer.posts:
        return "No post here"
    roles = dict.fromkeys(JOB_ROLES[post.job_role].title for post in writer.posts)
    words = [in_words(list(roles))]
    words += ["agency"] if writer.is_agency else []
    words += ["new starter"] if writer.is_new else []
    return ", ".join(words)


def _between(tally: Tally) -> str:
    """“15 November, 20:10 to 16 November, 06:40”"""
    if tally.first is None or tally.last is None:
        return ""
    first, last = local(moment(tally.first)), local(moment(tally.last))
    said = f"{first:%A} {short_day(first)}, {time(first)}"
    if first == last:
        return said
    if first.date() == last.date():
        return f"{said} to {time(last)}"
    return f"{said} to {last:%A} {short_day(last)}, {time(last)}"


def findings_said(tally: Tally) -> list[str]:
    """What was found, with how often: “9 while not cleared”."""
    said = {
        Finding.NOT_CLEARED: "while not cleared",
        Finding.NOT_ON_SHIFT: "while on no shift here",
        Finding.NO_LIVE_USE_SHIFT: "in a shift without live use",
        Finding.SHARED_SIGN_IN: "through a shared sign-in",
        Finding.UNKNOWN_ACCOUNT: "by an account linked to nobody",
    }
    return [f"{count:,} {said[f]}" for f, count in tally.findings.items() if count]


def why_said(tally: Tally) -> list[str]:
    """Why not cleared, in sentences, the commonest first."""
    reasons = sorted(tally.why.items(), key=lambda item: -item[1])
    several = sum(1 for _, count in reasons if count) > 1
    said = [
        f"{WHY[why].removesuffix('.')} ({count:,})." if several else WHY[why]
        for why, count in reasons
        if count
    ]
    if tally.overridden:
        said.append(f"Overridden for {plural(tally.overridden, 'record')}; that clears nobody.")
    if tally.outage:
        said.append(f"Let in while this software was down: {plural(tally.outage, 'record')}.")
    return said


_HELPS = (
    (Action.PERMIT, "Allow supervised use", "permit", {State.INDEPENDENT, State.SUPERVISED}),
    (Action.RESTRICT, "Restrict live use", "restrict", {State.RESTRICTED}),
)
"""What can be done about somebody not cleared: the page of it, and in which states it is done."""


def _links(writer: Writer, service: Service, now: State | None, by: By) -> tuple[Link, ...]:
    """Where to look, and what to do. Nobody acts about themselves (R14)."""
    tally, person = writer.tally, writer.person
    if tally.first is None:
        return ()
    if person is None:
        reads = by.covers_all(Action.IMPORT_RECORDS) or by.covers_all(Action.IMPORT_ACCOUNTS)
        account = writer.account.pseudonym if writer.account else ""
        href = address("settings-of-account", account) if reads else ""
        return (Link("See the account", href),) if href else ()
    began = local(moment(tally.first))
    found = []
    if tally.findings[Finding.NOT_CLEARED]:
        found.append(
            Link(
                "What was known then",
                address(
                    "readiness",
                    service=service.code,
                    person=person.pseudonym,
                    at_date=f"{began:%Y-%m-%d}",
                    at_time=f"{began:%H:%M}",
                    known="then",
                ),
            )
        )
    on = london_date(instant(began))
    rota = address("live-use", service=service.code, **{"from": iso(on), "view": "day"})
    found.append(Link("Rota of that day", rota))
    if tally.findings[Finding.NOT_CLEARED] and not by.is_self(person.pk):
        for action, words, name, done in _HELPS:
            if now is not None and now not in done and by.may(action, service.pk):
                found.append(Link(words, address(name, person.pseudonym)))
    return tuple(found)


def export(
    writers: Iterable[Writer],
    *,
    service: Service,
    references: Mapping[int, str],
    until: date,
) -> Export:
    """A row for each writer with something found."""
    return Export(
        name=f"live-records-{service.code}-{until.isoformat()}",
        columns=columns(),
        rows=[row(writer, service.code, references) for writer in writers],
    )


def columns() -> tuple[str, ...]:
    """What the places of a `row` are called."""
    return (
        *("service_id", "person_id", "account", "name", "employment", "new_starter"),
        *("records", "with_a_finding", *CODES.values(), "overridden"),
        *("first", "last", "why_not_cleared"),
    )


def row(writer: Writer, service: str, references: Mapping[int, str]) -> list[str | int | None]:
    """A writer as a row of a file; moments are ISO 8601 with the London offset."""
    tally, person = writer.tally, writer.person
    first, last = ("" if at is None else iso(moment(at)) for at in (tally.first, tally.last))
    return [
        service,
        references.get(person.pk, "") if person else "",
        "" if person else name_of(writer),
        str(person) if person else "",
        ";".join(dict.fromkeys(post.employment for post in writer.posts)),
        "yes" if writer.is_new else "no",
        tally.records,
        tally.found,
        *(tally.findings[finding] for finding in Finding),
        tally.overridden,
        first,
        last,
        " ".join(why_said(tally)),
    ]


def in_a_line(writer: Writer, service: str) -> str:
    """A writer for the command line."""
    return (
        f"{service}  {name_of(writer)}: {'; '.join(findings_said(writer.tally))}, "
        f"{_between(writer.tally)}. {' '.join(why_said(writer.tally))}".rstrip()
    )
