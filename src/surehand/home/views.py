"""Home: what needs the person signed in, by access role."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from surehand import evidence
from surehand.home import pages
from surehand.home.person import Voice, look_at
from surehand.home.support import checks_asked_of, support_of
from surehand.home.tasks import ROTA, Look, tasks
from surehand.home.voices import own_voices
from surehand.people.access import AccessRole, Action, By
from surehand.people.models import Person, Service
from surehand.people.web import by_of, chosen_service, readable_services
from surehand.readiness.rota import rota_check
from surehand.ui.formats import time as clock_time
from surehand.ui.formats import weekday
from surehand.ui.page import Page, address


def home(request: HttpRequest) -> HttpResponse:
    """The desk of whoever oversees a service or the provider; a care worker's own page."""
    by = by_of(request)
    person: Person = request.user.person  # type: ignore[union-attr]
    if by.may_anywhere(Action.READ) or AccessRole.ADMINISTRATOR in by.roles():
        return _desk(request, by, person)
    return _own(request, by, person)


def _desk(request: HttpRequest, by: By, person: Person) -> HttpResponse:
    now = evidence.clock.now()
    everywhere = by.covers_all(Action.READ) or AccessRole.ADMINISTRATOR in by.roles()
    services = (
        list(Service.objects.select_related("details").order_by("details__name"))
        if everywhere
        else readable_services(request)
    )
    reads = by.may_anywhere(Action.READ)
    # Provider-wide roles see every service, until they choose one.
    wants_one = reads and services and (not everywhere or request.GET.get("service"))
    chosen = chosen_service(request) if wants_one else None
    look = Look(by=by, now=now, services=services)
    found = [*tasks(look), *own_voices(by, at=now)]
    return render(
        request,
        "home/desk.html",
        {
            "page": Page(
                f"{pages.greeting(now)}, {person.first_name}",
                lede=pages.count_sentence(found),
                over=f"{weekday(now)}, {clock_time(now)}",
                title="Home",
            ),
            "first_checks_href": address("courses-of-checks", service="all")
            if AccessRole.WORKFORCE_LEAD in by.roles()
            else "",
            "today": [task for task in found if task.now],
            "later": [task for task in found if not task.now],
            "ready": pages.ready(look, [chosen] if chosen else services)
            if reads and services
            else None,
            "tonight": pages.tonight(look, chosen) if chosen else None,
            "has_rota": bool(look.rota.checked) if chosen else False,
        },
    )


def _own(request: HttpRequest, by: By, person: Person) -> HttpResponse:
    now = evidence.clock.now()
    view = look_at(person, at=now, known=None, voice=Voice(True, person.first_name))
    services = {v.post.service_id for v in view.posts}
    checked = rota_check(services=services, since=now, until=now + ROTA) if services else []
    asked = checks_asked_of([person.pk], at=now).get(person.pk, [])
    return render(
        request,
        "home/own.html",
        {
            "page": Page(f"Hello, {person.first_name}", title="Home"),
            "view": view,
            "asked": {item.competency: item for item in asked},
            "next": [
                item
                for item in sorted(
                    [*asked, *support_of(person.pk, at=now)], key=lambda item: item.due
                )
                if not item.done
            ],
            "voices": own_voices(by, at=now),
            "shifts": pages.own_shifts(checked, by, view.posts),
            "visitor": AccessRole.VISITOR in by.roles(),
            "about": person,
        },
    )
