"""From course to check: does training that was too fast or too generic show? (1.7)"""

from collections.abc import Sequence
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from surehand.assessment.course_check_pages import (
    course_checks_export,
    course_checks_page,
    taught,
)
from surehand.assessment.first_checks import FEWEST, WITHIN
from surehand.competency.queries import latest_checks
from surehand.people.web import as_at, chosen_service, readable_services
from surehand.ui import export
from surehand.ui.page import Link, Page, address

EVERY = "all"


def course_checks(request: HttpRequest) -> HttpResponse:
    """By course and by cohort, of a service or of all, as at any moment."""
    readable = readable_services(request)
    every = request.GET.get("service") == EVERY and len(readable) > 1
    services = readable if every else [chosen_service(request)]
    at = as_at(request)
    checks = {c.competency.code: c for c in latest_checks().values()}
    check = checks.get(request.GET.get("check", ""))
    found = taught(
        [s.pk for s in services],
        at=at.moment,
        known=at.known,
        competency=check.competency_id if check else None,
    )
    where = EVERY if every else services[0].code
    if kind := request.GET.get("format", ""):
        try:
            return export.response(course_checks_export(found, at=at.moment, where=where), kind)
        except ValueError as problem:
            return HttpResponse(str(problem), status=400, content_type="text/plain; charset=utf-8")
    chosen = next((t for t in found if t.key == request.GET.get("course", "")), None)
    chosen = chosen or next(iter(found), None)
    keep = [("service", where), *at.address]
    asked = [*keep, *([("check", check.competency.code)] if check else [])]
    view = course_checks_page(found, chosen=chosen, address="?" + urlencode(asked))
    every_pair = [*asked, *([("course", chosen.key)] if chosen else [])]
    place = "all services" if every else str(services[0])
    request.section = "people"  # type: ignore[attr-defined]
    return render(
        request,
        "assessment/course_checks.html",
        {
            "page": Page(
                f"Does training at {place} work first time?",
                lede=_lede(view.findings),
                title="From course to check",
                crumbs=(
                    Link("People", f"{address('people')}?{urlencode([('service', where)])}"),
                    Link("Courses", address("courses", **({} if every else {"service": where}))),
                ),
            ),
            "view": view,
            "as_at": at,
            "keep": keep,
            "kept_filters": [(k, v) for k, v in every_pair if not k.startswith("at_")],
            "now_href": "?" + urlencode([p for p in every_pair if p not in at.address]),
            "courses": [(t.key, t.title) for t in found],
            "course": chosen.key if chosen else "",
            "checks": [
                ("", "Every check"),
                *((code, f"{code} {c.short}") for code, c in sorted(checks.items())),
            ],
            "check": check.competency.code if check else "",
            "services": [(EVERY, "All services"), *((s.code, str(s)) for s in readable)]
            if len(readable) > 1
            else [],
            "service": where,
            "fewest": FEWEST,
            "weeks": WITHIN.days // 7,
            "exports": [
                Link(words, "?" + urlencode([*every_pair, ("format", kind)]), icon=icon)
                for words, kind, icon in (
                    ("Spreadsheet (XLSX)", "xlsx", "file-spreadsheet"),
                    ("Plain table (CSV)", "csv", "file-text"),
                )
            ],
        },
        status=400 if at.problem else 200,
    )


def _lede(findings: Sequence[str]) -> str:
    if findings:
        return "Something is worth asking about the course, not about the people who came to it."
    return "No course and no group stands out by more than chance may explain."
