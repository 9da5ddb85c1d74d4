"""The competency log of a cohort and of a person (1.2)."""

from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from surehand.competency.queries import latest_checks
from surehand.people.access import Action
from surehand.people.web import as_at, by_of, chosen_service, readable_person
from surehand.practice import log, log_pages
from surehand.practice.models import Attempt
from surehand.support.cohorts import FILTERS, cohort
from surehand.support.corners import BANDS
from surehand.ui import export
from surehand.ui.page import Link, Page, address

A_PAGE = 25
EXPORTS = (
    ("Every go (XLSX)", "xlsx", "file-spreadsheet"),
    ("Every go (CSV)", "csv", "file-text"),
)


def of_cohort(request: HttpRequest) -> HttpResponse:
    """What a service, a team, a job role, a start month or a course practised and missed."""
    service = chosen_service(request)
    at = as_at(request)
    chosen = {name: request.GET.get(name, "") for name in FILTERS}
    group = cohort(service, at=at.moment, chosen=chosen, known=at.known)
    every = log.logged(group.people, at=at.moment, known=at.known)
    scenarios = sorted({(e.scenario.code, e.scenario.title) for e in every})
    mode = request.GET.get("mode", "")
    mode = mode if mode in Attempt.Mode.values else ""
    code = request.GET.get("scenario", "")
    when = request.GET.get("when", "")
    when = when if when in log_pages.WHEN else "before"
    found = [e for e in every if mode in {"", e.attempt.mode} and (code in {"", e.scenario.code})]
    if kind := request.GET.get("format", ""):
        return _carried_away(log_pages.log_export(found, at=at.moment, where=service.code), kind)
    here = [("service", service.code)]
    narrowed = {**chosen, "mode": mode, "scenario": code, "when": when if when != "before" else ""}
    filters = [pair for pair in narrowed.items() if pair[1]]
    keep = urlencode([*here, *filters, *at.address])
    missed = log.missed_most(found)
    request.section = "people"  # type: ignore[attr-defined]
    return render(
        request,
        "practice/log.html",
        {
            "page": Page(
                f"What did people at {service} practise, and what did they miss?",
                lede=log_pages.lede_of_cohort(found, len(group.people), missed),
                title="Practice",
                wide=True,
                crumbs=(Link("People", address("people", service=service.code)),),
            ),
            "as_at": at,
            "cohort": group,
            "chosen": narrowed,
            "when": when,
            "whens": list(log_pages.WHEN.items()),
            "modes": [("", "Practice and checks"), *Attempt.Mode.choices],
            "scenarios": [("", "Every scenario"), *scenarios],
            "keep": [*here, *at.address],
            "kept_filters": [*here, *filters],
            "now_href": "?" + urlencode([*here, *filters]),
            "missed": log_pages.misses(missed),
            "themes": log_pages.theme_misses(found, latest_checks()),
            "corners": log_pages.picture(found, when=when, href=f"?{keep}&cell="),
            "bands": list(BANDS.values()),
            "surer": log_pages.surer(found),
            "who": log_pages.behind(found, when=when, cell=request.GET.get("cell", "")),
            "goes": (goes := Paginator(found, A_PAGE).get_page(request.GET.get("page"))),
            "lines": log_pages.lines(list(goes), by=by_of(request)),
            "address": f"?{keep}&page=",
            "exports": [
                Link(words, f"?{keep}&format={kind}", icon=icon) for words, kind, icon in EXPORTS
            ],
            "fewest": log.FEWEST,
            "no_outcome": log_pages.NO_OUTCOME,
        },
        status=400 if at.problem else 200,
    )


def of_person(request: HttpRequest, pseudonym: str) -> HttpResponse:
    """Everything one person practised; one's own for oneself."""
    person = readable_person(request, pseudonym)
    by = by_of(request)
    own = by.is_self(person.pk)
    at = as_at(request)
    found = log.logged([person.pk], at=at.moment, known=at.known)
    if kind := request.GET.get("format", ""):
        return _carried_away(log_pages.log_export(found, at=at.moment, where="person"), kind)
    keep = urlencode(at.address)
    name = person.first_name
    request.section = "people"  # type: ignore[attr-defined]
    return render(
        request,
        "practice/log_of_person.html",
        {
            "page": Page(
                "What did you practise?" if own else f"What did {name} practise?",
                lede=log_pages.lede_of_person(found),
                over="" if own else str(person),
                title="Practice" if own else f"Practice, {person}",
                person=str(person),
                crumbs=(Link(str(person), address("person", pseudonym, **dict(at.address))),),
            ),
            "own": own,
            "as_at": at,
            "lines": log_pages.lines(found, by=by),
            "missed": log_pages.own_misses(found),
            "surer": log_pages.surer(found),
            "practice": address("practice") if own else "",
            "check": address("practice-check-with", pseudonym)
            if not own and by.may_anywhere(Action.ASSESS)
            else "",
            "exports": [
                Link(words, f"?{keep}&format={kind}", icon=icon) for words, kind, icon in EXPORTS
            ],
            "no_outcome": log_pages.NO_OUTCOME,
        },
        status=400 if at.problem else 200,
    )


def _carried_away(table: export.Export, kind: str) -> HttpResponse:
    try:
        return export.response(table, kind)
    except ValueError as problem:
        return HttpResponse(str(problem), status=400, content_type="text/plain; charset=utf-8")
