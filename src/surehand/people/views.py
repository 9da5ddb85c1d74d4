"""Signing in and out, the second step, and showing again that it is you. Demo people sign in by
one click, in demo mode only."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from surehand import evidence
from surehand.evidence.refusal import NotPossible, Refused
from surehand.people.access import DESCRIPTIONS, AccessRole
from surehand.people.forms import CodeForm, PasswordForm, SignInForm
from surehand.people.models import AccessGrant, Passkey, SignIn
from surehand.people.queries import access_of
from surehand.people.signing_in import actions, attempts, oidc, passkeys
from surehand.people.signing_in.passkeys import NotThisPasskey
from surehand.people.signing_in.queries import Means, means_of, must_use_provider
from surehand.people.signing_in.session import SINGLE, mark
from surehand.people.signing_in.session import confirm as confirm_session
from surehand.people.signing_in.step_up import drop_held, let_go_on
from surehand.people.web import by_of, next_of
from surehand.ui.page import Page

BACKEND = "django.contrib.auth.backends.ModelBackend"
PENDING = "pending_sign_in"
PENDING_FOR = timedelta(minutes=10)
CHALLENGE = "passkey_challenge"
WRONG_PASSKEY = "That passkey did not work here. Try again, or sign in another way."
WRONG_CODE = "That code is not right, or it has been used. Wait for the next one and try again."
WRONG_PASSWORD = (
    "That email address and password do not go together. Check both and try again, or ask an "
    "administrator for a new link."
)


def begin(request: HttpRequest, sign_in: SignIn, how: str, *, to: str) -> HttpResponse:
    """Begin the session: from here on the person is signed in."""
    now = evidence.clock.now()
    login(request, sign_in, backend=BACKEND)
    SignIn.objects.filter(pk=sign_in.pk).update(last_login=now)
    mark(request.session, how=how, at=now)
    response = redirect(to)
    if how != "demo":
        attempts.remember_device(request, response, sign_in)
    return response


def proceed(request: HttpRequest, sign_in: SignIn, how: str, *, to: str) -> HttpResponse:
    """One thing has been shown: ask for the second where there is one. Raises NotPossible for those
    who sign in with the identity provider alone."""
    check_way(sign_in, how)
    if how not in SINGLE or not means_of(sign_in).two:
        return begin(request, sign_in, how, to=to)
    request.session[PENDING] = {
        "sign_in": sign_in.pk,
        "holds": sign_in.get_session_auth_hash(),
        "how": how,
        "at": evidence.clock.now().isoformat(),
    }
    return redirect(f"{reverse('second-step')}?{urlencode({'next': to})}")


def check_way(sign_in: SignIn, how: str) -> None:
    """Raises NotPossible for a way in that is closed to this person."""
    by = access_of(sign_in.person, at=evidence.clock.now(), signed_in=how)
    roles = frozenset(grant.role for grant in by.grants)
    if not how.startswith("oidc") and must_use_provider(roles, sign_in.email):
        raise NotPossible(f"You sign in with {settings.OIDC_LABEL}.")


@login_not_required
def sign_in(request: HttpRequest) -> HttpResponse:
    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return _by_password(request, form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, str(refusal))
    return _sign_in_page(request, form)


def _sign_in_page(request: HttpRequest, form: forms.Form, problem: str = "") -> HttpResponse:
    options, request.session[CHALLENGE] = passkeys.ask_to_use(host=request.get_host())
    return render(
        request,
        "people/sign_in.html",
        {
            "page": Page("Sign in", title="Sign in"),
            "form": form,
            "problem": problem,
            "next": next_of(request),
            "options": json.dumps(options),
            "provider": settings.OIDC_LABEL if settings.OIDC_ISSUER else "",
            "provider_out": oidc.sign_out_address(request) if "left" in request.GET else "",
            "forgotten": reverse("forgotten-password") if settings.MAIL else "",
            "demo_people": demo_people() if settings.DEMO else [],
        },
        status=400 if problem or form.errors else 200,
    )


def _by_password(request: HttpRequest, said: Mapping[str, str]) -> HttpResponse:
    account = SignIn.objects.filter(email__iexact=said["email"]).first()
    attempt = attempts.begin(
        what="password",
        account=said["email"],
        device=attempts.device_of(request, account),
        address=attempts.address_of(request),
        at=evidence.clock.now(),
    )
    found = authenticate(request, username=said["email"], password=said["password"])
    if not isinstance(found, SignIn):
        attempt.failed()
        raise NotPossible(WRONG_PASSWORD)
    attempt.succeeded()
    return proceed(request, found, "password", to=next_of(request))


@require_POST
@login_not_required
def by_passkey(request: HttpRequest) -> HttpResponse:
    """Sign in with a passkey alone."""
    try:
        passkey = show_passkey(request)
        return proceed(request, passkey.sign_in, "passkey", to=next_of(request))
    except Refused as refusal:
        return _sign_in_page(request, SignInForm(), str(refusal))


def show_passkey(request: HttpRequest, *, of: SignIn | None = None) -> Passkey:
    """The passkey the browser shows, one `of` somebody or of anybody. Raises NotPossible."""
    state = request.session.pop(CHALLENGE, None)
    try:
        answer = json.loads(request.POST.get("answer", ""))
        found = Passkey.objects.filter(
            credential_id=passkeys.read_id(answer), sign_in__is_active=True
        )
        passkey = (found.filter(sign_in=of) if of else found).first()
        if passkey is None or state is None:
            raise NotThisPasskey
        uses = passkeys.read_used(passkey, answer, state, host=request.get_host())
    except (NotThisPasskey, ValueError):
        attempts.log.warning("Sign-in failed: passkey")
        raise NotPossible(WRONG_PASSKEY) from None
    if not actions.use_passkey(passkey=passkey, uses=uses):
        raise NotPossible(WRONG_PASSKEY)
    return passkey


def show_code(request: HttpRequest, sign_in: SignIn, given: str) -> str:
    """What the code given is: "code" or "recovery code". Raises NotPossible."""
    attempt = attempts.begin(
        what="code",
        account=f"sign-in {sign_in.pk}",
        device=attempts.device_of(request, sign_in),
        address=attempts.address_of(request),
        at=evidence.clock.now(),
    )
    kind = actions.take_code(sign_in=sign_in, given=given)
    if not kind:
        attempt.failed()
        raise NotPossible(WRONG_CODE)
    attempt.succeeded()
    return kind


def _pending(request: HttpRequest) -> tuple[SignIn, str] | None:
    """Who has shown the first thing and is to show the second, and what the first was."""
    kept = request.session.get(PENDING)
    if not kept:
        return None
    since = evidence.clock.now() - datetime.fromisoformat(kept["at"])
    found = SignIn.objects.filter(pk=kept["sign_in"], is_active=True).first()
    if found is None or since > PENDING_FOR or found.get_session_auth_hash() != kept["holds"]:
        del request.session[PENDING]
        return None
    return found, kept["how"]


@login_not_required
def second_step(request: HttpRequest) -> HttpResponse:
    """The second factor, after a password or the identity provider."""
    pending = _pending(request)
    if pending is None:
        if request.user.is_authenticated:
            return redirect("home")
        return render(
            request,
            "people/again.html",
            {
                "page": Page(
                    "Start again", lede="You have not begun to sign in, or it is a while ago."
                )
            },
            status=400,
        )
    found, how = pending
    means = means_of(found)
    problem, form = "", CodeForm(request.POST if "code" in request.POST else None)
    if request.method == "POST":
        try:
            if shown := _shown(request, found, form):
                del request.session[PENDING]
                check_way(found, how)
                return begin(request, found, f"{how}+{shown}", to=next_of(request))
        except Refused as refusal:
            problem = str(refusal)
    return _ask(
        request,
        found,
        means,
        form,
        problem,
        page=Page(
            "Is it you?",
            lede="Show it with your passkey or a code, as you have set it up.",
            title="Second step",
        ),
    )


def _shown(request: HttpRequest, sign_in: SignIn, form: forms.Form) -> str:
    """What was shown: "passkey", "code" or "recovery code"; "" for an incomplete form. Raises
    NotPossible for the wrong one."""
    if "answer" in request.POST:
        show_passkey(request, of=sign_in)
        return "passkey"
    return show_code(request, sign_in, form.cleaned_data["code"]) if form.is_valid() else ""


def _ask(
    request: HttpRequest,
    sign_in: SignIn,
    means: Means,
    form: forms.Form,
    problem: str,
    *,
    page: Page,
    provider: str = "",
    cancel: str = "",
) -> HttpResponse:
    options: dict[str, Any] = {}
    if means.passkeys:
        options, request.session[CHALLENGE] = passkeys.ask_to_use(
            host=request.get_host(), passkeys=sign_in.passkeys.all()
        )
    return render(
        request,
        "people/second_step.html",
        {
            "page": page,
            "form": form,
            "problem": problem,
            "options": json.dumps(options) if options else "",
            "asks_code": not provider,
            "provider": provider,
            "next": next_of(request),
            "cancel": cancel or reverse("sign-in"),
        },
        status=400 if problem or form.errors else 200,
    )


def confirm(request: HttpRequest) -> HttpResponse:
    """Show again that it is you, with the strongest you have, and go on where you were."""
    by, to = by_of(request), next_of(request)
    assert isinstance(request.user, SignIn)
    found, means = request.user, means_of(request.user)
    drop_held(request, to)
    by_password = not means.two and not by.signed_in.startswith("oidc")
    form: forms.Form = (PasswordForm if by_password else CodeForm)(
        request.POST if {"code", "password"} & request.POST.keys() else None
    )
    problem = ""
    if request.method == "POST":
        try:
            how = (
                _shown_password(request, found, form)
                if by_password
                else _shown(request, found, form)
            )
        except Refused as refusal:
            problem = str(refusal)
        else:
            if how:
                confirm_session(request.session, how=how, at=evidence.clock.now())
                let_go_on(request, to)
                return redirect(to)
    to_provider = f"{reverse('provider-sign-in')}?{urlencode({'again': '1', 'next': to})}"
    return _ask(
        request,
        found,
        means,
        form,
        problem,
        page=Page(
            "Is it still you?",
            lede="What comes next weighs a lot, so Surehand asks once more. It asks again after "
            "ten minutes. Nothing you have typed is lost.",
            title="Confirm that it is you",
        ),
        provider=to_provider if not means.two and not by_password else "",
        cancel=reverse("home"),
    )


def _shown_password(request: HttpRequest, sign_in: SignIn, form: forms.Form) -> str:
    if not form.is_valid():
        return ""
    attempt = attempts.begin(
        what="password",
        account=sign_in.email,
        device=attempts.device_of(request, sign_in),
        address=attempts.address_of(request),
        at=evidence.clock.now(),
    )
    if not sign_in.check_password(form.cleaned_data["password"]):
        attempt.failed()
        raise NotPossible("That password is not right.")
    attempt.succeeded()
    return "password"


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    left = by_of(request).signed_in.startswith("oidc") and settings.OIDC_ISSUER
    logout(request)
    return redirect(f"{reverse('sign-in')}?left=1" if left else "sign-in")


@require_POST
@login_not_required
def demo_sign_in(request: HttpRequest, person: int) -> HttpResponse:
    """Sign in as a demo person. There is no such page outside demo mode."""
    if not settings.DEMO:
        raise Http404
    found = get_object_or_404(SignIn, person=person, is_active=True)
    return begin(request, found, "demo", to=next_of(request))


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
