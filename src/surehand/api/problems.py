"""What the API says when it does not answer: a problem (RFC 9457) with a sentence.

Every problem says `cleared: false`, so that whoever reads only that is never let in by mistake.
"""

from typing import Any

from django.http import HttpResponse, JsonResponse

TITLES = {
    400: "That could not be understood",
    401: "This needs a token",
    403: "This token may not ask that",
    404: "There is nothing here",
    405: "It cannot be asked in this way",
    409: "This cannot be answered now",
    422: "Something asked is not right",
    429: "Asked too often",
    500: "Something went wrong on our side",
    503: "The database does not answer",
}
SENTENCES = {
    400: "Something in what was sent is not allowed. Check the address and what was sent with it.",
    404: "There is no such address. The OpenAPI document at /api/v1/openapi.json names all.",
    405: "This address is asked in another way. See the OpenAPI document.",
    500: "Nothing can be said now. Take it as not cleared, and ask again in a minute.",
    503: "Nothing can be said now. Take it as not cleared, and ask again in a few seconds.",
}


class Problem(Exception):
    """A request that is not answered: its status and the sentence."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


def problem(status: int, detail: str = "", **headers: str) -> HttpResponse:
    """The response of a problem."""
    content: dict[str, Any] = {
        "type": "about:blank",
        "title": TITLES.get(status, TITLES[400 if status < 500 else 500]),
        "status": status,
        "detail": detail or SENTENCES.get(status, SENTENCES[400 if status < 500 else 500]),
        "cleared": False,
    }
    response = JsonResponse(content, status=status, content_type="application/problem+json")
    response["Cache-Control"] = "no-store"
    if status == 401:
        response["WWW-Authenticate"] = "Bearer"
    if status == 503:
        response["Retry-After"] = "5"
    for name, value in headers.items():
        response[name] = value
    return response
