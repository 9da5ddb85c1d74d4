"""Signing in and out. Demo people sign in by one click, in demo mode only."""

from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from surehand.people.access import DESCRIPTIONS, AccessRole
from surehand.people.forms import SignInForm
from surehand.people.models import AccessGrant, SignIn
from surehand.ui.page import Page

BACKEND = "django.contrib.auth.backends.ModelBackend"


def _next(request: HttpRequest) -> str:
    target = request.POST.get("next") or request.GET.get("next") or ""
    allowed = url_has_allowed_host_and_scheme(
        target, {request.get_host()}, require_https=request.is_secure()
    )
    return target if allowed else reverse("home")


def _begin(request: HttpRequest, sign_in: SignIn, how: str) -> HttpResponse:
    login(request, sign_in, backend=BACKEND)
    request.session["signed_in"] = how
    return redirect(_next(request))


@login_not_required
def sign_in(request: HttpRequest) -> HttpResponse:
    form = SignInForm(request, request.POST or None)
    if request.method == "POST" and form.is_valid() and form.found:
        return _begin(request, form.found, "password")
    return render(
        request,
        "people/sign_in.html",
        {
            "page": Page("Sign in", title="Sign in"),
            "form": form,
            "next": _next(request),
            "demo_people": demo_people() if settings.DEMO else [],
        },
        status=400 if request.method == "POST" else 200,
    )


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("sign-in")


@require_POST
@login_not_required
def demo_sign_in(request: HttpRequest, person: int) -> HttpResponse:
    """Sign in as a demo person. There is no such page outside demo mode."""
    if not settings.DEMO:
        raise Http404
    return _begin(request, get_object_or_404(SignIn, person=person, is_active=True), "demo")


def demo_people() -> list[dict[str, object]]:
    """One person for each access role, with what they come for."""
    found: dict[str, dict[str, object]] = {}
    grants = (
        AccessGrant.objects.filter(end__isnull=True, person__sign_in__isnull=False)
        .select_related("person__identity", "service__details")
        .order_by("pk")
    )
    for grant in grants:
        described = DESCRIPTIONS[AccessRole(grant.role)]
        where = f", {grant.service}" if grant.service else ""
        found.setdefault(
            grant.role,
            {
                "id": grant.person_id,
                "name": str(grant.person),
                "role": f"{described.title}{where}",
                "description": described.description,
            },
        )
    order = [role.value for role in AccessRole]
    return [found[role] for role in order if role in found]
