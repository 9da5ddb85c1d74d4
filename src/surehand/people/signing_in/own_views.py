"""How I sign in: one's own passkeys, authenticator app, recovery codes and password."""

import io
import json
from base64 import b64encode

import qrcode
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST
from qrcode.image.svg import SvgPathImage

from surehand import evidence
from surehand.evidence.refusal import NotPossible, Refused
from surehand.people.access import By
from surehand.people.forms import FirstCodeForm, NewPasswordForm, PasskeyForm
from surehand.people.models import CodeApp, Passkey, SignIn
from surehand.people.signing_in import actions, passkeys, totp
from surehand.people.signing_in.passkeys import NotThisPasskey
from surehand.people.signing_in.queries import means_of, needs_two
from surehand.people.signing_in.session import SINGLE, mark
from surehand.people.signing_in.step_up import step_up
from surehand.people.views import CHALLENGE
from surehand.people.web import by_of
from surehand.ui.formats import number
from surehand.ui.page import Link, Page

SECRET = "code_app_secret"
WHY = (
    "Your access lets you decide about others or see what is held about them, so a password alone "
    "is not enough. Set up a passkey or an authenticator app now. You can go on as soon as one is "
    "there."
)


def _own(request: HttpRequest) -> tuple[By, SignIn]:
    assert isinstance(request.user, SignIn)
    return by_of(request), request.user


def _crumbs() -> tuple[Link, ...]:
    return (Link("How I sign in", reverse("my-sign-in")),)


def overview(request: HttpRequest) -> HttpResponse:
    by, sign_in = _own(request)
    means = means_of(sign_in)
    to_set_up = by.signed_in in SINGLE and needs_two(by)
    return render(
        request,
        "people/my_sign_in.html",
        {
            "page": Page(
                "One more step before you go on" if to_set_up else "How do you sign in?",
                lede=WHY if to_set_up else f"As {sign_in.email}. Second factor: {means}.",
                title="How I sign in",
            ),
            "passkeys": sign_in.passkeys.order_by("added_at"),
            "code_app": CodeApp.objects.filter(sign_in=sign_in).first(),
            "means": means,
            "codes_left": number(means.recovery_codes),
            "has_password": sign_in.has_usable_password(),
            "to_set_up": to_set_up,
        },
    )


@step_up(before_showing=True)
def add_passkey(request: HttpRequest) -> HttpResponse:
    by, sign_in = _own(request)
    form = PasskeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        state = request.session.pop(CHALLENGE, None)
        try:
            id, credential, uses = passkeys.read_added(
                json.loads(form.cleaned_data["answer"] or "null"), state, host=request.get_host()
            )
            passkey = actions.add_passkey(
                by=by,
                sign_in=sign_in,
                name=form.cleaned_data["name"],
                credential_id=id,
                credential=credential,
                uses=uses,
            )
        except (NotThisPasskey, ValueError):
            form.add_error(None, "This device made no passkey. Try again, or use another device.")
        except NotPossible as refusal:
            form.add_error(None, str(refusal))
        else:
            return _added(request, by, sign_in, "passkey", f"{passkey} is set up.")
    options, request.session[CHALLENGE] = passkeys.ask_to_add(sign_in, host=request.get_host())
    return render(
        request,
        "people/add_passkey.html",
        {
            "page": Page(
                "Which device shall let you in?",
                lede="It asks for your finger, your face or its PIN. Nothing of that leaves it.",
                title="Add a passkey",
                crumbs=_crumbs(),
            ),
            "form": form,
            "options": json.dumps(options),
        },
        status=422 if form.errors else 200,
    )


@step_up(before_showing=True)
def set_up_codes(request: HttpRequest) -> HttpResponse:
    by, sign_in = _own(request)
    if CodeApp.objects.filter(sign_in=sign_in).exists():
        messages.info(request, "Your authenticator app is set up.")
        return redirect("my-sign-in")
    form = FirstCodeForm(request.POST or None)
    kept = request.session.get(SECRET)
    secret = bytes.fromhex(kept) if kept else evidence.randomness.token_bytes(totp.SECRET_BYTES)
    request.session[SECRET] = secret.hex()
    if kept and request.method == "POST" and form.is_valid():
        code = "".join(form.cleaned_data["code"].split())
        try:
            actions.add_code_app(by=by, sign_in=sign_in, secret=secret, code=code)
        except NotPossible as refusal:
            form.add_error("code", str(refusal))
        else:
            del request.session[SECRET]
            return _added(request, by, sign_in, "code", "Your authenticator app is set up.")
    in_app = totp.address_of(secret, email=sign_in.email, issuer="Surehand")
    return render(
        request,
        "people/set_up_codes.html",
        {
            "page": Page(
                "What does your authenticator app say?",
                lede="Scan the picture with an app such as Microsoft Authenticator, then enter the "
                "code it shows.",
                title="Set up an authenticator app",
                crumbs=_crumbs(),
            ),
            "form": form,
            "picture": _picture(in_app),
            "in_app": in_app,
            "secret": totp.written(secret),
        },
        status=422 if form.errors else 200,
    )


