"""Who is asking, on every request: `request.by` (None before sign-in)."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeGuard

from django.http import HttpRequest, HttpResponse

from surehand import evidence
from surehand.people.access import By
from surehand.people.models import SignIn
from surehand.people.queries import access_of
from surehand.people.signing_in.session import confirmed_in


class PersonalRequest(HttpRequest):
    """A request by somebody signed in."""

    by: By
    user: SignIn


def is_personal(request: HttpRequest) -> TypeGuard[PersonalRequest]:
    return getattr(request, "by", None) is not None


class ByMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        by = None
        if isinstance(request.user, SignIn):
            by = replace(
                access_of(
                    request.user.person,
                    at=evidence.clock.now(),
                    signed_in=request.session.get("signed_in", "password"),
                ),
                confirmed=confirmed_in(request.session),
            )
        request.by = by  # type: ignore[attr-defined]
        return self.get_response(request)
