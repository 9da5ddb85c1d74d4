"""Sign-off: who waits for it, and exactly what would be signed (R8)."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from surehand import evidence
from surehand.evidence.refusal import Refused
from surehand.people.access import Action, check_may
from surehand.people.queries import current_posts
from surehand.people.web import by_of, chosen_service
from surehand.readiness import actions, queries
from surehand.readiness.rules import State
from surehand.timeline import instant, london_date
from surehand.ui.page import Page


def sign_off(request: HttpRequest) -> HttpResponse:
    """What would be signed, for everybody who waits for it here; then the signature."""
    by = by_of(request)
    check_may(by, Action.SIGN_OFF, service=None)
    service = chosen_service(request)
    now = evidence.clock.now()
    problem = ""
    if request.method == "POST":
        shown = {
            int(post): request.POST.get(f"statement-{post}", "")
            for post in request.POST.getlist("post")
            if post.isdigit()
        }
        try:
            signed = actions.sign_off(by=by, shown=shown)
        except Refused as refusal:
            problem = str(refusal)
        else:
            names = ", ".join(str(s.post.person) for s in signed)
            messages.success(request, f"Signed off for independent live use: {names}.")
            return redirect("sign-off")
    posts = current_posts([service.pk], on=london_date(instant(now)))
    states = queries.states_at([p.pk for p in posts], at=now)
    waiting = [
        p.pk for p in posts if p.pk in states and states[p.pk].state == State.AWAITING_SIGN_OFF
    ]
    statements = queries.statements(waiting, at=now)
    return render(
        request,
        "readiness/sign_off.html",
        {
            "page": Page(
                "Who is ready to be signed off?",
                lede=f"{len(statements)} people at {service} have passed every check they need.",
                title="Sign-off",
            ),
            "statements": statements,
            "problem": problem,
        },
        status=409 if problem else 200,
    )
