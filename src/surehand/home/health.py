"""What machines ask: whether this process can serve, and how it is doing."""

import os
import secrets
from collections.abc import Iterator

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET
from django_tasks_db.models import DBTaskResult
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector

from surehand import evidence
from surehand.evidence.queries import last_checkpoint

REQUESTS = Histogram(
    "surehand_request_seconds",
    "Seconds from a request to its answer.",
    ["method", "page", "status"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=None,
)


@require_GET
@login_not_required
def health(request: HttpRequest) -> HttpResponse:
    """200 where pages can be served: the database answers and is of this version. Else 503."""
    try:
        evidence.last_seq()
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return _plain("The database does not answer.", status=503)
    if waiting:
        return _plain("The database is of an older version. Run surehand migrate.", status=503)
    return _plain("Well.")


def _plain(sentence: str, *, status: int = 200) -> HttpResponse:
    response = HttpResponse(
        sentence + "\n", content_type="text/plain; charset=utf-8", status=status
    )
    response["Content-Disposition"] = "attachment"  # not a page: nothing to draw
    response["Cache-Control"] = "no-store"
    return response


@require_GET
@login_not_required
def metrics(request: HttpRequest) -> HttpResponse:
    """Figures in the form of Prometheus, for whoever holds the token. Without one: no such page."""
    token = settings.METRICS_TOKEN
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not token or not secrets.compare_digest(given.encode(), token.encode()):
        raise Http404("There is no such page.")
    registry = CollectorRegistry()
    registry.register(Figures())
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        MultiProcessCollector(registry)
    else:
        registry.register(REQUESTS)
    response = HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
    response["Content-Disposition"] = "attachment"
    response["Cache-Control"] = "no-store"
    return response


class Figures:
    """What is true of the whole installation, read when asked. No figure is about a person."""

    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily(
            "surehand_entries", "Entries in the ledger.", value=evidence.last_seq()
        )
        signed = last_checkpoint()
        yield GaugeMetricFamily(
            "surehand_entries_signed", "Entries that the newest checkpoint covers.",
            value=signed.size if signed else 0,
        )  # fmt: skip
        tasks = GaugeMetricFamily("surehand_tasks", "Work in the background.", labels=["state"])
        for state in ("READY", "RUNNING", "FAILED"):
            count = DBTaskResult.objects.filter(status=state).count()
            tasks.add_metric([state.lower()], count)
        yield tasks
