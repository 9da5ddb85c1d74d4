"""What was found in my records, and what I have to say to it (2.4)."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from surehand import evidence
from surehand.audits import finding_pages as pages
from surehand.audits import finding_queries as queries
from surehand.audits.finding_actions import reply_to_finding
from surehand.audits.finding_forms import ReplyForm
from surehand.audits.models import RecordCheck
from surehand.ecm.queries import profiles_in_use
from surehand.evidence.refusal import Refused
from surehand.people.models import Service
from surehand.people.web import by_of
from surehand.ui.formats import plural
from surehand.ui.page import Link, Page, address

A_PAGE = 10


def mine(request: HttpRequest) -> HttpResponse:
    """The records of whoever asks that were checked: what was good, what was missing, what
    happens next, and their own answer. Opening it makes it known to them."""
    by = by_of(request)
    now = evidence.clock.now()
    every = queries.of_people(by.same_human, at=now)
    found = [each for each in every if queries.lacks(each)]
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    shown = list(page)
    new = frozenset(each.check for each in queries.unread(by.same_human, at=now))
    answered = request.POST.get("answer", "")
    forms = {each.check: ReplyForm(prefix=str(each.check)) for each in shown}
    if request.method == "POST":
        if answered not in {str(each.check) for each in found}:
            raise Http404("There is no such record of yours.")
        check = int(answered)
        form = ReplyForm(request.POST, prefix=answered)
        forms[check] = form
        if form.is_valid():
            try:
                reply_to_finding(
                    by=by,
                    check=RecordCheck.objects.get(pk=check),
                    words=form.cleaned_data["words"],
                )
            except Refused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, "Your answer is kept. Your manager can read it.")
                return redirect(f"{reverse('found-in-mine')}?kept=finding-{check}#record-{check}")
    else:
        queries.note_read([each for each in shown if each.check in new], at=now)
    request.section = "held-about-me"  # type: ignore[attr-defined]
    services = Service.objects.select_related("details").in_bulk({e.service for e in shown})
    return render(
        request,
        "audits/mine.html",
        {
            "page": Page(
                "What was found in my records?",
                lede=_lede(len(every), len(found)),
                title="What was found in my records",
                crumbs=(Link("What is held about me", address("held-about-me")),),
                kept=request.GET.get("kept", ""),
            ),
            "lines": pages.lines_of(
                shown, profiles=profiles_in_use(at=now), services=services, new=new, at=now
            ),
            "forms": forms,
            "problems": [form for form in forms.values() if form.errors],
            "pages": page,
            "any": bool(every),
            "kept_for": by.pseudonym,
        },
        status=400 if request.method == "POST" else 200,
    )


def _lede(checked: int, found: int) -> str:
    if not checked:
        return "None of your records was checked in the last six months."
    good = checked - found
    if not found:
        return f"{plural(checked, 'record')} checked. All of them have what is needed. Thank you."
    return (
        f"{plural(checked, 'record')} checked. {good:,} "
        f"{'has' if good == 1 else 'have'} all that is needed. In {found:,} something is missing."
    )
