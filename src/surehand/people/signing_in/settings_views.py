"""Settings: who signs in how. For administrators."""

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from surehand import evidence
from surehand.evidence.refusal import NotPossible
from surehand.people.access import Action, By, check_may
from surehand.people.models import CodeApp, Passkey, Person, SignIn
from surehand.people.signing_in import actions, mail, queries
from surehand.people.signing_in.step_up import step_up
from surehand.people.web import by_of, whole_address
from surehand.timeline import instant, london_date
from surehand.ui.formats import moment, plural
from surehand.ui.page import Link, Page


def _administrator(request: HttpRequest) -> By:
    by = by_of(request)
    check_may(by, Action.SETTINGS, service=None)
    return by


def _sign_in(pseudonym: str) -> SignIn:
    found = (
        SignIn.objects.select_related("person__identity")
        .filter(person__pseudonym=pseudonym)
        .first()
    )
    if found is None:
        raise Http404("There is no such sign-in.")
    return found


def overview(request: HttpRequest) -> HttpResponse:
    """Who signs in how; whether everybody is asked for two."""
    by = _administrator(request)
    if request.method == "POST":
        on = request.POST.get("for_all") == "on"
        actions.ask_two_of_all(by=by, on=on)
        messages.success(
            request,
            "Everybody is asked for a second factor from now on."
            if on
            else "A second factor is asked where the access role calls for it.",
        )
        return redirect("settings-of-sign-ins")
    lines = queries.sign_in_lines(today=london_date(instant(evidence.clock.now())))
    missing = [line for line in lines if line.needs_two and not line.means.two]
    lede = (
        f"{plural(len(missing), 'person needs', 'people need')} a second factor and "
        f"{'has' if len(missing) == 1 else 'have'} none yet: Surehand asks for it when they next "
        "sign in."
        if missing
        else "Everybody who needs a second factor has one."
    )
    return render(
        request,
        "people/settings_sign_ins.html",
        {
            "page": Page(
                "Who signs in how?",
                lede=lede,
                title="Sign-in",
                crumbs=(Link("Settings", reverse("settings")),),
            ),
            "lines": [_line(line) for line in lines],
            "for_all": queries.for_all(),
            "provider": settings.OIDC_LABEL if settings.OIDC_ISSUER else "",
        },
    )


def _line(line: queries.SignInLine) -> dict[str, object]:
    return {
        "name": str(line.sign_in.person),
        "href": reverse("settings-of-person", args=[line.sign_in.person.pseudonym]),
        "email": line.sign_in.email,
        "means": str(line.means).capitalize(),
        "needs": "Needed" if line.needs_two else "Not needed",
        "lacks": line.needs_two and not line.means.two,
        "last": moment(line.last) if line.last else "Never",
        "off": not line.sign_in.is_active,
    }


def of_person(person: Person) -> dict[str, object]:
    """What the page of a person's access says about how they sign in."""
    try:
        sign_in: SignIn = person.sign_in
    except ObjectDoesNotExist:
        return {"sign_in": None, "passkeys": [], "code_app": None, "last_signed_in": ""}
    return {
        "sign_in": sign_in,
        "passkeys": list(sign_in.passkeys.order_by("added_at")),
        "code_app": CodeApp.objects.filter(sign_in=sign_in).first(),
        "last_signed_in": moment(sign_in.last_login) if sign_in.last_login else "",
    }


@step_up
@require_POST
def link(request: HttpRequest, pseudonym: str) -> HttpResponse:
    """Make a link to set a password, show it once, and mail it where mail is set up."""
    by, sign_in = _administrator(request), _sign_in(pseudonym)
    address = whole_address(request, "sign-in-link", actions.make_link(by=by, sign_in=sign_in))
    if settings.MAIL:
        try:
            mail.mail_link(sign_in, address)
        except OSError:
            messages.warning(request, "The mail server did not take it. Give them the link below.")
        else:
            messages.success(request, f"The link is on its way to {sign_in.email}.")
    return render(
        request,
        "people/settings_link.html",
        {
            "page": Page(
                f"How does {sign_in.person} get in?",
                lede="With this link they set their own password. It works once, for seven days, "
                "and is shown here now and never again.",
                title="Link to sign in",
                crumbs=(
                    Link("Settings", reverse("settings")),
                    Link(str(sign_in.person), reverse("settings-of-person", args=[pseudonym])),
                ),
            ),
            "address": address,
            "back": reverse("settings-of-person", args=[pseudonym]),
        },
    )


@step_up
@require_POST
def remove_factor(request: HttpRequest, pseudonym: str) -> HttpResponse:
    """Take away a lost passkey or authenticator app: `factor` is a passkey's number or "code"."""
    by, sign_in = _administrator(request), _sign_in(pseudonym)
    said = request.POST.get("factor", "")
    factor: Passkey | CodeApp | None = (
        CodeApp.objects.filter(sign_in=sign_in).first()
        if said == "code"
        else sign_in.passkeys.filter(pk=int(said)).first()
        if said.isdigit()
        else None
    )
    if factor is None:
        raise NotPossible("This has been removed already.")
    name = str(factor)
    actions.remove_factor(by=by, factor=factor)
    messages.success(
        request, f"{name} of {sign_in.person} is removed, and they are signed out everywhere."
    )
    return redirect("settings-of-person", pseudonym)


@require_POST
def everywhere(request: HttpRequest, pseudonym: str) -> HttpResponse:
    """Sign somebody out everywhere. It takes no second asking: it only makes things safer."""
    by, sign_in = _administrator(request), _sign_in(pseudonym)
    actions.end_sessions(by=by, sign_in=sign_in)
    messages.success(request, f"{sign_in.person} is signed out everywhere.")
    return redirect("settings-of-person", pseudonym)


@step_up
@require_POST
def switch(request: HttpRequest, pseudonym: str) -> HttpResponse:
    """Switch a sign-in off at once, or on again."""
    by, sign_in = _administrator(request), _sign_in(pseudonym)
    on = request.POST.get("on") == "yes"
    if not on and request.POST.get("on") != "no":
        raise NotPossible("Say whether the sign-in is to be on or off.")
    actions.switch(by=by, sign_in=sign_in, on=on)
    messages.success(
        request,
        f"{sign_in.person} can sign in again."
        if on
        else f"{sign_in.person} cannot sign in any more, and is signed out everywhere.",
    )
    return redirect("settings-of-person", pseudonym)
