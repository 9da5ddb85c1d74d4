"""The service worker stands among the other built files and may look after the whole site."""

from collections.abc import MutableMapping

WORKER = "/built/offline.js"


def headers(headers: MutableMapping[str, str], path: str, url: str) -> None:
    """What is sent with a built file: the worker may serve every address, and is asked for anew."""
    if url.endswith(WORKER):
        headers["Service-Worker-Allowed"] = "/"
        headers["Cache-Control"] = "no-cache"
