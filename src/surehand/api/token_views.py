"""Settings: the tokens by which other programs ask. For administrators."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from surehand import evidence
from surehand.api import actions
from surehand.api.models import ApiToken
from surehand.api.scopes import Scope
from surehand.api.token_forms import NAMES, TokenForm
from surehand.people.access import Action, check_may
from surehand.people.models import Service
from surehand.people.signing_in.step_up import step_up
from surehand.people.web import by_of
from surehand.timeline import instant, london_date
from surehand.ui.formats import day, moment, plural
from surehand.ui.page import Link, Page

USUAL = timedelta(days=365)


@dataclass(frozen=True)
class Line:
    """One token that holds, or held."""

    name: str
    scopes: str
    where: str
    until: str
    used: str
    entry: int
    revoke: str  # its address; empty: nothing left to revoke
    over: str = ""


@step_up
def tokens(request: HttpRequest) -> HttpResponse:
    """The tokens there are, and a new one, shown once."""
    by = by_of(request)
    check_may(by, Action.SETTINGS, service=None)
    today = london_date(instant(evidence.clock.now()))
    services = list(Service.objects.select_related("details").order_by("details__name"))
    form = TokenForm(
        request.POST if request.method == "POST" else None,
        services=services,
        initial={"until": today + USUAL, "scopes": [Scope.READINESS.value]},
    )
    made = ""
    if request.method == "POST" and form.is_valid():
        secret = f"surehand_{secrets.token_urlsafe(32)}"
        actions.create_token(
            by=by,
            name=form.cleaned_data["name"],
            scopes=[Scope(code) for code in form.cleaned_data["scopes"]],
            service=form.chosen_service,
            until=form.cleaned_data["until"],
            secret=secret,
        )
        made = secret
        form = TokenForm(services=services, initial={"until": today + USUAL})
    lines = _lines()
    standing = [line for line in lines if not line.over]
    in_force = (
        f"{plural(len(standing), 'token is', 'tokens are')} in force" if standing else "None yet"
    )
    request.section = "settings"  # type: ignore[attr-defined]
    response = render(
        request,
        "api/tokens.html",
        {
            "page": Page(
                "Which programs may ask Surehand?",
                lede=f"{in_force}. A token is shown once; Surehand keeps only its hash, and a "
                "revoked one stops working at once.",
                title="Tokens",
                crumbs=(Link("Settings", reverse("settings")),),
            ),
            "form": form,
            "made": made,
            "standing": standing,
            "over": [line for line in lines if line.over],
        },
        status=422 if form.errors else 200,
    )
    response["Cache-Control"] = "no-store"
    return response


@require_POST
def revoke(request: HttpRequest, entry: int) -> HttpResponse:
    """From now on this token opens nothing."""
    by = by_of(request)
    check_may(by, Action.SETTINGS, service=None)
    token = get_object_or_404(ApiToken.objects.select_related("end", "details"), entry=entry)
    actions.revoke_token(by=by, token=token)
    messages.success(request, f"The token “{token.details.name}” is revoked. It opens nothing now.")
    return redirect("settings-of-tokens")


def _lines() -> list[Line]:
    today = london_date(instant(evidence.clock.now()))
    found = []
    for token in ApiToken.objects.select_related("details", "end", "service__details").order_by(
        "-entry"
    ):
        end = getattr(token, "end", None)
        over = (
            f"Revoked on {moment(end.recorded_at)}"
            if end
            else f"Ran out on {day(token.until)}"
            if token.until < today
            else ""
        )
        used = token.details.last_used_at
        found.append(
            Line(
                name=token.details.name,
                scopes=", ".join(NAMES[Scope(code)] for code in token.scopes.split()),
                where=str(token.service) if token.service else "The whole provider",
                until=day(token.until),
                used=moment(used) if used else "Not used yet",
                entry=token.entry,
                revoke="" if over else reverse("settings-of-token-revoke", args=[token.entry]),
                over=over,
            )
        )
    return found
