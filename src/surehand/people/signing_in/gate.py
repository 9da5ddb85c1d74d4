"""What a session may do by how it was begun: on every request, so that a change holds at once."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from surehand.people.access import By
from surehand.people.middleware import is_personal
from surehand.people.models import SignIn
from surehand.people.signing_in.queries import must_use_provider, needs_two
from surehand.people.signing_in.session import SINGLE

# Open to somebody who has yet to set up what their access calls for, beside what is open to all.
OPEN = frozenset({"my-sign-in", "add-passkey", "set-up-codes", "confirm"})


class SignInGateMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: object, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        open_to_all = not getattr(view, "login_required", True)
        name = request.resolver_match.url_name if request.resolver_match else ""
        # What is not a person in a session, such as a program with a key, is not signed in.
        in_session = is_personal(request) and isinstance(request.user, SignIn)
        if not in_session or open_to_all or name == "sign-out":
            return None
        by: By = request.by  # type: ignore[attr-defined]
        if by.signed_in == "demo":
            return None if settings.DEMO else _out(request, "Sign in with your own sign-in.")
        if not by.signed_in.startswith("oidc") and must_use_provider(
            frozenset(grant.role for grant in by.grants),
            request.user.email,  # type: ignore[union-attr]
        ):
            return _out(request, f"Sign in with {settings.OIDC_LABEL}.")
        if name in OPEN or by.signed_in not in SINGLE:
            return None
        return redirect("my-sign-in") if needs_two(by) else None


def _out(request: HttpRequest, sentence: str) -> HttpResponse:
    logout(request)
    messages.info(request, sentence)
    return redirect("sign-in")
