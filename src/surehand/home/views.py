"""Pages that span the parts: home."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from surehand import evidence
from surehand.people.web import by_of
from surehand.ui.formats import moment
from surehand.ui.page import Page


def home(request: HttpRequest) -> HttpResponse:
    by_of(request)
    now = evidence.clock.now()
    name = request.user.get_short_name()  # type: ignore[union-attr]
    return render(
        request,
        "home/home.html",
        {"page": Page(f"Hello, {name}", over=moment(now), title="Home"), "tasks": []},
    )
