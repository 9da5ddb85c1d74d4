"""The matrix page beside plain Jinja printing the same cells, how much of it reads the facts, and
the same as a PDF.

python bench/matrix.py [PEOPLE] [COMPETENCIES]
"""

import gc
import os
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

os.environ.setdefault("SUREHAND_DATA", tempfile.mkdtemp())
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "surehand.config.settings")
sys.path.insert(0, str(Path(__file__).parent))

import django

django.setup()

from django.contrib.auth.models import AnonymousUser  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.template import engines  # noqa: E402
from django.test import RequestFactory  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

import provider  # noqa: E402
from surehand import evidence  # noqa: E402
from surehand.people.access import AccessRole, By, Grant  # noqa: E402
from surehand.people.models import Identity, Person, Service, ServiceDetails  # noqa: E402
from surehand.people.web import AsAt  # noqa: E402
from surehand.readiness import projector  # noqa: E402
from surehand.readiness.matrix import matrix  # noqa: E402
from surehand.readiness.matrix_document import matrix_document  # noqa: E402
from surehand.readiness.matrix_pages import Filters, matrix_page  # noqa: E402
from surehand.readiness.matrix_views import show  # noqa: E402

PLAIN = (
    '{% from "ui/matrix.html" import cell %}<table>'
    "{% for row in rows %}<tr><th>{{ row.name }}</th>"
    "{% for look, href, first in row.cells %}"
    "<td>{{ cell(look.kind, look.text, href, light=look.light) }}</td>"
    "{% endfor %}</tr>{% endfor %}</table>"
)


def milliseconds(work: Callable[[], Any], *, times: int = 15) -> float:
    work()
    spent = []
    for _ in range(times):
        gc.collect()
        began = time.perf_counter()
        work()
        spent.append(time.perf_counter() - began)
    return median(spent) * 1000


def main() -> None:
    people = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    competencies = int(sys.argv[2]) if len(sys.argv) > 2 else 40
    call_command("migrate", verbosity=0, interactive=False)
    provider.build(posts=people, competencies=competencies, services=1)
    projector.rebuild(write=True)
    service = Service.objects.get()
    ServiceDetails.objects.get_or_create(service=service, defaults={"name": "Alder House"})
    for person in Person.objects.filter(identity__isnull=True):
        Identity.objects.create(
            person=person, reference=f"P{person.pk}", name=f"Alex Number{person.pk}"
        )
    moment = provider.NOW - timedelta(days=200)
    request = RequestFactory().get(
        "/matrix/", {"at_date": f"{moment:%Y-%m-%d}", "at_time": f"{moment:%H:%M}"}
    )
    request.by = By(None, "0" * 32, "bench", (Grant(AccessRole.WORKFORCE_LEAD, None),))  # type: ignore[attr-defined]
    request.session = {}  # type: ignore[assignment]
    request.user = AnonymousUser()
    found = matrix(services=[service.pk], as_at=moment)
    view = matrix_page(
        found,
        service=service,
        as_at=AsAt(moment=moment, chosen=moment, known=None, is_past=True),
        filters=Filters(),
        signs=True,
    )
    rows = [row for group in view.groups for row in group.rows]
    template = engines["jinja2"].from_string(PLAIN)
    with evidence.clock.at(provider.NOW), CaptureQueriesContext(connection) as statements:
        show(request)
    plain = milliseconds(lambda: template.render({"rows": rows}))
    with evidence.clock.at(provider.NOW):
        page = milliseconds(lambda: show(request))
    stored = milliseconds(lambda: matrix(services=[service.pk], as_at=moment))
    replayed = milliseconds(
        lambda: matrix(services=[service.pk], as_at=moment, known=10**9), times=5
    )
    as_at = AsAt(moment=moment, chosen=moment, known=None, is_past=True)
    paper = milliseconds(lambda: matrix_document(view, service=service, as_at=as_at), times=3)
    shown = sum(len(row.cells) for row in rows)
    print(
        f"{len(rows)} people, {shown} cells, {len(statements)} statements ({connection.vendor}), "
        f"load {os.getloadavg()[0]:.0f}\n"
        f"plain Jinja, the same cells {plain:8.1f} ms\n"
        f"the page as at a date       {page:8.1f} ms   ratio {page / plain:.2f}\n"
        f"  of it, from stored spans  {stored:8.1f} ms\n"
        f"  the same by replay        {replayed:8.1f} ms   ratio {replayed / stored:.1f}\n"
        f"the page as a PDF           {paper:8.1f} ms"
    )


if __name__ == "__main__":
    main()
