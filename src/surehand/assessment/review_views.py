"""The registered manager's review of failed and incomplete checks, and asking for a check."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from surehand import evidence
from surehand.assessment import actions, pages, queries
from surehand.assessment.forms import RequestForm, ReviewForm
from surehand.assessment.models import ManagerReview
from surehand.competency.queries import checks_in_force
from surehand.evidence.refusal import Refused
from surehand.people.access import Action
from surehand.people.queries import colleagues
from surehand.people.web import by_of, chosen_service, readable_person
from surehand.timeline import instant, london_date
from surehand.ui.formats import day, plural
from surehand.ui.page import Link, Page, address


def reviews(request: HttpRequest) -> HttpResponse:
    """Failed and incomplete checks that wait for a decision here."""
    service = chosen_service(request, Action.REVIEW)
    now = evidence.clock.now()
    waiting = pages.waiting(service=service, now=now, checks=checks_in_force(at=now))
    count = plural(
        len(waiting), "failed or incomplete check waits", "failed or incomplete checks wait"
    )
    return render(
        request,
        "assessment/reviews.html",
        {
            "page": Page(
                "Which checks wait for your decision?",
                lede=f"{count} at {service}, the oldest first."
                if waiting
                else f"None at {service}.",
                title="Reviews",
                kept=request.GET.get("kept", ""),
            ),
            "waiting": waiting,
        },
    )


def review(request: HttpRequest, entry: int) -> HttpResponse:
    """Decide on one failed or incomplete check (1.4)."""
    of = queries.reviewable(entry)
    if of is None:
        raise Http404("There is no such check.")
    readable_person(request, of.person.pseudonym)
    now = evidence.clock.now()
    by = by_of(request)
    view = pages.to_decide(of, by=by, checks=checks_in_force(at=now))
    form = ReviewForm(
        request.POST or None,
        owners=colleagues(of.service, on=london_date(instant(now)), but=of.person_id),
    )
    if request.method == "POST" and form.is_valid():
        cleaned = form.cleaned_data
        try:
            actions.review_check(
                by=by,
                of=of,
                decision=cleaned["decision"],
                reason=cleaned["reason"],
                support=form.support(),
                recheck_due=cleaned["recheck_due"],
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request,
                f"{of.person}, {view.check}: "
                f"{ManagerReview.Decision(cleaned['decision']).label}. Your decision is recorded.",
            )
            kept = f"kept=review-{entry}"
            if cleaned["decision"] == ManagerReview.Decision.SUPERVISED_USE:
                return redirect(f"{reverse('permit', args=[of.person.pseudonym])}?{kept}")
            return redirect(f"{reverse('reviews')}?service={of.service.code}&{kept}")
    request.section = "reviews"  # type: ignore[attr-defined]
    return render(
        request,
        "assessment/review.html",
        {
            "page": Page(
                f"What does {of.person} need?",
                over=f"{view.check} · {of.service}",
                lede="Decide what is done about this check, by whom and by when."
                if not view.decided
                else view.decided,
                crumbs=(Link("Reviews", f"{reverse('reviews')}?service={of.service.code}"),)
                if by.may(Action.REVIEW, of.service_id)
                else (),
                title=f"Review: {view.check}, {of.person}",
                person=str(of.person),
            ),
            "view": view,
            "form": form,
            "kept": f"review-{entry}",
            "kept_for": by.pseudonym,
            "hints": DECISIONS,
        },
        status=400 if request.method == "POST" else 200,
    )


DECISIONS = {
    ManagerReview.Decision.COACHING.value: "Somebody works beside them on this task.",
    ManagerReview.Decision.REPEAT_TRAINING.value: "They do the training for this task again.",
    ManagerReview.Decision.SUPERVISED_USE.value: "They use the live system beside a supervisor. "
    "You name the tasks and supervisors next.",
    ManagerReview.Decision.RE_CHECK.value: "No support is needed, only the check again.",
}


def request_check(request: HttpRequest, pseudonym: str) -> HttpResponse:
    """Ask for a check, or a re-check, of one person by a date."""
    by = by_of(request)
    asks = Action.ASSESS if by.may_anywhere(Action.ASSESS) else Action.REVIEW
    service = chosen_service(request, asks)
    person = readable_person(request, pseudonym, asks)
    actions.check_may_request(by=by, person=person, service=service)
    checks = list(checks_in_force(at=evidence.clock.now()).values())
    form = RequestForm(
        request.POST or None,
        checks=checks,
        initial={"competency": request.GET.get("check", "")},
    )
    if request.method == "POST" and form.is_valid():
        code = form.cleaned_data["competency"]
        check = next(c for c in checks if c.competency.code == code)
        try:
            asked = actions.request_check(
                by=by,
                person=person,
                service=service,
                competency=check.competency,
                due=form.cleaned_data["due"],
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{person}: {check.short} is asked for by {day(asked.due)}.")
            target = "assess" if asks is Action.ASSESS else "reviews"
            return redirect(f"{reverse(target)}?service={service.code}")
    request.section = "people"  # type: ignore[attr-defined]
    return render(
        request,
        "assessment/request.html",
        {
            "page": Page(
                f"Which check should {person} do?",
                over=str(service),
                lede="It comes first in the assessors’ list. Not attempted by its day, it waits "
                "for the registered manager.",
                title=f"Ask for a check, {person}",
                person=str(person),
                crumbs=(Link(str(person), address("person", pseudonym)),),
            ),
            "form": form,
            "kept": f"request-{pseudonym}",
            "kept_for": by.pseudonym,
        },
        status=400 if request.method == "POST" else 200,
    )
