"""Who has been writing live records: the page of reconciliation (3.6)."""

from collections.abc import Iterable
from datetime import datetime
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from surehand.assurance.pages import PERIODS, WHO, Filters, export, filters_of, view
from surehand.assurance.queries import Writer, period, reconcile, weeks_of
from surehand.people.queries import references_of
from surehand.people.web import as_at, by_of, chosen_service
from surehand.readiness.queries import states_at
from surehand.readiness.rules import State
from surehand.timeline import instant, london_date
from surehand.ui import export as files
from surehand.ui.page import Link, Page


def live_records(request: HttpRequest) -> HttpResponse:
    """Live records against readiness and rota; `format=csv` or `xlsx` carries them away."""
    request.section = "live-use"  # type: ignore[attr-defined]
    service = chosen_service(request)
    filters, at = filters_of(request.GET), as_at(request)
    since, until = period(days=filters.days, until=at.moment)
    found = reconcile(services=[service.pk], since=since, until=until, known=at.known)
    here = [("service", service.code)]
    keep = [*here, *at.address]
    if kind := request.GET.get("format", ""):
        shown = filters.shown(found.writers)
        references = references_of(w.person.pk for w in shown if w.person)
        on = london_date(instant(until))
        try:
            return files.response(
                export(shown, service=service, references=references, until=on), kind
            )
        except ValueError as problem:
            return HttpResponse(str(problem), status=400, content_type="text/plain; charset=utf-8")
    shown_ = view(
        found,
        filters,
        service=service,
        keep=keep,
        mondays=weeks_of(since, until),
        states=_states(found.found, at.moment),
        by=by_of(request),
    )
    every = [*keep, *filters.address]
    return render(
        request,
        "assurance/live_records.html",
        {
            "page": Page(
                "Who has been writing live records?",
                lede=shown_.lede,
                over=f"{service} · live use",
                title="Who wrote live records",
                wide=True,
            ),
            "view": shown_,
            "as_at": at,
            "filters": filters,
            "periods": list(PERIODS.items()),
            "whos": list(WHO.items()),
            "keep": [*keep, *Filters(finding=filters.finding).address],
            "keep_filters": [*here, *filters.address],
            "now_href": "?" + urlencode([*here, *filters.address]),
            "exports": [
                Link("Plain table (CSV)", "?" + urlencode([*every, ("format", "csv")]),
                     icon="file-text"),
                Link("Spreadsheet (XLSX)", "?" + urlencode([*every, ("format", "xlsx")]),
                     icon="file-spreadsheet"),
            ],
        },
        status=400 if at.problem else 200,
    )  # fmt: skip


def _states(writers: Iterable[Writer], at: datetime) -> dict[int, State]:
    posts = [post.pk for writer in writers for post in writer.posts]
    return {post: State(span.state) for post, span in states_at(posts, at=at).items()}
