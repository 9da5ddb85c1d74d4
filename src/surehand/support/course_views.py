"""Courses attended at a service, beside what the plan requires. They make nobody ready (1.8)."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from surehand.people.access import Action
from surehand.people.models import Service
from surehand.people.roles import JOB_ROLES
from surehand.people.web import AsAt, as_at, by_of, chosen_service, readable_services
from surehand.support.course_pages import (
    EVERY,
    MISSING,
    REQUIRED,
    CourseFilters,
    Courses,
    courses_export,
    courses_of_service,
    courses_page,
)
from surehand.ui import export
from surehand.ui.page import Link, Page, address


def courses(request: HttpRequest) -> HttpResponse:
    """Person by course, as at any moment; `format=csv` or `xlsx` carries it away."""
    service = chosen_service(request)
    at = as_at(request)
    found = courses_of_service(service, at=at.moment, known=at.known)
    filters = _filters(request, found)
    if kind := request.GET.get("format", ""):
        return _carried_away(kind, found, service, at, filters)
    view = courses_page(found, service=service, as_at=at, filters=filters)
    here = [("service", service.code)]
    every = [*here, *at.address, *filters.address]
    only_off = [pair for pair in every if pair[0] != "only"]
    request.section = "people"  # type: ignore[attr-defined]
    return render(
        request,
        "support/courses.html",
        {
            "page": Page(
                view.question,
                lede=view.lede,
                title="Courses",
                wide=True,
                crumbs=(Link("People", f"{address('people')}?{urlencode(here)}"),),
            ),
            "view": view,
            "as_at": at,
            "filters": filters,
            "keep": [*here, *at.address],
            "kept_filters": [*here, *filters.address],
            "now_href": "?" + urlencode([*here, *filters.address]),
            "job_roles": [
                ("", "All job roles"),
                *(
                    (c, r.title)
                    for c, r in JOB_ROLES.items()
                    if any(p.job_role == c for p in found.posts)
                ),
            ],
            "which": [
                (REQUIRED, "Required by the plan"),
                (EVERY, "Every course attended"),
                *((c.code, c.title) for c in found.plan),
            ],
            "chips": [
                Link(
                    f"Something missing · {view.lacking}",
                    "?" + urlencode(only_off if filters.only else [*every, ("only", MISSING)]),
                    current=bool(filters.only),
                )
            ],
            "to_checks_href": address("courses-of-checks", service=service.code),
            "import_href": address("import-file", "attendance")
            if by_of(request).may(Action.IMPORT_PEOPLE, service.pk)
            else "",
            "exports": [
                Link(words, "?" + urlencode([*every, ("format", kind)]), icon=icon)
                for words, kind, icon in (
                    ("Spreadsheet (XLSX)", "xlsx", "file-spreadsheet"),
                    ("Plain table (CSV)", "csv", "file-text"),
                )
            ]
            + training_links(request, service, at),
        },
        status=400 if at.problem else 200,
    )


def training_links(request: HttpRequest, service: Service, at: AsAt) -> list[Link]:
    """Confirmed competence for Skills for Care: of this service, and of all."""
    several = len(readable_services(request)) > 1
    return [
        Link(words, f"{href}?{urlencode([('service', code), *at.address])}", icon="file-check")
        for words, code in (
            ("Competence for ASC-WDS (CSV)", service.code),
            ("Competence for ASC-WDS, all services (CSV)", "all"),
        )
        if (href := address("asc-wds-training")) and (several or code != "all")
    ]


def _filters(request: HttpRequest, found: Courses) -> CourseFilters:
    role, course, only = (request.GET.get(n, "").strip() for n in ("role", "course", "only"))
    return CourseFilters(
        job_role=role if role in JOB_ROLES else "",
        course=course if course in {EVERY, *(c.code for c in found.plan)} else REQUIRED,
        only=only if only == MISSING else "",
    )


def _carried_away(
    kind: str, found: Courses, service: Service, at: AsAt, filters: CourseFilters
) -> HttpResponse:
    table = courses_export(found, service=service, at=at.moment, filters=filters)
    try:
        return export.response(table, kind)
    except ValueError as problem:
        return HttpResponse(str(problem), status=400, content_type="text/plain; charset=utf-8")
