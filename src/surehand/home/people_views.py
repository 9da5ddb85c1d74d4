"""The list of people: who works here, and how ready they are."""

from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from surehand import evidence
from surehand.evidence.refusal import NothingYet
from surehand.home.people import Filters, Row, export, matching, rows
from surehand.people.access import Action, check_may
from surehand.people.models import Employment, Service
from surehand.people.roles import JOB_ROLES
from surehand.people.web import NO_SERVICE, by_of, chosen_service, readable_services
from surehand.ui.export import response
from surehand.ui.formats import plural
from surehand.ui.page import Link, Page, address
from surehand.ui.states import STATES

A_PAGE = 50
EVERY = "all"
EXPORTS = (
    ("Spreadsheet (XLSX)", "xlsx", "file-spreadsheet"),
    ("Plain table (CSV)", "csv", "file-text"),
)


def people(request: HttpRequest) -> HttpResponse:
    """Everybody with a post at the service chosen, or at all services that may be read; a search
    goes through all of them, and one hit leads straight to the person."""
    by = by_of(request)
    check_may(by, Action.READ, service=None) if not by.may_anywhere(Action.READ) else None
    now = evidence.clock.now()
    readable = readable_services(request)
    wanted = _filters(request)
    services = _services(request, readable, wanted)
    every = len(services) == len(readable) and len(readable) != 1
    found = rows(services, at=now, without_posts=by.covers_all(Action.READ) and every)
    hits = matching(found, wanted, at=now)
    pseudonyms = {row.person.pseudonym for row in hits}
    if wanted.q and len(pseudonyms) == 1:
        return redirect("person", pseudonyms.pop())
    if kind := request.GET.get("format", ""):
        try:
            return response(export(hits), kind)
        except ValueError as wrong:
            raise Http404(str(wrong)) from wrong
    place = "all services" if every else str(services[0])
    keep = [("service", EVERY if every else services[0].code)]
    asked = [(k, v) for k, v in request.GET.items() if k not in {"page", "service"} and v] + keep
    query = urlencode(asked)
    return render(
        request,
        "home/people.html",
        {
            "page": Page(
                f"Who works at {place}?" if not every else "Who works here?",
                lede=_lede(hits, found, wanted, place),
                title="People",
            ),
            "wanted": wanted,
            "hits": Paginator(hits, A_PAGE).get_page(request.GET.get("page")),
            "address": f"?{query}&page=",
            "keep": keep,
            "every": every,
            "services": [(EVERY, "All services"), *((s.code, str(s)) for s in readable)],
            "service": keep[0][1],
            "state_choices": [("", "Any"), *((key, s.word) for key, s in STATES.items())],
            "job_roles": [("", "Any"), *_held(found)],
            "employments": [("", "Any"), *((e.value, e.label) for e in Employment)],
            "teams": _teams(found),
            "ends": Link(
                "Ends in 30 days",
                f"?{urlencode([*keep, ('ends', 30)])}"
                if not wanted.ends
                else f"?{urlencode(keep)}",
                current=bool(wanted.ends),
            ),
            "nobody": not found,
            "spot_checks_href": address(
                "spot-checks", **({} if every else {"service": services[0].code})
            ),
            "practice_href": address(
                "practice-log", **({} if every else {"service": services[0].code})
            ),
            "courses_href": address("courses", **({} if every else {"service": services[0].code})),
            "exports": [
                Link(words, f"?{urlencode([*asked, ('format', kind)])}", icon=icon)
                for words, kind, icon in EXPORTS
            ],
        },
    )


def _filters(request: HttpRequest) -> Filters:
    given = {
        k: request.GET.get(k, "").strip() for k in ("q", "state", "role", "employment", "team")
    }
    ends = request.GET.get("ends", "")
    return Filters(
        q=given["q"],
        state=given["state"] if given["state"] in STATES else "",
        job_role=given["role"] if given["role"] in JOB_ROLES else "",
        employment=given["employment"] if given["employment"] in Employment.values else "",
        team=given["team"],
        ends=int(ends) if ends.isdigit() and len(ends) < 4 else None,
    )


def _services(request: HttpRequest, readable: list[Service], wanted: Filters) -> list[Service]:
    """The one in the address, all of them for a search, else the last chosen."""
    if not readable:
        raise NothingYet(NO_SERVICE)
    asked = request.GET.get("service", "")
    if asked == EVERY or (not asked and (wanted.q or len(readable) == 1)):
        return readable
    return [chosen_service(request)]


def _held(found: list[Row]) -> list[tuple[str, str]]:
    """The job roles somebody holds here, in the order of the starter content."""
    codes = {row.post.job_role for row in found if row.post}
    return [(code, JOB_ROLES[code].title) for code in JOB_ROLES if code in codes]


def _teams(found: list[Row]) -> list[tuple[str, str]]:
    names = sorted({row.team for row in found if row.team})
    return [("", "Any"), *((name, name) for name in names)] if names else []


def _lede(hits: list[Row], found: list[Row], wanted: Filters, place: str) -> str:
    alone = sum(row.key == "independent" for row in hits)
    posts = sum(row.post is not None for row in hits)
    if wanted.anything:
        return f"{plural(len(hits), 'person', 'people')} of {len(found)} match what you asked for."
    if not posts:
        return "Nobody has a post here yet."
    return f"{alone} of {posts} use the live system on their own."
