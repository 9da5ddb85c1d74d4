"""Did the training reach the records? The charts (2.7), and the records behind each number."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import format_html

from surehand.audits import quality_pages as pages
from surehand.audits import quality_queries as queries
from surehand.audits.blind import hidden_items, left_out
from surehand.audits.checked import Checked
from surehand.audits.quality_pages import Filters, Sought
from surehand.ecm.profile import Profile
from surehand.ecm.queries import profile_for
from surehand.people.models import Person, Service
from surehand.people.queries import humans
from surehand.people.web import AsAt, as_at, by_of, chosen_service, readable_services
from surehand.records.authors import Accounts
from surehand.records.signal_pages import href_of, row_of
from surehand.records.signal_pages import what_of as what_of_row
from surehand.stats.estimates import MINIMUM
from surehand.ui import chart
from surehand.ui.formats import day, number, plural, short_day
from surehand.ui.page import Link, Page, address

A_PAGE = 25


def overview(request: HttpRequest) -> HttpResponse:
    """Charts over time, by team, and before and after a refresher."""
    service, at = chosen_service(request), as_at(request)
    services = readable_services(request)
    profile = profile_for(service.setting, at=at.moment)
    filters = pages.filters_of(request.GET, [one.code for one in profile.record_types])
    long = queries.whole_weeks(at.moment, filters.weeks, known=at.known)
    short = queries.whole_weeks(at.moment, filters.over, known=at.known)
    here = [("service", service.code)]
    keep = [*here, *at.address]
    own = queries.checked_in([service.pk], long)
    given = queries.refreshers([service.pk], at=at.moment, known=at.known)
    events = queries.events(service, long, profile.code, given)
    over_time = pages.over_time(service, own, long, filters, events, keep)
    ids = [each.pk for each in services]
    teams = queries.teams_of(ids, known=at.known)
    chosen = next((g for g in given if g.refresher.pk == filters.refresher), None)
    chosen = chosen or (given[0] if given else None)
    tried, still = _tried(chosen, service, at, teams, keep)
    heat = pages.heat_map(
        services,
        service,
        queries.checked_in(ids, short),
        teams,
        short,
        filters.record_type,
        keep,
    )
    return render(
        request,
        "audits/record_quality.html",
        {
            "page": Page(
                "Did the training reach the records?",
                lede=_lede(over_time, tried),
                over=str(service),
                title="Record quality",
                wide=True,
                crumbs=(Link("Records", address("records", service=service.code)),),
            ),
            "as_at": at,
            "filters": filters,
            "of": [(each.code, each.title) for each in pages.measures().values()],
            "types": [("", "Any record"), *((t.code, t.title) for t in profile.record_types)],
            "weeks": list(pages.WEEKS.items()),
            "overs": [
                Link(
                    words,
                    "?" + urlencode([*keep, *replace(filters, over=weeks).address]),
                    weeks == filters.over,
                )
                for weeks, words in pages.OVER.items()
            ],
            "target": "" if filters.target is None else chart.in_figures(filters.target),
            "keep": [*keep, *Filters(over=filters.over, refresher=filters.refresher).address],
            "keep_filters": [*here, *filters.address],
            "now_href": "?" + urlencode([*here, *filters.address]),
            "over_time": over_time,
            "how_to_read": pages.HOW_TO_READ,
            "heat": heat,
            "heat_legend": chart.heat_legend(),
            "small": pages.SMALL,
            "tried": tried,
            "still": still,
            "refreshers": [(g.refresher.pk, g.title) for g in given],
            "refresher": chosen.refresher.pk if chosen else "",
            "keep_but_refresher": [*keep, *replace(filters, refresher=None).address],
            "accuracy": address("records-of-accuracy", **dict(keep)),
            "warnings": address("records-of-warnings", **dict(keep)),
        },
        status=400 if at.problem else 200,
    )


def _lede(over_time: pages.OverTime, tried: pages.BeforeAfter | None) -> str:
    if tried is None:
        return f"No refresher was given here yet. {over_time.heading}."
    said, since = tried.sentence
    return format_html("<strong>{}</strong> {} {}.", said, since, over_time.heading)


def _tried(
    given: queries.Given | None,
    service: Service,
    at: AsAt,
    teams: queries.Teams,
    keep: list[tuple[str, str]],
) -> tuple[pages.BeforeAfter | None, list[pages.StillThere]]:
    """A refresher before and after, and whose records still have its gap."""
    if given is None:
        return None, []
    period = given.period(at.moment, at.known)
    own = queries.checked_in([service.pk], period)
    people = Person.objects.filter(pk__in=given.people).select_related("identity")
    names = {person.pk: person for person in people}
    return (
        pages.before_after(given, own, period, keep),
        pages.still_there(
            given,
            own,
            period,
            teams,
            {pk: str(person) for pk, person in names.items()},
            keep,
            {pk: person.pseudonym for pk, person in names.items()},
        ),
    )


# --- The records behind a number ------------------------------------------------------------------


def records(request: HttpRequest) -> HttpResponse:
    """The records that a number on these pages was made of, with what each counted for."""
    service, at = chosen_service(request), as_at(request)
    profile = profile_for(service.setting, at=at.moment)
    sought = pages.sought_of(request.GET)
    measure = pages.readings()[sought.what]
    period = _period(sought, at)
    keep = [("service", service.code), *at.address]
    every = measure.holds is None
    hidden = hidden_items(by_of(request), service=service.pk)
    lines, shown, counted, of = (
        _all_lines(request, service, profile, period, sought)
        if every
        else _checked_lines(request, service, profile, period, sought, hidden)
    )
    return render(
        request,
        "audits/record_list.html",
        {
            "page": Page(
                "Which records are behind this number?",
                lede=_said(measure, every, counted, of, sought),
                over=str(service),
                title=f"Records: {measure.title.lower()}",
                wide=True,
                crumbs=(Link("Record quality", address("records-of-quality", **dict(keep))),),
            ),
            "asked": _asked(sought, period, profile),
            "every": every,
            "left_out": "" if every else left_out(len(hidden)),
            "choices": _choices(sought, keep, counted, of) if not every else [],
            "what": measure.title,
            "lines": lines,
            "pages": shown,
            "address": f"{sought.href(keep)}&page=",
        },
        status=400 if at.problem else 200,
    )


def _period(sought: Sought, at: AsAt) -> queries.Period:
    usual = queries.whole_weeks(at.moment, Filters.over, known=at.known)
    since = sought.since or usual.since
    until = sought.until or usual.last_day
    return replace(usual, since=since, until=max(since, until) + (usual.until - usual.last_day))


def _checked_lines(
    request: HttpRequest,
    service: Service,
    profile: Profile,
    period: queries.Period,
    sought: Sought,
    hidden: frozenset[int],
) -> tuple[list[pages.RecordLine], Any, int, int]:
    holds = pages.readings()[sought.what].holds
    assert holds is not None
    asked = [
        (record, held)
        for record in _behind(service, period, sought)
        if record.item not in hidden and (held := holds(record)) is not None
    ]
    found = [pair for pair in asked if pair[1]]
    shown = Paginator(sorted(found if sought.found else asked, key=_newest), A_PAGE).get_page(
        request.GET.get("page")
    )
    names = _names([record for record, _ in shown])
    return (
        [
            pages.record_line(
                record, held, names[record.item], pages.kind_of(profile, record.record_type)
            )
            for record, held in shown
        ],
        shown,
        len(found),
        len(asked),
    )


def _newest(pair: tuple[Checked, bool]) -> tuple[float, int]:
    return -pair[0].written_at.timestamp(), pair[0].item


def _behind(service: Service, period: queries.Period, sought: Sought) -> list[Checked]:
    """The checks that hold of the records sought. Of a refresher: of the people who were there and
    have records on both sides."""
    if sought.refresher and sought.side:
        return _of_refresher(service, period, sought)
    # A warning names items, of whatever audit.
    found = (queries.checks_in if sought.items else queries.checked_in)([service.pk], period)
    if sought.record_type:
        found = [r for r in found if r.record_type == sought.record_type]
    if sought.items:
        found = [r for r in found if r.item in sought.items]
    if sought.group:
        teams = queries.teams_of([service.pk], known=period.known)
        found = [r for r in found if sought.group in {teams.group(r), f"team-{teams.team(r)}"}]
    if sought.person:
        same = humans()
        pks = Person.objects.filter(pseudonym=sought.person).values_list("pk", flat=True)
        people = {same.get(pk, pk) for pk in pks}
        found = [r for r in found if r.author in people]
    return found


def _of_refresher(service: Service, period: queries.Period, sought: Sought) -> list[Checked]:
    given = next(
        (
            g
            for g in queries.refreshers([service.pk], at=period.at, known=period.known)
            if g.refresher.pk == sought.refresher
        ),
        None,
    )
    if given is None:
        return []
    sides = given.sides(period.at)
    own = [
        r
        for r in queries.checked_in([service.pk], given.period(period.at, period.known))
        if r.author in given.people
    ]
    people = {
        side: {r.author for r in own if sides.side(r) == side} for side in ("before", "after")
    }
    both = people["before"] & people["after"]
    return [r for r in own if r.author in both and sides.side(r) == sought.side]


def _names(records: list[Checked]) -> dict[int, str]:
    accounts = Accounts.read({record.account for record in records})
    return {r.item: str(accounts.at(r.account, r.written_at)) for r in records}


def _all_lines(
    request: HttpRequest,
    service: Service,
    profile: Profile,
    period: queries.Period,
    sought: Sought,
) -> tuple[list[pages.RecordLine], Any, int, int]:
    code = "" if sought.what == pages.NOTICED else queries.LATE
    rows = queries.noticed_in(service.pk, period, record_type=sought.record_type, code=code)
    every = queries.late_by_week([service.pk], period, record_type=sought.record_type, code=code)[
        service.pk
    ]
    shown = Paginator(rows, A_PAGE).get_page(request.GET.get("page"))
    live = [each.record for each in shown if each.record]
    accounts = Accounts.read({record.account_id for record in live})
    lines = [
        pages.RecordLine(
            record_id=row.id,
            kind=what_of_row(row, profile),
            when=row.at,
            author=str(accounts.at(row.record.account_id, row.at)) if row.record else "",
            counts="Yes",
            answers="",
            gaps="",
            pi="",
            stands_for="",
            href=href_of(row),
            entry=row.record.entry if row.record else 0,
            entry_href=address("entry", row.record.entry) if row.record else "",
        )
        for row in (row_of(each) for each in shown)
    ]
    return lines, shown, shown.paginator.count, sum(c.records for c in every.values())


def _said(measure: pages.Measure, every: bool, counted: int, of: int, sought: Sought) -> str:
    if every:
        return (
            f"{measure.title}: {number(counted)} of all {plural(of, 'live record')}, the newest "
            "first."
        )
    if _tells_nothing(sought, of):
        return f"{plural(of, 'record')} checked, to be read one by one: no figure is made of these."
    return (
        f"{measure.title}: {number(counted)} of {plural(of, 'record')} checked. Each stands for "
        "others like it that were not chosen, so the number on the page is no plain share of these."
    )


def _tells_nothing(sought: Sought, of: int) -> bool:
    """Whether a count of these would be a figure of one person, or of too few."""
    return bool(sought.person) or of < MINIMUM


def _asked(sought: Sought, period: queries.Period, profile: Profile) -> str:
    if sought.refresher and sought.side:
        return f"Written {sought.side} the refresher, by the people who were there"
    said = [f"Written {short_day(period.since)} to {day(period.last_day)}"]
    if sought.record_type:
        said.append(pages.kind_of(profile, sought.record_type).lower())
    if sought.group:
        said.append(pages.GROUPS.get(sought.group, "one team"))
    return ", ".join(said)


def _choices(sought: Sought, keep: list[tuple[str, str]], counted: int, of: int) -> list[Link]:
    few = _tells_nothing(sought, of)
    yes = "Only “yes”" if few else f"Only “yes” {number(counted)}"
    return [
        Link(f"All {number(of)}", replace(sought, found=False).href(keep), not sought.found),
        Link(yes, replace(sought, found=True).href(keep), sought.found),
    ]
