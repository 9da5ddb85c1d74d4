"""Accounts of the ECM system under Settings: whose each is. Linked by administrators; seen also by
who brings live records in."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from surehand import evidence
from surehand.evidence.refusal import NotPossible
from surehand.people import account_actions, account_pages
from surehand.people.access import Action, By, check_may, who_may
from surehand.people.account_forms import EndForm, LinkForm
from surehand.people.models import EcmAccount, EcmAccountLink
from surehand.people.names import typed
from surehand.people.web import by_of
from surehand.timeline import instant, london_date
from surehand.ui.formats import plural
from surehand.ui.page import Link, Page, address

HERE = "ECM accounts"


def _reader(request: HttpRequest) -> By:
    by = by_of(request)
    if not by.covers_all(Action.IMPORT_RECORDS):
        check_may(by, Action.IMPORT_ACCOUNTS, service=None)
    return by


def _crumbs(by: By) -> tuple[Link, ...]:
    may = by.may(Action.SETTINGS, None)
    return (Link("Settings", reverse("settings")) if may else Link("Imports", address("imports")),)


def accounts(request: HttpRequest) -> HttpResponse:
    """Every account that wrote something, and whose it is today."""
    by = _reader(request)
    lines = account_pages.accounts(today=london_date(instant(evidence.clock.now())))
    show, sought = request.GET.get("show", ""), request.GET.get("q", "")
    counts = {kind: sum(line.is_ == kind for line in lines) for kind in account_pages.KINDS}
    counts[""] = len(lines)
    found = [
        line
        for line in lines
        if (not show or line.is_ == show)
        and (typed(sought) in typed(line.reference) or typed(sought) in typed(line.whose))
    ]
    unknown = counts["unknown"]
    return render(
        request,
        "people/accounts.html",
        {
            "page": Page(
                "Whose are the accounts of the ECM system?",
                lede=f"{plural(len(lines), 'account')}, {unknown} of them unknown. What an unknown "
                "account wrote is kept, and nobody is guessed."
                if unknown
                else f"{plural(len(lines), 'account')}, and it is known whose each is.",
                title=HERE,
                crumbs=_crumbs(by),
            ),
            "lines": found[: account_pages.SHOWN_AT_MOST],
            "more": max(0, len(found) - account_pages.SHOWN_AT_MOST),
            "any": bool(lines),
            "kinds": [(kind, f"{t} ({counts[kind]})") for kind, t in account_pages.KINDS.items()],
            "show": show,
            "sought": sought,
        },
    )


def account(request: HttpRequest, pseudonym: str) -> HttpResponse:
    """One account: whose it was when. POST links it."""
    by = _reader(request)
    found = _account(pseudonym)
    form = LinkForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        person, from_date = form.chosen
        try:
            account_actions.link_account(by=by, account=found, person=person, from_date=from_date)
        except NotPossible as refusal:
            form.add_error("from_date", str(refusal))
        else:
            messages.success(request, f"{found.details.reference}: linked.")
            return redirect("settings-of-account", pseudonym)
    return _page(request, by, found, form)


def _account(pseudonym: str) -> EcmAccount:
    found = EcmAccount.objects.select_related("details").filter(pseudonym=pseudonym).first()
    if found is None or not hasattr(found, "details"):
        raise Http404("There is no such account.")
    return found


def _page(
    request: HttpRequest, by: By, found: EcmAccount, form: LinkForm, end: EndForm | None = None
) -> HttpResponse:
    wrong = bool(form.errors or (end and end.errors))
    return render(
        request,
        "people/account.html",
        {
            "page": Page(
                f"Whose is the account {found.details.reference}?",
                lede="A record is by whoever the account was linked to on its day.",
                title=found.details.reference,
                crumbs=(*_crumbs(by), Link(HERE, reverse("settings-of-accounts"))),
            ),
            "links": account_pages.links(found.pk),
            "form": form,
            "end": end or EndForm(),
            "account": found,
            "refusal": ""
            if by.may(Action.IMPORT_ACCOUNTS, None)
            else f"Linking an account takes {who_may(Action.IMPORT_ACCOUNTS)}.",
        },
        status=422 if wrong else 200,
    )


@require_POST
def end(request: HttpRequest, link: int) -> HttpResponse:
    """The last day of a link."""
    by = _reader(request)
    held = get_object_or_404(
        EcmAccountLink.objects.select_related("account__details", "person"), pk=link
    )
    form = EndForm(request.POST)
    if form.is_valid():
        try:
            account_actions.end_link(by=by, link=held, to_date=form.cleaned_data["to_date"])
        except NotPossible as refusal:
            form.add_error("to_date", str(refusal))
        else:
            messages.success(request, "The last day is recorded.")
            return redirect("settings-of-account", held.account.pseudonym)
    return _page(request, by, held.account, LinkForm(), form)
