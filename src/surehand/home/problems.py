"""The pages shown when a page cannot be: what happened and what to do. None needs the database."""

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from surehand.ui.page import Page


def _page(question: str, lede: str, status: int, now: str = "") -> HttpResponse:
    """`now`: where the same is told as it is now."""
    # Without the request no context processor runs, so nothing that is broken is asked.
    return HttpResponse(
        render_to_string("home/problem.html", {"page": Page(question, lede=lede), "now": now}),
        status=status,
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if "at_date" in request.GET:
        return _page(
            "This page is not here at that moment",
            "What it shows may not have been recorded by then, or the address may be mistyped.",
            404,
            now=request.path,
        )
    return _page(
        "This page is not here",
        "The address may be mistyped, or what it showed has moved. Nothing is lost.",
        404,
    )


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(
        "This page is not for you",
        "Your access does not cover it. An administrator can change that.",
        403,
    )


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(
        "That could not be understood",
        "Something in what was sent is not allowed here. Go back and try again.",
        400,
    )


def too_old(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form sent without a valid token: mostly one left open while signed out."""
    return _page(
        "This page was open too long",
        "Nothing was saved. Go back, load the page again, and send it once more.",
        403,
    )


def broken(request: HttpRequest) -> HttpResponse:
    reference = getattr(request, "reference", "")
    return _page(
        "Something went wrong on our side",
        "What you were doing may not have been recorded. Look whether it is there before you try "
        "again; if this happens again, tell your administrator what you did and when"
        + (f", and this reference: {reference}." if reference else "."),
        500,
    )
