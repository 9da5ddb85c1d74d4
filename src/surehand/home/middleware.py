"""A refusal that no page caught becomes a page with its sentence, never a traceback."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from surehand.evidence.refusal import NotPermitted, Refused
from surehand.ui.page import Page


class RefusalMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, problem: Exception) -> HttpResponse | None:
        if not isinstance(problem, Refused):
            return None
        permitted = not isinstance(problem, NotPermitted)
        return render(
            request,
            "home/refused.html",
            {
                "page": Page(
                    "This could not be done" if permitted else "This page is not for you",
                    lede=str(problem),
                )
            },
            status=409 if permitted else 403,
        )
