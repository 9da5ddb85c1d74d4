"""Confidence: said by oneself, one tap at a time; and the picture of it beside the outcomes."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from surehand import evidence
from surehand.competency.models import Competency
from surehand.competency.queries import latest_checks
from surehand.evidence.refusal import NotPossible
from surehand.home import confidence as sure
from surehand.people.web import as_at, by_of, chosen_service
from surehand.support import actions
from surehand.support.cohorts import FILTERS
from surehand.support.cohorts import cohort as cohort_of
from surehand.ui.formats import plural
from surehand.ui.page import Link, Page, address


def own(request: HttpRequest) -> HttpResponse:
    """What one is asked about oneself, and what one said: to be seen and changed."""
    found = sure.asks(by_of(request).acting(), at=evidence.clock.now())
    waiting = sum(bool(ask.next) for ask in found)
    return render(
        request,
        "home/confidence_own.html",
        {
            "page": Page(
                "How sure are you?",
                lede=f"{plural(waiting, 'check')} to say it about. Three taps each."
                if waiting
                else "You are asked before a check and after it.",
                title="How sure are you?",
            ),
            "asks": found,
            "said": [
                (
                    ask,
                    [
                        (label, sure.LEVELS[ask.said[s].level], f"{ask.href}?{urlencode({'s': s})}")
                        for s, label in sure.S.choices
                        if s in ask.said
                    ],
                )
                for ask in found
                if ask.said
            ],
        },
    )


def say(request: HttpRequest, code: str) -> HttpResponse:
    """One statement about oneself, answered by one tap; then the next."""
    by, now = by_of(request), evidence.clock.now()
    ask = next((a for a in sure.asks(by.acting(), at=now) if a.code == code), None)
    if ask is None:
        raise Http404("You are not asked about this check now.")
    given = request.POST.get("statement") or request.GET.get("s", "")
    statement = given if given in sure.S.values else ask.next
    if not statement:
        return redirect("confidence")
    problem = ""
    if request.method == "POST":
        level = request.POST.get("level", "")
        try:
            actions.say_confidence(
                by=by,
                competency=Competency.objects.get(pk=ask.competency),
                statement=given,
                level=int(level) if level.isdecimal() and len(level) == 1 else 0,
                supersedes=ask.said.get(given),
            )
        except NotPossible as refusal:
            problem = str(refusal)
        else:
            if given in ask.said or len(ask.said) + 1 == len(sure.S):
                messages.success(request, f"Thank you. Kept for “{ask.short}”.")
                return redirect("confidence")
            return redirect("say-confidence", code)
    number = sure.S.values.index(statement) + 1
    before = ask.said.get(statement)
    return render(
        request,
        "home/confidence_say.html",
        {
            "page": Page(
                sure.statement_of(ask, statement, at=now),
                over=f"{ask.short}: {number} of {len(sure.S)}",
                crumbs=(Link("How sure are you?", reverse("confidence")),),
                title=f"How sure are you? {ask.short}",
            ),
            "statement": statement,
            "levels": sure.LEVELS.items(),
            "before": before.level if before else 0,
            "problem": problem,
        },
        status=400 if problem else 200,
    )


def picture(request: HttpRequest) -> HttpResponse:
    """Confidence beside outcome for a service, a team, a job role, a start month or a course."""
    service = chosen_service(request)
    asked = as_at(request)
    chosen = {name: request.GET.get(name, "") for name in FILTERS}
    when = request.GET.get("when", "")
    when = when if when in sure.WHEN else "after"
    cohort = cohort_of(service, at=asked.moment, chosen=chosen, known=asked.known)
    checks = latest_checks()
    found = sure.pairs(cohort.people, at=asked.moment, known=asked.known, when=when)
    keep = [
        ("service", service.code),
        *((name, value) for name, value in {**chosen, "when": when}.items() if value),
        *asked.address,
    ]
    cell = request.GET.get("cell", "")
    request.section = "questions"  # type: ignore[attr-defined]
    return render(
        request,
        "home/confidence.html",
        {
            "page": Page(
                "Are people as sure as they are ready?",
                over=str(service),
                lede=_lede(found, len(cohort.people)),
                title="Confidence",
                crumbs=(Link("Questions", address("questions", service=service.code)),),
            ),
            "asked": asked,
            "cohort": cohort,
            "chosen": chosen,
            "when": when,
            "whens": list(sure.WHEN.items()),
            "keep_service": [("service", service.code), *asked.address],
            "keep_filters": [each for each in keep if each not in asked.address],
            "rows": sure.picture(
                found, names=cohort.people, checks=checks, href=f"?{urlencode(keep)}&cell="
            ),
            "bands": list(sure.BANDS.values()),
            "said": len(found),
            "who": sure.entries(
                [pair for pair in found if pair.key == cell], names=cohort.people, checks=checks
            ),
        },
    )


def _lede(found: list[sure.Pair], people: int) -> str:
    """“12 of 54 people have said how sure they are: 3.4 of 5 on average.”"""
    spoke = len({pair.person for pair in found})
    average = sure.average(found)
    said = f"{spoke:,} of {plural(people, 'person', 'people')} said how sure they are"
    return f"{said}: {average:.1f} of 5 on average." if average else f"{said}."
