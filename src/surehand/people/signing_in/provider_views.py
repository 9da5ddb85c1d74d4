"""There and back: signing in with the provider's own identity provider."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from surehand import evidence
from surehand.evidence.refusal import NotPossible, Refused
from surehand.people.models import SignIn
from surehand.people.signing_in import oidc
from surehand.people.signing_in.session import confirm
from surehand.people.signing_in.step_up import let_go_on
from surehand.people.views import proceed
from surehand.people.web import next_of

WAY = "provider_way"


@require_GET
@login_not_required
def there(request: HttpRequest) -> HttpResponse:
    if not settings.OIDC_ISSUER:
        raise Http404
    again = "again" in request.GET and request.user.is_authenticated
    to = next_of(request)
    try:
        response = oidc.ask(request, again=again)
    except Refused as refusal:
        return _refused(request, refusal, to)
    request.session[WAY] = {"again": again, "next": to}
    return response


@require_GET
@login_not_required
def back(request: HttpRequest) -> HttpResponse:
    if not settings.OIDC_ISSUER:
        raise Http404
    way = request.session.pop(WAY, {"again": False, "next": reverse("home")})
    try:
        claims = oidc.read_answer(request)
        found = oidc.sign_in_of(claims)
        if not way["again"]:
            return proceed(request, found, oidc.how_of(claims), to=way["next"])
        if not isinstance(request.user, SignIn) or request.user != found:
            raise NotPossible("That is somebody else’s account. Confirm with your own.")
        oidc.check_seen_now(claims)
    except Refused as refusal:
        return _refused(request, refusal, way["next"])
    confirm(request.session, how="oidc", at=evidence.clock.now())
    let_go_on(request, way["next"])
    return redirect(way["next"])


def _refused(request: HttpRequest, refusal: Refused, to: str) -> HttpResponse:
    messages.error(request, str(refusal))
    page = "confirm" if request.user.is_authenticated else "sign-in"
    return redirect(f"{reverse(page)}?{urlencode({'next': to})}")
