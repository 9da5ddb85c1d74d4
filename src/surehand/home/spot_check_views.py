"""Spot checks: whom to ask, the question with what to listen for, and what was shown."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from surehand import evidence
from surehand.competency.queries import latest_checks
from surehand.ecm.queries import profile_for
from surehand.evidence.refusal import NotPossible, Refused, why_not
from surehand.home import spot_checks as pages
from surehand.people.access import Action, check_may
from surehand.people.models import Person, Service
from surehand.people.queries import current_posts, same_human
from surehand.people.web import by_of, chosen_service, readable_person
from surehand.practice import queries, spot_checks
from surehand.practice.correction_forms import VoidForm
from surehand.practice.correction_pages import corrected_rows, stands, ways
from surehand.practice.spot_check_actions import (
    check_may_correct_spot_check,
    check_may_spot_check,
    check_may_void_spot_check,
    correct_spot_check,
    record_spot_check,
    void_spot_check,
)
from surehand.practice.spot_check_forms import SpotCheckForm, ticked
from surehand.practice.spot_questions import SpotQuestion
from surehand.readiness.queries import on_shift
from surehand.timeline import instant, london_date
from surehand.ui.formats import plural
from surehand.ui.page import Link, Page, address

PERIODS = {28: "4 weeks", 91: "3 months", 365: "12 months"}


def every(request: HttpRequest) -> HttpResponse:
    """The spot checks of a service, the last one first."""
    request.section = "people"  # type: ignore[attr-defined]
    service = chosen_service(request)
    given = request.GET.get("days", "")
    days = int(given) if given.isdecimal() and int(given) in PERIODS else 28
    found = spot_checks.asked_at(service.pk, at=evidence.clock.now(), days=days)
    people = {each.check.person_id for each in found}
    return render(
        request,
        "home/spot_checks.html",
        {
            "page": Page(
                "What did people show when they were asked?",
                over=str(service),
                lede=f"{plural(len(found), 'spot check')} of "
                f"{plural(len(people), 'person', 'people')} in the last {PERIODS[days]}. "
                "A spot check makes nobody ready, and nobody less so.",
                title="Spot checks",
            ),
            "rows": [pages.row(each) for each in found],
            "days": days,
            "periods": [(number, f"Last {text}") for number, text in PERIODS.items()],
            "keep": [("service", service.code)],
            "ask_href": address("spot-checks-of-choice", service=service.code)
            if by_of(request).may(Action.SPOT_CHECK, service.pk)
            else "",
        },
    )


def choose(request: HttpRequest) -> HttpResponse:
    """Whom to ask: somebody on shift now, or anybody by name."""
    by = by_of(request)
    service = chosen_service(request, Action.SPOT_CHECK)
    now = evidence.clock.now()
    posts = current_posts([service.pk], on=london_date(instant(now)))
    posts = [post for post in posts if not by.is_self(post.person_id)]
    if chosen := request.GET.get("person", ""):
        return redirect(address("spot-checks-of-asking", chosen, service=service.code))
    return render(
        request,
        "home/spot_check_choose.html",
        {
            "page": Page(
                "Whom do you ask?",
                over=str(service),
                lede="Two to five minutes, shown or explained aloud.",
                title="Ask a spot check",
                crumbs=(Link("Spot checks", address("spot-checks", service=service.code)),),
            ),
            "on_shift": pages.on_shift_lines(on_shift(service.pk, at=now), posts, service),
            "people": [("", "Choose a name"), *pages.names(posts)],
            "keep": [("service", service.code)],
        },
    )


def ask(request: HttpRequest, pseudonym: str) -> HttpResponse:
    """A question suited to somebody's post, and what to listen for."""
    service = chosen_service(request, Action.SPOT_CHECK)
    person = readable_person(request, pseudonym, Action.SPOT_CHECK)
    check_may_spot_check(by=by_of(request), person=person, service=service)
    now = evidence.clock.now()
    posts = [p for p in queries.working(same_human(person.pk), at=now) if p.post.service == service]
    questions = spot_checks.suited(posts)
    code = request.GET.get("question", "")
    question = next((one for one in questions if one.code == code), None)
    if question is None:
        return _drawn(request, person, service, questions)
    points = question.points(profile_for(service.setting, at=now), service.setting)
    form = SpotCheckForm(
        request.POST if request.method == "POST" else None,
        points=points,
        initial={"minutes": question.minutes},
    )
    if form.is_valid():
        try:
            check = record_spot_check(
                by=by_of(request),
                person=person,
                service=service,
                code=question.code,
                minutes=form.cleaned_data["minutes"],
                shown=form.shown(),
                note=form.cleaned_data["note"],
            )
        except NotPossible as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Kept. It is no check: it makes nobody ready.")
            return redirect("spot-check", check.entry)
    return _asking(request, person, service, question, questions, form)


def _drawn(
    request: HttpRequest, person: Person, service: Service, questions: list[SpotQuestion]
) -> HttpResponse:
    """Go on to a question, so that the page stays the same when it is loaded again."""
    drawn = spot_checks.draw(
        questions,
        spot_checks.last_asked(person),
        chance=int.from_bytes(evidence.randomness.token_bytes(4)),
        but=request.GET.get("but", ""),
    )
    if drawn is None:
        raise NotPossible(f"There is no question for the work of {person} yet.")
    here = address(
        "spot-checks-of-asking", person.pseudonym, service=service.code, question=drawn.code
    )
    return redirect(here)


