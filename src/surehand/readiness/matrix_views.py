"""The training matrix and the story behind each of its cells."""

from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from surehand.people.access import Action
from surehand.people.models import Service
from surehand.people.queries import references_of
from surehand.people.roles import JOB_ROLES
from surehand.people.web import as_at, by_of, chosen_service, readable_person
from surehand.readiness.matrix import Matrix, matrix
from surehand.readiness.matrix_document import matrix_document
from surehand.readiness.matrix_pages import (
    Filters,
    chip_links,
    export_rows,
    matrix_export,
    matrix_page,
)
from surehand.readiness.reasons import STATE_KEYS, STATE_WORDS
from surehand.readiness.story import story
from surehand.readiness.story_pages import story_page
from surehand.support.course_pages import course_columns, courses_of
from surehand.ui import document, export
from surehand.ui.formats import local, moment, plural
from surehand.ui.page import Link, Page, address


def show(request: HttpRequest) -> HttpResponse:
    """Who is ready here, as at any moment; `format=csv`, `xlsx` or `pdf` carries it away."""
    service = chosen_service(request)
    at = as_at(request)
    filters = Filters(
        team=request.GET.get("team", ""),
        job_role=request.GET.get("role", ""),
        readiness=request.GET.get("readiness", ""),
        only=request.GET.get("only", ""),
    )
    found = matrix(services=[service.pk], as_at=at.moment, known=at.known)
    kind = request.GET.get("format", "")
    if kind and kind != "pdf":
        return _carried_away(kind, found, service, filters)
    signs = by_of(request).may(Action.SIGN_OFF, None)
    view = matrix_page(found, service=service, as_at=at, filters=filters, signs=signs)
    if kind:
        content = matrix_document(view, service=service, as_at=at)
        return document.response(content, f"matrix-{service.code}-{local(at.moment):%Y-%m-%d}")
    here = [("service", service.code)]
    keep = [*here, *at.address]
    every = [*keep, *filters.address]
    return render(
        request,
        "readiness/matrix.html",
        {
            "page": Page(view.question, lede=view.lede, title="Matrix", wide=True),
            "view": view,
            "courses": course_columns(
                courses_of([row.post for row in found.rows], at=at.moment, known=at.known)
            ),
            "courses_href": f"{address('courses')}?{urlencode(keep)}",
            "as_at": at,
            "filters": filters,
            "here": here,
            "keep": keep,
            "kept_filters": [*here, *filters.address],
            "now_href": "?" + urlencode([*here, *filters.address]),
            "known_links": _known_links(every, at.known_choice),
            "chips": chip_links(view, filters, keep),
            "teams": _teams(service),
            "job_roles": [("", "All job roles"), *_job_roles(found)],
            "states": [("", "Any"), *((STATE_KEYS[s], STATE_WORDS[s]) for s in STATE_KEYS)],
            "sign_off": f"Sign off {plural(view.waiting, 'person', 'people')}"
            if signs and view.waiting and at.chosen is None
            else "",
            "sign_off_href": f"{address('sign-off')}?{urlencode(here)}",
            "ask_href": f"{address('readiness')}?{urlencode(here)}",
            "exports": [
                Link(words, "?" + urlencode([*every, ("format", kind)]), icon=icon)
                for words, kind, icon in (
                    ("Spreadsheet (XLSX)", "xlsx", "file-spreadsheet"),
                    ("Plain table (CSV)", "csv", "file-text"),
                    ("For paper (PDF)", "pdf", "printer"),
                )
            ]
            + [
                Link(
                    "Competence for ASC-WDS (CSV)",
                    f"{address('asc-wds-training')}?{urlencode(keep)}",
                    icon="file-check",
                )
            ],
        },
        status=400 if at.problem else 200,
    )


def _carried_away(kind: str, found: Matrix, service: Service, filters: Filters) -> HttpResponse:
    rows = export_rows(found, filters)
    table = matrix_export(
        found,
        service=service,
        rows=rows,
        references=references_of(row.post.person_id for row in rows),
    )
    try:
        return export.response(table, kind)
    except ValueError as problem:
        return HttpResponse(str(problem), status=400, content_type="text/plain; charset=utf-8")


def _known_links(every: list[tuple[str, str]], chosen: str) -> list[Link]:
    rest = [pair for pair in every if pair[0] != "known"]
    return [
        Link("True then", "?" + urlencode(rest), current=chosen == "true"),
        Link("Known then", "?" + urlencode([*rest, ("known", "then")]), current=chosen == "then"),
    ]


def _teams(service: Service) -> list[tuple[str, str]]:
    teams = service.teams.select_related("details").order_by("details__name")
    found = [(str(team.pk), team.details.name) for team in teams]
    return [("", "All teams"), *found] if found else []


def _job_roles(found: Matrix) -> list[tuple[str, str]]:
    here = {row.post.job_role for row in found.rows}
    return [(code, role.title) for code, role in JOB_ROLES.items() if code in here]


def cell(request: HttpRequest, pseudonym: str, code: str) -> HttpResponse:
    """The reasons and the evidence behind one cell."""
    person = readable_person(request, pseudonym)
    at = as_at(request)
    by = by_of(request)
    found = story(person=person, code=code, as_at=at.moment, known=at.known, by=by)
    if found is None:
        raise Http404("There is no such competency in any plan.")
    assesses = not by.is_self(person.pk) and any(
        by.may(Action.ASSESS, stands.post.service_id) for stands in found.standings
    )
    view = story_page(found, person=person, as_at=at, assesses=assesses)
    back = urlencode(at.address)
    crumbs = [Link("Matrix", f"{address('matrix')}?{back}")] if by.may_anywhere(Action.READ) else []
    if href := address("person", pseudonym):
        crumbs.append(Link(str(person), href))
    request.section = "matrix"  # type: ignore[attr-defined]
    return render(
        request,
        "readiness/story.html",
        {
            "page": Page(
                view.question,
                lede=view.lede,
                over=view.over,
                title=f"{found.check.short}, {person}",
                crumbs=tuple(crumbs),
                person=str(person),
            ),
            "view": view,
            "as_at": at,
            "moment_words": f"As at {moment(at.moment)}.",
        },
        status=400 if at.problem else 200,
    )
