"""The gate asked on a page: was she cleared at 07:00 on 3 March, and on what evidence (4.6)?"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from surehand.people.models import Identity, Service
from surehand.people.roles import JOB_ROLES
from surehand.people.web import as_at, chosen_service, readable_person
from surehand.readiness import queries
from surehand.readiness.gate_pages import answer_page
from surehand.readiness.overrides import overrides_told
from surehand.readiness.reasons import names_for, tell
from surehand.ui.page import Page


def ask(request: HttpRequest) -> HttpResponse:
    """Whether one person might use the live system at one moment, and why."""
    service = chosen_service(request)
    at = as_at(request)
    pseudonym = request.GET.get("person", "")
    job_role = request.GET.get("role", "")
    view = None
    if pseudonym and not at.problem:
        person = readable_person(request, pseudonym)
        answer = queries.gate(
            person=person.pk, service=service.pk, at=at.moment, job_role=job_role, known=at.known
        )
        told = (
            tell(answer.explanation, names_for([answer.explanation])) if answer.explanation else []
        )
        lines = (
            queries.evidence_at(answer.post, at=at.moment, known=at.known) if answer.post else ()
        )
        view = answer_page(
            answer,
            person=person,
            service=service,
            as_at=at,
            told=told,
            lines=lines,
            overridden=overrides_told([answer.override]).get(answer.override or 0),
        )
    request.section = "matrix"  # type: ignore[attr-defined]
    return render(
        request,
        "readiness/gate.html",
        {
            "page": Page(
                "Was this person cleared?",
                lede=view.lede
                if view
                else "Ask about one person at one moment, and see the evidence it rests on.",
                title="Readiness",
            ),
            "view": view,
            "as_at": at,
            "service": service,
            "people": _people(service),
            "person": pseudonym,
            "job_roles": [("", "Any job role"), *((c, r.title) for c, r in JOB_ROLES.items())],
            "job_role": job_role,
        },
        status=400 if at.problem else 200,
    )


def _people(service: Service) -> list[tuple[str, str]]:
    """Everybody who has or had a post here, by name."""
    people = Identity.objects.filter(person__posts__service=service).distinct()
    return [
        ("", "Choose a person"),
        *people.order_by("name").values_list("person__pseudonym", "name"),
    ]