def _asking(
    request: HttpRequest,
    person: Person,
    service: Service,
    question: SpotQuestion,
    questions: list[SpotQuestion],
    form: SpotCheckForm,
) -> HttpResponse:
    named = f"{person}, {service}. About {plural(question.minutes, 'minute')}."
    if question.has_blank:
        named += " Choose whom it is about and say the name aloud; it is kept nowhere."
    return render(
        request,
        "home/spot_check_ask.html",
        {
            "page": Page(
                spot_checks.in_words(question.ask),
                lede=named,
                over=question.title,
                title=f"Spot check, {person}",
                crumbs=(
                    Link("Spot checks", address("spot-checks", service=service.code)),
                    Link("Whom?", address("spot-checks-of-choice", service=service.code)),
                ),
            ),
            "form": form,
            "another": address(
                "spot-checks-of-asking", person.pseudonym, service=service.code, but=question.code
            ),
            "questions": [(one.code, one.title) for one in questions],
            "chosen": question.code,
            "keep": [("service", service.code)],
        },
        status=400 if form.errors else 200,
    )


def one(request: HttpRequest, entry: int) -> HttpResponse:
    """One spot check, for whoever was asked and for the readers of its service."""
    found = _found(entry)
    by, check = by_of(request), found.check
    if not by.is_self(check.person_id):
        check_may(by, Action.READ, service=check.service_id)
    short = next(
        (c.short for c in latest_checks().values() if c.competency.code == found.competency), ""
    )
    reads = by.may(Action.READ, check.service_id)
    return render(
        request,
        "home/spot_check.html",
        {
            "page": Page(
                spot_checks.in_words(found.ask),
                over=found.title,
                lede=pages.lede(found),
                title=f"Spot check, {check.person}",
                crumbs=(Link("Spot checks", address("spot-checks", service=check.service.code)),)
                if reads
                else (Link(str(check.person), reverse("person", args=[check.person.pseudonym])),),
            ),
            "points": pages.points(found),
            "note": spot_checks.words_of([entry]).get(entry, ""),
            "rows": [
                *pages.facts(found, f"{found.competency} {short}".strip()),
                *corrected_rows(check),
            ],
            "stands": stands(check),
            "corrected_href": address("spot-check", check.superseded_by.entry)
            if hasattr(check, "superseded_by")
            else "",
            "ways": ways(
                correct=address("correct-spot-check", entry),
                may_correct=lambda: check_may_correct_spot_check(by=by, check=check),
                void=address("void-spot-check", entry),
                may_void=lambda: check_may_void_spot_check(by=by, check=check),
            ),
            "again": ""
            if why_not(
                lambda: check_may_spot_check(by=by, person=check.person, service=check.service)
            )
            else address(
                "spot-checks-of-asking", check.person.pseudonym, service=check.service.code
            ),
        },
    )


def _found(entry: int) -> spot_checks.Shown:
    found = spot_checks.spot_check(entry)
    if found is None:
        raise Http404("There is no such spot check.")
    return found


def correct(request: HttpRequest, entry: int) -> HttpResponse:
    """What was shown again, for who asked, with a reason (R15)."""
    found, by = _found(entry), by_of(request)
    check = found.check
    check_may_correct_spot_check(by=by, check=check)
    form = SpotCheckForm(
        request.POST if request.method == "POST" else None,
        points=[point for point, _ in found.points],
        correcting=True,
        initial={
            "minutes": check.minutes,
            "note": spot_checks.words_of([entry]).get(entry, ""),
            **{ticked(point.code): given for point, given in found.points},
        },
    )
    if form.is_valid():
        try:
            corrected = correct_spot_check(
                by=by,
                check=check,
                minutes=form.cleaned_data["minutes"],
                shown=form.shown(),
                note=form.cleaned_data["note"],
                reason=form.cleaned_data["reason"],
            )
        except NotPossible as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Corrected. What you recorded before stays readable.")
            return redirect("spot-check", corrected.entry)
    return render(
        request,
        "home/spot_check_correct.html",
        {
            "page": Page(
                spot_checks.in_words(found.ask),
                over=found.title,
                lede=f"{check.person}. What you recorded before stays readable.",
                title=f"Correct a spot check, {check.person}",
                crumbs=(Link("Spot check", address("spot-check", entry)),),
            ),
            "form": form,
        },
        status=400 if form.errors else 200,
    )


def void(request: HttpRequest, entry: int) -> HttpResponse:
    """Say that a spot check does not count, with a reason (R15)."""
    found, by = _found(entry), by_of(request)
    check = found.check
    check_may_void_spot_check(by=by, check=check)
    form = VoidForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            void_spot_check(by=by, check=check, reason=form.cleaned_data["reason"])
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "It is voided. It does not count any more.")
            return redirect("spot-check", entry)
    return render(
        request,
        "practice/void.html",
        {
            "page": Page(
                "Why does this spot check not count?",
                over=found.title,
                lede=f"{check.person}, asked by {check.by}. It stays readable, and leaves every "
                "list.",
                title=f"Void a spot check, {check.person}",
                crumbs=(Link("Spot check", address("spot-check", entry)),),
            ),
            "form": form,
            "back": address("spot-check", entry),
        },
        status=400 if form.errors else 200,
    )