def _picture(text: str) -> str:
    """A QR code as a data: address."""
    drawn = io.BytesIO()
    qrcode.make(text, image_factory=SvgPathImage, border=2).save(drawn)
    return f"data:image/svg+xml;base64,{b64encode(drawn.getvalue()).decode()}"


def _added(
    request: HttpRequest, by: By, sign_in: SignIn, factor: str, sentence: str
) -> HttpResponse:
    """A factor is there: this session has two now, and the first one brings recovery codes."""
    if by.signed_in in SINGLE:
        mark(request.session, how=f"{by.signed_in}+{factor}", at=evidence.clock.now())
    messages.success(request, sentence)
    if means_of(sign_in).recovery_codes:
        return redirect("my-sign-in")
    return _show_codes(request, by, sign_in)


def _show_codes(request: HttpRequest, by: By, sign_in: SignIn) -> HttpResponse:
    codes = actions.renew_recovery_codes(by=by, sign_in=sign_in)
    return render(
        request,
        "people/recovery_codes.html",
        {
            "page": Page(
                "Where will you keep these codes?",
                lede="If your device is lost, one of them lets you in, once. They are shown now "
                "and never again: print them or write them down, and keep them apart from it.",
                title="Recovery codes",
                crumbs=_crumbs(),
            ),
            "codes": [f"{code[:5]}-{code[5:]}" for code in codes],
        },
    )


@step_up
@require_POST
def renew_codes(request: HttpRequest) -> HttpResponse:
    by, sign_in = _own(request)
    if not means_of(sign_in).two:
        raise NotPossible("Set up a passkey or an authenticator app first.")
    return _show_codes(request, by, sign_in)


@step_up
@require_POST
def remove_passkey(request: HttpRequest, passkey: int) -> HttpResponse:
    by, sign_in = _own(request)
    return _removed(request, by, sign_in, get_object_or_404(sign_in.passkeys, pk=passkey))


@step_up
@require_POST
def remove_code_app(request: HttpRequest) -> HttpResponse:
    by, sign_in = _own(request)
    return _removed(request, by, sign_in, get_object_or_404(CodeApp, sign_in=sign_in))


def _removed(
    request: HttpRequest, by: By, sign_in: SignIn, factor: Passkey | CodeApp
) -> HttpResponse:
    name = str(factor)
    actions.remove_factor(by=by, factor=factor)
    _stay(request, sign_in)
    if not means_of(sign_in).two and by.signed_in not in SINGLE:
        # Nothing is left of the two: where two are needed, one is to be set up at once.
        first = "oidc" if by.signed_in.startswith("oidc") else "password"
        mark(request.session, how=first, at=evidence.clock.now())
    messages.success(request, f"{name} is removed. You are signed out everywhere else.")
    return redirect("my-sign-in")


def _stay(request: HttpRequest, sign_in: SignIn) -> None:
    """This session goes on, while every other of the person ends."""
    sign_in.refresh_from_db()
    update_session_auth_hash(request, sign_in)


@require_POST
def everywhere(request: HttpRequest) -> HttpResponse:
    """Sign out everywhere else. It takes no second asking: it only makes things safer."""
    by, sign_in = _own(request)
    actions.end_sessions(by=by, sign_in=sign_in)
    _stay(request, sign_in)
    messages.success(request, "You are signed out everywhere but here.")
    return redirect("my-sign-in")


@step_up(before_showing=True)
def password(request: HttpRequest) -> HttpResponse:
    by, sign_in = _own(request)
    form = NewPasswordForm(request.POST or None, sign_in=sign_in)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_password(by=by, sign_in=sign_in, password=form.cleaned_data["password"])
        except Refused as refusal:
            form.add_error("password", str(refusal))
        else:
            _stay(request, sign_in)
            messages.success(
                request, "Your password is changed. You are signed out everywhere else."
            )
            return redirect("my-sign-in")
    return render(
        request,
        "people/password.html",
        {
            "page": Page(
                "What is your new password?",
                lede="It ends every other session of yours.",
                title="Change my password",
                crumbs=_crumbs(),
            ),
            "form": form,
        },
        status=422 if form.errors else 200,
    )
