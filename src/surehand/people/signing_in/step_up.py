"""Asking again before what weighs most: sign-off, giving access, merging, making a key.

    @step_up                        the form opens freely; what is sent is asked about
    @step_up(before_showing=True)   asked before the form is shown, and again if that was long ago

What was sent waits in the session while the person shows that it is them, and is then done as if
sent again: nothing typed is lost. Files cannot wait; they are to be chosen again.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast, overload

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from surehand import evidence
from surehand.people.signing_in.session import is_fresh
from surehand.people.web import by_of

HELD = "held_form"

View = TypeVar("View", bound=Callable[..., HttpResponse])


@overload
def step_up(view: View) -> View: ...


@overload
def step_up(*, before_showing: bool) -> Callable[[View], View]: ...


def step_up(view: Any = None, *, before_showing: bool = False) -> Any:
    """Let a view go on only within ten minutes of the person having shown that it is them.

    It goes outermost, over `require_POST` too.
    """

    def wrap(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            by = by_of(request)
            if is_fresh(by, at=evidence.clock.now()):
                _take_up(request)
                return view(request, *args, **kwargs)
            if request.method == "POST":
                return _ask(request, hold=True)
            return _ask(request) if before_showing else view(request, *args, **kwargs)

        return cast(View, guarded)

    return wrap(view) if view else wrap


def _ask(request: HttpRequest, *, hold: bool = False) -> HttpResponse:
    path = request.get_full_path()
    request.session.pop(HELD, None)
    if hold and request.FILES:
        messages.info(request, "Choose your file again and send it once more.")
    elif hold:
        request.session[HELD] = {"path": path, "form": request.POST.urlencode(), "ready": False}
    return redirect(f"{reverse('confirm')}?{urlencode({'next': path})}")


def let_go_on(request: HttpRequest, path: str) -> None:
    """The person has just shown that it is them, on the way to `path`: what waits for it may go."""
    held = request.session.pop(HELD, None)
    if held and held["path"] == path:
        request.session[HELD] = {**held, "ready": True}


def drop_held(request: HttpRequest, path: str) -> None:
    """Whoever is on the way to elsewhere has given up what waits."""
    held = request.session.get(HELD)
    if held and held["path"] != path:
        del request.session[HELD]


def _take_up(request: HttpRequest) -> None:
    held = request.session.pop(HELD, None)
    here = request.method == "GET" and held and held["path"] == request.get_full_path()
    if here and held["ready"]:
        request.method = "POST"
        request.POST = QueryDict(held["form"])
