"""How far auditors agree (2.2): about one record in ten is checked twice, blind."""

from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from surehand.audits import calibration_pages as pages
from surehand.audits.calibration_queries import pairs
from surehand.people.access import Action
from surehand.people.web import as_at, by_of, chosen_service, readable_services
from surehand.ui.page import Link, Page, address

A_PAGE = 10


def calibration(request: HttpRequest) -> HttpResponse:
    """Agreement on each criterion, and the records on which two auditors differed."""
    service = chosen_service(request)
    at = as_at(request)
    found = pairs(services=[service.pk], at=at.moment, known=at.known)
    differing = [pair for pair in found if pair.differs]
    shown = Paginator(differing, A_PAGE).get_page(request.GET.get("page"))
    lines = pages.agreement_lines(found)
    everywhere = (
        pages.agreement_lines(
            pairs(
                services=[one.pk for one in readable_services(request)],
                at=at.moment,
                known=at.known,
            )
        )
        if by_of(request).covers_all(Action.READ)
        else []
    )
    here = [("service", service.code)]
    return render(
        request,
        "audits/calibration.html",
        {
            "page": Page(
                f"Do auditors at {service} mean the same?",
                lede=pages.lede(lines, len(found), len(differing)),
                title="Calibration",
                crumbs=(Link("Records", address("records", service=service.code)),),
                wide=True,
            ),
            "as_at": at,
            "keep": [*here, *at.address],
            "here": here,
            "now_href": "?" + urlencode(here),
            "lines": lines,
            "everywhere": everywhere,
            "pairs": pages.pair_lines(shown),
            "pages": shown,
            "address": f"?{urlencode([*here, *at.address])}&page=",
        },
        status=400 if at.problem else 200,
    )
