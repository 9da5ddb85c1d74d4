"""Whatever happens to a request to the API, its answer is JSON that opens nothing by mistake."""

import logging
from collections.abc import Callable

from django.db import Error
from django.http import HttpRequest, HttpResponse

from surehand.api.problems import problem
from surehand.evidence.patience import at_most

PATH = "/api/"
PATIENCE_MS = 2000
"""A person waits at the door of the live system: by then it is an answer or a problem."""

log = logging.getLogger(__name__)


class ApiMiddleware:
    """Around everything else: no page, no redirect and no hanging for a program that asks."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(PATH):
            return self.get_response(request)
        try:
            with at_most(milliseconds=PATIENCE_MS):
                response = self.get_response(request)
        except Error as unanswered:
            log.warning("The API could not reach the database: %s", unanswered)
            return problem(503)
        if not 200 <= response.status_code < 300 and not _is_problem(response):
            status = response.status_code if response.status_code >= 400 else 404
            kept = {k: v for k, v in response.items() if k == "Allow"}
            response = problem(status, **kept)
        # An answer of the gate is of its moment: nobody may keep it.
        response["Cache-Control"] = "no-store"
        return response


def _is_problem(response: HttpResponse) -> bool:
    return str(response.get("Content-Type", "")).startswith("application/problem+json")
