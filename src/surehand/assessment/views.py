"""Assessing: who is to be checked in what, and the observation form."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from surehand import evidence
from surehand.assessment import actions, queries
from surehand.assessment.forms import ObservationForm, helped, judged
from surehand.assessment.models import Outcome
from surehand.competency.models import Check
from surehand.competency.queries import checks_in_force
from surehand.evidence.refusal import Refused
from surehand.people.access import Action
from surehand.people.models import Person
from surehand.people.queries import current_posts
from surehand.people.roles import JOB_ROLES
from surehand.people.web import by_of, chosen_service, readable_person
from surehand.timeline import instant, london_date
from surehand.ui.formats import local
from surehand.ui.page import Link, Page


@dataclass(frozen=True)
class Due:
    person: Person
    line: str
    checks: list[tuple[Check, str, str]]  # check, how the last one went, address


def queue(request: HttpRequest) -> HttpResponse:
    """Everybody with a post here and the checks they have not passed lately."""
    service = chosen_service(request, Action.ASSESS)
    now = evidence.clock.now()
    checks = checks_in_force(at=now)
    posts = current_posts([service.pk], on=london_date(instant(now)))
    last = queries.last_outcomes({p.person_id for p in posts})
    by = by_of(request)
    found = []
    for post in posts:
        if by.is_self(post.person_id):
            continue
        todo = []
        for competency, check in checks.items():
            outcome = last.get((post.person_id, competency))
            if outcome is None or outcome.outcome != Outcome.PASS:
                todo.append(
                    (
                        check,
                        Outcome(outcome.outcome).label if outcome else "",
                        reverse(
                            "assess-of-person",
                            args=[post.person.pseudonym, check.competency.code],
                        ),
                    )
                )
        found.append(Due(post.person, JOB_ROLES[post.job_role].title, todo))
    return render(
        request,
        "assessment/queue.html",
        {
            "page": Page(
                "Whom will you assess?",
                lede=f"{len(found)} people work at {service}. Choose a check to begin.",
                title="Assess",
            ),
            "people": found,
        },
    )


def observe(request: HttpRequest, pseudonym: str, competency: str) -> HttpResponse:
    """The observation form for one person and one check."""
    service = chosen_service(request, Action.ASSESS)
    person = readable_person(request, pseudonym, Action.ASSESS)
    now = evidence.clock.now()
    check = next(
        (c for c in checks_in_force(at=now).values() if c.competency.code == competency), None
    )
    if check is None:
        raise Http404("There is no such check in the plan in force.")
    here = local(now)
    form = ObservationForm(
        request.POST or None,
        request.FILES or None,
        check=check,
        initial={"on": here.date(), "time": f"{here:%H:%M}", "method": check.methods[0]},
    )
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            assessment = actions.record_assessment(
                by=by_of(request),
                happened_at=form.cleaned_data["happened_at"],
                person=person,
                service=service,
                check=check,
                method=form.cleaned_data["method"],
                judgements=form.judgements(),
                help_given=form.help_given(),
                note=form.cleaned_data["note"],
                files=[actions.NewFile(file.name, file.content_type or "", file.read())]
                if file
                else [],
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request,
                f"{check.short}, {person}: {Outcome(assessment.outcome).label}. "
                f"Recorded as entry {assessment.entry}.",
            )
            return redirect("assess")
    return render(
        request,
        "assessment/observe.html",
        {
            "page": Page(
                check.title,
                over=f"{check.competency.code} · {service}",
                lede=f"Assessing {person}",
                crumbs=(Link("Assess", reverse("assess")),),
                kept=f"observe-{pseudonym}-{competency}",
            ),
            "form": form,
            "criteria": [
                (form[judged(c["code"])], form[helped(c["code"])], c["critical"])
                for c in form.criteria
            ],
        },
        status=400 if request.method == "POST" else 200,
    )
