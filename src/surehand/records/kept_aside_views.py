"""What came in and cannot be used yet: why, how much of it, and what to do about it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from surehand.people.web import by_of
from surehand.records import kept_aside_actions as actions
from surehand.records import kept_aside_pages as pages
from surehand.records.bringing_in import check
from surehand.ui.formats import plural
from surehand.ui.page import Link, Page


def overview(request: HttpRequest) -> HttpResponse:
    """The words that are not known, with how many rows wait for each."""
    by = by_of(request)
    check(by)
    request.section = "imports"  # type: ignore[attr-defined]
    groups = pages.groups()
    count = sum(group.count for group in groups)
    return render(
        request,
        "records/kept_aside.html",
        {
            "page": Page(
                "What came in and is kept aside?",
                lede=f"{plural(count, 'row is', 'rows are')} kept, sealed, and not used yet. They "
                "come in by themselves when a new version of the ECM profile knows their words; or "
                "say here what a word is."
                if count
                else "Nothing: every row that came in is in use.",
                title="Kept aside",
                crumbs=(Link("Imports", reverse("imports")),),
            ),
            "groups": groups,
            "chosen": pages.chosen(),
        },
    )


@require_POST
def read_as(request: HttpRequest) -> HttpResponse:
    """Say which word of the profile an unknown one is, for all rows that say it."""
    why, said = request.POST.get("why", ""), request.POST.get("said", "")
    came = actions.read_as(
        by=by_of(request), why=why, said=said, means=request.POST.get("means", "")
    )
    messages.success(
        request, f"{plural(came, 'row')} came in. The same word is read so from now on."
    )
    return redirect("kept-aside")


@require_POST
def leave_out(request: HttpRequest) -> HttpResponse:
    """Leave rows out for good."""
    said = request.POST
    count = actions.leave_out(
        by=by_of(request),
        kind=said.get("kind", ""),
        why=said.get("why", ""),
        said=said.get("said", ""),
    )
    messages.success(
        request, f"{plural(count, 'row')} left out for good, also when they come again."
    )
    return redirect("kept-aside")
