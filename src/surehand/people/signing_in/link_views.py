"""Links that let somebody set a password: made by an administrator, or asked for by mail."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from surehand import evidence
from surehand.evidence.refusal import Refused
from surehand.people.access import By
from surehand.people.forms import EmailForm, NewPasswordForm
from surehand.people.signing_in import actions, attempts, mail
from surehand.people.views import proceed
from surehand.people.web import whole_address
from surehand.ui.page import Page


@login_not_required
def link(request: HttpRequest, token: str) -> HttpResponse:
    """Set a password by a link, and go on to sign in with it."""
    found = actions.link_of(token)
    if found is None:
        return render(
            request,
            "people/again.html",
            {
                "page": Page(
                    "This link no longer works",
                    lede="It has been used, is older than seven days, or a newer one was made. Ask "
                    "an administrator for a new one.",
                )
            },
            status=404,
        )
    sign_in = found.sign_in
    form = NewPasswordForm(request.POST or None, sign_in=sign_in)
    if request.method == "POST" and form.is_valid():
        by = By(person=sign_in.person_id, pseudonym=sign_in.person.pseudonym, signed_in="link")
        try:
            signed = actions.use_link(by=by, link=found, password=form.cleaned_data["password"])
            return proceed(request, signed, "password", to=reverse("home"))
        except Refused as refusal:
            form.add_error("password", str(refusal))
    return render(
        request,
        "people/link.html",
        {
            "page": Page(
                f"Welcome, {sign_in.get_short_name()}",
                lede=f"Choose a password. You sign in as {sign_in.email}.",
                title="Set your password",
            ),
            "form": form,
        },
        status=422 if form.errors else 200,
    )


@login_not_required
def forgotten(request: HttpRequest) -> HttpResponse:
    """Ask for a link by mail. The answer is the same whether or not there is such an account, and
    so is the work done before it: a worker looks the address up."""
    if not settings.MAIL:
        raise Http404
    form = EmailForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"]
        try:
            attempts.begin(
                what="forgotten",
                account=email,
                device=None,
                address=attempts.address_of(request),
                at=evidence.clock.now(),
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            # The address ends in the token, which the worker makes.
            mail.send_link.enqueue(email, whole_address(request, "sign-in-link", "TOKEN"))
            messages.success(
                request,
                "If somebody signs in with that address, a link is on its way to it. It works "
                "once, for seven days.",
            )
            return redirect("sign-in")
    return render(
        request,
        "people/forgotten.html",
        {
            "page": Page(
                "What is your email address?",
                lede="We send a link to set a new password to it.",
                title="Forgotten password",
            ),
            "form": form,
        },
        status=422 if form.errors else 200,
    )
