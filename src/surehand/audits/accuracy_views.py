"""How accurate are the records? The headline figure and the readings beside it (R18)."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from surehand.audits import accuracy_pages as pages
from surehand.audits import accuracy_queries as reads
from surehand.audits import quality_queries as queries
from surehand.ecm.queries import profile_for
from surehand.people.web import as_at, chosen_service, readable_services
from surehand.ui.page import Link, Page, address

WEEKS = 4


def accuracy(request: HttpRequest) -> HttpResponse:
    """Record accuracy of a service in its last four whole weeks, or in a month."""
    service, at = chosen_service(request), as_at(request)
    services = readable_services(request)
    profile = profile_for(service.setting, at=at.moment)
    months = reads.months(at.moment, known=at.known)
    month = pages.month_of(request.GET.get("month", ""), months)
    usual = queries.whole_weeks(at.moment, WEEKS, known=at.known)
    period = next((p for p in months if p.since == month), usual)
    here = [("service", service.code)]
    keep = [*here, *at.address]
    ids = [each.pk for each in services]
    found = reads.read(ids, period, at=at.moment, since=months[-1].since)
    own = found.of(service.pk, period)
    head = pages.headline(own, period, keep)
    asked = [("month", f"{month:%Y-%m}")] if month else []
    return render(
        request,
        "audits/record_accuracy.html",
        {
            "page": Page(
                f"How accurate are the records at {service}?",
                lede=f"{head.value} {head.said}" if head.value else f"{pages.FEW}. {head.said}",
                over=pages.period_said(period),
                title="Record accuracy",
                wide=True,
                crumbs=(Link("Record quality", address("records-of-quality", **dict(keep))),),
            ),
            "as_at": at,
            "keep": keep,
            "keep_filters": [*here, *asked],
            "now_href": "?" + urlencode([*here, *asked]),
            "months": [
                ("", f"Last {WEEKS} weeks"),
                *((f"{p.since:%Y-%m}", f"{p.since:%B %Y}") for p in months),
            ],
            "month": f"{month:%Y-%m}" if month else "",
            "headline": head,
            "how": pages.HOW,
            "by_period": pages.by_period(found, service, months, keep),
            "by_service": pages.by_service(found, services, period, keep)
            if len(services) > 1
            else [],
            "beside": pages.beside(found, service, profile, period, keep),
        },
        status=400 if at.problem else 200,
    )
