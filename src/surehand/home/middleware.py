"""What happens round every page: a line in the log, and a refusal shown as a page."""

import logging
import re
import secrets
from collections.abc import Callable
from time import perf_counter

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from surehand.evidence.refusal import NothingYet, NotPermitted, Refused
from surehand.home.health import REQUESTS
from surehand.ui.page import Page

log = logging.getLogger("surehand.requests")

_REFERENCE = re.compile(r"[A-Za-z0-9-]{8,64}")


class LogMiddleware:
    """Logs each request by the name of its page: an address may hold what somebody searched for.

    `request.reference` is in the log, in the answer, and on the page of an error, so that what a
    person reports can be found. A proxy may have chosen it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = perf_counter()
        given = request.headers.get("X-Request-ID", "")
        reference = given if _REFERENCE.fullmatch(given) else secrets.token_hex(6)
        request.reference = reference  # type: ignore[attr-defined]
        response = self.get_response(request)
        taken = perf_counter() - began
        page = (request.resolver_match and request.resolver_match.url_name) or "none"
        method = request.method if request.method in _METHODS else "other"
        REQUESTS.labels(method, page, str(response.status_code)).observe(taken)
        log.info(
            "request",
            extra={
                "fields": {
                    "reference": reference,
                    "method": method,
                    "page": page,
                    "status": response.status_code,
                    "ms": round(taken * 1000, 1),
                }
            },
        )
        response["X-Request-ID"] = reference
        return response


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class RefusalMiddleware:
    """A refusal that no page caught becomes a page with its sentence, never a traceback."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, problem: Exception) -> HttpResponse | None:
        if not isinstance(problem, Refused):
            return None
        question = "This could not be done"
        if isinstance(problem, NotPermitted):
            question = "This page is not for you"
        elif isinstance(problem, NothingYet):
            question = "There is nothing here yet"
        return render(
            request,
            "home/refused.html",
            {"page": Page(question, lede=str(problem))},
            status=403 if isinstance(problem, NotPermitted) else 409,
        )
