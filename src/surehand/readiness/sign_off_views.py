"""Sign-off: who waits for it, and exactly what would be signed (R8)."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from surehand import evidence
from surehand.evidence.refusal import Refused
from surehand.people.access import Action, check_may
from surehand.people.signing_in.step_up import step_up
from surehand.people.web import by_of, chosen_service
from surehand.readiness import actions, queries
from surehand.readiness.matrix import matrix
from surehand.readiness.rules import State
from surehand.readiness.sign_off_pages import not_yet, statement_views
from surehand.ui.formats import number, plural
from surehand.ui.page import Page, address


@step_up(before_showing=True)
def sign_off(request: HttpRequest) -> HttpResponse:
    """What would be signed, for everybody who waits for it here; then the signature."""
    by = by_of(request)
    check_may(by, Action.SIGN_OFF, service=None)
    service = chosen_service(request)
    problem = ""
    if request.method == "POST":
        chosen = request.POST.getlist("all") or request.POST.getlist("post")
        shown = {
            int(post): request.POST.get(f"statement-{post}", "")
            for post in chosen
            if post.isdigit()
        }
        try:
            signed = actions.sign_off(by=by, shown=shown)
        except Refused as refusal:
            problem = str(refusal)
        else:
            names = ", ".join(str(s.post.person) for s in signed)
            messages.success(
                request,
                f"Signed off for independent live use: {names}. "
                f"Recorded as entry {number(signed[0].entry)}.",
            )
            return redirect(f"{address('sign-off')}?service={service.code}")
    now = evidence.clock.now()
    found = matrix(services=[service.pk], as_at=now)
    may_wait = {State.AWAITING_SIGN_OFF, State.SUPERVISED}
    statements = [
        statement
        for statement in queries.statements(
            [row.post.pk for row in found.rows if row.state in may_wait], at=now
        )
        if statement.awaits
    ]
    others = queries.other_signers(by.same_human, statements, at=now)
    views = statement_views(statements, others, by=by)
    may_sign = [view.post for view in views if not view.refusal]
    request.section = "matrix"  # type: ignore[attr-defined]
    return render(
        request,
        "readiness/sign_off.html",
        {
            "page": Page(
                "Who is ready to be signed off?",
                lede=f"{plural(len(views), 'person', 'people')} at {service} "
                f"{'has' if len(views) == 1 else 'have'} passed every check they need.",
                title="Sign-off",
            ),
            "statements": views,
            "may_sign": may_sign,
            "all_words": f"Sign off all {number(len(may_sign))}" if len(may_sign) > 1 else "",
            "not_yet": not_yet(found, but={s.post.pk for s in statements}),
            "plan": found.plan.number if found.plan else 0,
            "problem": problem,
            "service": service,
        },
        status=409 if problem else 200,
    )
