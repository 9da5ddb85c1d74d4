"""How `surehand serve` runs gunicorn, besides address and number of workers."""

import os
from typing import Any

from django.conf import settings
from prometheus_client import multiprocess

threads = 4
# No second door: what gunicorn offers there, the service that starts it does.
control_socket_disable = True
# The lines of gunicorn are written like all others; requests are logged by LogMiddleware alone.
logconfig_dict = {
    **settings.LOGGING,
    "loggers": {
        "gunicorn.error": {"level": "INFO", "handlers": [], "propagate": True},
        "gunicorn.access": {"level": "CRITICAL", "handlers": [], "propagate": False},
    },
}


def child_exit(server: Any, worker: Any) -> None:
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        multiprocess.mark_process_dead(worker.pid)
