"""Confirmed competence to carry to Skills for Care."""

from django.http import HttpRequest, HttpResponse

from surehand.people.web import as_at, chosen_service, readable_services
from surehand.readiness.training_export import to_csv, training_export

EVERY = "all"


def training_file(request: HttpRequest) -> HttpResponse:
    """The ASC-WDS training file of a service, or of every service one may read."""
    every = readable_services(request)
    asked = request.GET.get("service") == EVERY and every
    at = as_at(request)
    table = training_export(every if asked else [chosen_service(request)], at=at.moment)
    return HttpResponse(
        to_csv(table),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{table.name}.csv"'},
    )
